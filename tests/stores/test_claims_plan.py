"""The way to a claim's status uses indexes alone, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest
from sqlalchemy import event

from bot.database import Database
from bot.stores import claims, demo_claims, identity
from bot.stores.identity import Attempt, IdentityLimits
from bot.stores.tables import Conversation
from bot.stores.vocabulary import ClaimStatus, ReaderKind

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def database(module_store: Database) -> Database:
    """Holds 60 demo claims and a conversation."""
    with module_store.transaction() as session:
        demo_claims.seed_demo_claims(session, date(2026, 11, 21), count=60)
        session.add(Conversation(id="c1", token_hash="-", locale="en", created_at=NOW, last_message_at=NOW))
    return module_store


def _look_up(database: Database, status: ClaimStatus) -> None:
    """What one answer about a claim does: a wrong try, a right one, and the read of everything."""
    with database.transaction() as session:
        login = next(one for one in demo_claims.demo_claims(session) if one.status is status)
    statements: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    details = (login.claim_number, login.born_on.isoformat())
    with database.transaction() as session:
        for pin in ("x", login.pin):
            attempt = identity.begin_try(session, "c1", *details, pin, now=NOW, limits=IdentityLimits())
            assert isinstance(attempt, Attempt)
            identity.end_try(session, attempt, identity.details_fit(attempt), now=NOW)
        claim_id = identity.proven_claim(session, "c1", now=NOW, idle_minutes=15)
        assert claim_id == login.claim_id
        facts = claims.read_claim(session, claim_id, reader=ReaderKind.BOT, purpose="test", now=NOW)
        claims.claims_of_claimant(session, facts.claimant_id, reader=ReaderKind.BOT, purpose="test", now=NOW)
    event.remove(database.engine, "before_cursor_execute", note)
    asked = [(s, p) for s, p in statements if s.split()[0] in ("SELECT", "UPDATE", "DELETE") and "pg_advisory" not in s]
    assert len(asked) >= 10
    plans = [(s, plan) for s, p in asked for plan in _plans(database, s, p)]
    assert [(s, plan) for s, plan in plans if _is_whole_table(plan)] == []


def _plans(database: Database, statement: str, parameters: Any) -> list[str]:
    sqlite = database.engine.dialect.name == "sqlite"
    with database.snapshot() as session:
        connection = session.connection()
        if sqlite:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            return [str(row[3]) for row in rows]
        # On a small table a scan is the cheapest plan: it is forbidden, to see whether an index could serve.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


def _is_whole_table(plan: str) -> bool:
    """SQLite says "SCAN claims" for every row and "SEARCH claims USING INDEX" else; PostgreSQL "Seq Scan"."""
    return plan.startswith("SCAN ") or "Seq Scan" in plan


@pytest.mark.parametrize("status", [ClaimStatus.OVERPAYMENT, ClaimStatus.HEALTH_DENIED])
def test_no_statement_on_the_way_to_a_status_reads_a_whole_table(database: Database, status: ClaimStatus) -> None:
    _look_up(database, status)


def test_a_statement_that_reads_a_whole_table_would_be_seen(database: Database) -> None:
    plans = _plans(database, "SELECT id FROM claims WHERE program = 'wa_ui'", ())
    assert any(_is_whole_table(plan) for plan in plans)
