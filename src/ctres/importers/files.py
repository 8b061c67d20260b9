"""Writing what an import has made: findings and rejected rows, both files or neither."""

from __future__ import annotations

import csv
import gzip
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

from ..errors import CtresError, MissingExtraError
from ..terms import PREFIXES
from .record import Record, Reject, Statement

REJECTS = ("row", "column", "value", "reason", "nearest")
_OUTPUTS = (".ttl", ".nt")


@dataclass
class Outcome:
    """What became of a table: `rows` is the sum of `taken` and `rejected`; one row may have made several of the `findings`."""

    output: str
    rejects: str
    taken: int = 0
    rejected: int = 0
    findings: int = 0

    @property
    def rows(self) -> int:
        return self.taken + self.rejected

    def __str__(self) -> str:
        refused = f", {self.rejected:,} rejected: {self.rejects} says why" if self.rejected else ""
        return f"{self.rows:,} rows: {self.taken:,} made into {self.findings:,} findings in {self.output}{refused}"


def import_file(source: Iterable[Record | Reject], output: str, rejects: str | None = None, namespace: str = "") -> Outcome:
    """Write records to `output` (.ttl or .nt, also with .gz or .zst) and rejected rows to `rejects`, a table beside it by default.

    Both files are put in place when all is written; on any error the earlier ones stay as they were.
    Raises CtresError for another extension or a folder that is not there, and the errors of the source.
    """
    stem = output
    for extension in (".gz", ".zst"):
        stem = stem.removesuffix(extension)
    form = os.path.splitext(stem)[1]
    if form not in _OUTPUTS:
        raise CtresError(f"{output}: expected a file that ends in {' or '.join(_OUTPUTS)}, possibly with .gz or .zst")
    outcome = Outcome(output, rejects or os.path.splitext(stem)[0] + ".rejects.tsv")
    with ExitStack() as stack:
        refused, file = stack.enter_context(_replacing(outcome.rejects)), stack.enter_context(_replacing(output))
        with _packed(file, output) as target, io.TextIOWrapper(target, encoding="utf-8", newline="\n") as text:
            table = csv.writer(io.TextIOWrapper(refused, encoding="utf-8", newline="", write_through=True), delimiter="\t", lineterminator="\n")
            table.writerow(REJECTS)
            if form == ".ttl":
                text.write(_prefixes(namespace))
            for item in source:
                if isinstance(item, Reject):
                    outcome.rejected += 1
                    table.writerow([item.row, item.column, item.value, item.reason, "; ".join(item.nearest)])
                else:
                    outcome.taken += 1
                    outcome.findings += len(item.findings)
                    text.writelines(blocks(item.statements, namespace) if form == ".ttl" else item.ntriples())
    return outcome


def _prefixes(namespace: str) -> str:
    own = {"my": namespace} if namespace else {}
    return "".join(f"@prefix {name}: <{start}> .\n" for name, start in sorted((PREFIXES | own).items())) + "\n"


def blocks(statements: list[Statement], namespace: str) -> Iterator[str]:
    """Statements as Turtle, one block a subject, in the layout of `ctres fmt`; the prefix `my` is the namespace."""
    subjects: dict[str, list[tuple[str, str]]] = {}
    for s, p, o in statements:
        subjects.setdefault(s, []).append((p, o))
    for subject, pairs in subjects.items():
        values: dict[str, list[str]] = {}
        for p, o in pairs:
            values.setdefault(p, []).append(_short(o, namespace))
        lines = [f"    {'a' if p == PREFIXES['rdf'] + 'type' else _short(f'<{p}>', namespace)} {' , '.join(os)} ;\n" for p, os in values.items()]
        yield f"{_short(f'<{subject}>', namespace)}\n{''.join(lines)}    .\n\n"


def _short(value: str, namespace: str) -> str:
    """A value with a prefix, where that can be written without an escape."""
    body, mark, kind = value.rpartition("^^")
    if mark and value.startswith('"'):
        return f"{body}^^{_short(kind, namespace)}"
    if value.startswith("<"):
        for prefix, start in (("my", namespace), *PREFIXES.items()):
            local = value[1 + len(start) : -1]
            if start and value.startswith(start, 1) and local.replace("-", "").isalnum() and local.isascii() and not local.startswith("-"):
                return f"{prefix}:{local}"
    return value


@contextmanager
def _replacing(path: str) -> Iterator[IO[bytes]]:
    """A new file that takes the place of another when all has been written and closed without an error."""
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise CtresError(f"{path}: there is no folder {folder}. Make it, or name another")
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".ctres-", suffix=".tmp")
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, os.path.realpath(path))
    except BaseException:
        os.unlink(temporary)
        raise


@contextmanager
def _packed(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        if name.endswith(".gz"):
            yield stack.enter_context(gzip.GzipFile(fileobj=file, mode="wb", mtime=0))  # type: ignore[arg-type]
        elif name.endswith(".zst"):
            try:
                import zstandard
            except ImportError:
                raise MissingExtraError("Writing .zst files", "tables") from None
            yield stack.enter_context(zstandard.ZstdCompressor().stream_writer(file, closefd=False))
        else:
            yield os.fdopen(os.dup(file.fileno()), "wb")
