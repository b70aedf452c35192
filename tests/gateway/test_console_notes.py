"""Notes are for colleagues: whatever a visitor can open, no note is in it."""

from __future__ import annotations

import aiohttp
import pytest

from bot.gateway import api
from tests.conftest import Served
from tests.gateway.desks import at_work
from tests.people import MakeVisitor, SpecialistAtWork

NOTE = "Careful: pelican. She cried on the phone yesterday."


async def test_a_note_reaches_colleagues_at_once_and_stays_with_the_conversation(
    served: Served, visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    await one.say("talk to a person please")
    async with at_work(served) as colleague:
        live = await colleague.socket()
        await live.send(type="ping")
        await live.until(type="pong")
        added = await specialist.call("POST", f"/conversations/{one.id}/notes", json={"text": NOTE})
        assert added.status == 201
        frame = await live.until(type="note", conversation_id=one.id)
        assert frame["note"] == added.body["note"]
        escalation = await colleague.escalation_of(one.id)
        packet = await colleague.call("GET", f"/escalations/{escalation['id']}")
        assert [(note["text"], note["specialist"]["alias"]) for note in packet.body["notes"]] == [(NOTE, "Sam")]
        await live.close()


async def test_no_visitor_endpoint_socket_or_transcript_has_a_note(
    served: Served, visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    live = await one.socket()
    await live.until(type="caught_up")
    await one.say("talk to a person please")
    assert (await specialist.call("POST", f"/conversations/{one.id}/notes", json={"text": NOTE})).status == 201
    escalation = await specialist.escalation_of(one.id)
    await specialist.call("POST", f"/escalations/{escalation['id']}/take")
    await specialist.call("POST", f"/escalations/{escalation['id']}/messages", json={"text": "Hello."})
    await specialist.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})
    opened = []
    bodies = {"messages": {"text": "hello"}, "identity": {"claim_number": "UI-1", "date_of_birth": "1990-01-01"}}
    bodies |= {"rating": {"stars": 5}, "escalation": {}}
    for route in api.routes:
        if "{id}" not in route.path or route.method == "DELETE":
            continue
        path = route.path.replace("{id}", one.id)
        body = {"locale": "en"} if route.method == "PATCH" else bodies.get(path.rsplit("/", 1)[1])
        answer = await one.request(route.method, path, **({} if route.method == "GET" else {"json": body}))
        opened.append(route.path)
        assert "pelican" not in str(answer.body), route.path
    assert len(opened) >= 7
    again = await one.socket()
    await again.until(type="caught_up")
    for frames in (live, again):
        await frames.send(type="ping")
        await frames.until(type="pong")
        assert "pelican" not in str(frames.seen)
        await frames.close()


async def test_the_plain_chat_has_no_note(served: Served, specialist: SpecialistAtWork) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(served.url, cookie_jar=jar) as browser:
        async with browser.post("/chat/plain", data={"do": "person"}) as response:
            assert response.status == 200
        conversation_id = next(cookie.value for cookie in jar if cookie.key == "plain_chat").split(".")[0]
        added = await specialist.call("POST", f"/conversations/{conversation_id}/notes", json={"text": NOTE})
        assert added.status == 201
        async with browser.get("/chat/plain") as response:
            assert "pelican" not in await response.text()


@pytest.mark.parametrize("text", ["", "   ", "x" * 3000])
async def test_an_unusable_note_is_refused(visitor: MakeVisitor, specialist: SpecialistAtWork, text: str) -> None:
    one = await visitor().open()
    await one.say("talk to a person please")
    answer = await specialist.call("POST", f"/conversations/{one.id}/notes", json={"text": text})
    assert answer.status in (413, 422)


async def test_secret_numbers_in_a_note_are_masked(visitor: MakeVisitor, specialist: SpecialistAtWork) -> None:
    one = await visitor().open()
    await one.say("talk to a person please")
    answer = await specialist.call("POST", f"/conversations/{one.id}/notes", json={"text": "SSN 123-45-6789"})
    assert "123-45-6789" not in answer.body["note"]["text"]


async def test_a_note_on_a_conversation_that_is_not_ones_own_is_refused(served: Served, visitor: MakeVisitor) -> None:
    one = await visitor().open()
    async with at_work(served) as specialist:
        for conversation_id in (one.id, "nothing"):
            answer = await specialist.call("POST", f"/conversations/{conversation_id}/notes", json={"text": "x y"})
            assert (answer.status, answer.code) == (404, "not_found")


async def test_colleagues_see_who_looks_and_who_types_and_the_visitor_does_not(
    served: Served, visitor: MakeVisitor
) -> None:
    one = await visitor().open()
    await one.say("talk to a person please")
    seen_by_visitor = await one.socket()
    await seen_by_visitor.until(type="caught_up")
    async with at_work(served, alias="Ana") as ana, at_work(served, alias="Ben") as ben:
        first, second = await ana.socket(), await ben.socket()
        await first.send(type="look", conversation_id=one.id)
        await first.send(type="ping")
        await first.until(type="pong")
        await second.send(type="look", conversation_id=one.id)
        assert (await first.until(type="looking"))["specialist"] == {"id": ben.id, "alias": "Ben"}
        here = await second.until(type="looking")
        assert (here["specialist"]["alias"], here["activity"]) == ("Ana", "looks")
        await first.send(type="typing", conversation_id=one.id)
        assert (await second.until(type="looking", activity="types"))["specialist"]["alias"] == "Ana"
        await first.close()
        assert (await second.until(type="looking", activity="gone"))["specialist"]["alias"] == "Ana"
        await second.close()
    await seen_by_visitor.send(type="ping")
    await seen_by_visitor.until(type="pong")
    assert not [frame for frame in seen_by_visitor.seen if frame["type"] in ("looking", "note")]
    await seen_by_visitor.close()
