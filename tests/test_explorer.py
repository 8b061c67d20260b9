"""The pages of `ctres serve`, and the same content for programs: linked data, questions, reconciliation, OpenAPI."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest
from markup import Page
from test_questions import NAMES, VALUES

pytest.importorskip("httpx")
pytest.importorskip("starlette")

import pyoxigraph as ox
from starlette.testclient import TestClient
from test_web import LINUX, RUNAWAY, eventually

from ctres import web
from ctres.knowledge import KnowledgeBase
from ctres.terms import BASE
from ctres.web import pages

PAGES = (
    "/",
    "/search?q=hypoxia&all",
    "/search?q=nothinglikethis",
    "/questions",
    "/questions/transitions",
    "/questions/resistance-factors",
    "/questions/resistance-factors?therapy=doxorubicin&cancer=breast+cancer",
    "/questions/resistance-factors?therapy=nonsense",
    "/why",
    "/why?subject=G-CSF&relation=awakening+strategy",
    "/why?subject=SOX2&relation=dormancy+factor",
    "/states",
    "/editor",
    "/miR21",
    "/ankathil2019-0039",
    "/Drug",
    "/promotes",
    "/nonsense",
)
RDF = {"text/turtle": ox.RdfFormat.TURTLE, "application/ld+json": ox.RdfFormat.JSON_LD, "application/n-triples": ox.RdfFormat.N_TRIPLES}
RDF |= {"application/rdf+xml": ox.RdfFormat.RDF_XML}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(web.app()) as running:
        yield running


@pytest.fixture(scope="module")
def browser(client: TestClient) -> TestClient:
    """The same server, asked as browsers ask."""
    asking = TestClient(client.app, follow_redirects=False)
    asking.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    return asking


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_well_formed_and_can_be_used_without_seeing_it(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.status_code == {"/nonsense": 404, "/questions/resistance-factors?therapy=nonsense": 400}.get(path, 200)
    page = Page(answer.text)
    assert page.all("html", "lang") == ["en"]
    assert [tag for tag, _ in page.found].count("h1") == 1
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.found}
    names = page.all("label", "for")
    for tag, attributes in page.found:
        if tag in ("input", "textarea"):
            assert attributes["id"] in names, attributes
        if tag == "img":
            assert attributes["alt"]
        assert not {"style", "onclick", "onload"} & set(attributes)
    identifiers = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_every_link_of_the_pages_leads_somewhere(browser: TestClient) -> None:
    links = {link for path in PAGES for link in Page(browser.get(path).text).all("a", "href") if link.startswith("/")}
    assert len(links) > 150
    for link in sorted(links):
        assert browser.get(link).status_code in (200, 303), link


def test_a_name_leads_to_its_term_and_words_to_a_list(browser: TestClient) -> None:
    assert browser.get("/search", params={"q": "5-FU"}).headers["location"] == "/fluorouracil"
    assert browser.get("/search", params={"q": "CHEBI:28748"}).headers["location"] == "/doxorubicin"
    assert "the first 50" in browser.get("/search", params={"q": "resistance", "all": ""}).text
    assert 'href="/search?q=doxorubicin"' in browser.get("/search", params={"q": "doxorubicine"}).text
    assert "hypoxia" in {one["label"] for one in browser.get("/suggest", params={"q": "hypox"}).json()}


def test_a_term_page_has_what_is_known_of_it(browser: TestClient, kb: KnowledgeBase) -> None:
    page = Page(browser.get("/miR21").text)
    term = kb["miR-21"]
    assert term.definition in page.text
    for finding in term.findings:
        assert finding.label in page.text
        assert finding.citation in page.text
    for kind in term.kinds:
        assert kind.label in page.text
    links = page.all("a", "href")
    assert "https://doi.org/10.1016/j.arcmed.2011.06.008" in links
    assert "/why?subject=ctres%3AmiR21&relation=promotes&value=ctres%3AdoxorubicinResistance" in links
    assert "finding “miR-21 promotes doxorubicin resistance" in Page(browser.get(links[links.index(
        "/why?subject=ctres%3AmiR21&relation=promotes&value=ctres%3AdoxorubicinResistance")]).text).text  # fmt: skip


def test_no_term_stands_at_the_address_of_a_page(kb: KnowledgeBase) -> None:
    taken = {route.path.strip("/").partition("/")[0] for route in pages.ROUTES} | {"sparql", "reconcile", "openapi.json"}
    assert not [term.iri for term in kb if term.iri.removeprefix(BASE) in taken]


# -- linked data


@pytest.mark.parametrize("media", RDF)
@pytest.mark.parametrize("local", ["miR21", "ankathil2019-0039", "wang2011MicroRNA21", "Drug", "promotes"])
def test_terms_findings_publications_classes_and_properties_dereference(client: TestClient, kb: KnowledgeBase, local: str, media: str) -> None:
    answer = client.get(f"/{local}", headers={"Accept": f"{media}, text/html;q=0.5"})
    assert answer.headers["content-type"].partition(";")[0] == media
    assert answer.headers["vary"].startswith("Accept")
    about = ox.NamedNode(BASE + local)
    stated = {str(q.triple) for q in ox.parse(answer.content, format=RDF[media]) if q.subject == about and not isinstance(q.object, ox.BlankNode)}
    known = {str(t) for t in kb.store.about(about) if not isinstance(t.object, ox.BlankNode)}
    assert stated == known
    assert client.get(f"/{local}", params={"format": media}).content == answer.content


def test_the_ontology_is_at_the_root(client: TestClient, kb: KnowledgeBase) -> None:
    answer = client.get("/", headers={"Accept": "text/turtle"})
    assert sum(1 for _ in ox.parse(answer.content, format=ox.RdfFormat.TURTLE)) == sum(1 for _ in kb.store.triples(graph=BASE + "graph/asserted"))


@pytest.mark.parametrize("media", RDF)
def test_the_server_says_how_much_there_is(client: TestClient, kb: KnowledgeBase, media: str) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": media})
    told = {(q.predicate.value.rpartition("#")[2], q.object.value) for q in ox.parse(answer.content, format=RDF[media]) if hasattr(q.object, "value")}
    assert ("triples", str(sum(1 for _ in kb.store.triples()))) in told
    assert {("entities", "2110"), ("sparqlEndpoint", "http://testserver/sparql")} <= told


def test_what_cannot_be_had_and_what_is_not_there_get_their_status(client: TestClient) -> None:
    assert client.get("/miR21", headers={"Accept": "image/png"}).status_code == 406
    missing = client.get("/doxorubicine", headers={"Accept": "text/turtle"})
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert "Did you mean “doxorubicin”" in missing.text


def test_a_client_that_has_the_content_is_not_sent_it_again(client: TestClient) -> None:
    first = client.get("/miR21", headers={"Accept": "text/turtle"})
    again = client.get("/miR21", headers={"Accept": "text/turtle", "If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/miR21", headers={"Accept": "text/html"}).headers["etag"] != first.headers["etag"]
    assert first.headers["content-encoding"] == "gzip"


# -- questions


@pytest.mark.parametrize("name", NAMES)
def test_each_question_answers_a_person_and_a_program_alike(client: TestClient, browser: TestClient, kb: KnowledgeBase, name: str) -> None:
    answer = kb.ask(name, **VALUES[name])
    table = list(csv.reader(io.StringIO(client.get(f"/questions/{name}", params={**VALUES[name], "format": "csv"}).text)))
    assert table == list(csv.reader(io.StringIO(answer.to_csv())))
    rows = client.get(f"/questions/{name}", params=VALUES[name], headers={"Accept": "application/json"}).json()
    assert rows == json.loads(answer.to_json())
    page = Page(browser.get(f"/questions/{name}", params=VALUES[name]).text)
    assert f"{len(answer)} row" in page.text if answer else "Nothing found." in page.text
    assert [tag for tag, _ in page.found].count("tr") == len(answer) + bool(answer)


def test_a_question_that_cannot_be_answered_says_why(client: TestClient, browser: TestClient) -> None:
    missing = client.get("/questions/resistance-factors", headers={"Accept": "application/json"})
    assert (missing.status_code, missing.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert "needs the parameter “therapy”" in missing.text
    assert "has no parameter “drug”" in client.get("/questions/resistance-factors?drug=x&format=csv").text
    assert "Did you mean “doxorubicin”" in browser.get("/questions/resistance-factors?therapy=doxorubicine").text
    assert client.get("/questions/nothing").status_code == 404
    assert {one["name"] for one in client.get("/questions", headers={"Accept": "application/json"}).json()} == set(NAMES)


def test_pick_lists_hold_the_terms_of_the_kind(browser: TestClient) -> None:
    options = Page(browser.get("/questions/resistance-factors").text).all("option", "value")
    assert {"doxorubicin", "breast cancer"} <= set(options)


# -- services


def test_names_are_reconciled(client: TestClient) -> None:
    manifest = client.get("/reconcile").json()
    assert manifest["versions"] == ["0.2"]
    assert manifest["view"]["url"].endswith("/{{id}}")
    queries = {"a": {"query": "adriamycin"}, "b": {"query": "MET"}, "c": {"query": "doxorubicine"}, "d": {"query": "zzzz"}}
    queries["e"] = {"query": "ER", "type": "ctres:GeneProduct", "limit": 1}
    found = client.post("/reconcile", data={"queries": json.dumps(queries)}).json()
    (sure,) = found["a"]["result"]
    assert (sure["id"], sure["match"], sure["score"]) == ("ctres:doxorubicin", True, 100)
    assert {one["match"] for one in found["b"]["result"]} == {False}
    assert len(found["b"]["result"]) > 1
    assert found["c"]["result"][0]["id"] == "ctres:doxorubicin"
    assert found["c"]["result"][0]["match"] is False
    assert found["d"]["result"] == []
    assert len(found["e"]["result"]) <= 1
    # What the service names leads back to the term.
    assert client.get("/" + sure["id"], headers={"Accept": "text/turtle"}).status_code == 200


@pytest.mark.parametrize("queries", ["", "[", "[]", '{"a": 1}', '{"a": {}}', '{"a": {"query": 1}}'])
def test_queries_that_cannot_be_reconciled_are_refused(client: TestClient, queries: str) -> None:
    answer = client.post("/reconcile", data={"queries": queries})
    assert answer.status_code == 400
    assert "cannot be read" in answer.json()["message"]
    assert client.post("/reconcile", data={"queries": "x" * (2 << 20)}).status_code == 413


def test_the_description_of_the_api_names_what_there_is(client: TestClient) -> None:
    told = client.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert {f"/questions/{name}" for name in NAMES} <= set(told["paths"])
    for path in told["paths"]:
        if "{" not in path:
            assert client.get(path).status_code in (200, 400), path


def test_the_server_says_that_it_runs_and_is_ready(client: TestClient) -> None:
    assert client.get("/health").text == "ok\n"
    assert f"{len(NAMES)} questions" in client.get("/ready").text


# -- safety


@pytest.mark.parametrize("path", ["/", "/miR21", "/sparql?query=ASK%7B%7D", "/nonsense", "/static/explorer.js", "/reconcile"])
def test_browsers_are_bound_and_other_sites_may_read(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"Origin": "https://elsewhere.example"}).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["access-control-allow-origin"] == "*"


HOSTILE = '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    "path", ["/search?q={}", "/questions/resistance-factors?therapy={}", "/why?subject={}&relation={}", "/editor?query={}", "/{}"]
)
def test_what_users_send_is_shown_as_text(browser: TestClient, path: str) -> None:
    from urllib.parse import quote

    answer = browser.get(path.replace("{}", quote(HOSTILE, safe="")))
    assert "<script>alert" not in answer.text
    assert "alert(1)" in answer.text
    Page(answer.text)


def test_a_client_that_asks_too_often_is_asked_to_wait() -> None:
    with TestClient(web.app(limits=web.Limits(rate=2, workers=1))) as hasty:
        statuses = [hasty.get("/health").status_code for _ in range(40)]
    assert statuses[:20] == [200] * 20
    assert 429 in statuses[20:]


@LINUX
def test_a_question_that_takes_too_long_is_stopped_and_others_are_answered() -> None:
    with TestClient(web.app(limits=web.Limits(timeout=2, workers=1))) as client:
        site = client.app.state.site()  # type: ignore[attr-defined]
        site.kb.questions["transitions"].text = RUNAWAY
        stopped = client.get("/questions/transitions", headers={"Accept": "text/html"})
        assert stopped.status_code == 504
        assert "more than the 2 seconds" in Page(stopped.text).text
        asked = client.get("/questions/transitions", headers={"Accept": "text/csv"})
        assert (asked.status_code, asked.headers["content-type"]) == (504, "text/plain; charset=utf-8")
        assert eventually(lambda: client.get("/questions/members-of?kind=microRNA&format=csv").status_code == 200)


@pytest.mark.parametrize("path", ["/questions/resistance-factors?therapy=doxorubicin", "/miR21"])
def test_a_page_that_needs_too_large_a_result_says_so(path: str) -> None:
    with TestClient(web.app(limits=web.Limits(result=500, workers=1))) as client:
        refused = client.get(path, headers={"Accept": "text/html"})
        assert refused.status_code == 507
        assert "larger than the 500 bytes" in refused.text
        assert client.get("/health").status_code == 200


def test_a_page_waits_its_turn_and_says_when_to_come_again() -> None:
    with TestClient(web.app(limits=web.Limits(waiting=0, workers=1))) as client:
        client.app.state.pool._idle.get_nowait()  # type: ignore[attr-defined]
        busy = client.get("/questions/transitions", headers={"Accept": "text/html"})
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "10")
        assert "busy" in busy.text


def test_pictures_are_drawn_where_they_can_be(client: TestClient) -> None:
    pytest.importorskip("matplotlib")
    for path in ("/picture/miR21.svg", "/picture/states.svg"):
        answer = client.get(path)
        assert answer.headers["content-type"] == "image/svg+xml"
        assert re.match(rb"<\?xml|<svg", answer.content)
    assert client.get("/picture/nonsense.svg").status_code == 404


def test_nothing_outside_the_folder_is_served(client: TestClient) -> None:
    for path in ("/static/..%2Fsite.py", "/static/%2Fetc%2Fpasswd", "/static/style.css%00", "/static/nothing.css"):
        assert client.get(path).status_code == 404, path
