"""Replayed quickly or by Rasa itself, a conversation comes out the same."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

import pytest
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import FloatSlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant import shortcuts, tracker_copies

USUAL = ["listen", "action", "user", "bot", "slot"]
RARE = ["restart", "session", "revert", "unsay", "loop", "unloop", "rejected"]


def event(kind: str, chance: random.Random) -> Event:
    return {
        "listen": lambda: ActionExecuted("action_listen"),
        "action": lambda: ActionExecuted(chance.choice(["action_answer", "job_form"])),
        "user": lambda: UserUttered("hi", {"name": chance.choice(["greet", "job_pay"]), "confidence": 1.0}),
        "bot": lambda: BotUttered("hello"),
        "slot": lambda: SlotSet("said", chance.choice(["one", "two", None])),
        "restart": Restarted,
        "session": SessionStarted,
        "revert": ActionReverted,
        "unsay": UserUtteranceReverted,
        "loop": lambda: ActiveLoop("job_form"),
        "unloop": lambda: ActiveLoop(None),
        "rejected": lambda: ActionExecutionRejected("job_form"),
    }[kind]()


def trackers() -> Iterator[DialogueStateTracker]:
    chance = random.Random(20261122)
    for number in range(600):
        kinds = USUAL if number % 3 == 0 else [*USUAL, *RARE] if number % 3 == 1 else [*USUAL * 3, "session"]
        events = [event(chance.choice(kinds), chance) for _ in range(chance.randint(0, 40))]
        tracker = DialogueStateTracker("somebody", [TextSlot("said", []), FloatSlot("years", [])])
        for one in events:
            tracker.update(one)
        yield tracker


def test_the_events_that_count_are_the_same() -> None:
    for tracker in trackers():
        assert tracker_copies.applied_events(tracker) == tracker_copies._rasas_applied_events(tracker)


def test_a_copy_is_the_same() -> None:
    for tracker in trackers():
        ours, rasas = tracker_copies.copied(tracker), tracker.travel_back_in_time(float("inf"))
        assert list(ours.events) == list(rasas.events)
        assert ours.current_slot_values() == rasas.current_slot_values()
        assert ours.latest_action == rasas.latest_action
        assert ours.latest_message == rasas.latest_message
        assert ours.active_loop == rasas.active_loop
        assert ours.followup_action == rasas.followup_action
        assert ours.latest_action_name == rasas.latest_action_name


@pytest.mark.parametrize("slot", [TextSlot("said", [], initial_value="one"), FloatSlot("years", [], max_value=9.0)])
def test_a_copied_slot_is_its_own(slot: TextSlot | FloatSlot) -> None:
    usual, quick = copy.copy(slot), shortcuts._copied(slot)
    assert type(quick) is type(slot) and quick.__dict__ == usual.__dict__
    quick.value = None
    assert quick.has_been_set and not slot.has_been_set
