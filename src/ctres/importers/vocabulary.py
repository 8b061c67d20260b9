"""The terms that an import names: found in CTRES by name or identifier, or minted in the user's namespace."""

from __future__ import annotations

import re
from urllib.parse import quote

from .. import names
from ..errors import AmbiguousTermError, UnknownTermError
from ..terms import BASE, LOOKUP, PREFIXES, expand, fold
from .record import SEE_ALSO, Refused, Statement, individual, iri, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..knowledge import KnowledgeBase

_EXACT = PREFIXES["skos"] + "exactMatch"
_PUBLICATIONS = {
    "PubMed": "https://pubmed.ncbi.nlm.nih.gov/",
    "ASCO": "https://meetings.asco.org/abstracts-presentations/",
    "ASH": "https://doi.org/10.1182/blood",
}


class Vocabulary:
    """Finds terms of CTRES, and mints what it lacks in `namespace`.

    What is new is described once: `news` gives, and forgets, the statements about the terms minted since it was last asked.
    Nothing is guessed: a name that several terms share is refused.
    """

    def __init__(self, kb: KnowledgeBase, namespace: str) -> None:
        self.kb, self.namespace = kb, namespace
        self._known: dict[tuple[str, str], str | None] = {}
        self._minted: dict[str, str] = {}
        self._taken: dict[str, str] = {}
        self._news: list[Statement] = []

    def news(self) -> list[Statement]:
        """What there is to say of the terms minted since the last call."""
        news, self._news = self._news, []
        return news

    # -- what CTRES has

    def known(self, name: str, kind: str, column: str) -> str | None:
        """The IRI of the term of a class (a local name) that a name means, or None. Raises Refused for an ambiguous name."""
        key = kind, name
        if key not in self._known:
            try:  # the suggestions of an error take longer than all the rest
                named = expand(name) is not None or self._is_name(name)
                self._known[key] = names.resolve(self.kb.store, name, BASE + kind if kind else None) if named else None
            except UnknownTermError:
                self._known[key] = None
            except AmbiguousTermError as error:
                raise Refused(column, name, "several terms have this name", tuple(f"{c} ({label})" for c, label in error.candidates)) from None
        return self._known[key]

    def _is_name(self, name: str) -> bool:
        folded = fold(name)
        spellings = (folded, folded.removesuffix("s"), folded + "s") if folded else ()
        return any(next(self.kb.store.subjects(names.NAME, spelling, graph=LOOKUP), None) for spelling in spellings)

    def needed(self, name: str, kind: str, column: str) -> str:
        """As `known`, but Refused, with the nearest names, if there is none."""
        found = self.known(name, kind, column)
        if found is None:
            within = BASE + kind if kind else None
            label = names.label(self.kb.store, within) if within else "term"
            raise Refused(column, name, f"CTRES has no {label} of this name", names.suggestions(self.kb.store, name, within))
        return found

    def any(self, name: str, column: str) -> str | None:
        """The IRI of the one term of any kind that a name means, or None. Raises Refused for an ambiguous name."""
        return self.known(name, "", column)

    def label(self, term: str) -> str:
        """The label of a term, new or not."""
        return self._taken.get(term) or names.label(self.kb.store, term)

    def _identified(self, identifier: str) -> str | None:
        """The IRI of the term that is mapped exactly to an identifier of another system, such as DOID:1909, or None."""
        return next(iter(self.kb.store.subjects(names.NAME, fold(identifier), graph=LOOKUP)), None)

    def _other_doid(self, term: str) -> bool:
        return any(mapping.match == "exactMatch" and mapping.id.startswith("DOID:") for mapping in self.kb.term(term).mappings)

    # -- what CTRES lacks

    def mint(self, kind: str, name: str, *more: tuple[str, str], key: str = "") -> str:
        """The IRI of a new individual of a class, the same whenever it is asked for by the same `key` (by default the name)."""
        key = f"{kind} {key or fold(name) or name}"
        if key not in self._minted:
            subject = self._free(name)
            self._minted[key] = subject
            self._news += individual(subject, kind, name, *more)
        return self._minted[key]

    def _free(self, name: str) -> str:
        """An IRI of the namespace that nothing else has, made from a name."""
        words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
        local = "".join([words[0], *(word[0].upper() + word[1:] for word in words[1:])]) if words else quote(name, safe="")
        found, count = self.namespace + local, 1
        while found in self._taken:
            count += 1
            found = f"{self.namespace}{local}-{count}"
        self._taken[found] = name
        return found

    def gene(self, symbol: str, column: str, entrez: str = "") -> str:
        """A gene by its HGNC symbol."""
        return self.known(symbol, "GeneProduct", column) or self.mint(
            "GeneProduct", symbol, *([(SEE_ALSO, iri(f"https://identifiers.org/ncbigene:{entrez}"))] if entrez.isdigit() else [])
        )

    def therapy(self, name: str, column: str) -> str:
        """A drug or other therapy by name."""
        return self.known(name, "Therapy", column) or self.mint("Therapy", name)

    def combination(self, names_: list[str], column: str, interaction: str) -> str:
        """Therapies given together or one after the other, as one individual; of a single one, that one."""
        parts = [self.therapy(name, column) for name in names_]
        if len(parts) == 1:
            return parts[0]
        order = parts if interaction == "Sequential" else sorted(parts)
        joined = (" then " if interaction == "Sequential" else " + ").join(names_)
        components = [(BASE + "hasComponent", iri(part)) for part in sorted(set(parts))]
        return self.mint("CombinationTherapy", joined, *components, key=f"{interaction} {' '.join(order)}")

    def cancer(self, name: str, column: str, doid: str = "") -> str:
        """A cancer by its DOID, or else by its name, unless CTRES maps that name to another DOID."""
        identifier = f"DOID:{doid.removeprefix('DOID:')}" if doid else ""
        known = self._identified(identifier) if identifier else None
        if known:
            return known
        named = self.known(name, "Cancer", column)
        if named and not (identifier and self._other_doid(named)):
            return named
        mapping = [(_EXACT, iri(f"{PREFIXES['obo']}DOID_{identifier[5:]}"))] if identifier else []
        return self.mint("Cancer", name, *mapping, key=identifier)

    def resistance(self, therapy: str) -> str:
        """The resistance to a therapy, which CTRES has or else is minted."""
        label = self.label(therapy)
        resisting = sorted(set(self.kb.store.subjects(BASE + "resistanceTo", iri=therapy)))
        for candidate in resisting:
            if fold(names.label(self.kb.store, candidate)) in (fold(f"{label} resistance"), fold(f"resistance to {label}")):
                return candidate
        if len(resisting) == 1 and set(self.kb.store.objects(resisting[0], BASE + "resistanceTo")) == {therapy}:
            return resisting[0]
        return self.mint("TherapyResistance", f"{label} resistance", (BASE + "resistanceTo", iri(therapy)), key=therapy)

    def publication(self, kind: str, identifier: str, label: str, *more: tuple[str, str]) -> str:
        """A publication by its identifier in PubMed, at ASCO or at ASH."""
        shown = f"{kind} {identifier}"
        link = [(SEE_ALSO, iri(_PUBLICATIONS[kind] + quote(identifier, safe="/.-")))] if kind in _PUBLICATIONS and kind != "ASH" else []
        identity = [(PREFIXES["dcterms"] + "identifier", text(f"{'PMID' if kind == 'PubMed' else kind}:{identifier}"))]
        return self.mint("Publication", f"{label} ({shown})" if label else shown, *identity, *link, *more, key=shown)
