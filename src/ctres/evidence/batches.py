"""Which findings are reasoned over together: those of the same agents, with all that is said of the terms in them.

Conclusions rest on one finding, or on several about the same agent, so an agent's findings are never torn apart. The others of its findings
that are in the store already come along as what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import pyoxigraph as ox

from .. import names
from ..errors import CtresError
from ..store import Store
from ..terms import ASSERTED, BASE, INFERRED, PREFIXES
from .conclusions import Batch

_AGENTS = (BASE + "agent", BASE + "lostAgent")
_OWL = PREFIXES["owl"]
_SCHEMA = frozenset(_OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "Restriction"))


def batches(store: Store, base: Store, subjects: Iterable[str], size: int) -> Iterator[Batch]:
    """The batches for new `subjects` of a store that holds what is asserted of them; `base` is CTRES alone.

    Each has about `size` subjects. Raises CtresError if one of them is a class or property, on which everything might depend, or if a
    term or finding has no name.
    """
    for triple in store.triples(names.TYPE, ASSERTED):
        if isinstance(triple.subject, ox.BlankNode) and getattr(triple.object, "value", "").startswith(BASE):
            said = "; ".join(str(stated) for stated in store.about(triple.subject))
            raise CtresError(
                f"a term or finding must have a name, as nothing is inferred of a blank node. Give an IRI to the one of which is said: {said}"
            )
    reader = _Reader(store, base)
    wanted = set(subjects)
    pairs = sorted((agent, finding) for link in _AGENTS for finding, agent in store.links(link, ASSERTED) if finding in wanted)
    wanted.difference_update(finding for _, finding in pairs)
    yield from reader.batches(((None, [term]) for term in sorted(wanted)), size)
    yield from reader.batches(((agent, [f for _, f in of]) for agent, of in groupby(pairs, key=lambda pair: pair[0])), size)


class _Reader:
    """Reads what is said of terms."""

    def __init__(self, store: Store, base: Store) -> None:
        self._store, self._base = store, base

    def batches(self, groups: Iterable[tuple[str | None, list[str]]], size: int) -> Iterator[Batch]:
        agents: list[str] = []
        new: list[str] = []
        for agent, subjects in groups:
            new += subjects
            agents += [agent] if agent else []
            if len(new) >= size:
                yield self._batch(agents, new)
                agents, new = [], []
        if new:
            yield self._batch(agents, new)

    def _batch(self, agents: list[str], subjects: list[str]) -> Batch:
        own = set(subjects)
        lines: list[str] = []
        met: dict[str, None] = {}
        for subject in subjects:
            for triple in self._store.stated(subject):
                lines.append(f"{triple} .\n")
                value = triple.object
                if triple.predicate.value == names.TYPE and getattr(value, "value", "") in _SCHEMA:
                    raise CtresError(
                        f"<{subject}> is a class, property or class expression. A store on disk takes findings and what they name; "
                        "reason over new classes with --data, or add them to the ontology"
                    )
                if hasattr(value, "value") and "://" in value.value:
                    met[value.value] = None
        before = [
            finding for agent in agents for link in _AGENTS for finding in self._store.subjects(link, iri=agent, graph=ASSERTED) if finding not in own
        ]
        return Batch("".join(lines).encode(), "".join(self._known(met, before, own)).encode())

    def _known(self, met: Iterable[str], before: list[str], own: set[str]) -> Iterator[str]:
        """What is stated and inferred of other findings of the same agents, and of terms that are named, and of those that these name."""
        pending = [*before, *met]
        seen = set(own)
        while pending:
            term = pending.pop()
            if term in seen or (term in self._base and term not in before):
                continue
            seen.add(term)
            for triple in self._store.stated(term, INFERRED):
                yield f"{triple} .\n"
            for triple in self._store.stated(term):
                yield f"{triple} .\n"
                if hasattr(triple.object, "value") and "://" in triple.object.value:
                    pending.append(triple.object.value)
