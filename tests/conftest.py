"""What the tests share: the knowledge base, and the texts that are not part of the project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

import ctres
from ctres.knowledge import KnowledgeBase

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
PREFIXES = """\
@prefix ctres: <https://w3id.org/ctres/> .
@prefix my: <https://example.org/lab/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""  # of a user's file


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    """The released knowledge base, as `ctres.load()` gives it."""
    return ctres.load()


def lacks(message: str) -> NoReturn:
    """Skip the test because something is not here; in CI, where all must be, let it fail."""
    if os.environ.get("CTRES_CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def java_tools() -> Path:
    """The folder with the jars of the OWL API and ROBOT, from CTRES_JAVA; without it the test is skipped, in CI it fails."""
    folder = os.environ.get("CTRES_JAVA")
    if not folder:
        lacks("needs a JDK and ROBOT: run `mvn -f tests/java/pom.xml` and set CTRES_JAVA to the folder .java of the checkout")
    path = Path(folder).absolute()
    assert list(path.glob("robot-command-*.jar")), f"CTRES_JAVA is {folder}, which holds no ROBOT: run `mvn -f tests/java/pom.xml`"
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the reviews' sentences and the reference identifiers; without it the test is skipped, in CI it fails."""
    if not SHARED.is_dir():
        lacks(f"needs the reviews' sentences and the reference identifiers in {SHARED.name}/ beside the checkout")
    return SHARED
