"""The command line: what each command prints, what it says when something is wrong, and with which exit status it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import conftest
import pytest
from conftest import ROOT
from test_questions import VALUES

from ctres import resources, turtle
from ctres.cli import _RUNS, main
from ctres.knowledge import KnowledgeBase
from ctres.options import parser
from ctres.questions import Questions
from ctres.store import Store

PREFIXES = conftest.PREFIXES + "\n"
DATA = {
    "good": """\
my:report a owl:NamedIndividual, ctres:Publication ; rdfs:label "Report of our laboratory"@en .
my:finding1 a owl:NamedIndividual, ctres:Finding ;
    rdfs:label "miR-9 raises doxorubicin resistance in our hands"@en ;
    ctres:agent ctres:miR9 ;
    ctres:increases ctres:doxorubicinResistance ;
    ctres:certainty ctres:demonstrated ;
    ctres:source my:report ;
    ctres:section "Results" ;
    ctres:sentence 1 .
""",
    "violating": """\
my:finding1 a owl:NamedIndividual, ctres:Finding ;
    rdfs:label "miR-9 raises doxorubicin resistance in our hands"@en ;
    ctres:increases ctres:doxorubicinResistance .
""",
    "contradictory": 'my:both a owl:NamedIndividual, ctres:Drug, ctres:Cancer ; rdfs:label "a drug that is a cancer"@en .\n',
    "broken": "my:x1 a ctres:Drug ,, ctres:Therapy .\n",
}
ASK = ("ask", "resistance-factors", "--therapy", "doxorubicin", "--cancer", "breast cancer")
# Each command, and the tests that run it.
COMMANDS = {"ask", "show", "explain", "find", "questions", "check", "draw", "export", "publish", "reason", "import", "fmt", "build", "release"}
COMMANDS |= {"serve", "new"}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(kb: KnowledgeBase, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, on what the tests have loaded; gives its exit status, output and messages."""
    monkeypatch.setattr("ctres.knowledge.load", lambda *_: kb)

    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(list(arguments))
        except SystemExit as ended:
            status = int(ended.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


@pytest.fixture
def data(tmp_path: Path) -> Callable[[str], str]:
    def file(name: str) -> str:
        path = tmp_path / f"{name}.ttl"
        path.write_text(PREFIXES + DATA[name], encoding="utf-8")
        return str(path)

    return file


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([sys.executable, "-m", "ctres", *arguments], capture_output=True, text=True, env=environment, timeout=120)


def test_the_commands_are_those_that_are_documented() -> None:
    (commands,) = (action for action in parser(_RUNS)._actions if hasattr(action, "choices") and action.choices)
    assert set(commands.choices) == COMMANDS
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `ctres (\w+)", readme, re.MULTILINE)) == COMMANDS


# -- ask


def test_ask_prints_tsv_where_it_is_no_terminal(run: Run) -> None:
    status, out, err = run(*ASK)
    rows = list(csv.DictReader(io.StringIO(out), delimiter="\t"))
    assert (status, err) == (0, "")
    assert ("ctres:miR21", "ctres:PTEN", "8") in {(row["factor"], row["via"], row["sentence"]) for row in rows}
    assert (status, out) == run(*ASK, "--format", "tsv")[:2]


def test_ask_prints_csv_json_and_a_table_of_the_same_rows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    rows = list(csv.DictReader(io.StringIO(run(*ASK, "--format", "csv")[1])))
    objects = json.loads(run(*ASK, "--format", "json")[1])
    table = run(*ASK, "--format", "table")[1]
    assert len(rows) == len(objects) > 5
    assert [row["factor"] for row in rows] == [row["factor"]["id"] for row in objects]
    assert table.rstrip().endswith(f"{len(rows)} rows")
    assert all(row["factor_label"] in table for row in rows)


def test_ask_takes_data_of_the_user(run: Run, data: Callable[[str], str]) -> None:
    before, after = run(*ASK[:4], "--format", "json")[1], run(*ASK[:4], "--data", data("good"), "--format", "json")[1]
    assert len(json.loads(after)) == len(json.loads(before)) + 1
    assert "https://example.org/lab/finding1" in after


def test_ask_fails_on_an_empty_answer_only_where_asked_to(run: Run) -> None:
    asked = ("ask", "cross-resistance", "--therapy", "surgery", "--format", "table")
    assert run(*asked) == (0, "Nothing found.\n", "")
    assert run(*asked, "--fail-if-empty") == (1, "Nothing found.\n", "")
    assert run(*ASK, "--fail-if-empty")[0] == 0


def test_ask_refuses_an_unknown_question_with_a_suggestion(run: Run) -> None:
    status, out, err = run("ask", "resistence-factors")
    assert (status, out) == (2, "")
    assert err.startswith("ctres: there is no question called “resistence-factors”. Did you mean resistance-factors")
    status, out, err = run("ask", "xyzzy")
    assert (status, out) == (2, "")
    assert "List them with `ctres questions`" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--cancer", "breast cancer"), "the following arguments are required: --therapy"),
        (("--therapy", "doxorubicin", "--drug", "imatinib"), "unrecognized arguments: --drug imatinib"),
        (("--therapie", "doxorubicin"), "required: --therapy"),
        (("--therapy",), "expected one argument"),
        (("--therapy", "adriamycine"), "is called “adriamycine”. Did you mean “doxorubicin”?"),
        (("--therapy", "PTEN"), "no kind of therapy is called “PTEN”"),
        (("--therapy", "doxorubicin", "--data", "nowhere.ttl"), "nowhere.ttl: there is no such file"),
    ],
)
def test_ask_refuses_parameters_that_are_missing_misspelt_or_do_not_fit(run: Run, arguments: tuple[str, ...], message: str) -> None:
    status, out, err = run("ask", "resistance-factors", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_ask_refuses_an_unknown_format(run: Run) -> None:
    status, _, err = run(*ASK, "--format", "xlsx")
    assert status == 2
    assert "invalid choice: 'xlsx'" in err


def test_ask_says_when_data_contradict_the_ontology(run: Run, data: Callable[[str], str]) -> None:
    status, out, err = run("ask", "transitions", "--data", data("contradictory"))
    assert (status, out) == (1, "")
    assert "“a drug that is a cancer” is in “kind of cancer” and in “kind of therapy”, which are disjoint" in err


@pytest.mark.parametrize("name", sorted(Questions()))
def test_the_help_of_a_question_names_its_parameters_and_columns(run: Run, name: str) -> None:
    status, out, err = run("ask", name, "--help")
    question = Questions()[name]
    text = " ".join(out.split())
    assert (status, err) == (0, "")
    assert question.summary in text
    assert all(f"--{parameter.name} " in text for parameter in question.parameters)
    assert all(repr(column) in text for column in question.columns)


@pytest.mark.parametrize("name", sorted(Questions()))
def test_every_question_answers_on_the_command_line_as_in_python(run: Run, kb: KnowledgeBase, name: str) -> None:
    options = [part for parameter, value in VALUES[name].items() for part in (f"--{parameter}", value)]
    status, out, err = run("ask", name, *options, "--format", "json")
    answer = kb.ask(name, **VALUES[name])
    assert (status, err) == (0, "")
    assert answer.rows
    assert json.loads(out) == json.loads(answer.to_json())


def test_ask_without_a_question_says_how_to_go_on(run: Run) -> None:
    for arguments in (("ask",), ("ask", "--help")):
        status, out, _ = run(*arguments)
        assert status == 0
        assert "questions" in out


# -- show, explain, find, questions


def test_show_prints_a_term_in_full(run: Run) -> None:
    status, out, err = run("show", "adriamycin")
    assert (status, err) == (0, "")
    for part in ("doxorubicin   ctres:doxorubicin", "also called: DOX, adriamycin", "Kinds, asserted", "Kinds, inferred", "Findings ("):
        assert part in out


def test_show_prints_json_and_turtle(run: Run) -> None:
    page = json.loads(run("show", "miR-21", "--format", "json")[1])
    assert page["id"] == "ctres:miR21"
    assert {"id": "ctres:MicroRNA", "label": "microRNA"} in page["kinds"]["asserted"]
    assert any("sentence 8" in finding["citation"] for finding in page["findings"])
    assert page["relations"]["out"]["confers resistance to"]
    status, out, _ = run("show", "miR-21", "--format", "ttl")
    assert status == 0
    assert "ctres:miR21" in out
    assert "ctres:confersResistanceTo" in out


def test_show_of_a_finding_says_where_it_was_said(run: Run) -> None:
    status, out, _ = run("show", "ctres:ankathil2019-0039")
    assert status == 0
    assert "Said in" in out
    assert "sentence 8 (demonstrated)" in out


def test_show_refuses_an_unknown_term_with_a_suggestion(run: Run) -> None:
    assert run("show", "PTENN") == (2, "", "ctres: no term is called “PTENN”. Did you mean “PTEN”?\n")


def test_explain_prints_a_tree_that_ends_in_findings(run: Run) -> None:
    status, out, err = run("explain", "miR-21", "confers resistance to", "doxorubicin")
    assert (status, err) == (0, "")
    assert out.startswith("miR-21 confers resistance to doxorubicin")
    assert "doi:10.1016/j.arcmed.2011.06.008" in out
    assert "awakening strategy is defined as" in run("explain", "G-CSF", "awakening strategy")[1]
    several = run("explain", "hypoxia", "promotes", "drug resistance", "--all")[1].split("\n\n")
    assert len(several) == len({*several}) == 2


def test_explain_of_what_does_not_hold_says_what_does(run: Run) -> None:
    status, out, err = run("explain", "miR-21", "suppresses", "doxorubicin resistance")
    assert (status, out) == (1, "")
    assert "It does hold that" in err
    assert "miR-21 promotes doxorubicin resistance" in err


def test_find_prints_identifiers_and_labels_and_fails_on_nothing(run: Run) -> None:
    status, out, err = run("find", "adriamycin")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "ctres:doxorubicin\tdoxorubicin"
    assert run("find", "dormant", "persisters")[1].splitlines()[0] == "ctres:dormantPersister\tdormant persisters"
    assert run("find", "xyzzy") == (1, "", "")


def test_questions_lists_every_question_with_its_parameters(run: Run) -> None:
    status, out, err = run("questions")
    assert (status, err) == (0, "")
    assert [line for line in out.splitlines() if not line.startswith(" ")] == list(Questions())
    assert "    --cancer: Cancer (optional)" in out


# -- check, fmt, build, reason


def test_check_accepts_good_data(run: Run, data: Callable[[str], str]) -> None:
    status, out, err = run("check", data("good"))
    assert (status, err) == (0, "")
    assert "The data conform" in out


def test_check_names_file_line_and_remedy_of_a_violation(run: Run, data: Callable[[str], str]) -> None:
    status, out, _ = run("check", data("violating"))
    assert status == 1
    assert "violating.ttl, line 6: https://example.org/lab/finding1" in out
    assert "The data do not conform" in out
    assert json.loads(run("check", data("violating"), "--format", "json")[1])["conforms"] is False
    assert "sh:conforms" in run("check", data("violating"), "--format", "ttl")[1]


def test_check_names_the_classes_that_clash(run: Run, data: Callable[[str], str]) -> None:
    status, out, _ = run("check", data("contradictory"))
    assert status == 1
    assert "ctres:Cancer and in ctres:Therapy, which are disjoint" in out


def test_check_reports_a_broken_file_and_checks_the_others(run: Run, data: Callable[[str], str]) -> None:
    broken, violating = data("broken"), data("violating")
    status, out, err = run("check", broken, violating)
    assert (status, err) == (1, "")
    assert f"{broken}, line 6\n  Violation (readable file): The file must be readable RDF, but at column 21 " in out
    assert "violating.ttl, line 6: https://example.org/lab/finding1" in out
    result = json.loads(run("check", broken, "--format", "json")[1])["results"][0]
    assert (result["file"], result["line"], result["shape"]) == (broken, 6, "readable file")


def test_check_of_a_missing_file_is_a_usage_error(run: Run) -> None:
    assert run("check", "nowhere.ttl") == (2, "", "ctres: nowhere.ttl: there is no such file\n")


def test_fmt_check_changes_nothing_and_fmt_mends(run: Run, data: Callable[[str], str]) -> None:
    path = data("good")
    before = Path(path).read_text(encoding="utf-8")
    assert run("fmt", "--check", path) == (1, f"not formatted: {path}\n", "")
    assert Path(path).read_text(encoding="utf-8") == before
    assert run("fmt", path) == (0, f"formatted: {path}\n", "")
    assert run("fmt", "--check", path) == (0, "", "")
    assert run("fmt", path) == (0, "", "")


def test_fmt_of_a_broken_file_leaves_it_alone(run: Run, data: Callable[[str], str]) -> None:
    path = data("broken")
    before = Path(path).read_text(encoding="utf-8")
    status, out, err = run("fmt", path)
    assert (status, out) == (2, "")
    assert "line 6, column 21" in err
    assert Path(path).read_text(encoding="utf-8") == before


def test_the_modules_of_the_ontology_are_formatted(run: Run) -> None:
    assert resources.modules()
    assert run("fmt", "--check") == (0, "", "")


def test_build_writes_a_store_that_opens(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "store"
    assert run("build", "--output", str(folder)) == (0, f"built {folder}\n", "")
    assert (folder / resources.MANIFEST).read_text(encoding="utf-8") == resources.fingerprint()
    assert "https://w3id.org/ctres/doxorubicin" in Store.open(str(folder))
    assert [path.name for path in folder.parent.iterdir()] == ["store"]
    assert run("build", "-o", str(folder))[0] == 0


# -- the program itself


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version") == (0, f"ctres {version('ctres')}\n", "")


@pytest.mark.parametrize("arguments", [("--help",), *((command, "--help") for command in sorted(COMMANDS))], ids=" ".join)
def test_help_is_printed(run: Run, arguments: tuple[str, ...]) -> None:
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert out.startswith("usage: ctres")


def test_a_command_that_does_not_exist_is_a_usage_error(run: Run) -> None:
    for arguments in ((), ("aks",), ("find",), ("questions", "--xyzzy"), ("show",)):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert "usage: ctres" in err


def test_the_program_runs_as_a_process_with_messages_apart_from_output() -> None:
    good = process("find", "adriamycin")
    assert (good.returncode, good.stdout.splitlines()[0], good.stderr) == (0, "ctres:doxorubicin\tdoxorubicin", "")
    bad = process("show", "PTENN")
    assert (bad.returncode, bad.stdout, bad.stderr) == (2, "", "ctres: no term is called “PTENN”. Did you mean “PTEN”?\n")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"'{sys.executable}' -m ctres find a | head -n 1"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, env=environment, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_no_message_is_a_traceback_where_the_name_is_hostile(run: Run) -> None:
    for name in ('"', "\n", "}", "<>", "http://[x", "5% [", "../x"):
        status, out, err = run("show", name)
        assert (status, out) == (2, "")
        assert err.startswith("ctres: ")
        status, _, err = run("ask", name)
        assert status == 2
        assert err.startswith("ctres: ")


def test_an_ambiguous_name_lists_its_candidates(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(PREFIXES + 'my:other a owl:NamedIndividual, ctres:Drug ; rdfs:label "Adriamycin"@en .\n', encoding="utf-8")
    status, out, err = run("ask", "resistance-factors", "--therapy", "adriamycin", "--data", str(path))
    assert (status, out) == (2, "")
    assert "ctres:doxorubicin (doxorubicin)" in err
    assert "Give the identifier" in err


def test_ask_prints_the_findings_as_turtle(run: Run, tmp_path: Path) -> None:
    status, out, _ = run(*ASK, "--format", "ttl")
    path = tmp_path / "answer.ttl"
    path.write_text(out, encoding="utf-8")
    told = {str(triple.subject) for triple in turtle.triples(path)}
    assert status == 0
    assert "<https://w3id.org/ctres/ankathil2019-0039>" in told
    assert all("2019-" in subject for subject in told)


def test_reason_says_what_follows_and_how_long_it_took(run: Run) -> None:
    status, out, _ = run("reason")
    assert status == 0
    assert re.match(r"Nemo took \d+\.\d\d s\.\nThe graph is consistent\.\n", out)
    assert re.search(r"^ +\d+  “promotes”$", out, re.MULTILINE)
    assert re.search(r"^ +[\d,]+  kinds of individuals$", out, re.MULTILINE)


def test_reason_names_the_axioms_that_clash(run: Run, data: Callable[[str], str]) -> None:
    status, out, _ = run("reason", data("contradictory"))
    assert status == 1
    assert "INCONSISTENT" in out
    assert "“a drug that is a cancer” is in “kind of cancer” and in “kind of therapy”, which are disjoint" in out


def test_reason_refuses_a_broken_file(run: Run, data: Callable[[str], str]) -> None:
    status, out, err = run("reason", data("broken"))
    assert (status, out) == (2, "")
    assert "line 6" in err


@pytest.mark.hermit
def test_hermit_finds_the_same_contradiction(run: Run, data: Callable[[str], str]) -> None:
    status, out, _ = run("reason", data("contradictory"), "--engine", "hermit")
    assert status == 1
    assert out.startswith("HermiT took ")
    assert "which are disjoint" in out
