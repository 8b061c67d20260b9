"""The server against its own OpenAPI description: requests made up by schemathesis, well formed and not, get only what the description promises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from servers import serving

schemathesis = pytest.importorskip("schemathesis")
pytest.importorskip("uvicorn")

from ctres.questions import Questions  # noqa: E402

NAMES = [*Questions(), "questions", "term", "suggest", "sparql", "reconcile", "health", "ready"]
BARE = {"questions", "health", "ready", *(name for name in Questions() if not Questions()[name].parameters)}
CASES = [(name, "positive") for name in NAMES] + [(name, "negative") for name in NAMES if name not in BARE]
EXAMPLES = 12


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def operations(address: str) -> dict[str, object]:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    return {found.ok().definition.raw["operationId"]: found.ok() for found in schema.get_all_operations()}


def test_every_operation_is_tried(operations: dict[str, object]) -> None:
    assert set(operations) == set(NAMES)


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_the_server_keeps_to_its_description(operations: dict[str, object], name: str, mode: str) -> None:
    tried = 0

    @given(case=operations[name].as_strategy(generation_mode=schemathesis.GenerationMode(mode)))  # type: ignore[attr-defined]
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def holds(case: object) -> None:
        nonlocal tried
        assume(case.path_parameters.get("local") not in NAMES)  # type: ignore[attr-defined]  # the address of another operation
        tried += 1
        answer = case.call()  # type: ignore[attr-defined]
        assert answer.status_code < 500 or answer.status_code in (503, 507)
        case.validate_response(answer, excluded_checks=EXCLUDED)  # type: ignore[attr-defined]
        assert "Traceback" not in answer.text

    holds()
    assert tried > 0


# Names of terms are any text, so that text which is no name is refused like missing text: neither is told apart by the schema.
EXCLUDED = [
    check
    for name in ("positive_data_acceptance", "negative_data_rejection", "missing_required_header", "unsupported_method")
    for check in [getattr(schemathesis.checks, name, None) or getattr(schemathesis.specs.openapi.checks, name, None)]
    if check is not None
]
