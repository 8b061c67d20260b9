"""Explanations: all that is inferred has one, they are sound and as short as can be, and those of tests/cases/explanations read well.

`python tests/test_explanations.py` writes the approved texts anew; read the difference before committing it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import PREFIXES as DATA_PREFIXES
from test_questions import VALUES

import ctres
from ctres import reasoner
from ctres.errors import CtresError
from ctres.explanation import Explanation, ExplanationError
from ctres.knowledge import KnowledgeBase
from ctres.questions import Questions
from ctres.reasoner import Step
from ctres.terms import ASSERTED, BASE, INFERRED, PREFIXES

FOLDER = Path(__file__).parent / "cases" / "explanations"
EVIDENCE = BASE + "evidenceType"
HEAD = "ctres explain "
APPROVED = sorted(FOLDER.glob("*.txt"))

Triple = tuple[str, str, str]


def inferred(kb: KnowledgeBase) -> list[Triple]:
    triples = ((t.subject, t.predicate, t.object) for t in kb.store.triples(graph=INFERRED))
    return sorted((s.value, p.value, o.value) for s, p, o in triples)


@pytest.fixture(scope="module")
def facts(kb: KnowledgeBase) -> list[Triple]:
    found = inferred(kb)
    assert len(found) > 30_000
    return found


def size(step: Step) -> int:
    return 1 + sum(map(size, step.premises))


# -- all of them


def test_every_inferred_statement_is_explained_by_asserted_ones(kb: KnowledgeBase, facts: list[Triple]) -> None:
    asserted: dict[Triple, bool] = {}
    for fact in facts:
        if fact[1] == EVIDENCE:
            continue
        step = kb.derivations.shortest(*fact)
        assert step is not None, fact
        assert not step.asserted, fact
        assert step.axioms or step.premises, fact
        for leaf in step.leaves():
            if leaf not in asserted:
                asserted[leaf] = kb.store.graph_of(*leaf) == ASSERTED
            assert asserted[leaf], (fact, leaf)


def test_every_inferred_statement_reads_as_a_tree_in_words(kb: KnowledgeBase, facts: list[Triple]) -> None:
    for s, p, o in facts[::7]:
        explanation = kb.explain(kb.term(s), "is a" if p in (PREFIXES["rdf"] + "type", PREFIXES["rdfs"] + "subClassOf") else kb.term(p), kb.term(o))
        text = str(explanation)
        assert explanation.basis or explanation.because
        assert "http://www.w3.org" not in text
        assert "bnode:" not in text
        assert "<" not in text


def test_the_evidence_type_is_explained_by_its_rule(kb: KnowledgeBase, facts: list[Triple]) -> None:
    fact = next(fact for fact in facts if fact[1] == EVIDENCE)
    assert "rule: The evidence type of each finding" in str(kb.explain(*map(kb.term, fact)))


# -- sound, and short


def axioms_of(kb: KnowledgeBase) -> str:
    kinds = (t for t in kb.store.triples(PREFIXES["rdf"] + "type", ASSERTED) if str(t.object).startswith("<" + PREFIXES["owl"]))
    return "".join(f"{t} .\n" for group in (kinds, *(kb.store.triples(p, ASSERTED) for p in reasoner.LOGICAL)) for t in group)


def test_what_an_explanation_rests_on_is_enough_for_the_reasoner(kb: KnowledgeBase, facts: list[Triple]) -> None:
    sample = [fact for fact in facts[:: len(facts) // 25] if fact[1] != EVIDENCE]
    assert len(sample) > 20
    axioms = axioms_of(kb)
    for fact in sample:
        step = kb.derivations.shortest(*fact)
        assert step is not None
        leaves = "".join("<{}> <{}> <{}> .\n".format(*leaf) for leaf in step.leaves())
        assert fact in set(reasoner.materialise(axioms + leaves).triples), fact


def test_explanations_are_as_short_as_those_of_the_rule_engine(kb: KnowledgeBase, facts: list[Triple]) -> None:
    sample = [fact for fact in facts[:: len(facts) // 300] if fact[1] != EVIDENCE]
    assert len(sample) > 250
    longer = shorter = 0
    for fact in sample:
        ours, theirs = kb.derivations.shortest(*fact), kb.materialisation.trace(*fact)
        assert ours is not None
        assert theirs is not None
        # Steps up a hierarchy cost ours little, so that one more of them may be taken to spare another step.
        assert size(ours) <= size(theirs) + 1, fact
        longer += size(ours) > size(theirs)
        shorter += size(ours) < size(theirs)
    assert longer <= shorter


def test_all_explanations_rest_on_different_findings_and_none_on_more_than_it_needs(kb: KnowledgeBase) -> None:
    several = 0
    for row in kb.sparql("SELECT DISTINCT ?s ?o { ?s ctres:promotes ?o } ORDER BY ?s ?o"):
        found = kb.explanations(row.s, "promotes", row.o, most=50)
        sets = [frozenset(one.findings) for one in found]
        assert len(set(sets)) == len(sets)
        assert not any(one < other for one in sets for other in sets)
        # Each finding that says so by itself is an explanation of its own.
        text = f"""SELECT DISTINCT ?f {{ ?f ctres:hasCausalEffect <{row.o.iri}> .
            {{ ?f ctres:agent <{row.s.iri}> ; ctres:increases <{row.o.iri}> }}
            UNION {{ ?f ctres:lostAgent <{row.s.iri}> ; ctres:decreases <{row.o.iri}> }} }}"""
        assert {f.f for f in kb.sparql(text)} == {finding for one in sets for finding in one if len(one) == 1}
        several += len(found) > 1
    assert several > 30


def test_the_number_of_explanations_can_be_limited(kb: KnowledgeBase) -> None:
    every = kb.explanations("hypoxia", "promotes", "drug resistance")
    assert len(every) == 2
    assert [str(one) for one in kb.explanations("hypoxia", "promotes", "drug resistance", most=1)] == [str(every[0])]
    assert str(kb.explain("hypoxia", "promotes", "drug resistance")) == str(every[0])


# -- rows


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_row_is_explained_by_its_own_findings(kb: KnowledgeBase, name: str) -> None:
    answer = kb.ask(name, **VALUES[name])
    assert len(answer)
    own = {column.name for column in Questions()[name].columns if column.name.endswith(("finding", "against"))}
    for row in answer[:15]:
        explanation = row.explain()
        assert explanation.statement
        if own:
            named = {finding for column in own for finding in (row[column] if isinstance(row[column], tuple) else (row[column],)) if finding}
            assert set(explanation.findings) == named


def test_a_row_about_a_group_says_why_the_member_is_in_it(kb: KnowledgeBase) -> None:
    row = next(row for row in kb.ask("resistance-factors", therapy="anthracyclines") if row.match == "its member")
    assert "doxorubicin is an anthracycline" in str(row.explain())
    members = kb.ask("members-of", kind="sleeping strategy")
    inferred_rows = [row for row in members if row.basis == "inferred"]
    assert inferred_rows
    for row in inferred_rows:
        assert any("sleeping strategy" in part.statement and part.because for part in row.explain().because), row


# -- why not

# What does not hold, and the finding that would make it hold.
MISSING = {
    ("SOX2", "is a", "dormancy factor"): "ctres:agent ctres:SOX2 ; ctres:induces ctres:dormancy",
    ("miR-21", "suppresses", "doxorubicin resistance"): "ctres:agent ctres:miR21 ; ctres:decreases ctres:doxorubicinResistance",
    ("PTEN", "confers resistance to", "doxorubicin"): "ctres:lostAgent ctres:PTEN ; ctres:decreases ctres:doxorubicinResistance",
    ("doxorubicin", "is a", "sleeping strategy"): "ctres:agent ctres:doxorubicin ; ctres:maintains ctres:dormancy",
    ("senescence", "can become", "dormancy"): "ctres:agent ctres:senescence ; ctres:transitionsTo ctres:dormancy",
}


@pytest.mark.parametrize("statement", MISSING)
def test_what_is_said_to_be_missing_is_what_is_missing(kb: KnowledgeBase, tmp_path: Path, statement: tuple[str, str, str]) -> None:
    missing = kb.why_not(*statement)
    assert missing.missing
    assert all(part.missing or part.basis or part.because for part in missing.because)
    with pytest.raises(ExplanationError, match="not known: ") as raised:
        kb.explain(*statement)
    assert str(raised.value.missing) == str(missing)
    data = tmp_path / "mine.ttl"
    data.write_text(
        DATA_PREFIXES
        + f"""my:f1 a owl:NamedIndividual , ctres:Finding ; rdfs:label "A finding that was missing"@en ; {MISSING[statement]} ;
        ctres:certainty ctres:stated ; ctres:source ctres:ankathil2019 ; ctres:section "Introduction" ; ctres:sentence 1 .""",
        encoding="utf-8",
    )
    mine = kb.with_data(data)
    assert [finding.iri for finding in mine.explain(*statement).findings] == ["https://example.org/lab/f1"]
    with pytest.raises(ExplanationError, match="does hold"):
        mine.why_not(*statement)


def test_only_what_lacks_is_called_missing(kb: KnowledgeBase) -> None:
    missing = kb.why_not("SOX2", "dormancy factor")
    assert [(part.missing, part.statement) for part in missing.because] == [
        (False, "SOX2 is a molecular entity"),
        (True, "SOX2 promotes some dormancy state"),
    ]


# -- as people read them


def text_of(kb: KnowledgeBase, command: str) -> str:
    words = command.removeprefix(HEAD).split(" | ")
    try:
        return "\n\n".join(map(str, kb.explanations(*words[:-1]) if words[-1] == "--all" else [kb.explain(*words)]))
    except CtresError as error:
        return str(error)


def test_there_are_approved_explanations() -> None:
    assert len(APPROVED) >= 12


@pytest.mark.parametrize("path", APPROVED, ids=lambda path: path.stem)
def test_an_explanation_reads_as_approved(kb: KnowledgeBase, path: Path) -> None:
    command, _, text = path.read_text(encoding="utf-8").partition("\n")
    assert command.startswith(HEAD)
    assert text_of(kb, command) == text.rstrip("\n")


def test_an_explanation_is_a_tree_of_explanations(kb: KnowledgeBase) -> None:
    explanation = kb.explain("G-CSF", "awakening strategy")
    assert isinstance(explanation.because[0], Explanation)
    assert len(explanation.findings) == 1


if __name__ == "__main__":
    for path in APPROVED:
        command = path.read_text(encoding="utf-8").partition("\n")[0]
        path.write_text(f"{command}\n{text_of(ctres.load(), command)}\n", encoding="utf-8")
        print(f"wrote {path}")
