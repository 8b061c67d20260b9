"""Shapes, and the reports that come of them."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pyshacl
import pyshacl.monkey
import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SH, BNode, URIRef

import ctres
from ctres import build, shapes
from ctres.errors import ValidationError
from ctres.knowledge import KnowledgeBase
from ctres.shapes import vocabulary
from ctres.shapes.data import Data
from ctres.terms import BASE

ROOT = pathlib.Path(__file__).parents[1]
CASES = pathlib.Path(__file__).parent / "cases" / "shapes"
CTRES = rdflib.Namespace(BASE)

VALID = {
    "cells": ["complete"],
    "editorial": ["complete", "names-of-others", "notes"],
    "effects": ["complete"],
    "findings": ["complete", "contrast", "minimal", "redundant-effect"],
    "molecules": ["complete"],
    "names": ["other-namespaces"],
    "publications": ["complete", "review", "titled"],
    "quantities": ["complete"],
    "resistance": ["complete"],
    "strategies": ["complete"],
    "terms": ["complete", "parts"],
    "therapies": ["complete", "groups"],
}
INVALID = {  # the fault and the shape, or other rule, that finds it
    "cells": {
        "cells-located-at-a-site": "PlaceWhole",
        "line-from-a-drug": "ModelOrigin",
        "line-from-nothing": "CellLineOrigin",
        "population-from-a-drug": "PopulationOrigin",
        "population-with-duration": "StateSubject",
        "resides-in-a-cancer": "PlaceResidence",
        "site-in-a-cancer": "PlaceWhole",
        "two-durations": "StateDuration",
    },
    "editorial": {
        "background-false": "EditorialBackground",
        "cites-another-list": "EditorialCitation",
        "class-in-lower-case": "EditorialClassName",
        "definition-without-stop": "EditorialSentence",
        "finding-in-two-languages": "EditorialFindingLabel",
        "finding-without-number": "EditorialFindingName",
        "name-with-hyphen": "EditorialName",
        "no-definition": "EditorialDefinition",
        "note-without-stop": "EditorialNote",
        "property-in-upper-case": "EditorialPropertyName",
        "publication-of-no-list": "EditorialCitedIn",
        "retired-without-replacement": "EditorialRetired",
        "source-is-text": "EditorialSource",
        "synonym-in-German": "EditorialSynonym",
        "two-labels": "EditorialLabel",
    },
    "effects": {
        "cross-resistance-of-a-drug": "CrossResistanceEnds",
        "cross-resistance-with-a-drug": "CrossResistanceEnds",
        "located-in-a-state": "LocationObject",
        "marker-of-a-drug": "MarkerObject",
        "open-with-direction": "OpenEffect",
        "part-of-itself": "EffectOnItself",
        "population-becomes-a-state": "TransitionEnds",
        "produced-by-a-drug": "ProducerObject",
        "target-of-a-cancer": "TargetActor",
        "target-the-wrong-way-round": "TargetAgent",
        "upregulates-a-resistance": "ExpressionObject",
    },
    "findings": {
        "agent-and-lost-agent": "FindingSubject",
        "blank-section": "FindingSection",
        "cancer-is-a-cell-line": "FindingCancer",
        "cites-a-drug": "FindingCites",
        "cites-its-source": "FindingCitesOthers",
        "compared-with-its-agent": "FindingComparison",
        "contrast-with-a-drug": "FindingContrast",
        "contrast-without-reason": "FindingContrastReason",
        "context-of-no-kind": "FindingSlot",
        "model-is-a-cancer": "FindingModel",
        "no-agent": "FindingSubject",
        "no-certainty": "FindingCertainty",
        "no-effect": "FindingEffect",
        "no-label": "FindingLabel",
        "no-section": "FindingSection",
        "no-sentence": "FindingSentence",
        "no-type": "FindingType",
        "onset-is-a-timing": "FindingOnset",
        "opposite-effects": "FindingEffect",
        "other-certainty": "FindingCertainty",
        "population-is-a-state": "FindingPopulation",
        "quantity-is-a-unit": "FindingQuantity",
        "sentence-is-text": "FindingSentence",
        "sentence-zero": "FindingSentence",
        "site-is-a-cancer": "FindingSite",
        "source-is-text": "FindingSource",
        "therapy-is-a-resistance": "FindingTherapy",
        "timing-is-an-onset": "FindingTiming",
        "two-agents": "FindingSubject",
        "two-labels": "FindingLabel",
        "two-sources": "FindingSource",
        "via-its-agent": "FindingMediator",
    },
    "molecules": {
        "component-is-a-drug": "MoleculeComponent",
        "core-is-a-process": "CoreComponent",
        "core-of-a-complex": "CoreSubject",
        "drug-acts-on": "ActingSubject",
        "microRNA-by-another-name": "MicroRNALabel",
        "variant-of-a-cancer": "AlterationGene",
    },
    "names": {
        "blank-node": "NamedNode",
        "class-as-property": "NameUse",
        "class-as-value": "NameUse",
        "contradiction": "Contradiction",
        "individual-as-class": "NameUse",
        "retired": "RetiredName",
        "term-as-text": "NameUse",
        "text-as-value": "NameUse",
        "undeclared-class": "DeclaredName",
        "undeclared-property": "DeclaredName",
        "undeclared-subject": "DeclaredName",
        "undeclared-value": "DeclaredName",
    },
    "publications": {
        "cited-in-a-paper": "PublicationCitedIn",
        "doi-as-link": "PublicationDoi",
        "doi-taken": "PublicationDoiUnique",
        "no-identity": "PublicationIdentity",
        "no-label": "PublicationLabel",
        "number-taken": "PublicationNumberUnique",
        "number-without-list": "PublicationNumberList",
        "number-zero": "PublicationNumber",
        "reference-on-two-lines": "PublicationReference",
        "two-dois": "PublicationDoi",
        "two-titles": "PublicationTitle",
        "year-with-two-digits": "PublicationYear",
    },
    "quantities": {
        "minimum-above-maximum": "QuantityRange",
        "no-number": "QuantityNumber",
        "no-unit": "QuantityUnit",
        "two-maxima": "QuantityMaximum",
        "two-minima": "QuantityMinimum",
        "unit-twice": "UnitCodeUnique",
        "unit-without-code": "UnitCode",
        "value-and-range": "QuantityRangeOrValue",
        "value-is-text": "QuantityValue",
    },
    "resistance": {
        "resistance-to-nothing": "ResistanceScope",
        "reversible-and-enduring": "ResistanceReversibility",
        "single-of-two": "ResistanceSingle",
        "twin": "ResistanceTwin",
        "two-breadths": "ResistanceBreadth",
        "two-onsets": "ResistanceOnset",
    },
    "strategies": {
        "cancer-uses-a-drug": "MeansSubject",
        "strategy-uses-a-cancer": "Means",
        "trial-of-nothing": "TrialTherapy",
    },
    "terms": {
        "drug-with-onset": "SubjectClass",
        "edge-without-source": "SourcedEdge",
        "generic-of-another-class": "Generic",
        "individual-and-class": "IndividualOrClass",
        "label-taken": "UniqueLabel",
        "label-without-language": "TermLabel",
        "no-label": "TermLabel",
        "part-of-itself": "Whole",
        "property-of-two-kinds": "PropertyKind",
        "resistance-to-a-cancer": "ValueClass",
        "second-generic": "OneGeneric",
        "synonym-equals-label": "TermSynonym",
        "synonym-is-a-label": "AmbiguousSynonym",
        "synonym-without-language": "SynonymText",
    },
    "therapies": {
        "component-is-a-molecule": "TherapyComponent",
        "drug-of-no-kind": "DrugKind",
        "no-component": "CombinationComponents",
        "one-component": "CombinationComponents",
        "target-is-a-cancer": "TherapyTarget",
    },
}
FILES = sorted(set(VALID) - {"names"})
RULES = {**vocabulary.RULES, "Contradiction": "contradiction"}


def graph_of(*paths: pathlib.Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def rules(graph: rdflib.Graph) -> set[URIRef]:
    """The shapes that find something themselves; the others only group."""
    return {shape for shape in named_shapes(graph) if (shape, SH.severity, None) in graph}


def named_shapes(graph: rdflib.Graph) -> set[URIRef]:
    found = {shape for kind in (SH.NodeShape, SH.PropertyShape) for shape in graph.subjects(RDF.type, kind)}
    assert found
    return found


@pytest.fixture(scope="module")
def small() -> KnowledgeBase:
    """The finding model with a few terms, so that the cases do not depend on what CTRES holds."""
    return KnowledgeBase(build.reasoned_store(str(CASES / "ontology" / "small.ttl")))


@pytest.fixture
def in_folder(monkeypatch: pytest.MonkeyPatch) -> object:
    """Reports name files as they were given: here without the folder."""
    return lambda folder: monkeypatch.chdir(CASES / folder)


# --- The cases -------------------------------------------------------------------------------------------------------


def test_the_cases_are_the_files() -> None:
    assert VALID.keys() == INVALID.keys()
    assert {path.name for path in CASES.iterdir()} == {*VALID, "ontology"}
    for folder in VALID:
        stems = [f"valid.{case}" for case in VALID[folder]] + [f"invalid.{fault}" for fault in INVALID[folder]]
        expected = sorted(f"{stem}.{suffix}" for stem in stems for suffix in ("ttl", "txt"))
        assert sorted(path.name for path in (CASES / folder).iterdir()) == expected
    assert sorted(path.stem for path in (ROOT / "shapes").iterdir()) == FILES


@pytest.mark.parametrize(("folder", "case"), [(folder, case) for folder in VALID for case in VALID[folder]])
def test_valid(small: KnowledgeBase, in_folder: object, folder: str, case: str) -> None:
    in_folder(folder)  # type: ignore[operator]
    report = small.with_data(f"valid.{case}.ttl").check()
    assert report.to_text() + "\n" == pathlib.Path(f"valid.{case}.txt").read_text(encoding="utf-8")
    assert report.conforms
    assert not report.results
    report.raise_for_violations()


@pytest.mark.parametrize(("folder", "fault"), [(folder, fault) for folder in INVALID for fault in INVALID[folder]])
def test_invalid(small: KnowledgeBase, in_folder: object, folder: str, fault: str) -> None:
    in_folder(folder)  # type: ignore[operator]
    report = small.with_data(f"invalid.{fault}.ttl").check()
    assert report.to_text() + "\n" == pathlib.Path(f"invalid.{fault}.txt").read_text(encoding="utf-8")
    rule = INVALID[folder][fault]
    names = RULES if folder == "names" else {}
    if folder != "names":
        graph = graph_of(ROOT / "shapes" / f"{folder}.ttl")
        names = {shape.removeprefix(BASE + "shapes/"): str(graph.value(shape, SH.name)) for shape in rules(graph)}
    assert names[rule] in {result.shape for result in report.results}


# --- Every shape -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_every_shape_has_a_failing_case(file: str) -> None:
    local_names = {shape.removeprefix(BASE + "shapes/") for shape in rules(graph_of(ROOT / "shapes" / f"{file}.ttl"))}
    assert local_names == set(INVALID[file].values())


def test_every_other_rule_has_a_failing_case() -> None:
    assert set(RULES) == set(INVALID["names"].values())


@pytest.mark.parametrize("file", FILES)
def test_every_shape_has_a_passing_case(file: str) -> None:
    graph = graph_of(ROOT / "shapes" / f"{file}.ttl")
    data = graph_of(*(CASES / file / f"valid.{case}.ttl" for case in VALID[file]))
    described = set(data.subjects())
    data += graph_of(CASES / "ontology" / "small.ttl", ROOT / "ontology" / "finding-model.ttl")
    for shape in rules(graph):
        focus = targets(graph, shape, data) & described
        path = graph.value(shape, SH.path)
        paths = [path] if isinstance(path, URIRef) else alternatives(graph, path)
        assert any(not paths or (node, one, None) in data for node in focus for one in paths or [None]), shape


def targets(graph: rdflib.Graph, shape: URIRef, data: rdflib.Graph) -> set[object]:
    found: set[object] = set()
    for owner in (shape, *graph.subjects(SH.property, shape)):
        for target in graph.objects(owner, SH.targetClass):
            for kind in data.transitive_subjects(RDFS.subClassOf, target):
                found.update(data.subjects(RDF.type, kind))
        for target in graph.objects(owner, SH.targetSubjectsOf):
            found.update(data.subjects(target))
    return found


def alternatives(graph: rdflib.Graph, path: object) -> list[object]:
    """The properties with which a path may begin."""
    if optional := graph.value(path, SH.zeroOrOnePath):
        return [optional]
    choices = graph.value(path, SH.alternativePath)
    return [] if path is None else list(graph.items(choices)) if choices else [next(graph.items(path))]


# --- Reports ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(small: KnowledgeBase, in_folder: object) -> shapes.Report:
    in_folder("terms")  # type: ignore[operator]
    return small.with_data(
        "invalid.label-without-language.ttl", "invalid.edge-without-source.ttl", "../resistance/invalid.resistance-to-nothing.ttl"
    ).check()


def test_report_in_python(report: shapes.Report) -> None:
    assert repr(report) == "<Report: 1 Violation, 2 Warnings, no Infos>"
    assert not report.conforms
    result = next(result for result in report.results if result.severity == "Violation")
    assert (result.focus, result.path, result.value) == ("https://example.org/my/drugX", str(RDFS.label), "drug X")
    assert (result.file, result.line, result.shape) == ("invalid.edge-without-source.ttl", 5, "term label")
    with pytest.raises(ValidationError, match="term label") as caught:
        report.raise_for_violations()
    assert caught.value.report is report
    assert str(report) == report.to_text()


def test_report_as_json(report: shapes.Report) -> None:
    read = json.loads(report.to_json())
    assert read["conforms"] is False
    assert len(read["results"]) == 3
    keys = {"focus", "severity", "message", "shape", "path", "value", "file", "line", "label"}
    assert all(result.keys() == keys for result in read["results"])


def test_report_as_shacl(report: shapes.Report) -> None:
    assert report.to_turtle() == report.to_turtle()
    graph = rdflib.Graph().parse(data=report.to_turtle(), format="turtle")
    assert graph.value(graph.value(None, RDF.type, SH.ValidationReport), SH.conforms).toPython() is False
    results = set(graph.objects(None, SH.result))
    assert len(results) == 3
    for result in results:
        for needed in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.resultMessage, SH.sourceShape):
            assert len(list(graph.objects(result, needed))) == 1
    path = next(path for path in graph.objects(None, SH.resultPath) if isinstance(path, BNode))
    assert CTRES.resistanceTo in graph.items(graph.value(path, SH.alternativePath))


def test_report_of_nothing(small: KnowledgeBase, in_folder: object) -> None:
    in_folder("terms")  # type: ignore[operator]
    report = small.with_data("valid.complete.ttl").check()
    assert "sh:conforms true" in report.to_turtle()
    assert json.loads(report.to_json()) == {"conforms": True, "results": []}


def test_warnings_conform(small: KnowledgeBase, in_folder: object) -> None:
    in_folder("terms")  # type: ignore[operator]
    report = small.with_data("invalid.edge-without-source.ttl").check()
    assert report.conforms
    assert len(report.results) == 1
    report.raise_for_violations()


# --- Data ------------------------------------------------------------------------------------------------------------


def test_data_added_in_steps_are_all_checked(small: KnowledgeBase, in_folder: object) -> None:
    in_folder("findings")  # type: ignore[operator]
    first = small.with_data("invalid.blank-section.ttl")
    both = first.with_data(str(CASES / "names" / "invalid.blank-node.ttl"))
    assert {result.shape for result in first.check().results} == {"finding section"}
    assert {result.shape for result in both.check().results} >= {"finding section", "named node"}


def test_only_the_data_are_checked(small: KnowledgeBase, in_folder: object) -> None:
    assert not small.check().conforms  # its terms have no definitions
    in_folder("findings")  # type: ignore[operator]
    assert small.with_data("valid.minimal.ttl").check().conforms


def test_notes_on_files_do_not_double_answers(small: KnowledgeBase) -> None:
    query = "SELECT ?label { ctres:paclitaxel rdfs:label ?label }"
    both = small.with_data(CASES / "ontology" / "small.ttl")
    assert len(both.sparql(query)) == len(small.sparql(query)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", [True, False])
def test_rdflib_is_left_alone(small: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, setting: bool) -> None:
    def fail(*_: object, **__: object) -> None:
        pyshacl.monkey.rdflib_bool_patch()
        raise RuntimeError

    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", setting)
    small.check()
    assert setting is rdflib.NORMALIZE_LITERALS
    monkeypatch.setattr(pyshacl, "validate", fail)
    with pytest.raises(RuntimeError):
        small.check()
    assert setting is rdflib.NORMALIZE_LITERALS
    assert rdflib.Literal("1", datatype=rdflib.XSD.boolean).value is True


def test_literals_that_rdflib_cannot_read(small: KnowledgeBase, tmp_path: pathlib.Path, capfd: object) -> None:
    lines = ["<https://example.org/q> a <https://w3id.org/ctres/Quantity> ;", f'<{RDFS.label}> "a\\nb"@en ;']
    lines += [f'<{CTRES.value}> "x"^^<{rdflib.XSD.integer}> ; <{CTRES.unit}> <{CTRES.percent}> .']
    (tmp_path / "q.ttl").write_text("\n".join(lines), encoding="utf-8")
    report = small.with_data(tmp_path / "q.ttl").check()
    assert [result.shape for result in report.results] == ["quantity value"]
    assert "“a b”" in report.to_text()
    assert "^^xsd:integer" in report.to_turtle()
    assert capfd.readouterr() == ("", "")  # type: ignore[attr-defined]


def test_rdflib_and_pyshacl_are_not_imported_before_they_are_needed() -> None:
    code = "import sys, ctres.shapes; sys.exit('rdflib' in sys.modules or 'pyshacl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- CTRES itself ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return ctres.load()


def test_ctres_has_no_violation(kb: KnowledgeBase) -> None:
    report = kb.check()
    assert report.conforms, str(report)


def test_shapes_reach_all_of_ctres(kb: KnowledgeBase) -> None:
    graph = graph_of(*(ROOT / "shapes" / f"{file}.ttl" for file in FILES))
    kinds = set(graph.objects(CTRES["shapes/Editorial"], SH.targetClass)) | {CTRES.Finding}
    data = rdflib.Graph().parse(data=Data.of_knowledge(kb).store.ntriples(None), format="nt")
    reached = {
        node
        for kind in kinds
        for subclass in data.transitive_subjects(RDFS.subClassOf, kind)
        for node, _, _ in data.triples((None, RDF.type, subclass))
    }
    individuals = {node for node, _, _ in data.triples((None, RDF.type, OWL.NamedIndividual)) if node.startswith(BASE)}
    assert len(individuals) > 500
    assert individuals <= reached


def test_data_on_ctres(kb: KnowledgeBase, in_folder: object) -> None:
    in_folder("findings")  # type: ignore[operator]
    assert "finding agent" in {result.shape for result in kb.with_data("invalid.two-agents.ttl").check().results}
