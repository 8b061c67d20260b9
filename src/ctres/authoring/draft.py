"""A draft of a new term or finding: put together from names and texts, checked, and written when it is right."""

from __future__ import annotations

import functools
import os
import re
import tempfile
from dataclasses import replace
from typing import TypeVar

from .. import names, places, resources, turtle
from ..errors import CtresError
from ..report import Report
from ..terms import BASE, LOOKUP, PREFIXES, fold, shorten
from . import files, mappings, naming, values
from .problems import DraftError, Problem
from .slots import CLASS, COMMON, SUBCLASS, Slots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..knowledge import KnowledgeBase

_OWL, _SOURCE, _BACKGROUND = PREFIXES["owl"], BASE + "source", BASE + "background"
_OPTIONS = {"into", "namespace", "name", "type", "generic", "mapping"}  # beside the properties, those that an answer can mend
_T = TypeVar("_T")


class Draft:
    """A new individual or class: its `iri`, the file (`path`) that it belongs into, and the `block` that this file gets.

    `kb` is the knowledge base that it is to become part of, and `kind` any name of a class of CTRES, such as “drug”, or
    “class”. `given` has values by property, each by any of its names; the values of object properties are names, too.
    `types` are more classes that it is a member of. `name` is its local name, made from the label if it is None; a
    finding gets the next number of its source. `generic` is the class that a generic individual stands for.
    `background` marks what no review states. `into` is the file if it is not the module of the kind; a file that is not
    part of the ontology needs a `namespace` for its names. `mapping` holds terms of other ontologies that it is, each as
    CURIE and label, and `no_mapping` the reason why there is none.

    Raises UnknownTermError or AmbiguousTermError for the kind, and DraftError with all else that is missing or wrong.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        kind: str,
        given: Mapping[str, Sequence[str]],
        *,
        types: Sequence[str] = (),
        name: str | None = None,
        generic: str | None = None,
        background: bool = False,
        into: str | None = None,
        namespace: str | None = None,
        mapping: Sequence[str] = (),
        no_mapping: str | None = None,
    ) -> None:
        self.kb, self.slots, self.namespace = kb, Slots(kb.store, kind), namespace or BASE
        self._modules, self._problems = files.Modules(), list[Problem]()
        said = [(option, self._try(option, option, self.slots.property, option), text) for option, texts in given.items() for text in texts]
        self.label = next((text.strip() for _, path, text in said if path == names.LABEL), "")
        self.facts = self._facts([(option, path, text) for option, path, text in said if path])
        if background:
            self.facts.append((_BACKGROUND, "true"))
        self.types = [self.slots.kind]
        for option, texts in (("type", types), ("generic", [generic] if generic else [])):
            for text in texts:
                found = self._try(option, text, values.value, kb.store, SUBCLASS, text)
                self.types += [found[1:-1]] if found else []
                self.facts += [(names.STANDS_FOR, found)] if found and option == "generic" else []
        self._problems += self.slots.missing({path for _, path, _ in said if path}, own=self.namespace == BASE)
        self._try("namespace", namespace, self._check_namespace)
        self.path = self._try("into", into, self._file, into) or ""
        self.iri = "" if self._problems else self._try("name", name or self.label, self._iri, name) or ""
        self.table = mappings.table_of(self.path) if self.slots.kind != CLASS and self._modules.hold(self.path) else None
        self.rows = self._try("mapping", no_mapping or ", ".join(mapping) or None, self._rows, list(mapping), no_mapping) or []
        self._try("label", self.label, self._refuse_known_names)
        if self._problems:
            raise DraftError(self.slots.label, self._problems)
        self.block = files.block(self.statements)

    def __repr__(self) -> str:
        return f"<Draft of {shorten(self.iri)} for {self.path}>"

    @property
    def statements(self) -> str:
        """The draft as Turtle, each IRI in full."""
        text = self._triples(values.iri(self.iri), [("a", values.iri(kind)) for kind in self._asserted_types()] + self.facts)
        support = [(path, value) for path, value in self.facts if path in (COMMON["source"], _BACKGROUND)]
        for path, value in self.facts:
            if any(self.kb.store.objects(path, _OWL + "propertyChainAxiom")):  # what else follows from findings needs a source
                about = zip(("Source", "Property", "Target"), (values.iri(self.iri), values.iri(path), value), strict=True)
                annotated = [(f"{_OWL}annotated{part}", node) for part, node in about]
                text += self._triples("[]", [("a", f"<{_OWL}Axiom>"), *annotated, *support])
        return text

    @functools.cached_property
    def report(self) -> Report:
        """What the shapes and the reasoner find wrong with the draft as a part of the knowledge base."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "new.ttl")
            turtle.write(path, self.statements)
            results = self.kb.check_files(path).results
        own = [replace(r, file=os.path.relpath(self.path), line=None) for r in results if r.file == path]
        return Report(own + [r for r in results if r.file != path and r.shape == "contradiction"])

    def write(self) -> list[tuple[str, int]]:
        """Put the draft into its file and its mapping into the table; gives the places, file and line.

        Raises ValidationError if the draft violates a shape or contradicts the ontology, and CtresError if the file is not
        in canonical form; then nothing is written.
        """
        text = files.with_statements(self.path, self.statements, self.namespace)
        self.report.raise_for_violations()
        turtle.write(self.path, text)
        where = [(self.path, places.locate(self.path)[self.iri])]
        if self.table:
            where.append((self.table, mappings.add(self.table, self.rows)))
        return where

    # -- from what was given

    def _try(self, option: str, given: str | None, make: Callable[..., _T], *arguments: object) -> _T | None:
        """What a function makes; None if it cannot, and then the error is one of the problems."""
        try:
            return make(*arguments)
        except CtresError as error:
            known = option in self.slots.properties or option in _OPTIONS
            self._problems.append(Problem((option,), str(error), given) if known else Problem((), f"{option}: {error}", given))
            return None

    def _facts(self, said: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
        """The property and the value, as Turtle, of each thing that is said: of option, property and text."""
        facts: list[tuple[str, str]] = []
        for option, path, text in sorted(said, key=lambda one: one[1] != _SOURCE):  # the source first: “ref 12” is in its list
            source = dict(facts).get(_SOURCE)
            value = self._try(option, text, values.value, self.kb.store, path, text, source[1:-1] if source else None)
            facts += [(path, value)] if value else []
        return facts

    def _asserted_types(self) -> list[str]:
        """The classes that the block names: none that another of them implies."""
        if self.slots.kind == CLASS:
            return [CLASS]
        implied = {above for kind in self.types for above in self.kb.store.objects(kind, SUBCLASS) if above != kind}
        return [_OWL + "NamedIndividual", *sorted(set(self.types) - implied)]

    def _check_namespace(self) -> None:
        if not re.fullmatch(r"https?://[^\s<>\"{}|^`\\]+[/#]", self.namespace):
            raise CtresError(f"“{self.namespace}” is no namespace: expected an IRI that ends in / or #, such as https://example.org/lab/")

    def _file(self, into: str | None) -> str:
        if into:
            if self.namespace == BASE and not self._modules.hold(into):
                raise CtresError("a file that is not part of CTRES needs names of its own. Add --namespace, such as https://example.org/lab/")
            if not os.path.isdir(os.path.dirname(os.path.abspath(into))):
                raise CtresError(f"there is no folder {os.path.dirname(into)}. Make it first")
            return into
        if self.namespace != BASE:
            raise CtresError("names of your own belong into a file of your own. Add --into FILE.ttl")
        if not resources.in_checkout():
            raise CtresError("this CTRES is an installed package, whose files are not to be edited. Add --into FILE.ttl and --namespace IRI")
        said = dict(self.facts)
        if (self.slots.kind == CLASS and SUBCLASS not in said) or (self.slots.is_finding and _SOURCE not in said):
            return ""  # what is missing is a problem already
        kind = said[SUBCLASS][1:-1] if self.slots.kind == CLASS else self.slots.kind
        path = self._modules.of(self.kb.store, kind, self._stem() if self.slots.is_finding else None)
        if path is None:
            raise CtresError(f"no module holds a {names.label(self.kb.store, kind)} like this yet. Add --into with the file that shall")
        return path

    def _stem(self) -> str:
        """How the names of the findings of a source begin."""
        return self.namespace + re.split("[/#]", dict(self.facts)[_SOURCE][1:-1])[-1] + "-"

    def _iri(self, name: str | None) -> str:
        taken = self._modules.subjects() | files.subjects(self.path)
        if not name:
            if self.slots.is_finding:
                return naming.next_number(self._stem(), taken)
            generic = dict(self.facts).get(names.STANDS_FOR)
            of_class = self.slots.kind == CLASS
            name = naming.generic_name(generic[1:-1].removeprefix(BASE)) if generic else naming.local_name(self.label, of_class=of_class)
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
            raise CtresError(f"“{name}” is no name: expected letters and digits, a letter first")
        iri = self.namespace + name
        if iri in taken or iri in self.kb.store:
            raise CtresError(f"{shorten(iri)} is taken, by “{names.label(self.kb.store, iri)}”. Use that, or give another name with --name")
        return iri

    def _rows(self, mapping: list[str], no_mapping: str | None) -> list[dict[str, str]]:
        if self.table:
            return mappings.rows(self.table, self.iri, self.label, mapping, no_mapping)
        if mapping or no_mapping:
            raise CtresError(f"{self.path} has no table of mappings. Leave --mapping and --no-mapping out")
        return []

    def _refuse_known_names(self) -> None:
        """Two terms of one name are most often one term; a generic individual may be called as its class is."""
        if not self.slots.is_finding:
            called = set(self.kb.store.subjects(names.NAME, fold(self.label), graph=LOOKUP))
            for iri in sorted(called - {value[1:-1] for path, value in self.facts if path == names.STANDS_FOR}):
                known = f"{shorten(iri)} (“{names.label(self.kb.store, iri)}”)"
                raise CtresError(f"{known} is called that already. Use it, or choose a label that tells the two apart")

    @staticmethod
    def _triples(subject: str, said: Sequence[tuple[str, str]]) -> str:
        return f"{subject} " + " ; ".join(f"{path if path == 'a' else values.iri(path)} {value}" for path, value in said) + " .\n"
