"""Offers, presence and skills: what routing reads from the tables and what it writes to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session

from bot.routing import InLine, Offer, OnDuty
from bot.stores.tables import Escalation, EscalationOffer, Message, SkillChange, Specialist
from bot.stores.vocabulary import (
    Author,
    Availability,
    EscalationState,
    OfferOutcome,
    Priority,
    Program,
)

IN_LINE = (EscalationState.WAITING, EscalationState.OFFERED)
_GIVEN_BACK = (OfferOutcome.DECLINED, OfferOutcome.EXPIRED, OfferOutcome.TRANSFERRED, OfferOutcome.DROPPED)


@dataclass(frozen=True)
class Dropped:
    """An escalation whose specialist has gone, and the state it is in now."""

    id: int
    conversation_id: str
    language: str
    specialist_id: int
    alias: str
    state: EscalationState


def one_turn_at_a_time(session: Session) -> None:
    """Let gateways route one after the other: the lock ends with the transaction.

    SQLite needs nothing here: its one writer at a time is chosen when a transaction begins.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('routing', 0))"))


def seen(session: Session, specialist_id: int, now: datetime) -> None:
    """A specialist's console gave a sign of life."""
    session.execute(
        update(Specialist)
        .where(Specialist.id == specialist_id, or_(Specialist.seen_at.is_(None), Specialist.seen_at < now))
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def set_availability(session: Session, specialist_id: int, availability: Availability) -> None:
    """Begin or stop to offer waiting conversations to a specialist."""
    session.execute(
        update(Specialist)
        .where(Specialist.id == specialist_id)
        .values(availability=availability)
        .execution_options(synchronize_session=False)
    )


def id_of(session: Session, login: str) -> int:
    """The specialist with this login; raises LookupError when there is none."""
    specialist_id = session.execute(select(Specialist.id).where(Specialist.login == login)).scalar_one_or_none()
    if specialist_id is None:
        raise LookupError(f"There is no specialist with the login '{login}'.")
    return int(specialist_id)


def set_skills(
    session: Session,
    specialist_id: int,
    *,
    programs: Sequence[Program] | None,
    languages: Sequence[str] | None,
    capacity: int,
) -> None:
    """What a specialist can help with (None: everything) and how many conversations they are offered at once."""
    session.execute(
        update(Specialist)
        .where(Specialist.id == specialist_id)
        .values(
            programs=None if programs is None else [str(program) for program in programs],
            languages=None if languages is None else list(languages),
            capacity=capacity,
        )
        .execution_options(synchronize_session=False)
    )


def skills(session: Session, specialist_id: int | None = None) -> list[dict[str, Any]]:
    """What each open account (or this one) is offered: `{id, alias, role, programs, languages, capacity}`, by alias."""
    statement = select(Specialist).where(Specialist.disabled_at.is_(None))
    if specialist_id is not None:
        statement = statement.where(Specialist.id == specialist_id)
    return [
        {"id": one.id, "alias": one.alias, "role": str(one.role), **_skills(one)}
        for one in session.execute(statement.order_by(Specialist.alias, Specialist.id)).scalars()
    ]


def change_skills(
    session: Session,
    specialist_id: int,
    *,
    programs: Sequence[Program] | None,
    languages: Sequence[str] | None,
    capacity: int,
    changed_by_id: int | None,
    now: datetime,
) -> None:
    """As `set_skills`, with a row that says who changed what (None: the command line); raises LookupError."""
    specialist = session.get(Specialist, specialist_id, populate_existing=True)
    if specialist is None or specialist.disabled_at is not None:
        raise LookupError("no such account")
    before = _skills(specialist)
    set_skills(session, specialist_id, programs=programs, languages=languages, capacity=capacity)
    session.refresh(specialist)
    after = _skills(specialist)
    if after != before:
        session.add(
            SkillChange(
                specialist_id=specialist_id, changed_by_id=changed_by_id, before=before, after=after, changed_at=now
            )
        )


def _skills(specialist: Specialist) -> dict[str, Any]:
    return {
        "programs": specialist.programs,
        "languages": specialist.languages,
        "capacity": specialist.capacity,
    }


def on_duty(session: Session, seen_since: datetime) -> list[OnDuty]:
    """The available specialists whose consoles gave a sign of life since then."""
    rows = session.execute(
        select(Specialist.id, Specialist.capacity, Specialist.programs, Specialist.languages).where(
            Specialist.disabled_at.is_(None),
            Specialist.availability == Availability.AVAILABLE,
            Specialist.seen_at >= seen_since,
        )
    ).all()
    loads = _loads(session)
    offered = set(
        session.execute(select(Escalation.offered_to_id).where(Escalation.state == EscalationState.OFFERED)).scalars()
    )
    asked = dict(
        session.execute(
            select(EscalationOffer.specialist_id, func.max(EscalationOffer.offered_at))
            .where(EscalationOffer.specialist_id.in_([row.id for row in rows]))
            .group_by(EscalationOffer.specialist_id)
        ).all()
    )
    return [
        OnDuty(
            id=row.id,
            capacity=row.capacity,
            load=loads[row.id],
            has_offer=row.id in offered,
            programs=None if row.programs is None else frozenset(row.programs),
            languages=None if row.languages is None else frozenset(row.languages),
            last_offer=asked.get(row.id),
        )
        for row in rows
    ]


def colleagues(session: Session, seen_since: datetime) -> list[dict[str, Any]]:
    """Every account that is open, as JSON: who could take over a conversation, and how busy they are."""
    loads = _loads(session)
    return [
        {
            "id": row.id,
            "alias": row.alias,
            "available": row.availability == Availability.AVAILABLE
            and row.seen_at is not None
            and row.seen_at >= seen_since,
            "programs": row.programs,
            "languages": row.languages,
            "load": loads[row.id],
            "capacity": row.capacity,
        }
        for row in session.execute(
            select(Specialist).where(Specialist.disabled_at.is_(None)).order_by(Specialist.alias, Specialist.id)
        ).scalars()
    ]


def in_line(session: Session) -> list[InLine]:
    """Everybody who waits without an offer."""
    rows = session.execute(
        select(Escalation.id, Escalation.priority, Escalation.opened_at, Escalation.program, Escalation.language).where(
            Escalation.state == EscalationState.WAITING
        )
    ).all()
    passed: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    given_back = session.execute(
        select(EscalationOffer.escalation_id, EscalationOffer.specialist_id, func.max(EscalationOffer.ended_at))
        .join(Escalation, Escalation.id == EscalationOffer.escalation_id)
        .where(Escalation.state == EscalationState.WAITING, EscalationOffer.outcome.in_(_GIVEN_BACK))
        .group_by(EscalationOffer.escalation_id, EscalationOffer.specialist_id)
    )
    for escalation_id, specialist_id, ended_at in given_back:
        passed[escalation_id][specialist_id] = ended_at
    return [
        InLine(
            id=row.id,
            priority=row.priority,
            since=row.opened_at,
            language=row.language,
            program=None if row.program is None else str(row.program),
            passed=passed[row.id],
        )
        for row in rows
    ]


def needs_turn(session: Session, now: datetime, *, dropped_before: datetime) -> bool:
    """Whether anybody waits, an offer has run out, or a specialist has gone from a conversation."""
    return bool(
        session.execute(
            select(Escalation.id)
            .outerjoin(Specialist, Specialist.id == Escalation.specialist_id)
            .where(
                or_(
                    Escalation.state == EscalationState.WAITING,
                    (Escalation.state == EscalationState.OFFERED) & (Escalation.offer_ends_at <= now),
                    (Escalation.state == EscalationState.ACTIVE) & _gone(dropped_before),
                )
            )
            .limit(1)
        ).first()
    )


def make(session: Session, offer: Offer, now: datetime, ends_at: datetime) -> bool:
    """Offer a waiting escalation; False when it no longer waits."""
    changed = _change(
        session,
        offer.escalation_id,
        (EscalationState.WAITING,),
        state=EscalationState.OFFERED,
        offered_to_id=offer.specialist_id,
        offer_ends_at=ends_at,
    )
    if changed:
        session.add(
            EscalationOffer(escalation_id=offer.escalation_id, specialist_id=offer.specialist_id, offered_at=now)
        )
        session.flush()
    return changed


def offered_to(session: Session, specialist_id: int) -> list[int]:
    """What is offered to a specialist now."""
    return list(
        session.execute(
            select(Escalation.id).where(
                Escalation.state == EscalationState.OFFERED, Escalation.offered_to_id == specialist_id
            )
        ).scalars()
    )


def decline(session: Session, escalation_id: int, specialist_id: int, now: datetime) -> bool:
    """A specialist lets their offer go by; False when it is not theirs (any more)."""
    changed = _change(
        session,
        escalation_id,
        (EscalationState.OFFERED,),
        Escalation.offered_to_id == specialist_id,
        state=EscalationState.WAITING,
        **NO_OFFER,
    )
    if changed:
        end_offer(session, escalation_id, OfferOutcome.DECLINED, now)
    return changed


def expire(session: Session, now: datetime) -> list[int]:
    """Take back the offers nobody answered in time; returns the escalations that wait again."""
    ids = list(
        session.execute(
            select(Escalation.id).where(Escalation.state == EscalationState.OFFERED, Escalation.offer_ends_at <= now)
        ).scalars()
    )
    moved = [
        one
        for one in ids
        if _change(
            session,
            one,
            (EscalationState.OFFERED,),
            Escalation.offer_ends_at <= now,
            state=EscalationState.WAITING,
            **NO_OFFER,
        )
    ]
    for one in moved:
        end_offer(session, one, OfferOutcome.EXPIRED, now)
    return moved


def drop(session: Session, now: datetime, *, dropped_before: datetime) -> list[Dropped]:
    """Take conversations back from specialists who have gone: they wait again, before all but a crisis.

    An answer to a left message that the visitor is not there for goes back to the messages.
    """
    rows = session.execute(
        select(Escalation, Specialist.alias)
        .join(Specialist, Specialist.id == Escalation.specialist_id)
        .where(Escalation.state == EscalationState.ACTIVE, _gone(dropped_before))
        .execution_options(populate_existing=True)
    ).all()
    moved = []
    for escalation, alias in rows:
        gone_id = escalation.specialist_id
        state = EscalationState.WAITING
        if escalation.reference is not None and not _wrote_since(session, escalation):
            state = EscalationState.CALLBACK
        if _change(
            session,
            escalation.id,
            (EscalationState.ACTIVE,),
            Escalation.specialist_id == gone_id,
            state=state,
            specialist_id=None,
            priority=min(escalation.priority, int(Priority.RETURNED)),
        ):
            record(session, escalation.id, gone_id, OfferOutcome.DROPPED, now)
            moved.append(Dropped(escalation.id, escalation.conversation_id, escalation.language, gone_id, alias, state))
    return moved


def tell_closed(session: Session, now: datetime) -> list[Escalation]:
    """Those who wait, were not told yet that nobody is here any more, and are not in danger; told from now on."""
    waiting = (
        session.execute(
            select(Escalation)
            .where(
                Escalation.state == EscalationState.WAITING,
                Escalation.priority > int(Priority.CRISIS),
                Escalation.told_closed_at.is_(None),
            )
            .order_by(Escalation.id)
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )
    for escalation in waiting:
        escalation.told_closed_at = now
    session.flush()
    return list(waiting)


def transfer(
    session: Session,
    escalation_id: int,
    specialist_id: int,
    *,
    note: str,
    to_id: int | None,
    program: Program | None,
    language: str | None,
    now: datetime,
    ends_at: datetime,
) -> bool:
    """Pass an active escalation on: offered to one colleague, or waiting for a skill; False if it is not theirs."""
    escalation = session.get(Escalation, escalation_id, populate_existing=True)
    if escalation is None:
        raise LookupError("no such escalation")
    values: dict[str, Any] = {
        "state": EscalationState.WAITING,
        "specialist_id": None,
        "transfer_note": note,
        "transferred_by_id": specialist_id,
        "priority": min(escalation.priority, int(Priority.RETURNED)),
    }
    if to_id is not None:
        values |= {"state": EscalationState.OFFERED, "offered_to_id": to_id, "offer_ends_at": ends_at}
    if program is not None:
        values["program"] = program
    if language is not None:
        values["language"] = language
    changed = _change(
        session,
        escalation_id,
        (EscalationState.ACTIVE,),
        Escalation.specialist_id == specialist_id,
        **values,
    )
    if changed:
        record(session, escalation_id, specialist_id, OfferOutcome.TRANSFERRED, now)
        if to_id is not None:
            session.add(EscalationOffer(escalation_id=escalation_id, specialist_id=to_id, offered_at=now))
            session.flush()
    return changed


def end_offer(
    session: Session, escalation_id: int, outcome: OfferOutcome, now: datetime, *, taken_by: int | None = None
) -> None:
    """Close the open offer of an escalation, if there is one; taken by whom it was made to, it is accepted."""
    offer = session.execute(
        select(EscalationOffer)
        .where(EscalationOffer.escalation_id == escalation_id, EscalationOffer.ended_at.is_(None))
        .order_by(EscalationOffer.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if offer is None:
        return
    offer.outcome = OfferOutcome.ACCEPTED if taken_by == offer.specialist_id else outcome
    offer.ended_at = now
    session.flush()


def record(session: Session, escalation_id: int, specialist_id: int, outcome: OfferOutcome, now: datetime) -> None:
    """Remember that a specialist no longer has an escalation, so that it is not offered to them again at once."""
    session.add(
        EscalationOffer(
            escalation_id=escalation_id, specialist_id=specialist_id, outcome=outcome, offered_at=now, ended_at=now
        )
    )
    session.flush()


NO_OFFER: dict[str, Any] = {"offered_to_id": None, "offer_ends_at": None}


def _gone(dropped_before: datetime) -> Any:
    # Taking and answering count as signs of life, so nobody is gone who was never seen.
    return Specialist.seen_at < dropped_before


def _change(
    session: Session, escalation_id: int, states: tuple[EscalationState, ...], *conditions: Any, **values: Any
) -> bool:
    """Change an escalation that is in one of these states; False when somebody else was first."""
    return bool(
        session.execute(
            update(Escalation)
            .where(Escalation.id == escalation_id, Escalation.state.in_(states), *conditions)
            .values(**values)
            .execution_options(synchronize_session=False)
        ).rowcount
    )


def _loads(session: Session) -> defaultdict[int, int]:
    """How many conversations and open offers each specialist has."""
    loads: defaultdict[int, int] = defaultdict(int)
    for column, state in (
        (Escalation.specialist_id, EscalationState.ACTIVE),
        (Escalation.offered_to_id, EscalationState.OFFERED),
    ):
        for specialist_id, count in session.execute(
            select(column, func.count()).where(Escalation.state == state).group_by(column)
        ):
            loads[specialist_id] += count
    return loads


def _wrote_since(session: Session, escalation: Escalation) -> bool:
    return (
        session.execute(
            select(Message.seq)
            .where(
                Message.conversation_id == escalation.conversation_id,
                Message.author == Author.VISITOR,
                Message.created_at >= escalation.taken_at,
            )
            .limit(1)
        ).first()
        is not None
    )


def fresh_since(now: datetime, drop_off_seconds: float) -> datetime:
    """Since when a console must have given a sign of life for its specialist to be offered anybody."""
    return now - timedelta(seconds=drop_off_seconds / 3)
