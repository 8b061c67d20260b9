"""A store whose data are on a SPARQL server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from ..store import Store, refuse_service, written_out
from ..terms import BASE, PREFIXES
from .binding import declared, iri, listed, written
from .client import Client, RemoteError

_BATCH = 400  # terms looked up in one request
_KNOWN = (PREFIXES["rdfs"] + "label", PREFIXES["rdf"] + "type", PREFIXES["bibo"] + "doi")
_LABEL, _TYPE, _DOI = _KNOWN
_FINDING = BASE + "Finding"


class RemoteStore(Store):
    """Answers like a store on this machine. What is looked up for each term of an answer is fetched for many at once, and kept."""

    def __init__(self, client: Client) -> None:
        super().__init__(_Engine(client))  # type: ignore[arg-type]
        self._client = client
        self._texts: dict[tuple[str, str], list[str]] = {}
        self._findings: dict[str, str | None] = {}

    def query(self, text: str, bindings: Mapping[str, str] | None = None, *, trusted: bool = False) -> Any:
        if not trusted:
            refuse_service(text)
        result = self._client.query(declared(written_out(text, bindings)))
        if not isinstance(result, ox.QuerySolutions):
            return result
        names = [variable.value for variable in result.variables]
        rows = list(result)
        self._fetch({node.value for row in rows for node in row if isinstance(node, ox.NamedNode)})
        return _Solutions(result.variables, [_Row(zip(names, row, strict=True)) for row in rows])

    def with_predicates(self, predicates: Iterable[str], graph: str) -> Iterator[ox.Triple]:
        """The triples of a graph with these predicates, in one request: a server names blank nodes anew in each."""
        rows = self._client.query(written("triples-with-predicates.rq", listed=listed(predicates), graph=iri(graph)))
        return (ox.Triple(row["subject"], row["predicate"], row["object"]) for row in rows)

    def objects(self, subject: str, predicate: str, graph: str | None = None) -> Iterator[str]:
        if graph is None and (subject, predicate) in self._texts:
            return iter(self._texts[subject, predicate])
        return super().objects(subject, predicate, graph)

    def graph_of(self, subject: str, predicate: str, value: str) -> str | None:
        if (predicate, value) == (_TYPE, _FINDING) and subject in self._findings:
            return self._findings[subject]
        rows = self._client.query(written("graphs-of-triple.rq", subject=iri(subject), predicate=iri(predicate), object=iri(value)))
        return min((row["graph"].value for row in rows), default=None)

    def _fetch(self, terms: set[str]) -> None:
        """Look up the labels and DOIs of terms, and which of them are findings."""
        wanted = sorted(term for term in terms - self._findings.keys() if "://" in term)
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            for term in batch:
                self._findings[term] = None
                self._texts[term, _LABEL], self._texts[term, _DOI] = [], []
            for row in self._client.query(written("names.rq", listed=listed(batch))):
                self._texts[row["subject"].value, row["predicate"].value].append(row["object"].value)
            for row in self._client.query(written("findings.rq", listed=listed(batch))):
                self._findings[row["subject"].value] = row["graph"].value


class _Row(dict[str, Any]):
    """A solution: terms by the names of variables, in their order; what is not bound is None."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values())

    def __missing__(self, name: str) -> None:
        return None


class _Solutions(list[_Row]):
    """Solutions with the variables that they bind."""

    def __init__(self, variables: list[ox.Variable], rows: list[_Row]) -> None:
        super().__init__(rows)
        self.variables = variables


class _Engine:
    """The part of the engine's interface that `Store` needs, spoken to a server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def quads_for_pattern(self, subject: Any, predicate: Any, value: Any, graph: Any) -> Iterator[ox.Quad]:
        if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
            raise RemoteError(f"{self._client.url} cannot be asked about a node without a name. Do this on a store of your own")
        pattern = {"subject": subject, "predicate": predicate, "object": value}
        terms = {name: str(node) for name, node in pattern.items() if node is not None}
        text = written("triples-of-graph.rq", graph=str(graph), **terms) if isinstance(graph, ox.NamedNode) else written("triples.rq", **terms)
        for row in self._client.query(text):
            s, p, o = (row[name] if node is None else node for name, node in pattern.items())
            yield ox.Quad(s, p, o, graph)

    def dump(self, *, format: ox.RdfFormat, from_graph: Any) -> bytes:
        quads = self.quads_for_pattern(None, None, None, from_graph)
        return b"".join(f"{quad.triple} .\n".encode() for quad in quads)

    def __contains__(self, quad: ox.Quad) -> bool:
        return next(self.quads_for_pattern(quad.subject, quad.predicate, quad.object, quad.graph_name), None) is not None

    def __len__(self) -> int:
        return int(next(iter(self._client.query(written("count.rq"))))["triples"].value)
