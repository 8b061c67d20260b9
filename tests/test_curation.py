"""The findings against the reviews: places, completeness, citations, enumerations, hedges, identifiers, and no copied sentences."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from conftest import ROOT

from ctres.errors import AmbiguousTermError, UnknownTermError
from ctres.knowledge import KnowledgeBase
from ctres.term import Finding
from ctres.terms import BASE

pytestmark = pytest.mark.shared

CASES = ROOT / "tests" / "cases" / "curation"
REVIEWS = {"ankathil2019": "ankathil-2019.tsv", "deAngelis2019": "de-angelis-2019.tsv"}
MICRORNAS, RETICULUM = "MicroRNAs in chemoresistance", "Endoplasmic reticulum and chemoresistance"
SIGNALING, EPIGENETICS = "Cell signaling and drug resistance", "Epigenetics in chemotherapy resistance"
DIVERSITY = "Tumor heterogeneity"
ROBUSTNESS = "Drug resistant cancer stem cells: a concentrate of robustness and plasticity"
HETEROGENEITY = "Heterogeneity of therapy resistant cancer stem cells"
STRESS = "Stress-Induced Pathways Part 2: Hypoxia, Endoplasmic Reticulum Stress, and Autophagy"
METABOLISM, PLASTICITY = "Metabolic reprogramming of drug resistant cells", "Epigenetic plasticity in the regulation of drug resistance"
IMMUNITY = "Interactions between the immune system and therapy resistant cells"
CONSIDERATIONS = "Considerations on targeting therapy resistant cancer stem cells"

# Citations that the text of Ankathil prints otherwise than the list: misspelt, shortened, without a year in the list, with
# accents or hyphens, or lettered in the text only. Where the list leaves two candidates, the topic decides, and a note says so.
KEYS = {
    "Holoan 2013": "holohan2013CancerDrug",
    "Manossori 2017": "mansoori2017DifferentMechanisms",
    "Raghavan 2014": "chaluvallyRaghavanCopyNumber",
    "Goto 2015": "gotoMicroRNAExpression",
    "He 2014a": "he2014MethylationBased",
    "He 2014b": "he2014MethylationRegulated",
    "Prieto-Vila 2017": "prietoVila2017DrugResistance",
    "Schröder 2008": "schroder2008EndoplasmicReticulum",
    "Virgilio 2018": "diVirgilio2018ExtracellularATP",
    "Wang 2012a": "wang2012QuercetinPotentiates",
    "Wang 2012b": "wang2012TGFBIPromoter",
    "Wang 2019": "wang2019DrugResistance wang2019FunctionalRoles",
    "Wang 2019a": "wang2019DrugResistance wang2019FunctionalRoles",
    "Wang 2019b": "wang2019DrugResistance wang2019FunctionalRoles",
    "Yang 2019": "yangFocusExosomes",
}
# Here numbers in parentheses count the members of a list.
NUMBERED = {("deAngelis2019", HETEROGENEITY, 4): {1, 2, 3}, ("deAngelis2019", ROBUSTNESS, 22): {1, 2, 3}}
# The list prints this DOI within a web address and with its slash encoded, so its DOI column is empty and none is recorded.
ENCODED_DOI = 105

HEDGE = re.compile(r"\b(may|might|could|seems?|appear(s|ing)?|possibly|promising|likely|potential(ly)?)\b")
NOT_HEDGED = {
    ("ankathil2019", EPIGENETICS, 11): "a study demonstrated that it could: an ability that was shown",
    ("ankathil2019", DIVERSITY, 4): "“could” is the past of an ability here",
    ("deAngelis2019", ROBUSTNESS, 14): "“potential” is a noun here, an ability that was shown",
    ("deAngelis2019", HETEROGENEITY, 20): "“potential” is a noun here, the capacity to initiate tumors",
}

Place = tuple[str, str, int]


def name(iri: str) -> str:
    return iri.removeprefix(BASE)


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def sentences(shared: Path) -> dict[Place, str]:
    """All sentences of both reviews."""
    return {
        (source, row["section"], int(row["sentence"])): row["text"] for source, file in REVIEWS.items() for row in table(shared / "reviews" / file)
    }


@pytest.fixture(scope="module")
def findings(kb: KnowledgeBase) -> list[Finding]:
    found = [kb.term(row.f.iri) for row in kb.sparql("SELECT ?f { ?f a ctres:Finding } ORDER BY ?f")]
    assert len(found) > 1500
    return found


def places(finding: Finding) -> list[Place]:
    return [(name(finding.source.iri), finding.section, number) for number in finding.sentences]


@pytest.fixture(scope="module")
def by_place(findings: list[Finding]) -> dict[Place, list[Finding]]:
    found: dict[Place, list[Finding]] = defaultdict(list)
    for finding in findings:
        for place in places(finding):
            found[place].append(finding)
    return found


# --- Places and completeness ------------------------------------------------------------------------------------------


def test_the_reviews_are_read_whole(sentences: dict[Place, str]) -> None:
    assert Counter(source for source, _, _ in sentences) == {"ankathil2019": 228, "deAngelis2019": 227}


def test_findings_name_sentences_that_exist(by_place: dict[Place, list[Finding]], sentences: dict[Place, str]) -> None:
    assert set(by_place) <= set(sentences), sorted(set(by_place) - set(sentences))


def test_each_sentence_has_a_finding_or_a_reason(by_place: dict[Place, list[Finding]], sentences: dict[Place, str]) -> None:
    rows = table(ROOT / "ontology" / "findings" / "no-claim.tsv")
    assert rows
    assert all(row["reason"] for row in rows)
    silent = {(row["source"], row["section"], int(row["sentence"])) for row in rows}
    assert silent <= set(sentences)
    assert silent & set(by_place) == set(), "a sentence has findings or claims nothing, not both"
    assert [place for place in sentences if place not in by_place and place not in silent] == []


def test_enumerations_are_complete(kb: KnowledgeBase) -> None:
    """Each row: a place, what the findings of the list share, the slot that tells them apart, and its values.

    The values were written down from the sentences by hand; a sentence that makes the claim of the whole group, too, has the
    group among them.
    """
    enumerations = table(CASES / "enumerations.tsv")
    assert len(enumerations) > 35
    for case in enumerations:
        fixed = "".join(f"; ctres:{slot} ctres:{value} " for slot, value in (pair.split("=") for pair in case["shared"].split("; ")))
        rows = kb.sparql(
            f"SELECT ?value {{ GRAPH graph:asserted {{ ?f ctres:{case['slot']} ?value }} "
            f"?f ctres:source ctres:{case['source']} ; ctres:section '{case['section']}' ; ctres:sentence {case['sentence']} {fixed} }}"
        )
        assert sorted(name(row.value.iri) for row in rows) == sorted(case["members"].split()), case


# Names that a sentence prints only as a part of another name, which is what its claim is about.
PARTS_OF_NAMES = {
    ("ankathil2019", SIGNALING, 8): {"MAPK": "Ras/Raf/MAPK signaling"},
    ("ankathil2019", MICRORNAS, 25): {"GSH": "GSH biosynthesis"},
    ("ankathil2019", DIVERSITY, 2): {"oxygen": "oxygen distribution"},
    ("ankathil2019", RETICULUM, 3): {"ER": "ER lumen, ER stress"},
    ("deAngelis2019", HETEROGENEITY, 8): {"raf kinase": "RAF kinase inhibitor"},
    ("deAngelis2019", STRESS, 14): {"NRAS": "NRAS-driven melanoma", "BRAF": "BRAF-mutant colorectal cancer"},
    ("deAngelis2019", METABOLISM, 14): {"ER": "ER-positive breast cancer", "estrogen receptor": "ER-positive breast cancer"},
    ("deAngelis2019", PLASTICITY, 20): {"heterogeneous cancer": "heterogeneous cancer cell population"},
    ("deAngelis2019", IMMUNITY, 9): {"CD8": "CD8-positive T cells"},
    ("deAngelis2019", IMMUNITY, 10): {"CD8": "CD8-positive T cells"},
    ("deAngelis2019", CONSIDERATIONS, 11): {"ER": "ER-positive breast tumors"},
}

# Names of individuals, and whether they are looked for: groups are often only words (“proteins”), but not groups of cancers.
NAMED = """
SELECT DISTINCT ?term ?name ?sought {
  ?term a owl:NamedIndividual ; rdfs:label|skos:altLabel ?name .
  FILTER NOT EXISTS { ?term a ctres:Finding }
  BIND(EXISTS {
    VALUES ?kind { ctres:MicroRNA ctres:GeneProduct ctres:Metabolite ctres:Drug ctres:CellLine ctres:Cancer }
    ?term a ?kind .
    FILTER(?term NOT IN (ctres:tumor, ctres:protein) && (?kind = ctres:Cancer || NOT EXISTS { ?term ctres:standsFor ?class }))
  } AS ?sought)
}"""
# What a finding is about: its slots, what these are made of or defined by, and the groups of all these.
HELD = """
SELECT DISTINCT ?source ?section ?sentence ?term {
  ?finding ctres:source ?source ; ctres:section ?section ; ctres:sentence ?sentence ; ctres:concerns ?slot .
  ?slot (ctres:resistanceTo|ctres:hasComponent|ctres:hasCoreComponent|ctres:targets|ctres:hasResistance|ctres:derivesFrom|ctres:actsOn)? ?held .
  GRAPH graph:lookup { ?term lookup:covers ?held }
}"""


def spelled(text: str) -> str:
    return re.sub(r"[\s–‐-]+", " ", text.replace("*", ""))


def test_what_a_sentence_names_is_in_a_slot_of_its_findings(kb: KnowledgeBase, sentences: dict[Place, str]) -> None:
    """Structure, not words: who asks for any molecule, drug, line or cancer that a sentence names finds its findings."""
    terms: dict[str, set[str]] = defaultdict(set)
    sought = set()
    for row in kb.sparql(NAMED):
        # Short names and symbols are compared as they are written.
        written = spelled(row.name) if len(row.name) <= 5 or row.name.isupper() else spelled(row.name).casefold()
        terms[written].add(name(row.term.iri))
        sought |= {written} if row.sought else set()
    assert len(sought) > 1000
    pattern = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(terms, key=len, reverse=True)))})s?(?!\w)")
    held: dict[Place, set[str]] = defaultdict(set)
    for row in kb.sparql("PREFIX lookup: <https://w3id.org/ctres/lookup/>" + HELD):
        held[name(row.source.iri), row.section, row.sentence].add(name(row.term.iri))
    missing: dict[Place, set[str]] = defaultdict(set)
    for place, text in sentences.items():
        if place in held:
            for found in {m[1] for written in (spelled(text), spelled(text).casefold()) for m in pattern.finditer(written)}:
                if found in sought and not terms[found] & held[place]:
                    missing[place].add(found)
    assert missing == {place: set(names) for place, names in PARTS_OF_NAMES.items()}


def test_each_contrast_says_why(kb: KnowledgeBase) -> None:
    rows = [row for row in kb.ask("contradictions") if row.basis == "curated contrast"]
    links = kb.sparql("SELECT ?a ?b { ?a ctres:contrastsWith ?b }")
    assert len(links) > 50
    assert {(row.finding, row.against) for row in rows} == {(link.a, link.b) for link in links}
    assert [row.finding for row in rows if not row.why] == []


def test_each_drug_line_and_resistance_has_its_background(kb: KnowledgeBase) -> None:
    """A drug has a class beyond its modality, a target or its parts; a line its cancer; a resistance what is resisted."""
    lacking = """SELECT DISTINCT ?x {
      ?x a ?kind FILTER NOT EXISTS { ?x ctres:standsFor ?class }
      { ?x a ctres:TherapyResistance FILTER NOT EXISTS { ?x ctres:resistanceTo ?any } }
      UNION { ?x a ctres:CellLine FILTER NOT EXISTS { ?x ctres:derivesFrom ?any } }
      UNION { ?x a ctres:Drug FILTER NOT EXISTS { ?x ctres:targets|ctres:hasComponent ?any } FILTER NOT EXISTS {
        GRAPH graph:asserted { ?x a ?class }
        FILTER(?class NOT IN (owl:NamedIndividual, ctres:Therapy, ctres:Drug, ctres:SmallMoleculeDrug, ctres:TargetedDrug))
      } }
    }"""
    # What the reviews call drugs without saying more, and a mimic or antagonist of whatever RNA.
    bare = {"novelTargetingAgent", "newAnticancerDrug", "stemCellMarkerInhibitor", "exosomalLncRNAMimic", "exosomalLncRNAAntagonist"}
    assert {name(row.x.iri) for row in kb.sparql(lacking)} == bare


# --- Words ------------------------------------------------------------------------------------------------------------


def runs(text: str, length: int = 8) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def test_no_text_repeats_eight_words_of_a_sentence(kb: KnowledgeBase, sentences: dict[Place, str]) -> None:
    printed = set().union(*map(runs, sentences.values()))
    assert len(printed) > 5000
    texts = kb.sparql(
        "SELECT ?term ?p ?text { VALUES ?p { rdfs:label skos:altLabel skos:definition skos:editorialNote ctres:curatorNote } ?term ?p ?text }"
    )
    assert len(texts) > 5000
    # The list of abbreviations is names only, and a synonym is such a name, however long.
    names = runs(sentences["deAngelis2019", "Abbreviations", 1])
    texts = [row for row in texts if not (row.p.iri.endswith("altLabel") and runs(str(row.text)) <= names)]
    written = [(row.term, str(row.text)) for row in texts] + [(path.name, path.read_text(encoding="utf-8")) for path in sorted(PAGES)]
    titles = set().union(*(runs(place[1]) for place in sentences))
    assert {where: " ".join(run) for where, text in written for run in (runs(text) & printed) - titles} == {}


def test_hedged_sentences_have_a_proposed_finding(by_place: dict[Place, list[Finding]], sentences: dict[Place, str]) -> None:
    hedged = {place for place, text in sentences.items() if HEDGE.search(text)}
    assert len(hedged) > 50
    assert set(NOT_HEDGED) <= hedged
    proposed = {place for place, found in by_place.items() if any(name(f.certainty.iri) == "proposed" for f in found)}
    assert hedged - proposed == set(NOT_HEDGED)


def test_the_documented_counts_are_those_of_the_findings(findings: list[Finding], sentences: dict[Place, str]) -> None:
    text = (ROOT / "docs" / "curation.md").read_text(encoding="utf-8")
    names = {"Ankathil 2019": "ankathil2019", "De Angelis et al. 2019": "deAngelis2019"}
    documented, source = {}, ""
    for review, section, length, number in re.findall(r"^\| ([^|]*)\| ([^|]+?) \| (\d+) \| (\d+) \|$", text, re.MULTILINE):
        source = names.get(review.strip(), source)
        documented[source, section] = int(length), int(number)
    sections = Counter(place[:2] for place in sentences)
    claimed = Counter((name(f.source.iri), f.section) for f in findings)
    assert documented == {section: (length, claimed[section]) for section, length in sections.items()}


# --- Citations --------------------------------------------------------------------------------------------------------


def numbers(text: str) -> set[int]:
    """The references in a text such as “(32, 34, 37–40)”."""
    found: set[int] = set()
    for group in re.findall(r"\(([\d,–\s-]+)\)", text):
        for part in group.split(","):
            first, _, last = part.strip().replace("-", "–").partition("–")
            found.update(range(int(first), int(last or first) + 1))
    return found


def keys(text: str) -> set[str]:
    """The citations in a text such as “(Joshi *et al.* 2014; Fang and Albano 2009)”, as “Joshi 2014” and “Fang 2009”."""
    found = re.findall(r"([A-Z][\w-]+)(?: et al\.?| (?:&|and) [A-Z]\w+)?,? \(?((?:19|20)\d\d[a-z]?)\b", text.replace("*", ""))
    return {f"{author} {year}" for author, year in found}


def test_citations_are_parsed() -> None:
    assert numbers("present (32, 34, 37–40), as in (Figure 1) and (8)") == {8, 32, 34, 37, 38, 39, 40}
    assert keys("(Kloosterman & Plasterk 2006; He et al. 2014b), says Raghavan et al. (2014)") == {"Kloosterman 2006", "He 2014b", "Raghavan 2014"}


@pytest.fixture(scope="module")
def printed(kb: KnowledgeBase, sentences: dict[Place, str]) -> dict[Place, list[set[str]]]:
    """For each sentence its citations, each as the set of publications that it can mean."""
    listed = kb.sparql("SELECT ?p ?source ?n { ?p ctres:citedIn ?source ; ctres:referenceNumber ?n }")
    numbered = {(name(row.source.iri), row.n): name(row.p.iri) for row in listed}
    assert len(numbered) == 116 + 183

    def meant(key: str) -> set[str]:
        author, year = key.split()
        fitting = {p for p in numbered.values() if p.startswith(author[0].lower() + author[1:] + year)}
        assert len(fitting) == 1 or key in KEYS, f"{key} names {fitting}"
        return set(KEYS[key].split()) if key in KEYS else fitting

    cited: dict[Place, list[set[str]]] = {}
    for place, text in sentences.items():
        if place[0] == "deAngelis2019":
            cited[place] = [{numbered["deAngelis2019", n]} for n in sorted(numbers(text) - NUMBERED.get(place, set()))]
        else:
            cited[place] = [meant(key) for key in sorted(keys(text))]
    assert sum(map(len, cited.values())) > 350
    assert {key for key in KEYS if not any(key in keys(text) for text in sentences.values())} == set(), "a key that no sentence prints"
    return cited


def test_findings_cite_what_their_sentences_cite(findings: list[Finding], printed: dict[Place, list[set[str]]]) -> None:
    wrong = {}
    for finding in findings:
        known = set().union(*(meant for place in places(finding) for meant in printed[place]))
        if extra := {name(p.iri) for p in finding.cites} - known:
            wrong[finding.curie] = extra
    assert wrong == {}


def test_each_citation_is_given_by_a_finding(by_place: dict[Place, list[Finding]], printed: dict[Place, list[set[str]]]) -> None:
    given = {place: {name(p.iri) for f in by_place.get(place, ()) for p in f.cites} for place in printed}
    missing = {place: [meant for meant in cited if not meant & given[place]] for place, cited in printed.items()}
    assert {place: lacking for place, lacking in missing.items() if lacking} == {}


def test_references_have_the_doi_of_the_list(kb: KnowledgeBase, shared: Path) -> None:
    rows = table(shared / "reviews" / "ankathil-2019-references.tsv")
    listed = {int(row["number"]): row["doi"] or None for row in rows}
    assert list(listed) == list(range(1, 117))
    found = kb.sparql(
        "SELECT ?n ?doi { ?p a ctres:Publication ; ctres:citedIn ctres:ankathil2019 ; ctres:referenceNumber ?n OPTIONAL { ?p bibo:doi ?doi } }"
    )
    assert len(found) == 116
    assert {row.n: row.doi for row in found} == listed
    assert listed[ENCODED_DOI] is None
    assert "%2F" in rows[ENCODED_DOI - 1]["reference"]


# --- Identifiers ------------------------------------------------------------------------------------------------------

IDENTIFIERS = {
    "http://purl.obolibrary.org/obo/": "",
    "http://id.nlm.nih.gov/mesh/": "mesh:",
    "https://identifiers.org/": "",
}


def curie(iri: str) -> str | None:
    """An identifier's IRI as the reference files write it, in lower case; None for an IRI that is no identifier."""
    for start, prefix in IDENTIFIERS.items():
        if iri.startswith(start):
            return prefix + iri.removeprefix(start).replace("_" if "obo" in start else "/", ":", 1).lower()
    return None


