"""Ten million messages: how long visitors and specialists wait for the stores when half a year of talk is in them.

`python -m bench.messages_store [--messages 10000000] [--tries 1000] [--sqlite] [--postgresql]` fills databases in a
temporary folder (ten million take 11 GB in SQLite, and 7 GB of memory while it is filled), runs every operation on
conversations chosen at random, each in a transaction of its own that is committed, and prints one table. Ends with 1
when a visitor waits too long.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bench import messages_fill
from bench.messages_fill import Filler
from bot import clock, migrations
from bot.database import Database
from bot.stores import (
    board,
    conversations,
    escalations,
    owed_answers,
    reports,
    routing,
    specialists,
    trackers,
    transcript_search,
)
from bot.stores.conversations import Line
from bot.stores.tables import Escalation
from bot.stores.transcript_search import Reader
from bot.stores.vocabulary import Author, EscalationReason, EscalationState, Role
from tests.servers import postgres_server

GOAL_P95_MS = 5.0
SPECIALISTS = 20
WARM_UP = 20
# Operations that read much are tried less often.
SLOW_TRIES = 20


@dataclass(frozen=True)
class Operation:
    """Something somebody waits for; `run` gets a session and the id of a conversation chosen at random.

    `afterwards` is not part of what is measured.
    """

    name: str
    who: str
    run: Callable[[Session, str], Any]
    writes: bool = False
    slow: bool = False
    afterwards: Callable[[Session], Any] | None = None


def operations(now: datetime, ids: list[str]) -> list[Operation]:
    """Everything that is measured. Visitors' come first: those have a goal."""
    ask = [Line(Author.VISITOR, "when do I get paid", "en")]
    buttons = [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
    answer = [Line(Author.BOT, "Payments come two days after you file. " * 8, "en", buttons), *ask]
    supervisor, one = Reader(1, everything=True), Reader(1, everything=False)
    today = now.date()
    week = reports.Range(today - timedelta(days=7), today)
    # Nobody has been asked about these yet.
    alone = itertools.cycle(ids[1 : -(messages_fill.WAITING + messages_fill.ACTIVE) : messages_fill.ESCALATED_EVERY])

    def say(session: Session, conversation_id: str) -> None:
        line = Line(Author.VISITOR, "when do I get paid", "en", client_id=uuid.uuid4().hex)
        (message,) = conversations.append(session, conversation_id, [line], now)
        escalations.open_for(session, conversation_id)
        owed_answers.owe(session, conversation_id, message["seq"], None, now)

    def give_answer(session: Session, conversation_id: str) -> None:
        conversations.append(session, conversation_id, answer, now)
        owed_answers.settle(session, conversation_id, messages_fill.LINES + 1)

    def remember(session: Session, conversation_id: str) -> None:
        trackers.save(session, conversation_id, memory, now)

    def ask_for_person(session: Session, _conversation_id: str) -> None:
        escalation, _ = escalations.open_escalation(
            session, next(alone), reason=EscalationReason.ASKED, language="en", program=None, topic=None,
            summary={}, now=now,
        )  # fmt: skip
        escalations.position(session, escalation)
        escalations.expected_wait(session, escalation.priority, "en", now)

    def take_back(session: Session) -> None:
        # So that the queue stays as long as it is.
        just_asked = Escalation.state == EscalationState.WAITING, Escalation.opened_at == now
        session.execute(delete(Escalation).where(*just_asked).execution_options(synchronize_session=False))

    def search(words: str, reader: Reader) -> Callable[[Session, str], Any]:
        return lambda session, _: transcript_search.search(session, words, reader)

    memory = {"slots": {}, "active_loop": None, "events": [{"event": "user", "text": "x" * 300}] * 25}
    return [
        Operation("open a conversation", "visitor",
                  lambda s, _: conversations.open_conversation(s, locale="en", program=None, now=now), writes=True),
        Operation("authorise", "visitor", lambda s, c: conversations.find(s, c, "token")),
        Operation("store a visitor's line", "visitor", say, writes=True),
        Operation("what Rasa remembers: load", "visitor", trackers.load),
        Operation("what Rasa remembers: save", "visitor", remember, writes=True),
        Operation("store an answer", "visitor", give_answer, writes=True),
        Operation("read what is new", "visitor",
                  lambda s, c: conversations.since(s, c, messages_fill.LINES - 2)),
        Operation("read the whole transcript", "visitor", lambda s, c: conversations.since(s, c, 0)),
        Operation("a button that was shown", "visitor", lambda s, c: conversations.offered_title(s, c, "/affirm")),
        Operation("ask for a person, place in line, expected wait", "visitor", ask_for_person, writes=True,
                  afterwards=take_back),
        Operation("find lost answers", "gateway",
                  lambda s, _: owed_answers.lost(s, now, timedelta(seconds=12), limit=20)),
        Operation("who is in line", "gateway", lambda s, _: routing.in_line(s)),
        Operation("the queue", "specialist", lambda s, _: escalations.listing(s)),
        Operation("search: a rare word, all transcripts", "specialist", search(messages_fill.RARE_WORD, supervisor)),
        Operation("search: a rare word, own transcripts", "specialist", search(messages_fill.RARE_WORD, one)),
        Operation("search: three words, all transcripts", "specialist",
                  search("overpayment waiver hearing", supervisor), slow=True),
        Operation("search: the commonest word, all transcripts", "specialist",
                  search(messages_fill.COMMON_WORD, supervisor), slow=True),
        Operation("search: the commonest word, own transcripts", "specialist",
                  search(messages_fill.COMMON_WORD, one), slow=True),
        Operation("the board", "supervisor",
                  lambda s, _: board.board(s, now - timedelta(hours=8)), slow=True),
        Operation("the report of a week", "supervisor", lambda s, _: reports.report(s, week, now), slow=True),
    ]  # fmt: skip


def main() -> int:
    """Fill each database asked for, measure, print; 1 when a visitor waits too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000_000)
    parser.add_argument("--tries", type=int, default=1000)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    both = not (options.sqlite or options.postgresql)
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| database | operation | who waits | p50 | p95 | p99 |\n|---|---|---|---|---|---|", flush=True)
        if both or options.sqlite:
            missed += measure("SQLite", f"sqlite:///{folder / 'messages.db'}", options)
            for leftover in folder.glob("messages.db*"):
                leftover.unlink()
        if both or options.postgresql:
            with postgres_server(folder / "postgresql") as url:
                missed += measure("PostgreSQL", url, options)
    for line in missed:
        _say(f"more than {GOAL_P95_MS:.0f} ms: {line}")
    return 1 if missed else 0


def measure(name: str, url: str, options: argparse.Namespace) -> list[str]:
    """Fill one database and print its part of the table; returns what visitors wait too long for."""
    now = clock.now()
    with closing(Database(url)) as database:
        migrations.upgrade(database.engine)
        with database.transaction() as session:
            people = [_specialist(session, number, now) for number in range(SPECIALISTS)]
        filler = Filler(options.messages // messages_fill.LINES, now, people)
        began = time.perf_counter()
        messages = messages_fill.load(database, filler)
        seconds = time.perf_counter() - began
        _say(f"{name}: {messages:,} messages in {seconds:.0f} s, {messages / seconds:,.0f} a second")
        missed = []
        ids = filler.ids()
        for operation in operations(now, ids):
            times = _times(database, operation, ids, SLOW_TRIES if operation.slow else options.tries)
            p50, p95, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.95, 0.99))
            print(
                f"| {name} | {operation.name} | {operation.who} | {p50:.2f} ms | {p95:.2f} ms | {p99:.2f} ms |",
                flush=True,
            )
            if operation.who == "visitor" and p95 > GOAL_P95_MS:
                missed.append(f"{name}, {operation.name}: {p95:.1f} ms")
        return missed


def _specialist(session: Session, number: int, now: datetime) -> int:
    made = specialists.add(
        session, login=f"s{number}", alias=f"S{number}", role=Role.SPECIALIST, password="as long as needed", now=now
    )
    return int(made.id)


def _times(database: Database, operation: Operation, ids: list[str], tries: int) -> list[float]:
    """Sorted seconds of each try; the first ones are not counted."""
    chance = random.Random(operation.name)
    begin = database.transaction if operation.writes else database.snapshot
    times = []
    # In life most of what is asked for is of the last hours and still in memory; here any conversation is.
    for number in range(WARM_UP + tries):
        conversation_id = chance.choice(ids)
        began = time.perf_counter()
        with begin() as session:
            operation.run(session, conversation_id)
        if number >= WARM_UP:
            times.append(time.perf_counter() - began)
        if operation.afterwards is not None:
            with database.transaction() as session:
                operation.afterwards(session)
    return sorted(times)


def _say(line: str) -> None:
    print(f"{datetime.now(timezone.utc):%H:%M:%S} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
