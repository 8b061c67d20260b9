"""Errors that CTRES raises; each says what was given, what was expected and how to mend it."""

from __future__ import annotations


class CtresError(Exception):
    """Root of all errors that CTRES raises on purpose."""


class UnknownTermError(CtresError, KeyError):
    """A name, CURIE or IRI that no term of the knowledge base answers to.

    `name` is what was given, `suggestions` the nearest names there are (may be empty).
    """

    def __init__(self, name: str, suggestions: tuple[str, ...] = (), expected: str = "term") -> None:
        self.name, self.suggestions, self.expected = name, suggestions, expected
        super().__init__(name)

    def __str__(self) -> str:
        hint = "Did you mean " + ", ".join(f"“{s}”" for s in self.suggestions) + "?" if self.suggestions else "Search with `ctres find TEXT`."
        return f"no {self.expected} is called “{self.name}”. {hint}"


class AmbiguousTermError(CtresError, KeyError):
    """A name that several terms share; `candidates` are (CURIE, label) pairs to choose from."""

    def __init__(self, name: str, candidates: tuple[tuple[str, str], ...]) -> None:
        self.name, self.candidates = name, candidates
        super().__init__(name)

    def __str__(self) -> str:
        listed = ", ".join(f"{curie} ({label})" for curie, label in self.candidates)
        return f"“{self.name}” is the name of {len(self.candidates)} terms: {listed}. Give the identifier of the one you mean."


class ParseError(CtresError):
    """A file that could not be read as RDF; `path`, `line` and `column` (both from 1, or None) say where."""

    def __init__(self, path: str, message: str, line: int | None = None, column: int | None = None) -> None:
        self.path, self.message, self.line, self.column = path, message, line, column
        super().__init__(message)

    def __str__(self) -> str:
        where = self.path
        if self.line is not None:
            where += f", line {self.line}"
            if self.column is not None:
                where += f", column {self.column}"
        return f"{where}: {self.message}"


class QuestionError(CtresError):
    """A question, or a parameter of one, that does not exist, is missing, or has a value that does not fit."""


class QueryError(CtresError):
    """A SPARQL query that is malformed or that the store refuses; the text says why."""


class InconsistencyError(CtresError):
    """Data that contradicts the ontology; `clashes` describes each contradiction in a sentence."""

    def __init__(self, clashes: tuple[str, ...]) -> None:
        self.clashes = clashes
        super().__init__("; ".join(clashes))

    def __str__(self) -> str:
        listed = "\n".join(f"  - {clash}" for clash in self.clashes)
        count = f"{len(self.clashes)} contradiction" + ("s" if len(self.clashes) != 1 else "")
        return f"the data contradict the ontology ({count}):\n{listed}"


class ValidationError(CtresError):
    """Data that violate a shape; `report` is the ctres.shapes.Report that lists each violation."""

    def __init__(self, report: object) -> None:
        self.report = report
        super().__init__(str(report))


class MissingExtraError(CtresError, ImportError):
    """A part of CTRES that needs a package from an extra that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        self.what, self.extra = what, extra
        super().__init__(what)

    def __str__(self) -> str:
        return f"{self.what} needs packages that are not installed. Install them with: pip install 'ctres[{self.extra}]'"
