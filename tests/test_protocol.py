"""The query cases of the W3C's test suite for the SPARQL 1.1 Protocol, by their names there, written anew for the endpoint, which is read only."""

from __future__ import annotations

from typing import Any

import pytest

httpx = pytest.importorskip("httpx")
pytest.importorskip("uvicorn")

from test_web import SPARQL, E, bindings, client, server, store  # noqa: E402, F401

from ctres.terms import ASSERTED, INFERRED  # noqa: E402

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UPDATE = {"Content-Type": "application/sparql-update"}
IN_DEFAULT = "SELECT ?s { ?s ?p ?o . FILTER(isIRI(?o) || LANG(?o) = 'de') }"
IN_NAMED = "SELECT ?g { GRAPH ?g { ?s ?p ?o . FILTER(isIRI(?o) || LANG(?o) = 'de') } }"
BOTH = [ASSERTED, INFERRED]

ANSWERED: dict[str, tuple[dict[str, Any], str | list[dict[str, str]]]] = {
    "query_get": ({"params": {"query": "ASK {}"}}, "true"),
    "query_post_form": ({"method": "POST", "data": {"query": "ASK {}"}}, "true"),
    "query_post_direct": ({"method": "POST", "content": "ASK {}", "headers": SPARQL}, "true"),
    "query_dataset_default_graphs_get": ({"params": {"query": IN_DEFAULT, "default-graph-uri": BOTH}}, [{"s": E + "tp53"}] * 2),
    "query_dataset_default_graphs_post": (
        {"method": "POST", "params": {"default-graph-uri": BOTH}, "content": IN_DEFAULT, "headers": SPARQL},
        [{"s": E + "tp53"}] * 2,
    ),
    "query_dataset_named_graphs_get": ({"params": {"query": IN_NAMED, "named-graph-uri": BOTH}}, [{"g": ASSERTED}, {"g": INFERRED}]),
    "query_dataset_named_graphs_post": (
        {"method": "POST", "params": {"named-graph-uri": BOTH}, "content": IN_NAMED, "headers": SPARQL},
        [{"g": ASSERTED}, {"g": INFERRED}],
    ),
    "query_dataset_full": (
        {
            "params": {
                "query": f"SELECT ?s ?g {IN_DEFAULT[10:-1]} GRAPH ?g {{ ?s ?q ?x }} }}",
                "default-graph-uri": ASSERTED,
                "named-graph-uri": INFERRED,
            }
        },
        [{"s": E + "tp53", "g": INFERRED}],
    ),
    "query_multiple_dataset": (  # what the protocol names wins over what the query names
        {"params": {"query": IN_DEFAULT.replace("{", f"FROM <{INFERRED}> {{", 1), "default-graph-uri": ASSERTED}},
        [{"s": E + "tp53"}],
    ),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_a_query_is_answered(client: httpx.Client, name: str) -> None:  # noqa: F811
    request, expected = ANSWERED[name]
    response = client.request(**{"method": "GET", "url": "/sparql", **request})
    if expected == "true":
        assert (response.status_code, response.json()) == (200, {"head": {}, "boolean": True})
    else:
        assert sorted(bindings(response), key=str) == expected


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        (
            "SELECT ?s { ?s ?p ?o } LIMIT 1",
            {"application/sparql-results+xml", "application/sparql-results+json", "text/tab-separated-values", "text/csv"},
        ),
        ("ASK {}", {"application/sparql-results+xml", "application/sparql-results+json"}),
        (f"DESCRIBE <{E}tp53>", {"application/rdf+xml", "text/turtle", "application/n-triples", "application/ld+json"}),
        (
            f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o . ?s <{E}name> ?n }}",
            {"application/rdf+xml", "text/turtle", "application/n-triples", "application/ld+json"},
        ),
    ],
    ids=["query_content_type_select", "query_content_type_ask", "query_content_type_describe", "query_content_type_construct"],
)
def test_the_answer_has_a_type_that_fits_the_query(client: httpx.Client, form: str, kinds: set[str]) -> None:  # noqa: F811
    for asked in ({}, *({"Accept": kind} for kind in kinds)):
        response = client.get("/sparql", params={"query": form}, headers=asked)
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] in ({asked["Accept"]} if asked else kinds)


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "bad_query_method": (405, {"method": "PUT", "params": {"query": "ASK {}"}}),
    "bad_multiple_queries": (400, {"params": {"query": ["ASK {}", "SELECT * {}"]}}),
    "bad_query_wrong_media_type": (415, {"method": "POST", "content": "ASK {}", "headers": {"Content-Type": "text/plain"}}),
    "bad_query_missing_form_type": (415, {"method": "POST", "content": "query=ASK%20%7B%7D"}),
    "bad_query_missing_direct_type": (415, {"method": "POST", "content": "ASK {}"}),
    "bad_query_non_utf8": (400, {"method": "POST", "content": "ASK { ?s ?p 'é' }".encode("utf-16"), "headers": SPARQL}),
    "bad_query_syntax": (400, {"params": {"query": "ASK {"}}),
    "bad_update_get": (403, {"params": {"update": "CLEAR NAMED"}}),
    "bad_multiple_updates": (403, {"method": "POST", "content": "update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", "headers": FORM}),
    "bad_update_wrong_media_type": (415, {"method": "POST", "content": "CLEAR NAMED", "headers": {"Content-Type": "text/plain"}}),
    "bad_update_missing_form_type": (415, {"method": "POST", "content": "update=CLEAR%20NAMED"}),
    "bad_update_non_utf8": (403, {"method": "POST", "content": "CLEAR NAMED".encode("utf-16"), "headers": UPDATE}),
    "bad_update_syntax": (403, {"method": "POST", "data": {"update": "CLEAR XYZ"}}),
    "bad_update_dataset_conflict": (403, {"method": "POST", "data": {"update": "CLEAR NAMED", "using-graph-uri": ASSERTED}}),
    "update_post_form": (403, {"method": "POST", "data": {"update": "CLEAR ALL"}}),
    "update_post_direct": (403, {"method": "POST", "content": "CLEAR ALL", "headers": UPDATE}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_bad_or_an_update_is_refused_and_changes_nothing(client: httpx.Client, name: str) -> None:  # noqa: F811
    def held() -> list[dict[str, str]]:
        return bindings(client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"}))

    before = held()
    status, request = REFUSED[name]
    response = client.request(**{"method": "GET", "url": "/sparql", **request})
    assert response.status_code == status
    assert held() == before


def test_an_answer_that_a_client_has_is_not_sent_again(client: httpx.Client) -> None:  # noqa: F811
    query = {"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"}
    first = client.get("/sparql", params=query, headers={"Accept": "text/csv"})
    again = client.get("/sparql", params=query, headers={"Accept": "text/csv", "If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get("/sparql", params=query, headers={"Accept": "application/json", "If-None-Match": first.headers["etag"]}).status_code == 200
    assert client.post("/sparql", data=query, headers={"Accept": "text/csv", "If-None-Match": first.headers["etag"]}).status_code == 200
    assert "etag" not in client.get("/sparql", params={"query": "ASK {"}).headers
