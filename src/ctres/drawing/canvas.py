"""A sheet to draw on, in points from the upper left corner: text that is measured, boxes, and arrows. The home of matplotlib."""

from __future__ import annotations

import functools
import io
import itertools
import math
import re
from html import escape

from ..errors import MissingExtraError
from .picture import Edge, Node, Picture

try:
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon, Rectangle
    from matplotlib.path import Path
except ImportError:
    raise MissingExtraError("A picture", "plot") from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Point = tuple[float, float]
INK, FAINT, LINE, PAPER = "#1a1a1a", "#595959", "#8c8c8c", "#ffffff"
SIGNS = {"promotes": "#1b7837", "suppresses": "#b2182b", "": "#767676"}
_COLOURS = {**SIGNS, "becomes": "#2f4b7c"}
_POINTED = ("promotes", "becomes")
SIZE = 10.0
_FONT = "DejaVu Sans"
_RC: Any = {
    "svg.hashsalt": "ctres",
    "svg.fonttype": "none",
    "path.simplify": False,
    "savefig.bbox": None,
    "font.family": [_FONT],
    "text.usetex": False,
}
_MARGIN = 18.0
DISCLAIMER = "For research, not medical advice."


@functools.cache
def _renderer() -> Any:
    return FigureCanvasAgg(Figure(dpi=288)).get_renderer()  # type: ignore[no-untyped-call]  # finer than the screen, so that hinting does not count


@functools.cache
def width_of(text: str, size: float = SIZE, bold: bool = False) -> float:
    """How wide a line of text is, in points."""
    font = FontProperties(family=_FONT, size=size, weight="bold" if bold else "normal")
    return float(_renderer().get_text_width_height_descent(text, font, False)[0]) / 4 if text else 0.0


def wrap(text: str, width: float, size: float = SIZE, bold: bool = False) -> list[str]:
    """The lines of a text, none wider than `width`; words that are too wide are broken, after a hyphen if possible."""
    lines = [""]
    for word in re.findall(r"[^\s-]*-+|[^\s-]+|\s+", text):
        if width_of(lines[-1] + word.rstrip(), size, bold) <= width:
            lines[-1] += word
            continue
        lines.append("")
        for letter in word.lstrip():
            if width_of(lines[-1] + letter, size, bold) > width:
                lines.append("")
            lines[-1] += letter
    return [line.strip() for line in lines if line.strip()]


class Box:
    """A box with a name and, below it, small print; its size follows from its text, its place (`x`, `y`) from the layout."""

    def __init__(self, id: str, label: str, width: float, *, small: str = "", fill: str = PAPER, strong: bool = False, frame: bool = True) -> None:
        self.id, self.label, self.fill, self.strong, self.frame, self.width = id, label, fill, strong, frame, width
        inner = width - 14
        self.lines = wrap(label, inner, SIZE, strong)
        self.small = wrap(small, inner, SIZE - 2)
        self.height = 13.0 * len(self.lines) + 11.0 * len(self.small) + 10
        self.x = self.y = 0.0

    @property
    def middle(self) -> float:
        """The height at which it stands: its vertical middle."""
        return self.y + self.height / 2


