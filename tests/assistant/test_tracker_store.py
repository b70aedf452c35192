"""The tracker store keeps a bounded tail that predicts as the whole tracker would."""

from __future__ import annotations

import json
import uuid

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from bot import clock
from bot.assistant import tracker_store
from bot.assistant.tracker_store import TURNS_KEPT, TailTrackerStore
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import conversations, trackers
from bot.stores.tables import Conversation

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


async def test_what_is_left_out_of_a_memory_changes_no_prediction(store: TailTrackerStore) -> None:
    """Policies see the same states in a memory as in the events themselves, with all that Rasa writes in them."""
    sender = uuid.uuid4().hex
    full = await store.get_or_create_tracker(sender)
    ranking = [{"name": name, "confidence": 0.5} for name in ("claim_status", "dental")]
    for turn in range(TURNS_KEPT - 1):
        parsed = {"intent": ranking[turn % 2], "intent_ranking": ranking, "text_tokens": [[0, 4]], "entities": []}
        entities = [{"entity": "program", "value": "wa_ui", "start": 0, "end": 2}] if turn % 2 else []
        stamps = {"model_id": "one", "assistant_id": "two", "locale": "es"}
        message = UserUttered(f"turn {turn}", ranking[turn % 2], entities, parsed, metadata=stamps)
        answer = BotUttered("words", {"buttons": [{"title": "Yes", "payload": "/affirm"}]}, metadata=stamps)
        for event in (
            message,
            DefinePrevUserUtteredFeaturization(False),
            SlotSet("program", "wa_ui"),
            SlotSet("topic", None if turn == 4 else f"topic {turn // 3}"),
            ActionExecuted("action_answer", "QuickRulePolicy", 1.0, hide_rule_turn=turn == 2),
            answer,
            ActionExecuted("action_listen", "QuickRulePolicy", 1.0),
        ):
            full.update(event, DOMAIN)
    await store.save(full)
    rebuilt = await store.retrieve(sender)
    assert rebuilt is not None
    assert [s for s in rebuilt.past_states(DOMAIN) if s] == [s for s in full.past_states(DOMAIN) if s]
    assert rebuilt.current_slot_values() == full.current_slot_values()
    assert [e.text for e in rebuilt.events if isinstance(e, BotUttered)] == ["words"]


async def test_slots_and_the_form_of_long_ago_are_still_known(store: TailTrackerStore) -> None:
    tracker = await talk(store, uuid.uuid4().hex, TURNS_KEPT * 4)
    assert tracker.get_slot("job_class") == "kept"
    assert tracker.get_slot("topic") == f"topic {TURNS_KEPT * 4 - 1}"
    assert tracker.active_loop_name == "some_form"
    assert tracker.latest_action_name == "action_listen"


async def test_a_memory_that_can_not_be_read_or_saved_is_told_and_never_taken_for_a_new_one(
    store: TailTrackerStore, database: Database
) -> None:
    """Rasa's own wrapper would give an empty memory, and then save that over the real one."""
    sender = uuid.uuid4().hex
    tracker = await talk(store, sender, 3)
    wrapped = FailSafeTrackerStore(store)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE trackers RENAME TO trackers_away")
    with pytest.raises(SQLAlchemyError):
        await wrapped.retrieve(sender)
    with pytest.raises(SQLAlchemyError):
        await wrapped.save(tracker)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE trackers_away RENAME TO trackers")
    again = await wrapped.retrieve(sender)
    assert again is not None and again.get_slot("job_class") == "kept"


async def test_the_bots_words_about_a_claim_are_not_in_its_memory(store: TailTrackerStore, database: Database) -> None:
    with database.transaction() as session:
        sender = conversations.open_conversation(session, locale="en", program=None, now=clock.now()).id

    async def turn(words: str, *, reads_claim: bool) -> None:
        tracker = await store.get_or_create_tracker(sender)
        tracker.update(UserUttered("how is it", {"name": "claim_status"}), DOMAIN)
        tracker.update(ActionExecuted("action_claim_status"), DOMAIN)
        tracker.update(BotUttered(words, {"buttons": [{"title": words, "payload": "/x"}]}), DOMAIN)
        tracker.update(ActionExecuted("action_listen"), DOMAIN)
        with database.transaction() as session:
            session.execute(update(Conversation).values(claim_was_read=reads_claim))
        await store.save(tracker)

    def remembered() -> list[tuple[str, bool]]:
        with database.snapshot() as session:
            stored = trackers.load(session, sender)
        assert stored is not None and "UI-40281735" not in json.dumps(stored)
        bot = [event for event in stored["events"] if event["event"] == "bot"]
        return [(event["text"], bool(event.get("metadata", {}).get("private"))) for event in bot]

    await turn("words for everybody", reads_claim=False)
    assert remembered() == [("words for everybody", False)]
    await turn("UI-40281735 pays $500", reads_claim=True)
    assert remembered() == [("", True)]
    await turn("more words for everybody", reads_claim=False)
    assert remembered() == [("more words for everybody", False)]


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


@pytest.mark.parametrize("taking_back", [AllSlotsReset, SessionStarted])
async def test_a_slot_set_again_to_what_it_was_before_a_reset_is_remembered(
    store: TailTrackerStore, taking_back: type[Event]
) -> None:
    sender = uuid.uuid4().hex
    tracker = await talk(store, sender, 2)
    topic = tracker.get_slot("topic")
    for event in (UserUttered("again", {"name": "greet"}), taking_back(), SlotSet("topic", topic)):
        tracker.update(event, DOMAIN)
    await store.save(tracker)
    rebuilt = await store.retrieve(sender)
    assert rebuilt is not None and rebuilt.get_slot("topic") == topic


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
