"""`ctres new`: options that follow from the kind, questions on a terminal for what is missing, and the result."""

from __future__ import annotations

import argparse
import os
import sys

from .. import knowledge
from ..terms import PREFIXES, shorten
from .dialogue import ask
from .draft import Draft
from .problems import DraftError, Problem
from .slots import CLASS, Slots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..knowledge import KnowledgeBase

_SINGLE = ("name", "generic", "into", "namespace", "no-mapping")
Given = dict[str, list[str]]


def run(kind: str, arguments: list[str]) -> int:
    """Make one new thing of a kind from its options and, on a terminal, answers; returns the exit status.

    What violates a shape is shown and not written: status 1. Raises DraftError for what is missing or wrong, UnknownTermError
    or AmbiguousTermError for the kind, and CtresError for a file that is not fit to be added to.
    """
    kb = knowledge.load()
    slots = Slots(kb.store, kind)
    options = vars(_parser(slots).parse_args(arguments))
    given: Given = {option: texts for option, texts in options.items() if isinstance(texts, list)}
    if given["into"] and os.path.exists(given["into"][-1]) and given["namespace"]:
        kb = kb.with_data(given["into"][-1])
    draft = _draft(kb, kind, given, background=options["background"])
    if options["dry-run"]:
        print(draft.block)
    if draft.report.results:
        print(draft.report, file=sys.stderr)
    if not draft.report.conforms:
        print("ctres: nothing was written", file=sys.stderr)
        return 1
    if not options["dry-run"]:
        for path, line in draft.write():
            print(f"{os.path.relpath(path)}, line {line}: {shorten(draft.iri)} “{draft.label}”")
    return 0


def _parser(slots: Slots) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"ctres new {slots.label!r}" if " " in slots.label else f"ctres new {slots.label}",
        description=f"Add a new {slots.label}. A term is given by any of its names; every option that says something may be repeated.",
        epilog="On a terminal, what is missing is asked for.",
        allow_abbrev=False,
    )

    def add(option: str, metavar: str, summary: str, to: argparse._ActionsContainer = parser) -> None:
        to.add_argument(f"--{option}", dest=option, action="append", default=[], metavar=metavar, help=summary.replace("%", "%%"))

    said = parser.add_argument_group("what is said")
    for option, path in slots.properties.items():
        add(option, "VALUE", _help(slots, path), said)
    add("set", "PROPERTY=VALUE", "any other property, by any of its names")
    if slots.kind != CLASS:
        add("type", "CLASS", "another class that it is a member of")
        add("generic", "CLASS", "the class that it stands for, if it is a generic individual")
        add("mapping", "TERM", "the term of another ontology that it is: a CURIE and its label, such as “CHEBI:42068 idarubicin”")
        add("no-mapping", "REASON", "why no term of another ontology fits")
    add("name", "NAME", "the name in its IRI (default: made from the label)")
    add("into", "FILE", "the Turtle file it goes into (default: the module of its kind)")
    add("namespace", "IRI", "where names begin, for a file of your own")
    parser.add_argument("--background", action="store_true", help="no review states it; it is general knowledge that reasoning needs")
    parser.add_argument("--dry-run", dest="dry-run", action="store_true", help="print the block and write nothing")
    return parser


def _help(slots: Slots, path: str) -> str:
    """What a property means, as CTRES defines it; those of the W3C, such as rdfs:label, have only their names."""
    return next(iter(slots.store.objects(path, PREFIXES["skos"] + "definition")), shorten(path))


def _draft(kb: KnowledgeBase, kind: str, given: Given, *, background: bool) -> Draft:
    """The draft; on a terminal, asks until there is one or no answer would help."""
    while True:
        try:
            return _from_options(kb, kind, given, background=background)
        except DraftError as error:
            if not sys.stdin.isatty() or not all(problem.options for problem in error.problems):
                raise
            for problem in error.problems:
                ask(Slots(kb.store, kind), problem, given)


def _from_options(kb: KnowledgeBase, kind: str, given: Given, *, background: bool) -> Draft:
    single = {option: given[option][-1] if given.get(option) else None for option in _SINGLE}
    said = {option: texts for option, texts in given.items() if texts and option not in (*_SINGLE, "set", "type", "mapping")}
    for text in given["set"]:
        prop, equals, value = text.partition("=")
        if not equals:
            raise DraftError(kind, [Problem((), f"--set {text}: expected PROPERTY=VALUE, such as targets=TOP2A", text)])
        said[prop.strip()] = [*said.get(prop.strip(), ()), value]
    return Draft(
        kb,
        kind,
        said,
        types=given.get("type", ()),
        name=single["name"],
        generic=single["generic"],
        background=background,
        into=single["into"],
        namespace=single["namespace"],
        mapping=given.get("mapping", ()),
        no_mapping=single["no-mapping"],
    )
