"""The `ctres` command. Each command imports what it needs when it runs, so that a look-up starts fast."""

from __future__ import annotations

import argparse
import os
import sys

from .errors import CtresError, InconsistencyError, ValidationError
from .options import parser as options_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .answer import Answer
    from .knowledge import KnowledgeBase


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 1 (violations, or nothing found where asked to fail) or 2 (usage)."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = options_of(_RUNS, given[0] if given and given[0] in _RUNS else None)
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


def _load(options: argparse.Namespace) -> KnowledgeBase:
    data = getattr(options, "data", None)
    if options.endpoint and options.store:
        raise CtresError("give either --endpoint or --store, not both")
    if options.endpoint:
        from .remote import connect, credentials

        kb = connect(options.endpoint, headers=credentials(options.header))
    else:
        from .knowledge import load

        kb = load(options.store)
    return kb.with_data(*data) if data else kb


def _ask(options: argparse.Namespace) -> int:
    from .questions import Questions

    if options.question is None:
        options_of(_RUNS).parse_args(["questions", "--help"] if not options.help else ["--help"])
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
    answer = _load(options).ask(question.name, **given)
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

    term = _load(options)[options.term]
    print({"json": description.to_json, "ttl": description.to_turtle}.get(options.format, description.to_text)(term))


def _explain(options: argparse.Namespace) -> int:
    from .explanation import ExplanationError

    kb = _load(options)
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
    kb = _load(options)
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

    nodes, edges = kgx.write(_load(options), options.output)
    print(f"wrote {nodes:,} nodes and {edges:,} edges to {options.output}")


def _find(options: argparse.Namespace) -> int:
    found = _load(options).find(" ".join(options.text))
    for term in found:
        print(f"{term.curie}\t{term.label}")
    return 0 if found else 1


def _publish(options: argparse.Namespace) -> None:
    from . import remote
    from .progress import Bars

    options.endpoint = None
    client = remote.Client(options.url, remote.credentials(options.header))
    kb = _load(options)
    if kb.clashes:
        raise InconsistencyError(kb.clashes)
    sent = remote.publish(client, kb.store, by_update=options.update, progress=Bars())
    had = f", {sent.kept} of which were there already" if sent.kept else ""
    print(f"published {sent.triples:,} triples in {sent.parts} parts{had}: {options.url}")


def _questions(options: argparse.Namespace) -> None:
    from .questions import Questions

    questions = Questions()
    for name in questions:
        question = questions[name]
        print(f"{name}\n    {question.summary}")
        for parameter in question.parameters:
            print(f"    --{parameter.name}: {parameter.kind or 'any term'}{' (optional)' if parameter.optional else ''}")


def _check(options: argparse.Namespace) -> int:
    from .knowledge import load
    from .progress import Bars

    report = load().check_files(*options.files, progress=Bars()) if options.files else load().check()
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
        options_of(_RUNS, "new").parse_args(["--help"])
    return command.run(options.kind, [*options.rest, *(["--help"] if options.help else [])])


def _build(options: argparse.Namespace) -> None:
    from .build import build

    print(f"built {build(options.output)}")


def _release(options: argparse.Namespace) -> None:
    from .export import release

    release.write(options.output, reasoned=options.reasoned)
    print(f"wrote {options.output}")


def _serve(options: argparse.Namespace) -> None:
    from .web import Limits, serve

    if options.access_log:
        import logging

        logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
        logging.getLogger("ctres.access").setLevel(logging.INFO)
    folder = None
    if options.store:
        from .evidence import Folder

        folder = Folder(options.store).current
    serve(options.host, options.port, options.timeout, store=folder, limits=Limits(workers=options.workers, rate=options.rate))


_RUNS = {
    "ask": _ask,
    "show": _show,
    "explain": _explain,
    "draw": _draw,
    "export": _export,
    "find": _find,
    "publish": _publish,
    "questions": _questions,
    "check": _check,
    "reason": _reason,
    "fmt": _fmt,
    "import": _import,
    "new": _new,
    "build": _build,
    "release": _release,
    "serve": _serve,
}
