"""What becomes of a row: statements, or a reason why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..terms import BASE, PREFIXES

RDF_TYPE = PREFIXES["rdf"] + "type"
LABEL = PREFIXES["rdfs"] + "label"
COMMENT = PREFIXES["rdfs"] + "comment"
SEE_ALSO = PREFIXES["rdfs"] + "seeAlso"
INDIVIDUAL = PREFIXES["owl"] + "NamedIndividual"
_XSD = PREFIXES["xsd"]

# A value as N-Triples has it: `<IRI>`, or a quoted literal.
Statement = tuple[str, str, str]


class Refused(Exception):  # noqa: N818 - it says what becomes of a row; the import goes on
    """A row that cannot be taken: the `column` and `value` that are to blame, the `reason`, and the `nearest` terms there are."""

    def __init__(self, column: str, value: str, reason: str, nearest: tuple[str, ...] = ()) -> None:
        self.column, self.value, self.reason, self.nearest = column, value, reason, nearest
        super().__init__(reason)


@dataclass(frozen=True)
class Reject:
    """A row that was not taken; `row` is its number in the table, the header not counted."""

    row: int
    column: str
    value: str
    reason: str
    nearest: tuple[str, ...] = ()


@dataclass
class Record:
    """The statements that a row has become: about its findings, whose IRIs are `findings`, and about what is new to CTRES."""

    row: int
    findings: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    def ntriples(self) -> Iterator[str]:
        """The statements, each a line of N-Triples."""
        return (f"<{s}> <{p}> {o} .\n" for s, p, o in self.statements)


def iri(value: str) -> str:
    """An IRI as a value."""
    return f"<{value}>"


def text(value: str, language: str = "") -> str:
    """A text as a value, in the escapes of N-Triples, which are those of JSON."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F") + (f"@{language}" if language else "")


def number(value: int) -> str:
    """A whole number as a value."""
    return f'"{value}"^^<{_XSD}integer>'


def individual(subject: str, kind: str, label: str, *more: tuple[str, str]) -> Iterator[Statement]:
    """A new individual of a class (a local name of CTRES), with its label in English and other pairs of property and value."""
    yield subject, RDF_TYPE, iri(INDIVIDUAL)
    yield subject, RDF_TYPE, iri(BASE + kind)
    yield subject, LABEL, text(label, "en")
    yield from ((subject, path, value) for path, value in more)
