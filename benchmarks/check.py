"""`ctres check` against plain pySHACL: the same file, the same shapes, the same verdict?

    python benchmarks/check.py [--sizes 1000 10000 100000] [--plain-up-to 10000] [--faults 0.01]

Each side runs in a process of its own, whose peak memory is reported. Plain pySHACL gets what SHACL needs, the statements
of CTRES and of the file with the class hierarchy, as one rdflib graph, and validates all of it with each shape file; what it says of
nodes that are not in the file is left out. `ctres check` also looks at names and for contradictions, whose time is part of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time

import findings

PEAK = "import resource; print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
CTRES = """
import sys, ctres
report = ctres.load().check_files(sys.argv[1])
others = ('contradiction', 'declared name', 'named node', 'use of a name', 'retired name')
print('FOUND', sum(result.shape not in others for result in report.results))
"""
PLAIN = """
import sys, pathlib, pyshacl, rdflib, ctres
from rdflib import SH
from ctres import resources, terms
graph = rdflib.Graph()
kb = ctres.load()
for name in (None, 'inferred'):
    links = [None] if name is None else ['subClassOf', 'subPropertyOf']
    for link in links:
        predicate = link and terms.PREFIXES['rdfs'] + link
        lines = '\\n'.join(f'{t} .' for t in kb.store.triples(predicate, terms.INFERRED if name else terms.ASSERTED))
        graph.parse(data=lines, format='nt')
graph.parse(sys.argv[1], format='turtle')
found = 0
for shapes in sorted(pathlib.Path(resources.find('shapes')).glob('*.ttl')):
    if shapes.stem != 'editorial':
        _, report, _ = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(shapes), inplace=True)
        found += sum(str(node).startswith('https://example.org/') for node in report.objects(None, SH.focusNode))
print('FOUND', found)
"""


def run(code: str, path: str) -> tuple[float, int, int]:
    """Seconds, results and peak memory (MB) of a process."""
    start = time.perf_counter()
    out = subprocess.run([sys.executable, "-c", code + PEAK, path], check=True, capture_output=True, text=True).stdout
    numbers = dict(line.split() for line in out.splitlines() if line.startswith(("FOUND", "PEAK")))
    return time.perf_counter() - start, int(numbers["FOUND"]), int(numbers["PEAK"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10000, 100000])
    parser.add_argument("--plain-up-to", type=int, default=10000, help="do not run plain pySHACL on more findings than that")
    parser.add_argument("--faults", type=float, default=0.01)
    options = parser.parse_args()
    print("| findings | ctres check s | MB | pySHACL s | MB | times | same results |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            path = os.path.join(folder, f"{size}.ttl")
            findings.write(path, size, options.faults)
            seconds, found, peak = run(CTRES, path)
            row = f"| {size:,} | {seconds:.1f} | {peak:,} |"
            if size <= options.plain_up_to:
                plain, expected, plain_peak = run(PLAIN, path)
                same = f"yes, {found:,}" if found == expected else f"no: {found:,} and {expected:,}"
                row += f" {plain:.1f} | {plain_peak:,} | {plain / seconds:.1f} | {same} |"
            else:
                row += f" not run | | | {found:,} found |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
