"""Which nodes may break a shape: each shape as SPARQL queries, so that a slow, exact engine need not look at the others.

A query may name a node that conforms, but never miss one that does not. `sparql/suspects.toml` holds the conditions.
"""

from __future__ import annotations

import tomllib
from functools import cached_property
from itertools import combinations, count

import rdflib
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH

from .. import resources
from ..terms import LOOKUP, STATED_IN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib.term import Node

_SAID_ELSEWHERE = {SH.path, SH.flags, SH.property, SH.sparql, SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf}
_SAID_ELSEWHERE |= {RDF.type, SH.name, SH.description, SH.message, SH.severity, SH.order, SH.group, SH.deactivated}


class Suspects:
    """The queries for the shapes of a graph. `noted` limits them to the nodes that a file of the user's describes."""

    def __init__(self, shapes: rdflib.Graph, noted: bool) -> None:
        self.shapes, self.paths = shapes, ShapesGraph(shapes)
        self.within = f"GRAPH <{LOOKUP}> {{ ?this <{STATED_IN}> ?file }} " if noted else ""
        self.fresh = count(1)

    @cached_property
    def conditions(self) -> dict[str, dict[str, str]]:
        return tomllib.loads(resources.text("sparql", "suspects.toml"))

    def queries(self, shape: Node) -> Iterator[str]:
        """Queries that together give, as ?this, every target of a shape that may break it."""
        targets = self.within + self._targets(shape)
        faults, path = list(self._about_values(shape, "?value")), self._path(shape)
        if path is None:
            patterns = [f"BIND(?this AS ?value) FILTER({' || '.join(faults)})"] if faults else []
        else:
            patterns = [f"?this {path} ?value . FILTER({' || '.join(faults)})"] if faults else []
            patterns += [f"FILTER({fault})" for fault in self._about_all(shape, path, "?this")]
            limit, shared = self.shapes.value(shape, SH.maxCount), self._shared(shape)
            if limit is not None and shared and int(str(limit)) == 1:  # a hundred thousand that share a value are as many pairs, squared
                patterns.append(f"?this {shared} ?value . FILTER EXISTS {{ ?other {shared} ?value . FILTER(!sameTerm(?other, ?this)) }}")
            elif limit is not None:
                patterns.append(_several(int(str(limit)) + 1, "?this", path))
        for pattern in patterns:
            yield f"SELECT DISTINCT ?this {{ {targets} {pattern} }}"
        for constraint in self.shapes.objects(shape, SH.sparql):
            start, brace, rest = str(self.shapes.value(constraint, SH.select)).replace("$this", "?this").partition("{")
            yield self._prefixes(constraint) + start + brace + targets + rest

    def _targets(self, shape: Node) -> str:
        kinds = [f"{{ ?this a {target.n3()} }}" for target in self.shapes.objects(shape, SH.targetClass)]
        kinds += [f"{{ ?this {target.n3()} ?any }}" for target in self.shapes.objects(shape, SH.targetSubjectsOf)]
        kinds += [f"{{ ?any {target.n3()} ?this }}" for target in self.shapes.objects(shape, SH.targetObjectsOf)]
        return " UNION ".join(kinds)

    def _path(self, shape: Node) -> str | None:
        path = self.shapes.value(shape, SH.path)
        return None if path is None else f"({shacl_path_to_sparql_path(self.paths, path)})"

    def _shared(self, shape: Node) -> str | None:
        """The property of a path that goes there and back, to all nodes that share a value; None for any other path."""
        steps = [step for path in self.shapes.objects(shape, SH.path) for step in self.shapes.items(path)]
        return steps[0].n3() if len(steps) == 2 and self.shapes.value(steps[1], SH.inversePath) == steps[0] else None

    def _prefixes(self, constraint: Node) -> str:
        declared = (item for owner in self.shapes.objects(constraint, SH.prefixes) for item in self.shapes.objects(owner, SH.declare))
        return "".join(f"PREFIX {self.shapes.value(item, SH.prefix)}: <{self.shapes.value(item, SH.namespace)}> " for item in declared)

    def _breaks(self, shape: Node, node: str) -> str:
        """The condition under which a node may break a shape that is part of another."""
        faults, path = list(self._about_values(shape, value := f"?v{next(self.fresh)}")), self._path(shape)
        if path is None:
            return " || ".join(f"({fault})" for fault in self._about_values(shape, node)) or "false"
        found = [f"EXISTS {{ {node} {path} {value} . FILTER({' || '.join(faults)}) }}"] if faults else []
        found += self._about_all(shape, path, node)
        limit = self.shapes.value(shape, SH.maxCount)
        if limit is not None:
            found.append(f"EXISTS {{ {_several(int(str(limit)) + 1, node, path)} }}")
        return " || ".join(f"({fault})" for fault in found) or "false"

    def _about_all(self, shape: Node, path: str, node: str) -> Iterator[str]:
        """The conditions about all values that a path leads to, but for sh:maxCount, which is a pattern."""
        least = self.shapes.value(shape, SH.minCount)
        if least is not None and int(str(least)) > 0:
            yield f"NOT EXISTS {{ {_several(int(str(least)), node, path)} }}"
        for component, condition in self.conditions["values"].items():
            for of in self.shapes.objects(shape, SH[component]):
                if of.toPython() is not False:  # type: ignore[attr-defined]
                    yield _filled(condition, this=node, path=path, of=of.n3())

    def _about_values(self, shape: Node, value: str) -> Iterator[str]:
        """The conditions about each value."""
        has_path = (shape, SH.path, None) in self.shapes
        skipped = {SH.minCount, SH.maxCount, *(SH[name] for name in self.conditions["values"])} if has_path else set()
        for component, of in self.shapes.predicate_objects(shape):
            if component in _SAID_ELSEWHERE | skipped:
                continue
            name = str(component).removeprefix(str(SH))
            if component in (SH["or"], SH["and"]):
                parts = [f"({self._breaks(part, value)})" for part in self.shapes.items(of)]
                yield f"({(' && ' if component == SH['or'] else ' || ').join(parts)})"
            elif component == SH["not"]:
                yield f"!({self._breaks(of, value)})" if self._is_exact(of) else "true"
            elif component == SH.xone:
                yield self._breaks_xone(list(self.shapes.items(of)), value)
            elif name in ("datatype", "nodeKind"):
                yield _filled(self.conditions[name].get(str(of), "true"), value=value, of=of.n3())
            elif component in (SH["in"], SH.languageIn):
                items = list(self.shapes.items(of))
                said = ", ".join(item.n3() for item in items)
                if component == SH.languageIn:
                    said = " || ".join(f"LANGMATCHES(LANG({value}), {item.n3()})" for item in items)
                yield _filled(self.conditions["value"][name], value=value, of=said)
            elif component == SH.pattern:
                flags = self.shapes.value(shape, SH.flags)
                yield _filled(self.conditions["value"][name], value=value, of=of.n3() + (f", {flags.n3()}" if flags else ""))
            else:
                yield _filled(self.conditions["value"].get(name, "true"), value=value, of=of.n3())
        for part in self.shapes.objects(shape, SH.property):
            yield self._breaks(part, value)

    def _breaks_xone(self, parts: list[Node], value: str) -> str:
        """The condition under which a value does not keep exactly one of some shapes."""
        if not all(self._is_exact(part) for part in parts):
            return "true"
        broken = [f"({self._breaks(part, value)})" for part in parts]
        one_holds = (" && ".join("!" * (part == chosen) + text for part, text in enumerate(broken)) for chosen in range(len(parts)))
        return f"!({' || '.join(f'({case})' for case in one_holds)})"

    def _is_exact(self, shape: Node) -> bool:
        """Whether the condition of a shape is true only where the shape is broken, so that its opposite misses nothing."""
        exact = {SH["class"], SH.hasValue, SH.minCount, SH.maxCount, SH.nodeKind} | _SAID_ELSEWHERE - {SH.sparql}
        parts = [*self.shapes.objects(shape, SH.property), self.shapes.value(shape, SH["not"])]
        junctions = (SH["or"], SH["and"], SH.xone)
        parts += [part for junction in junctions for items in self.shapes.objects(shape, junction) for part in self.shapes.items(items)]
        own = set(self.shapes.predicates(shape)) - {*junctions, SH["not"]}
        return own <= exact and all(self._is_exact(part) for part in parts if part is not None)


def _several(number: int, node: str, path: str) -> str:
    """A pattern that holds if a path leads from a node to at least so many different values."""
    values = [f"?n{place}" for place in range(number)]
    different = "".join(f" FILTER(!sameTerm({one}, {two}))" for one, two in combinations(values, 2))
    return " . ".join(f"{node} {path} {value}" for value in values) + different


def _filled(condition: str, **parts: str) -> str:
    for name, text in parts.items():
        condition = condition.replace("$" + name, text)
    return condition
