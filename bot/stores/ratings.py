"""What visitors thought of a specialist's help: one rating for each resolved escalation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.stores.tables import Escalation, Rating
from bot.stores.vocabulary import EscalationState, Outcome

BEST = 5


class NothingToRate(Exception):
    """No specialist has helped in this conversation yet."""


def rate(session: Session, conversation_id: str, stars: int, words: str | None, now: datetime) -> bool:
    """Rate the last help in a conversation; a second rating replaces the first. Returns whether it is the first.

    Raises NothingToRate when no specialist has given the conversation back.
    """
    escalation_id = session.execute(
        select(Escalation.id)
        .where(
            Escalation.conversation_id == conversation_id,
            Escalation.state == EscalationState.RESOLVED,
            Escalation.outcome.not_in((Outcome.LEFT, Outcome.GAVE_UP)),
            Escalation.taken_at.is_not(None),
        )
        .order_by(Escalation.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if escalation_id is None:
        raise NothingToRate
    rating = session.get(Rating, escalation_id)
    is_first = rating is None
    if rating is None:
        rating = Rating(escalation_id=escalation_id)
        session.add(rating)
    rating.stars, rating.words, rating.rated_at = stars, words, now
    session.flush()
    return is_first
