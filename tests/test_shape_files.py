"""The shape files themselves: spelling, targets, names, messages, the finding model, and the page that lists them."""

from __future__ import annotations

import pathlib
import re
from functools import cache

import pyshacl
import pytest
import rdflib
from rdflib import DCTERMS, OWL, RDF, RDFS, SH, BNode, URIRef

from ctres.knowledge import KnowledgeBase
from ctres.terms import BASE

ROOT = pathlib.Path(__file__).parents[1]
FILES = sorted((ROOT / "shapes").glob("*.ttl"))
CTRES = rdflib.Namespace(BASE)
SHAPES = rdflib.Namespace(BASE + "shapes/")
TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
MODAL = {SH.Violation: (" must ",), SH.Warning: (" should ", " needs "), SH.Info: (" is better ",)}
SUBJECTS = ("A ", "An ", "The ", "What ", "Reference ")
REMEDY = re.compile(r"(Add|Choose|Complete|Correct|Exchange|Find|Give|Keep|Make|Move|Name|Remove|Rename|Tag|Use|Write)\b.+\.")


def read(*paths: pathlib.Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


@cache
def shape_file(path: pathlib.Path) -> rdflib.Graph:
    return read(path)


@cache
def model() -> rdflib.Graph:
    return read(ROOT / "ontology" / "finding-model.ttl")


@pytest.fixture(scope="module")
def declared(kb: KnowledgeBase) -> set[URIRef]:
    """Every name that CTRES gives a type."""
    found = kb.sparql("SELECT DISTINCT ?name { GRAPH graph:asserted { ?name a ?kind } FILTER(isIRI(?name)) }")
    return {URIRef(row[0].iri) for row in found}


def named(graph: rdflib.Graph) -> set[URIRef]:
    return {shape for kind in (SH.NodeShape, SH.PropertyShape) for shape in graph.subjects(RDF.type, kind)}


def members(graph: rdflib.Graph, shape: URIRef) -> list[URIRef]:
    """The named shapes that a shape groups."""
    return [member for member in graph.objects(shape, SH.property) if not isinstance(member, BNode)]


def rules(graph: rdflib.Graph) -> list[URIRef]:
    """The shapes that find something themselves; the others only group."""
    return sorted(shape for shape in named(graph) if not members(graph, shape))


def owners(graph: rdflib.Graph, shape: URIRef) -> list[URIRef]:
    return [shape, *graph.subjects(SH.property, shape)]


def messages(graph: rdflib.Graph, shape: URIRef) -> list[str]:
    return [str(text) for node in (shape, *graph.objects(shape, SH.sparql)) for text in graph.objects(node, SH.message)]


# --- What is wrong with a shape file ---------------------------------------------------------------------------------


def faults(graph: rdflib.Graph, declared: set[URIRef]) -> set[str]:
    """Everything for which a shape would check nothing, or could not say what it found."""
    vocabulary = set(read(pathlib.Path(pyshacl.__file__).parent / "assets" / "shacl.ttl").subjects(RDFS.isDefinedBy))
    assert SH.minCount in vocabulary
    found = set()
    for subject, predicate, value in graph:
        for name in (subject, predicate, value):
            if not isinstance(name, URIRef) or name.startswith(SHAPES) or predicate == DCTERMS.license:
                continue
            if name.startswith(str(SH)):
                known = name in vocabulary
            else:
                known = name in declared or any(name in namespace for namespace in (RDF, RDFS, OWL, rdflib.XSD))
            if not known:
                found.add(f"unknown name {name}")
        if predicate in (SH.select, SH.message, SH.description):
            found |= {f"unknown name {BASE}{name}" for name in re.findall(r"\bctres:(\w[\w-]*)", value) if CTRES[name] not in declared}
        if isinstance(value, URIRef) and value.startswith(SHAPES) and (value, RDF.type, None) not in graph:
            found.add(f"unknown shape {value}")
    for shape in named(graph):
        local = shape.removeprefix(SHAPES)
        if not any((owner, target, None) in graph for owner in owners(graph, shape) for target in TARGETS):
            found.add(f"no target: {local}")
        if not all((shape, needed, None) in graph for needed in (SH.name, SH.description)):
            found.add(f"no name or description: {local}")
        if shape in rules(graph):
            if graph.value(shape, SH.severity) not in MODAL:
                found.add(f"no severity: {local}")
            if len(messages(graph, shape)) != 1:
                found.add(f"not one message: {local}")
            if (shape, SH.property, None) in graph:
                found.add(f"nested property shape, whose own report has no message: {local}")
        elif set(graph.predicates(shape)) != {RDF.type, SH.name, SH.description, SH.targetClass, SH.property}:
            found.add(f"a group that does more: {local}")
    return found


BROKEN = {
    "sh:nodeKind sh:Literal ; sh:dataType xsd:string": f"unknown name {SH}dataType",
    "sh:mincount 1": f"unknown name {SH}mincount",
    "sh:minCount 1 ; sh:severity sh:Error": f"unknown name {SH}Error",
    "sh:class ctres:Tumour": f"unknown name {BASE}Tumour",
    "sh:not [ sh:hasValue ctres:doxorubicine ]": f"unknown name {BASE}doxorubicine",
    "sh:property shapes:Nowhere": f"unknown shape {SHAPES}Nowhere",
    'sh:sparql [ sh:select "SELECT $this { $this ctres:agnet ?x }" ]': f"unknown name {BASE}agnet",
    "- sh:targetClass ctres:Drug ;": "no target: Broken",
    "- sh:severity sh:Warning ;": "no severity: Broken",
    '- sh:message "A drug should have a label. Add one."@en ;': "not one message: Broken",
    '- sh:name "broken"@en ;': "no name or description: Broken",
    "- rdfs:label + rdfs:lable": f"unknown name {RDFS!s}lable",
    "- rdfs:label + ctres:lable": f"unknown name {BASE}lable",
    "- ctres:Drug + ctres:Durg": f"unknown name {BASE}Durg",
    "- sh:PropertyShape + sh:NodeShape": None,
}


@pytest.mark.parametrize("change", BROKEN)
def test_faults_are_found(change: str, declared: set[URIRef]) -> None:
    prefixes = f"@prefix ctres: <{BASE}> . @prefix shapes: <{SHAPES}> . @prefix sh: <{SH}> . @prefix rdfs: <{RDFS}> . @prefix xsd: <{rdflib.XSD}> ."
    text = """shapes:Broken a sh:PropertyShape ; sh:name "broken"@en ; sh:description "Why."@en ; sh:targetClass ctres:Drug ; sh:path rdfs:label ;
        sh:severity sh:Warning ; sh:message "A drug should have a label. Add one."@en ; sh:minCount 1 ."""
    assert faults(rdflib.Graph().parse(data=prefixes + text), declared) == set()
    old, _, new = change.removeprefix("- ").partition(" + ") if change.startswith("- ") else ("sh:minCount 1", "", change)
    assert old in text
    found = faults(rdflib.Graph().parse(data=prefixes + text.replace(old, new)), declared)
    assert BROKEN[change] in found if BROKEN[change] else not found


def test_each_shape_has_a_name_of_its_own() -> None:
    assert len(FILES) >= 4
    names = [name for path in FILES for name in shape_file(path).objects(None, SH.name)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_have_no_faults(path: pathlib.Path, declared: set[URIRef]) -> None:
    assert rules(shape_file(path))
    assert faults(shape_file(path), declared) == set()
    pyshacl.validate(rdflib.Graph(), shacl_graph=read(path), meta_shacl=True)


# --- What a shape says -----------------------------------------------------------------------------------------------


def parts(graph: rdflib.Graph, shape: URIRef) -> tuple[str, str]:
    """The requirement and the remedy of a message, each a sentence or more."""
    requirement, _, remedy = messages(graph, shape)[0].partition(". ")
    return requirement + ".", remedy


@pytest.mark.parametrize(("path", "shape"), [(path, shape) for path in FILES for shape in rules(shape_file(path))], ids=str)
def test_messages_have_a_subject_a_requirement_and_a_remedy(path: pathlib.Path, shape: URIRef) -> None:
    graph = shape_file(path)
    requirement, remedy = parts(graph, shape)
    wanted = MODAL[graph.value(shape, SH.severity)]
    assert requirement.startswith(SUBJECTS)
    assert any(word in requirement for word in wanted)
    assert not any(word in requirement for words in MODAL.values() if words != wanted for word in words)
    assert REMEDY.fullmatch(remedy)
    assert re.fullmatch(r"[A-Z].+\.", str(graph.value(shape, SH.description)))


# --- The ontology ----------------------------------------------------------------------------------------------------


def names(nodes: object) -> set[str]:
    return {node.removeprefix(BASE) for node in nodes}  # type: ignore[attr-defined]


def below(name: str) -> set[str]:
    return names(model().transitive_subjects(RDFS.subPropertyOf, CTRES[name])) - {name}


def above(name: str) -> set[str]:
    return names(model().transitive_objects(CTRES[name], RDFS.subPropertyOf)) - {name}


@pytest.fixture(scope="module")
def everything() -> rdflib.Graph:
    return read(*FILES)


def test_lists_in_shapes_are_those_of_the_finding_model(everything: rdflib.Graph) -> None:
    def targets(shape: str) -> set[str]:
        return names(everything.objects(SHAPES[shape], SH.targetSubjectsOf))

    ranged = {p for p in names(model().subjects(RDF.type, OWL.ObjectProperty)) if model().value(CTRES[p], RDFS.range)}
    slots = below("concerns") | {p for kind in ("Finding", "Publication", "Quantity") for p in names(model().subjects(RDFS.domain, CTRES[kind]))}
    assert targets("ValueClass") == ranged - slots
    assert targets("SourcedEdge") == names(model().subjects(OWL.propertyChainAxiom))
    assert targets("OpenEffect") == below("increases") | below("decreases") | {"increases", "decreases"}
    causal = below("hasCausalEffect") | {"hasCausalEffect"}
    assert targets("EffectOnItself") == below("hasEffect") - causal - {"isAssociatedWith", "isCharacterizedBy"}
    certainties = everything.value(SHAPES.FindingCertainty, SH["in"])
    assert names(everything.items(certainties)) == names(model().subjects(RDF.type, CTRES.Certainty))
    kinds = [names(everything.objects(SHAPES[shape], SH.targetClass)) for shape in ("Term", "Editorial")]
    assert kinds[1] - kinds[0] == {"Publication"} | {name for name in kinds[1] if name.startswith("http")}
    assert kinds[0] < kinds[1]


def test_classes_in_shapes_are_those_of_the_finding_model(everything: rdflib.Graph) -> None:
    checked = 0
    for shape, kind in everything.subject_objects(SH["class"]):
        path = everything.value(shape, SH.path)
        expected = model().value(path, RDFS.range) if isinstance(path, URIRef) else None
        if expected is not None and path != CTRES.citedIn:
            assert kind == expected, path
            checked += 1
    assert checked > 8


# --- The page --------------------------------------------------------------------------------------------------------


def applies_to(graph: rdflib.Graph, shape: URIRef) -> str:
    """What a shape is for: classes, or whatever has a property; a long list in short."""
    found = []
    for owner in owners(graph, shape):
        for target, words in zip(TARGETS, ("", "what has ", "values of "), strict=True):
            aims = sorted(f"`{aim.n3(graph.namespace_manager).removeprefix('ctres:')}`" for aim in graph.objects(owner, target))
            if len(aims) > 4:
                found.append(f"{words}any of {len(aims)} {'properties' if words else 'classes'}")
            elif aims:
                found.append(words + ", ".join(aims))
    return "; ".join(found)


def row(graph: rdflib.Graph, shape: URIRef) -> str:
    requirement = re.sub(r"\{[?$](\w+)\}", r"*\1*", parts(graph, shape)[0])
    severity = graph.value(shape, SH.severity).removeprefix(str(SH))
    return f"| {graph.value(shape, SH.name)} | {applies_to(graph, shape)} | {severity} | {requirement} |"


def test_the_page_lists_every_shape() -> None:
    page = (ROOT / "docs" / "shapes.md").read_text(encoding="utf-8")
    expected = {path.stem: [row(shape_file(path), shape) for shape in rules(shape_file(path))] for path in FILES}
    sections = re.split(r"^## `shapes/(\w+)\.ttl`\n", page, flags=re.MULTILINE)[1:]
    tables = zip(sections[::2], sections[1::2], strict=True)
    assert {name: [line for line in text.splitlines() if line.startswith("| ")][1:] for name, text in tables} == expected
