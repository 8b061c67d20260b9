"""Boxes in columns, and the arrows between their sides."""

from __future__ import annotations

from .canvas import FAINT, SIZE, Box, Canvas, thickness
from .picture import Edge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

GAP = 9.0  # between the boxes of a column


def stack(boxes: Iterable[Box], x: float, y: float = 0.0, gap: float = GAP) -> float:
    """Place boxes below each other, from `y` on; returns where the last one ends, or `y` if there is none."""
    end = y
    for box in boxes:
        box.x, box.y = x, y
        end = y + box.height
        y = end + gap
    return end


def centre(boxes: list[Box], high: float) -> None:
    """Move a column so that its middle is that of `high`."""
    if boxes:
        shift = (high - boxes[0].y - boxes[-1].y - boxes[-1].height) / 2
        for box in boxes:
            box.y += shift


def heading(canvas: Canvas, x: float, width: float, text: str) -> None:
    """The name of a column, above it."""
    canvas.text(x + width / 2, -18, text, colour=FAINT, align="center")


def more(canvas: Canvas, column: list[Box], left: int, what: str = "more") -> None:
    """Say below a column how many did not fit on it."""
    if left:
        last = column[-1]
        canvas.text(last.x + last.width / 2, last.y + last.height + 14, f"and {left:,} {what}", size=SIZE, colour=FAINT, align="center")


class Arrows:
    """Arrows between boxes, collected first, so that those that meet at a side of a box share it evenly."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._all: list[tuple[Box, Box, Edge, float | None]] = []

    def add(self, source: Box, target: Box, edge: Edge, lane: float | None = None) -> None:
        """An arrow; one with a `lane` runs level to that x before it bends."""
        self._all.append((source, target, edge, lane))

    def room(self, box: Box) -> float:
        """How high a box must be for the arrows that meet at its busier side."""
        sides: dict[bool, float] = {}
        for source, target, edge, _ in self._all:
            if box in (source, target):
                side = (target if box is source else source).x > box.x
                sides[side] = sides.get(side, 0.0) + max(thickness(edge.findings) * 1.9 + 8, 11)
        return max(sides.values(), default=0.0) + 8

    def draw(self) -> None:
        """Draw them all; at each side they are ordered by where they come from or go to."""
        ports: dict[tuple[int, bool], list[tuple[float, int, bool]]] = {}
        for number, (source, target, _, _) in enumerate(self._all):
            rightward = target.x > source.x
            ports.setdefault((id(source), rightward), []).append((target.middle, number, True))
            ports.setdefault((id(target), not rightward), []).append((source.middle, number, False))
        offsets: dict[tuple[int, bool], float] = {}
        for ends in ports.values():
            for place, (_, number, leaves) in enumerate(sorted(ends)):
                offsets[number, leaves] = (place + 0.5) / len(ends) - 0.5
        for number, (source, target, edge, lane) in enumerate(self._all):
            rightward = target.x > source.x
            start = source.x + source.width if rightward else source.x
            end = target.x - 2 if rightward else target.x + target.width + 2
            first = source.middle + offsets[number, True] * (source.height - 8)
            last = target.middle + offsets[number, False] * (target.height - 8)
            points = [(start, first), *([] if lane is None else [(lane, first)]), (end, last)]
            self._canvas.arrow(points, edge.sign, edge.findings)
            self._canvas.edges.append(edge)
