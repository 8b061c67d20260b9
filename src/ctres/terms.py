"""Names of things: the CTRES namespace, CURIEs, and the folding under which two spellings are one name.

Only the standard library, and of that only what starts fast: this module is on the path of every lookup.
"""

from __future__ import annotations

BASE = "https://w3id.org/ctres/"
ONTOLOGY = "https://w3id.org/ctres"
ASSERTED = BASE + "graph/asserted"
INFERRED = BASE + "graph/inferred"
LOOKUP = BASE + "graph/lookup"
STATED_IN = BASE + "lookup/statedIn"

PREFIXES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "ctres": BASE,
    "dcterms": "http://purl.org/dc/terms/",
    "graph": BASE + "graph/",
    "obo": "http://purl.obolibrary.org/obo/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def expand(name: str) -> str | None:
    """The IRI that a CURIE with a known prefix, `<IRI>` or plain http(s) IRI stands for; None for any other text."""
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    if name.startswith(("http://", "https://")):
        return name
    prefix, colon, local = name.partition(":")
    if colon and local and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return None


def shorten(iri: str) -> str:
    """The CURIE of an IRI under the longest known prefix, or the IRI itself where none fits."""
    best = max(
        (item for item in PREFIXES.items() if iri.startswith(item[1])),
        key=lambda item: len(item[1]),
        default=None,
    )
    return iri if best is None else f"{best[0]}:{iri[len(best[1]) :]}"


_FOLDS = str.maketrans({"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "κ": "kappa", "ß": "beta"})


def fold(name: str) -> str:
    """The form under which names are compared: lower case, Greek letters spelled out, only letters, digits and '+'.

    So “miR-21”, “MIR21” and “mir 21” are one name, and “IFN-γ” and “IFN gamma” too.
    """
    return "".join(c for c in name.translate(_FOLDS).casefold() if c.isalnum() or c == "+")
