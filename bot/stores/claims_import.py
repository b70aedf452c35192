"""Import of claims from a file: all rows or none, each bad row with its line and what is wrong with it.

`docs/claims_import.md` describes the file; the fields below are that description in code.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from bot.stores.identity import hash_pin, is_pin, is_pin_hash, normalise_claim_number
from bot.stores.tables import (
    Appeal,
    Claim,
    Claimant,
    Determination,
    HealthClaim,
    Issue,
    Overpayment,
    Payment,
    WeeklyClaim,
)
from bot.stores.vocabulary import (
    AppealState,
    ClaimStatus,
    Decision,
    IssueKind,
    IssueState,
    Party,
    Program,
    WeekState,
    Word,
)

BATCH = 1000
BAD_ROWS_KEPT = 1000
_PREFIXES = {"UI": Program.WA_UI, "HC": Program.OK_INSURANCE}
_NUMBER_LIMIT = 2**31 - 1
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_CODE = re.compile(r"[a-z][a-z_]*")

Row = dict[str, Any]


@dataclass(frozen=True)
class BadRow:
    """A row that can't be stored: its first line in the file and the reason in words."""

    line: int
    reason: str


@dataclass
class ImportReport:
    """What an import did; of a great many bad rows only the first are kept, all are counted."""

    rows: int = 0
    added: int = 0
    updated: int = 0
    bad_count: int = 0
    bad: list[BadRow] = field(default_factory=list)

    def reject(self, line: int, reason: str) -> None:
        """Count a bad row."""
        self.bad_count += 1
        if len(self.bad) < BAD_ROWS_KEPT:
            self.bad.append(BadRow(line, reason))


class ImportRefused(ValueError):
    """Rows were bad and nothing may be stored; the caller's transaction has to roll back."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(f"{report.bad_count} of {report.rows} rows are bad; nothing was stored")
        self.report = report


class _Wrong(ValueError):
    """A value that can't be stored; the message says why."""


def import_claims(
    session: Session,
    path: Path,
    *,
    now: datetime,
    skip_bad: bool = False,
    progress: Callable[[int, float], None] | None = None,
) -> ImportReport:
    """Add or update the claims of a `.csv` or `.jsonl` file, one claim a row, and report.

    With bad rows it raises ImportRefused, after all rows were looked at; with `skip_bad` it stores the
    others. `progress` is called with the rows read and the share of the file, from 0 to 1.
    """
    report = ImportReport()
    store = _Store(session, report)
    size = max(1, path.stat().st_size)
    first_lines: dict[str, int] = {}
    batch: list[tuple[int, Row]] = []
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        for line, row in _rows(file, path, report):
            report.rows += 1
            try:
                claim = _read_claim(row, now)
                number = claim["claim"]["claim_number"]
                if first_lines.setdefault(number, line) != line:
                    raise _Wrong(f"claim_number: {number} is on line {first_lines[number]} already")
                batch.append((line, claim))
            except _Wrong as wrong:
                report.reject(line, str(wrong))
            if len(batch) >= BATCH:
                _flush(store, batch, report, skip_bad)
                if progress is not None:
                    progress(report.rows, min(1.0, file.buffer.tell() / size))  # type: ignore[attr-defined]
    _flush(store, batch, report, skip_bad)
    if report.bad_count and not skip_bad:
        report.added = report.updated = 0
        raise ImportRefused(report)
    if progress is not None:
        progress(report.rows, 1.0)
    return report


def _flush(store: _Store, batch: list[tuple[int, Row]], report: ImportReport, skip_bad: bool) -> None:
    # Once a row is bad nothing will be stored, and the rest is only looked at.
    if batch and (skip_bad or not report.bad_count):
        store.store(batch)
    batch.clear()


# ------------------------------------------------------------------ reading rows


def _rows(file: TextIO, path: Path, report: ImportReport) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each row with its first line; a row that can't even be read is reported here."""
    if path.suffix.lower() == ".csv":
        return _csv_rows(file, report)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _json_rows(file, report)
    raise ValueError(f"{path.name}: use a .csv or a .jsonl file")


def _json_rows(file: TextIO, report: ImportReport) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, written in enumerate(file, start=1):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield line, row
        else:
            report.rows += 1
            report.reject(line, "the line is not one JSON object")


