"""What a gateway stored and did not answer before it died is answered by the next, though nobody sends it again."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import update

from bot import clock
from bot.database import Database
from bot.stores import conversations, escalations, intakes, owed_answers
from bot.stores.conversations import Line
from bot.stores.intakes import About
from bot.stores.tables import Escalation, Message
from bot.stores.vocabulary import Author, EscalationState, IntakeKind, Priority
from tests.conftest import Prepared, agency_file, free_port, no_model, staff, start, wait_for
from tests.people import Visitor
from tests.stored import a_conversation, an_escalation


@dataclass
class Left:
    """What a dead gateway left in the database, and the one that comes after it."""

    url: str
    database: Database
    http: aiohttp.ClientSession

    def visitor(self, opened: conversations.Opened) -> Visitor:
        return Visitor(self.http, self.url, id=opened.id, token=opened.token)


def stored(database: Database, text: str, payload: str | None = None, **more: bool) -> conversations.Opened:
    """A conversation whose last words were stored, in the one transaction that does it, and nothing after."""
    with database.transaction() as session:
        now = clock.now()
        opened = a_conversation(session, now)
        line = Line(Author.VISITOR, text, "en", client_id="the-only-one")
        message = conversations.append(session, opened.id, [line], now)[0]
        owed_answers.owe(session, opened.id, message["seq"], payload, now, **more)
    return opened


def waiting(database: Database, opened: conversations.Opened) -> None:
    with database.transaction() as session:
        an_escalation(session, opened.id, clock.now())


async def answers(visitor: Visitor, seconds: float = 20) -> list[str]:
    """The bot's words, once there are any."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        said = [m["text"] for m in await visitor.transcript() if m["author"] == "bot"]
        if said:
            return said
        await asyncio.sleep(0.2)
    return []


@pytest.fixture
async def left(tmp_path: Path, prepared: Prepared, http: aiohttp.ClientSession) -> AsyncIterator[Left]:
    shutil.copy(prepared.path, tmp_path / "bot.db")
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    staff(url)
    database = Database(url)
    yield Left(f"http://127.0.0.1:{free_port()}", database, http)
    database.close()


@contextlib.contextmanager
def next_gateway(left: Left, tmp_path: Path, ready: str = "/readyz", **environment: str) -> Iterator[None]:
    port = left.url.rsplit(":", 1)[1]
    place = {"DATABASE_URL": str(left.database.engine.url), "PORT": port, "AGENCY_FILE": agency_file(tmp_path)}
    process = start(["bot", "serve"], tmp_path / "gateway.log", **place, **environment)
    try:
        wait_for(left.url + ready, process)
        yield
    finally:
        process.stop()


async def test_what_was_stored_and_not_answered_is_answered_by_the_next_gateway(left: Left, tmp_path: Path) -> None:
    asked = stored(left.database, "what does A32B pay")
    pressed = stored(left.database, "Talk to a person", "/ask_human")
    button = stored(left.database, "Find a job class", "/job_class_search")
    desperate = stored(left.database, "I want to kill myself", check_only=True)
    waiting(left.database, desperate)
    gone = stored(left.database, "never mind")
    with left.database.transaction() as session:
        conversations.end(session, gone.id, clock.now())
        # However long the model takes to load here: the wait for it is counted from the message.
        session.execute(update(Message).values(created_at=clock.now() + timedelta(minutes=5)))
    with next_gateway(left, tmp_path):
        assert any("$22.15" in words for words in await answers(left.visitor(asked)))
        assert "specialist" in (await answers(left.visitor(pressed)))[-1]
        assert "job classes" in (await answers(left.visitor(button)))[-1]
        # Nobody has read it yet: the crisis line comes at once, and the visitor to the front of the line.
        assert "988" in (await answers(left.visitor(desperate)))[0]
        with left.database.snapshot() as session:
            assert escalations.open_for(session, desperate.id).priority == int(Priority.CRISIS)
            assert escalations.open_for(session, pressed.id) is not None
            assert len(conversations.since(session, gone.id, 0)) == 1
        # Sent again now, it is known, and nothing is done twice.
        again = await left.visitor(asked).post(text="what does A32B pay", client_id="the-only-one")
        assert [m["author"] for m in again.body["messages"]].count("visitor") == 1
        await asyncio.sleep(2)
        assert len(await answers(left.visitor(asked))) == len(again.body["messages"]) - 1


async def test_an_answer_lost_while_no_bot_comes_back_becomes_an_apology(left: Left, tmp_path: Path) -> None:
    asked = stored(left.database, "what does A32B pay")
    with left.database.transaction() as session:
        # As if it had been said a minute ago.
        session.execute(update(Message).values(created_at=clock.now() - timedelta(minutes=1)))
    with next_gateway(left, tmp_path, "/healthz", **no_model(tmp_path)):
        (said,) = await answers(left.visitor(asked))
        assert "800-318-6022" in said


async def test_who_got_a_person_meanwhile_is_left_to_the_person(left: Left, tmp_path: Path) -> None:
    asked = stored(left.database, "what does A32B pay")
    waiting(left.database, asked)
    with left.database.transaction() as session:
        session.execute(update(Escalation).values(state=EscalationState.ACTIVE, specialist_id=1))
        session.execute(update(Message).values(created_at=clock.now() - timedelta(minutes=1)))
    with next_gateway(left, tmp_path, "/healthz", **no_model(tmp_path)):
        assert await answers(left.visitor(asked), seconds=3) == []
        with left.database.snapshot() as session:
            assert owed_answers.lost(session, clock.now(), timedelta(0), limit=9) == []


async def test_a_receipt_that_nobody_was_told_comes_with_the_next_words_of_the_bot(left: Left, tmp_path: Path) -> None:
    """Whoever recorded it died between the record and the words."""
    asked = stored(left.database, "is it on record now?")
    with left.database.transaction() as session:
        now = clock.now()
        draft, _ = intakes.begin(session, asked.id, IntakeKind.CALLBACK, About(), language="en", now=now)
        receipt = intakes.file(session, draft, "CB", language="en", now=now)
    with next_gateway(left, tmp_path, "/healthz", **no_model(tmp_path)):
        visitor = left.visitor(asked)
        await visitor.say("hello?")
        await visitor.say("hello again")
        told = [m["text"] for m in await visitor.transcript() if receipt in m["text"]]
        assert len(told) == 1 and "on record" in told[0]
