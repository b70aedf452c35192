"""Offers, presence, drop-off, transfers and expected waits in the tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.database import Database
from bot.routing import Offer, offers
from bot.stores import conversations, escalations, routing, specialists
from bot.stores.tables import Escalation, EscalationOffer
from bot.stores.vocabulary import (
    Author,
    Availability,
    EscalationState,
    Outcome,
    Priority,
    Program,
)
from tests.stored import a_conversation, a_specialist, an_escalation

NOW = datetime(2026, 11, 23, 18, tzinfo=timezone.utc)
LENGTH = timedelta(seconds=30)


def person(session: Session, login: str, *, seen_at: datetime = NOW) -> int:
    one = a_specialist(session, login, NOW)
    routing.seen(session, one, seen_at)
    return one


def ask(session: Session, *, minutes: float = 0, **more: object) -> Escalation:
    opened = a_conversation(session, NOW)
    return an_escalation(session, opened.id, NOW - timedelta(minutes=minutes), **more)


def turn(session: Session, now: datetime = NOW) -> list[Offer]:
    made = offers(routing.in_line(session), routing.on_duty(session, now - timedelta(seconds=40)), now, rest=LENGTH)
    return [offer for offer in made if routing.make(session, offer, now, now + LENGTH)]


def test_only_specialists_who_are_here_available_and_not_closed_are_on_duty(database: Database) -> None:
    with database.transaction() as session:
        here = person(session, "here")
        person(session, "gone", seen_at=NOW - timedelta(minutes=2))
        routing.set_availability(session, person(session, "away"), Availability.AWAY)
        person(session, "closed")
        specialists.disable(session, "closed", NOW)
        assert [one.id for one in routing.on_duty(session, NOW - timedelta(seconds=40))] == [here]


def test_a_declined_offer_goes_to_the_next_and_comes_back_only_after_a_rest(database: Database) -> None:
    with database.transaction() as session:
        first, second = person(session, "first"), person(session, "second")
        one = ask(session)
        assert turn(session) == [Offer(one.id, first)]
        assert not routing.decline(session, one.id, second, NOW)
        assert routing.decline(session, one.id, first, NOW)
        assert turn(session) == [Offer(one.id, second)]
        assert routing.decline(session, one.id, second, NOW)
        assert turn(session, NOW + timedelta(seconds=10)) == []
        assert turn(session, NOW + LENGTH) == [Offer(one.id, first)]


def test_an_unanswered_offer_is_taken_back_when_its_time_is_over(database: Database) -> None:
    with database.transaction() as session:
        first, second = person(session, "first"), person(session, "second")
        one = ask(session)
        turn(session)
        assert routing.expire(session, NOW + LENGTH - timedelta(seconds=1)) == []
        assert routing.expire(session, NOW + LENGTH) == [one.id]
        assert turn(session, NOW + LENGTH) == [Offer(one.id, second)]
        outcomes = session.execute(
            select(EscalationOffer.specialist_id, EscalationOffer.outcome).order_by(EscalationOffer.id)
        ).all()
        assert [(row[0], row[1]) for row in outcomes] == [(first, "expired"), (second, None)]


def test_somebody_else_may_take_what_is_offered_and_the_offer_is_withdrawn(database: Database) -> None:
    with database.transaction() as session:
        offered_to, other = person(session, "offered"), person(session, "other")
        one = ask(session)
        assert turn(session) == [Offer(one.id, offered_to)]
        escalations.take(session, one.id, other, NOW + timedelta(seconds=90))
        told = escalations.one(session, one.id)
        assert (told["state"], told["specialist"]["id"], told["offer"]) == ("active", other, None)
        assert session.execute(select(EscalationOffer.outcome)).scalars().all() == ["withdrawn"]
        with pytest.raises(escalations.AlreadyTaken, match="Other"):
            escalations.take(session, one.id, offered_to, NOW)


def test_turns_at_the_same_time_offer_everybody_once_and_never_beyond_room(store: Database) -> None:
    database = store
    with database.transaction() as session:
        for number in range(5):
            routing.set_skills(session, person(session, f"s{number}"), programs=None, languages=None, capacity=1)
        for _ in range(8):
            ask(session)

    def one_turn(_: int) -> int:
        with database.transaction() as session:
            routing.one_turn_at_a_time(session)
            return len(turn(session))

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(one_turn, range(12))) == 5
    with database.snapshot() as session:
        per_person = session.execute(
            select(func.count()).where(Escalation.state == EscalationState.OFFERED).group_by(Escalation.offered_to_id)
        ).scalars()
        assert list(per_person) == [1] * 5


def test_whoever_is_gone_for_two_minutes_loses_the_conversation_to_the_front_of_the_line(database: Database) -> None:
    with database.transaction() as session:
        gone = person(session, "gone")
        long_wait = ask(session, minutes=60)
        dropped = ask(session, minutes=1)
        crisis = ask(session, priority=Priority.CRISIS)
        escalations.take(session, dropped.id, gone, NOW)
        assert routing.drop(session, NOW, dropped_before=NOW - timedelta(minutes=2)) == []
        later = NOW + timedelta(minutes=3)
        assert routing.needs_turn(session, later, dropped_before=later - timedelta(minutes=2))
        (moved,) = routing.drop(session, later, dropped_before=later - timedelta(minutes=2))
        assert (moved.id, moved.alias, moved.state) == (dropped.id, "Gone", EscalationState.WAITING)
        order = [one.conversation_id for one in escalations.queue(session)]
        assert order == [one.conversation_id for one in (crisis, dropped, long_wait)]


def test_a_left_message_goes_back_to_the_messages_when_its_specialist_is_gone(database: Database) -> None:
    with database.transaction() as session:
        gone = person(session, "gone")
        left = ask(session, is_message=True)
        escalations.take(session, left.id, gone, NOW)
        later = NOW + timedelta(minutes=3)
        (moved,) = routing.drop(session, later, dropped_before=later - timedelta(minutes=2))
        assert moved.state == EscalationState.CALLBACK
        escalations.take(session, left.id, gone, NOW)
        line = conversations.Line(Author.VISITOR, "I am here now", "en")
        conversations.append(session, left.conversation_id, [line], later)
        (moved,) = routing.drop(session, later, dropped_before=later - timedelta(minutes=2))
        assert moved.state == EscalationState.WAITING


def test_a_transfer_to_a_skill_waits_at_the_front_for_whoever_has_it(database: Database) -> None:
    with database.transaction() as session:
        mine, spanish = person(session, "mine"), person(session, "spanish")
        routing.set_skills(session, mine, programs=None, languages=["en"], capacity=3)
        routing.set_skills(session, spanish, programs=[Program.WA_UI], languages=["es"], capacity=3)
        one = ask(session, program=Program.WA_UI)
        escalations.take(session, one.id, mine, NOW)
        assert routing.transfer(
            session,
            one.id,
            mine,
            note="Speaks Spanish.",
            to_id=None,
            program=None,
            language="es",
            now=NOW,
            ends_at=NOW + LENGTH,
        )
        told = escalations.one(session, one.id)
        assert (told["state"], told["language"], told["priority"]) == ("waiting", "es", "returned")
        assert told["transfer"] == {"by": "Mine", "note": "Speaks Spanish."}
        assert turn(session) == [Offer(one.id, spanish)]


def test_an_expected_wait_is_the_middle_half_of_comparable_waits_and_nothing_below_five(database: Database) -> None:
    with database.transaction() as session:
        someone = person(session, "someone")
        routing.set_skills(session, someone, programs=None, languages=None, capacity=99)

        def waited(minutes: int, **more: object) -> None:
            escalations.take(session, ask(session, minutes=minutes, **more).id, someone, NOW)

        for minutes in (2, 4, 6, 8):
            waited(minutes)
        for minutes in (50, 60, 70, 80, 90):
            waited(minutes, priority=Priority.LOCKED)
        waited(100, language="es")
        assert escalations.expected_wait(session, Priority.USUAL, "en", NOW) is None
        waited(10)
        assert escalations.expected_wait(session, Priority.USUAL, "en", NOW) == (4, 8)
        assert escalations.expected_wait(session, Priority.LOCKED, "en", NOW) == (60, 80)
        assert escalations.expected_wait(session, Priority.USUAL, "en", NOW + timedelta(days=8)) is None


def test_giving_up_while_a_specialist_takes_it_is_decided_once(store: Database) -> None:
    database = store
    with database.transaction() as session:
        someone = person(session, "someone")
        ids = [(one.id, one.conversation_id) for one in (ask(session) for _ in range(10))]

    def take(escalation_id: int) -> bool:
        with database.transaction() as session:
            try:
                escalations.take(session, escalation_id, someone, NOW)
            except escalations.NotActive:
                return False
            return True

    def give_up(conversation_id: str) -> bool:
        with database.transaction() as session:
            return escalations.give_up(session, conversation_id, NOW) is not None

    with ThreadPoolExecutor(4) as threads:
        pairs = [(threads.submit(take, one), threads.submit(give_up, two)) for one, two in ids]
        results = [(taken.result(), given.result()) for taken, given in pairs]
    assert all(taken != given for taken, given in results)
    with database.snapshot() as session:
        for (escalation_id, _), (taken, _given) in zip(ids, results, strict=True):
            told = escalations.one(session, escalation_id)
            assert told["state"] == ("active" if taken else "resolved")
            assert told["outcome"] == (None if taken else str(Outcome.GAVE_UP))
