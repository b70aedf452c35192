"""A file of claims is stored whole or not at all, and each bad row is named with its line and reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from bot.database import Database
from bot.stores import claims, demo_people, demo_rows
from bot.stores.claims_import import (
    _CLAIM,
    _CLAIMANT,
    _HEALTH,
    _LISTS,
    BadRow,
    ImportRefused,
    ImportReport,
    import_claims,
)
from bot.stores.identity import hash_pin, is_pin_hash
from bot.stores.tables import Appeal, Base, Claim, Claimant, Determination, Issue, Payment, WeeklyClaim
from bot.stores.vocabulary import ClaimStatus, ReaderKind
from tests.stores.test_demo_claims import check_consistency

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
AS_OF = date(2026, 11, 21)
PAYMENT = {"week_ends_on": "2026-11-14", "amount_cents": 60_000, "paid_on": "2026-11-18", "method": "debit_card"}
DETERMINATION = {"decision": "denied", "reason": "misconduct", "mailed_on": "2026-11-18"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/claims.db")
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.close()


def _row(**changes: Any) -> dict[str, Any]:
    """A good row; a change to None takes the field out."""
    row = {
        "claim_number": "UI-40281735",
        "name": "Test Juniper",
        "born_on": "1990-04-03",
        "program": "wa_ui",
        "status": "received",
        "filed_on": "2026-11-10",
        "effective_on": "2026-11-08",
        "status_since_on": "2026-11-10",
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


def _health_row(**changes: Any) -> dict[str, Any]:
    health = {
        "plan": "high",
        "provider": "Marigold Test Clinic",
        "service_on": "2026-11-01",
        "billed_cents": 12345,
        "waiting_on": "agency",
    }
    return (
        _row(
            claim_number="HC-71930264",
            program="ok_insurance",
            status="health_received",
            effective_on=None,
            health=health,
        )
        | changes
    )


def _file(tmp_path: Path, *rows: Any, name: str = "claims.jsonl") -> Path:
    path = tmp_path / name
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    return path


def _import(database: Database, path: Path, **options: Any) -> ImportReport:
    with database.transaction() as session:
        return import_claims(session, path, now=NOW, **options)


def _refusal(database: Database, path: Path) -> list[BadRow]:
    with pytest.raises(ImportRefused) as caught:
        _import(database, path)
    assert _count(database, Claim) == 0
    assert _count(database, Claimant) == 0
    return caught.value.report.bad


def _count(database: Database, table: Any) -> int:
    with database.snapshot() as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def _facts(database: Database, number: str) -> dict[str, Any]:
    """A claim's facts without the ids, with what points at an id turned into a position."""
    with database.transaction() as session:
        claim_id = session.execute(select(Claim.id).where(Claim.claim_number == number)).scalar_one()
        facts = asdict(claims.read_claim(session, claim_id, reader=ReaderKind.BOT, purpose="test", now=NOW))
    for name, other in (("determinations", "issue"), ("appeals", "determination"), ("overpayments", "determination")):
        places = {row["id"]: place for place, row in enumerate(facts[f"{other}s"])}
        for row in facts[name]:
            row[f"{other}_id"] = places.get(row[f"{other}_id"])
    for rows in facts.values():
        for row in rows if isinstance(rows, tuple) else ():
            row.pop("id", None)
    return {name: value for name, value in facts.items() if name not in ("id", "claimant_id", "updated_at")}


# ------------------------------------------------------------------ what is stored


def test_a_row_becomes_a_claim_and_its_claimant(database: Database, tmp_path: Path) -> None:
    report = _import(database, _file(tmp_path, _row(), _health_row()))
    assert (report.rows, report.added, report.updated, report.bad) == (2, 2, 0, [])
    with database.snapshot() as session:
        claim, claimant = session.execute(
            select(Claim, Claimant).join(Claimant).where(Claim.claim_number == "UI-40281735")
        ).one()
        assert (claimant.name, claimant.born_on, claimant.language) == ("Test Juniper", date(1990, 4, 3), "en")
        assert (claim.status, claim.paid_to_date_cents, claim.updated_at) == (ClaimStatus.RECEIVED, 0, NOW)
    assert _facts(database, "HC-71930264")["health"]["billed_cents"] == 12345


