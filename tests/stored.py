"""Rows as the product's own stores write them, for tests of what comes after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.stores import conversations, escalations, specialists
from bot.stores.conversations import Opened
from bot.stores.tables import Escalation
from bot.stores.vocabulary import EscalationReason, Role


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
