"""What is past its time is deleted, what is not stays, and one person's data can be handed out or erased."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import purging, retention, seeding
from bot.__main__ import main
from bot.database import Database
from bot.stores import conversations, identity, personal_data, specialists, trackers
from bot.stores.conversations import Line
from bot.stores.identity import IdentityLimits
from bot.stores.tables import Base, Claim, Claimant, ClaimRead, Conversation
from bot.stores.vocabulary import Author, ReaderKind, Role
from tests.stored import an_escalation

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)


def old(days: float) -> datetime:
    return NOW - timedelta(days=days)


def a_conversation(session: Session, at: datetime, *, claim_id: int | None = None, text: str = "hello") -> str:
    """A conversation with everything that can hang on one."""
    opened = conversations.open_conversation(session, locale="en", program=None, now=at)
    button = [{"title": "A", "payload": "/a"}]
    lines = [Line(Author.VISITOR, text, "en"), Line(Author.BOT, "hi", "en", button)]
    conversations.append(session, opened.id, lines, at)
    trackers.save(session, opened.id, {"slots": {}, "active_loop": None, "events": [{"text": text}]}, at)
    identity.prove(session, opened.id, "UI-00000000", "1980-01-01", now=at, limits=IdentityLimits())
    an_escalation(session, opened.id, at)
    if claim_id is not None:
        session.add(
            ClaimRead(
                claim_id=claim_id,
                reader=ReaderKind.BOT,
                conversation_id=opened.id,
                purpose="status",
                read_at=at,
            )
        )
    return opened.id


def counts(database: Database) -> dict[str, int]:
    with database.snapshot() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def claim(database: Database) -> tuple[int, str]:
    with database.transaction() as session:
        seeding.seed(session, with_demo_claims=True, as_of=seeding.today())
        return session.execute(select(Claim.id, Claim.claim_number).limit(1)).one()


def test_every_table_has_a_decision_about_how_long_it_is_kept() -> None:
    undecided = {table.name for table in Base.metadata.sorted_tables} - set(retention.named_tables())
    assert not undecided, f"Say in data/retention.yml how long these are kept: {sorted(undecided)}"


def test_an_old_conversation_goes_with_all_that_hangs_on_it_and_a_new_one_stays(
    database: Database, claim: tuple[int, str]
) -> None:
    with database.transaction() as session:
        gone = a_conversation(session, old(181), claim_id=claim[0])
        stays = a_conversation(session, old(179), claim_id=claim[0])
    before = counts(database)
    done = {one.kind: one.rows for one in purging.purge(database, NOW)}
    assert done["conversations"] == 1
    after = counts(database)
    for table in ("conversations", "escalations", "offered_payloads", "identity_tries"):
        assert (before[table], after[table]) == (2, 1), table
    assert (before["messages"], after["messages"]) == (4, 2)
    with database.snapshot() as session:
        assert session.get(Conversation, gone) is None
        assert len(conversations.since(session, stays, 0)) == 2
    # The audit and the agency's records are as they were.
    for table in ("claim_reads", "claims", "claimants", "payments", "job_classes"):
        assert after[table] == before[table], table


def test_counting_deletes_nothing_and_says_what_a_purge_then_deletes(database: Database) -> None:
    with database.transaction() as session:
        for days in (1, 31, 181, 400):
            a_conversation(session, old(days))
    before = counts(database)
    due = {one.kind: one.rows for one in purging.due(database, NOW)}
    assert counts(database) == before
    assert due["conversations"] == 2 and due["bot_memory"] == 3
    purging.purge(database, NOW)
    assert {one.rows for one in purging.due(database, NOW)} == {0}


def test_more_conversations_than_fit_one_transaction_all_go(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "_BATCH", 3)
    with database.transaction() as session:
        for _ in range(8):
            a_conversation(session, old(200))
    purging.purge(database, NOW)
    assert counts(database)["conversations"] == 0


def test_signed_in_browsers_are_forgotten_after_their_time(database: Database) -> None:
    with database.transaction() as session:
        one = specialists.add(
            session, login="a", alias="A", role=Role.SPECIALIST, password="long enough 12", now=old(9)
        )
        specialists.sign_in(session, one.id, old(3))
        specialists.sign_in(session, one.id, old(0.1))
    purging.purge(database, NOW)
    assert counts(database)["specialist_sessions"] == 1


def test_a_clock_that_is_years_ahead_deletes_nothing(database: Database) -> None:
    with database.transaction() as session:
        a_conversation(session, old(1))
    before = counts(database)
    assert purging.purge_unless_clock_is_wrong(database, NOW + timedelta(days=3650)) == []
    assert counts(database) == before
    assert purging.purge_unless_clock_is_wrong(database, NOW)


@pytest.mark.parametrize(
    "text",
    ["kinds: {a: {table: nowhere, since: x, days: 1}}", "kinds: {a: {table: messages, since: created_at, days: 0}}"],
)
def test_a_period_that_can_not_be_used_is_told(text: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "retention.yml"
    file.write_text(text)
    monkeypatch.setattr(retention, "FILE", file)
    retention.kinds.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"data/retention\.yml"):
            retention.kinds()
    finally:
        retention.kinds.cache_clear()


def test_one_persons_data_is_exported_without_hashes_and_erased_without_touching_anothers(
    database: Database, claim: tuple[int, str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    claim_id, number = claim
    with database.transaction() as session:
        mine = a_conversation(session, old(5), claim_id=claim_id, text="my own words")
        other = a_conversation(session, old(5), text="somebody else's words")
        name = session.execute(
            select(Claimant.name).join(Claim, Claim.claimant_id == Claimant.id).where(Claim.id == claim_id)
        ).scalar_one()
    monkeypatch.setenv("DATABASE_URL", str(database.engine.url))
    file = tmp_path / "person.json"
    assert main(["person", "export", "--claim", number.lower().replace("-", " "), "--out", str(file)]) == 0
    assert file.stat().st_mode & 0o077 == 0
    exported = json.loads(file.read_text())
    assert name in file.read_text() and "my own words" in file.read_text()
    assert "somebody else's words" not in file.read_text()
    assert not [column for rows in exported.values() for row in rows for column in row if column.endswith("_hash")]

    assert main(["person", "erase", "--claim", number]) == 0
    with database.snapshot() as session:
        assert session.get(Conversation, mine) is not None
    assert main(["person", "erase", "--claim", number, "--apply"]) == 0
    with database.snapshot() as session:
        assert session.get(Conversation, mine) is None
        assert len(conversations.since(session, other, 0)) == 2
        reads = session.execute(select(ClaimRead).where(ClaimRead.claim_id == claim_id)).scalars().all()
    # Who read the claim stays on record.
    assert [read.conversation_id for read in reads] == [mine]
    assert main(["person", "export", "--conversation", other]) == 0
    assert "somebody else's words" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["person", "export", "--claim", "banana"], "no claim number"),
        (["person", "export", "--claim", "UI-99999999"], "no claim UI-99999999"),
        (["person", "erase", "--conversation", "0" * 32], "no conversation"),
    ],
)
def test_a_person_nobody_knows_is_told_and_nothing_is_done(
    database: Database, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", str(database.engine.url))
    assert main(arguments) == 1
    assert told in capsys.readouterr().err


def test_the_purge_command_counts_first_and_deletes_when_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    with database.transaction() as session:
        a_conversation(session, datetime.now(timezone.utc) - timedelta(days=500))
    monkeypatch.setenv("DATABASE_URL", str(database.engine.url))
    assert main(["purge"]) == 0
    assert "Nothing was deleted" in capsys.readouterr().out
    assert counts(database)["conversations"] == 1
    assert main(["purge", "--apply"]) == 0
    assert counts(database)["conversations"] == 0


def test_a_conversation_with_something_on_record_stays_as_an_empty_row(database: Database) -> None:
    """Escalations stand in here for a table that is kept longer than the conversation."""
    kept = {*retention.kept_tables(), "escalations"}
    with database.transaction() as session:
        one = a_conversation(session, old(200), text="words")
        personal_data.delete_conversations(session, [one], kept)
    with database.snapshot() as session:
        row = session.get(Conversation, one)
        assert row is not None and row.token_hash == personal_data.ERASED and row.ended_at is not None
        assert conversations.since(session, one, 0) == []
        assert personal_data.due_conversations(session, NOW, kept, 10) == []
        assert personal_data.due_conversations(session, NOW, retention.kept_tables(), 10) == [one]
