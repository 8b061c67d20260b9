"""Rows of answers: terms and values under the names of columns."""

from __future__ import annotations

from .term import Term
from .terms import PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .explanation import Explanation
    from .knowledge import KnowledgeBase
    from .questions import Column

    Value = Term | str | int | float | bool | None | tuple["Value", ...]


class Row:
    """One row of an answer: `row.factor`, `row["factor"]` and iteration in the order of the columns."""

    __slots__ = ("_asked", "_fields", "_values")

    def __init__(self, fields: tuple[str, ...], values: tuple[Value, ...], asked: tuple[Term, ...] = ()) -> None:
        self._fields, self._values, self._asked = fields, values, asked

    def explain(self) -> Explanation:
        """Why the row is there: the findings it rests on, and what was inferred from them about its terms."""
        from .explanation import explain_row

        return explain_row(self)

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(f"the row has no column “{name}”; it has {', '.join(self._fields)}")
        return self._values[self._fields.index(name)]

    def __getitem__(self, key: str | int) -> Value:
        return self._values[key] if isinstance(key, int) else self._values[self._fields.index(key)]

    def __iter__(self) -> Iterator[Value]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (Row, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values)

    def __repr__(self) -> str:
        return "Row(" + ", ".join(f"{f}={show(v)!r}" for f, v in zip(self._fields, self._values, strict=True)) + ")"


def show(value: Value) -> str:
    """A value as a person reads it: the label of a term, the members of a tuple, nothing for None."""
    if isinstance(value, tuple):
        return "; ".join(show(member) for member in value)
    return "" if value is None else str(value)


def plain(value: Value) -> str | int | float | bool | list[object] | None:
    """A value for machines: the CURIE of a term, a list for a tuple, anything else as it is."""
    if isinstance(value, tuple):
        return [plain(member) for member in value]
    return value.curie if isinstance(value, Term) else value


def value(kb: KnowledgeBase, node: object) -> Value:
    """An RDF term as Python has it: IRIs as Terms, numbers and booleans as such, other literals as text."""
    if node is None:
        return None
    datatype = getattr(node, "datatype", None)
    if datatype is None:
        return kb.term(node.value) if "://" in node.value else node.value  # type: ignore[attr-defined]
    kind = datatype.value.removeprefix(PREFIXES["xsd"])
    text: str = node.value  # type: ignore[attr-defined]
    if kind in ("integer", "int", "long", "nonNegativeInteger", "positiveInteger"):
        return int(text)
    if kind in ("decimal", "double", "float"):
        return float(text)
    return text in ("true", "1") if kind == "boolean" else text


def collect(kb: KnowledgeBase, columns: tuple[Column, ...], solutions: Iterable[Any], asked: tuple[Term, ...]) -> list[Row]:
    """The rows of solutions; those that differ only in columns of any number (`*`) become one row."""
    fields = tuple(column.name for column in columns)
    many = [column.count == "*" for column in columns]
    rows: dict[tuple[Value, ...], list[dict[Value, None]]] = {}
    met: dict[object, Value] = {None: None}  # rows repeat the same few terms
    for solution in solutions:
        nodes = [solution[field] for field in fields]
        for node in nodes:
            if node not in met:
                met[node] = value(kb, node)
        values = [met[node] for node in nodes]
        key = tuple(None if is_many else of for of, is_many in zip(values, many, strict=True))
        collected = rows.setdefault(key, [{} for _ in fields])
        for place, is_many, of in zip(collected, many, values, strict=True):
            if is_many and of is not None:
                place[of] = None
    filled = (tuple(tuple(c) if m else v for v, c, m in zip(key, collected, many, strict=True)) for key, collected in rows.items())
    return [Row(fields, values, asked) for values in filled]
