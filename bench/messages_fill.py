"""Half a year of conversations for measuring: made row by row, loaded in bulk into SQLite or PostgreSQL."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import text

from bench.questions import examples
from bot import cards
from bot.database import Database
from bot.stores.vocabulary import Author, EscalationReason, EscalationState, Outcome, Priority

LINES = 10
SPAN = timedelta(days=180)
# As data/retention.yml keeps them: a conversation for half a year, what Rasa remembers of it for thirty days.
MEMORY_SPAN = timedelta(days=30)
MEMORY_TURNS = 8
MEMORIES = 500
ESCALATED_EVERY = 10
WAITING, ACTIVE = 40, 30
BUTTONS_EACH = 2
AT_ONCE = 10_000
SQLITE_CACHE_KB = 6_000_000
SQLITE_WORDS_ADDED = "message_words_added"
SOURCE = json.dumps({"title": "Employment Security Department", "url": "https://esd.wa.gov/", "effective": None})
BUTTONS = json.dumps([{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}])
# A word that is said in one message of so many, as a name would be.
RARE_WORD, RARE_EVERY = "okanogan", 100_000
COMMON_WORD = "claim"

COLUMNS = {
    "conversations": "id token_hash locale next_seq created_at last_message_at claim_was_read",
    "messages": "conversation_id seq author text language buttons source client_id specialist_id created_at private",
    "offered_payloads": "conversation_id payload_hash title",
    "trackers": "conversation_id state saved_at",
    "escalations": "conversation_id state reason language specialist_id outcome opened_at taken_at resolved_at "
    "priority waited_seconds",
}
Rows = dict[str, list[tuple[Any, ...]]]


class Filler:
    """Makes the same conversations for every database; `waiting` and `active` are the newest open ones."""

    def __init__(self, conversations: int, now: datetime, specialist_ids: Sequence[int]) -> None:
        self.conversations = conversations
        self.now = now
        self.rare_said = 0
        self._specialists = specialist_ids
        self._random = random.Random(11)
        self._questions = [said for texts in examples().values() for said in texts]
        words = [card.words["en"] for card in cards.deck().cards.values()]
        self._answers = [f"**{one.title}**\n\n{one.answer}" for one in words]
        self._memories = [self._memory(number) for number in range(MEMORIES)]
        self._lines = 0

    def ids(self) -> list[str]:
        """The ids of all conversations, oldest first; random, as they are in life."""
        chance = random.Random(12)
        return [f"{chance.getrandbits(128):032x}" for _ in range(self.conversations)]

    def batches(self) -> Iterator[Rows]:
        """All rows, some thousand conversations at a time, the oldest first."""
        numbered = enumerate(self.ids())
        while part := list(islice(numbered, AT_ONCE)):
            rows: Rows = {name: [] for name in COLUMNS}
            for number, conversation_id in part:
                self._conversation(rows, number, conversation_id)
            yield rows

    def _conversation(self, rows: Rows, number: int, conversation_id: str) -> None:
        begins_at = self.now - SPAN * (1 - number / self.conversations)
        ends_at = begins_at + timedelta(seconds=30 * LINES)
        left = self.conversations - number
        escalated = number % ESCALATED_EVERY == 0 or left <= WAITING + ACTIVE
        specialist = self._random.choice(self._specialists) if escalated and left > WAITING else None
        rows["conversations"].append((conversation_id, "-" * 64, "en", LINES + 1, begins_at, ends_at, False))
        for seq in range(1, LINES + 1):
            author, specialist_id, client_id, source, buttons = Author.BOT, None, None, None, None
            said_at = begins_at + timedelta(seconds=30 * seq)
            if seq % 2 == 0:
                author, client_id = Author.VISITOR, f"{self._random.getrandbits(128):032x}"
                said = self._random.choice(self._questions)
            elif specialist is not None and seq > LINES // 2:
                author, specialist_id = Author.SPECIALIST, specialist
                said = "I looked at your claim. " + self._random.choice(self._questions)
            else:
                said = self._random.choice(self._answers)
                source, buttons = SOURCE, BUTTONS
            self._lines += 1
            if self._lines % RARE_EVERY == 0:
                said, self.rare_said = f"{said} {RARE_WORD.capitalize()}", self.rare_said + 1
            rows["messages"].append(
                (conversation_id, seq, str(author), said, "en", buttons, source, client_id,
                 specialist_id, said_at, False)
            )  # fmt: skip
        for button in range(BUTTONS_EACH):
            rows["offered_payloads"].append((conversation_id, f"{button:064}", "Yes"))
        if ends_at > self.now - MEMORY_SPAN:
            rows["trackers"].append((conversation_id, self._random.choice(self._memories), ends_at))
        if escalated:
            rows["escalations"].append(self._escalation(conversation_id, left, specialist, begins_at, ends_at))

    def _escalation(
        self, conversation_id: str, left: int, specialist: int | None, opened_at: datetime, resolved_at: datetime
    ) -> tuple[Any, ...]:
        state, outcome, ended_at = EscalationState.RESOLVED, str(Outcome.ANSWERED), resolved_at
        if left <= WAITING + ACTIVE:
            state, outcome, ended_at = EscalationState.ACTIVE, None, None
        if left <= WAITING:
            state = EscalationState.WAITING
        waited = None if specialist is None else self._random.randrange(30, 900)
        taken_at = None if waited is None else opened_at + timedelta(seconds=waited)
        return (conversation_id, str(state), str(EscalationReason.ASKED), "en", specialist, outcome, opened_at,
                taken_at, ended_at, int(Priority.USUAL), waited)  # fmt: skip

    def _memory(self, begins_at: float) -> str:
        """What the tracker store keeps of eight turns, in its size and shape: some 8 kB."""
        events: list[dict[str, Any]] = []
        for turn in range(MEMORY_TURNS):
            at = begins_at + turn
            intent = {"name": f"intent_{self._random.randrange(70)}", "confidence": self._random.random()}
            entities = [
                {"entity": name, "value": "wa_ui", "start": 0, "end": 40, "extractor": "DetailExtractor"}
                for name in ("language", "program")
            ]
            said = {"text": self._random.choice(self._questions), "input_channel": "gateway"}
            parsed = {"intent": intent, "entities": entities}
            events.append({"event": "user", "timestamp": at, **said, "parse_data": parsed})
            events += [
                {"event": "slot", "timestamp": at, "name": f"slot_{number}", "value": self._random.random()}
                for number in range(3)
            ]
            events += [
                {"event": "action", "timestamp": at, "name": name, "policy": "QuickRulePolicy", "confidence": 1.0}
                for name in ("action_answer", "action_listen")
            ]
        events.append({"event": "bot", "timestamp": at, "text": self._random.choice(self._answers), "data": {}})
        return json.dumps({"slots": {"language": "en"}, "active_loop": None, "events": events})


def load(database: Database, filler: Filler) -> int:
    """Put all rows into an empty, migrated database; returns how many messages."""
    into = _into_sqlite if database.engine.dialect.name == "sqlite" else _into_postgres
    return into(database, filler)


def _into_sqlite(database: Database, filler: Filler) -> int:
    messages = 0
    connection = database.engine.raw_connection()
    try:
        # Ids are random, so that every row lands on another page: with room for them all none is written twice.
        # Nothing is lost if the machine stops: the file is thrown away.
        for pragma in (f"cache_size = -{SQLITE_CACHE_KB}", "synchronous = OFF", "wal_autocheckpoint = 1000000"):
            connection.execute(f"PRAGMA {pragma}")
        # Messages are put into the index of words together at the end, as PostgreSQL's are.
        (adding,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [SQLITE_WORDS_ADDED]).fetchone()
        connection.execute(f"DROP TRIGGER {SQLITE_WORDS_ADDED}")
        for rows in filler.batches():
            connection.execute("BEGIN IMMEDIATE")
            for table, columns in COLUMNS.items():
                names = columns.split()
                marks = ", ".join("?" * len(names))
                plain = ([_moment(value) for value in row] for row in rows[table])
                connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", plain)
            connection.execute("COMMIT")
            messages += len(rows["messages"])
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO message_words SELECT conversation_id, seq, text FROM messages ORDER BY rowid")
        connection.execute("COMMIT")
        connection.execute(adding)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        # Not given back to the pool: what is measured gets connections as the product sets them up.
        connection.invalidate()
    return messages


def _into_postgres(database: Database, filler: Filler) -> int:
    messages = 0
    words = "ix_messages_words"
    with database.engine.begin() as connection:
        # Filling an index of words row by row takes many times as long as building it afterwards.
        index = connection.execute(text(f"SELECT indexdef FROM pg_indexes WHERE indexname = '{words}'")).scalar_one()
        connection.execute(text(f"DROP INDEX {words}"))
    connection = database.engine.raw_connection()
    try:
        with connection.cursor() as cursor:
            # What refers to what is right as it is made.
            cursor.execute("SET session_replication_role = replica")
            for rows in filler.batches():
                for table, columns in COLUMNS.items():
                    file = io.StringIO()
                    csv.writer(file).writerows(rows[table])
                    file.seek(0)
                    cursor.copy_expert(
                        f"COPY {table} ({', '.join(columns.split())}) FROM STDIN WITH (FORMAT csv)", file
                    )
                connection.commit()
                messages += len(rows["messages"])
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute("SET maintenance_work_mem = '1GB'")
            cursor.execute(index)
            cursor.execute("RESET maintenance_work_mem")
            connection.commit()
    finally:
        connection.close()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What autovacuum does in service.
        connection.execute(text("VACUUM ANALYZE"))
    return messages


def _moment(value: Any) -> Any:
    # As SQLAlchemy writes it.
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
