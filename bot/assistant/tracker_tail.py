"""What is kept of a conversation between two turns: the state before its last turns, and the events of those turns.

Rasa predicts from the names of intents, entities, actions and slots. What else its events hold (the other intents a
message might have meant, its tokens, what the bot said) is of use in the turn that makes it, and would be read, checked
and written again at every turn that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
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

# What is kept of an understood message, and what Rasa writes on every event without reading it again.
_UNDERSTOOD = ("intent", "entities")
_STAMPS = ("model_id", "assistant_id")
# After these a slot may hold something else than what it was last set to.
_TAKES_SLOTS_BACK = ("reset_slots", "restart", "session_started", "rewind", "undo")


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
    return {"slots": slots, "active_loop": active_loop, "events": _tail([e.as_dict() for e in events[cut:]], slots)}


def hide_last_answer(events: list[dict[str, Any]]) -> None:
    """Leave the bot's words of the newest turn out: they tell of a claim, and belong in the transcript alone.

    `private` in an event's metadata says that they were left out.
    """
    for index in reversed(range(len(events))):
        event = events[index]
        if event["event"] == "user":
            return
        if event["event"] == "bot":
            metadata = {**(event.get("metadata") or {}), "private": True}
            events[index] = {**event, "text": "", "data": {}, "metadata": metadata}


def _tail(events: list[dict[str, Any]], slots: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of the tail, without what nobody reads again; `slots` are those before them."""
    now = dict(slots)
    last_words = _start_of_last_words(events)
    kept: list[dict[str, Any]] = []
    for index, event in enumerate(events):
        kind = event["event"]
        if kind == "bot" and index < last_words:
            # Only what the bot said last can be asked for again.
            continue
        if kind == "slot":
            if event["name"] in now and now[event["name"]] == event["value"]:
                continue
            now[event["name"]] = event["value"]
        elif kind in _TAKES_SLOTS_BACK:
            now.clear()
        kept.append(_slim(event))
    return kept


def _start_of_last_words(events: list[dict[str, Any]]) -> int:
    """Where the newest turn begins in which the bot said something."""
    spoken = False
    for index in reversed(range(len(events))):
        spoken = spoken or events[index]["event"] == "bot"
        if spoken and events[index]["event"] == "user":
            return index
    return 0


def _slim(event: dict[str, Any]) -> dict[str, Any]:
    slim = {name: value for name, value in event.items() if value is not None}
    metadata = {name: value for name, value in slim.pop("metadata", {}).items() if name not in _STAMPS}
    if metadata:
        slim["metadata"] = metadata
    if event["event"] == "user":
        understood = event.get("parse_data") or {}
        slim["parse_data"] = {name: understood[name] for name in _UNDERSTOOD if name in understood}
    elif event["event"] == "bot":
        slim["data"] = {name: value for name, value in (event.get("data") or {}).items() if value}
        if slim.get("text"):
            # A card may hold a claim, which belongs in no memory; without words it is all that was said.
            custom = {name: value for name, value in slim["data"].pop("custom", {}).items() if name != "card"}
            slim["data"] |= {"custom": custom} if custom else {}
    elif event["event"] == "slot":
        # A slot that was emptied is told from one that was never set.
        slim["value"] = event["value"]
    return slim
