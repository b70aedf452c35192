"""Escalations: one row says who answers a conversation, the bot or a person."""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bot.clock import iso, iso_or_none
from bot.stores.routing import IN_LINE, NO_OFFER, end_offer
from bot.stores.tables import ClaimRead, Conversation, Escalation, Message, Specialist
from bot.stores.vocabulary import (
    Author,
    EscalationReason,
    EscalationState,
    OfferOutcome,
    Outcome,
    Priority,
    Program,
)

# An expected wait is the middle half of so many comparable waits, of so many days at most; fewer tell nothing.
WAITS_COMPARED = 50
FEWEST_WAITS = 5
WAITS_KEPT = timedelta(days=7)
# Letters and digits that are not taken for one another when a reference is read out.
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_TAKABLE = (*IN_LINE, EscalationState.CALLBACK)
# Built once: every message of every visitor asks the first, and everybody in line the others, again and again.
_ESCALATIONS = Escalation.__table__
_OPEN_FOR = select(_ESCALATIONS.c.id).where(
    _ESCALATIONS.c.conversation_id == bindparam("conversation"),
    _ESCALATIONS.c.state != EscalationState.RESOLVED,
)
_EARLIER = or_(
    _ESCALATIONS.c.opened_at < bindparam("opened_at"),
    and_(_ESCALATIONS.c.opened_at == bindparam("opened_at"), _ESCALATIONS.c.id <= bindparam("number")),
)
_AHEAD = or_(
    _ESCALATIONS.c.priority < bindparam("priority"),
    and_(_ESCALATIONS.c.priority == bindparam("priority"), _EARLIER),
)
_POSITION = select(func.count()).select_from(_ESCALATIONS).where(_ESCALATIONS.c.state.in_(IN_LINE), _AHEAD)
_WAITS = (
    select(_ESCALATIONS.c.waited_seconds)
    .where(
        _ESCALATIONS.c.priority == bindparam("priority"),
        _ESCALATIONS.c.language == bindparam("language"),
        _ESCALATIONS.c.waited_seconds.is_not(None),
        _ESCALATIONS.c.opened_at >= bindparam("since"),
    )
    .order_by(_ESCALATIONS.c.opened_at.desc())
    .limit(WAITS_COMPARED)
)


class AlreadyTaken(Exception):
    """Somebody else has taken the escalation; `alias` says who."""

    def __init__(self, alias: str) -> None:
        super().__init__(alias)
        self.alias = alias


class NotActive(Exception):
    """The escalation is not active with this specialist, so it can't be answered or resolved by them."""


@dataclass(frozen=True)
class Waiting:
    """Somebody in the queue, as they are told about it."""

    conversation_id: str
    position: int
    priority: int
    language: str


def open_for(session: Session, conversation_id: str) -> Escalation | None:
    """The escalation of a conversation that is not resolved, or None; a `callback` leaves the bot answering."""
    number = _ask(session, _OPEN_FOR, conversation=conversation_id).scalar_one_or_none()
    return None if number is None else session.get(Escalation, number)


