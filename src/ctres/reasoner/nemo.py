"""Materialise a graph with Nemo, and trace what it infers back to what was asserted.

The rules are in rules.rls. This module is the only one that imports Nemo, and does so when it is first used.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
import weakref
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from queue import SimpleQueue
from typing import Any

from .trace import Step, Tracer
from .triples import SUBCLASS, SUBPROPERTY, TYPE, UNNAMED, Logical, Triple, read

_Results = tuple[tuple[Triple, ...], list[list[str]]]
_Request = tuple[str, Future[dict[str, Any] | None]]

SENTENCES = {
    "disjoint-classes": "is in {0} and in {1}, which are disjoint",
    "nothing": "is in {0}, which has no members",
    "functional": "has more than one value of {0}, which allows one",
    "irreflexive": "is related to itself by {0}, which is irreflexive",
    "asymmetric": "is related to {1} by {0} in both directions, and {0} is asymmetric",
    "disjoint-properties": "is related to the same thing by {0} and by {1}, which are disjoint",
    "impossible-value": "must be related by {0} to a member of {1}, and that contradicts another axiom",
}


@dataclass(frozen=True)
class Clash:
    """A contradiction. `kind` is a key of SENTENCES, `subject` the individual or class it is about.

    `terms` are the classes, properties or individuals that clash; those without an IRI are written out as in
    `Step.axioms`. A class that clashes can have no members; the graph is inconsistent if an individual clashes
    (`individual`).
    """

    kind: str
    subject: str
    terms: tuple[str, ...]
    individual: bool

    def __str__(self) -> str:
        who = f"<{self.subject}>" if self.individual else f"any member of <{self.subject}>"
        shown = [f"({term})" if " " in term else f"<{term}>" for term in self.terms]
        return f"{who} {SENTENCES[self.kind].format(*shown)}"


class Materialisation:
    """What follows from a graph.

    `triples` are the inferred statements between named things, none of which was asserted: types, object property
    values, rdfs:subClassOf and rdfs:subPropertyOf, as (subject, predicate, object) IRIs. `clashes` are the
    contradictions (empty if there are none), `seconds` the time it took. In a graph with contradictions everything
    would follow; `triples` are then what the rules give, which is what one needs to find the fault. `only` names the
    predicates of the triples to keep, where not all are needed.
    """

    def __init__(self, ntriples: bytes | str, rules: str, only: Collection[str] | None = None) -> None:
        started = time.perf_counter()
        logical = read(ntriples)
        self._tracer = Tracer(logical.schema)
        self._requests: SimpleQueue[_Request | None] = SimpleQueue()
        results: Future[_Results] = Future()
        threading.Thread(target=_serve, args=(logical, rules, only, results, self._requests), name="nemo", daemon=True).start()
        weakref.finalize(self, self._requests.put, None)
        self.triples, clashes = results.result()
        self.clashes = self._clashes(clashes)
        self.seconds = time.perf_counter() - started

    def __repr__(self) -> str:
        return f"<Materialisation: {len(self.triples):,} inferred, {len(self.clashes)} clashes, {self.seconds:.2f} s>"

    def trace(self, s: str, p: str, o: str) -> Step | None:
        """Why a statement holds: a tree whose leaves were asserted. None if it neither was asserted nor follows.

        Where a statement follows in several ways, this is the one that Nemo found first, so in the fewest rounds of
        applying the rules. Nemo keeps no other, so there may be a derivation that rests on fewer facts.
        """
        if p in (TYPE, SUBCLASS):
            sought = f"Is(<{s}>, <{o}>)"
        elif p == SUBPROPERTY:
            sought = f"Wider(<{s}>, <{o}>)"
        else:
            sought = f"Edge(<{s}>, <{p}>, <{o}>)"
        answer: Future[dict[str, Any] | None] = Future()
        self._requests.put((sought, answer))
        derivation = answer.result()
        return None if derivation is None else self._tracer.step(derivation)

    def _clashes(self, rows: list[list[str]]) -> tuple[Clash, ...]:
        found: dict[Clash, None] = {}
        for subject, kind, *terms in sorted([term[1:-1] for term in row] for row in rows):
            shown = dict.fromkeys(self._tracer.describe(term) for term in terms)
            about = tuple(sorted(shown) if kind == "disjoint-classes" else shown)
            found[Clash(kind, self._tracer.describe(subject), about, not self._tracer.is_class(subject))] = None
        return tuple(found)


def _serve(logical: Logical, rules: str, only: Collection[str] | None, results: Future[_Results], requests: SimpleQueue[_Request | None]) -> None:
    """Reason, then answer requests for derivations until one is None.

    A Nemo engine may be used, and even deleted, only by the thread that made it: so one thread has it to itself.
    """
    try:
        engine = _reason(logical, rules)
        results.set_result((tuple(_named(engine.result("Inferred"), only)), list(engine.result("ClashOf"))))
    except BaseException as error:
        results.set_exception(error)
        return
    while (request := requests.get()) is not None:
        sought, answer = request
        try:
            trace = engine.trace(sought)
            answer.set_result(None if trace is None else trace.dict())
        except BaseException as error:
            answer.set_exception(error)


def _reason(logical: Logical, rules: str) -> Any:
    from nmo_python import NemoEngine, load_string  # type: ignore[import-untyped]

    with _resource(logical.axioms) as axioms, _resource(logical.facts) as facts:
        tables = {"Axiom": axioms, "Asserted": facts}.items()
        imports = "".join(f'@import {table} :- ntriples {{resource = "{name}"}} .\n' for table, name in tables)
        engine = NemoEngine(load_string(f"{rules}\n{imports}"))
        engine.reason()
    return engine


def _named(rows: Iterable[list[str]], only: Collection[str] | None) -> Iterator[Triple]:
    """The rows that are about named things (and `only` these predicates), without brackets and with one string for each IRI."""
    names: dict[str, str] = {}
    for row in rows:
        if only is not None and row[1][1:-1] not in only:
            continue
        s, p, o = (names.setdefault(term, term[1:-1]) for term in row)
        if not s.startswith(UNNAMED) and not o.startswith(UNNAMED):
            yield s, p, o


def rules() -> str:
    """The text of the rules, as Nemo reads it."""
    return files(__package__).joinpath("rules.rls").read_text(encoding="utf-8")


@contextmanager
def _resource(data: bytes) -> Iterator[str]:
    """A name under which Nemo, which reads files only, can read these bytes; in memory where the system can do that."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("ctres")
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryDirectory(prefix="ctres-") as folder:
            name = os.path.join(folder, "graph.nt")
            with open(name, "wb") as file:
                file.write(data)
            yield name.replace("\\", "/")
