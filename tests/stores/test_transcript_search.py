"""Searching transcripts gives the same answers from SQLite and from PostgreSQL, and only to who may read them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from bot import migrations
from bot.database import Database
from bot.stores import conversations, escalations, transcript_search
from bot.stores.conversations import Line
from bot.stores.tables import Message
from bot.stores.transcript_search import NothingToSearch, Reader
from bot.stores.vocabulary import Author, Outcome
from tests.stored import a_conversation, a_specialist, an_escalation

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
ALL = Reader(0, everything=True)


def talk(session: Session, *texts: str, by: int | None = None, at: datetime = NOW) -> str:
    conversation_id = a_conversation(session, at).id
    author = Author.VISITOR if by is None else Author.SPECIALIST
    lines = [Line(author, text, "en", specialist_id=by) for text in texts]
    conversations.append(session, conversation_id, lines, at)
    return conversation_id


def ask(session: Session, conversation_id: str) -> int:
    return int(an_escalation(session, conversation_id, NOW).id)


def found(session: Session, words: str, reader: Reader = ALL) -> list[str]:
    return [one["conversation_id"] for one in transcript_search.search(session, words, reader)]


def test_words_are_found_by_their_beginning_without_accents_or_capitals(store: Database) -> None:
    with store.transaction() as session:
        english = talk(session, "How long do Appeals take?")
        spanish = talk(session, "¿Cómo pido una apelación, señor Núñez?")
        code = talk(session, "what does A32B-II pay")
        assert found(session, "appeal") == [english]
        assert found(session, "APELACION") == [spanish]
        assert found(session, "apelación nunez") == [spanish]
        assert found(session, "a32b") == [code]
        assert found(session, "peal") == []


def test_every_word_must_be_in_the_same_message(store: Database) -> None:
    with store.transaction() as session:
        both = talk(session, "my overpayment letter came")
        talk(session, "my overpayment", "a letter came")
        assert found(session, "overpayment letter") == [both]


def test_the_newest_message_comes_first_with_its_words_marked(store: Database) -> None:
    with store.transaction() as session:
        old = talk(session, "waiting week", at=NOW - timedelta(days=3))
        new = talk(session, "x " * 120 + "what is the waiting week for", at=NOW)
        hits = transcript_search.search(session, "wait week", ALL)
        assert [one["conversation_id"] for one in hits] == [new, old]
        assert [part["text"] for part in hits[0]["excerpt"] if part["hit"]] == ["waiting", "week"]
        assert sum(len(part["text"]) for part in hits[0]["excerpt"]) < 200


def test_signs_of_a_query_language_are_only_signs(store: Database) -> None:
    with store.transaction() as session:
        talk(session, "nothing that would be found")
        for words in ("' OR 1=1 --", "NEAR(", "text:x*", 'un"do', "aa & b | !cc <-> d", ") OR (nothing"):
            assert found(session, words) == []
        for words in ("", "  ", "?", 'a "', "a & b | !c"):
            with pytest.raises(NothingToSearch):
                found(session, words)


def test_a_specialist_finds_only_what_they_handled_and_what_is_open(store: Database) -> None:
    with store.transaction() as session:
        me, other = a_specialist(session, "me", NOW), a_specialist(session, "other", NOW)
        mine, theirs, opened, never = (talk(session, "severance pay question") for _ in range(4))
        for conversation_id, who in ((mine, me), (theirs, other)):
            escalation_id = ask(session, conversation_id)
            escalations.take(session, escalation_id, who, NOW)
            escalations.resolve(session, escalation_id, who, Outcome.ANSWERED, NOW)
        ask(session, opened)
        answered = talk(session, "about severance I said", by=me)
        reader = Reader(me, everything=False)
        assert set(found(session, "severance", reader)) == {mine, opened, answered}
        assert set(found(session, "severance")) == {mine, theirs, opened, never, answered}
        readable = [transcript_search.may_read(session, one, reader) for one in (mine, theirs, opened, never, answered)]
        assert readable == [True, False, True, False, True]
        assert transcript_search.may_read(session, never, ALL)
        assert not transcript_search.may_read(session, "nothing", ALL)


def test_a_message_that_holds_claim_data_is_found_by_nobody(store: Database) -> None:
    with store.transaction() as session:
        me = a_specialist(session, "me", NOW)
        one = talk(session, "how is my claim", by=me)
        lines = [Line(Author.BOT, "Your claim is denied", "en", private=True), Line(Author.BOT, "Anything else?", "en")]
        conversations.append(session, one, lines, NOW)
        for reader in (ALL, Reader(me, everything=False)):
            assert found(session, "denied", reader) == []
            assert found(session, "claim", reader) == [one]


def test_the_newest_of_many_messages_and_the_old_one_of_a_rare_word_are_found(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript_search, "NEWEST_READ", 4)
    with store.transaction() as session:
        me = a_specialist(session, "me", NOW)
        rare = talk(session, "the Okanogan office", by=me, at=NOW - timedelta(days=9))
        talk(session, "the office in Okanoga", at=NOW - timedelta(days=8))
        mine = [talk(session, "a claim I saw", by=me, at=NOW - timedelta(days=day)) for day in (3, 2, 1)]
        many = [talk(session, f"claim {number} is late", at=NOW + timedelta(hours=number)) for number in range(6)]
        mine.append(talk(session, "a claim I saw", by=me, at=NOW + timedelta(days=1)))
        everything = [*mine[:3], *many, mine[3]][::-1]
        for limit in (1, 3, 10):
            newest = transcript_search.search(session, "claim", ALL, limit)
            assert [one["conversation_id"] for one in newest] == everything[:limit]
            of_mine = transcript_search.search(session, "claim", Reader(me, everything=False), limit)
            assert [one["conversation_id"] for one in of_mine] == mine[::-1][:limit]
        for reader in (ALL, Reader(me, everything=False)):
            assert found(session, "okanogan", reader) == [rare]


def test_sqlite_reads_a_common_word_from_its_newest_message_on(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'search.db'}")
    migrations.upgrade(database.engine)
    asked: list[tuple[str, Any]] = []
    with database.transaction() as session:
        talk(session, "my claim is late")
        event.listen(database.engine, "before_cursor_execute", lambda *call: asked.append(call[2:4]))
        assert found(session, "claim")
        statement, values = asked[0]
        plan = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values).all()
        steps = [str(row.detail) for row in plan]
    database.close()
    assert steps[0].startswith("SCAN message_words VIRTUAL TABLE")
    assert not [step for step in steps if "TEMP B-TREE" in step], "every message with the word would be fetched"


def test_what_leaves_the_transcript_leaves_the_search(store: Database) -> None:
    with store.transaction() as session:
        gone, kept = talk(session, "zebra one", "zebra two"), talk(session, "zebra three")
        session.execute(delete(Message).where(Message.conversation_id == gone))
        session.execute(update(Message).where(Message.conversation_id == kept).values(text="a horse"))
        assert found(session, "zebra") == []
        assert found(session, "horse") == [kept]


def test_messages_from_before_the_search_are_found_too(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    migrations.upgrade(database.engine, "0001")
    with database.transaction() as session:
        session.execute(
            sql(
                "INSERT INTO conversations (id, token_hash, locale, next_seq, created_at, last_message_at) "
                "VALUES ('c', '-', 'en', 2, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000')"
            )
        )
        session.execute(
            sql(
                "INSERT INTO messages (conversation_id, seq, author, text, language, created_at) "
                "VALUES ('c', 1, 'visitor', 'an old question', 'en', '2026-01-01 00:00:00.000000')"
            )
        )
    migrations.upgrade(database.engine)
    with database.snapshot() as session:
        assert found(session, "question") == ["c"]
    database.close()


@pytest.mark.parametrize("store", [pytest.param("postgresql", marks=pytest.mark.fleet)], indirect=True)
def test_postgresql_answers_a_search_from_its_index(store: Database) -> None:
    with store.transaction() as session:
        session.execute(sql("SET LOCAL enable_seqscan = off"))
        query = f"SELECT 1 FROM messages WHERE {transcript_search.POSTGRES_WORDS} @@ to_tsquery('simple', 'x:*')"
        plan = session.execute(sql(f"EXPLAIN {query}")).scalars()
        assert "ix_messages_words" in "\n".join(plan)
