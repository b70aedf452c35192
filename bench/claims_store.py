"""A million claims: how fast they are imported, and how fast one is read through the audited door.

`python -m bench.claims_store [--claims 1000000] [--lookups 5000] [--sqlite] [--postgresql]` makes a file of synthetic
claims with their weeks, payments, issues and PINs, imports it with `python -m bot claims import` into databases in
a temporary folder (which needs some 4 GB), looks up claims at random, and prints one table.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import func, select, text

from bot import clock, migrations
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import claims, conversations, demo_people
from bot.stores.demo_people import DemoClaimant
from bot.stores.demo_rows import DemoClaim
from bot.stores.identity import hash_pin
from bot.stores.tables import Claim, Payment, WeeklyClaim
from bot.stores.vocabulary import Author, ReaderKind
from tests.servers import postgres_server

AS_OF = date(2026, 11, 21)
CLAIMS_AT_ONCE = 5000
WARM_UP = 200
_LISTS = ("weeks", "payments", "issues", "determinations", "appeals", "overpayments")


def main() -> None:
    """Make the file, import it into each database asked for, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--lookups", type=int, default=5000)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    both = not (options.sqlite or options.postgresql)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "claims.jsonl"
        began = time.perf_counter()
        with path.open("w", encoding="utf-8") as file:
            write_claims(file, options.claims)
        _say(f"{options.claims:,} claims, {path.stat().st_size / 1e6:,.0f} MB, made in {_since(began):.0f} s")
        print("| database | rows/s imported | weeks and payments | lookup p50 | p95 | p99 |\n|---|---|---|---|---|---|")
        if both or options.sqlite:
            measure("SQLite", f"sqlite:///{folder}/claims.db", path, options.lookups)
        if both or options.postgresql:
            with postgres_server(Path(folder) / "postgresql") as url:
                measure("PostgreSQL", url, path, options.lookups)


def write_claims(file: TextIO, count: int) -> None:
    """Write `count` claims as JSON lines, a few thousand made at a time, numbered without a gap."""
    pin_hash = hash_pin("246810")
    numbers = itertools.count(10_000_000)
    people = itertools.count()
    for seed in range(-(-count // CLAIMS_AT_ONCE)):
        part = min(CLAIMS_AT_ONCE, count - seed * CLAIMS_AT_ONCE)
        for person in demo_people.generate(AS_OF, seed=seed, count=part):
            who = f"p{next(people)}"
            for claim in person.claims:
                row = as_row(person, claim, who) | {"pin_hash": pin_hash}
                row["claim_number"] = f"{row['claim_number'][:2]}-{next(numbers)}"
                file.write(json.dumps(row, default=lambda value: value.isoformat()) + "\n")


def as_row(person: DemoClaimant, demo: DemoClaim, who: str) -> dict[str, Any]:
    """A synthetic claim as a row of an import file; what counts from 0 within it counts from 1 in a file."""
    row: dict[str, Any] = {"person": who, "name": person.name, "born_on": person.born_on, "language": person.language}
    row |= demo.claim
    for name in _LISTS:
        row[name] = [
            {key: value + 1 if key in ("issue", "determination") and value is not None else value
             for key, value in item.items()}
            for item in getattr(demo, name)
        ]  # fmt: skip
    if demo.health is not None:
        row["health"] = demo.health
    return row


def measure(name: str, url: str, path: Path, lookups: int) -> None:
    """Import the file and look claims up; prints one line of the table."""
    with _migrated(url) as database:
        began = time.perf_counter()
        _import(url, path)
        seconds = _since(began)
        with database.snapshot() as session:
            rows = session.execute(select(func.count()).select_from(Claim)).scalar_one()
            last = session.execute(select(func.max(Claim.id))).scalar_one()
            beside = sum(
                session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (WeeklyClaim, Payment)
            )
        times = sorted(_lookups(database, last, lookups))
        p50, p95, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.95, 0.99))
        print(
            f"| {name} | {rows / seconds:,.0f} | {beside:,} | {p50:.2f} ms | {p95:.2f} ms | {p99:.2f} ms |", flush=True
        )
        _say(f"{name}: import took {seconds:.0f} s; mean lookup {statistics.mean(times) * 1000:.2f} ms")


def _import(url: str, path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "-m", "bot", "claims", "import", str(path)],
        cwd=PROJECT_ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _lookups(database: Database, last: int, count: int) -> Iterator[float]:
    """Seconds of each read of a claim at random, with its audit row committed; the first ones are not counted.

    A message of the visitor's comes before each read, as in life; it is not timed.
    """
    chance = random.Random(7)
    asked = conversations.Line(Author.VISITOR, "where is my money", "en")
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, locale="en", program=None, now=clock.now()).id
    for number in range(WARM_UP + count):
        claim_id = chance.randint(1, last)
        with database.transaction() as session:
            conversations.append(session, conversation, [asked], clock.now())
        began = time.perf_counter()
        with database.transaction() as session:
            claims.read_claim(
                session, claim_id, reader=ReaderKind.BOT, purpose="bench", now=clock.now(), conversation_id=conversation
            )
        if number >= WARM_UP:
            yield _since(began)


@contextlib.contextmanager
def _migrated(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        migrations.upgrade(database.engine)
        with database.snapshot() as session:
            session.execute(text("SELECT 1"))
        yield database
    finally:
        database.close()


def _since(began: float) -> float:
    return time.perf_counter() - began


def _say(line: str) -> None:
    print(f"{datetime.now(timezone.utc):%H:%M:%S} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
