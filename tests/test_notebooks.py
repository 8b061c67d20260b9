"""The notebooks in docs/ run, and show what they showed when they were saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import PREFIXES
from markup import Page

from ctres.errors import QuestionError
from ctres.knowledge import KnowledgeBase

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

NOTEBOOKS = sorted((Path(__file__).parent.parent / "docs").glob("*.ipynb"))


def shown(cell: Any) -> list[str]:
    """What a cell shows as text; pictures are drawn differently by each version of matplotlib, and tables by each of pandas."""
    outputs = [output for output in cell.get("outputs", ()) if 'class="dataframe"' not in str(output)]
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["micrornas", "tutorial"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_it_showed(path: Path, tmp_path: Path) -> None:
    saved = nbformat.read(path, as_version=4)
    run = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(run, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    for before, after in zip(saved.cells, run.cells, strict=True):
        assert shown(after) == shown(before), before.source
        assert [sorted(o.get("data", {})) for o in after.get("outputs", ())] == [sorted(o.get("data", {})) for o in before.get("outputs", ())]
    tables = [o["data"]["text/html"] for cell in run.cells for o in cell.get("outputs", ()) if "text/html" in o.get("data", {})]
    assert len(tables) >= 7


def test_answers_terms_and_explanations_show_themselves(kb: KnowledgeBase) -> None:
    answer = kb.ask("resistance-factors", therapy="doxorubicin", cancer="breast cancer")
    told = Page(answer._repr_html_()).text
    assert f"{len(answer)} rows" in told
    assert all(str(row["factor"]) in told for row in answer)
    assert all(str(publication) in told for publication in answer.publications)
    card = Page(kb["miR-21"]._repr_html_()).text
    assert "oncomiR" in card
    assert "PTEN" in card
    assert "https://doi.org/" in kb.explain("miR-21", "confers resistance to", "doxorubicin")._repr_html_()
    assert "not known:" in Page(kb.why_not("SOX2", "dormancy factor")._repr_html_()).text
    assert Page(kb.ask("trials", term="PTEN")._repr_html_()).text == "Nothing found."


def test_what_users_write_is_shown_as_text(kb: KnowledgeBase, tmp_path: Path) -> None:
    data = tmp_path / "lab.ttl"
    data.write_text(
        PREFIXES + "my:x a owl:NamedIndividual, ctres:GeneProduct ; rdfs:label '<script>alert(1)</script>'@en .\n"
        "my:f a owl:NamedIndividual, ctres:Finding ; ctres:agent my:x ; ctres:increases ctres:doxorubicinResistance ;\n"
        "  ctres:certainty ctres:demonstrated ; ctres:source ctres:ankathil2019 ; ctres:section '<b>' ; ctres:sentence 1 ."
    )
    mine = kb.with_data(data)
    term = mine.term("https://example.org/lab/x")
    rows = mine.ask("effects-of", factor=term).where(match="itself")
    assert len(rows) == 1
    for html in (term._repr_html_(), rows._repr_html_(), rows[0].explain()._repr_html_()):
        assert "<script" not in html
        assert "<script>alert(1)</script>" in Page(html).text


def test_rows_of_an_answer_are_chosen_by_the_values_of_columns(kb: KnowledgeBase) -> None:
    answer = kb.ask("wakes-or-sleeps")
    # De Angelis, “Part 1: The p38 Hub”, sentence 13 (DKK1, Wnt; lung and breast), and “Part 2”, sentence 12 (hydroxychloroquine).
    assert {str(row["factor"]) for row in answer.where(cancer="breast cancer")} == {"DKK1", "Wnt signaling", "hydroxychloroquine"}
    assert answer.where(cancer=kb["breast cancer"], outcome="killed").rows == answer.where(factor="hydroxychloroquine").rows
    assert answer.where().rows == answer.rows
    assert len(answer.where(sentence=12)) >= 1
    with pytest.raises(QuestionError, match="no column “cancers”; it has outcome"):
        answer.where(cancers="breast cancer")
