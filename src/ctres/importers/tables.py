"""Tables, one row at a time: tab- or comma-separated text, also compressed, Parquet and Excel."""

from __future__ import annotations

import csv
import os
from collections.abc import Generator, Iterator
from contextlib import closing
from difflib import get_close_matches
from typing import IO

from .. import compressed
from ..errors import MissingExtraError, ParseError
from ..progress import Progress

LONGEST = 1 << 20  # characters in a line of text
_TEXT = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_SIGNS = {b"PK\x03\x04": ".xlsx", b"PAR1": ".parquet", b"%PDF": ".pdf", b"\xd0\xcf\x11\xe0": ".xls"}

Row = dict[str, str]


def rows(path: str, progress: Progress, *, columns: tuple[str, ...] = (), quoted: bool = True) -> Iterator[tuple[int, Row]]:
    """The rows of a table with their numbers, from 1, the header not counted; cells are texts without outer blanks.

    The extension says the format: .csv, .tsv, .tab, .txt, each also with .gz or .zst, .parquet or .xlsx (the first sheet).
    `columns` must be there. Text must be in UTF-8; `quoted` says that cells may stand in double quotes.
    Raises ParseError, naming the line and what to do, for a file that is not what its name says, a line of another number
    of cells or of more than a million characters, missing columns, and text in another encoding.
    """
    stem, extension = os.path.splitext(path.lower())
    if extension in compressed.EXTENSIONS:
        extension = os.path.splitext(stem)[1]
    if extension in _TEXT:
        source = _text(path, _TEXT[extension], quoted, progress)
    elif extension == ".parquet":
        source = _parquet(path)
    elif extension == ".xlsx":
        source = _excel(path)
    else:
        expected = ", ".join([*_TEXT, ".parquet", ".xlsx"])
        raise ParseError(path, f"“{extension}” is no extension of a table. Expected one of {expected}; text may be compressed (.gz, .zst)")
    with closing(source):
        header = next(source, None)
        if header is None:
            raise ParseError(path, "the table is empty. Expected a header and rows")
        _check(path, header, columns)
        for number, cells in enumerate(source, 1):
            if any(cells):
                yield number, dict(zip(header, cells, strict=True))


def _check(path: str, header: list[str], columns: tuple[str, ...]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ParseError(path, f"the header has {', '.join(f'“{name}”' for name in twice)} twice. Give each column a name of its own", 1)
    for column in columns:
        if column not in header:
            near = get_close_matches(column, header, n=1)
            hint = f"Is it “{near[0]}”?" if near else f"It has {', '.join(header[:12])}{' ...' if len(header) > 12 else ''}."
            raise ParseError(path, f"the table has no column “{column}”. {hint}", 1)


def _text(path: str, delimiter: str, quoted: bool, progress: Progress) -> Generator[list[str], None, None]:
    with compressed.open_bytes(path, progress) as file:
        lines = _lines(file, path)
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, strict=True)
        csv.field_size_limit(LONGEST)
        width = 0
        try:
            for cells in reader:
                width = width or len(cells)
                if len(cells) != width and cells:
                    raise ParseError(path, f"this row has {len(cells)} cells where the header has {width}. {_mend(quoted)}", reader.line_num)
                if cells:
                    yield [cell.strip() for cell in cells]
        except csv.Error as error:
            raise ParseError(path, f"{error}. {_mend(quoted)}", reader.line_num) from None


def _mend(quoted: bool) -> str:
    return "Close the quotes, or double those inside a quoted cell" if quoted else "Tabs inside a cell, or a cut line?"


def _lines(file: IO[bytes], path: str) -> Iterator[str]:
    """The lines of a text, whatever ends them."""
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
            for sign, kind in _SIGNS.items():
                if line.startswith(sign):
                    raise ParseError(path, f"this is a {kind} file, not text. Give it its own extension")
        if len(line) >= LONGEST and not line.endswith(b"\n"):
            raise ParseError(path, f"the line is longer than {LONGEST:,} characters. Is this the table that its name says?", number)
        if b"\0" in line:
            hint = "It may be in UTF-16: save it as UTF-8" if line.startswith((b"\xff\xfe", b"\xfe\xff")) else "This is not text"
            raise ParseError(path, f"found a zero byte. {hint}", number)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise ParseError(path, "the file is not in UTF-8. Save it again with that encoding", number, error.start + 1) from None
        yield from text.replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True) if "\r" in text else (text,)


def _parquet(path: str) -> Generator[list[str], None, None]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError("Reading Parquet", "tables") from None
    try:
        with parquet.ParquetFile(path) as file:
            yield [str(name) for name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=4096):
                columns = [column.to_pylist() for column in batch.columns]
                yield from ([_cell(value) for value in values] for values in zip(*columns, strict=True))
    except FileNotFoundError:
        raise ParseError(path, "there is no such file") from None
    except (ArrowException, OSError) as error:
        raise ParseError(path, f"this is not a readable Parquet file: {error}") from None


def _excel(path: str) -> Generator[list[str], None, None]:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError("Reading Excel", "tables") from None
    from zipfile import BadZipFile

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except FileNotFoundError:
        raise ParseError(path, "there is no such file") from None
    except (BadZipFile, KeyError, OSError, ValueError) as error:
        raise ParseError(path, f"this is not a readable Excel file (.xlsx): {error}") from None
    with closing(book):
        cells = ([_cell(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True))
        header = next(cells, None)
        if header is None:
            return
        while header and not header[-1]:
            header.pop()
        yield header
        yield from ((row + [""] * len(header))[: len(header)] for row in cells)


def _cell(value: object) -> str:
    """A cell as text: a whole number without its “.0”, nothing for what is not there."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
