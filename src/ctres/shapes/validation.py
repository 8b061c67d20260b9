"""What the shapes find wrong with data. pySHACL judges; it is given only the nodes that may break a shape, in batches.

pySHACL looks at each node with each shape by itself, a hundred thousand findings take it half an hour and more. Nearly
all nodes of any file conform, so SPARQL finds the suspects first (see `suspects`).
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyshacl
import rdflib
from rdflib import SH, BNode, Literal, URIRef

from .. import resources, turtle
from ..report import Fault
from ..terms import BASE, PREFIXES
from .data import SHARERS
from .suspects import Suspects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..progress import Progress
    from .data import Data

EDITORIAL = "editorial"  # the shapes that hold for names in the namespace of CTRES only
_TYPE = turtle.node(PREFIXES["rdf"] + "type")
_BATCH = 500


class _Suspicion(NamedTuple):
    """The shapes that a node may break, and the other terms that say so."""

    rules: dict[URIRef, None]
    witnesses: set[Any]


def faults(data: Data, progress: Progress) -> Iterator[Fault]:
    """What the shapes find wrong with the data."""
    with _rdflib_left_alone():
        for editorial in (False, True):
            files = [name for name in sorted(os.listdir(resources.find("shapes"))) if name.endswith(".ttl")]
            shapes = read(name for name in files if (name == EDITORIAL + ".ttl") == editorial)
            rules = [rule for rule in set(shapes.subjects(SH.severity)) if isinstance(rule, URIRef)]
            yield from _judged(data, shapes, _suspects(data, shapes, rules, editorial, progress), progress)


def read(files: Iterable[str]) -> rdflib.Graph:
    """The shapes in some files of the folder `shapes`. Those of a group get the group's targets."""
    shapes = rdflib.Graph()
    for file in files:
        for triple in turtle.triples(resources.find("shapes", file)):
            shapes.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    for group, shape in list(shapes.subject_objects(SH.property)):
        if not isinstance(shape, BNode):
            for target in (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf):
                for aim in shapes.objects(group, target):
                    shapes.add((shape, target, aim))
            shapes.remove((group, SH.property, shape))
    return shapes


def _suspects(data: Data, shapes: rdflib.Graph, rules: list[URIRef], own: bool, progress: Progress) -> dict[Any, _Suspicion]:
    """The nodes that may break a shape."""
    suspects = Suspects(shapes, bool(data.files))
    found: dict[Any, _Suspicion] = {}
    for rule in progress.items(sorted(rules), "looking for faults", "shapes"):
        for query in suspects.queries(rule):
            for solution in data.store.query(query, trusted=True):
                node = solution["this"]
                if data.in_focus(str(node)) and (not own or str(node).startswith("<" + BASE)):
                    suspicion = found.setdefault(node, _Suspicion({}, set()))
                    suspicion.rules[rule] = None
                    suspicion.witnesses.update(term for term in solution if term not in (None, node))
    return {node: found[node] for node in sorted(found, key=str)}


def _judged(data: Data, shapes: rdflib.Graph, suspects: dict[Any, _Suspicion], progress: Progress) -> Iterator[Fault]:
    """What pySHACL says of each suspect and the shapes that it may break."""
    for rule in set(shapes.subjects(SH.severity)):
        for way in (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf):
            shapes.remove((rule, way, None))
    names = {shape: str(name) for shape, name in shapes.subject_objects(SH.name)}
    links = [*sorted(set(map(str, shapes.objects(None, SH.inversePath)))), PREFIXES["owl"] + "annotatedSource"]
    schema = [*data.store.triples(PREFIXES["rdfs"] + "subClassOf"), *data.store.triples(PREFIXES["rdfs"] + "subPropertyOf")]
    nodes = list(suspects)
    batches = [nodes[start : start + _BATCH] for start in range(0, len(nodes), _BATCH)]
    for batch in progress.items(batches, "judging", "batches"):
        graph = _Prepared()
        for triple in (*schema, *_around(data, {node: suspects[node].witnesses for node in batch}, links)):
            graph.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
        targets = [(rule, SH.targetNode, _node(node)) for node in batch for rule in suspects[node].rules]
        for target in targets:
            shapes.add(target)
        _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inplace=True)
        for target in targets:
            shapes.remove(target)
        for result in report.objects(None, SH.result):
            yield _fault(report, result, names)


