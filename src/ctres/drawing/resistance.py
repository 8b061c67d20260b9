"""The landscape of a resistance: factors | mechanisms | the resistance | what counters it."""

from __future__ import annotations

from .. import names, resources
from ..terms import BASE
from .canvas import SIGNS, Box, Canvas
from .columns import GAP, Arrows, centre, heading, stack
from .picture import DrawingError, Edge, Picture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..knowledge import KnowledgeBase

MOST = 12  # factors, and what counters; of mechanisms, two thirds
_WIDTH, _MIDDLE, _WAY = 160.0, 130.0, 80.0
_LEGEND = [("promotes", "promotes"), ("suppresses", "suppresses"), ("", "acts through it, or the direction is not given")]


class _Data:
    """What the findings say: how each factor acts on the resistance, and through what."""

    def __init__(self, kb: KnowledgeBase, iri: str) -> None:
        self.kb, self.iri = kb, iri
        self.acts: dict[tuple[str, str, str], set[str]] = {}  # factor, relation, sign: findings
        self.through: dict[tuple[str, str, str], set[str]] = {}  # factor, sign, mediator: findings
        self.processes: set[str] = set()
        for row in kb.store.query(resources.text("sparql", "views", "landscape.rq"), {"_resistance": iri}, trusted=True):
            factor, sign, finding = row["factor"].value, row["sign"].value, row["finding"].value
            self.acts.setdefault((factor, row["relation"].value, sign), set()).add(finding)
            if row["mediator"] is not None:
                self.through.setdefault((factor, sign, row["mediator"].value), set()).add(finding)
            if row["mechanism"].value == "true":
                self.processes.add(factor)

    def ranked(self, found: Iterable[tuple[str, set[str]]]) -> list[str]:
        """The terms, those with most findings first."""
        findings: dict[str, set[str]] = {}
        for iri, of in found:
            findings.setdefault(iri, set()).update(of)
        return sorted(findings, key=lambda iri: (-len(findings[iri]), names.label(self.kb.store, iri), iri))

    def link(self, factor: str, mechanism: str, findings: int) -> Edge:
        """How a factor is linked to a mechanism that it acts through: with the sign that CTRES knows, if it knows one."""
        signs = [sign for sign in SIGNS if sign and self.kb.store.graph_of(factor, BASE + sign, mechanism)]
        relation, sign = (BASE + signs[0], signs[0]) if len(signs) == 1 else (BASE + "via", "")
        return Edge(factor, relation, mechanism, sign, findings)


