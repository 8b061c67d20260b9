"""What follows from CTRES and a user's files, by either reasoner, as a report for people."""

from __future__ import annotations

from . import build, names, reasoner, turtle
from .store import Store
from .terms import ASSERTED, BASE, PREFIXES

_RDFS = PREFIXES["rdfs"]


class ReasoningReport:
    """What a reasoner inferred: `counts` by kind of statement, `seconds`, and whether all is `consistent`.

    `clashes` says in sentences which axioms contradict each other, `unsatisfiable` names the classes that can have no members.
    """

    def __init__(self, engine: str, counts: dict[str, int], seconds: float, clashes: list[str], unsatisfiable: list[str], consistent: bool) -> None:
        self.engine, self.counts, self.seconds = engine, counts, seconds
        self.clashes, self.unsatisfiable, self.consistent = clashes, unsatisfiable, consistent

    def __str__(self) -> str:
        lines = [f"{self.engine} took {self.seconds:.2f} s."]
        lines.append("The graph is consistent." if self.consistent else "The graph is INCONSISTENT.")
        lines += [f"  - {clash}" for clash in self.clashes]
        if not self.consistent and not self.clashes:
            lines.append("  - only HermiT sees the contradiction, and it gives no reasons")
        if self.unsatisfiable:
            lines.append("Classes that can have no members: " + ", ".join(self.unsatisfiable))
        if self.counts:
            lines.append("Inferred, beyond what was asserted:")
            lines += [f"  {count:>6,}  {kind}" for kind, count in self.counts.items()]
        return "\n".join(lines)


def reasoning_report(files: list[str], engine: str = "nemo") -> ReasoningReport:
    """Reason over CTRES and RDF files with "nemo" or "hermit".

    Raises ParseError for a file that cannot be read and MissingExtraError if HermiT or Java is not installed.
    """
    store = Store()
    store.add(build.ontology_triples(), ASSERTED)
    for path in files:
        store.add(turtle.triples(path), ASSERTED)
    asserted = store.ntriples(ASSERTED)
    if engine == "nemo":
        result = reasoner.materialise(asserted)
        consistent = not any(clash.individual for clash in result.clashes)
        empty = sorted({clash.subject for clash in result.clashes if not clash.individual})
        triples, seconds, clashes = result.triples, result.seconds, result.clashes
    else:
        confirmed = reasoner.confirm(asserted)
        consistent, empty = confirmed.consistent, sorted(confirmed.unsatisfiable)
        triples, seconds, clashes = tuple(confirmed.triples), confirmed.seconds, confirmed.clashes
    return ReasoningReport(
        {"nemo": "Nemo", "hermit": "HermiT"}[engine],
        _counts(store, triples),
        seconds,
        [build.in_labels(store, str(clash)) for clash in clashes],
        [names.label(store, iri) for iri in empty],
        consistent,
    )


def _counts(store: Store, triples: tuple[tuple[str, str, str], ...]) -> dict[str, int]:
    """How many statements of each kind, types and hierarchy first, then properties by label."""
    first = {
        names.TYPE: "kinds of individuals",
        _RDFS + "subClassOf": "superclasses of classes",
        _RDFS + "subPropertyOf": "super-properties of properties",
    }
    counted: dict[str, int] = dict.fromkeys(first, 0)
    for _, predicate, _ in triples:
        counted[predicate] = counted.get(predicate, 0) + 1
    others = sorted((iri for iri in counted if iri not in first), key=lambda iri: -counted[iri])
    shown = {iri: f"“{names.label(store, iri)}”" + ("" if iri.startswith(BASE) else f" <{iri}>") for iri in others}
    return {first.get(iri) or shown[iri]: counted[iri] for iri in [*first, *others]}
