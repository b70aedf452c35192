"""What a supervisor sees at a glance: who waits, who talks, and how much each specialist has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import iso, iso_or_none
from bot.stores import escalations
from bot.stores.routing import IN_LINE
from bot.stores.tables import Escalation, Message, Specialist
from bot.stores.vocabulary import Author, EscalationState


def board(session: Session, since: datetime) -> dict[str, Any]:
    """The board as JSON; `since` is where "today" begins.

    `{waiting, left, active, longest_wait_since, escalations: [E + owed_since], specialists: [{id, alias, role,
    active, resolved_today, last_seen_at}]}`; `left` counts messages left for later, whose visitors do not wait;
    `owed_since` is the moment of the first visitor's message that no specialist has answered yet, for active ones.
    """
    open_now = escalations.listing(session)
    owed = _owed(session)
    for one in open_now:
        one["owed_since"] = owed.get(one["conversation_id"])
    waiting = [one for one in open_now if one["state"] in IN_LINE]
    return {
        "waiting": len(waiting),
        "left": sum(one["state"] == EscalationState.CALLBACK for one in open_now),
        "active": sum(one["state"] == EscalationState.ACTIVE for one in open_now),
        "longest_wait_since": min((one["opened_at"] for one in waiting), default=None),
        "escalations": open_now,
        "specialists": _specialists(session, since),
    }


def _owed(session: Session) -> dict[str, str]:
    """Conversation -> the first visitor's message after the last one of a specialist, in active escalations."""
    answered = (
        select(func.max(Message.seq))
        .where(Message.conversation_id == Escalation.conversation_id, Message.author == Author.SPECIALIST)
        .correlate(Escalation)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Escalation.conversation_id, func.min(Message.created_at))
        .join(Message, Message.conversation_id == Escalation.conversation_id)
        .where(
            Escalation.state == EscalationState.ACTIVE,
            Message.author == Author.VISITOR,
            Message.created_at >= Escalation.opened_at,
            Message.seq > func.coalesce(answered, 0),
        )
        .group_by(Escalation.conversation_id)
    )
    return {conversation_id: iso(since) for conversation_id, since in rows}


def _specialists(session: Session, since: datetime) -> list[dict[str, Any]]:
    def counted(*where: Any) -> dict[int, int]:
        grouped = select(Escalation.specialist_id, func.count()).where(*where).group_by(Escalation.specialist_id)
        return {specialist_id: int(count) for specialist_id, count in session.execute(grouped)}

    active = counted(Escalation.state == EscalationState.ACTIVE)
    resolved = counted(Escalation.state == EscalationState.RESOLVED, Escalation.resolved_at >= since)
    people = session.execute(select(Specialist).where(Specialist.disabled_at.is_(None)).order_by(Specialist.alias))
    return [
        {
            "id": one.id,
            "alias": one.alias,
            "role": str(one.role),
            "active": active.get(one.id, 0),
            "resolved_today": resolved.get(one.id, 0),
            "last_seen_at": iso_or_none(one.seen_at),
        }
        for one in people.scalars()
    ]
