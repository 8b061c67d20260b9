"""The pages of docs/patterns: their examples check, what they say follows does follow, what they warn of is caught or does harm."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import ROOT

from ctres import cli
from ctres.knowledge import KnowledgeBase
from ctres.report import Report
from ctres.store import Store
from ctres.terms import ASSERTED, BASE, INFERRED, PREFIXES

FOLDER = ROOT / "docs" / "patterns"
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
HEADER = "\n".join(re.findall(r"^@prefix .*$", INDEX, re.MULTILINE)) + "\n"
PARTS = ["Shape", "What follows", "What does not follow", "Avoid", "See it"]
INVENTED = {"ctres:p38Kinases"}  # CTRES has retired no term yet
TYPE = PREFIXES["rdf"] + "type"
ELSEWHERE = {"a": TYPE, "isReplacedBy": PREFIXES["dcterms"] + "isReplacedBy"}  # names in diagrams that are not of CTRES

# What the examples under "Avoid", which show only the slots that matter, leave out.
SLOTS = '{} rdfs:label "{}"@en ; ctres:certainty ctres:stated ; ctres:source ctres:ankathil2019 ; ctres:section "-" ; ctres:sentence 1 .\n'

Fact = tuple[str, str, str]


class Page:
    """A page of a pattern: its parts by heading, and its Turtle."""

    def __init__(self, path: Path) -> None:
        self.name, self.text = path.stem, path.read_text(encoding="utf-8")
        head, *parts = re.split(r"^## (.+)\n", self.text, flags=re.MULTILINE)
        self.head, self.parts = head, dict(zip(parts[::2], parts[1::2], strict=True))

    def turtle(self, part: str) -> list[str]:
        return re.findall(r"^```turtle\n(.*?)^```", self.parts.get(part, ""), re.MULTILINE | re.DOTALL)

    def facts(self, part: str) -> list[Fact]:
        return facts("\n".join(self.turtle(part)))

    @property
    def diagrams(self) -> list[str]:
        return re.findall(r"^```mermaid\n(.*?)^```", self.text, re.MULTILINE | re.DOTALL)

    @property
    def commands(self) -> list[str]:
        return [line for line in self.parts["See it"].splitlines() if line.startswith("ctres ")]

    @property
    def warnings(self) -> list[tuple[str, list[str]]]:
        """Each example under "Avoid", with the lines that say what comes of it."""
        found: list[tuple[str, list[str]]] = []
        for example, verdict in re.findall(r"^```turtle\n(.*?)^```|^((?:Caught|Harm): [^\n]*)$", self.parts["Avoid"], re.MULTILINE | re.DOTALL):
            if example:
                found.append((example, []))
            else:
                found[-1][1].append(verdict)
        return found

    def drawn(self) -> tuple[dict[str, str], list[tuple[str, Fact]]]:
        """What the diagram draws: each node's IRI with how it opens, and the arrows, solid or dashed, with what they state."""
        nodes: dict[str, tuple[str, str]] = {}
        arrows = []
        for line in self.diagrams[0].splitlines()[1:]:
            parts = re.fullmatch(r' {4}(\S.*?)(?: (-->|-\.->)\|"?([^|"]+)"?\| (.+))?', line)
            assert parts, f"not understood: {line}"
            tail, arrow, label, head = parts.groups()
            ends = []
            for node in (tail, head) if head else (tail,):
                shape = re.fullmatch(r'(\w+)(?:(\(\[|\[|\{\{)"?([^"\]}]+)"?[\])}]+)?', node)
                assert shape, f"not understood: {node}"
                key, opens, text = shape.groups()
                ends.append(nodes.setdefault(key, (iri((text or key).split()[0]), opens or "["))[0])
            if arrow:
                arrows += [(arrow, (ends[0], iri(name), ends[1])) for name in label.split(" (")[0].split(", ")]
        return dict(nodes.values()), arrows


def iri(name: str) -> str:
    """The IRI of a name as diagrams and texts have it."""
    return ELSEWHERE.get(name) or (name.replace("my:", "https://example.org/lab/") if name.startswith("my:") else BASE + name.removeprefix("ctres:"))


