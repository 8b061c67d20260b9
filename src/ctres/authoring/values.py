"""Values as people write them, made into Turtle: a term by any of its names, a number, a text."""

from __future__ import annotations

import json
import re

from .. import names
from ..errors import AmbiguousTermError, CtresError, UnknownTermError
from ..export import alignments
from ..terms import BASE, PREFIXES, expand, shorten
from .slots import SUBCLASS, class_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..store import Store

_OWL, _XSD = PREFIXES["owl"], PREFIXES["xsd"]
_RANGE = PREFIXES["rdfs"] + "range"
_PATTERNS = {"integer": r"-?[0-9]+", "boolean": "true|false", "decimal": r"-?[0-9]+(\.[0-9]+)?"}


def iri(text: str) -> str:
    return f"<{text}>"


def text(value: str, language: str = "") -> str:
    """A text in the quotes and with the escapes of Turtle, which are those of JSON, too."""
    return json.dumps(value, ensure_ascii=False) + (f"@{language}" if language else "")


def value(store: Store, path: str, given: str, source: str | None = None) -> str:
    """The Turtle of a value of the property `path` (an IRI).

    An object property takes a term of its range, by any name; a datatype property what its range says; an annotation
    property takes what CTRES has as its values elsewhere. `source` is the publication whose reference list “ref 12” means.
    Raises UnknownTermError, AmbiguousTermError, or CtresError for a text that is no such number.
    """
    given = given.strip()
    if not given:
        raise CtresError(f"{shorten(path)} needs a value that is not empty")
    if path in (SUBCLASS, names.STANDS_FOR):
        return iri(class_named(store, given))
    of = next(iter(store.objects(path, _RANGE)), None)
    if store.graph_of(path, names.TYPE, _OWL + "ObjectProperty"):
        number = re.fullmatch(r"ref\.?\s*([0-9]+)", given, re.IGNORECASE)
        return iri(_reference(store, number[1], source) if number else names.resolve(store, given, of))
    node = next((triple.object for triple in store.triples(path) if BASE in str(triple.subject)), None)
    if of is None and node is not None and not hasattr(node, "datatype"):
        return iri(identifier(store, given))
    kind = (of or (node.datatype.value if node else "")).removeprefix(_XSD)  # type: ignore[union-attr]
    if kind in _PATTERNS:
        pattern = _PATTERNS["decimal" if of is None and kind == "integer" else kind]
        if not re.fullmatch(pattern, given):
            raise CtresError(f"found “{given}” as {shorten(path)}: expected {'true or false' if kind == 'boolean' else f'a number ({kind})'}")
        return given
    return text(given, getattr(node, "language", None) or "")


def identifier(store: Store, given: str) -> str:
    """The IRI of a term of CTRES by any name, of a CURIE whose prefix CTRES or one of its mapping tables has, or the IRI given."""
    prefix, colon, local = given.partition(":")
    if colon and " " not in given and prefix in (prefixes := _prefixes()):
        return prefixes[prefix] + local
    return expand(given) or names.resolve(store, given)


def _prefixes() -> dict[str, str]:
    return {prefix: iri for path in alignments.tables() for prefix, iri in alignments.Table(path).prefixes.items()}


def _reference(store: Store, number: str, source: str | None) -> str:
    """The publication with a number in the reference list of a source."""
    if source is None:
        raise CtresError(f"“ref {number}” needs a source, in whose list of references the number stands. Give --source, too")
    listed = store.subjects(BASE + "citedIn", iri=source)
    found = sorted({work for work in listed if number in store.objects(work, BASE + "referenceNumber")})
    if len(found) > 1:
        raise AmbiguousTermError(f"ref {number}", tuple((shorten(work), names.label(store, work)) for work in found))
    if not found:
        raise UnknownTermError(f"ref {number}", expected=f"publication in the reference list of “{names.label(store, source)}”")
    return found[0]
