"""CIViC's evidence on the response to therapies (https://civicdb.org, CC0), made into findings.

Its tables are tab-separated, and double quotes in them are just characters. What a molecular profile consists of, and the
genes of its variants, stand in the companion tables beside the evidence.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ..progress import Progress
from ..terms import BASE, PREFIXES
from .record import COMMENT, INDIVIDUAL, LABEL, RDF_TYPE, SEE_ALSO, Record, Refused, Reject, Statement, individual, iri, number, text
from .tables import Row, rows
from .vocabulary import Vocabulary

EVIDENCE = (
    "molecular_profile",
    "molecular_profile_id",
    "disease",
    "doid",
    "therapies",
    "therapy_interaction_type",
    "evidence_type",
    "evidence_direction",
    "evidence_level",
    "significance",
    "evidence_statement",
    "citation_id",
    "source_type",
    "citation",
    "nct_ids",
    "rating",
    "evidence_id",
    "variant_origin",
    "evidence_civic_url",
    "is_flagged",
)
PROFILES = ("name", "molecular_profile_id", "variant_ids", "aliases")
VARIANTS = ("variant_id", "variant_civic_url", "gene", "entrez_id", "variant")

# What CIViC calls the significance, with its direction, and what the finding says of the resistance.
_EFFECTS = {
    ("Resistance", "Supports"): "increases",
    ("Reduced Sensitivity", "Supports"): "increases",
    ("Sensitivity/Response", "Supports"): "decreases",
    ("Resistance", "Does Not Support"): "disputesIncreaseOf",
    ("Reduced Sensitivity", "Does Not Support"): "disputesIncreaseOf",
    ("Sensitivity/Response", "Does Not Support"): "disputesDecreaseOf",
    ("Adverse Response", "Supports"): "isAssociatedWith",
}
_VERBS = {
    "increases": "increases resistance to",
    "decreases": "decreases resistance to",
    "disputesIncreaseOf": "does not increase resistance to",
    "disputesDecreaseOf": "does not decrease resistance to",
    "isAssociatedWith": "is associated with side effects of",
}
# Levels A to D rest on patients, models or cells; E is an inference from them.
_CERTAINTY = {"A": "demonstrated", "B": "demonstrated", "C": "demonstrated", "D": "demonstrated", "E": "proposed"}
_INTERACTIONS = ("", "Combination", "Sequential", "Substitutes")


class Civic:
    """The companion tables, and what they say of the agents of findings."""

    def __init__(self, folder: str, vocabulary: Vocabulary, progress: Progress) -> None:
        self._vocabulary = vocabulary
        profiles = rows(os.path.join(folder, "MolecularProfileSummaries.tsv"), progress, columns=PROFILES, quoted=False)
        self._profiles = {row["molecular_profile_id"]: row for _, row in profiles}
        variants = rows(os.path.join(folder, "VariantSummaries.tsv"), progress, columns=VARIANTS, quoted=False)
        self._variants = {row["variant_id"]: row for _, row in variants}
        self._told: set[str] = set()

    def agent(self, row: Row) -> tuple[str, list[Statement]]:
        """The genetic alteration that a row is about, and what is to be said of it if it is new."""
        identifier, name = row["molecular_profile_id"], row["molecular_profile"]
        profile = self._profiles.get(identifier)
        if profile is None:
            raise Refused("molecular_profile_id", identifier, "MolecularProfileSummaries.tsv has no molecular profile of this number")
        members = [self._variant(number) for number in re.findall(r"\d+", profile["variant_ids"])]
        subject = f"{self._vocabulary.namespace}molecularProfile{identifier}"
        statements: list[Statement] = []
        if subject not in self._told:
            genes = {self._vocabulary.gene(v["gene"], "molecular_profile", v["entrez_id"]): None for v in members}
            statements += individual(
                subject, "GeneticAlteration", name, (SEE_ALSO, iri(f"https://civicdb.org/links/molecular_profiles/{identifier}"))
            )
            statements += [(subject, PREFIXES["skos"] + "altLabel", text(alias, "en")) for alias in profile["aliases"].split(", ") if alias]
            statements += [(subject, BASE + "actsOn", iri(gene)) for gene in genes]
            if len(members) > 1 and not re.search(r"\b(OR|NOT)\b", name):  # what acts together; alternatives do not
                statements += [(subject, BASE + "hasComponent", iri(self._part(v, statements))) for v in members]
            self._told.add(subject)
        return subject, statements

    def _variant(self, identifier: str) -> Row:
        if identifier not in self._variants:
            raise Refused("molecular_profile_id", identifier, f"VariantSummaries.tsv has no variant {identifier}, of which the profile consists")
        return self._variants[identifier]

    def _part(self, variant: Row, statements: list[Statement]) -> str:
        subject = f"{self._vocabulary.namespace}variant{variant['variant_id']}"
        if subject not in self._told:
            gene = self._vocabulary.gene(variant["gene"], "molecular_profile", variant["entrez_id"])
            link = variant["variant_civic_url"]
            label = f"{variant['gene']} {variant['variant']} (variant)"
            statements += individual(subject, "GeneticAlteration", label, (SEE_ALSO, iri(link)), (BASE + "actsOn", iri(gene)))
            self._told.add(subject)
        return subject


def records(path: str, vocabulary: Vocabulary, progress: Progress) -> Iterator[Record | Reject]:
    """What becomes of each row of ClinicalEvidenceSummaries.tsv, whose companion tables lie beside it.

    Raises ParseError for a table that is not there, or is not CIViC's.
    """
    civic = Civic(os.path.dirname(path), vocabulary, progress)
    source = f"{vocabulary.namespace}CIViC"
    about: list[Statement] = [
        *individual(source, "Publication", "CIViC, Clinical Interpretation of Variants in Cancer", (SEE_ALSO, iri("https://civicdb.org/"))),
        (source, PREFIXES["dcterms"] + "title", text("CIViC: Clinical Interpretation of Variants in Cancer", "en")),
    ]
    for row_number, row in rows(path, progress, columns=EVIDENCE, quoted=False):
        record = Record(row_number, statements=about)
        try:
            _take(row, record, civic, vocabulary, source)
        except Refused as error:
            yield Reject(row_number, error.column, error.value, error.reason, error.nearest)
            continue
        record.statements += vocabulary.news()
        about = []
        yield record


def _take(row: Row, record: Record, civic: Civic, vocabulary: Vocabulary, source: str) -> None:
    """Make a row into one finding, or one for each therapy that may stand for another."""
    effect = _effect(row)
    level, interaction = row["evidence_level"], row["therapy_interaction_type"]
    if level not in _CERTAINTY:
        raise Refused("evidence_level", level, "expected one of the levels A to E")
    if interaction not in _INTERACTIONS:
        raise Refused("therapy_interaction_type", interaction, "expected Combination, Sequential, Substitutes or nothing")
    therapies = [name.strip() for name in row["therapies"].split(",") if name.strip()]
    if not therapies:
        raise Refused("therapies", "", "evidence on the response to a therapy must name one")
    for column in ("rating", "evidence_id"):
        if not row[column].isdigit() and (row[column] or column == "evidence_id"):
            raise Refused(column, row[column], "expected a whole number")
    groups = [[name] for name in therapies] if interaction == "Substitutes" or len(therapies) == 1 else [therapies]
    agent, statements = civic.agent(row)
    shared = _shared(row, vocabulary)
    for count, group in enumerate(groups, 1):
        therapy = vocabulary.combination(group, "therapies", interaction)
        about = BASE + "sideEffect" if effect == "isAssociatedWith" else vocabulary.resistance(therapy)
        item = row["evidence_id"]
        finding = f"{vocabulary.namespace}evidence{item}" + (f"-{count}" if len(groups) > 1 else "")
        joint = " then " if interaction == "Sequential" else " + "
        label = f"{row['molecular_profile']} {_VERBS[effect]} {joint.join(group)}"
        record.findings.append(finding)
        statements += [
            (finding, RDF_TYPE, iri(INDIVIDUAL)),
            (finding, RDF_TYPE, iri(BASE + "Finding")),
            (finding, LABEL, text(f"{label} (CIViC EID{item})", "en")),
            (finding, BASE + "agent", iri(agent)),
            (finding, BASE + effect, iri(about)),
            (finding, BASE + "therapy", iri(therapy)),
            (finding, BASE + "certainty", iri(BASE + _CERTAINTY[level])),
            (finding, BASE + "source", iri(source)),
            *((finding, path, value) for path, value in shared),
        ]
    record.statements = [*record.statements, *statements]


def _effect(row: Row) -> str:
    kind, significance, direction = row["evidence_type"], row["significance"], row["evidence_direction"]
    if kind != "Predictive":
        raise Refused("evidence_type", kind, "only Predictive evidence is about the response to a therapy")
    if (significance, direction) not in _EFFECTS:
        raise Refused("significance", f"{significance}, {direction}", "no finding can hold what this says of the response")
    return _EFFECTS[significance, direction]


def _shared(row: Row, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """What all findings of a row have in common."""
    found = [
        (BASE + "section", text("evidence items")),
        (BASE + "sentence", number(int(row["evidence_id"]))),
        (BASE + "evidenceLevel", text(row["evidence_level"])),
        (BASE + "significance", text(row["significance"])),
        (SEE_ALSO, iri(row["evidence_civic_url"])),
    ]
    if row["disease"]:
        found.append((BASE + "cancer", iri(vocabulary.cancer(row["disease"], "disease", row["doid"]))))
    if row["rating"]:
        found.append((BASE + "evidenceRating", number(int(row["rating"]))))
    for column, name in (("variant_origin", "variantOrigin"), ("therapy_interaction_type", "therapyInteraction")):
        if row[column] not in ("", "N/A"):
            found.append((BASE + name, text(row[column])))
    if row["evidence_statement"]:
        found.append((COMMENT, text(row["evidence_statement"], "en")))
    if row["is_flagged"] == "true":
        found.append((PREFIXES["skos"] + "editorialNote", text("CIViC's curators have flagged this evidence, its profile or a variant of it.", "en")))
    found += [(SEE_ALSO, iri(f"https://clinicaltrials.gov/study/{trial}")) for trial in re.findall(r"NCT\d{8}", row["nct_ids"])]
    if row["citation_id"]:
        found.append((BASE + "cites", iri(vocabulary.publication(row["source_type"], row["citation_id"], row["citation"]))))
    return found
