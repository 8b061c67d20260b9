"""Counts of the values in a column of an answer, as bars."""

from __future__ import annotations

from collections import Counter

from ..term import Term
from .canvas import FAINT, Box, Canvas
from .picture import DrawingError, Picture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..answer import Answer

MOST = 20  # bars
_WIDTH, _LONGEST, _COLOUR = 210.0, 330.0, "#3b6fa0"


def draw(answer: Answer, column: str) -> Picture:
    """A bar for each value, the most frequent first; each member of a value that is several counts, once a row."""
    if column not in answer.columns:
        raise DrawingError(f"the answer has no column “{column}”; it has {', '.join(answer.columns)}")
    counts: Counter[tuple[str, str]] = Counter()
    without = 0
    for row in answer:
        value = row[column]
        members = value if isinstance(value, tuple) else () if value is None else (value,)
        counts.update({(member.iri if isinstance(member, Term) else str(member), str(member)) for member in members})
        without += not members
    if not counts:
        raise DrawingError(f"no row of the answer to {answer.question} has a value in the column “{column}”, so there is nothing to count.")
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0][1], item[0][0]))
    said = "; ".join(f"{name}: {count}" for (_, name), count in ranked)
    canvas = Canvas(f"{answer.question}: rows by {column}", f"Number of rows for each {column}. {said}")
    y = 0.0
    for (id, name), count in ranked[:MOST]:
        box = Box(id, name, _WIDTH, frame=False)
        box.y = y
        canvas.box(box)
        long = _LONGEST * count / ranked[0][1]
        canvas.bar(_WIDTH + 4, box.middle - 8, long, 16, _COLOUR)
        canvas.text(_WIDTH + 10 + long, box.middle, f"{count:,}")
        y += max(box.height, 20) + 2
    if len(ranked) > MOST:
        canvas.text(_WIDTH / 2, y + 8, f"and {len(ranked) - MOST:,} more", colour=FAINT, align="center")
    note = f"{len(answer):,} rows" + (f", {without:,} of them without {column}" if without else "") + ". A row with several values counts for each."
    canvas.legend([], note)
    return canvas.picture()
