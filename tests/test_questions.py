"""The canned questions: their headers, their parameters, and their answers compared with answers worked out by hand from the reviews."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctres import resources
from ctres.errors import CtresError, QuestionError, UnknownTermError
from ctres.knowledge import KnowledgeBase
from ctres.questions import Question, Questions
from ctres.rows import Row
from ctres.rows import value as read
from ctres.term import Term

QUESTIONS = sorted(Path(resources.find("sparql", "questions")).glob("*.rq"))
CASES = sorted((Path(__file__).parent / "cases" / "questions").glob("*.tsv"))
NAMES = [path.stem for path in QUESTIONS]
# For each question, values that its parameters accept.
VALUES = {
    "alterations-of-resistance": {"therapy": "chemotherapy"},
    "causal-chains": {"start": "unfolded protein response", "end": "immune evasion"},
    "citations-of": {"publication": "Ankathil 2019"},
    "claims-in-both-reviews": {"term": "Notch signaling"},
    "combination-effects": {"therapy": "metformin"},
    "contradictions": {"term": "hypoxia"},
    "counts-by-cancer": {"term": "tamoxifen"},
    "counts-by-certainty": {"term": "mithramycin"},
    "counts-by-mechanism": {"term": "hydroxychloroquine"},
    "cross-resistance": {"therapy": "gemcitabine"},
    "distinguishing-features": {"term": "quiescence", "other": "senescence"},
    "drug-targets": {"therapy": "gefitinib"},
    "effects-of": {"factor": "PTEN"},
    "factors-of-kind": {"kind": "transcription factor", "resisted": "chemotherapy"},
    "factors-of-several-resistances": {"kind": "microRNA"},
    "findings-by-certainty": {"certainty": "proposed", "term": "NSAIDs"},
    "findings-by-section": {"term": "hypoxia", "review": "Ankathil 2019"},
    "findings-in-model": {"model": "MCF-7"},
    "findings-of": {"term": "PTEN"},
    "hypotheses": {"resistance": "doxorubicin resistance", "therapy": "retinoic acid"},
    "landscape": {"resistance": "doxorubicin resistance"},
    "landscape-counts": {"resistance": "doxorubicin resistance"},
    "located-in": {"site": "exosomes"},
    "markers-of": {"state": "senescent cells"},
    "mechanisms-of-resistance": {"resistance": "doxorubicin resistance"},
    "mechanisms-without-strategy": {"resistance": "tamoxifen resistance"},
    "members-of": {"kind": "microRNA"},
    "microrna-hypotheses": {"resistance": "doxorubicin resistance"},
    "micrornas-of-resistance": {"therapy": "doxorubicin", "cancer": "breast cancer"},
    "micrornas-of-target": {"target": "PTEN"},
    "most-cited": {"term": "hydroxychloroquine"},
    "niche-effects": {"factor": "neutrophil extracellular traps"},
    "onset-of-resistance": {"therapy": "gemcitabine"},
    "open-questions": {"term": "dormancy"},
    "opposite-roles": {"kind": "therapy resistance"},
    "pathway-activity": {"pathway": "autophagy"},
    "population-profile": {"population": "senescent cells"},
    "proposed-strategies": {"target": "cell cycle re-entry"},
    "requirements": {"term": "autophagy"},
    "resistance-factors": {"therapy": "doxorubicin", "cancer": "breast cancer"},
    "resistance-regulators": {"therapy": "cisplatin", "cancer": "breast cancer"},
    "resistances-of-cancer": {"cancer": "leukemia"},
    "resistances-to-class": {"kind": "tyrosine kinase inhibitor"},
    "routes": {"start": "senescent cells", "end": "cancer stem cells"},
    "secreted-factors": {"term": "cancer-associated fibroblasts"},
    "sensitizers": {"therapy": "doxorubicin", "cancer": "breast cancer"},
    "shared-factors": {"resistance": "doxorubicin resistance", "other": "trastuzumab resistance"},
    "strategies-against": {"target": "dormancy"},
    "strategies-of-kind": {"kind": "sleeping strategy"},
    "targeted-by": {"target": "EGFR"},
    "therapy-strategies": {"therapy": "mithramycin"},
    "transitions": {"state": "senescent cells"},
    "trials": {"term": "prostate cancer"},
    "wakes-or-sleeps": {"kind": "drug"},
    "what-ends": {"state": "PTEN"},
    "what-promotes": {"state": "senescence"},
}
OPTIONAL = [(name, parameter.name) for name in NAMES for parameter in Questions()[name].parameters if parameter.optional]


class Case:
    """An answer worked out by hand.

    The lines before the table give the question's parameters; `only` lines, the rows that are compared, by a value of a
    column; and `sections`, the sections of the reviews that were read for it: rows from others are not compared.
    """

    def __init__(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
        self.question = path.name.split(".")[0]
        self.sections = head.pop("sections", "").split("; ")
        self.only = {key[5:]: head.pop(key) for key in list(head) if key.startswith("only ")}
        self.parameters = head
        table = [line.split("\t") for line in lines if not line.startswith("# ")]
        self.columns, self.expected = table[0], {tuple(cells) for cells in table[1:]}
        assert len(self.expected) == len(table) - 1, f"{path.name} has a row twice"

    def actual(self, kb: KnowledgeBase) -> set[tuple[str, ...]]:
        rows = [row for row in kb.ask(self.question, **self.parameters) if self._counts(row)]
        return {tuple(cell(row[column]) for column in self.columns) for row in rows}

    def _counts(self, row: Row) -> bool:
        read = self.sections == [""] or row["section"] in self.sections
        return read and all(cell(row[column]) == value for column, value in self.only.items())


def cell(value: object) -> str:
    """A value as the cases write it: several sorted, publications by DOI or by their number in the review's list."""
    if isinstance(value, tuple):
        return "; ".join(sorted(map(cell, value)))
    if isinstance(value, Term) and (value.doi or any(kind.curie == "ctres:CitedPublication" for kind in value.kinds)):
        return value.doi or f"reference {value._kb.sparql(f'SELECT ?n {{ <{value.iri}> ctres:referenceNumber ?n }}')[0].n}"
    return "" if value is None else str(value)


