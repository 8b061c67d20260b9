"""Where nodes are described: the files, and the lines in them."""

from __future__ import annotations

import os
import re

import pyoxigraph as ox

from . import turtle
from .errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_LINES = (".ttl", ".nt", ".nq")  # what `locate` reads as Turtle

# White space and comments; then a string (four ways to quote it), an IRI, a name or number, or a mark other than a dot.
_IGNORED = r"(?:\s|\#[^\n]*+)"
_TOKEN = r"""(?:
    \"\"\"(?:"?"?(?:[^"\\]|\\.))*+\"\"\" | '''(?:'?'?(?:[^'\\]|\\.))*+'''
  | "(?:[^"\\\n]|\\.)*+" | '(?:[^'\\\n]|\\.)*+'
  | <[^<>"\s]*+>
  | (?:[^][(){};,.<>"'\#\\\s] | \\. | \.+(?=[^][(){};,.<>"'\#\s]))++
  | [^\s.]
)"""
_STATEMENT = rf"""
    (?P<directive>@?(?i:prefix|base)) (?:{_IGNORED}++ (?P<label>[^\s:<]*+):)?+ {_IGNORED}*+ (?P<iri><[^<>"\s]*+>) (?:{_IGNORED}*+\.)?+
  | (?P<subject>{_TOKEN}) (?:{_IGNORED}++ | {_TOKEN})*+ (?:\.|\Z)
  | \#[^\n]*+
"""


def locate(path: turtle.Path) -> dict[str, int]:
    """The line (from 1) at which each subject IRI of a Turtle (or N-Triples) file first begins a statement.

    Reads tokens only, so a subject after a syntax error may be missed. Blank nodes have no entry.
    Raises ParseError if the file cannot be read as UTF-8.
    """
    return {node: line for node, (line, _) in _statements(path).items()}


def _statements(path: turtle.Path) -> dict[str, tuple[int, int]]:
    """For each subject IRI the line on which its first statement begins, and the length of that statement."""
    text = _text(path)
    if text is None:
        raise ParseError(os.fspath(path), "the file must be in UTF-8: save it again with that encoding")
    found: dict[str, tuple[int, int]] = {}
    prefixes: dict[str | None, str] = {}
    line, end = 1, 0
    for match in re.finditer(_STATEMENT, text, re.VERBOSE | re.DOTALL):
        if match["directive"]:
            prefixes["@base" if match["label"] is None else match["label"]] = _resolve(match["iri"], prefixes.get("@base"))
        elif match["subject"]:
            line, end = line + text.count("\n", end, match.start()), match.start()
            subject = _expand(match["subject"], prefixes)
            if subject:
                found.setdefault(subject, (line, len(match[0])))
    return found


def _text(path: turtle.Path) -> str | None:
    try:
        return turtle.read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _expand(token: str, prefixes: dict[str | None, str]) -> str:
    if token.startswith("<"):
        plain = "\\" not in token and "://" in token
        return token[1:-1] if plain else _resolve(token, prefixes.get("@base"))
    prefix, colon, local = token.partition(":")
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if colon and prefix in prefixes else ""


def _resolve(token: str, base: str | None) -> str:
    try:
        return str(next(ox.parse(f"{token} <a:a> 1 .", ox.RdfFormat.TURTLE, base_iri=base)).subject)[1:-1]
    except SyntaxError:
        return ""


class Places:
    """Where nodes are described: for each its files, as pairs of both, or any of the `others`, as seen from `start`."""

    def __init__(self, files: Iterable[tuple[str, str]], others: Iterable[str] = (), start: str | None = None) -> None:
        self.others, self.start = sorted(others), start
        self.files: dict[str, list[str]] = {}
        for node, file in sorted(files):
            self.files.setdefault(node, []).append(file)
        self.statements: dict[str, dict[str, tuple[int, int]]] = {}
        self.texts: dict[str, list[str]] = {}

    @classmethod
    def of_folder(cls, folder: str) -> Places:
        """The places in the Turtle files of a folder, whose paths begin with the folder's own name."""
        paths = (os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)
        return cls((), (path for path in paths if path.endswith(".ttl")), os.path.dirname(folder))

    def find(self, node: str) -> tuple[str | None, int | None]:
        """The file and the line at which a node is described, each None if it is not known.

        Where several files describe it, the one that says most: the others may only declare it.
        """
        files = self.files.get(node, self.others)
        known = [(length, file, line) for file in files for line, length in [self._place(file, node)] if line]
        if known:
            _, file, line = max(known, key=lambda place: place[0])
            return os.path.relpath(file, self.start) if self.start else file, line
        return (files[0] if files and not self.start else None), None

    def _place(self, file: str, node: str) -> tuple[int, int]:
        """The line, or 0, and the length of what is said there."""
        if node.startswith("_:") or not os.path.isfile(file):
            return 0, 0
        if file.endswith(_LINES):
            if file not in self.statements:
                self.statements[file] = _statements(file)
            return self.statements[file].get(node, (0, 0))
        if file not in self.texts:  # XML and JSON: the first line that has the IRI, or its last part as a name of its own
            self.texts[file] = (_text(file) or "").split("\n")
        last = re.split(r"[/#]", node)[-1]
        for sign in (re.escape(node), rf"(?<=[#:/\"']){re.escape(last)}"):
            pattern = re.compile(sign + r"(?![\w.-])")
            for number, text in enumerate(self.texts[file], 1):
                if pattern.search(text):
                    return number, len(text)
        return 0, 0
