"""A finished picture: its SVG and PNG, and what was drawn where."""

from __future__ import annotations

import os
from typing import NamedTuple

from ..errors import CtresError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike


class DrawingError(CtresError):
    """A picture that cannot be drawn or saved; the text says why and what to do."""


class Node(NamedTuple):
    """A box: `id` is the IRI of the term it shows, or what it says; the rest is its upper left corner and size in points."""

    id: str
    label: str
    x: float
    y: float
    width: float
    height: float


class Edge(NamedTuple):
    """An arrow between the ids of two boxes; `relation` is an IRI or a word, `sign` one of `promotes`, `suppresses` and nothing."""

    source: str
    relation: str
    target: str
    sign: str
    findings: int


class Picture:
    """A picture with `title` and `description`, of `width` by `height` points; a notebook shows it as it is."""

    def __init__(
        self,
        title: str,
        description: str,
        size: tuple[float, float],
        nodes: tuple[Node, ...],
        edges: tuple[Edge, ...],
        render: Callable[[str], bytes],
    ) -> None:
        self.title, self.description, self.nodes, self.edges = title, description, nodes, edges
        self.width, self.height = size
        self._render = render
        self._rendered: dict[str, bytes] = {}

    def _as(self, form: str) -> bytes:
        if form not in self._rendered:
            self._rendered[form] = self._render(form)
        return self._rendered[form]

    @property
    def svg(self) -> str:
        """The picture as SVG, the same text each time, with a title and a description for screen readers."""
        return self._as("svg").decode()

    @property
    def png(self) -> bytes:
        """The picture as PNG."""
        return self._as("png")

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file; its extension, .svg or .png, says the format. Raises DrawingError for any other."""
        drawn = self._as(extension(path))
        with open(path, "wb") as file:
            file.write(drawn)

    def _repr_svg_(self) -> str:
        return self.svg.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)  # no wider than the page

    def __repr__(self) -> str:
        return f"<Picture “{self.title}”: {len(self.nodes)} boxes, {len(self.edges)} arrows>"


def extension(path: str | PathLike[str]) -> str:
    """The format that the extension of a file means, `svg` or `png`. Raises DrawingError for any other."""
    form = os.path.splitext(os.fspath(path))[1].lower().removeprefix(".")
    if form not in ("svg", "png"):
        raise DrawingError(f"{os.fspath(path)}: a picture is saved as .svg or .png, not as “{form or 'a file without extension'}”. Rename the file.")
    return form
