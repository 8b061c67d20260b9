"""Reasoning: what follows from a graph, why, and whether the reference reasoner agrees.

`materialise` is what users run: the OWL rules of rules.rls in the rule engine Nemo, in a fraction of a second. `Derivations`
says why a statement of a reasoned graph holds, without Nemo. `confirm` asks HermiT, a complete OWL 2 DL reasoner that needs
Java and takes seconds to minutes, and `compare` says where the two differ.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .backward import Facts
from .derivation import Derivations
from .hermit import HermitResult
from .nemo import Clash, Materialisation
from .trace import Step
from .triples import LOGICAL, SUBCLASS, Triple

__all__ = ["LOGICAL", "Clash", "Derivations", "Difference", "Facts", "HermitResult", "Materialisation", "Step", "compare", "confirm", "materialise"]


def materialise(ntriples: bytes | str, rules: str | None = None, only: Collection[str] | None = None) -> Materialisation:
    """What follows from the graph in an N-Triples text, by the OWL 2 RL rules and those on values that must exist.

    `rules` replaces the text of rules.rls, which names the source of each rule; `only` limits what is kept to triples with
    these predicates. No IRI may name both a class and an
    individual: the two would be taken for one. Raises ParseError if the text is not N-Triples.
    """
    from . import nemo

    return Materialisation(ntriples, nemo.rules() if rules is None else rules, only)


def confirm(ntriples: bytes | str, timeout: float | None = None) -> HermitResult:
    """What HermiT says of the graph in an N-Triples text; owl:imports are not followed.

    Raises MissingExtraError if the extra `hermit` is not installed, ParseError if the text is not N-Triples, and
    CtresError if HermiT cannot read the graph (an unsupported datatype, say) or needs more than `timeout` seconds.
    """
    import time

    from . import hermit

    started = time.perf_counter()
    consistent, unsatisfiable, triples = hermit.ask(ntriples, timeout)
    seconds = time.perf_counter() - started
    clashes = () if consistent and not unsatisfiable else materialise(ntriples).clashes
    return HermitResult(consistent, unsatisfiable, triples, clashes, seconds)


@dataclass(frozen=True)
class Difference:
    """The inferred statements that only one of the two engines gives, sorted. False if there are none."""

    only_nemo: tuple[Triple, ...]
    only_hermit: tuple[Triple, ...]

    def __bool__(self) -> bool:
        return bool(self.only_nemo or self.only_hermit)

    def __str__(self) -> str:
        rows = [("only Nemo:  ", t) for t in self.only_nemo] + [("only HermiT:", t) for t in self.only_hermit]
        return "\n".join(f"{who} <{s}> <{p}> <{o}>" for who, (s, p, o) in rows) or "no difference"


def compare(materialisation: Materialisation, result: HermitResult) -> Difference:
    """Where the rules and HermiT differ on the same graph.

    Superclasses of unsatisfiable classes are not compared (every class is one). Raises ValueError if HermiT found the
    graph inconsistent, since then everything follows.
    """
    if not result.consistent:
        raise ValueError("the graph is inconsistent, so there is nothing to compare; see the clashes")
    nemo = {t for t in materialisation.triples if t[1] != SUBCLASS or t[0] not in result.unsatisfiable}
    return Difference(tuple(sorted(nemo - result.triples)), tuple(sorted(result.triples - nemo)))
