"""Queries written out for servers, which have no way of their own to give a variable a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .. import resources
from ..terms import PREFIXES

_TOKEN = r""""(?:[^"\\\n]|\\.)*"|<[^\x00-\x20<>"{{}}|^`]*>|[?$]({})\b"""
_LISTED = re.compile(r"(?<=select)[^{]*?(?=where|\{)|(?<=group by)[^\n]*", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"^\s*#.*\n?", re.MULTILINE)


def bind(query: str, terms: Mapping[str, str]) -> str:
    """A query in which variables are replaced by terms, as SPARQL writes them. They are no longer projected or grouped by."""
    query = _COMMENT.sub("", query)
    if terms:
        token = re.compile(_TOKEN.format("|".join(map(re.escape, terms))))
        bare = re.compile(rf"(?<=\s)[?$]({'|'.join(map(re.escape, terms))})(?=\s)")
        query = _LISTED.sub(lambda listed: bare.sub("", listed[0]), query)
        query = token.sub(lambda t: terms[t[1]] if t[1] else t[0], query)
    declared = set(re.findall(r"prefix\s+(\w*):", query, re.IGNORECASE))
    prefixed = re.sub(r"<[^>]*>", "", query)
    used = [name for name in PREFIXES if name not in declared and re.search(rf"(?<![\w:]){name}:", prefixed)]
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in used) + query


def written(name: str, **terms: str) -> str:
    """A query of `sparql/remote`, bound."""
    return bind(resources.text("sparql", "remote", name), terms)


def iri(text: str) -> str:
    """An IRI as SPARQL writes it."""
    return f"<{text}>"


def listed(iris: Iterable[str]) -> str:
    """IRIs as the data of a VALUES clause."""
    return " ".join(map(iri, iris))


def gives_triples(query: str) -> bool:
    """Whether a query gives triples rather than solutions or a boolean."""
    form = re.search(r"\b(select|ask|construct|describe)\b", re.sub(r"<[^>]*>", "", _COMMENT.sub("", query)), re.IGNORECASE)
    return form is not None and form[1].lower() in ("construct", "describe")
