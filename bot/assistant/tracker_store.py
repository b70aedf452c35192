"""A Rasa tracker store that keeps a bounded tail of each conversation, so that no turn gets slower.

Rasa loads and copies the whole tracker at every turn. This store keeps one row a conversation: the
events of the last turns, and the slots and the active form as they stood before those. Loading
rebuilds a tracker that predicts as the full one would, at a cost that does not grow.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

from bot import clock
from bot.assistant.tracker_tail import condense, hide_last_answer, opening_events
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
                hide_last_answer(state["events"])
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
