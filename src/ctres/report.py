"""Reports: what a check of data found, as text, JSON and SHACL."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import groupby

from . import turtle
from .errors import ValidationError
from .terms import BASE, PREFIXES, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SEVERITIES = ("Violation", "Warning", "Info")
SHAPES = BASE + "shapes/"


@dataclass(frozen=True)
class Result:
    """One thing that was found. `focus` is the IRI (or the file) it is about; `message` says what must hold and how to mend it.

    `shape` is the name of the rule, `severity` one of Violation, Warning and Info. The other fields are None where
    there is none or it is not known: `path` is the property and `value` its value, `line` counts from 1.
    """

    focus: str
    severity: str
    message: str
    shape: str
    path: str | None = None
    value: str | None = None
    file: str | None = None
    line: int | None = None
    label: str | None = None
    _turtle: str = field(default="", repr=False, compare=False)

    @classmethod
    def of(cls, fault: Fault, file: str | None, line: int | None, label: str | None) -> Result:
        """A fault, with the place where its node stands."""
        focus, path = _text(fault.focus), fault.path and _text(fault.path)
        value = None if fault.value is None else _text(fault.value)
        return cls(focus, fault.severity, fault.message, fault.rule, path, value, file, line, label, fault.shacl or _shacl(fault))

    def __str__(self) -> str:
        text = f"{self.severity} ({self.shape}): {self.message}"
        if self.value is None:
            return text
        value = shorten(self.value) if "://" in self.value else f"“{_line(self.value)}”"
        return f"{text}\n  Found: {shorten(self.path) + ' ' if self.path else ''}{value}"

    @property
    def place(self) -> str:
        """Where to look: file and line as far as they are known, and the node with its label."""
        at = [] if self.file is None else [self.file + ("" if self.line is None else f", line {self.line}")]
        node = "a blank node" if self.focus.startswith("_:") else shorten(self.focus)
        of = [] if self.focus == self.file else [node + (f" “{_line(self.label)}”" if self.label else "")]
        return ": ".join([*at, *of])


@dataclass(frozen=True)
class Fault:
    """What a rule finds wrong with a node, before it is known where the node stands.

    `rule` is its name for people, `component` the last part of its IRI in the namespace of the shapes. Nodes are RDF
    terms as Turtle has them (`<...>`, `_:b`, `"text"@en`), which is how all engines write them.
    """

    rule: str
    component: str
    severity: str
    focus: str
    message: str
    path: str | None = None
    value: str | None = None
    shacl: str = ""  # the result in SHACL's own terms, between the brackets, where an engine has given one


def _text(node: str) -> str:
    """What an RDF term says: an IRI without brackets, a literal without quotes."""
    if node.startswith("<"):
        return node[1:-1]
    return node if node.startswith("_:") else turtle.text(node)


def _shacl(fault: Fault) -> str:
    """What a rule that is no shape found, as SHACL has results."""
    said = {"focusNode": fault.focus, "resultPath": fault.path, "value": fault.value, "resultSeverity": f"sh:{fault.severity}"}
    said |= {"sourceConstraintComponent": f"<{SHAPES}{fault.component}>", "resultMessage": f"{turtle.quoted(fault.message)}@en"}
    return " ; ".join(["a sh:ValidationResult", *(f"sh:{name} {node}" for name, node in said.items() if node)])


def _line(text: str) -> str:
    """A text on one line, shortened if it is long."""
    text = re.sub(r"[\n\r\t]+", " ", text)
    return text if len(text) <= 200 else text[:199] + "…"


class Report:
    """What was found, by file, line and node, the gravest first. Warnings and Infos leave data conforming."""

    def __init__(self, results: Iterable[Result]) -> None:
        def order(r: Result) -> tuple[object, ...]:
            detail = (r.shape, r.path or "", r.value or "", r.message)
            return (r.file or "", r.line or 0, r.focus, SEVERITIES.index(r.severity), *detail)

        self.results = tuple(sorted(set(results), key=order))

    @property
    def conforms(self) -> bool:
        """Whether there is no Violation."""
        return all(result.severity != "Violation" for result in self.results)

    def raise_for_violations(self) -> None:
        """Raise ValidationError, which shows this report, unless the data conform."""
        if not self.conforms:
            raise ValidationError(self)

    def to_text(self) -> str:
        """The report for people: for each node its place and what was found; the numbers at the end."""
        blocks = [
            "\n".join([place, *(re.sub("^", "  ", str(result), flags=re.MULTILINE) for result in results)])
            for place, results in groupby(self.results, key=lambda result: result.place)
        ]
        return "\n\n".join([*blocks, f"The data {'conform' if self.conforms else 'do not conform'}: {self._counts()}."])

    def to_json(self) -> str:
        """The report as a JSON object with `conforms` and `results`, whose keys are the fields of `Result`."""
        results = [{key: value for key, value in vars(r).items() if key != "_turtle"} for r in self.results]
        return json.dumps({"conforms": self.conforms, "results": results}, ensure_ascii=False, indent=2)

    def to_turtle(self) -> str:
        """The report in the vocabulary of SHACL, where any result, even an Info, makes sh:conforms false."""
        prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in {**PREFIXES, "shapes": SHAPES}.items())
        results = "".join(f" ; sh:result [ {result._turtle} ]" for result in self.results)
        report = f"{prefixes}[] a sh:ValidationReport ; sh:conforms {str(not results).lower()}{results} ."
        return turtle.format_text(report, "the report")

    def _counts(self) -> str:
        numbers = [(sum(result.severity == severity for result in self.results), severity) for severity in SEVERITIES]
        return ", ".join(f"{number or 'no'} {severity}{'' if number == 1 else 's'}" for number, severity in numbers)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Report: {self._counts()}>"
