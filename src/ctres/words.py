"""Statements and axioms as people read them."""

from __future__ import annotations

import re

from . import names
from .terms import PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .store import Store

    Triple = tuple[str, str, str]

SUBCLASS = PREFIXES["rdfs"] + "subClassOf"
SUBPROPERTY = PREFIXES["rdfs"] + "subPropertyOf"
_WORDS = {
    SUBCLASS: "is always",
    SUBPROPERTY: "implies",
    PREFIXES["owl"] + "equivalentClass": "is defined as",
    PREFIXES["owl"] + "disjointWith": "is never",
    PREFIXES["owl"] + "disjointUnionOf": "consists of",
    PREFIXES["owl"] + "inverseOf": "is the inverse of",
    PREFIXES["owl"] + "propertyChainAxiom": "follows from",
    PREFIXES["owl"] + "members": "never share a member:",
}


def statement(store: Store, fact: Triple) -> str:
    """A triple as a sentence, without a full stop. A group whose name is a plural, such as “taxanes”, gets its verb in the plural."""
    subject, relation, value = fact
    name, object_name = names.label(store, subject), names.label(store, value)
    said = f"is {article(object_name)}" if relation == names.TYPE else verb(store, relation)
    if name.endswith("s") and next(store.objects(subject, names.STANDS_FOR), None):
        said = _plural(said)
    return f"{name} {said} {object_name}"


def verb(store: Store, relation: str) -> str:
    """A property as the verb of a sentence: “component of” becomes “is component of”."""
    label = _WORDS.get(relation) or names.label(store, relation)
    first = label.split()[0]
    return label if first.endswith("s") or first == "can" else f"is {label}"


def _plural(said: str) -> str:
    first, _, rest = said.partition(" ")
    form = {"is": "are", "has": "have", "can": "can"}.get(first) or first.removesuffix("es" if first.endswith("sses") else "s")
    return f"{form} {rest}".strip()


def article(name: str) -> str:
    """The indefinite article that goes with a name, by its first letter."""
    return "an" if name[0] in "aeioAEIO" else "a"


def axiom(store: Store, triple: Triple) -> str:
    """An axiom as a sentence; class expressions come with their IRIs in angle brackets."""
    subject, relation, value = triple
    if relation == PREFIXES["owl"] + "propertyChainAxiom":
        return f"“x {verb(store, subject)} z” follows from {_chain(store, value)}"
    if relation in (PREFIXES["rdfs"] + "domain", PREFIXES["rdfs"] + "range"):
        kind = expression(store, value)
        ends = f"only {article(kind)} {kind}", "something"
        subject_words, object_words = ends if relation.endswith("domain") else ends[::-1]
        return f"{subject_words} {verb(store, subject)} {object_words}"
    if relation == names.TYPE:
        return f"{expression(store, subject)} is {names.label(store, value).removeprefix('owl:').removesuffix('Property').lower()}"
    return f"{expression(store, subject)} {_WORDS.get(relation) or names.label(store, relation)} {expression(store, value)}"


def _chain(store: Store, text: str) -> str:
    """The links of a property chain as sentences about x, y and so on to z."""
    links = text.split(" o ")
    ends = ["x", *"yvw"[: len(links) - 1], "z"]
    told = []
    for link, subject, value in zip(links, ends, ends[1:], strict=False):
        iri = link.removeprefix("inverse ").strip("<>")
        told.append(f"“{value} {verb(store, iri)} {subject}”" if link.startswith("inverse ") else f"“{subject} {verb(store, iri)} {value}”")
    return " and ".join(told)


def expression(store: Store, text: str) -> str:
    """A class expression, or the IRI of a term, with labels."""
    if "<" not in text and "://" in text:
        return names.label(store, text)
    return re.sub(r"<([^>]*)>", lambda match: names.label(store, match[1]), text)
