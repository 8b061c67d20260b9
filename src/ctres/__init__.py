"""CTRES: the Cancer Therapy RESistance ontology, reasoned over and cited.

>>> import ctres
>>> kb = ctres.load()
>>> kb["adriamycin"]
<ctres:doxorubicin “doxorubicin”>

For research, not medical advice.
"""

from __future__ import annotations

from . import errors
from .errors import CtresError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from .knowledge import KnowledgeBase

__all__ = ["CtresError", "connect", "errors", "load"]


def load(store: str | PathLike[str] | None = None) -> KnowledgeBase:
    """The released knowledge base, or that of a store on disk; see `ctres.knowledge.load`, and `KnowledgeBase` for what it can do."""
    from .knowledge import load

    return load(store)


def connect(url: str, *, headers: dict[str, str] | None = None, timeout: float = 300.0) -> KnowledgeBase:
    """The knowledge base on a SPARQL server; see `ctres.remote.connect`."""
    from .remote import connect

    return connect(url, headers=headers, timeout=timeout)
