"""Running the endpoint: its socket, its signals, and an orderly end."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading

import uvicorn

from ..errors import CtresError
from .pool import Pool
from .protocol import endpoint
from .storage import store_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from .limits import Limits


def run(host: str, port: int, limits: Limits, store: str | None) -> None:
    """Serve until interrupted or terminated; see `ctres.web.serve`."""
    with contextlib.suppress(KeyboardInterrupt), _terminable(), _listening(host, port) as listening, store_folder(store) as folder:
        pool = Pool(folder, limits)
        try:
            config = uvicorn.Config(
                endpoint(pool),
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=2,
                h11_max_incomplete_event_size=4 * limits.url,  # room to answer an over-long URL with 414
            )
            _Server(config, pool).run(sockets=[listening])
        finally:
            pool.close()


class _Server(uvicorn.Server):
    """A server that says where it is, and stops its queries before it waits for their clients."""

    def __init__(self, config: uvicorn.Config, pool: Pool) -> None:
        super().__init__(config)
        self.pool = pool

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.pool.open()
        await super().startup(sockets)
        for listening in sockets or ():
            host, port = listening.getsockname()[:2]
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}/sparql"
            print(f"CTRES answers SPARQL queries at {address} until Ctrl-C. For research, not medical advice.", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.pool.close()
        await super().shutdown(sockets)


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens, on IPv4 or IPv6 as the host asks."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # Inherited by each connection. Without it a response, sent as head and body, waits 40 ms for an acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CtresError(f"cannot listen on host {host}, port {port}: {reason}. Give another --host or --port.") from None


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the program as Ctrl-C does, so that workers and temporary files go with it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
