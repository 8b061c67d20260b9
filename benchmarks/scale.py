"""A store on disk of many findings: how long it takes to make, how much memory, and how fast questions are then.

    python benchmarks/scale.py 10000 100000 [--folder DIR] [--no-check]

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

ONE = ("therapy", "cancer", "resistance")  # questions that concern one of these are told apart, and
FEW = 100  # rows: those whose answer has no more


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


def questions(store: str, instead: dict[str, str] | None = None) -> list[tuple[str, bool, int, float]]:
    """Each question with the parameters of a case: whether it concerns one therapy, resistance or cancer, its rows, and its milliseconds.

    What takes longer than LIMIT counts as LIMIT, and its rows as none known (-1). `instead` gives another therapy, resistance and cancer, and
    leaves only the questions that concern one.
    """
    kb = ctres.load(store)
    found = []
    for name in kb.questions:
        given = example(name)
        if instead is not None:
            if not set(given) & set(ONE):
                continue
            given = {key: instead.get(key, value) for key, value in given.items()}

        def ask(name: str = name, given: dict[str, str] = given) -> None:
            kb._answers.clear()
            kb.ask(name, **given)

        seconds = limited(ask, 1)
        known = seconds is not None and seconds < LIMIT
        rows = len(kb.ask(name, **given)) if known else -1
        found.append((name, bool(set(given) & set(ONE)), rows, (seconds if known else LIMIT) * 1000))
    return found


def middle(number: int) -> dict[str, str]:
    """The drug, the resistance to it and the cancer in the middle of those made up, which have about as many findings as the median of them."""
    drug = f"drug {number // findings.DRUGS // 2}"
    return {"therapy": drug, "resistance": f"{drug} resistance", "cancer": f"cancer {number // findings.CANCERS // 2}"}


def summary(asked: list[tuple[str, bool, int, float]], of_middle: list[tuple[str, bool, int, float]]) -> str:
    """A row of the table: the median of all; median and worst of few rows, of one therapy or cancer, and of the middle one; milliseconds a row."""
    few = [ms for _, _, rows, ms in asked if 0 <= rows <= FEW]
    one = [ms for _, concerns, _, ms in asked if concerns]
    each = [ms / rows for _, _, rows, ms in asked if rows > FEW]
    pairs = (f"{statistics.median(of):.0f}, {max(of):.0f}" for of in (few, one, [ms for *_, ms in of_middle]))
    return f"{statistics.median(ms for *_, ms in asked):.0f} | {' | '.join(pairs)} | {statistics.median(each):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="+", type=int)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    parser.add_argument("--no-check", action="store_true", help="leave out the import with checks")
    options = parser.parse_args()
    print(
        "| findings | import and reasoning s | with checks s | peak GB | store GB "
        f"| questions: median ms | of up to {FEW} rows: median, worst ms | of one therapy or cancer: median, worst ms "
        "| of the middle ones: median, worst ms | of more rows: ms a row |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    details = []
    for number in options.numbers:
        file = os.path.join(options.folder, f"findings-{number}.ttl")
        store = os.path.join(options.folder, f"store-{number}")
        shutil.rmtree(store, ignore_errors=True)
        findings.write(file, number)
        command = [sys.executable, "-m", "ctres", "import", "rdf", file, "--store", store]
        checked, peak = (float("nan"), 0) if options.no_check else watched(command)
        shutil.rmtree(store, ignore_errors=True)
        seconds, least = watched([*command, "--no-check"])
        size = sum(path.stat().st_size for path in Path(store).rglob("*") if path.is_file())
        asked = questions(store)
        figures = f"{seconds:.0f} | {checked:.0f} | {max(peak, least) / 1e9:.1f} | {size / 1e9:.2f}"
        print(f"| {number:,} | {figures} | {summary(asked, questions(store, middle(number)))} |", flush=True)
        details.append((number, asked))
        shutil.rmtree(store)
        os.unlink(file)
    for number, asked in details:
        print(f"\n{number:,} findings, questions that take more than 50 ms:\n\n| question | rows | ms |\n|---|---|---|")
        for name, concerns, rows, ms in sorted(asked, key=lambda one: -one[3]):
            if ms > 50:
                shown = f"{ms:,.0f}" if ms < LIMIT * 1000 else f"> {LIMIT * 1000:,.0f}"
                print(f"| {name}{' (one therapy or cancer)' if concerns else ''} | {rows if rows >= 0 else 'not known'} | {shown} |")


if __name__ == "__main__":
    main()
