"""The RDF dataset behind a knowledge base: asserted, inferred and look-up graphs, and SPARQL over all of them.

The only module that runs queries. Its engine is Oxigraph (pyoxigraph), in memory or on disk.
"""

from __future__ import annotations

import re
from itertools import islice

import pyoxigraph as ox

from .binding import bind
from .errors import QueryError
from .terms import ASSERTED, INFERRED, LOOKUP, PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

_DEFAULT = ox.DefaultGraph()

# What a query may say without meaning it: strings, IRIs and comments.
_QUOTED = re.compile(
    r'''"""(?:[^"\\]|\\.|""?(?!"))*"""|"(?:[^"\\\n\r]|\\.)*"|<[^\x00-\x20<>"{}|^`]*>|#[^\n\r]*'''
    r"""|'{3}(?:[^'\\]|\\.|''?(?!'))*'{3}|'(?:[^'\\\n\r]|\\.)*'""",
    re.DOTALL,
)


def refuse_service(query: str) -> None:
    """Raise QueryError if a query holds a SERVICE clause, which would make the engine call another machine.

    The engine takes even `5SERVICEex:x` for one, so the word is refused wherever it stands outside strings and `<...>`.
    """
    if "service" in _QUOTED.sub(" ", query).casefold():
        raise QueryError(
            "SERVICE is refused: CTRES answers from its own data and calls no other endpoint. Remove the clause; "
            "if it is only part of a name, write the name as a full IRI in <...>."
        )


def written_out(text: str, bindings: Mapping[str, str] | None) -> str:
    """A query with the IRIs that `bindings` gives its variables."""
    return bind(text, {name: str(ox.NamedNode(iri)) for name, iri in bindings.items()}) if bindings else text


def _graph(name: str | None) -> ox.NamedNode | ox.DefaultGraph:
    return _DEFAULT if name is None else ox.NamedNode(name)


def _graphs(name: str | None) -> set[ox.NamedNode | ox.DefaultGraph]:
    """The graphs that hold the triples of a graph: it, and the default graph if they are knowledge."""
    return {_graph(name), *([] if name == LOOKUP else [_DEFAULT])}


