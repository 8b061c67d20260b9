"""The rules of rules.rls read backwards: from a statement to the premises by which it may follow.

On a graph that already holds all that follows, a premise about named things is looked up before it is pursued.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise
from typing import Protocol

from .schema import THING, Schema, inverse
from .triples import SUBCLASS, TYPE, Triple

# What exists without a name: (whose it is, the expression “p some C” by which it exists).
Unnamed = tuple[object, str]
Node = str | Unnamed
# A subject, a property or “in”, and an object or a class.
Fact = tuple[Node, str, Node]
Instance = tuple[str, tuple[Fact, ...], tuple[Triple, ...]]

IN = "in"
_DEEPEST = 2  # unnamed things of unnamed things


class Facts(Protocol):
    """The statements about named things, asserted and inferred, that derivations are looked for in."""

    def holds(self, s: str, p: str, o: str) -> bool: ...
    def asserted(self, s: str, p: str, o: str) -> bool: ...
    def objects(self, s: str, p: str) -> list[str]: ...
    def subjects(self, p: str, o: str) -> list[str]: ...
    def datatypes(self, s: str, p: str) -> set[str]: ...


class Backward:
    """The ways in which facts may follow by one rule. `usable` may rule out facts, by their subject, as premises."""

    def __init__(self, schema: Schema, facts: Facts, usable: Callable[[str], bool] | None = None) -> None:
        self.schema, self._facts, self._usable = schema, facts, usable
        self._told: dict[Node, tuple[str, ...]] = {}

    def holds(self, fact: Fact) -> bool | None:
        """Whether a fact holds; None where only a search can say."""
        s, p, o = fact
        if not isinstance(s, str):
            return None
        if self._usable is not None and not self._usable(s):
            return False
        if not isinstance(o, str) or not o.startswith("http") or not s.startswith("http"):
            return None
        if p == IN:
            return s == o or self._facts.holds(s, SUBCLASS if s in self.schema.classes else TYPE, o)
        return None if s in self.schema.classes else self._facts.holds(s, p, o)

    def asserted(self, fact: Fact) -> bool:
        """Whether a fact about an individual was asserted; what was asserted of classes are axioms."""
        s, p, o = fact
        if not isinstance(s, str) or not isinstance(o, str) or self.is_class(s) or not o.startswith("http"):
            return False
        return self._facts.asserted(s, TYPE if p == IN else p, o)

    def instances(self, fact: Fact) -> Iterator[Instance]:
        """The rules that have a fact as their conclusion, each with the premises and axioms it needs."""
        s, p, o = fact
        if p != IN:
            yield from self._edge(s, p, o)
        elif isinstance(o, str):
            yield from self._member(s, o)

    def _member(self, x: Node, e: str) -> Iterator[Instance]:
        schema = self.schema
        if x == e:
            yield "scm-cls", (), ()
        if not isinstance(x, str) and schema.some[x[1]][1] == e:
            yield "some", ((_owner(x), IN, x[1]),), ()
        for narrow, rule, axiom in schema.below(e):
            yield rule, ((x, IN, narrow),), (axiom,)
        if e in schema.intersections:
            yield "cls-int1", tuple((x, IN, member) for member in schema.intersections[e]), ()
        for member in schema.unions.get(e, ()):
            yield "cls-uni", ((x, IN, member),), ()
        if x in schema.enumerations.get(e, ()):
            yield "cls-oo", (), ()
        if e in schema.some:
            link, filler = schema.some[e]
            for y in self._ends(x, link):
                yield "cls-svf1", ((x, link, y), *([] if filler == THING else [(y, IN, filler)])), ()
            if isinstance(x, str) and not self.is_class(x) and filler in self._facts.datatypes(x, link):
                yield "cls-svf1", (), ()
        if e in schema.value:
            link, value = schema.value[e]
            yield "cls-hv2", ((x, link, value),), ()
        if e in schema.complements:
            for other, axiom in schema.disjoint(schema.complements[e]):
                yield "cls-com", ((x, IN, other),), (axiom,)
        for whole in schema.wholes(e):
            yield "cls-int2", ((x, IN, whole),), ()
        for link, axiom in schema.domains.get(e, ()):
            for y in self._ends(x, link):
                yield "prp-rng" if link.startswith("inverse:") else "prp-dom", ((x, link, y),), (axiom,)
        for only, (link, filler) in schema.only.items():
            if filler == e:
                for y in self._ends(x, inverse(link)):
                    yield "cls-avf", ((y, IN, only), (y, link, x)), ()
        yield from self._cases(x, e)

    def _cases(self, x: Node, e: str) -> Iterator[Instance]:
        """What every member of a union or enumeration is, the whole is."""
        for whole in self._granted(x):
            members = self.schema.unions.get(whole) or self.schema.enumerations.get(whole) or ()
            if members and whole != e and all(self.holds((member, IN, e)) is not False for member in members):
                yield "scm-uni", ((x, IN, whole), *((member, IN, e) for member in members)), ()

    def _edge(self, x: Node, p: str, y: Node) -> Iterator[Instance]:
        if p.startswith("inverse:"):
            yield "prp-inv", ((y, inverse(p), x),), ()
            return
        schema = self.schema
        if not isinstance(y, str) and _owner(y) == x:
            yield from self._some(x, p, y[1])
        if not isinstance(x, str) and _owner(x) == y:
            link = schema.some[x[1]][0]
            path = schema.path(inverse(link), p)
            if path is not None:
                yield "prp-inv", ((y, link, x),), path
        if isinstance(y, str):
            for e in self._granted(x):
                if e in schema.value and schema.value[e][1] == y and (path := schema.path(schema.value[e][0], p)) is not None:
                    yield "cls-hv1", ((x, IN, e),), path
        if not (isinstance(x, str) and isinstance(y, str)) or self.is_class(x):
            return
        for narrow, rule, axiom in schema.narrower(p):
            yield rule, (_upright(x, narrow, y),), (axiom,)
        for links, axiom in schema.chains.get(p, ()):
            for through in self._routes(x, links, y):
                yield "prp-spo2", tuple(_upright(a, link, b) for (a, b), link in zip(pairwise(through), links, strict=True)), (axiom,)
        if p in schema.transitive:
            for middle in self._ends(x, p):
                if middle not in (x, y):
                    yield "prp-trp", ((x, p, middle), (middle, p, y)), (schema.transitive[p],)

    def _some(self, x: Node, p: str, e: str) -> Iterator[Instance]:
        path = self.schema.path(self.schema.some[e][0], p)
        if path is not None:
            yield "some", ((x, IN, e),), path

    def _routes(self, x: str, links: Collection[str], y: str) -> Iterator[tuple[str, ...]]:
        """The ways from one individual to another by one property after the other."""
        first, *rest = links
        if not rest:
            if self.holds(_upright(x, first, y)):
                yield x, y
            return
        for middle in self._ends(x, first):
            if isinstance(middle, str):
                yield from ((x, *way) for way in self._routes(middle, rest, y))

    def _ends(self, x: Node, p: str) -> Iterator[Node]:
        """What a node may be related to by a property, asserted values first."""
        if isinstance(x, str) and not self.is_class(x):
            if p.startswith("inverse:"):
                yield from self._facts.subjects(inverse(p), x)
            else:
                found = self._facts.objects(x, p)
                yield from sorted(found, key=lambda y: not self._facts.asserted(x, p, y))
        if not isinstance(x, str) and self.schema.path(inverse(self.schema.some[x[1]][0]), p) is not None:
            yield _owner(x)
        for e in self._granted(x):
            if e in self.schema.some and _depth(x) < _DEEPEST and self.schema.path(self.schema.some[e][0], p) is not None:
                yield x, e
            elif e in self.schema.value and self.is_class(x) and self.schema.path(self.schema.value[e][0], p) is not None:
                yield self.schema.value[e][1]

    def is_class(self, x: Node) -> bool:
        """Whether a node stands for any member of a class or expression, rather than for an individual."""
        return isinstance(x, str) and (x in self.schema.classes or not x.startswith("http"))

    def _granted(self, x: Node) -> tuple[str, ...]:
        """The expressions that a node is in by axioms on its classes, or because it stands for one."""
        if x not in self._told:
            if isinstance(x, str):
                own = [] if x.startswith("http") else [x]
                named = [x, *self._facts.objects(x, SUBCLASS)] if x in self.schema.classes else self._facts.objects(x, TYPE) if not own else []
            else:
                link, filler = self.schema.some[x[1]]
                ranges = [
                    name for name, links in self.schema.domains.items() if any(self.schema.path(inverse(link), p) is not None for p, _ in links)
                ]
                own, named = [filler], ranges
            own += [part for e in own for part in self.schema.intersections.get(e, ())]
            named += [name for e in own if e.startswith("http") for name in (e, *self._facts.objects(e, SUBCLASS))]
            parts = (e for name in named for e in self.schema.expressions(name))
            self._told[x] = tuple(dict.fromkeys([*(e for e in own if not e.startswith("http")), *parts]))
        return self._told[x]


def _upright(x: Node, p: str, y: Node) -> Fact:
    return (y, inverse(p), x) if p.startswith("inverse:") else (x, p, y)


def _owner(x: Node) -> Node:
    return x[0]  # type: ignore[return-value]


def _depth(x: Node) -> int:
    return 0 if isinstance(x, str) else 1 + _depth(_owner(x))
