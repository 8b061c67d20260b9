"""Where CTRES keeps its files: inside the installed package, or at the root of a checkout.

Built wheels carry `ontology/`, `shapes/`, `sparql/` and the reasoned store under `ctres/_data`. An editable install
does not (build back ends leave forced data out of it), so a checkout's own folders are used there.
"""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_DATA = os.path.join(_PACKAGE, "_data")
_CHECKOUT = os.path.dirname(os.path.dirname(_PACKAGE))
MANIFEST = "MANIFEST.ctres"


def find(*parts: str) -> str:
    """The path of a file or folder that ships with CTRES, such as `find("sparql", "questions")`.

    Raises FileNotFoundError, naming both places looked in, if the installation lacks it.
    """
    places = [os.path.join(base, *parts) for base in (_DATA, _CHECKOUT)]
    for place in places:
        if os.path.exists(place):
            return place
    raise FileNotFoundError(f"CTRES is not installed completely: found neither {places[0]} nor {places[1]}")


def text(*parts: str) -> str:
    """The text of a file that ships with CTRES."""
    with open(find(*parts), encoding="utf-8") as file:
        return file.read()


def texts(*folder: str) -> list[str]:
    """The texts of the files in a folder that ships with CTRES, in the order of their names."""
    return [text(*folder, name) for name in sorted(os.listdir(find(*folder)))]


def modules() -> list[str]:
    """The paths of all Turtle files of the ontology, alignments included, and of the shapes."""
    tops = [find("ontology"), find("shapes")]
    found = (os.path.join(folder, name) for top in tops for folder, _, names in os.walk(top) for name in names)
    return sorted(path for path in found if path.endswith(".ttl"))


def in_checkout() -> bool:
    """Whether the ontology is read from a checkout, where a curator may have changed it since the last build."""
    return not os.path.isdir(os.path.join(_DATA, "ontology"))


def build_directory() -> str:
    """Where `ctres build` puts the reasoned store of a checkout."""
    return os.path.join(_DATA, "store")


def fingerprint() -> str:
    """One line per file that the reasoned store is made from: path, size, time of last change."""
    lines = []
    for top in ("ontology", os.path.join("sparql", "rules")):
        for folder, _, names in os.walk(find(top)):
            for name in names:
                if name.endswith((".ttl", ".tsv", ".xml", ".rq")):
                    path = os.path.join(folder, name)
                    status = os.stat(path)
                    lines.append(f"{os.path.relpath(path, find(top))} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(sorted(lines)) + "\n"


def built_store() -> str | None:
    """The folder of the reasoned store, or None where there is none or the ontology has changed since it was built."""
    store = build_directory()
    try:
        with open(os.path.join(store, MANIFEST), encoding="utf-8") as manifest:
            built_from = manifest.read()
    except OSError:
        return None
    return store if not in_checkout() or built_from == fingerprint() else None
