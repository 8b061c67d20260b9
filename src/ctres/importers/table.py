"""Any table made into findings, as a mapping says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import product

from .. import names
from ..progress import Progress
from ..terms import BASE, PREFIXES, fold
from .mapping import Mapping, Slot
from .record import INDIVIDUAL, LABEL, RDF_TYPE, Record, Refused, Reject, Statement, individual, iri, number, text
from .tables import Row, rows
from .vocabulary import Vocabulary

_PLAIN = ("effect", "about", "agent", "lostAgent", "label", "sentence", "section", "source")
_OBJECT = PREFIXES["owl"] + "ObjectProperty"
_RANGE = PREFIXES["rdfs"] + "range"


def records(path: str, mapping: Mapping, vocabulary: Vocabulary, progress: Progress) -> Iterator[Record | Reject]:
    """What becomes of each row of a table. Raises ParseError for a table that cannot be read or lacks a column of the mapping."""
    maker = _Maker(os.path.basename(path), mapping, vocabulary)
    about = maker.source()
    for row_number, row in rows(path, progress, columns=mapping.columns):
        record = Record(row_number)
        try:
            maker.take(row, record)
        except Refused as error:
            yield Reject(row_number, error.column, error.value, error.reason, error.nearest)
            continue
        record.statements = [*about, *vocabulary.news(), *record.statements]
        about = []
        yield record


class _Maker:
    """Makes findings of rows."""

    def __init__(self, table: str, mapping: Mapping, vocabulary: Vocabulary) -> None:
        self._table, self._mapping, self._vocabulary, self._store = table, mapping, vocabulary, vocabulary.kb.store
        self._slots = mapping.slots
        self._effects: dict[str, str] = {}
        self._origin = ""

    def source(self) -> list[Statement]:
        """What there is to say of who makes the claims: nothing, if CTRES has that publication."""
        given = self._mapping.source
        known = self._vocabulary.known(given["label"], "Publication", "source")
        if known:
            self._origin = known
            return []
        self._origin = f"{self._mapping.namespace}source"
        doi = [(PREFIXES["bibo"] + "doi", text(given["doi"]))] if "doi" in given else []
        link = [(PREFIXES["rdfs"] + "seeAlso", iri(given["url"]))] if "url" in given else []
        title = (PREFIXES["dcterms"] + "title", text(given.get("title", given["label"]), "en"))
        return list(individual(self._origin, "Publication", given["label"], title, *doi, *link))

    def take(self, row: Row, record: Record) -> None:
        """Make a row into findings, one for each member of an enumeration in agent or object. Raises Refused."""
        for column, values in self._mapping.only.items():
            if row[column] not in values:
                raise Refused(column, row[column], f"the mapping takes only rows with {' or '.join(values)} here")
        subject = "agent" if "agent" in self._slots else "lostAgent"
        agents, objects = self._terms(self._slots[subject], row), self._terms(self._slots["about"], row)
        effect = self._effect(row)
        context = [pair for slot in self._slots.values() if slot.name not in _PLAIN for pair in self._pairs(slot, row)]
        section = self._one("section", row) or self._table
        sentence = self._one("sentence", row) or str(record.row)
        if not re.fullmatch(r"[1-9]\d*", sentence):
            raise Refused(self._slots["sentence"].column, sentence, "expected a whole number from 1")
        pairs = list(product(agents, objects))
        for count, (agent, about) in enumerate(pairs, 1):
            finding = f"{self._mapping.namespace}row{record.row}" + (f"-{count}" if len(pairs) > 1 else "")
            verb = names.label(self._store, BASE + effect)
            loss = "loss of " if subject == "lostAgent" else ""
            label = self._one("label", row) or f"{loss}{self._vocabulary.label(agent)} {verb} {self._vocabulary.label(about)}"
            record.findings.append(finding)
            record.statements += [
                (finding, RDF_TYPE, iri(INDIVIDUAL)),
                (finding, RDF_TYPE, iri(BASE + "Finding")),
                (finding, LABEL, text(f"{label} (row {record.row}{f', {count}' if len(pairs) > 1 else ''} of {self._table})", "en")),
                (finding, BASE + subject, iri(agent)),
                (finding, BASE + effect, iri(about)),
                *((finding, path, value) for path, value in context),
                (finding, BASE + "source", iri(self._origin)),
                (finding, BASE + "section", text(section)),
                (finding, BASE + "sentence", number(int(sentence))),
            ]

    def _cells(self, slot: Slot, row: Row) -> list[str]:
        """The values that a row gives a slot. Raises Refused where it must give one and does not."""
        cell = slot.constant or row[slot.column]
        parts = [part.strip() for part in cell.split(slot.split)] if slot.split else [cell]
        table = dict(slot.values)
        found = []
        for part in parts:
            if table and part not in table:
                raise Refused(slot.column, part, f"the mapping has no value for it in `{slot.name}`", tuple(table))
            value = table.get(part, part)
            if value:
                found.append(slot.prefix + value)
        if slot.required and not found:
            raise Refused(slot.column, cell, f"`{slot.name}` must have a value")
        return found

    def _one(self, name: str, row: Row) -> str:
        slot = self._slots.get(name)
        return next(iter(self._cells(slot, row)), "") if slot else ""

    def _effect(self, row: Row) -> str:
        slot = self._slots["effect"]
        (given,) = self._cells(slot, row)
        if given not in self._effects:
            effects = set(self._store.subjects(PREFIXES["rdfs"] + "subPropertyOf", iri=BASE + "hasEffect"))
            named = {fold(names.label(self._store, effect)): effect for effect in effects} | {fold(e.removeprefix(BASE)): e for e in effects}
            if fold(given) not in named or named[fold(given)] == BASE + "hasCausalEffect":
                raise Refused(slot.column, given, "this is no effect of a finding", ("increases", "decreases", "alters", "leavesUnchanged"))
            self._effects[given] = named[fold(given)].removeprefix(BASE)
        return self._effects[given]

    def _terms(self, slot: Slot, row: Row) -> list[str]:
        return [self._term(slot, value) for value in self._cells(slot, row)]

    def _term(self, slot: Slot, value: str) -> str:
        """The term that a cell names; minted where the mapping allows it and CTRES has none."""
        vocabulary, column = self._vocabulary, slot.column or slot.name
        if slot.kind == "Publication":
            return self._publication(value, column)
        kind = slot.kind or ""
        if not kind and slot.mint:
            raise Refused(column, value, f"`{slot.name}` may mint terms only where the mapping says their kind")
        found = vocabulary.known(value, kind, column) if kind else vocabulary.any(value, column)
        if found is None:
            found = vocabulary.mint(kind, value) if slot.mint else vocabulary.needed(value, kind, column)
        return vocabulary.resistance(found) if slot.resistance else found

    def _publication(self, value: str, column: str) -> str:
        known = self._vocabulary.known(value, "Publication", column)
        if known:
            return known
        if match := re.fullmatch(r"(?:PMID:?\s*)?(\d{4,9})", value):
            return self._vocabulary.publication("PubMed", match[1], "")
        if match := re.fullmatch(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", value, re.IGNORECASE):
            return self._vocabulary.mint("Publication", f"doi:{match[1]}", (PREFIXES["bibo"] + "doi", text(match[1])), key=match[1].lower())
        raise Refused(column, value, "expected a PubMed number, a DOI, or a publication of CTRES")

    def _pairs(self, slot: Slot, row: Row) -> list[tuple[str, str]]:
        """The property and values that a slot adds to a finding."""
        path = BASE + slot.name
        if self._store.graph_of(path, names.TYPE, _OBJECT):
            return [(path, iri(term)) for term in dict.fromkeys(self._terms(slot, row))]
        whole = next(iter(self._store.objects(path, _RANGE)), "").endswith("integer")
        values = self._cells(slot, row)
        for value in values:
            if whole and not re.fullmatch(r"-?\d+", value):
                raise Refused(slot.column, value, f"`{slot.name}` expects a whole number")
        return [(path, number(int(value)) if whole else text(value)) for value in values]
