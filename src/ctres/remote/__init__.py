"""CTRES on a SPARQL server of any make: published to it, and asked there with the same questions.

`Client` speaks HTTP, `RemoteStore` answers what a store answers, `binding` writes queries so that every server understands them.
"""

from __future__ import annotations

from ..knowledge import KnowledgeBase
from ..names import TYPE
from ..terms import BASE, PREFIXES
from .client import Client, RemoteError, credentials
from .publish import Sent, publish
from .store import RemoteStore

__all__ = ["Client", "RemoteError", "RemoteStore", "Sent", "connect", "credentials", "publish"]


def connect(url: str, *, headers: dict[str, str] | None = None, timeout: float = 300.0) -> KnowledgeBase:
    """The knowledge base that `ctres publish` has put on a SPARQL 1.1 server, asked there at the address `url`.

    `timeout` is in seconds; for `headers` and passwords see `Client`. Raises RemoteError if nothing usable answers, or no CTRES is
    there; MissingExtraError without the extra `remote`.
    """
    store = RemoteStore(Client(url, credentials() if headers is None else headers, timeout))
    if store.graph_of(BASE + "Finding", TYPE, PREFIXES["owl"] + "Class") is None:
        raise RemoteError(f"{url} answers, but holds no CTRES. Put it there: ctres publish URL")
    return KnowledgeBase(store)
