"""The way through an ontology editor and back: what the OWL API, and so Protégé, reads and writes, and what `ctres fmt` makes of it."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import ROOT

from ctres import turtle
from ctres.terms import BASE, ONTOLOGY, PREFIXES

OWL, RDF, RDFS = (PREFIXES[prefix] for prefix in ("owl", "rdf", "rdfs"))
FOLDER = ROOT / "ontology"
ENTRY, MODEL = FOLDER / "ctres.ttl", FOLDER / "finding-model.ttl"
MODULES = sorted([*FOLDER.glob("*.ttl"), *FOLDER.glob("findings/*.ttl")])
HOSTILE = sorted((Path(__file__).parent / "cases" / "turtle" / "format").glob("*.in.ttl"))
# What `edit` in RoundTrip.java does, as `git diff -U0` shows it after `ctres fmt`, without the lines that number and name.
EXPECTED = r"""
--- a/ontology/findings/ankathil2019.ttl
+++ b/ontology/findings/ankathil2019.ttl
+
+ctres:ankathil2019-9999
+    a
+        owl:NamedIndividual ,
+        ctres:Finding
+        ;
+    rdfs:label "miR-21 makes \"MCF-7\" cells resist doxorubicin"@en ;
+    ctres:agent ctres:miR21 ;
+    ctres:cancer ctres:breastCancer ;
+    ctres:certainty ctres:demonstrated ;
+    ctres:induces ctres:doxorubicinResistance ;
+    ctres:model ctres:MCF7 ;
+    ctres:section "MicroRNAs in chemoresistance" ;
+    ctres:sentence
+        7 ,
+        10
+        ;
+    ctres:source ctres:ankathil2019 ;
+    ctres:via ctres:PTEN ;
+    .
--- a/ontology/therapies.ttl
+++ b/ontology/therapies.ttl
+            [
+                a owl:Restriction ;
+                owl:onProperty ctres:promotes ;
+                owl:someValuesFrom ctres:CellDeath ;
+            ]
-    skos:definition "The drug doxorubicin is an anthracycline that intercalates into DNA and poisons topoisomerase II."@en ;
+    skos:definition "Doxorubicin is a \"red\" anthracycline (C27H29NO11 \\ β-form)."@en ;
"""


def name(path: Path) -> str:
    return str(path.relative_to(path.parents[1]))


def values(triples: list[ox.Triple], predicate: str) -> list[str]:
    return [str(getattr(t.object, "value", t.object)) for t in triples if t.predicate.value == predicate]


# --- Imports -------------------------------------------------------------------------------------------------------


def test_every_module_imports_the_whole_and_the_finding_model() -> None:
    """The OWL API guesses what a property is that a module neither declares nor imports, and adds declarations when it saves."""
    headers = {path: turtle.triples(path) for path in MODULES}
    iris = {path: [t.subject.value for t in headers[path] if str(t.object) == f"<{OWL}Ontology>"] for path in MODULES}
    assert len(MODULES) >= 16
    assert sorted(values(headers.pop(ENTRY), OWL + "imports")) == sorted(iri for path in headers for iri in iris[path])
    assert values(headers.pop(MODEL), OWL + "imports") == [], "all others are read after it, so it can await none of them"
    for path, triples in headers.items():
        assert sorted(values(triples, OWL + "imports")) == [ONTOLOGY, BASE + "module/finding-model"], name(path)


def test_the_finding_model_declares_all_that_it_uses() -> None:
    triples = turtle.triples(MODEL)
    declared = {t.subject.value for t in triples if t.predicate.value == RDF + "type" and str(t.object).startswith(f"<{OWL}")}
    used = {node.value for t in triples for node in t if isinstance(node, ox.NamedNode) and node.value.startswith(BASE)}
    assert len(used) > 100
    assert used - declared == set()


# --- Conventions of the OWL API ------------------------------------------------------------------------------------


About = dict[object, dict[str, ox.NamedNode | ox.BlankNode | ox.Literal]]


def items(about: About, cell: object) -> list[object]:
    found: list[object] = []
    while cell in about:
        found.append(about[cell][RDF + "first"])
        cell = about[cell][RDF + "rest"]
    return found


def rank(about: About, node: object) -> tuple[int, object, object]:
    """Where an operand stands: names first, then by kind of expression, its property and its filler."""
    if not isinstance(node, ox.BlankNode):
        return 0, str(node), ()
    kinds = ("intersectionOf", "unionOf", "complementOf", "someValuesFrom", "allValuesFrom", "hasValue")
    number, kind = next((number, OWL + kind) for number, kind in enumerate(kinds, 1) if OWL + kind in about[node])
    filler = about[node][kind]
    inner = [rank(about, item) for item in items(about, filler)] if number < 3 else [rank(about, filler)]
    return number, str(about[node].get(OWL + "onProperty", "")), tuple(inner)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_what_the_owl_api_would_write_otherwise_is_written_as_it_does(path: Path) -> None:
    """Its order of operands, and two of its habits; the tests marked `java` find all else, but not every curator has Java."""
    about: About = {}
    for s, p, o in turtle.triples(path):
        about.setdefault(s, {})[p.value] = o
        if p.value == OWL + "disjointWith":
            assert s.value < o.value, f"say it of <{o.value}>, the first of the two by name"
        if isinstance(o, ox.Literal) and o.datatype.value == PREFIXES["xsd"] + "decimal":
            assert "." in o.value, f"{s} has the decimal {o.value}, which would come back as an integer: write {o.value}.0"
    for said in about.values():
        for predicate in {OWL + "intersectionOf", OWL + "unionOf", OWL + "members"} & said.keys():
            ranks = [rank(about, item) for item in items(about, said[predicate])]
            assert len(ranks) > 1
            assert ranks == sorted(ranks), "order them as docs/protege.md says"


# --- The OWL API ---------------------------------------------------------------------------------------------------


def owl_api(java_tools: Path, task: str, folder: Path, entry: str = "ctres.ttl") -> tuple[dict[str, Counter[str]], list[str]]:
    """Run RoundTrip.java: the number of axioms of each type by module, and what was read wrongly."""
    source = Path(__file__).parent / "java" / "RoundTrip.java"
    command = ["java", "-Dfile.encoding=UTF-8", "-cp", f"{java_tools}/*", str(source), task, str(folder), entry]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    axioms: dict[str, Counter[str]] = {}
    for row in rows:
        if row[0] == "axioms":
            axioms.setdefault(row[1], Counter())[row[2]] = int(row[3])
    return axioms, [row[1] for row in rows if row[0] == "problem"]


def expected_axioms(triples: list[ox.Triple], properties: dict[str, str]) -> Counter[str]:
    """How many axioms of the commonest types the statements of a module are, counted from its Turtle."""
    count = Counter[str]()
    header = {t.subject for t in triples if str(t.object) == f"<{OWL}Ontology>"}
    assert len(header) == 1
    for s, p, o in triples:
        if isinstance(s, ox.NamedNode) and s not in header:
            if p.value in properties:
                count[properties[p.value]] += 1
            elif p.value == RDF + "type" and not o.value.startswith(OWL):
                count["ClassAssertion"] += 1
            elif p.value == RDFS + "subClassOf":
                count["SubClassOf"] += 1
            elif p.value == OWL + "equivalentClass":
                count["EquivalentClasses"] += 1
            elif p.value == RDFS + "domain":
                count["Domain"] += 1
            elif p.value == RDFS + "range":
                count["Range"] += 1
    return count


def simplified(axioms: Counter[str]) -> Counter[str]:
    """The same types as `expected_axioms` has."""
    count = Counter[str]()
    for kind, number in axioms.items():
        for ending in ("Domain", "Range", "RangeOf"):
            if kind.endswith("Property" + ending):
                count[ending.removesuffix("Of")] += number
        if kind.endswith("Assertion") or kind in ("SubClassOf", "EquivalentClasses"):
            count[kind] += number
    return count


@pytest.mark.java
@pytest.mark.parametrize("entry", ["ctres.ttl", "findings/ankathil2019.ttl"])
def test_the_owl_api_reads_every_statement_as_what_it_is(java_tools: Path, entry: str) -> None:
    modules = {path: turtle.triples(path) for path in MODULES}
    kinds = {"ObjectProperty": "ObjectPropertyAssertion", "DatatypeProperty": "DataPropertyAssertion", "AnnotationProperty": "AnnotationAssertion"}
    declared = [(t.subject.value, str(t.object)) for triples in modules.values() for t in triples if t.predicate.value == RDF + "type"]
    properties = {iri: axiom for iri, kind in declared for end, axiom in kinds.items() if kind == f"<{OWL}{end}>"}
    expected = {}
    for triples in modules.values():
        iri = next(t.subject.value for t in triples if str(t.object) == f"<{OWL}Ontology>")
        expected[iri] = expected_axioms(triples, properties)
    axioms, problems = owl_api(java_tools, "read", FOLDER, entry)
    assert problems == []
    assert {iri: simplified(axioms.get(iri, Counter())) for iri in expected | axioms} == expected
    assert sum(count["ObjectPropertyAssertion"] for count in expected.values()) > 10_000


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git repository that holds a copy of the ontology."""
    shutil.copytree(FOLDER, tmp_path / "ontology")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "before"]):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *command], cwd=tmp_path, check=True)
    return tmp_path


