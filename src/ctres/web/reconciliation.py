"""Matching the names in a spreadsheet to terms: the Reconciliation Service API, version 0.2, which OpenRefine speaks.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import difflib
import json
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .. import names
from ..errors import AmbiguousTermError, UnknownTermError
from ..term import Term
from ..terms import BASE, fold
from .site import Site, respond

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_QUERIES = 1000
_MOST = 5  # candidates
_BODY = 1 << 20
_KINDS = ("Drug", "Therapy", "GeneProduct", "MicroRNA", "Cancer", "CellLine", "CellState", "CellPopulation", "TherapyResistance")


async def reconcile(request: Request) -> Response:
    """The manifest of the service or, if queries come along, the candidates for each."""
    form = dict(request.query_params)
    if request.method == "POST":
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _BODY:
                return _json(request, {"message": f"the body is longer than {_BODY:,} bytes"}, 413)
        form |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    site: Site = request.app.state.site()
    if "queries" not in form:
        return _json(request, _manifest(request))
    try:
        queries = json.loads(form["queries"])
        if not isinstance(queries, dict) or not all(isinstance(one, dict) and isinstance(one.get("query"), str) for one in queries.values()):
            raise ValueError("expected an object of objects that each have a text “query”")
        if len(queries) > _MOST_QUERIES:
            raise ValueError(f"there are more than {_MOST_QUERIES:,} of them")
    except ValueError as error:
        return _json(request, {"message": f"the queries cannot be read: {error}"}, 400)
    from starlette.concurrency import run_in_threadpool

    found = await run_in_threadpool(lambda: {name: {"result": _candidates(site, one)} for name, one in queries.items()})
    return _json(request, found)


def _candidates(site: Site, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The terms that a name may mean, best first; a match is certain if the name means one term alone."""
    text, limit = query["query"], query.get("limit")
    kind = query.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    within = BASE + str(kind).removeprefix("ctres:") if kind else None
    sure, found = False, []
    try:
        found, sure = [names.resolve(site.kb.store, text, within)], True
    except AmbiguousTermError as error:
        found = [names.resolve(site.kb.store, curie) for curie, _ in error.candidates]
    except UnknownTermError as error:
        found = [names.resolve(site.kb.store, label, within) for label in error.suggestions]
    terms = [Term(site.kb, iri) for iri in dict.fromkeys(found)]
    return [_candidate(one, text, sure) for one in terms[: limit if isinstance(limit, int) and limit > 0 else _MOST]]


def _candidate(term: Term, text: str, sure: bool) -> dict[str, Any]:
    spelled = max(difflib.SequenceMatcher(None, fold(text), fold(name)).ratio() for name in (term.label, *term.synonyms))
    return {
        "id": term.curie,
        "name": term.label,
        "description": term.definition or "",
        "score": 100.0 if sure else round(100 * spelled, 1),
        "match": sure,
        "type": [{"id": kind.curie, "name": kind.label} for kind in term.kinds.asserted],
    }


def _manifest(request: Request) -> dict[str, Any]:
    site: Site = request.app.state.site()
    root = str(request.url.replace(path="", query=""))
    return {
        "versions": ["0.2"],
        "name": "CTRES, the Cancer Therapy RESistance ontology",
        "identifierSpace": BASE,
        "schemaSpace": BASE,
        "defaultTypes": [{"id": f"ctres:{kind}", "name": Term(site.kb, BASE + kind).label} for kind in _KINDS],
        "view": {"url": f"{root}/{{{{id}}}}"},
        "preview": {"url": f"{root}/{{{{id}}}}", "width": 480, "height": 320},
        "batchSize": 100,
    }


def _json(request: Request, what: object, status: int = 200) -> Response:
    return respond(request, json.dumps(what, ensure_ascii=False).encode(), "application/json", status)


ROUTES = [Route("/reconcile", reconcile, methods=["GET", "POST"])]
