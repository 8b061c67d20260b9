"""What keeps a draft from being made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import CtresError


@dataclass(frozen=True)
class Problem:
    """Something that is missing or wrong: the `options` any one of which would mend it, the `reason`, and what was `given`.

    Without options it is a matter that no answer can mend.
    """

    options: tuple[str, ...]
    reason: str
    given: str | None = None

    def __str__(self) -> str:
        where = " or ".join(f"--{option}" for option in self.options)
        return f"{where}{' is missing' if where and self.given is None else ''}{': ' if where else ''}{self.reason}"


class DraftError(CtresError):
    """A draft that cannot be made, with all its `problems`."""

    def __init__(self, kind: str, problems: Sequence[Problem]) -> None:
        self.kind, self.problems = kind, tuple(problems)
        super().__init__(kind)

    def __str__(self) -> str:
        return f"this {self.kind} cannot be made yet:" + "".join(f"\n  - {problem}" for problem in self.problems)
