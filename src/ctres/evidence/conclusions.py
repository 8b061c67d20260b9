"""What follows from a batch of findings: they are reasoned over together with what is known of the terms in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from .. import build, names, reasoner
from ..store import Store
from ..terms import ASSERTED, BASE, INFERRED, LOOKUP


@dataclass(frozen=True)
class Batch:
    """N-Triples: `new` is what is reasoned about, `known` what it takes to do so, of which nothing is concluded anew."""

    new: bytes
    known: bytes


@dataclass(frozen=True)
class Conclusions:
    """`path` is a file of N-Quads with what follows, `clashes` says in sentences what contradicts."""

    path: str
    clashes: tuple[str, ...]


class Concluder:
    """Draws the conclusions of batches. Holds what CTRES says of its own terms, without its findings, and what is looked up for them."""

    def __init__(self, base: Store, folder: str) -> None:
        self._folder = folder
        findings = set(base.subjects(names.TYPE, iri=BASE + "Finding"))
        kept = [t for t in base.triples() if _iri(t.subject) not in findings and _iri(t.object) not in findings]
        self._terms = "".join(f"{t} .\n" for t in kept).encode()
        self._known = _looked_up(kept, [])

    def conclude(self, batch: Batch) -> Conclusions:
        """Reason over a batch and write down what follows. Raises ParseError if the batch is not N-Triples."""
        result = reasoner.materialise(b"".join((self._terms, batch.known, batch.new)))
        known = [*_parsed(self._terms), *_parsed(batch.known)]
        new = [*_parsed(batch.new)]
        facts = [ox.Triple(*map(ox.NamedNode, fact)) for fact in result.triples]
        looked_up = _looked_up(known, new, facts)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, suffix=".nq", delete=False, encoding="utf-8") as file:
            about = {t.subject for t in new}
            more = (t for t in looked_up.inferred if t.subject in about)
            for fact in (*facts, *more):
                file.write(f"{fact} .\n{fact} <{INFERRED}> .\n")
            file.writelines(f"{line} <{LOOKUP}> .\n" for line in looked_up.lines - self._known.lines)
        if not result.clashes:
            return Conclusions(file.name, ())
        store = Store()
        store.add((*known, *new), None)
        return Conclusions(file.name, tuple(build.in_labels(store, str(clash)) for clash in result.clashes))


@dataclass(frozen=True)
class _LookedUp:
    inferred: list[ox.Triple]
    lines: set[str]


def _looked_up(known: list[ox.Triple], new: list[ox.Triple], facts: Iterable[ox.Triple] = ()) -> _LookedUp:
    """What the rules in `sparql/rules` and the index of names add."""
    store = Store()
    store.add(known, None)
    store.add(new, ASSERTED)
    store.add(facts, INFERRED)
    inferred = build.apply(store, "inferred", INFERRED)
    build.apply(store, "lookup", LOOKUP)
    store.add_texts(list(names.index(store)), names.NAME, LOOKUP)
    return _LookedUp(inferred, {str(t) for t in store.triples(graph=LOOKUP)})


def _parsed(ntriples: bytes) -> Iterator[ox.Triple]:
    return (quad.triple for quad in ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES))


def _iri(node: object) -> str | None:
    return node.value if isinstance(node, ox.NamedNode) else None
