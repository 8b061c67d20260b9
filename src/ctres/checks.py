"""Checks of the ontology: SPARQL files of which each finds one fault, and which must find nothing on CTRES."""

from __future__ import annotations

import os

from . import resources
from .errors import QuestionError
from .questions import with_header
from .report import SEVERITIES, Fault
from .store import Store
from .terms import ASSERTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Check:
    """A check, read from one `.rq` file; its name is the file's stem.

    `problem` says what is wrong and what harm it does, `solution` how to mend it, `severity` is that of a Fault, and
    `robot` the name of the check of OBO's ROBOT report that it covers ("" for none).
    """

    def __init__(self, path: str) -> None:
        """Read a check. Raises QuestionError if its header is incomplete or misspelt."""
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.text, header = with_header(path, needed=("problem", "solution", "severity"), known=("robot",))
        self.problem, self.solution, self.severity = header["problem"], header["solution"], header["severity"]
        self.robot = header.get("robot", "")
        if self.severity not in SEVERITIES:
            raise QuestionError(f"{path}: `#+ severity:` is “{self.severity}”; expected one of {', '.join(SEVERITIES)}")

    def faults(self, asserted: Store) -> Iterator[Fault]:
        """What the check finds in a store that holds only what was asserted."""
        rule, component = self.name.replace("-", " "), self.name.title().replace("-", "")
        for row in asserted.query(self.text, trusted=True):
            path, value = (None if row[name] is None else str(row[name]) for name in ("property", "value"))
            yield Fault(rule, component, self.severity, str(row["entity"]), f"{self.problem} {self.solution}", path, value)

    def __repr__(self) -> str:
        return f"<Check {self.name}: {self.problem}>"


def all() -> list[Check]:
    """All checks, by name."""
    folder = resources.find("sparql", "checks")
    names = sorted(file.removesuffix(".rq") for file in os.listdir(folder) if file.endswith(".rq"))
    return [Check(os.path.join(folder, name + ".rq")) for name in names]


def faults(store: Store) -> Iterator[Fault]:
    """What all checks find wrong with the asserted triples of a store; what was inferred would hide or repeat faults."""
    asserted = Store()
    asserted.add(store.triples(graph=ASSERTED), None)
    for check in all():
        yield from check.faults(asserted)
