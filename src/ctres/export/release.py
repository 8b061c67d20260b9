"""The release file: the whole ontology as one file, in the form in which Protégé, ROBOT, OLS and OAK read it.

It holds what the modules state, what the SPARQL rules in `sparql/release/always/` add for those tools and, if asked for, what
`sparql/release/reasoned/` adds: all that is inferred.
"""

from __future__ import annotations

import os

from .. import build, canonical, resources, turtle
from ..errors import CtresError
from ..knowledge import load
from ..terms import PREFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Triple

_ONTOLOGY, _IMPORTS = PREFIXES["owl"] + "Ontology", PREFIXES["owl"] + "imports"


def to_turtle(entry: turtle.Path | None = None, *, reasoned: bool = False) -> str:
    """The release of CTRES, or of the ontology whose file is `entry`, in canonical Turtle; with `reasoned`, all that is inferred too.

    Raises ParseError for a file of the ontology that cannot be read.
    """
    store = load().store if entry is None else build.reasoned_store(os.fspath(entry))
    triples = set(_stated(entry or os.path.join(resources.find("ontology"), "ctres.ttl")))
    for folder in ("always", "reasoned") if reasoned else ("always",):
        for rule in resources.texts("sparql", "release", folder):
            triples.update(store.query(rule, trusted=True))
    return turtle.format_text("\n".join(f"{triple} ." for triple in triples), "the release")


def _stated(entry: turtle.Path) -> Iterator[Triple]:
    """What the modules state, number by number as they write it, which a store does not keep; one header, and no imports."""
    for position, (_, triples) in enumerate(turtle.load_ontology(entry)):
        headers = {str(triple.subject) for triple in triples if position and str(triple.object) == f"<{_ONTOLOGY}>"}
        yield from (triple for triple in triples if str(triple.subject) not in headers and triple.predicate.value != _IMPORTS)


def write(path: turtle.Path, entry: turtle.Path | None = None, *, reasoned: bool = False) -> None:
    """Write what `to_turtle` gives to a file, in one step, in the format that its extension says.

    Raises CtresError if the extension is that of no RDF format, if there is no such folder, or if the file is one that CTRES
    is edited in; ParseError as `to_turtle` does; OSError if the file cannot be written.
    """
    name = os.path.realpath(path)
    extension = os.path.splitext(name)[1].lower()
    if extension not in turtle.FORMATS:
        raise CtresError(f"{path}: “{extension}” is no extension of an RDF file. Expected one of {', '.join(turtle.FORMATS)}")
    if name in map(os.path.realpath, resources.modules()):
        raise CtresError(f"{path}: this is a module of the ontology, which a release must not replace. Give another file")
    if not os.path.isdir(os.path.dirname(name)):
        raise CtresError(f"{path}: there is no folder {os.path.dirname(name)}. Make it first, or give another file")
    text = to_turtle(entry, reasoned=reasoned)
    turtle.write(name, text if extension == ".ttl" else canonical.convert(text, turtle.FORMATS[extension]))
