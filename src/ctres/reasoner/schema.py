"""The axioms of an ontology, indexed by what they allow to conclude."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from .triples import OWL, RDF, RDFS, SUBCLASS, SUBPROPERTY, TYPE, Triple

THING = OWL + "Thing"
_INVERSE = "inverse:"

# One step by one axiom, and the name of the OWL 2 RL rule that takes it.
Rule = tuple[str, str, Triple]


def inverse(name: str) -> str:
    """The inverse of a property, under the name that the reasoner's tables give it."""
    return name.removeprefix(_INVERSE) if name.startswith(_INVERSE) else _INVERSE + name


class Schema:
    """The class and property axioms of a graph.

    Class expressions are known by their nodes. A property is an IRI, or `inverse:` and an IRI. `axioms` are as `Logical.schema`
    has them: subject, and pairs of predicate and object.
    """

    def __init__(self, axioms: dict[str, list[tuple[str, str]]]) -> None:
        self.axioms = axioms
        self.classes = {s for s, pairs in axioms.items() if (TYPE, OWL + "Class") in pairs}
        self.intersections = dict(self._lists("intersectionOf"))
        self.unions = dict(self._lists("unionOf"))
        self.unions |= {s: members for s, members in self._lists("disjointUnionOf") if s not in self.unions}
        self.enumerations = dict(self._lists("oneOf"))
        self.some = dict(self._restrictions("someValuesFrom"))
        self.only = dict(self._restrictions("allValuesFrom"))
        self.value = dict(self._restrictions("hasValue"))
        for node, (link, filler) in self.some.items():
            if len(self.enumerations.get(filler, ())) == 1:
                self.value[node] = link, self.enumerations[filler][0]
        self.complements = {s: o for s, p, o in self._all() if p == OWL + "complementOf"}
        self._below: dict[str, list[Rule]] = {}  # of a class: what is told to be a part of it
        self._above: dict[str, list[str]] = {}
        self._wholes: dict[str, list[str]] = {}  # of a class: the intersections it is a part of
        self.domains: dict[str, list[tuple[str, Triple]]] = {}  # of a class: what all have that it is the domain of
        self.chains: dict[str, list[tuple[list[str], Triple]]] = {}
        self._narrower: dict[str, list[Rule]] = {}  # of a property
        self.transitive = {s: (s, TYPE, o) for s, p, o in self._all() if o == OWL + "TransitiveProperty"}
        self._disjoint: dict[str, list[tuple[str, Triple]]] = {}
        self._paths: dict[tuple[str, str], tuple[Triple, ...] | None] = {}
        for s, p, o in self._all():
            self._note(s, p, o)
        for whole, members in self.intersections.items():
            for member in members:
                self._wholes.setdefault(member, []).append(whole)

    def _all(self) -> Iterator[Triple]:
        return ((s, p, o) for s, pairs in self.axioms.items() for p, o in pairs)

    def _note(self, s: str, p: str, o: str) -> None:
        axiom = s, p, o
        if p == SUBCLASS:
            self._tell(s, o, "cax-sco", axiom)
        elif p == OWL + "equivalentClass":
            self._tell(s, o, "cax-eqc", axiom)
            self._tell(o, s, "cax-eqc", axiom)
        elif p == OWL + "disjointUnionOf":
            for member in self.unions[s]:
                self._tell(member, s, "cax-sco", axiom)
        elif p in (SUBPROPERTY, OWL + "equivalentProperty"):
            name = "prp-spo1" if p == SUBPROPERTY else "prp-eqp1"
            self._order(s, o, name, axiom)
            if p != SUBPROPERTY:
                self._order(o, s, name, axiom)
        elif p == OWL + "inverseOf" and not s.startswith(_INVERSE):
            self._order(s, inverse(o), "prp-inv", axiom)
            self._order(inverse(o), s, "prp-inv", axiom)
        elif (p, o) == (TYPE, OWL + "SymmetricProperty"):
            self._order(inverse(s), s, "prp-symp", axiom)
        elif p == RDFS + "domain":
            self.domains.setdefault(o, []).append((s, axiom))
        elif p == RDFS + "range":
            self.domains.setdefault(o, []).append((inverse(s), axiom))
        elif p == OWL + "propertyChainAxiom":
            self.chains.setdefault(s, []).append((self.items(o), axiom))
        elif p == OWL + "disjointWith":
            self._exclude([s, o], axiom)
        elif p == OWL + "members":
            self._exclude(self.items(o), axiom)
        if p == OWL + "disjointUnionOf":
            self._exclude(self.unions[s], axiom)

    def _tell(self, narrow: str, wide: str, rule: str, axiom: Triple) -> None:
        self._below.setdefault(wide, []).append((narrow, rule, axiom))
        self._above.setdefault(narrow, []).append(wide)

    def _order(self, narrow: str, wide: str, rule: str, axiom: Triple) -> None:
        for a, b in ((narrow, wide), (inverse(narrow), inverse(wide))):
            if (a, rule, axiom) not in self._narrower.setdefault(b, []):
                self._narrower[b].append((a, rule, axiom))

    def _exclude(self, members: list[str], axiom: Triple) -> None:
        for a in members:
            self._disjoint.setdefault(a, []).extend((b, axiom) for b in members if a != b)

    def _lists(self, word: str) -> Iterator[tuple[str, list[str]]]:
        return ((s, self.items(o)) for s, p, o in self._all() if p == OWL + word)

    def _restrictions(self, word: str) -> Iterator[tuple[str, tuple[str, str]]]:
        on = {s: o for s, p, o in self._all() if p == OWL + "onProperty"}
        return ((s, (on[s], o)) for s, p, o in self._all() if p == OWL + word and s in on)

    def items(self, cell: str) -> list[str]:
        """The members of a list."""
        found = []
        about = dict(self.axioms.get(cell, ()))
        while RDF + "first" in about:
            found.append(about[RDF + "first"])
            about = dict(self.axioms.get(about.get(RDF + "rest", ""), ()))
        return found

    def below(self, expression: str) -> list[Rule]:
        """The classes and expressions that an axiom puts into a class or expression."""
        return self._below.get(expression, [])

    def wholes(self, expression: str) -> list[str]:
        """The intersections that a class or expression is a part of."""
        return self._wholes.get(expression, [])

    def disjoint(self, expression: str) -> list[tuple[str, Triple]]:
        """The classes that have no member in common with one."""
        return self._disjoint.get(expression, [])

    def narrower(self, name: str) -> list[Rule]:
        """The properties that imply one by a single axiom, inverses included."""
        return self._narrower.get(name, [])

    def expressions(self, name: str) -> Iterator[str]:
        """The expressions that every member of a named class is told to be in, parts of intersections included."""
        pending, seen = list(self._above.get(name, ())), set()
        while pending:
            node = pending.pop()
            if node not in seen and not node.startswith("http"):
                seen.add(node)
                yield node
                pending.extend(self.intersections.get(node, ()))

    def path(self, narrow: str, wide: str) -> tuple[Triple, ...] | None:
        """The fewest axioms by which one property implies another; none if they are the same, None if it does not."""
        key = narrow, wide
        if key not in self._paths:
            self._paths[key] = self._search(narrow, wide)
        return self._paths[key]

    def _search(self, narrow: str, wide: str) -> tuple[Triple, ...] | None:
        pending: deque[tuple[str, tuple[Triple, ...]]] = deque([(wide, ())])
        seen = {wide}
        while pending:
            name, axioms = pending.popleft()
            if name == narrow:
                return axioms
            for lower, _, axiom in self.narrower(name):
                if lower not in seen:
                    seen.add(lower)
                    pending.append((lower, (axiom, *axioms)))
        return None
