"""Importers: every row is a finding or a reject with its reason, nothing is guessed, and no fault leaves half a file."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from ctres import compressed, importers, turtle
from ctres.cli import main
from ctres.errors import CtresError, ParseError
from ctres.importers import Record, Reject, civic, mapping, sketch, table, tables
from ctres.importers.vocabulary import Vocabulary
from ctres.knowledge import KnowledgeBase
from ctres.progress import Progress
from ctres.terms import BASE, PREFIXES

NAMESPACE = "https://lab.example/"
TYPE = PREFIXES["rdf"] + "type"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        status = main(["import", *arguments])
        out = capsys.readouterr()
        return status, out.out, out.err

    return call


# -- CIViC, in a small made-up release with all its traps

ITEM = {
    "molecular_profile": "BRAF V600E",
    "molecular_profile_id": "12",
    "disease": "Melanoma",
    "doid": "1909",
    "phenotypes": "",
    "therapies": "Vemurafenib",
    "therapy_interaction_type": "",
    "evidence_type": "Predictive",
    "evidence_direction": "Supports",
    "evidence_level": "B",
    "significance": "Resistance",
    "evidence_statement": 'A "made up" statement.',
    "citation_id": "123",
    "source_type": "PubMed",
    "asco_abstract_id": "",
    "citation": "Nobody et al., 2020",
    "nct_ids": "",
    "rating": "3",
    "evidence_status": "accepted",
    "evidence_id": "1",
    "variant_origin": "Somatic",
    "last_review_date": "",
    "evidence_civic_url": "https://civicdb.org/links/evidence_items/1",
    "molecular_profile_civic_url": "",
    "is_flagged": "false",
}
PROFILES = [
    ("BRAF V600E", "12", "1"),
    ("BRAF V600E AND KRAS G12D", "13", "1, 2"),
    ("BRAF V600E OR KRAS G12D", "14", "1, 2"),
    ("ZZZ1 Loss", "15", "3"),
]
VARIANTS = [("1", "BRAF", "673", "V600E"), ("2", "KRAS", "3845", "G12D"), ("3", "ZZZ1", "999", "Loss")]


def release(folder: Path, *changes: dict[str, str]) -> Path:
    """A release whose evidence items are `ITEM` with changes, numbered from 1."""

    def write(name: str, header: list[str], lines: list[list[str]]) -> Path:
        path = folder / name
        path.write_text("".join("\t".join(cells) + "\n" for cells in [header, *lines]), encoding="utf-8")
        return path

    write("MolecularProfileSummaries.tsv", list(civic.PROFILES), [[name, number, variants, "an alias"] for name, number, variants in PROFILES])
    links = "https://civicdb.org/links/variants/"
    write("VariantSummaries.tsv", list(civic.VARIANTS), [[v, links + v, gene, entrez, name] for v, gene, entrez, name in VARIANTS])
    items = [ITEM | {"evidence_id": str(n)} | change for n, change in enumerate(changes, 1)]
    return write("ClinicalEvidenceSummaries.tsv", list(ITEM), [list(item.values()) for item in items])


def taken(kb: KnowledgeBase, path: Path) -> list[Record | Reject]:
    return list(civic.records(str(path), Vocabulary(kb, NAMESPACE), Progress()))


def said(kb: KnowledgeBase, folder: Path, **change: str) -> set[tuple[str, str]]:
    """The property and value, with CTRES' base cut off, of the only finding of one item."""
    (record,) = taken(kb, release(folder, change))
    assert isinstance(record, Record), record
    (finding,) = record.findings
    return {(p.replace(BASE, ""), o.strip("<>").replace(BASE, "").replace(NAMESPACE, "my:")) for s, p, o in record.statements if s == finding}