def facts(turtle: str) -> list[Fact]:
    """The statements of some Turtle whose ends are IRIs."""
    triples = (quad.triple for quad in ox.parse(HEADER + turtle, ox.RdfFormat.TURTLE))
    return [
        (t.subject.value, t.predicate.value, t.object.value)
        for t in triples
        if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.NamedNode)
    ]


def short(fact: Fact) -> str:
    return " ".join(re.sub(r".*[/#]", "", name) for name in fact)


PAGES = {path.stem: Page(path) for path in sorted(FOLDER.glob("*.md")) if path.name != "README.md"}
FOLLOWS = [(name, fact) for name, page in PAGES.items() for fact in page.facts("What follows")]
FOLLOWS_NOT = [(name, fact) for name, page in PAGES.items() for fact in page.facts("What does not follow")]
VERDICTS = [(name, number, verdict) for name, page in PAGES.items() for number, (_, verdicts) in enumerate(page.warnings) for verdict in verdicts]
COMMANDS = [(name, command) for name, page in PAGES.items() for command in page.commands]
pages = pytest.mark.parametrize("name", PAGES)


@pytest.fixture(scope="module")
def terms(kb: KnowledgeBase) -> KnowledgeBase:
    """CTRES without any finding, not reasoned over: what follows from an example then follows from no other finding."""
    findings = set(kb.store.subjects(TYPE, iri=BASE + "Finding"))
    store = Store()
    store.add([t for t in kb.store.triples(graph=ASSERTED) if not (isinstance(t.subject, ox.NamedNode) and t.subject.value in findings)], ASSERTED)
    return KnowledgeBase(store)


