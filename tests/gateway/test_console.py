"""The specialists' interface, and both sides of a handoff."""

from __future__ import annotations

import asyncio

import pytest

from bot import clock
from bot.stores import specialists
from bot.stores.vocabulary import Role
from tests.conftest import Served
from tests.people import MakeVisitor, SpecialistAtWork


async def test_wrong_passwords_get_the_same_answer_as_unknown_logins(served: Served) -> None:
    async with SpecialistAtWork(served.url) as one:
        wrong = await one.sign_in(served.login, "not the password")
        unknown = await one.sign_in("nobody", "not the password")
    assert wrong.status == unknown.status == 401
    assert wrong.body == unknown.body


async def test_an_account_is_locked_after_five_wrong_passwords(served: Served) -> None:
    with served.transaction() as session:
        specialists.add(
            session, login="lock", alias="Lo", role=Role.SPECIALIST, password="long enough 12", now=clock.now()
        )
    async with SpecialistAtWork(served.url) as one:
        for _ in range(5):
            assert (await one.sign_in("lock", "wrong password")).status == 401
        assert (await one.sign_in("lock", "long enough 12")).status == 429


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/escalations"), ("GET", "/session"), ("POST", "/escalations/1/take")]
)
async def test_nothing_of_the_console_answers_without_signing_in(served: Served, method: str, path: str) -> None:
    async with SpecialistAtWork(served.url) as stranger:
        assert (await stranger.call(method, path)).status == 401


async def test_a_write_without_the_csrf_token_is_refused(specialist: SpecialistAtWork) -> None:
    specialist.csrf_token = "wrong"
    answer = await specialist.call("POST", "/escalations/1/take")
    assert (answer.status, answer.code) == (403, "bad_csrf")


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(served: Served) -> None:
    async with SpecialistAtWork(served.url) as one:
        answer = await one.sign_in(served.login, served.password)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/console" in cookie


async def test_signing_out_ends_the_session(served: Served) -> None:
    async with SpecialistAtWork(served.url) as one:
        await one.sign_in(served.login, served.password)
        assert (await one.call("DELETE", "/session")).status == 204
        assert (await one.call("GET", "/session")).status == 401


async def test_asking_for_a_person_puts_the_transcript_into_the_console_at_once(
    visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    socket = await specialist.socket()
    one = await visitor().open()
    await one.say("I was fired, can I get unemployment?")
    await one.say("I want to talk to a person")
    frame = await socket.until(type="escalation")
    while frame["escalation"]["conversation_id"] != one.id:
        frame = await socket.until(type="escalation")
    assert frame["escalation"]["state"] == "waiting"
    escalation = await specialist.call("GET", f"/escalations/{frame['escalation']['id']}")
    texts = [m["text"] for m in escalation.body["messages"]]
    assert "I was fired, can I get unemployment?" in texts
    assert escalation.body["packet"]["topics"] == ["eligibility_fired"]
    assert escalation.body["packet"]["identity"] == "none"
    assert escalation.body["packet"]["claim"] is None
    await socket.close()


async def test_while_a_person_is_asked_for_the_bot_is_silent(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("I want to talk to a person")
    assert await one.say("what does A32B pay") == ""


async def test_both_sides_talk_live_and_the_bot_takes_over_with_what_it_knew(
    visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    await one.say("what does A32B pay")
    await one.say("get me a human")
    live = await one.socket()
    await live.until(type="caught_up")
    desk = await specialist.socket()
    escalation = await specialist.escalation_of(one.id)

    taken = await specialist.call("POST", f"/escalations/{escalation['id']}/take")
    assert taken.body["escalation"]["state"] == "active"
    joined = await live.until(type="handled_by")
    assert joined["escalation"] == {"state": "active", "name": "Sam"}
    await desk.send(type="watch", conversation_id=one.id, since=0)
    await desk.message("has joined")

    await live.say("hello, are you a person?")
    assert (await desk.message("are you a person"))["author"] == "visitor"
    answered = await specialist.call(
        "POST", f"/escalations/{escalation['id']}/messages", json={"text": "Yes, I am Sam.", "client_id": "1"}
    )
    assert answered.status == 200
    message = await live.message("Yes, I am Sam.")
    assert (message["author"], message["name"]) == ("specialist", "Sam")

    await desk.send(type="typing", conversation_id=one.id)
    await live.until(type="typing", author="specialist")
    await live.send(type="typing")
    await desk.until(type="typing", author="visitor")

    resolved = await specialist.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})
    assert resolved.body["escalation"]["state"] == "resolved"
    await live.message("I am the bot again")
    assert "$24.53" in await one.say("and level III?")
    await live.close()
    await desk.close()


async def test_of_two_specialists_exactly_one_gets_the_conversation(visitor: MakeVisitor, served: Served) -> None:
    with served.transaction() as session:
        specialists.add(
            session, login="rival", alias="Ria", role=Role.SPECIALIST, password="long enough 12", now=clock.now()
        )
    one = await visitor().open()
    await one.say("talk to a person please")
    async with SpecialistAtWork(served.url) as first, SpecialistAtWork(served.url) as second:
        await first.sign_in(served.login, served.password)
        await second.sign_in("rival", "long enough 12")
        escalation = await first.escalation_of(one.id)
        path = f"/escalations/{escalation['id']}/take"
        answers = await asyncio.gather(first.call("POST", path), second.call("POST", path))
        assert sorted(a.status for a in answers) == [200, 409]
        loser = next(a for a in answers if a.status == 409)
        winner = next(a for a in answers if a.status == 200)
        assert loser.body["error"]["taken_by"] == winner.body["escalation"]["specialist"]["alias"]
        late = second if answers[1].status == 409 else first
        answer = await late.call("POST", f"/escalations/{escalation['id']}/messages", json={"text": "hi"})
        assert (answer.status, answer.code) == (409, "not_active")


async def test_a_conversation_has_at_most_one_open_escalation(
    visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    await asyncio.gather(*(one.call("POST", "/escalation", json={}) for _ in range(4)))
    answer = await specialist.call("GET", "/escalations")
    assert sum(e["conversation_id"] == one.id for e in answer.body["escalations"]) == 1


async def test_a_visitor_who_ends_the_chat_leaves_the_queue(visitor: MakeVisitor, specialist: SpecialistAtWork) -> None:
    one = await visitor().open()
    await one.say("agent please")
    await one.call("DELETE", "")
    answer = await specialist.call("GET", "/escalations")
    assert all(e["conversation_id"] != one.id for e in answer.body["escalations"])


async def test_markup_in_a_visitors_words_reaches_the_console_as_text_only(
    visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    await one.say("<img src=x onerror=alert(1)> **bold** person please")
    await one.call("POST", "/escalation", json={})
    escalation = await specialist.escalation_of(one.id)
    answer = await specialist.call("GET", f"/escalations/{escalation['id']}")
    mine = next(m for m in answer.body["messages"] if m["author"] == "visitor")
    assert "html" not in mine
