"""CTRES in other libraries and formats: the same edges everywhere, with their findings."""

from __future__ import annotations

import csv
import doctest
import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from conftest import PREFIXES, ROOT, lacks

from ctres.cli import main
from ctres.export.edges import Edge
from ctres.knowledge import KnowledgeBase
from ctres.terms import BASE

LEFT_OUT = {"promotedBy", "suppressedBy", "targetedBy", "standsFor", "citedIn", "source", "cites", "certainty", "unit"}


@pytest.fixture(scope="module")
def edges(kb: KnowledgeBase) -> list[Edge]:
    return kb.edges()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kgx")
    assert main(["export", "kgx", "-o", str(folder)]) == 0
    return folder


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_page_on_other_tools_runs_as_it_stands() -> None:
    pytest.importorskip("networkx")
    pytest.importorskip("owlready2")
    result = doctest.testfile(str(ROOT / "docs" / "interop.md"), module_relative=False, encoding="utf-8")
    assert result.attempted >= 10
    assert result.failed == 0


def test_edges_carry_the_findings_that_say_so(edges: list[Edge]) -> None:
    # Ankathil, “MicroRNAs in chemoresistance”, sentence 8.
    (found,) = [e for e in edges if (e.subject.label, e.relation.label, e.object.label) == ("miR-21", "promotes", "doxorubicin resistance")]
    assert [finding.curie for finding in found.findings] == ["ctres:ankathil2019-0039"]
    assert found.inferred
    assert found.sign == 1
    # What a resistance is against is structure.
    (against,) = [
        e
        for e in edges
        if (e.subject.label, e.object.label) == ("doxorubicin resistance", "doxorubicin") and e.relation.curie == "ctres:resistanceTo"
    ]
    assert not against.findings
    assert not against.inferred
    assert against.sign == 0


def test_the_findings_of_an_edge_concern_its_subject_and_lead_to_its_object(kb: KnowledgeBase, edges: list[Edge]) -> None:
    concerns = BASE + "concerns"
    checked = 0
    for edge in edges:
        for finding in edge.findings:
            about = set(kb.store.objects(finding.iri, concerns))
            assert edge.subject.iri in about or edge.relation.iri == BASE + "sharesResistanceWith", edge
            if edge.relation.curie not in ("ctres:confersResistanceTo", "ctres:sensitizesTo", "ctres:sharesResistanceWith"):
                assert edge.object.iri in about, edge
            checked += 1
    assert checked > 2000


def test_each_relation_between_entities_is_an_edge_or_said_by_a_narrower_one(kb: KnowledgeBase, edges: list[Edge]) -> None:
    wider: dict[str, set[str]] = {}
    for relation in {edge.relation.iri for edge in edges}:
        wider[relation] = {relation, *kb.store.objects(relation, "http://www.w3.org/2000/01/rdf-schema#subPropertyOf")}
    said = {(edge.subject.iri, implied, edge.object.iri) for edge in edges for implied in wider[edge.relation.iri]}
    held = kb.sparql(
        """SELECT ?s ?p ?o {
          ?s a owl:NamedIndividual ; ?p ?o . ?o a owl:NamedIndividual . ?p a owl:ObjectProperty .
          FILTER NOT EXISTS { ?s a ctres:Finding } FILTER NOT EXISTS { ?o a ctres:Finding } }"""
    )
    assert isinstance(held, list)
    assert len(held) > 3000
    lacking = {(row[0].iri, row[1].iri, row[2].iri) for row in held if row[1].curie.partition(":")[2] not in LEFT_OUT} - said  # type: ignore[union-attr]
    assert lacking == set()


def test_networkx_has_the_same_edges(kb: KnowledgeBase, edges: list[Edge]) -> None:
    pytest.importorskip("networkx")
    graph = kb.to_networkx()
    assert {(s, f"ctres:{key}", o) for s, o, key in graph.edges(keys=True)} == {(e.subject.curie, e.relation.curie, e.object.curie) for e in edges}
    assert graph.number_of_edges() == len(edges)
    assert graph.nodes["ctres:miR21"] == {"label": "miR-21", "kinds": ["microRNA"], "iri": BASE + "miR21"}


def test_rdflib_holds_what_the_store_holds(kb: KnowledgeBase) -> None:
    full, stated = kb.to_rdflib(), kb.to_rdflib(inferred=False)
    imports = len(list(kb.store.triples("http://www.w3.org/2002/07/owl#imports")))
    assert len(full) == len(list(kb.store.triples())) - imports
    assert len(stated) < len(full)
    ask = "ASK { ctres:miR21 ctres:promotes ctres:doxorubicinResistance }"
    assert full.query(ask).askAnswer
    assert not stated.query(ask).askAnswer


