"""`ctres serve` against Apache Jena Fuseki and Virtuoso, with the same graphs and queries in one run.

    CTRES_FUSEKI=.fuseki/fuseki.jar python benchmarks/serve.py [--clients N] [--seconds S]

Needs what tests/servers.py needs: Java, the jar that `mvn -f tests/fuseki/pom.xml` makes, and Debian's virtuoso-opensource-7-bin.
For each server: seconds from its start to its first answer, then for each query, and for all questions in turn, the requests a second and the
median and 99th percentile of their milliseconds, with N clients that ask again as soon as they are answered, and the memory of all its
processes afterwards (Linux).
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from run import example
from scale import memory

import ctres
from ctres import names
from ctres.binding import bind
from ctres.remote.binding import declared
from ctres.terms import BASE

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import servers

PREFIX = "PREFIX ctres: <https://w3id.org/ctres/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
QUERIES = {
    "nothing": "ASK {}",
    "a label": PREFIX + "SELECT ?label WHERE { ctres:doxorubicin rdfs:label ?label }",
    "findings on a drug": PREFIX
    + "SELECT ?finding ?label WHERE { ?finding a ctres:Finding ; ctres:concerns ctres:doxorubicin ; rdfs:label ?label } ORDER BY ?finding",
    "effects counted": PREFIX
    + "SELECT ?factor (COUNT(?finding) AS ?n) WHERE { ?finding a ctres:PromotingFinding ; ctres:hasSubject ?factor } GROUP BY ?factor",
}
GRAPHS = [("default-graph-uri", f"https://w3id.org/ctres/graph/{name}") for name in ("asserted", "inferred")]
GRAPHS += [("named-graph-uri", f"https://w3id.org/ctres/graph/{name}") for name in ("asserted", "inferred", "lookup")]


class Own(servers.RealServer):
    """`ctres serve`."""

    def command(self) -> list[str]:
        port = servers.free_port()
        self.query = f"http://127.0.0.1:{port}/sparql"
        return [sys.executable, "-m", "ctres", "serve", "--port", str(port)]


def publish(server: servers.RealServer) -> None:
    """Put CTRES on a server, as its users do."""
    login = dict(zip(("CTRES_USER", "CTRES_PASSWORD"), server.login or (), strict=False))
    subprocess.run([sys.executable, "-m", "ctres", "publish", server.graphs], check=True, env=os.environ | login, stderr=subprocess.DEVNULL)


def questions() -> list[str]:
    """All questions with the parameters of a case, as CTRES sends them to servers."""
    kb = ctres.load()
    texts = []
    for name in kb.questions:
        asked, given = kb.questions[name], example(name)
        given = {one.name: names.resolve(kb.store, given[one.name], one.kind and BASE + one.kind) for one in asked.parameters if one.name in given}
        terms = {f"_{name}": f"<{iri}>" for name, iri in given.items()}
        texts.append(declared(bind(asked.text, terms)))
    return texts


def flood(address: str, queries: list[str], graphs: list[tuple[str, str]], clients: int, seconds: float) -> tuple[list[float], int]:
    """The seconds that each request took, and the number of values in the last answer. Raises SystemExit if one is not answered.

    Each client goes through all queries again and again, each from another one on.
    """
    parts = urlsplit(address)
    paths = [f"{parts.path}?{urlencode([('query', query), *graphs])}" for query in queries]
    taken: list[float] = []
    faults: list[str] = []
    rows = 0
    end = time.perf_counter() + seconds

    def client(place: int) -> None:
        nonlocal rows
        link = http.client.HTTPConnection(parts.netloc, timeout=60)
        while time.perf_counter() < end and not faults:
            start = time.perf_counter()
            place = (place + 1) % len(paths)
            link.request("GET", paths[place], headers={"Accept": "application/sparql-results+json"})
            answer = link.getresponse()
            body = answer.read()
            taken.append(time.perf_counter() - start)
            rows = body.count(b'"type"') or 1
            if answer.status != 200:
                faults.append(f"{address} answered {answer.status}: {body[:200]!r}")
        link.close()

    threads = [threading.Thread(target=client, args=(len(paths) * number // clients,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(faults[0])
    return taken, rows


def started(kind: Callable[[Path], servers.RealServer], folder: Path) -> tuple[servers.RealServer, float]:
    folder.mkdir()
    start = time.perf_counter()
    server = kind(folder)
    return server, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    every = questions()
    sets = {asked: [query] for asked, query in QUERIES.items()} | {f"the {len(every)} questions in turn": every}
    kinds = {"ctres serve": Own, "Fuseki": servers.Fuseki, "Virtuoso": servers.Virtuoso}
    print("| server | start s | query | values | requests/s | median ms | 99 % ms | memory MB |\n|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name, kind in kinds.items():
            server, seconds = started(kind, Path(folder) / name)
            try:
                if kind is not Own:
                    publish(server)
                graphs = [] if kind is Own else GRAPHS
                for asked, queries in sets.items():
                    seconds_each = options.seconds * (1 if len(queries) == 1 else 5)
                    flood(server.query, queries, graphs, options.clients, seconds_each / 4)
                    begun = time.perf_counter()
                    taken, rows = flood(server.query, queries, graphs, options.clients, seconds_each)
                    lasted = time.perf_counter() - begun
                    percentile = statistics.quantiles(taken, n=100)[98]
                    held = memory(server.process.pid) >> 20
                    figures = f"{len(taken) / lasted:,.0f} | {statistics.median(taken) * 1000:.1f} | {percentile * 1000:.1f} | {held:,}"
                    print(f"| {name} | {seconds:.1f} | {asked} | {rows} | {figures} |", flush=True)
            finally:
                server.kill()


if __name__ == "__main__":
    main()