def test_csv_and_json_lines_say_the_same(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(
        "claim_number,name,born_on,program,status,filed_on,status_since_on,weekly_benefit_cents,health_plan,"
        "health_provider,health_service_on,health_billed_cents,health_waiting_on\n"
        '"ui 4028 1735","Test ""T"" Juniper",1990-04-03,wa_ui,paying,2026-11-10,2026-11-10,60000,,,,,\n'
        "\n"
        "HC-71930264,Sample Sorrel,1980-01-02,ok_insurance,health_received,2026-11-10,2026-11-10,,high,"
        "Marigold Test Clinic,2026-11-01,12345,agency\n",
        encoding="utf-8-sig",
    )
    assert _import(database, path).added == 2
    assert _facts(database, "UI-40281735")["weekly_benefit_cents"] == 60_000
    assert _facts(database, "HC-71930264")["health"]["plan"] == "high"


def test_all_that_the_store_holds_can_be_imported(database: Database, tmp_path: Path) -> None:
    demo = demo_people.generate(AS_OF, count=120)
    rows = [_exported(person, claim, f"p{place}") for place, person in enumerate(demo) for claim in person.claims]
    report = _import(database, _file(tmp_path, *rows))
    assert (report.added, report.bad) == (120, [])
    assert _count(database, Claimant) == len(demo)
    with database.transaction() as session:
        assert check_consistency(session, AS_OF) == []
    before = {row["claim_number"]: _facts(database, row["claim_number"]) for row in rows[:30]}
    report = _import(database, _file(tmp_path, *rows))
    assert (report.added, report.updated) == (0, 120)
    assert before == {number: _facts(database, number) for number in before}
    assert _count(database, Claimant) == len(demo)


def _counted_from_one(item: dict[str, Any]) -> dict[str, Any]:
    """What points into a list of the same claim counts from 0 in demo claims, from 1 in a file."""
    pointers = {name: item[name] + 1 for name in ("issue", "determination") if item.get(name) is not None}
    return {**item, **pointers}


def _exported(person: demo_people.DemoClaimant, demo: demo_rows.DemoClaim, who: str) -> dict[str, Any]:
    """A demo claim as a row of an import file."""
    row: dict[str, Any] = {"person": who, "name": person.name, "born_on": person.born_on, "language": person.language}
    row |= demo.claim
    row["updated_at"] = datetime.combine(demo.claim["status_since_on"], datetime.min.time(), timezone.utc)
    for name in ("weeks", "payments", "issues", "determinations", "appeals", "overpayments"):
        row[name] = [_counted_from_one(item) for item in getattr(demo, name)]
    if demo.health is not None:
        row["health"] = demo.health
    return json.loads(json.dumps(row, default=lambda value: value.isoformat()))


def test_a_second_import_updates_and_leaves_lists_that_are_not_in_the_row(database: Database, tmp_path: Path) -> None:
    weeks = [{"week_ends_on": "2026-11-14", "state": "pending", "filed_on": "2026-11-15"}]
    decisions = {
        "issues": [{"kind": "quit", "state": "decided", "waiting_on": "nobody", "opened_on": "2026-11-11"}],
        "determinations": [
            {"issue": 1, "decision": "denied", "reason": "no_good_cause_to_quit", "mailed_on": "2026-11-20"}
        ],
    }
    _import(database, _file(tmp_path, _row(weeks=weeks, **decisions)))
    report = _import(database, _file(tmp_path, _row(status="denied", name="Test Sorrel", weeks=[])))
    assert (report.added, report.updated) == (0, 1)
    facts = _facts(database, "UI-40281735")
    assert (facts["status"], facts["weeks"]) == (ClaimStatus.DENIED, ())
    assert len(facts["determinations"]) == 1
    with database.snapshot() as session:
        assert session.execute(select(Claimant.name)).scalars().all() == ["Test Sorrel"]
    _import(database, _file(tmp_path, _row(issues=[])))
    assert (_count(database, Issue), _count(database, Determination)) == (0, 0)


def _pin_hash(database: Database, number: str = "UI-40281735") -> str | None:
    with database.snapshot() as session:
        return session.execute(select(Claim.pin_hash).where(Claim.claim_number == number)).scalar_one()


def test_a_plain_pin_is_stored_as_a_hash_that_proves_the_claim(database: Database, tmp_path: Path) -> None:
    _import(database, _file(tmp_path, _row(pin="2468 10")))
    stored = _pin_hash(database)
    assert stored is not None and is_pin_hash(stored)
    assert PasswordHasher().verify(stored, "246810")


def test_a_hashed_pin_is_stored_as_it_is(database: Database, tmp_path: Path) -> None:
    hashed = hash_pin("246810")
    _import(database, _file(tmp_path, _row(pin_hash=hashed)))
    assert _pin_hash(database) == hashed


def test_a_known_claim_keeps_its_pin_until_a_row_brings_another(database: Database, tmp_path: Path) -> None:
    first, second = hash_pin("246810"), hash_pin("135790")
    _import(database, _file(tmp_path, _row(pin_hash=first), _row(claim_number="UI-00000002")))
    _import(database, _file(tmp_path, _row(), _row(claim_number="UI-00000002", pin_hash=second)))
    assert (_pin_hash(database), _pin_hash(database, "UI-00000002")) == (first, second)


@pytest.mark.parametrize(
    "row",
    [
        {"pin": "123"},
        {"pin": "secret-word"},
        {"pin": 246810},
        {"pin": "1" * 13},
        {"pin_hash": "246810"},
        {"pin_hash": hash_pin("246810").replace("m=19456", "m=65536")},
        {"pin": "246810", "pin_hash": hash_pin("246810")},
    ],
)
def test_a_pin_that_can_not_be_used_is_told_without_showing_it(
    database: Database, tmp_path: Path, row: dict[str, Any]
) -> None:
    with pytest.raises(ImportRefused) as refused:
        _import(database, _file(tmp_path, _row(**row)))
    (bad,) = refused.value.report.bad
    assert bad.reason.startswith("pin")
    assert all(str(value) not in bad.reason for value in row.values())


def test_rows_of_one_person_share_a_claimant_and_others_never_do(database: Database, tmp_path: Path) -> None:
    rows = [
        _row(person="a"),
        _row(person="a", claim_number="UI-00000002"),
        _row(claim_number="UI-00000003"),
        _row(claim_number="UI-00000004"),
    ]
    _import(database, _file(tmp_path, *rows))
    with database.snapshot() as session:
        owners = session.execute(select(Claim.claimant_id).order_by(Claim.claim_number)).scalars().all()
    assert len(set(owners)) == 3
    # A later file adds a third claim of the first person, known by one of their claims.
    _import(database, _file(tmp_path, _row(person="x"), _row(person="x", claim_number="UI-00000005")))
    with database.snapshot() as session:
        of = dict(session.execute(select(Claim.claim_number, Claim.claimant_id)).all())
    assert of["UI-00000005"] == of["UI-40281735"] == of["UI-00000002"]


def test_claims_of_two_people_are_never_joined(database: Database, tmp_path: Path) -> None:
    _import(database, _file(tmp_path, _row(), _row(claim_number="UI-00000002", name="Sample Sorrel")))
    path = _file(tmp_path, _row(person="a"), _row(person="a", claim_number="UI-00000002"))
    with pytest.raises(ImportRefused) as caught:
        _import(database, path)
    assert caught.value.report.bad == [BadRow(2, "person: UI-00000002 belongs to someone else in the store")]


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "the line is not one JSON object"),
        ("[]", "the line is not one JSON object"),
        ("[" * 100_000, "the line is not one JSON object"),
        (_row(claim_number="40281735"), "claim_number: a claim number is UI- or HC- and 8 digits"),
        (_row(claim_number=40281735), "claim_number: a claim number is UI- or HC- and 8 digits"),
        (_row(claim_number=None), "claim_number: is missing"),
        (_row(claim_number="HC-40281735"), "program: HC-40281735 is not a claim of wa_ui"),
        (_row(colour="green"), "colour: there is no such field"),
        (_row(name=" "), "name: a text is needed"),
        (_row(name="x" * 121), "name: at most 120 characters fit"),
        (_row(name="Test\x00Juniper"), "name: the text has characters that are not UTF-8 or not printable"),
        (_row(born_on="03.04.1990"), "born_on: a day is written YYYY-MM-DD"),
        (_row(born_on="2026-11-21"), "born_on: the day can't be a birth date"),
        (_row(status="done"), "status: use one of adjudication, appeal_filed"),
        (_row(status="health_denied"), "status: health_denied is not a status of wa_ui"),
        (_row(status=["received"]), "status: use one of"),
        (_row(effective_on="2026-11-09"), "effective_on: a claim starts on a Sunday"),
        (_row(status_since_on="2026-11-09"), "status_since_on: the status can't date from before filing"),
        (_row(weekly_benefit_cents=600.5), "weekly_benefit_cents: a whole number is needed (money is in cents)"),
        (_row(weekly_benefit_cents=-1), "weekly_benefit_cents: a number from 0 to 2147483647 is needed"),
        (_row(weekly_benefit_cents=True), "weekly_benefit_cents: a whole number is needed (money is in cents)"),
        (_row(paid_to_date_cents=3_000_000_000), "paid_to_date_cents: a number from 0 to 2147483647 is needed"),
        (_row(updated_at="2026-11-10T10:00:00"), "updated_at: a moment needs its time zone"),
        (_row(language="English"), "language: a language is written en or es"),
        (_row(weeks={}), "weeks: a list is needed"),
        (
            _row(weeks=[{"week_ends_on": "2026-11-13", "state": "paid"}]),
            "weeks[1].week_ends_on: a week ends on a Saturday",
        ),
        (_row(weeks=[{"week_ends_on": "2026-11-14", "state": "paid"}] * 2), "weeks: a week is there twice"),
        (_row(weeks=[{"state": "paid"}]), "weeks[1].week_ends_on: is missing"),
        (
            _row(
                payments=[{"week_ends_on": "2026-11-14", "amount_cents": 0, "paid_on": "2026-11-18", "method": "card"}]
            ),
            "payments[1].amount_cents: a number from 1 to 2147483647 is needed",
        ),
        (
            _row(
                determinations=[{"issue": 1, "decision": "denied", "reason": "misconduct", "mailed_on": "2026-11-18"}]
            ),
            "determinations[1].issue: there is no issue 1 in this row",
        ),
        (
            _row(determinations=[{**DETERMINATION, "reason": "Mis conduct!"}]),
            "determinations[1].reason: a reason is small letters and underscores",
        ),
        (
            _row(
                determinations=[DETERMINATION],
                overpayments=[
                    {
                        "determination": 1,
                        "amount_cents": 100,
                        "balance_cents": 101,
                        "at_fault": False,
                        "opened_on": "2026-11-18",
                    }
                ],
            ),
            "overpayments[1].balance_cents: more is owed than was overpaid",
        ),
        (_row(health={}), "health: an insurance claim has it and no other; the program is wa_ui"),
        (_health_row(health=None), "health: an object is needed"),
        (_health_row(health={"plan": "high"}), "health.provider: is missing"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_reason(database: Database, tmp_path: Path, row: Any, reason: str) -> None:
    good = _row(claim_number="UI-00000001")
    (bad,) = _refusal(database, _file(tmp_path, good, "", row))
    assert bad.line == 3
    assert bad.reason.startswith(reason)


def test_every_bad_row_is_reported_and_nothing_is_stored(database: Database, tmp_path: Path) -> None:
    rows = [_row(), _row(status="done"), _row(), _row(claim_number="UI-00000002", name=None)]
    assert _refusal(database, _file(tmp_path, *rows)) == [
        BadRow(2, "status: use one of " + ", ".join(sorted(map(str, ClaimStatus)))),
        BadRow(3, "claim_number: UI-40281735 is on line 1 already"),
        BadRow(4, "name: is missing"),
    ]


def test_an_import_that_is_refused_leaves_what_was_there(database: Database, tmp_path: Path) -> None:
    _import(database, _file(tmp_path, _row()))
    many = [_row(claim_number=f"UI-{number:08}") for number in range(1500)]
    with pytest.raises(ImportRefused):
        _import(database, _file(tmp_path, _row(status="denied"), *many, _row(status="done")))
    assert _facts(database, "UI-40281735")["status"] is ClaimStatus.RECEIVED
    assert _count(database, Claim) == 1


def test_bad_rows_can_be_skipped(database: Database, tmp_path: Path) -> None:
    rows = [_row(), _row(claim_number="UI-00000002", status="done"), _row(claim_number="UI-00000003")]
    report = _import(database, _file(tmp_path, *rows), skip_bad=True)
    assert (report.rows, report.added, report.bad_count) == (3, 2, 1)
    assert _count(database, Claim) == 2


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("claim_number,colour\n", BadRow(1, "colour: there is no such column")),
        ("name,name\n", BadRow(1, "name: the column is there twice")),
        ("claim_number,name\nUI-40281735\n", BadRow(2, "1 values for 2 columns")),
        ('claim_number,name\n"UI-40281735"x,Test\n', BadRow(2, "the line is not CSV: ',' expected after '\"'")),
        ("claim_number\n\n\nUI-1\n", BadRow(4, "name: is missing")),
    ],
)
def test_a_bad_csv_line_is_named(database: Database, tmp_path: Path, text: str, bad: BadRow) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(text, encoding="utf-8")
    (found,) = _refusal(database, path)
    assert found == bad


