"""`ctres import`: a table into findings."""

from __future__ import annotations

import argparse
import sys

from .. import knowledge
from ..errors import CtresError
from ..progress import Bars
from . import civic, mapping, sketch, table
from .files import Outcome, import_file
from .vocabulary import Vocabulary

_NAMESPACE = "https://example.org/civic/"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to a parser."""
    parser.add_argument("form", choices=("civic", "table"), help="what the file is: CIViC's ClinicalEvidenceSummaries.tsv, or any table")
    parser.add_argument("file", metavar="FILE", help="the table (.tsv, .csv, also .gz or .zst; .parquet, .xlsx)")
    parser.add_argument("-o", "--output", metavar="FILE", help="where the findings go (.ttl or .nt, also .gz or .zst)")
    parser.add_argument("--rejects", metavar="FILE", help="where the rows go that were not taken, with the reason (default: beside the output)")
    parser.add_argument("--mapping", metavar="FILE", help="for a table: which column fills which slot (TOML)")
    parser.add_argument("--sketch", action="store_true", help="for a table: propose a mapping and do nothing else")
    parser.add_argument("--namespace", metavar="IRI", help=f"for CIViC: where findings and new terms get their names (default: {_NAMESPACE})")


def run(options: argparse.Namespace) -> int:
    """Import a table, or sketch a mapping for it; returns the exit status: 1 if no row could be taken."""
    kb = knowledge.load()
    if options.form == "table" and options.sketch:
        print(sketch.sketch(options.file, Vocabulary(kb, "https://lab.example/")), end="")
        return 0
    if options.form == "table":
        if not options.mapping:
            raise CtresError("a table needs --mapping FILE, which says what its columns mean; --sketch proposes one")
        read = mapping.read(options.mapping, kb)
        namespace = read.namespace
        source = table.records(options.file, read, Vocabulary(kb, namespace), Bars())
    else:
        namespace = options.namespace or _NAMESPACE
        source = civic.records(options.file, Vocabulary(kb, namespace), Bars())
    if not options.output:
        raise CtresError("say where the findings go: -o FILE.ttl")
    outcome: Outcome = import_file(source, options.output, options.rejects, namespace)
    print(outcome, file=sys.stderr)
    return 0 if outcome.taken else 1
