"""A Rasa tracker store that keeps a bounded tail of each conversation, so that no turn gets slower.

Rasa loads and copies the whole tracker at every turn. This store keeps one row a conversation: the
events of the last turns, and the slots and the active form as they stood before those. Loading
rebuilds a tracker that predicts as the full one would, at a cost that does not grow.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

from bot import clock
from bot.database import Database
from bot.settings import Settings
from bot.stores import conversations, trackers

TURNS_KEPT = 8


@functools.cache
def _database() -> Database:
    settings = Settings.from_environment()
    return Database(settings.database_url, patience=settings.database_patience)


class TailTrackerStore(TrackerStore):
    """Stores each tracker as the state before its last turns plus the events of those turns."""

    def __init__(self, domain: Domain | None, event_broker: EventBroker | None = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._database = _database()
        _fail_aloud()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the tail of the tracker."""
        await self.stream_events(tracker)
        state = condense(list(tracker.events), TURNS_KEPT)

        def store(session: Session) -> None:
            if conversations.claim_was_read(session, tracker.sender_id):
                _hide_last_answer(state["events"])
            trackers.save(session, tracker.sender_id, state, clock.now())

        # On a thread: a database that is slow holds up this conversation and not the worker with its probes.
        await self._database.in_transaction(store)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker rebuilt from its tail, or None for a new conversation."""
        state = await self._database.in_snapshot(trackers.load, sender_id)
        if state is None:
            return None
        events = opening_events(state) + [Event.from_parameters(e) for e in state["events"]]
        return DialogueStateTracker.from_events(
            sender_id,
            evts=events,
            slots=self.domain.slots,
            max_event_history=self.max_event_history,
            domain=self.domain,
        )

    async def keys(self) -> Iterable[str]:
        """No list of conversations is given away through Rasa's own interface."""
        return []


def _fail_aloud() -> None:
    """Have a failure of this store reach whoever waits for the reply, in this process and from now on.

    Rasa wraps every store in one that takes a failed read for a conversation without a past, and then saves that
    over the real one; what it can't save it keeps in the memory of one worker. A reply made of such a memory is
    worse than an apology.
    """
    FailSafeTrackerStore.retrieve = _retrieve
    FailSafeTrackerStore.save = _save


async def _retrieve(wrapper: FailSafeTrackerStore, sender_id: str) -> DialogueStateTracker | None:
    return await wrapper._tracker_store.retrieve(sender_id)


async def _save(wrapper: FailSafeTrackerStore, tracker: DialogueStateTracker) -> None:
    await wrapper._tracker_store.save(tracker)


def opening_events(state: dict[str, Any]) -> list[Event]:
    """The events that bring a new tracker to the state before the stored tail."""
    loop = state["active_loop"]
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *(SlotSet(name, value) for name, value in state["slots"].items()),
        *([ActiveLoop(loop)] if loop else []),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def condense(events: Sequence[Event], turns: int) -> dict[str, Any]:
    """The state `{slots, active_loop, events}`: what came before the last `turns` turns, and those turns."""
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    cut = starts[-turns] if len(starts) >= turns else (starts[0] if starts else len(events))
    slots: dict[str, Any] = {}
    active_loop: str | None = None
    for event in events[:cut]:
        if isinstance(event, SlotSet):
            slots[event.key] = event.value
        elif isinstance(event, ActiveLoop):
            active_loop = event.name
        elif isinstance(event, (Restarted, AllSlotsReset)):
            slots.clear()
            active_loop = None if isinstance(event, Restarted) else active_loop
    return {
        "slots": slots,
        "active_loop": active_loop,
        "events": [_without_card(event.as_dict()) for event in events[cut:]],
    }


def _hide_last_answer(events: list[dict[str, Any]]) -> None:
    """Leave the bot's words of the newest turn out: they tell of a claim, and belong in the transcript alone.

    Rasa predicts from the names of events and never reads the bot's words. `private` in an event's metadata says
    that they were left out.
    """
    for index in reversed(range(len(events))):
        event = events[index]
        if event["event"] == "user":
            return
        if event["event"] == "bot":
            metadata = {**(event.get("metadata") or {}), "private": True}
            events[index] = {**event, "text": "", "data": {}, "metadata": metadata}


def _without_card(event: dict[str, Any]) -> dict[str, Any]:
    """A bot's event without its card: Rasa never reads it, and it may hold a claim, which belongs in no memory."""
    custom = (event.get("data") or {}).get("custom") if event["event"] == "bot" else None
    if not custom or "card" not in custom or not event.get("text"):
        return event
    data = {**event["data"], "custom": {name: value for name, value in custom.items() if name != "card"} or None}
    return {**event, "data": data}