def is_with_person(escalation: Escalation | None) -> bool:
    """Whether a person answers or will answer here, so that the bot stays quiet; a message left is no such promise."""
    return escalation is not None and escalation.state != EscalationState.CALLBACK


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
    priority: Priority = Priority.USUAL,
    is_message: bool = False,
) -> tuple[Escalation, bool]:
    """Open an escalation; returns it, and False instead of True when one was open already.

    With `is_message` it is a message left for later, with a reference to name it by.
    """
    escalation = open_for(session, conversation_id)
    if escalation is not None:
        return escalation, False
    escalation = Escalation(
        conversation_id=conversation_id,
        state=EscalationState.CALLBACK if is_message else EscalationState.WAITING,
        priority=int(priority),
        reference=_new_reference(session) if is_message else None,
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
    """Give a waiting, offered or left one to a specialist, whoever it was offered to; of two at once one gets it.

    Raises AlreadyTaken when a colleague has it, NotActive when it is over.
    """
    before = _get(session, escalation_id)
    values: dict[str, Any] = {"state": EscalationState.ACTIVE, "specialist_id": specialist_id, "taken_at": now}
    if before.state in IN_LINE and before.taken_at is None:
        # What others are told to expect is measured on first waits only.
        values["waited_seconds"] = max(0, int((now - before.opened_at).total_seconds()))
    taken = session.execute(
        update(Escalation)
        .where(Escalation.id == escalation_id, Escalation.state.in_(_TAKABLE))
        .values(**values, **NO_OFFER)
        .execution_options(synchronize_session=False)
    ).rowcount
    escalation = _get(session, escalation_id)
    if taken:
        end_offer(session, escalation_id, OfferOutcome.WITHDRAWN, now, taken_by=specialist_id)
    elif escalation.specialist_id is not None and escalation.specialist_id != specialist_id:
        raise AlreadyTaken(_alias(session, escalation.specialist_id))
    elif escalation.state == EscalationState.RESOLVED:
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
        _withdraw(session, escalation, now)
    return escalation


def give_up(session: Session, conversation_id: str, now: datetime) -> Escalation | None:
    """The visitor waits no longer; returns the escalation, or None when nobody was being waited for.

    A message they had left before stays open.
    """
    escalation = _in_line(session, conversation_id)
    if escalation is None:
        return None
    if escalation.reference is not None:
        escalation.state = EscalationState.CALLBACK
    else:
        escalation.state = EscalationState.RESOLVED
        escalation.outcome = Outcome.GAVE_UP
        escalation.resolved_at = now
    _withdraw(session, escalation, now)
    return escalation


def leave_message(session: Session, conversation_id: str, now: datetime) -> Escalation | None:
    """Turn waiting into a message left for later; None when nobody was being waited for."""
    escalation = _in_line(session, conversation_id)
    if escalation is None:
        return None
    escalation.state = EscalationState.CALLBACK
    escalation.reference = escalation.reference or _new_reference(session)
    _withdraw(session, escalation, now)
    return escalation


def wait_again(session: Session, escalation: Escalation, reason: EscalationReason, now: datetime) -> None:
    """The visitor who left a message is back and wants to wait for a person now."""
    escalation.state = EscalationState.WAITING
    escalation.reason = reason
    escalation.opened_at = now
    escalation.told_closed_at = None
    session.flush()


def set_priority(session: Session, escalation: Escalation, priority: Priority) -> bool:
    """Move an escalation forward in the queue, never back; False when nothing changed."""
    if int(priority) >= escalation.priority:
        return False
    escalation.priority = int(priority)
    session.flush()
    return True


def active_with(session: Session, escalation_id: int, specialist_id: int) -> Escalation:
    """The escalation, if this specialist has it now; raises NotActive or LookupError."""
    escalation = _get(session, escalation_id)
    if escalation.state != EscalationState.ACTIVE or escalation.specialist_id != specialist_id:
        raise NotActive
    return escalation


def position(session: Session, escalation: Escalation) -> int:
    """How many escalations are served up to and including this one: 1 is next."""
    asked = {"priority": escalation.priority, "opened_at": escalation.opened_at, "number": escalation.id}
    return int(_ask(session, _POSITION, **asked).scalar_one())


def queue(session: Session) -> list[Waiting]:
    """Everybody who waits for a person, in the order they are served."""
    rows = session.execute(
        select(Escalation.conversation_id, Escalation.priority, Escalation.language)
        .where(Escalation.state.in_(IN_LINE))
        .order_by(Escalation.priority, Escalation.opened_at, Escalation.id)
    )
    return [Waiting(row.conversation_id, at, row.priority, row.language) for at, row in enumerate(rows, start=1)]


def expected_wait(session: Session, priority: int, language: str, now: datetime) -> tuple[int, int] | None:
    """The middle half of the newest comparable waits, in whole minutes; None when there are too few to say."""
    since = now - WAITS_KEPT
    seconds: Sequence[int] = _ask(session, _WAITS, priority=priority, language=language, since=since).scalars().all()
    if len(seconds) < FEWEST_WAITS:
        return None
    low, _, high = statistics.quantiles(seconds, n=4, method="inclusive")
    # Rounded outwards, so that no wait in the range is left out of its words.
    return int(low // 60), max(1, -int(-high // 60))


def listing(session: Session) -> list[dict[str, Any]]:
    """Every open escalation as JSON with its newest message, the longest-waiting first."""
    # In the order of `id` SQLite would read the table through, with every escalation that is over.
    order = Escalation.opened_at, Escalation.id
    rows = session.execute(_listing().where(Escalation.state != EscalationState.RESOLVED).order_by(*order))
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


def earlier_about(session: Session, claim_id: int, conversation_id: str, *, most: int) -> list[dict[str, Any]]:
    """Other conversations that the same claim was proven in, the newest first, without what was said.

    The audit table remembers them after the proof has died; a conversation its visitor erased is left out.
    """
    about = (
        select(ClaimRead.conversation_id)
        .where(
            ClaimRead.claim_id == claim_id,
            ClaimRead.conversation_id.is_not(None),
            ClaimRead.conversation_id != conversation_id,
        )
        .distinct()
    )
    rows = session.execute(
        select(Conversation)
        .where(Conversation.id.in_(about), Conversation.ended_at.is_(None))
        .order_by(Conversation.last_message_at.desc())
        .limit(most)
    ).scalars()
    return [
        {
            "begun_at": iso(row.created_at),
            "last_message_at": iso(row.last_message_at),
            "escalations": [
                {
                    "reason": str(one.reason),
                    "topic": one.topic,
                    "outcome": None if one.outcome is None else str(one.outcome),
                }
                for one in session.execute(
                    select(Escalation).where(Escalation.conversation_id == row.id).order_by(Escalation.id)
                ).scalars()
            ],
        }
        for row in rows
    ]


_Offered = aliased(Specialist)
_TransferredBy = aliased(Specialist)
_LastSaid = aliased(Message)


def _newest(*conditions: Any) -> Any:
    return (
        select(func.max(Message.seq))
        .where(Message.conversation_id == Escalation.conversation_id, *conditions)
        .correlate(Escalation)
        .scalar_subquery()
    )


def _listing() -> Any:
    by_visitor = _newest(Message.author == Author.VISITOR)
    same = Escalation.conversation_id
    return (
        select(
            Escalation,
            Specialist.alias,
            _Offered.alias.label("offered_to"),
            _TransferredBy.alias.label("transferred_by"),
            Message,
            _LastSaid,
        )
        .outerjoin(Specialist, Specialist.id == Escalation.specialist_id)
        .outerjoin(_Offered, _Offered.id == Escalation.offered_to_id)
        .outerjoin(_TransferredBy, _TransferredBy.id == Escalation.transferred_by_id)
        .outerjoin(Message, and_(Message.conversation_id == same, Message.seq == _newest()))
        .outerjoin(_LastSaid, and_(_LastSaid.conversation_id == same, _LastSaid.seq == by_visitor))
        # The changes here are made by UPDATE, past the objects a session may already hold.
        .execution_options(populate_existing=True)
    )


def _as_json(
    escalation: Escalation,
    alias: str | None,
    offered_to: str | None,
    transferred_by: str | None,
    message: Message | None,
    said: Message | None,
) -> dict[str, Any]:
    return {
        "id": escalation.id,
        "conversation_id": escalation.conversation_id,
        "state": str(escalation.state),
        "reason": str(escalation.reason),
        "priority": str(Priority(escalation.priority)),
        "topic": escalation.topic,
        "program": None if escalation.program is None else str(escalation.program),
        "language": escalation.language,
        "reference": escalation.reference,
        "opened_at": iso(escalation.opened_at),
        "taken_at": iso_or_none(escalation.taken_at),
        "resolved_at": iso_or_none(escalation.resolved_at),
        "outcome": None if escalation.outcome is None else str(escalation.outcome),
        "specialist": None if escalation.specialist_id is None else {"id": escalation.specialist_id, "alias": alias},
        "offer": None
        if escalation.offered_to_id is None
        else {"id": escalation.offered_to_id, "alias": offered_to, "ends_at": iso_or_none(escalation.offer_ends_at)},
        "transfer": None
        if escalation.transferred_by_id is None
        else {"by": transferred_by, "note": escalation.transfer_note},
        "last_message": _line(message),
        "last_visitor_message": _line(said),
    }


def _line(message: Message | None) -> dict[str, Any] | None:
    if message is None:
        return None
    # The queue is seen by every specialist, a claim by the one who has the conversation.
    text = "" if message.private else message.text
    return {"author": str(message.author), "text": text, "created_at": iso(message.created_at)}


def _in_line(session: Session, conversation_id: str) -> Escalation | None:
    # The row is locked, so that a specialist who takes it now is either before this or after it.
    return session.execute(
        select(Escalation)
        .where(Escalation.conversation_id == conversation_id, Escalation.state.in_(IN_LINE))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _withdraw(session: Session, escalation: Escalation, now: datetime) -> None:
    escalation.offered_to_id = None
    escalation.offer_ends_at = None
    session.flush()
    end_offer(session, escalation.id, OfferOutcome.WITHDRAWN, now)


def _new_reference(session: Session) -> str:
    while True:
        reference = "M-" + "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(6))
        if session.execute(select(Escalation.id).where(Escalation.reference == reference)).first() is None:
            return reference


def _get(session: Session, escalation_id: int) -> Escalation:
    escalation = session.get(Escalation, escalation_id, populate_existing=True)
    if escalation is None:
        raise LookupError("no such escalation")
    return escalation


def _alias(session: Session, specialist_id: int | None) -> str:
    specialist = None if specialist_id is None else session.get(Specialist, specialist_id)
    return "" if specialist is None else specialist.alias


def _ask(session: Session, statement: Any, **asked: Any) -> Any:
    """The rows of a statement on tables, which unlike one on classes does not write first what the session changed."""
    session.flush()
    return session.execute(statement, asked)
