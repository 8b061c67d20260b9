"""Answering one query on one store, and writing graphs and solutions in the media types that the endpoint offers."""

from __future__ import annotations

import io

import pyoxigraph as ox

from ..errors import QueryError
from ..store import refuse_service
from ..terms import PREFIXES
from .limits import Outcome, refusal
from .negotiation import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..store import Store
    from .limits import Job

    _Graphs = list[Any] | None  # of ox.NamedNode; the engine's own annotation is an invariant list of a wider type

# In order of preference. The general types come last: they serve browsers and clients that know no better.
SOLUTION_TYPES = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
}
GRAPH_TYPES = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/xml": ox.RdfFormat.RDF_XML,
    "application/json": ox.RdfFormat.JSON_LD,
}


class _TooLargeError(Exception):
    pass


class _Bounded(io.BytesIO):
    """A buffer that refuses to grow beyond a size."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.tell() + len(data) > self.most:
            raise _TooLargeError
        return super().write(data)


def evaluate(store: Store, job: Job, most: int) -> Outcome:
    """Answer a query in at most `most` bytes, or say why it cannot be answered."""
    try:
        return _evaluate(store, job, most)
    except SyntaxError as error:
        return refusal(400, f"The query is not valid SPARQL 1.1: {error}")
    except (QueryError, ValueError, RuntimeError) as error:  # refused, or it asks for what the engine has not
        return refusal(400, f"The query cannot be answered: {error}")
    except _TooLargeError:
        return refusal(507, f"The result is larger than the {most:,} bytes this server gives. Use LIMIT, or ask for less.")
    except MemoryError:
        return refusal(507, OUT_OF_MEMORY)


OUT_OF_MEMORY = "The query needed more memory than this server gives. Use LIMIT, avoid cross products, or sort and group less."


def _evaluate(store: Store, job: Job, most: int) -> Outcome:
    refuse_service(job.query)
    default, named = _dataset(job)
    result = store.engine.query(job.query, prefixes=PREFIXES, default_graph=default, named_graphs=named)
    types = GRAPH_TYPES if isinstance(result, ox.QueryTriples) else SOLUTION_TYPES
    media = choose(job.accept, types)
    if media is None:
        return refusal(406, f"The result of this query can be had as {', '.join(types)}; the request accepts none of them.")
    written = _Bounded(most)
    if isinstance(result, ox.QueryTriples):
        ox.serialize(result, written, format=GRAPH_TYPES[media], prefixes=PREFIXES)
    else:
        result.serialize(written, format=SOLUTION_TYPES[media])
    return Outcome(200, _with_charset(media), written.getvalue())


def _dataset(job: Job) -> tuple[_Graphs, _Graphs]:
    """The default and named graphs of a query: the request's, else (None) those of its FROM clauses, else the store's."""
    if job.default_graphs or job.named_graphs:
        return [*map(ox.NamedNode, job.default_graphs)], [*map(ox.NamedNode, job.named_graphs)]
    return None, None


def describe(turtle: str, endpoint: str, accept: str) -> Outcome:
    """A service description, written in Turtle about `<>`, as what `endpoint` says of itself."""
    media = choose(accept, GRAPH_TYPES)
    if media is None:
        return refusal(406, f"The service description can be had as {', '.join(GRAPH_TYPES)}; the request accepts none of them.")
    triples = ox.parse(turtle, format=ox.RdfFormat.TURTLE, base_iri=endpoint)
    names = PREFIXES | {"sd": "http://www.w3.org/ns/sparql-service-description#"}
    written = ox.serialize((quad.triple for quad in triples), format=GRAPH_TYPES[media], prefixes=names)
    return Outcome(200, _with_charset(media), written or b"")


def _with_charset(media: str) -> str:
    return f"{media}; charset=utf-8" if media.startswith("text/") else media
