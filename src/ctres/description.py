"""A term in full, for reading or for taking along: what it is, what it does, and who says so."""

from __future__ import annotations

from . import resources
from .term import Finding, Term

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .knowledge import KnowledgeBase


def relations(term: Term) -> dict[str, dict[str, list[Term]]]:
    """The relations of a term: {"out" or "in": {label of the relation: [terms]}}, the most specific ones only."""
    found: dict[str, dict[str, list[Term]]] = {"out": {}, "in": {}}
    kb = term._kb
    for solution in kb.store.query(resources.text("sparql", "views", "relations.rq"), {"_term": term.iri}, trusted=True):
        relation, other = kb.term(solution["relation"].value), kb.term(solution["other"].value)
        found[solution["direction"].value].setdefault(relation.label, []).append(other)
    return found


def to_text(term: Term) -> str:
    """A term as a page of text."""
    import textwrap

    def block(head: str, lines: list[str]) -> list[str]:
        wrapped = [w for line in lines for w in textwrap.wrap(line, 108, initial_indent="    ", subsequent_indent="      ")]
        return ["", head, *wrapped] if lines else []

    kinds, links, me = term.kinds, relations(term), term.label
    lines = [f"{me}   {term.curie}", term.iri, *textwrap.wrap(term.definition or "(no definition)", 112)]
    if term.synonyms:
        lines.append("also called: " + ", ".join(term.synonyms))
    if term.mappings:
        lines += textwrap.wrap("in other systems: " + "; ".join(map(str, term.mappings)), 112, subsequent_indent="  ")
    if term.doi:
        lines.append(f"doi: https://doi.org/{term.doi}")
    lines += block("Kinds, asserted", [str(kind) for kind in kinds.asserted])
    lines += block("Kinds, inferred", [str(kind) for kind in kinds.inferred])
    sentences = [f"{me} {name}: {', '.join(sorted({str(o) for o in others}))}" for name, others in links["out"].items()]
    sentences += [f"… {name} {me}: {', '.join(sorted({str(o) for o in others}))}" for name, others in links["in"].items()]
    lines += block("Relations", sentences)
    if isinstance(term, Finding):
        lines += block("Said in", [term.citation])
    findings = term.findings
    lines += block(f"Findings ({len(findings)})", [f"{f.label} [{f.curie}: {f.citation}]" for f in findings])
    return "\n".join(lines)


def to_json(term: Term) -> str:
    """A term as a JSON object."""
    import json

    def brief(terms: object) -> list[dict[str, str]]:
        return [{"id": t.curie, "label": t.label} for t in terms]  # type: ignore[attr-defined]

    kinds = term.kinds
    page = {
        "id": term.curie,
        "iri": term.iri,
        "label": term.label,
        "definition": term.definition,
        "synonyms": list(term.synonyms),
        "mappings": [mapping._asdict() for mapping in term.mappings],
        "kinds": {"asserted": brief(kinds.asserted), "inferred": brief(kinds.inferred)},
        "relations": {way: {name: brief(others) for name, others in of.items()} for way, of in relations(term).items()},
        "findings": [{"id": f.curie, "label": f.label, "citation": f.citation} for f in term.findings],
    }
    return json.dumps(page, ensure_ascii=False, indent=2)


def to_turtle(term: Term) -> str:
    """All triples about a term, asserted and inferred, and its findings, as Turtle."""
    return statements(term._kb, [term.iri])


def statements(kb: KnowledgeBase, iris: list[str]) -> str:
    """All triples about some terms, and the findings that mention them, as Turtle."""
    from . import turtle

    triples = {str(t): t for iri in iris for t in kb.store.query(resources.text("sparql", "views", "statements.rq"), {"_term": iri}, trusted=True)}
    return turtle.format_text("".join(f"{text} .\n" for text in triples))
