"""After a specialist's help: the visitor is asked how it was, once, and the bot goes on."""

from __future__ import annotations

import pytest

from bot.stores.vocabulary import Role
from tests.conftest import Served
from tests.gateway.desks import at_work
from tests.gateway.test_console_transcripts import handled
from tests.people import MakeVisitor, SpecialistAtWork


async def test_a_resolved_visitor_is_asked_to_rate_and_the_bot_goes_on(
    served: Served, visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor(locale="es").open()
    await handled(one, specialist)
    card = next(m["card"] for m in await one.transcript() if (m.get("card") or {}).get("type") == "rating")
    assert [choice["value"] for choice in card["choices"]] == [5, 4, 3, 2, 1]
    assert card["choices"][0]["label"] == "Muy bien" and "Sam" in card["title"]
    rated = await one.call("POST", "/rating", json={"stars": 4, "words": " Gracias. My SSN is 123-45-6789 "})
    assert rated.status == 200 and "Gracias" in rated.body["messages"][0]["text"]
    async with at_work(served, Role.SUPERVISOR) as supervisor:
        comment = (await supervisor.call("GET", "/reports?language=es")).body["comments"][0]
        assert comment["stars"] == 4 and "Gracias." in comment["words"]
        assert "123-45-6789" not in comment["words"]
    assert "$25,127.84" in await one.say("¿cuánto paga el puesto A32B?")
    text = (await one.call("GET", "/transcript.txt")).body
    assert "Sam" in text and "A32B" in text


async def test_a_second_rating_replaces_the_first_and_says_nothing_twice(
    served: Served, visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    await handled(one, specialist)
    async with at_work(served, Role.SUPERVISOR) as supervisor:
        before = (await supervisor.call("GET", "/reports")).body["totals"]["ratings"]
        assert len((await one.call("POST", "/rating", json={"stars": 1})).body["messages"]) == 1
        assert (await one.call("POST", "/rating", json={"stars": 5})).body["messages"] == []
        after = (await supervisor.call("GET", "/reports")).body["totals"]["ratings"]
    assert after["count"] == before["count"] + 1
    assert after["stars"]["5"] == before["stars"]["5"] + 1 and after["stars"]["1"] == before["stars"]["1"]


async def test_there_is_nothing_to_rate_before_a_person_has_helped(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    answer = await one.call("POST", "/rating", json={"stars": 5})
    assert (answer.status, answer.code) == (409, "nothing_to_rate")
    await one.call("POST", "/escalation", json={})
    assert (await one.call("POST", "/rating", json={"stars": 5})).code == "nothing_to_rate"


@pytest.mark.parametrize("body", [{}, {"stars": 0}, {"stars": 6}, {"stars": 2.5}, {"stars": "5"}, {"stars": 5, "x": 1}])
async def test_a_rating_is_a_whole_number_from_1_to_5(visitor: MakeVisitor, body: dict[str, object]) -> None:
    one = await visitor().open()
    assert (await one.call("POST", "/rating", json=body)).code == "bad_request"
