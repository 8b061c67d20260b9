"""The SPARQL endpoint, asked over HTTP as clients ask it: `ctres.web` in a process of its own on a loopback port."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

httpx = pytest.importorskip("httpx")
pytest.importorskip("uvicorn")

import pyoxigraph as ox  # noqa: E402
import rdflib  # noqa: E402
from rdflib.plugins.stores.sparqlstore import SPARQLStore  # noqa: E402
from SPARQLWrapper import CSV, JSON, N3, POST, TURTLE, XML, SPARQLWrapper  # noqa: E402
from test_questions import VALUES  # noqa: E402

from ctres import web  # noqa: E402
from ctres.errors import CtresError, MissingExtraError  # noqa: E402
from ctres.questions import Questions  # noqa: E402
from ctres.store import Store  # noqa: E402
from ctres.terms import ASSERTED, INFERRED, LOOKUP  # noqa: E402
from ctres.web.evaluation import GRAPH_TYPES, SOLUTION_TYPES  # noqa: E402
from ctres.web.negotiation import choose  # noqa: E402
from ctres.web.storage import store_folder  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ctres.knowledge import KnowledgeBase

E = "http://example.org/"
SD = "http://www.w3.org/ns/sparql-service-description#"
TIMEOUT = 2.0
DIED = re.compile(r"more memory|took more than|brought down")

SELECT = f"SELECT ?name WHERE {{ <{E}tp53> <{E}name> ?name }}"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{E}tp53> <{E}name> ?name }}"
ASK = f"ASK {{ <{E}tp53> <{E}name> ?name }}"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(STR(?c) < STR(?f)) }"
PARENTHESES = f"SELECT * {{ FILTER({'(' * 10_000}1{')' * 10_000}) }}"

GROWTH = 'SELECT (STRLEN(?z) AS ?n) { BIND("%s" AS ?x) BIND(REPLACE(?x, "a", ?x) AS ?y) BIND(REPLACE(?y, "a", ?x) AS ?z) }' % ("a" * 1000)

LINUX = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes and memory limits are looked at as Linux has them")


# -- a server of one's own


class Server:
    """A server process, where it listens, and what it printed."""

    def __init__(self, store: str, call: str) -> None:
        code = f"from ctres.web import Limits, serve; serve(port=0, store={store!r}, {call})"
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
        watch = threading.Timer(20, self.process.kill)  # bounds the wait for the line below
        watch.start()
        self.line = self.process.stdout.readline()
        watch.cancel()
        found = re.search(r"http://127\.0\.0\.1:\d+/sparql", self.line)
        assert found, f"no address in {self.line!r}; {self.process.communicate(timeout=20)}"
        self.url = found[0]

    def children(self) -> set[int]:
        """The processes that the server has started and that run."""
        found = set()
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
                if int(parent) == self.process.pid and state != "Z":
                    found.add(int(name))
        return found

    def end(self, number: int = signal.SIGTERM, *, group: bool = False) -> tuple[int, str]:
        """The exit status after a signal to the server, or to all its processes, and what was printed as error."""
        (os.killpg if group else os.kill)(self.process.pid, number)
        try:
            errors = self.process.communicate(timeout=15)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, errors


@contextlib.contextmanager
def serving(store: str, call: str) -> Iterator[Server]:
    server = Server(store, call)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with one gene whose name is asserted, one type that is inferred, one look-up triple, and some bulk."""
    folder = str(tmp_path_factory.mktemp("web") / "store")
    made = Store.create(folder)
    bulk = [ox.Triple(ox.NamedNode(f"{E}{i}"), ox.NamedNode(f"{E}number"), ox.Literal(f"{i:060}")) for i in range(5000)]
    made.add([ox.Triple(ox.NamedNode(f"{E}tp53"), ox.NamedNode(f"{E}name"), ox.Literal("p53 “Wächter”, α\t\n", language="de")), *bulk], ASSERTED)
    made.add_facts([(f"{E}tp53", f"{E}type", f"{E}Gene")], INFERRED)
    made.add_facts([(f"{E}tp53", f"{E}found", f"{E}Index")], LOOKUP)
    made.finish()
    return folder