def test_identifiers_are_in_the_reference_files(kb: KnowledgeBase, shared: Path) -> None:
    files = sorted((shared / "reference").glob("*.tsv"))
    assert len(files) == 4
    known = {word.lower() for path in files for word in re.findall(r"[\w.]+:[\w.]+", path.read_text(encoding="utf-8"))}
    used = {row.source.iri for row in kb.sparql("SELECT DISTINCT ?source { ?term dcterms:source ?source FILTER isIRI(?source) }")}
    identifiers = {iri: curie(iri) for iri in used if curie(iri)}
    assert len(identifiers) > 300
    assert {iri for iri in used if not curie(iri) and not iri.startswith(BASE)} == set(), "neither an identifier nor a term of CTRES"
    assert {iri for iri, short in identifiers.items() if short not in known} == set()


# --- Entities ---------------------------------------------------------------------------------------------------------

# Words of the entity list that are no names, and entities of the list that neither review names so.
NO_NAMES = {
    "as printed": "a remark",
    "also printed 'N2RF1'": "a remark",
    "family": "a remark",
    "quality": "a remark",
    "endogenous": "a remark",
    "relapsed": "part of a name",
    "ductal": "part of a name",
    "dormant": "part of a name",
    "normal": "part of a name",
    "stem": "part of a name",
    "tumor-reactive": "part of a name",
    "extracellular/intracellular": "part of a name",
    "primary": "part of a name",
    "export": "part of a name",
    "retrotransposon": "the reviews say repetitive transposable elements",
    "chemosensitization": "said of drugs and treatments, and recorded as less resistance",
    "G0, G1, G2/M": "three phases",
    "SCF ubiquitin ligase complex": "named only with FBW7",
    "ATF6-mediated UPR": "ATF6 is named, and the response",
    "IRE1-mediated UPR": "IRE1 is named, and the response",
    "Hippo-YAP/TAZ": "YAP and TAZ are named",
    "stem cell proliferation": "only self-renewal and proliferation are named",
    "telomere maintenance via telomerase": "telomerase is named",
    "response to cisplatin": "only resistance to it is named",
    "response to ionizing radiation": "only resistance and response to radiotherapy are named",
    "glucose uptake": "the transporter is named",
}
AMBIGUOUS = {"MDR", "ER", "MET"}


def test_every_entity_can_be_looked_up_by_its_names(kb: KnowledgeBase, shared: Path) -> None:
    entities = dict.fromkeys(row["entity"] for row in table(shared / "reference" / "review_entities.tsv"))
    named = [entity for entity in entities if not re.search("reference title|requested", entity)]
    assert len(named) > 400
    asked = set()
    for entity in named:
        asked |= {name.strip() for name in re.sub(r"\s*\([^)]*\)", "", entity).split(" / ")}
        asked |= {name.strip() for group in re.findall(r"\(([^)]*)\)", entity) for name in re.split(r"[,;] ", group)}
    assert set(NO_NAMES) <= asked
    asked -= set(NO_NAMES)
    unknown, ambiguous = set(), set()
    for asked_name in asked:
        try:
            kb[asked_name]
        except AmbiguousTermError:
            ambiguous.add(asked_name)
        except UnknownTermError:
            unknown.add(asked_name)
    assert unknown == set()
    assert ambiguous == AMBIGUOUS
