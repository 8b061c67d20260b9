"""Why a statement holds: a tree in words that ends in findings with their citations."""

from __future__ import annotations

from . import names, resources, words
from .errors import CtresError
from .rows import show
from .term import Finding, Term
from .terms import ASSERTED, BASE, INFERRED, PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .knowledge import KnowledgeBase
    from .reasoner import Derivations, Step
    from .rows import Row
    from .store import Store

    Triple = tuple[str, str, str]

_PLACE = ("certainty", "review", "section", "sentence", "cites", "finding")  # the columns that say what a finding's citation says


class ExplanationError(CtresError):
    """A statement that does not hold; `missing` is the explanation of what it lacks."""

    def __init__(self, message: str, missing: Explanation | None = None) -> None:
        self.missing = missing
        super().__init__(message)


class Explanation:
    """One node of an explanation.

    `statement` says in words what holds, or, where `missing` is true, what does not; `finding` is the finding that says so, if
    it is a leaf of that sort; `basis` is the definition or rule used, or where an asserted fact comes from; `because` are the
    explanations it rests on.
    """

    def __init__(
        self,
        statement: str,
        basis: str = "",
        because: tuple[Explanation, ...] = (),
        finding: Finding | None = None,
        missing: bool = False,
    ) -> None:
        self.statement, self.basis, self.because, self.finding, self.missing = statement, basis, because, finding, missing

    @property
    def findings(self) -> list[Finding]:
        """The findings it rests on, each once, in the order of the tree."""
        own = [] if self.finding is None else [self.finding]
        return list(dict.fromkeys(own + [finding for part in self.because for finding in part.findings]))

    def _lines(self) -> Iterator[str]:
        yield ("not known: " if self.missing else "") + self.statement + (f"   [{self.basis}]" if self.basis else "")
        for part in self.because:
            last = part is self.because[-1]
            for number, line in enumerate(part._lines()):
                yield (("└─ " if last else "├─ ") if number == 0 else ("   " if last else "│  ")) + line

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"<Explanation of “{self.statement}” from {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        from .html import explanation

        return explanation(self)


class _Graph:
    """A reasoned store, as derivations look at it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def holds(self, s: str, p: str, o: str) -> bool:
        return self._store.graph_of(s, p, o) is not None

    def asserted(self, s: str, p: str, o: str) -> bool:
        return self._store.graph_of(s, p, o) == ASSERTED

    def objects(self, s: str, p: str) -> list[str]:
        return sorted(value for value in self._store.objects(s, p) if "://" in value)

    def subjects(self, p: str, o: str) -> list[str]:
        return sorted(set(self._store.subjects(p, iri=o)))

    def datatypes(self, s: str, p: str) -> set[str]:
        return self._store.datatypes(s, p)


def derivations(store: Store) -> Derivations:
    """What finds the derivations of a reasoned store's statements."""
    from . import reasoner

    owl = "<" + PREFIXES["owl"]
    found = store.with_predicates((names.TYPE, *reasoner.LOGICAL), ASSERTED)
    logical = (t for t in found if t.predicate.value != names.TYPE or str(t.object).startswith(owl))
    return reasoner.Derivations("".join(f"{t} .\n" for t in logical), _Graph(store))


def explain(kb: KnowledgeBase, subject: str | Term, relation: str | Term, value: str | Term | None) -> Explanation:
    """The shortest explanation of a statement of `kb`; see `KnowledgeBase.explain`."""
    triple = resolved(kb, subject, relation, value)
    _refuse(kb, triple)
    step = kb.derivations.shortest(*triple)
    return Explanation(words.statement(kb.store, triple), _rule(kb, triple)) if step is None else of_step(kb, step)


def explain_all(kb: KnowledgeBase, subject: str | Term, relation: str | Term, value: str | Term | None, most: int) -> list[Explanation]:
    """Up to so many explanations, which rest on different facts, the shortest first; see `KnowledgeBase.explanations`."""
    triple = resolved(kb, subject, relation, value)
    _refuse(kb, triple)
    found = [of_step(kb, step) for step in kb.derivations.all(*triple, most=most)]
    return list({str(one): one for one in found or [explain(kb, subject, relation, value)]}.values())


def _refuse(kb: KnowledgeBase, triple: Triple) -> None:
    if kb.store.graph_of(*triple) is None:
        from .missing import others, why_not

        missing = why_not(kb, triple)
        held = others(kb, triple)
        said = f"CTRES does not hold that {words.statement(kb.store, triple)}, so there is nothing to explain."
        raise ExplanationError(f"{said}{held}\n{missing}", missing)


def resolved(kb: KnowledgeBase, subject: str | Term, relation: str | Term, value: str | Term | None) -> Triple:
    """The triple that is meant. Raises UnknownTermError or AmbiguousTermError."""

    def iri(name: str | Term, within: str | None = None) -> str:
        return name.iri if isinstance(name, Term) else names.resolve(kb.store, name, within)

    a_class = PREFIXES["owl"] + "Class"
    if value is None:
        value, relation = relation, "is a"
    if isinstance(relation, str) and relation.strip() in ("a", "is a", "type"):
        whose = iri(subject)
        is_class = kb.store.graph_of(whose, names.TYPE, a_class) is not None
        return whose, words.SUBCLASS if is_class else names.TYPE, iri(value, a_class)
    return iri(subject), iri(relation, PREFIXES["owl"] + "ObjectProperty"), iri(value)


