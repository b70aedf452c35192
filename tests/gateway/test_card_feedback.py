"""Saying whether an answer helped, over HTTP, and what is kept of it."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.database import Database
from bot.stores import card_feedback
from bot.stores.vocabulary import FeedbackReason
from tests.conftest import Served
from tests.gateway.test_plain import browser, send  # noqa: F401  (a fixture)
from tests.people import MakeVisitor, Visitor

QUESTION = "how do i appeal the decision of unemployment"
CARD = "ui_appeal_how"


async def asked(visitor: MakeVisitor) -> tuple[Visitor, dict[str, Any]]:
    one = await visitor().open()
    await one.say(QUESTION)
    return one, one.messages[-1]


async def stored(one: Visitor, seq: int) -> Any:
    answer = await one.call("GET", f"/messages?since={seq - 1}")
    return answer.body["messages"][0].get("feedback")


async def test_only_answers_from_a_card_ask_whether_they_helped(visitor: MakeVisitor) -> None:
    one, answer = await asked(visitor)
    assert answer["feedback"] is True and answer["source"]["card"] == CARD
    assert answer["source"]["answers"] == "How do I appeal a decision?"
    assert all("feedback" not in message for message in one.messages[:-1])


async def test_a_yes_is_kept_and_shown_again(visitor: MakeVisitor) -> None:
    one, answer = await asked(visitor)
    said = await one.call("POST", f"/messages/{answer['seq']}/feedback", json={"helpful": True})
    assert said.status == 200 and said.body == {"feedback": {"helpful": True}}
    assert await stored(one, answer["seq"]) == {"helpful": True}


async def test_saying_it_again_changes_the_one_row(visitor: MakeVisitor, served: Served) -> None:
    one, answer = await asked(visitor)
    path = f"/messages/{answer['seq']}/feedback"
    database = Database(served.database_url)

    def counted() -> tuple[int, int, int]:
        with database.snapshot() as session:
            tally = next((t for t in card_feedback.tallies(session) if t.card_id == CARD), None)
            return (tally.yes, tally.no, tally.reasons[FeedbackReason.HARD]) if tally else (0, 0, 0)

    yes, no, hard = counted()
    await one.call("POST", path, json={"helpful": True})
    assert counted() == (yes + 1, no, hard)
    await one.call("POST", path, json={"helpful": False})
    said = await one.call("POST", path, json={"helpful": False, "reason": "hard"})
    assert said.body == {"feedback": {"helpful": False, "reason": "hard"}}
    assert counted() == (yes, no + 1, hard + 1)
    database.close()


async def test_a_reason_is_dropped_when_the_answer_helped_after_all(visitor: MakeVisitor) -> None:
    one, answer = await asked(visitor)
    path = f"/messages/{answer['seq']}/feedback"
    await one.call("POST", path, json={"helpful": False, "reason": "wrong"})
    assert (await one.call("POST", path, json={"helpful": True, "reason": "wrong"})).body == {
        "feedback": {"helpful": True}
    }


async def test_a_reason_outside_the_list_is_refused_and_named(visitor: MakeVisitor) -> None:
    one, answer = await asked(visitor)
    said = await one.call("POST", f"/messages/{answer['seq']}/feedback", json={"helpful": False, "reason": "my ssn"})
    assert said.status == 422 and "reason" in said.body["error"]["message"]
    assert "my ssn" not in said.body["error"]["message"]
    assert await stored(one, answer["seq"]) is True


async def test_what_is_no_answer_from_a_card_can_not_be_rated(visitor: MakeVisitor) -> None:
    one, answer = await asked(visitor)
    for seq in (1, answer["seq"] - 1, answer["seq"] + 5, 10**12, "x"):
        said = await one.call("POST", f"/messages/{seq}/feedback", json={"helpful": True})
        assert (said.status, said.code) == (404, "no_answer_to_rate"), seq


async def test_one_visitor_can_not_rate_for_another(visitor: MakeVisitor) -> None:
    one, answer = await asked(visitor)
    other = await visitor().open()
    path = f"/api/conversations/{one.id}/messages/{answer['seq']}/feedback"
    assert (await other.request("POST", path, json={"helpful": True})).status == 404
    assert await stored(one, answer["seq"]) is True


async def test_a_crisis_answer_does_not_ask_whether_it_helped(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("i want to end my life")
    assert all("feedback" not in message for message in one.messages)


async def test_the_plain_chat_asks_and_thanks_and_takes_a_reason(
    browser: aiohttp.ClientSession,  # noqa: F811
) -> None:
    _, page = await send(browser, do="say", text=QUESTION)
    assert "Did this help?" in page and "What was wrong" not in page
    seq = page.split('name="seq" value="')[1].split('"')[0]
    _, page = await send(browser, do="rate_no", seq=seq)
    assert "Thanks." in page and "Hard to understand" in page
    _, page = await send(browser, do="rate_no", seq=seq, reason="hard")
    assert '<option value="hard" selected>' in page
    status, page = await send(browser, do="rate_yes", seq="99")
    assert status == 404 and 'role="alert"' in page
