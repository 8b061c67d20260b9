"""HTML as tests read it."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"br", "img", "input", "link", "meta"}


class Page(HTMLParser):
    """Raises AssertionError where tags do not nest; keeps the text, and the tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, attribute: str) -> list[str]:
        """The values of an attribute of all tags of a name."""
        return [attributes[attribute] or "" for name, attributes in self.found if name == tag and attribute in attributes]
