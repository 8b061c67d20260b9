"""Why a statement holds: a tree in words that ends in findings with their citations."""

from __future__ import annotations

from . import names
from .errors import CtresError
from .term import Finding, Term
from .terms import BASE, PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .knowledge import KnowledgeBase
    from .reasoner import Step

    Triple = tuple[str, str, str]

_SUBCLASS = PREFIXES["rdfs"] + "subClassOf"
_SUBPROPERTY = PREFIXES["rdfs"] + "subPropertyOf"
_WORDS = {
    _SUBCLASS: "is always",
    _SUBPROPERTY: "implies",
    PREFIXES["owl"] + "equivalentClass": "is defined as",
    PREFIXES["owl"] + "propertyChainAxiom": "follows from",
}


class ExplanationError(CtresError):
    """A statement that does not hold, or cannot be explained."""


class Explanation:
    """One node of an explanation.

    `statement` says in words what holds; `finding` is the finding that says so, if it is a leaf of that sort; `basis` is
    the definition or rule used, or where an asserted fact comes from; `because` are the explanations it rests on.
    """

    def __init__(self, statement: str, basis: str = "", because: tuple[Explanation, ...] = (), finding: Finding | None = None) -> None:
        self.statement, self.basis, self.because, self.finding = statement, basis, because, finding

    @property
    def findings(self) -> list[Finding]:
        """The findings it rests on, each once, in the order of the tree."""
        own = [] if self.finding is None else [self.finding]
        return list(dict.fromkeys(own + [finding for part in self.because for finding in part.findings]))

    def _lines(self) -> Iterator[str]:
        yield self.statement + (f"   [{self.basis}]" if self.basis else "")
        for part in self.because:
            last = part is self.because[-1]
            for number, line in enumerate(part._lines()):
                yield (("└─ " if last else "├─ ") if number == 0 else ("   " if last else "│  ")) + line

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"<Explanation of “{self.statement}” from {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


def explain(kb: KnowledgeBase, subject: str | Term, relation: str | Term, value: str | Term | None) -> Explanation:
    """The explanation of a statement of `kb`; see `KnowledgeBase.explain`."""
    triple = _statement(kb, subject, relation, value)
    if kb.store.graph_of(*triple) is None:
        raise ExplanationError(f"CTRES does not hold that {in_words(kb, triple)}, so there is nothing to explain." + _others(kb, triple))
    step = kb.materialisation.trace(*triple)
    if step is None:
        return Explanation(in_words(kb, triple), _origin(kb, triple))
    return _explanation(kb, step)


def _statement(kb: KnowledgeBase, subject: str | Term, relation: str | Term, value: str | Term | None) -> Triple:
    def iri(name: str | Term, within: str | None = None) -> str:
        return name.iri if isinstance(name, Term) else names.resolve(kb.store, name, within)

    if value is None:
        return iri(subject), names.TYPE, iri(relation, PREFIXES["owl"] + "Class")
    if isinstance(relation, str) and relation.strip() in ("a", "is a", "type"):
        return iri(subject), names.TYPE, iri(value, PREFIXES["owl"] + "Class")
    return iri(subject), iri(relation, PREFIXES["owl"] + "ObjectProperty"), iri(value)


def _others(kb: KnowledgeBase, triple: Triple) -> str:
    """What does hold between the two ends of a statement that does not."""
    held = []
    for subject, value in ((triple[0], triple[2]), (triple[2], triple[0])):
        links = sorted(link for link in set(kb.store.between(subject, value)) if link.startswith(BASE))
        held += [in_words(kb, (subject, link, value)) for link in links]
    return f" It does hold that {'; '.join(held)}." if held else ""


def _explanation(kb: KnowledgeBase, step: Step) -> Explanation:
    told: dict[str, None] = {}
    because = []
    for premise in step.premises:
        finding = _finding(kb, premise.fact)
        if finding is None:
            because.append(_explanation(kb, premise))
        else:
            told.setdefault(finding)
    leaves = [Explanation(f"finding “{f.label}”", f.citation, finding=f) for f in (Finding(kb, iri) for iri in told)]
    own = _finding(kb, step.fact)
    if step.asserted or (own is not None and not step.premises):
        return Explanation(in_words(kb, step.fact), _origin(kb, step.fact))
    # That the inverse of a property is its inverse is no news.
    axioms = (axiom for axiom in step.axioms if axiom[1] != PREFIXES["owl"] + "inverseOf" or not axiom[0].startswith("inverse "))
    return Explanation(in_words(kb, step.fact), "; ".join(_axiom(kb, axiom) for axiom in axioms), tuple(leaves + because))


def _finding(kb: KnowledgeBase, fact: Triple) -> str | None:
    """The finding that a premise is part of."""
    is_finding = kb.store.graph_of(fact[0], names.TYPE, BASE + "Finding") is not None
    return fact[0] if is_finding else None


def _origin(kb: KnowledgeBase, fact: Triple) -> str:
    """Where an asserted fact comes from: its finding, or the source that its annotation names."""
    finding = _finding(kb, fact)
    if finding is not None:
        return f"finding “{names.label(kb.store, finding)}”: {Finding(kb, finding).citation}"
    sources = kb.annotations(fact)
    return "; ".join(f"background knowledge: {s}" if background else f"stated: {s}" for s, background in sources) or "asserted by the curators"


def in_words(kb: KnowledgeBase, fact: Triple) -> str:
    """A triple as a sentence."""
    subject, relation, value = fact
    name = names.label(kb.store, value)
    if relation == names.TYPE:
        return f"{names.label(kb.store, subject)} is {'an' if name[0] in 'aeioAEIO' else 'a'} {name}"
    return f"{names.label(kb.store, subject)} {_WORDS.get(relation) or names.label(kb.store, relation)} {name}"


def _axiom(kb: KnowledgeBase, axiom: Triple) -> str:
    """An axiom as a sentence; class expressions come with their IRIs in angle brackets."""
    import re

    def labels(text: str) -> str:
        if "<" not in text and "://" in text:
            return names.label(kb.store, text)
        return re.sub(r"<([^>]*)>", lambda match: names.label(kb.store, match[1]), text)

    subject, relation, value = axiom
    return f"{labels(subject)} {_WORDS.get(relation) or names.label(kb.store, relation)} {labels(value)}"
