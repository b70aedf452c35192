"""Proof of identity: bound to one conversation, short-lived, few tries, and silent about what exists."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select, update

from bot.database import Database
from bot.stores import identity
from bot.stores.identity import IdentityLimits, IdentityOutcome
from bot.stores.tables import Base, Claim, Claimant, Conversation, IdentityProof, IdentityTry
from bot.stores.vocabulary import ClaimStatus, Program

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
LIMITS = IdentityLimits(key=b"a key for the test")
IDLE = 15
GOOD = ("UI-40281735", "1990-04-03", "246810")
OTHER = ("UI-71930264", "1971-12-30", "135790")
WRONG = ("UI-40281735", "1990-04-04", "246810")
WRONG_PIN = ("UI-40281735", "1990-04-03", "246811")
UNKNOWN = ("UI-99999999", "1990-04-03", "246810")
WITHOUT_PIN = ("UI-55555555", "1985-05-05", "246810")


_hash_of = functools.cache(identity.hash_pin)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/identity.db")
    Base.metadata.create_all(opened.engine)
    with opened.transaction() as session:
        for number, (claim_number, born_on, pin) in enumerate((GOOD, OTHER, WITHOUT_PIN), start=1):
            session.add(Claimant(id=number, name="Test Juniper", born_on=date.fromisoformat(born_on), language="en"))
            session.flush()
            session.add(
                Claim(
                    id=number,
                    claim_number=claim_number,
                    claimant_id=number,
                    program=Program.WA_UI,
                    status=ClaimStatus.RECEIVED,
                    filed_on=date(2026, 11, 16),
                    status_since_on=date(2026, 11, 16),
                    updated_at=NOW,
                    pin_hash=None if claim_number == WITHOUT_PIN[0] else _hash_of(pin),
                )
            )
        for name in [f"c{number}" for number in range(30)]:
            session.add(Conversation(id=name, token_hash="-", locale="en", created_at=NOW, last_message_at=NOW))
    yield opened
    opened.close()


def _prove(
    database: Database, details: tuple[str, str, str], conversation: str = "c0", now: datetime = NOW
) -> identity.IdentityResult:
    with database.transaction() as session:
        return identity.prove(session, conversation, *details, now=now, limits=LIMITS)


def _proven(database: Database, conversation: str = "c0", now: datetime = NOW) -> int | None:
    with database.transaction() as session:
        return identity.proven_claim(session, conversation, now=now, idle_minutes=IDLE)


# ------------------------------------------------------------------ proving


def test_right_details_prove_the_claim_in_this_conversation_only(database: Database) -> None:
    assert _prove(database, GOOD).outcome is IdentityOutcome.PROVEN
    assert _proven(database, "c0") == 1
    assert _proven(database, "c1") is None


@pytest.mark.parametrize(
    "written",
    ["ui-40281735", "UI40281735", " ui 4028 1735 ", "UI‑40281735", "u.i.-4028-1735", "ＵＩ40281735"],
)
def test_case_spaces_and_hyphens_do_not_matter(database: Database, written: str) -> None:
    assert _prove(database, (written, *GOOD[1:])).outcome is IdentityOutcome.PROVEN


@pytest.mark.parametrize(
    "written",
    ["UI-4O281735", "40281735", "UI-4028173", "UI-402817355", "", "' OR 1=1 --", "UI-٤0281735", "%"],
)
def test_what_is_no_claim_number_is_refused_like_any_wrong_one(database: Database, written: str) -> None:
    assert _prove(database, (written, *GOOD[1:])) == identity.IdentityResult(IdentityOutcome.REFUSED, 4)


@pytest.mark.parametrize("born_on", ["", "1990-04-3", "04/03/1990", "not a day", "0001-01-01", "१९९०-०४-०३"])
def test_a_birth_date_in_another_form_is_refused(database: Database, born_on: str) -> None:
    assert _prove(database, (GOOD[0], born_on, GOOD[2])).outcome is IdentityOutcome.REFUSED


def test_the_dummy_birth_date_of_an_unknown_claim_proves_nothing(database: Database) -> None:
    assert _prove(database, (UNKNOWN[0], "0001-01-01", GOOD[2])).outcome is IdentityOutcome.REFUSED
    assert _prove(database, ("", "0001-01-01", GOOD[2])).outcome is IdentityOutcome.REFUSED


def test_another_claim_takes_the_place_of_the_one_proven_before(database: Database) -> None:
    _prove(database, GOOD)
    _prove(database, OTHER)
    assert _proven(database) == 2
    with database.snapshot() as session:
        assert len(session.execute(select(IdentityProof)).all()) == 1


# ------------------------------------------------------------------ unknown and wrong are alike


def test_an_unknown_claim_and_wrong_details_get_the_same_results_all_the_way_to_the_lock(
    database: Database,
) -> None:
    wrong = [_prove(database, WRONG, "c1") for _ in range(6)]
    unknown = [_prove(database, UNKNOWN, "c2") for _ in range(6)]
    assert wrong == unknown
    assert [result.tries_left for result in wrong] == [4, 3, 2, 1, 0, 0]


def test_an_unknown_claim_and_wrong_details_leave_the_same_traces(database: Database) -> None:
    _prove(database, WRONG, "c1")
    _prove(database, UNKNOWN, "c2")
    with database.snapshot() as session:
        rows = session.execute(select(IdentityTry).order_by(IdentityTry.id)).scalars().all()
        assert [len(row.claim_number_hash) for row in rows] == [64, 64]
        assert len({row.claim_number_hash for row in rows}) == 2


# ------------------------------------------------------------------ the PIN

FOUR_KINDS = {"no such claim": UNKNOWN, "wrong date": WRONG, "wrong PIN": WRONG_PIN, "no PIN": WITHOUT_PIN}


@pytest.mark.parametrize("pin", ["246810", "24 68 10", "246-810", "２４６８１０"])
def test_the_right_pin_proves_the_claim_however_it_is_grouped(database: Database, pin: str) -> None:
    assert _prove(database, (*GOOD[:2], pin)).outcome is IdentityOutcome.PROVEN


@pytest.mark.parametrize("pin", ["", "246811", "0246810", "x" * 2000])
def test_a_wrong_pin_is_refused(database: Database, pin: str) -> None:
    assert _prove(database, (*GOOD[:2], pin)).outcome is IdentityOutcome.REFUSED


def test_another_claims_pin_is_refused(database: Database) -> None:
    assert _prove(database, (*GOOD[:2], OTHER[2])).outcome is IdentityOutcome.REFUSED


@pytest.mark.parametrize("pin", ["", "246810"])
def test_a_claim_without_a_pin_can_not_be_proven_where_one_is_asked_for(database: Database, pin: str) -> None:
    assert _prove(database, (*WITHOUT_PIN[:2], pin)).outcome is IdentityOutcome.REFUSED


def test_where_no_pin_is_asked_for_number_and_birth_date_are_enough(database: Database) -> None:
    with database.transaction() as session:
        limits = IdentityLimits(key=LIMITS.key, pin=False)
        result = identity.prove(session, "c0", *WITHOUT_PIN[:2], now=NOW, limits=limits)
    assert result.outcome is IdentityOutcome.PROVEN


def test_a_pin_is_kept_as_an_argon2_hash_with_a_salt_of_its_own() -> None:
    first, second = identity.hash_pin("246810"), identity.hash_pin("246810")
    assert first.startswith("$argon2id$") and "246810" not in first
    assert identity.is_pin_hash(first) and first != second


@pytest.mark.parametrize("details", FOUR_KINDS.values(), ids=FOUR_KINDS)
def test_whatever_is_wrong_gets_the_same_results_all_the_way_to_the_lock(
    database: Database, details: tuple[str, str, str]
) -> None:
    results = [_prove(database, details) for _ in range(6)]
    assert [result.tries_left for result in results] == [4, 3, 2, 1, 0, 0]
    locked = [IdentityOutcome.LOCKED] * 2
    assert [result.outcome for result in results] == [IdentityOutcome.REFUSED] * 4 + locked


def test_whatever_is_wrong_runs_the_very_same_statements(database: Database) -> None:
    statements: list[str] = []
    listen = event.listens_for(database.engine, "before_cursor_execute")
    listen(lambda connection, cursor, statement, *rest: statements.append(statement))
    runs = []
    for number, details in enumerate(FOUR_KINDS.values()):
        statements.clear()
        _prove(database, details, f"c{number}")
        runs.append(list(statements))
    assert runs[0] and all(run == runs[0] for run in runs)


@pytest.mark.parametrize("details", FOUR_KINDS.values(), ids=FOUR_KINDS)
def test_whatever_is_wrong_one_hash_is_verified(
    database: Database, details: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _prove(database, details, "c1")
    verified = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, *args: verified.append(args[0]) or verify(self, *args))
    _prove(database, details, "c2")
    (checked,) = verified
    assert identity.is_pin_hash(checked)


def test_nobody_waits_for_the_database_while_a_pin_is_checked(database: Database) -> None:
    with database.transaction() as session:
        attempt = identity.begin_try(session, "c0", *GOOD, now=NOW, limits=LIMITS)
    assert isinstance(attempt, identity.Attempt)
    with database.transaction() as session:
        assert identity.tries_left(session, "c0", limits=LIMITS) == 4
    assert identity.details_fit(attempt)
    with database.transaction() as session:
        assert identity.end_try(session, attempt, True, now=NOW).tries_left == 5
        assert identity.tries_left(session, "c0", limits=LIMITS) == 5


# ------------------------------------------------------------------ several claims of one claimant


def _pick(database: Database, claim_number: str, now: datetime = NOW) -> int | None:
    with database.transaction() as session:
        return identity.pick(session, "c0", claim_number, now=now, idle_minutes=IDLE)


def test_another_own_claim_can_be_picked(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Claim).where(Claim.id == 2).values(claimant_id=1))
    _prove(database, GOOD)
    assert _pick(database, "ui 7193 0264") == 2
    assert _proven(database) == 2


@pytest.mark.parametrize("number", [OTHER[0], UNKNOWN[0], "nonsense"])
def test_someone_elses_claim_can_not_be_picked(database: Database, number: str) -> None:
    _prove(database, GOOD)
    assert _pick(database, number) is None
    assert _proven(database) == 1


def test_nothing_can_be_picked_without_a_living_proof(database: Database) -> None:
    assert _pick(database, GOOD[0]) is None
    _prove(database, GOOD)
    assert _pick(database, GOOD[0], NOW + timedelta(minutes=15)) is None


# ------------------------------------------------------------------ limits


def test_five_wrong_tries_lock_the_conversation_even_for_right_details(database: Database) -> None:
    results = [_prove(database, WRONG) for _ in range(5)]
    assert [result.outcome for result in results] == [IdentityOutcome.REFUSED] * 4 + [IdentityOutcome.LOCKED]
    assert _prove(database, GOOD).outcome is IdentityOutcome.LOCKED
    assert _proven(database) is None


def test_a_good_try_does_not_give_back_the_wrong_ones(database: Database) -> None:
    _prove(database, UNKNOWN)
    assert _prove(database, GOOD).tries_left == 4
    assert _prove(database, UNKNOWN).tries_left == 3


def test_ten_wrong_tries_in_an_hour_lock_the_claim_in_every_conversation(database: Database) -> None:
    for number in range(10):
        assert _prove(database, WRONG, f"c{number}").outcome is IdentityOutcome.REFUSED
    assert _prove(database, GOOD, "c20").outcome is IdentityOutcome.LOCKED
    assert _prove(database, OTHER, "c20").outcome is IdentityOutcome.PROVEN
    later = NOW + timedelta(minutes=60)
    assert _prove(database, GOOD, "c21", later).outcome is IdentityOutcome.PROVEN


def test_an_unknown_claim_number_locks_just_the_same(database: Database) -> None:
    for number in range(10):
        _prove(database, UNKNOWN, f"c{number}")
    assert _prove(database, UNKNOWN, "c20").outcome is IdentityOutcome.LOCKED


def test_writing_the_number_another_way_does_not_get_round_the_lock(database: Database) -> None:
    for number in range(10):
        _prove(database, ("ui 4028 1735" if number % 2 else "UI-40281735", *WRONG[1:]), f"c{number}")
    assert _prove(database, GOOD, "c20").outcome is IdentityOutcome.LOCKED


def test_what_can_be_no_claim_number_never_locks_others_out_and_leaves_nothing_of_itself(
    database: Database,
) -> None:
    for number in range(12):
        assert _prove(database, ("123-45-6789", *GOOD[1:]), f"c{number}").tries_left == 4
    with database.snapshot() as session:
        hashes = session.execute(select(IdentityTry.claim_number_hash)).scalars().all()
        assert len(set(hashes)) == 12


def test_wrong_tries_keep_no_claim_number(database: Database) -> None:
    _prove(database, WRONG)
    with database.snapshot() as session:
        kept = session.execute(select(IdentityTry)).scalars().one()
        assert "40281735" not in kept.claim_number_hash
    other_key = IdentityLimits(key=b"another key")
    with database.transaction() as session:
        identity.prove(session, "c1", *WRONG, now=NOW, limits=other_key)
        hashes = session.execute(select(IdentityTry.claim_number_hash)).scalars().all()
        assert len(set(hashes)) == 2


# ------------------------------------------------------------------ the life of a proof


def test_a_proof_dies_after_fifteen_idle_minutes(database: Database) -> None:
    _prove(database, GOOD)
    assert _proven(database, now=NOW + timedelta(minutes=15)) is None
    assert _proven(database, now=NOW) is None


def test_using_a_proof_keeps_it_alive(database: Database) -> None:
    _prove(database, GOOD)
    for minutes in (14, 28, 42):
        assert _proven(database, now=NOW + timedelta(minutes=minutes)) == 1
    assert _proven(database, now=NOW + timedelta(minutes=57)) is None


def test_looking_at_a_proof_without_using_it_does_not_keep_it_alive(database: Database) -> None:
    _prove(database, GOOD)
    with database.snapshot() as session:
        seen = identity.standing_proof(session, "c0", now=NOW + timedelta(minutes=14), idle_minutes=IDLE)
    assert seen == 1
    assert _proven(database, now=NOW + timedelta(minutes=16)) is None


def test_setting_the_clock_back_ends_a_proof(database: Database) -> None:
    """Nobody knows how old it is then; clocks of two gateways that differ by a minute end nothing."""
    _prove(database, GOOD)
    assert _proven(database, now=NOW - timedelta(minutes=1)) == 1
    _prove(database, GOOD)
    assert _proven(database, now=NOW - timedelta(minutes=5)) is None
    assert _proven(database, now=NOW) is None


def test_using_a_proof_in_a_session_that_only_reads_is_refused(database: Database) -> None:
    with database.snapshot() as session, pytest.raises(RuntimeError, match="transaction"):
        identity.proven_claim(session, "c0", now=NOW, idle_minutes=IDLE)


def test_a_proof_that_is_forgotten_is_gone(database: Database) -> None:
    _prove(database, GOOD)
    with database.transaction() as session:
        identity.forget(session, "c0")
    assert _proven(database) is None


def test_a_wrong_try_leaves_an_earlier_proof_as_it_is(database: Database) -> None:
    _prove(database, GOOD)
    _prove(database, WRONG)
    assert _proven(database) == 1