class Store:
    """An RDF dataset: the default graph holds what was asserted or inferred, and the graphs `graph:asserted` and
    `graph:inferred` tell the two apart; `graph:lookup` holds what questions look up and is no knowledge.

    The default graph repeats the first two, because an engine answers from one graph much faster than from a union.
    """

    def __init__(self, engine: ox.Store | None = None) -> None:
        self.engine = ox.Store() if engine is None else engine

    @classmethod
    def open(cls, folder: str) -> Store:
        """Open a store on disk for reading. Raises OSError if there is none or another version wrote it."""
        return cls(ox.Store.read_only(folder))

    @classmethod
    def create(cls, folder: str) -> Store:
        """Make a new store on disk in an empty folder."""
        return cls(ox.Store(folder))

    def add(self, triples: Iterable[ox.Triple], graph: str | None) -> None:
        """Add triples to a graph, all or none, and to the default graph if they are knowledge; without a graph, only there."""
        names = _graphs(graph)
        self.engine.bulk_extend(ox.Quad(triple.subject, triple.predicate, triple.object, name) for triple in triples for name in names)

    def load(self, ntriples: bytes, graph: str | None) -> None:
        """Add the triples of an N-Triples text as `add` does, but faster."""
        for name in _graphs(graph):
            self.engine.bulk_load(ntriples, ox.RdfFormat.N_TRIPLES, to_graph=name)

    def load_file(self, path: str, graph: str | None) -> None:
        """Add the triples of a file of N-Triples as `load` does."""
        for name in _graphs(graph):
            self.engine.bulk_load(path=path, format=ox.RdfFormat.N_TRIPLES, to_graph=name)

    def add_facts(self, facts: Iterable[tuple[str, str, str]], graph: str | None) -> None:
        """Add triples of three IRIs to a graph."""
        self.add((ox.Triple(*map(ox.NamedNode, fact)) for fact in facts), graph)

    def add_texts(self, texts: Iterable[tuple[str, str]], predicate: str, graph: str) -> None:
        """Add, for each pair of an IRI and a text, the triple that links them by `predicate`."""
        link = ox.NamedNode(predicate)
        self.add((ox.Triple(ox.NamedNode(iri), link, ox.Literal(text)) for iri, text in texts), graph)

    def add_noted(self, triples: Iterable[ox.Triple], graph: str | None, predicate: str, text: str, notes: str) -> None:
        """Add triples as `add` does and, to the graph `notes`, for each of their subjects the triple that gives it a text by `predicate`."""
        names, link, note = _graphs(graph), ox.NamedNode(predicate), ox.Literal(text)

        def quads() -> Iterator[ox.Quad]:
            last = None
            for triple in triples:
                if triple.subject != last:  # most of a subject stands together; a note that is there already is not added again
                    last = triple.subject
                    yield ox.Quad(last, link, note, ox.NamedNode(notes))
                for name in names:
                    yield ox.Quad(triple.subject, triple.predicate, triple.object, name)

        self.engine.bulk_extend(quads())

    def notes(self, predicate: str, graph: str) -> Iterator[tuple[Any, str]]:
        """The pairs of node and text that `add_noted` has added."""
        for quad in self.engine.quads_for_pattern(None, ox.NamedNode(predicate), None, _graph(graph)):
            if isinstance(quad.object, ox.Literal):
                yield quad.subject, quad.object.value

    def finish(self) -> None:
        """Bring a store on disk into the form that opens and answers fastest."""
        self.engine.optimize()
        self.engine.flush()

    def ntriples(self, graph: str | None) -> bytes:
        """The triples of a graph as N-Triples; without `graph`, those of the default graph."""
        text = self.engine.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=_graph(graph))
        return text if text is not None else b""

    def query(self, text: str, bindings: Mapping[str, str] | None = None, *, trusted: bool = False) -> Any:
        """Run a SPARQL query over asserted and inferred triples together.

        `bindings` gives variables (without `?`) the IRI they stand for, which are then no longer among the results.
        `trusted` spares CTRES' own queries the check for SERVICE. Raises QueryError for a query that is malformed.
        """
        if not trusted:
            refuse_service(text)
        try:
            return self.engine.query(written_out(text, bindings), prefixes=PREFIXES)
        except SyntaxError as error:
            # The parser goes on to list all that it would have taken, hundreds of characters.
            raise QueryError(f"the query is not valid SPARQL: {str(error)[:160]}") from None

    def triples(self, predicate: str | None = None, graph: str | None = None) -> Iterator[ox.Triple]:
        """The triples of a graph with any or with one predicate; without `graph`, those of the default graph."""
        link = None if predicate is None else ox.NamedNode(predicate)
        return (quad.triple for quad in self.engine.quads_for_pattern(None, link, None, _graph(graph)))

    def with_predicates(self, predicates: Iterable[str], graph: str) -> Iterator[ox.Triple]:
        """The triples of a graph with any of these predicates."""
        return (triple for predicate in predicates for triple in self.triples(predicate, graph))

    def stated(self, subject: str, graph: str = ASSERTED) -> Iterator[ox.Triple]:
        """The triples of a graph about an IRI, and in turn about the nodes without a name that they lead to."""
        pending: list[Any] = [ox.NamedNode(subject)]
        while pending:
            node = pending.pop()
            for quad in self.engine.quads_for_pattern(node, None, None, _graph(graph)):
                yield quad.triple
                if isinstance(quad.object, ox.BlankNode):
                    pending.append(quad.object)

    def links(self, predicate: str, graph: str | None = None, *, subject: str | None = None) -> Iterator[tuple[str, str]]:
        """The IRIs that a predicate links in a graph: subject and object, of all or of one subject."""
        start = None if subject is None else ox.NamedNode(subject)
        for quad in self.engine.quads_for_pattern(start, ox.NamedNode(predicate), None, _graph(graph)):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                yield quad.subject.value, quad.object.value

    def about(self, node: Any) -> Iterator[ox.Triple]:
        """The triples of the default graph whose subject is a node that the store gave."""
        return (quad.triple for quad in self.engine.quads_for_pattern(node, None, None, _DEFAULT))

    def uses(self, predicate: str, node: Any, most: int) -> list[ox.Triple]:
        """Up to so many triples of the default graph with this predicate whose object is a node that the store gave."""
        return [quad.triple for quad in islice(self.engine.quads_for_pattern(None, ox.NamedNode(predicate), node, _DEFAULT), most)]

    def objects(self, subject: str, predicate: str, graph: str | None = None) -> Iterator[str]:
        """The objects of all triples with this subject and predicate: their IRIs, or the text of literals."""
        for quad in self.engine.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None, _graph(graph)):
            if not isinstance(quad.object, ox.Triple):
                yield quad.object.value

    def datatypes(self, subject: str, predicate: str) -> set[str]:
        """The datatypes of the literals with this subject and predicate."""
        found = self.engine.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None, _DEFAULT)
        return {quad.object.datatype.value for quad in found if isinstance(quad.object, ox.Literal)}

    def labels(self, node: str) -> list[str]:
        """The labels of a node (`<...>` or `_:...`), English ones first."""
        subject = ox.BlankNode(node[2:]) if node.startswith("_:") else ox.NamedNode(node[1:-1])
        found = self.engine.quads_for_pattern(subject, ox.NamedNode(PREFIXES["rdfs"] + "label"), None, _DEFAULT)
        literals = [quad.object for quad in found if isinstance(quad.object, ox.Literal)]
        return [literal.value for literal in sorted(literals, key=lambda literal: (literal.language != "en", str(literal)))]

    def subjects(self, predicate: str, value: str | None = None, *, iri: str | None = None, graph: str | None = None) -> Iterator[str]:
        """The IRIs of subjects with this predicate and, as object, the plain literal `value` or the IRI `iri`."""
        target = ox.NamedNode(iri) if iri is not None else ox.Literal(value) if value is not None else None
        for quad in self.engine.quads_for_pattern(None, ox.NamedNode(predicate), target, _graph(graph)):
            if isinstance(quad.subject, ox.NamedNode):
                yield quad.subject.value

    def pairs(self, predicate: str, graph: str | None = None) -> Iterator[tuple[str, str]]:
        """Subject IRI and literal value of all triples with this predicate."""
        for quad in self.engine.quads_for_pattern(None, ox.NamedNode(predicate), None, _graph(graph)):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                yield quad.subject.value, quad.object.value

    def between(self, subject: str, value: str) -> Iterator[str]:
        """The predicates of all triples that lead from one IRI to another."""
        for quad in self.engine.quads_for_pattern(ox.NamedNode(subject), None, ox.NamedNode(value), _DEFAULT):
            yield quad.predicate.value

    def graph_of(self, subject: str, predicate: str, value: str) -> str | None:
        """ASSERTED or INFERRED, whichever graph holds a triple of three IRIs; None if it does not hold."""
        s, p, o = map(ox.NamedNode, (subject, predicate, value))
        return next((graph for graph in (ASSERTED, INFERRED) if ox.Quad(s, p, o, ox.NamedNode(graph)) in self.engine), None)

    def __contains__(self, iri: str) -> bool:
        return next(self.engine.quads_for_pattern(ox.NamedNode(iri), None, None, _DEFAULT), None) is not None

    def __len__(self) -> int:
        return len(self.engine)
