"""The files that new blocks go into: which module a kind belongs to, and how a block gets into a Turtle file."""

from __future__ import annotations

import os
from collections import Counter

from .. import names, resources, turtle
from ..errors import CtresError
from ..terms import BASE, PREFIXES
from .slots import CLASS, SUBCLASS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyoxigraph import Triple

    from ..store import Store


class Modules:
    """The files of the ontology and what each declares, as they are now."""

    def __init__(self) -> None:
        self.folder = resources.find("ontology")
        self.parts = turtle.load_ontology(os.path.join(self.folder, "ctres.ttl"))

    def subjects(self) -> set[str]:
        """The IRIs of all that the ontology describes, retired terms included."""
        return {_name(triple) for _, triples in self.parts for triple in triples}

    def of(self, store: Store, kind: str, stem: str | None = None) -> str | None:
        """The file with the most members of a class, whose IRIs begin with `stem` if there is one; else that of the class itself."""
        kinds = {kind, *store.subjects(SUBCLASS, iri=kind)}
        members: Counter[str] = Counter()
        homes: list[str] = []
        for path, triples in self.parts:
            for triple in triples:
                if triple.predicate.value == names.TYPE:
                    of = triple.object.value  # type: ignore[union-attr]
                    members[path] += of in kinds and _name(triple).startswith(stem or BASE)
                    homes += [path] if of == CLASS and _name(triple) == kind else []
        best = max(members, key=lambda path: members[path])
        return best if members[best] else None if stem else next(iter(homes), None)

    def hold(self, path: str) -> bool:
        """Whether a file lies, or would lie, in the folder of the ontology."""
        return os.path.realpath(path).startswith(os.path.realpath(self.folder) + os.sep)


def block(statements: str) -> str:
    """Turtle in canonical form without its prefixes: what a file gets."""
    text = turtle.format_text(statements, "the new block")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("@prefix ")).strip("\n")


def with_statements(path: str, statements: str, namespace: str) -> str:
    """The text of a Turtle file with more statements in it, each where its canonical form has it.

    A file that is not there yet begins empty, with the prefix `my` for a namespace that is not one of CTRES' own.
    Raises CtresError if the file is not in canonical form, because then more than the new block would change.
    """
    if not path.endswith(".ttl"):
        raise CtresError(f"“{path}” is no Turtle file: expected a name that ends in .ttl")
    if not os.path.exists(path):
        prefix = "" if namespace in PREFIXES.values() else f"@prefix my: <{namespace}> .\n"
        return turtle.format_text(prefix + statements, path)
    if turtle.format_file(path, check=True):
        raise CtresError(f"{path} is not in canonical form, so other lines would change, too. Run `ctres fmt {path}` first; it drops comments")
    with open(path, encoding="utf-8") as file:
        return turtle.format_text(f"{file.read()}\n{statements}", path)


def subjects(path: str) -> set[str]:
    """The IRIs of all that a file describes; none if there is no such file."""
    return {_name(triple) for triple in turtle.triples(path)} if os.path.exists(path) else set()


def _name(triple: Triple) -> str:
    return str(getattr(triple.subject, "value", ""))
