"""Why a statement holds, found backwards from the statement: the shortest derivation, and all others.

Nemo, which made the graph, keeps one derivation of each statement, and not the shortest; tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from itertools import product

from .backward import IN, Backward, Fact, Facts, Instance
from .schema import Schema
from .trace import Step, Tracer
from .triples import SUBCLASS, SUBPROPERTY, TYPE, Triple, read

_STEP = 8  # what a step in a derivation costs, and
_WALKS = {"cax-sco": 1, "prp-spo1": 1}  # one up the hierarchy of classes or properties, several of which are shown as one
_BUDGETS = tuple(_STEP * facts for facts in (4, 8, 12, 16, 24, 40, 64))  # tried one after the other


class Derivations:
    """Derivations of the statements of a reasoned graph, whose axioms are given as N-Triples."""

    def __init__(self, axioms: str, facts: Facts) -> None:
        self.schema = Schema(read(axioms).schema)
        self._describe = Tracer(self.schema.axioms).describe
        self._facts = facts
        self._start(Backward(self.schema, facts))

    def _start(self, rules: Backward) -> None:
        self._rules = rules
        self._found: dict[Fact, tuple[int, Instance | None]] = {}  # the least cost, and the last step; None for what was asserted
        self._failed: dict[Fact, int] = {}  # no derivation costs so little or less

    def only(self, usable: Callable[[str], bool]) -> Derivations:
        """The same, but with derivations from facts whose subjects are `usable` only."""
        fewer = copy(self)
        fewer._start(Backward(self.schema, self._facts, usable))
        return fewer

    def follows(self, x: str, expression: str) -> bool:
        """Whether an individual or class is in a class or expression."""
        return self._cost((x, IN, expression)) is not None

    def describe(self, expression: str) -> str:
        """A class expression in the manner of the Manchester syntax, its IRIs in angle brackets where there are other words."""
        return self._describe(expression)

    def shortest(self, s: str, p: str, o: str) -> Step | None:
        """The derivation with the fewest facts; None if the statement neither was asserted nor follows."""
        if p == SUBPROPERTY:
            return self._property(s, o)
        fact = self._fact(s, p, o)
        if p == SUBCLASS and self._facts.asserted(s, p, o):
            return Step((s, p, o), "asserted")
        return self._step(fact) if self._cost(fact) is not None else None

    def all(self, s: str, p: str, o: str, most: int) -> list[Step]:
        """The derivations that rest on different facts, none on more facts than another needs, the shortest first; at most so many."""
        told = p == SUBPROPERTY or (p == SUBCLASS and self._facts.asserted(s, p, o))
        least = None if told else self._cost(self._fact(s, p, o))
        if least is None:
            only = self.shortest(s, p, o)
            return [] if only is None else [only]
        found: list[tuple[int, frozenset[Triple], Step]] = []
        for cost, step in sorted(self._ways(self._fact(s, p, o), 2 * least + _STEP, frozenset(), 4 * most), key=lambda way: way[0]):
            leaves = frozenset(step.leaves())
            if not any(other <= leaves for _, other, _ in found):
                found.append((cost, leaves, step))
        return [step for _, _, step in found[:most]]

    # -- search

    def _fact(self, s: str, p: str, o: str) -> Fact:
        return (s, IN, o) if p in (TYPE, SUBCLASS) else (s, p, o)

    def _cost(self, fact: Fact) -> int | None:
        """The cost of the shortest derivation of a fact, which is noted in `_found`."""
        return next((cost for budget in _BUDGETS if (cost := self._solve(fact, budget)) is not None), None)

    def _solve(self, fact: Fact, budget: int) -> int | None:
        if fact in self._found:
            cost = self._found[fact][0]
            return cost if cost <= budget else None
        if budget <= self._failed.get(fact, 0) or self._rules.holds(fact) is False:
            return None
        if self._rules.asserted(fact):
            self._found[fact] = _STEP, None
            return _STEP
        best: tuple[int, Instance] | None = None
        bound = budget
        for instance in self._rules.instances(fact):
            total = _WALKS.get(instance[0], _STEP) + len(instance[1])  # each premise costs 1 at least
            for premise in instance[1]:
                least = self._solve(premise, bound - total + 1) if total <= bound else None
                if least is None:
                    break
                total += least - 1
            else:
                if total <= bound:
                    best, bound = (total, instance), total - 1
        if best is None:
            self._failed[fact] = budget
            return None
        self._found[fact] = best
        return best[0]

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
        # A walk up a hierarchy is one step.
        if len(premises) == 1 and rule == premises[0].rule and rule in _WALKS:
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
        return premises, axioms | self._axioms(instance)

    def _axioms(self, instance: Instance) -> dict[Triple, None]:
        return {(self._describe(s), p, self._describe(o)): None for s, p, o in instance[2]}

    def _is_statement(self, fact: Fact) -> bool:
        s, p, o = fact
        return isinstance(s, str) and isinstance(o, str) and s.startswith("http") and o.startswith("http") and s != o and p.startswith(("http", IN))

    def _triple(self, fact: Fact) -> Triple:
        s, p, o = fact
        assert isinstance(s, str)
        assert isinstance(o, str)
        return s, (SUBCLASS if s in self.schema.classes else TYPE) if p == IN else p, o

    def _property(self, narrow: str, wide: str) -> Step | None:
        path = self.schema.path(narrow, wide)
        if not path:
            return None
        fact = narrow, SUBPROPERTY, wide
        axioms = tuple((self._describe(s), p, self._describe(o)) for s, p, o in path)
        return Step(fact, "asserted") if path == (fact,) else Step(fact, "scm-spo", (), axioms)

    def _ways(self, fact: Fact, budget: int, above: frozenset[Fact], most: int) -> list[tuple[int, Step]]:
        """Derivations of a statement that cost so much at most, each with its cost."""
        if self._rules.asserted(fact):
            return [(_STEP, Step(self._triple(fact), "asserted"))]
        found: list[tuple[int, Step]] = []
        for total, parts, instance in self._choices(fact, budget, above, most):
            found.append((total, self._joined(fact, instance, parts)))
            if len(found) >= most:
                break
        return found

    def _choices(
        self, fact: Fact, budget: int, above: frozenset[Fact], most: int
    ) -> Iterator[tuple[int, tuple[dict[Triple, Step], dict[Triple, None]], Instance]]:
        """The last steps by which a fact follows, with the statements and axioms below each, and the cost."""
        inside = above | {fact}
        for instance in self._rules.instances(fact):
            costs = [None if premise in inside else self._solve(premise, budget - len(instance[1])) for premise in instance[1]]
            least = [cost for cost in costs if cost is not None]
            own = _WALKS.get(instance[0], _STEP)
            spare = budget - own - sum(least)
            if len(least) < len(costs) or spare < 0:
                continue
            options = [self._options(premise, cost + spare, inside, most) for premise, cost in zip(instance[1], least, strict=True)]
            for choice in product(*options):
                total = own + sum(cost for cost, _, _ in choice)
                if total <= budget:
                    premises = {triple: step for _, below, _ in choice for triple, step in below.items()}
                    axioms = {axiom: None for _, _, beside in choice for axiom in beside} | self._axioms(instance)
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
