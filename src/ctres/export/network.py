"""CTRES as a graph of networkx."""

from __future__ import annotations

from ..errors import MissingExtraError
from .edges import edges

TYPE_CHECKING = False
if TYPE_CHECKING:
    import networkx

    from ..knowledge import KnowledgeBase


def network(kb: KnowledgeBase) -> networkx.MultiDiGraph:
    """What `KnowledgeBase.to_networkx` gives."""
    try:
        import networkx
    except ImportError:
        raise MissingExtraError("A graph of networkx", "networkx") from None
    graph = networkx.MultiDiGraph(name=f"CTRES {kb.version}")
    for edge in edges(kb):
        for term in (edge.subject, edge.object):
            if term.curie not in graph:
                graph.add_node(term.curie, label=term.label, kinds=[kind.label for kind in term.kinds.asserted], iri=term.iri)
        graph.add_edge(
            edge.subject.curie,
            edge.object.curie,
            key=edge.relation.curie.partition(":")[2],
            sign=edge.sign,
            inferred=edge.inferred,
            findings=[finding.curie for finding in edge.findings],
        )
    return graph
