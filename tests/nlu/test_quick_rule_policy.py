"""The quick rule policy predicts what Rasa's own predicts."""

from __future__ import annotations

import json
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import training
from bot.nlu.quick_rule_policy import QuickRulePolicy
from bot.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(PROJECT_ROOT / "domain.yml")


@pytest.fixture(scope="module")
def lookup() -> dict[str, Any]:
    """The rules as the product's model has learnt them."""
    model = training.newest_model(PROJECT_ROOT / "models")
    assert model is not None, "train a model first: make train"
    with tarfile.open(model) as archive:
        name = next(name for name in archive.getnames() if name.endswith("/rule_policy.json"))
        stored = archive.extractfile(name)
        assert stored is not None
        return dict(json.load(stored)["lookup"])


def policy(kind: type[RulePolicy], lookup: dict[str, Any], folder: Path) -> RulePolicy:
    context = ExecutionContext(GraphSchema({}))
    return kind(
        {**RulePolicy.get_default_config(), "core_fallback_threshold": 0.0, "enable_fallback_prediction": False},
        LocalModelStorage(folder),
        Resource("rules"),
        context,
        lookup=lookup,
    )


def conversations(domain: Domain, lookup: dict[str, Any]) -> Iterator[list[Event]]:
    """Conversations of any shape: everything rules speak of, in any order, with and without forms."""
    chance = random.Random(20261122)
    asked = [json.loads(key)[-1] for key in lookup["rules"]]
    actions = sorted({state["prev_action"]["action_name"] for state in asked if "prev_action" in state})
    slots = {slot.name: [None, True, "A32B", "es"] for slot in domain.slots}
    for _ in range(400):
        events: list[Event] = [ActionExecuted("action_session_start")] if chance.random() < 0.5 else []
        for _turn in range(chance.randint(0, 5)):
            events.append(ActionExecuted("action_listen"))
            intent = chance.choice(domain.intents)
            events.append(UserUttered(f"about {intent}", {"name": intent, "confidence": 1.0}))
            if chance.random() < 0.4:
                name = chance.choice(sorted(slots))
                events.append(SlotSet(name, chance.choice(slots[name])))
            events += [ActionExecuted(chance.choice(actions)) for _ in range(chance.randint(0, 2))]
            if chance.random() < 0.2:
                events.append(ActiveLoop(chance.choice([*domain.form_names, None])))
        yield events


def test_it_predicts_what_rasas_own_predicts_after_any_conversation(
    domain: Domain, lookup: dict[str, Any], tmp_path: Path
) -> None:
    quick, stock = policy(QuickRulePolicy, lookup, tmp_path), policy(RulePolicy, lookup, tmp_path)
    predicted = set()
    for events in conversations(domain, lookup):
        tracker = DialogueStateTracker.from_events("somebody", events, slots=domain.slots, domain=domain)
        ours, theirs = (one.predict_action_probabilities(tracker, domain) for one in (quick, stock))
        assert ours.probabilities == theirs.probabilities, events
        assert ours.events == theirs.events
        assert ours.hide_rule_turn == theirs.hide_rule_turn
        assert ours.is_end_to_end_prediction == theirs.is_end_to_end_prediction
        predicted.add(ours.max_confidence_index if ours.max_confidence else None)
    assert len(predicted) > 20, "the conversations reach many rules"


def test_rules_on_literal_texts_are_still_found(domain: Domain, tmp_path: Path) -> None:
    state = [{"prev_action": {"action_name": "action_listen"}, "user": {"text": "open sesame"}}]
    lookup = {"rules": {json.dumps(state): "action_answer"}, "rules_for_loop_unhappy_path": {}}
    events = [ActionExecuted("action_listen"), UserUttered("open sesame", {"name": "greet", "confidence": 1.0})]
    tracker = DialogueStateTracker.from_events("somebody", events, slots=domain.slots, domain=domain)
    ours, theirs = (
        policy(kind, lookup, tmp_path).predict_action_probabilities(tracker, domain)
        for kind in (QuickRulePolicy, RulePolicy)
    )
    assert ours.probabilities == theirs.probabilities
    assert ours.is_end_to_end_prediction and ours.max_confidence == 1.0
