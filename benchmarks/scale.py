"""A store on disk of many findings: how long it takes to make, how much memory, and how fast questions are then.

    python benchmarks/scale.py 10000 100000 [--folder DIR] [--workers N]

The findings are those of findings.py. Memory is that of all processes of the import together, looked at twice a second (Linux).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import findings
from run import LIMIT, example, limited

import ctres

ONE = ("therapy", "cancer")  # questions that concern one of these are told apart


def memory(process: int) -> int:
    """The bytes that a process and its descendants hold."""
    parents: dict[int, list[int]] = {}
    held: dict[int, int] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            status = Path(f"/proc/{name}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        parents.setdefault(int(fields["PPid"]), []).append(int(name))
        held[int(name)] = int(fields.get("VmRSS", "0 kB").split()[0]) * 1024
    total, pending = 0, [process]
    while pending:
        one = pending.pop()
        total += held.get(one, 0)
        pending += parents.get(one, ())
    return total


def watched(command: list[str]) -> tuple[float, int]:
    """The seconds a command takes, and its peak memory in bytes."""
    started, peak, ended = time.perf_counter(), 0, threading.Event()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:

        def look() -> None:
            nonlocal peak
            while not ended.wait(0.5):
                peak = max(peak, memory(process.pid))

        watch = threading.Thread(target=look)
        watch.start()
        status = process.wait()
        ended.set()
        watch.join()
    if status:
        raise SystemExit(f"{' '.join(command)} failed with status {status}")
    return time.perf_counter() - started, peak


def questions(store: str) -> list[tuple[str, bool, float]]:
    """Each question with the parameters of a case: whether it concerns one therapy or cancer, and its milliseconds, LIMIT's at the most."""
    kb = ctres.load(store)
    found = []
    for name in kb.questions:
        given = example(name)

        def ask(name: str = name, given: dict[str, str] = given) -> None:
            kb._answers.clear()
            kb.ask(name, **given)

        seconds = limited(ask)
        found.append((name, bool(set(given) & set(ONE)), (LIMIT if seconds is None else seconds) * 1000))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="+", type=int)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    print("| findings | import and reasoning s | peak GB | store GB | questions: median ms | of one therapy or cancer: median, worst ms |")
    print("|---|---|---|---|---|---|")
    details = []
    for number in options.numbers:
        file = os.path.join(options.folder, f"findings-{number}.ttl")
        store = os.path.join(options.folder, f"store-{number}")
        shutil.rmtree(store, ignore_errors=True)
        findings.write(file, number)
        seconds, peak = watched([sys.executable, "-m", "ctres", "import", "rdf", file, "--store", store])
        size = sum(path.stat().st_size for path in Path(store).rglob("*") if path.is_file())
        asked = questions(store)
        one = [ms for _, concerns, ms in asked if concerns]
        whole = statistics.median(ms for *_, ms in asked)
        figures = f"{seconds:.0f} | {peak / 1e9:.1f} | {size / 1e9:.2f} | {whole:.0f} | {statistics.median(one):.0f}, {max(one):.0f}"
        print(f"| {number:,} | {figures} |", flush=True)
        details.append((number, asked))
        shutil.rmtree(store)
        os.unlink(file)
    for number, asked in details:
        print(f"\n{number:,} findings, questions that take more than 50 ms:\n\n| question | ms |\n|---|---|")
        for name, concerns, ms in sorted(asked, key=lambda one: -one[2]):
            if ms > 50:
                shown = f"{ms:,.0f}" if ms < LIMIT * 1000 else f"> {LIMIT * 1000:,.0f}"
                print(f"| {name}{' (one therapy or cancer)' if concerns else ''} | {shown} |")


if __name__ == "__main__":
    main()
