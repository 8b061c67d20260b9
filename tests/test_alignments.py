"""The SSSOM tables: valid, complete, with identifiers of the reference files, and with Turtle that says the same."""

from __future__ import annotations

import csv
import os
import shutil
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import ROOT
from sssom.parsers import parse_sssom_table
from sssom.validators import validate

from ctres import cli, resources, turtle
from ctres.errors import ParseError
from ctres.export import alignments
from ctres.export.alignments import NO_TERM, Table
from ctres.terms import BASE, PREFIXES

FOLDER = ROOT / "ontology"
AREAS = ["cancers", "cells", "microenvironment", "models", "molecules", "processes", "resistance", "strategies", "therapies"]
TABLES = [FOLDER / "alignments" / f"{area}.sssom.tsv" for area in AREAS]
TYPE, LABEL = PREFIXES["rdf"] + "type", PREFIXES["rdfs"] + "label"
PREDICATES = {"skos:" + kind + "Match" for kind in ("exact", "close", "broad", "narrow", "related")}


def labels(area: str) -> dict[str, str]:
    """The CURIE and label of each individual of a module."""
    triples = turtle.triples(FOLDER / f"{area}.ttl")
    individuals = {t.subject for t in triples if t.predicate.value == TYPE and t.object.value == PREFIXES["owl"] + "NamedIndividual"}  # type: ignore[union-attr]
    return {t.subject.value.replace(BASE, "ctres:"): t.object.value for t in triples if t.predicate.value == LABEL and t.subject in individuals}  # type: ignore[union-attr]


def test_each_area_has_a_table_and_each_table_an_area() -> None:
    assert [Path(path) for path in alignments.tables()] == TABLES


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_tables_are_valid_sssom_and_read_as_its_library_reads_them(path: Path) -> None:
    mappings = parse_sssom_table(str(path))
    reports = validate(mappings, fail_on_error=False)
    assert reports
    assert {str(kind): [result.message for result in report.results] for kind, report in reports.items() if report.results} == {}
    theirs = {(row.subject_id, row.predicate_id, row.object_id) for row in mappings.df.itertuples()}
    ours = {(row["subject_id"], row["predicate_id"], row["object_id"]) for row in Table(str(path)).rows}
    assert len(ours) == len(Table(str(path)).rows), "a mapping stands twice"
    assert theirs == ours


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_every_individual_is_mapped_or_the_table_says_why_not(path: Path) -> None:
    rows = Table(str(path)).rows
    known = labels(path.name.partition(".")[0])
    assert len(known) > 15
    assert {row["subject_id"] for row in rows} == set(known)
    assert {row["subject_id"]: row["subject_label"] for row in rows} == known
    assert {row["predicate_id"] for row in rows} <= PREDICATES
    assert {row["mapping_justification"] for row in rows} == {"semapv:ManualMappingCuration"}
    assert rows == sorted(rows, key=lambda row: (row["subject_id"], row["predicate_id"], row["object_id"]))
    alone = Counter(row["subject_id"] for row in rows)
    for row in rows:
        if row["object_id"] == NO_TERM:
            assert alone[row["subject_id"]] == 1, row["subject_id"]
            assert len(row["comment"].split()) >= 4, f"{row['subject_id']}: say why there is no term"
            assert row["predicate_id"] == "skos:exactMatch"
            assert row["object_label"] == ""
        if row["predicate_id"] == "skos:closeMatch":
            assert row["comment"], f"{row['subject_id']} {row['object_id']}: say what differs"


def test_nothing_is_the_exact_match_of_two_terms() -> None:
    exact = Counter(row["object_id"] for path in TABLES for row in Table(str(path)).rows if row["predicate_id"] == "skos:exactMatch")
    del exact[NO_TERM]
    assert len(exact) > 300
    assert [identifier for identifier, times in exact.items() if times > 1] == []


@pytest.mark.shared
def test_identifiers_and_their_labels_are_those_of_the_reference_files(shared: Path) -> None:
    known: dict[str, str] = {}
    for name, column in (("review_entities.tsv", "curie_label"), ("terms.tsv", "label")):
        with open(shared / "reference" / name, encoding="utf-8", newline="") as file:
            known |= {row["curie"]: row[column] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    rows = [row for path in TABLES for row in Table(str(path)).rows if row["object_id"] != NO_TERM]
    assert len(rows) > 900
    assert {row["object_id"]: row["object_label"] for row in rows if known.get(row["object_id"]) != row["object_label"]} == {}


def test_the_turtle_says_what_the_tables_say_and_repeats_it_for_the_class_of_a_generic_individual() -> None:
    assert alignments.refresh(check=True) == [], "run `ctres fmt`"
    classes = alignments.generics()
    assert len(classes) > 100
    for path in TABLES:
        table = Table(str(path))
        expected = {(classes.get(s, s) if of_class else s, p, o) for s, p, o in table.triples() for of_class in (False, True)}
        found = {
            tuple(node.value for node in t) for t in turtle.triples(str(path).replace(".sssom.tsv", ".ttl")) if t.predicate.value.endswith("Match")
        }  # type: ignore[union-attr]
        assert found == expected


HEAD = "#curie_map:\n#  ctres: https://w3id.org/ctres/\n#  obo: http://purl.obolibrary.org/obo/\n#  skos: http://www.w3.org/2004/02/skos/core#\n"
COLUMNS = "\t".join(alignments.COLUMNS) + "\n"
BROKEN = {
    "subject_id\tobject_id\n": "line 5: expected the columns subject_id, .*, separated by tabs",
    COLUMNS + "ctres:a\ta\tskos:exactMatch\tobo:X_1\tx\n": "line 6: this row has not 8 cells",
    COLUMNS + "ctres:a\ta\tskos:exactMatch\tFOO:1\tx\t\t\t\n": "line 6: found “FOO:1” as object_id",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_table_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.sssom.tsv"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ParseError, match=BROKEN[text]):
        Table(str(path))


def test_fmt_writes_the_turtle_of_a_changed_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    (tmp_path / "shapes").mkdir()
    monkeypatch.setattr(resources, "find", lambda *parts: os.path.join(tmp_path, *parts))
    table, written = tmp_path / "ontology" / "alignments" / "therapies.sssom.tsv", tmp_path / "ontology" / "alignments" / "therapies.ttl"
    before = written.read_text(encoding="utf-8")
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    gone = next(line for line in lines if line.startswith("ctres:doxorubicin\t") and "CHEBI:28748" in line)
    table.write_text("".join(line for line in lines if line != gone), encoding="utf-8")
    assert cli.main(["fmt", "--check"]) == 1
    assert written.read_text(encoding="utf-8") == before
    assert cli.main(["fmt"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"not formatted: {written}", f"formatted: {written}"]
    kept = {str(q.triple) for q in ox.parse(before, ox.RdfFormat.TURTLE)} - {str(t) for t in turtle.triples(written)}
    assert len(kept) == 1
    assert "CHEBI_28748" in kept.pop()
