"""Replays the events of a conversation, which Rasa does several times a turn, with fewer questions asked of each."""

from __future__ import annotations

import functools
from typing import Any

from rasa.shared.core.events import (
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
)
from rasa.shared.core.trackers import DialogueStateTracker

_rasas_applied_events = DialogueStateTracker.applied_events


def applied_events(tracker: DialogueStateTracker) -> list[Event]:
    """The events that count, as DialogueStateTracker.applied_events finds them.

    Rasa's asks of each event whether it is one of five kinds, which is slow for its abstract classes. Here every class
    is asked once; where something was taken back or a form ran, Rasa's own has the say.
    """
    kinds: set[Any] = {type(event) for event in tracker.events}
    if any(_takes_back(kind) for kind in kinds):
        return _rasas_applied_events(tracker)
    events = list(tracker.events)
    beginnings = {kind for kind in kinds if _begins_anew(kind)}
    if not beginnings:
        return events
    last = max(number for number, event in enumerate(events) if type(event) in beginnings)
    return events[last + 1 :]


def copied(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """A tracker with the same events, as DialogueStateTracker.copy makes it."""
    twin = tracker.init_copy()
    for event in tracker.events:
        twin.events.append(event)
        event.apply_to(twin)
    return twin


@functools.cache
def _takes_back(kind: type[Event]) -> bool:
    return issubclass(kind, (ActionReverted, UserUtteranceReverted, ActiveLoop))


@functools.cache
def _begins_anew(kind: type[Event]) -> bool:
    return issubclass(kind, (Restarted, SessionStarted))