def test_every_question_has_a_case_and_every_case_a_question() -> None:
    assert len(QUESTIONS) >= 36
    assert {Case(path).question for path in CASES} == set(NAMES)
    assert set(VALUES) == set(NAMES)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_answer_is_the_one_worked_out_by_hand(kb: KnowledgeBase, path: Path) -> None:
    case = Case(path)
    assert case.actual(kb) == case.expected


@pytest.mark.parametrize("name", NAMES)
def test_a_question_says_what_it_asks_needs_and_returns(name: str) -> None:
    question = Questions()[name]
    assert question.summary.endswith("?")
    assert question.description.endswith(".")
    assert question.tags
    assert question.columns
    assert len({column.name for column in question.columns}) == len(question.columns)
    assert set(question.table) <= {column.name for column in question.columns}
    projected = question.text.partition("SELECT DISTINCT")[2].partition("WHERE")[0].split()
    assert {"?_" + p.name for p in question.parameters} | {"?" + c.name for c in question.columns} == set(projected)
    assert "ORDER BY" in question.text


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_taken_and_the_answer_keeps_its_promises(kb: KnowledgeBase, name: str) -> None:
    question = Questions()[name]
    assert set(VALUES[name]) == {parameter.name for parameter in question.parameters}
    answer = kb.ask(name, **VALUES[name])
    assert answer.columns == tuple(column.name for column in question.columns)
    for row in answer:
        for column in question.columns:
            value = row[column.name]
            assert isinstance(value, tuple) == (column.count == "*")
            assert value is not None or column.count == "?", f"{name}: {column.name} is empty"
            kinds = {"iri": Term, "string": str, "integer": int}[column.kind]
            assert all(isinstance(member, kinds) for member in (value if isinstance(value, tuple) else (value,)) if member is not None)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_runs_exactly_without_its_optional_parameters(kb: KnowledgeBase, name: str) -> None:
    required = {p.name: VALUES[name][p.name] for p in Questions()[name].parameters if not p.optional}
    assert kb.ask(name, **required).columns
    for left_out in required:
        with pytest.raises(QuestionError, match=f"needs the parameter “{left_out}”"):
            kb.ask(name, **{key: value for key, value in required.items() if key != left_out})


def test_there_are_optional_parameters() -> None:
    assert len(OPTIONAL) >= 14


@pytest.mark.parametrize(("name", "parameter"), OPTIONAL)
def test_an_optional_parameter_restricts_the_answer(kb: KnowledgeBase, name: str, parameter: str) -> None:
    given = VALUES[name]
    some = set(kb.ask(name, **given))
    everything = set(kb.ask(name, **{**given, parameter: None}))
    if any(column.name == "match" and column.count == "?" for column in Questions()[name].columns):  # rows also say how they are related to the term
        assert {row.finding for row in some} < {row.finding for row in everything}
    elif "findings" in (columns := [column.name for column in Questions()[name].columns]):  # counts: fewer of each thing
        counted = columns[0]
        most = {row[counted]: row.findings for row in everything}
        assert all(row.findings <= most[row[counted]] for row in some)
        assert sum(row.findings for row in some) < sum(most.values())
    else:
        assert some < everything


def test_a_group_covers_its_members_and_a_member_shows_its_group_and_the_row_says_so(kb: KnowledgeBase) -> None:
    group = kb.ask("resistance-factors", therapy="anthracyclines")
    member = kb.ask("resistance-factors", therapy="doxorubicin")
    in_group = {row.finding for row in group if row.match == "its member"}
    assert in_group
    assert in_group == {row.finding for row in member if row.match == "itself"}
    assert {row.match for row in member} == {"itself", "its group"}
    assert "chemotherapy resistance" in {str(row.resistance) for row in member if row.match == "its group"}


