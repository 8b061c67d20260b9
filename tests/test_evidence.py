"""Evidence in a store on disk: the same conclusions as when all is reasoned over together, and never half a store."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from conftest import PREFIXES, ROOT

import ctres
from ctres import evidence, turtle
from ctres.answer import Answer
from ctres.cli import main
from ctres.errors import CtresError, InconsistencyError, ParseError, ValidationError
from ctres.evidence import folder as folders
from ctres.knowledge import KnowledgeBase
from ctres.progress import Progress
from ctres.report import Report
from ctres.store import Store
from ctres.terms import ASSERTED, BASE, INFERRED, LOOKUP

sys.path.insert(0, str(ROOT / "benchmarks"))
import findings as made_up

FINDING = """
my:{0} a owl:NamedIndividual, ctres:Finding ; rdfs:label "finding {0}"@en ; ctres:agent {1} ; ctres:{2} {3} ; ctres:certainty ctres:stated ;
    ctres:source ctres:ankathil2019 ; ctres:section "S" ; ctres:sentence 1 .
"""


def write(path: Path, *blocks: str) -> str:
    path.write_text(PREFIXES + "".join(blocks), encoding="utf-8")
    return str(path)


def statements(store: Store, graph: str) -> set[str]:
    """The triples of a graph whose nodes have names; where a file says so is left out, since the paths differ."""
    return {str(t) for t in store.triples(graph=graph) if "_:" not in str(t) and not t.predicate.value.endswith("/statedIn")}


def same(left: Store, right: Store) -> None:
    for graph in (ASSERTED, INFERRED, LOOKUP, None):
        ours, theirs = statements(left, graph), statements(right, graph)
        assert ours - theirs == set(), graph
        assert theirs - ours == set(), graph


def rows(answer: Answer) -> list[str]:
    """The rows, with the several values of a column in an order of their own."""
    return [repr([sorted(map(str, value)) if isinstance(value, tuple) else str(value) for value in row]) for row in answer]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two files: made-up findings, and a few that need terms and findings of the first."""
    folder = tmp_path_factory.mktemp("data")
    first = folder / "first.ttl"
    made_up.write(str(first), 300)
    second = write(
        folder / "second.ttl",
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n",
        'my:novumab a owl:NamedIndividual, ctres:Drug ; rdfs:label "novumab"@en ; skos:altLabel "NVB" .\n',
        'my:novumabResistance a owl:NamedIndividual, ctres:DrugResistance ; rdfs:label "novumab resistance"@en ; ctres:resistanceTo my:novumab .\n',
        'my:geneX a owl:NamedIndividual, ctres:GeneProduct ; rdfs:label "gene X"@en .\n',
        FINDING.format("a", "my:geneX", "increases", "my:novumabResistance"),
        FINDING.format("b", "my:geneX", "decreases", "my:novumabResistance"),
        FINDING.format("c", "my:geneX", "maintains", "ctres:dormancy"),
        FINDING.format("d", "my:novumab", "reverses", "ctres:dormancy"),
        FINDING.format("e", "my:novumab", "inhibits", "my:geneX"),
        FINDING.format("f", "my:variant1", "decreases", "ctres:doxorubicinResistance"),
        FINDING.format("g", "ctres:PTEN", "increases", "ctres:doxorubicinResistance"),
        FINDING.format("h", "ctres:miR21", "increases", "ctres:dormancy"),
    )
    return str(first), second


@pytest.fixture(scope="module")
def whole(kb: KnowledgeBase, data: tuple[str, str]) -> KnowledgeBase:
    return kb.with_data(*data)


