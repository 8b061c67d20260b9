"""What is checked: statements in a store of their own, with the files in which their subjects are described.

It is what was asserted: a reasoner takes a value of the wrong class for a member of the right one, and that would hide
the fault. Only superclasses, superproperties and the wider classes of asserted types are added.
"""

from __future__ import annotations

import os

from .. import build, resources
from ..errors import ParseError
from ..store import Store
from ..terms import ASSERTED, BASE, INFERRED, LOOKUP, PREFIXES, STATED_IN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..knowledge import KnowledgeBase
    from ..progress import Progress
    from ..reasoner import Clash

SHARERS = 20  # how many of those that share a value with a node are looked at
_BATCH = "a batch"  # in place of the file
_HIERARCHY = [PREFIXES["rdfs"] + link for link in ("subClassOf", "subPropertyOf")]


def checked_with(store: Store) -> bytes:
    """What of CTRES it takes to check data, as N-Triples: what is asserted and the hierarchy."""
    hierarchy = "".join(f"{triple} .\n" for link in _HIERARCHY for triple in store.triples(link, INFERRED))
    return store.ntriples(ASSERTED) + hierarchy.encode()


class Data:
    """Statements to check. `files` are the user's; without any, CTRES itself is checked. `clashes` are contradictions."""

    def __init__(self, store: Store, files: Sequence[str], clashes: Sequence[Clash]) -> None:
        self.store, self.files, self.clashes = store, files, clashes
        store.add(list(store.query(resources.text("sparql", "rules", "checked", "kinds.rq"), trusted=True)), None)

    @classmethod
    def of_knowledge(cls, kb: KnowledgeBase) -> Data:
        """The data that were added to CTRES, or CTRES itself if none were."""
        store = Store()
        store.add(kb.store.triples(graph=ASSERTED), None)
        for link in _HIERARCHY:
            store.add(kb.store.triples(link, INFERRED), None)
        store.add(kb.store.triples(STATED_IN, LOOKUP), LOOKUP)
        return cls(store, kb.data, kb.materialisation.clashes if kb.clashes or not kb.data else ())

    @classmethod
    def of_files(cls, kb: KnowledgeBase, paths: Sequence[str], progress: Progress, unread: Callable[[ParseError], object]) -> Data:
        """RDF files, together with the knowledge base that they add to. Nothing is inferred that no check needs.

        `unread` is told of each file that is not the RDF that it should be. Raises ParseError for one that does not exist.
        """
        from .. import reasoner

        store = Store()
        store.add(kb.store.triples(graph=ASSERTED), None)
        for path in paths:
            try:
                build.add_file(store, path, None, progress)
            except ParseError as error:
                if not os.path.isfile(path):
                    raise
                unread(error)
        with progress.step("reasoning"):
            result = reasoner.materialise(store.ntriples(None), only=_HIERARCHY)
        store.add_facts(result.triples, None)
        return cls(store, paths, result.clashes)

    @classmethod
    def of_batch(cls, base: bytes, known: bytes, new: bytes) -> Data:
        """A part of some data as N-Triples, `new`, with what is `known` of the terms in it, and what `checked_with` gives as `base`."""
        store = Store()
        for text in (base, known, new):
            store.load(text, None)
        subjects = {line.partition(b" ")[0][1:-1].decode() for line in new.splitlines() if line.startswith(b"<")}
        store.add_texts([(subject, _BATCH) for subject in subjects], STATED_IN, LOOKUP)
        return cls(store, (_BATCH,), ())

    def places(self) -> Iterator[tuple[str, str]]:
        """The nodes that the user's files describe, each with its file."""
        return ((str(node).removeprefix("<").removesuffix(">"), file) for node, file in self.store.notes(STATED_IN, LOOKUP))

    def in_focus(self, node: str) -> bool:
        """Whether a node is to be checked."""
        return bool(self.files) or node.startswith("<" + BASE)
