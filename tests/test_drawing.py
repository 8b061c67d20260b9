"""Pictures: legible, true to the store, the same each time."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from ctres.answer import Answer
from ctres.cli import main
from ctres.drawing import DrawingError, Picture
from ctres.errors import UnknownTermError
from ctres.knowledge import KnowledgeBase
from ctres.questions import Column
from ctres.rows import Row
from ctres.terms import BASE

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SVG = "{http://www.w3.org/2000/svg}"
TERMS = [
    *(
        "drug resistance",
        "chemotherapy resistance",
        "cancer stem cells",
        "dormancy",
        "therapy response",
        "microRNAs",
        "drug-resistant cells",
        "stemness",
    ),
    *("autophagy", "disseminated tumor cells", "hypoxia", "exosomes", "miR-21", "PTEN", "doxorubicin resistance", "doxorubicin", "SOX2", "NR2F1"),
    *("MDR1", "DNMT inhibitors"),
]
RESISTANCES = [
    "doxorubicin resistance",
    "drug resistance",
    "chemotherapy resistance",
    "cisplatin resistance",
    "acquired resistance",
    "drug tolerance",
]
DRAWN: dict[str, Callable[[KnowledgeBase], Picture]] = {
    "miR-21": lambda kb: kb.draw("miR-21"),
    "states": lambda kb: kb.draw_states(),
    "doxorubicin-resistance": lambda kb: kb.draw_landscape("doxorubicin resistance"),
    "awakening": lambda kb: kb.draw_explanation("G-CSF", "awakening strategy"),
}


def assert_legible(picture: Picture) -> None:
    assert picture.nodes
    for node in picture.nodes:
        assert min(node.x, node.y) >= 0, node
        assert node.x + node.width <= picture.width, node
        assert node.y + node.height <= picture.height, node
    for a, b in itertools.combinations(picture.nodes, 2):
        beside = a.x + a.width <= b.x or b.x + b.width <= a.x
        assert beside or a.y + a.height <= b.y or b.y + b.height <= a.y, (a, b)


def assert_true(kb: KnowledgeBase, picture: Picture) -> None:
    """Every arrow between terms holds, its sign is that of its relation, and its ends are on the picture."""
    ids = {node.id for node in picture.nodes}
    assert picture.edges
    for edge in picture.edges:
        assert {edge.source, edge.target} <= ids
        assert edge.sign == (edge.relation.removeprefix(BASE) if edge.relation in (BASE + "promotes", BASE + "suppresses") else "")
        assert edge.findings >= 1
        if edge.relation == BASE + "via":
            text = "ASK { ?f ctres:hasSubject|ctres:via <%s> ; ctres:via|ctres:hasCausalEffect <%s> }"
            assert kb.sparql(text % (edge.source, edge.target)), edge
        else:
            assert kb.store.graph_of(edge.source, edge.relation, edge.target) is not None, edge


def labelled(kb: KnowledgeBase, picture: Picture) -> set[tuple[str, str, str]]:
    return {(str(kb.term(e.source)), e.sign, str(kb.term(e.target))) for e in picture.edges}


def test_there_are_twenty_terms() -> None:
    assert len(set(TERMS)) == 20


@pytest.mark.parametrize("term", TERMS)
def test_a_neighbourhood_is_legible_and_true(kb: KnowledgeBase, term: str) -> None:
    picture = kb.draw(term)
    assert_legible(picture)
    assert_true(kb, picture)
    assert all(kb[term].iri in (edge.source, edge.target) for edge in picture.edges)


@pytest.mark.parametrize("resistance", RESISTANCES)
def test_a_landscape_is_legible_and_true(kb: KnowledgeBase, resistance: str) -> None:
    picture = kb.draw_landscape(resistance)
    assert_legible(picture)
    assert_true(kb, picture)


def test_mir_21_lowers_pten_which_lowers_resistance(kb: KnowledgeBase) -> None:
    near = labelled(kb, kb.draw("miR-21"))
    assert {("miR-21", "suppresses", "PTEN"), ("miR-21", "promotes", "doxorubicin resistance")} <= near
    landscape = labelled(kb, kb.draw_landscape("doxorubicin resistance"))
    assert {("miR-21", "suppresses", "PTEN"), ("PTEN", "suppresses", "doxorubicin resistance")} <= landscape
    assert ("miR-137", "suppresses", "doxorubicin resistance") in landscape


def test_the_map_of_states_is_legible_and_has_every_transition(kb: KnowledgeBase) -> None:
    picture = kb.draw_states()
    assert_legible(picture)
    assert_true(kb, picture)
    found = {(row["from"], row["to"]) for row in kb.ask("transitions")}
    assert found == {(kb.term(edge.source), kb.term(edge.target)) for edge in picture.edges}
    assert "senescence escape" in picture.svg  # a trigger


def test_an_explanation_has_a_box_for_every_step(kb: KnowledgeBase) -> None:
    picture = kb.draw_explanation("G-CSF", "awakening strategy")
    assert_legible(picture)
    lines = str(kb.explain("G-CSF", "awakening strategy")).splitlines()
    assert len(picture.nodes) == len(lines) == len(picture.edges) + 1
    assert picture.nodes[0].label == "G-CSF is an awakening strategy"


def test_bars_count_the_rows_with_each_value(kb: KnowledgeBase) -> None:
    answer = kb.ask("resistance-factors", therapy="doxorubicin")
    picture = answer.plot("cancer")
    assert_legible(picture)
    breast = sum(row.cancer == kb["breast cancer"] for row in answer)
    assert breast > 1
    assert f"breast cancer: {breast}" in picture.description
    with pytest.raises(DrawingError, match="no column “colour”; it has factor"):
        answer.plot("colour")


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_are_the_same_each_time(kb: KnowledgeBase, name: str) -> None:
    one, two = DRAWN[name](kb), DRAWN[name](kb)
    assert one.svg == two.svg
    assert one.png == two.png
    root = ET.fromstring(one.svg)
    assert (root.tag, root.get("role")) == (SVG + "svg", "img")
    assert [child.tag for child in root][:2] == [SVG + "title", SVG + "desc"]
    assert root.findtext(SVG + "title") == one.title
    assert "For research, not medical advice." in one.svg
    assert "<dc:date>" not in one.svg


def test_the_pictures_of_the_documentation_are_those_that_are_drawn_now(kb: KnowledgeBase) -> None:
    assert {path.stem for path in IMAGES.glob("*.svg")} == set(DRAWN)
    for name, draw in DRAWN.items():
        kept, drawn = (ET.fromstring(text) for text in ((IMAGES / f"{name}.svg").read_text(encoding="utf-8"), draw(kb).svg))
        # Numbers differ in their last digits between versions of matplotlib; what is said does not.
        for tag in ("title", "desc", "text"):
            said = [element.text for element in drawn.iter(SVG + tag)]
            assert said
            assert [element.text for element in kept.iter(SVG + tag)] == said, f"draw docs/images/{name}.svg again"


def test_names_with_markup_are_escaped() -> None:
    column = Column("marker", "string", "")
    picture = Answer(
        "a & b <c>", (column,), [Row(("marker",), (name,)) for name in ("CD44+/CD24<low> & $x$", "CD44+/CD24<low> & $x$", "x\"'")], ("marker",)
    ).plot("marker")
    texts = {element.text for element in ET.fromstring(picture.svg).iter(SVG + "text")}
    assert {"CD44+/CD24<low> & $x$", "x\"'", "2", "a & b <c>: rows by marker"} <= texts
    assert picture.png.startswith(b"\x89PNG")


def test_a_long_word_is_broken_to_fit() -> None:
    from ctres.drawing.canvas import width_of, wrap

    lines = wrap("dimethylaminoethylaminogeldanamycin-conjugated " * 2, 60)
    assert "".join(lines).replace(" ", "") == "dimethylaminoethylaminogeldanamycin-conjugated" * 2
    assert all(width_of(line) <= 60 for line in lines)


@pytest.mark.parametrize(
    "asked", [["miR-21"], ["--states"], ["--landscape", "doxorubicin resistance"], ["--explain", "miR-21", "promotes", "doxorubicin resistance"]]
)
def test_the_command_writes_svg_and_png(asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    svg, png = tmp_path / "a.svg", tmp_path / "a.PNG"
    assert main(["draw", *asked, "-o", str(svg)]) == 0
    assert main(["draw", *asked, "-o", str(png)]) == 0
    assert capsys.readouterr().out == f"wrote {svg}\nwrote {png}\n"
    assert ET.parse(svg).getroot().tag == SVG + "svg"
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("asked", "output", "said"),
    [
        (["miR-21"], "a.gif", "saved as .svg or .png, not as “gif”"),
        (["miR-21"], "a", "not as “a file without extension”"),
        ([], "a.svg", "say what to draw, one thing"),
        (["miR-21", "--states"], "a.svg", "say what to draw, one thing"),
        (["--explain", "miR-21"], "a.svg", "say what to draw, one thing"),
        (["miR-2111111"], "a.svg", "no term is called “miR-2111111”"),
        (["--landscape", "breast cancer"], "a.svg", "no finding says what acts on “breast cancer”"),
    ],
)
def test_the_command_says_what_is_wrong(asked: list[str], output: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", *asked, "-o", str(tmp_path / output)]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_drawn_is_an_error(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(UnknownTermError):
        kb.draw("no such thing")
    with pytest.raises(DrawingError, match="nothing to draw"):
        kb.draw("Finding")
    with pytest.raises(DrawingError, match="Rename"):
        kb.draw("PTEN").save(tmp_path / "x.pdf")