@pytest.fixture(scope="session")
def server(store: str) -> Iterator[Server]:
    with serving(store, f"timeout={TIMEOUT}, limits=Limits(memory=128 << 20, result=2 << 20, url=20_000, body=100_000)") as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url.removesuffix("sparql"), timeout=30) as opened:
        yield opened


def bindings(response: httpx.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return [{name: value["value"] for name, value in row.items()} for row in response.json()["results"]["bindings"]]


def runs(pid: int) -> bool:
    """Whether a process runs still; one that only waits to be reaped does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


# -- asking


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "GET", "params": {"query": SELECT}},
        {"method": "POST", "data": {"query": SELECT}},
        {"method": "POST", "content": SELECT.encode(), "headers": {"Content-Type": "application/sparql-query"}},
        {"method": "POST", "content": SELECT.encode(), "headers": {"Content-Type": "Application/SPARQL-query; charset=UTF-8"}},
    ],
    ids=["get", "form", "direct", "direct-charset"],
)
def test_each_way_to_ask_gives_the_same_answer(client: httpx.Client, request_: dict) -> None:
    response = client.request(url="/sparql", **request_)
    assert bindings(response) == [{"name": "p53 “Wächter”, α\t\n"}]
    assert response.headers["content-type"] == "application/sparql-results+json"


def test_a_query_in_utf_8_is_understood_in_each_form(client: httpx.Client) -> None:
    query = 'SELECT ("α + β & 50%" AS ?x) {}'
    direct = client.post("/sparql", content=query.encode(), headers={"Content-Type": "application/sparql-query"})
    answers = [client.get("/sparql", params={"query": query}), client.post("/sparql", data={"query": query}), direct]
    assert [bindings(answer) for answer in answers] == [[{"x": "α + β & 50%"}]] * 3


def test_head_is_get_without_the_body(client: httpx.Client) -> None:
    got, head = (client.request(method, "/sparql", params={"query": SELECT}) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == got.headers[name]


def test_prefixes_of_ctres_need_no_declaration(client: httpx.Client) -> None:
    assert bindings(client.get("/sparql", params={"query": "SELECT (rdfs:label AS ?x) {}"})) == [{"x": str(rdflib.RDFS.label)}]


# -- the canned questions


@pytest.fixture(scope="session")
def released() -> Iterator[Callable[[str], httpx.Response]]:
    """Asks a server of CTRES itself."""
    with store_folder() as folder, serving(folder, "timeout=20") as running, httpx.Client(timeout=30) as opened:
        yield lambda query: opened.post(running.url, data={"query": query})


@pytest.mark.parametrize("name", sorted(Questions()))
def test_every_question_answers_at_the_endpoint_as_in_python(released: Callable[[str], httpx.Response], kb: KnowledgeBase, name: str) -> None:
    question = Questions()[name]
    query = question.text
    for parameter, value in VALUES[name].items():  # as a person would who has the file and nothing else
        select, where, body = query.partition("WHERE")
        body = re.sub(rf"(SELECT|GROUP BY)( (?:\?_\w+ )*?)\?_{parameter}\b", r"\1\2", body)  # a sub-query for counting
        query = select.replace(f"?_{parameter} ", "") + where + re.sub(rf"\?_{parameter}\b", f"<{kb[value].iri}>", body)
    columns = [column.name for column in question.columns if column.count != "*"]
    answer = kb.ask(name, **VALUES[name])
    found = {tuple(row.get(column) for column in columns) for row in bindings(released(query))}
    assert answer.rows
    assert found == {tuple(None if row[column] is None else str(getattr(row[column], "iri", row[column])) for column in columns) for row in answer}


# -- which graphs

PREDICATES = f"SELECT ?p {{ <{E}tp53> ?p ?o }}"
NAMED = f"SELECT ?p {{ GRAPH ?g {{ <{E}tp53> ?p ?o }} }}"


@pytest.mark.parametrize(
    ("query", "parameters", "expected"),
    [
        (PREDICATES, {}, {"name", "type"}),
        (PREDICATES, {"default-graph-uri": LOOKUP}, {"found"}),
        (PREDICATES, {"default-graph-uri": [INFERRED, LOOKUP]}, {"type", "found"}),
        (PREDICATES, {"named-graph-uri": ASSERTED}, set()),
        (PREDICATES, {"default-graph-uri": f"{E}none"}, set()),
        (PREDICATES.replace("{", f"FROM <{LOOKUP}> {{", 1), {}, {"found"}),
        (PREDICATES.replace("{", f"FROM <{LOOKUP}> {{", 1), {"default-graph-uri": INFERRED}, {"type"}),
        (PREDICATES.replace("{", "{ # FROM\n BIND('FROM' AS ?from)", 1), {}, {"name", "type"}),
        (NAMED, {}, {"name", "type", "found"}),
        (NAMED, {"named-graph-uri": [ASSERTED, LOOKUP]}, {"name", "found"}),
        (NAMED, {"default-graph-uri": ASSERTED}, set()),
        (NAMED, {"default-graph-uri": ASSERTED, "named-graph-uri": INFERRED}, {"type"}),
        (NAMED.replace("{", f"FROM NAMED <{LOOKUP}> {{", 1), {}, {"found"}),
        (NAMED.replace("{", f"FROM NAMED <{LOOKUP}> {{", 1), {"named-graph-uri": INFERRED}, {"type"}),
    ],
)
def test_the_request_names_the_graphs_before_the_query_does(client: httpx.Client, query: str, parameters: dict, expected: set[str]) -> None:
    by_url = client.get("/sparql", params={"query": query, **parameters})
    by_form = client.post("/sparql", data={"query": query, **parameters})
    direct = client.post("/sparql", params=parameters, content=query, headers={"Content-Type": "application/sparql-query"})
    for response in (by_url, by_form, direct):
        assert {row["p"].removeprefix(E) for row in bindings(response)} == expected


# -- in which form


def rows_of(media: str, text: str) -> list[str]:
    if "json" in media:
        return [row["name"]["value"] for row in json.loads(text)["results"]["bindings"]]
    if "xml" in media:
        return [str(row[0]) for row in rdflib.query.Result.parse(io.BytesIO(text.encode()), format="xml")]
    if "csv" in media:
        return [row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    return [str(row[0]) for row in rdflib.query.Result.parse(io.BytesIO(text.encode()), format="tsv")]


@pytest.mark.parametrize("media", sorted(SOLUTION_TYPES) or pytest.fail("no media types"))
def test_solutions_in_each_media_type(client: httpx.Client, media: str) -> None:
    response = client.get("/sparql", params={"query": SELECT}, headers={"Accept": media})
    assert response.headers["content-type"].split(";")[0] == media
    assert rows_of(media, response.content.decode()) == ["p53 “Wächter”, α\t\n"]
    asked = client.get("/sparql", params={"query": ASK}, headers={"Accept": media})
    assert asked.headers["content-type"].split(";")[0] == media
    assert "true" in asked.text


@pytest.mark.parametrize("media", sorted(GRAPH_TYPES) or pytest.fail("no media types"))
@pytest.mark.parametrize("query", [CONSTRUCT, f"DESCRIBE <{E}tp53> FROM <{ASSERTED}>"])
def test_graphs_in_each_media_type(client: httpx.Client, media: str, query: str) -> None:
    response = client.get("/sparql", params={"query": query}, headers={"Accept": media})
    assert response.headers["content-type"].split(";")[0] == media
    syntax = {"application/xml": "xml", "application/rdf+xml": "xml", "application/n-triples": "nt", "text/turtle": "turtle"}.get(media, "json-ld")
    expected = (rdflib.URIRef(f"{E}tp53"), rdflib.URIRef(f"{E}name"), rdflib.Literal("p53 “Wächter”, α\t\n", lang="de"))
    assert set(rdflib.Graph().parse(data=response.content.decode(), format=syntax)) == {expected}


JSON_RESULTS, XML_RESULTS = "application/sparql-results+json", "application/sparql-results+xml"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON_RESULTS),
        ("*/*", JSON_RESULTS),
        ("text/*", "text/csv"),
        ("text/csv;q=0.5, text/tab-separated-values", "text/tab-separated-values"),
        (f"{JSON_RESULTS};q=0.1,{XML_RESULTS};q=0.2", XML_RESULTS),
        (f"*/*, {JSON_RESULTS};q=0", XML_RESULTS),
        (f"*/*;q=0.9, {JSON_RESULTS};q=0.2", XML_RESULTS),
        ("TEXT/CSV ; charset=utf-8 ; Q=0.3, image/png", "text/csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"),
        ("text/csv;q=nonsense, */*;q=0.1", JSON_RESULTS),
        ("image/png", None),
        (f"{JSON_RESULTS};q=0", None),
        (";;,q=", None),
    ],
)
def test_the_client_gets_what_it_likes_best(accept: str, expected: str | None) -> None:
    assert choose(accept, SOLUTION_TYPES) == expected


@pytest.mark.parametrize(
    ("query", "accept", "offered"),
    [
        (SELECT, "text/turtle", SOLUTION_TYPES),
        (ASK, "image/png", SOLUTION_TYPES),
        (CONSTRUCT, "text/csv", GRAPH_TYPES),
        (None, "text/csv", GRAPH_TYPES),
    ],
)
def test_what_cannot_be_had_is_406_with_what_can(client: httpx.Client, query: str | None, accept: str, offered: dict) -> None:
    response = client.get("/sparql", params={"query": query} if query else None, headers={"Accept": accept})
    assert response.status_code == 406
    assert ", ".join(offered) in response.text


@pytest.mark.parametrize("media", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"])
def test_the_service_describes_itself(client: httpx.Client, server: Server, media: str) -> None:
    response = client.get("/sparql", headers={"Accept": media})
    assert response.headers["content-type"].split(";")[0] == media
    syntax = {"text/turtle": "turtle", "application/n-triples": "nt", "application/rdf+xml": "xml"}.get(media, "json-ld")
    graph = rdflib.Graph().parse(data=response.text, format=syntax)
    assert graph.value(predicate=rdflib.URIRef(SD + "endpoint"), object=rdflib.URIRef(server.url)) == rdflib.URIRef(server.url)
    assert {str(name) for name in graph.objects(predicate=rdflib.URIRef(SD + "name"))} == {ASSERTED, INFERRED, LOOKUP}
    assert client.head("/sparql").status_code == 200


# -- what standard clients make of it


def test_a_body_that_does_not_arrive_is_not_waited_for(store: str) -> None:
    with serving(store, "timeout=2, limits=Limits(workers=1, arrival=0.5)") as server:
        address = httpx.URL(server.url)
        with socket.create_connection((address.host, address.port), timeout=20) as slow:
            slow.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\nASK")
            with slow.makefile("rb") as stream:
                status, head = stream.readline(), b"".join(iter(stream.readline, b"\r\n"))
                reason = stream.read(int(re.search(rb"content-length: (\d+)", head)[1]))
        assert status.startswith(b"HTTP/1.1 408 ")
        assert reason == b"The body did not arrive within 0.5 seconds.\n"


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper(server: Server, method: str) -> None:
    wrapper = SPARQLWrapper(server.url)
    wrapper.setMethod(method)
    wrapper.setTimeout(20)

    def ask(query: str, form: str) -> object:
        wrapper.setQuery(query)
        wrapper.setReturnFormat(form)
        return wrapper.queryAndConvert()

    assert ask(SELECT, JSON)["results"]["bindings"][0]["name"] == {"type": "literal", "value": "p53 “Wächter”, α\t\n", "xml:lang": "de"}
    assert ask(ASK, JSON)["boolean"] is True
    assert "p53 “Wächter”" in ask(SELECT, XML).toxml()
    assert ask(SELECT, CSV).decode().startswith("name\r\n")
    assert len(rdflib.Graph().parse(data=ask(CONSTRUCT, TURTLE))) == 1
    assert len(rdflib.Graph().parse(data=ask(CONSTRUCT, N3))) == 1
    assert len(ask(CONSTRUCT, XML)) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_store(server: Server, method: str) -> None:
    graph = rdflib.Graph(SPARQLStore(server.url, method=method))
    assert [str(row.name) for row in graph.query(SELECT)] == ["p53 “Wächter”, α\t\n"]
    assert bool(graph.query(ASK))
    assert len(graph.query(CONSTRUCT).graph) == 1
    assert (rdflib.URIRef(f"{E}tp53"), rdflib.URIRef(f"{E}type"), rdflib.URIRef(f"{E}Gene")) in graph
    inferred = rdflib.Graph(SPARQLStore(server.url, method=method), identifier=rdflib.URIRef(INFERRED))
    assert {str(p) for p in inferred.predicates(rdflib.URIRef(f"{E}tp53"))} == {f"{E}type"}


def test_pandas_reads_an_answer_from_its_address(server: Server) -> None:
    pandas = pytest.importorskip("pandas")
    address = str(httpx.URL(server.url, params={"query": SELECT}))
    frame = pandas.read_csv(address, storage_options={"Accept": "text/csv"})
    assert list(frame["name"]) == ["p53 “Wächter”, α\t\n"]


def test_the_home_page_says_what_this_is(client: httpx.Client, server: Server) -> None:
    response = client.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert 'href="/sparql"' in response.text
    assert "For research, not medical advice" in response.text
    assert "For research, not medical advice" in server.line
    assert '"><script>' not in client.get("/", headers={"Host": '"><script>'}).text
    assert client.get("/sparql", headers={"Host": '"><script> <x>'}).status_code in (200, 400)


# -- what is refused

SPARQL = {"Content-Type": "application/sparql-query"}
SERVICE = "SERVICE <http://127.0.0.1:9/> { ?a ?b ?c }"


@pytest.mark.parametrize(
    ("status", "says", "request_"),
    [
        (400, "not valid SPARQL", {"params": {"query": "SELECT"}}),
        (400, "not valid SPARQL", {"params": {"query": ""}}),
        (400, "not valid SPARQL", {"params": {"query": "INSERT DATA { <a:a> <a:b> <a:c> }"}}),
        (400, "exactly one parameter", {"params": {"query": [SELECT, SELECT]}}),
        (400, "exactly one parameter", {"params": {"default-graph-uri": ASSERTED}}),
        (400, "exactly one parameter", {"method": "POST", "data": {"other": "x"}}),
        (400, "exactly one parameter", {"method": "POST", "params": {"query": SELECT}, "data": {"query": SELECT}}),
        (400, "exactly one parameter", {"method": "POST", "params": {"query": SELECT}, "content": SELECT, "headers": SPARQL}),
        (400, "UTF-8", {"method": "POST", "content": b"SELECT \xff", "headers": SPARQL}),
        (400, "UTF-8", {"url": "/sparql?query=%FF"}),
        (400, "parameters", {"url": "/sparql?" + "a=b&" * 2000}),
        (400, "cannot be answered", {"params": {"query": SELECT, "default-graph-uri": "not an IRI"}}),
        (400, "custom function", {"params": {"query": f"SELECT (<{E}f>(1) AS ?x) {{}}"}}),
        (400, "SERVICE is refused", {"params": {"query": f"SELECT * {{ {SERVICE} }}"}}),
        (400, "SERVICE is refused", {"params": {"query": f"SELECT * {{ {{ SELECT * {{ service silent{SERVICE[7:]} }} }} }}"}}),
        (400, "SERVICE is refused", {"params": {"query": f"PREFIX : <{E}> SELECT * {{ ?s ?p :.{SERVICE} }}"}}),
        (400, "SERVICE is refused", {"params": {"query": f"SELECT * {{ ?s ?p 5.{SERVICE} }}"}}),
        (403, "read only", {"method": "POST", "data": {"update": "DROP ALL"}}),
        (403, "read only", {"method": "POST", "data": {"update": "DROP ALL", "query": SELECT}}),
        (403, "read only", {"params": {"update": "DROP ALL"}}),
        (403, "read only", {"method": "POST", "content": "DROP ALL", "headers": {"Content-Type": "application/sparql-update"}}),
        (404, "no term is called", {"url": "/other"}),
        (413, "longer than", {"method": "POST", "content": b"#" * 100_001, "headers": SPARQL}),
        (414, "longer than", {"params": {"query": "#" * 20_001}}),
        (415, "must be application/sparql-query", {"method": "POST", "content": SELECT, "headers": {"Content-Type": "text/plain"}}),
        (415, "no stated type", {"method": "POST", "content": SELECT}),
        (415, "UTF-8", {"method": "POST", "content": SELECT, "headers": {"Content-Type": "application/sparql-query; charset=latin-1"}}),
        (415, "compressed", {"method": "POST", "content": SELECT, "headers": {**SPARQL, "Content-Encoding": "gzip"}}),
        (507, "larger than", {"params": {"query": "SELECT ?a ?b ?c ?d ?e ?f { ?a ?b ?c . ?d ?e ?f }"}}),
    ],
)
def test_a_bad_request_gets_its_status_and_one_clear_line(client: httpx.Client, status: int, says: str, request_: dict) -> None:
    response = client.request(**{"method": "GET", "url": "/sparql", **request_})
    assert (response.status_code, response.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert says in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405_and_told_which_are_allowed(client: httpx.Client, method: str) -> None:
    response = client.request(method, "/sparql", params={"query": SELECT})
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


# -- hostile queries


def answers_well(client: httpx.Client) -> bool:
    return client.get("/sparql", params={"query": ASK}).json() == {"head": {}, "boolean": True}


def workers(server: Server) -> set[int]:
    """The query processes: those children that Python started for `spawn_main`."""
    found = set()
    for pid in server.children():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            if "spawn_main" in file.read():
                found.add(pid)
    return found


@LINUX
def test_a_runaway_query_is_stopped_in_time_and_its_process_is_gone(client: httpx.Client, server: Server) -> None:
    assert eventually(lambda: len(workers(server)) == 2)
    before, good = workers(server), 0
    with concurrent.futures.ThreadPoolExecutor() as threads:
        start = time.monotonic()
        runaway = threads.submit(httpx.post, server.url, data={"query": RUNAWAY}, timeout=30)
        while not runaway.done():
            assert answers_well(client)
            good += 1
        took = time.monotonic() - start
    assert runaway.result().status_code == 504
    assert f"more than the {TIMEOUT:g} seconds" in runaway.result().text
    assert TIMEOUT <= took < TIMEOUT + 1
    assert good > 20
    assert len(before & workers(server)) == 1, "one of the two processes is gone, the other was left alone"
    assert eventually(lambda: len(workers(server)) == 2)


@LINUX
@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        (PARENTHESES, {500}),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f", {507}),
        ("SELECT (COUNT(*) AS ?n) { SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f } }", {504, 507}),
        ("SELECT (GROUP_CONCAT(CONCAT(?c, ?f)) AS ?x) { ?a ?b ?c . ?d ?e ?f }", {504, 507}),
        (GROWTH, {507}),
        ("service:" * 2000, {400, 504}),
    ],
    ids=["parentheses", "order", "distinct", "concat", "growth", "regular-expression"],
)
def test_a_bomb_hurts_only_who_sent_it(client: httpx.Client, server: Server, query: str, statuses: set[int]) -> None:
    with concurrent.futures.ThreadPoolExecutor() as threads:
        bomb = threads.submit(httpx.post, server.url, data={"query": query}, timeout=30)
        while not bomb.done():
            assert answers_well(client)
    assert bomb.result().status_code in statuses, bomb.result().text
    assert bomb.result().status_code == 400 or DIED.search(bomb.result().text)
    assert len(bomb.result().text.splitlines()) == 1
    assert answers_well(client)
    assert eventually(lambda: len(workers(server)) == 2)


@LINUX
def test_a_process_may_open_no_more_files_than_the_store_has(server: Server, store: str) -> None:
    def confined(pid: int) -> bool:
        with open(f"/proc/{pid}/limits", encoding="utf-8") as file:
            most = int(re.search(r"Max open files +(\d+)", file.read())[1])
        return most <= len(os.listdir(f"/proc/{pid}/fd")) + len(os.listdir(store))

    assert eventually(lambda: [confined(pid) for pid in workers(server)] == [True, True])


def test_a_crowd_is_turned_away_and_told_when_to_come_back(store: str) -> None:
    with serving(store, "timeout=2, limits=Limits(workers=1, waiting=1)") as small, concurrent.futures.ThreadPoolExecutor() as threads:
        start = time.monotonic()
        crowd = [threads.submit(httpx.post, small.url, data={"query": RUNAWAY}, timeout=30) for _ in range(6)]
        done = [future.result() for future in concurrent.futures.as_completed(crowd)]
        assert done[0].status_code == 503
        assert sorted(response.status_code for response in done)[:4] == [503] * 4
        assert {response.headers.get("retry-after") for response in done if response.status_code == 503} == {"2"}
        assert any(response.status_code == 504 for response in done)
        assert time.monotonic() - start < 6


# -- beginning and end


@LINUX
@pytest.mark.parametrize(("number", "group"), [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, True)])
def test_it_ends_at_once_and_leaves_nothing_behind(store: str, number: int, group: bool) -> None:
    with serving(store, "timeout=60") as server, concurrent.futures.ThreadPoolExecutor() as threads:
        running = threads.submit(httpx.post, server.url, data={"query": RUNAWAY}, timeout=30)
        children = server.children()
        assert len(workers(server)) == 2
        time.sleep(0.3)
        start = time.monotonic()
        status, errors = server.end(number, group=group)
        assert (status, errors) == (0, "")
        assert time.monotonic() - start < 3
        assert running.result().status_code == 503
        assert "shutting down" in running.result().text
        assert eventually(lambda: not any(map(runs, children)))


@LINUX
def test_workers_do_not_outlive_a_server_that_was_killed(store: str) -> None:
    with serving(store, "timeout=0.5") as server, concurrent.futures.ThreadPoolExecutor() as threads:
        running = threads.submit(httpx.post, server.url, data={"query": RUNAWAY}, timeout=30)
        children = server.children()
        assert len(workers(server)) == 2
        time.sleep(0.2)
        server.end(signal.SIGKILL)
        assert isinstance(running.exception(), httpx.TransportError)
        assert eventually(lambda: not any(map(runs, children)))


def test_a_port_in_use_is_one_clear_line(store: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CtresError, match=f"cannot listen on host 127.0.0.1, port {port}: Address already in use") as raised:
            web.serve(port=port, store=store)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"port": 70_000}, "cannot listen"),
        ({"host": "no such host"}, "cannot listen"),
        ({"timeout": 0}, "time limit"),
        ({"timeout": float("inf")}, "time limit"),
        ({"timeout": float("nan")}, "time limit"),
        ({"store": "/nowhere"}, "cannot be opened"),
    ],
)
def test_what_cannot_be_served_is_one_clear_line(store: str, arguments: dict, says: str) -> None:
    with pytest.raises(CtresError, match=says) as raised:
        web.serve(**{"port": 0, "store": store, **arguments})
    assert "\n" not in str(raised.value)


def test_the_application_runs_its_own_workers_in_another_server(store: str) -> None:
    application = web.app(store, limits=web.Limits(workers=1))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with application.router.lifespan_context(application), httpx.AsyncClient(transport=transport, base_url="http://ctres") as client:
            return await client.get("/sparql", params={"query": SELECT})

    for _ in range(2):  # a lifespan can be entered again
        assert bindings(asyncio.run(ask())) == [{"name": "p53 “Wächter”, α\t\n"}]


def test_a_store_built_for_the_occasion_is_removed(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctres.resources.built_store", lambda: None)
    monkeypatch.setattr("ctres.build.build", lambda folder: shutil.copytree(store, folder))
    with store_folder() as folder:
        assert f"{E}tp53" in Store.open(folder)
    assert not os.path.exists(os.path.dirname(folder))


def test_without_its_packages_the_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette", None)
    for start in (web.serve, web.app):
        with pytest.raises(MissingExtraError, match=r"pip install 'ctres\[serve\]'"):
            start()
