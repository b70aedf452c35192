"""Several machines' worth of parts, talked to from outside: nothing depends on which one answers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.assistant.remote import RemoteAssistant
from bot.database import Database
from bot.stores import trackers
from tests.fleet.fleet import TOKEN, Fleet
from tests.people import SpecialistAtWork, Visitor

pytestmark = pytest.mark.fleet
AT_ONCE = 6


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A new connection for each call, so that the balancer chooses anew each time."""
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


async def test_a_question_begun_on_one_worker_ends_on_another(fleet: Fleet, http: aiohttp.ClientSession) -> None:
    visitor = await Visitor(http, fleet.url).open()
    fleet.workers.servers = fleet.rasa_ports[:1]
    assert "$22.15" in await visitor.say("what does A32B pay")
    fleet.workers.servers = fleet.rasa_ports[1:]
    assert "$24.53" in await visitor.say("and level III?")


async def test_qualifications_asked_for_on_one_worker_are_judged_on_another(
    fleet: Fleet, http: aiohttp.ClientSession
) -> None:
    visitor = await Visitor(http, fleet.url).open()
    fleet.workers.servers = fleet.rasa_ports[:1]
    assert "?" in await visitor.say("do I qualify for A32B?")
    fleet.workers.servers = fleet.rasa_ports[1:]
    said = await visitor.say("I have a bachelor's degree")
    assert "A32B" in said or "Level II" in said


async def test_a_visitor_and_a_specialist_on_different_gateways_talk(fleet: Fleet, http: aiohttp.ClientSession) -> None:
    visitor = await Visitor(http, fleet.gateway(0)).open()
    await visitor.press("/ask_human")
    async with SpecialistAtWork(fleet.gateway(1)) as specialist:
        await specialist.sign_in(fleet.login, fleet.password)
        escalation = await specialist.escalation_of(visitor.id)
        desk = await specialist.socket()
        await desk.send(type="watch", conversation_id=visitor.id)
        await specialist.call("POST", f"/escalations/{escalation['id']}/take")
        chat = await visitor.socket()
        await chat.until(type="caught_up")
        await specialist.call("POST", f"/escalations/{escalation['id']}/messages", json={"text": "I am here."})
        assert (await chat.message("I am here."))["author"] == "specialist"
        await chat.say("At last, thank you.")
        assert (await desk.message("At last, thank you."))["author"] == "visitor"
        await chat.close()
        await specialist.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})


async def test_what_is_said_while_a_gateway_restarts_is_there_afterwards(
    fleet: Fleet, http: aiohttp.ClientSession
) -> None:
    port = fleet.gateway_ports[0]
    visitor = await Visitor(http, fleet.gateway(0)).open()
    await visitor.press("/ask_human")
    async with SpecialistAtWork(fleet.gateway(1)) as specialist:
        await specialist.sign_in(fleet.login, fleet.password)
        escalation = await specialist.escalation_of(visitor.id)
        await specialist.call("POST", f"/escalations/{escalation['id']}/take")
        chat = await visitor.socket()
        await chat.until(type="caught_up")
        await asyncio.to_thread(fleet.stop, port)
        with pytest.raises(ConnectionError):
            await chat.message("never said")
        seen = max(frame["message"]["seq"] for frame in chat.seen if frame["type"] == "message")
        await specialist.call("POST", f"/escalations/{escalation['id']}/messages", json={"text": "Still here."})
        # The balancer finds the gateway that is left.
        visitor.url = fleet.url
        again = await visitor.socket(since=seen)
        assert (await again.message("Still here."))["seq"] == seen + 1
        await again.close()
        fleet.start_gateway(port)
        await asyncio.to_thread(fleet.wait, port, "/readyz")
        visitor.url = fleet.gateway(0)
        messages = (await visitor.call("GET", "/messages")).body["messages"]
        assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
        await specialist.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})


async def test_one_worker_at_a_time_answers_a_conversation(fleet: Fleet) -> None:
    """Past the gateways, which queue by themselves: two workers are given the same conversation at once."""
    conversation = "both-workers-at-once"
    doors = [RemoteAssistant(fleet.worker(number), token=TOKEN, timeout=30) for number in range(2)]
    for door in doors:
        await door.start()
    try:
        asked = [
            doors[turn % 2].reply(conversation, f"what does A32{'BCD'[turn % 3]} pay", {}) for turn in range(AT_ONCE)
        ]
        assert all(await asyncio.gather(*asked))
    finally:
        for door in doors:
            await door.close()
    database = Database(fleet.environment["DATABASE_URL"])
    with database.snapshot() as session:
        state = trackers.load(session, conversation)
    database.close()
    assert state is not None
    # Two that read the same memory and wrote it back would have left fewer turns than were asked.
    events = [event["event"] for event in state["events"]]
    assert events.count("user") == AT_ONCE
    turns = "".join({"user": "u", "action": "a"}.get(event, "") for event in events)
    assert "uu" not in turns, "a turn began before the one before it was answered"


async def test_a_new_model_reaches_every_worker_while_visitors_talk(fleet: Fleet, http: aiohttp.ClientSession) -> None:
    visitors = [await Visitor(http, fleet.url).open() for _ in range(4)]
    talking = True
    answers: list[str] = []

    async def talk(visitor: Visitor) -> None:
        while talking:
            answers.append(await visitor.say("what does A32B pay"))
            answers.append(await visitor.say("and level III?"))
            await asyncio.sleep(0.3)

    tasks = [asyncio.create_task(talk(visitor)) for visitor in visitors]
    trained, fleet.model = fleet.model, fleet.folder / "next-model.tar.gz"
    shutil.copy(trained, fleet.model)
    for number in range(2):
        await asyncio.to_thread(fleet.restart_worker, number)
    talking = False
    await asyncio.gather(*tasks)
    assert len(answers) >= 8
    assert [answer for answer in answers if "$22.15" not in answer and "$24.53" not in answer] == []
    for number in range(2):
        address = f"{fleet.worker(number)}/status?token={TOKEN}"
        async with http.get(address) as response:
            assert (await response.json())["model_file"] == "next-model.tar.gz"
    for visitor in visitors:
        messages = (await visitor.call("GET", "/messages")).body["messages"]
        assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
