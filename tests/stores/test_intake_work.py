"""The work list of filed intakes on both databases: who finds what, and that one is in one pair of hands."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from bot.database import Database
from bot.stores import conversations, intake_work, intakes
from bot.stores.intake_work import AlreadyTaken, NotTheirs, Wanted
from bot.stores.intakes import About
from bot.stores.vocabulary import IntakeKind, IntakeOutcome, IntakeProgress, Program
from tests.stored import a_conversation, a_specialist

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)


def person(database: Database, name: str) -> int:
    with database.transaction() as session:
        return a_specialist(session, name, NOW)


def filed(
    database: Database,
    kind: IntakeKind = IntakeKind.CALLBACK,
    *,
    program: Program | None = None,
    language: str = "en",
    is_late: bool = False,
    at: datetime = NOW,
) -> int:
    with database.transaction() as session:
        opened = conversations.open_conversation(session, locale=language, program=program, now=at)
        draft, _ = intakes.begin(session, opened.id, kind, About(is_late=is_late), language=language, now=at)
        intakes.file(session, draft, "CB", language=language, now=at, program=program)
        return int(draft.id)


def found(database: Database, **wanted: object) -> list[int]:
    with database.snapshot() as session:
        rows, total = intake_work.listing(session, Wanted(**wanted))  # type: ignore[arg-type]
        assert total == len(rows)
        return [row["id"] for row in rows]


def test_of_many_specialists_taking_one_intake_at_once_one_gets_it_and_the_others_hear_who(store: Database) -> None:
    people = [person(store, f"person{number}") for number in range(6)]
    for _ in range(5):
        intake_id = filed(store)
        gate = threading.Barrier(len(people))

        def take(specialist_id: int, intake_id: int = intake_id, gate: threading.Barrier = gate) -> str:
            gate.wait()
            try:
                with store.transaction() as session:
                    intake_work.take(session, intake_id, specialist_id, NOW)
            except AlreadyTaken as taken:
                return taken.alias
            return ""

        with ThreadPoolExecutor(len(people)) as pool:
            told = list(pool.map(take, people))
        assert told.count("") == 1
        with store.snapshot() as session:
            intake, alias = intake_work.one(session, intake_id, None)
        assert intake.specialist_id == people[told.index("")]
        assert {name for name in told if name} == {alias}


def test_only_who_has_an_intake_finishes_it_and_what_is_done_stays_done(store: Database) -> None:
    ana, ben = person(store, "ana"), person(store, "ben")
    intake_id = filed(store)
    with store.transaction() as session:
        with pytest.raises(NotTheirs):
            intake_work.finish(session, intake_id, ana, IntakeOutcome.ACTED, "", NOW)
        intake_work.take(session, intake_id, ana, NOW)
        intake_work.take(session, intake_id, ana, NOW)
        with pytest.raises(NotTheirs):
            intake_work.finish(session, intake_id, ben, IntakeOutcome.ACTED, "", NOW)
        intake_work.finish(session, intake_id, ana, IntakeOutcome.NOT_REACHED, "Called twice.", NOW)
    with store.transaction() as session:
        for change in (
            lambda: intake_work.take(session, intake_id, ben, NOW),
            lambda: intake_work.put_back(session, intake_id, None, NOW),
            lambda: intake_work.finish(session, intake_id, ana, IntakeOutcome.ACTED, "", NOW),
        ):
            with pytest.raises(NotTheirs):
                change()
        intake, alias = intake_work.one(session, intake_id, None)
        assert (intake.outcome, intake.note, alias) == (IntakeOutcome.NOT_REACHED, "Called twice.", "Ana")
        assert intake_work.progress_of(intake) is IntakeProgress.DONE


def test_an_intake_put_back_can_be_taken_by_a_colleague(store: Database) -> None:
    ana, ben = person(store, "ana"), person(store, "ben")
    intake_id = filed(store)
    with store.transaction() as session:
        intake_work.take(session, intake_id, ana, NOW)
        with pytest.raises(NotTheirs):
            intake_work.put_back(session, intake_id, ben, NOW)
        intake_work.put_back(session, intake_id, ana, NOW)
        intake_work.take(session, intake_id, ben, NOW)
        assert intake_work.one(session, intake_id, None)[1] == "Ben"
        intake_work.put_back(session, intake_id, None, NOW)
        assert intake_work.progress_of(intake_work.one(session, intake_id, None)[0]) is IntakeProgress.NEW


def test_the_oldest_undone_comes_first_and_what_is_done_last(store: Database) -> None:
    ana = person(store, "ana")
    newer, oldest, done = (filed(store, at=NOW + timedelta(minutes=minutes)) for minutes in (5, 0, -5))
    with store.transaction() as session:
        intake_work.take(session, done, ana, NOW)
        intake_work.finish(session, done, ana, IntakeOutcome.ACTED, "", NOW)
        intake_work.take(session, newer, ana, NOW)
    assert found(store) == [oldest, newer, done]
    assert found(store, progress=IntakeProgress.NEW) == [oldest]
    assert found(store, progress=IntakeProgress.IN_HAND) == [newer]
    assert found(store, progress=IntakeProgress.DONE) == [done]
    assert found(store, specialist_id=ana) == [newer, done]


def test_each_filter_finds_its_own_and_drafts_are_in_no_list(store: Database) -> None:
    statement = filed(store, IntakeKind.STATEMENT, program=Program.WA_UI, is_late=True)
    spanish = filed(store, language="es")
    leave = filed(store, program=Program.WA_PFML)
    with store.transaction() as session:
        opened = a_conversation(session, NOW)
        intakes.begin(session, opened.id, IntakeKind.CALLBACK, About(), language="en", now=NOW)
        receipt = str(intake_work.one(session, spanish, None)[0].receipt)
    assert set(found(store)) == {statement, spanish, leave}
    assert found(store, kind=IntakeKind.STATEMENT) == found(store, late=True) == [statement]
    assert found(store, language="es") == found(store, receipt=receipt) == [spanish]
    assert found(store, program=Program.WA_PFML) == [leave]


def test_a_specialist_of_some_programs_finds_those_and_what_belongs_to_none(store: Database) -> None:
    unemployment, leave, none = filed(store, program=Program.WA_UI), filed(store, program=Program.WA_PFML), filed(store)
    assert set(found(store, programs=["wa_ui"])) == {unemployment, none}
    with store.snapshot() as session:
        with pytest.raises(LookupError):
            intake_work.one(session, leave, ["wa_ui"])
        assert intake_work.one(session, leave, None)[0].id == leave
