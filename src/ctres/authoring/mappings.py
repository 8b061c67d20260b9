"""The row of a new individual in the SSSOM table of its area: the term of another ontology that it is, or why there is none."""

from __future__ import annotations

import os

from .. import turtle
from ..errors import CtresError
from ..export import alignments
from ..export.alignments import NO_TERM, SUFFIX, Table
from ..terms import shorten

_EXACT, _BY_HAND = "skos:exactMatch", "semapv:ManualMappingCuration"


def table_of(module: str) -> str | None:
    """The path of the table beside a module, or None for a module without one."""
    folder, name = os.path.split(module)
    path = os.path.join(folder, "alignments", name.removesuffix(".ttl") + SUFFIX)
    return path if os.path.exists(path) else None


def rows(path: str, iri: str, label: str, terms: list[str], reason: str | None) -> list[dict[str, str]]:
    """The rows of a new individual: an exact match for each of `terms`, a CURIE and its label, or one row with the `reason`.

    Raises CtresError if neither or both are given, a prefix is unknown to the table, a term is that of another
    individual already, or the reason is too short to be one.
    """
    if bool(terms) == bool(reason):
        raise CtresError('say which term of another ontology it is, --mapping "CHEBI:42068 idarubicin", or why there is none, --no-mapping "..."')
    if reason and len(reason.split()) < 4:
        raise CtresError(f"“{reason}” is too short a reason for --no-mapping: say in four words or more why no term fits")
    table = Table(path)
    found = [_row(iri, label, NO_TERM, "", reason)] if reason else []
    for term in terms:
        curie, _, other = term.strip().partition(" ")
        prefix, colon, local = curie.partition(":")
        if not other.strip() or not colon or not local or prefix not in table.prefixes:
            raise CtresError(f"found “{term}” as --mapping: expected a CURIE and its label. Prefixes: {', '.join(table.prefixes)}")
        for row in (row for known in alignments.tables() for row in Table(known).rows):
            if row["object_id"] == curie and row["predicate_id"] == _EXACT:
                taken = f"{row['subject_id']} ({row['subject_label']})"
                raise CtresError(f"{curie} is {taken} already. Use that, or give it a synonym with skos:altLabel")
        found.append(_row(iri, label, curie, other.strip(), None))
    return sorted(found, key=_place)


def add(path: str, new: list[dict[str, str]]) -> int:
    """Put rows into a table, each in its place, and bring the Turtle beside it up to date; gives the line of the first.

    All other lines stay as they are.
    """
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.readlines()
    lines[-1] = lines[-1].removesuffix("\n") + "\n"
    known = Table(path).rows
    place = len(lines) - len(known) + sum(_place(row) < _place(new[0]) for row in known)
    lines[place:place] = ["\t".join(row[column] for column in alignments.COLUMNS) + "\n" for row in new]
    turtle.write(path, "".join(lines))
    alignments.refresh()
    return place + 1


def _place(row: dict[str, str]) -> tuple[str, ...]:
    return row["subject_id"], row["predicate_id"], row["object_id"]


def _row(iri: str, label: str, curie: str, other: str, reason: str | None) -> dict[str, str]:
    cells = (shorten(iri), label, _EXACT, curie, other, _BY_HAND, "", reason or "")
    for cell in cells:
        if "\t" in cell or "\n" in cell:
            raise CtresError(f"“{cell}” holds a tab or a line break, which a table of mappings cannot. Write it on one line")
    return dict(zip(alignments.COLUMNS, cells, strict=True))
