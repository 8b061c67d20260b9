"""The mappings of `ontology/alignments/*.sssom.tsv` as Turtle beside the tables.

A table is what a curator edits: SSSOM (https://w3id.org/sssom), one mapping a row, or one row with `sssom:NoTermFound`
and the reason. Its Turtle follows from it, so that triple stores and Protégé can load the mappings.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator

from .. import resources, turtle
from ..build import ontology_triples
from ..errors import ParseError
from ..terms import BASE, PREFIXES

SUFFIX = ".sssom.tsv"
NO_TERM = "sssom:NoTermFound"
COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "object_source_version",
    "comment",
)


class Table:
    """One SSSOM table: the `prefixes` of its header, its `title` and its `rows`, each a dict by column.

    Raises ParseError, with the line, for a row that lacks a cell, a prefix without an IRI, or columns other than `COLUMNS`,
    and for a file that is not in UTF-8.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
        except UnicodeDecodeError:
            raise ParseError(path, "the file is not in UTF-8. Save it again with that encoding") from None
        head = [line for line in lines if line.startswith("#")]
        self.prefixes: dict[str, str] = dict(re.findall(r"^#  ([\w.]+): (\S+)$", "\n".join(head), re.MULTILINE))
        self.title = next((line.partition(": ")[2] for line in head if line.startswith("#mapping_set_title: ")), "")
        reader = csv.DictReader(lines[len(head) :], delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ParseError(path, f"expected the columns {', '.join(COLUMNS)}, separated by tabs", len(head) + 1)
        self.rows: list[dict[str, str]] = []
        for row in reader:
            line = len(head) + reader.line_num
            if None in row or None in row.values():
                raise ParseError(
                    path, f"this row has not {len(COLUMNS)} cells. Separate them by tabs, and leave an empty cell where there is no value", line
                )
            for column in ("subject_id", "predicate_id", "object_id"):
                if row[column].partition(":")[0] not in self.prefixes:
                    raise ParseError(path, f"found “{row[column]}” as {column}: expected a CURIE whose prefix stands in the curie_map above", line)
            self.rows.append(row)

    def expand(self, curie: str) -> str:
        """The IRI of a CURIE of this table."""
        prefix, _, local = curie.partition(":")
        return self.prefixes[prefix] + local

    def mapped(self) -> list[dict[str, str]]:
        """The rows that have a matching term."""
        return [row for row in self.rows if row["object_id"] != NO_TERM]

    def triples(self) -> Iterator[tuple[str, str, str]]:
        """The mappings as IRIs."""
        for row in self.mapped():
            yield self.expand(row["subject_id"]), self.expand(row["predicate_id"]), self.expand(row["object_id"])


def tables() -> list[str]:
    """The paths of all tables, by name."""
    folder = resources.find("ontology", "alignments")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(SUFFIX)]


def generics() -> dict[str, str]:
    """The class that each generic individual of the ontology stands for."""
    return {t.subject.value: t.object.value for t in ontology_triples() if t.predicate.value == BASE + "standsFor"}  # type: ignore[union-attr]


def to_turtle(table: Table, classes: dict[str, str]) -> str:
    """The mappings of a table in canonical Turtle; what is said of a generic individual holds of its class in `classes` too."""
    name = os.path.basename(table.path).removesuffix(SUFFIX)
    owl, dcterms, rdf = (PREFIXES[prefix] for prefix in ("owl", "dcterms", "rdf"))
    ontology = f"<{BASE}module/alignments/{name}>"
    facts = {(s, p, o) for subject, p, o in table.triples() for s in (subject, classes.get(subject)) if s}
    used = sorted({p for _, p, _ in facts} | {dcterms + term for term in ("license", "source", "title")})
    lines = [
        f"{ontology} <{rdf}type> <{owl}Ontology> ; <{dcterms}license> <https://creativecommons.org/licenses/by/4.0/> ;",
        f'  <{dcterms}title> "{table.title}"@en ; <{dcterms}source> <{BASE}alignments/{name}{SUFFIX}> .',
        *(f"<{property}> <{rdf}type> <{owl}AnnotationProperty> ." for property in used),
        *(f"<{s}> <{p}> <{o}> ." for s, p, o in sorted(facts)),
    ]
    return turtle.format_text("\n".join(lines), table.path)


def refresh(*, check: bool = False) -> list[str]:
    """Write the Turtle of each table whose Turtle is not up to date; return their paths. With `check`, write nothing."""
    paths = tables()
    classes = generics() if paths else {}
    changed = []
    for path in paths:
        target = path.removesuffix(SUFFIX) + ".ttl"
        new = to_turtle(Table(path), classes)
        old = None
        if os.path.exists(target):
            with open(target, encoding="utf-8") as file:
                old = file.read()
        if new != old:
            changed.append(target)
            if not check:
                turtle.write(target, new)
    return changed
