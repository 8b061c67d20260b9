"""The pages of the explorer, and the same content for programs."""

from __future__ import annotations

import json
import os
import re
from functools import cache

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .. import canonical, description, html, names, resources, turtle
from ..errors import CtresError
from ..explanation import ExplanationError
from ..term import Finding, Term
from ..terms import ASSERTED, BASE, PREFIXES
from .evaluation import GRAPH_TYPES
from .site import HTML, Site, link, respond, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..answer import Answer
    from ..questions import Question

_MOST = 50  # hits of a search, and
_SUGGESTED = 10
_LISTED = 400  # names in a pick list
_RDF = {media: form for media, form in GRAPH_TYPES.items() if media not in ("application/xml", "application/json")}
_ANSWERS = (HTML, "application/json", "text/csv", "text/tab-separated-values", "text/turtle")


def _site(request: Request) -> Site:
    site: Site = request.app.state.site()
    return site


def _refused(request: Request, offers: Iterable[str]) -> Response:
    listed = ", ".join(offers)
    return respond(request, f"This can be had as {listed}; the request accepts none of them.\n".encode(), "text/plain", 406)


def home(request: Request) -> Response:
    """The front page, or the ontology itself for a client that wants RDF."""
    site, media = _site(request), wanted(request, (HTML, *_RDF))
    if media is None:
        return _refused(request, (HTML, *_RDF))
    if media != HTML:
        return respond(request, _ontology(site, media), media)
    questions = site.kb.questions
    return site.page(request, "home.html", title="CTRES", about=repr(site.kb).strip("<>"), questions=[questions[name] for name in questions])


@cache
def _ontology(site: Site, media: str) -> bytes:
    triples = site.kb.store.triples(graph=ASSERTED)
    return ox.serialize(triples, format=_RDF[media], prefixes=PREFIXES) or b""


def search(request: Request) -> Response:
    """Terms by name, or by words of names and definitions; the one term that a name names is shown at once."""
    site, text = _site(request), request.query_params.get("q", "").strip()
    found = site.kb.find(text) if text else []
    if text and "all" not in request.query_params:
        try:
            return RedirectResponse(link(site.kb[text]), 303)
        except KeyError:
            pass
    near = names.suggestions(site.kb.store, text) if text and not found else ()
    return site.page(request, "search.html", title=f"Search: {text}", text=text, found=found[:_MOST], count=len(found), near=near)


def suggest(request: Request) -> Response:
    """The names that begin like what is typed, as JSON: a list of labels with addresses; with `kind=property`, only properties."""
    site, text = _site(request), request.query_params.get("q", "").strip()
    found = [term for term in site.kb.find(text) if not isinstance(term, Finding)] if len(text) > 1 else []
    if request.query_params.get("kind") == "property":
        found = [term for term in found if names.is_property(site.kb.store, term.iri)]
    found.sort(key=lambda term: not term.label.casefold().startswith(text.casefold()))
    body = [{"label": term.label, "id": term.curie, "url": link(term)} for term in found[:_SUGGESTED]]
    return respond(request, json.dumps(body).encode(), "application/json")


def term(request: Request) -> Response:
    """A term: a page, or what is known of it as RDF."""
    site = _site(request)
    asked = request.path_params.get("local") or request.query_params.get("iri", "")
    try:
        shown = site.term(asked)
    except CtresError as error:
        return site.sorry(request, 404, error)
    if asked not in (shown.iri, shown.iri.removeprefix(BASE)):
        return RedirectResponse(link(shown), 303)
    media = wanted(request, (HTML, *_RDF))
    if media is None:
        return _refused(request, (HTML, *_RDF))
    if media != HTML:
        text = description.to_turtle(shown)
        return respond(request, (text if media == "text/turtle" else canonical.convert(text, _RDF[media])).encode(), media)
    return site.page(
        request,
        "term.html",
        title=shown.label,
        term=shown,
        relations=description.relations(shown),
        finding=shown if isinstance(shown, Finding) else None,
        findings=shown.findings,
        drawn=_draws() and not isinstance(shown, Finding) and bool(shown.findings),
    )


def why(request: Request) -> Response:
    """Why a statement holds, or why not."""
    site, given = _site(request), request.query_params
    subject, relation, value = (given.get(name, "") for name in ("subject", "relation", "value"))
    if not subject or not relation:
        return site.page(request, "why.html", title="Why?", given=given, explanation="", told="")
    try:
        try:
            found, told = site.kb.explain(subject, relation, value or None), ""
        except ExplanationError as error:
            if error.missing is None:
                raise
            found, told = error.missing, str(error).partition("\n")[0]
    except CtresError as error:
        return site.page(request, "why.html", 404, title="Why?", given=given, explanation="", told=str(error))
    return site.page(request, "why.html", title=f"Why? {found.statement}", given=given, explanation=html.explanation(found), told=told)


def picture(request: Request) -> Response:
    """The neighbourhood of a term, or the map of cell states, as SVG."""
    site = _site(request)
    if not _draws():
        return site.sorry(request, 404, "This server draws no pictures: it lacks the extra `plot`.")
    local = request.path_params["local"]
    try:
        drawn = site.kb.draw_states() if local == "states" else site.kb.draw(site.term(local))
    except CtresError as error:
        return site.sorry(request, 404, error)
    return respond(request, drawn.svg.encode(), "image/svg+xml")


