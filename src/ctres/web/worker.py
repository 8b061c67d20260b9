"""The process that runs queries: it opens the store, gives up what it does not need, and answers until it is let go."""

from __future__ import annotations

import contextlib
import os
import signal

from ..store import Store
from .evaluation import evaluate
from .limits import Job, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from .limits import Limits

_GRACE = 5.0


def work(connection: Connection, folder: str, limits: Limits) -> None:
    """Send None once the store is open (or the reason why not), then an Outcome for each Job, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends its workers itself
    try:
        store = Store.open(folder)
        evaluate(store, Job("ASK {}"), limits.result)  # whatever is loaded on first use is loaded before the limits
        _confine(limits.memory)
    except OSError as error:
        connection.send(str(error))
        return
    connection.send(None)
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = connection.recv()
            _alarm(limits.timeout + _GRACE)
            try:
                outcome = evaluate(store, job, limits.result)
            except OSError as error:
                outcome = refusal(500, f"The data could not be read: {error}")
            _alarm(0)
            connection.send(outcome)


def _alarm(seconds: float) -> None:
    """Have the system end this process unless called again in time: a server that was killed can no longer do it."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _confine(memory: int) -> None:
    """Allow this process no more than `memory` beyond what it has, no new file or socket, and no core dump."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit holds there too
        return
    limits = [(resource.RLIMIT_CORE, 0)]
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as status:
        limits.append((resource.RLIMIT_AS, int(status.read().split()[0]) * resource.getpagesize() + memory))
    free = os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free: a limit there leaves none
    os.close(free)
    limits.append((resource.RLIMIT_NOFILE, free))
    for kind, most in limits:
        resource.setrlimit(kind, (most, most))
