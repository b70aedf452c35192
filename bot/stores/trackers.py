"""Rasa's memory of each conversation, one row each: see `bot.assistant.tracker_store` for what it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from bot.stores.tables import Moment, Tracker

# Built once: every message of every visitor runs them, and building costs more than running.
_TRACKERS = Tracker.__table__
_LOAD = select(_TRACKERS.c.state).where(_TRACKERS.c.conversation_id == bindparam("conversation_id"))
# In words of SQL, the same for SQLite and PostgreSQL: SQLAlchemy 1.4 composes its own form of it anew at every call.
_SAVE = text(
    "INSERT INTO trackers (conversation_id, state, saved_at) VALUES (:conversation_id, :state, :saved_at)"
    " ON CONFLICT (conversation_id) DO UPDATE SET state = excluded.state, saved_at = excluded.saved_at"
).bindparams(bindparam("saved_at", type_=Moment))


def load(session: Session, conversation_id: str) -> dict[str, Any] | None:
    """The stored state `{slots, active_loop, events}`, or None for a new conversation."""
    state = session.execute(_LOAD, {"conversation_id": conversation_id}).scalar_one_or_none()
    return None if state is None else json.loads(state)


def save(session: Session, conversation_id: str, state: Mapping[str, Any], now: datetime) -> None:
    """Store the state, replacing what was there."""
    row = {
        "conversation_id": conversation_id,
        "state": json.dumps(state, ensure_ascii=False, separators=(",", ":")),
        "saved_at": now,
    }
    session.execute(_SAVE, row)


def current_slots(session: Session, conversation_id: str) -> dict[str, Any]:
    """The slots as they stand now: those at the start of the stored tail, then what the tail set."""
    state = load(session, conversation_id)
    if state is None:
        return {}
    slots = dict(state["slots"])
    for event in state["events"]:
        if event["event"] == "slot":
            slots[event["name"]] = event["value"]
        elif event["event"] in ("reset_slots", "restart"):
            slots.clear()
    return slots


def recent_intents(session: Session, conversation_id: str) -> list[str]:
    """The intents of the visitor's last messages, oldest first, each once."""
    state = load(session, conversation_id) or {"events": []}
    understood = (event["parse_data"] for event in state["events"] if event["event"] == "user")
    names = ((parsed.get("intent") or {}).get("name") for parsed in understood)
    return list(dict.fromkeys(name for name in names if name))


def slot_values(session: Session, conversation_id: str, name: str) -> list[str]:
    """The texts a slot has held in the stored tail and at its start, oldest first, each once."""
    state = load(session, conversation_id) or {"slots": {}, "events": []}
    later = [event["value"] for event in state["events"] if event["event"] == "slot" and event["name"] == name]
    values = [state["slots"].get(name), *later]
    return list(dict.fromkeys(value for value in values if isinstance(value, str)))


def set_slots(session: Session, conversation_id: str, slots: Mapping[str, Any], now: datetime) -> None:
    """Set slots from outside Rasa, such as the page's language, before the next message is understood."""
    state = load(session, conversation_id) or {"slots": {}, "active_loop": None, "events": []}
    if state["events"]:
        at = now.timestamp()
        state["events"] += [
            {"event": "slot", "timestamp": at, "name": name, "value": value} for name, value in slots.items()
        ]
    else:
        state["slots"].update(slots)
    save(session, conversation_id, state, now)


def forget(session: Session, conversation_id: str) -> None:
    """Delete what Rasa remembers of the conversation."""
    session.execute(delete(Tracker).where(Tracker.conversation_id == conversation_id))
