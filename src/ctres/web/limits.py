"""The bounds within which a query is answered, and what passes between the server and the processes that answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from ..errors import CtresError

_DAY = 86_400.0


@dataclass(frozen=True)
class Limits:
    """What one query, and all of them together, may take; sizes are in bytes."""

    timeout: float = 10.0
    """Seconds a query may run, and seconds it may wait for its turn."""
    workers: int = 2
    """Queries that run at the same time, each in a process of its own."""
    waiting: int = 64
    """Queries that may wait for their turn; more are turned away."""
    memory: int = 1 << 30
    """Memory that a query may claim over what its process has when idle (Linux; other systems may not enforce it)."""
    result: int = 64 << 20
    """Size of a written result."""
    url: int = 64 << 10
    """Size of the query part of a URL."""
    body: int = 256 << 10
    """Size of the body of a request."""
    arrival: float = 30.0
    """Seconds in which the body of a request must arrive. More than a query may take, as a busy server is slow to read it."""
    rate: float = 0.0
    """Requests a second that one client may send; 0 sets no bound."""

    def __post_init__(self) -> None:
        if not 0 < self.timeout <= _DAY:
            raise CtresError(f"the time limit is {self.timeout:g} seconds; it must be more than 0 and at most {_DAY:g}")
        if self.workers < 1:
            raise CtresError(f"the number of workers is {self.workers}; it must be at least 1")

    def within(self, timeout: float) -> Limits:
        """The same limits with another time limit."""
        return replace(self, timeout=timeout)


class Job(NamedTuple):
    """A query as the protocol hands it over: its text, the graphs it is about, and the media types that may answer it."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    accept: str = "*/*"


class Outcome(NamedTuple):
    """What to answer: an HTTP status, a media type and a body."""

    status: int
    media_type: str
    body: bytes


def refusal(status: int, reason: str) -> Outcome:
    """An outcome that says in plain text why there is no result."""
    return Outcome(status, "text/plain; charset=utf-8", f"{reason}\n".encode())