def test_a_cancer_covers_its_kinds(kb: KnowledgeBase) -> None:
    lung = {row.finding for row in kb.ask("resistance-factors", therapy="gefitinib", cancer="lung cancer") if row.match == "itself"}
    assert lung == {row.finding for row in kb.ask("resistance-factors", therapy="gefitinib", cancer="NSCLC") if row.match == "itself"}
    assert len(lung) == 3


HOSTILE = (
    'doxorubicin" . ?s ?p ?o . #',
    "} UNION { ?s ?p ?o",
    "ctres:doxorubicin } SERVICE <http://example.org/> { ?s ?p ?o",
    "<https://w3id.org/ctres/doxorubicin> . ?s ?p ?o . <x>",
    "<https://w3id.org/ctres/doxorubicin>\n}",
    "doxorubicin\n} LIMIT 1 #",
    "5% [",
    "doxorubicin\\u0022",
    "\x00",
    "?x",
    "{",
    "",
    " ",
    "<>",
)


@pytest.mark.parametrize("value", HOSTILE)
def test_no_parameter_can_smuggle_in_sparql(kb: KnowledgeBase, value: str) -> None:
    for name in NAMES:
        for parameter in Questions()[name].parameters:
            with pytest.raises(UnknownTermError):
                kb.ask(name, **{**VALUES[name], parameter.name: value})


@pytest.mark.parametrize("name", NAMES)
def test_a_question_is_plain_sparql_that_runs_without_parameters(kb: KnowledgeBase, name: str) -> None:
    question = Questions()[name]
    required = {p.name: VALUES[name][p.name] for p in question.parameters if not p.optional}
    columns = [column.name for column in question.columns if column.count != "*"]
    result = kb.store.query(question.text, trusted=True)
    assert {"_" + parameter.name for parameter in question.parameters} <= {variable.value for variable in result.variables}
    rows = {tuple(read(kb, row[column]) for column in columns) for row in result}
    if name != "distinguishing-features":  # which leaves out what the other term has, and without parameters every term is the other
        assert {tuple(row[column] for column in columns) for row in kb.ask(name, **required)} <= rows


def test_punctuation_around_a_name_is_not_read(kb: KnowledgeBase) -> None:
    assert kb.ask("drug-targets", therapy="“miR 21”' }").rows == kb.ask("drug-targets", therapy="miR-21").rows


def test_a_question_or_parameter_that_does_not_exist_is_refused_with_what_does(kb: KnowledgeBase) -> None:
    with pytest.raises(QuestionError, match="Did you mean resistance-factors"):
        kb.ask("resistance-factor", therapy="doxorubicin")
    with pytest.raises(QuestionError, match=r"no parameter “drug”.*therapy: Therapy, cancer: Cancer \(optional\)"):
        kb.ask("resistance-factors", drug="doxorubicin")
    for name in ("../questions/transitions", "/etc/passwd", "", "transitions.rq"):
        with pytest.raises(QuestionError, match="there is no question called"):
            kb.ask(name)


def test_a_parameter_must_be_of_its_kind(kb: KnowledgeBase) -> None:
    for value in ("PTEN", "ctres:PTEN", "<https://w3id.org/ctres/PTEN>"):
        with pytest.raises(UnknownTermError, match="therapy is called"):
            kb.ask("resistance-factors", therapy=value)
    with pytest.raises(UnknownTermError):
        kb.ask("resistance-factors", therapy=kb["PTEN"])


def test_the_questions_are_a_listing_that_people_can_read(kb: KnowledgeBase) -> None:
    assert list(kb.questions) == sorted(NAMES)
    assert len(kb.questions) == len(NAMES)
    assert repr(kb.questions).splitlines() == [f"{name}: {kb.questions[name].summary}" for name in sorted(NAMES)]
    assert repr(kb.questions["transitions"]).startswith("<Question transitions(state: any term (optional)): ")


BAD_HEADERS = {
    "#+ returns: x iri\nSELECT ?x {}": "lacks `#\\+ summary:`",
    "#+ summary: What?\nSELECT ?x {}": "lacks `#\\+ returns:`",
    "#+ sumary: What?\n#+ returns: x iri\nSELECT ?x {}": "line 1",
    "#+ summary: What?\n#+ returns: x uri\nSELECT ?x {}": "cannot read “x uri”",
    "#+ summary: What?\n#+ params: a string\n#+ returns: x iri\nSELECT ?x {}": "cannot read “a string”",
    "#+ summary: What?\n#+ returns: x iri\n#+ table: x, y\nSELECT ?x {}": "does not have: y",
}


@pytest.mark.parametrize("text", BAD_HEADERS)
def test_a_misspelt_header_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "asked.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CtresError, match=BAD_HEADERS[text]):
        Question(str(path))
