"""Waiting for a person from both sides: offers, presence, transfers, drop-off, hours and left messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlalchemy import update

from bot import clock
from bot.claim_status import agency_day
from bot.stores import escalations, routing, specialists
from bot.stores.tables import Determination
from bot.stores.vocabulary import ClaimStatus, Program, Role
from tests.conftest import Prepared, Served, agency_file, free_port, serve, start, wait_for
from tests.people import Frames, MakeVisitor, SpecialistAtWork, Visitor
from tests.servers import redis_server
from tests.stored import a_conversation, an_escalation, claim_with

PASSWORD = "a long password"
# Nobody answers there: what is tested here has to work while the bot does not.
NO_BOT = {"RASA_URL": "http://127.0.0.1:9", "SECRET_KEY": "the same everywhere"}
BRISK = {**NO_BOT, "OFFER_SECONDS": "1.5", "DROP_OFF_SECONDS": "3"}


@pytest.fixture
def brisk(tmp_path: Any, prepared: Prepared) -> Iterator[Served]:
    """A gateway without a bot and without anybody at work, where offers and absences are short."""
    gateway = serve(tmp_path, ready="/healthz", staffed=False, prepared=prepared, **BRISK)
    yield gateway
    gateway.process.stop()


@pytest.fixture
def calm(tmp_path: Any, prepared: Prepared) -> Iterator[Served]:
    """The same with the usual times, so that nothing moves by itself."""
    gateway = serve(tmp_path, ready="/healthz", staffed=False, prepared=prepared, **NO_BOT)
    yield gateway
    gateway.process.stop()


def hire(gateway: Served, login: str, **skills: Any) -> None:
    with gateway.transaction() as session:
        one = specialists.add(
            session, login=login, alias=login.title(), role=Role.SPECIALIST, password=PASSWORD, now=clock.now()
        )
        routing.set_skills(session, one.id, **{"programs": None, "languages": None, "capacity": 3, **skills})


@asynccontextmanager
async def at_work(gateway: Served, login: str, **skills: Any) -> AsyncIterator[tuple[SpecialistAtWork, Frames]]:
    """A new specialist with the console open."""
    hire(gateway, login, **skills)
    async with SpecialistAtWork(gateway.url) as one:
        assert (await one.sign_in(login, PASSWORD)).status == 200
        socket = await one.socket()
        await asyncio.sleep(0.2)
        try:
            yield one, socket
        finally:
            await socket.close()


async def waits(http: aiohttp.ClientSession, gateway: Served, **kwargs: str) -> Visitor:
    one = await Visitor(http, gateway.url, **kwargs).open()
    answer = await one.call("POST", "/escalation", json={})
    assert answer.body["handled_by"] == "specialist", answer.body
    return one


async def offer_to(socket: Frames, login: str, conversation_id: str, seconds: float = 8) -> dict[str, Any]:
    """The escalation as soon as it is offered to this specialist."""

    async def look() -> dict[str, Any]:
        while True:
            escalation = (await socket.until(seconds, type="escalation"))["escalation"]
            offer = escalation["offer"]
            if escalation["conversation_id"] == conversation_id and offer and offer["alias"] == login.title():
                return dict(escalation)

    return await asyncio.wait_for(look(), seconds)


async def state_of(visitor: Visitor) -> dict[str, Any]:
    return dict((await visitor.call("GET", "/messages")).body)


async def test_who_waits_is_offered_to_whoever_is_here_and_accepting_joins_them(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    async with at_work(calm, "ana") as (ana, socket):
        visitor = await waits(http, calm)
        offered = await offer_to(socket, "ana", visitor.id)
        assert offered["state"] == "offered"
        assert (await state_of(visitor))["escalation"] == {"state": "waiting", "position": 1}
        taken = await ana.call("POST", f"/escalations/{offered['id']}/take")
        assert taken.body["escalation"]["state"] == "active"
        assert (await state_of(visitor))["escalation"] == {"state": "active", "name": "Ana"}


async def test_a_declined_offer_goes_to_the_next_at_once(calm: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(calm, "ana") as (ana, hers), at_work(calm, "ben") as (ben, his):
        visitor = await waits(http, calm)
        offered = await offer_to(hers, "ana", visitor.id)
        assert (await ben.call("POST", f"/escalations/{offered['id']}/decline")).code == "not_active"
        assert (await ana.call("POST", f"/escalations/{offered['id']}/decline")).status == 200
        await offer_to(his, "ben", visitor.id)
        assert (await ana.call("POST", f"/escalations/{offered['id']}/decline")).code == "not_active"


async def test_an_unanswered_offer_moves_on_by_itself(brisk: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(brisk, "ana") as (_, hers), at_work(brisk, "ben") as (_, his):
        visitor = await waits(http, brisk)
        await offer_to(hers, "ana", visitor.id)
        await offer_to(his, "ben", visitor.id)


async def test_whoever_is_away_is_offered_nobody(calm: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(calm, "ana") as (ana, _), at_work(calm, "ben") as (_, his):
        away = await ana.call("PUT", "/availability", json={"availability": "away"})
        assert away.body == {"availability": "away"}
        visitors = [await waits(http, calm) for _ in range(2)]
        await offer_to(his, "ben", visitors[0].id)
        listed = (await ana.call("GET", "/escalations")).body["escalations"]
        assert [one["offer"] and one["offer"]["alias"] for one in listed] == ["Ben", None]
        assert (await ana.call("PUT", "/availability", json={"availability": "maybe"})).status == 422
        # By hand anybody may still take what waits, and whoever it was offered to hears who has it.
        await ana.call("POST", f"/escalations/{listed[0]['id']}/take")
        while (moved := (await his.until(type="escalation"))["escalation"])["state"] != "active":
            pass
        assert (moved["specialist"]["alias"], moved["offer"]) == ("Ana", None)


async def test_whoever_goes_away_lets_their_offer_go_to_the_next(calm: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(calm, "ana") as (ana, hers), at_work(calm, "ben") as (_, his):
        visitor = await waits(http, calm)
        await offer_to(hers, "ana", visitor.id)
        await ana.call("PUT", "/availability", json={"availability": "away"})
        await offer_to(his, "ben", visitor.id)


async def test_a_visitor_is_offered_only_to_whoever_knows_the_program_and_the_language(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    async with (
        at_work(calm, "english", languages=["en"]) as (_, _),
        at_work(calm, "insurance", programs=[Program.OK_INSURANCE]) as (_, _),
        at_work(calm, "fits", programs=[Program.WA_UI], languages=["es"]) as (_, his),
    ):
        visitor = await waits(http, calm, locale="es", program="wa_ui")
        await offer_to(his, "fits", visitor.id)


async def test_three_visitors_and_two_specialists_share_the_work_and_a_race_has_one_winner(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    async with at_work(calm, "ana") as (ana, hers), at_work(calm, "ben") as (ben, his):
        first, second, third = [await waits(http, calm) for _ in range(3)]
        for_ana = await offer_to(hers, "ana", first.id)
        for_ben = await offer_to(his, "ben", second.id)
        await ana.call("POST", f"/escalations/{for_ana['id']}/take")
        await offer_to(hers, "ana", third.id)
        last = await ana.escalation_of(third.id)
        path = f"/escalations/{last['id']}/take"
        answers = await asyncio.gather(ana.call("POST", path), ben.call("POST", path))
        assert sorted(answer.status for answer in answers) == [200, 409]
        winner = next(answer for answer in answers if answer.status == 200)
        loser = next(answer for answer in answers if answer.status == 409)
        assert loser.body["error"]["taken_by"] == winner.body["escalation"]["specialist"]["alias"]
        assert (await ben.call("POST", f"/escalations/{for_ben['id']}/take")).status == 200


async def test_a_full_desk_is_offered_nobody_until_somebody_is_done(calm: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(calm, "ana", capacity=1) as (ana, hers):
        first, second = [await waits(http, calm) for _ in range(2)]
        one = await offer_to(hers, "ana", first.id)
        await ana.call("POST", f"/escalations/{one['id']}/take")
        await asyncio.sleep(1)
        assert (await ana.escalation_of(second.id))["state"] == "waiting"
        await ana.call("POST", f"/escalations/{one['id']}/resolve", json={"outcome": "answered"})
        await offer_to(hers, "ana", second.id)


async def test_when_a_specialist_is_gone_their_visitor_is_told_and_waits_first(
    brisk: Served, http: aiohttp.ClientSession
) -> None:
    async with at_work(brisk, "ben", capacity=0) as (ben, _):
        visitor = await waits(http, brisk)
        async with at_work(brisk, "ana") as (ana, hers):
            one = await offer_to(hers, "ana", visitor.id)
            await ana.call("POST", f"/escalations/{one['id']}/take")
            behind = await waits(http, brisk)
            assert (await ana.call("PUT", "/availability", json={"availability": "away"})).status == 200
            live = await visitor.socket()
            await live.until(type="caught_up")
        await live.message("Ana has lost the connection", seconds=10)
        told = await live.until(type="handled_by")
        assert told["escalation"] == {"state": "waiting", "position": 1}
        assert (await state_of(behind))["escalation"]["position"] == 2
        returned = await ben.escalation_of(visitor.id)
        assert (returned["state"], returned["priority"], returned["specialist"]) == ("waiting", "returned", None)
        await live.close()


async def test_a_reload_of_the_console_is_not_an_absence(brisk: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(brisk, "ana") as (ana, hers):
        visitor = await waits(http, brisk)
        one = await offer_to(hers, "ana", visitor.id)
        await ana.call("POST", f"/escalations/{one['id']}/take")
        await hers.close()
        await asyncio.sleep(1)
        again = await ana.socket()
        await asyncio.sleep(4)
        assert (await ana.escalation_of(visitor.id))["state"] == "active"
        await again.close()


async def test_a_transfer_reaches_the_colleague_with_its_note_and_the_visitor_is_told(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    async with at_work(calm, "ana") as (ana, hers):
        visitor = await waits(http, calm)
        one = await offer_to(hers, "ana", visitor.id)
        path = f"/escalations/{one['id']}"
        await ana.call("POST", f"{path}/take")
        async with at_work(calm, "ben") as (ben, his):
            colleagues = (await ana.call("GET", "/colleagues")).body["colleagues"]
            there = next(colleague for colleague in colleagues if colleague["alias"] == "Ben")
            assert there["available"] and there["load"] == 0
            assert (await ben.call("POST", f"{path}/transfer", json={"to": {"language": "es"}})).code == "not_active"
            to = {"specialist_id": there["id"]}
            passed = await ana.call("POST", f"{path}/transfer", json={"to": to, "note": "Knows leave better."})
            assert passed.body["escalation"]["transfer"] == {"by": "Ana", "note": "Knows leave better."}
            offered = await offer_to(his, "ben", visitor.id)
            assert "Ana is passing you on to a colleague, Ben" in (await visitor.transcript())[-1]["text"]
            taken = await ben.call("POST", f"/escalations/{offered['id']}/take")
            assert taken.body["escalation"]["transfer"]["note"] == "Knows leave better."
            assert (await ana.call("POST", f"{path}/messages", json={"text": "hi"})).code == "not_active"


async def test_nobody_is_passed_on_to_somebody_who_is_not_there_or_has_no_room(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    hire(calm, "home")
    async with at_work(calm, "ana") as (ana, hers), at_work(calm, "full", capacity=0):
        visitor = await waits(http, calm)
        one = await offer_to(hers, "ana", visitor.id)
        await ana.call("POST", f"/escalations/{one['id']}/take")
        for colleague in (await ana.call("GET", "/colleagues")).body["colleagues"]:
            to = {"specialist_id": colleague["id"]}
            answer = await ana.call("POST", f"/escalations/{one['id']}/transfer", json={"to": to})
            assert (answer.status, answer.code) == (409, "colleague_busy")
        assert (await ana.escalation_of(visitor.id))["state"] == "active"
        for wrong in ({}, {"to": {}}, {"to": {"language": "xx"}}, {"to": {"specialist_id": 1, "language": "es"}}):
            assert (await ana.call("POST", f"/escalations/{one['id']}/transfer", json=wrong)).status == 422


async def test_a_visitor_may_go_back_to_the_bot_while_waiting(calm: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(calm, "ana") as (ana, hers):
        visitor = await waits(http, calm)
        one = await offer_to(hers, "ana", visitor.id)
        back = await visitor.call("DELETE", "/escalation")
        assert (back.body["handled_by"], back.body["escalation"]) == ("bot", None)
        assert "no longer in line" in back.body["messages"][0]["text"]
        assert (await ana.call("POST", f"/escalations/{one['id']}/take")).code == "not_active"
        assert (await visitor.call("DELETE", "/escalation")).body["messages"] == []
        assert (await waits_again(visitor))["state"] == "waiting"


async def waits_again(visitor: Visitor) -> dict[str, Any]:
    return dict((await visitor.call("POST", "/escalation", json={})).body["escalation"])


async def test_with_nobody_there_a_message_is_left_and_answered_later_in_the_same_chat(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    visitor = await Visitor(http, calm.url).open()
    asked = await visitor.call("POST", "/escalation", json={})
    assert (asked.body["handled_by"], asked.body["escalation"]) == ("bot", None)
    told = asked.body["messages"][-1]
    assert told["card"]["type"] == "message" and "800-318-6022" in told["text"]

    assert (await visitor.call("POST", "/left-message", json={"text": "  "})).code == "empty_text"
    left = await visitor.call("POST", "/left-message", json={"text": "My SSN is 123-45-6789. Call me about week 3."})
    reference = left.body["escalation"]["reference"]
    assert left.body["escalation"] == {"state": "callback", "reference": reference}
    assert left.body["handled_by"] == "bot" and reference in left.body["messages"][1]["text"]
    assert "123-45-6789" not in str(left.body)
    again = await visitor.call("POST", "/escalation", json={})
    assert reference in again.body["messages"][-1]["text"] and again.body["handled_by"] == "bot"

    async with at_work(calm, "ana") as (ana, _):
        one = await ana.escalation_of(visitor.id)
        assert (one["state"], one["reference"]) == ("callback", reference)
        assert "week 3" in one["last_visitor_message"]["text"]
        path = f"/escalations/{one['id']}"
        await ana.call("POST", f"{path}/take")
        await ana.call("POST", f"{path}/messages", json={"text": "Week 3 was paid today."})
        await ana.call("POST", f"{path}/resolve", json={"outcome": "answered"})
    texts = [message["text"] for message in await visitor.transcript()]
    assert any(reference in text and "Ana" in text for text in texts)
    assert "Week 3 was paid today." in texts
    assert (await state_of(visitor))["escalation"] is None


async def test_who_left_a_message_may_come_back_and_wait_and_the_message_stays(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    visitor = await Visitor(http, calm.url).open()
    left = await visitor.call("POST", "/left-message", json={"text": "What about week 3?"})
    async with at_work(calm, "ana") as (_, hers):
        assert (await waits_again(visitor))["state"] == "waiting"
        offered = await offer_to(hers, "ana", visitor.id)
        assert offered["reference"] == left.body["escalation"]["reference"]
        back = await visitor.call("DELETE", "/escalation")
        assert back.body["escalation"] == left.body["escalation"]


async def test_who_waits_may_leave_a_message_instead(calm: Served, http: aiohttp.ClientSession) -> None:
    async with at_work(calm, "ana") as (ana, hers):
        visitor = await waits(http, calm)
        one = await offer_to(hers, "ana", visitor.id)
        left = await visitor.call("POST", "/left-message", json={"text": "I can't wait. What about week 3?"})
        assert left.body["escalation"]["state"] == "callback"
        assert (await ana.escalation_of(visitor.id))["offer"] is None
        await ana.call("POST", f"/escalations/{one['id']}/take")
        busy = await visitor.call("POST", "/left-message", json={"text": "again"})
        assert (busy.status, busy.code) == (409, "with_person")


async def test_a_message_that_is_sent_again_is_left_once(calm: Served, http: aiohttp.ClientSession) -> None:
    visitor = await Visitor(http, calm.url).open()
    body = {"text": "What about week 3?", "client_id": "once"}
    first = await visitor.call("POST", "/left-message", json=body)
    again = await visitor.call("POST", "/left-message", json=body)
    assert again.body["escalation"] == first.body["escalation"]
    assert [message["text"] for message in await visitor.transcript()].count("What about week 3?") == 1


async def test_who_waits_is_told_once_when_the_last_specialist_has_gone(
    brisk: Served, http: aiohttp.ClientSession
) -> None:
    async with at_work(brisk, "ana", capacity=0) as (ana, _):
        visitor = await waits(http, brisk)
        live = await visitor.socket()
        await live.until(type="caught_up")
        await ana.call("PUT", "/availability", json={"availability": "away"})
        message = await live.message("No specialist is free to join")
        assert message["card"]["type"] == "message"
        await asyncio.sleep(3)
        texts = [one["text"] for one in await visitor.transcript()]
        assert sum("No specialist is free to join" in text for text in texts) == 1
        assert (await state_of(visitor))["escalation"] == {"state": "waiting", "position": 1}
        await live.close()


async def test_after_hours_the_hours_are_said_and_a_crisis_still_opens_at_once(
    tmp_path: Any, http: aiohttp.ClientSession
) -> None:
    gateway = serve(tmp_path, AGENCY_FILE=agency_file(tmp_path, is_open=False))
    try:
        visitor = await Visitor(http, gateway.url).open()
        said = await visitor.say("I want to talk to a person")
        assert "Monday to Friday" in said and "They are back" in said and "800-318-6022" in said
        assert (await state_of(visitor))["escalation"] is None

        crisis = await Visitor(http, gateway.url).open()
        assert "988" in await crisis.say("I want to kill myself")
        answer = await crisis.press('/ask_human{"reason":"crisis"}')
        assert "988" in answer.body["messages"][-1]["text"]
        assert answer.body["escalation"] == {"state": "waiting", "position": 1}
        # Whoever said so and then uses the plain button is in no less danger.
        other = await Visitor(http, gateway.url).open()
        await other.say("I want to kill myself")
        assert (await waits_again(other))["state"] == "waiting"
    finally:
        gateway.process.stop()


async def test_an_expected_wait_is_told_only_when_enough_recent_waits_were_measured(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    async with at_work(calm, "ana", capacity=0):
        visitor = await waits(http, calm)
        assert "wait_minutes" not in (await state_of(visitor))["escalation"]
        with calm.transaction() as session:
            for minutes in (2, 4, 6, 8, 10):
                opened = a_conversation(session, clock.now())
                one = an_escalation(session, opened.id, clock.now() - timedelta(minutes=minutes))
                escalations.take(session, one.id, 1, clock.now())
        assert (await state_of(visitor))["escalation"]["wait_minutes"] == {"low": 4, "high": 8}


async def test_a_deadline_on_the_proven_claim_and_a_lockout_go_before_the_longer_wait(
    calm: Served, http: aiohttp.ClientSession
) -> None:
    number, born_on, claim_id = claim_with(calm, ClaimStatus.DENIED)
    with calm.transaction() as session:
        soon = agency_day(Program.WA_UI, clock.now()) + timedelta(days=3)
        session.execute(update(Determination).where(Determination.claim_id == claim_id).values(appeal_by=soon))
    async with at_work(calm, "ana", capacity=0) as (ana, _):
        usual = await waits(http, calm)
        locked = await Visitor(http, calm.url).open()
        for _ in range(5):
            await locked.prove("UI-00000001", "1901-01-01")
        await waits_again(locked)
        urgent = await waits(http, calm)
        assert (await state_of(urgent))["escalation"]["position"] == 3
        assert (await urgent.prove(number, born_on)).status == 200
        places = [(await state_of(one))["escalation"]["position"] for one in (urgent, locked, usual)]
        assert places == [1, 2, 3]
        assert (await ana.escalation_of(urgent.id))["priority"] == "deadline"
        assert (await ana.escalation_of(locked.id))["reason"] == "identity_locked"


@pytest.mark.fleet
async def test_presence_and_offers_reach_across_gateways(tmp_path: Any, http: aiohttp.ClientSession) -> None:
    with redis_server(tmp_path) as redis_url:
        one = serve(tmp_path, ready="/healthz", staffed=False, REDIS_URL=redis_url, **BRISK)
        port = free_port()
        second = start(["bot", "serve"], tmp_path / "second.log", **{**one.environment, "PORT": str(port)})
        other = Served(f"http://127.0.0.1:{port}", one.database_url, one.login, one.password, second)
        try:
            wait_for(f"{other.url}/healthz", second)
            async with at_work(one, "ana") as (_, hers), at_work(other, "ben") as (ben, his):
                visitors = [await waits(http, gateway) for gateway in (one, other)]
                await offer_to(hers, "ana", visitors[0].id)
                await offer_to(his, "ben", visitors[1].id)
                live = await visitors[0].socket()
                await live.until(type="caught_up")
                escalation = await ben.escalation_of(visitors[0].id)
                await ben.call("POST", f"/escalations/{escalation['id']}/take")
                await live.message("Ben has joined")
                await live.close()
        finally:
            second.stop()
            one.process.stop()


async def test_the_packet_says_what_it_was_about_in_the_specialists_language(
    visitor: MakeVisitor, specialist: SpecialistAtWork, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.OVERPAYMENT, skip=4)
    earlier = await visitor().open()
    await earlier.say("where is my claim")
    assert (await earlier.prove(number, born_on)).status == 200

    one = await visitor().open()
    await one.say("how do i appeal a denial of unemployment")
    await one.say("where is my claim")
    assert (await one.prove(number, born_on)).status == 200
    await one.call("POST", "/escalation", json={})
    path = f"/escalations/{(await specialist.escalation_of(one.id))['id']}"
    waiting = (await specialist.call("GET", path)).body["packet"]
    assert waiting["identity"] == "proven" and waiting["claim"] is None and waiting["earlier"] == []
    await specialist.call("POST", f"{path}/take")
    packet = (await specialist.call("GET", path, headers={"Accept-Language": "es"})).body["packet"]
    assert packet["summary"][0].startswith("Preguntó sobre: ")
    assert "desempleo" in packet["claim"]["title"].lower() or "reclamo" in packet["claim"]["title"].lower()
    assert packet["answers"] and packet["answers"][0]["title"]
    assert len(packet["earlier"]) == 1
    assert set(packet["earlier"][0]) == {"begun_at", "last_message_at", "escalations"}
    await specialist.call("POST", f"{path}/resolve", json={"outcome": "answered"})
