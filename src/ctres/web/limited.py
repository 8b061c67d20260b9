"""The store behind the pages: its queries run where those of the endpoint do, within the same limits, and can be stopped like them."""

from __future__ import annotations

import pyoxigraph as ox

from ..errors import QueryError
from ..store import Store, written_out
from .limits import Job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .limits import Outcome

_SOLUTIONS, _TRIPLES = "application/sparql-results+json", "application/n-triples"


class UnansweredError(Exception):
    """A query that came to no result within the limits; `outcome` says why. No CtresError: the one who asked did nothing wrong."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.body.decode().strip())


class LimitedStore(Store):
    """Answers like a store, but has its queries run by `ask`. What is looked up term by term is looked up here."""

    def __init__(self, folder: str, ask: Callable[[Job], Outcome]) -> None:
        super().__init__(ox.Store.read_only(folder))
        self._ask = ask

    def query(self, text: str, bindings: Mapping[str, str] | None = None, *, trusted: bool = False) -> Any:
        """Run a query. Raises QueryError for one that is malformed, and UnansweredError for one that a limit stops."""
        outcome = self._ask(Job(written_out(text, bindings), accept=f"{_SOLUTIONS}, {_TRIPLES}"))
        if outcome.status == 400:
            raise QueryError(outcome.body.decode().strip())
        if outcome.status != 200:
            raise UnansweredError(outcome)
        if outcome.media_type == _SOLUTIONS:
            return ox.parse_query_results(outcome.body, format=ox.QueryResultsFormat.JSON)
        return (quad.triple for quad in ox.parse(outcome.body, format=ox.RdfFormat.N_TRIPLES))
