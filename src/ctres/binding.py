"""Queries with the parameters written out, so that an engine can plan for what is asked and every server understands them."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = r""""(?:[^"\\\n]|\\.)*"|<[^\x00-\x20<>"{{}}|^`]*>|[?$]({})\b"""
_LISTED = re.compile(r"(?<=select)[^{]*?(?=where|\{)|(?<=group by)[^\n]*", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"^\s*#.*\n?", re.MULTILINE)
_CONDITION = re.compile(r"FILTER\(\s*!COALESCE\(isIRI\(\?(\w+)\), false\) \|\|\s*EXISTS \{")


def uncommented(query: str) -> str:
    """A query without the lines that are comments."""
    return _COMMENT.sub("", query)


def bind(query: str, terms: Mapping[str, str]) -> str:
    """A query in which variables are replaced by terms, as SPARQL writes them. They are no longer projected or grouped by.

    Where a question asks `FILTER(!COALESCE(isIRI(?_x), false) || EXISTS { ... })` and `?_x` is given, the condition becomes part of the pattern:
    an engine can then begin with it. That is the same for SELECT DISTINCT, which all questions are, and for counts of distinct things.
    """
    query = uncommented(query)
    if terms:
        names = "|".join(map(re.escape, terms))
        token = re.compile(_TOKEN.format(names))
        bare = re.compile(rf"(?<=\s)[?$]({names})(?=\s)")
        query = _LISTED.sub(lambda listed: bare.sub("", listed[0]), _joined(query, terms))
        query = token.sub(lambda t: terms[t[1]] if t[1] else t[0], query)
    return query


def _joined(query: str, given: Mapping[str, str]) -> str:
    """The query with each condition on a parameter that is given as part of the pattern."""
    start = 0
    while (condition := _CONDITION.search(query, start)) is not None:
        start, depth = condition.end(), 1
        end = start
        while depth:
            depth += (query[end] == "{") - (query[end] == "}")
            end += 1
        closed = re.compile(r"\s*\)").match(query, end)
        if closed is not None and condition[1] in given:  # else there is another alternative
            query = query[: condition.start()] + query[start : end - 1].strip() + " ." + query[closed.end() :]
            start = condition.start()
    return query
