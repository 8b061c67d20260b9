"""Nodes of a directed graph in layers from left to right, so that links join neighbouring layers and cross little."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Links = dict[str, list[str]]

_ROUNDS = 24


def components(nodes: Iterable[str], links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The parts that hang together, the largest first, each sorted."""
    near: dict[str, set[str]] = {node: set() for node in nodes}
    for a, b in links:
        near[a].add(b)
        near[b].add(a)
    parts = []
    while near:
        part: set[str] = set()
        todo = [min(near)]
        while todo:
            node = todo.pop()
            if node not in part:
                part.add(node)
                todo += near.pop(node)
        parts.append(sorted(part))
    return sorted(parts, key=lambda part: (-len(part), part))


def ranks(nodes: list[str], links: list[tuple[str, str]]) -> dict[str, int]:
    """The layer of each node, from 0: links lead to a later one, but for those that close a circle."""
    after: Links = {node: sorted(b for a, b in links if a == node) for node in nodes}
    before = {node: sum(b == node for _, b in links) for node in nodes}
    order: list[str] = []
    state: dict[str, bool] = {}  # False while below it in the search, then True
    forward: set[tuple[str, str]] = set()

    def visit(node: str) -> None:
        state[node] = False
        for other in after[node]:
            if other not in state:
                visit(other)
            if state[other]:
                forward.add((node, other))
        state[node] = True
        order.append(node)

    for node in sorted(nodes, key=lambda node: (before[node], node)):
        if node not in state:
            visit(node)
    rank = dict.fromkeys(nodes, 0)
    for node in reversed(order):
        for other in after[node]:
            if (node, other) in forward:
                rank[other] = max(rank[other], rank[node] + 1)
    for node in order:  # what nothing leads to stands as near as possible to what it leads to
        ahead = [rank[other] for other in after[node] if (node, other) in forward]
        if ahead and not any(b == node for _, b in forward):
            rank[node] = min(ahead) - 1
    return rank


def ordered(layer: Mapping[str, int], links: list[tuple[str, str]]) -> list[list[str]]:
    """The nodes of each layer, from above, ordered so that few of the links, between neighbouring layers, cross."""
    columns = [sorted(node for node in layer if layer[node] == number) for number in range(max(layer.values()) + 1)]
    best, fewest = columns, _crossings(columns, links)
    for turn in range(_ROUNDS):
        place = {node: number for column in columns for number, node in enumerate(column)}
        forward = turn % 2 == 0
        fixed = columns if forward else columns[::-1]
        swept = [fixed[0]]
        for column in fixed[1:]:
            place.update({node: number for number, node in enumerate(swept[-1])})
            swept.append(_by_neighbours(column, swept[-1], links, place))
        columns = swept if forward else swept[::-1]
        count = _crossings(columns, links)
        if count < fewest:
            best, fewest = columns, count
    return best


def _by_neighbours(column: list[str], before: list[str], links: list[tuple[str, str]], place: dict[str, int]) -> list[str]:
    near = {node: [place[a if b == node else b] for a, b in links if node in (a, b) and (a if b == node else b) in before] for node in column}
    return sorted(column, key=lambda node: (sum(near[node]) / len(near[node]) if near[node] else place[node], place[node]))


def _crossings(columns: list[list[str]], links: list[tuple[str, str]]) -> int:
    place = {node: (number, row) for number, column in enumerate(columns) for row, node in enumerate(column)}
    ends = sorted(tuple(sorted((place[a], place[b]))) for a, b in links)
    return sum(a[0][0] == b[0][0] and (a[0][1] - b[0][1]) * (a[1][1] - b[1][1]) < 0 for i, a in enumerate(ends) for b in ends[:i])