def _csv_rows(file: TextIO, report: ImportReport) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.reader(file, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report.rows += 1
            report.reject(line, f"the line is not CSV: {error}")
            if header is None:
                return
            continue
        if header is None:
            header = [name.strip() for name in cells]
            wrong = _wrong_header(header)
            if wrong:
                report.rows += 1
                report.reject(line, wrong)
                return
        elif any(cell.strip() for cell in cells):
            if len(cells) == len(header):
                yield line, _nested(dict(zip(header, cells, strict=True)))
            else:
                report.rows += 1
                report.reject(line, f"{len(cells)} values for {len(header)} columns")


def _wrong_header(header: list[str]) -> str | None:
    known = {"person", *_FLAT, *(f"health_{name}" for name in _HEALTH)}
    for name in header:
        if name not in known:
            return f"{name}: there is no such column"
        if header.count(name) > 1:
            return f"{name}: the column is there twice"
    return None


def _nested(cells: Mapping[str, str]) -> Row:
    """A CSV row in the shape of a JSON one: empty cells left out, `health_*` columns in one object."""
    given = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    row: Row = {name: value for name, value in given.items() if not name.startswith("health_")}
    health = {name[len("health_") :]: value for name, value in given.items() if name.startswith("health_")}
    if health:
        row["health"] = health
    return row


# ------------------------------------------------------------------ checking values


@dataclass(frozen=True)
class _Field:
    read: Callable[[Any], Any]
    required: bool = False
    default: Any = None


def _text(value: Any, *, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("a text is needed")
    if len(value) > most:
        raise _Wrong(f"at most {most} characters fit")
    if _UNPRINTABLE.search(value):
        raise _Wrong("the text has characters that are not UTF-8 or not printable")
    return value.strip()


def _code(value: Any) -> str:
    code = _text(value, most=64)
    if not _CODE.fullmatch(code):
        raise _Wrong("a reason is small letters and underscores")
    return code


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _Wrong("a day is written YYYY-MM-DD") from None


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise _Wrong("a moment is written 2026-11-21T19:00:00Z") from None
    if moment.tzinfo is None:
        raise _Wrong("a moment needs its time zone, as in 2026-11-21T19:00:00Z")
    return moment.astimezone(timezone.utc)


def _whole(value: Any, *, least: int = 0) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Wrong("a whole number is needed (money is in cents)")
    if not least <= value <= _NUMBER_LIMIT:
        raise _Wrong(f"a number from {least} to {_NUMBER_LIMIT} is needed")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false is needed")
    return value


def _word(value: Any, *, of: type[Word]) -> Word:
    try:
        return of(value)
    except ValueError:
        raise _Wrong(f"use one of {', '.join(sorted(map(str, of)))}") from None


def _language(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2,3}", value):
        raise _Wrong("a language is written en or es")
    return value


def _number(value: Any) -> str:
    number = normalise_claim_number(value) if isinstance(value, str) else None
    if number is None:
        raise _Wrong("a claim number is UI- or HC- and 8 digits")
    return number


def _plain_pin(value: Any) -> str:
    # The value itself is never part of a reason: reasons are printed.
    if not isinstance(value, str) or not is_pin(value):
        raise _Wrong("a PIN is a text of 4 to 12 digits")
    return value


def _hashed_pin(value: Any) -> str:
    if not isinstance(value, str) or not is_pin_hash(value):
        raise _Wrong("a hashed PIN is Argon2id with v=19, m=19456, t=2, p=1, a salt of 16 bytes and a hash of 32")
    return value


_DAY, _CENTS = _Field(_day), _Field(_whole)
_NEEDED_DAY = _Field(_day, required=True)

_CLAIMANT = {
    "name": _Field(partial(_text, most=120), required=True),
    "born_on": _NEEDED_DAY,
    "language": _Field(_language, default="en"),
}
_CLAIM = {
    "claim_number": _Field(_number, required=True),
    "program": _Field(partial(_word, of=Program), required=True),
    "status": _Field(partial(_word, of=ClaimStatus), required=True),
    "filed_on": _NEEDED_DAY,
    "effective_on": _DAY,
    "benefit_year_ends_on": _DAY,
    "weekly_benefit_cents": _CENTS,
    "maximum_benefit_cents": _CENTS,
    "paid_to_date_cents": _Field(_whole, default=0),
    "next_payment_on": _DAY,
    "status_since_on": _NEEDED_DAY,
    "updated_at": _Field(_moment),
}
_PIN = {
    "pin": _Field(_plain_pin),
    "pin_hash": _Field(_hashed_pin),
}
_HEALTH = {
    "plan": _Field(partial(_text, most=20), required=True),
    "provider": _Field(partial(_text, most=120), required=True),
    "service_on": _NEEDED_DAY,
    "billed_cents": _Field(_whole, required=True),
    "allowed_cents": _CENTS,
    "plan_paid_cents": _CENTS,
    "member_owes_cents": _CENTS,
    "waiting_on": _Field(partial(_word, of=Party), required=True),
    "info_needed": _Field(_code),
    "respond_by": _DAY,
    "adjusted_on": _DAY,
}
_POSITION = _Field(partial(_whole, least=1), required=True)
_LISTS: dict[str, dict[str, _Field]] = {
    "weeks": {
        "week_ends_on": _NEEDED_DAY,
        "state": _Field(partial(_word, of=WeekState), required=True),
        "filed_on": _DAY,
        "earnings_cents": _Field(_whole, default=0),
    },
    "payments": {
        "week_ends_on": _NEEDED_DAY,
        "amount_cents": _Field(partial(_whole, least=1), required=True),
        "paid_on": _NEEDED_DAY,
        "method": _Field(partial(_text, most=20), required=True),
    },
    "issues": {
        "kind": _Field(partial(_word, of=IssueKind), required=True),
        "state": _Field(partial(_word, of=IssueState), required=True),
        "waiting_on": _Field(partial(_word, of=Party), required=True),
        "opened_on": _NEEDED_DAY,
        "respond_by": _DAY,
        "first_week_ends_on": _DAY,
    },
    "determinations": {
        "issue": _Field(partial(_whole, least=1)),
        "decision": _Field(partial(_word, of=Decision), required=True),
        "reason": _Field(_code, required=True),
        "mailed_on": _NEEDED_DAY,
        "appeal_by": _DAY,
    },
    "appeals": {
        "determination": _POSITION,
        "filed_by": _Field(partial(_word, of=Party), required=True),
        "state": _Field(partial(_word, of=AppealState), required=True),
        "filed_on": _NEEDED_DAY,
        "hearing_at": _Field(_moment),
        "decision": _Field(partial(_word, of=Decision)),
        "decided_on": _DAY,
        "review_by": _DAY,
    },
    "overpayments": {
        "determination": _POSITION,
        "amount_cents": _Field(partial(_whole, least=1), required=True),
        "balance_cents": _Field(_whole, required=True),
        "at_fault": _Field(_flag, required=True),
        "opened_on": _NEEDED_DAY,
    },
}
# These lists point at each other, so a row that has one of them replaces all four.
_DECISIONS = ("issues", "determinations", "appeals", "overpayments")
_FLAT = {**_CLAIMANT, **_CLAIM, **_PIN}


def _read_claim(row: Mapping[str, Any], now: datetime) -> Row:
    """A checked claim: its own columns, its claimant's, and the lists the row has; raises _Wrong."""
    flat = {name: value for name, value in row.items() if name not in _LISTS and name not in ("health", "person")}
    values = _read_object(flat, _FLAT, "")
    claim = {name: values[name] for name in _CLAIM}
    claim["updated_at"] = claim["updated_at"] or now
    _check_claim(claim)
    if not date(1900, 1, 1) <= values["born_on"] < now.date():
        raise _Wrong("born_on: the day can't be a birth date")
    lists = {name: _read_list(row[name], name) for name in _LISTS if name in row}
    _check_lists(lists)
    health = None
    insurance = claim["program"] is Program.OK_INSURANCE
    if insurance != ("health" in row):
        raise _Wrong(f"health: an insurance claim has it and no other; the program is {claim['program']}")
    if insurance:
        health = _read_object(row["health"], _HEALTH, "health.")
    if values["pin"] is not None and values["pin_hash"] is not None:
        raise _Wrong("pin: a row has a PIN or a hashed one, not both")
    person = row.get("person")
    return {
        "claim": claim,
        "claimant": {name: values[name] for name in _CLAIMANT},
        "person": None if person is None else _read("person", partial(_text, most=200), person),
        "health": health,
        "lists": lists,
        **{name: values[name] for name in _PIN},
    }


def _read_object(row: Any, fields: Mapping[str, _Field], prefix: str) -> Row:
    if not isinstance(row, Mapping):
        raise _Wrong(f"{prefix.rstrip('.')}: an object is needed")
    for name in row:
        if name not in fields:
            raise _Wrong(f"{prefix}{name}: there is no such field")
    values: Row = {}
    for name, spec in fields.items():
        value = row.get(name)
        if value is not None:
            values[name] = _read(f"{prefix}{name}", spec.read, value)
        elif spec.required:
            raise _Wrong(f"{prefix}{name}: is missing")
        else:
            values[name] = spec.default
    return values


def _read(name: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except _Wrong as wrong:
        raise _Wrong(f"{name}: {wrong}") from None


def _read_list(rows: Any, name: str) -> list[Row]:
    if not isinstance(rows, list):
        raise _Wrong(f"{name}: a list is needed")
    return [_read_object(row, _LISTS[name], f"{name}[{position}].") for position, row in enumerate(rows, start=1)]


def _check_claim(claim: Row) -> None:
    if claim["program"] is not _PREFIXES[claim["claim_number"][:2]]:
        raise _Wrong(f"program: {claim['claim_number']} is not a claim of {claim['program']}")
    insurance = claim["program"] is Program.OK_INSURANCE
    if insurance != str(claim["status"]).startswith("health_"):
        raise _Wrong(f"status: {claim['status']} is not a status of {claim['program']}")
    if claim["effective_on"] is not None and claim["effective_on"].weekday() != 6:
        raise _Wrong("effective_on: a claim starts on a Sunday")
    if claim["status_since_on"] < claim["filed_on"]:
        raise _Wrong("status_since_on: the status can't date from before filing")


def _check_lists(lists: Mapping[str, list[Row]]) -> None:
    for name in ("weeks", "payments"):
        weeks = [row["week_ends_on"] for row in lists.get(name, ())]
        for position, week in enumerate(weeks, start=1):
            if week.weekday() != 5:
                raise _Wrong(f"{name}[{position}].week_ends_on: a week ends on a Saturday")
        if len(set(weeks)) < len(weeks):
            raise _Wrong(f"{name}: a week is there twice")
    for name, other in (("determinations", "issue"), ("appeals", "determination"), ("overpayments", "determination")):
        for position, row in enumerate(lists.get(name, ()), start=1):
            if row[other] is not None and row[other] > len(lists.get(f"{other}s", ())):
                raise _Wrong(f"{name}[{position}].{other}: there is no {other} {row[other]} in this row")
    for position, row in enumerate(lists.get("overpayments", ()), start=1):
        if row["balance_cents"] > row["amount_cents"]:
            raise _Wrong(f"overpayments[{position}].balance_cents: more is owed than was overpaid")


# ------------------------------------------------------------------ storing


class _Store:
    """Stores batches of checked claims, each table in one statement, and knows who is who in the file."""

    def __init__(self, session: Session, report: ImportReport) -> None:
        self._session = session
        self._report = report
        self._people: dict[str, int] = {}

    def store(self, batch: list[tuple[int, Row]]) -> None:
        """Add the new claims of a batch and bring the known ones up to date."""
        numbers = [row["claim"]["claim_number"] for _, row in batch]
        known = {
            number: (claim_id, claimant_id)
            for claim_id, number, claimant_id in self._session.execute(
                select(Claim.id, Claim.claim_number, Claim.claimant_id).where(Claim.claim_number.in_(numbers))
            )
        }
        rows = [row for line, row in batch if self._is_one_person(line, row, known)]
        self._name_people(rows, known)
        self._store_claims(rows, known)
        self._store_health(rows)
        self._store_weeks(rows)
        self._store_decisions(rows)

    def _is_one_person(self, line: int, row: Row, known: Mapping[str, tuple[int, int]]) -> bool:
        """Whether the row's claimant can be told; takes over who the store says a known claim belongs to."""
        stored = known.get(row["claim"]["claim_number"])
        row["claimant_id"] = stored[1] if stored else None
        if row["person"] is None or stored is None:
            return True
        if self._people.setdefault(row["person"], stored[1]) != stored[1]:
            self._report.reject(line, f"person: {row['claim']['claim_number']} belongs to someone else in the store")
            return False
        return True

    def _name_people(self, rows: list[Row], known: Mapping[str, tuple[int, int]]) -> None:
        """Find or add each row's claimant; a known one gets the row's name, birth date and language."""
        fresh: list[Row] = []
        for row in rows:
            if row["claimant_id"] is None and row["person"] is not None:
                row["claimant_id"] = self._people.get(row["person"])
            if row["claimant_id"] is None:
                fresh.append(row)
                if row["person"] is not None:
                    # Holds the place until the id is known, so that the next row finds this one.
                    self._people[row["person"]] = -len(fresh)
        ids = self._new_ids(Claimant, sum(1 for row in fresh))
        for row, claimant_id in zip(fresh, ids, strict=True):
            row["claimant_id"] = claimant_id
        for row in fresh:
            if row["person"] is not None:
                self._people[row["person"]] = row["claimant_id"]
        for row in rows:
            if row["claimant_id"] < 0:
                row["claimant_id"] = ids[-row["claimant_id"] - 1]
        new = set(ids)
        self._insert(Claimant, [{"id": row["claimant_id"], **row["claimant"]} for row in fresh])
        self._update(Claimant, [(row["claimant_id"], row["claimant"]) for row in rows if row["claimant_id"] not in new])

    def _store_claims(self, rows: list[Row], known: Mapping[str, tuple[int, int]]) -> None:
        fresh = [row for row in rows if row["claim"]["claim_number"] not in known]
        for row, claim_id in zip(fresh, self._new_ids(Claim, len(fresh)), strict=True):
            row["id"] = claim_id
        _hash_pins(rows)
        self._insert(
            Claim,
            [
                {"id": row["id"], "claimant_id": row["claimant_id"], "pin_hash": row["pin_hash"], **row["claim"]}
                for row in fresh
            ],
        )
        old = [row for row in rows if row["claim"]["claim_number"] in known]
        for row in old:
            row["id"] = known[row["claim"]["claim_number"]][0]
        self._update(Claim, [(row["id"], row["claim"]) for row in old])
        pins = [(row["id"], {"pin_hash": row["pin_hash"]}) for row in old if row["pin_hash"] is not None]
        self._update(Claim, pins)
        self._report.added += len(fresh)
        self._report.updated += len(old)

    def _store_health(self, rows: list[Row]) -> None:
        with_health = [row for row in rows if row["health"] is not None]
        self._clear(HealthClaim, with_health)
        self._insert(HealthClaim, [{"claim_id": row["id"], **row["health"]} for row in with_health])

    def _store_weeks(self, rows: list[Row]) -> None:
        for name, table in (("weeks", WeeklyClaim), ("payments", Payment)):
            listed = [row for row in rows if name in row["lists"]]
            self._clear(table, listed)
            self._insert(table, [{"claim_id": row["id"], **item} for row in listed for item in row["lists"][name]])

    def _store_decisions(self, rows: list[Row]) -> None:
        listed = [row for row in rows if any(name in row["lists"] for name in _DECISIONS)]
        for table in (Overpayment, Appeal, Determination, Issue):
            self._clear(table, listed)
        for name, table, other in (
            ("issues", Issue, None),
            ("determinations", Determination, "issue"),
            ("appeals", Appeal, "determination"),
            ("overpayments", Overpayment, "determination"),
        ):
            items = [(row, item) for row in listed for item in row["lists"].get(name, ())]
            stored = []
            for (row, item), item_id in zip(items, self._new_ids(table, len(items)), strict=True):
                item["id"] = item_id
                stored.append({"claim_id": row["id"], **_pointing(item, other, row["lists"])})
            self._insert(table, stored)

    def _new_ids(self, table: Any, count: int) -> list[int]:
        """Ids for rows that point at each other before they are stored."""
        if count == 0:
            return []
        if self._session.get_bind().dialect.name == "postgresql":
            ids = self._session.execute(
                text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"),
                {"name": table.__tablename__, "count": count},
            ).scalars()
            return [int(number) for number in ids]
        # SQLite has one writer at a time, and this is the one.
        last = self._session.execute(select(func.max(table.id))).scalar_one() or 0
        return list(range(last + 1, last + count + 1))

    def _insert(self, table: Any, rows: list[Row]) -> None:
        if rows:
            self._session.execute(insert(table.__table__), rows)

    def _update(self, table: Any, rows: Iterable[tuple[int, Row]]) -> None:
        changes = [{"own_id": row_id, **values} for row_id, values in rows]
        if changes:
            columns = table.__table__.c
            names = [name for name in changes[0] if name != "own_id"]
            statement = update(table.__table__).where(columns.id == bindparam("own_id"))
            self._session.execute(statement.values({name: bindparam(name) for name in names}), changes)

    def _clear(self, table: Any, rows: list[Row]) -> None:
        if rows:
            columns = table.__table__.c
            ids = [row["id"] for row in rows]
            self._session.execute(delete(table.__table__).where(columns.claim_id.in_(ids)))


def _hash_pins(rows: list[Row]) -> None:
    """Put a hash in the place of each plain PIN; hashing is slow on purpose, so every core takes part."""
    plain = [row for row in rows if row["pin"] is not None]
    if plain:
        with ThreadPoolExecutor() as threads:
            for row, pin_hash in zip(plain, threads.map(hash_pin, [row.pop("pin") for row in plain]), strict=True):
                row["pin_hash"] = pin_hash


def _pointing(item: Row, other: str | None, lists: Mapping[str, list[Row]]) -> Row:
    """The columns of a list's row, with the position it points at turned into an id."""
    if other is None:
        return item
    position = item[other]
    columns = {name: value for name, value in item.items() if name != other}
    columns[f"{other}_id"] = None if position is None else lists[f"{other}s"][position - 1]["id"]
    return columns
