"""The map of cell states and populations: what can become what, and what triggers it."""

from __future__ import annotations

from .. import names, resources
from .canvas import Box, Canvas, Point
from .layers import components, ordered, ranks
from .picture import DrawingError, Edge, Picture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..knowledge import KnowledgeBase

_STATE, _TRIGGER, _WAY, _GAP, _APART = 128.0, 132.0, 26.0, 12.0, 20.0


class _Transition:
    """What findings say of one transition."""

    def __init__(self, relation: str) -> None:
        self.relation = relation
        self.findings: set[str] = set()
        self.triggers: set[str] = set()


def draw(kb: KnowledgeBase) -> Picture:
    """The picture of all transitions. Raises DrawingError where none is known."""
    known: dict[tuple[str, str], _Transition] = {}
    for row in kb.store.query(resources.text("sparql", "views", "transitions.rq"), trusted=True):
        transition = known.setdefault((row["source"].value, row["target"].value), _Transition(row["relation"].value))
        transition.findings.add(row["finding"].value)
        if row["trigger"] is not None:
            transition.triggers.add(names.label(kb.store, row["trigger"].value))
    if not known:
        raise DrawingError("no finding tells of a transition between cell states, so there is no map to draw.")
    states = {iri for pair in known for iri in pair}
    canvas = Canvas(
        "Cell states and populations: what can become what",
        "; ".join(_said(kb, pair, known[pair]) for pair in sorted(known)),
    )
    y = 0.0
    for part in components(states, known):
        y = _part(kb, canvas, {pair: known[pair] for pair in sorted(known) if pair[0] in part}, y) + _APART
    canvas.legend([("becomes", "can become; the words on an arrow say what triggers or mediates it")])
    return canvas.picture()


def _said(kb: KnowledgeBase, pair: tuple[str, str], transition: _Transition) -> str:
    through = " through " + ", ".join(sorted(transition.triggers)) if transition.triggers else ""
    return f"{names.label(kb.store, pair[0])} can become {names.label(kb.store, pair[1])}{through}"


def _part(kb: KnowledgeBase, canvas: Canvas, known: dict[tuple[str, str], _Transition], top: float) -> float:
    """Draw what hangs together, below `top`; returns where it ends. States stand in even layers, what is said of arrows in odd ones."""
    states = sorted({iri for pair in known for iri in pair})
    layer = {iri: 2 * rank for iri, rank in ranks(states, list(known)).items()}
    boxes = {iri: Box(iri, names.label(kb.store, iri), _STATE, fill="#e3eef9") for iri in states}
    ways: dict[tuple[str, str], list[str]] = {}
    links: list[tuple[str, str]] = []
    for (source, target), transition in known.items():
        low, high = sorted((layer[source], layer[target]))
        way = [f"{source} {target} {number}" for number in range(low + 1, max(high, low + 2))]
        if layer[source] > layer[target]:
            way.reverse()
        for number, stop in enumerate(way):
            said = number == 0 if layer[source] < layer[target] else number == len(way) - 1
            small = ", ".join(sorted(transition.triggers)) if said else ""
            boxes[stop] = Box(stop, "", _TRIGGER if small else 0.0, small=small, frame=False)
            layer[stop] = low + 1 + (number if layer[source] < layer[target] else len(way) - 1 - number)
        links += zip((source, *way), (*way, target), strict=True)
        ways[source, target] = way
    sides: dict[tuple[str, bool], list[tuple[str, str]]] = {}  # of a state, left or right: the arrows there, and their nearest words
    for (source, target), way in ways.items():
        sides.setdefault((source, layer[way[0]] > layer[source]), []).append((way[0], source + target))
        sides.setdefault((target, layer[way[-1]] > layer[target]), []).append((way[-1], source + target))
    for (state, _), ends in sides.items():
        boxes[state].height = max(boxes[state].height, 11.0 * len(ends) + 6)
    columns = ordered(layer, links)
    bottom = _place(columns, boxes, links, top)
    ports = {}
    for (state, _), ends in sides.items():
        for place, (stop, _) in enumerate(sorted(ends, key=lambda end: (boxes[end[0]].middle, end))):
            ports[state, stop] = boxes[state].middle + ((place + 0.5) / len(ends) - 0.5) * (boxes[state].height - 6)
    for pair, way in ways.items():
        _arrow(canvas, boxes, pair, way, known[pair], (ports[pair[0], way[0]], ports[pair[1], way[-1]]))
    for node in boxes:
        if node in states:
            canvas.box(boxes[node])
        elif boxes[node].small:
            canvas.note(boxes[node])
    return bottom


def _place(columns: list[list[str]], boxes: dict[str, Box], links: list[tuple[str, str]], top: float) -> float:
    """Give each box its place, near the mean height of what it is linked to; returns where the lowest ends."""
    for number, column in enumerate(columns):
        x = (number + 1) // 2 * (_STATE + _WAY) + number // 2 * (_TRIGGER + _WAY)
        wide = _TRIGGER if number % 2 else _STATE
        y = 0.0
        for node in column:
            box = boxes[node]
            box.x, box.y = x + (wide - box.width) / 2, y
            y += box.height + _GAP
    near: dict[str, list[Box]] = {node: [] for node in boxes}
    for a, b in links:
        near[a].append(boxes[b])
        near[b].append(boxes[a])
    for turn in range(60):
        for column in columns if turn % 2 else reversed(columns):
            wished = [sum(b.middle for b in near[n]) / len(near[n]) - boxes[n].height / 2 if near[n] else boxes[n].y for n in column]
            _settle([boxes[node] for node in column], wished)
    low = min(box.y for box in boxes.values())
    for box in boxes.values():
        box.y += top - low
    return max(box.y + box.height for box in boxes.values())


def _settle(column: list[Box], wished: list[float]) -> None:
    """Put boxes as near as possible to where they wish to be, in their order and apart: those that would clash share the mean of their wishes."""
    groups: list[tuple[float, float, list[Box]]] = []  # start, height with gaps, boxes
    for box, wish in zip(column, wished, strict=True):
        start, high, members = wish, box.height + _GAP, [box]
        while groups and groups[-1][0] + groups[-1][1] > start:
            above, its_height, its_members = groups.pop()
            total = len(its_members) + len(members)
            start = (above * len(its_members) + (start - its_height) * len(members)) / total
            high, members = its_height + high, its_members + members
        groups.append((start, high, members))
    for start, _, members in groups:
        for box in members:
            box.y = start
            start += box.height + _GAP


def _arrow(
    canvas: Canvas, boxes: dict[str, Box], pair: tuple[str, str], way: list[str], transition: _Transition, heights: tuple[float, float]
) -> None:
    """The arrow of a transition, past its words and between the boxes of the layers that it passes, from one height to another."""
    source, target, first, last = boxes[pair[0]], boxes[pair[1]], boxes[way[0]], boxes[way[-1]]
    rightward = first.x > source.x
    points: list[Point] = [(source.x + source.width if rightward else source.x, heights[0])]
    for stop in way:
        box = boxes[stop]
        middle, half = box.x + box.width / 2, (_TRIGGER if stop in (first.id, last.id) else _STATE) / 2
        points += [(middle - half, box.middle), (middle + half, box.middle)][:: 1 if rightward else -1]
    points.append((target.x - 2 if rightward else target.x + target.width + 2, heights[1]))
    canvas.arrow(points, "becomes", len(transition.findings))
    canvas.edges.append(Edge(pair[0], transition.relation, pair[1], "", len(transition.findings)))
