"""The ontology as an artefact: header, catalog, one label and one definition each, no puns, defined classes, formatting."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT

from ctres import turtle
from ctres.terms import BASE, ONTOLOGY, PREFIXES

OWL, RDF, RDFS, SKOS, DCTERMS = (PREFIXES[p] for p in ("owl", "rdf", "rdfs", "skos", "dcterms"))
FOLDER = ROOT / "ontology"
MODULES = sorted(FOLDER.rglob("*.ttl"))
# Classes that need no logical definition: the areas themselves and the value vocabularies.
TOP = {
    "AnatomicalSite BiologicalProcess Breadth Cancer CellCyclePhase CellPopulation CellState Certainty ClinicalOutcome ClinicalTrial "
    "Duration Finding GeneticAlteration MicroenvironmentFactor ModelSystem MolecularEntity Onset Publication Quantity Reversibility "
    "TherapeuticStrategy Therapy TherapyResistance Timing TumorFeature Unit"
}.pop().split()

Triple = tuple[str, str, str]


@pytest.fixture(scope="module")
def triples() -> list[Triple]:
    """All triples of the ontology and its imports; blank nodes as `_:...`, literals as `"..."`."""
    parts = turtle.load_ontology(FOLDER / "ctres.ttl")
    assert len(parts) == len(MODULES) - len(list((FOLDER / "alignments").glob("*.ttl"))), "the entry must import every module"

    def text(node: object) -> str:
        return str(getattr(node, "value", node)) if str(node).startswith("<") else str(node)

    return [(text(t.subject), text(t.predicate), text(t.object)) for _, of in parts for t in of]


def declared(triples: list[Triple], *kinds: str) -> set[str]:
    return {s for s, p, o in triples if p == RDF + "type" and o in {OWL + kind for kind in kinds} and s.startswith(BASE)}


def test_the_header_is_complete(triples: list[Triple]) -> None:
    stated = {p: o for s, p, o in triples if s == ONTOLOGY}
    for name in ("title", "description", "license", "creator", "created", "modified", "issued"):
        assert DCTERMS + name in stated, name
    assert stated[OWL + "versionIRI"].startswith(ONTOLOGY + "/")
    assert stated[PREFIXES["vann"] + "preferredNamespacePrefix"] == '"ctres"'
    assert stated[PREFIXES["vann"] + "preferredNamespaceUri"] == f'"{BASE}"'
    assert stated[OWL + "versionInfo"].strip('"') in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_catalog_names_every_module() -> None:
    assert set(map(Path, turtle.catalog(FOLDER).values())) == set(MODULES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_modules_are_formatted(path: Path) -> None:
    assert turtle.format_file(path, check=True) is False, "run `ctres fmt`"


def test_every_name_is_declared(triples: list[Triple]) -> None:
    known = {s for s, p, _ in triples if p == RDF + "type"}
    used = {node for triple in triples for node in triple if node.startswith(BASE)}
    modules = BASE + "module/"
    assert {node for node in used - known if not node.startswith((modules, ONTOLOGY + "/0"))} == set()


def test_names_are_letters_and_digits(triples: list[Triple]) -> None:
    findings = {s for s, p, o in triples if p == RDF + "type" and o == BASE + "Finding"}
    individuals = declared(triples, "NamedIndividual")
    classes = declared(triples, "Class")
    properties = declared(triples, "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
    assert classes
    assert properties
    assert len(findings) > 400
    for iri in classes | properties | individuals - findings:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", iri.removeprefix(BASE)), iri
    for iri in findings:
        assert re.fullmatch(r"(ankathil2019|deAngelis2019)-\d{4}", iri.removeprefix(BASE)), iri
    assert all(iri.removeprefix(BASE)[0].isupper() for iri in classes)
    assert all(iri.removeprefix(BASE)[0].islower() for iri in properties)


def test_no_name_is_two_things(triples: list[Triple]) -> None:
    kinds = [("Class",), ("ObjectProperty",), ("DatatypeProperty",), ("AnnotationProperty",), ("NamedIndividual",)]
    counted = Counter(iri for kind in kinds for iri in declared(triples, *kind))
    assert [iri for iri, times in counted.items() if times > 1] == []
    individuals = {s for s, p, o in triples if p == RDF + "type" and s.startswith(BASE) and not o.startswith(OWL)}
    assert individuals & declared(triples, "Class") == set()
    assert individuals == declared(triples, "NamedIndividual"), "every individual is declared as owl:NamedIndividual"


def test_each_term_has_one_label_and_one_definition(triples: list[Triple]) -> None:
    findings = {s for s, p, o in triples if p == RDF + "type" and o == BASE + "Finding"}
    terms = declared(triples, "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
    labels, definitions, sources = Counter[str](), Counter[str](), set()
    for s, p, o in triples:
        if p == RDFS + "label":
            labels[s] += o.endswith("@en")
        elif p == SKOS + "definition":
            definitions[s] += o.endswith("@en")
            assert re.fullmatch(r'"[A-Z“0-9].*\."@en', o, re.DOTALL), f"the definition of {s} is not a sentence: {o}"
        elif p == DCTERMS + "source":
            sources.add(s)
    assert {iri: labels[iri] for iri in terms if labels[iri] != 1} == {}
    assert {iri: definitions[iri] for iri in terms - findings if definitions[iri] != 1} == {}
    assert terms - findings - sources == set(), "each definition has a source"


def test_labels_are_unique(triples: list[Triple]) -> None:
    labels = Counter(o for s, p, o in triples if p == RDFS + "label" and s.startswith(BASE))
    assert [label for label, times in labels.items() if times > 1] == []


def test_most_classes_are_defined(triples: list[Triple]) -> None:
    classes = declared(triples, "Class") - {BASE + name for name in TOP}
    defined = {s for s, p, o in triples if p == OWL + "equivalentClass"} & classes
    assert len(classes) > 300
    assert 3 * len(defined) >= 2 * len(classes), f"{len(defined)} of {len(classes)} classes have a logical definition"


def test_generic_individuals_belong_to_their_class(triples: list[Triple]) -> None:
    generics = [(s, o) for s, p, o in triples if p == BASE + "standsFor"]
    types = {(s, o) for s, p, o in triples if p == RDF + "type"}
    assert len(generics) > 100
    assert [pair for pair in generics if pair not in types] == []
    assert [c for c, times in Counter(o for _, o in generics).items() if times > 1] == [], "one generic individual a class at the most"


def test_background_axioms_have_a_triple_and_a_source(triples: list[Triple]) -> None:
    axioms: dict[str, dict[str, str]] = {}
    for s, p, o in triples:
        if s.startswith("_:") and p.startswith((OWL + "annotated", DCTERMS, BASE)):
            axioms.setdefault(s, {})[p] = o
    annotated = {node: about for node, about in axioms.items() if OWL + "annotatedSource" in about}
    assert len(annotated) > 50
    asserted = set(triples)
    for about in annotated.values():
        fact = tuple(about[OWL + name] for name in ("annotatedSource", "annotatedProperty", "annotatedTarget"))
        assert fact in asserted, fact
        assert DCTERMS + "source" in about, fact


def test_has_value_keeps_away_from_property_chains(triples: list[Triple]) -> None:
    """One such axiom costs HermiT minutes; see CONTRIBUTING.md."""
    first = {s: o for s, p, o in triples if p == RDF + "first"}
    rest = {s: o for s, p, o in triples if p == RDF + "rest"}
    inverse = {s: o for s, p, o in triples if p == OWL + "inverseOf"}
    steps = set()
    for _, p, cell in triples:
        if p == OWL + "propertyChainAxiom":
            while cell in first:
                steps.add(inverse.get(first[cell], first[cell]))
                cell = rest[cell]
    below = [(s, o) for s, p, o in triples if p == RDFS + "subPropertyOf"]
    while more := {s for s, o in below if o in steps} - steps:
        steps |= more
    valued = {s for s, p, _ in triples if p == OWL + "hasValue"}
    used = {o for s, p, o in triples if p == OWL + "onProperty" and s in valued}
    assert {BASE + "promotes", BASE + "kills", BASE + "resistanceTo", BASE + "induces"} <= steps
    assert len(used) >= 5
    assert {BASE + "hasOnset", BASE + "arisesIn"} <= used
    assert used & steps == set()
