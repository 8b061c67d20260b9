"""The `ctres` command. Each command imports what it needs when it runs, so that a look-up starts fast."""

from __future__ import annotations

import argparse
import os
import sys

from .errors import CtresError, InconsistencyError, ValidationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .answer import Answer
    from .knowledge import KnowledgeBase


_COMMANDS = ("ask", "build", "check", "draw", "explain", "export", "find", "fmt", "import", "new", "questions", "reason", "release", "serve", "show")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 1 (violations, or nothing found where asked to fail) or 2 (usage)."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = _parser(given[0] if given and given[0] in _COMMANDS else None)
    options, rest = parser.parse_known_args(given)
    if rest and options.run not in (_ask, _new):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        return int(options.run(options) or 0)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValidationError, InconsistencyError) as error:
        print(f"ctres: {error}", file=sys.stderr)
        return 1
    except (CtresError, OSError) as error:
        print(f"ctres: {error}", file=sys.stderr)
        return 2


def _parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line, or, which is faster, that of one command alone."""
    parser = argparse.ArgumentParser(
        prog="ctres",
        description="Ask CTRES, the Cancer Therapy RESistance ontology. For research, not medical advice.",
    )
    parser.add_argument("--version", action="version", version=_Version("%(prog)s"))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: object, summary: str, *, formats: tuple[str, ...] = ()) -> argparse.ArgumentParser | None:
        if only not in (None, name):
            return None
        added = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".", add_help=name not in ("ask", "new"))
        added.set_defaults(run=run)
        if formats:
            added.add_argument("--format", choices=formats, help="default: table on a terminal, tsv elsewhere" if "tsv" in formats else None)
        return added

    if ask := command("ask", _ask, "answer a canned question", formats=("table", "tsv", "csv", "json", "ttl")):
        ask.add_argument("question", nargs="?", help="its name; `ctres questions` lists them")
        ask.add_argument("-h", "--help", action="store_true", help="show this help, or that of the question, and exit")
        ask.add_argument("--data", action="append", default=[], metavar="FILE", help="RDF file to reason over together with CTRES (repeatable)")
        ask.add_argument("--fail-if-empty", action="store_true", help="exit with status 1 if nothing is found")
    if show := command("show", _show, "show a term: definition, kinds, relations and findings", formats=("table", "json", "ttl")):
        show.add_argument("term", help="label, synonym, abbreviation, CURIE or IRI")
    if explain := command("explain", _explain, "explain why a statement, or a kind of a term, holds, or what it lacks"):
        explain.add_argument("subject", help="a term")
        explain.add_argument("relation", help="a property such as promotes; or a class, and then no third argument")
        explain.add_argument("value", nargs="?", help="a term")
        explain.add_argument("--all", action="store_true", help="all explanations that rest on different facts, the shortest first")
    if draw := command("draw", _draw, "draw a term's neighbourhood, the map of cell states, a resistance's landscape, or an explanation"):
        draw.add_argument("term", nargs="?", help="a term: what acts on it, and what it acts on")
        draw.add_argument("--states", action="store_true", help="which cell states and populations can become which")
        draw.add_argument("--landscape", metavar="RESISTANCE", help="what brings it about, through what, and what counters it")
        draw.add_argument("--explain", nargs="+", metavar="TERM", help="S P O, or TERM KIND, as for `ctres explain`")
        draw.add_argument("-o", "--output", metavar="FILE", required=True, help=".svg or .png")
    if export := command("export", _export, "write the relations between entities, with their findings as evidence, for other knowledge graphs"):
        export.add_argument("form", choices=("kgx",), help="kgx: tables of nodes and edges in terms of the Biolink model")
        export.add_argument("-o", "--output", metavar="DIR", required=True, help="the folder for the tables")
        export.add_argument("--data", action="append", default=[], metavar="FILE", help="RDF file to reason over together with CTRES (repeatable)")
    if find := command("find", _find, "find terms by words of their names and definitions"):
        find.add_argument("text", nargs="+")
    command("questions", _questions, "list the canned questions with their parameters")
    if check := command("check", _check, "check RDF files, or CTRES itself, against the shapes and the reasoner", formats=("text", "json", "ttl")):
        check.add_argument("files", nargs="*", metavar="FILE")
    if reason := command("reason", _reason, "reason over CTRES and the files given, and report what follows"):
        reason.add_argument("files", nargs="*", metavar="FILE")
        reason.add_argument("--engine", choices=("nemo", "hermit"), default="nemo")
    if fmt := command("fmt", _fmt, "format Turtle files canonically (default: the modules of the ontology); comments are dropped"):
        fmt.add_argument("files", nargs="*", metavar="FILE")
        fmt.add_argument("--check", action="store_true", help="change nothing; exit with status 1 if a file is not formatted")
    if importing := command("import", _import, "import a table into findings: CIViC's evidence, or any table with a mapping"):
        from .importers import command as importer

        importer.arguments(importing)
    if new := command("new", _new, "add a new term, finding or publication to its module, or to a file of your own"):
        new.add_argument("kind", nargs="?", help="finding, publication, class, or any class of CTRES: drug, microRNA, cell line ...")
        new.add_argument("-h", "--help", action="store_true", help="show the options of the kind and exit")
    if build := command("build", _build, "reason over the ontology and store the result for fast look-ups"):
        build.add_argument("-o", "--output", metavar="DIR")
    if release := command("release", _release, "write the whole ontology as one file, for Protégé, ROBOT, OLS and other tools"):
        release.add_argument("-o", "--output", metavar="FILE", required=True, help="its extension says the format: .ttl, .owl (RDF/XML), .nt ...")
        release.add_argument("--reasoned", action="store_true", help="include all that is inferred, not only superclasses")
    if serve := command("serve", _serve, "serve a read-only SPARQL 1.1 endpoint"):
        serve.add_argument("--host", default="127.0.0.1")
        serve.add_argument("--port", type=int, default=8765)
        serve.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="longest time a query may take (default: 10)")
    return parser


class _Version(str):
    """The version, looked up only when it is printed: argparse fills in what looks like a template."""

    __slots__ = ()

    def __mod__(self, values: object) -> str:
        from importlib.metadata import version

        return f"ctres {version('ctres')}"


def _load(data: list[str] | None = None) -> KnowledgeBase:
    from .knowledge import load

    kb = load()
    return kb.with_data(*data) if data else kb


def _ask(options: argparse.Namespace) -> int:
    from .questions import Questions

    if options.question is None:
        _parser().parse_args(["questions", "--help"] if not options.help else ["--help"])
    question = Questions()[options.question]
    parser = argparse.ArgumentParser(
        prog=f"ctres ask {question.name}",
        description=f"{question.summary} {question.description}",
        epilog=f"Columns: {', '.join(map(repr, question.columns))}. Also: --format table|tsv|csv|json|ttl, --data FILE, --fail-if-empty.",
    )
    for parameter in question.parameters:
        kind = parameter.kind or "term"
        parser.add_argument(f"--{parameter.name}", required=not parameter.optional, metavar=kind.upper(), help=f"a {kind}, by any of its names")
    given = vars(parser.parse_args([*options.rest, *(["--help"] if options.help else [])]))
    answer = _load(options.data).ask(question.name, **given)
    print(_written(answer, options.format or ("table" if sys.stdout.isatty() else "tsv")))
    return 1 if options.fail_if_empty and not answer else 0


def _written(answer: Answer, form: str) -> str:
    if form == "table":
        import shutil

        return answer.to_text(shutil.get_terminal_size((160, 24)).columns)
    if form == "ttl":
        return answer.to_turtle().rstrip("\n")
    return {"tsv": lambda: answer.to_csv(delimiter="\t"), "csv": answer.to_csv, "json": answer.to_json}[form]().rstrip("\n")


def _show(options: argparse.Namespace) -> None:
    from . import description

    term = _load()[options.term]
    print({"json": description.to_json, "ttl": description.to_turtle}.get(options.format, description.to_text)(term))


def _explain(options: argparse.Namespace) -> int:
    from .explanation import ExplanationError

    kb = _load()
    statement = options.subject, options.relation, options.value
    try:
        found = kb.explanations(*statement) if options.all else [kb.explain(*statement)]
    except ExplanationError as error:
        print(f"ctres: {error}", file=sys.stderr)
        return 1
    print("\n\n".join(map(str, found)))
    return 0


def _draw(options: argparse.Namespace) -> None:
    asked = [what for what in (options.term, options.states, options.landscape, options.explain) if what]
    if len(asked) != 1 or len(options.explain or "SP") not in (2, 3):
        raise CtresError("say what to draw, one thing: ctres draw TERM, --states, --landscape RESISTANCE, --explain S P O or --explain TERM KIND")
    from . import drawing

    drawing.extension(options.output)
    kb = _load()
    if options.states:
        picture = kb.draw_states()
    elif options.landscape:
        picture = kb.draw_landscape(options.landscape)
    else:
        picture = kb.draw_explanation(*options.explain) if options.explain else kb.draw(options.term)
    picture.save(options.output)
    print(f"wrote {options.output}")


def _export(options: argparse.Namespace) -> None:
    from .export import kgx

    nodes, edges = kgx.write(_load(options.data), options.output)
    print(f"wrote {nodes:,} nodes and {edges:,} edges to {options.output}")


def _find(options: argparse.Namespace) -> int:
    found = _load().find(" ".join(options.text))
    for term in found:
        print(f"{term.curie}\t{term.label}")
    return 0 if found else 1


def _questions(options: argparse.Namespace) -> None:
    from .questions import Questions

    questions = Questions()
    for name in questions:
        question = questions[name]
        print(f"{name}\n    {question.summary}")
        for parameter in question.parameters:
            print(f"    --{parameter.name}: {parameter.kind or 'any term'}{' (optional)' if parameter.optional else ''}")


def _check(options: argparse.Namespace) -> int:
    from .progress import Bars

    report = _load().check_files(*options.files, progress=Bars()) if options.files else _load().check()
    print({"json": report.to_json, "ttl": report.to_turtle}.get(options.format, report.to_text)())
    return 0 if report.conforms else 1


def _reason(options: argparse.Namespace) -> int:
    from .inference import reasoning_report

    report = reasoning_report(options.files, options.engine)
    print(report)
    return 0 if report.consistent else 1


def _fmt(options: argparse.Namespace) -> int:
    from . import resources, turtle
    from .export import alignments

    changed = [] if options.files else alignments.refresh(check=options.check)
    changed += [path for path in options.files or resources.modules() if turtle.format_file(path, check=options.check)]
    for path in changed:
        print(f"{'not formatted' if options.check else 'formatted'}: {path}")
    return 1 if options.check and changed else 0


def _import(options: argparse.Namespace) -> int:
    from . import importers

    return importers.run(options)


def _new(options: argparse.Namespace) -> int:
    from .authoring import command

    if options.kind is None and not options.help:
        raise CtresError("say what is new: ctres new finding, publication, class, or any class of CTRES, such as ctres new drug")
    if options.kind is None:
        _parser("new").parse_args(["--help"])
    return command.run(options.kind, [*options.rest, *(["--help"] if options.help else [])])


def _build(options: argparse.Namespace) -> None:
    from .build import build

    print(f"built {build(options.output)}")


def _release(options: argparse.Namespace) -> None:
    from .export import release

    release.write(options.output, reasoned=options.reasoned)
    print(f"wrote {options.output}")


def _serve(options: argparse.Namespace) -> None:
    from .web import serve

    serve(options.host, options.port, options.timeout)
