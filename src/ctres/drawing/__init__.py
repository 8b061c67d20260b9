"""Pictures: the neighbourhood of a term, the map of cell states, the landscape of a resistance, explanations, counts."""

from __future__ import annotations

from .picture import DrawingError, Edge, Node, Picture, extension

__all__ = ["DrawingError", "Edge", "Node", "Picture", "bars", "explanation", "extension", "landscape", "neighbourhood", "states"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..answer import Answer
    from ..knowledge import KnowledgeBase
    from ..term import Term


def neighbourhood(kb: KnowledgeBase, term: str | Term) -> Picture:
    """What acts on a term and what it acts on, by any name. Raises DrawingError where nothing is claimed."""
    from . import around as drawn

    return drawn.draw(kb, _iri(kb, term))


def states(kb: KnowledgeBase) -> Picture:
    """The cell states and populations that turn into each other, with what triggers it."""
    from . import statemap as drawn

    return drawn.draw(kb)


def landscape(kb: KnowledgeBase, resistance: str | Term) -> Picture:
    """What promotes a resistance, through which mechanisms, and what counters it. Raises DrawingError where nothing is claimed."""
    from . import resistance as drawn

    return drawn.draw(kb, _iri(kb, resistance))


def explanation(kb: KnowledgeBase, subject: str | Term, relation: str | Term, value: str | Term | None = None) -> Picture:
    """The tree that `kb.explain` gives; the same errors."""
    from . import tree as drawn

    return drawn.draw(kb.explain(subject, relation, value))


def bars(answer: Answer, column: str) -> Picture:
    """How often each value stands in a column of an answer. Raises DrawingError for a column that it lacks."""
    from . import chart as drawn

    return drawn.draw(answer, column)


def _iri(kb: KnowledgeBase, term: str | Term) -> str:
    return kb[term].iri if isinstance(term, str) else term.iri
