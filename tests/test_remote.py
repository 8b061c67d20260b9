"""CTRES on SPARQL servers: the same questions, the same answers, and what happens when a server is not as it should be."""

from __future__ import annotations

import base64
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import PREFIXES
from servers import Fuseki, RealServer, Virtuoso, free_port
from test_questions import NAMES, VALUES

import ctres
from ctres import description
from ctres.answer import Answer
from ctres.cli import main
from ctres.errors import CtresError
from ctres.knowledge import KnowledgeBase
from ctres.questions import Questions
from ctres.terms import ASSERTED, INFERRED, LOOKUP

pytest.importorskip("httpx")

from ctres import remote
from ctres.binding import bind
from ctres.remote.binding import declared, gives_triples, written

JSON = {"Content-Type": "application/sparql-results+json"}
KINDS: dict[str, Callable[[Path], RealServer]] = {"fuseki": Fuseki, "virtuoso": Virtuoso}


# -- queries written out


def test_a_bound_variable_is_replaced_everywhere_but_where_it_is_only_listed() -> None:
    query = '#+ a ?_x\nSELECT DISTINCT ?_x ?y (COUNT(?_x) AS ?n)\nWHERE { ?_x a ?y . ?_xy a ?y . FILTER(?y != "?_x") }\nGROUP BY ?_x ?y\nORDER BY ?y'
    assert " ".join(bind(query, {"_x": "<http://e/a>"}).split()) == (
        'SELECT DISTINCT ?y (COUNT(<http://e/a>) AS ?n) WHERE { <http://e/a> a ?y . ?_xy a ?y . FILTER(?y != "?_x") } GROUP BY ?y ORDER BY ?y'
    )


CONDITION = "ASK {{ ?a a ?b . FILTER(!COALESCE(isIRI(?_x), false) || EXISTS {{ ?_x ?c ?b . FILTER NOT EXISTS {{ ?b ?d ?a }} }}{}) ?b ?e ?f }}"


def test_a_condition_on_a_parameter_that_is_given_becomes_part_of_the_pattern() -> None:
    joined = "ASK { ?a a ?b . <http://e/a> ?c ?b . FILTER NOT EXISTS { ?b ?d ?a } . ?b ?e ?f }"
    assert bind(CONDITION.format(""), {"_x": "<http://e/a>"}) == joined


def test_a_condition_stays_where_the_parameter_is_not_given_or_there_is_another_alternative() -> None:
    assert bind(CONDITION.format(""), {"_y": "<http://e/a>"}) == CONDITION.format("")
    other = CONDITION.format(" || ?_x = ?a")
    assert bind(other, {"_x": "<http://e/a>"}) == other.replace("?_x", "<http://e/a>")


def test_prefixes_that_a_query_uses_are_declared() -> None:
    assert (
        declared("ASK { ?x a ctres:Drug ; <http://skos:x> 1 }")
        == "PREFIX ctres: <https://w3id.org/ctres/>\nASK { ?x a ctres:Drug ; <http://skos:x> 1 }"
    )
    assert declared("PREFIX ctres: <http://mine/>\nASK { ?x a ctres:Drug }").count("PREFIX") == 1


def test_data_are_not_read_as_part_of_the_query() -> None:
    triples = '<http://e/a> <http://e/b> "?graph ?triples \\\\1" .\n'
    assert triples in written("insert.ru", graph="<http://e/g>", triples=triples)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("CONSTRUCT WHERE { ?s ?p ?o }", True),
        ("PREFIX e: <http://select> describe e:x", True),
        ("# CONSTRUCT\nSELECT * {}", False),
        ("ASK {}", False),
    ],
)
def test_the_form_of_a_query_is_known(query: str, form: bool) -> None:
    assert gives_triples(query) == form


# -- servers of other makes


