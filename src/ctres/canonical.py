"""A graph as Turtle in its one canonical form: the same graph, the same text (see `ctres.turtle.format_text`)."""

from __future__ import annotations

import pyoxigraph as ox

from .errors import CtresError
from .terms import PREFIXES

Object = ox.NamedNode | ox.BlankNode | ox.Literal

_RDF, _OWL, _SKOS, _XSD = (PREFIXES[prefix] for prefix in ("rdf", "owl", "skos", "xsd"))
_TYPE, _FIRST, _REST, _NIL = (ox.NamedNode(_RDF + name) for name in ("type", "first", "rest", "nil"))
_SOURCE = ox.NamedNode(_OWL + "annotatedSource")
_INDENT = "    "

# Types in the order in which a subject lists them, and subjects follow each other by the first of theirs.
_KINDS = [_OWL + name for name in ("Ontology", "AnnotationProperty", "ObjectProperty", "DatatypeProperty")]
_KINDS += [_RDF + "Property", PREFIXES["rdfs"] + "Datatype", _OWL + "Class", PREFIXES["rdfs"] + "Class"]
_KINDS += [_OWL + "NamedIndividual"]

# Properties that come first in a block; all others follow by name.
_LEADING = [_RDF + "type", PREFIXES["rdfs"] + "label"]
_LEADING += [_SKOS + name for name in ("prefLabel", "definition", "altLabel", "hiddenLabel", "scopeNote", "example")]
_LEADING += [_OWL + name for name in ("annotatedSource", "annotatedProperty", "annotatedTarget", "onProperty")]

_RANKS: dict[Object, int] = {ox.NamedNode(iri): n for order in (_KINDS, _LEADING) for n, iri in enumerate(order)}
_OTHER = len(_KINDS) + len(_LEADING)

