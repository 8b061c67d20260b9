"""The SPARQL 1.1 Protocol, read only: what a request asks, and the response that its outcome makes."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import re
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from . import guards, openapi, pages, reconciliation
from .evaluation import describe
from .limited import LimitedStore, UnansweredError
from .limits import Job, refusal
from .pool import Pool
from .site import Site, tagged
from .storage import store_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from .limits import Limits, Outcome

_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]*)", re.IGNORECASE)
_READ_ONLY = "This endpoint is read only: updates are refused."


class _RefusedError(Exception):
    """A request that gets no further; `outcome` says why."""

    def __init__(self, status: int, reason: str) -> None:
        self.outcome = refusal(status, reason)
        super().__init__(reason)


def endpoint(pool: Pool) -> Starlette:
    """The web application on workers that are running."""
    app = _app(pool.limits)
    _serve(app, pool)
    return app


def application(store: str | None, limits: Limits) -> Starlette:
    """The web application that starts and ends its own workers."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with contextlib.ExitStack() as stack:
            folder = await asyncio.to_thread(stack.enter_context, store_folder(store))
            pool = Pool(folder, limits)
            _serve(app, pool)
            stack.callback(pool.close)
            await pool.open()
            yield

    return _app(limits, lifespan)


def _app(limits: Limits, lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None) -> Starlette:
    handlers = {UnansweredError: _unanswered}
    return Starlette(routes=_routes(), lifespan=lifespan, middleware=guards.middleware(limits), exception_handlers=handlers)  # type: ignore[arg-type]


def _serve(app: Starlette, pool: Pool) -> None:
    """Have an application answer from a pool; the pages' store is opened when first needed."""
    app.state.pool, app.state.site = pool, cache(lambda: Site(LimitedStore(pool.folder, pool.ask_from_thread)))


def _unanswered(request: Request, error: UnansweredError) -> Response:
    """What a page or question says whose query a limit has stopped."""
    response: Response = request.app.state.site().sorry(request, error.outcome.status, str(error))
    if error.outcome.status == 503:
        response.headers["Retry-After"] = str(math.ceil(request.app.state.pool.limits.timeout))
    return response


async def _sparql(request: Request) -> Response:
    pool: Pool = request.app.state.pool
    try:
        if request.method != "POST" and not request.scope["query_string"]:
            return _response(request, _description(request))
        outcome = await pool.ask(_job(await _parameters(request, pool.limits), _accept(request)))
    except _RefusedError as refused:
        outcome = refused.outcome
    return _response(request, outcome, retry_after=math.ceil(pool.limits.timeout))


def _routes() -> list[Route]:
    sparql = Route("/sparql", _sparql, methods=["GET", "HEAD", "POST"], name="sparql")
    return [sparql, *pages.ROUTES, *openapi.ROUTES, *reconciliation.ROUTES, pages.LAST]


def _response(request: Request, outcome: Outcome, *, retry_after: int = 0) -> Response:
    if outcome.status == 200 and request.method != "POST":
        return tagged(request, outcome.body, outcome.media_type)
    headers = {"Content-Type": outcome.media_type, "Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    if outcome.status == 503:
        headers["Retry-After"] = str(retry_after)
    return Response(outcome.body, outcome.status, headers)


def _accept(request: Request) -> str:
    return ", ".join(request.headers.getlist("accept"))


def _description(request: Request) -> Outcome:
    try:
        return describe(_file("service-description.ttl"), str(request.url_for("sparql")), _accept(request))
    except (SyntaxError, ValueError):  # the address is made from the Host header
        raise _RefusedError(400, "The Host header of the request does not make a valid address.") from None


# -- what a request asks


class _Parameter(NamedTuple):
    name: str
    value: str


async def _parameters(request: Request, limits: Limits) -> list[_Parameter]:
    """All parameters of a request, those of its URL first; a query that is the body itself becomes the parameter `query`."""
    url: bytes = request.scope["query_string"]
    if len(url) > limits.url:
        raise _RefusedError(414, f"The URL's query part is longer than {limits.url:,} bytes. Send the query with POST.")
    parameters = _decoded(url)
    if request.method != "POST":
        return parameters
    kind = request.headers.get("content-type", "")
    media = kind.partition(";")[0].strip().lower()
    if media == _UPDATE:
        raise _RefusedError(403, _READ_ONLY)
    if media not in (_FORM, _QUERY):
        raise _RefusedError(415, f"The body of a POST must be {_QUERY} or {_FORM}, not {media or 'of no stated type'}.")
    charset = _CHARSET.search(kind)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise _RefusedError(415, f"The body must be in UTF-8, not {charset[1]}.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _RefusedError(415, "The body must not be compressed.")
    body = await _body(request, limits)
    return parameters + (_decoded(body) if media == _FORM else [_Parameter("query", _text(body))])


async def _body(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(limits.arrival):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body:
                    raise _RefusedError(413, f"The body is longer than {limits.body:,} bytes.")
    except TimeoutError:
        raise _RefusedError(408, f"The body did not arrive within {limits.arrival:g} seconds.") from None
    except ClientDisconnect:
        raise _RefusedError(400, "The body did not arrive whole.") from None
    return bytes(body)


def _decoded(encoded: bytes) -> list[_Parameter]:
    try:
        pairs = parse_qsl(_text(encoded), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except UnicodeDecodeError:
        raise _RefusedError(400, "The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise _RefusedError(400, "The request has too many parameters.") from None
    return [_Parameter(*pair) for pair in pairs]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _RefusedError(400, "The request is not valid UTF-8.") from None


def _job(parameters: list[_Parameter], accept: str) -> Job:
    """The query that the parameters make; names that the protocol does not know are passed over, as clients add their own."""
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise _RefusedError(403, _READ_ONLY)
    queries = values.get("query", [])
    if len(queries) != 1:
        raise _RefusedError(400, f"The request must have exactly one parameter “query”; it has {len(queries)}.")
    return Job(queries[0], tuple(values.get("default-graph-uri", ())), tuple(values.get("named-graph-uri", ())), accept)


def _file(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()