def test_an_item_becomes_a_finding_with_all_that_civic_says(kb: KnowledgeBase, tmp_path: Path) -> None:
    found = said(kb, tmp_path, nct_ids="NCT01234567", is_flagged="true")
    assert {
        ("agent", "my:molecularProfile12"),
        ("increases", "my:VemurafenibResistance"),
        ("therapy", "my:Vemurafenib"),
        ("cancer", "melanoma"),
        ("certainty", "demonstrated"),
        ("source", "my:CIViC"),
        ("section", '"evidence items"'),
        ("sentence", f'"1"^^<{PREFIXES["xsd"]}integer'),
        ("evidenceLevel", '"B"'),
        ("evidenceRating", f'"3"^^<{PREFIXES["xsd"]}integer'),
        ("variantOrigin", '"Somatic"'),
        ("significance", '"Resistance"'),
        ("cites", "my:NobodyEtAl2020PubMed123"),
        (PREFIXES["rdfs"] + "seeAlso", "https://civicdb.org/links/evidence_items/1"),
        (PREFIXES["rdfs"] + "seeAlso", "https://clinicaltrials.gov/study/NCT01234567"),
        (PREFIXES["rdfs"] + "comment", '"A \\"made up\\" statement."@en'),
    } <= found
    assert any(p.endswith("editorialNote") for p, _ in found)


EFFECTS = {
    ("Resistance", "Supports"): "increases",
    ("Resistance", "Does Not Support"): "disputesIncreaseOf",
    ("Reduced Sensitivity", "Supports"): "increases",
    ("Reduced Sensitivity", "Does Not Support"): "disputesIncreaseOf",
    ("Sensitivity/Response", "Supports"): "decreases",
    ("Sensitivity/Response", "Does Not Support"): "disputesDecreaseOf",
}


@pytest.mark.parametrize(("significance", "direction"), EFFECTS)
def test_a_direction_is_neither_dropped_nor_turned_round(kb: KnowledgeBase, tmp_path: Path, significance: str, direction: str) -> None:
    found = said(kb, tmp_path, significance=significance, evidence_direction=direction)
    every = {*EFFECTS.values(), "isAssociatedWith"}
    assert {(p, o) for p, o in found if p in every} == {(EFFECTS[significance, direction], "my:VemurafenibResistance")}


def test_an_adverse_response_is_associated_with_side_effects(kb: KnowledgeBase, tmp_path: Path) -> None:
    found = said(kb, tmp_path, significance="Adverse Response")
    assert {("isAssociatedWith", "sideEffect"), ("therapy", "my:Vemurafenib")} <= found


