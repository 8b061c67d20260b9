"""What follows from a batch of findings, and what is wrong with it: it is checked, and reasoned over, with what is known of the terms in it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

import pyoxigraph as ox

from .. import build, names, reasoner, shapes
from ..store import Store
from ..terms import ASSERTED, BASE, INFERRED, LOOKUP


@dataclass(frozen=True)
class Batch:
    """N-Triples: `new` is what is checked and reasoned about, `known` what it takes to do so, of which nothing is concluded anew.

    `alike` is what the files say of others that share a value with the new ones, such as a label or a DOI, which a check compares.
    """

    new: bytes
    known: bytes
    alike: bytes


@dataclass(frozen=True)
class Conclusions:
    """Files of N-Triples with what follows, `paths`, by the graph that they belong to; `clashes` says in sentences what contradicts.

    `faults` are what a check finds wrong, if one was wanted.
    """

    paths: dict[str, str]
    clashes: tuple[str, ...]
    faults: tuple[shapes.Fault, ...]


class Concluder:
    """Checks batches and draws their conclusions. Holds what CTRES says of its own terms, without its findings, and what is looked up for them."""

    def __init__(self, base: Store, folder: str, check: bool) -> None:
        self._folder = folder
        self._checked_with = shapes.checked_with(base) if check else None
        findings = set(base.subjects(names.TYPE, iri=BASE + "Finding"))
        kept = [t for t in base.triples() if _iri(t.subject) not in findings and _iri(t.object) not in findings]
        self._terms = "".join(f"{t} .\n" for t in kept).encode()
        _, self._known = _looked_up(self._terms, b"", b"")

    def conclude(self, batch: Batch) -> Conclusions:
        """Check a batch, reason over it and write down what follows, unless there is a violation. Raises ParseError if the batch is not N-Triples."""
        faults = () if self._checked_with is None else tuple(shapes.batch_faults(self._checked_with, batch.known + batch.alike, batch.new))
        if any(fault.severity == "Violation" for fault in faults):
            return Conclusions({}, (), faults)
        known = self._terms + batch.known
        result = reasoner.materialise(known + batch.new)
        facts = "".join(f"<{s}> <{p}> <{o}> .\n" for s, p, o in result.triples).encode()
        inferred, looked_up = _looked_up(known, batch.new, facts)
        new = {line.partition(b" ")[0].decode() for line in batch.new.splitlines()}
        more = "".join(f"{t} .\n" for t in inferred if str(t.subject) in new)
        paths = {
            INFERRED: self._written(facts + more.encode()),
            LOOKUP: self._written("".join(f"{line} .\n" for line in looked_up - self._known).encode()),
        }
        if not result.clashes:
            return Conclusions(paths, (), faults)
        store = Store()
        store.load(known + batch.new, None)
        return Conclusions(paths, tuple(build.in_labels(store, str(clash)) for clash in result.clashes), faults)

    def _written(self, text: bytes) -> str:
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".nt", delete=False) as file:
            file.write(text)
        return file.name


def _looked_up(known: bytes, new: bytes, facts: bytes) -> tuple[list[ox.Triple], set[str]]:
    """What the rules in `sparql/rules` and the index of names add: what is inferred, and what is looked up."""
    store = Store()
    store.load(known + facts, None)
    store.load(new, ASSERTED)
    inferred = build.apply(store, "inferred", INFERRED)
    build.apply(store, "lookup", LOOKUP)
    store.add_texts(list(names.index(store)), names.NAME, LOOKUP)
    return inferred, {str(t) for t in store.triples(graph=LOOKUP)}


def _iri(node: object) -> str | None:
    return node.value if isinstance(node, ox.NamedNode) else None
