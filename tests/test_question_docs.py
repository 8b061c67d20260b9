"""docs/questions.md: written from the headers of the questions, so that it cannot disagree with them. Run this file to refresh it."""

from __future__ import annotations

import re

from conftest import ROOT
from test_questions import VALUES

from ctres.questions import Question, Questions

PAGE = ROOT / "docs" / "questions.md"
INFERENCE = "Needs inference"
COUNTS = {"": "", "?": " (may be empty)", "*": " (any number)"}
HEAD = """\
# Questions

{count} questions can be asked from Python (`kb.ask`), on the command line (`ctres ask`) and, as the plain SPARQL of `sparql/questions/`, at the
endpoint. {inferred} of them need inference, and say what for. Each is tested against answers worked out by hand from the reviews
(`tests/cases/questions/`). A question about a group covers its members, one about a member shows what is claimed of its group, and the
column `match` says which. Values are names, synonyms, abbreviations, CURIEs or IRIs of terms. The headers of the questions are the
source of this page; `python tests/test_question_docs.py` writes it anew.
"""


def areas() -> dict[str, list[Question]]:
    """The questions by their first tag, which is the area they belong to."""
    found: dict[str, list[Question]] = {}
    for question in sorted(map(Questions().__getitem__, Questions()), key=lambda question: (question.tags[0].lower(), question.name)):
        found.setdefault(question.tags[0], []).append(question)
    return found


def command(question: Question) -> str:
    """How to ask the question on the command line."""
    options = " ".join(f'--{name} "{value}"' if " " in value else f"--{name} {value}" for name, value in VALUES[question.name].items())
    return f"ctres ask {question.name} {options}"


def entry(question: Question) -> str:
    """What the page says of one question."""
    description, _, inference = question.description.partition(INFERENCE)
    columns = [f"`{column.name}`{COUNTS[column.count]}" for column in question.columns]
    return "\n".join(
        [
            f"### {question.name}",
            "",
            f"**{question.summary}** {description.strip()}",
            "",
            f"- Parameters: {', '.join(f'`{parameter!r}`' for parameter in question.parameters)}",
            f"- Columns: {', '.join(columns)}",
            f"- Inference: {inference.lstrip(': ') if inference else 'not needed.'}",
            f"- Areas: {', '.join(question.tags)}",
            "",
            "```sh",
            command(question),
            "```",
        ]
    )


def page() -> str:
    """The whole page."""
    questions = [question for area in areas().values() for question in area]
    inferred = sum(INFERENCE in question.description for question in questions)
    parts = [HEAD.format(count=len(questions), inferred=inferred)]
    for area, members in areas().items():
        parts += [f"## {area[0].upper()}{area[1:]}\n", *(entry(question) + "\n" for question in members)]
    return "\n".join(parts)


def test_the_page_of_questions_says_what_their_headers_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python tests/test_question_docs.py`"


def test_the_page_holds_every_question_once() -> None:
    assert sorted(re.findall(r"^### (.+)$", page(), re.MULTILINE)) == sorted(Questions())
    assert len(Questions()) >= 36


def test_at_least_half_of_the_questions_need_inference_and_say_what_for() -> None:
    inferred = [question for question in map(Questions().__getitem__, Questions()) if INFERENCE in question.description]
    assert 2 * len(inferred) >= len(Questions())
    assert all(re.search(r"Needs inference(: [\w`]| throughout: )", question.description) for question in inferred)


def test_a_question_that_covers_a_group_says_that_it_needs_inference() -> None:
    covering = [question for question in map(Questions().__getitem__, Questions()) if re.search("lookup:(covers|reaches|means)", question.text)]
    assert len(covering) >= 25
    assert [question.name for question in covering if INFERENCE not in question.description] == []


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
