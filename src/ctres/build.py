"""Making reasoned stores: parse the ontology, materialise what follows, add the look-up graph."""

from __future__ import annotations

import os
import re
import shutil
import tempfile

from . import names, resources, turtle
from .progress import Progress
from .store import Store
from .terms import ASSERTED, INFERRED, LOOKUP, STATED_IN, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple


def ontology_triples(entry: str | None = None) -> list[Triple]:
    """All triples of the ontology and its imports, from `entry` or from the `ctres.ttl` that ships with CTRES."""
    parts = turtle.load_ontology(entry or os.path.join(resources.find("ontology"), "ctres.ttl"))
    return [triple for _, triples in parts for triple in triples]


def _fill(store: Store, asserted: Iterable[Triple]) -> tuple[str, ...]:
    """Add asserted triples, what follows from them, and the look-up graph; return the clashes."""
    from . import reasoner

    store.add(asserted, ASSERTED)
    result = reasoner.materialise(store.ntriples(ASSERTED))
    store.add_facts(result.triples, INFERRED)
    apply(store, "inferred", INFERRED)
    apply(store, "lookup", LOOKUP)
    store.add_texts(list(names.index(store)), names.NAME, LOOKUP)
    _add_mappings(store)
    return tuple(in_labels(store, str(clash)) for clash in result.clashes)


def apply(store: Store, folder: str, graph: str) -> list[Triple]:
    """Add to a graph what the rules in a folder of `sparql/rules` give, one after the other: what OWL cannot say. Returns it."""
    added: list[Triple] = []
    for rule in resources.texts("sparql", "rules", folder):
        found = list(store.query(rule, trusted=True))
        store.add(found, graph)
        added += found
    return added


def _add_mappings(store: Store) -> None:
    """Add the mappings to other systems to the look-up graph, so that their identifiers name terms."""
    from .export import alignments

    tables = [alignments.Table(path) for path in alignments.tables()]
    rows = [(table.expand(row["subject_id"]), table.expand(row["object_id"]), row) for table in tables for row in table.mapped()]
    store.add_facts([fact for table in tables for fact in table.triples()], LOOKUP)
    store.add_texts([(other, fold(row["object_id"])) for _, other, row in rows], names.IDENTIFIER, LOOKUP)
    store.add_texts([(other, row["object_id"]) for _, other, row in rows], names.CURIE, LOOKUP)
    store.add_texts([(other, row["object_label"]) for _, other, row in rows], names.LABEL, LOOKUP)
    exact = [(term, fold(row["object_id"])) for term, _, row in rows if row["predicate_id"] == "skos:exactMatch"]
    store.add_texts(exact, names.NAME, LOOKUP)


def in_labels(store: Store, sentence: str) -> str:
    """A sentence of the reasoner with the labels of terms in place of their IRIs in angle brackets."""
    return re.sub(r"<([^>]*)>", lambda match: f"“{names.label(store, match[1])}”", sentence)


def reasoned_store(entry: str | None = None) -> Store:
    """The ontology, reasoned over, as a store in memory. Raises ParseError for a file that cannot be read."""
    store = Store()
    _fill(store, ontology_triples(entry))
    return store


def with_files(base: Store, paths: list[str]) -> tuple[Store, tuple[str, ...]]:
    """A new store with the asserted triples of `base` and of the files, reasoned over together, and the clashes found.

    In the look-up graph `ctres:lookup/statedIn` gives, for each subject of a file, the file.
    """
    store = Store()
    store.add(base.triples(graph=ASSERTED), ASSERTED)
    store.add(base.triples(STATED_IN, LOOKUP), LOOKUP)
    for path in paths:
        add_file(store, path, ASSERTED, Progress())
    return store, _fill(store, ())


def add_file(store: Store, path: str, graph: str | None, progress: Progress) -> None:
    """Add the statements of an RDF file to a graph and, in the look-up graph, for each of its subjects the file.

    Raises ParseError, and then adds nothing.
    """
    store.add_noted((quad.triple for quad in turtle.stream(path, progress)), graph, STATED_IN, path, LOOKUP)


def build(folder: str | None = None) -> str:
    """Write the reasoned store to `folder` (by default where `ctres.load` looks for it) and return the folder.

    The new store is made beside the old one and put in its place when it is whole.
    """
    target = folder or resources.build_directory()
    os.makedirs(os.path.dirname(target), exist_ok=True)
    made = tempfile.mkdtemp(prefix=".store-", dir=os.path.dirname(target))
    try:
        fingerprint = resources.fingerprint()
        store = Store.create(made)
        _fill(store, ontology_triples())
        store.finish()
        del store  # closes the files
        with open(os.path.join(made, resources.MANIFEST), "w", encoding="utf-8") as manifest:
            manifest.write(fingerprint)
        os.chmod(made, 0o755)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target