@pytest.fixture(scope="module")
def made(data: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store made by two imports, in small batches."""
    folder = tmp_path_factory.mktemp("stores") / "store"
    assert evidence.Folder(str(folder)).add([data[0]], size=60, workers=1).batches > 4
    evidence.Folder(str(folder)).add([data[1]], size=4, workers=1)
    return folder


def test_batches_lead_to_the_same_conclusions_as_the_whole(made: Path, whole: KnowledgeBase) -> None:
    same(ctres.load(made).store, whole.store)


def test_the_batches_were_needed_and_the_conclusions_reach_from_one_file_into_the_other(made: Path, kb: KnowledgeBase) -> None:
    mine = ctres.load(made)
    gene = mine["gene X"]
    assert "dormancy factor" in {kind.label for kind in gene.kinds.inferred}
    assert mine["NVB"] in gene.related("confersResistanceTo")
    # Two findings on each other's file, and a contradiction with one of CTRES' own.
    pairs = {(str(row["finding"]), str(row["against"])) for row in mine.ask("contradictions", term="gene X") if row["basis"] == "opposite directions"}
    assert pairs == {("finding a", "finding b")} or pairs == {("finding b", "finding a")}
    own = {str(row["finding"]) + str(row["against"]) for row in mine.ask("contradictions", term="PTEN") if row["basis"] == "opposite directions"}
    assert any("finding g" in pair for pair in own)
    assert not any(row["basis"] == "opposite directions" for row in kb.ask("contradictions", term="PTEN"))


def test_questions_and_reasons_are_those_of_the_whole(made: Path, whole: KnowledgeBase) -> None:
    mine = ctres.load(made)
    for question, given in (
        ("resistance-factors", {"therapy": "doxorubicin"}),
        ("wakes-or-sleeps", {}),
        ("strategies-against", {"target": "dormancy"}),
    ):
        assert rows(mine.ask(question, **given)) == rows(whole.ask(question, **given))
    assert str(mine.explain("gene X", "dormancy factor")) == str(whole.explain("gene X", "dormancy factor"))


def test_processes_side_by_side_lead_to_the_same_store(made: Path, data: tuple[str, str], tmp_path: Path, whole: KnowledgeBase) -> None:
    evidence.Folder(str(tmp_path / "both")).add(data, size=150, workers=2)
    same(ctres.load(tmp_path / "both").store, whole.store)


def test_a_whole_import_of_civic_leads_to_the_same_store(kb: KnowledgeBase, tmp_path: Path, shared: Path) -> None:
    (table,) = (shared / "datasets").glob("*/ClinicalEvidenceSummaries.tsv")
    assert main(["import", "civic", str(table), "--store", str(tmp_path / "civic")]) == 0
    (file,) = (tmp_path / "civic" / "imported").glob("*.nt")
    assert (tmp_path / "civic" / "imported" / "ClinicalEvidenceSummaries.rejects.tsv").exists()
    same(ctres.load(tmp_path / "civic").store, kb.with_data(file).store)
    # A second table of the same name does not replace the findings of the first.
    first = file.read_bytes()
    assert main(["import", "civic", str(table), "--store", str(tmp_path / "civic"), "--namespace", "https://example.org/other/"]) == 0
    assert file.read_bytes() == first
    files = [Path(name).name for one in evidence.Folder(str(tmp_path / "civic")).imported for name in one.files]
    assert files == ["ClinicalEvidenceSummaries.nt", "ClinicalEvidenceSummaries-2.nt"]


# -- what is in use stays whole


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "store"
    shutil.copytree(made, folder)
    yield folder
    assert list(folder.glob("generation-*")) == [folder / json.loads((folder / "CURRENT.json").read_text())["generation"]]


def contents(folder: Path) -> set[str]:
    return statements(ctres.load(folder).store, ASSERTED)


def test_a_file_that_cannot_be_read_changes_nothing(copied: Path, tmp_path: Path) -> None:
    before = contents(copied)
    broken = write(tmp_path / "broken.ttl", FINDING.format("z", "my:geneX", "increases", "ctres:dormancy"), "my:y ctres:agent [ .")
    with pytest.raises(ParseError, match="line "):
        evidence.Folder(str(copied)).add([broken])
    assert contents(copied) == before


NAMED = '<https://example.org/lab/a> <http://www.w3.org/2000/01/rdf-schema#label> "{}" .\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("latin1.nt", NAMED.format("Gef\xe4\xdf").encode("latin-1")),
        ("table.ttl", b"gene,drug\nPTEN,erlotinib\n"),
        ("page.ttl", b"<!DOCTYPE html><html><body>Not found</body></html>"),
        ("archive.ttl", b"PK\x03\x04" + bytes(60)),
        ("plain.nt.gz", NAMED.format("a").encode()),
        ("cut.nt.gz", gzip.compress(NAMED.format("a").encode() * 999)[:-20]),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named_and_changes_nothing(copied: Path, tmp_path: Path, name: str, content: bytes) -> None:
    before = contents(copied)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ParseError, match=name):
        evidence.Folder(str(copied)).add([str(tmp_path / name)])
    assert contents(copied) == before


class Endless(io.RawIOBase):
    """The start of a file, then as many bytes of one value as anybody asks for."""

    def __init__(self, start: bytes, most: int) -> None:
        self.rest, self.given, self.most = start, 0, most

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None and size > 0, "a file is read in bounded pieces"  # noqa: PT018
        data, self.rest = self.rest[:size].ljust(size, b"x"), self.rest[size:]
        self.given += size
        assert self.given < self.most, "the value is refused long before"
        return data


RDFXML = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/"><rdf:Description rdf:about="http://e/a"><e:b>'


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("long.nt", b'<http://e/a> <http://e/b> "'),
        ("long.ttl", b'<http://e/a> <http://e/b> """'),
        ("long.jsonld", b'{"@id": "'),
        ("long.rdf", RDFXML),
    ],
)
def test_a_value_of_gigabytes_is_refused_after_some_megabytes_and_changes_nothing(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, start: bytes
) -> None:
    before = contents(copied)
    (tmp_path / name).write_bytes(start)
    source = Endless(start, 1 << 26)

    @contextmanager
    def opened(path: str, progress: Progress) -> Iterator[io.RawIOBase]:
        yield source

    monkeypatch.setattr(turtle.compressed, "open_bytes", opened)
    with pytest.raises(ParseError, match=f"{name}.* longer than 16 MB"):
        evidence.Folder(str(copied)).add([str(tmp_path / name)])
    assert source.given > 1 << 20
    monkeypatch.undo()
    assert contents(copied) == before


