"""One open escalation a conversation, taken by exactly one specialist."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from bot import clock
from bot.database import Database
from bot.stores import escalations, specialists
from bot.stores.escalations import AlreadyTaken, NotActive
from bot.stores.tables import Escalation
from bot.stores.vocabulary import EscalationReason, EscalationState, Outcome, Role
from tests.stored import a_conversation


@pytest.fixture
def people(database: Database) -> list[int]:
    with database.transaction() as session:
        return [
            specialists.add(
                session,
                login=f"s{number}",
                alias=f"Alias {number}",
                role=Role.SPECIALIST,
                password="a long password",
                now=clock.now(),
            ).id
            for number in range(2)
        ]


def asked(session: Session) -> Escalation:
    conversation = a_conversation(session, clock.now())
    return ask(session, conversation.id)[0]


def ask(session: Session, conversation_id: str) -> tuple[Escalation, bool]:
    return escalations.open_escalation(
        session,
        conversation_id,
        reason=EscalationReason.ASKED,
        language="en",
        program=None,
        topic=None,
        summary={},
        now=clock.now(),
    )


def test_asking_twice_keeps_one_open_escalation(database: Database) -> None:
    with database.transaction() as session:
        first = asked(session)
        second, is_new = ask(session, first.conversation_id)
        assert (second.id, is_new) == (first.id, False)


def test_asking_at_the_same_time_keeps_one_open_escalation(database: Database) -> None:
    with database.transaction() as session:
        opened = a_conversation(session, clock.now())

    def one(_: int) -> bool:
        with database.transaction() as session:
            return ask(session, opened.id)[1]

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(one, range(16))) == 1


def test_of_many_who_take_at_once_one_gets_it(database: Database, people: list[int]) -> None:
    with database.transaction() as session:
        escalation_id = asked(session).id

    def take(number: int) -> str:
        with database.transaction() as session:
            try:
                return str(escalations.take(session, escalation_id, people[number % 2], clock.now()).specialist_id)
            except AlreadyTaken as taken:
                return taken.alias

    with ThreadPoolExecutor(8) as threads:
        results = set(threads.map(take, range(16)))
    with database.snapshot() as session:
        winner = escalations.one(session, escalation_id)["specialist"]
    assert results == {str(winner["id"]), winner["alias"]}


def test_positions_count_those_who_wait_longer(database: Database, people: list[int]) -> None:
    with database.transaction() as session:
        first, second, third = asked(session), asked(session), asked(session)
        assert [escalations.position(session, e) for e in (first, second, third)] == [1, 2, 3]
        escalations.take(session, first.id, people[0], clock.now())
        assert [escalations.position(session, e) for e in (second, third)] == [1, 2]


def steps(session: Session, escalation_id: int) -> dict[str, Callable[[int], Escalation]]:
    return {
        "take": lambda who: escalations.take(session, escalation_id, who, clock.now()),
        "answer": lambda who: escalations.active_with(session, escalation_id, who),
        "resolve": lambda who: escalations.resolve(session, escalation_id, who, Outcome.ANSWERED, clock.now()),
    }


def test_only_whoever_has_it_answers_and_resolves(database: Database, people: list[int]) -> None:
    mine, theirs = people
    with database.transaction() as session:
        step = steps(session, asked(session).id)
        for name in ("answer", "resolve"):
            with pytest.raises(NotActive):
                step[name](mine)
        step["take"](mine)
        for name in ("answer", "resolve"):
            with pytest.raises(NotActive):
                step[name](theirs)
        assert step["take"](mine).specialist_id == mine
        assert step["resolve"](mine).state == EscalationState.RESOLVED
        for name in ("answer", "resolve", "take"):
            with pytest.raises(NotActive):
                step[name](mine)


def test_after_a_resolution_a_person_can_be_asked_for_again(database: Database, people: list[int]) -> None:
    with database.transaction() as session:
        first = asked(session)
        escalations.take(session, first.id, people[0], clock.now())
        escalations.resolve(session, first.id, people[0], Outcome.ANSWERED, clock.now())
        second, is_new = ask(session, first.conversation_id)
        assert is_new and second.id != first.id
