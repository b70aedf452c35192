"""The audit table only grows: the database itself refuses to change it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from bot.database import Database
from bot.stores import claims
from bot.stores.tables import Claim, Claimant, ClaimRead
from bot.stores.vocabulary import ClaimStatus, Program, ReaderKind

NOW = datetime.now(timezone.utc)


@pytest.fixture(scope="module")
def database(module_store: Database) -> Database:
    """Holds one claim."""
    with module_store.transaction() as session:
        session.add(Claimant(id=1, name="Test Juniper", born_on=date(1990, 4, 3), language="en"))
        session.flush()
        session.add(
            Claim(
                id=1,
                claim_number="UI-40281735",
                claimant_id=1,
                program=Program.WA_UI,
                status=ClaimStatus.RECEIVED,
                filed_on=date(2026, 11, 16),
                status_since_on=date(2026, 11, 16),
                updated_at=NOW,
            )
        )
    return module_store


def _read(database: Database, at: datetime) -> int:
    """Read the claim as the bot does; returns the id of the audit row."""
    with database.transaction() as session:
        claims.read_claim(session, 1, reader=ReaderKind.BOT, purpose="claim_status", conversation_id="c1", now=at)
        return int(session.execute(select(func.max(ClaimRead.id))).scalar_one())


def _run(database: Database, statement: str, **values: int) -> None:
    with database.transaction() as session:
        session.execute(text(statement), values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claim_reads SET purpose = 'x' WHERE id = :id",
        "UPDATE claim_reads SET read_at = '2001-01-01 00:00:00' WHERE id = :id",
        "DELETE FROM claim_reads WHERE id = :id",
        "DELETE FROM claim_reads",
    ],
)
def test_a_row_of_the_audit_table_can_be_neither_changed_nor_deleted(database: Database, statement: str) -> None:
    row = _read(database, NOW)
    with pytest.raises(IntegrityError, match="claim_reads only grows"):
        _run(database, statement, **({"id": row} if ":id" in statement else {}))
    with database.snapshot() as session:
        kept = session.execute(select(ClaimRead.purpose).where(ClaimRead.id == row)).scalar_one()
    assert kept == "claim_status"


def test_a_row_can_not_be_replaced_by_another_under_its_id(database: Database) -> None:
    row = _read(database, NOW)
    verb = "INSERT OR REPLACE" if database.engine.dialect.name == "sqlite" else "INSERT"
    with pytest.raises(IntegrityError):
        _run(
            database,
            f"{verb} INTO claim_reads (id, claim_id, reader, purpose, read_at)"
            " VALUES (:id, 1, 'bot', 'x', '2026-01-01 00:00:00')",
            id=row,
        )


def test_the_table_can_not_be_truncated_on_postgresql(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    _read(database, NOW)
    with pytest.raises(IntegrityError, match="claim_reads only grows"):
        _run(database, "TRUNCATE claim_reads")


def test_only_rows_older_than_seven_years_can_be_purged(database: Database) -> None:
    old, young = _read(database, NOW - timedelta(days=7 * 366)), _read(database, NOW - timedelta(days=7 * 365 - 30))
    _run(database, "DELETE FROM claim_reads WHERE id = :id", id=old)
    with pytest.raises(IntegrityError):
        _run(database, "DELETE FROM claim_reads WHERE id = :id", id=young)
    with database.snapshot() as session:
        left = session.execute(select(ClaimRead.id).where(ClaimRead.id.in_((old, young)))).scalars().all()
    assert left == [young]
