"""Why a statement does not hold: the premise that is missing, and what comes nearest to it."""

from __future__ import annotations

from . import names, words
from .explanation import Explanation, is_finding, of_step, said
from .terms import BASE, LOOKUP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .knowledge import KnowledgeBase

    Triple = tuple[str, str, str]

_NEAREST = 3  # things named that come near
_DEEPEST = 4  # definitions within definitions


def why_not(kb: KnowledgeBase, triple: Triple) -> Explanation:
    """The explanation, with the fewest missing premises, of why a statement of two terms does not hold."""
    subject, relation, value = triple
    return _Search(kb, subject).member(value, _DEEPEST)[1] if relation in (names.TYPE, words.SUBCLASS) else _edge(kb, triple)


def others(kb: KnowledgeBase, triple: Triple) -> str:
    """What does hold between the two ends of a statement that does not, as a sentence; nothing if nothing does."""
    held = []
    for subject, value in ((triple[0], triple[2]), (triple[2], triple[0])):
        links = sorted(link for link in set(kb.store.between(subject, value)) if link.startswith(BASE))
        held += [words.statement(kb.store, (subject, link, value)) for link in links]
    return f" It does hold that {'; '.join(held)}." if held else ""


def _edge(kb: KnowledgeBase, triple: Triple) -> Explanation:
    """A missing relation: by which rules it would follow, the findings that name both ends, and the same relation to or from their neighbours."""
    subject, relation, value = triple
    rules = sorted(
        words.axiom(kb.store, (relation, axiom[1], kb.derivations.describe(axiom[2]))) for _, axiom in kb.derivations.schema.chains.get(relation, ())
    )
    both = sorted(set(kb.store.subjects(BASE + "concerns", iri=subject)) & set(kb.store.subjects(BASE + "concerns", iri=value)))
    near = [said(kb, finding) for finding in both[:_NEAREST] if finding not in (subject, value)]
    beside = [(subject, relation, other) for other in _neighbours(kb, value)] + [(other, relation, value) for other in _neighbours(kb, subject)]
    near += [_held(kb, fact) for fact in [fact for fact in beside if kb.store.graph_of(*fact) is not None][:_NEAREST]]
    return Explanation(words.statement(kb.store, triple), "; ".join(rules), tuple(near), missing=True)


def _neighbours(kb: KnowledgeBase, iri: str) -> list[str]:
    """The members of the group that a term stands for, the groups it is a member of, the cells in a state, and the states of cells."""
    return sorted(set(kb.store.objects(iri, BASE + "lookup/reaches", LOOKUP)) - {iri})


def _held(kb: KnowledgeBase, fact: Triple) -> Explanation:
    step = kb.derivations.shortest(*fact)
    return Explanation(words.statement(kb.store, fact)) if step is None else of_step(kb, step)


class _Search:
    """Looks for the way of putting one term into a class that lacks the fewest premises."""

    def __init__(self, kb: KnowledgeBase, subject: str) -> None:
        self._kb, self._subject, self._label = kb, subject, names.label(kb.store, subject)
        self._schema = kb.derivations.schema
        self._is = "is always" if subject in self._schema.classes else "is"

    def member(self, e: str, depth: int) -> tuple[int, Explanation]:
        """How many premises are missing for membership in a class or expression, and the explanation that says which."""
        if self._kb.derivations.follows(self._subject, e):
            return 0, self._present(e)
        told = self._told(e)
        if e in self._schema.intersections:
            parts = [self.member(part, depth) for part in self._schema.intersections[e]]
            return sum(count for count, _ in parts), Explanation(told, "", tuple(part for _, part in parts), missing=True)
        if e in self._schema.some:
            return 1, Explanation(told, "", self._near(*self._schema.some[e]), missing=True)
        if e in self._schema.value:
            link, value = self._schema.value[e]
            return 1, Explanation(told, "", _edge(self._kb, (self._subject, link, value)).because, missing=True)
        narrower: list[tuple[str, str]] = [(part, "") for part in self._schema.unions.get(e, ())]
        narrower += [(part, self._axiom(axiom)) for part, _, axiom in self._schema.below(e)]
        # Of many kinds none is nearer than another.
        ways = [self._way(told, *way, depth - 1) for way in narrower if depth and not (way[0].startswith("http") and len(narrower) > _NEAREST)]
        if ways:
            return min(ways, key=lambda way: (way[0], -len(way[1].because), way[1].basis))
        return 1, Explanation(told, "no axiom leads there but an assertion", missing=True)

    def _way(self, told: str, part: str, basis: str, depth: int) -> tuple[int, Explanation]:
        """Membership by way of a narrower class or expression."""
        count, way = self.member(part, depth)
        return count, Explanation(told, basis, way.because if part in self._schema.intersections else (way,), missing=True)

    def _axiom(self, axiom: Triple) -> str:
        subject, relation, value = axiom
        return words.axiom(self._kb.store, (self._describe(subject), relation, self._describe(value)))

    def _describe(self, e: str) -> str:
        return self._kb.derivations.describe(e)

    def _told(self, e: str) -> str:
        """Membership in an expression as a sentence about the term."""
        text = words.expression(self._kb.store, self._describe(e))
        if e.startswith("http"):
            return f"{self._label} {self._is} {words.article(text)} {text}"
        return f"{self._label} {'' if e in self._schema.some or e in self._schema.value else self._is + ' '}{text}"

    def _present(self, e: str) -> Explanation:
        link = words.SUBCLASS if self._subject in self._schema.classes else names.TYPE
        if e.startswith("http") and (step := self._kb.derivations.shortest(self._subject, link, e)) is not None:
            return of_step(self._kb, step)
        return Explanation(self._told(e), "holds")

    def _near(self, link: str, filler: str) -> tuple[Explanation, ...]:
        """What the term is related to instead by a property, where that is not a `filler`."""
        if link.startswith("inverse:"):
            return ()
        found = sorted(value for value in self._kb.store.objects(self._subject, link) if "://" in value and not is_finding(self._kb, value))
        kind = words.expression(self._kb.store, self._describe(filler))
        near = [_held(self._kb, (self._subject, link, value)) for value in found[:_NEAREST]]
        for one in near:
            one.basis = f"but that is not “{kind}”; {one.basis}"
        more = [Explanation(f"and {len(found) - _NEAREST} more, none of them “{kind}”")] if len(found) > _NEAREST else []
        return (*near, *more)
