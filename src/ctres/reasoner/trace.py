"""Derivations made readable: what Nemo says about how it found a fact, as a tree of statements and axioms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .triples import OWL, RDF, RDFS, SUBCLASS, SUBPROPERTY, TYPE, UNNAMED, Triple

_ASSERTED = "asserted"
_IRIS = re.compile(r"<([^>]*)>")
_ATOM = re.compile(r"(\w+)\((.*?)\)(?: :- |$)")

# What an author writes as an axiom of its own; the other logical triples are parts of one.
_AXIOMS = {
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    RDFS + "domain",
    RDFS + "range",
    OWL + "equivalentClass",
    OWL + "disjointWith",
    OWL + "disjointUnionOf",
    OWL + "members",
    OWL + "equivalentProperty",
    OWL + "inverseOf",
    OWL + "propertyChainAxiom",
    OWL + "propertyDisjointWith",
}
_TYPES = {OWL + name for name in ("SymmetricProperty", "TransitiveProperty")}


# Facts that say which nodes there are, not why something holds of them.
_BOOKKEEPING = {"Individual", "Model", "Kind", "Unnamed", "Granted"}


@dataclass(frozen=True)
class Step:
    """Why one statement holds: `fact` follows by `rule` from `premises` and `axioms`.

    `rule` is the rule's name in the W3C's OWL 2 RL rule set, “some” for what follows from a value that must exist,
    or “asserted” for a leaf. `axioms` are (subject, predicate, object); what has no IRI is written out in the manner of
    the Manchester syntax with its IRIs in angle brackets: “<.../Cell> and (<.../inState> some <.../Quiescence>)”.
    """

    fact: Triple
    rule: str
    premises: tuple[Step, ...] = ()
    axioms: tuple[Triple, ...] = ()

    @property
    def asserted(self) -> bool:
        return self.rule == _ASSERTED

    def leaves(self) -> Iterator[Triple]:
        """The asserted facts it rests on, in the order of the tree, each once."""
        seen: set[Triple] = set()
        pending = [self]
        while pending:
            step = pending.pop()
            if step.asserted and step.fact not in seen:
                seen.add(step.fact)
                yield step.fact
            pending.extend(reversed(step.premises))


class Tracer:
    """Turns the derivations of one materialisation into steps."""

    def __init__(self, schema: dict[str, list[tuple[str, str]]]) -> None:
        self._schema = schema

    def step(self, derivation: dict[str, Any]) -> Step:
        """The step for a derivation by Nemo, with facts about lists, expressions and unnamed values folded in."""
        fact = self._statement(derivation)
        assert fact is not None, "only statements about named things are traced"
        if "fact" in derivation or derivation["name"] == _ASSERTED:
            return Step(fact, _ASSERTED)
        premises, axioms = self._parts(derivation, fact)
        rule: str = derivation["name"]
        # A walk up the class tree is one step.
        if len(premises) == 1 and rule == premises[0].rule == "cax-sco":
            return Step(fact, rule, premises[0].premises, (*premises[0].axioms, *axioms))
        return Step(fact, rule, premises, axioms)

    def _parts(self, derivation: dict[str, Any], fact: Triple) -> tuple[tuple[Step, ...], tuple[Triple, ...]]:
        """The nearest statements about named things below a derivation, and the axioms that join them."""
        premises: dict[Triple, Step] = {}
        axioms: dict[Triple, None] = {}
        for part in derivation.get("subtraces", ()):
            predicate, terms = _atom(part)
            if predicate in _BOOKKEEPING:
                continue
            if predicate == "Axiom":
                s, p, o = terms
                if (p in _AXIOMS or (p == TYPE and o in _TYPES)) and not s.startswith("inverse:"):
                    axioms[self.describe(s), p, self.describe(o)] = None
                continue
            statement = self._statement(part)
            if statement is not None and statement != fact:
                premises.setdefault(statement, self.step(part))
                continue
            below, beside = self._parts(part, fact)
            premises.update((step.fact, step) for step in below if step.fact not in premises)
            axioms.update(dict.fromkeys(beside))
        return tuple(premises.values()), tuple(axioms)

    def _statement(self, part: dict[str, Any]) -> Triple | None:
        """The triple that a fact of the rules stands for, if it is about named things."""
        predicate, terms = _atom(part)
        if predicate in ("Edge", "Asserted"):
            s, p, o = terms
        elif predicate == "Is":
            s, o = terms
            p = SUBCLASS if self.is_class(s) else TYPE
            if s == o:
                return None
        elif predicate == "Wider":
            s, o = terms
            p = SUBPROPERTY
        else:
            return None
        return None if any(term.startswith(UNNAMED) for term in (s, p, o)) else (s, p, o)

    def is_class(self, iri: str) -> bool:
        return (TYPE, OWL + "Class") in self._schema.get(iri, ())

    def describe(self, term: str, nested: bool = False) -> str:
        """A term as it is shown: its IRI, or its expression with the IRIs in angle brackets."""
        if not term.startswith(UNNAMED):
            return f"<{term}>" if nested else term
        if term.startswith("literal:"):
            return unquote(term[8:])
        if term.startswith("inverse:"):
            return f"inverse {self.describe(term[8:], True)}"
        about = dict(self._schema.get(term, ()))
        text = self._expression(about)
        return f"({text})" if nested and " " in text and not text.startswith("{") else text

    def _expression(self, about: dict[str, str]) -> str:
        for word, joint in (("intersectionOf", " and "), ("unionOf", " or ")):
            if OWL + word in about:
                return joint.join(self._list(about[OWL + word]))
        if OWL + "oneOf" in about:
            return "{" + ", ".join(self._list(about[OWL + "oneOf"])) + "}"
        if OWL + "complementOf" in about:
            return "not " + self.describe(about[OWL + "complementOf"], True)
        for word, joint in (("someValuesFrom", "some"), ("allValuesFrom", "only"), ("hasValue", "value")):
            if OWL + word in about:
                return f"{self.describe(about[OWL + 'onProperty'], True)} {joint} {self.describe(about[OWL + word], True)}"
        if RDF + "first" in about:
            return " o ".join(self._items(about))
        if OWL + "members" in about:
            return ", ".join(self._list(about[OWL + "members"]))
        return "something"

    def _list(self, cell: str) -> list[str]:
        return self._items(dict(self._schema.get(cell, ())))

    def _items(self, about: dict[str, str]) -> list[str]:
        items = []
        while RDF + "first" in about:
            items.append(self.describe(about[RDF + "first"], True))
            about = dict(self._schema.get(about.get(RDF + "rest", ""), ()))
        return items


def _atom(part: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The predicate and the terms of a fact or of a rule's head, as it was applied."""
    match = _ATOM.match(part.get("fact") or part["rule"])
    assert match is not None, "Nemo writes a fact as “P(a, b)” and a rule as “P(?x, ?y) :- ...”"
    values = part.get("assignment", {})
    terms = (values.get(term, term) for term in match[2].split(", "))
    return match[1], tuple(term[1:-1] for term in terms)
