"""Requests generated from the interface document: the server never breaks, and answers what the document says."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed

from tests.conftest import Served, serve_without_model

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: see pyproject.toml")
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance  # noqa: E402


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway without a model and without limits, so that thousands of requests are answered at once."""
    folder: Path = tmp_path_factory.mktemp("generated")
    limits = ("RATE_ADDRESS", "RATE_OPEN", "RATE_CONVERSATION", "RATE_WRONG_IDENTITY", "RATE_WRONG_CLAIM")
    one = serve_without_model(folder, **dict.fromkeys(limits, "0"))
    yield one
    one.process.stop()


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_requests_get_documented_answers_and_break_nothing(gateway: Served, seed: int) -> None:
    schema = schemathesis.openapi.from_url(f"{gateway.url}/api/openapi.json")
    request = urllib.request.Request(f"{gateway.url}/api/conversations", data=b"{}", method="POST")
    with urllib.request.urlopen(request) as response:
        opened = json.load(response)
    # What a stopped model and a running socket answer is documented, but is no error of the server.
    unready = {"/readyz", "/api/conversations/{id}/socket"}
    operations = [result.ok() for result in schema.get_all_operations()]
    checked = [0]
    for operation in operations:
        if operation.path not in unready:
            _check(operation, opened, seed, checked)
    assert checked[0] > 100
    assert "unexpected_error" not in gateway.log


def _check(operation: Any, opened: dict[str, str], seed: int, checked: list[int]) -> None:
    @with_seed(seed)
    @settings(
        max_examples=int(os.environ.get("GENERATED_REQUESTS", "25")),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        # The conversation must go on for the requests after this one.
        if operation.method.lower() != "delete" and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = opened["id"]
        case.call_and_validate(
            headers={"Authorization": f"Bearer {opened['token']}"},
            checks=[not_a_server_error, status_code_conformance, response_schema_conformance],
        )
        checked[0] += 1

    check()
