"""What the gateway does by itself while it runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from bot import clock, migrations
from bot.assistant.remote import RemoteAssistant
from bot.database import Database
from bot.gateway import housekeeping
from bot.gateway.app import make_app
from bot.hub import MemoryHub
from bot.settings import Settings
from tests.test_purging import a_conversation, counts

Start = Callable[[Callable[[Database], None]], Awaitable[Database]]


@pytest.fixture
async def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Start a gateway whose tasks run at once, on a database prepared before; returns that database."""
    monkeypatch.setattr(housekeeping, "FIRST_PURGE_SECONDS", 0.3)
    monkeypatch.setattr(housekeeping, "COUNT_SECONDS", 0.1)
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'bot.db'}", secret_key="key")
    runners = []

    async def start(prepare: Callable[[Database], None]) -> Database:
        database = Database(settings.database_url)
        migrations.upgrade(database.engine)
        prepare(database)
        nowhere = RemoteAssistant("http://127.0.0.1:9", token="", timeout=1)
        runners.append(web.AppRunner(make_app(settings, database, MemoryHub(), nowhere)))
        await runners[-1].setup()
        return database

    yield start
    for runner in runners:
        await runner.cleanup()


def old_and_new(database: Database) -> None:
    with database.transaction() as session:
        a_conversation(session, clock.now() - timedelta(days=400))
        a_conversation(session, clock.now() - timedelta(minutes=5))


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen within 10 seconds")


async def test_the_gateway_deletes_what_is_past_its_time_by_itself(gateway: Start) -> None:
    database = await gateway(old_and_new)
    await until(lambda: counts(database)["conversations"] == 1)


async def test_the_gateway_deletes_nothing_after_the_clock_was_set(
    gateway: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    database = await gateway(old_and_new)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 7 * 86_400)
    await until(lambda: "clock_jumped" in caplog.text)
    assert counts(database)["conversations"] == 2


async def test_the_queue_is_counted_for_the_metrics(gateway: Start) -> None:
    await gateway(old_and_new)
    await until(lambda: REGISTRY.get_sample_value("bot_queue_waiting") in (1, 2))
    oldest = REGISTRY.get_sample_value("bot_queue_oldest_seconds")
    assert oldest is not None and oldest >= 299
