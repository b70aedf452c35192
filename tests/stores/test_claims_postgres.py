"""The claim stores on PostgreSQL: the same facts, ids that never collide, and tries counted one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timezone

import pytest

from bot.database import Database
from bot.stores import claims, demo_claims, demo_people, identity
from bot.stores.claims_import import import_claims
from bot.stores.identity import IdentityLimits, IdentityOutcome
from bot.stores.tables import Base, Claimant, Conversation
from bot.stores.vocabulary import ReaderKind
from tests.servers import postgres_server
from tests.stores.test_claims_import import _exported
from tests.stores.test_demo_claims import check_consistency

pytestmark = pytest.mark.fleet
NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
AS_OF = date(2026, 11, 21)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A PostgreSQL with 120 imported demo claims and two conversations."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres_server(folder / "data") as url:
        opened = Database(url)
        Base.metadata.create_all(opened.engine)
        rows = [
            _exported(person, claim, f"p{place}")
            for place, person in enumerate(demo_people.generate(AS_OF, count=120))
            for claim in person.claims
        ]
        file = folder / "claims.jsonl"
        file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        with opened.transaction() as session:
            assert import_claims(session, file, now=NOW).added == 120
            for name in ("c1", "c2"):
                session.add(Conversation(id=name, token_hash="-", locale="en", created_at=NOW, last_message_at=NOW))
        yield opened
        opened.close()


def test_imported_claims_are_consistent(database: Database) -> None:
    with database.transaction() as session:
        assert check_consistency(session, AS_OF) == []


def test_rows_added_after_an_import_get_free_ids(database: Database) -> None:
    with database.transaction() as session:
        session.add(Claimant(name="Test Juniper", born_on=date(1990, 1, 1), language="en"))
        session.flush()


def test_a_claim_is_proven_and_read(database: Database) -> None:
    with database.transaction() as session:
        login = demo_claims.demo_claims(session)[0]
        result = identity.prove(
            session, "c1", login.claim_number, login.born_on.isoformat(), now=NOW, limits=IdentityLimits(pin=False)
        )
        assert result.outcome is IdentityOutcome.PROVEN
        claim_id = identity.proven_claim(session, "c1", now=NOW, idle_minutes=15)
        facts = claims.read_claim(
            session, login.claim_id, reader=ReaderKind.BOT, conversation_id="c1", purpose="test", now=NOW
        )
        assert (claim_id, facts.claim_number) == (login.claim_id, login.claim_number)


def test_tries_at_the_same_moment_are_counted_one_by_one(database: Database) -> None:
    def guess(_: int) -> int:
        with database.transaction() as session:
            return identity.prove(
                session, "c2", "UI-00000000", "1990-01-01", now=NOW, limits=IdentityLimits()
            ).tries_left

    with ThreadPoolExecutor(8) as threads:
        left = sorted(threads.map(guess, range(12)), reverse=True)
    assert left == [4, 3, 2, 1, 0] + [0] * 7
