"""`ctres new`: the right block with the next free name in the right file, or a refusal that leaves every file as it was."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from ctres import authoring, names, resources, turtle
from ctres.authoring import Draft, DraftError, naming
from ctres.authoring.slots import Slots
from ctres.cli import main
from ctres.errors import AmbiguousTermError, UnknownTermError, ValidationError
from ctres.knowledge import KnowledgeBase
from ctres.terms import ASSERTED, BASE, PREFIXES

FINDING = {
    "label": ["miR-21 raises miR-9 in this example"],
    "agent": ["miRNA-21"],
    "upregulates": ["miR-9"],
    "certainty": ["demonstrated"],
    "source": ["Ankathil 2019"],
    "section": ["MicroRNAs in chemoresistance"],
    "sentence": ["7"],
}
DRUG = {"label": ["idarubicin"], "definition": ["The drug idarubicin is an anthracycline."], "source": ["CHEBI:42068"]}
LAB = "https://example.org/lab/"


@pytest.fixture
def copy(kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the ontology, which takes the place of the checkout's; gives its folder."""
    for folder in ("ontology", "shapes"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    os.symlink(ROOT / "sparql", tmp_path / "sparql")
    monkeypatch.setattr(resources, "find", lambda *parts: os.path.join(tmp_path, *parts))
    monkeypatch.setattr("ctres.knowledge.load", lambda *_: kb)
    return tmp_path / "ontology"


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


def options(given: dict[str, list[str]]) -> list[str]:
    return [word for option, texts in given.items() for text in texts for word in (f"--{option}", text)]


def added(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str]]:
    """The lines that each changed file has more; every other line must be as it was, in its place."""
    lines: dict[str, list[str]] = {}
    for path in after.keys() | before.keys():
        if before.get(path) != after[path]:
            old: Iterator[str] = iter(before.get(path, "").splitlines())
            awaited = next(old, None)
            for line in after[path].splitlines():
                if line == awaited:
                    awaited = next(old, None)
                else:
                    lines.setdefault(path, []).append(line)
            assert awaited is None, f"{path} lost “{awaited}”"
    return lines


# -- each kind once

