"""Adding knowledge: a new term or finding, checked before it is written into the module where it belongs.

>>> import ctres
>>> from ctres.authoring import Draft
>>> draft = Draft(ctres.load(), "cell line", {"label": ["our line"]}, into="lab.ttl", namespace="https://example.org/lab/")
>>> draft.report.conforms
True
>>> draft.write()
[('lab.ttl', 6)]

`ctres new` is the same with options, or with questions on a terminal.
"""

from __future__ import annotations

from .draft import Draft
from .problems import DraftError

__all__ = ["Draft", "DraftError"]