class Canvas:
    """What is drawn, until `picture` makes a picture of it."""

    def __init__(self, title: str, description: str) -> None:
        self.title, self.description = title, description
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self._artists: list[Any] = []
        self._right = self._bottom = self._top = 0.0

    def _reach(self, x: float, y: float) -> None:
        self._right, self._bottom, self._top = max(self._right, x), max(self._bottom, y), min(self._top, y - 2 * SIZE)

    def text(self, x: float, y: float, text: str, *, size: float = SIZE, bold: bool = False, colour: str = INK, align: str = "left") -> None:
        """A line of text whose vertical middle is at `y`."""
        wide = width_of(text, size, bold)
        self._reach(x + {"left": wide, "center": wide / 2, "right": 0}[align], y + size)
        self._artists.append((2, "text", (x, y, text, size, bold, colour, align)))

    def box(self, box: Box) -> None:
        """A box, at its place."""
        self.nodes.append(Node(box.id, box.label, box.x, box.y, box.width, box.height))
        self._reach(box.x + box.width, box.y + box.height)
        if box.frame:
            style = f"round,pad=0,rounding_size={min(5.0, box.height / 3)}"
            look: dict[str, Any] = {"facecolor": box.fill, "edgecolor": INK if box.strong else LINE, "linewidth": 1.6 if box.strong else 0.8}
            self._artists.append((1, "patch", FancyBboxPatch((box.x, box.y), box.width, box.height, boxstyle=style, **look)))
        high = 13.0 * len(box.lines) + 11.0 * len(box.small)
        y = box.middle - high / 2 + 6.5
        for line in box.lines:
            self.text(
                *((box.x + box.width / 2, y) if box.frame else (box.x + box.width, y)),
                line,
                bold=box.strong,
                align="center" if box.frame else "right",
            )
            y += 13
        for line in box.small:
            self.text(box.x + box.width / 2, y - 1, line, size=SIZE - 2, colour=FAINT, align="center")
            y += 11

    def note(self, box: Box) -> None:
        """The small print of a box alone, on the arrow that passes behind it."""
        y = box.middle - 5.5 * len(box.small) + 5.5
        wide = max(width_of(line, SIZE - 2) for line in box.small) + 6
        look: dict[str, Any] = {"facecolor": PAPER, "edgecolor": "none"}
        self._reach(box.x + box.width, box.y + box.height)
        self._artists.append((0.5, "patch", Rectangle((box.x + (box.width - wide) / 2, box.y), wide, box.height, **look)))
        for line in box.small:
            self.text(box.x + box.width / 2, y, line, size=SIZE - 2, align="center")
            y += 11

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle."""
        self._reach(x + width, y + height)
        self._artists.append((1, "patch", Rectangle((x, y), width, height, facecolor=colour, edgecolor="none")))

    def line(self, points: list[Point], colour: str = LINE, width: float = 1.0) -> None:
        """Straight lines from point to point."""
        self._artists.append((0, "patch", PathPatch(Path(points), facecolor="none", edgecolor=colour, linewidth=width)))

    def arrow(self, points: list[Point], sign: str, findings: int = 1, head: bool = True) -> None:
        """A curve that leaves each point and reaches the next horizontally; its head says the sign, its width how many findings there are."""
        colour, width = _COLOURS[sign], thickness(findings)
        (x1, _), (x, y) = points[-2:]
        way = 1.0 if x >= x1 else -1.0
        size = 4.5 + width * 0.9 if head else 0.0
        ends = [*points[:-1], (x - way * (size if sign in _POINTED else 0.8 if head else 0.0), y)]
        vertices: list[Point] = [ends[0]]
        for (xa, ya), (xb, yb) in itertools.pairwise(ends):
            reach = (xb - xa) / 2
            vertices += [(xa + reach, ya), (xb - reach, yb), (xb, yb)]
        codes = [Path.MOVETO] + [Path.CURVE4] * (len(vertices) - 1)
        self._artists.append((0, "patch", PathPatch(Path(vertices, codes), facecolor="none", edgecolor=colour, linewidth=width, capstyle="butt")))
        if not head:
            return
        if sign in _POINTED:
            mark: Any = Polygon([(x, y), (x - way * size * 1.3, y - size * 0.75), (x - way * size * 1.3, y + size * 0.75)], facecolor=colour, lw=0)
        elif sign == "suppresses":
            mark = Rectangle((x - 1.3, y - size * 0.9), 2.6, size * 1.8, facecolor=colour, lw=0)
        else:
            mark = Circle((x - way * 1.6, y), 2.6 + width * 0.2, facecolor=colour, lw=0)
        self._artists.append((3, "patch", mark))

    def legend(self, signs: list[tuple[str, str]], note: str = "") -> None:
        """What the heads of the arrows mean, as (sign, words), a note, and the disclaimer, below all that is drawn so far."""
        y = self._bottom + 26
        x = 0.0
        for sign, words in signs:
            wide = 40 + width_of(words, SIZE - 1) + 18
            if x and x + wide > max(self._right, 320):
                x, y = 0.0, y + 16
            self.arrow([(x, y), (x + 30, y)], sign, 2)
            self.text(x + 36, y, words, size=SIZE - 1)
            x += wide
        y += 16 if signs else -10
        for line in wrap(note, max(self._right, 320), SIZE - 1):
            self.text(0, y, line, size=SIZE - 1, colour=FAINT)
            y += 13
        self.text(0, y + 2, DISCLAIMER, size=SIZE - 1, colour=FAINT)

    def picture(self) -> Picture:
        """The picture, with its title above, margins around, and places counted from the corner of the sheet."""
        head = wrap(self.title, max(self._right, 320), SIZE + 4, True)
        top = _MARGIN + 19 * len(head) + 10 - self._top
        width = max([self._right, *(width_of(line, SIZE + 4, True) for line in head)]) + 2 * _MARGIN
        size = math.ceil(width), math.ceil(self._bottom + top + _MARGIN)
        for number, line in enumerate(head):
            self.text(0, _MARGIN - top + 19 * number + 9, line, size=SIZE + 4, bold=True)
        nodes = tuple(node._replace(x=node.x + _MARGIN, y=node.y + top) for node in self.nodes)
        return Picture(self.title, self.description, size, nodes, tuple(self.edges), lambda form: self._rendered(form, size, top))

    def _rendered(self, form: str, size: tuple[float, float], top: float) -> bytes:
        from copy import copy

        with matplotlib.rc_context(_RC):
            figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=144, facecolor=PAPER)
            axes = figure.add_axes((0, 0, 1, 1), xlim=(-_MARGIN, size[0] - _MARGIN), ylim=(size[1] - top, -top), frameon=False)
            axes.set_axis_off()
            for level, kind, what in self._artists:
                if kind == "patch":
                    patch = copy(what)
                    patch.set_zorder(level)
                    patch.set_clip_on(False)
                    axes.add_patch(patch)
                else:
                    x, y, text, points, bold, colour, align = what
                    font = FontProperties(family=_FONT, size=points, weight="bold" if bold else "normal")
                    look: dict[str, Any] = {"color": colour, "ha": align, "va": "center_baseline", "zorder": level, "parse_math": False}
                    axes.text(x, y, text, fontproperties=font, **look)
            file = io.BytesIO()
            if form == "png":
                figure.savefig(file, format="png", dpi=144, metadata={"Title": self.title, "Software": None})
                return file.getvalue()
            figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
            return self._accessible(file.getvalue().decode()).encode()

    def _accessible(self, svg: str) -> str:
        """The SVG with title and description, and fonts to fall back on."""
        said = f"<title>{escape(self.title)}</title>\n <desc>{escape(self.description)}</desc>\n"
        start = svg.index("<svg")
        end = svg.index(">", start)
        svg = svg[:end] + ' role="img">\n ' + said + svg[end + 1 :]
        svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
        return svg.replace(f"'{_FONT}'", f"'{_FONT}', Verdana, sans-serif")


def thickness(findings: int) -> float:
    """The width of an arrow that so many findings bear out."""
    return min(1.1 + 1.1 * math.log2(max(findings, 1)), 6.0)
