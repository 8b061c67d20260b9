"""What follows from the findings, and what must not: hand-picked, each with its reason; and docs/inference.md against the graph."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT

from ctres.knowledge import KnowledgeBase
from ctres.terms import ASSERTED, BASE, INFERRED, PREFIXES

TYPE = PREFIXES["rdf"] + "type"
GRAPHS = f"GRAPH <{INFERRED}>", f"GRAPH <{ASSERTED}>"

FOLLOWS = [
    # Effects and drugs
    ("miR21", "promotes", "doxorubicinResistance", "the agent of a finding that increases it"),
    ("miR21", "confersResistanceTo", "doxorubicin", "what promotes a resistance confers it, in MCF-7 cells"),
    ("miR21", "confersResistanceTo", "trastuzumab", "induces is a kind of increases; MDA-MB-453 cells"),
    ("miR137", "sensitizesTo", "doxorubicin", "what suppresses a resistance sensitizes"),
    ("PTEN", "suppresses", "doxorubicinResistance", "its loss increases the resistance"),
    ("PTEN", "sensitizesTo", "doxorubicin", "loss turned round, then from the resistance to the drug"),
    ("PTEN", "sensitizesTo", "trastuzumab", "loss turned round, with induces"),
    ("FOXO3", "sensitizesTo", "paclitaxel", "its decrease by miR-155 induces the resistance"),
    ("miR199b", "sensitizesTo", "imatinib", "its decrease induces the resistance in chronic myeloid leukemia"),
    ("miR2192", "sensitizesTo", "imatinib", "as miR-199b"),
    ("miR17miR20Cluster", "sensitizesTo", "tamoxifen", "the cluster acts as one"),
    ("amplification3q262", "affects", "miR569", "promotes is a kind of affects"),
    ("quiescence", "canBecome", "dormancy", "a transition"),
    ("senescentCell", "canBecome", "postSenescentCell", "a transition, however rare"),
    ("IDO1", "promotes", "dormancy", "blocking it ends dormancy"),
    ("mhcClassI", "promotes", "immuneSurveillance", "its loss hides disseminated cells from T cells"),
    ("STK11", "suppresses", "immunotherapyResistance", "its loss brings the resistance of lung cancer"),
    ("STK11", "promotes", "STING1", "its loss suppresses STING"),
    # Roles
    ("miR21", "a", "ResistanceInducingMicroRNA", "a microRNA that promotes a resistance"),
    ("miR21", "a", "OncomiR", "it suppresses PTEN, a tumor suppressor by background knowledge"),
    ("miR137", "a", "SensitizingMicroRNA", "a microRNA that suppresses a resistance"),
    ("miR27b", "a", "ResistanceRegulatingMicroRNA", "it alters a resistance, and no more is said"),
    ("MAPK14", "a", "DormancyFactor", "it maintains dormancy; the review prints p38"),
    ("DYRK1A", "a", "DormancyFactor", "it maintains dormancy"),
    ("NR2F1", "a", "DormancyFactor", "it maintains dormancy; printed N2RF1"),
    ("WNT5A", "a", "DormancyFactor", "from osteoblasts, it maintains the dormancy of prostate cancer cells"),
    ("DKK1", "a", "DormancyFactor", "it maintains the dormancy of cancer stem cells by inhibiting Wnt"),
    ("IFNG", "a", "DormancyFactor", "it induces dormancy"),
    ("IFNB1", "a", "DormancyFactor", "it induces dormancy in melanoma"),
    ("CDKN1B", "a", "HypoxiaInducedFactor", "low oxygen raises its expression"),
    ("TWIST1", "a", "EMTTranscriptionFactor", "a transcription factor that promotes EMT"),
    ("miR155", "a", "ExosomalMicroRNA", "found in exosomes"),
    ("HGF", "a", "StemnessFactor", "promotes stemness of colorectal cancer cells"),
    ("dnaDemethylation", "a", "DualRoleProcess", "it reverses resistance in one place and induces it in the other"),
    ("il6Notch3Signaling", "a", "DevelopmentalPathway", "a Notch signaling pathway"),
    ("interferonAlpha", "a", "AwakeningFactor", "it promotes cell cycle re-entry"),
    ("H3K9me3", "a", "SenescenceMarker", "it marks senescence"),
    ("doxorubicin", "a", "TopoisomeraseInhibitor", "it targets topoisomerase II by background knowledge"),
    ("gefitinib", "a", "TyrosineKinaseInhibitor", "it targets EGFR by background knowledge"),
    ("MCF7", "a", "BreastCancerCellLine", "a cell line that derives from breast cancer"),
    # Resistances
    ("doxorubicinResistance", "a", "AnthracyclineResistance", "what is resisted is an anthracycline"),
    ("doxorubicinResistance", "a", "Chemoresistance", "and so a chemotherapy drug"),
    ("doxorubicinResistance", "a", "MicroRNAMediatedResistance", "microRNAs promote it"),
    ("gefitinibResistance", "a", "EGFRInhibitorResistance", "gefitinib targets EGFR"),
    ("paclitaxelResistance", "a", "TaxaneResistance", "paclitaxel is a taxane"),
    ("erlotinibResistance", "a", "TyrosineKinaseInhibitorResistance", "erlotinib targets EGFR"),
    ("bevacizumabResistance", "a", "AntiangiogenicDrugResistance", "bevacizumab is antiangiogenic"),
    ("decitabineResistance", "a", "EpigeneticDrugResistance", "decitabine targets a DNA methyltransferase"),
    # Strategies
    ("antiestrogen", "a", "SleepingStrategy", "promotes dormancy"),
    ("cdk4cdk6Inhibitor", "a", "SleepingStrategy", "promotes dormancy"),
    ("retinoicAcid", "a", "SleepingStrategy", "promotes quiescence"),
    ("dormancyFactorInducer", "a", "SleepingStrategy", "promotes dormancy and its factors"),
    ("gcsf", "a", "AwakeningStrategy", "promotes cell cycle re-entry"),
    ("interferonAlpha", "a", "AwakeningStrategy", "promotes cell cycle re-entry"),
    ("mithramycin", "a", "KillingStrategy", "kills dormant cells"),
    ("hdacInhibitor", "a", "KillingStrategy", "kills dormant cells"),
    ("kdmInhibitor", "a", "KillingStrategy", "kills dormant cells"),
    ("ferroptosisInducer", "a", "KillingStrategy", "kills drug-tolerant cells"),
    ("kdmInhibitor", "a", "EpigeneticStrategy", "targets epigenetic modifiers"),
    ("hydroxychloroquine", "a", "KillingStrategy", "kills dormant disseminated cells"),
    ("hydroxychloroquine", "a", "AutophagyInhibitor", "suppresses autophagy"),
    ("azacitidineTretinoinCombination", "a", "SleepingStrategy", "the trial's combination promotes a dormancy factor, NR2F1"),
    ("azacitidineTretinoinCombination", "a", "AwakeningPreventionStrategy", "averts cell cycle re-entry"),
    ("integrinBlockingAntibody", "a", "AwakeningPreventionStrategy", "averts the reawakening by neutrophil extracellular traps"),
    ("stingReactivatingTherapy", "a", "ImmuneStrategy", "promotes antitumor immunity"),
    ("nanoparticleDelivery", "a", "SensitizingStrategy", "suppresses multidrug resistance"),
    ("integrinInhibitor", "a", "NicheDisruptingStrategy", "suppresses the interaction of cells with their niche"),
    ("nsaid", "a", "AwakeningPreventionStrategy", "averts cell cycle re-entry"),
    ("nsaid", "a", "RelapsePreventionStrategy", "suppresses metastatic relapse"),
    ("physicalExercise", "a", "ImmuneStrategy", "promotes antitumor immunity"),
    # Cells
    ("disseminatedTumorCell", "a", "DrugResistantCell", "by the review's definition"),
    ("hypoxicDrugResistantCell", "a", "StressInducedDrugResistantCell", "it arises through hypoxia"),
    ("ahRActivatedPersister", "a", "DrugTolerantPersister", "a persister that arises through AhR activation"),
    ("postSenescentCell", "a", "ProliferatingCell", "it has re-entered the cell cycle"),
    # Cross-resistance, in both directions for search
    ("gemcitabineResistance", "crossResistantWith", "fluorouracilResistance", "as reported"),
    ("fluorouracilResistance", "crossResistantWith", "gemcitabineResistance", "turned round"),
    ("decitabine", "sharesResistanceWith", "gemcitabine", "between the drugs"),
    ("gemcitabine", "sharesResistanceWith", "decitabine", "between the drugs, turned round"),
    # Kinds of finding
    ("ankathil2019-0042", "a", "ResistanceFinding", "its effect is on a resistance"),
    ("ankathil2019-0044", "a", "LossFinding", "it has a lost agent"),
    ("ankathil2019-0181", "a", "CrossResistanceFinding", "two resistances"),
    ("deAngelis2019-0072", "a", "TransitionFinding", "one state passes into another"),
    ("deAngelis2019-0091", "a", "MarkerFinding", "H3K9me3 marks senescence"),
    ("deAngelis2019-0264", "a", "StrategyFinding", "a drug against dormant cells"),
]

MUST_NOT_FOLLOW = [
    ("drugTolerantPersister", "a", "QuiescentCell", "only most persisters are quiescent"),
    ("disseminatedTumorCell", "a", "DormantCell", "they can be dormant, and are protected whether or not they cycle"),
    ("disseminatedTumorCell", "a", "QuiescentCell", "as above"),
    ("postSenescentCell", "a", "SenescentCell", "it has left senescence"),
    ("postSenescentCell", "a", "QuiescentCell", "it is in the cell cycle"),
    ("tumor", "a", "TherapyResistantCancer", "some tumors become resistant, not cancer as such"),
    ("quiescence", "a", "Senescence", "the two are disjoint"),
    ("quiescence", "a", "Dormancy", "it can become dormancy, and lasts shorter"),
    ("dormancy", "a", "Quiescence", "it is not short-term"),
    ("senescence", "a", "Dormancy", "senescence is stable, dormancy ends"),
    ("interferon", "promotes", "dormancy", "members differ, and a claim about one is not one about the group"),
    ("interferon", "suppresses", "dormancy", "only interferon alpha is said to end dormancy"),
    ("interferon", "a", "DormancyFactor", "as above"),
    ("cdk4cdk6Inhibitor", "a", "CyclinDependentKinaseInhibitorProtein", "a drug is not a protein of the cell"),
    ("NR2F1", "promotes", "cdk4cdk6Inhibitor", "the CDK inhibitors through which it acts are proteins of the cell"),
    ("NR2F1", "affects", "cdk4cdk6Inhibitor", "as above"),
    ("cyclinDependentKinaseInhibitorProtein", "a", "Drug", "a protein of the cell is not a drug"),
    ("cdk4cdk6Inhibitor", "a", "KillingStrategy", "it keeps cells asleep"),
    ("chemotherapy", "a", "KillingStrategy", "it kills cells, but not the dormant or resistant ones"),
    ("chemotherapy", "a", "SleepingStrategy", "senescence is not sleep"),
    ("doxorubicin", "a", "TherapeuticStrategy", "that something sensitizes to it does not make it a strategy"),
    ("cisplatin", "a", "TherapeuticStrategy", "as doxorubicin"),
    ("cisplatin", "a", "SensitizingTherapy", "cells are sensitized to it, not by it"),
    ("gcsf", "a", "SleepingStrategy", "it wakes cells"),
    ("mithramycin", "a", "AwakeningStrategy", "it kills cells without waking them"),
    ("hdacInhibitor", "a", "SleepingStrategy", "no sentence so far says that it prolongs dormancy"),
    ("PTEN", "promotes", "doxorubicinResistance", "its loss does, which is the opposite"),
    ("PTEN", "confersResistanceTo", "trastuzumab", "as above"),
    ("miR199b", "confersResistanceTo", "imatinib", "its decrease does"),
    ("miR21", "confersResistanceTo", "tamoxifen", "no finding says so"),
    ("miR137", "confersResistanceTo", "doxorubicin", "it reduces the resistance"),
    ("miR27b", "sensitizesTo", "tamoxifen", "that it regulates sensitivity has no direction"),
    ("let7c", "confersResistanceTo", "cisplatin", "an inducer for chemotherapy in one list, undirected for cisplatin in the other"),
    ("integrin", "kills", "minimalResidualDisease", "its inhibitors may, it does not"),
    ("cellCycleArrest", "affects", "chemotherapyResistance", "the sentence says that it makes no difference"),
    ("signalingPathway", "promotes", "dormancy", "which pathways do is an open question"),
    ("inflammation", "promotes", "inflammatoryNicheAlteration", "the alterations occur during it"),
    ("NR2F1", "confersResistanceTo", "chemotherapy", "it brings drug resistance; chemotherapy is not named"),
    ("canonicalWntSignaling", "promotes", "drugResistance", "its dysregulation does, whatever its direction"),
    ("autophagy", "promotes", "drugResistance", "its alteration does, whatever its direction"),
    ("autophagy", "promotes", "chemotherapyResistance", "it is involved in four cancers, without a direction"),
    ("SOX9", "promotes", "drugResistance", "it is involved, without a direction"),
    ("SCFFBW7", "promotes", "SOX9", "it regulates it, without a direction"),
    ("SCFFBW7", "suppresses", "SOX9", "as above, whatever else is known"),
    ("perkBranch", "promotes", "drugResistance", "it plays a critical role, without a direction"),
    ("miR29", "confersResistanceTo", "drug", "the exosomes that hold it are associated with resistance"),
    ("ibrutinib", "a", "SensitizingTherapy", "it lowers exosomes; of resistance nothing is said"),
    ("chemotherapy", "a", "SensitizingTherapy", "it is the means of a strategy against stem cells"),
    ("gefitinib", "a", "DormancyInducingTherapy", "drug-tolerant cells emerge under it"),
    ("stingSignaling", "promotes", "metastasis", "it is implicated, without a direction"),
    ("IFNG", "a", "AwakeningFactor", "interferon alpha is"),
    ("hypoxia", "suppresses", "drugResistance", "only together with nutrient deprivation does it sensitize"),
    ("paclitaxelResistance", "crossResistantWith", "gemcitabineResistance", "cross-resistance is not passed on from drug to drug"),
    ("fluorouracil", "sharesResistanceWith", "decitabine", "as above: both share with gemcitabine, in two cancers"),
    ("miR21", "sensitizesTo", "doxorubicin", "no finding says so"),
]


def iri(name: str) -> str:
    return TYPE if name == "a" else BASE + name


@pytest.mark.parametrize(("subject", "relation", "value", "why"), FOLLOWS, ids=lambda part: part.replace(" ", "-"))
def test_it_follows(kb: KnowledgeBase, subject: str, relation: str, value: str, why: str) -> None:
    assert kb.store.graph_of(iri(subject), iri(relation), iri(value)) == INFERRED, why


@pytest.mark.parametrize(("subject", "relation", "value", "why"), MUST_NOT_FOLLOW, ids=lambda part: part.replace(" ", "-"))
def test_it_does_not_follow(kb: KnowledgeBase, subject: str, relation: str, value: str, why: str) -> None:
    for name in (subject, value):
        assert iri(name) in kb.store, f"{name} is no term, so the case tests nothing"
    assert kb.store.graph_of(iri(subject), iri(relation), iri(value)) is None, why


def test_no_case_stands_in_both_lists() -> None:
    cases = [case[:3] for case in FOLLOWS + MUST_NOT_FOLLOW]
    assert len(cases) == len(set(cases))


def names(kb: KnowledgeBase, query: str) -> set[str]:
    return {row.x.iri.removeprefix(BASE) for row in kb.sparql(query)}


# --- Rules that hold for all ------------------------------------------------------------------------------------------


def test_what_is_only_altered_has_no_sign(kb: KnowledgeBase) -> None:
    undirected = kb.sparql(
        """SELECT DISTINCT ?s ?o {
             ?f ctres:agent|ctres:lostAgent ?s ; ctres:alters ?o . ?s a ctres:MicroRNA . ?o a ctres:TherapyResistance
             FILTER NOT EXISTS { ?g ctres:agent|ctres:lostAgent ?s ; ctres:increases|ctres:decreases ?o } }"""
    )
    assert len(undirected) > 25
    signed = [(row.s, row.o) for row in undirected for p in ("promotes", "suppresses") if kb.store.graph_of(row.s.iri, BASE + p, row.o.iri)]
    assert signed == []


@pytest.mark.parametrize(("edge", "gain", "loss"), [("promotes", "increases", "decreases"), ("suppresses", "decreases", "increases")])
def test_each_signed_edge_has_a_finding(kb: KnowledgeBase, edge: str, gain: str, loss: str) -> None:
    rows = kb.sparql(
        f"""SELECT ?s ?o (EXISTS {{ {{ ?f ctres:agent ?s ; ctres:{gain} ?o }} UNION {{ ?f ctres:lostAgent ?s ; ctres:{loss} ?o }} }} AS ?found)
            {{ ?s ctres:{edge} ?o }}"""
    )
    assert len(rows) > 50
    assert [(row.s, row.o) for row in rows if not row.found] == []


def test_what_acts_both_ways_has_a_dual_role(kb: KnowledgeBase, tmp_path: Path) -> None:
    both = "SELECT DISTINCT ?x { ?x a ctres:MolecularEntity ; ctres:promotes/a ctres:TherapyResistance ; ctres:suppresses/a ctres:TherapyResistance }"
    members = "SELECT ?x { ?x a ctres:DualRoleFactor }"
    assert names(kb, members) == names(kb, both)
    data = tmp_path / "mine.ttl"
    data.write_text(
        "@prefix ctres: <https://w3id.org/ctres/> . <https://example.org/1> a ctres:Finding ; ctres:agent ctres:miR137 ;"
        " ctres:increases ctres:cisplatinResistance .",
        encoding="utf-8",
    )
    more = kb.with_data(data)
    assert names(more, members) == names(more, both) == names(kb, both) | {"miR137"}


def test_cross_resistance_is_symmetric_but_findings_keep_their_direction(kb: KnowledgeBase) -> None:
    one_way = kb.sparql("SELECT ?a ?b { ?a ctres:crossResistantWith ?b FILTER NOT EXISTS { ?b ctres:crossResistantWith ?a } }")
    assert one_way == []
    reported = kb.sparql("SELECT DISTINCT ?a ?b { ?f ctres:agent ?a ; ctres:isCrossResistantWith ?b }")
    pairs = {(row.a.iri.removeprefix(BASE), row.b.iri.removeprefix(BASE)) for row in reported}
    assert ("gemcitabineResistance", "fluorouracilResistance") in pairs
    assert ("fluorouracilResistance", "gemcitabineResistance") not in pairs
    assert {("paclitaxelResistance", "doxorubicinResistance"), ("doxorubicinResistance", "paclitaxelResistance")} <= pairs


def test_evidence_follows_from_citations(kb: KnowledgeBase) -> None:
    rows = kb.sparql("SELECT ?f ?type (EXISTS { ?f ctres:cites ?p } AS ?cites) { ?f a ctres:Finding OPTIONAL { ?f ctres:evidenceType ?type } }")
    assert len(rows) > 500
    assert {(str(row.type.iri).rpartition("/")[2], row.cites) for row in rows} == {("ECO_0000033", True), ("ECO_0000034", False)}


def test_what_follows_can_be_explained(kb: KnowledgeBase) -> None:
    facts = [t for t in sorted(kb.materialisation.triples) if t[0].startswith(BASE) and (t[1] == TYPE or t[1].startswith(BASE))]
    sample = facts[:: len(facts) // 150][:150]
    assert len(sample) == 150
    for fact in sample:
        step = kb.materialisation.trace(*fact)
        assert step is not None, fact
        leaves = list(step.leaves())
        assert leaves, fact
        assert all(kb.store.graph_of(*leaf) == ASSERTED for leaf in leaves), fact


# --- The documentation ------------------------------------------------------------------------------------------------

DOC = ROOT / "docs" / "inference.md"


def count(kb: KnowledgeBase, name: str) -> int:
    """How many individuals are inferred to be of a class, or how many edges of a property are inferred."""
    pattern = f"?s a ctres:{name}" if name[0].isupper() else f"?s ctres:{name} ?o"
    return kb.sparql(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{INFERRED}> {{ {pattern} }} }}")[0].n


def test_the_documented_counts_are_those_of_the_graph(kb: KnowledgeBase) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", DOC.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 30
    documented = {name: int(number.replace(",", "")) for name, number in rows}
    assert documented == {name: count(kb, name) for name in documented}


def test_the_documented_examples_are_tested() -> None:
    text = DOC.read_text(encoding="utf-8")
    must_not = text.partition("## What must not follow")[2]
    quoted = re.findall(r"^\| `(\S+) (\S+) (\S+)` \|", must_not, re.MULTILINE)
    assert len(quoted) > 15
    assert [case for case in quoted if case not in {case[:3] for case in MUST_NOT_FOLLOW}] == []
