"""The processes that run queries: lent out one query at a time, and replaced when a query overruns or breaks one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import pickle
import signal
import socket
import threading
from typing import TypeVar

from ..errors import CtresError
from .evaluation import OUT_OF_MEMORY
from .limits import Outcome, refusal
from .worker import HEADER, work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from multiprocessing.context import SpawnProcess
    from typing import Any

    from .limits import Job, Limits

# A forked child would share the server's sockets, locks and threads; a spawned one shares nothing.
_SPAWN = multiprocessing.get_context("spawn")
_PROCESSES = threading.Lock()  # starting and reaping processes is not safe from several threads at once
_START, _DYING, _RETRY = 30.0, 2.0, 1.0  # seconds: to open the store, to end when broken, before another try to start
_KILLED = -getattr(signal, "SIGKILL", 9)
_T = TypeVar("_T")
_LOG = logging.getLogger("ctres.web")

_CRASH = "The query brought down the process that ran it, most likely because it is nested too deeply. Simplify it."
_CLOSING = "The server is shutting down."
_BUSY = "The server is busy: too many queries are waiting for their turn. Try again later."


class Worker:
    """One process that runs queries, one at a time."""

    def __init__(self, folder: str, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        self.closed = False
        self._process: SpawnProcess | None = None
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None

    @property
    def running(self) -> bool:
        """Whether it can take a query."""
        return self._process is not None and not self.closed

    async def start(self) -> None:
        """Start the process and wait until it has opened the store. Raises CtresError if it cannot."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as stack:  # theirs is closed here, so that the end of the process closes ours
            stack.callback(ours.close)
            await asyncio.to_thread(self._spawn, theirs)
            stack.pop_all()
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        try:
            async with asyncio.timeout(_START):
                greeting = await self._receive()
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            greeting = refusal(500, "the process that opens it ended or did not answer")
        if greeting.status != 200:
            await self._end(kill=True)
            raise CtresError(f"the store {self.folder} cannot be opened: {greeting.body.decode().strip()}")

    def _spawn(self, connection: socket.socket) -> None:
        process = _SPAWN.Process(target=work, args=(connection, self.folder, self.limits), name="ctres-query", daemon=True)
        with _PROCESSES:
            if not self.closed:
                process.start()
                self._process = process

    async def _receive(self) -> Outcome:
        status, media, body = HEADER.unpack(await self._reader.readexactly(HEADER.size))
        media_type = (await self._reader.readexactly(media)).decode()
        return Outcome(status, media_type, await self._reader.readexactly(body))

    async def ask(self, job: Job) -> Outcome:
        """The answer to a query, within the time limit. A process that overruns it or breaks is gone afterwards."""
        try:
            async with asyncio.timeout(self.limits.timeout):
                if self._writer is not None:
                    self._writer.write(pickle.dumps(job))
                return await self._receive()
        except TimeoutError:
            await self._end(kill=True)
            refused = refusal(504, f"The query was stopped: it took more than the {self.limits.timeout:g} seconds this server gives.")
        except (asyncio.IncompleteReadError, OSError):
            status = await self._end(kill=False)
            if self.closed or status == -signal.SIGTERM:
                return refusal(503, _CLOSING)
            # The engine aborts when it gets no memory; a system that runs out of it kills.
            refused = refusal(507, OUT_OF_MEMORY) if status in (-signal.SIGABRT, _KILLED) else refusal(500, _CRASH)
        _LOG.warning("The process of a query was replaced. %s", refused.body.decode().strip())
        return refused

    async def _end(self, *, kill: bool) -> int | None:
        """Make sure that the process is gone, and return its exit status; one that broke is left to end by itself."""
        self._disconnect()
        return await asyncio.to_thread(self._reap, 0.0 if kill else _DYING)

    def _reap(self, patience: float) -> int | None:
        with _PROCESSES:
            process, self._process = self._process, None
            if process is None:
                return None
            process.join(patience)
            process.kill()
            process.join()
            return process.exitcode

    def close(self) -> None:
        """Kill the process for good; a query that it runs is answered with an error. Harmless if called again."""
        self.closed = True
        self._reap(0.0)
        self._disconnect()

    def _disconnect(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(RuntimeError):  # the event loop is closed, and the connection with it
                self._writer.close()


class Pool:
    """Workers on one store, and the queue of queries before them."""

    def __init__(self, folder: str, limits: Limits) -> None:
        self.folder, self.limits = folder, limits
        self._workers = [Worker(folder, limits) for _ in range(limits.workers)]
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._waiting = 0
        self._tasks: set[asyncio.Task[object]] = set()
        self._loop: asyncio.AbstractEventLoop

    async def open(self) -> None:
        """Start the workers. Raises CtresError if the store cannot be opened; then `close` is still due."""
        self._loop = asyncio.get_running_loop()
        await asyncio.gather(*(worker.start() for worker in self._workers))
        for worker in self._workers:
            self._idle.put_nowait(worker)

    def close(self) -> None:
        """End all workers at once; queries that run are answered with an error. Harmless if called again."""
        for worker in self._workers:
            worker.close()

    async def ask(self, job: Job) -> Outcome:
        """The answer to a query, or the reason why there is none."""
        if self._idle.empty() and self._waiting >= self.limits.waiting:
            return refusal(503, _BUSY)
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.timeout):
                worker = await self._idle.get()
        except TimeoutError:
            return refusal(503, _BUSY)
        finally:
            self._waiting -= 1
        # A caller that goes away must not free a worker that still runs its query.
        return await asyncio.shield(self._keep(self._run(worker, job)))

    def ask_from_thread(self, job: Job) -> Outcome:
        """What `ask` gives, for a thread other than that of the event loop; it waits."""
        return asyncio.run_coroutine_threadsafe(self.ask(job), self._loop).result()

    async def _run(self, worker: Worker, job: Job) -> Outcome:
        outcome = await worker.ask(job)
        if worker.running:
            self._idle.put_nowait(worker)
        elif not worker.closed:
            self._keep(self._restart(worker))  # meanwhile the client has its answer
        return outcome

    async def _restart(self, worker: Worker) -> None:
        while not worker.closed:
            try:
                await worker.start()
            except (CtresError, OSError) as error:
                await asyncio.sleep(_RETRY)
                if not worker.closed:  # no news at the end of the server
                    _LOG.error("%s", error)
            else:
                self._idle.put_nowait(worker)
                return

    def _keep(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Run as a task that is held on to until it is done, as the event loop itself does not."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
