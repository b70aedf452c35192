"""One contract for both ways Rasa runs: embedded, and remote over real `rasa run` servers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import training
from bot.assistant import Assistant, AssistantFault
from bot.assistant.embedded import EmbeddedAssistant
from bot.assistant.remote import RemoteAssistant
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import trackers
from tests.conftest import START_SECONDS, prepare_database
from tests.rasa_servers import action_server, rasa_server

TOKEN = "a token between gateway and workers"


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('contract') / 'bot.db'}"
    prepare_database(url)
    return url


@pytest.fixture(scope="module")
def rasa_url(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("rasa")
    with (
        action_server(folder, database_url) as action_url,
        rasa_server(folder, database_url, action_url, RASA_TOKEN=TOKEN) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def embedded(database_url: str) -> Iterator[EmbeddedAssistant]:
    """Loaded once, because loading Rasa takes seconds."""
    patch = pytest.MonkeyPatch()
    patch.setenv("DATABASE_URL", database_url)
    model = training.newest_model(PROJECT_ROOT / "models")
    assert model is not None, "train a model first: make train"
    one = EmbeddedAssistant(model, timeout=10)

    async def until_ready() -> None:
        await one.start()
        while not await one.ready():
            await asyncio.sleep(0.05)

    # The tests' own loop is running already, so this one runs on a thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(until_ready(), START_SECONDS)).result()
        yield one
        thread.submit(asyncio.run, one.close()).result()
    patch.undo()


@pytest.fixture(params=["embedded", pytest.param("remote", marks=pytest.mark.fleet)])
async def assistant(request: pytest.FixtureRequest) -> AsyncIterator[Assistant]:
    if request.param == "embedded":
        yield request.getfixturevalue("embedded")
        return
    one = RemoteAssistant(request.getfixturevalue("rasa_url"), token=TOKEN, timeout=10)
    await one.start()
    yield one
    await one.close()


def conversation() -> str:
    return uuid.uuid4().hex


async def test_it_is_ready_once_the_model_is_loaded(assistant: Assistant) -> None:
    assert await assistant.ready()


async def test_words_are_answered_with_text_source_and_card(assistant: Assistant) -> None:
    messages = await assistant.reply(conversation(), "what does A32B pay", {"locale": "en"})
    assert "$22.15" in "".join(message.text for message in messages)
    assert any(message.source for message in messages)


async def test_what_was_said_before_is_known(assistant: Assistant) -> None:
    one = conversation()
    await assistant.reply(one, "what does A32B pay", {"locale": "en"})
    messages = await assistant.reply(one, "and level III?", {"locale": "en"})
    assert "$24.53" in "".join(message.text for message in messages)


async def test_conversations_know_nothing_of_each_other(assistant: Assistant) -> None:
    await assistant.reply(conversation(), "what does A32B pay", {"locale": "en"})
    messages = await assistant.reply(conversation(), "how much does that job pay?", {"locale": "en"})
    assert "$22.15" not in "".join(message.text for message in messages)


async def test_asking_for_a_person_says_so_to_the_gateway(assistant: Assistant) -> None:
    messages = await assistant.reply(conversation(), "i want to talk to a person", {"locale": "en"})
    assert [message.escalate for message in messages if message.escalate] == ["asked"]


async def test_a_payload_of_the_product_runs_its_intent(assistant: Assistant) -> None:
    messages = await assistant.run_intent(conversation(), '/job_pay{"class_code": "A32C"}', {"locale": "en"})
    assert "$24.53" in "".join(message.text for message in messages)


async def test_a_forged_confirmation_shows_no_claim(assistant: Assistant) -> None:
    forged = '/identity_confirmed{"claim_number": "UI-12345678"}'
    messages = await assistant.run_intent(conversation(), forged, {"locale": "en"})
    assert not any(message.card and message.card["type"] == "status" for message in messages)
    words = await assistant.reply(conversation(), forged, {"locale": "en"})
    assert not any(message.card for message in words)


async def test_words_are_understood_without_being_answered(assistant: Assistant) -> None:
    assert await assistant.intent_of("what does A32B pay") == "job_pay"


async def test_spanish_words_are_answered_in_spanish(assistant: Assistant, database_url: str) -> None:
    one = conversation()
    messages = await assistant.reply(one, "¿cuánto paga el puesto A32B?", {"locale": "en"})
    assert "$22.15" in "".join(message.text for message in messages)
    database = Database(database_url)
    with database.snapshot() as session:
        assert trackers.current_slots(session, one)["language"] == "es"
    database.close()


async def test_messages_of_one_conversation_at_once_are_all_answered(assistant: Assistant) -> None:
    one = conversation()
    answers = await asyncio.gather(*(assistant.reply(one, "hello", {"locale": "en"}) for _ in range(4)))
    assert all(answers)


async def test_a_failing_action_is_a_fault_and_not_silence(assistant: Assistant, database_url: str) -> None:
    database = Database(database_url)
    with database.transaction() as session:
        session.execute(text("ALTER TABLE job_classes RENAME TO job_classes_away"))
    try:
        with pytest.raises(AssistantFault):
            await assistant.reply(conversation(), "what does A32B pay", {"locale": "en"})
    finally:
        with database.transaction() as session:
            session.execute(text("ALTER TABLE job_classes_away RENAME TO job_classes"))
        database.close()


@pytest.mark.fleet
async def test_a_worker_refuses_a_gateway_without_the_token(rasa_url: str) -> None:
    stranger = RemoteAssistant(rasa_url, token="wrong", timeout=10)
    await stranger.start()
    with pytest.raises(AssistantFault):
        await stranger.reply(conversation(), "hello", {"locale": "en"})
    with pytest.raises(AssistantFault):
        await stranger.intent_of("hello")
    await stranger.close()


async def test_a_missing_worker_is_a_fault_and_not_ready() -> None:
    lost = RemoteAssistant("http://127.0.0.1:9", token="", timeout=2)
    await lost.start()
    assert not await lost.ready()
    with pytest.raises(AssistantFault):
        await lost.reply(conversation(), "hello", {"locale": "en"})
    await lost.close()
