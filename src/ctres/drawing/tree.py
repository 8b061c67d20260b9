"""An explanation as a tree: what holds, and indented below it what that rests on."""

from __future__ import annotations

from .canvas import Box, Canvas
from .picture import Edge, Picture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..explanation import Explanation

_INDENT, _WIDTH, _GAP = 34.0, 430.0, 10.0
_FINDING, _OTHER = "#e3eef9", "#ffffff"


def draw(explanation: Explanation) -> Picture:
    """The picture of an explanation; findings are tinted."""
    found = len(explanation.findings)
    canvas = Canvas(
        f"Why {explanation.statement}", f"{explanation.statement}: it rests on {found} finding{'s' if found != 1 else ''}.\n{explanation}"
    )
    y = 0.0
    parents: dict[int, Box] = {}
    for number, depth, parent, part in _walk(explanation, 0, -1, iter(range(10**6))):
        id = f"{number}: {part.statement}"
        fill = _FINDING if part.finding is not None else "#fff3c4" if depth == 0 else _OTHER
        statement = ("not known: " if part.missing else "") + part.statement
        box = Box(id, statement, _WIDTH, small=part.basis, fill=fill, strong=depth == 0)
        box.x, box.y = depth * _INDENT, y
        y += box.height + _GAP
        parents[number] = box
        canvas.box(box)
        if parent >= 0:
            above = parents[parent]
            corner = above.x + _INDENT / 2
            canvas.line([(corner, above.y + above.height), (corner, box.middle), (box.x, box.middle)])
            canvas.edges.append(Edge(above.id, "because", box.id, "", 1))
    tinted = "Tinted: findings, with the place where the source says so. " if found else ""
    canvas.legend([], f"Each box holds because of those that hang from it. {tinted}")
    return canvas.picture()


def _walk(part: Explanation, depth: int, parent: int, numbers: Iterator[int]) -> Iterator[tuple[int, int, int, Explanation]]:
    """Each node with its number, depth and parent's number, as a reader meets them."""
    number = next(numbers)
    yield number, depth, parent, part
    for child in part.because:
        yield from _walk(child, depth + 1, number, numbers)
