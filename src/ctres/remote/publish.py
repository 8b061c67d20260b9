"""A knowledge base put on a SPARQL server: its three graphs, sent in parts, so that what was interrupted can go on."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import pyoxigraph as ox

from ..progress import Progress
from ..store import Store
from ..terms import ASSERTED, BASE, INFERRED, LOOKUP
from .binding import iri, written
from .client import Client, RemoteError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = 20_000  # triples in one request,
_PART_OF_UPDATE = 500  # and in one update, which Virtuoso makes into so many lines of SQL
_STATE = BASE + "graph/publication"  # what a server has so far; queries do not see it
_SENT = BASE + "lookup/sent"
_LABEL = re.compile(rb"(?:^|(?<= ))_:\w+(?= <| \.\n$)")  # as subject or object; in a text, no line ends after it
_LABELS = _LABEL.findall
_GRAPHS = (ASSERTED, INFERRED, LOOKUP)


@dataclass(frozen=True)
class Sent:
    """What `publish` did: triples and parts in all, and parts that the server had already."""

    triples: int
    parts: int
    kept: int


def publish(client: Client, store: Store, *, by_update: bool = False, progress: Progress | None = None) -> Sent:
    """Put the graphs of a store on a server, in the place of what they held there.

    The address of the client is that of the Graph Store Protocol or, `by_update`, that of SPARQL updates. Each part that has arrived
    is noted in a graph of its own; a publication of the same content that was interrupted goes on after the last of them. Raises RemoteError.
    """
    target = _Updates(client) if by_update else _Graphs(client)
    size = _PART_OF_UPDATE if by_update else _PART
    parts = [(graph, number, part) for graph in _GRAPHS for number, part in enumerate(_parts(store, graph, size))]
    digest = hashlib.sha256()
    for _, _, part in parts:
        digest.update(b"".join(sorted(_LABEL.sub(b"_:", line) for line in part)))  # blank nodes are named anew each time
    name = digest.hexdigest()
    had = target.state()
    kept = int(had.removeprefix(name + " ")) if had.startswith(name + " ") else 0
    if kept < len(parts):
        target.note(f"{name} {kept}")  # what was there before is no longer whole once the first part is sent
    for place, (graph, number, part) in enumerate((progress or Progress()).items(parts, "publishing", "parts")):
        if place < kept:
            continue
        try:
            target.send(graph, b"".join(part), more=number > 0)
            target.note(f"{name} {place + 1}")
        except RemoteError as error:
            raise RemoteError(f"{error}. {place} of {len(parts)} parts have arrived; the same command goes on from there") from None
    return Sent(sum(len(part) for _, _, part in parts), len(parts), kept)


def _parts(store: Store, graph: str, size: int) -> Iterator[list[bytes]]:
    """The triples of a graph as N-Triples, in parts and in an order that are always the same; those with blank nodes first."""
    lines = set(store.ntriples(graph).splitlines(keepends=True))
    part: list[bytes] = []
    unnamed = [line for line in lines if _LABELS(line)]
    for group in _groups(unnamed):
        if part and len(part) + len(group) > size:
            yield part
            part = []
        part += group
    yield part
    named = sorted(lines.difference(unnamed))
    for start in range(0, len(named), size):
        yield named[start : start + size]


def _groups(lines: list[bytes]) -> list[list[bytes]]:
    """Lines that share blank nodes, directly or through others, together: in two requests one label means two nodes."""
    leader: dict[bytes, bytes] = {}

    def first(label: bytes) -> bytes:
        while leader.setdefault(label, label) != label:
            leader[label] = label = leader[leader[label]]
        return label

    for line in lines:
        labels = _LABELS(line)
        for label in labels:
            leader[first(label)] = first(labels[0])
    groups: dict[bytes, list[bytes]] = {}
    for line in lines:
        groups.setdefault(first(_LABELS(line)[0]), []).append(line)
    return sorted(groups.values(), key=lambda group: sorted(_LABEL.sub(b"_:", line) for line in group))


class _Graphs:
    """A server's Graph Store Protocol."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, graph: str, triples: bytes, *, more: bool) -> None:
        self._client.put(graph, triples, more=more)

    def note(self, state: str) -> None:
        self._client.put(_STATE, _noted(state), more=False)

    def state(self) -> str:
        return _read(self._client.get(_STATE))


class _Updates:
    """A server's SPARQL updates; what it has so far is asked for at the same address, if queries are answered there."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, graph: str, triples: bytes, *, more: bool) -> None:
        template = "insert.ru" if b"_:" not in triples else "insert-unnamed.ru"
        steps = [] if more else [written("drop.ru", graph=iri(graph))]
        steps += [written(template, graph=iri(graph), triples=triples.decode())] if triples else []
        self._client.update(";\n".join(steps))

    def note(self, state: str) -> None:
        self.send(_STATE, _noted(state), more=False)

    def state(self) -> str:
        try:
            return next((str(row["sent"].value) for row in self._client.query(written("state.rq"), {"named-graph-uri": [_STATE]})), "")
        except (RemoteError, TypeError):  # no queries here, or no solutions in the answer
            return ""


def _noted(state: str) -> bytes:
    return f'<{_STATE}> <{_SENT}> "{state}" .\n'.encode()


def _read(triples: bytes) -> str:
    try:
        return next((str(t.object.value) for t in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES) if isinstance(t.object, ox.Literal)), "")
    except SyntaxError:
        return ""