@pytest.mark.parametrize("name", ["bomb.nt.gz", "bomb.nt.zst"])
def test_a_compressed_bomb_changes_nothing(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = contents(copied)
    lines = NAMED.format("a").encode() * (1 << 15)
    packed = gzip.compress(lines) if name.endswith("gz") else zstandard.ZstdCompressor().compress(lines)
    (tmp_path / name).write_bytes(packed)
    monkeypatch.setattr(turtle.compressed, "_UNPACKED", 1 << 20)
    with pytest.raises(ParseError, match=f"{name}.*compressed bomb"):
        evidence.Folder(str(copied)).add([str(tmp_path / name)])
    monkeypatch.undo()
    assert contents(copied) == before


def test_an_entity_late_in_a_file_of_xml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open.rdf").write_bytes(b'<!DOCTYPE rdf:RDF [ <!ENTITY a "&b;]>' + b" " * (1 << 20) + b'"> ]>' + RDFXML)
    with pytest.raises(ParseError, match="an XML entity that does not end within the first megabyte"):
        list(turtle.stream(tmp_path / "open.rdf"))
    (tmp_path / "later.rdf").write_bytes(b"<!DOCTYPE rdf:RDF [ <!-- " + b" " * (1 << 20) + b'--> <!ENTITY a "b"> ]>' + RDFXML)
    with pytest.raises(ParseError, match="an XML entity after the first megabyte"):
        list(turtle.stream(tmp_path / "later.rdf"))


# -- checked


def test_data_that_break_a_shape_are_refused_with_their_places_and_change_nothing(copied: Path, tmp_path: Path) -> None:
    before = contents(copied)
    good, bad = (FINDING.format(name, "my:geneX", "increases", "ctres:dormancy") for name in "yz")
    broken = write(tmp_path / "broken.ttl", good, bad.replace(" ; ctres:sentence 1", "").replace('ctres:section "S"', "ctres:section 5"))
    with pytest.raises(ValidationError, match=r"broken\.ttl, line \d+: https://example\.org/lab/z “finding z”") as raised:
        evidence.Folder(str(copied)).add([broken])
    assert contents(copied) == before
    report = raised.value.report
    assert isinstance(report, Report)
    assert {result.focus for result in report.results} == {"https://example.org/lab/z"}
    evidence.Folder(str(copied)).add([broken], check=False)
    assert contents(copied) > before


