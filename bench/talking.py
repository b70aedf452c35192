"""The trained bot on a database of its own, for measuring whole answers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

from bot import migrations, seeding, training
from bot.assistant import AssistantFault, BotMessage
from bot.assistant.embedded import EmbeddedAssistant
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import trackers


class Bot:
    """Conversations with the newest model."""

    def __init__(self, assistant: EmbeddedAssistant, database: Database) -> None:
        self._assistant = assistant
        self.database = database

    async def ask(self, text: str, *, language: str, conversation: str | None = None) -> list[BotMessage]:
        """The bot's messages for a text in a new conversation, or in the one named; a fault is no message."""
        try:
            return await self._assistant.reply(conversation or uuid.uuid4().hex, text, {"locale": language})
        except AssistantFault:
            return []

    async def intent_of(self, text: str) -> str:
        """What a text is understood as."""
        return await self._assistant.intent_of(text)

    def topic(self, conversation: str) -> str | None:
        """The topic the bot answered last in a conversation."""
        with self.database.snapshot() as session:
            topic: str | None = trackers.current_slots(session, conversation).get("topic")
            return topic


@contextlib.asynccontextmanager
async def talking() -> AsyncIterator[Bot]:
    """The newest model of models/, ready to talk, on a seeded database that is thrown away."""
    async with loaded() as (assistant, database):
        yield Bot(assistant, database)


@contextlib.asynccontextmanager
async def loaded(**options: int) -> AsyncIterator[tuple[EmbeddedAssistant, Database]]:
    """The newest model of models/, loaded, and the seeded database it answers from; `options` are the database's."""
    model = training.newest_model(PROJECT_ROOT / "models")
    if model is None:
        raise SystemExit("There is no trained model yet. Run `make train` first.")
    with tempfile.TemporaryDirectory() as folder:
        # The actions and the tracker store read the address from the environment.
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.db'}"
        database = Database(os.environ["DATABASE_URL"], **options)
        migrations.upgrade(database.engine)
        with database.transaction() as session:
            seeding.seed(session, with_demo_claims=True, as_of=seeding.today())
        assistant = EmbeddedAssistant(model, timeout=30)
        await assistant.start()
        while not await assistant.ready():
            await asyncio.sleep(0.1)
        try:
            yield assistant, database
        finally:
            await assistant.close()
            database.close()
