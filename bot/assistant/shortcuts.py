"""Puts quicker parts in the place of some of Rasa's that take much of a reply's time (docs/performance.md)."""

from __future__ import annotations

import functools
from typing import Any

import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant import action_results, tracker_copies, understood
from bot.assistant.graph_runner import StraightGraphRunner

# Walks through all subclasses of Event, collected anew, at every event that is read.
_event_class = functools.cache(Event.resolve_by_type)
_rasas_is_empty = Domain.is_empty


class _Uncopied:
    """In the place of `copy`, with which Rasa's processor copies what a debug log would hold, written or not."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        """The value itself: a log only reads it."""
        return value


def take() -> None:
    """Use the quicker parts from now on, in this process; what they give stays the same."""
    rasa.core.processor.DaskGraphRunner = StraightGraphRunner
    rasa.core.processor.copy = _Uncopied
    rasa.core.processor.MessageProcessor._parse_message_with_graph = understood.parse
    Event.resolve_by_type = staticmethod(_event_class)
    RemoteAction._validate_action_result = action_results.check
    Domain.is_empty = _is_empty
    Slot.__copy__ = _copied
    DialogueStateTracker.applied_events = tracker_copies.applied_events
    DialogueStateTracker.copy = tracker_copies.copied


def _is_empty(domain: Any) -> bool:
    """Rasa's builds an empty domain at every message, to compare with; a domain does not change once loaded."""
    if not hasattr(domain, "known_to_be_empty"):
        domain.known_to_be_empty = _rasas_is_empty(domain)
    return bool(domain.known_to_be_empty)


def _copied(slot: Any) -> Any:
    """The same as copy.copy does for objects like these, which first asks how to take them apart."""
    twin = slot.__class__.__new__(slot.__class__)
    twin.__dict__.update(slot.__dict__)
    return twin