@cache
def _draws() -> bool:
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def states(request: Request) -> Response:
    """The map of cell states and transitions, and the same as a table."""
    site = _site(request)
    return site.page(request, "states.html", title="Cell states", answer=site.kb.ask("transitions"), drawn=_draws())


def questions(request: Request) -> Response:
    """All questions, by area."""
    site = _site(request)
    every = [site.kb.questions[name] for name in site.kb.questions]
    if wanted(request, (HTML, "application/json")) == "application/json":
        body = [{"name": q.name, "summary": q.summary, "parameters": [p.name for p in q.parameters]} for q in every]
        return respond(request, json.dumps(body, indent=1).encode(), "application/json")
    areas: dict[str, list[Question]] = {}
    for one in every:
        areas.setdefault(one.tags[0], []).append(one)
    return site.page(request, "questions.html", title="Questions", areas=sorted(areas.items()))


def question(request: Request) -> Response:
    """One question: its form, and, once all it needs is given, its answer."""
    site = _site(request)
    try:
        asked = site.kb.questions[request.path_params["name"]]
    except CtresError as error:
        return site.sorry(request, 404, error)
    media = wanted(request, _ANSWERS)
    if media is None:
        return _refused(request, _ANSWERS)
    known = {parameter.name for parameter in asked.parameters}
    given = {
        name: value.strip() for name, value in request.query_params.items() if value.strip() and (name in known or media != HTML) and name != "format"
    }
    answer, told = None, ""
    if media != HTML or all(parameter.optional or parameter.name in given for parameter in asked.parameters):
        try:
            answer = site.kb.ask(asked.name, **given)
        except CtresError as error:
            if media != HTML:
                return respond(request, f"{error}\n".encode(), "text/plain", 400)
            told = str(error)
    if media != HTML and answer is not None:
        return respond(request, _written(answer, media), media)
    picks = {parameter.name: _picks(site, parameter.kind) for parameter in asked.parameters}
    return site.page(
        request, "question.html", 400 if told else 200, title=asked.summary, question=asked, given=given, picks=picks, answer=answer, told=told
    )


def _written(answer: Answer, media: str) -> bytes:
    if media == "application/json":
        return answer.to_json().encode()
    if media == "text/turtle":
        return answer.to_turtle().encode()
    return answer.to_csv(delimiter="\t" if media == "text/tab-separated-values" else ",").encode()


def _picks(site: Site, kind: str | None) -> list[str]:
    """The labels to pick from for a parameter of a kind, if they are not too many."""
    if kind is None:
        return []
    members = {Term(site.kb, iri).label for iri in site.kb.store.subjects(names.TYPE, iri=BASE + kind)}
    return sorted(members, key=str.casefold) if len(members) <= _LISTED else []


def contradictions(request: Request) -> Response:
    """The claims that contradict each other, or seem to."""
    return RedirectResponse("/questions/contradictions", 303)


def editor(request: Request) -> Response:
    """A page to write SPARQL on."""
    return _site(request).page(request, "editor.html", title="SPARQL", query=request.query_params.get("query", ""))


def static(request: Request) -> Response:
    """A file of the pages."""
    name = os.path.basename(request.path_params["name"])
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "static", name)
    if not os.path.isfile(path) or os.path.splitext(name)[1] not in kinds:
        return respond(request, b"There is no such file.\n", "text/plain", 404)
    with open(path, "rb") as file:
        return respond(request, file.read(), kinds[os.path.splitext(name)[1]])


def void(request: Request) -> Response:
    """What there is and how much, in the Vocabulary of Interlinked Datasets."""
    site, media = _site(request), wanted(request, _RDF)
    if media is None:
        return _refused(request, _RDF)
    (counts,) = site.kb.store.query(resources.text("sparql", "views", "counts.rq"), trusted=True)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "void.ttl"), encoding="utf-8") as file:
        text = re.sub(r"\{(\w+)\}", lambda name: str(counts[name[1]].value), file.read())
    quads = ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=str(request.url.replace(query="")))
    written = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES) or b""
    return respond(request, canonical.convert(turtle.format_text(written.decode()), _RDF[media]).encode(), media)


def health(request: Request) -> Response:
    """Whether the server runs."""
    return respond(request, b"ok\n", "text/plain")


def ready(request: Request) -> Response:
    """Whether the server can answer: it opens the store if it has not yet."""
    site = _site(request)
    return respond(request, f"ok: {len(site.kb.questions)} questions, version {site.kb.version}\n".encode(), "text/plain")


ROUTES = [
    Route("/", home, name="home"),
    Route("/search", search),
    Route("/suggest", suggest),
    Route("/why", why),
    Route("/states", states),
    Route("/contradictions", contradictions),
    Route("/editor", editor),
    Route("/questions", questions),
    Route("/questions/{name}", question),
    Route("/picture/{local}.svg", picture),
    Route("/static/{name}", static),
    Route("/.well-known/void", void),
    Route("/health", health),
    Route("/ready", ready),
    Route("/term", term),
]
LAST = Route("/{local:path}", term)  # any other address is that of a term
