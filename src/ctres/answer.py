"""Answers to questions: rows of terms and values, and the forms in which people take them along."""

from __future__ import annotations

from .errors import MissingExtraError, QuestionError
from .rows import Row, plain, show
from .term import Term

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas

    from .drawing import Picture
    from .questions import Column
    from .rows import Value


class Answer:
    """The answer to a question: a sequence of rows. `columns` names their fields, `table` those worth a person's screen."""

    def __init__(self, question: str, columns: tuple[Column, ...], rows: list[Row], table: tuple[str, ...]) -> None:
        self.question, self.rows, self.table = question, rows, table
        self.columns, self._columns = tuple(column.name for column in columns), columns

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Row:
        return self.rows[index]

    @property
    def publications(self) -> list[Term]:
        """The primary publications that the rows cite, each once, in the order in which they are cited."""
        cited = [row["cites"] for row in self] if "cites" in self.columns else []
        members = (value for values in cited if isinstance(values, tuple) for value in values)
        return list(dict.fromkeys(value for value in members if isinstance(value, Term)))

    def where(self, **values: str | int | Term) -> Answer:
        """The rows whose columns have these values: a label, a term, a number; of a column of several values, one of them.

        Raises QuestionError for a column that is not there.
        """
        if strange := set(values) - set(self.columns):
            raise QuestionError(f"{self.question} has no column “{min(strange)}”; it has {', '.join(self.columns)}")

        def holds(value: Value, wanted: str | int | Term) -> bool:
            return any(wanted in (one, show(one)) for one in (value if isinstance(value, tuple) else (value,)))

        kept = [row for row in self if all(holds(row[name], wanted) for name, wanted in values.items())]
        return Answer(self.question, self._columns, kept, self.table)

    def to_text(self, width: int | None = None) -> str:
        """The answer as a table of at most `width` characters, with the publications it cites listed below."""
        if not self.rows:
            return "Nothing found."
        from prettytable import PrettyTable, TableStyle

        numbers = {publication: f"[{n}]" for n, publication in enumerate(self.publications, start=1)}
        filled = [name for name in self.table if any(row[name] not in (None, ()) for row in self)]
        cells = [["".join(numbers[p] for p in row[n]) if n == "cites" else show(row[n]) for n in filled] for row in self]  # type: ignore[union-attr,index]
        table = PrettyTable(filled)
        table.set_style(TableStyle.SINGLE_BORDER)
        table.align = "l"
        table.add_rows(cells)
        table.max_width = dict(zip(filled, _widths([filled, *cells], width), strict=True))
        listed = [f"{number} {p}" + (f" doi:{p.doi}" if p.doi else "") for p, number in numbers.items()]
        count = f"{len(self)} row" + ("s" if len(self) != 1 else "")
        return "\n".join([table.get_string(), *(listed or []), count])

    def to_csv(self, *, delimiter: str = ",") -> str:
        """The answer as CSV with a header; terms as CURIEs, each followed by a column with its label."""
        import csv
        import io

        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        named = [name for name in self.columns if any(_is_term(row[name]) for row in self)]
        writer.writerow([head for name in self.columns for head in ((name, f"{name}_label") if name in named else (name,))])
        for row in self:
            cells: list[object] = []
            for name in self.columns:
                value = plain(row[name])
                cells.append(";".join(map(str, value)) if isinstance(value, list) else value)
                if name in named:
                    cells.append(show(row[name]))
            writer.writerow(cells)
        return text.getvalue()

    def to_json(self) -> str:
        """The answer as JSON: a list of objects; a term is `{"id": CURIE, "iri": IRI, "label": label}`."""
        import json

        def value(of: Value) -> object:
            if isinstance(of, tuple):
                return [value(member) for member in of]
            return {"id": of.curie, "iri": of.iri, "label": of.label} if isinstance(of, Term) else of

        return json.dumps([{name: value(row[name]) for name in self.columns} for row in self], ensure_ascii=False, indent=2)

    def to_turtle(self) -> str:
        """The findings that the answer rests on, or else the terms in it, with all that is known of them, as Turtle."""
        from .description import statements

        found = [v for row in self for v in (row["finding"],) if v] if "finding" in self.columns else [v for row in self for v in row]
        terms = [value for value in dict.fromkeys(found) if isinstance(value, Term)]
        return statements(terms[0]._kb, [term.iri for term in terms]) if terms else ""

    def to_pandas(self) -> pandas.DataFrame:
        """The answer as a DataFrame whose cells are labels and values. Raises MissingExtraError without pandas."""
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("A DataFrame", "pandas") from None
        return pandas.DataFrame([[show(v) if _is_term(v) else v for v in row] for row in self], columns=list(self.columns))

    def plot(self, column: str) -> Picture:
        """How many rows have each value of a column, as bars. Needs the extra `plot`; raises DrawingError for a column that is not there or empty."""
        from . import drawing

        return drawing.bars(self, column)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Answer to {self.question}: {len(self)} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        from .html import answer

        return answer(self)


def _widths(rows: list[list[str]], total: int | None) -> list[int]:
    """Widths of table columns that fit into `total`: the widest gives way first, and words are broken only at last."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    least = [max(len(word) for cell in column for word in [*cell.split(), ""]) for column in columns]
    room = None if total is None else total - 3 * len(columns) - 1
    while room is not None and sum(widths) > max(room, 4 * len(widths)):
        roomy = [i for i, width in enumerate(widths) if width > least[i]] or range(len(widths))
        widths[max(roomy, key=lambda i: widths[i])] -= 1
    return widths


def _is_term(value: Value) -> bool:
    return isinstance(value, Term) or (isinstance(value, tuple) and any(isinstance(v, Term) for v in value))
