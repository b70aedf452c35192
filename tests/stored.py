"""Rows that tests put into a database through the product's own stores, or find among the demo claims."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.stores import conversations, escalations, specialists
from bot.stores.conversations import Opened
from bot.stores.tables import Claim, Claimant, Escalation
from bot.stores.vocabulary import ClaimStatus, EscalationReason, Role
from tests.conftest import Served


def a_conversation(session: Session, now: datetime) -> Opened:
    """A conversation in English, of no program, in which nothing was said yet."""
    return conversations.open_conversation(session, locale="en", program=None, now=now)


def an_escalation(session: Session, conversation_id: str, now: datetime, **different: Any) -> Escalation:
    """A visitor who asked for a person, in English and about no program; the standing one where they asked before."""
    usual = {"reason": EscalationReason.ASKED, "language": "en", "program": None, "topic": None, "summary": {}}
    escalation, _is_new = escalations.open_escalation(session, conversation_id, now=now, **{**usual, **different})
    return escalation


def a_specialist(session: Session, login: str, now: datetime) -> int:
    """The id of a new specialist, whose alias is the login with a capital; nobody signs in with the password."""
    one = specialists.add(
        session, login=login, alias=login.title(), role=Role.SPECIALIST, password="a long password", now=now
    )
    return int(one.id)


def claim_with(served: Served, status: ClaimStatus, skip: int = 0) -> tuple[str, str, int]:
    """Claim number, birth date and id of a demo claim with this status."""
    with served.transaction() as session:
        row = session.execute(
            select(Claim.claim_number, Claimant.born_on, Claim.id)
            .join(Claimant, Claimant.id == Claim.claimant_id)
            .where(Claim.status == status)
            .order_by(Claim.id)
            .offset(skip)
        ).first()
    assert row is not None
    return row[0], row[1].isoformat(), row[2]