@pytest.fixture(scope="module")
def examples(terms: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The examples of all pages with the terms of CTRES."""
    folder = tmp_path_factory.mktemp("shapes")
    for page in PAGES.values():
        (folder / f"{page.name}.ttl").write_text(HEADER + "\n".join(page.turtle("Shape")), encoding="utf-8")
    return terms.with_data(*sorted(folder.iterdir()))


@pytest.fixture(scope="module")
def mistakes(terms: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """What all pages warn of, with the terms of CTRES."""
    folder = tmp_path_factory.mktemp("avoid")
    for page in PAGES.values():
        for number, (example, _) in enumerate(page.warnings):
            findings = re.findall(r"^(my:\w+) a ctres:Finding ;$", example, re.MULTILINE)
            text = HEADER + example + "".join(SLOTS.format(finding, finding) for finding in findings)
            (folder / f"{page.name}-{number}.ttl").write_text(text, encoding="utf-8")
    return terms.with_data(*sorted(folder.iterdir()))


@pytest.fixture(scope="module")
def report(mistakes: KnowledgeBase) -> Report:
    return mistakes.check()


def test_every_pattern_is_in_the_index() -> None:
    named = {
        "finding",
        "loss-of-function",
        "cross-resistance",
        "transition",
        "resistance-class",
        "strategy-by-effect",
        "generic-individual",
        "deprecation",
    }
    assert named < set(PAGES)
    assert sorted(re.findall(r"\]\(([\w-]+)\.md\) \|$", INDEX, re.MULTILINE)) == sorted(PAGES)


@pages
def test_each_page_has_its_parts(name: str) -> None:
    page = PAGES[name]
    assert list(page.parts) == [part for part in PARTS if part in page.parts]
    assert {"Shape", "What follows", "Avoid", "See it"} <= set(page.parts)
    assert [diagram in page.head for diagram in page.diagrams] == [True]
    assert all([page.turtle("Shape"), page.facts("What follows"), page.commands, page.warnings])
    assert all(verdicts for _, verdicts in page.warnings)


@pages
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[name].text + INDEX):
        assert (FOLDER / target).is_file(), target


@pages
def test_blocks_of_ctres_are_those_of_the_ontology(name: str) -> None:
    ontology = [" ".join(path.read_text(encoding="utf-8").split()) for path in (ROOT / "ontology").rglob("*.ttl")]
    blocks = [block for turtle in PAGES[name].turtle("Shape") for block in turtle.strip().split("\n\n")]
    own = [block for block in blocks if block.startswith(("ctres:", "[]")) and block.split()[0] not in INVENTED]
    assert own
    for block in own:
        assert any(f". {' '.join(block.split())}" in module for module in ontology), f"not so in the ontology:\n{block}"


def test_the_examples_check(examples: KnowledgeBase) -> None:
    assert str(examples.check()).endswith("The data conform: no Violations, no Warnings, no Infos.")


@pytest.mark.parametrize(("name", "fact"), FOLLOWS, ids=lambda value: value if isinstance(value, str) else short(value))
def test_it_follows(examples: KnowledgeBase, name: str, fact: Fact) -> None:
    assert examples.store.graph_of(*fact) == INFERRED


@pytest.mark.parametrize(("name", "fact"), FOLLOWS_NOT, ids=lambda value: value if isinstance(value, str) else short(value))
def test_it_does_not_follow(examples: KnowledgeBase, name: str, fact: Fact) -> None:
    assert examples.store.graph_of(*fact) is None
    assert all(end in examples.store for end in (fact[0], fact[2]))


@pytest.mark.parametrize(("name", "number", "verdict"), VERDICTS)
def test_what_to_avoid_is_caught_or_does_harm(mistakes: KnowledgeBase, report: Report, name: str, number: int, verdict: str) -> None:
    example = facts(PAGES[name].warnings[number][0])
    if caught := re.fullmatch(r"Caught: (Violation|Warning) \((.+)\)\.", verdict):
        nodes = {node for s, _, o in example for node in ((s, o) if caught[2] == "contradiction" else (s,))}
        assert (caught[1], caught[2]) in {(result.severity, result.shape) for result in report.results if result.focus in nodes}
    else:
        harm = re.fullmatch(r"Harm: it (follows|does not follow) that `(.+)`\.", verdict)
        assert harm, verdict
        (fact,) = facts(harm[2] + " .")
        assert mistakes.store.graph_of(*fact) == (INFERRED if harm[1] == "follows" else None)


def test_only_what_is_said_to_be_caught_is_caught(report: Report) -> None:
    """An example that does harm does it silently, or it would not need a warning."""
    for page in PAGES.values():
        for example, verdicts in page.warnings:
            subjects = {fact[0] for fact in facts(example)}
            if all(verdict.startswith("Harm") for verdict in verdicts):
                assert not [result for result in report.results if result.focus in subjects and result.severity != "Info"]


def test_the_successor_answers_to_the_names_of_a_retired_term(examples: KnowledgeBase) -> None:
    assert examples["p38"].iri == BASE + "MAPK14"


@pages
def test_the_diagram_is_true(examples: KnowledgeBase, name: str) -> None:
    nodes, arrows = PAGES[name].drawn()
    for arrow, fact in arrows:
        assert examples.store.graph_of(*fact) == (ASSERTED if arrow == "-->" else INFERRED), f"{arrow} {short(fact)}"
    assert {arrow for arrow, _ in arrows} == {"-->", "-.->"}
    shapes = {BASE + "Finding": "([", PREFIXES["owl"] + "Class": "{{"}
    for node, opens in nodes.items():
        assert opens == next((shape for kind, shape in shapes.items() if examples.store.graph_of(node, TYPE, kind)), "["), node


@pages
def test_every_name_exists(kb: KnowledgeBase, examples: KnowledgeBase, name: str) -> None:
    page = PAGES[name]
    made = {subject for example, _ in page.warnings for subject, *_ in facts(example)}
    prefixed = set(re.findall(r"\bctres:\w[\w-]*", page.text))
    plain = set(re.findall(r"`(\w+)`", re.sub(r"^```.*?^```", "", page.text, flags=re.MULTILINE | re.DOTALL)))
    assert prefixed
    for word in prefixed | (plain - set(kb.questions) - set(ELSEWHERE)):
        assert iri(word) in examples.store or iri(word) in kb.store or iri(word) in made, word


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_the_commands_show_the_pattern(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, command: str
) -> None:
    monkeypatch.setattr("ctres.knowledge.load", lambda *_: kb)  # which has reasoned already, as each explanation needs
    assert cli.main(shlex.split(command)[1:]) == 0
    shown = capsys.readouterr().out
    page = PAGES[name]
    subjects = {subject for subject, *_ in page.facts("Shape") + page.facts("What follows") if subject in kb.store}
    assert any(kb.term(subject).label in shown for subject in subjects)
