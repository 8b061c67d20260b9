"""The walkthroughs of CONTRIBUTING.md: each has five steps that run as they stand there, and ends as it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest
from conftest import ROOT

from ctres import turtle

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WALKTHROUGHS = ["Add a drug", "Add a miRNA finding", "Add a defined class", "Add a question", "Add a shape"]
COPIED = ["docs", "ontology", "shapes", "sparql", "src", "tests", ".gitignore", "pyproject.toml"]


def section(title: str) -> str:
    found = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^##)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def steps(title: str) -> list[str]:
    """The commands of each step of a walkthrough, which must have some."""
    parts = re.split(r"^(\d+)\. ", section(title), flags=re.MULTILINE)[1:]
    assert parts[::2] == list("12345"), f"“{title}” has not exactly five steps"
    blocks = [re.findall(r"^( +)```sh\n(.*?)^\1```$", part, re.MULTILINE | re.DOTALL) for part in parts[1::2]]
    assert all(len(found) == 1 for found in blocks), f"each step of “{title}” has one shell block"
    return [textwrap.dedent(found[0][1]) for found in blocks]


@pytest.fixture
def follow(tmp_path: Path) -> Callable[[str], list[str]]:
    """Do the steps of a walkthrough in a copy of the checkout, under git; gives what each printed."""
    copy, programs = tmp_path / "checkout", tmp_path / "bin"
    programs.mkdir()
    copy.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        else:
            shutil.copy(source, copy / name)
    for name, arguments in {"ctres": "-m ctres", "python": ""}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "CTRES_CI" and not name.startswith(("GIT_", "PYTEST_"))}
    environment = {**kept, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(copy / "src"), "PAGER": "cat"}

    def run(script: str) -> str:
        done = subprocess.run(["sh", "-e", "-c", script], cwd=copy, env=environment, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    run("git init -q && git add -A && git -c user.name=A -c user.email=a@example.org commit -qm before")

    def all_steps(title: str) -> list[str]:
        return [run(script) for script in steps(title)]

    return all_steps


def changed(tmp_path: Path) -> dict[str, tuple[int, int]]:
    """How many lines each changed file has more and less; a new file has no number."""
    checkout = tmp_path / "checkout"
    lines = subprocess.run(["git", "diff", "--numstat"], cwd=checkout, capture_output=True, text=True, check=True).stdout.splitlines()
    return {path: (int(more), int(less)) for more, less, path in (line.split("\t") for line in lines)}


def test_the_walkthroughs_are_those_of_the_guide() -> None:
    assert [title for title in re.findall(r"^### (.*)$", GUIDE, re.MULTILINE) if title.startswith("Add ")] == WALKTHROUGHS


@pytest.mark.parametrize("title", WALKTHROUGHS)
def test_each_walkthrough_has_exactly_five_steps(title: str) -> None:
    assert len(steps(title)) == 5


def test_a_drug_is_added_and_found(follow: Callable[[str], list[str]], tmp_path: Path) -> None:
    looked, written, shown, checked, found = follow("Add a drug")
    assert looked == "not in CTRES\n"
    assert re.match(r"ontology/therapies.ttl, line \d+: ctres:idarubicin “idarubicin”\nontology/alignments/therapies.sssom.tsv, line \d+: ", written)
    assert re.findall(r"^ (\S+) +\|", shown, re.MULTILINE) == [
        f"ontology/{f}" for f in ("alignments/therapies.sssom.tsv", "alignments/therapies.ttl", "therapies.ttl")
    ]
    assert changed(tmp_path)["ontology/alignments/therapies.sssom.tsv"] == (2, 0)
    assert {less for _, less in changed(tmp_path).values()} == {0}
    assert "The data conform: no Violations, no Warnings" in checked
    assert "formatted" not in checked
    assert "anthracycline" in found
    assert re.search(r"^ctres:idarubicin\tidarubicin\tctres:TOP2A\tTOP2A\tbackground\t", found, re.MULTILINE)


def test_a_finding_is_added_and_its_edge_explained(follow: Callable[[str], list[str]], tmp_path: Path) -> None:
    before, written, shown, checked, after = follow("Add a miRNA finding")
    label = "In ovarian cancer, more miR-21 means less PTEN"
    assert label not in before
    place = re.fullmatch(rf"ontology/findings/ankathil2019.ttl, line \d+: (ctres:ankathil2019-\d{{4}}) “{label}”\n", written)
    assert place
    assert f"+{place[1]}\n" in shown
    assert "+    ctres:cites ctres:hirata2014MicroRNA21 ;\n" in shown
    assert {path: less for path, (_, less) in changed(tmp_path).items()} == {"ontology/findings/ankathil2019.ttl": 0}
    assert "The data conform: no Violations, no Warnings" in checked
    listed, _, explained = after.partition("miR-21 suppresses PTEN   [")
    assert [line for line in listed.splitlines() if line.startswith(f"{label}\t") and place[1] in line]
    assert re.search(r"finding “.*”   \[Ankathil 2019, “MicroRNAs in chemoresistance”, sentence 18 \(demonstrated\); cites Hirata", explained)


def test_a_class_is_added_and_its_members_follow(follow: Callable[[str], list[str]], tmp_path: Path) -> None:
    written, formatted, shown, checked, found = follow("Add a defined class")
    assert re.match(r"ontology/molecules.ttl, line \d+: ctres:TumorSuppressorLoweringMicroRNA “tumor suppressor-lowering microRNA”\n", written)
    assert re.fullmatch(r"formatted: .*ontology/molecules.ttl\n", formatted)
    assert "ontology/molecules.ttl" in shown
    assert {path: less for path, (_, less) in changed(tmp_path).items()} == {"ontology/molecules.ttl": 0}
    assert "The data conform: no Violations, no Warnings" in checked
    members, _, explained = found.partition("miR-21 is a tumor suppressor-lowering microRNA   [")
    assert "\nctres:miR21\tmiR-21\tinferred\n" in members
    assert "\tasserted" not in members
    assert "miR-21 suppresses PTEN" in explained


def test_a_question_is_added_and_answers(follow: Callable[[str], list[str]], tmp_path: Path) -> None:
    *_, answer, tested = follow("Add a question")
    expected = (tmp_path / "checkout" / "tests" / "cases" / "questions" / "therapies-acting-on.tsv").read_text(encoding="utf-8").splitlines()[2:]
    assert sorted(expected) == sorted(answer_labels(answer))
    assert changed(tmp_path) == {"docs/questions.md": (ANY, ANY), "tests/test_questions.py": (1, 0)}
    assert re.search(r"\b(\d+) passed", tested)
    assert "failed" not in tested


def answer_labels(answer: str) -> list[str]:
    """The labels of the therapies in an answer."""
    header, *rows = answer.splitlines()
    assert header == "therapy\ttherapy_label"
    return [row.split("\t")[1] for row in rows]


def test_a_shape_is_added_and_fires(follow: Callable[[str], list[str]], tmp_path: Path) -> None:
    formatted, _, fired, _, tested = follow("Add a shape")
    checkout = tmp_path / "checkout"
    assert re.fullmatch(r"formatted: .*shapes/findings.ttl\n", formatted)
    assert turtle.format_file(checkout / "shapes" / "findings.ttl", check=True) is False
    assert "Warning (finding section title): A ctres:section should be a title" in fired
    assert fired.endswith("The data conform: no Violations, 1 Warning, no Infos.\n")
    assert set(changed(tmp_path)) == {"shapes/findings.ttl", "tests/test_shapes.py"}
    assert tested.startswith("The data conform: no Violations, no Warnings")
    assert re.search(r"\b(\d+) passed", tested)
    assert "failed" not in tested