def test_owlready_has_each_kind_and_edge_of_a_term(kb: KnowledgeBase) -> None:
    pytest.importorskip("owlready2")
    onto = kb.to_owlready()
    term = kb["miR-21"]
    assert {c.iri for c in onto.miR21.is_a if hasattr(c, "iri")} >= {kind.iri for kind in term.kinds}
    assert {value.iri for value in onto.miR21.promotes} == {value.iri for value in term.related("promotes")}
    assert str(onto.doxorubicin.label.first()) == "doxorubicin"
    assert kb.to_owlready().world is not onto.world


def test_the_tables_of_kgx_hold_each_edge_with_its_evidence(tables: Path, edges: list[Edge]) -> None:
    nodes, rows = read(tables / "ctres_nodes.tsv"), read(tables / "ctres_edges.tsv")
    assert len(rows) == len(edges) == len({row["id"] for row in rows})
    assert {row["subject"] for row in rows} | {row["object"] for row in rows} == {node["id"] for node in nodes}
    by = {(row["subject"], row["original_predicate"], row["object"]): row for row in rows}
    for edge in edges:
        row = by[edge.subject.curie, edge.relation.curie, edge.object.curie]
        assert row["has_evidence"] == "|".join(finding.curie for finding in edge.findings)
        assert (row["object_direction_qualifier"] == "increased") == (edge.sign == 1)
        assert (row["object_direction_qualifier"] == "decreased") == (edge.sign == -1)
    assert Counter(row["knowledge_level"] for row in rows).keys() == {"knowledge_assertion", "logical_entailment", "prediction"}
    claim = by["ctres:miR21", "ctres:promotes", "ctres:doxorubicinResistance"]
    assert claim["predicate"] == "biolink:affects"
    assert claim["qualified_predicate"] == "biolink:causes"
    assert claim["knowledge_level"] == "knowledge_assertion"
    assert claim["publications"].endswith("|ctres:ankathil2019")
    # “may” alone: De Angelis' sentence only proposes it, or asks.
    assert all(row["has_evidence"] for row in rows if row["knowledge_level"] == "prediction")
    (mir,) = [node for node in nodes if node["id"] == "ctres:miR21"]
    assert mir["category"] == "biolink:MicroRNA"
    assert "MIMAT0000076" in mir["xref"]


def test_users_data_are_exported_too(tmp_path: Path) -> None:
    data = tmp_path / "lab.ttl"
    data.write_text(
        PREFIXES + "my:geneX a owl:NamedIndividual, ctres:GeneProduct ; rdfs:label 'gene X'@en .\n"
        "my:f1 a owl:NamedIndividual, ctres:Finding ; ctres:agent my:geneX ; ctres:decreases ctres:doxorubicinResistance ."
    )
    assert main(["export", "kgx", "--data", str(data), "-o", str(tmp_path / "out")]) == 0
    found = {(row["subject"], row["original_predicate"], row["object"]) for row in read(tmp_path / "out" / "ctres_edges.tsv")}
    assert ("https://example.org/lab/geneX", "ctres:suppresses", "ctres:doxorubicinResistance") in found


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["export", "kgx", "-o", str(tmp_path / "file" / "out")]) == 2
    assert "no folder can be made here" in capsys.readouterr().err


@pytest.mark.kgx
def test_kgx_accepts_the_tables(tables: Path) -> None:
    python = os.environ.get("CTRES_KGX")
    if not python:
        lacks("needs the kgx package: install tests/kgx/requirements.txt in an environment of its own and set CTRES_KGX to its Python")
    command = [str(python), str(ROOT / "tests" / "kgx" / "validate.py"), str(tables / "ctres_nodes.tsv"), str(tables / "ctres_edges.tsv")]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["nodes"] == len(read(tables / "ctres_nodes.tsv"))
    assert len(read(tables / "ctres_edges.tsv")) - 100 < report["edges"]  # kgx keeps one of two edges that differ in direction only
    # Both are categories of Biolink; kgx knows no abbreviations in names.
    assert set(report["found"]) == {f"ERROR INVALID_CATEGORY: Category '{name}' is not in CamelCase form" for name in ("MicroRNA", "RNAProduct")}
