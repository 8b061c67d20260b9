"""A mapping proposed for a table, from its header and its first rows."""

from __future__ import annotations

import json
from itertools import islice

from ..errors import UnknownTermError
from ..progress import Progress
from ..terms import fold
from .record import Refused
from .tables import rows
from .vocabulary import Vocabulary

_ROWS = 50
# What a column's name may hold, by slot, and the class of what is in it.
_SIGNS = {
    "about": (("drug", "therapy", "treatment", "compound", "medication"), "Therapy"),
    "agent": (("gene", "mirna", "microrna", "factor", "target", "symbol", "protein", "agent"), "MolecularEntity"),
    "cancer": (("cancer", "disease", "tumor", "tumour", "histology", "indication"), "Cancer"),
    "model": (("cellline", "model", "cells"), "ModelSystem"),
    "cites": (("pmid", "pubmed", "doi", "reference", "citation"), "Publication"),
    "effect": (("effect", "response", "direction", "outcome", "result", "significance", "phenotype"), ""),
}
_EFFECTS = {  # by what the folded value of a cell may hold
    "resist": "increases",
    "sensitiv": "decreases",
    "sensitiz": "decreases",
    "increas": "increases",
    "decreas": "decreases",
    "unchanged": "leavesUnchanged",
}


def sketch(path: str, vocabulary: Vocabulary) -> str:
    """The text of a mapping to start from; it says what was seen in the first rows. Raises ParseError for a table that cannot be read."""
    first = [row for _, row in islice(rows(path, Progress()), _ROWS)]
    header = list(first[0]) if first else []
    found: dict[str, str] = {}
    for slot, (signs, _) in _SIGNS.items():
        column = next((name for name in header if name not in found.values() and any(sign in fold(name) for sign in signs)), None)
        if column is not None:
            found[slot] = column
    lines = [
        f"# A sketch for {json.dumps(path)}: check each line. Columns: {', '.join(header)}",
        'namespace = "https://lab.example/"   # where new terms and the findings get their names',
        "",
        "[source]   # who makes the claims",
        'label = "..."',
        "",
        "[finding]",
    ]
    for slot, (_, kind) in _SIGNS.items():
        column = found.get(slot)
        if column is None:
            if slot in ("about", "agent", "effect"):
                lines.append(f'{slot} = {{ column = "..." }}   # no column seems to hold it')
            continue
        values = [row[column] for row in first if row[column]]
        lines.append(_line(slot, column, kind, values, vocabulary))
    lines.append('certainty = { constant = "demonstrated" }   # or stated, proposed, open')
    return "\n".join(lines) + "\n"


def _line(slot: str, column: str, kind: str, values: list[str], vocabulary: Vocabulary) -> str:
    quoted = json.dumps(column, ensure_ascii=False)
    distinct = list(dict.fromkeys(values))
    if slot == "effect":
        guesses = {value: next((effect for sign, effect in _EFFECTS.items() if sign in fold(value)), "") for value in distinct}
        table = ", ".join(f"{json.dumps(value, ensure_ascii=False)} = {json.dumps(effect or '?')}" for value, effect in guesses.items())
        unsure = "   # replace each “?” by an effect: increases, decreases, alters, leavesUnchanged ..." if "" in guesses.values() else ""
        return f"effect = {{ column = {quoted}, values = {{ {table} }} }}{unsure}"
    if slot == "cites":
        return f"cites = {{ column = {quoted} }}"
    split = next((mark for mark in (";", "|") if any(mark in value for value in distinct)), "")
    parts = list(dict.fromkeys(part.strip() for value in distinct for part in (value.split(split) if split else [value])))
    known = sum(_known(part, kind, vocabulary) for part in parts)
    options = [f"column = {quoted}"]
    options += [f'kind = "{kind}"'] if slot == "agent" else []
    options += [f'split = "{split}"'] if split else []
    options += ["resistance = true"] if slot == "about" else []
    options += ["mint = true"] if known < len(parts) else []
    said = f"CTRES knows {known} of the {len(parts)} names seen"
    return f"{slot} = {{ {', '.join(options)} }}   # {said}" + (": mint makes new terms of the others" if known < len(parts) else "")


def _known(name: str, kind: str, vocabulary: Vocabulary) -> bool:
    try:
        return vocabulary.known(name, kind, "") is not None
    except (Refused, UnknownTermError):
        return False
