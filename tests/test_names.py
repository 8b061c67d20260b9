"""Names as people write them: what resolves, what asks back, and what a typing error gets."""

from __future__ import annotations

import pytest

from ctres.errors import AmbiguousTermError, UnknownTermError
from ctres.knowledge import KnowledgeBase

# What people write, and the local name of the term they mean.
NAMES = {
    "5-FU": "fluorouracil",
    "5-fluorouracil": "fluorouracil",
    "adriamycin": "doxorubicin",
    "DOX": "doxorubicin",
    "CDDP": "cisplatin",
    "Taxol": "paclitaxel",
    "TAXOL": "paclitaxel",
    "Herceptin": "trastuzumab",
    "Gleevec": "imatinib",
    "Tykerb": "lapatinib",
    "HCQ": "hydroxychloroquine",
    "ATRA": "tretinoin",
    "miR21": "miR21",
    "miR 21": "miR21",
    "mir-21": "miR21",
    "MIR21": "miR21",
    "hsa-miR-21": "miR21",
    "hsa-mir-21": "miR21",
    "miR-21-5p": "miR21",
    "hsa-miR-21-3p": "miR21",
    "let7c": "let7c",
    "hsa-let-7c": "let7c",
    "breast carcinoma": "breastCancer",
    "breast tumour": "breastCancer",
    "NSCLC": "nonSmallCellLungCancer",
    "CML": "chronicMyeloidLeukemia",
    "MCF7": "MCF7",
    "mcf-7": "MCF7",
    "persisters": "drugTolerantPersister",
    "DTPs": "drugTolerantPersister",
    "DTCs": "disseminatedTumorCell",
    "CSCs": "cancerStemCell",
    "CSC": "cancerStemCell",
    "CAFs": "cancerAssociatedFibroblast",
    "TAM": "tumorAssociatedMacrophage",
    "TAMs": "tumorAssociatedMacrophage",
    "NK cells": "naturalKillerCell",
    "EMT": "epithelialMesenchymalTransition",
    "UPR": "unfoldedProteinResponse",
    "ROS": "reactiveOxygenSpecies",
    "GRP78": "HSPA5",
    "BiP": "HSPA5",
    "p53": "TP53",
    "c-Myc": "MYC",
    "HER2": "ERBB2",
    "P-gp": "ABCB1",
    "P-glycoprotein": "ABCB1",
    "MDR1": "ABCB1",
    "IFNγ": "IFNG",
    "IFN-gamma": "IFNG",
    "TGF-beta": "TGFB1",
    "TGFβ": "TGFB1",
    "mTOR": "MTOR",
    "CDK4/6 inhibitors": "cdk4cdk6Inhibitor",
    "dormant cells": "dormantCell",
    "senescence": "senescence",
    "chemoresistance": "chemotherapyResistance",
    "doxorubicin resistance": "doxorubicinResistance",
    "adriamycin resistance": "doxorubicinResistance",
    # Identifiers of other systems, as CURIE, with an underscore, and as IRI.
    "CHEBI:28748": "doxorubicin",
    "chebi:28748": "doxorubicin",
    "CHEBI_28748": "doxorubicin",
    "http://purl.obolibrary.org/obo/CHEBI_28748": "doxorubicin",
    "MONDO:0007254": "breastCancer",
    "DOID:1612": "breastCancer",
    "HGNC:9588": "PTEN",
    "https://identifiers.org/hgnc/9588": "PTEN",
    "MESH:D004317": "doxorubicin",
    "http://id.nlm.nih.gov/mesh/D004317": "doxorubicin",
    "ctres:doxorubicin": "doxorubicin",
    "https://w3id.org/ctres/doxorubicin": "doxorubicin",
}
AMBIGUOUS = {
    "ER": {"ESR1", "endoplasmicReticulum"},
    "MET": {"MET", "mesenchymalEpithelialTransition"},
    "MDR": {"ABCB1", "multidrugResistance"},
}
MISSPELT = {
    "doxorubicine": "doxorubicin",
    "cispltin": "cisplatin",
    "gemcitabin": "gemcitabine",
    "PTENN": "PTEN",
    "senescense": "senescence",
    "autophgy": "autophagy",
    "miR-2I": "miR-21",
    "brest cancer": "breast cancer",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_means_the_term(kb: KnowledgeBase, name: str) -> None:
    assert kb[name].curie == f"ctres:{NAMES[name]}"


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_ambiguous_name_asks_back_with_the_candidates(kb: KnowledgeBase, name: str) -> None:
    with pytest.raises(AmbiguousTermError) as raised:
        kb[name]
    assert {curie.removeprefix("ctres:") for curie, _ in raised.value.candidates} == AMBIGUOUS[name]
    for curie, label in raised.value.candidates:
        assert f"{curie} ({label})" in str(raised.value)
        assert kb[curie].label == label


@pytest.mark.parametrize("name", MISSPELT)
def test_a_typing_error_gets_a_suggestion(kb: KnowledgeBase, name: str) -> None:
    with pytest.raises(UnknownTermError) as raised:
        kb[name]
    assert MISSPELT[name] in raised.value.suggestions


def test_every_microrna_answers_to_its_names_in_mirbase(kb: KnowledgeBase) -> None:
    singles = [row.m for row in kb.sparql("SELECT DISTINCT ?m { ?m a ctres:MicroRNA } ORDER BY ?m") if str(row.m).startswith(("miR-", "let-"))]
    assert len(singles) > 60
    for term in singles:
        if "/" not in str(term) and " " not in str(term):
            assert kb[f"hsa-{term}"] == term
            if not str(term).endswith(("3p", "5p")):
                assert kb[f"hsa-{term}-5p"] == term


def test_every_exact_mapping_resolves_and_is_shown(kb: KnowledgeBase) -> None:
    shown = 0
    for term in kb:
        for mapping in term.mappings:
            if mapping.match == "exactMatch" and not kb.sparql(f"ASK {{ ?generic ctres:standsFor <{term.iri}> }}"):
                assert kb[mapping.id] == term
                assert kb[mapping.iri] == term
                shown += 1
    assert shown > 400


def test_what_is_mapped_but_not_exactly_is_suggested(kb: KnowledgeBase) -> None:
    broad = next(
        mapping for term in kb for mapping in term.mappings if term.curie == "ctres:advancedProstateCancer" and mapping.id == "MONDO:0004956"
    )
    assert broad.match == "narrowMatch"
    with pytest.raises(UnknownTermError) as raised:
        kb["MONDO:0004956"]
    assert raised.value.suggestions == ("advanced prostate cancer",)


def test_a_local_name_still_means_its_term_where_nothing_else_is_called_so(kb: KnowledgeBase) -> None:
    assert kb["Dormancy"].curie == "ctres:Dormancy"
    assert kb["dormancy"].curie == "ctres:dormancy"
    assert kb["PTEN"] == kb["ctres:PTEN"]
