"""The relations between entities as edges, each with the findings it rests on."""

from __future__ import annotations

from typing import NamedTuple

from .. import names, resources
from ..term import Finding, Term
from ..terms import ASSERTED, BASE, PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..knowledge import KnowledgeBase
    from ..store import Store

    Fact = tuple[str, str, str]
    Findings = dict[Fact, dict[str, None]]

_SUBPROPERTY = PREFIXES["rdfs"] + "subPropertyOf"
_SYMMETRIC = PREFIXES["owl"] + "SymmetricProperty"


class Edge(NamedTuple):
    """A relation between two entities. `findings` is empty where it is no claim but structure, such as what a resistance is against."""

    subject: Term
    relation: Term
    object: Term
    inferred: bool
    findings: tuple[Finding, ...]

    @property
    def sign(self) -> int:
        """1 if the relation promotes, -1 if it suppresses, 0 for any other."""
        wider = _wider(self.relation._kb.store, self.relation.iri)
        return (BASE + "promotes" in wider) - (BASE + "suppresses" in wider)


def edges(kb: KnowledgeBase) -> list[Edge]:
    """All edges, sorted; one that says no more than a narrower one, by the same findings, is left out, and so are inverses."""
    held: dict[Fact, bool] = {}  # and whether it is asserted
    for row in kb.store.query(resources.text("sparql", "views", "edges.rq"), trusted=True):
        fact = row["subject"].value, row["relation"].value, row["object"].value
        held[fact] = held.get(fact, False) or row["graph"].value == ASSERTED
    findings = _findings(kb.store, held)
    narrower = {relation: set(kb.store.subjects(_SUBPROPERTY, iri=relation)) - {relation} for relation in {fact[1] for fact in held}}
    found = []
    for fact, asserted in sorted(held.items()):
        subject, relation, value = fact
        rests_on = findings.get(fact, {})
        beside = [(subject, one, value) for one in narrower[relation] if (subject, one, value) in held]
        said = {finding for other in beside for finding in findings.get(other, ())}
        if (rests_on and rests_on.keys() <= said) or (not rests_on and beside):
            continue
        ends = Term(kb, subject), Term(kb, relation), Term(kb, value)
        found.append(Edge(*ends, not asserted, tuple(Finding(kb, finding) for finding in sorted(rests_on))))
    return found


def _findings(store: Store, held: dict[Fact, bool]) -> Findings:
    """The findings that each relation rests on, by the property chains of the ontology."""
    from_claims: dict[tuple[str, str], set[str]] = {}
    from_relations: list[tuple[str, str, str]] = []
    for row in store.query(resources.text("sparql", "views", "chains.rq"), trusted=True):
        relation, second = row["relation"].value, row["second"].value
        if row["slot"] is not None:
            from_claims.setdefault((row["slot"].value, second), set()).add(relation)
        else:
            from_relations.append((relation, row["first"].value, second))
    hierarchy = _Hierarchy(store)
    found: Findings = {}
    for row in store.query(resources.text("sparql", "views", "claims.rq"), trusted=True):
        finding, slot, subject, value = (row[name].value for name in ("finding", "slot", "subject", "object"))
        for effect in hierarchy.wider(row["effect"].value):
            for relation in from_claims.get((slot, effect), ()):
                for fact in hierarchy.implied((subject, relation, value)):
                    if fact in held:
                        found.setdefault(fact, {})[finding] = None
    onward: dict[str, list[tuple[str, str]]] = {}
    for subject, relation, value in held:
        onward.setdefault(subject, []).append((relation, value))
    for relation, first, second in from_relations:
        for (subject, link, middle), findings in [item for item in found.items() if item[0][1] == first]:
            for then, value in onward.get(middle, ()):
                if link == first and then == second and (subject, relation, value) in held:
                    found.setdefault((subject, relation, value), {}).update(findings)
    return found


class _Hierarchy:
    """Which properties imply which."""

    def __init__(self, store: Store) -> None:
        self._symmetric = set(store.subjects(names.TYPE, iri=_SYMMETRIC))
        self._wider: dict[str, set[str]] = {}
        for narrow, wide in store.links(_SUBPROPERTY):
            self._wider.setdefault(narrow, {narrow}).add(wide)

    def wider(self, relation: str) -> set[str]:
        return self._wider.get(relation, {relation})

    def implied(self, fact: Fact) -> Iterator[Fact]:
        """A relation, those wider than it, and for a symmetric one its reverse."""
        subject, relation, value = fact
        for wider in self.wider(relation):
            yield subject, wider, value
            if wider in self._symmetric:
                yield value, wider, subject


def _wider(store: Store, relation: str) -> set[str]:
    return {relation, *store.objects(relation, _SUBPROPERTY)}
