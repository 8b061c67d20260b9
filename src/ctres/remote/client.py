"""HTTP to a SPARQL server: queries, uploads, and errors that say what to do. The only user of httpx."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from ..errors import CtresError, MissingExtraError
from ..terms import ASSERTED, INFERRED, LOOKUP
from .binding import gives_triples

TYPE_CHECKING = False
if TYPE_CHECKING:
    import httpx

_RESULTS = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
GRAPHS = {"default-graph-uri": [ASSERTED, INFERRED], "named-graph-uri": [ASSERTED, INFERRED, LOOKUP]}
_TRIES = 3
_UNNAMED = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")nodeID://')  # how Virtuoso writes blank nodes


class RemoteError(CtresError):
    """A SPARQL server that cannot be reached, refuses what it is asked, or answers with something else than SPARQL says."""


def credentials(header: str | None = None) -> dict[str, str]:
    """The HTTP headers that let CTRES in: those of `header` (`Name: value`), else an Authorization from CTRES_AUTHORIZATION.

    Raises CtresError for a header without a colon.
    """
    if header is None:
        token = os.environ.get("CTRES_AUTHORIZATION")
        return {"Authorization": token} if token else {}
    name, colon, value = header.partition(":")
    if not colon or not name.strip():
        raise CtresError(f"“{header}” is no HTTP header. Expected its name, a colon and its value, such as “Authorization: Bearer TOKEN”")
    return {name.strip(): value.strip()}


class Client:
    """A connection to one URL, kept open.

    `headers` are sent along; a name and a password from the environment (CTRES_USER, CTRES_PASSWORD) answer a server that asks for Basic or
    Digest authentication. `timeout` is in seconds. Raises MissingExtraError without httpx, CtresError if the URL is not http or https.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, timeout: float = 300.0) -> None:
        try:
            import httpx
        except ImportError:
            raise MissingExtraError("A SPARQL server", "remote") from None
        if not url.startswith(("http://", "https://")):
            raise CtresError(f"“{url}” is no address of a SPARQL server. Expected something like http://localhost:3030/ctres/sparql")
        self.url = url
        self._digest: httpx.Auth | None = None
        self._http = httpx.Client(headers=dict(headers or {}), timeout=timeout, follow_redirects=True)

    def query(self, text: str, graphs: Mapping[str, list[str]] = GRAPHS) -> Any:
        """The result of a SPARQL query over what `publish` has sent: solutions, triples or a boolean, as the engine in CTRES gives them."""
        wanted = _TRIPLES if gives_triples(text) else _RESULTS
        answer = self._send("POST", data={"query": text, **graphs}, headers={"Accept": wanted})
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()
        if kind in (_TRIPLES, "text/plain", "text/ntriples"):
            return ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)
        try:
            result = ox.parse_query_results(_UNNAMED.sub(rb"\1", answer.content), format=ox.QueryResultsFormat.JSON)
        except (SyntaxError, ValueError):
            raise RemoteError(
                f"{self.url} answered with {kind or 'something'} that is no SPARQL result: {_start(answer.text)}. "
                "Give the address at which it takes queries, which often ends in /sparql or /query"
            ) from None
        if isinstance(result, ox.QuerySolutions) and [variable.value for variable in result.variables] == ["__ASK_RETVAL"]:
            return any(str(row[0].value) == "1" for row in result)  # how Virtuoso says yes
        return result

    def update(self, text: str) -> None:
        """Run a SPARQL update."""
        self._send("POST", content=text.encode(), headers={"Content-Type": "application/sparql-update"})

    def put(self, graph: str, triples: bytes, *, more: bool) -> None:
        """Make N-Triples the content of a graph by the Graph Store Protocol or, if there is `more` of it already, add them to it."""
        self._send("POST" if more else "PUT", params={"graph": graph}, content=triples, headers={"Content-Type": _TRIPLES})

    def get(self, graph: str) -> bytes:
        """The content of a graph as N-Triples, by the Graph Store Protocol; nothing if there is no such graph."""
        return bytes(self._send("GET", params={"graph": graph}, headers={"Accept": _TRIPLES}, missing=True).content)

    def _send(self, method: str, *, missing: bool = False, **what: Any) -> httpx.Response:
        """Send a request, and once more if the connection broke before anything came back."""
        import httpx

        for attempt in range(_TRIES):
            try:
                answer = self._http.request(method, self.url, auth=self._digest, **what)
            except httpx.ConnectError as error:
                raise RemoteError(f"{self.url} cannot be reached ({error}). Is the server running, and the address right?") from None
            except httpx.TimeoutException:
                raise RemoteError(f"{self.url} did not answer within {self._http.timeout.read:g} seconds") from None
            except (httpx.RemoteProtocolError, httpx.NetworkError) as error:
                if attempt + 1 == _TRIES:
                    raise RemoteError(f"{self.url} broke the connection ({error})") from None
                continue
            except httpx.HTTPError as error:
                raise RemoteError(f"{self.url} gave no usable answer ({error})") from None
            if answer.status_code == 401 and self._digest is None and (login := _login(answer.headers.get("www-authenticate", ""))):
                self._digest = login
                continue
            break
        if answer.status_code in (401, 403):
            raise RemoteError(
                f"{self.url} refuses access ({answer.status_code}). Set CTRES_USER and CTRES_PASSWORD, or CTRES_AUTHORIZATION, or give --header"
            )
        if answer.status_code == 404 and missing:
            return httpx.Response(200, content=b"")
        if answer.is_error:
            raise RemoteError(f"{self.url} refuses the request ({answer.status_code}): {_start(answer.text)}")
        return answer


def _login(challenge: str) -> httpx.Auth | None:
    import httpx

    name, password = os.environ.get("CTRES_USER"), os.environ.get("CTRES_PASSWORD")
    if name is None or password is None:
        return None
    return httpx.DigestAuth(name, password) if challenge.lower().startswith("digest") else httpx.BasicAuth(name, password)


def _start(text: str) -> str:
    """The beginning of what a server said, on one line."""
    return " ".join(text.split())[:300] or "(nothing)"
