"""Made-up findings in a user's namespace on the terms of CTRES, in any number, to measure with.

    python benchmarks/findings.py NUMBER FILE.ttl [--faults SHARE]

Shaped as an import of a knowledge base of variants such as CIViC is: a twentieth as many agents, a tenth as many papers, a thirtieth as many drugs
and a hundredth as many cancers as findings; a few of these have many findings and most have few; a tenth of the findings is on drugs of CTRES.
Always the same for the same arguments. `--faults` is the share of findings in which something is wrong.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator

import ctres
from ctres.terms import BASE, PREFIXES

DRUGS, CANCERS = 30, 100  # findings to one of these, on the average
EFFECTS = ("increases", "decreases", "induces", "leavesUnchanged")
CERTAINTIES = ("demonstrated", "stated", "proposed")
FAULTS = ("certainty", "label", "agent", "sentence")  # the slot that is missing


def generic(kb: ctres.KnowledgeBase, iri: str) -> bool:
    """Whether a term stands for a whole class."""
    return any(kb.store.objects(iri, BASE + "standsFor"))


def lines(number: int, faults: float = 0) -> Iterator[str]:
    """Turtle, block by block."""
    kb, chance = ctres.load(), random.Random(number)

    def members(kind: str) -> list[str]:
        return sorted(iri for iri in kb.store.subjects(PREFIXES["rdf"] + "type", iri=BASE + kind) if iri.startswith(BASE))

    def some(names: list[str]) -> str:
        """One of them, the earlier ones more often."""
        return names[int(len(names) * chance.random() ** 2)]

    resisted = dict(kb.store.links(BASE + "resistanceTo"))
    # Evidence such as CIViC's names single therapies; what is said of a group would be an answer about each of its members, however few its findings.
    known = [one for one in members("TherapyResistance") if one in resisted and not generic(kb, one) and not generic(kb, resisted[one])]
    publications = members("Publication")
    agents, papers, drugs, kinds = (max(5, number // share) for share in (20, 10, DRUGS, CANCERS))
    cancers = [*members("Cancer"), *(f"https://example.org/lab/cancer{place}" for place in range(kinds))]
    yield "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in ("bibo", "ctres", "rdfs"))
    yield "@prefix my: <https://example.org/lab/> .\n\n"
    for place in range(agents):
        yield f'my:variant{place} a ctres:GeneticAlteration ; rdfs:label "variant {place}"@en .\n'
    for place in range(papers):
        yield f'my:paper{place} a ctres:Publication ; rdfs:label "Paper {place}"@en ; '
        yield f'bibo:doi "10.1000/x{place}" ; ctres:year {1990 + place % 30} .\n'
    for place in range(drugs):
        yield f'my:drug{place} a ctres:Drug ; rdfs:label "drug {place}"@en .\n'
        yield f'my:resistance{place} a ctres:DrugResistance ; rdfs:label "drug {place} resistance"@en ; ctres:resistanceTo my:drug{place} .\n'
    for place in range(kinds):
        yield f'my:cancer{place} a ctres:Cancer ; rdfs:label "cancer {place}"@en .\n'
    own = [f"https://example.org/lab/resistance{place}" for place in range(drugs)]
    resisted |= {resistance: resistance.replace("resistance", "drug") for resistance in own}
    for place in range(number):
        resistance = some(own) if chance.random() < 0.9 else chance.choice(known)
        slots = {
            "label": f'rdfs:label "variant {place % agents} changes resistance, evidence {place}"@en',
            "agent": f"ctres:agent my:variant{place % agents}",
            "effect": f"ctres:{chance.choice(EFFECTS)} <{resistance}>",
            "therapy": f"ctres:therapy <{resisted[resistance]}>",
            "cancer": f"ctres:cancer <{some(cancers)}>",
            "certainty": f"ctres:certainty ctres:{chance.choice(CERTAINTIES)}",
            "source": f"ctres:source my:paper{chance.randrange(papers)}",
            "section": 'ctres:section "Evidence"',
            "sentence": f"ctres:sentence {place + 1}",
            "cites": f"ctres:cites <{chance.choice(publications)}>",
        }
        if chance.random() < faults:
            del slots[chance.choice(FAULTS)]
        yield f"my:finding{place} a ctres:Finding ;\n    " + " ;\n    ".join(slots.values()) + " .\n"


def write(path: str, number: int, faults: float = 0) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines(number, faults))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", type=int)
    parser.add_argument("file")
    parser.add_argument("--faults", type=float, default=0, metavar="SHARE")
    options = parser.parse_args()
    write(options.file, options.number, options.faults)
