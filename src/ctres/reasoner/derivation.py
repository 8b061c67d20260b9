"""Why a statement holds, found backwards from the statement: the shortest derivation, and all others.

The rules are those of rules.rls, read from their conclusions to their premises, on a graph that already holds all that
follows: so a premise about named things is looked up before it is pursued. Nemo, which made the graph, keeps one derivation
of each statement, and not the shortest; tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import pairwise, product
from typing import Protocol

from .schema import THING, Schema, inverse
from .trace import Step
from .triples import SUBCLASS, SUBPROPERTY, TYPE, Triple

# What exists without a name: (whose it is, the expression “p some C” by which it exists).
Unnamed = tuple[object, str]
Node = str | Unnamed
# A subject, a property or “in”, and an object or a class.
Fact = tuple[Node, str, Node]
Instance = tuple[str, tuple[Fact, ...], tuple[Triple, ...]]

_IN = "in"
_DEEPEST = 2  # unnamed things of unnamed things
_BUDGETS = (4, 8, 12, 16, 24, 40, 64)  # numbers of facts in a derivation, tried one after the other


class Facts(Protocol):
    """The statements about named things, asserted and inferred, that derivations are looked for in."""

    def holds(self, s: str, p: str, o: str) -> bool: ...
    def asserted(self, s: str, p: str, o: str) -> bool: ...
    def objects(self, s: str, p: str) -> list[str]: ...
    def subjects(self, p: str, o: str) -> list[str]: ...
    def has_value(self, s: str, p: str, datatype: str) -> bool: ...


class Derivations:
    """Derivations of the statements of a reasoned graph. `usable` may rule out facts, by their subject, as premises."""

    def __init__(self, schema: Schema, facts: Facts, usable: Callable[[str], bool] | None = None) -> None:
        self.schema, self._facts, self._usable = schema, facts, usable
        self._found: dict[Fact, tuple[int, Instance | None]] = {}  # the fewest facts, and the last step; None for what was asserted
        self._told: dict[Node, tuple[str, ...]] = {}
        self._failed: dict[Fact, int] = {}  # no derivation has so few facts or fewer

    def shortest(self, s: str, p: str, o: str) -> Step | None:
        """The derivation with the fewest facts; None if the statement neither was asserted nor follows."""
        if p == SUBPROPERTY:
            return self._property(s, o)
        fact = self._fact(s, p, o)
        return self._step(fact) if self._cost(fact) is not None else None

    def all(self, s: str, p: str, o: str, most: int) -> list[Step]:
        """The derivations that rest on different facts, none on more facts than another needs, the shortest first; at most so many."""
        least = None if p == SUBPROPERTY else self._cost(self._fact(s, p, o))
        if least is None:
            only = self.shortest(s, p, o)
            return [] if only is None else [only]
        found: list[tuple[int, frozenset[Triple], Step]] = []
        for cost, step in sorted(self._ways(self._fact(s, p, o), least + max(least, 8), frozenset(), 4 * most), key=lambda way: way[0]):
            leaves = frozenset(step.leaves())
            if not any(other <= leaves for _, other, _ in found):
                found.append((cost, leaves, step))
        return [step for _, _, step in found[:most]]

    # -- search

    def _fact(self, s: str, p: str, o: str) -> Fact:
        return (s, _IN, o) if p in (TYPE, SUBCLASS) else (s, p, o)

    def _cost(self, fact: Fact) -> int | None:
        """The number of facts in the shortest derivation of one, which is noted in `_found`."""
        return next((cost for budget in _BUDGETS if (cost := self._solve(fact, budget)) is not None), None)

    def _solve(self, fact: Fact, budget: int) -> int | None:
        if fact in self._found:
            cost = self._found[fact][0]
            return cost if cost <= budget else None
        if budget <= self._failed.get(fact, 0) or self._holds(fact) is False:
            return None
        if self._asserted(fact):
            self._found[fact] = 1, None
            return 1
        best, bound = None, budget
        for instance in self._instances(fact):
            total = 1 + len(instance[1])  # each premise is one fact at least
            for premise in instance[1]:
                cost = self._solve(premise, bound - total + 1) if total <= bound else None
                if cost is None:
                    break
                total += cost - 1
            else:
                if total <= bound:
                    best, bound = (total, instance), total - 1
        if best is None:
            self._failed[fact] = budget
            return None
        self._found[fact] = best
        return best[0]

    def _holds(self, fact: Fact) -> bool | None:
        """Whether a fact holds; None where only a search can say."""
        s, p, o = fact
        if not isinstance(s, str):
            return None
        if self._usable is not None and not self._usable(s):
            return False
        if not isinstance(o, str) or not o.startswith("http") or not s.startswith("http"):
            return None
        if p == _IN:
            return s == o or self._facts.holds(s, SUBCLASS if s in self.schema.classes else TYPE, o)
        return None if s in self.schema.classes else self._facts.holds(s, p, o)

    def _asserted(self, fact: Fact) -> bool:
        s, p, o = fact
        if not isinstance(s, str) or not isinstance(o, str) or not o.startswith("http"):
            return False
        if p == _IN:
            return s != o and self._facts.asserted(s, SUBCLASS if s in self.schema.classes else TYPE, o)
        return s not in self.schema.classes and self._facts.asserted(s, p, o)

    # -- rules, from conclusion to premises

    def _instances(self, fact: Fact) -> Iterator[Instance]:
        s, p, o = fact
        if p != _IN:
            yield from self._edge(s, p, o)
        elif isinstance(o, str):
            yield from self._member(s, o)

    def _member(self, x: Node, e: str) -> Iterator[Instance]:
        schema = self.schema
        if x == e:
            yield "scm-cls", (), ()
        if not isinstance(x, str) and schema.some[x[1]][1] == e:
            yield "some", ((_owner(x), _IN, x[1]),), ()
        for narrow, rule, axiom in schema.below(e):
            yield rule, ((x, _IN, narrow),), (axiom,)
        if e in schema.intersections:
            yield "cls-int1", tuple((x, _IN, member) for member in schema.intersections[e]), ()
        for member in schema.unions.get(e, ()):
            yield "cls-uni", ((x, _IN, member),), ()
        if x in schema.enumerations.get(e, ()):
            yield "cls-oo", (), ()
        if e in schema.some:
            link, filler = schema.some[e]
            for y in self._ends(x, link):
                yield "cls-svf1", ((x, link, y), *([] if filler == THING else [(y, _IN, filler)])), ()
            if isinstance(x, str) and self._facts.has_value(x, link, filler):
                yield "cls-svf1", (), ()
        if e in schema.value:
            link, value = schema.value[e]
            yield "cls-hv2", ((x, link, value),), ()
        if e in schema.complements:
            for other, axiom in schema.disjoint(schema.complements[e]):
                yield "cls-com", ((x, _IN, other),), (axiom,)
        for whole in schema.wholes(e):
            yield "cls-int2", ((x, _IN, whole),), ()
        for link, axiom in schema.domains.get(e, ()):
            for y in self._ends(x, link):
                yield "prp-rng" if link.startswith("inverse:") else "prp-dom", ((x, link, y),), (axiom,)
        for only, (link, filler) in schema.only.items():
            if filler == e:
                for y in self._ends(x, inverse(link)):
                    yield "cls-avf", ((y, _IN, only), (y, link, x)), ()
        yield from self._cases(x, e)

    def _cases(self, x: Node, e: str) -> Iterator[Instance]:
        """What every member of a union or enumeration is, the whole is."""
        for whole in self._granted(x):
            members = self.schema.unions.get(whole) or self.schema.enumerations.get(whole) or ()
            if members and whole != e and all(self._holds((member, _IN, e)) is not False for member in members):
                yield "scm-uni", ((x, _IN, whole), *((member, _IN, e) for member in members)), ()

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
                    yield "cls-hv1", ((x, _IN, e),), path
        if not (isinstance(x, str) and isinstance(y, str)) or self._is_class(x):
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
            yield "some", ((x, _IN, e),), path

    def _routes(self, x: str, links: Collection[str], y: str) -> Iterator[tuple[str, ...]]:
        """The ways from one individual to another by one property after the other."""
        first, *rest = links
        if not rest:
            if self._holds(_upright(x, first, y)):
                yield x, y
            return
        for middle in self._ends(x, first):
            if isinstance(middle, str):
                yield from ((x, *way) for way in self._routes(middle, rest, y))

    def _ends(self, x: Node, p: str) -> Iterator[Node]:
        """What a node may be related to by a property, asserted values first."""
        if isinstance(x, str) and not self._is_class(x):
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
            elif e in self.schema.value and self._is_class(x) and self.schema.path(self.schema.value[e][0], p) is not None:
                yield self.schema.value[e][1]

    def _is_class(self, x: Node) -> bool:
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
                ranges = [name for name, links in self.schema.domains.items() if any(self.schema.path(inverse(link), p) is not None for p, _ in links)]
                own, named = [filler], ranges
            own += [part for e in own for part in self.schema.intersections.get(e, ())]
            named += [name for e in own if e.startswith("http") for name in (e, *self._facts.objects(e, SUBCLASS))]
            parts = (e for name in named for e in self.schema.expressions(name))
            self._told[x] = tuple(dict.fromkeys([*(e for e in own if not e.startswith("http")), *parts]))
        return self._told[x]

    # -- derivations as trees

    def _step(self, fact: Fact) -> Step:
        """The shortest derivation of a fact about named things that `_cost` has found."""
        instance = self._found[fact][1]
        if instance is None:
            return Step(self._triple(fact), "asserted")
        return self._joined(fact, instance, self._parts(instance, fact))

    def _joined(self, fact: Fact, instance: Instance, parts: tuple[dict[Triple, Step], dict[Triple, None]]) -> Step:
        premises, axioms = tuple(parts[0].values()), tuple(parts[1])
        rule = instance[0]
        # A walk up the class tree is one step.
        if len(premises) == 1 and rule == premises[0].rule == "cax-sco":
            return Step(self._triple(fact), rule, premises[0].premises, (*premises[0].axioms, *axioms))
        return Step(self._triple(fact), rule, premises, axioms)

    def _parts(self, instance: Instance, above: Fact) -> tuple[dict[Triple, Step], dict[Triple, None]]:
        """The nearest statements about named things below a step, and the axioms that join them."""
        premises: dict[Triple, Step] = {}
        axioms: dict[Triple, None] = {}
        for premise in instance[1]:
            if self._is_statement(premise):
                step = self._step(premise)
                premises.setdefault(step.fact, step)
            else:
                last = self._found[premise][1]
                assert last is not None
                below, beside = self._parts(last, above)
                premises |= {triple: step for triple, step in below.items() if triple not in premises}
                axioms |= beside
        return premises, axioms | dict.fromkeys(instance[2])

    def _is_statement(self, fact: Fact) -> bool:
        s, p, o = fact
        return isinstance(s, str) and isinstance(o, str) and s.startswith("http") and o.startswith("http") and s != o and p.startswith(("http", _IN))

    def _triple(self, fact: Fact) -> Triple:
        s, p, o = fact
        assert isinstance(s, str)
        assert isinstance(o, str)
        return s, (SUBCLASS if s in self.schema.classes else TYPE) if p == _IN else p, o

    def _property(self, narrow: str, wide: str) -> Step | None:
        path = self.schema.path(narrow, wide)
        if not path:
            return None
        fact = narrow, SUBPROPERTY, wide
        return Step(fact, "asserted") if path == (fact,) else Step(fact, "scm-spo", (), path)

    def _ways(self, fact: Fact, budget: int, above: frozenset[Fact], most: int) -> list[tuple[int, Step]]:
        """Derivations of a statement with so many facts at most, each with their number."""
        if self._asserted(fact):
            return [(1, Step(self._triple(fact), "asserted"))]
        found: list[tuple[int, Step]] = []
        for total, parts, instance in self._choices(fact, budget, above, most):
            found.append((total, self._joined(fact, instance, parts)))
            if len(found) >= most:
                break
        return found

    def _choices(
        self, fact: Fact, budget: int, above: frozenset[Fact], most: int
    ) -> Iterator[tuple[int, tuple[dict[Triple, Step], dict[Triple, None]], Instance]]:
        """The last steps by which a fact follows, with the statements and axioms below each, and the number of facts."""
        inside = above | {fact}
        for instance in self._instances(fact):
            costs = [None if premise in inside else self._solve(premise, budget - len(instance[1])) for premise in instance[1]]
            least = [cost for cost in costs if cost is not None]
            if len(least) < len(costs) or 1 + sum(least) > budget:
                continue
            spare = budget - 1 - sum(least)
            options = [self._options(premise, cost + spare, inside, most) for premise, cost in zip(instance[1], least, strict=True)]
            for choice in product(*options):
                total = 1 + sum(cost for cost, _, _ in choice)
                if total <= budget:
                    premises = {triple: step for _, below, _ in choice for triple, step in below.items()}
                    axioms = {axiom: None for _, _, beside in choice for axiom in beside} | dict.fromkeys(instance[2])
                    yield total, (premises, axioms), instance

    def _options(self, premise: Fact, budget: int, above: frozenset[Fact], most: int) -> list[tuple[int, dict[Triple, Step], dict[Triple, None]]]:
        if self._is_statement(premise):
            return [(cost, {step.fact: step}, {}) for cost, step in self._ways(premise, budget, above, most)]
        found = []
        for total, (below, beside), _ in self._choices(premise, budget, above, most):
            found.append((total, below, beside))
            if len(found) >= most:
                break
        return found


def _upright(x: Node, p: str, y: Node) -> Fact:
    return (y, inverse(p), x) if p.startswith("inverse:") else (x, p, y)


def _owner(x: Node) -> Node:
    return x[0]  # type: ignore[return-value]


def _depth(x: Node) -> int:
    return 0 if isinstance(x, str) else 1 + _depth(_owner(x))
