"""The processes that run queries: lent out one query at a time, and replaced when a query overruns or breaks one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from ..errors import CtresError
from .evaluation import OUT_OF_MEMORY
from .limits import refusal
from .worker import work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from .limits import Job, Limits, Outcome

# A forked child would share the server's sockets, locks and threads; a spawned one shares nothing.
_SPAWN = multiprocessing.get_context("spawn")
_START, _DYING = 30.0, 2.0  # seconds a process may take to open the store, and to end when broken
_LOG = logging.getLogger("ctres.web")

_KILLED = -getattr(signal, "SIGKILL", 9)
_CRASH = "The query brought down the process that ran it, most likely because it is nested too deeply. Simplify it."
_CLOSING = "The server is shutting down."
BUSY = "The server is busy: too many queries are waiting for their turn. Try again later."


class Worker:
    """One process that runs queries. Its methods block; only `stop` may be called while another runs."""

    def __init__(self, folder: str, limits: Limits, processes: threading.Lock) -> None:
        self.folder, self.limits = folder, limits
        self._processes = processes  # starting and reaping is not safe from several threads at once
        self._process: SpawnProcess | None = None
        self._connection: Connection
        self._ready = self._closed = False

    def start(self) -> None:
        """Start a process, without waiting until it has opened the store."""
        with self._processes:
            if self._closed:
                return
            self._connection, other = _SPAWN.Pipe()
            self._ready = False
            self._process = _SPAWN.Process(target=work, args=(other, self.folder, self.limits), name="ctres-query", daemon=True)
            self._process.start()
            other.close()  # so that the end of the process is the end of the connection

    def await_ready(self) -> None:
        """Wait until the store is open. Raises CtresError if it cannot be opened."""
        if self._process is None:
            self.start()
        if self._ready:
            return
        if not self._connection.poll(_START):
            raise CtresError(f"the process that opens the store {self.folder} does not answer")
        try:
            problem = self._connection.recv()
        except EOFError:
            raise CtresError(f"the process that opens the store {self.folder} ended at once") from None
        if problem is not None:
            raise CtresError(f"the store {self.folder} cannot be opened: {problem}")
        self._ready = True

    def ask(self, job: Job) -> Outcome:
        """The answer to a query, within the time limit; a process that overruns it or breaks is killed and replaced."""
        refused: Outcome | None = None
        try:
            self.await_ready()
            self._connection.send(job)
            if self._connection.poll(self.limits.timeout):
                outcome: Outcome = self._connection.recv()
                return outcome
            refused = refusal(504, f"The query was stopped: it took more than the {self.limits.timeout:g} seconds this server gives.")
        except CtresError as error:
            _LOG.error("%s", error)
            refused = refusal(503, "The server cannot read its data at the moment. Try again later.")
        except (EOFError, OSError):
            pass  # the process broke
        status = self._end(kill=refused is not None)
        if self._closed or (refused is None and status == -signal.SIGTERM):
            return refusal(503, _CLOSING)
        if refused is None:  # the engine aborts when it gets no memory; a system that runs out of it kills
            refused = refusal(507, OUT_OF_MEMORY) if status in (-signal.SIGABRT, _KILLED) else refusal(500, _CRASH)
        _LOG.warning("The process of a query was replaced. %s", refused.body.decode().strip())
        with contextlib.suppress(OSError):  # no process to be had now; the next query tries again
            self.start()
        return refused

    def _end(self, *, kill: bool) -> int | None:
        """Make sure that the process is gone, and return its exit status; one that broke is left to end by itself."""
        with self._processes:
            process, self._process = self._process, None
            if process is None:
                return None
            if not kill:
                process.join(_DYING)
            process.kill()
            process.join()
            self._connection.close()
            return process.exitcode

    def stop(self) -> None:
        """Kill the process for good; a query that it runs is answered with an error."""
        self._closed = True
        with self._processes:
            if self._process is not None:
                self._process.kill()
                self._process.join()


class Pool:
    """Workers on one store, and the queue of queries before them."""

    def __init__(self, folder: str, limits: Limits) -> None:
        self.limits = limits
        lock = threading.Lock()
        self._workers = [Worker(folder, limits, lock) for _ in range(limits.workers)]
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(limits.workers, thread_name_prefix="ctres-query")
        self._waiting = 0

    def open(self) -> None:
        """Start the workers. Raises CtresError if the store cannot be opened."""
        for worker in self._workers:
            worker.start()
        try:
            for worker in self._workers:
                worker.await_ready()
                self._idle.put_nowait(worker)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End all workers at once; queries that run or wait are answered with an error. Harmless if called again."""
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(wait=False)

    async def ask(self, job: Job) -> Outcome:
        """The answer to a query, or the reason why there is none; the caller's event loop is never blocked."""
        if self._idle.empty() and self._waiting >= self.limits.waiting:
            return refusal(503, BUSY)
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.timeout):
                worker = await self._idle.get()
        except TimeoutError:
            return refusal(503, BUSY)
        finally:
            self._waiting -= 1
        # A caller that goes away must not put a worker back that still runs its query.
        return await asyncio.shield(self._run(worker, job))

    async def _run(self, worker: Worker, job: Job) -> Outcome:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, worker.ask, job)
        except RuntimeError:  # the threads are shut down
            return refusal(503, _CLOSING)
        finally:
            self._idle.put_nowait(worker)