def test_a_disputing_finding_gives_no_edge_and_says_that_it_disputes(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = release(tmp_path, {"therapies": "Doxorubicin", "evidence_direction": "Does Not Support"})
    importers.import_file(iter(taken(kb, path)), str(tmp_path / "civic.ttl"), namespace=NAMESPACE)
    mine = kb.with_data(tmp_path / "civic.ttl")
    (row,) = [row for row in mine.ask("resistance-regulators", therapy="doxorubicin") if str(row.factor) == "BRAF V600E"]
    assert row.direction == "disputes"
    assert "ctres:DisputingFinding" in {kind.curie for kind in row.finding.kinds.inferred}
    assert not row.factor.related("promotes")
    assert not row.factor.related("suppresses")
    assert not [row for row in mine.ask("resistance-factors", therapy="doxorubicin") if str(row.factor) == "BRAF V600E"]


def test_substitutes_are_a_finding_each_and_a_combination_is_one(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = release(
        tmp_path,
        {"therapies": "Vemurafenib,Cetuximab", "therapy_interaction_type": "Substitutes"},
        {"therapies": "Vemurafenib,Cetuximab", "therapy_interaction_type": "Combination"},
        {"therapies": "Cetuximab,Vemurafenib", "therapy_interaction_type": "Combination"},
        {"therapies": "Cetuximab,Vemurafenib", "therapy_interaction_type": "Sequential"},
    )
    substitutes, combined, turned, sequence = taken(kb, path)
    assert isinstance(substitutes, Record)
    assert substitutes.findings == [NAMESPACE + "evidence1-1", NAMESPACE + "evidence1-2"]
    parts = {o for record in (combined, turned, sequence) for _, p, o in record.statements if p == BASE + "hasComponent"}
    assert parts == {f"<{NAMESPACE}Vemurafenib>", f"<{NAMESPACE}Cetuximab>"}
    therapies = [next(o for _, p, o in record.statements if p == BASE + "therapy") for record in (combined, turned, sequence)]
    assert therapies[0] == therapies[1] != therapies[2]


def test_a_profile_is_linked_to_its_genes_and_only_what_acts_together_has_components(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = release(
        tmp_path,
        {"molecular_profile": "BRAF V600E AND KRAS G12D", "molecular_profile_id": "13"},
        {"molecular_profile": "BRAF V600E OR KRAS G12D", "molecular_profile_id": "14"},
        {"molecular_profile": "ZZZ1 Loss", "molecular_profile_id": "15"},
    )
    both, either, new = taken(kb, path)
    for record, number in ((both, 13), (either, 14)):
        genes = {o for s, p, o in record.statements if p == BASE + "actsOn" and s == f"{NAMESPACE}molecularProfile{number}"}
        assert genes == {f"<{BASE}BRAF>", f"<{BASE}KRAS>"}
    assert [len([o for _, p, o in record.statements if p == BASE + "hasComponent"]) for record in (both, either)] == [2, 0]
    assert (f"{NAMESPACE}ZZZ1", TYPE, f"<{BASE}GeneProduct>") in new.statements
    assert (f"{NAMESPACE}ZZZ1", PREFIXES["rdfs"] + "seeAlso", "<https://identifiers.org/ncbigene:999>") in new.statements


def test_drugs_and_diseases_are_found_by_name_synonym_and_doid_or_minted(kb: KnowledgeBase, tmp_path: Path) -> None:
    assert ("therapy", "imatinib") in said(kb, tmp_path, therapies="Imatinib Mesylate")
    assert ("increases", "imatinibResistance") in said(kb, tmp_path, therapies="Gleevec")
    assert ("cancer", "acuteMyeloidLeukemia") in said(kb, tmp_path, disease="Any name that it may have now", doid="9119")
    assert ("cancer", "melanoma") in said(kb, tmp_path, disease="Melanoma", doid="")
    # Another disease than the one that CTRES calls so, by its DOID.
    assert ("cancer", "my:Melanoma") in said(kb, tmp_path, disease="Melanoma", doid="99999999")
    assert not [pair for pair in said(kb, tmp_path, disease="", doid="") if pair[0] == "cancer"]


@pytest.mark.parametrize(("kind", "identifier"), [("PubMed", "PMID:123"), ("ASCO", "ASCO:123"), ("ASH", "ASH:123")])
def test_a_citation_keeps_the_kind_of_its_identifier(kb: KnowledgeBase, tmp_path: Path, kind: str, identifier: str) -> None:
    (record,) = taken(kb, release(tmp_path, {"source_type": kind}))
    assert {o for _, p, o in record.statements if p.endswith("terms/identifier")} == {f'"{identifier}"'}
    assert any("pubmed.ncbi.nlm.nih.gov/123" in o for _, _, o in record.statements) == (kind == "PubMed")


REJECTED = {
    "evidence_type": ("Prognostic", "only Predictive"),
    "significance": ("Nothing Much", "no finding can hold"),
    "evidence_level": ("F", "levels A to E"),
    "therapies": ("", "must name one"),
    "therapy_interaction_type": ("Mixture", "expected Combination"),
    "molecular_profile_id": ("777", "no molecular profile of this number"),
    "rating": ("many", "whole number"),
    "evidence_id": ("", "whole number"),
}


@pytest.mark.parametrize("column", REJECTED)
def test_a_row_that_cannot_be_taken_is_named_with_the_reason_and_the_next_goes_on(kb: KnowledgeBase, tmp_path: Path, column: str) -> None:
    value, reason = REJECTED[column]
    first, second = taken(kb, release(tmp_path, {column: value}, {}))
    assert isinstance(first, Reject)
    assert (first.row, first.column) == (1, column)
    assert value in first.value
    assert reason in first.reason
    assert isinstance(second, Record)
    # What is new is told by the first row that is taken, even if a rejected one named it before.
    minted = {s for s, p, _ in second.statements if p == TYPE}
    assert {o[1:-1] for _, _, o in second.statements if o.startswith(f"<{NAMESPACE}")} <= minted


def test_the_whole_release_is_findings_and_rejects_and_conforms(kb: KnowledgeBase, shared: Path, tmp_path: Path) -> None:
    path = shared / "datasets" / "civic-2024-08-01" / "ClinicalEvidenceSummaries.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        items = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    output = tmp_path / "civic.ttl"
    outcome = importers.import_file(civic.records(str(path), Vocabulary(kb, NAMESPACE), Progress()), str(output), namespace=NAMESPACE)
    assert outcome.rows == outcome.taken + outcome.rejected == len(items)
    with open(outcome.rejects, encoding="utf-8", newline="") as file:
        rejects = list(csv.DictReader(file, delimiter="\t"))
    assert len(rejects) == outcome.rejected
    refused = {int(reject["row"]) for reject in rejects}
    useful = [item for item in items if item["evidence_type"] == "Predictive" and item["therapies"]]
    assert outcome.taken == len(useful) > 1200
    assert {items[row - 1]["evidence_id"] for row in refused} == {item["evidence_id"] for item in items} - {item["evidence_id"] for item in useful}
    mine = kb.with_data(output)
    assert kb.check_files(output).conforms

    def number(text: str) -> int:
        return int(mine.sparql(f"SELECT (COUNT(DISTINCT ?f) AS ?n) {{ ?f ctres:source <{NAMESPACE}CIViC> ; {text} }}")[0].n)

    def expected(*keep: str) -> int:
        def findings(item: dict[str, str]) -> int:
            return len(item["therapies"].split(",")) if item["therapy_interaction_type"] == "Substitutes" else 1

        return sum(findings(item) for item in useful if (item["significance"], item["evidence_direction"]) in [tuple(k.split("|")) for k in keep])

    assert outcome.findings == number("a ctres:Finding")
    assert number("ctres:disputesIncreaseOf ?r") == expected("Resistance|Does Not Support", "Reduced Sensitivity|Does Not Support")
    assert number("ctres:disputesDecreaseOf ?r") == expected("Sensitivity/Response|Does Not Support")
    assert number("ctres:increases ?r . ?r ctres:resistanceTo ?t") == expected("Resistance|Supports", "Reduced Sensitivity|Supports")
    assert number("ctres:decreases ?r . ?r ctres:resistanceTo ?t") == expected("Sensitivity/Response|Supports")
    # One question answers from the reviews and from CIViC.
    sources = {str(row.review) for row in mine.ask("resistance-factors", therapy="gefitinib")}
    assert any("CIViC" in source for source in sources)
    assert any("Ankathil" in source for source in sources)


# -- any table


def example(tmp_path: Path) -> dict[str, Path]:
    """The files of the worked examples in the documentation."""
    text = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    found = re.findall(r"`([\w.]+)`:\n\n```\w+\n(.*?)```", text, re.DOTALL)
    assert len(found) == 4
    for name, content in found:
        (tmp_path / name).write_text(content, encoding="utf-8")
    return {name: tmp_path / name for name, _ in found}


def test_the_worked_examples_of_the_documentation_run(kb: KnowledgeBase, run: Run, tmp_path: Path) -> None:
    example(tmp_path)
    text = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    commands = re.findall(r"^ctres import (table .*)$", text, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        status, _, err = run(*command.split())
        assert status == 0, err
    mine = kb.with_data(tmp_path / "screen.ttl", tmp_path / "losses.nt")
    assert mine.check().conforms
    factors = {str(row.factor) for row in mine.ask("resistance-factors", therapy="doxorubicin") if "screen" in row.section}
    assert factors == {"miR-21", "miR-9999"}
    loss = next(row for row in mine.ask("what-promotes", state="PI3K/AKT pathway") if row.section == "Table 1")
    assert (str(loss.factor), loss.change, loss.sentence, {str(c) for c in loss.cancer}) == (
        "PTEN",
        "loss",
        (3,),
        {"breast cancer", "prostate cancer"},
    )
    rejects = (tmp_path / "screen.rejects.tsv").read_text(encoding="utf-8").splitlines()
    assert rejects[0] == "row\tcolumn\tvalue\treason\tnearest"
    assert rejects[1].startswith("4\tdrug\tdoxorubicine\t")
    assert rejects[1].endswith("\tdoxorubicin")
    assert len(rejects) == 2


def test_the_same_table_says_the_same_in_every_format(kb: KnowledgeBase, tmp_path: Path) -> None:
    import openpyxl
    import pyarrow
    import zstandard
    from pyarrow import parquet

    files = example(tmp_path)
    with files["screen.csv"].open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))
    text = files["screen.csv"].read_bytes()
    (tmp_path / "screen.csv.gz").write_bytes(gzip.compress(text))
    (tmp_path / "screen.csv.zst").write_bytes(zstandard.ZstdCompressor().compress(text))
    (tmp_path / "screen.tsv").write_text("".join("\t".join(row) + "\r\n" for row in cells), encoding="utf-8-sig")
    parquet.write_table(pyarrow.table({name: [row[i] or None for row in cells[1:]] for i, name in enumerate(cells[0])}), tmp_path / "screen.parquet")
    book = openpyxl.Workbook()
    for row in cells:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(tmp_path / "screen.xlsx")
    read = mapping.read(str(files["screen.toml"]), kb)
    expected = None
    for name in ("screen.csv", "screen.csv.gz", "screen.csv.zst", "screen.tsv", "screen.parquet", "screen.xlsx"):
        made = list(table.records(str(tmp_path / name), read, Vocabulary(kb, read.namespace), Progress()))
        shown = repr(made).replace(name, "TABLE")
        expected = expected or shown
        assert shown == expected, name
    assert expected
    assert expected.count("Record(") == 3


def test_a_sketch_is_a_mapping_once_the_gaps_are_filled(kb: KnowledgeBase, run: Run, tmp_path: Path) -> None:
    files = example(tmp_path)
    status, text, err = run("table", str(files["screen.csv"]), "--sketch")
    assert (status, err) == (0, "")
    assert "CTRES knows 2 of the 3 names seen" in text
    (tmp_path / "sketched.toml").write_text(text.replace('label = "..."', 'label = "My screen"'), encoding="utf-8")
    read = mapping.read(str(tmp_path / "sketched.toml"), kb)
    assert {name: slot.column for name, slot in read.slots.items() if slot.column} == {
        "about": "drug",
        "agent": "miRNA",
        "model": "cell line",
        "cites": "PMID",
        "effect": "result",
    }
    assert '"up" = "?"' in sketch.sketch(str(files["losses.tsv"]), Vocabulary(kb, NAMESPACE))


MISTAKES = {
    "not [valid": "not valid TOML",
    'namespace = "lab"': "`namespace` must be an IRI",
    "[source]\nlabel = 1": r"\[source\] must say who",
    "nmespace = 1": "Is it `namespace`",
    '[finding.agent]\ncolumn = "a"\nconstant = "b"': "either a column or a constant",
    '[finding.agent]\ncolumn = "a"\nsplitt = ";"': "Is it `split`",
    '[finding]\ncancr = "a"': "Is it `cancer`",
    '[finding]\nagent = "a"\nlostAgent = "b"': "either agent or lostAgent",
    "[finding]\nabout = 3": "must be the name of a column",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_mapping_is_named_with_the_remedy(kb: KnowledgeBase, tmp_path: Path, mistake: str) -> None:
    parts = {
        "namespace": f'namespace = "{NAMESPACE}"\n',
        "source": '[source]\nlabel = "x"\n',
        "finding": '[finding]\nagent = "g"\neffect = "e"\nabout = "d"\ncertainty = "c"\n',
    }
    key = mistake.lstrip("[").split(" ")[0].split("]")[0].split(".")[0].split("\n")[0]
    kept = "".join(text for name, text in parts.items() if name != key)
    extra = '\neffect = "e"\nabout = "d"\ncertainty = "c"\n' if mistake.startswith("[finding]\n") and "about" not in mistake else ""
    path = tmp_path / "map.toml"
    top, nested = (mistake + "\n", "") if not mistake.startswith("[") else ("", "\n" + mistake + extra)
    path.write_text(top + kept + nested, encoding="utf-8")
    with pytest.raises(CtresError, match=mistake and MISTAKES[mistake]) as raised:
        mapping.read(str(path), kb)
    assert "map.toml" in str(raised.value)


def test_a_cell_that_the_mapping_does_not_know_is_rejected(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = example(tmp_path)
    files["screen.csv"].write_text(
        "miRNA,drug,result,cell line,PMID\nmiR-21,doxorubicin,weird,MCF-7,\nmiR-21,doxorubicin,resistant,MCF-7,n/a\n", encoding="utf-8"
    )
    read = mapping.read(str(files["screen.toml"]), kb)
    weird, citation = table.records(str(files["screen.csv"]), read, Vocabulary(kb, NAMESPACE), Progress())
    assert isinstance(weird, Reject)
    assert (weird.column, weird.value, weird.nearest) == ("result", "weird", ("resistant", "sensitive"))
    assert isinstance(citation, Reject)
    assert citation.reason == "expected a PubMed number, a DOI, or a publication of CTRES"


def test_an_ambiguous_name_is_rejected_with_the_candidates(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = example(tmp_path)
    text = files["losses.toml"].read_text(encoding="utf-8")
    files["losses.toml"].write_text(text, encoding="utf-8")
    files["losses.tsv"].write_text("Gene\tEffect\tProcess\tTumors\tQuality\tPage\nPTEN\tup\tER\t\tgood\t1\n", encoding="utf-8")
    (reject,) = table.records(str(files["losses.tsv"]), mapping.read(str(files["losses.toml"]), kb), Vocabulary(kb, NAMESPACE), Progress())
    assert isinstance(reject, Reject)
    assert reject.reason == "several terms have this name"
    assert len(reject.nearest) >= 2


# -- bad input

HEADER = "miRNA,drug,result,cell line,PMID\n"
BAD = {
    "missing.csv": (HEADER.replace("drug", "drugs").encode(), "no column “drug”. Is it “drugs”"),
    "twice.csv": (HEADER.replace("PMID", "drug").encode(), "has “drug” twice"),
    "ragged.csv": (HEADER.encode() + b"a,b\n", "line 2: this row has 2 cells where the header has 5"),
    "quote.csv": (HEADER.encode() + b'"a,b,c,d,e\n', "line 2"),
    "latin.csv": (HEADER.encode() + "é,b,c,d,e\n".encode("latin-1"), "line 2, column 1: the file is not in UTF-8"),
    "utf16.csv": (HEADER.encode("utf-16"), "UTF-16"),
    "zero.csv": (HEADER.encode() + b"\0\n", "zero byte"),
    "empty.csv": (b"", "the table is empty"),
    "excel.csv": (b"PK\x03\x04rest\n", "this is a .xlsx file, not text"),
    "parquet.tsv": (b"PAR1rest\n", "this is a .parquet file, not text"),
    "text.xlsx": (HEADER.encode(), "not a readable Excel file"),
    "text.parquet": (HEADER.encode(), "not a readable Parquet file"),
    "text.csv.gz": (HEADER.encode(), "damaged"),
    "text.csv.zst": (HEADER.encode(), "damaged"),
    "cut.csv.gz": (gzip.compress(HEADER.encode() * 1000)[:-20], "end early or are damaged"),
    "picture.png": (b"", "no extension of a table"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_table_that_cannot_be_read_is_refused_and_the_earlier_result_stays(run: Run, tmp_path: Path, name: str) -> None:
    example(tmp_path)
    content, message = BAD[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "out.ttl").write_text("# earlier\n", encoding="utf-8")
    status, out, err = run("table", name, "--mapping", "screen.toml", "-o", "out.ttl")
    assert (status, out) == (2, "")
    assert message in err
    assert name in err
    assert (tmp_path / "out.ttl").read_text(encoding="utf-8") == "# earlier\n"
    assert not list(tmp_path.glob(".ctres-*"))
    assert not (tmp_path / "out.rejects.tsv").exists()


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    example(tmp_path)
    for name in ("no.csv", "no.xlsx", "no.parquet", "no.csv.gz"):
        assert "there is no such file" in run("table", name, "--mapping", "screen.toml", "-o", "out.ttl")[2]
    assert "cannot be read" in run("table", "screen.csv", "--mapping", "no.toml", "-o", "out.ttl")[2]
    assert "no folder" in run("table", "screen.csv", "--mapping", "screen.toml", "-o", "no/out.ttl")[2]
    assert "ends in .ttl or .nt" in run("table", "screen.csv", "--mapping", "screen.toml", "-o", "out.csv")[2]
    assert "--sketch proposes one" in run("table", "screen.csv", "-o", "out.ttl")[2]
    assert "-o FILE.ttl" in run("table", "screen.csv", "--mapping", "screen.toml")[2]


def test_mixed_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(b"a,b\r\n1,2\n3,4\r5,6\r\n")
    assert [row for _, row in tables.rows(str(path), Progress())] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}, {"a": "5", "b": "6"}]


class Endless(io.RawIOBase):
    """As long a line as anybody asks for, without holding it."""

    def __init__(self) -> None:
        self.given = 0

    def readline(self, size: int | None = -1) -> bytes:
        assert size is not None
        assert 0 < size <= 1 << 21, "a line is read in bounded pieces"
        self.given += size
        return b"x" * size


def test_a_line_of_gigabytes_is_refused_after_its_first_megabyte(tmp_path: Path) -> None:
    source = Endless()
    with pytest.raises(ParseError, match="line 1: the line is longer than 1,048,576 characters"):
        list(tables._lines(source, "long.csv"))  # type: ignore[arg-type]
    assert source.given <= 1 << 21


def test_a_compressed_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "_UNPACKED", 1 << 20)
    import zstandard

    zeros = b"a,b\n" * (1 << 20)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(zeros))
    (tmp_path / "bomb.csv.zst").write_bytes(zstandard.ZstdCompressor().compress(zeros))
    (tmp_path / "bomb.nt.gz").write_bytes(gzip.compress(b"<a:a> <a:a> <a:a> .\n" * (1 << 18)))
    for name in ("bomb.csv.gz", "bomb.csv.zst"):
        with pytest.raises(ParseError, match="as only a compressed bomb does"):
            list(tables.rows(str(tmp_path / name), Progress()))
    with pytest.raises(ParseError, match="as only a compressed bomb does"):
        list(turtle.stream(tmp_path / "bomb.nt.gz"))


# -- all or nothing


def some() -> Iterator[Record | Reject]:
    yield Record(1, [NAMESPACE + "f"], [(NAMESPACE + "f", TYPE, f"<{BASE}Finding>")])
    yield Reject(2, "a", "b", "because", ("c", "d"))


def test_output_is_packed_as_its_name_says_and_counts_are_right(tmp_path: Path) -> None:
    texts = []
    for name in ("out.nt", "out.nt.gz", "out.nt.zst", "out.ttl", "out.ttl.gz"):
        outcome = importers.import_file(some(), str(tmp_path / name), namespace=NAMESPACE)
        assert (outcome.rows, outcome.taken, outcome.rejected, outcome.findings) == (2, 1, 1, 1)
        assert Path(outcome.rejects).read_text(encoding="utf-8") == "row\tcolumn\tvalue\treason\tnearest\n2\ta\tb\tbecause\tc; d\n"
        texts.append([str(quad.triple) for quad in turtle.stream(tmp_path / name)])
    assert texts[0]
    assert all(text == texts[0] for text in texts)


@pytest.mark.parametrize("fault", [ParseError("table.csv", "a broken row", 3), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_import_that_breaks_off_leaves_the_earlier_files(tmp_path: Path, fault: BaseException) -> None:
    output = tmp_path / "out.ttl"
    importers.import_file(some(), str(output))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def breaking() -> Iterator[Record | Reject]:
        yield from some()
        raise fault

    with pytest.raises(type(fault)):
        importers.import_file(breaking(), str(output))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_full_disk_leaves_the_earlier_file(tmp_path: Path) -> None:
    """The process may write files of 20 kB only, so that a write really fails."""
    output = tmp_path / "out.nt"
    output.write_text("# earlier\n", encoding="utf-8")
    code = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from ctres.importers import import_file, Record
source = (Record(n, [], [("{NAMESPACE}" + str(n), "{TYPE}", "<{BASE}Finding>")]) for n in range(10_000))
try:
    import_file(source, {str(output)!r})
except OSError as error:
    print(error.strerror)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "File too large\n"
    assert output.read_text(encoding="utf-8") == "# earlier\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.nt"]


def test_an_interrupted_command_leaves_nothing_and_can_be_run_again(kb: KnowledgeBase, tmp_path: Path) -> None:
    files = example(tmp_path)
    row = "miR-21,doxorubicin,resistant,MCF-7,21820606\n"
    files["screen.csv"].write_text(HEADER + row * 400_000, encoding="utf-8")
    command = [sys.executable, "-m", "ctres", "import", "table", "screen.csv", "--mapping", "screen.toml", "-o", "out.nt"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 300  # a busy disk may hold up what is written and what is removed
    while not any(path.stat().st_size > 100_000 for path in tmp_path.glob(".ctres-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=300)
    assert process.returncode != 0
    assert not (tmp_path / "out.nt").exists()
    assert not list(tmp_path.glob(".ctres-*"))
    files["screen.csv"].write_text(HEADER + row, encoding="utf-8")
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "out.nt").exists()


# -- RDF, compressed


@pytest.mark.parametrize("form", ["ttl", "nt", "nq", "jsonld", "rdf"])
@pytest.mark.parametrize("packed", ["", ".gz", ".zst"])
def test_rdf_of_any_format_is_read_compressed_or_not(tmp_path: Path, form: str, packed: str) -> None:
    import rdflib
    import zstandard

    graph = rdflib.Dataset(default_union=True) if form == "nq" else rdflib.Graph()
    graph.parse(data="<https://a.example/s> <https://a.example/p> <https://a.example/o> .", format="turtle")
    names = {"ttl": "turtle", "nt": "nt", "nq": "nquads", "jsonld": "json-ld", "rdf": "xml"}
    data = graph.serialize(format=names[form], encoding="utf-8")
    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}[packed]
    path = tmp_path / f"data.{form}{packed}"
    path.write_bytes(pack(data))
    assert [str(quad.subject) for quad in turtle.stream(path)] == ["<https://a.example/s>"]


def test_a_fault_in_a_compressed_file_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "bad.ttl.gz"
    path.write_bytes(gzip.compress(b"<a:a> <a:a> <a:a> .\n<a:a> oops .\n"))
    with pytest.raises(ParseError) as raised:
        list(turtle.stream(path))
    assert (raised.value.line, raised.value.path) == (2, str(path))