@pytest.fixture(scope="module", params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    running = KINDS[request.param](tmp_path_factory.mktemp(request.param))
    yield running
    running.kill()


@pytest.fixture(scope="module")
def away(server: RealServer) -> KnowledgeBase:
    """CTRES on the server, put there by the command."""
    with pytest.MonkeyPatch.context() as patch:
        log_in(patch, server)
        assert main(["publish", server.graphs]) == 0
    return ctres.connect(server.query)


def log_in(patch: pytest.MonkeyPatch, server: RealServer) -> None:
    if server.login:
        patch.setenv("CTRES_USER", server.login[0])
        patch.setenv("CTRES_PASSWORD", server.login[1])


def rows(answer: Answer) -> list[tuple[object, ...]]:
    """The rows in an order of their own: servers sort names by different rules."""
    return sorted((tuple(tuple(sorted(map(repr, value))) if isinstance(value, tuple) else repr(value) for value in row) for row in answer), key=repr)


@pytest.mark.servers
@pytest.mark.parametrize("name", NAMES)
def test_each_question_has_the_same_answer(kb: KnowledgeBase, away: KnowledgeBase, name: str) -> None:
    required = {p.name: VALUES[name][p.name] for p in Questions()[name].parameters if not p.optional}
    for given in (VALUES[name], required):
        here = kb.ask(name, **given)
        there = away.ask(name, **given)
        assert rows(there) == rows(here)
        assert there.columns == here.columns
    assert len(kb.ask(name, **required)) > 0


@pytest.mark.servers
def test_terms_reasons_edges_and_names_are_the_same(kb: KnowledgeBase, away: KnowledgeBase) -> None:
    def same(of: Callable[[KnowledgeBase], object]) -> None:
        assert of(away) == of(kb)

    same(repr)
    for name in ("miR-21", "doxorubicin resistance", "CHEBI:28748", "MCF-7", "ctres:ankathil2019-0039"):
        same(lambda k, name=name: description.to_text(k[name]))
    same(lambda k: str(k.explain("G-CSF", "awakening strategy")))
    same(lambda k: str(k.explain("miR-21", "confers resistance to", "doxorubicin")))
    same(lambda k: str(k.why_not("SOX2", "dormancy factor")))
    same(lambda k: str(k.ask("resistance-factors", therapy="doxorubicin").where(factor="miR-21", match="itself")[0].explain()))
    same(lambda k: [str(term) for term in k.find("hypoxia")])
    same(lambda k: sorted(map(str, k.edges())))
    same(lambda k: sorted(f"{one} {one.doi}" for one in k.ask("sensitizers", therapy="doxorubicin").publications))
    same(lambda k: sorted(k.ask("cross-resistance", therapy="doxorubicin").to_turtle().splitlines()))
    same(lambda k: sorted(map(str, k.sparql("SELECT ?x WHERE { ?x a ctres:DormancyFactor }"))))
    same(lambda k: k.sparql("ASK { ctres:miR21 ctres:promotes ctres:doxorubicinResistance }"))
    same(lambda k: sorted(map(str, k.sparql("CONSTRUCT WHERE { ctres:miR21 ctres:promotes ?x }"))))
    for wrong in ("doxorubicine", "ER"):
        with pytest.raises(CtresError) as here:
            kb[wrong]
        with pytest.raises(CtresError) as there:
            away[wrong]
        assert str(there.value) == str(here.value)


@pytest.mark.servers
def test_what_is_there_already_is_not_sent_again(server: RealServer, away: KnowledgeBase, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, server)
    sent = remote.publish(remote.Client(server.graphs), kb.store)
    assert sent.kept == sent.parts > 5
    assert len(away.store) == len(list(kb.store.triples()))


@pytest.mark.servers
def test_data_of_ones_own_go_along_and_the_command_line_asks_the_server(
    server: RealServer, away: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log_in(monkeypatch, server)
    data = tmp_path / "lab.ttl"
    data.write_text(
        PREFIXES + "my:geneX a owl:NamedIndividual, ctres:GeneProduct ; rdfs:label 'gene X'@en .\n"
        "my:f a owl:NamedIndividual, ctres:Finding ; rdfs:label 'gene X wakes'@en ; ctres:agent my:geneX ; ctres:reverses ctres:dormancy ;\n"
        "  ctres:certainty ctres:stated ; ctres:source ctres:ankathil2019 ; ctres:section 'S' ; ctres:sentence 1 ."
    )
    ask = ["ask", "wakes-or-sleeps", "--endpoint", server.query, "--format", "tsv"]
    assert main(ask) == 0
    assert "gene X" not in capsys.readouterr().out
    assert main(["publish", server.graphs, str(data)]) == 0
    assert main(ask) == 0
    assert "gene X" in capsys.readouterr().out
    assert main(["explain", "gene X", "suppresses", "dormancy", "--endpoint", server.query]) == 0
    assert "finding “gene X wakes”" in capsys.readouterr().out
    # By updates, and without those data again.
    address = server.updates if server.login else server.updates.replace("/update", "")
    assert main(["publish", address, "--update"]) == 0
    assert main(ask) == 0
    assert "gene X" not in capsys.readouterr().out


@pytest.mark.servers
def test_a_publication_goes_on_where_the_server_died(kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Fuseki(tmp_path)
    put, calls = remote.Client.put, []

    def dies(client: remote.Client, *args: Any, **more: Any) -> None:
        calls.append(args)
        if len(calls) == 10:  # the first note, and each part with its own
            server.kill()
        put(client, *args, **more)

    try:
        monkeypatch.setattr(remote.Client, "put", dies)
        with pytest.raises(remote.RemoteError, match="4 of 10 parts have arrived; the same command goes on from there"):
            remote.publish(remote.Client(server.graphs), kb.store)
        monkeypatch.undo()
        server.start()
        sent = remote.publish(remote.Client(server.graphs), kb.store)
        assert (sent.kept, sent.parts) == (4, 10)
        back = ctres.connect(server.query)
        assert rows(back.ask("transitions")) == rows(kb.ask("transitions"))
        assert len(back.store) == len(list(kb.store.triples()))
    finally:
        server.kill()


# -- servers that are not as they should be


class Stub(http.server.BaseHTTPRequestHandler):
    """Answers every request with what `reply` says: a status, headers and a body; notes what was asked."""

    reply: tuple[int, dict[str, str], bytes] = (200, {}, b"")
    asked: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.path, self.headers.get("Authorization")))
        status, headers, body = type(self).reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stub() -> Iterator[tuple[str, type[Stub]]]:
    kind = type("Kind", (Stub,), {"asked": []})
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/sparql", kind
    listening.shutdown()
    listening.server_close()


@pytest.mark.parametrize(
    ("status", "headers", "body", "told"),
    [
        (401, {}, b"", r"refuses access \(401\). Set CTRES_USER and CTRES_PASSWORD"),
        (403, {}, b"", r"refuses access \(403\)"),
        (500, {}, b"out of\nmemory", r"refuses the request \(500\): out of memory"),
        (404, {}, b"", r"refuses the request \(404\): \(nothing\)"),
        (
            200,
            {"Content-Type": "text/html"},
            b"<h1>Welcome</h1>",
            "answered with text/html that is no SPARQL result: <h1>Welcome</h1>. Give the address",
        ),
        (
            200,
            {"Content-Type": "application/sparql-results+json"},
            b'{"head":{"vars":["graph"]},"results":{"bindings":[]}}',
            "holds no CTRES. Put it there",
        ),
        (200, JSON, b'{"head":{"vars":["gra', "no SPARQL result"),
    ],
)
def test_a_server_that_gives_no_usable_answer_is_named_with_the_remedy(
    stub: tuple[str, type[Stub]], status: int, headers: dict[str, str], body: bytes, told: str
) -> None:
    url, kind = stub
    kind.reply = status, headers, body
    with pytest.raises(remote.RemoteError, match=told) as error:
        ctres.connect(url)
    assert url in str(error.value)


def test_a_server_that_is_not_there_or_breaks_off_is_named() -> None:
    with pytest.raises(remote.RemoteError, match=r"cannot be reached .* Is the server running"):
        ctres.connect(f"http://127.0.0.1:{free_port()}/sparql")
    with pytest.raises(CtresError, match="is no address of a SPARQL server"):
        ctres.connect("localhost:3030/ctres")
    with pytest.raises(CtresError, match="no HTTP header"):
        remote.credentials("Bearer TOKEN")


def test_names_passwords_and_tokens_come_from_the_environment_or_an_option(stub: tuple[str, type[Stub]], monkeypatch: pytest.MonkeyPatch) -> None:
    url, kind = stub
    kind.reply = 401, {"WWW-Authenticate": 'Basic realm="ctres"'}, b""
    monkeypatch.setenv("CTRES_USER", "ada")
    monkeypatch.setenv("CTRES_PASSWORD", "secret")
    with pytest.raises(remote.RemoteError, match="refuses access"):
        remote.Client(url).query("ASK {}")
    assert kind.asked[-1][1] == "Basic " + base64.b64encode(b"ada:secret").decode()
    kind.reply = 200, JSON, b'{"head":{},"boolean":true}'
    monkeypatch.setenv("CTRES_AUTHORIZATION", "Bearer one")
    assert remote.Client(url, remote.credentials()).query("ASK {}")
    assert kind.asked[-1][1] == "Bearer one"
    assert main(["publish", url.replace("/sparql", "/nothing"), "--update", "--header", "Authorization: Bearer two"]) == 0
    assert kind.asked[-1][1] == "Bearer two"


def test_a_part_that_is_refused_says_how_far_it_came(stub: tuple[str, type[Stub]], capsys: pytest.CaptureFixture[str]) -> None:
    url, kind = stub
    kind.reply = 507, {}, b"disk full"
    assert main(["publish", url]) == 2
    assert "refuses the request (507): disk full" in capsys.readouterr().err


def test_graphs_are_sent_in_parts_that_do_not_tear_nodes_without_names_apart(kb: KnowledgeBase) -> None:
    class Keeping:
        def __init__(self) -> None:
            self.graphs: dict[str, list[bytes]] = {}
            self.updates: list[bytes] = []

        def query(self, *_: object) -> object:
            raise remote.RemoteError("no queries here")

        def update(self, text: str) -> None:
            self.updates.append(text.encode())

        def get(self, graph: str) -> bytes:
            return b"".join(self.graphs.get(graph, ()))

        def put(self, graph: str, triples: bytes, *, more: bool) -> None:
            self.graphs[graph] = [*(self.graphs.get(graph, ()) if more else ()), triples]

    server = Keeping()
    first = remote.publish(server, kb.store)  # type: ignore[arg-type]
    for graph in (ASSERTED, INFERRED, LOOKUP):
        assert sorted(b"".join(server.graphs[graph]).splitlines()) == sorted(kb.store.ntriples(graph).splitlines())
    assert remote.publish(server, kb.store) == remote.Sent(first.triples, first.parts, first.parts)  # type: ignore[arg-type]
    remote.publish(server, kb.store, by_update=True)  # type: ignore[arg-type]
    seen: dict[bytes, int] = {}
    assert len(server.updates) > 100
    for number, update in enumerate(server.updates):
        for label in set(re.findall(rb"(?<=\s)_:\w+(?= )", update)):
            assert seen.setdefault(label, number) == number
    assert len(seen) > 1000

    # Content that another has begun to replace is not taken for whole.
    class Breaking(Keeping):
        def put(self, graph: str, triples: bytes, *, more: bool) -> None:
            super().put(graph, triples, more=more)
            if graph == ASSERTED:
                raise remote.RemoteError("the line broke")

    torn = Breaking()
    torn.graphs = dict(server.graphs)
    changed = ctres.load().with_data()
    changed.store.add_facts([("http://e/d", "http://e/b", "http://e/c")], ASSERTED)
    with pytest.raises(remote.RemoteError, match="0 of"):
        remote.publish(torn, changed.store)  # type: ignore[arg-type]
    server.graphs = torn.graphs
    assert remote.publish(server, kb.store).kept == 0  # type: ignore[arg-type]
    # Other content starts anew.
    other = ctres.load().with_data()
    other.store.add_facts([("http://e/a", "http://e/b", "http://e/c")], ASSERTED)
    assert remote.publish(server, other.store).kept == 0  # type: ignore[arg-type]
    assert b"<http://e/a>" in server.get(ASSERTED)
