"""The OpenAPI description of the server, made from the questions it answers."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .site import Site, respond

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TEXT = {"type": "string", "maxLength": 1000}
_ANSWERS = ("application/json", "text/csv", "text/tab-separated-values", "text/turtle", "text/html")
_LIMITED = ((503, "Busy"), (504, "It took too long"), (507, "Too much memory, or too large a result"))
_TERMS = ("text/html", "text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml")
_JSON = ("application/json",)
_RESULTS = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values", "text/turtle")


def _query(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "required": required, "schema": _TEXT}


def _responses(media: tuple[str, ...], *refused: tuple[int, str]) -> dict[str, Any]:
    found = {"200": {"description": "What was asked for", "content": {one: {} for one in media}}}
    plain: dict[str, Any] = {"text/plain": {}, "text/html": {}, "application/json": {}}
    errors = ((406, "None of the media types that are accepted can be had"), (429, "Too many requests"), *refused)
    return found | {str(status): {"description": reason, "content": plain} for status, reason in errors}


def document(site: Site, server: str) -> dict[str, Any]:
    """The description of the server at an address."""
    paths: dict[str, Any] = {}
    for name in site.kb.questions:
        question = site.kb.questions[name]
        parameters = [
            _query(one.name, f"{one.kind or 'term'}, by any of its names{' (optional)' if one.optional else ''}", required=not one.optional)
            for one in question.parameters
        ]
        paths[f"/questions/{name}"] = {
            "get": {
                "operationId": name,
                "summary": question.summary,
                "description": question.description,
                "parameters": parameters,
                "responses": _responses(_ANSWERS, (400, "A parameter is missing, or names no term or several"), *_LIMITED),
            }
        }
    paths["/questions"] = {
        "get": {"operationId": "questions", "summary": "All questions", "responses": _responses(("application/json", "text/html"))}
    }
    local = {"name": "local", "in": "path", "required": True, "description": "What follows the namespace in a term's IRI", "schema": _TEXT}
    paths["/{local}"] = {
        "get": {
            "operationId": "term",
            "summary": "A term, finding or publication",
            "parameters": [local],
            "responses": _responses(_TERMS, (404, "No such term"), *_LIMITED),
        }
    }
    paths["/suggest"] = {
        "get": {
            "operationId": "suggest",
            "summary": "Terms by the words of their names",
            "parameters": [_query("q", "Words"), _query("kind", "`property`, for properties only")],
            "responses": _responses(_JSON),
        }
    }
    sparql = [_query("query", "A SPARQL 1.1 query"), _query("default-graph-uri", "IRI of a graph"), _query("named-graph-uri", "IRI of a graph")]
    refused = ((400, "No valid query"), (403, "An update"), (414, "Too long"), (503, "Busy, or the query took too long"), (507, "Too large a result"))
    paths["/sparql"] = {
        "get": {
            "operationId": "sparql",
            "summary": "SPARQL 1.1 Protocol, read only",
            "parameters": sparql,
            "responses": _responses(_RESULTS, *refused),
        }
    }
    paths["/reconcile"] = {
        "get": {
            "operationId": "reconcile",
            "summary": "Reconciliation Service API 0.2",
            "parameters": [_query("queries", "JSON")],
            "responses": _responses(_JSON, (400, "Queries that cannot be read")),
        }
    }
    for name, summary in (("health", "Whether the server runs"), ("ready", "Whether it can answer")):
        paths[f"/{name}"] = {"get": {"operationId": name, "summary": summary, "responses": _responses(("text/plain",))}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CTRES, the Cancer Therapy RESistance ontology",
            "version": site.kb.version,
            "description": "What the literature claims on resistance to cancer therapy, with sources. For research, not medical advice.",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": server}],
        "paths": paths,
    }


def openapi(request: Request) -> Response:
    """The description as JSON."""
    server = str(request.url.replace(path="", query=""))
    return respond(request, json.dumps(document(request.app.state.site(), server), indent=1).encode(), "application/json")


ROUTES = [Route("/openapi.json", openapi)]
