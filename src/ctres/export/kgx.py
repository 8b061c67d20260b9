"""The edges of CTRES as the two tables of the Knowledge Graph Exchange format, in terms of the Biolink model.

The format: https://github.com/biolink/kgx/blob/master/specification/kgx-format.md
"""

from __future__ import annotations

import csv
import io
import os
import tomllib

from .. import resources, turtle
from ..errors import CtresError
from ..terms import BASE
from .edges import edges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..knowledge import KnowledgeBase
    from ..term import Term
    from .edges import Edge

_NODE = ("id", "category", "name", "description", "synonym", "equivalent_identifiers", "xref", "iri", "provided_by")
_EDGE = (
    *("id", "subject", "predicate", "object", "qualified_predicate", "object_direction_qualifier", "original_predicate"),
    *("category", "knowledge_level", "agent_type", "primary_knowledge_source", "publications", "has_evidence", "evidence_count"),
)
_SOURCE = "infores:ctres"
_CLAIMED = ("demonstrated", "stated")
_DIRECTIONS = {1: "increased", -1: "decreased"}


def write(kb: KnowledgeBase, folder: str) -> tuple[int, int]:
    """Write `ctres_nodes.tsv` and `ctres_edges.tsv` into a folder, which is made if needed; returns the numbers of nodes and of edges.

    Raises CtresError if the folder cannot be made, OSError if a file cannot be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CtresError(f"{folder}: no folder can be made here ({error.strerror}). Give another one") from None
    biolink = tomllib.loads(resources.text("sparql", "biolink.toml"))
    found = edges(kb)
    nodes = sorted({term for edge in found for term in (edge.subject, edge.object)}, key=lambda term: term.iri)
    turtle.write(os.path.join(folder, "ctres_nodes.tsv"), _table(_NODE, (_node(term, biolink["categories"]) for term in nodes)))
    turtle.write(os.path.join(folder, "ctres_edges.tsv"), _table(_EDGE, (_edge(edge, biolink["predicates"]) for edge in found)))
    return len(nodes), len(found)


def _table(head: tuple[str, ...], rows: Iterable[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, head, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _node(term: Term, categories: dict[str, str]) -> dict[str, str]:
    kinds = {kind.iri.removeprefix(BASE) for kind in term.kinds}
    category = next((category for kind, category in categories.items() if kind in kinds), "biolink:NamedThing")
    exact = [mapping.id for mapping in term.mappings if mapping.match == "exactMatch"]
    other = [mapping.id for mapping in term.mappings if mapping.match != "exactMatch"]
    return {
        "id": term.curie,
        "category": category,
        "name": term.label,
        "description": term.definition or "",
        "synonym": _several(term.synonyms),
        "equivalent_identifiers": _several(exact),
        "xref": _several(other),
        "iri": term.iri,
        "provided_by": _SOURCE,
    }


def _edge(edge: Edge, predicates: dict[str, str]) -> dict[str, str]:
    name = edge.relation.iri.removeprefix(BASE)
    direction = _DIRECTIONS.get(edge.sign, "")
    cited = dict.fromkeys(publication for finding in edge.findings for publication in (*finding.related("cites"), *finding.related("source")))
    return {
        "id": f"{edge.subject.curie}-{name}-{edge.object.curie.partition(':')[2]}",
        "subject": edge.subject.curie,
        "predicate": "biolink:affects" if direction else predicates.get(name, "biolink:related_to"),
        "object": edge.object.curie,
        "qualified_predicate": "biolink:causes" if direction else "",
        "object_direction_qualifier": direction,
        "original_predicate": edge.relation.curie,
        "category": "biolink:Association",
        "knowledge_level": _level(edge),
        "agent_type": "manual_agent" if edge.findings or not edge.inferred else "automated_agent",
        "primary_knowledge_source": _SOURCE,
        "publications": _several(f"doi:{publication.doi}" if publication.doi else publication.curie for publication in cited),
        "has_evidence": _several(finding.curie for finding in edge.findings),
        "evidence_count": str(len(edge.findings)),
    }


def _level(edge: Edge) -> str:
    """How Biolink calls the certainty: what is only proposed or open is a prediction, what follows from structure alone an entailment."""
    if not edge.findings:
        return "logical_entailment" if edge.inferred else "knowledge_assertion"
    certainties = {str(certainty) for finding in edge.findings for certainty in finding.related("certainty")}
    return "knowledge_assertion" if certainties & set(_CLAIMED) else "prediction"


def _several(values: Iterable[str]) -> str:
    return "|".join(value.replace("|", "/") for value in values)
