"""The process that runs queries: it opens the store, gives up what it does not need, and answers until it is let go."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import struct

from ..store import Store
from .evaluation import evaluate
from .limits import Job, Outcome, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from io import BufferedRWPair

    from .limits import Limits

# Before each Outcome: its status, the length of its media type, the length of its body. Plain numbers rather than a
# pickle, so that a process that a query has corrupted cannot make the server run anything.
HEADER = struct.Struct("!HHI")

_GRACE = 2.0  # seconds that the server has to end a query, before the system does


def work(connection: socket.socket, folder: str, limits: Limits) -> None:
    """Send an Outcome that says whether the store is open, then one for each Job, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends its workers itself
    stream = connection.makefile("rwb")
    connection.close()  # the stream holds it open
    try:
        store = Store.open(folder)
        ready = evaluate(store, Job("ASK {}"), limits.result)  # what is loaded on first use is loaded before the limits
        _confine(limits.memory, len(os.listdir(folder)))  # the engine opens some of the store's files when it needs them
    except OSError as error:
        _send(stream, refusal(500, str(error)))
        return
    with contextlib.suppress(EOFError, OSError):  # the server is gone
        _send(stream, ready)
        while True:
            job = pickle.load(stream)
            _alarm(limits.timeout + _GRACE)
            _send(stream, _answer(store, job, limits))
            _alarm(0)


def _answer(store: Store, job: Job, limits: Limits) -> Outcome:
    try:
        return evaluate(store, job, limits.result)
    except OSError as error:
        return refusal(500, f"The data could not be read: {error}")


def _send(stream: BufferedRWPair, outcome: Outcome) -> None:
    media = outcome.media_type.encode()
    stream.write(HEADER.pack(outcome.status, len(media), len(outcome.body)) + media)
    stream.write(outcome.body)
    stream.flush()


def _alarm(seconds: float) -> None:
    """Have the system end this process unless called again in time: a server that was killed can no longer do it."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _confine(memory: int, files: int) -> None:
    """Allow this process no more than `memory` beyond what it has, only `files` more open files, and no core dump."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit holds there too
        return
    limits = [(resource.RLIMIT_CORE, 0)]
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as status:
        limits.append((resource.RLIMIT_AS, int(status.read().split()[0]) * resource.getpagesize() + memory))
    free = os.open(os.devnull, os.O_RDONLY)  # the lowest number that is free
    os.close(free)
    limits.append((resource.RLIMIT_NOFILE, free + files))
    for kind, most in limits:
        resource.setrlimit(kind, (most, most))
