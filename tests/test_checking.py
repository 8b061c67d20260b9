"""Checking of files: the same verdict as plain pySHACL, of any format, in batches and with progress."""

from __future__ import annotations

import io
import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import RDF, RDFS, SH, URIRef

import ctres
from ctres import build, resources, turtle
from ctres.errors import ParseError
from ctres.knowledge import KnowledgeBase
from ctres.progress import Bars, Progress
from ctres.report import Report
from ctres.shapes import suspects, validation
from ctres.shapes.data import Data
from ctres.terms import BASE, LOOKUP, STATED_IN

CASES = Path(__file__).parent / "cases" / "shapes"
FILES = sorted(CASES.glob("*/*valid.*.ttl"))
SHAPES = sorted(Path(resources.find("shapes")).glob("*.ttl"))
Verdict = set[tuple[str, str, str | None, str | None, str]]


@pytest.fixture(scope="module")
def small() -> KnowledgeBase:
    """The finding model with a few terms."""
    return KnowledgeBase(build.reasoned_store(str(CASES / "ontology" / "small.ttl")))


# --- The same verdict as plain pySHACL ---------------------------------------------------------------------------------


def plain(kb: KnowledgeBase, path: Path) -> Verdict:
    """What pySHACL alone finds: every shape as its file has it, on the whole graph, for every node of the file."""
    data = Data.of_files(kb, [str(path)], Progress(), pytest.fail)
    graph = rdflib.Graph().parse(data=data.store.ntriples(None), format="nt")
    subjects = {URIRef(str(node)[1:-1]) for node, _ in data.store.notes(STATED_IN, LOOKUP) if str(node).startswith("<")}
    found: Verdict = set()
    for file in SHAPES:
        with validation._rdflib_left_alone():
            shapes = rdflib.Graph().parse(file, format="turtle")
            _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inplace=True)
        for result in report.objects(None, SH.result):
            focus, shape = report.value(result, SH.focusNode), report.value(result, SH.sourceShape)
            if focus in subjects and (file.stem != validation.EDITORIAL or focus.startswith(BASE)):
                path_, value = report.value(result, SH.resultPath), report.value(result, SH.value)
                shown = str(path_) if isinstance(path_, URIRef) else None
                message = str(report.value(result, SH.resultMessage)).replace(BASE, "ctres:")
                found.add((str(focus), str(shapes.value(shape, SH.name)), shown, None if value in (None, focus) else str(value), message))
    return found


def batched(kb: KnowledgeBase, path: Path) -> Verdict:
    names = {str(name) for file in SHAPES for name in rdflib.Graph().parse(file, format="turtle").objects(None, SH.name)}
    results = [result for result in kb.check_files(path).results if result.shape in names]
    return {(r.focus, r.shape, r.path, r.value, r.message) for r in results if not r.focus.startswith("_:")}


def mutants(number: int, seed: int) -> Iterator[str]:
    """Statements of the cases with random ones left out, repeated with other values, or changed."""
    chance = random.Random(seed)
    blocks: dict[str, list[ox.Quad]] = {}
    for path in FILES:
        for quad in turtle.parse(path):
            if isinstance(quad.subject, ox.NamedNode):
                blocks.setdefault(f"{path} {quad.subject}", []).append(quad)
    assert len(blocks) > 80
    quads = [quad for block in blocks.values() for quad in block]
    values = sorted({quad.object for quad in quads if not isinstance(quad.object, ox.BlankNode)}, key=str)
    values += [ox.Literal(" "), ox.Literal("x", language="fr"), ox.Literal("x", datatype=ox.NamedNode(str(rdflib.XSD.integer))), ox.Literal("1.5")]
    for place in range(number):
        block = chance.choice(sorted(blocks))
        name = ox.NamedNode(f"{chance.choice([BASE, 'https://example.org/my/'])}m{place}")
        for quad in blocks[block]:
            fate = chance.random()
            if fate > 0.1:
                yield f"{name} {quad.predicate} {chance.choice(values) if fate > 0.9 else quad.object} ."
            if 0.8 < fate < 0.9:
                yield f"{name} {quad.predicate} {chance.choice(values)} ."


