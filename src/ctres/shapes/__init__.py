"""Validation: what the shapes, the checks, the reasoner and the vocabulary of CTRES find wrong with data.

The only package that uses pySHACL and rdflib, which it imports when data are checked.
"""

from __future__ import annotations

import re

from .. import checks, resources, turtle
from ..errors import ParseError
from ..places import Places
from ..progress import Progress
from ..report import Fault, Report, Result
from ..terms import LOOKUP, STATED_IN, shorten
from .data import checked_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..knowledge import KnowledgeBase
    from ..reasoner import Clash
    from ..store import Store
    from .data import Data

__all__ = ["Fault", "Report", "Result", "batch_faults", "check", "check_files", "checked_with", "located"]


def check(kb: KnowledgeBase) -> Report:
    """What is wrong with the data that were added to CTRES, or with CTRES itself if none were."""
    from .data import Data

    return _report(Data.of_knowledge(kb), Progress(), () if kb.data else checks.faults(kb.store))


def check_files(kb: KnowledgeBase, paths: Sequence[str], progress: Progress | None = None) -> Report:
    """What is wrong with RDF files that are to be added to CTRES: as `kb.with_data(*paths).check()`, but for large files too.

    A file that cannot be read as RDF is reported, and the others are checked. Raises ParseError for one that does not exist.
    """
    from .data import Data

    unread: list[ParseError] = []
    data = Data.of_files(kb, paths, progress or Progress(), unread.append)
    report = _report(data, progress or Progress())
    return Report([*map(_unreadable, unread), *report.results])


def batch_faults(base: bytes, known: bytes, new: bytes) -> list[Fault]:
    """What is wrong with a part of some data, as `check_files` says of the whole, but for contradictions.

    The arguments are those of `Data.of_batch`.
    """
    from . import validation, vocabulary
    from .data import Data

    data = Data.of_batch(base, known, new)
    return [*validation.faults(data, Progress()), *vocabulary.faults(data)]


def located(store: Store, faults: Iterable[Fault]) -> Report:
    """A report on faults of nodes in a store that notes in which file each was stated."""
    found = list(faults)
    nodes = {fault.focus[1:-1] for fault in found}
    places = Places((node, file) for node in nodes for file in store.objects(node, STATED_IN, LOOKUP))
    return Report(_result(store, places, fault) for fault in found)


def _report(data: Data, progress: Progress, found: Iterable[Fault] = ()) -> Report:
    from . import validation, vocabulary

    faults = [*found, *validation.faults(data, progress), *vocabulary.faults(data), *map(_contradiction, data.clashes)]
    places = Places(data.places()) if data.files else Places.of_folder(resources.find("ontology"))
    return Report(_result(data.store, places, fault) for fault in faults)


def _contradiction(clash: Clash) -> Fault:
    said = re.sub(r"<([^<>\s]*)>", lambda match: shorten(match[1]), str(clash))
    message = f"The data must not contradict CTRES, but {said}. Correct or remove a statement from which that follows."
    return Fault("contradiction", "Contradiction", "Violation", "_:b" if " " in clash.subject else f"<{clash.subject}>", message)


def _unreadable(error: ParseError) -> Result:
    at = f"at column {error.column} " if error.column is not None else ""
    message = f"The file must be readable RDF, but {at}{error.message.removesuffix('.')}."
    fault = Fault("readable file", "ReadableFile", "Violation", turtle.quoted(error.path), message)
    return Result.of(fault, error.path, error.line, None)


def _result(store: Store, places: Places, fault: Fault) -> Result:
    file, line = places.find(fault.focus.removeprefix("<").removesuffix(">"))
    return Result.of(fault, file, line, next(iter(store.labels(fault.focus)), None))
