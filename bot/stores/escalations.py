"""Escalations: one row says who answers a conversation, the bot or a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.stores.tables import Escalation, Message, Specialist
from bot.stores.vocabulary import EscalationReason, EscalationState, Outcome, Program


class AlreadyTaken(Exception):
    """Somebody else has taken the escalation; `alias` says who."""

    def __init__(self, alias: str) -> None:
        super().__init__(alias)
        self.alias = alias


class NotActive(Exception):
    """The escalation is not active with this specialist, so it can't be answered or resolved by them."""


def open_for(session: Session, conversation_id: str) -> Escalation | None:
    """The escalation that is waiting or active for a conversation, or None when the bot answers."""
    return session.execute(
        select(Escalation).where(
            Escalation.conversation_id == conversation_id,
            Escalation.state != EscalationState.RESOLVED,
        )
    ).scalar_one_or_none()


def open_escalation(
    session: Session,
    conversation_id: str,
    *,
    reason: EscalationReason,
    language: str,
    program: Program | None,
    topic: str | None,
    summary: dict[str, Any],
    now: datetime,
) -> tuple[Escalation, bool]:
    """Open an escalation; returns it, and False instead of True when one was open already."""
    escalation = open_for(session, conversation_id)
    if escalation is not None:
        return escalation, False
    escalation = Escalation(
        conversation_id=conversation_id,
        state=EscalationState.WAITING,
        reason=reason,
        language=language,
        program=program,
        topic=topic,
        summary=summary,
        opened_at=now,
    )
    try:
        with session.begin_nested():
            session.add(escalation)
    except IntegrityError:
        # Another gateway opened one between the look and the insert; the index let only one stand.
        standing = open_for(session, conversation_id)
        if standing is None:
            raise
        return standing, False
    return escalation, True


def take(session: Session, escalation_id: int, specialist_id: int, now: datetime) -> Escalation:
    """Give a waiting escalation to a specialist; of two at once exactly one gets it."""
    taken = session.execute(
        update(Escalation)
        .where(Escalation.id == escalation_id, Escalation.state == EscalationState.WAITING)
        .values(state=EscalationState.ACTIVE, specialist_id=specialist_id, taken_at=now)
        .execution_options(synchronize_session=False)
    ).rowcount
    escalation = _get(session, escalation_id)
    if not taken and escalation.specialist_id != specialist_id:
        raise AlreadyTaken(_alias(session, escalation.specialist_id))
    if not taken and escalation.state == EscalationState.RESOLVED:
        raise NotActive
    return escalation


def resolve(session: Session, escalation_id: int, specialist_id: int, outcome: Outcome, now: datetime) -> Escalation:
    """End an escalation and give the conversation back to the bot; raises NotActive if it is not theirs."""
    resolved = session.execute(
        update(Escalation)
        .where(
            Escalation.id == escalation_id,
            Escalation.state == EscalationState.ACTIVE,
            Escalation.specialist_id == specialist_id,
        )
        .values(state=EscalationState.RESOLVED, outcome=outcome, resolved_at=now)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not resolved:
        raise NotActive
    return _get(session, escalation_id)


def take_over(session: Session, escalation_id: int, specialist_id: int) -> Escalation:
    """Give an active escalation to another specialist; raises NotActive when it is not active any more.

    `taken_at` stays: it says when the visitor's wait ended.
    """
    taken = session.execute(
        update(Escalation)
        .where(Escalation.id == escalation_id, Escalation.state == EscalationState.ACTIVE)
        .values(specialist_id=specialist_id)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not taken:
        raise NotActive
    return _get(session, escalation_id)


def leave(session: Session, conversation_id: str, now: datetime) -> Escalation | None:
    """End the open escalation of a conversation because its visitor left; returns it if there was one."""
    escalation = open_for(session, conversation_id)
    if escalation is not None:
        escalation.state = EscalationState.RESOLVED
        escalation.outcome = Outcome.LEFT
        escalation.resolved_at = now
        session.flush()
    return escalation


def active_with(session: Session, escalation_id: int, specialist_id: int) -> Escalation:
    """The escalation, if this specialist has it now; raises NotActive or LookupError."""
    escalation = _get(session, escalation_id)
    if escalation.state != EscalationState.ACTIVE or escalation.specialist_id != specialist_id:
        raise NotActive
    return escalation


def position(session: Session, escalation: Escalation) -> int:
    """How many escalations wait up to and including this one: 1 is next."""
    return session.execute(
        select(func.count())
        .select_from(Escalation)
        .where(Escalation.state == EscalationState.WAITING, Escalation.id <= escalation.id)
    ).scalar_one()


def waiting(session: Session) -> list[str]:
    """The conversations that wait for a person, the longest first."""
    return list(
        session.execute(
            select(Escalation.conversation_id)
            .where(Escalation.state == EscalationState.WAITING)
            .order_by(Escalation.id)
        ).scalars()
    )


def listing(session: Session) -> list[dict[str, Any]]:
    """Every open escalation as JSON with its newest message, the longest-waiting first."""
    rows = session.execute(_listing().where(Escalation.state != EscalationState.RESOLVED).order_by(Escalation.id))
    return [_as_json(*row) for row in rows]


def one(session: Session, escalation_id: int) -> dict[str, Any]:
    """One escalation as JSON; raises LookupError when there is none."""
    row = session.execute(_listing().where(Escalation.id == escalation_id)).one_or_none()
    if row is None:
        raise LookupError("no such escalation")
    return _as_json(*row)


def topics(session: Session, escalation_id: int) -> list[str]:
    """What the conversation had been about when the escalation was opened, oldest first."""
    return list((_get(session, escalation_id).summary or {}).get("topics") or [])


def _listing() -> Any:
    newest = (
        select(func.max(Message.seq))
        .where(Message.conversation_id == Escalation.conversation_id)
        .correlate(Escalation)
        .scalar_subquery()
    )
    return (
        select(Escalation, Specialist.alias, Message)
        .outerjoin(Specialist, Specialist.id == Escalation.specialist_id)
        .outerjoin(
            Message,
            and_(Message.conversation_id == Escalation.conversation_id, Message.seq == newest),
        )
    )


def _as_json(escalation: Escalation, alias: str | None, message: Message | None) -> dict[str, Any]:
    return {
        "id": escalation.id,
        "conversation_id": escalation.conversation_id,
        "state": str(escalation.state),
        "reason": str(escalation.reason),
        "topic": escalation.topic,
        "program": None if escalation.program is None else str(escalation.program),
        "language": escalation.language,
        "opened_at": _iso(escalation.opened_at),
        "taken_at": _iso(escalation.taken_at),
        "resolved_at": _iso(escalation.resolved_at),
        "outcome": None if escalation.outcome is None else str(escalation.outcome),
        "specialist": None if escalation.specialist_id is None else {"id": escalation.specialist_id, "alias": alias},
        "last_message": None
        if message is None
        else {"author": str(message.author), "text": message.text, "created_at": _iso(message.created_at)},
    }


def _get(session: Session, escalation_id: int) -> Escalation:
    escalation = session.get(Escalation, escalation_id, populate_existing=True)
    if escalation is None:
        raise LookupError("no such escalation")
    return escalation


def _alias(session: Session, specialist_id: int | None) -> str:
    specialist = None if specialist_id is None else session.get(Specialist, specialist_id)
    return "" if specialist is None else specialist.alias


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
