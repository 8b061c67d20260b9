"""The names in the namespace of CTRES: are they declared, used as what they are, and not retired?"""

from __future__ import annotations

import difflib
import re

from ..report import Fault
from ..terms import BASE, LOOKUP, PREFIXES, STATED_IN, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .data import Data

RULES = {"DeclaredName": "declared name", "NamedNode": "named node", "NameUse": "use of a name", "RetiredName": "retired name"}

_TYPE = PREFIXES["rdf"] + "type"
_KINDS = {"ObjectProperty": "object property", "DatatypeProperty": "datatype property"}
_KINDS |= {"AnnotationProperty": "annotation property", "Class": "class"}


def faults(data: Data) -> Iterator[Fault]:
    """What is wrong with the names that the data use."""
    names = _Names(data)
    subjects = {node for node, _ in data.store.notes(STATED_IN, LOOKUP)} if data.files else names.own
    for node in sorted(subjects, key=str):
        yield from names.check(node)


class _Names:
    def __init__(self, data: Data) -> None:
        self.data = data
        self.kinds: dict[str, set[str]] = {}
        self.own: set[Any] = set()
        for triple in data.store.triples(_TYPE):
            name, kind = str(triple.subject)[1:-1], str(triple.object)[1:-1]
            if name.startswith(BASE):
                self.kinds.setdefault(name, set()).add(_KINDS.get(kind.removeprefix(PREFIXES["owl"]), "individual"))
                self.own.add(triple.subject)
        self.generics = {triple.object: str(triple.subject)[1:-1] for triple in data.store.triples(BASE + "standsFor")}
        self.retired = {
            str(triple.subject)[1:-1]: sorted(map(shorten, data.store.objects(str(triple.subject)[1:-1], PREFIXES["dcterms"] + "isReplacedBy")))
            for triple in data.store.triples(PREFIXES["owl"] + "deprecated")
        }
        self.remedies: dict[tuple[str, str, str], str] = {}
        self.met: dict[tuple[Any, Any], list[tuple[str, str, str, bool]]] = {}

    def check(self, node: Any) -> Iterator[Fault]:
        typed = False
        for triple in self.data.store.about(node):
            path, value = triple.predicate, triple.object
            if path.value == _TYPE:
                typed = True
                if str(node).startswith("_:") and str(value).startswith("<" + BASE):
                    message = "A term or finding must have a name: nothing is inferred of a blank node. Give it an IRI."
                    yield _fault("NamedNode", node, message)
            literal = hasattr(value, "datatype")
            key = path, None if literal else value
            if key not in self.met:
                self.met[key] = list(self.statement(path, value, literal))
            for rule, severity, message, about_path in self.met[key]:
                yield _fault(rule, node, message, path, None if about_path or value == node else value, severity)
        if not typed:
            for rule, severity, message in self.name("term", str(node)[1:-1]):
                yield _fault(rule, node, message, severity=severity)

    def statement(self, path: Any, value: Any, literal: bool) -> Iterator[tuple[str, str, str, bool]]:
        """What is wrong with a property and its value: rule, severity, message, and whether the property itself is meant."""
        for fault in self.name("property", path.value):
            yield *fault, True
        if not literal:
            for fault in self.name("class" if path.value == _TYPE else "term", str(value)[1:-1], path.value):
                yield *fault, False
        wanted = self.misfit(path.value, value, literal)
        if wanted:
            yield "NameUse", "Violation", f"The value of {shorten(path.value)} must be {wanted}", False

    def misfit(self, path: str, value: Any, literal: bool) -> str | None:
        """What a property wants instead of a value of another sort; None if the value fits."""
        if self.fits(path, "datatype property") and not literal:
            return "a text or a number, not a term. Write it in quotes, or as a number."
        if self.fits(path, "object property") and literal:
            return "a term, not a text. Write its name without quotes."
        if self.fits(path, "object property") and self.fits(str(value)[1:-1], "class"):
            generic = self.generics.get(value)
            return f"an individual, not a class. Use {shorten(generic) if generic else 'an individual of the class'}."
        return None

    def name(self, expected: str, name: str, path: str = "") -> Iterator[tuple[str, str, str]]:
        """What is wrong with a name that stands where a term (as the value of a path), a property or a class is expected."""
        if not name.startswith(BASE) or not re.fullmatch(r"\w[\w-]*", name.removeprefix(BASE)):
            return
        if not self.fits(name, "term"):
            yield (
                "DeclaredName",
                "Violation",
                f"{shorten(name)} must be declared in CTRES or in your data. {self.remedy(name, expected, path)}",
            )
        elif not self.fits(name, expected):
            yield "NameUse", "Violation", f"{shorten(name)} is no {expected} and must not be used as one. {self.remedy(name, expected)}"
        elif name in self.retired:
            instead = f"Use {' or '.join(self.retired[name])} instead." if self.retired[name] else "Remove it."
            yield "RetiredName", "Warning", f"{shorten(name)} is retired and should not be used any more. {instead}"

    def fits(self, name: str, expected: str) -> bool:
        return name in self.kinds and (expected == "term" or any(kind.endswith(expected) for kind in self.kinds[name]))

    def remedy(self, name: str, expected: str, path: str = "") -> str:
        """The nearest name: for a value, among the members of the range of its property."""
        key = name, expected, path if expected == "term" else ""
        if key not in self.remedies:
            ranges = [] if expected != "term" or not path else list(self.data.store.objects(path, PREFIXES["rdfs"] + "range"))
            sorts = ("class", "individual") if expected == "term" else (expected,)
            fitting = {other for other in self.kinds if any(self.fits(other, sort) for sort in sorts)}
            for wanted in ranges:
                fitting &= set(self.data.store.subjects(_TYPE, iri=wanted))
            names = {other.removeprefix(BASE).casefold(): other for other in sorted(fitting)}
            near = difflib.get_close_matches(name.removeprefix(BASE).casefold(), names, n=1)
            found = f"Did you mean {shorten(names[near[0]])}?" if near else "Find the right name with `ctres find TEXT`."
            self.remedies[key] = found
        return self.remedies[key]


def _fault(rule: str, focus: Any, message: str, path: Any = None, value: Any = None, severity: str = "Violation") -> Fault:
    return Fault(RULES[rule], rule, severity, str(focus), message, None if path is None else str(path), None if value is None else str(value))
