"""The transcript: numbers, tokens, offered buttons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import clock
from bot.database import Database
from bot.stores import conversations
from bot.stores.conversations import Line
from bot.stores.tables import Conversation
from bot.stores.vocabulary import Author


def new(session: Session) -> conversations.Opened:
    return conversations.open_conversation(session, locale="en", program=None, now=clock.now())


def line(text: str, **kwargs: object) -> Line:
    return Line(Author.VISITOR, text, "en", **kwargs)  # type: ignore[arg-type]


def test_the_token_is_not_stored(database: Database) -> None:
    with database.transaction() as session:
        opened = new(session)
        row = session.get(Conversation, opened.id)
        assert opened.token not in [getattr(row, column.name) for column in Conversation.__table__.columns]


def test_only_its_own_token_opens_a_conversation(database: Database) -> None:
    with database.transaction() as session:
        one, other = new(session), new(session)
        assert conversations.find(session, one.id, one.token) is not None
        assert conversations.find(session, one.id, other.token) is None
        assert conversations.find(session, "0" * 32, one.token) is None
        conversations.end(session, one.id, clock.now())
        assert conversations.find(session, one.id, one.token) is None


def test_writers_at_the_same_time_leave_no_gap_and_no_double(database: Database) -> None:
    with database.transaction() as session:
        opened = new(session)

    def write(number: int) -> None:
        with database.transaction() as session:
            conversations.append(session, opened.id, [line(f"{number}a"), line(f"{number}b")], clock.now())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    with database.snapshot() as session:
        messages = conversations.since(session, opened.id, 0)
    assert [m["seq"] for m in messages] == list(range(1, 81))
    pairs = [(messages[i]["text"][:-1], messages[i + 1]["text"][:-1]) for i in range(0, 80, 2)]
    assert all(first == second for first, second in pairs)


def test_a_client_id_is_stored_once_even_when_asked_twice(database: Database) -> None:
    with database.transaction() as session:
        opened = new(session)
        conversations.append(session, opened.id, [line("hi", client_id="x")], clock.now())
        assert conversations.by_client_id(session, opened.id, "x") == 1
        assert conversations.by_client_id(session, opened.id, "y") is None
    with pytest.raises(IntegrityError), database.transaction() as session:
        conversations.append(session, opened.id, [line("hi", client_id="x")], clock.now())


def test_a_payload_counts_as_offered_however_its_json_is_spaced(database: Database) -> None:
    with database.transaction() as session:
        opened, other = new(session), new(session)
        button = {"title": "Pay", "payload": '/job_pay{"class_code": "A32B", "x": "1"}'}
        conversations.append(session, opened.id, [Line(Author.BOT, "?", "en", [button])], clock.now())
        conversations.append(session, opened.id, [Line(Author.BOT, "?", "en", [button])], clock.now())
        assert conversations.offered_title(session, opened.id, '/job_pay{"x":"1","class_code":"A32B"}') == "Pay"
        assert conversations.offered_title(session, opened.id, '/job_pay{"class_code":"A32C"}') is None
        assert conversations.offered_title(session, other.id, button["payload"]) is None


def test_nothing_of_a_failed_transaction_is_kept(database: Database) -> None:
    with database.transaction() as session:
        opened = new(session)

    class Broken(Exception):
        pass

    with pytest.raises(Broken), database.transaction() as session:
        conversations.append(session, opened.id, [line("lost")], clock.now())
        raise Broken
    with database.snapshot() as session:
        assert conversations.since(session, opened.id, 0) == []


def test_what_is_done_in_a_snapshot_is_not_kept(database: Database) -> None:
    with database.snapshot() as session:
        opened = new(session)
    with database.snapshot() as session:
        assert session.get(Conversation, opened.id) is None