def test_batches_are_found_wrong_where_the_whole_is(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "faults.ttl"
    made_up.write(str(path), 300, faults=0.1)
    whole = {(r.focus, r.shape, r.message, r.file, r.line) for r in kb.check_files(path).results if r.severity == "Violation"}
    assert len(whole) > 15
    with pytest.raises(ValidationError) as raised:
        evidence.Folder(str(tmp_path / "store")).add([str(path)], size=60, workers=1)
    report = raised.value.report
    assert isinstance(report, Report)
    assert {(r.focus, r.shape, r.message, r.file, r.line) for r in report.results} == whole


def test_a_value_that_terms_of_two_batches_share_is_found(kb: KnowledgeBase, tmp_path: Path) -> None:
    papers = (
        f'my:p{place} a owl:NamedIndividual, ctres:Publication ; rdfs:label "{name}"@en ; ctres:year 2000 ; bibo:doi "10.1000/{name}" .\n'
        for place, name in enumerate(("same", "other", "same"))
    )
    path = write(tmp_path / "papers.ttl", "@prefix bibo: <http://purl.org/ontology/bibo/> .\n", *papers)
    whole = kb.check_files(path).results
    assert {r.shape for r in whole} >= {"unique label", "one publication for a DOI"}
    folder = evidence.Folder(str(tmp_path / "store"))
    with pytest.raises(ValidationError) as raised:
        folder.add([path], size=1, workers=1)
    report = raised.value.report
    assert isinstance(report, Report)
    assert set(report.results) == {r for r in whole if r.severity == "Violation"}
    drug = 'my:drug a owl:NamedIndividual, ctres:Drug ; rdfs:label "a drug"@en .\n'
    resistance = 'my:r{0} a owl:NamedIndividual, ctres:DrugResistance ; rdfs:label "resistance {0}"@en ; ctres:resistanceTo my:drug .\n'
    first, second = (write(tmp_path / f"{n}.ttl", drug, resistance.format(n)) for n in (1, 2))
    warned = [r for r in kb.check_files(first, second).results if r.severity == "Warning"]
    assert [r.shape for r in warned] == ["one resistance to a therapy"] * 2
    assert folder.add([first, second], size=1, workers=1).warnings == len(warned)


def test_an_import_is_given_up_after_so_many_violations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_MOST", 3)
    path = tmp_path / "faults.ttl"
    made_up.write(str(path), 300, faults=1)
    with pytest.raises(ValidationError) as raised:
        evidence.Folder(str(tmp_path / "store")).add([str(path)], size=20, workers=1)
    report = raised.value.report
    assert isinstance(report, Report)
    assert 3 <= len(report.results) < 60


def test_a_finding_without_a_name_is_refused(copied: Path, tmp_path: Path) -> None:
    unnamed = write(tmp_path / "unnamed.ttl", FINDING.format("z", "my:geneX", "increases", "ctres:dormancy").replace("my:z", "[]"))
    with pytest.raises(CtresError, match=r"must have a name.*finding z"):
        evidence.Folder(str(copied)).add([unnamed])


def test_the_command_says_how_many_warnings_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "warned.ttl", 'my:line a owl:NamedIndividual, ctres:CellLine ; rdfs:label "line"@en .\n')
    assert main(["import", "rdf", path, "--store", str(tmp_path / "store")]) == 0
    said = capsys.readouterr().err
    assert f"1 warning: ctres check {path} says which" in said
    (added,) = evidence.Folder(str(tmp_path / "store")).imported
    assert (added.subjects, added.warnings) == (1, 1)


def test_what_contradicts_ctres_changes_nothing(copied: Path, tmp_path: Path) -> None:
    before = contents(copied)
    clash = write(tmp_path / "clash.ttl", 'my:both a owl:NamedIndividual, ctres:Drug, ctres:Publication ; rdfs:label "both"@en .\n')
    with pytest.raises(InconsistencyError, match="“both”"):
        evidence.Folder(str(copied)).add([clash])
    assert contents(copied) == before