def draw(kb: KnowledgeBase, iri: str) -> Picture:
    """The picture of a resistance's landscape. Raises DrawingError where no finding says what acts on it."""
    data = _Data(kb, iri)
    name = names.label(kb.store, iri)
    if not data.acts:
        raise DrawingError(f"no finding says what acts on “{name}”, so it has no landscape. Give a resistance, such as doxorubicin resistance.")
    lasting = [(mediator, found) for (_, sign, mediator), found in data.through.items() if sign != "suppresses"]
    own = [(factor, found) for (factor, _, _), found in data.acts.items() if factor in data.processes]
    mechanisms = data.ranked([*lasting, *own])
    shown = mechanisms[: MOST * 2 // 3]
    factors = data.ranked((f, found) for (f, _, sign), found in data.acts.items() if sign != "suppresses" and f not in mechanisms)
    against = data.ranked((f, found) for (f, _, sign), found in data.acts.items() if sign == "suppresses" and f not in mechanisms)

    canvas = Canvas(
        f"{name}: the landscape",
        f"{len(factors)} factors and {len(mechanisms)} mechanisms act on {name}; {len(against)} factors and strategies counter it.",
    )
    arrows = Arrows(canvas)
    place = [0.0]
    for column in (factors, shown):
        place.append(place[-1] + (_WIDTH + _WAY if column else 0))
    centre_box = Box(iri, name, _MIDDLE, fill="#fff3c4", strong=True)
    centre_box.x = place[2]
    boxes = {factor: Box(factor, names.label(kb.store, factor), _WIDTH) for factor in factors[:MOST]}
    middle = {mechanism: Box(mechanism, names.label(kb.store, mechanism), _WIDTH, fill="#eef4ee") for mechanism in shown}
    _bands(data, boxes, middle, place)
    for (factor, sign, mediator), findings in data.through.items():
        if factor in boxes and mediator in middle and sign != "suppresses":
            arrows.add(boxes[factor], middle[mediator], data.link(factor, mediator, len(findings)))
    direct = set()
    for (factor, relation, sign), findings in data.acts.items():
        edge = Edge(factor, relation, iri, sign, len(findings))
        if factor in middle:
            direct.add(factor)
            arrows.add(middle[factor], centre_box, edge)
        elif factor in boxes and sign != "suppresses" and not _mediators(data, factor, middle):
            arrows.add(boxes[factor], centre_box, edge, lane=place[2] - _WAY if middle else None)
    for mediator in middle:
        if mediator not in direct:
            count = len(set().union(*(found for key, found in lasting if key == mediator)))
            arrows.add(middle[mediator], centre_box, data.link(mediator, iri, count))
    right = [_counter(data, factor, centre_box.x + _MIDDLE + _WAY, arrows, centre_box) for factor in against[:MOST]]
    stack(right, centre_box.x + _MIDDLE + _WAY)
    centre_box.height = max(centre_box.height, arrows.room(centre_box))
    left = sorted([*boxes.values(), *middle.values()], key=lambda box: box.y)
    high = max([centre_box.height, *(box.y + box.height for box in (*left, *right))])
    if left:
        shift = (high - max(box.y + box.height for box in left)) / 2
        for box in left:
            box.y += shift
    centre(right, high)
    centre(centre_column := [centre_box], high)
    columns = (
        ("factors", [*boxes.values()], len(factors)),
        ("mechanisms", [*middle.values()], len(mechanisms)),
        ("what counters it", right, len(against)),
    )
    for what, drawn, count in columns:
        if drawn:
            left_out = count - len(drawn)  # said above: below the mechanisms run arrows
            heading(canvas, drawn[0].x, _WIDTH, what + (f": {len(drawn)}, and {left_out:,} more" if left_out else ""))
    arrows.draw()
    for box in (*left, *centre_column, *right):
        canvas.box(box)
    met = {edge.sign for edge in canvas.edges}
    canvas.legend([item for item in _LEGEND if item[0] in met], "The wider an arrow, the more findings say so.")
    return canvas.picture()


def _mediators(data: _Data, factor: str, middle: dict[str, Box]) -> list[str]:
    """The mechanisms on the picture through which a factor acts."""
    return [m for m in middle if any((factor, sign, m) in data.through for sign in SIGNS if sign != "suppresses")]


def _bands(data: _Data, boxes: dict[str, Box], middle: dict[str, Box], place: list[float]) -> None:
    """Place each mechanism beside the factors that act through it, and below them the factors that act directly, their lanes free."""
    y = 0.0
    left = dict(boxes)
    for mechanism, box in middle.items():
        band = [left.pop(factor) for factor in list(left) if mechanism in _mediators(data, factor, middle)]
        end = stack(band, place[0], y)
        box.x, box.y = place[1], y + max(0.0, (end - y - box.height) / 2)
        y = max(end, y + box.height) + GAP
    stack(left.values(), place[0], y)


def _counter(data: _Data, factor: str, x: float, arrows: Arrows, target: Box) -> Box:
    """The box of something that counters the resistance, with its arrow; through what it does so stands in small print."""
    through = sorted(names.label(data.kb.store, m) for f, sign, m in data.through if f == factor and sign == "suppresses")
    box = Box(factor, names.label(data.kb.store, factor), _WIDTH, small="through " + ", ".join(through) if through else "")
    box.x = x
    relation, findings = next((r, found) for (f, r, sign), found in data.acts.items() if f == factor and sign == "suppresses")
    arrows.add(box, target, Edge(factor, relation, target.id, "suppresses", len(findings)))
    return box
