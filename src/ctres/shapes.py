"""Validation: what the shapes, the reasoner and the vocabulary of CTRES find wrong with data.

The only module that uses pySHACL and rdflib, which it imports when data are checked. What it checks is what was
asserted: a reasoner takes a value of the wrong class for a member of the right one, and that would hide the fault.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass

from . import resources, turtle
from .report import SHAPES, Places, Report, Result
from .terms import ASSERTED, BASE, INFERRED, LOOKUP, PREFIXES, STATED_IN, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .knowledge import KnowledgeBase
    from .reasoner import Clash

__all__ = ["Report", "Result", "check"]

_FOR_ALL = ("cells", "effects", "findings", "molecules", "publications", "quantities", "resistance", "strategies", "terms", "therapies")
_FOR_CTRES = ("editorial",)
_RULES = {  # those that are no shapes, with their names
    "Contradiction": "contradiction",
    "DeclaredName": "declared name",
    "NamedNode": "named node",
    "NameUse": "use of a name",
    "RetiredName": "retired name",
}
_KINDS = {"ObjectProperty": "object property", "DatatypeProperty": "datatype property"}
_KINDS |= {"AnnotationProperty": "annotation property", "Class": "class"}


def check(kb: KnowledgeBase) -> Report:
    """What is wrong with the data that were added to CTRES, or with CTRES itself if none were."""
    with _rdflib_left_alone():
        data = _data(kb)
        notes = [(_node(note.subject), str(_node(note.object))) for note in kb.store.triples(STATED_IN, LOOKUP)]
        own = {node for node in set(data.subjects()) if node.startswith(BASE)}
        focus = {node for node, _ in notes} if kb.data else own
        found = [*_shapes(data, focus, _FOR_ALL), *_shapes(data, focus & own, _FOR_CTRES), *_Names(data).check(focus)]
        if kb.clashes or not kb.data:
            found += map(_contradiction, kb.materialisation.clashes)
        files = Places((str(node), file) for node, file in notes)
        places = files if kb.data else Places.of_folder(resources.find("ontology"))
        return Report(_result(data, places, name, about) for name, about in found)


# --- What is found: the name of a rule, and the properties that a SHACL report gives a result ------------------------


def _shapes(data: Any, focus: set[Any], files: Iterable[str]) -> Iterator[tuple[str, dict[Any, Any]]]:
    """What the shapes in some files find wrong with the nodes in focus."""
    import pyshacl
    import rdflib

    shapes = _read_shapes(files)
    data.focus = focus
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    for result in report.objects(None, rdflib.SH.result):
        about = dict(report.predicate_objects(result))
        about.pop(rdflib.SH.sourceConstraint, None)  # a copy of the rule's SPARQL text
        if about.get(rdflib.SH.value) == about[rdflib.SH.focusNode]:
            del about[rdflib.SH.value]
        message = about[rdflib.SH.resultMessage].replace(BASE, "ctres:")
        about[rdflib.SH.resultMessage] = rdflib.Literal(message, "en")
        path = about.get(rdflib.SH.resultPath)
        if isinstance(path, rdflib.BNode):
            about[rdflib.SH.resultPath] = _Nested(report, path)
        shape = about[rdflib.SH.sourceShape]
        yield str(shapes.value(shape, rdflib.SH.name) or shape), about


def _read_shapes(files: Iterable[str]) -> Any:
    """The shapes in some files. Those of a group get its targets: to apply each to all nodes at once is faster."""
    from rdflib import SH, BNode, Graph

    shapes = Graph()
    for file in files:
        for triple in turtle.triples(resources.find("shapes", file + ".ttl")):
            shapes.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    for group, shape in list(shapes.subject_objects(SH.property)):
        if not isinstance(shape, BNode):
            for target in (SH.targetClass, SH.targetSubjectsOf):
                for aim in shapes.objects(group, target):
                    shapes.add((shape, target, aim))
            shapes.remove((group, SH.property, shape))
    return shapes


def _own(rule: str, focus: Any, message: str, path: Any = None, value: Any = None, severity: str = "Violation") -> Any:
    """What a rule that is no shape finds."""
    from rdflib import RDF, SH, Literal, URIRef

    about = {RDF.type: SH.ValidationResult, SH.focusNode: focus, SH.resultSeverity: SH[severity]}
    about |= {SH.sourceConstraintComponent: URIRef(SHAPES + rule), SH.resultMessage: Literal(message, "en")}
    about |= {SH.resultPath: path, SH.value: value}
    return _RULES[rule], {key: item for key, item in about.items() if item is not None}


def _contradiction(clash: Clash) -> Any:
    from rdflib import BNode, URIRef

    said = re.sub(r"<([^<>\s]*)>", lambda match: shorten(match[1]), str(clash))
    message = f"The data must not contradict CTRES, but {said}. Correct or remove a statement from which that follows."
    return _own("Contradiction", BNode() if " " in clash.subject else URIRef(clash.subject), message)


class _Names:
    """The names in the namespace of CTRES: are they declared, used as what they are, and not retired?"""

    def __init__(self, data: Any) -> None:
        from rdflib import DCTERMS, OWL, RDF, URIRef

        self.data, self.stands_for = data, URIRef(BASE + "standsFor")
        self.kinds: dict[Any, set[str]] = {}
        for name, _, kind in data.triples((None, RDF.type, None)):
            if name.startswith(BASE):
                self.kinds.setdefault(name, set()).add(_KINDS.get(kind.removeprefix(PREFIXES["owl"]), "individual"))
        self.retired = {
            name: sorted(shorten(other) for other in data.objects(name, DCTERMS.isReplacedBy))
            for name, _, _ in data.triples((None, OWL.deprecated, None))
        }

    def check(self, focus: Iterable[Any]) -> Iterator[Any]:
        from rdflib import RDF, BNode, Literal

        for node in focus:
            kinds = list(self.data.objects(node, RDF.type))
            if isinstance(node, BNode) and any(kind.startswith(BASE) for kind in kinds):
                message = "A term or finding must have a name: nothing is inferred of a blank node. Give it an IRI."
                yield _own("NamedNode", node, message)
            if not kinds:
                yield from self.name("term", node, None, node)
            for path, value in self.data.predicate_objects(node):
                yield from self.name("property", node, path, path)
                if not isinstance(value, Literal):
                    yield from self.name("class" if path == RDF.type else "term", node, path, value)
                wanted = self.misfit(path, value, isinstance(value, Literal))
                if wanted:
                    yield _own("NameUse", node, f"The value of {shorten(path)} must be {wanted}", path, value)

    def misfit(self, path: Any, value: Any, is_literal: bool) -> str | None:
        """What a property wants instead of a value of another sort; None if the value fits."""
        if self.fits(path, "datatype property") and not is_literal:
            return "a text or a number, not a term. Write it in quotes, or as a number."
        if self.fits(path, "object property") and is_literal:
            return "a term, not a text. Write its name without quotes."
        if self.fits(path, "object property") and self.fits(value, "class"):
            generic = self.data.value(None, self.stands_for, value)
            return f"an individual, not a class. Use {shorten(generic) if generic else 'an individual of the class'}."
        return None

    def name(self, expected: str, node: Any, path: Any, name: Any) -> Iterator[Any]:
        """What is wrong with a name that stands where a term, a property or a class is expected."""
        if not name.startswith(BASE) or not re.fullmatch(r"\w[\w-]*", name.removeprefix(BASE)):
            return
        value = None if name in (node, path) else name
        if not self.fits(name, "term"):
            message = f"{shorten(name)} must be declared in CTRES or in your data. {self.remedy(name, expected)}"
            yield _own("DeclaredName", node, message, path, value)
        elif not self.fits(name, expected):
            message = f"{shorten(name)} is no {expected} and must not be used as one. {self.remedy(name, expected)}"
            yield _own("NameUse", node, message, path, value)
        elif name in self.retired and name != node:
            instead = f"Use {' or '.join(self.retired[name])} instead." if self.retired[name] else "Remove it."
            message = f"{shorten(name)} is retired and should not be used any more. {instead}"
            yield _own("RetiredName", node, message, path, value, "Warning")

    def fits(self, name: Any, expected: str) -> bool:
        return name in self.kinds and (expected == "term" or any(kind.endswith(expected) for kind in self.kinds[name]))

    def remedy(self, name: Any, expected: str) -> str:
        import difflib

        sorts = ("class", "individual") if expected == "term" else (expected,)
        fitting = (other for other in self.kinds if any(self.fits(other, sort) for sort in sorts))
        names = {other.removeprefix(BASE).casefold(): other for other in fitting}
        near = difflib.get_close_matches(name.removeprefix(BASE).casefold(), names, n=1)
        return f"Did you mean {shorten(names[near[0]])}?" if near else "Find the right name with `ctres find TEXT`."


# --- From rdflib to results, and from the store to rdflib ------------------------------------------------------------


def _result(data: Any, places: Places, name: str, about: dict[Any, Any]) -> Result:
    from rdflib import RDFS, SH, BNode

    def text(node: Any) -> str | None:
        if node is None or isinstance(node, _Nested):
            return None
        return node.n3() if isinstance(node, BNode) else str(node)

    focus = about[SH.focusNode]
    file, line = places.find(str(focus))
    labels = sorted(data.objects(focus, RDFS.label), key=lambda label: (label.language != "en", str(label)))
    return Result(
        focus=text(focus) or "",
        severity=about[SH.resultSeverity].removeprefix(PREFIXES["sh"]),
        message=str(about[SH.resultMessage]),
        shape=name,
        path=text(about.get(SH.resultPath)),
        value=text(about.get(SH.value)),
        file=file,
        line=line,
        label=str(labels[0]) if labels else None,
        _turtle=" ; ".join(f"{key.n3()} {node.n3()}" for key, node in about.items()),
    )


@dataclass(frozen=True)
class _Nested:
    """A blank node with all that is said of it, such as a path in a report."""

    graph: Any
    node: Any

    def n3(self) -> str:
        from rdflib import BNode

        said = self.graph.predicate_objects(self.node)
        inner = ((p, _Nested(self.graph, o) if isinstance(o, BNode) else o) for p, o in said)
        return f"[ {' ; '.join(f'{p.n3()} {o.n3()}' for p, o in inner)} ]"


def _node(term: Any) -> Any:
    """A term of the store as rdflib has it."""
    from rdflib import XSD, BNode, Literal, URIRef

    if hasattr(term, "datatype"):
        plain = term.language or term.datatype.value == str(XSD.string)
        return Literal(term.value, term.language, None if plain else term.datatype.value, normalize=False)
    return BNode(term.value) if str(term).startswith("_:") else URIRef(term.value)


def _data(kb: KnowledgeBase) -> Any:
    """What was asserted, and all superclasses and superproperties; only nodes in `focus` are targets of shapes."""
    from rdflib import RDF, Graph
    from rdflib.plugins.sparql import prepareQuery

    class Data(Graph):
        focus: set[Any]
        prepared: dict[str, Any]

        def __init__(self) -> None:
            super().__init__()
            self.focus, self.prepared = set(), {}

        # pySHACL finds the targets of a shape with these two. Its own option for that compares each with each.
        def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Any:
            found = super().subjects(predicate, object, unique)
            return (node for node in found if node in self.focus) if predicate == RDF.type else found

        def subject_objects(self, predicate: Any = None, unique: bool = False) -> Any:
            return ((s, o) for s, o in super().subject_objects(predicate, unique) if s in self.focus)

        def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Any:
            if query_object not in self.prepared:  # parsing takes longer than answering
                self.prepared[query_object] = prepareQuery(query_object)
            return super().query(self.prepared[query_object], *args, **kwargs)

    data, nodes = Data(), {}
    schema = [kb.store.triples(PREFIXES["rdfs"] + link, INFERRED) for link in ("subClassOf", "subPropertyOf")]
    for triple in [*kb.store.triples(graph=ASSERTED), *schema[0], *schema[1]]:
        for term in (triple.subject, triple.predicate, triple.object):
            if term not in nodes:
                nodes[term] = _node(term)
        data.add((nodes[triple.subject], nodes[triple.predicate], nodes[triple.object]))
    return data


@contextmanager
def _rdflib_left_alone() -> Iterator[None]:
    """Undo what pySHACL does to the way rdflib reads literals, and keep rdflib from logging those it cannot read."""
    import logging

    import rdflib
    from pyshacl.monkey import rdflib_bool_unpatch

    log = logging.getLogger("rdflib.term")
    before = rdflib.NORMALIZE_LITERALS, log.disabled
    log.disabled = True
    try:
        yield
    finally:
        rdflib_bool_unpatch()  # type: ignore[no-untyped-call]
        rdflib.NORMALIZE_LITERALS, log.disabled = before
