"""What can be said of a new term or finding, read from the ontology, and what must be said, read from the shapes."""

from __future__ import annotations

import os
import re
from collections import Counter

from .. import names, resources, turtle
from ..errors import UnknownTermError
from ..terms import ASSERTED, BASE, PREFIXES
from .problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..store import Store

_OWL, _RDFS, _SH = (PREFIXES[prefix] for prefix in ("owl", "rdfs", "sh"))
CLASS, FINDING = _OWL + "Class", BASE + "Finding"
SUBCLASS, _SUBPROPERTY = _RDFS + "subClassOf", _RDFS + "subPropertyOf"
# The options that every term has; a property of CTRES for this kind alone, such as the source of a finding, goes before.
COMMON = {
    "label": names.LABEL,
    "definition": PREFIXES["skos"] + "definition",
    "synonym": names.ALT_LABEL,
    "source": PREFIXES["dcterms"] + "source",
    "note": BASE + "curatorNote",
}
# Of these a finding needs one property that is below each; shapes/findings.ttl says so in SPARQL.
_ONE_OF = (BASE + "hasSubject", BASE + "hasEffect")


class Slots:
    """The properties of a kind, by the name of their option, such as `lost-agent`: `properties`, in alphabetical order.

    `kind` is the IRI of a class of CTRES that any of its names gives, or owl:Class itself for “class”.
    Raises UnknownTermError, with suggestions, or AmbiguousTermError.
    """

    def __init__(self, store: Store, kind: str) -> None:
        self.store, self.kind = store, CLASS if kind.strip().lower() == "class" else class_named(store, kind)
        self.kinds = {self.kind, *store.objects(self.kind, SUBCLASS)}
        own = {option_name(iri): iri for iri in self._offered()}
        common = {**COMMON, "superclass": SUBCLASS} if self.kind == CLASS else COMMON
        needed = {option_name(path): path for path, _ in self._required(own=True)}
        self.properties = dict(sorted({**needed, **common, **own}.items()))

    @property
    def label(self) -> str:
        """What the kind is called."""
        return "class" if self.kind == CLASS else names.label(self.store, self.kind)

    @property
    def is_finding(self) -> bool:
        return FINDING in self.kinds

    def property(self, name: str) -> str:
        """The IRI of a property: one of this kind by its option, or any by a name or local name. Raises UnknownTermError, AmbiguousTermError."""
        if name in self.properties:
            return self.properties[name]
        near: list[str] = []
        for sort in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty"):
            local = [iri for iri in self.store.subjects(names.TYPE, iri=_OWL + sort) if re.split("[/#]", iri)[-1] == name]
            try:
                return names.resolve(self.store, local[0] if len(local) == 1 else name, _OWL + sort)
            except UnknownTermError as error:
                near += error.suggestions
        raise UnknownTermError(name, tuple(near[:4]), "property")

    def missing(self, given: Collection[str], *, own: bool) -> list[Problem]:
        """What must be said and has none of the properties (IRIs) `given`; `own` asks for what CTRES asks of its own terms, too."""
        found = [Problem((self._option(path),), message) for path, message in self._required(own=own) if path not in given]
        if self.kind == CLASS and SUBCLASS not in given:
            found.append(Problem(("superclass",), "A class belongs under another. Name the nearest."))
        if self.is_finding:
            for group in _ONE_OF:
                below = [option for option, iri in self.properties.items() if self.store.graph_of(iri, _SUBPROPERTY, group)]
                if not any(self.properties[option] in given for option in below):
                    found.append(Problem(tuple(below), f"A finding “{names.label(self.store, group)}”: one of these is needed."))
        return sorted(found, key=lambda lack: (lack.options != ("label",), len(lack.options) == 1, *(lack.options if len(lack.options) == 1 else ())))

    def examples(self, path: str, most: int = 4) -> list[str]:
        """The values that terms of this kind most often have for a property, by their labels."""
        of_kind = set(self.store.subjects(names.TYPE, iri=self.kind))
        values = Counter(t.object.value for t in self.store.triples(path, ASSERTED) if t.subject.value in of_kind)  # type: ignore[union-attr]
        return [names.label(self.store, value) if "://" in value else value for value, _ in values.most_common(most)]

    def _offered(self) -> set[str]:
        """The properties that are for this kind; not those that follow from findings, nor those that only group others."""
        found = {iri for kind in self.kinds for iri in self.store.subjects(_RDFS + "domain", iri=kind)}
        found |= {below for iri in found for below in self.store.subjects(_SUBPROPERTY, iri=iri)}
        derived = {iri for iri in found if any(self.store.objects(iri, _OWL + "propertyChainAxiom"))}
        groups = {iri for iri in found if any(self.store.subjects(_SUBPROPERTY, iri=iri)) and not any(self.store.triples(iri, ASSERTED))}
        return found - derived - groups

    def _required(self, *, own: bool) -> Iterator[tuple[str, str]]:
        """The property and the message of each shape that wants at least one value of this kind."""
        for file in sorted(os.listdir(resources.find("shapes"))):
            if file == "editorial.ttl" and not own:
                continue
            about: dict[str, dict[str, list[str]]] = {}
            for triple in turtle.triples(resources.find("shapes", file)):
                said = about.setdefault(str(triple.subject), {}).setdefault(triple.predicate.value.removeprefix(_SH), [])
                said.append(triple.object.value if hasattr(triple.object, "value") else "")
            for shape, of in about.items():
                groups = [group for group in about.values() if shape[1:-1] in group.get("property", ())]
                targets = {target for group in (of, *groups) for target in group.get("targetClass", ())}
                path = next(iter(of.get("path", ())), "")
                needed = of.get("minCount", ["0"]) != ["0"] and of.get("severity") == [_SH + "Violation"]
                if needed and targets & self.kinds and "://" in path:
                    yield path, of["message"][0].replace(BASE, "ctres:")

    def _option(self, path: str) -> str:
        return next(option for option, iri in self.properties.items() if iri == path)


def option_name(iri: str) -> str:
    """The local name of a property as an option: `lostAgent` is `lost-agent`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", re.split("[/#]", iri)[-1]).lower()


def class_named(store: Store, name: str) -> str:
    """The IRI of a class by any of its names. Raises UnknownTermError, with suggestions, or AmbiguousTermError."""
    try:
        return names.resolve(store, name, CLASS)
    except UnknownTermError as error:
        raise UnknownTermError(name, error.suggestions, "class") from None
