"""What the tests share: the knowledge base, and the texts that are not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

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


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the reviews' sentences and the reference identifiers; without it the test is skipped, in CI it fails."""
    if not SHARED.is_dir():
        message = f"needs the reviews' sentences and the reference identifiers in {SHARED.name}/ beside the checkout"
        if os.environ.get("CTRES_CI"):
            pytest.fail(message)
        pytest.skip(message)
    return SHARED
