"""Reports over a range of days. What each figure means, to the word, is in docs/console.md.

The rows are read in one pass and counted here, so that SQLite and PostgreSQL give the same figures.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from bot.stores import card_feedback
from bot.stores.tables import (
    CardFeedback,
    Claim,
    ClaimRead,
    Conversation,
    Escalation,
    Message,
    Rating,
    UnansweredQuestion,
)
from bot.stores.vocabulary import Author, EscalationState, Outcome, Program

ZONE = ZoneInfo("America/Los_Angeles")
# A visitor who is silent for longer than this and then writes again has come back: a new visit.
VISIT_GAP = timedelta(minutes=30)
REPEAT = timedelta(hours=72)
MOST_DAYS = 366
MOST_CARDS = 20
MOST_COMMENTS = 100
_GONE = (Outcome.LEFT, Outcome.GAVE_UP)


@dataclass(frozen=True)
class Range:
    """The days of a report, both included, with the language and the program it is limited to."""

    first: date
    last: date
    language: str | None = None
    program: Program | None = None

    @property
    def begins_at(self) -> datetime:
        """The first moment of the first day, in UTC."""
        return datetime.combine(self.first, time(), ZONE).astimezone(timezone.utc)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the last day, in UTC."""
        return datetime.combine(self.last + timedelta(days=1), time(), ZONE).astimezone(timezone.utc)

    @property
    def days(self) -> list[date]:
        """Each day, oldest first."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass
class _Visit:
    conversation_id: str
    begins_at: datetime
    ends_at: datetime
    last_seq: int


@dataclass
class _Day:
    visits: int = 0
    judged: int = 0
    contained: int = 0
    escalations: int = 0
    waits: list[float] = field(default_factory=list)


def report(session: Session, wanted: Range, now: datetime) -> dict[str, Any]:
    """Every figure of a range as JSON: `{range, totals, days, reasons, outcomes, comments, cards}`; times are seconds.

    `comments` are the newest words visitors rated with.
    """
    days = {day: _Day() for day in wanted.days}
    for visit, is_judged, is_contained in _judged_visits(session, wanted, now):
        day = days[_day_of(visit.begins_at)]
        day.visits += 1
        day.judged += is_judged
        day.contained += is_contained
    escalations = _escalations(session, wanted)
    for one in escalations:
        day = days[_day_of(one.opened_at)]
        day.escalations += 1
        if one.waited_seconds is not None:
            day.waits.append(one.waited_seconds)
    return {
        "range": {
            "first": wanted.first.isoformat(),
            "last": wanted.last.isoformat(),
            "language": wanted.language,
            "program": None if wanted.program is None else str(wanted.program),
            "time_zone": str(ZONE),
        },
        "totals": {
            "visits": sum(day.visits for day in days.values()),
            **_share(sum(day.contained for day in days.values()), sum(day.judged for day in days.values())),
            "unanswered": _count_unanswered(session, wanted),
            **_of_escalations(session, escalations),
        },
        "days": [
            {
                "day": moment.isoformat(),
                "visits": day.visits,
                **_share(day.contained, day.judged),
                "escalations": day.escalations,
                "median_wait": statistics.median(day.waits) if day.waits else None,
            }
            for moment, day in days.items()
        ],
        "reasons": _counted(str(one.reason) for one in escalations),
        "outcomes": _counted(str(one.outcome) for one in escalations if one.outcome is not None),
        "comments": _comments(session, [one.id for one in escalations]),
        "cards": unhelpful_cards(session, wanted),
    }


def unhelpful_cards(session: Session, wanted: Range) -> list[dict[str, Any]]:
    """The cards most often called unhelpful: `{card_id, unhelpful, helpful, reasons}`, the worst first."""
    where = [CardFeedback.created_at >= wanted.begins_at, CardFeedback.created_at < wanted.ends_at]
    if wanted.language is not None:
        where.append(CardFeedback.language == wanted.language)
    if wanted.program is not None:
        ids = select(Conversation.id).where(Conversation.program == wanted.program)
        where.append(CardFeedback.conversation_id.in_(ids))
    return [
        {
            "card_id": tally.card_id,
            "unhelpful": tally.no,
            "helpful": tally.yes,
            "reasons": {str(reason): count for reason, count in tally.reasons.items()},
        }
        for tally in card_feedback.tallies(session, *where)
        if tally.no
    ][:MOST_CARDS]


# ------------------------------------------------------------------ visits and containment


def _judged_visits(session: Session, wanted: Range, now: datetime) -> Iterable[tuple[_Visit, bool, bool]]:
    """Each visit that began in the range, whether its 72 hours are over, and whether the bot resolved it."""
    # Those that came later are needed to know who came back; those shortly before, to see where a visit began.
    begins_at, ends_at = wanted.begins_at - VISIT_GAP, wanted.ends_at + REPEAT + VISIT_GAP
    visits = _visits(session, begins_at, ends_at)
    shown = _chosen_conversations(session, wanted)
    claimants = _claimants(session, begins_at, ends_at)
    by_person: defaultdict[Any, list[_Visit]] = defaultdict(list)
    for visit in visits:
        by_person[visit.conversation_id].append(visit)
        for claimant_id in claimants.get(visit.conversation_id, ()):
            by_person[claimant_id].append(visit)
    escalated = _escalated_at(session, wanted)
    missed = _missed(session, wanted)
    for visit in visits:
        in_range = wanted.begins_at <= visit.begins_at < wanted.ends_at
        if not in_range or (shown is not None and visit.conversation_id not in shown):
            continue
        until = visit.ends_at + REPEAT
        people = (visit.conversation_id, *claimants.get(visit.conversation_id, ()))
        came_back = any(visit.ends_at < other.begins_at <= until for one in people for other in by_person[one])
        asked_person = any(visit.begins_at <= at <= until for at in escalated.get(visit.conversation_id, ()))
        unanswered = (visit.conversation_id, visit.last_seq) in missed
        is_judged = until <= now
        yield visit, is_judged, is_judged and not (came_back or asked_person or unanswered)


def _visits(session: Session, begins_at: datetime, ends_at: datetime) -> list[_Visit]:
    rows = session.execute(
        select(Message.conversation_id, Message.seq, Message.created_at)
        .where(Message.author == Author.VISITOR, Message.created_at >= begins_at, Message.created_at < ends_at)
        .order_by(Message.conversation_id, Message.seq)
    )
    visits: list[_Visit] = []
    for conversation_id, seq, at in rows:
        last = visits[-1] if visits else None
        if last is None or last.conversation_id != conversation_id or at - last.ends_at > VISIT_GAP:
            visits.append(_Visit(conversation_id, at, at, seq))
        else:
            last.ends_at, last.last_seq = at, seq
    return visits


def _chosen_conversations(session: Session, wanted: Range) -> set[str] | None:
    """The conversations of the language and the program asked for; None when that is all of them."""
    where = _of_kind(wanted)
    return set(session.execute(select(Conversation.id).where(*where)).scalars()) if where else None


def _of_kind(wanted: Range) -> list[Any]:
    where = []
    if wanted.language is not None:
        where.append(Conversation.locale == wanted.language)
    if wanted.program is not None:
        where.append(Conversation.program == wanted.program)
    return where


def _claimants(session: Session, begins_at: datetime, ends_at: datetime) -> dict[str, set[int]]:
    """Who has proven to be whom: conversation -> claimants, from the audit of claims read, which outlives the proof."""
    rows = session.execute(
        select(ClaimRead.conversation_id, Claim.claimant_id)
        .join(Claim, Claim.id == ClaimRead.claim_id)
        .where(
            ClaimRead.conversation_id.in_(
                select(Message.conversation_id).where(Message.created_at >= begins_at, Message.created_at < ends_at)
            )
        )
        .distinct()
    )
    claimants: defaultdict[str, set[int]] = defaultdict(set)
    for conversation_id, claimant_id in rows:
        claimants[conversation_id].add(claimant_id)
    return claimants


def _escalated_at(session: Session, wanted: Range) -> dict[str, list[datetime]]:
    rows = session.execute(
        select(Escalation.conversation_id, Escalation.opened_at).where(Escalation.opened_at >= wanted.begins_at)
    )
    moments: defaultdict[str, list[datetime]] = defaultdict(list)
    for conversation_id, opened_at in rows:
        moments[conversation_id].append(opened_at)
    return moments


def _missed(session: Session, wanted: Range) -> set[tuple[str, int]]:
    rows = session.execute(
        select(UnansweredQuestion.conversation_id, UnansweredQuestion.seq).where(
            UnansweredQuestion.asked_at >= wanted.begins_at
        )
    )
    return {(conversation_id, seq) for conversation_id, seq in rows}


def _count_unanswered(session: Session, wanted: Range) -> int:
    return int(
        session.execute(
            select(func.count())
            .select_from(UnansweredQuestion)
            .join(Conversation, Conversation.id == UnansweredQuestion.conversation_id)
            .where(
                UnansweredQuestion.asked_at >= wanted.begins_at,
                UnansweredQuestion.asked_at < wanted.ends_at,
                *_of_kind(wanted),
            )
        ).scalar_one()
    )


# ------------------------------------------------------------------ specialists' work


def _escalations(session: Session, wanted: Range) -> list[Escalation]:
    return list(
        session.execute(
            select(Escalation)
            .join(Conversation, Conversation.id == Escalation.conversation_id)
            .where(Escalation.opened_at >= wanted.begins_at, Escalation.opened_at < wanted.ends_at, *_of_kind(wanted))
            .order_by(Escalation.id)
        ).scalars()
    )


def _of_escalations(session: Session, escalations: Sequence[Escalation]) -> dict[str, Any]:
    taken = [one for one in escalations if one.taken_at is not None]
    # Whoever left a message does not sit and wait for its answer.
    waited = [one for one in taken if one.waited_seconds is not None]
    first_replies = _first_replies(session, waited)
    handled = [one for one in taken if one.state == EscalationState.RESOLVED and one.resolved_at is not None]
    ratings = _ratings(session, [one.id for one in escalations])
    return {
        "escalations": len(escalations),
        "abandoned": sum(_is_abandoned(one) for one in escalations),
        "wait": _spread([one.waited_seconds for one in waited]),
        "first_reply": _spread(
            [(first_replies[one.id] - one.opened_at).total_seconds() for one in waited if one.id in first_replies]
        ),
        "handling": _spread([(one.resolved_at - one.taken_at).total_seconds() for one in handled]),
        "ratings": {
            "count": sum(ratings.values()),
            "mean": statistics.mean(ratings.elements()) if ratings else None,
            "stars": {str(stars): ratings.get(stars, 0) for stars in range(1, 6)},
        },
    }


def _is_abandoned(one: Escalation) -> bool:
    # Whoever left a message did not wait for its answer.
    return one.outcome in _GONE and one.taken_at is None and one.reference is None


def _first_replies(session: Session, taken: Sequence[Escalation]) -> dict[int, datetime]:
    """Escalation -> the first words of a specialist in it."""
    if not taken:
        return {}
    rows = session.execute(
        select(Escalation.id, func.min(Message.created_at).label("at"))
        .join(
            Message,
            and_(
                Message.conversation_id == Escalation.conversation_id,
                Message.author == Author.SPECIALIST,
                Message.created_at >= Escalation.opened_at,
            ),
        )
        .where(Escalation.id >= taken[0].id, Escalation.id <= taken[-1].id)
        .where((Escalation.resolved_at.is_(None)) | (Message.created_at <= Escalation.resolved_at))
        .group_by(Escalation.id)
    )
    return {escalation_id: at for escalation_id, at in rows}


def _ratings(session: Session, escalation_ids: Sequence[int]) -> Counter[int]:
    if not escalation_ids:
        return Counter()
    wanted = set(escalation_ids)
    rows = session.execute(
        select(Rating.escalation_id, Rating.stars).where(
            Rating.escalation_id >= min(wanted), Rating.escalation_id <= max(wanted)
        )
    )
    return Counter(stars for escalation_id, stars in rows if escalation_id in wanted)


def _comments(session: Session, escalation_ids: Sequence[int]) -> list[dict[str, Any]]:
    if not escalation_ids:
        return []
    wanted = set(escalation_ids)
    rows = session.execute(
        select(Rating)
        .where(Rating.words.is_not(None), Rating.escalation_id >= min(wanted), Rating.escalation_id <= max(wanted))
        .order_by(Rating.rated_at.desc())
    ).scalars()
    told = [row for row in rows if row.escalation_id in wanted][:MOST_COMMENTS]
    return [{"day": _day_of(row.rated_at).isoformat(), "stars": row.stars, "words": row.words} for row in told]


def _spread(seconds: Sequence[float]) -> dict[str, Any]:
    """How many there are, the middle one, and the one that nine of ten do not exceed."""
    if not seconds:
        return {"count": 0, "median": None, "p90": None}
    ordered = sorted(seconds)
    return {
        "count": len(ordered),
        "median": statistics.median(ordered),
        "p90": ordered[min(len(ordered) - 1, -(-9 * len(ordered) // 10) - 1)],
    }


def _share(contained: int, judged: int) -> dict[str, Any]:
    return {"judged": judged, "contained": contained, "containment": contained / judged if judged else None}


def _counted(words: Iterable[str]) -> list[dict[str, Any]]:
    return [{"word": word, "count": count} for word, count in Counter(words).most_common()]


def _day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
