"""Other people's tables made into findings of CTRES: CIViC's release, and any table with a mapping.

`civic` and `table` give findings row by row; `files` writes them, and the rows that could not be taken, all or nothing.
"""

from __future__ import annotations

from .command import run
from .files import Outcome, import_file
from .record import Record, Reject

__all__ = ["Outcome", "Record", "Reject", "import_file", "run"]
