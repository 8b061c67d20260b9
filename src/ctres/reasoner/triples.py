"""The part of a graph that a reasoner looks at, read from N-Triples: axioms, and what is said of individuals.

Labels, definitions, annotated axioms and all other annotations have no logical effect and are left out, so that the
engines see a fraction of a graph. Blank nodes and literals become IRIs, under which facts can be looked up and traced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from ..errors import ParseError
from ..terms import PREFIXES

Triple = tuple[str, str, str]

RDF, RDFS, OWL = PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["owl"]
TYPE, SUBCLASS, SUBPROPERTY = RDF + "type", RDFS + "subClassOf", RDFS + "subPropertyOf"

# IRIs that begin so stand for what has no IRI: blank nodes, literals, inverses, and values that must exist.
UNNAMED = ("bnode:", "literal:", "inverse:", "some:")

LOGICAL = {
    *(RDF + name for name in ("first", "rest")),
    *(RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")),
    *(OWL + name for name in ("equivalentClass", "disjointWith", "complementOf", "intersectionOf", "unionOf", "oneOf")),
    *(OWL + name for name in ("disjointUnionOf", "members", "onProperty", "someValuesFrom", "allValuesFrom", "hasValue")),
    *(OWL + name for name in ("equivalentProperty", "inverseOf", "propertyChainAxiom", "propertyDisjointWith")),
}
_DECLARED = {OWL + "Class", OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AllDisjointClasses"}
_CHARACTERISTICS = {
    *(OWL + name + "Property" for name in ("Functional", "InverseFunctional", "Symmetric", "Asymmetric")),
    *(OWL + name + "Property" for name in ("Transitive", "Reflexive", "Irreflexive")),
}
_OBJECT = {OWL + "ObjectProperty", *(_CHARACTERISTICS - {OWL + "FunctionalProperty"})}
_VOCABULARY = (OWL, RDFS, RDF)


@dataclass(frozen=True)
class Logical:
    """`axioms` (in the vocabulary of RDF, RDFS and OWL) and `facts` (types and values), as N-Triples of IRIs only.

    `schema` holds the axioms once more, by subject, to describe them by.
    """

    axioms: bytes
    facts: bytes
    schema: dict[str, list[tuple[str, str]]]


def read(ntriples: bytes | str) -> Logical:
    """The logical part of a graph. Raises ParseError if the text is not N-Triples."""
    text = ntriples.decode() if isinstance(ntriples, bytes) else ntriples
    axioms = list(_axioms(text))
    shared = _shared(axioms)
    schema: dict[str, list[tuple[str, str]]] = {}
    for s, p, o in axioms:
        s, o = shared.get(s, s), shared.get(o, o)
        if (p, o) not in schema.setdefault(s, []):
            schema[s].append((p, o))
    datatypes = {o for _, p, o in axioms if p == OWL + "someValuesFrom" and o.startswith(PREFIXES["xsd"])}
    facts = "".join(f"<{s}> <{p}> <{o}> .\n" for s, p, o in _facts(text, *_properties(axioms), datatypes))
    written = "".join(f"<{s}> <{p}> <{o}> .\n" for s, pairs in schema.items() for p, o in pairs)
    return Logical(written.encode(), facts.encode(), schema)


def split(text: str) -> Iterator[Triple]:
    """The statements of an N-Triples text as they are written, one at a time. Raises ParseError."""
    for number, line in enumerate(text.split("\n"), 1):
        try:
            s, p, rest = line.split(None, 2)
            o, dot = rest.rstrip()[:-1].rstrip(), rest.rstrip()[-1]
            if dot != "." or not o or s[0] == "#":
                raise ValueError
        except ValueError:
            if not line.strip() or line.lstrip()[0] == "#":
                continue
            raise ParseError("<triples>", f"expected an N-Triples statement, found “{line.strip()[:60]}”", number) from None
        yield s, p[1:-1], o


def _axioms(text: str) -> Iterator[Triple]:
    for s, p, o in split(text):
        if p in LOGICAL:
            yield _iri(s), p, OWL + "Thing" if o == f"<{RDFS}Literal>" else _iri(o)
        elif p == TYPE and o.startswith("<" + OWL):
            kind = o[1:-1]
            if kind in _CHARACTERISTICS or (kind in _DECLARED and (s[0] == "<" or kind == OWL + "AllDisjointClasses")):
                yield _iri(s), p, kind


def _shared(axioms: list[Triple]) -> dict[str, str]:
    """The one name for all blank nodes of which the same is said: expressions that are written out more than once, which are reasoned with once.

    Inverses get a name by which they are known.
    """
    said: dict[str, set[tuple[str, str]]] = {}
    for s, p, o in axioms:
        if s.startswith("bnode:"):
            said.setdefault(s, set()).add((p, o))
    shared: dict[str, str] = {}
    first: dict[frozenset[tuple[str, str]], str] = {}
    for start in said:
        pending, met = [start], set[str]()
        while pending:  # a list may be longer than calls can be nested
            node = pending[-1]
            if node not in met:
                met.add(node)
                pending += [o for _, o in said[node] if o in said and o not in shared and o not in met]
            elif pending.pop() not in shared:
                meaning = frozenset((p, shared.get(o, o)) for p, o in said[node])
                inverse = next((o for p, o in meaning if p == OWL + "inverseOf"), None)
                shared[node] = first.setdefault(meaning, node if inverse is None else "inverse:" + inverse)
    return shared


def _properties(axioms: list[Triple]) -> tuple[set[str], set[str]]:
    """The object properties, and those data properties whose values an axiom looks at."""
    objects = {s for s, p, o in axioms if p == TYPE and o in _OBJECT}
    data = {s for s, p, o in axioms if p == TYPE and o == OWL + "DatatypeProperty"}
    used = {s for s, p, o in axioms if p in (RDFS + "domain", SUBPROPERTY) or o == OWL + "FunctionalProperty"}
    used |= {o for s, p, o in axioms if p in (OWL + "onProperty", SUBPROPERTY)}
    return objects, data & used


def _facts(text: str, objects: set[str], data: set[str], datatypes: set[str]) -> Iterator[Triple]:
    for s, p, o in split(text):
        if p == TYPE:
            if not o.startswith(_VOCABULARY, 1):
                yield _iri(s), p, _iri(o)
        elif p in objects:
            if o[0] != '"':
                yield _iri(s), p, _iri(o)
        elif p in data and o[0] == '"':
            yield _iri(s), p, _iri(o)
            if datatypes:
                yield from ((_iri(o), TYPE, datatype) for datatype in _datatypes(o) if datatype in datatypes)


def _datatypes(literal: str) -> Iterator[str]:
    """The datatype of a literal, and that of which it is a part."""
    name = literal.rpartition("^^<")[2][:-1] if literal.endswith(">") else PREFIXES["xsd"] + "string"
    yield name
    if name == PREFIXES["xsd"] + "integer":
        yield PREFIXES["xsd"] + "decimal"


def _iri(term: str) -> str:
    if term[0] == "<":
        return term[1:-1]
    return "bnode:" + term[2:] if term[0] == "_" else "literal:" + quote(term, safe="")
