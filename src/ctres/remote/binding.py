"""Queries as servers need them, which know none of the prefixes of CTRES."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .. import resources
from ..binding import bind, uncommented
from ..terms import PREFIXES


def declared(query: str) -> str:
    """A query that declares each prefix of CTRES which it uses, without its comments."""
    query = uncommented(query)  # a comment may look like a declaration
    stated = set(re.findall(r"prefix\s+(\w*):", query, re.IGNORECASE))
    prefixed = re.sub(r"<[^>]*>", "", query)
    used = [name for name in PREFIXES if name not in stated and re.search(rf"(?<![\w:]){name}:", prefixed)]
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in used) + query


def written(name: str, **terms: str) -> str:
    """A query of `sparql/remote`, bound."""
    return declared(bind(resources.text("sparql", "remote", name), terms))


def iri(text: str) -> str:
    """An IRI as SPARQL writes it."""
    return f"<{text}>"


def listed(iris: Iterable[str]) -> str:
    """IRIs as the data of a VALUES clause."""
    return " ".join(map(iri, iris))


def gives_triples(query: str) -> bool:
    """Whether a query gives triples rather than solutions or a boolean."""
    form = re.search(r"\b(select|ask|construct|describe)\b", re.sub(r"<[^>]*>", "", uncommented(query)), re.IGNORECASE)
    return form is not None and form[1].lower() in ("construct", "describe")
