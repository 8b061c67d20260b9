"""CTRES as a read-only SPARQL 1.1 Protocol endpoint that is safe to expose. Needs the extra `serve`.

Queries run in processes of their own, each with a time and a memory limit that can really stop it.
"""

from __future__ import annotations

from .limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["Limits", "app", "serve"]


def serve(host: str = "127.0.0.1", port: int = 8765, timeout: float = 10.0, *, store: str | None = None, limits: Limits | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM, and print the address once it can be asked; port 0 takes any free one.

    `timeout` is the longest a query may run, in seconds; `limits` sets the other bounds. `store` is the folder of a
    store made by `ctres build`, by default CTRES' own. A script that calls this needs `if __name__ == "__main__":`
    around the call, because the processes that run the queries import the script. Raises CtresError where the port
    cannot be listened on or the store not be opened, MissingExtraError without the extra `serve`.
    """
    _require_extra()
    from .server import run

    run(host, port, (limits or Limits()).within(timeout), store)


def app(store: str | None = None, *, limits: Limits | None = None) -> Starlette:
    """The endpoint as an ASGI application, for a server of your own; its worker processes live as long as its lifespan.

    Raises MissingExtraError without the extra `serve`; the lifespan raises CtresError if the store cannot be opened.
    """
    _require_extra()
    from .protocol import application

    return application(store, limits or Limits())


def _require_extra() -> None:
    from ..errors import MissingExtraError

    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise MissingExtraError("The server", "serve") from None
