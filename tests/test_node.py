"""What needs Node: Comunica, a SPARQL client of another make, and the editor of the pages as it is published."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from conftest import ROOT, lacks
from servers import serving

from ctres.knowledge import KnowledgeBase

pytestmark = pytest.mark.node
FACTORS = """SELECT ?factor ?name WHERE { ?factor <https://w3id.org/ctres/promotes> <https://w3id.org/ctres/doxorubicinResistance> ;
<http://www.w3.org/2000/01/rdf-schema#label> ?name } ORDER BY ?factor"""


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder with the packages of tests/node/package.json."""
    folder = os.environ.get("CTRES_NODE")
    if not folder or not shutil.which("node"):
        lacks("needs Node: run `npm install --prefix tests/node` and set CTRES_NODE to tests/node/node_modules")
    return Path(folder).resolve()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving() as address:
        yield address


def comunica(modules: Path, site: str, query: str, media: str) -> str:
    command = ["node", str(modules / ".bin" / "comunica-sparql"), f"sparql@{site}/sparql", query, "-t", media]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_comunica_gets_the_solutions(modules: Path, site: str, kb: KnowledgeBase) -> None:
    found = json.loads(comunica(modules, site, FACTORS, "application/sparql-results+json"))["results"]["bindings"]
    expected = [(row["factor"].iri, str(row["name"])) for row in kb.sparql(FACTORS)]  # type: ignore[union-attr, call-overload, index]
    assert len(expected) > 5
    assert [(row["factor"]["value"], row["name"]["value"]) for row in found] == expected


def test_comunica_gets_a_truth_value_and_triples(modules: Path, site: str, kb: KnowledgeBase) -> None:
    assert "true" in comunica(modules, site, "ASK { <https://w3id.org/ctres/miR21> a <https://w3id.org/ctres/MicroRNA> }", "simple")
    triples = comunica(modules, site, "CONSTRUCT { ?s a <http://example.org/Drug> } WHERE { ?s a <https://w3id.org/ctres/Drug> }", "text/turtle")
    drugs = set(kb.store.subjects(str(rdflib.RDF.type), iri="https://w3id.org/ctres/Drug"))
    assert {str(drug) for drug in rdflib.Graph().parse(data=triples, format="turtle").subjects()} == drugs


def test_the_editor_is_the_published_one(modules: Path) -> None:
    published = modules / "@triply" / "yasqe"
    shipped = ROOT / "src" / "ctres" / "web" / "static"
    for name in ("yasqe.min.js", "yasqe.min.css"):
        assert (shipped / name).read_bytes() == (published / "build" / name).read_bytes()
    assert (shipped / "yasqe.LICENSE.txt").read_bytes() == (published / "LICENSE.txt").read_bytes()
