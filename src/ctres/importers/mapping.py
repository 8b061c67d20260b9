"""A mapping in TOML: which column of a table fills which slot of a finding."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches

from ..errors import CtresError
from ..terms import BASE, PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..knowledge import KnowledgeBase

# What the slots of a finding may be filled with, beyond what their ranges in the ontology say.
_KINDS = {"effect": "", "about": "", "cites": "Publication", "source": "Publication", "label": "", "sentence": "", "section": ""}
_SLOT = {"column", "columns", "constant", "values", "split", "kind", "mint", "resistance", "required", "prefix"}
_TOP = {"namespace", "source", "finding", "only"}
_NEEDED = ("effect", "about", "certainty")


@dataclass(frozen=True)
class Slot:
    """How one slot is filled: from the cells of a column, or with a constant.

    `values` replaces cells, `split` cuts a cell into several values; `kind` is the class (a local name) of the term that is
    meant, `mint` allows new ones; `resistance` takes the resistance to the therapy that is named.
    """

    name: str
    column: str = ""
    constant: str = ""
    values: tuple[tuple[str, str], ...] = ()
    split: str = ""
    kind: str = ""
    mint: bool = False
    resistance: bool = False
    required: bool = False
    prefix: str = ""


@dataclass(frozen=True)
class Mapping:
    """A whole mapping: the slots by name, where the claims are made (`source`), and the rows that count (`only`)."""

    namespace: str
    source: dict[str, str]
    slots: dict[str, Slot]
    only: dict[str, tuple[str, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the table must have."""
        used = [slot.column for slot in self.slots.values() if slot.column]
        return tuple(dict.fromkeys([*used, *self.only]))


def read(path: str, kb: KnowledgeBase) -> Mapping:
    """A mapping from a TOML file. Raises CtresError, naming the file, the key and what was expected."""
    try:
        with open(path, "rb") as file:
            data = tomllib.load(file)
    except OSError as error:
        raise CtresError(f"{path}: the mapping cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CtresError(f"{path}: not valid TOML: {error}") from None
    _known(path, "the mapping", data, _TOP)
    namespace = data.get("namespace")
    if not isinstance(namespace, str) or "://" not in namespace or namespace[-1:] not in ("/", "#"):
        raise CtresError(f'{path}: `namespace` must be an IRI that ends in / or #, such as "https://lab.example/", for what is new')
    source = data.get("source")
    if not isinstance(source, dict) or not isinstance(source.get("label"), str):
        raise CtresError(f'{path}: [source] must say who makes the claims: label = "...", and, where there is one, doi = "..."')
    _known(path, "[source]", source, {"label", "doi", "url", "title"})
    given = data.get("finding")
    if not isinstance(given, dict):
        raise CtresError(f'{path}: [finding] must say which column fills which slot, such as agent = {{ column = "gene" }}')
    slots = {name: _slot(path, name, value, kb) for name, value in given.items()}
    for needed in _NEEDED:
        if needed not in slots:
            raise CtresError(f"{path}: [finding] lacks `{needed}`. A finding needs agent or lostAgent, {', '.join(_NEEDED)}")
    if ("agent" in slots) == ("lostAgent" in slots):
        raise CtresError(f"{path}: [finding] needs either agent or lostAgent, and not both")
    only = {column: tuple(value if isinstance(value, list) else [value]) for column, value in data.get("only", {}).items()}
    return Mapping(namespace, source, slots, only)


def _known(path: str, where: str, given: dict[str, object], known: set[str]) -> None:
    for key in given:
        if key not in known:
            near = get_close_matches(key, sorted(known), n=1)
            hint = f"Is it `{near[0]}`?" if near else f"Expected one of {', '.join(sorted(known))}."
            raise CtresError(f"{path}: {where} has the unknown key `{key}`. {hint}")


def _slot(path: str, name: str, given: object, kb: KnowledgeBase) -> Slot:
    if isinstance(given, str):
        given = {"column": given}
    if not isinstance(given, dict):
        raise CtresError(f'{path}: `{name}` must be the name of a column, or a table such as {{ column = "...", split = ";" }}')
    _known(path, f"`{name}`", given, _SLOT - {"columns"})
    if ("column" in given) == ("constant" in given):
        raise CtresError(f"{path}: `{name}` needs either a column or a constant")
    property_iri = BASE + name
    if name not in _KINDS and property_iri not in kb.store:
        below = kb.store.subjects(f"{PREFIXES['rdfs']}subPropertyOf", iri=BASE + "hasContext")
        slots = sorted({iri.removeprefix(BASE) for iri in below})
        near = get_close_matches(name, [*slots, *_KINDS, "agent", "lostAgent", "certainty"], n=1)
        raise CtresError(f"{path}: findings have no slot `{name}`. " + (f"Is it `{near[0]}`?" if near else f"Slots: {', '.join(slots)}."))
    values = given.get("values", {})
    if not isinstance(values, dict):
        raise CtresError(f'{path}: `{name}`: values must map cells to values, such as {{ resistant = "increases" }}')
    kind = given.get("kind") or _KINDS.get(name, "")
    if not kind and name not in _KINDS:
        ranged = next(iter(kb.store.objects(property_iri, f"{PREFIXES['rdfs']}range")), "")
        kind = ranged.removeprefix(BASE) if ranged.startswith(BASE) else ""
    elif kind:
        from .. import names

        kind = names.resolve(kb.store, kind, f"{PREFIXES['owl']}Class").removeprefix(BASE)
    if name == "about" and given.get("resistance"):
        kind = kind or "Therapy"
    return Slot(
        name,
        column=str(given.get("column", "")),
        constant=str(given.get("constant", "")),
        values=tuple((str(cell), str(value)) for cell, value in values.items()),
        split=str(given.get("split", "")),
        kind=kind,
        mint=bool(given.get("mint", False)),
        resistance=bool(given.get("resistance", False)),
        required=bool(given.get("required", name in (*_NEEDED, "agent", "lostAgent"))),
        prefix=str(given.get("prefix", "")),
    )
