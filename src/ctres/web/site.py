"""What the pages share: the knowledge base, the templates, and how a page becomes a response."""

from __future__ import annotations

import hashlib
import os
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from .. import names, rows
from ..errors import CtresError
from ..knowledge import KnowledgeBase
from ..store import Store
from ..term import Term
from ..terms import BASE
from .negotiation import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..rows import Value

HTML = "text/html"
_FOLDER = os.path.dirname(os.path.abspath(__file__))


class Site:
    """The pages of one store."""

    def __init__(self, store: Store) -> None:
        self.kb = KnowledgeBase(store)
        self._templates = Environment(loader=FileSystemLoader(os.path.join(_FOLDER, "templates")), autoescape=True, undefined=StrictUndefined)
        self._templates.filters |= {"link": link, "words": rows.show}
        self._templates.globals |= {"version": self.kb.version, "is_term": is_term}

    def page(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        """A page made from a template."""
        text = self._templates.get_template(template).render(root=request.scope.get("root_path", ""), **values)
        return respond(request, text.encode(), HTML, status)

    def sorry(self, request: Request, status: int, error: CtresError | str) -> Response:
        """What went wrong: as a page for those who want one, else as text."""
        if choose(accepted(request), ("text/plain", HTML)) == HTML:
            return self.page(request, "sorry.html", status, title="Not found" if status == 404 else "That did not work", message=str(error))
        return respond(request, f"{error}\n".encode(), "text/plain", status)

    def term(self, local: str) -> Term:
        """The term at an address: that with this IRI, else the one that it names. Raises UnknownTermError or AmbiguousTermError."""
        iri = local if "://" in local else BASE + local
        return self.kb.term(iri if names.exists(self.kb.store, iri) else names.resolve(self.kb.store, local))


def link(term: Term) -> str:
    """The address of a term's page, from the root of the site."""
    local = term.iri.removeprefix(BASE)
    return "/" + quote(local, safe="") if local != term.iri else "/term?iri=" + quote(term.iri, safe="")


def is_term(value: Value) -> bool:
    return isinstance(value, Term)


def accepted(request: Request) -> str:
    return ", ".join(request.headers.getlist("accept"))


def wanted(request: Request, offers: Iterable[str]) -> str | None:
    """The media type to answer with: that of the parameter `format` if given, else what the client likes best of those on offer."""
    given = request.query_params.get("format")
    offers = list(offers)
    if given:
        return next((media for media in offers if media == given or media.rpartition("/")[2] == given), None)
    return choose(accepted(request), offers)


def respond(request: Request, body: bytes, media: str, status: int = 200) -> Response:
    """A response that `tagged` makes, with the charset of texts."""
    return tagged(request, body, f"{media}; charset=utf-8" if media.startswith("text/") else media, status)


def tagged(request: Request, body: bytes, kind: str, status: int = 200) -> Response:
    """A response with a tag for its content; none but the tag is sent to a client that has the content. `kind` is the Content-Type."""
    tag = f'"{hashlib.sha256(kind.encode() + body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "no-cache"}
    if status == 200 and tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(body, status, {**headers, "Content-Type": kind})
