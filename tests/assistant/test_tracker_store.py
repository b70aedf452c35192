"""The tracker store keeps a bounded tail that predicts as the whole tracker would."""

from __future__ import annotations

import json
import uuid

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, AllSlotsReset, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import clock
from bot.assistant import tracker_store
from bot.assistant.tracker_store import TURNS_KEPT, TailTrackerStore
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import trackers

DOMAIN = Domain.load(str(PROJECT_ROOT / "domain.yml"))


@pytest.fixture
def store(database: Database, monkeypatch: pytest.MonkeyPatch) -> TailTrackerStore:
    monkeypatch.setattr(tracker_store, "_database", lambda: database)
    return TailTrackerStore(DOMAIN)


async def talk(store: TailTrackerStore, sender: str, turns: int) -> DialogueStateTracker:
    for turn in range(turns):
        tracker = await store.get_or_create_tracker(sender)
        tracker.update(UserUttered(f"turn {turn}", {"name": "greet"}), DOMAIN)
        tracker.update(SlotSet("topic", f"topic {turn}"), DOMAIN)
        if turn == 2:
            tracker.update(SlotSet("job_class", "kept"), DOMAIN)
            tracker.update(ActiveLoop("some_form"), DOMAIN)
        tracker.update(ActionExecuted("utter_greet"), DOMAIN)
        tracker.update(ActionExecuted("action_listen"), DOMAIN)
        await store.save(tracker)
    tracker = await store.retrieve(sender)
    assert tracker is not None
    return tracker


async def test_slots_and_the_form_of_long_ago_are_still_known(store: TailTrackerStore) -> None:
    tracker = await talk(store, uuid.uuid4().hex, TURNS_KEPT * 4)
    assert tracker.get_slot("job_class") == "kept"
    assert tracker.get_slot("topic") == f"topic {TURNS_KEPT * 4 - 1}"
    assert tracker.active_loop_name == "some_form"
    assert tracker.latest_action_name == "action_listen"


async def test_the_row_does_not_grow_with_the_conversation(store: TailTrackerStore, database: Database) -> None:
    sender = uuid.uuid4().hex
    sizes = []
    for _ in range(3):
        await talk(store, sender, TURNS_KEPT * 2)
        with database.snapshot() as session:
            sizes.append(len(json.dumps(trackers.load(session, sender))))
    assert max(sizes[1:]) < sizes[0] * 1.05


async def test_a_reset_of_long_ago_stays_a_reset(store: TailTrackerStore) -> None:
    sender = uuid.uuid4().hex
    tracker = await talk(store, sender, 4)
    tracker.update(AllSlotsReset(), DOMAIN)
    await store.save(tracker)
    tracker = await talk(store, sender, 2)
    assert tracker.get_slot("job_class") is None
    for _ in range(TURNS_KEPT):
        tracker = await talk(store, sender, 2)
    assert tracker.get_slot("job_class") is None
    assert tracker.get_slot("topic") == "topic 1"


async def test_slots_set_by_the_gateway_are_seen_at_the_next_turn(store: TailTrackerStore, database: Database) -> None:
    sender = uuid.uuid4().hex
    with database.transaction() as session:
        trackers.set_slots(session, sender, {"language": "es"}, clock.now())
    tracker = await store.retrieve(sender)
    assert tracker is not None and tracker.get_slot("language") == "es"
    await talk(store, sender, 3)
    with database.transaction() as session:
        trackers.set_slots(session, sender, {"language": "en"}, clock.now())
        assert trackers.current_slots(session, sender)["language"] == "en"
    tracker = await store.retrieve(sender)
    assert tracker is not None and tracker.get_slot("language") == "en"


async def test_a_forgotten_conversation_is_gone(store: TailTrackerStore, database: Database) -> None:
    sender = uuid.uuid4().hex
    await talk(store, sender, 2)
    with database.transaction() as session:
        trackers.forget(session, sender)
    assert await store.retrieve(sender) is None