@pytest.mark.parametrize("seed", range(4))
def test_random_faults_are_found_as_plain_pyshacl_finds_them(small: KnowledgeBase, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "mutants.nt"
    path.write_text("\n".join(statement for statement in mutants(120, seed) if "_:" not in statement), encoding="utf-8")
    expected = plain(small, path)
    assert len({shape for _, shape, *_ in expected}) > 25
    assert batched(small, path) == expected


def test_a_batch_more_or_less_makes_no_difference(small: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mutants.nt"
    path.write_text("\n".join(statement for statement in mutants(60, 99) if "_:" not in statement), encoding="utf-8")
    whole = small.check_files(path)
    monkeypatch.setattr(validation, "_BATCH", 7)
    assert small.check_files(path).results == whole.results
    assert len(whole.results) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_files_are_checked_as_added_data_are(small: KnowledgeBase, path: Path) -> None:
    added = small.with_data(path).check()
    assert re.sub(r"_:\w+", "_:b", small.check_files(path).to_turtle()) == re.sub(r"_:\w+", "_:b", added.to_turtle())


def test_there_are_cases() -> None:
    assert len(FILES) > 80
    assert len(SHAPES) >= 4


# --- Suspects ----------------------------------------------------------------------------------------------------------


def test_every_condition_is_that_of_a_component_of_shacl() -> None:
    vocabulary = rdflib.Graph().parse(Path(pyshacl.__file__).parent / "assets" / "shacl.ttl", format="turtle")
    known = set(vocabulary.subjects(RDFS.isDefinedBy))
    conditions = tomllib.loads(resources.text("sparql", "suspects.toml"))
    assert set(conditions) == {"value", "values", "datatype", "nodeKind"}
    assert {SH[name] for name in (*conditions["value"], *conditions["values"])} <= known
    assert {URIRef(kind) for kind in conditions["nodeKind"]} <= known


COMPONENTS = {  # what a shape says of ex:p, or of the node itself; values of ex:p, of which the first conform
    "sh:path ex:p ; sh:minCount 2": (["1, 2"], ["1"]),
    "sh:path ex:p ; sh:maxCount 2": (["1, 2"], ["1, 2, 3"]),
    "sh:path ex:p ; sh:class ex:C": (["ex:c"], ["ex:d", '"c"']),
    "sh:path ex:p ; sh:datatype xsd:integer": (["1"], ["1.5", '"1"', '"x"^^xsd:integer', "ex:c"]),
    "sh:path ex:p ; sh:datatype xsd:decimal": (["1.5"], ["1", '"x"^^xsd:decimal']),
    "sh:path ex:p ; sh:datatype xsd:boolean": (["true"], ['"true"', '"x"^^xsd:boolean']),
    "sh:path ex:p ; sh:datatype xsd:string": (['"x"'], ['"x"@en', "1"]),
    "sh:path ex:p ; sh:datatype rdf:langString": (['"x"@en'], ['"x"', "ex:c"]),
    "sh:path ex:p ; sh:datatype xsd:anyURI": (['"a:b"^^xsd:anyURI'], ['"a:b"']),
    "sh:path ex:p ; sh:nodeKind sh:IRI": (["ex:c"], ['"x"', "[]"]),
    "sh:path ex:p ; sh:nodeKind sh:Literal": (['"x"'], ["ex:c", "[]"]),
    "sh:path ex:p ; sh:nodeKind sh:BlankNode": (["[]"], ["ex:c", "1"]),
    "sh:path ex:p ; sh:nodeKind sh:BlankNodeOrIRI": (["[]", "ex:c"], ["1"]),
    "sh:path ex:p ; sh:nodeKind sh:BlankNodeOrLiteral": (["[]", "1"], ["ex:c"]),
    "sh:path ex:p ; sh:nodeKind sh:IRIOrLiteral": (["ex:c", "1"], ["[]"]),
    'sh:path ex:p ; sh:pattern "^a"': (['"ab"'], ['"ba"', "[]"]),
    'sh:path ex:p ; sh:pattern "^a" ; sh:flags "i"': (['"Ab"'], ['"ba"']),
    "sh:path ex:p ; sh:minLength 2": (['"ab"'], ['"a"', "[]"]),
    "sh:path ex:p ; sh:maxLength 2": (['"ab"'], ['"abc"', "[]"]),
    "sh:path ex:p ; sh:minInclusive 2": (["2", "2.5"], ["1", '"x"', "ex:c"]),
    "sh:path ex:p ; sh:maxInclusive 2": (["2"], ["3", '"x"']),
    "sh:path ex:p ; sh:minExclusive 2": (["3"], ["2", '"x"']),
    "sh:path ex:p ; sh:maxExclusive 2": (["1"], ["2", '"x"']),
    "sh:path ex:p ; sh:in (1 ex:c)": (["1", "ex:c"], ["2", '"1"', "ex:d"]),
    'sh:path ex:p ; sh:languageIn ("en" "de")': (['"x"@en', '"x"@de'], ['"x"@fr', '"x"', "1"]),
    "sh:path ex:p ; sh:uniqueLang true": (['"x"@en, "x"@de'], ['"x"@en, "y"@en']),
    "sh:path ex:p ; sh:uniqueLang false": (['"x"@en, "y"@en'], []),
    "sh:path ex:p ; sh:disjoint ex:q": (["1"], ["ex:same"]),
    "sh:path ex:p ; sh:equals ex:q": (["ex:same"], ["1"]),
    "sh:path ex:p ; sh:lessThan ex:n": (["4"], ["5", "6", '"x"']),
    "sh:path ex:p ; sh:lessThanOrEquals ex:n": (["5"], ["6", '"x"']),
    "sh:path ex:p ; sh:hasValue ex:c": (["ex:c, ex:d"], ["ex:d"]),
    "sh:path [ sh:inversePath ex:r ] ; sh:minCount 1": (["1"], []),
    "sh:path ( ex:p ex:q ) ; sh:maxCount 1": (["ex:one"], ["ex:two"]),
    "sh:path ( ex:p [ sh:inversePath ex:p ] ) ; sh:maxCount 1": (["1, 2"], ["1 . ex:other ex:p 1"]),
    "sh:path ( ex:p [ sh:inversePath ex:p ] ) ; sh:maxCount 2": (["1 . ex:other ex:p 1"], ["1 . ex:other ex:p 1 . ex:third ex:p 1"]),
    "sh:path [ sh:alternativePath ( ex:p ex:z ) ] ; sh:minCount 1": (["1"], []),
    "sh:path [ sh:zeroOrMorePath ex:p ] ; sh:maxCount 2": (["ex:c"], ["ex:c, ex:d"]),
    "sh:path [ sh:oneOrMorePath ex:p ] ; sh:class ex:C": (["ex:c"], ["ex:d"]),
    "sh:path [ sh:zeroOrOnePath ex:p ] ; sh:nodeKind sh:IRI": (["ex:c"], ["1"]),
    "sh:class ex:T": (["1"], []),
    "sh:hasValue ex:node": (["1"], []),
    'sh:pattern "node$"': (["1"], []),
    "sh:not [ sh:path ex:p ; sh:hasValue ex:c ]": (["ex:d"], ["ex:c"]),
    'sh:not [ sh:path ex:p ; sh:pattern "a" ]': (['"b"'], ['"a"']),
    "sh:or ( [ sh:class ex:C ] [ sh:path ex:p ; sh:minCount 1 ; sh:maxCount 1 ] )": (["1"], ["1, 2"]),
    "sh:and ( [ sh:path ex:p ; sh:minCount 1 ] [ sh:property [ sh:path ex:p ; sh:nodeKind sh:Literal ] ] )": (["1"], ["ex:c"]),
    "sh:xone ( [ sh:path ex:p ; sh:hasValue 1 ] [ sh:path ex:p ; sh:hasValue 2 ] )": (["1", "2"], ["3", "1, 2"]),
    'sh:xone ( [ sh:path ex:p ; sh:pattern "a" ] [ sh:path ex:p ; sh:maxCount 0 ] )': (['"a"'], ['"b"']),
    "sh:node [ a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 2 ] ]": (["1, 2"], ["1"]),
    "sh:sparql [ sh:prefixes ex: ; sh:select 'SELECT $this ?value WHERE { $this ex:p ?value . FILTER(?value > 2) }' ]": (["2"], ["3"]),
}
WORLD = f"""@prefix ex: <https://example.org/> . @prefix sh: <{SH}> . @prefix xsd: <{rdflib.XSD}> . @prefix rdf: <{RDF}> .
ex:node a ex:T ; ex:q ex:same ; ex:n 5 . ex:c a ex:C . ex:s ex:r ex:node . ex:one ex:q 1 . ex:two ex:q 1 , 2 .
"""


@pytest.mark.parametrize("said", COMPONENTS)
def test_no_suspect_is_missed(said: str) -> None:
    """pySHACL says which of the values conform; the queries must name the node for those that do not, and may for others."""
    kind = "PropertyShape" if said.startswith("sh:path") else "NodeShape"
    text = f'{WORLD} ex: sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] .'
    shapes = rdflib.Graph().parse(data=f"{text} ex:shape a sh:{kind} ; sh:targetClass ex:T ; sh:severity sh:Violation ; {said} .", format="turtle")
    good, bad = COMPONENTS[said]
    assert good
    for values in good + bad:
        data = f"{WORLD} ex:node ex:p {values} ."
        with validation._rdflib_left_alone():
            conforms, _, _ = pyshacl.validate(rdflib.Graph().parse(data=data, format="turtle"), shacl_graph=shapes)
        assert conforms is (values in good), values
        store = ctres.store.Store()
        store.add([quad.triple for quad in ox.parse(data, ox.RdfFormat.TURTLE)], None)
        queries = suspects.Suspects(shapes, noted=False).queries(URIRef("https://example.org/shape"))
        found = {str(row["this"]) for query in queries for row in store.query(query)}
        assert conforms or "<https://example.org/node>" in found, values


def test_clean_data_give_pyshacl_nothing_to_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyshacl, "validate", lambda *_, **__: pytest.fail("a node was taken for a suspect"))
    assert list(validation.faults(Data.of_knowledge(ctres.load()), Progress())) == []


# --- Files of any kind -------------------------------------------------------------------------------------------------

FAULTY = """@prefix ctres: <https://w3id.org/ctres/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://example.org/lab/f1> a ctres:Finding ;
    rdfs:label "x"@en ; ctres:agent ctres:miR21 ; ctres:induces ctres:dormancy ;
    ctres:certainty ctres:stated ; ctres:source ctres:smith2010 ; ctres:section "R" ; ctres:sentnce 1 .
"""


@pytest.mark.parametrize("extension", sorted(turtle.FORMATS))
def test_a_fault_is_placed_in_a_file_of_any_format(small: KnowledgeBase, tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"faulty{extension}"
    quads = list(ox.parse(FAULTY, ox.RdfFormat.TURTLE))
    lines = ["", ""] if extension in (".ttl", ".nt", ".nq", ".trig") else []
    text = ox.serialize(quads, format=turtle.FORMATS[extension], prefixes={"ctres": BASE}).decode()
    path.write_text("\n".join(lines) + text, encoding="utf-8")
    results = [result for result in small.check_files(path).results if result.shape == "declared name"]
    assert [result.message.partition(". ")[2] for result in results] == ["Did you mean ctres:sentence?"]
    assert results[0].file == str(path)
    shown = path.read_text(encoding="utf-8").split("\n")[(results[0].line or 0) - 1]
    assert "f1" in shown, shown


def test_an_unreadable_file_is_reported_beside_the_others(small: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "cut.ttl").write_text("@prefix ctres: <https://w3id.org/ctres/> .\nctres:x a ctres:Finding", encoding="utf-8")
    (tmp_path / "faulty.ttl").write_text(FAULTY, encoding="utf-8")
    report = small.check_files(tmp_path / "cut.ttl", tmp_path / "faulty.ttl")
    unread = report.results[0]
    assert (unread.shape, unread.severity, unread.file, unread.line) == ("readable file", "Violation", str(tmp_path / "cut.ttl"), 2)
    assert "Add the missing “.”" in unread.message
    assert any(result.file == str(tmp_path / "faulty.ttl") for result in report.results)
    assert not any(result.focus == BASE + "x" for result in report.results)
    results = set(rdflib.Graph().parse(data=report.to_turtle(), format="turtle").objects(None, SH.focusNode))
    assert rdflib.Literal(str(tmp_path / "cut.ttl")) in results
    with pytest.raises(ParseError, match="no such file"):
        small.check_files(tmp_path / "nowhere.ttl")


def test_contradictions_are_reported(tmp_path: Path) -> None:
    (tmp_path / "c.ttl").write_text(f"<{BASE}doxorubicin> a <{BASE}Cancer> .", encoding="utf-8")
    report: Report = ctres.load().check_files(tmp_path / "c.ttl")
    found = next(result for result in report.results if result.shape == "contradiction")
    assert "are disjoint" in found.message
    assert (found.focus, found.file, found.line) == (BASE + "doxorubicin", str(tmp_path / "c.ttl"), 1)


# --- Progress ----------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bars_are_shown_on_a_terminal_only(small: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "findings" / "invalid.no-agent.ttl"
    expected = small.check_files(path)
    assert small.check_files(path, progress=Bars()).results == expected.results
    assert capsys.readouterr() == ("", "")
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert small.check_files(path, progress=Bars()).results == expected.results
    assert all(stage in terminal.getvalue() for stage in ("reading invalid.no-agent.ttl", "reasoning", "looking for faults", "judging"))
    assert capsys.readouterr().out == ""


def test_only_wider_classes_are_inferred_before_checking(small: KnowledgeBase) -> None:
    """A range would make a member of the right class of every wrong value, and hide the fault."""
    data = Data.of_files(small, [str(CASES / "terms" / "invalid.resistance-to-a-cancer.ttl")], Progress(), pytest.fail)
    therapies = set(data.store.subjects(str(RDF.type), iri=BASE + "Therapy"))
    assert BASE + "paclitaxel" in therapies
    assert BASE + "breastCancer" not in therapies
