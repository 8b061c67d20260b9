"""Terms as people hold them: light views on a knowledge base that look things up when asked."""

from __future__ import annotations

from typing import NamedTuple

from . import names
from .terms import ASSERTED, BASE, LOOKUP, PREFIXES, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .knowledge import KnowledgeBase

_DEFINITION = PREFIXES["skos"] + "definition"
_SUBCLASS = PREFIXES["rdfs"] + "subClassOf"
_DOI = PREFIXES["bibo"] + "doi"
_OWL = PREFIXES["owl"]
_MATCHES = ("exactMatch", "closeMatch", "narrowMatch", "broadMatch", "relatedMatch")


class Mapping(NamedTuple):
    """A term of another system: how it matches (`exactMatch`, `broadMatch` ...), its identifier, label and IRI."""

    match: str
    id: str
    label: str
    iri: str

    def __str__(self) -> str:
        return f"{self.id} {self.label}".rstrip() + ("" if self.match == "exactMatch" else f" ({self.match})")


class Kinds(tuple["Term", ...]):
    """The classes of a term; `asserted` are those that a curator wrote, `inferred` those that follow."""

    asserted: tuple[Term, ...]
    inferred: tuple[Term, ...]

    @classmethod
    def of(cls, asserted: list[Term], inferred: list[Term]) -> Kinds:
        kinds = cls(asserted + inferred)
        kinds.asserted, kinds.inferred = tuple(asserted), tuple(inferred)
        return kinds


class Term:
    """A class, property or individual of CTRES; equal to any other view of the same IRI."""

    __slots__ = ("_kb", "iri")

    def __init__(self, kb: KnowledgeBase, iri: str) -> None:
        self._kb, self.iri = kb, iri

    @property
    def curie(self) -> str:
        """The IRI under its prefix, such as `ctres:doxorubicin`."""
        return shorten(self.iri)

    @property
    def label(self) -> str:
        """The preferred name, or the CURIE of a term that has none."""
        return names.label(self._kb.store, self.iri)

    @property
    def definition(self) -> str | None:
        """The definition, a sentence, or None."""
        return next(self._kb.store.objects(self.iri, _DEFINITION), None)

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Other names and abbreviations, sorted."""
        return tuple(sorted(self._kb.store.objects(self.iri, names.ALT_LABEL)))

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """The terms of other systems that it is mapped to, exact matches first."""
        store = self._kb.store
        found = []
        for kind in _MATCHES:
            for other in store.objects(self.iri, PREFIXES["skos"] + kind, LOOKUP):
                curie = next(store.objects(other, names.CURIE, LOOKUP), other)
                found.append(Mapping(kind, curie, next(store.objects(other, names.LABEL, LOOKUP), ""), other))
        return tuple(sorted(found, key=lambda mapping: (_MATCHES.index(mapping.match), mapping.id)))

    @property
    def doi(self) -> str | None:
        """The DOI of a publication, or None."""
        return next(self._kb.store.objects(self.iri, _DOI), None)

    @property
    def kinds(self) -> Kinds:
        """The classes that an individual belongs to, or the superclasses of a class, asserted and inferred told apart."""
        asserted: list[Term] = []
        inferred: list[Term] = []
        store = self._kb.store
        of = {v for p in (names.TYPE, _SUBCLASS) for v in store.objects(self.iri, p) if "://" in v}
        for iri in sorted(iri for iri in of if not iri.startswith(_OWL) and iri != self.iri):
            graphs = {store.graph_of(self.iri, predicate, iri) for predicate in (names.TYPE, _SUBCLASS)}
            (asserted if ASSERTED in graphs else inferred).append(Term(self._kb, iri))
        return Kinds.of(asserted, inferred)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that mention the term in any slot, in the order of their identifiers."""
        rows = self._kb.store.subjects(BASE + "concerns", iri=self.iri)
        return tuple(Finding(self._kb, iri) for iri in sorted(set(rows)))

    def related(self, name: str) -> tuple[Term, ...]:
        """The terms that the CTRES property `name`, such as "promotes", leads to, sorted by label."""
        found = {value for value in self._kb.store.objects(self.iri, BASE + name) if "://" in value}
        return tuple(sorted((Term(self._kb, iri) for iri in found), key=str))

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"<{self.curie} “{self.label}”>"

    def _repr_html_(self) -> str:
        from .html import term

        return term(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Term) and self.iri == other.iri

    def __lt__(self, other: Term) -> bool:
        return (self.label, self.iri) < (other.label, other.iri)

    def __hash__(self) -> int:
        return hash(self.iri)


class Finding(Term):
    """A finding: one claim by one source, with the place where it is made."""

    __slots__ = ()

    @property
    def source(self) -> Term | None:
        """The publication that makes the claim."""
        return next(iter(self.related("source")), None)

    @property
    def section(self) -> str | None:
        """The title of the section that makes the claim."""
        return next(self._kb.store.objects(self.iri, BASE + "section"), None)

    @property
    def sentences(self) -> tuple[int, ...]:
        """The numbers of the sentences within the section, from 1."""
        return tuple(sorted(int(value) for value in self._kb.store.objects(self.iri, BASE + "sentence")))

    @property
    def certainty(self) -> Term | None:
        """How strongly the source makes the claim."""
        return next(iter(self.related("certainty")), None)

    @property
    def cites(self) -> tuple[Term, ...]:
        """The primary publications that the source cites for the claim."""
        return self.related("cites")

    @property
    def citation(self) -> str:
        """Where the claim is made and on what it rests, as one line of text."""
        numbers = ", ".join(map(str, self.sentences))
        where = f"{self.source}, “{self.section}”, sentence {numbers} ({self.certainty})"
        cited = "; ".join(str(p) + (f", doi:{p.doi}" if p.doi else "") for p in self.cites)
        return where + (f"; cites {cited}" if cited else "")
