"""The options of the `ctres` command."""

from __future__ import annotations

import argparse
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What can be asked of a server as well.
ASKING = ("ask", "show", "explain", "draw", "export", "find")


def parser(runs: Mapping[str, Callable[[argparse.Namespace], int | None]], only: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line, or, which is faster, that of one command alone."""
    whole = argparse.ArgumentParser(
        prog="ctres",
        description="Ask CTRES, the Cancer Therapy RESistance ontology. For research, not medical advice.",
    )
    whole.add_argument("--version", action="version", version=_Version("%(prog)s"))
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, summary: str, *, formats: tuple[str, ...] = ()) -> argparse.ArgumentParser | None:
        if only not in (None, name):
            return None
        added = commands.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + ".", add_help=name not in ("ask", "new"), allow_abbrev=False
        )
        added.set_defaults(run=runs[name])
        if name in ASKING:
            added.add_argument("--endpoint", metavar="URL", help="ask the SPARQL server to which `ctres publish` has put CTRES")
            added.add_argument("--store", metavar="DIR", help="ask the store on disk that `ctres import --store` has made")
            added.add_argument("--header", metavar="NAME: VALUE", help="an HTTP header for the server (default: from CTRES_AUTHORIZATION)")
        if formats:
            added.add_argument("--format", choices=formats, help="default: table on a terminal, tsv elsewhere" if "tsv" in formats else None)
        return added

    if ask := command("ask", "answer a canned question", formats=("table", "tsv", "csv", "json", "ttl")):
        ask.add_argument("question", nargs="?", help="its name; `ctres questions` lists them")
        ask.add_argument("-h", "--help", action="store_true", help="show this help, or that of the question, and exit")
        ask.add_argument("--data", action="append", default=[], metavar="FILE", help="RDF file to reason over together with CTRES (repeatable)")
        ask.add_argument("--fail-if-empty", action="store_true", help="exit with status 1 if nothing is found")
    if show := command("show", "show a term: definition, kinds, relations and findings", formats=("table", "json", "ttl")):
        show.add_argument("term", help="label, synonym, abbreviation, CURIE or IRI")
    if explain := command("explain", "explain why a statement, or a kind of a term, holds, or what it lacks"):
        explain.add_argument("subject", help="a term")
        explain.add_argument("relation", help="a property such as promotes; or a class, and then no third argument")
        explain.add_argument("value", nargs="?", help="a term")
        explain.add_argument("--all", action="store_true", help="all explanations that rest on different facts, the shortest first")
    if draw := command("draw", "draw a term's neighbourhood, the map of cell states, a resistance's landscape, or an explanation"):
        draw.add_argument("term", nargs="?", help="a term: what acts on it, and what it acts on")
        draw.add_argument("--states", action="store_true", help="which cell states and populations can become which")
        draw.add_argument("--landscape", metavar="RESISTANCE", help="what brings it about, through what, and what counters it")
        draw.add_argument("--explain", nargs="+", metavar="TERM", help="S P O, or TERM KIND, as for `ctres explain`")
        draw.add_argument("-o", "--output", metavar="FILE", required=True, help=".svg or .png")
    if export := command("export", "write the relations between entities, with their findings as evidence, for other knowledge graphs"):
        export.add_argument("form", choices=("kgx",), help="kgx: tables of nodes and edges in terms of the Biolink model")
        export.add_argument("-o", "--output", metavar="DIR", required=True, help="the folder for the tables")
        export.add_argument("--data", action="append", default=[], metavar="FILE", help="RDF file to reason over together with CTRES (repeatable)")
    if find := command("find", "find terms by words of their names and definitions"):
        find.add_argument("text", nargs="+")
    if publish := command("publish", "put CTRES, and data of your own, on a SPARQL server"):
        publish.add_argument("url", metavar="URL", help="where the server speaks the Graph Store Protocol, or takes updates")
        publish.add_argument("data", nargs="*", metavar="FILE", help="RDF file to reason over together with CTRES")
        publish.add_argument("--store", metavar="DIR", help="publish the store on disk that `ctres import --store` has made")
        publish.add_argument("--update", action="store_true", help="send SPARQL updates instead of using the Graph Store Protocol")
        publish.add_argument("--header", metavar="NAME: VALUE", help="an HTTP header for the server (default: from CTRES_AUTHORIZATION)")
    command("questions", "list the canned questions with their parameters")
    if check := command("check", "check RDF files, or CTRES itself, against the shapes and the reasoner", formats=("text", "json", "ttl")):
        check.add_argument("files", nargs="*", metavar="FILE")
    if reason := command("reason", "reason over CTRES and the files given, and report what follows"):
        reason.add_argument("files", nargs="*", metavar="FILE")
        reason.add_argument("--engine", choices=("nemo", "hermit"), default="nemo")
    if fmt := command("fmt", "format Turtle files canonically (default: the modules of the ontology); comments are dropped"):
        fmt.add_argument("files", nargs="*", metavar="FILE")
        fmt.add_argument("--check", action="store_true", help="change nothing; exit with status 1 if a file is not formatted")
    if importing := command("import", "import CIViC's evidence, any table with a mapping, or RDF, into a file of findings or a store on disk"):
        from .importers import command as importer

        importer.arguments(importing)
    if new := command("new", "add a new term, finding or publication to its module, or to a file of your own"):
        new.add_argument("kind", nargs="?", help="finding, publication, class, or any class of CTRES: drug, microRNA, cell line ...")
        new.add_argument("-h", "--help", action="store_true", help="show the options of the kind and exit")
    if build := command("build", "reason over the ontology and store the result for fast look-ups"):
        build.add_argument("-o", "--output", metavar="DIR")
    if release := command("release", "write the whole ontology as one file, for Protégé, ROBOT, OLS and other tools"):
        release.add_argument("-o", "--output", metavar="FILE", required=True, help="its extension says the format: .ttl, .owl (RDF/XML), .nt ...")
        release.add_argument("--reasoned", action="store_true", help="include all that is inferred, not only superclasses")
    if serve := command("serve", "serve the explorer, linked data and a read-only SPARQL 1.1 endpoint"):
        serve.add_argument("--host", default=_set("HOST", "127.0.0.1"), help="where to listen (default: 127.0.0.1)")
        serve.add_argument("--port", type=int, default=_set("PORT", "8765"), help="default: 8765")
        serve.add_argument("--store", metavar="DIR", default=_set("STORE"), help="serve the store on disk that `ctres import --store` has made")
        serve.add_argument("--timeout", type=float, default=_set("TIMEOUT", "10"), metavar="SECONDS", help="longest a query may take (default: 10)")
        serve.add_argument("--workers", type=int, default=_set("WORKERS", "2"), help="queries that run at the same time (default: 2)")
        serve.add_argument("--rate", type=float, default=_set("RATE", "0"), help="requests a second that one client may send (default: any number)")
        serve.add_argument("--access-log", action="store_true", default=bool(_set("ACCESS_LOG")), help="write a line for each request to stderr")
        serve.epilog = "Each option can be set in the environment, too: CTRES_HOST, CTRES_PORT and so on."
    return whole


def _set(name: str, otherwise: str | None = None) -> str | None:
    """What the environment sets for an option of `serve`."""
    return os.environ.get(f"CTRES_{name}") or otherwise


class _Version(str):
    """The version, looked up only when it is printed: argparse fills in what looks like a template."""

    __slots__ = ()

    def __mod__(self, values: object) -> str:
        from importlib.metadata import version

        return f"ctres {version('ctres')}"
