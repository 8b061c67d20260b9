"""What every response passes through: headers that bind browsers, compression, access from other sites, a rate for each client, a log."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .limits import Limits

_LOG = logging.getLogger("ctres.access")
_CLIENTS = 10_000  # whose rates are remembered
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def middleware(limits: Limits) -> list[Middleware]:
    """The layers around the application, outermost first."""
    return [
        Middleware(_Logged),
        Middleware(_Guarded),
        Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "HEAD", "POST"], allow_headers=["*"], max_age=86_400),
        *([Middleware(_Rated, rate=limits.rate)] if limits.rate else []),
        Middleware(GZipMiddleware, minimum_size=1000),
    ]


class _Guarded:
    """Adds the headers that bind browsers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] += [(n.lower().encode(), v.encode()) for n, v in _HEADERS.items() if n.lower().encode() not in present]
            await send(message)

        await self.app(scope, receive, guarded)


class _Rated:
    """Lets a client send so many requests a second, ten seconds' worth at once, and refuses more."""

    def __init__(self, app: ASGIApp, rate: float) -> None:
        self.app, self.rate = app, rate
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left of each, and when that was so

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._may(scope["client"][0] if scope.get("client") else ""):
            await self.app(scope, receive, send)
            return
        refused = PlainTextResponse("Too many requests from your address. Wait a second.\n", 429, {"Retry-After": "1"})
        await refused(scope, receive, send)

    def _may(self, client: str) -> bool:
        now, most = time.monotonic(), 10 * self.rate
        left, then = self._clients.pop(client, (most, now))
        left = min(most, left + (now - then) * self.rate)
        self._clients[client] = max(left - 1, 0), now
        if len(self._clients) > _CLIENTS:
            self._clients.popitem(last=False)
        return left >= 1


class _Logged:
    """Writes one line for each request to the log `ctres.access`: address, method, path, status, milliseconds; no queries."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _LOG.isEnabledFor(logging.INFO):
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            client = scope["client"][0] if scope.get("client") else "-"
            _LOG.info("%s %s %s %d %.1f", client, scope["method"], scope["path"], status, (time.perf_counter() - started) * 1000)
