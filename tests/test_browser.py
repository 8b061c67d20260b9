"""The explorer in a real browser: with a keyboard, on a phone, in the dark, without JavaScript, and as axe judges it (WCAG 2.2 AA)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from conftest import lacks
from servers import serving

pytestmark = pytest.mark.browser
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
PAGES = (
    "/",
    "/search?q=hypoxia&all",
    "/questions",
    "/questions/resistance-factors?therapy=doxorubicin&cancer=breast+cancer",
    "/questions/contradictions",
    "/why?subject=G-CSF&relation=awakening+strategy",
    "/states",
    "/editor",
    "/miR21",
    "/ankathil2019-0039",
    "/nonsense",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    program = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        lacks("needs Debian's chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def site(chromium: Any) -> Iterator[str]:
    with serving() as address:
        yield address


@contextmanager
def opened(chromium: Any, **settings: Any) -> Iterator[Any]:
    context = chromium.new_context(**settings)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" and "status of 40" not in message.text else None)
    yield page
    context.close()
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(chromium: Any, site: str, path: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(chromium, color_scheme=scheme, bypass_csp=True) as page:
        page.goto(site + path)
        found = Axe().run(page, options=RULES).response
        assert len(found["passes"]) > 10
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found["violations"]] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_the_whole_width(chromium: Any, site: str, path: str) -> None:
    with opened(chromium, viewport={"width": 360, "height": 740}) as page:
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_person_finds_an_answer_and_its_source_with_the_keyboard_alone(chromium: Any, site: str) -> None:
    with opened(chromium) as page:
        page.goto(site)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        for _ in range(2):
            page.keyboard.press("Tab")
        page.keyboard.type("adriamycin")
        page.keyboard.press("Enter")
        page.wait_for_url("**/doxorubicin")
        assert page.inner_text("h1") == "doxorubicin"
        page.goto(site + "/questions/resistance-factors")
        page.fill("#p-therapy", "doxorubicin")
        page.press("#p-therapy", "Enter")
        page.wait_for_url("**therapy=doxorubicin**")
        page.click("table a >> text=miR-21")
        page.wait_for_url("**/miR21")
        page.click("text=miR-21 promotes doxorubicin resistance of MCF-7 cells by lowering PTEN")
        page.wait_for_url("**/ankathil2019-0039")
        assert "“MicroRNAs in chemoresistance”, sentence 8" in page.inner_text("main")


def test_suggestions_come_while_one_types(chromium: Any, site: str) -> None:
    with opened(chromium) as page:
        page.goto(site)
        page.click("#start")
        page.keyboard.type("dormanc", delay=30)
        page.wait_for_selector("#suggested option[value=dormancy]", state="attached")


def test_sparql_is_answered_on_the_page(chromium: Any, site: str) -> None:
    with opened(chromium) as page:
        page.goto(site + "/editor")
        page.click("button >> text=Run")
        page.wait_for_selector("#result table a[href='/miR21']")
        page.click("text=Plain box")
        page.fill("#query", "SELECT")
        with page.expect_response("**/sparql") as answered:
            page.click("button >> text=Run")
        assert answered.value.status == 400
        page.wait_for_selector("#result pre >> text=not valid SPARQL")


def test_the_editor_completes_names_and_lets_the_keyboard_go(chromium: Any, site: str) -> None:
    with opened(chromium) as page:
        page.goto(site + "/editor")
        page.click(".yasqe .CodeMirror-lines")
        page.keyboard.press("Control+a")
        page.keyboard.type("SELECT ?what { ctres:miR21 ctres:promo")
        page.wait_for_selector(".CodeMirror-hint >> text=ctres:promotes")
        assert all("romot" in one or "confers" in one for one in page.locator(".CodeMirror-hint").all_inner_texts())
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.type(" ?what } ")
        assert page.evaluate("document.getElementById('query').value").split() == [
            "SELECT",
            "?what",
            "{",
            "ctres:miR21",
            "ctres:promotes",
            "?what",
            "}",
        ]
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#result table a[href='/doxorubicinResistance']")
        page.keyboard.press("Control+a")
        page.keyboard.type("ASK { ?x a ctres:adriam")  # a synonym
        page.wait_for_selector(".CodeMirror-hint >> text=ctres:doxorubicin")
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Run"


def test_everything_works_without_javascript(chromium: Any, site: str) -> None:
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(site)
        page.fill("#start", "miR21")
        page.press("#start", "Enter")
        assert page.url.endswith("/miR21")
        page.click("dd a.why >> nth=0")
        assert page.inner_text("h1") == "Why?"
        assert page.locator(".explanation li").count() > 1
        page.goto(site + "/editor")
        assert page.is_visible("#query")
        assert not page.is_visible("text=Plain box")
        form = page.locator("form.sparql")
        assert (form.get_attribute("action"), form.get_attribute("method")) == ("/sparql", "get")