def test_bytes_that_are_not_utf_8_are_one_bad_row(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_bytes(json.dumps(_row(name="Test X")).encode().replace(b"X", b"\xff") + b"\n")
    (bad,) = _refusal(database, path)
    assert bad.reason == "name: the text has characters that are not UTF-8 or not printable"


def test_another_kind_of_file_is_refused_outright(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"use a \.csv or a \.jsonl file"):
        _import(database, _file(tmp_path, _row(), name="claims.xlsx"))


def test_progress_is_told_up_to_the_end(database: Database, tmp_path: Path) -> None:
    told: list[tuple[int, float]] = []
    rows = [_row(claim_number=f"UI-{number:08}") for number in range(2500)]
    _import(database, _file(tmp_path, *rows), progress=lambda done, share: told.append((done, share)))
    assert [done for done, _ in told] == [1000, 2000, 2500]
    assert told[-1][1] == 1.0
    assert sorted(share for _, share in told) == [share for _, share in told]


def test_the_document_names_every_field() -> None:
    document = (Path(__file__).parents[2] / "docs" / "claims_import.md").read_text(encoding="utf-8")
    names = {"person", *_CLAIM, *_CLAIMANT, *_LISTS, *(f"health_{name}" for name in _HEALTH)}
    names |= {name for fields in _LISTS.values() for name in fields}
    assert [name for name in sorted(names) if f"`{name}`" not in document] == []


def test_lists_are_stored_with_their_links(database: Database, tmp_path: Path) -> None:
    weeks = [{"week_ends_on": "2026-11-14", "state": "paid", "filed_on": "2026-11-15"}]
    payments = [PAYMENT]
    issue = {"kind": "quit", "state": "decided", "waiting_on": "nobody", "opened_on": "2026-11-11"}
    rows = _row(
        weeks=weeks,
        payments=payments,
        issues=[issue, {**issue, "kind": "school"}],
        determinations=[{"issue": 2, "decision": "denied", "reason": "school_limits_work", "mailed_on": "2026-11-12"}],
        appeals=[{"determination": 1, "filed_by": "claimant", "state": "filed", "filed_on": "2026-11-13"}],
    )
    _import(database, _file(tmp_path, rows))
    assert (_count(database, WeeklyClaim), _count(database, Payment), _count(database, Appeal)) == (1, 1, 1)
    facts = _facts(database, "UI-40281735")
    assert facts["issues"][facts["determinations"][0]["issue_id"]]["kind"] == "school"
