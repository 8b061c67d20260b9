"""Finding the term that a person means: by IRI, CURIE, local name, label, synonym or abbreviation."""

from __future__ import annotations

from .errors import AmbiguousTermError, UnknownTermError
from .store import Store
from .terms import BASE, LOOKUP, PREFIXES, expand, fold, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = BASE + "lookup/name"
LABEL = PREFIXES["rdfs"] + "label"
ALT_LABEL = PREFIXES["skos"] + "altLabel"
TYPE = PREFIXES["rdf"] + "type"
STANDS_FOR = BASE + "standsFor"


def index(store: Store) -> Iterable[tuple[str, str]]:
    """The pairs (IRI, folded name) of all labels and synonyms of CTRES terms; findings are found by identifier only.

    A generic individual also answers to the names of the class that it stands for.
    """
    findings = set(store.subjects(TYPE, iri=BASE + "Finding"))
    generics = {c: g for g in store.subjects(STANDS_FOR) for c in store.objects(g, STANDS_FOR)}
    for predicate in (LABEL, ALT_LABEL):
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
    exact = _exists(store, iri) and (within is None or _is_member(store, iri, within))
    if exact and (expand(name) or not _is_property(store, iri)):
        return iri
    folded = fold(name)
    for spelling in (folded, folded.removesuffix("s"), folded + "s"):
        found = sorted(set(store.subjects(NAME, spelling, graph=LOOKUP))) if folded else []
        if within == PREFIXES["owl"] + "Class":  # a class answers to the names of its generic individual, too
            found = sorted({*found, *(value for term in found for value in store.objects(term, STANDS_FOR))})
        if within is not None:
            found = [term for term in found if _is_member(store, term, within)]
        if found:
            break
    if exact:
        found = [term for term in found if term.startswith(BASE) and not _is_property(store, term)] or [iri]
    if len(found) > 1:
        classes = {value for term in found for value in store.objects(term, STANDS_FOR)}
        found = [term for term in found if term not in classes]
    if len(found) > 1:
        found = [term for term in found if not _is_property(store, term)] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise AmbiguousTermError(name, tuple((shorten(term), label(store, term)) for term in found))
    raise UnknownTermError(name, suggestions(store, name, within), "term" if within is None else label(store, within))


def suggestions(store: Store, name: str, within: str | None = None, most: int = 4) -> tuple[str, ...]:
    """Labels of the terms whose names are spelled most like `name`, nearest first."""
    import difflib

    terms: dict[str, list[str]] = {}
    for iri, folded in store.pairs(NAME, LOOKUP):
        terms.setdefault(folded, []).append(iri)
    labels: dict[str, None] = {}
    for near in difflib.get_close_matches(fold(name), terms, n=4 * most, cutoff=0.7):
        for term in terms[near]:
            if within is None or _is_member(store, term, within):
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


def _is_member(store: Store, iri: str, of: str) -> bool:
    return store.graph_of(iri, TYPE, of) is not None


def _is_property(store: Store, iri: str) -> bool:
    return any(_is_member(store, iri, PREFIXES["owl"] + kind + "Property") for kind in ("Object", "Datatype", "Annotation"))


def _exists(store: Store, iri: str) -> bool:
    try:
        return iri in store
    except ValueError:  # a name that cannot be part of an IRI
        return False
