"""Evidence of one's own in a store on disk: added batch by batch, reasoned over, and put in place when it is whole.

`Folder` keeps the store and its generations, `batches` says what is reasoned over together, `conclusions` does it.
"""

from __future__ import annotations

from .folder import Added, Folder

__all__ = ["Added", "Folder"]