def ctres_fmt(files: list[Path]) -> str:
    return subprocess.run(
        [sys.executable, "-m", "ctres", "fmt", *map(str, files)], capture_output=True, text=True, encoding="utf-8", check=True
    ).stdout


def difference(checkout: Path) -> str:
    """The changed lines; `git diff` also names places and versions, which change with the ontology."""
    command = ["git", "-c", "core.quotePath=false", "diff", "-U0", "--no-color", "--src-prefix=a/", "--dst-prefix=b/"]
    diff = subprocess.run(command, cwd=checkout, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    return "".join(line for line in diff.splitlines(keepends=True) if not line.startswith(("diff ", "index ", "@@ ")))


@pytest.mark.java
@pytest.mark.parametrize(("task", "expected"), [("save", ""), ("edit", EXPECTED.lstrip())])
def test_a_save_and_fmt_change_only_what_was_edited(java_tools: Path, checkout: Path, task: str, expected: str) -> None:
    saved = [checkout / "ontology" / path.relative_to(FOLDER) for path in MODULES]
    before = {path: path.read_bytes() for path in saved}
    assert owl_api(java_tools, task, checkout / "ontology")[1] == []
    assert [path for path in saved if path.read_bytes() == before[path]] == [], "the OWL API has written every module"
    ctres_fmt(saved)
    assert difference(checkout) == expected, "write what differs as the OWL API does: docs/protege.md says how it orders"


# --- ctres fmt -----------------------------------------------------------------------------------------------------


def shuffled(source: str, seed: int) -> str:
    """The same graph in other words: one statement a line in a random order, and other names for blank nodes."""
    parser = ox.parse(source, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    lines = [f"{quad.triple} .\n" for quad in parser]
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in parser.prefixes.items())
    random.Random(seed).shuffle(lines)
    return prefixes + "".join(lines)


def graph(text: str) -> ox.Dataset:
    dataset = ox.Dataset(ox.parse(text, ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def test_fmt_gives_one_text_and_keeps_the_graph(tmp_path: Path) -> None:
    sources = [*MODULES, *sorted(FOLDER.glob("alignments/*.ttl")), *HOSTILE]
    assert len(sources) >= 16 + 10 + 5
    files = [tmp_path / f"{number}.ttl" for number, _ in enumerate(sources)]
    before = [shuffled(source.read_text(encoding="utf-8"), seed) for seed, source in enumerate(sources)]
    for file, text in zip(files, before, strict=True):
        file.write_text(text, encoding="utf-8")
    assert ctres_fmt(files).count("formatted: ") == len(files) - 1, "all but the empty one"
    after = [file.read_text(encoding="utf-8") for file in files]
    assert "formatted: " not in ctres_fmt(files)
    assert [file.read_text(encoding="utf-8") for file in files] == after
    for source, old, new in zip(sources, before, after, strict=True):
        approved = source.with_name(source.name.replace(".in.", ".out."))
        assert new == approved.read_text(encoding="utf-8"), source.name
        assert graph(old) == graph(new), source.name
