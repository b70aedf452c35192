"""What an action returned is still checked, only without checking Rasa's schema each time."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from bot.assistant import action_results

GOOD: list[dict[str, Any]] = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "topic", "value": "job_pay"}], "responses": [{"text": "Hello."}]},
]
BAD: list[dict[str, Any]] = [
    {"events": [], "responses": "Hello."},
    {"events": [], "responses": ["Hello."]},
    {"events": [{"event": "slot", "value": "a slot without a name"}], "responses": []},
]


@pytest.fixture
def rasa_itself() -> RemoteAction:
    return RemoteAction("action_answer", None)


@pytest.mark.parametrize("result", GOOD)
def test_a_good_result_passes_both_checks(rasa_itself: RemoteAction, result: dict[str, Any]) -> None:
    assert action_results.rasas_own_check(rasa_itself, result)
    assert action_results.check(rasa_itself, result)


@pytest.mark.parametrize("result", BAD)
def test_a_bad_result_is_refused_by_both_checks(rasa_itself: RemoteAction, result: dict[str, Any]) -> None:
    for one in (action_results.rasas_own_check, action_results.check):
        with pytest.raises(ValidationError):
            one(rasa_itself, result)
