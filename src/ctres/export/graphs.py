"""CTRES in the libraries people reason and query with: rdflib's graph, owlready2's world."""

from __future__ import annotations

import io

from ..errors import MissingExtraError
from ..terms import ASSERTED, BASE, PREFIXES

_IMPORTS = f" <{PREFIXES['owl']}imports> ".encode()

TYPE_CHECKING = False
if TYPE_CHECKING:
    import owlready2
    import rdflib

    from ..knowledge import KnowledgeBase


def graph(kb: KnowledgeBase, *, inferred: bool) -> rdflib.Graph:
    """What `KnowledgeBase.to_rdflib` gives."""
    import rdflib

    made = rdflib.Graph()
    for prefix, namespace in PREFIXES.items():
        made.bind(prefix, namespace)
    made.parse(data=_text(kb, inferred=inferred), format="nt")
    return made


def world(kb: KnowledgeBase) -> owlready2.Ontology:
    """What `KnowledgeBase.to_owlready` gives."""
    try:
        import owlready2
    except ImportError:
        raise MissingExtraError("A world of owlready2", "owlready") from None
    return owlready2.World().get_ontology(BASE).load(fileobj=io.BytesIO(_text(kb, inferred=True)))


def _text(kb: KnowledgeBase, *, inferred: bool) -> bytes:
    """The statements as N-Triples, without the imports, which are all in it and would be fetched again."""
    lines = kb.store.ntriples(None if inferred else ASSERTED).splitlines(keepends=True)
    return b"".join(line for line in lines if _IMPORTS not in line)
