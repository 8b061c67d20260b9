"""`ctres import`: a table into findings, and findings into a store on disk."""

from __future__ import annotations

import argparse
import os
import sys
from itertools import count

from .. import knowledge
from ..errors import CtresError
from ..progress import Bars
from . import civic, mapping, sketch, table
from .files import Outcome, import_file
from .vocabulary import Vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .record import Record, Reject

_NAMESPACE = "https://example.org/civic/"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to a parser."""
    parser.add_argument("form", choices=("civic", "table", "rdf"), help="what the file is: CIViC's ClinicalEvidenceSummaries.tsv, any table, or RDF")
    parser.add_argument("file", metavar="FILE", nargs="+", help="the table (.tsv, .csv, also .gz or .zst; .parquet, .xlsx), or RDF files")
    parser.add_argument("-o", "--output", metavar="FILE", help="where the findings go (.ttl or .nt, also .gz or .zst)")
    parser.add_argument("--store", metavar="DIR", help="a store on disk to which the findings are added and which is reasoned over")
    parser.add_argument(
        "--no-check", action="store_true", help="add to the store without the checks of `ctres check`, which take a third as long again"
    )
    parser.add_argument("--rejects", metavar="FILE", help="where the rows go that were not taken, with the reason (default: beside the output)")
    parser.add_argument("--mapping", metavar="FILE", help="for a table: which column fills which slot (TOML)")
    parser.add_argument("--sketch", action="store_true", help="for a table: propose a mapping and do nothing else")
    parser.add_argument("--namespace", metavar="IRI", help=f"for CIViC: where findings and new terms get their names (default: {_NAMESPACE})")


def run(options: argparse.Namespace) -> int:
    """Import a table or RDF, or sketch a mapping for a table; returns the exit status: 1 if no row could be taken."""
    if options.form == "rdf":
        if not options.store or options.output:
            raise CtresError("RDF goes into a store: --store DIR. To reason over a file without one, give it to other commands with --data")
        _add(options, options.file)
        return 0
    if len(options.file) > 1:
        raise CtresError("give one table at a time")
    kb = knowledge.load()
    if options.form == "table" and options.sketch:
        print(sketch.sketch(options.file[0], Vocabulary(kb, "https://lab.example/")), end="")
        return 0
    if not options.output and not options.store:
        raise CtresError("say where the findings go: -o FILE.ttl, or --store DIR")
    source, namespace = _source(options, kb)
    output = options.output
    if output is None:
        folder = os.path.join(options.store, "imported")
        os.makedirs(folder, exist_ok=True)
        stem = os.path.join(folder, os.path.basename(options.file[0]).partition(".")[0])
        # The store names the earlier ones as what it was made of.
        output = next(name for n in count(1) if not os.path.exists(name := f"{stem}{f'-{n}' if n > 1 else ''}.nt"))
    outcome: Outcome = import_file(source, output, options.rejects, namespace)
    print(outcome, file=sys.stderr)
    if options.store and outcome.taken:
        _add(options, [output])
    return 0 if outcome.taken else 1


def _source(options: argparse.Namespace, kb: knowledge.KnowledgeBase) -> tuple[Iterable[Record | Reject], str]:
    """The rows of a table as records, and the namespace of what is new in them."""
    (file,) = options.file
    if options.form == "civic":
        namespace = options.namespace or _NAMESPACE
        return civic.records(file, Vocabulary(kb, namespace), Bars()), namespace
    if not options.mapping:
        raise CtresError("a table needs --mapping FILE, which says what its columns mean; --sketch proposes one")
    read = mapping.read(options.mapping, kb)
    return table.records(file, read, Vocabulary(kb, read.namespace), Bars()), read.namespace


def _add(options: argparse.Namespace, files: list[str]) -> None:
    from ..evidence import Folder

    added = Folder(options.store).add(files, Bars(), check=not options.no_check)
    print(f"{added.subjects:,} terms and findings in {options.store}, reasoned over in {added.batches} batches", file=sys.stderr)
    if added.warnings:
        print(f"{added.warnings:,} warning{'' if added.warnings == 1 else 's'}: ctres check {' '.join(files)} says which", file=sys.stderr)
