"""Asking on a terminal for what a draft lacks: one prompt a line, and again until the answer is one."""

from __future__ import annotations

from ..errors import CtresError
from . import values
from .problems import Problem
from .slots import Slots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NONE = "none:"


def ask(slots: Slots, problem: Problem, given: dict[str, list[str]]) -> None:
    """Ask for what would mend a problem, and put the answer into `given`, in place of what was wrong.

    Raises CtresError when the input ends.
    """
    print(problem.reason)
    option = problem.options[0]
    if len(problem.options) > 1:
        option = _answer(", ".join(problem.options), lambda name: _one_of(problem.options, name))
    if option == "mapping":
        given["mapping"], given["no-mapping"] = [], []
    elif problem.given in given.setdefault(option, []):
        given[option].remove(str(problem.given))
    answer = _answer(_prompt(slots, option), lambda text: _valid(slots, option, text, given))
    if option == "mapping" and answer.lower().startswith(_NONE):
        given["no-mapping"] = [answer[len(_NONE) :].strip()]
    else:
        given[option].append(answer)


def _answer(prompt: str, check: Callable[[str], None]) -> str:
    while True:
        try:
            answer = input(f"{prompt}: ").strip()
        except EOFError:
            raise CtresError("the input ended before all was said. Nothing was written") from None
        try:
            check(answer)
        except CtresError as error:
            print(error)
        else:
            return answer


def _one_of(options: tuple[str, ...], name: str) -> None:
    if name not in options:
        raise CtresError(f"found “{name}”: expected one of {', '.join(options)}")


def _valid(slots: Slots, option: str, text: str, given: dict[str, list[str]]) -> None:
    """Raise CtresError for what cannot be a value; names of terms are looked up at once."""
    if not text:
        raise CtresError("expected an answer. End with Ctrl-D to give up")
    if option in slots.properties:
        source = values.value(slots.store, slots.properties["source"], given["source"][0])[1:-1] if given.get("source") and slots.is_finding else None
        values.value(slots.store, slots.properties[option], text, source)


def _prompt(slots: Slots, option: str) -> str:
    if option == "mapping":
        return f"mapping (such as CHEBI:42068 idarubicin, or “{_NONE}” and the reason)"
    examples = slots.examples(slots.properties[option]) if option in slots.properties else []
    if any(len(example) > 40 for example in examples):  # sentences: one is enough
        examples = [examples[0] if len(examples[0]) < 100 else examples[0][:99] + "…"]
    return f"{option} (such as {', '.join(examples)})" if examples else option
