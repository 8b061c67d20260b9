"""A graph rewritten so that HermiT, which need not know, has less to do. HermiT's answers about named things stay the same.

Two constructs would make HermiT reason over all individuals again for each class or each possible type:

- A union with an anonymous member, as in “(agent some Thing) or (lostAgent some Thing)”: HermiT does not see that one of the
  two holds already, so it tries both. Each such member gets a name here, of which it is the definition. That is exact.
- `hasValue`: each individual that is a value is a class of its own to HermiT, and ties classes to individuals. Here
  “p value v” becomes “p some V”, where v is in V, V is a subclass of the asserted classes of v, and a rule says that named
  individuals in “p some V” have v as a value of p. Where p is part of a chain or can be read backwards, an unnamed thing
  may pass v on, so there `hasValue` stays, and HermiT is slow. Elsewhere this is sound, but not complete: HermiT may miss
  what a class or an unnamed thing is because of a class that v is only inferred to be in, and that v is in the range of p
  where only unnamed things have it. If the rules find such a thing, `compare` shows it as only Nemo's.
"""

from __future__ import annotations

from collections.abc import Iterator

from .triples import OWL, RDF, SUBCLASS, SUBPROPERTY, TYPE, Triple, split

# IRIs that begin so are made here, for an anonymous class and for the class of one individual.
HELPERS = ("bnode:", "only:")

_LINKS = {f"<{OWL}{kind}Property>" for kind in ("Symmetric", "Transitive", "InverseFunctional", "Functional")}
_CLASS = f"<{OWL}Class>"
_SAME = OWL + "equivalentClass"
_VALUE, _ON, _UNION = OWL + "hasValue", OWL + "onProperty", OWL + "unionOf"
_SWRL = "http://www.w3.org/2003/11/swrl#"
_RULE = """
_:{id} <{rdf}type> <{swrl}Imp> .
_:{id} <{swrl}body> _:{id}b1 .
_:{id}b1 <{rdf}type> <{swrl}AtomList> .
_:{id}b1 <{rdf}first> _:{id}x .
_:{id}b1 <{rdf}rest> _:{id}b2 .
_:{id}b2 <{rdf}type> <{swrl}AtomList> .
_:{id}b2 <{rdf}first> _:{id}y .
_:{id}b2 <{rdf}rest> <{rdf}nil> .
_:{id}x <{rdf}type> <{swrl}ClassAtom> .
_:{id}x <{swrl}classPredicate> {having} .
_:{id}x <{swrl}argument1> <only:x> .
_:{id}y <{rdf}type> <{swrl}ClassAtom> .
_:{id}y <{swrl}classPredicate> {being} .
_:{id}y <{swrl}argument1> <only:y> .
_:{id} <{swrl}head> _:{id}h1 .
_:{id}h1 <{rdf}type> <{swrl}AtomList> .
_:{id}h1 <{rdf}first> _:{id}p .
_:{id}h1 <{rdf}rest> <{rdf}nil> .
_:{id}p <{rdf}type> <{swrl}IndividualPropertyAtom> .
_:{id}p <{swrl}propertyPredicate> {property} .
_:{id}p <{swrl}argument1> <only:x> .
_:{id}p <{swrl}argument2> <only:y> .
<only:x> <{rdf}type> <{swrl}Variable> .
<only:y> <{rdf}type> <{swrl}Variable> .
"""


def rewrite(text: str) -> Iterator[Triple]:
    """The statements of an N-Triples text for HermiT, without imports and ontology headers. Raises ParseError."""
    # Imports would be fetched from the network, and one file may have one ontology header only.
    graph = [t for t in split(text) if t[1] != OWL + "imports" and t[2] != f"<{OWL}Ontology>"]
    return _values(list(_unions(graph)))


def _name(node: str) -> str:
    return f"<bnode:{node[2:]}>"


def _named(node: str) -> Iterator[Triple]:
    yield _name(node), TYPE, _CLASS
    yield _name(node), _SAME, node


def _unions(graph: list[Triple]) -> Iterator[Triple]:
    """With a name for each anonymous member of a union."""
    first = {s: o for s, p, o in graph if p == RDF + "first"}
    rest = {s: o for s, p, o in graph if p == RDF + "rest"}
    cells = set()
    for _, p, cell in graph:
        if p == _UNION:
            while cell in first and cell not in cells:
                cells.add(cell)
                cell = rest.get(cell, "")
    members = {cell: first[cell] for cell in cells if first[cell][0] == "_"}
    for s, p, o in graph:
        yield s, p, _name(o) if s in members and p == RDF + "first" else o
    for member in dict.fromkeys(members.values()):
        yield from _named(member)


def _values(graph: list[Triple]) -> Iterator[Triple]:
    """With a class and a rule for each value that an axiom names."""
    passing = _passing(graph)
    properties = {s: o for s, p, o in graph if p == _ON and o[0] == "<" and o not in passing}
    found: dict[str, None] = {}
    for s, p, o in graph:
        if p == _VALUE and o[0] == "<" and s[0] == "_" and s in properties:
            found[o] = None
            having, being = _name(s), f"<only:{o[1:]}"
            yield s, OWL + "someValuesFrom", being
            yield from _named(s)
            names = {"id": f"rule{s[2:]}", "having": having, "being": being, "property": properties[s]}
            yield from split(_RULE.format(**names, rdf=RDF, swrl=_SWRL))
        else:
            yield s, p, o
    for value in found:
        yield f"<only:{value[1:]}", TYPE, _CLASS
        yield value, TYPE, f"<only:{value[1:]}"
    for s, p, o in graph:
        if p == TYPE and s in found and o[0] == "<" and not o.startswith("<" + OWL):
            yield f"<only:{s[1:]}", SUBCLASS, o


def _passing(graph: list[Triple]) -> set[str]:
    """The properties that are part of a chain or can be read backwards, and those below them."""
    rest = {s: o for s, p, o in graph if p == RDF + "rest"}
    cells = set()
    for _, p, cell in graph:
        if p == OWL + "propertyChainAxiom":
            while cell in rest and cell not in cells:
                cells.add(cell)
                cell = rest[cell]
    found = {o for s, p, o in graph if s in cells and p == RDF + "first"}
    found |= {term for s, p, o in graph if p == OWL + "inverseOf" for term in (s, o)}
    found |= {s for s, p, o in graph if p == TYPE and o in _LINKS}
    below: dict[str, set[str]] = {}
    for s, p, o in graph:
        if p in (SUBPROPERTY, OWL + "equivalentProperty"):
            below.setdefault(o, set()).add(s)
        if p == OWL + "equivalentProperty":
            below.setdefault(s, set()).add(o)
    pending = list(found)
    while pending:
        new = below.get(pending.pop(), set()) - found
        found |= new
        pending.extend(new)
    return found
