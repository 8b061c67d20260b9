"""The release file: the whole ontology as one file, in the form in which Protégé, ROBOT, OLS and OAK read it.

The SPARQL rules in `sparql/rules/release/` say what stands in it; those in `sparql/rules/reasoned/` add what is inferred.
"""

from __future__ import annotations

import os

from .. import canonical, resources, turtle
from ..errors import CtresError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..store import Store


def to_turtle(store: Store, *, reasoned: bool = False) -> str:
    """The release of a reasoned store in canonical Turtle; with `reasoned`, all that is inferred too."""
    folders = ("release", "reasoned") if reasoned else ("release",)
    triples = {triple for folder in folders for rule in resources.rules(folder) for triple in store.query(rule, trusted=True)}
    return turtle.format_text("\n".join(f"{triple} ." for triple in triples), "the release")


def write(store: Store, path: turtle.Path, *, reasoned: bool = False) -> None:
    """Write the release of a reasoned store to a file, in one step, in the format that its extension says.

    Raises CtresError if the extension is that of no RDF format, or the file is one that CTRES is edited in;
    OSError if the file cannot be written.
    """
    name = os.path.realpath(path)
    extension = os.path.splitext(name)[1].lower()
    if extension not in turtle.FORMATS:
        raise CtresError(f"{path}: “{extension}” is no extension of an RDF file. Expected one of {', '.join(turtle.FORMATS)}")
    if name in map(os.path.realpath, resources.modules()):
        raise CtresError(f"{path}: this is a module of the ontology, which a release must not replace. Give another file")
    if not os.path.isdir(os.path.dirname(name)):
        raise CtresError(f"{path}: there is no folder {os.path.dirname(name)}. Make it first, or give another file")
    text = to_turtle(store, reasoned=reasoned)
    turtle.write(name, text if extension == ".ttl" else canonical.convert(text, turtle.FORMATS[extension]))
