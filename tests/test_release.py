"""The release file: complete, canonical, written whole or not at all, and what ROBOT (marker `java`) says of it."""

from __future__ import annotations

import csv
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import rdflib
from conftest import ROOT

from ctres import cli, turtle
from ctres.errors import CtresError
from ctres.export import release
from ctres.terms import BASE, ONTOLOGY, PREFIXES

CASES = ROOT / "tests" / "cases" / "release"
SMALL = CASES / "small.ttl"
DOCS = ROOT / "docs" / "release.md"
OWL, RDF, RDFS, SKOS = (PREFIXES[prefix] for prefix in ("owl", "rdf", "rdfs", "skos"))
DEFINITION = PREFIXES["obo"] + "IAO_0000115"
FORMATS = [".jsonld", ".nq", ".nt", ".owl", ".rdf", ".trig", ".ttl", ".xml"]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of CTRES as Turtle and, beside it, as RDF/XML."""
    folder = tmp_path_factory.mktemp("release")
    for name in ("ctres.owl", "ctres.ttl"):
        release.write(folder / name)
    return folder / "ctres.ttl"


@pytest.fixture(scope="module")
def reasoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of CTRES with all that is inferred, as the command writes it."""
    path = tmp_path_factory.mktemp("reasoned") / "ctres.ttl"
    assert cli.main(["release", "--reasoned", "--output", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def graph(released: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(released)


# --- Without Java -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reasoned", [False, True], ids=["release", "reasoned"])
def test_a_small_ontology_is_released_as_approved(reasoned: bool) -> None:
    approved = CASES / f"{'reasoned' if reasoned else 'release'}.out.ttl"
    assert release.to_turtle(SMALL, reasoned=reasoned) == approved.read_text(encoding="utf-8")


def test_the_release_is_canonical(released: Path) -> None:
    assert turtle.format_file(released, check=True) is False


def test_the_release_holds_all_that_the_modules_say_under_one_header(released: Path) -> None:
    def counted(path: str | Path) -> Counter[tuple[str, ...]]:
        """The triples of a file, with blank nodes made equal, which still shows whether any is lost."""
        lines = (map(str, triple) for triple in turtle.triples(path))
        return Counter(tuple("_:" if part.startswith("_:") else part for part in line) for line in lines)

    stated: Counter[tuple[str, ...]] = Counter()
    headers = set()
    for path, _ in turtle.load_ontology(ROOT / "ontology" / "ctres.ttl"):
        module = counted(path)
        headers |= {s for s, _, o in module if o == f"<{OWL}Ontology>"}
        stated += module
    dropped = headers - {f"<{ONTOLOGY}>"}
    assert len(dropped) > 10
    wanted = {t: n for t, n in stated.items() if t[0] not in dropped and t[1] != f"<{OWL}imports>"}
    assert len(wanted) > 30_000
    found = counted(released)
    # What two modules state alike stands once in one file, but with a blank node it is another statement each time.
    assert {t: n for t, n in wanted.items() if found[t] < (n if "_:" in t else 1)} == {}
    assert {s for s, _, o in found if o == f"<{OWL}Ontology>"} == {f"<{ONTOLOGY}>"}
    added = set(found) - set(wanted)
    assert {p for s, p, _ in added if s != f"<{DEFINITION}>"} == {f"<{RDFS}subClassOf>", f"<{DEFINITION}>"}


def test_tools_find_a_label_and_a_definition_where_they_read_them(graph: rdflib.Graph) -> None:
    definitions = set(graph.subject_objects(rdflib.URIRef(DEFINITION)))
    assert definitions == set(graph.subject_objects(rdflib.SKOS.definition))
    defined = {subject for subject, _ in definitions}
    terms = {s for s in graph.subjects(rdflib.RDF.type, rdflib.OWL.Class) if isinstance(s, rdflib.URIRef)}
    terms |= {s for s in graph.subjects(rdflib.RDF.type, rdflib.OWL.ObjectProperty) if s.startswith(BASE)}
    assert len(terms) > 600
    assert terms <= defined
    assert terms <= set(graph.subjects(rdflib.RDFS.label))


def test_every_class_but_the_tops_hangs_in_the_tree(graph: rdflib.Graph) -> None:
    classes = {s for s in graph.subjects(rdflib.RDF.type, rdflib.OWL.Class) if isinstance(s, rdflib.URIRef)}
    tops = classes - set(graph.subjects(rdflib.RDFS.subClassOf))
    assert len(classes) > 500
    assert rdflib.URIRef(BASE + "SleepingStrategy") not in tops
    assert len(tops) == int(documented(r"(\d+) of the level INFO")), sorted(tops)


def test_every_format_of_ours_says_the_same(tmp_path: Path) -> None:
    assert sorted(turtle.FORMATS) == FORMATS
    for extension in FORMATS:
        first, second = tmp_path / f"one{extension}", tmp_path / f"two{extension.upper()}"
        for path in (first, second):
            release.write(path, SMALL)
        assert first.read_bytes() == second.read_bytes(), extension
        again = "\n".join(f"{triple} ." for triple in turtle.triples(first))
        assert turtle.format_text(again) == (CASES / "release.out.ttl").read_text(encoding="utf-8"), extension


def test_the_whole_release_as_rdf_xml_says_the_same(released: Path) -> None:
    again = "\n".join(f"{triple} ." for triple in turtle.triples(released.with_suffix(".owl")))
    assert turtle.format_text(again) == released.read_text(encoding="utf-8")


def test_the_command_writes_the_release(released: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ctres.ttl"
    assert cli.main(["release", "-o", str(path)]) == 0
    assert capsys.readouterr().out == f"wrote {path}\n"
    assert path.read_bytes() == released.read_bytes()


def test_a_reasoned_release_holds_what_is_inferred_too(graph: rdflib.Graph, reasoned: Path) -> None:
    found = rdflib.Graph().parse(reasoned)
    edge = tuple(rdflib.URIRef(BASE + name) for name in ("miR21", "promotes", "doxorubicinResistance"))
    assert edge not in graph
    assert edge in found
    assert len(found) > len(graph) + 10_000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ctres.obo", "“.obo” is no extension of an RDF file. Expected one of .ttl, "),
        ("ctres", "“” is no extension of an RDF file. Expected one of .ttl, "),
        ("nowhere/ctres.ttl", "Make it first, or give another file"),
        (str(ROOT / "ontology" / "ctres.ttl"), "this is a module of the ontology, which a release must not replace"),
    ],
)
def test_a_file_that_cannot_be_a_release_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(CtresError, match=re.escape(message)) as error:
        release.write(tmp_path / name, SMALL)
    assert str(tmp_path / name) in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_release_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ctres.ttl"
    path.write_text("the last release", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(turtle.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        release.write(path, SMALL)
    assert [file.name for file in tmp_path.iterdir()] == ["ctres.ttl"]
    assert path.read_text(encoding="utf-8") == "the last release"


# --- With ROBOT ---------------------------------------------------------------------------------------------------------


def documented(pattern: str) -> str:
    """What docs/release.md says at a place."""
    found = re.findall(pattern, DOCS.read_text(encoding="utf-8"))
    assert len(found) == 1, f"docs/release.md must say once “{pattern}”"
    return str(found[0])


def robot(tools: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["java", "-Xmx2g", "-cp", f"{tools}/*", "org.obolibrary.robot.CommandLineInterface", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def report(tools: Path, file: Path) -> list[tuple[str, str, str]]:
    """Level, rule and subject of each line of `robot report`."""
    target = file.with_suffix(".report.tsv")
    done = robot(tools, "report", "--input", file, "--fail-on", "none", "--output", target)
    assert done.returncode == 0, done.stdout + done.stderr
    with open(target, encoding="utf-8", newline="") as lines:
        found = [(row["Level"], row["Rule Name"], row["Subject"]) for row in csv.DictReader(lines, delimiter="\t")]
    assert f"Violations: {len(found)}" in done.stdout
    return found


def profile(tools: Path, file: Path, name: str) -> list[str]:
    """What keeps a file out of a profile of OWL 2, a line each."""
    target = file.with_suffix(f".{name}.txt")
    done = robot(tools, "validate-profile", "--input", file, "--profile", name, "--output", target)
    head, *found = target.read_text(encoding="utf-8").splitlines()
    assert head.startswith(f"OWL 2 {name} Profile Report: "), done.stdout + done.stderr
    assert (done.returncode == 0) == (found == []) == head.endswith("[Ontology and imports closure in profile]")
    return found


@pytest.mark.java
def test_robot_reports_no_error_and_no_warning(java_tools: Path, released: Path) -> None:
    found = report(java_tools, released.with_suffix(".owl"))
    assert [line for line in found if line[0] != "INFO"] == []
    assert {rule for _, rule, _ in found} == {"missing_superclass"}
    assert len(found) == int(documented(r"(\d+) of the level INFO"))


@pytest.mark.java
def test_robot_reports_nothing_on_retired_terms(java_tools: Path, tmp_path: Path) -> None:
    file = tmp_path / "small.ttl"
    file.write_bytes((CASES / "release.out.ttl").read_bytes())
    assert report(java_tools, file) == [("INFO", "missing_superclass", BASE + name) for name in ("Drug", "Resistance")]
    assert profile(java_tools, file, "DL") == []


@pytest.mark.java
def test_the_release_is_owl_2_dl(java_tools: Path, released: Path) -> None:
    assert profile(java_tools, released, "DL") == []


@pytest.mark.java
def test_all_that_is_inferred_is_owl_2_dl_too(java_tools: Path, reasoned: Path) -> None:
    assert profile(java_tools, reasoned, "DL") == []


@pytest.mark.java
def test_robot_finds_what_is_broken(java_tools: Path, tmp_path: Path) -> None:
    """So that silence above means that it looked."""
    text = (CASES / "release.out.ttl").read_text(encoding="utf-8")
    for old, new in {
        '    rdfs:label "drug resistance"@en ;\n': "",
        '"doxorubicin"@en': '"doxorubicin "@en',
        '    obo:IAO_0000115 "A drug is a substance that is given against a disease."@en ;\n': "",
        "    a owl:ObjectProperty ;": "    a owl:AnnotationProperty , owl:ObjectProperty ;",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = tmp_path / "broken.ttl"
    file.write_text(text, encoding="utf-8")
    assert [line for line in report(java_tools, file) if line[0] != "INFO"] == [
        ("ERROR", "label_whitespace", BASE + "doxorubicin"),
        ("ERROR", "missing_label", BASE + "DrugResistance"),
        ("WARN", "missing_definition", BASE + "Drug"),
    ]
    assert any("resistanceTo" in line for line in profile(java_tools, file, "DL"))


@pytest.mark.java
def test_elk_adds_nothing_to_the_tree_of_classes(java_tools: Path, released: Path, tmp_path: Path) -> None:
    """The superclasses in the release are Nemo's; another reasoner, in ROBOT, must not find one that is not there."""

    def edges(file: Path) -> set[tuple[str, str]]:
        return {(t.subject.value, t.object.value) for t in turtle.triples(file) if t.predicate.value == RDFS + "subClassOf"}  # type: ignore[union-attr]

    target = tmp_path / "elk.ttl"
    done = robot(java_tools, "reason", "--input", released, "--reasoner", "ELK", "--output", target)
    assert done.returncode == 0, done.stdout + done.stderr
    found = edges(target)
    assert len(found) > 500
    assert {edge for edge in found if edge[1] != OWL + "Thing"} <= edges(released)


@pytest.mark.java
def test_the_docs_list_what_keeps_the_release_out_of_smaller_profiles(java_tools: Path, released: Path) -> None:
    rows = re.findall(r"^\| (EL|RL) \| ([^|]+) \| `(\w+)` \| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    found: Counter[tuple[str, ...]] = Counter()
    for name in ("EL", "RL"):
        for line in profile(java_tools, released, name):
            said = re.match(r"(.+?)(?:: | \[)(\w+)", line)  # ROBOT's words, and the construct that they are about
            assert said, line
            found[name, *said.groups()] += 1
    assert {tuple(row): int(count) for *row, count in rows} == dict(found)