def test_classes_are_refused_with_the_way_to_go(copied: Path, tmp_path: Path) -> None:
    new = write(tmp_path / "class.ttl", "my:Kind a owl:Class ; rdfs:subClassOf ctres:Drug .\n")
    with pytest.raises(CtresError, match=r"lab/Kind> is a class, property .* reason over new classes with --data"):
        evidence.Folder(str(copied)).add([new])


def test_a_full_disk_changes_nothing(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(copied)

    def full(self: Store, path: str, graph: str) -> None:
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr(Store, "load_file", full)
    more = write(tmp_path / "more.ttl", FINDING.format("z", "my:geneX", "increases", "ctres:dormancy"))
    with pytest.raises(OSError, match="No space left"):
        evidence.Folder(str(copied)).add([more])
    monkeypatch.undo()
    assert contents(copied) == before
    evidence.Folder(str(copied)).add([more])
    assert contents(copied) > before


def test_an_import_that_was_killed_leaves_the_earlier_state_and_can_be_run_again(copied: Path, tmp_path: Path) -> None:
    before = contents(copied)
    more = write(tmp_path / "more.ttl", FINDING.format("z", "my:geneX", "increases", "ctres:dormancy"))
    code = (
        "import os, signal\nfrom ctres import evidence\nfrom ctres.store import Store\n"
        "Store.load_file = lambda *given: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"evidence.Folder({str(copied)!r}).add([{more!r}])\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
    assert killed.returncode == -9
    assert len(list(copied.glob("generation-*"))) == 2
    assert contents(copied) == before
    evidence.Folder(str(copied)).add([more])
    assert contents(copied) > before


def test_two_imports_at_once_are_refused(copied: Path, data: tuple[str, str]) -> None:
    pytest.importorskip("fcntl")
    with evidence.Folder(str(copied))._locked(), pytest.raises(CtresError, match="another import is under way here"):
        evidence.Folder(str(copied)).add([data[1]])


def test_a_store_in_use_is_not_changed_by_an_import(copied: Path, tmp_path: Path) -> None:
    open_already = ctres.load(copied)
    before = statements(open_already.store, ASSERTED)
    evidence.Folder(str(copied)).add([write(tmp_path / "more.ttl", FINDING.format("z", "my:geneX", "increases", "ctres:dormancy"))])
    assert statements(open_already.store, ASSERTED) == before


def test_a_folder_without_a_store_or_of_another_version_says_what_to_do(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CtresError, match=r"holds no store of CTRES. Make one: ctres import"):
        ctres.load(tmp_path / "nothing")
    monkeypatch.setattr(folders, "_ontology", lambda: "another")
    with pytest.raises(CtresError, match=r"made with another version of CTRES. Import its files anew, into another folder: .*first\.ttl"):
        ctres.load(copied)
    monkeypatch.undo()
    current = copied / "CURRENT.json"
    whole = current.read_text()
    current.write_text("{")
    with pytest.raises(CtresError, match=r"CURRENT\.json cannot be read"):
        ctres.load(copied)
    current.write_text(whole)


def test_the_command_line_imports_rdf_and_asks_the_store(data: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "store")
    assert main(["import", "rdf", data[1], "--store", store]) == 0
    assert "11 terms and findings in" in capsys.readouterr().err
    assert main(["ask", "wakes-or-sleeps", "--store", store, "--format", "tsv"]) == 0
    assert "gene X" in capsys.readouterr().out
    assert main(["explain", "gene X", "dormancy factor", "--store", store]) == 0
    assert "finding “finding c”" in capsys.readouterr().out
    assert main(["import", "rdf", data[1]]) == 2
    assert "--store DIR" in capsys.readouterr().err
    assert main(["ask", "wakes-or-sleeps", "--store", store, "--endpoint", "http://localhost:1/"]) == 2
    assert "not both" in capsys.readouterr().err
    assert [Path(file).name for one in evidence.Folder(store).imported for file in one.files] == ["second.ttl"]


def test_what_is_imported_is_told_apart(made: Path, kb: KnowledgeBase) -> None:
    mine = ctres.load(made)
    assert len(set(mine.store.subjects("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", iri=BASE + "Finding"))) == 2110 + 300 + 8
    assert mine.version == kb.version
