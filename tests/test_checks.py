"""Checks of the ontology: each finds its fault, none finds one in CTRES, and the page lists them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT

from ctres import checks, turtle
from ctres.errors import QuestionError
from ctres.knowledge import KnowledgeBase
from ctres.report import Fault
from ctres.store import Store
from ctres.terms import ASSERTED, INFERRED, shorten

CASES = Path(__file__).parent / "cases" / "checks"
CHECKS = {check.name: check for check in checks.all()}
# The checks of `robot report`, as ROBOT 1.9 and later have them in their profile, with their levels.
ROBOT = {
    "Violation": "deprecated_boolean_datatype deprecated_class_reference deprecated_property_reference duplicate_definition duplicate_label "
    "illegal_use_of_built_in_vocabulary label_formatting label_whitespace missing_label missing_ontology_description missing_ontology_license "
    "missing_ontology_title misused_obsolete_label misused_replaced_by multiple_definitions multiple_equivalent_class_definitions multiple_labels",
    "Warning": "annotation_whitespace duplicate_exact_synonym duplicate_label_synonym duplicate_scoped_synonym equivalent_class_axiom_no_genus "
    "equivalent_pair invalid_entity_uri invalid_xref missing_definition missing_obsolete_label missing_subset_declaration "
    "missing_synonymtype_declaration multiple_equivalent_classes",
    "Info": "lowercase_definition missing_superclass",
}
STRICTER = {"missing_definition", "lowercase_definition"}  # which a shape of CTRES calls a Violation as well


def store_of(*names: str) -> Store:
    """A store of the clean ontology and the cases with these names."""
    store = Store()
    for name in ("clean", *names):
        store.add(turtle.triples(CASES / f"{name}.ttl"), ASSERTED)
    return store


def rows(faults: list[Fault]) -> str:
    """Faults as text: the rule, the node, the property and the value; what has no name is `[]`."""

    def short(node: str | None) -> str:
        if node is None:
            return ""
        return "[]" if node.startswith("_:") else re.sub(r"<([^<>]*)>", lambda match: shorten(match[1]), node)

    return "".join(sorted("\t".join([fault.rule, short(fault.focus), short(fault.path), short(fault.value)]) + "\n" for fault in faults))


# --- The files -------------------------------------------------------------------------------------------------------


def test_the_cases_are_the_checks() -> None:
    assert len(CHECKS) > 60
    assert list(CHECKS) == sorted(path.stem for path in (ROOT / "sparql" / "checks").iterdir())
    expected = {f"{name}.{suffix}" for name in CHECKS for suffix in ("ttl", "tsv")}
    assert {path.name for path in CASES.iterdir()} == {*expected, "clean.ttl"}


@pytest.mark.parametrize("name", CHECKS)
def test_each_file_is_complete(name: str) -> None:
    check = CHECKS[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    for sentence in (check.problem, check.solution):
        assert re.fullmatch(r"[A-Z][^\n]*\.", sentence), sentence
        assert ". " not in sentence, "one sentence each"
    assert re.search(r"^SELECT (DISTINCT )?\?entity \?property \?value$", check.text, re.MULTILINE)
    assert re.search(r"^ORDER BY ", check.text, re.MULTILINE)


def test_the_checks_of_robot_are_covered() -> None:
    covered = {check.robot: check for check in CHECKS.values() if check.robot}
    known = {name: severity for severity, names in ROBOT.items() for name in names.split()}
    assert len(known) == 32
    assert len(covered) == sum(bool(check.robot) for check in CHECKS.values()), "each is covered once"
    assert covered.keys() == known.keys()
    for name, check in covered.items():
        assert check.name == name.replace("_", "-")
        assert check.severity == ("Violation" if name in STRICTER else known[name])


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("#+ problem: It is wrong.\n#+ solution: Mend it.\n", "lacks `#\\+ severity:`"),
        ("#+ problem: It is wrong.\n#+ solution: Mend it.\n#+ severity: Error\n", "is “Error”; expected one of Violation, Warning, Info"),
        ("#+ problem: It is wrong.\n#+ remedy: Mend it.\n", "line 2: .*`solution:`"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, header: str, complaint: str) -> None:
    path = tmp_path / "wrong.rq"
    path.write_text(header, encoding="utf-8")
    with pytest.raises(QuestionError, match=complaint):
        checks.Check(str(path))


# --- What they find --------------------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_the_clean_ontology() -> None:
    assert rows(list(checks.faults(store_of()))) == ""


@pytest.mark.parametrize("name", CHECKS)
def test_a_fault_is_found(name: str) -> None:
    """All that all checks find is approved, so that a fault is seen to be found by its own check and hardly by others."""
    found = list(checks.faults(store_of(name)))
    assert rows(found) == (CASES / f"{name}.tsv").read_text(encoding="utf-8")
    assert name.replace("-", " ") in {fault.rule for fault in found}


def test_a_fault_says_what_is_wrong_and_how_to_mend_it() -> None:
    assert list(checks.faults(store_of("class-as-value"))) == [
        Fault(
            rule="class as value",
            component="ClassAsValue",
            severity="Violation",
            focus="<https://w3id.org/ctres/paclitaxel>",
            message="A class stands where an individual must stand, so that no rule or question finds the statement. "
            "Name an individual of the class, or the generic individual that ctres:standsFor it.",
            path="<https://w3id.org/ctres/targets>",
            value="<https://w3id.org/ctres/Kinase>",
        )
    ]


def test_what_was_inferred_is_not_checked() -> None:
    store = store_of()
    store.add_facts([("https://w3id.org/ctres/paclitaxel", "https://w3id.org/ctres/targets", "https://w3id.org/ctres/Kinase")], INFERRED)
    assert list(checks.faults(store)) == []


def test_nothing_is_wrong_with_ctres(kb: KnowledgeBase) -> None:
    assert rows(list(checks.faults(kb.store))) == ""


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_lists_all_checks() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    lines = [
        f"| `{check.name}` | {check.problem} | {check.solution} | {check.severity} | {f'`{check.robot}`' if check.robot else ''} |"
        for check in CHECKS.values()
    ]
    table = "\n".join(["| check | what it finds | remedy | severity | ROBOT's name |", "|---|---|---|---|---|", *lines])
    assert page.endswith(table + "\n")
