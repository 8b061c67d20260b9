"""Ten thousand queries from many clients at once, with hostile ones among them: the good ones are answered, memory stays bounded, nothing dies."""

from __future__ import annotations

import collections
import concurrent.futures
import socket
import sys
import time

import pytest
from conftest import ROOT

httpx = pytest.importorskip("httpx")
pytest.importorskip("uvicorn")

from test_web import ASK, LINUX, PARENTHESES, RUNAWAY, SELECT, E, bindings, eventually, serving, store, workers  # noqa: E402, F401

sys.path.insert(0, str(ROOT / "benchmarks"))
from scale import memory  # noqa: E402

QUERIES, CLIENTS = 10_000, 24
TIMEOUT = 1.0
IN_LIST = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . FILTER(?c IN (" + ", ".join(f'"{i:x}"' for i in range(8000)) + ")) }"
HOSTILE = {
    "cross product": RUNAWAY,
    "property paths": f"SELECT (COUNT(*) AS ?n) {{ ?a (!<{E}x>)* ?b . ?c (!<{E}y>)* ?d . ?e (!<{E}z>)* ?f }}",
    "deep nesting": PARENTHESES,
    "long list": IN_LIST,
    "regular expression": 'SELECT (COUNT(*) AS ?n) { ?a ?b ?c . FILTER(REGEX(STR(?c), "((((x?){90}){90}){90}){90}$")) }',
    "update": "DROP ALL",
}


@LINUX
def test_ten_thousand_queries_with_hostile_ones_among_them(store: str) -> None:  # noqa: F811
    limit = 256 << 20
    with serving(store, f"timeout={TIMEOUT}, limits=Limits(memory={limit}, body=200_000, waiting=200)") as server:
        assert eventually(lambda: len(workers(server)) == 2)
        idle = memory(server.process.pid)
        counted: collections.Counter[tuple[str, int]] = collections.Counter()
        hostile = list(HOSTILE.items())

        def ask(share: range) -> collections.Counter[tuple[str, int]]:
            seen: collections.Counter[tuple[str, int]] = collections.Counter()
            with httpx.Client(timeout=60) as client:
                for number in share:
                    kind, query = hostile[number // 250 % len(hostile)] if number % 250 == 0 else ("good", SELECT if number % 2 else ASK)
                    while True:
                        response = client.post(server.url, data={"query": query})
                        seen[kind, response.status_code] += 1
                        if response.status_code != 503:
                            break
                        time.sleep(int(response.headers["retry-after"]))
                    if kind == "good" and number % 2:
                        assert bindings(response) == [{"name": "p53 “Wächter”, α\t\n"}]
                    elif kind == "good":
                        assert response.json()["boolean"] is True
                    assert "Traceback" not in response.text
            return seen

        slow = [socket.create_connection((httpx.URL(server.url).host, httpx.URL(server.url).port)) for _ in range(20)]
        for one in slow:  # clients that begin and never go on
            one.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\nASK")
        peak = 0
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as threads:
            running = [threads.submit(ask, range(place, QUERIES, CLIENTS)) for place in range(CLIENTS)]
            while not all(one.done() for one in running):
                peak = max(peak, memory(server.process.pid))
                time.sleep(0.1)
            for one in running:
                counted += one.result()
        for one in slow:
            one.close()
        assert counted["good", 200] == QUERIES - QUERIES // 250
        assert counted["cross product", 504] >= 6
        assert counted["property paths", 504] + counted["property paths", 507] >= 6
        assert counted["deep nesting", 500] >= 6
        assert counted["update", 400] >= 6
        assert {status for _, status in counted} <= {200, 400, 500, 503, 504, 507}
        assert peak < idle + 3 * limit  # two workers, and one that takes the place of another
        assert eventually(lambda: len(workers(server)) == 2)
        assert memory(server.process.pid) < 400 << 20
        assert httpx.get(server.url, params={"query": ASK}).json()["boolean"] is True
        assert server.process.poll() is None
