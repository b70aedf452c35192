"""Whether an answer from a card helped: one row a message, and what they add up to for each card."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.stores.tables import CardFeedback, Conversation, Message
from bot.stores.vocabulary import Author, FeedbackReason


@dataclass
class Tally:
    """What visitors said of one card; `reasons` counts why it did not help."""

    card_id: str
    yes: int = 0
    no: int = 0
    reasons: Counter[FeedbackReason] = field(default_factory=Counter)


def give(
    session: Session,
    conversation_id: str,
    seq: int,
    *,
    helpful: bool,
    reason: FeedbackReason | None,
    now: datetime,
) -> dict[str, Any] | None:
    """Store whether message `seq` helped, in place of what was said before; returns it as JSON.

    None when the conversation has no such message, or when it is not an answer from a card. A reason is
    kept only for an answer that did not help.
    """
    # Touching the conversation's row first makes two answers to one question wait for each other.
    session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(next_seq=Conversation.next_seq)
        .execution_options(synchronize_session=False)
    )
    message = session.get(Message, (conversation_id, seq))
    if message is None or message.author is not Author.BOT or not card_of(message.source):
        return None
    row = session.execute(
        select(CardFeedback).where(CardFeedback.conversation_id == conversation_id, CardFeedback.seq == seq)
    ).scalar_one_or_none()
    if row is None:
        row = CardFeedback(conversation_id=conversation_id, seq=seq)
        session.add(row)
    row.card_id = card_of(message.source)
    row.language = message.language
    row.helpful = helpful
    row.reason = None if helpful else reason
    row.created_at = now
    session.flush()
    return as_json(row.helpful, row.reason)


def tallies(session: Session) -> list[Tally]:
    """What was said of each card, the least helpful first."""
    rows = session.execute(
        select(CardFeedback.card_id, CardFeedback.helpful, CardFeedback.reason, func.count()).group_by(
            CardFeedback.card_id, CardFeedback.helpful, CardFeedback.reason
        )
    )
    found: dict[str, Tally] = {}
    for card_id, helpful, reason, count in rows:
        tally = found.setdefault(card_id, Tally(card_id))
        if helpful:
            tally.yes += count
        else:
            tally.no += count
            if reason is not None:
                tally.reasons[reason] += count
    return sorted(found.values(), key=lambda tally: (-tally.no, tally.yes, tally.card_id))


def card_of(source: Any) -> str | None:
    """The id of the answer card a message's source names, or None."""
    return source.get("card") if isinstance(source, dict) else None


def as_json(helpful: bool, reason: FeedbackReason | None) -> dict[str, Any]:
    """What was said of one answer, as clients get it."""
    return {"helpful": helpful, **({"reason": str(reason)} if reason is not None else {})}
