"""How terms, answers and explanations show themselves in a notebook."""

from __future__ import annotations

from html import escape

from .rows import show
from .term import Finding, Term

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .answer import Answer
    from .explanation import Explanation
    from .rows import Value

_MOST_ROWS = 200
_MOST_NAMES = 12
_CELL = ' style="text-align: left; vertical-align: top"'


def answer(of: Answer) -> str:
    """An answer as a table with the publications it cites below; rows beyond two hundred are counted."""
    if not of.rows:
        return "<p>Nothing found.</p>"
    numbers = {publication: str(n) for n, publication in enumerate(of.publications, start=1)}
    filled = [name for name in of.table if any(row[name] not in (None, ()) for row in of)]
    head = "".join(f"<th{_CELL}>{escape(name)}</th>" for name in filled)
    body = "".join(f"<tr>{''.join(_cell(row[name], numbers if name == 'cites' else {}) for name in filled)}</tr>" for row in of.rows[:_MOST_ROWS])
    count = f"{len(of):,} row" + ("s" if len(of) != 1 else "") + (f", the first {_MOST_ROWS} shown" if len(of) > _MOST_ROWS else "")
    listed = "".join(f"<li>{escape(str(publication))}{_doi(publication)}</li>" for publication in numbers)
    cited = f"<details><summary>{len(numbers)} publications cited</summary><ol>{listed}</ol></details>" if numbers else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{count}</p>{cited}"


def _cell(value: Value, numbers: dict[Term, str]) -> str:
    if numbers and isinstance(value, tuple):
        return f"<td{_CELL}>{escape(', '.join(numbers[of] for of in value if isinstance(of, Term)))}</td>"
    return (
        f'<td{_CELL} title="{escape(value.curie)}">{escape(str(value))}</td>' if isinstance(value, Term) else f"<td{_CELL}>{escape(show(value))}</td>"
    )


def _doi(publication: Term) -> str:
    return f' <a href="https://doi.org/{escape(publication.doi)}">doi:{escape(publication.doi)}</a>' if publication.doi else ""


def term(of: Term) -> str:
    """A term as a card: name, definition, other names, kinds, relations, how many findings mention it."""
    from .description import relations

    links = relations(of)
    rows = [
        ("also called", escape(", ".join(of.synonyms))),
        ("in other systems", escape("; ".join(map(str, of.mappings)))),
        ("kinds, asserted", _names(of.kinds.asserted)),
        ("kinds, inferred", _names(of.kinds.inferred)),
        *((escape(name), _names(others)) for name, others in links["out"].items()),
        *((f"… {escape(name)} this", _names(others)) for name, others in links["in"].items()),
        ("said in", escape(of.citation) if isinstance(of, Finding) else ""),
        ("findings", str(len(of.findings) or "")),
    ]
    table = "".join(f"<tr><th{_CELL}>{name}</th><td{_CELL}>{text}</td></tr>" for name, text in rows if text)
    head = f"<b>{escape(of.label)}</b> <code>{escape(of.curie)}</code>{_doi(of)}<br>{escape(of.definition or '')}"
    return f"<p>{head}</p><table><tbody>{table}</tbody></table>"


def _names(terms: Iterable[Term]) -> str:
    names = sorted({str(one) for one in terms}, key=str.casefold)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return escape(", ".join(names[:_MOST_NAMES])) + more


def explanation(of: Explanation) -> str:
    """An explanation as nested lists, each statement with its basis, findings with links to what they cite."""
    return f"<ul>{''.join(_item(of))}</ul>"


def _item(of: Explanation) -> Iterator[str]:
    said = ("<i>not known:</i> " if of.missing else "") + escape(of.statement)
    cited = of.finding.cites if of.finding is not None else ()
    yield f"<li>{said}{f' <small>[{escape(of.basis)}]</small>' if of.basis else ''}{''.join(map(_doi, cited))}"
    if of.because:
        yield f"<ul>{''.join(part for one in of.because for part in _item(one))}</ul>"
    yield "</li>"
