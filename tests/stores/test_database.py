"""Writers of one process take turns, and one that waits too long for its turn fails alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.database import Database, DatabaseBusy


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'turns.db'}"
    database = Database(address)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE counts (number INTEGER)"))
        session.execute(text("INSERT INTO counts VALUES (0)"))
    database.close()
    return address


def count(url: str) -> int:
    database = Database(url)
    with database.snapshot() as session:
        number = session.execute(text("SELECT number FROM counts")).scalar_one()
    database.close()
    return int(number)


def test_writes_of_several_parts_of_the_process_all_happen(url: str) -> None:
    parts = [Database(url, threads=4) for _ in range(3)]

    def add(database: Database) -> None:
        with database.transaction() as session:
            number = session.execute(text("SELECT number FROM counts")).scalar_one()
            session.execute(text("UPDATE counts SET number = :number"), {"number": number + 1})

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(add, parts * 50))
    assert count(url) == 150


def test_a_writer_that_waits_too_long_for_its_turn_fails_and_the_next_one_writes(url: str) -> None:
    first, second = Database(url), Database(url, patience=0.2)
    began, done = threading.Event(), threading.Event()

    def long_write() -> None:
        with first.transaction() as session:
            session.execute(text("UPDATE counts SET number = 1"))
            began.set()
            done.wait(10)

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(long_write)
        assert began.wait(10)
        with pytest.raises(DatabaseBusy), second.transaction():
            pytest.fail("two writers at once")
        done.set()
        writing.result()
    with second.transaction() as session:
        session.execute(text("UPDATE counts SET number = number + 1"))
    assert count(url) == 2


def test_a_write_that_fails_gives_its_turn_back(url: str) -> None:
    database = Database(url, patience=0.2)
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        session.execute(text("UPDATE counts SET number = 9"))
        raise ZeroDivisionError
    with database.transaction() as session:
        session.execute(text("UPDATE counts SET number = number + 1"))
    assert count(url) == 1
