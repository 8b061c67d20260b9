"""The relations between entities as edges, each with the findings it rests on."""

from __future__ import annotations

from typing import NamedTuple

from .. import resources
from ..term import Finding, Term
from ..terms import ASSERTED, BASE, PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..knowledge import KnowledgeBase

_SUBPROPERTY = PREFIXES["rdfs"] + "subPropertyOf"


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
        store = self.relation._kb.store
        wider = {self.relation.iri, *store.objects(self.relation.iri, _SUBPROPERTY)}
        return (BASE + "promotes" in wider) - (BASE + "suppresses" in wider)


def edges(kb: KnowledgeBase) -> list[Edge]:
    """All edges, sorted; one that says no more than a narrower one, by the same findings, is left out, and so are inverses."""
    held: dict[tuple[str, str, str], bool] = {}
    findings: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in kb.store.query(resources.text("sparql", "views", "edges.rq"), trusted=True):
        fact = row["subject"].value, row["relation"].value, row["object"].value
        if row["graph"] is not None:
            held[fact] = held.get(fact, False) or row["graph"].value == ASSERTED
        if row["finding"] is not None:
            findings.setdefault(fact, {})[row["finding"].value] = None
    narrower = {relation: set(kb.store.subjects(_SUBPROPERTY, iri=relation)) - {relation} for relation in {fact[1] for fact in held}}
    found = []
    for fact, asserted in sorted(held.items()):
        subject, relation, value = fact
        rests_on = findings.get(fact, {})
        said = {finding for one in narrower[relation] if (subject, one, value) in held for finding in findings.get((subject, one, value), ())}
        if (rests_on and rests_on.keys() <= said) or (not rests_on and any((subject, one, value) in held for one in narrower[relation])):
            continue
        ends = Term(kb, subject), Term(kb, relation), Term(kb, value)
        found.append(Edge(*ends, not asserted, tuple(Finding(kb, finding) for finding in rests_on)))
    return found
