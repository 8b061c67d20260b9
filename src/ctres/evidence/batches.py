"""Which findings are reasoned over together: those of the same agents, with all that is said of the terms in them.

Conclusions rest on one finding, or on several about the same agent, so an agent's findings are never torn apart. The others of its findings
that are in the store already come along as what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import pyoxigraph as ox

from .. import names
from ..errors import CtresError
from ..shapes.data import SHARERS
from ..store import Store
from ..terms import ASSERTED, BASE, INFERRED, LOOKUP, PREFIXES, STATED_IN
from .conclusions import Batch

_AGENTS = (BASE + "agent", BASE + "lostAgent")
_UNIQUE = frozenset(  # of which the shapes say that two terms should not share a value
    (PREFIXES["rdfs"] + "label", PREFIXES["bibo"] + "doi", BASE + "unitCode", BASE + "resistanceTo", BASE + "standsFor")
)
_OWL = PREFIXES["owl"]
_SCHEMA = frozenset(_OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "Restriction"))


def subjects(store: Store, files: Sequence[str]) -> Iterator[str]:
    """The IRIs of what files describe that were added to a store, each once."""
    for place, file in enumerate(files):
        for subject in store.subjects(STATED_IN, file, graph=LOOKUP):
            if not place or not _described(store, subject, files[:place]):
                yield subject


def batches(store: Store, base: Store, files: Sequence[str], size: int) -> Iterator[Batch]:
    """The batches for what `files` describe, of a store that holds what is asserted; `base` is CTRES alone. Holds one batch at a time.

    Each has about `size` subjects. Raises CtresError if one of them is a class or property, on which everything might depend, or if a
    term or finding has no name.
    """
    for triple in store.triples(names.TYPE, ASSERTED):
        if isinstance(triple.subject, ox.BlankNode) and getattr(triple.object, "value", "").startswith(BASE):
            said = "; ".join(str(stated) for stated in store.about(triple.subject))
            raise CtresError(
                f"a term or finding must have a name, as nothing is inferred of a blank node. Give an IRI to the one of which is said: {said}"
            )
    reader = _Reader(store, base, files)
    yield from reader.batches(((None, [term]) for term in subjects(store, files) if not _has_agent(store, term)), size)
    yield from reader.batches(_by_agent(store, files), size)


def _has_agent(store: Store, subject: str) -> bool:
    return any(True for link in _AGENTS for _ in store.links(link, ASSERTED, subject=subject))


def _findings(store: Store, agent: str) -> Iterator[str]:
    return (finding for link in _AGENTS for finding in store.subjects(link, iri=agent, graph=ASSERTED))


def _by_agent(store: Store, files: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each agent with its findings in the files. The engine gives the links of a property by their objects; else agents would come more than once."""
    for place, link in enumerate(_AGENTS):
        for agent, _ in groupby(agent for _, agent in store.links(link, ASSERTED)):
            if any(any(store.subjects(earlier, iri=agent, graph=ASSERTED)) for earlier in _AGENTS[:place]):
                continue  # came with that link
            found = dict.fromkeys(_findings(store, agent))
            if new := [finding for finding in found if _described(store, finding, files)]:
                yield agent, new


def _described(store: Store, term: str, files: Sequence[str]) -> bool:
    return not set(files).isdisjoint(store.objects(term, STATED_IN, LOOKUP))


class _Reader:
    """Reads what is said of terms."""

    def __init__(self, store: Store, base: Store, files: Sequence[str]) -> None:
        self._store, self._base, self._files = store, base, files

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
        alike: set[str] = set()
        for subject in subjects:
            for triple in self._store.stated(subject):
                lines.append(f"{triple} .\n")
                value = triple.object
                if triple.predicate.value == names.TYPE and getattr(value, "value", "") in _SCHEMA:
                    raise CtresError(
                        f"<{subject}> is a class, property or class expression. A store on disk takes findings and what they name; "
                        "reason over new classes with --data, or add them to the ontology"
                    )
                if triple.predicate.value in _UNIQUE:
                    sharing = self._store.uses(triple.predicate.value, value, SHARERS)
                    alike.update(other.subject.value for other in sharing if isinstance(other.subject, ox.NamedNode))
                if hasattr(value, "value") and "://" in value.value:
                    met[value.value] = None
        before = [finding for agent in agents for finding in _findings(self._store, agent) if finding not in own]
        return Batch("".join(lines).encode(), "".join(self._known(met, before, own)).encode(), "".join(self._shared(alike - own)).encode())

    def _shared(self, terms: Iterable[str]) -> Iterator[str]:
        """What is stated of those of some terms that the files describe."""
        for term in sorted(terms):
            if _described(self._store, term, self._files):
                yield from (f"{triple} .\n" for triple in self._store.stated(term))

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
