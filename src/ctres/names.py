"""Finding the term that a person means: by IRI, CURIE, local name, label, synonym or abbreviation."""

from __future__ import annotations

from .errors import AmbiguousTermError, UnknownTermError
from .store import Store
from .terms import BASE, LOOKUP, PREFIXES, expand, fold, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = BASE + "lookup/name"
IDENTIFIER = BASE + "lookup/identifier"  # of a term of another system, folded, and
CURIE = BASE + "lookup/curie"  # as that system writes it
LABEL = PREFIXES["rdfs"] + "label"
ALT_LABEL = PREFIXES["skos"] + "altLabel"
HIDDEN_LABEL = PREFIXES["skos"] + "hiddenLabel"  # a name that people write, and that the term does not really have
TYPE = PREFIXES["rdf"] + "type"
STANDS_FOR = BASE + "standsFor"


def index(store: Store) -> Iterable[tuple[str, str]]:
    """The pairs (IRI, folded name) of all labels, synonyms and hidden labels of terms; findings are found by identifier only.

    A generic individual also answers to the names of the class that it stands for.
    """
    findings = set(store.subjects(TYPE, iri=BASE + "Finding"))
    generics = {c: g for g in store.subjects(STANDS_FOR) for c in store.objects(g, STANDS_FOR)}
    for predicate in (LABEL, ALT_LABEL, HIDDEN_LABEL):
        for iri, name in store.pairs(predicate):
            if iri not in findings:
                yield iri, fold(name)
                if iri in generics:
                    yield generics[iri], fold(name)


def resolve(store: Store, name: str, within: str | None = None) -> str:
    """The IRI of the one term that `name` names.

    `within` is the IRI of a class: then only its members count. A generic individual is preferred to the class that
    it stands for, any term to a property (“cancer” is the disease, not the slot of a finding); a plural stands for its
    singular and the other way round. Raises UnknownTermError (with suggestions) or AmbiguousTermError (with the candidates).
    """
    name = name.strip()
    iri = expand(name) or BASE + name
    exact = exists(store, iri) and (within is None or is_member(store, iri, within))
    if exact and expand(name):
        return iri
    found: list[str] = []
    for spelling in _spellings(name):
        found = sorted(set(store.subjects(NAME, spelling, graph=LOOKUP)))
        if within == PREFIXES["owl"] + "Class":  # a class answers to the names of its generic individual, too
            found = sorted({*found, *(value for term in found for value in store.objects(term, STANDS_FOR))})
        if within is not None:
            found = [term for term in found if is_member(store, term, within)]
        if found:
            break
    if exact:
        kin = {iri, *store.objects(iri, STANDS_FOR), *store.subjects(STANDS_FOR, iri=iri)}
        others = [term for term in found if term not in kin and term.startswith(BASE) and not is_property(store, term)]
        found = [iri, *others] if not is_property(store, iri) else others or [iri]
    if len(found) > 1:
        classes = {value for term in found for value in store.objects(term, STANDS_FOR)}
        found = [term for term in found if term not in classes]
    if len(found) > 1:
        found = [term for term in found if not is_property(store, term)] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise AmbiguousTermError(name, tuple((shorten(term), label(store, term)) for term in found))
    near = mapped(store, name) or suggestions(store, name, within)
    raise UnknownTermError(name, near, "term" if within is None else label(store, within))


def _spellings(name: str) -> Iterator[str]:
    """The folded forms to look for, in order: the name, its singular and plural, the identifier in an IRI, a microRNA without its arm."""
    folded = fold(name)
    if not folded:
        return
    yield from (folded, folded.removesuffix("s"), folded + "s")
    if name.startswith("http") and not set(name) & set("<>{}\\ \n"):
        system, _, local = name.rstrip("/").rpartition("/")
        yield from (fold(local), fold(system.rpartition("/")[2] + local))
    if folded.startswith(("mir", "hsamir", "let", "hsalet")):
        stem = folded[:-2] if folded.endswith(("3p", "5p")) else folded
        yield from (stem, stem.removeprefix("hsa"))


def mapped(store: Store, identifier: str) -> tuple[str, ...]:
    """Labels of the terms that are mapped, though not exactly, to an identifier of another system such as MONDO:0005061."""
    folded = fold(identifier.rpartition("/")[2])
    others = store.subjects(IDENTIFIER, folded, graph=LOOKUP) if folded else ()
    matches = (PREFIXES["skos"] + kind + "Match" for kind in ("close", "narrow", "broad", "related"))
    found = {term for other in others for match in matches for term in store.subjects(match, iri=other, graph=LOOKUP)}
    return tuple(sorted(label(store, term) for term in found))


def suggestions(store: Store, name: str, within: str | None = None, most: int = 4) -> tuple[str, ...]:
    """Labels of the terms whose names are spelled most like `name`, nearest first."""
    import difflib

    terms: dict[str, list[str]] = {}
    for iri, folded in store.pairs(NAME, LOOKUP):
        terms.setdefault(folded, []).append(iri)
    labels: dict[str, None] = {}
    for near in difflib.get_close_matches(fold(name), terms, n=4 * most, cutoff=0.7):
        for term in terms[near]:
            if within is None or is_member(store, term, within):
                labels.setdefault(label(store, term))
    return tuple(labels)[:most]


def search(store: Store, text: str) -> list[tuple[str, str]]:
    """All (IRI, label) whose label, synonym or definition holds the words of `text`: those it names first, names before definitions."""
    words = [fold(word) for word in text.split() if fold(word)]
    ranked: dict[str, int] = {}
    for rank, predicate in enumerate((LABEL, ALT_LABEL, PREFIXES["skos"] + "definition")):
        for iri, value in store.pairs(predicate):
            folded = fold(value)
            if words and all(word in folded for word in words):
                part = 0 if folded == "".join(words) else 3
                ranked[iri] = min(ranked.get(iri, 9), rank + part)
    return [(iri, label(store, iri)) for iri in sorted(ranked, key=lambda iri: (ranked[iri], label(store, iri)))]


def label(store: Store, iri: str) -> str:
    """The label of a term, or its CURIE where it has none."""
    return next(store.objects(iri, LABEL), None) or shorten(iri)


def is_member(store: Store, iri: str, of: str) -> bool:
    return store.graph_of(iri, TYPE, of) is not None


def is_property(store: Store, iri: str) -> bool:
    """Whether an IRI is declared as a property of any sort."""
    return any(is_member(store, iri, PREFIXES["owl"] + kind + "Property") for kind in ("Object", "Datatype", "Annotation"))


def exists(store: Store, iri: str) -> bool:
    try:
        return iri in store
    except ValueError:  # a name that cannot be part of an IRI
        return False
