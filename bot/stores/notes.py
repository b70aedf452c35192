"""Notes on a conversation, from specialist to specialist."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import iso
from bot.stores.conversations import get
from bot.stores.tables import Note, Specialist


def add(session: Session, conversation_id: str, specialist_id: int, text: str, now: datetime) -> dict[str, Any]:
    """Store a note and return it as `{id, text, created_at, specialist}`; raises LookupError for no conversation."""
    get(session, conversation_id)
    note = Note(conversation_id=conversation_id, specialist_id=specialist_id, text=text, created_at=now)
    session.add(note)
    session.flush()
    return _as_json(note, session.get(Specialist, specialist_id))


def of_conversation(session: Session, conversation_id: str) -> list[dict[str, Any]]:
    """The notes of a conversation, oldest first."""
    rows = session.execute(
        select(Note, Specialist)
        .join(Specialist, Specialist.id == Note.specialist_id)
        .where(Note.conversation_id == conversation_id)
        .order_by(Note.id)
    )
    return [_as_json(*row) for row in rows]


def _as_json(note: Note, specialist: Specialist) -> dict[str, Any]:
    return {
        "id": note.id,
        "text": note.text,
        "created_at": iso(note.created_at),
        "specialist": {"id": specialist.id, "alias": specialist.alias},
    }