def _around(data: Data, nodes: dict[Any, set[Any]], links: Iterable[str]) -> Iterator[Any]:
    """The statements that a judgement of some nodes may need: theirs, those of their values, properties and witnesses and of
    what these lead to, and those of the subjects that lead to a node or value by one of the links, which shapes follow
    backwards.
    """
    seen: set[Any] = set()
    ends: set[Any] = set()

    def about(start: Any) -> Iterator[Any]:
        pending = [start]
        while pending:
            node = pending.pop()
            if node not in seen and not hasattr(node, "datatype"):
                seen.add(node)
                for triple in data.store.about(node):
                    yield triple
                    pending += [triple.predicate] if triple.predicate == _TYPE else [triple.predicate, triple.object]

    for node, witnesses in nodes.items():
        own = list(data.store.about(node))
        yield from about(node)
        for witness in {*witnesses, *(triple.object for triple in own)}:
            yield from about(witness)
        for end in {node, *(triple.object for triple in own)} - ends:
            ends.add(end)
            for link in links:
                for triple in data.store.uses(link, end, most=SHARERS):
                    yield triple
                    yield from about(triple.subject)


def _fault(report: rdflib.Graph, result: Any, names: dict[Any, str]) -> Fault:
    about = dict(report.predicate_objects(result))
    about.pop(SH.sourceConstraint, None)  # a copy of the rule's SPARQL text
    if about.get(SH.value) == about[SH.focusNode]:
        del about[SH.value]
    message = str(about[SH.resultMessage]).replace(BASE, "ctres:")
    about[SH.resultMessage] = Literal(message, "en")
    shape, path, value = about[SH.sourceShape], about.get(SH.resultPath), about.get(SH.value)
    return Fault(
        rule=names.get(shape, str(shape)),
        component=str(about[SH.sourceConstraintComponent]).removeprefix(PREFIXES["sh"]),
        severity=str(about[SH.resultSeverity]).removeprefix(PREFIXES["sh"]),
        focus=about[SH.focusNode].n3(),
        message=message,
        path=path.n3() if isinstance(path, URIRef) else None,
        value=None if value is None else value.n3(),
        shacl=" ; ".join(f"{key.n3()} {_written(report, node)}" for key, node in about.items()),
    )


def _written(graph: rdflib.Graph, node: Any) -> str:
    """A node as Turtle has it; a blank node, such as a path, with all that is said of it."""
    said = list(graph.predicate_objects(node)) if isinstance(node, BNode) else []
    return f"[ {' ; '.join(f'{p.n3()} {_written(graph, o)}' for p, o in said)} ]" if said else node.n3()


class _Prepared(rdflib.Graph):
    """A graph that parses each query once: that takes longer than answering."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: dict[str, Any] = {}

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Any:
        from rdflib.plugins.sparql import prepareQuery

        if query_object not in self.prepared:
            self.prepared[query_object] = prepareQuery(query_object)
        return super().query(self.prepared[query_object], *args, **kwargs)


def _node(term: Any) -> Any:
    """A term of the store as rdflib has it."""
    if hasattr(term, "datatype"):
        plain = term.language or term.datatype.value == PREFIXES["xsd"] + "string"
        return Literal(term.value, term.language, None if plain else term.datatype.value, normalize=False)
    return BNode(term.value) if str(term).startswith("_:") else URIRef(term.value)


@contextmanager
def _rdflib_left_alone() -> Iterator[None]:
    """Undo what pySHACL does to the way rdflib reads literals, and keep rdflib from logging those it cannot read."""
    import logging

    from pyshacl.monkey import rdflib_bool_unpatch

    log = logging.getLogger("rdflib.term")
    before = rdflib.NORMALIZE_LITERALS, log.disabled
    log.disabled = True
    try:
        yield
    finally:
        rdflib_bool_unpatch()  # type: ignore[no-untyped-call]
        rdflib.NORMALIZE_LITERALS, log.disabled = before
