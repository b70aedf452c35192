"""Visitor's messages that were stored and not answered yet: what a gateway that dies leaves to the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from bot.stores.tables import Conversation, Message, OwedAnswer

# Built once: every message of every visitor runs them.
_OWED = OwedAnswer.__table__
_OWE = insert(_OWED).inline()
_SETTLE = delete(_OWED).where(_OWED.c.conversation_id == bindparam("conversation"), _OWED.c.seq == bindparam("number"))


@dataclass(frozen=True)
class Owed:
    """An answer that is owed to a message of `said_at`; `payload` is that of a button. See `tables.OwedAnswer`."""

    conversation_id: str
    seq: int
    text: str
    language: str
    payload: str | None
    check_only: bool
    begun_at: datetime
    said_at: datetime


def owe(
    session: Session, conversation_id: str, seq: int, payload: str | None, now: datetime, *, check_only: bool = False
) -> None:
    """Note that message `seq` waits for its answer."""
    row = {"conversation_id": conversation_id, "seq": seq, "payload": payload, "check_only": check_only}
    session.execute(_OWE, {**row, "begun_at": now})


def settle(session: Session, conversation_id: str, seq: int) -> bool:
    """The answer is stored in this transaction; False when somebody else has answered before."""
    return bool(session.execute(_SETTLE, {"conversation": conversation_id, "number": seq}).rowcount)


def lost(session: Session, now: datetime, patience: timedelta, *, limit: int) -> list[Owed]:
    """Answers begun longer than `patience` ago, the longest first; those that a person reads as well come last."""
    rows = session.execute(
        select(*OwedAnswer.__table__.columns, Message.text, Message.language, Message.created_at.label("said_at"))
        .join(Message, (Message.conversation_id == OwedAnswer.conversation_id) & (Message.seq == OwedAnswer.seq))
        .join(Conversation, Conversation.id == OwedAnswer.conversation_id)
        .where(_is_lost(now, patience), Conversation.ended_at.is_(None))
        .order_by(OwedAnswer.check_only, OwedAnswer.begun_at, OwedAnswer.seq)
        .limit(limit)
    ).mappings()
    return [Owed(**row) for row in rows]


def pick_up(session: Session, conversation_id: str, seq: int, now: datetime, patience: timedelta) -> bool:
    """Begin an answer anew that was begun longer than `patience` ago; of several at once only one does."""
    return bool(
        session.execute(
            update(OwedAnswer)
            .where(OwedAnswer.conversation_id == conversation_id, OwedAnswer.seq == seq, _is_lost(now, patience))
            .values(begun_at=now)
            .execution_options(synchronize_session=False)
        ).rowcount
    )


def put_back(session: Session, owed: Collection[tuple[str, int]], begun_at: datetime) -> None:
    """Let these answers be picked up at once: nobody works on them since `begun_at`."""
    for conversation_id, seq in owed:
        session.execute(
            update(OwedAnswer)
            .where(OwedAnswer.conversation_id == conversation_id, OwedAnswer.seq == seq)
            .values(begun_at=begun_at)
            .execution_options(synchronize_session=False)
        )


def forget(session: Session, conversation_id: str) -> None:
    """Nobody waits for answers in this conversation any more."""
    session.execute(
        delete(OwedAnswer)
        .where(OwedAnswer.conversation_id == conversation_id)
        .execution_options(synchronize_session=False)
    )


def _is_lost(now: datetime, patience: timedelta) -> Any:
    # What seems to begin in the future was begun before the clock was set back.
    return or_(OwedAnswer.begun_at <= now - patience, OwedAnswer.begun_at > now + patience)
