"""Estimates over HTTP: asked for by button or by text, with questions in the middle, and stopped."""

from __future__ import annotations

from bot.stores.vocabulary import ClaimStatus
from tests.conftest import Served
from tests.people import MakeVisitor, Visitor
from tests.stored import claim_with

WEEKLY = '/estimate{"estimate":"weekly_benefit"}'


def payloads(visitor: Visitor) -> list[str]:
    return [button["payload"] for message in visitor.messages for button in message.get("buttons") or []]


async def press(visitor: Visitor, payload: str) -> str:
    answer = await visitor.press(payload)
    assert answer.status == 200, answer.body
    return "\n".join(m["text"] for m in answer.body["messages"] if m["author"] == "bot")


async def test_how_much_would_i_get_is_worked_out_from_four_sums_in_one_message(visitor: MakeVisitor) -> None:
    one = await visitor(program="wa_ui").open()
    await one.say("how much would I get")
    assert WEEKLY in payloads(one)
    assert "in each of these quarters" in await press(one, WEEKLY)
    said = await one.say("11k, 9500, 10,200, 8k")
    assert "$11,000.00 + $10,200.00 = $21,200.00" in said and "$408.00" in said
    assert "only an estimate" in said and "RCW 50.20.120" in said


async def test_pay_for_part_time_work_is_worked_out_from_the_message(visitor: MakeVisitor) -> None:
    one = await visitor(program="wa_ui").open()
    said = await one.say("I earn 300 a week part time, what is deducted")
    assert "What is your weekly benefit?" in said
    said = await one.say("450 a week")
    assert "$450.00 - $221.25 = $228.00" in said


async def test_a_proven_claims_weekly_benefit_is_used_without_asking(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=4)
    one = await visitor(program="wa_ui").open()
    await one.say("where is my claim")
    await one.prove(number, born_on)
    said = await one.say("I earn 300 a week part time, what is deducted")
    assert "weekly benefit on your claim is" in said and "only an estimate" in said


async def test_a_question_in_the_middle_is_answered_and_the_estimate_goes_on(visitor: MakeVisitor) -> None:
    one = await visitor(program="wa_ui").open()
    await one.say("how much would I get")
    await press(one, WEEKLY)
    await one.say("$11,000 and $9,500")
    assert "30 days" in await one.say("how do i appeal the decision of unemployment")
    assert "$408.00" in await one.say("10200 and 8k")


async def test_stop_ends_the_estimate(visitor: MakeVisitor) -> None:
    one = await visitor(program="wa_ui").open()
    await one.say("how much would I get")
    await press(one, WEEKLY)
    await press(one, "/cancel")
    assert "quarters" not in await one.say("300")
    assert "$11,000.00" not in await one.say("11k, 9500, 10,200, 8k")


async def test_the_estimate_speaks_spanish(visitor: MakeVisitor) -> None:
    one = await visitor(locale="es", program="wa_ui").open()
    await one.say("cuánto me tocaría de desempleo")
    assert "trimestres" in await press(one, WEEKLY)
    said = await one.say("11 mil, 9500, 10,200 y 8 mil")
    assert "$408.00" in said and "solo un cálculo aproximado" in said
