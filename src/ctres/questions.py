"""Canned questions: SPARQL files whose `#+` header says what they ask, what they need and what they return."""

from __future__ import annotations

import os
import re

from . import resources
from .errors import QuestionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PARAMETER = re.compile(r"(\w+)\s+term(?:\((\w+)\))?(\?)?")
_COLUMN = re.compile(r"(\w+)\s+(iri|string|integer|number|boolean)([?*])?")


def with_header(path: str, needed: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """The text of a SPARQL file and its header, which are the lines `#+ key: value`.

    Raises QuestionError for a line of another form, for a key that is neither `needed` nor `known`, and for a needed one that is missing.
    """
    with open(path, encoding="utf-8") as file:
        text = file.read()
    header: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#+"):
            key, colon, value = line[2:].partition(":")
            if not colon or key.strip() not in needed + known:
                expected = ", ".join(f"`{word}:`" for word in needed + known)
                raise QuestionError(f"{path}, line {number}: after `#+` expected one of {expected}")
            header[key.strip()] = value.strip()
    for key in needed:
        if not header.get(key):
            raise QuestionError(f"{path}: the header lacks `#+ {key}:`")
    return text, header


class Parameter:
    """One parameter of a question: its name, the class that its value must belong to (or None), and if it may be left out."""

    __slots__ = ("kind", "name", "optional")

    def __init__(self, name: str, kind: str | None, optional: bool) -> None:
        self.name, self.kind, self.optional = name, kind, optional

    def __repr__(self) -> str:
        return f"{self.name}: {self.kind or 'any term'}" + (" (optional)" if self.optional else "")


class Column:
    """One column of an answer: its name, its type, and how often it is filled ("" once, "?" at the most once, "*" any number)."""

    __slots__ = ("count", "kind", "name")

    def __init__(self, name: str, kind: str, count: str) -> None:
        self.name, self.kind, self.count = name, kind, count

    def __repr__(self) -> str:
        return f"{self.name} {self.kind}{self.count}"


class Question:
    """A canned question, read from one `.rq` file; its name is the file's stem."""

    def __init__(self, path: str) -> None:
        """Read a question. Raises QuestionError if its header is incomplete or misspelt."""
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.text, header = with_header(path, needed=("summary", "returns"), known=("description", "tags", "params", "table"))
        self.summary, self.description = header["summary"], header.get("description", "")
        self.tags = tuple(tag.strip() for tag in header.get("tags", "").strip("[]").split(",") if tag.strip())
        self.parameters = tuple(Parameter(m[1], m[2], bool(m[3])) for m in self._items(header.get("params", ""), _PARAMETER))
        self.columns = tuple(Column(m[1], m[2], m[3] or "") for m in self._items(header["returns"], _COLUMN))
        named = [column.name for column in self.columns]
        self.table = tuple(name.strip() for name in header["table"].split(",")) if "table" in header else tuple(named)
        if unknown := set(self.table) - set(named):
            raise QuestionError(f"{path}: `#+ table:` names columns that `#+ returns:` does not have: {', '.join(sorted(unknown))}")

    def _items(self, text: str, form: re.Pattern[str]) -> list[re.Match[str]]:
        found = []
        for item in text.split(",") if text else []:
            match = form.fullmatch(item.strip())
            if match is None:
                raise QuestionError(f"{self.path}: cannot read “{item.strip()}”; expected the form {form.pattern}")
            found.append(match)
        return found

    def check(self, given: Mapping[str, object]) -> None:
        """Raise QuestionError unless all parameters given exist and none that is required is left out."""
        known = {parameter.name for parameter in self.parameters}
        described = ", ".join(map(repr, self.parameters)) or "none"
        for name in given:
            if name not in known:
                raise QuestionError(f"the question {self.name} has no parameter “{name}”. Its parameters: {described}.")
        for parameter in self.parameters:
            if not parameter.optional and given.get(parameter.name) is None:
                raise QuestionError(f"the question {self.name} needs the parameter “{parameter.name}”. Its parameters: {described}.")

    def __repr__(self) -> str:
        return f"<Question {self.name}({', '.join(map(repr, self.parameters))}): {self.summary}>"


class Questions:
    """All canned questions, by name; a mapping that reads a file only when its question is wanted."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder or resources.find("sparql", "questions")
        self._read: dict[str, Question] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(name[:-3] for name in os.listdir(self._folder) if name.endswith(".rq")))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, name: str) -> Question:
        if name not in self._read:
            path = os.path.join(self._folder, name + ".rq")
            if os.path.basename(name) != name or not os.path.isfile(path):
                import difflib

                near = difflib.get_close_matches(name, list(self), n=3, cutoff=0.5)
                hint = f"Did you mean {' or '.join(near)}?" if near else "List them with `ctres questions`."
                raise QuestionError(f"there is no question called “{name}”. {hint}")
            self._read[name] = Question(path)
        return self._read[name]

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {self[name].summary}" for name in self)
