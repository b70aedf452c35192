"""What the reports count, to the word of docs/console.md, the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.database import Database
from bot.stores import card_feedback, conversations, escalations, ratings, reports, routing, unanswered
from bot.stores.conversations import Line
from bot.stores.reports import Range
from bot.stores.tables import Claim, Claimant, ClaimRead
from bot.stores.vocabulary import (
    Author,
    ClaimStatus,
    FeedbackReason,
    Miss,
    Outcome,
    Program,
    ReaderKind,
)
from tests.stored import a_conversation, a_specialist, an_escalation

# Noon in Washington.
NOON = datetime(2026, 11, 2, 20, tzinfo=timezone.utc)
DAY = date(2026, 11, 2)
LATER = NOON + timedelta(days=10)
HOUR = timedelta(hours=1)


@pytest.fixture
def session(store: Database) -> Iterator[Session]:
    with store.transaction() as opened:
        yield opened


def talk(session: Session, *moments: datetime, locale: str = "en", program: Program | None = None) -> str:
    """A visitor who writes at these moments, each answered by the bot."""
    conversation_id = conversations.open_conversation(session, locale=locale, program=program, now=moments[0]).id
    for at in moments:
        say(session, conversation_id, at)
    return conversation_id


def say(session: Session, conversation_id: str, at: datetime) -> int:
    lines = [Line(Author.VISITOR, "a question", "en"), Line(Author.BOT, "an answer", "en")]
    return int(conversations.append(session, conversation_id, lines, at)[0]["seq"])


def ask(session: Session, conversation_id: str, at: datetime) -> int:
    return int(an_escalation(session, conversation_id, at).id)


def report(session: Session, now: datetime = LATER, **limits: Any) -> dict[str, Any]:
    return reports.report(session, Range(DAY, DAY, **limits), now)["totals"]


def prove(session: Session, claim_id: int, *conversation_ids: str) -> None:
    for conversation_id in conversation_ids:
        session.add(
            ClaimRead(
                claim_id=claim_id,
                reader=ReaderKind.BOT,
                conversation_id=conversation_id,
                purpose="test",
                read_at=NOON,
            )
        )
    session.flush()


def make_claim(session: Session) -> int:
    claimant = Claimant(name="Test Juniper", born_on=date(1990, 1, 1), language="en")
    session.add(claimant)
    session.flush()
    claim = Claim(
        claim_number="UI-1",
        claimant_id=claimant.id,
        program=Program.WA_UI,
        status=ClaimStatus.PAYING,
        filed_on=DAY,
        status_since_on=DAY,
        paid_to_date_cents=0,
        updated_at=NOON,
    )
    session.add(claim)
    session.flush()
    return int(claim.id)


def test_a_visit_ends_after_half_an_hour_of_silence(session: Session) -> None:
    talk(session, NOON, NOON + timedelta(minutes=20), NOON + timedelta(minutes=45), NOON + 2 * HOUR)
    assert report(session)["visits"] == 2


def test_a_chat_in_which_nobody_wrote_is_no_visit(session: Session) -> None:
    a_conversation(session, NOON)
    assert report(session)["visits"] == 0


def test_a_day_is_washingtons_day(session: Session) -> None:
    talk(session, datetime(2026, 11, 3, 7, 59, tzinfo=timezone.utc))
    talk(session, datetime(2026, 11, 3, 8, 1, tzinfo=timezone.utc))
    assert report(session)["visits"] == 1


def test_a_visit_that_nobody_comes_back_from_is_resolved_by_the_bot(session: Session) -> None:
    talk(session, NOON)
    totals = report(session)
    assert (totals["judged"], totals["contained"], totals["containment"]) == (1, 1, 1.0)


def test_coming_back_within_72_hours_is_not_resolved_and_later_is(session: Session) -> None:
    talk(session, NOON, NOON + timedelta(hours=71))
    assert report(session)["contained"] == 0
    talk(session, NOON, NOON + timedelta(hours=73))
    assert report(session)["contained"] == 1


def test_the_same_claimant_in_another_chat_has_come_back(session: Session) -> None:
    claim_id = make_claim(session)
    first, second = talk(session, NOON), talk(session, NOON + timedelta(hours=30))
    assert report(session)["contained"] == 1
    prove(session, claim_id, first, second)
    assert report(session)["contained"] == 0


def test_asking_for_a_person_within_72_hours_is_not_resolved_by_the_bot(session: Session) -> None:
    ask(session, talk(session, NOON), NOON + HOUR)
    totals = report(session)
    assert (totals["judged"], totals["contained"]) == (1, 0)


def test_a_visit_that_ended_without_an_answer_is_not_resolved(session: Session) -> None:
    one = talk(session, NOON)
    seq = say(session, one, NOON + timedelta(minutes=1))
    unanswered.add(session, one, seq, Miss.OUT_OF_SCOPE, "en", None, NOON)
    totals = report(session)
    assert (totals["contained"], totals["unanswered"]) == (0, 1)
    say(session, one, NOON + timedelta(minutes=2))
    assert report(session)["contained"] == 1


def test_before_72_hours_are_over_a_visit_is_not_judged(session: Session) -> None:
    talk(session, NOON)
    totals = report(session, now=NOON + timedelta(hours=71))
    assert (totals["visits"], totals["judged"], totals["containment"]) == (1, 0, None)


def test_language_and_program_limit_every_figure(session: Session) -> None:
    ask(session, talk(session, NOON, locale="es", program=Program.WA_UI), NOON + HOUR)
    ask(session, talk(session, NOON), NOON + HOUR)
    assert (report(session)["visits"], report(session)["escalations"]) == (2, 2)
    for limits in ({"language": "es"}, {"program": Program.WA_UI}):
        totals = report(session, **limits)
        assert (totals["visits"], totals["escalations"]) == (1, 1)
    assert report(session, program=Program.WA_CARES)["visits"] == 0


def test_waits_replies_handling_and_ratings_are_measured(session: Session) -> None:
    sam = a_specialist(session, "sam", NOON)
    for minutes, stars in ((2, 5), (4, 4), (12, 3)):
        one = talk(session, NOON)
        escalation_id = ask(session, one, NOON)
        taken_at = NOON + timedelta(minutes=minutes)
        escalations.take(session, escalation_id, sam, taken_at)
        line = Line(Author.SPECIALIST, "Hello.", "en", specialist_id=sam)
        conversations.append(session, one, [line], taken_at + timedelta(minutes=1))
        conversations.append(session, one, [line], taken_at + timedelta(minutes=9))
        escalations.resolve(session, escalation_id, sam, Outcome.ANSWERED, taken_at + timedelta(minutes=10))
        ratings.rate(
            session, one, stars, f"It took {minutes} minutes." if stars == 3 else None, taken_at + timedelta(minutes=11)
        )
    for end in (escalations.leave, escalations.give_up):
        ask(session, gone := talk(session, NOON), NOON)
        end(session, gone, NOON + HOUR)
    totals = report(session)
    assert (totals["escalations"], totals["abandoned"]) == (5, 2)
    assert totals["wait"] == {"count": 3, "median": 240, "p90": 720}
    assert totals["first_reply"] == {"count": 3, "median": 300, "p90": 780}
    assert totals["handling"] == {"count": 3, "median": 600, "p90": 600}
    assert (totals["ratings"]["count"], totals["ratings"]["mean"]) == (3, 4)
    comments = reports.report(session, Range(DAY, DAY), LATER)["comments"]
    assert comments == [{"day": "2026-11-02", "stars": 3, "words": "It took 12 minutes."}]
    assert totals["ratings"]["stars"] == {"1": 0, "2": 0, "3": 1, "4": 1, "5": 1}


def test_passing_a_conversation_on_does_not_lengthen_the_wait_and_a_left_message_is_no_wait(session: Session) -> None:
    ana, ben = (a_specialist(session, name, NOON) for name in ("ana", "ben"))
    one = talk(session, NOON)
    passed = ask(session, one, NOON)
    escalations.take(session, passed, ana, NOON + timedelta(minutes=2))
    line = Line(Author.SPECIALIST, "Hello.", "en", specialist_id=ana)
    conversations.append(session, one, [line], NOON + timedelta(minutes=3))
    routing.transfer(
        session,
        passed,
        ana,
        note="",
        to_id=ben,
        program=None,
        language=None,
        now=NOON + timedelta(minutes=30),
        ends_at=NOON + timedelta(minutes=31),
    )
    escalations.take(session, passed, ben, NOON + timedelta(minutes=31))
    left = talk(session, NOON)
    message = ask(session, left, NOON)
    escalations.leave_message(session, left, NOON + timedelta(minutes=1))
    escalations.take(session, message, ana, NOON + timedelta(hours=20))
    totals = report(session)
    assert totals["wait"] == {"count": 1, "median": 120, "p90": 120}
    assert totals["first_reply"] == {"count": 1, "median": 180, "p90": 180}


def test_the_cards_most_often_called_unhelpful_come_first(session: Session) -> None:
    said = [("a", False), ("b", False), ("b", False), ("b", True), ("c", True)]
    one = a_conversation(session, NOON).id
    answers = [Line(Author.BOT, "An answer.", "en", source={"title": "t", "card": card}) for card, _ in said]
    for message, (card, helpful) in zip(conversations.append(session, one, answers, NOON), said, strict=True):
        reason = FeedbackReason.WRONG if card == "a" else FeedbackReason.HARD
        card_feedback.give(session, one, message["seq"], helpful=helpful, reason=reason, now=NOON)
    assert reports.unhelpful_cards(session, Range(DAY, DAY)) == [
        {"card_id": "b", "unhelpful": 2, "helpful": 1, "reasons": {"hard": 2}},
        {"card_id": "a", "unhelpful": 1, "helpful": 0, "reasons": {"wrong": 1}},
    ]
    assert reports.unhelpful_cards(session, Range(DAY + timedelta(days=1), DAY + timedelta(days=1))) == []
    assert reports.unhelpful_cards(session, Range(DAY, DAY, language="es")) == []
    assert reports.unhelpful_cards(session, Range(DAY, DAY, program=Program.WA_UI)) == []