def of_step(kb: KnowledgeBase, step: Step) -> Explanation:
    """A derivation in words."""
    if step.asserted:
        return Explanation(words.statement(kb.store, step.fact), _origin(kb, step.fact))
    told: dict[str, None] = {}
    because: dict[Triple, Explanation] = {}
    _premises(kb, step, told, because)
    leaves = [said(kb, iri) for iri in told]
    # That the inverse of a property is its inverse is no news.
    axioms = (a for a in step.axioms if a[1] != PREFIXES["owl"] + "inverseOf" or not a[0].startswith("inverse "))
    basis = "; ".join(words.axiom(kb.store, axiom) for axiom in axioms)
    return Explanation(words.statement(kb.store, step.fact), basis, (*leaves, *because.values()))


def _premises(kb: KnowledgeBase, step: Step, told: dict[str, None], because: dict[Triple, Explanation]) -> None:
    """Sort the premises of a step: what a finding says into `told`, by finding, and all else into `because`."""
    for premise in step.premises:
        if is_finding(kb, premise.fact[0]):
            told[premise.fact[0]] = None
            _premises(kb, premise, told, because)
        elif premise.fact not in because:
            because[premise.fact] = of_step(kb, premise)


def said(kb: KnowledgeBase, iri: str) -> Explanation:
    """The leaf that a finding is."""
    finding = Finding(kb, iri)
    return Explanation(f"finding “{finding.label}”", finding.citation, finding=finding)


def is_finding(kb: KnowledgeBase, iri: str) -> bool:
    """Whether an IRI is that of a finding."""
    return kb.store.graph_of(iri, names.TYPE, BASE + "Finding") is not None


def _origin(kb: KnowledgeBase, fact: Triple) -> str:
    """Where an asserted fact comes from: its finding, or the source that its annotation names."""
    if is_finding(kb, fact[0]):
        return f"finding “{names.label(kb.store, fact[0])}”: {Finding(kb, fact[0]).citation}"
    sources = kb.annotations(fact)
    return "; ".join(f"background knowledge: {s}" if background else f"stated: {s}" for s, background in sources) or "asserted by the curators"


def _rule(kb: KnowledgeBase, fact: Triple) -> str:
    """What a statement rests on that follows by none of the OWL rules: a rule of sparql/rules/inferred, or nothing but its source."""
    if kb.store.graph_of(*fact) == INFERRED:
        for text in resources.texts("sparql", "rules", "inferred"):
            if fact[1].replace(BASE, "ctres:") in text:
                return "rule: " + text.partition("#+ summary: ")[2].partition("\n")[0]
    return _origin(kb, fact)


def explain_row(row: Row) -> Explanation:
    """Why a row of an answer is there: its findings, and what was inferred from them, and no others, about its terms."""
    terms = list(dict.fromkeys([*_terms(row), *row._asked]))
    if not terms:
        return Explanation(str(row), "a row without terms")
    kb = terms[0]._kb
    findings = {term.iri for term in terms if is_finding(kb, term.iri)}
    own = kb.derivations.only(lambda iri: iri in findings or not is_finding(kb, iri)) if findings else kb.derivations
    because = [said(kb, iri) for iri in sorted(findings)]
    seen = set()
    for subject, relation, value in _links(kb, [term.iri for term in terms if term.iri not in findings]):
        if kb.store.graph_of(subject, relation, value) != INFERRED and relation != names.TYPE:
            continue
        step = own.shortest(subject, relation, value)
        told = None if step is None else of_step(kb, step)
        # What the same findings say from the other end is no news.
        if told is not None and (value, subject, tuple(told.findings)) not in seen:
            because.append(told)
            seen.add((subject, value, tuple(told.findings)))
    shown = zip(row._fields, row, strict=True)
    return Explanation(
        "; ".join(f"{name}: {show(value)}" for name, value in shown if value not in (None, ()) and name not in _PLACE) or str(row),
        "a row of an answer",
        tuple(because),
    )


def _terms(row: Row) -> Iterator[Term]:
    for value in row:
        yield from (member for member in (value if isinstance(value, tuple) else (value,)) if isinstance(member, Term))


def _links(kb: KnowledgeBase, iris: list[str]) -> Iterator[Triple]:
    """The narrowest statements between terms, and those by which one, or what it is a resistance to, is in a group that another stands for."""
    classes = {iri: c for iri in iris for c in kb.store.objects(iri, names.STANDS_FOR)}
    held = _Graph(kb.store)
    for subject in iris:
        for iri in [subject, *(o for o in held.objects(subject, BASE + "resistanceTo") if o not in iris)]:
            yield from ((iri, names.TYPE, c) for group, c in classes.items() if group != iri and held.holds(iri, names.TYPE, c))
        for value in iris:
            if subject != value:
                links = {p for p in kb.store.between(subject, value) if p.startswith(BASE) or p in (names.TYPE, words.SUBCLASS)}
                yield from ((subject, p, value) for p in sorted(links) if not any(held.holds(q, words.SUBPROPERTY, p) for q in links - {p}))
