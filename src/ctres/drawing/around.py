"""The neighbourhood of a term: what acts on it | the term | what it acts on."""

from __future__ import annotations

from .. import names, resources
from .canvas import Box, Canvas
from .columns import Arrows, centre, heading, more, stack
from .picture import DrawingError, Edge, Picture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..knowledge import KnowledgeBase

MOST = 12  # boxes a side
_WIDTH, _MIDDLE, _WAY = 190.0, 150.0, 110.0
_LEGEND = [("promotes", "promotes"), ("suppresses", "suppresses"), ("", "direction not given, or of another kind: the box names it")]


def draw(kb: KnowledgeBase, iri: str) -> Picture:
    """The picture of a term's neighbourhood. Raises DrawingError for a term that CTRES relates to nothing."""
    name = names.label(kb.store, iri)
    edges = _effects(kb, iri) or _relations(kb, iri)
    if not edges:
        generic = next(iter(sorted(kb.store.subjects(names.STANDS_FOR, iri=iri))), None)
        if generic is None:
            raise DrawingError(f"nothing is claimed to act on “{name}”, nor “{name}” on anything, so there is nothing to draw. See `ctres show`.")
        return draw(kb, generic)
    sides = {leaves: [edge for edge in edges if (edge.source == iri) == leaves] for leaves in (False, True)}
    count = len({edge.target if edge.source == iri else edge.source for edge in edges})
    title = f"{name}: what acts on it, and what it acts on"
    canvas = Canvas(
        title, f"What acts on {name} and what it acts on: {len(sides[False])} arrows to it and {len(sides[True])} from it, {count} terms."
    )
    term = Box(iri, name, _MIDDLE, fill="#fff3c4", strong=True)
    term.x = _WIDTH + _WAY if sides[False] else 0.0
    arrows = Arrows(canvas)
    columns = {leaves: _column(kb, term, side, leaves, arrows) for leaves, side in sides.items()}
    left, right = columns[False][0], columns[True][0]
    stack(left, 0)
    stack(right, term.x + _MIDDLE + _WAY)
    term.height = max(term.height, arrows.room(term))
    high = max([term.height, *(column[-1].y + column[-1].height for column in (left, right) if column)])
    for column in (left, right, [term]):
        centre(column, high)
    for leaves, what in ((False, "what acts on it"), (True, "what it acts on")):
        column, hidden = columns[leaves]
        if column:
            heading(canvas, column[0].x, _WIDTH, what)
            more(canvas, column, hidden)
    arrows.draw()
    for box in (*left, term, *right):
        canvas.box(box)
    met = {edge.sign for edge in canvas.edges}
    note = "The wider an arrow, the more findings say so; most findings first." if any(edge.findings > 1 for edge in edges) else ""
    canvas.legend([item for item in _LEGEND if item[0] in met], note)
    return canvas.picture()


def _column(kb: KnowledgeBase, term: Box, edges: list[Edge], leaves: bool, arrows: Arrows) -> tuple[list[Box], int]:
    """The boxes of one side, and how many more there are; the arrows between them and the term are added."""
    near: dict[str, list[Edge]] = {}
    for edge in edges:
        near.setdefault(edge.target if leaves else edge.source, []).append(edge)
    ranked = sorted(near, key=lambda iri: (-sum(edge.findings for edge in near[iri]), names.label(kb.store, iri), iri))
    boxes = []
    for iri in ranked[:MOST]:
        small = [names.label(kb.store, edge.relation) for edge in near[iri] if not edge.sign]
        findings = sum(edge.findings for edge in near[iri])
        small += [f"{findings} findings"] if findings > 1 else []
        box = Box(iri, names.label(kb.store, iri), _WIDTH, small=" · ".join(small))
        boxes.append(box)
        box.x = term.x + (1 if leaves else -1)
        for edge in near[iri]:
            arrows.add(*((term, box) if leaves else (box, term)), edge)
    return boxes, len(ranked) - len(boxes)


def _effects(kb: KnowledgeBase, iri: str) -> list[Edge]:
    """What findings say of the term's effects, and of effects on it."""
    found: dict[tuple[str, str, str, str], int] = {}
    for row in kb.store.query(resources.text("sparql", "views", "neighbourhood.rq"), {"_term": iri}, trusted=True):
        key = row["source"].value, row["relation"].value, row["target"].value, row["sign"].value
        found[key] = found.get(key, 0) + 1
    return [Edge(*key, findings) for key, findings in found.items()]


def _relations(kb: KnowledgeBase, iri: str) -> list[Edge]:
    """How the term is related to others otherwise, where no finding says what it acts on."""
    found: dict[Edge, None] = {}
    for row in kb.store.query(resources.text("sparql", "views", "relations.rq"), {"_term": iri}, trusted=True):
        other, relation = row["other"].value, row["relation"].value
        ends = (iri, other) if row["direction"].value == "out" else (other, iri)
        if iri != other:
            found[Edge(ends[0], relation, ends[1], "", 1)] = None
    return list(found)