# Invisible characters are written as escapes, so that a reader sees them and no editor changes them.
_INVISIBLE = [*range(0x20), *range(0x7F, 0xA1), 0xAD, *range(0x200B, 0x2010), *range(0x2028, 0x2030)]
_INVISIBLE += [*range(0x2060, 0x2070), 0xFEFF, 0xFFFE, 0xFFFF]
_ESCAPES = {code: f"\\u{code:04X}" for code in _INVISIBLE}
_ESCAPES |= {9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\"}
_LONG_ESCAPES = {code: text for code, text in _ESCAPES.items() if chr(code) not in '\n"'}


class Graph:
    """Statements by subject, and the part each blank node plays.

    `nested` (used once; parents before children) are written inside their parent, `unused` as blocks of their own, and
    `labels` names the rest: those used several times or in a circle.
    """

    def __init__(self, quads: list[ox.Quad] | ox.Dataset) -> None:
        self.about: dict[Object, list[tuple[ox.NamedNode, Object]]] = {}
        uses: dict[ox.BlankNode, int] = {}
        for subject, predicate, value, _ in set(quads):
            if isinstance(value, ox.Triple) or isinstance(subject, ox.Triple):
                raise CtresError("a statement about a statement, <<( ... )>>, is not OWL. Use an owl:Axiom")
            self.about.setdefault(subject, []).append((predicate, value))
            if isinstance(subject, ox.BlankNode):
                uses.setdefault(subject, 0)
            if isinstance(value, ox.BlankNode):
                uses[value] = uses.get(value, 0) + 1
        self.unused = {node for node, count in uses.items() if count == 0}
        self.nested: dict[Object, None] = {}
        pending: list[Object] = [node for node in self.about if not isinstance(node, ox.BlankNode) or uses[node] != 1]
        while pending:
            for _, value in self.about.get(pending.pop(), []):
                if isinstance(value, ox.BlankNode) and uses[value] == 1:
                    self.nested[value] = None
                    pending.append(value)
        self.labels = {node: "" for node in uses if node not in self.unused and node not in self.nested}

    def fingerprint(self, contents: dict[str, int]) -> list[str]:
        """Equal for two graphs just when they say the same, given equal `labels`; `contents` numbers what nodes say."""
        keys: dict[Object, str] = {node: "_:" + label for node, label in self.labels.items()}

        def says(node: Object) -> str:
            return "\n".join(sorted(f"{p} {keys.get(o) or o}" for p, o in self.about.get(node, [])))

        for node in reversed(self.nested):
            keys[node] = f"[{contents.setdefault(says(node), len(contents))}]"
        return sorted(
            ("[]" if node in self.unused else keys.get(node) or str(node)) + "\n" + says(node) for node in self.about if node not in self.nested
        )


def says_the_same(quads: list[ox.Quad], graph: Graph) -> bool:
    """Are these statements a graph isomorphic to this one? Nodes with the same label are taken to be the same."""
    written = Graph(quads)
    written.labels = {node: node.value for node in written.labels}
    contents: dict[str, int] = {}
    return graph.fingerprint(contents) == written.fingerprint(contents)


def labelled(quads: list[ox.Quad]) -> Graph:
    """The graph, with labels b1, b2, ... that follow from what it says (RDF Dataset Canonicalization)."""
    graph = Graph(quads)
    if not graph.labels:
        return graph
    _refuse_lookalikes(graph)
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    graph = Graph(dataset)
    ordered = sorted(graph.labels, key=lambda node: int(node.value.removeprefix("c14n")))
    graph.labels = {node: f"b{number}" for number, node in enumerate(ordered, 1)}
    return graph


def _refuse_lookalikes(graph: Graph) -> None:
    """Canonicalization tries all n! orders of the n neighbours of a blank node that look alike: keep n small."""

    def look(node: Object) -> str:
        statements = graph.about.get(node, [])
        return "\n".join(sorted(f"{p} {'_:' if isinstance(o, ox.BlankNode) else o}" for p, o in statements))

    alike: dict[tuple[Object, bool, Object, str], int] = {}
    for node, statements in graph.about.items():
        for predicate, value in statements:
            if isinstance(node, ox.BlankNode) and isinstance(value, ox.BlankNode):
                for key in ((node, True, predicate, look(value)), (value, False, predicate, look(node))):
                    alike[key] = alike.get(key, 0) + 1
    if max(alike.values(), default=0) > 7:
        raise CtresError("too many blank nodes look alike to be put in order. Give them IRIs")


def convert(text: str, form: ox.RdfFormat) -> str:
    """Canonical Turtle in another format: in the same order, blank nodes numbered, so that the same text gives the same result."""
    names: dict[Object, ox.BlankNode] = {}

    def named(node: Object) -> Object:
        return names.setdefault(node, ox.BlankNode(f"b{len(names) + 1}")) if isinstance(node, ox.BlankNode) else node

    quads = ox.parse(text.encode(), ox.RdfFormat.TURTLE)
    triples = (ox.Triple(named(quad.subject), quad.predicate, named(quad.object)) for quad in quads)  # type: ignore[arg-type]
    return (ox.serialize(triples, format=form, prefixes=PREFIXES) or b"").decode()


class Writer:
    """Writes one graph; collects the prefixes that it uses."""

    def __init__(self, graph: Graph, declared: dict[str, str]) -> None:
        self.graph = graph
        names = {namespace: prefix for prefix, namespace in PREFIXES.items()}
        for prefix, namespace in sorted(declared.items()):
            if prefix not in PREFIXES:
                names.setdefault(namespace, prefix)
        self.namespaces = sorted(names.items(), key=lambda item: -len(item[0]))
        self.used: dict[str, str] = {}
        self.names: dict[ox.NamedNode, str] = {}

    def text(self) -> str:
        about, blocks = self.graph.about, []
        notes: dict[Object | None, list[str]] = {}
        for node in self.graph.unused:
            sources = [value for predicate, value in about[node] if predicate == _SOURCE]
            named = sorted((n for n in sources if isinstance(n, ox.NamedNode) and n in about), key=str)
            notes.setdefault(named[0] if named else None, []).append(self.block("[]", node))
        for subject in sorted((node for node in about if isinstance(node, ox.NamedNode)), key=self.place):
            blocks += [self.block(self.name(subject), subject), *sorted(notes.get(subject, ()))]
        blocks += sorted(notes.get(None, ()))
        blocks += [self.block("_:" + label, node) for node, label in self.graph.labels.items() if node in about]
        header = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in sorted(self.used.items()))
        return "\n".join([header, *blocks] if header else blocks)

    def place(self, subject: ox.NamedNode) -> tuple[int, str]:
        ranks = [_RANKS.get(o, _OTHER) for p, o in self.graph.about[subject] if p == _TYPE]
        return min(ranks, default=_OTHER), subject.value

    def block(self, name: str, node: Object) -> str:
        return f"{name}\n{self.statements(node, _INDENT)}{_INDENT}.\n"

    def statements(self, node: Object, indent: str) -> str:
        """A line for each property, or one for each of its values where it has several."""
        values: dict[ox.NamedNode, list[Object]] = {}
        for predicate, value in self.graph.about.get(node, []):
            values.setdefault(predicate, []).append(value)
        lines = []
        names = {predicate: "a" if predicate == _TYPE else self.name(predicate) for predicate in values}
        for predicate, name in sorted(names.items(), key=lambda item: (_RANKS.get(item[0], _OTHER), item[1])):
            if len(values[predicate]) == 1:
                lines.append(f"{indent}{name} {self.value(values[predicate][0], indent)} ;\n")
            else:
                deeper = indent + _INDENT
                ordered = sorted((self.rank(value), self.value(value, deeper)) for value in values[predicate])
                lines.append(f"{indent}{name}\n" + " ,\n".join(deeper + text for _, text in ordered) + f"\n{deeper};\n")
        return "".join(lines)

    def rank(self, value: Object) -> tuple[int, int]:
        """Values in the order: kinds of term, other IRIs, numbers by size, other literals, nested nodes."""
        if isinstance(value, ox.NamedNode):
            return 0, _RANKS.get(value, _OTHER)
        if isinstance(value, ox.Literal):
            whole = _shorthand(value) and value.value.isascii() and len(value.value) < 20
            return (1, int(value.value)) if value.datatype.value == _XSD + "integer" and whole else (2, 0)
        return 3, 0

    def value(self, value: Object, indent: str) -> str:
        if isinstance(value, ox.NamedNode):
            return "()" if value == _NIL else self.name(value)
        if isinstance(value, ox.Literal):
            return self.literal(value)
        if value in self.graph.labels:
            return "_:" + self.graph.labels[value]
        deeper = indent + _INDENT
        items = self.items(value)
        if items is not None:
            return "(\n" + "".join(f"{deeper}{self.value(item, deeper)}\n" for item in items) + f"{indent})"
        inner = self.statements(value, deeper)
        if inner.count("\n") < 2:  # one short statement, or none
            return f"[ {inner.strip().removesuffix(' ;')} ]" if inner else "[]"
        return f"[\n{inner}{indent}]"

    def items(self, node: Object) -> list[Object] | None:
        """The items of a list whose nodes say nothing else and end in rdf:nil; None for any other node."""
        items = []
        while node != _NIL:
            statements = dict(self.graph.about.get(node, [])) if node in self.graph.nested else {}
            if statements.keys() != {_FIRST, _REST} or len(self.graph.about[node]) != 2:
                return None
            items.append(statements[_FIRST])
            node = statements[_REST]
        return items

    def literal(self, literal: ox.Literal) -> str:
        if _shorthand(literal):
            return literal.value
        if "\n" in literal.value:
            body = literal.value.rstrip('"')
            tail = '\\"' * (len(literal.value) - len(body))  # unescaped, it would end the string too early
            quoted = '"""' + body.translate(_LONG_ESCAPES).replace('"""', '\\"\\"\\"') + tail + '"""'
        else:
            quoted = '"' + literal.value.translate(_ESCAPES) + '"'
        if literal.language:
            return quoted + str(literal)[str(literal).rindex("@") :]  # with the direction of the text, if it has one
        return quoted if literal.datatype.value == _XSD + "string" else f"{quoted}^^{self.name(literal.datatype)}"

    def name(self, iri: ox.NamedNode) -> str:
        """The prefixed name where every Turtle parser reads it without escapes, otherwise the IRI in `<>`."""
        if iri not in self.names:
            self.names[iri] = str(iri)
            for namespace, prefix in self.namespaces:
                local = iri.value.removeprefix(namespace)
                if iri.value.startswith(namespace) and _is_plain(local):
                    self.used[prefix] = namespace
                    self.names[iri] = f"{prefix}:{local}"
                    break
        return self.names[iri]


def _is_plain(local: str) -> bool:
    bare = local.replace("-", "").replace(".", "").replace("_", "")
    return bare.isascii() and bare.isalnum() and local[0] not in "-." and local[-1] != "."


def _shorthand(literal: ox.Literal) -> bool:
    """Is this a number or truth value that may stand without quotes, and that no tool would write otherwise?"""
    kind, text = literal.datatype.value, literal.value
    whole, dot, fraction = text.removeprefix("-").partition(".")
    if kind == _XSD + "boolean":
        return text in ("true", "false")
    if not text.isascii() or not whole.isdigit() or (whole[0] == "0" and whole != "0"):
        return False
    return not dot if kind == _XSD + "integer" else kind == _XSD + "decimal" and fraction.isdigit()