KINDS = {
    "drug": (
        [
            "--type",
            "anthracycline",
            "--type",
            "small-molecule drug",
            "--background",
            "--set",
            "targets=TOP2A",
            "--synonym",
            "4-demethoxydaunorubicin",
        ],
        DRUG,
        "ontology/therapies.ttl",
        "idarubicin",
        ["--mapping", "CHEBI:42068 idarubicin"],
    ),
    "microRNA": (
        [],
        {"label": ["miR-9999"], "definition": ["A microRNA that stands here as an example."], "source": ["ctresCurators"]},
        "ontology/molecules.ttl",
        "miR9999",
        ["--no-mapping", "an example that is in no database"],
    ),
    "cell line": (
        ["--set", "derives from=breast cancer"],
        {"label": ["EX-1"], "definition": ["EX-1 is a cell line that stands here as an example."], "source": ["deAngelis2019"]},
        "ontology/models.ttl",
        "EX1",
        ["--no-mapping", "an example that is in no database"],
    ),
    "publication": (
        ["--set", "doi=10.1000/182"],
        {
            "label": ["Example 2018, A publication"],
            "definition": ["The publication “A publication” by Example."],
            "source": ["ankathil2019"],
            "cited-in": ["ankathil2019"],
            "reference-number": ["999"],
            "year": ["2018"],
        },
        "ontology/publications.ttl",
        "example2018Publication",
        ["--name", "example2018Publication"],
    ),
    "class": (
        [],
        {
            "label": ["example-targeting drug"],
            "definition": ["An example-targeting drug is a drug that targets an example."],
            "source": ["ctresCurators"],
            "superclass": ["drug"],
        },
        "ontology/therapies.ttl",
        "ExampleTargetingDrug",
        [],
    ),
    "finding": (["--cites", "ref 102", "--model", "MCF-7"], FINDING, "ontology/findings/ankathil2019.ttl", None, []),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_block_alone_is_new_in_the_module_of_its_kind(copy: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    extra, given, path, name, mapping = KINDS[kind]
    before = contents(copy.parent)
    name = name or naming.next_number("ankathil2019-", set(re.findall(r"ankathil2019-\d+", before[path])))
    assert main(["new", kind, *options(given), *extra, *mapping]) == 0
    out, err = capsys.readouterr()
    assert "Violation (" not in err
    assert "Warning (" not in err
    new = added(before, contents(copy.parent))
    table = path.replace("ontology/", "ontology/alignments/").replace(".ttl", ".sssom.tsv")
    mapped = {"--mapping": {path, table, table.replace(".sssom.tsv", ".ttl")}, "--no-mapping": {path, table}}
    assert set(new) == mapped.get((mapping or [""])[0], {path})
    place = re.search(rf"{re.escape(os.path.relpath(copy.parent / path))}, line (\d+): ctres:{name} “{re.escape(given['label'][0])}”", out)
    assert place, out
    lines = contents(copy.parent)[path].splitlines()
    assert lines[int(place[1]) - 1] == f"ctres:{name}"
    assert sum(line.startswith(("ctres:", "[]")) for line in new[path]) == 1 + extra.count("targets=TOP2A")
    assert f'    rdfs:label "{given["label"][0]}"@en ;' in new[path]
    assert main(["fmt", "--check"]) == 0
    if mapped.get((mapping or [""])[0]):
        rows = contents(copy.parent)[table].splitlines()
        (row,) = new[table]
        assert row.startswith(f"ctres:{name}\t{given['label'][0]}\tskos:exactMatch\t")
        body = [line.split("\t")[0] for line in rows if not line.startswith("#")][1:]
        assert body == sorted(body)


def test_what_a_block_says_is_what_was_given(copy: Path, kb: KnowledgeBase) -> None:
    given = {
        **FINDING,
        "cites": ["ref 102", "wang2011MicroRNA21"],
        "sentence": ["12", "7"],
        "via": ["PTEN"],
        "note": ["An “example”, in\ttwo parts."],
    }
    assert Draft(kb, "finding", given).block == "\n".join(
        [
            Draft(kb, "finding", FINDING).iri.replace(BASE, "ctres:"),
            "    a\n        owl:NamedIndividual ,\n        ctres:Finding\n        ;",
            '    rdfs:label "miR-21 raises miR-9 in this example"@en ;',
            "    ctres:agent ctres:miR21 ;",
            "    ctres:certainty ctres:demonstrated ;",
            "    ctres:cites ctres:wang2011MicroRNA21 ;",
            '    ctres:curatorNote "An “example”, in\\ttwo parts."@en ;',
            '    ctres:section "MicroRNAs in chemoresistance" ;',
            "    ctres:sentence\n        7 ,\n        12\n        ;",
            "    ctres:source ctres:ankathil2019 ;",
            "    ctres:upregulates ctres:miR9 ;",
            "    ctres:via ctres:PTEN ;",
            "    .",
        ]
    )
    drug = Draft(
        kb, "drug", {**DRUG, "targets": ["TOP2A"]}, types=["anthracycline", "drug"], background=True, mapping=["CHEBI:42068 idarubicin"]
    ).block
    assert "ctres:Drug" not in drug, "it follows from the other type"
    assert "dcterms:source obo:CHEBI_42068 ;" in drug
    assert drug.count("ctres:background true ;") == drug.count("ctres:targets") == 2, "the edge has its source, too"


def test_a_generic_individual_is_named_after_its_class_and_is_its_member(copy: Path, kb: KnowledgeBase) -> None:
    groups = kb.store.subjects(PREFIXES["rdfs"] + "subClassOf", iri=BASE + "MolecularEntity")
    group = min(iri for iri in groups if iri.startswith(BASE) and not any(kb.store.subjects(names.STANDS_FOR, iri=iri)))
    given = {**DRUG, "label": ["molecules of an example"], "source": ["ctresCurators"]}
    draft = Draft(kb, "molecular entity", given, generic=group, no_mapping="an example that needs no term")
    assert draft.iri == BASE + naming.generic_name(group.removeprefix(BASE))
    name = group.replace(BASE, "ctres:")
    assert f"    ctres:standsFor {name} ;" in draft.block
    assert f"        {name}\n        ;" in draft.block, "it is a member of the class"


# -- names and numbers


def test_the_next_number_counts_retired_findings_and_those_of_the_source_alone(copy: Path, kb: KnowledgeBase) -> None:
    first = Draft(kb, "finding", FINDING).iri
    number = int(first.rpartition("-")[2])
    used = {int(n) for n in re.findall(r"^ctres:ankathil2019-(\d{4})$", (copy / "findings" / "ankathil2019.ttl").read_text(encoding="utf-8"), re.M)}
    assert number == max(used) + 1
    retired = f"\n<{BASE}ankathil2019-{number + 3}> owl:deprecated true .\n<{BASE}deAngelis2019-9998> owl:deprecated true .\n"
    with open(copy / "deprecated.ttl", "a", encoding="utf-8") as file:
        file.write(retired)
    assert Draft(kb, "finding", FINDING).iri == f"{BASE}ankathil2019-{number + 4}"
    assert Draft(kb, "finding", {**FINDING, "source": ["deAngelis2019"]}).path == str(copy / "findings" / "deAngelis2019.ttl")
    assert Draft(kb, "finding", {**FINDING, "source": ["deAngelis2019"]}).iri == BASE + "deAngelis2019-9999"
    assert naming.next_number("x-", set()) == "x-0001"
    assert naming.next_number("x-", {"x-9999", "x-10", "x-a", "y-20000"}) == "x-10000"


def test_names_are_made_as_the_house_makes_them(kb: KnowledgeBase) -> None:
    examples = {"miR-21": "miR21", "PTEN": "PTEN", "MCF-7": "MCF7", "let-7c": "let7c", "Breast cancer": "breastCancer", "NF-κB": "NFKappaB"}
    examples |= {
        "mTOR signaling": "mtorSignaling",
        "PI3K inhibitors": "PI3KInhibitor",
        "Crohn's disease": "crohnsDisease",
        "metastasis": "metastasis",
    }
    assert {label: naming.local_name(label) for label in examples} == examples
    assert naming.local_name("epigenetic drugs", of_class=True) == "EpigeneticDrug"
    stand_for = {g: c for g in kb.store.subjects(names.STANDS_FOR) for c in kb.store.objects(g, names.STANDS_FOR)}
    assert len(stand_for) > 500
    agree = [g for g, c in stand_for.items() if naming.generic_name(c.removeprefix(BASE)) == g.removeprefix(BASE)]
    assert len(agree) > 0.97 * len(stand_for)
    for of in ("MicroRNA", "GeneProduct", "SmallMoleculeDrug", "CellLine"):
        labels = {iri: names.label(kb.store, iri) for iri in kb.store.subjects(names.TYPE, iri=BASE + of, graph=ASSERTED) if iri not in stand_for}
        labels = {iri: label for iri, label in labels.items() if label[0].isalpha()}
        agree = [iri for iri, label in labels.items() if naming.local_name(label) == iri.removeprefix(BASE)]
        assert len(agree) > 0.8 * len(labels) > 0, of


# -- what the ontology and the shapes say is an option, or needed


def test_the_options_and_needs_of_a_finding_come_from_the_ontology_and_the_shapes(kb: KnowledgeBase) -> None:
    slots = Slots(kb.store, "finding")
    used = {t.predicate.value for t in kb.store.triples(graph=ASSERTED) if re.search(r"/[A-Za-z]+2019-\d+$", getattr(t.subject, "value", ""))}
    said = {iri for iri in used if iri.startswith(BASE)} - {BASE + "curatorNote"}
    assert len(said) > 30
    assert said <= set(slots.properties.values())
    assert slots.properties["source"] == BASE + "source"
    assert Slots(kb.store, "drug").properties["source"] == PREFIXES["dcterms"] + "source"
    assert set(slots.properties) & {"promotes", "has-effect", "concerns", "has-subject"} == set()
    needed = [problem.options for problem in slots.missing((), own=True)]
    assert needed[0] == ("label",)
    assert needed[1] == ("agent", "lost-agent")
    assert {"induces", "alters", "is-marker-of"} < set(needed[2])
    assert needed[3:] == [("certainty",), ("section",), ("sentence",), ("source",)]
    assert [p.options for p in Slots(kb.store, "drug").missing((), own=True)] == [("label",), ("definition",), ("source",)]
    assert [p.options for p in Slots(kb.store, "drug").missing((), own=False)] == [("label",)]


@pytest.mark.parametrize("name", ["drug", "Drug", "microRNA", "miRNA", "cell line", "gene product", "therapeutic strategy", "ctres:Publication"])
def test_a_kind_is_a_class_by_any_of_its_names(kb: KnowledgeBase, name: str) -> None:
    assert kb.store.graph_of(Slots(kb.store, name).kind, names.TYPE, PREFIXES["owl"] + "Class")


# -- what is missing, unknown or ambiguous


def test_all_that_is_missing_or_wrong_is_one_usage_error(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(copy.parent)
    assert main(["new", "finding", "--agent", "miR-2100", "--cites", "ref 7", "--sentence", "seven", "--set", "xyzzy=1"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("ctres: this finding cannot be made yet:\n")
    for part in (
        "--agent: no term is called “miR-2100”. Did you mean “miR-210”",
        "--cites: “ref 7” needs a source",
        "--sentence: found “seven” as ctres:sentence: expected a number (integer)",
        "xyzzy: no property is called “xyzzy”",
        "--label is missing: A finding must have an rdfs:label",
        "--activates or --alters or",
        "--certainty is missing",
        "--section is missing",
        "--source is missing",
    ):
        assert f"\n  - {part}" in err
    assert err.count("\n  - ") == 9
    assert main(["new", "drug"]) == 2
    assert re.findall(r"^  - (--\S+) is missing", capsys.readouterr().err, re.M) == ["--label", "--definition", "--source", "--mapping"]
    assert main(["new"]) == 2
    assert contents(copy.parent) == before


def refused(kb: KnowledgeBase, kind: str, given: dict[str, list[str]], **more: object) -> list[str]:
    with pytest.raises(DraftError) as caught:
        Draft(kb, kind, given, **more)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def test_names_that_are_unknown_ambiguous_or_taken_are_refused(copy: Path, kb: KnowledgeBase) -> None:
    with pytest.raises(UnknownTermError, match="no class is called “drugg”"):
        Draft(kb, "drugg", DRUG)
    ambiguous = next(name for name in ("ER", "PR", "MRD", "stress", "CAF") if is_ambiguous(kb, name))
    assert re.match(f"--agent: “{ambiguous}” is the name of \\d terms: ctres:", refused(kb, "finding", {**FINDING, "agent": [ambiguous]})[0])
    no = {"no_mapping": "an example that needs no term"}
    assert refused(kb, "drug", {**DRUG, "label": ["Adriamycin"]}, **no) == [
        "--label: ctres:doxorubicin (“doxorubicin”) is called that already. Use it, or choose a label that tells the two apart"
    ]
    assert refused(kb, "drug", DRUG, name="PTEN", **no)[0].startswith("--name: ctres:PTEN is taken, by “PTEN”")
    assert refused(kb, "drug", {**DRUG, "label": ["5-example"]}, **no)[0].startswith("--name: no name can be made of “5-example”")
    assert refused(kb, "finding", {**FINDING, "cites": ["ref 4444"]})[0].startswith("--cites: no publication in the reference list")
    assert refused(kb, "finding", {**FINDING, "cancer": ["MCF-7"]})[0].startswith("--cancer: no ")


def is_ambiguous(kb: KnowledgeBase, name: str) -> bool:
    try:
        kb[name]
    except AmbiguousTermError:
        return True
    except KeyError:
        pass
    return False


def test_mappings_are_refused_that_would_spoil_the_table(copy: Path, kb: KnowledgeBase) -> None:
    for mapping, message in {
        "CHEBI:28748 doxorubicin": "CHEBI:28748 is ctres:doxorubicin",
        "FOO:1 x": "expected a CURIE and its label. Prefixes: CHEBI",
        "CHEBI:42068": "expected a CURIE and its label",
    }.items():
        assert message in refused(kb, "drug", DRUG, mapping=[mapping])[0]
    assert "--mapping: “none” is too short a reason" in refused(kb, "drug", DRUG, no_mapping="none")[0]
    assert "--mapping is missing" in refused(kb, "drug", DRUG)[0]
    assert "has no table of mappings" in refused(kb, "finding", FINDING, mapping=["CHEBI:42068 idarubicin"])[0]


# -- violations and files that are not right


def test_a_violation_is_shown_and_every_file_stays_as_it_was(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(copy.parent)
    given = {**FINDING, "sentence": ["0"], "inhibits": ["PTEN"], "source": ["ankathil2019", "deAngelis2019"]}
    assert main(["new", "finding", *options(given)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Violation (finding sentence)" in err
    assert "Violation (finding effect)" in err
    assert "Violation (finding source)" in err
    assert err.endswith("ctres: nothing was written\n")
    assert contents(copy.parent) == before


def test_a_draft_that_contradicts_the_ontology_is_not_written(copy: Path, kb: KnowledgeBase) -> None:
    before = contents(copy.parent)
    draft = Draft(kb, "drug", DRUG, types=["cancer"], mapping=["CHEBI:42068 idarubicin"])
    with pytest.raises(ValidationError, match="contradiction"):
        draft.write()
    assert contents(copy.parent) == before


def test_a_dry_run_prints_the_block_and_writes_nothing(copy: Path, kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(copy.parent)
    assert main(["new", "finding", *options(FINDING), "--dry-run"]) == 0
    assert capsys.readouterr() == (Draft(kb, "finding", FINDING).block + "\n", "")
    assert contents(copy.parent) == before


def test_a_module_that_is_not_canonical_is_left_alone(copy: Path, kb: KnowledgeBase) -> None:
    module = copy / "findings" / "ankathil2019.ttl"
    module.write_text(module.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    before = contents(copy.parent)
    draft = Draft(kb, "finding", FINDING)
    with pytest.raises(authoring.draft.CtresError, match="is not in canonical form"):
        draft.write()
    assert contents(copy.parent) == before


# -- files of one's own


def test_a_new_file_with_names_of_its_own_passes_the_check(
    copy: Path, kb: KnowledgeBase, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "in_checkout", lambda: False)
    before, path = contents(copy), tmp_path / "lab.ttl"
    own = ["--into", str(path), "--namespace", LAB]
    assert main(["new", "publication", "--label", "Report of our laboratory 2026", "--set", "doi=10.1000/182", "--name", "report2026", *own]) == 0
    finding = {**FINDING, "source": [LAB + "report2026"]}
    assert main(["new", "finding", *options(finding), *own]) == 0
    assert f"line 16: {LAB}report2026-0001 “" in capsys.readouterr().out
    text = path.read_text(encoding="utf-8")
    assert "@prefix my: <https://example.org/lab/> .\n" in text
    assert re.findall(r"^my:\S+$", text, re.M) == ["my:report2026", "my:report2026-0001"]
    again = {**finding, "label": ["The same once more"], "source": ["Report of our laboratory 2026"]}
    assert Draft(kb.with_data(path), "finding", again, into=str(path), namespace=LAB).iri == LAB + "report2026-0002"
    assert turtle.format_file(path, check=True) is False
    assert main(["check", str(path)]) == 0
    assert "no Violations, no Warnings" in capsys.readouterr().out
    assert contents(copy) == before


def test_an_installed_package_and_names_of_ones_own_need_a_file(copy: Path, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Add --namespace" in refused(kb, "finding", FINDING, into="lab.ttl")[0]
    assert "Add --into FILE.ttl" in refused(kb, "finding", FINDING, namespace=LAB)[0]
    assert refused(kb, "finding", FINDING, into="lab.ttl", namespace="lab")[0].startswith("--namespace: “lab” is no namespace")
    assert "there is no folder no-such-folder" in refused(kb, "finding", FINDING, into="no-such-folder/lab.ttl", namespace=LAB)[0]
    monkeypatch.setattr(resources, "in_checkout", lambda: False)
    assert refused(kb, "finding", FINDING) == [
        "--into is missing: this CTRES is an installed package, whose files are not to be edited. Add --into FILE.ttl and --namespace IRI"
    ]


# -- the dialogue


def test_a_dialogue_asks_for_what_is_wrong_or_missing_until_the_answers_fit(
    copy: Path, kb: KnowledgeBase, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [
        ("agent", ""),
        ("agent", "PTENN"),
        ("agent", "PTEN"),
        ("sentence", "x"),
        ("sentence", "7"),
        ("certainty", "maybe"),
        ("certainty", "demonstrated"),
        ("section", "MicroRNAs in chemoresistance"),
    ]
    prompts: list[str] = []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        return script[len(prompts) - 1][1]

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    given = {**FINDING, "agent": ["PTENNN"], "sentence": ["seven"]}
    del given["certainty"], given["section"]
    assert main(["new", "finding", *options(given), "--dry-run"]) == 0
    out, _ = capsys.readouterr()
    assert [prompt.partition(" (such as")[0].rstrip(": ") for prompt in prompts] == [asked for asked, _ in script]
    assert set(re.findall(r"[a-z]+", prompts[5])) > {"demonstrated", "stated", "proposed", "open"}
    assert out.count("no term is called “PTENN”. Did you mean “PTEN”") == 1
    assert "no certainty is called “maybe”" in out
    assert out.endswith(Draft(kb, "finding", {**FINDING, "agent": ["PTEN"]}).block + "\n")


def test_a_whole_finding_is_asked_for_on_a_terminal(tmp_path: Path) -> None:
    for folder in ("ontology", "shapes", "sparql", "src"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    module = tmp_path / "ontology" / "findings" / "ankathil2019.ttl"
    before = module.read_text(encoding="utf-8")
    answers = [FINDING["label"][0], "agent", "miR-2100", "miR-21", "upregulates", "miR-9", "demonstrated", FINDING["section"][0], "7", "ankathil2019"]
    ours, theirs = pty.openpty()
    try:
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        done = subprocess.run(
            [sys.executable, "-m", "ctres", "new", "finding"],
            stdin=theirs,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
            cwd=tmp_path,
            timeout=300,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, done.stderr) == (0, "")
    assert "agent (such as " in done.stdout
    assert "no term is called “miR-2100”. Did you mean “miR-210”" in done.stdout
    place = re.search(r"^.*ontology/findings/ankathil2019.ttl, line (\d+): (ctres:ankathil2019-\d{4}) “", done.stdout.splitlines()[-1])
    assert place
    lines = module.read_text(encoding="utf-8").splitlines()
    assert lines[int(place[1]) - 1] == place[2]
    assert "\n".join([*lines[: int(place[1]) - 2], ""]) == before, "the rest is as it was"


def test_an_input_that_ends_writes_nothing(copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(prompt: str) -> str:
        raise EOFError

    before = contents(copy.parent)
    monkeypatch.setattr("builtins.input", ended)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert main(["new", "drug"]) == 2
    assert capsys.readouterr().err == "ctres: the input ended before all was said. Nothing was written\n"
    assert contents(copy.parent) == before
