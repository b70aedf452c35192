"""The claim store gives a claim's facts and writes every read down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timezone

import pytest
from sqlalchemy import select

from bot.database import Database
from bot.stores import claims, demo_claims
from bot.stores.tables import Base, Claim, ClaimRead, HealthClaim, Issue, Payment, WeeklyClaim
from bot.stores.vocabulary import ClaimStatus, IssueState, Program, ReaderKind

AS_OF = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('claims')}/claims.db")
    Base.metadata.create_all(opened.engine)
    with opened.transaction() as session:
        demo_claims.seed_demo_claims(session, AS_OF)
    yield opened
    opened.close()


def _id_of(database: Database, status: ClaimStatus) -> int:
    with database.snapshot() as session:
        found = select(Claim.id).where(Claim.status == status).order_by(Claim.id).limit(1)
        return int(session.execute(found).scalar_one())


def _read_as_bot(database: Database, claim_id: int) -> claims.ClaimFacts:
    with database.transaction() as session:
        return claims.read_claim(
            session, claim_id, reader=ReaderKind.BOT, conversation_id="c1", purpose="claim_status", now=NOW
        )


def test_a_read_gives_every_row_of_the_claim_from_oldest_to_newest(database: Database) -> None:
    claim_id = _id_of(database, ClaimStatus.OVERPAYMENT)
    facts = _read_as_bot(database, claim_id)
    with database.snapshot() as session:
        for table, given in ((WeeklyClaim, facts.weeks), (Payment, facts.payments), (Issue, facts.issues)):
            stored = session.execute(select(table).where(table.claim_id == claim_id)).scalars().all()
            assert len(stored) == len(given) > 0
    assert list(facts.weeks) == sorted(facts.weeks, key=lambda week: week.week_ends_on)
    assert list(facts.payments) == sorted(facts.payments, key=lambda payment: payment.paid_on)
    assert facts.overpayments[0].determination_id == facts.determinations[0].id
    assert facts.program is Program.WA_UI
    assert facts.health is None


def test_a_read_of_an_insurance_claim_gives_its_sums(database: Database) -> None:
    claim_id = _id_of(database, ClaimStatus.HEALTH_PROCESSED)
    health = _read_as_bot(database, claim_id).health
    assert health is not None
    with database.snapshot() as session:
        stored = session.get(HealthClaim, claim_id)
        assert (health.billed_cents, health.member_owes_cents) == (
            stored.billed_cents,
            stored.member_owes_cents,
        )


def test_open_issues_are_those_not_decided(database: Database) -> None:
    facts = _read_as_bot(database, _id_of(database, ClaimStatus.ADJUDICATION))
    assert facts.open_issues
    assert all(issue.state is not IssueState.DECIDED for issue in facts.open_issues)


def test_every_read_is_written_to_the_audit_table(database: Database) -> None:
    claim_id = _id_of(database, ClaimStatus.CLOSED)
    _read_as_bot(database, claim_id)
    with database.transaction() as session:
        claims.read_claim(
            session, claim_id, reader=ReaderKind.SPECIALIST, specialist_id=7, purpose="escalation", now=NOW
        )
    with database.snapshot() as session:
        reads = session.execute(
            select(ClaimRead).where(ClaimRead.claim_id == claim_id).order_by(ClaimRead.id)
        ).scalars()
        assert [(r.reader, r.conversation_id, r.specialist_id, r.purpose, r.read_at) for r in reads] == [
            (ReaderKind.BOT, "c1", None, "claim_status", NOW),
            (ReaderKind.SPECIALIST, None, 7, "escalation", NOW),
        ]


def test_a_list_of_claims_is_newest_first_and_counts_as_a_read_of_each(database: Database) -> None:
    with database.transaction() as session:
        claimant = session.execute(select(Claim.claimant_id).where(Claim.status == ClaimStatus.CLOSED)).scalars()
        owner = next(
            owner
            for owner in claimant
            if len(session.execute(select(Claim.id).where(Claim.claimant_id == owner)).all()) == 2
        )
        lines = claims.claims_of_claimant(
            session, owner, reader=ReaderKind.BOT, conversation_id="c2", purpose="pick_claim", now=NOW
        )
        assert [line.status for line in lines] == [ClaimStatus.PAYING, ClaimStatus.CLOSED]
        assert lines[0].filed_on > lines[1].filed_on
        read = session.execute(select(ClaimRead.claim_id).where(ClaimRead.conversation_id == "c2")).scalars()
        assert set(read) == {line.id for line in lines}


def test_a_read_where_its_audit_row_would_be_lost_is_refused(database: Database) -> None:
    with database.snapshot() as session, pytest.raises(RuntimeError, match="transaction"):
        claims.read_claim(session, 1, reader=ReaderKind.BOT, conversation_id="c1", purpose="claim_status", now=NOW)


def test_a_specialist_who_reads_has_to_be_named(database: Database) -> None:
    with database.transaction() as session, pytest.raises(ValueError, match="specialist"):
        claims.read_claim(session, 1, reader=ReaderKind.SPECIALIST, purpose="escalation", now=NOW)


def test_an_unknown_claim_is_said_so(database: Database) -> None:
    with pytest.raises(claims.ClaimNotFound):
        _read_as_bot(database, 999_999)
