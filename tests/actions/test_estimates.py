"""Estimates in conversation: what is asked, what is taken in, and the arithmetic that is shown."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from actions.answers import ActionAnswer
from actions.claims import proven_facts
from actions.estimates import ActionEstimate
from actions.talk import ActionDeny, ActionDidYouMean, ActionFollowUp, ActionOutOfScope
from bot import clock, estimates
from bot.claim_status import agency_day
from bot.database import Database
from bot.stores import demo_claims, identity
from bot.stores.identity import IdentityLimits
from bot.stores.tables import ClaimRead
from bot.stores.vocabulary import ClaimStatus, Program

ANSWERING = {
    "inform": ActionFollowUp,
    "nlu_fallback": ActionDidYouMean,
    "out_of_scope": ActionOutOfScope,
    "deny": ActionDeny,
    "estimate": ActionEstimate,
}


class Talk:
    """Keeps the slots between messages and follows an action that hands on, as Rasa does."""

    def __init__(self, language: str = "en") -> None:
        self.slots: dict[str, Any] = {"language": language}
        self.buttons: list[dict[str, str]] = []

    def say(self, text: str, intent: str) -> str:
        return self._run({"text": text, "intent": {"name": intent}, "entities": []})

    def press(self, kind: str) -> str:
        entity = {"entity": "estimate", "value": kind}
        return self._run({"text": "/estimate", "intent": {"name": "estimate"}, "entities": [entity]})

    def _run(self, message: dict[str, Any]) -> str:
        action = ANSWERING.get(message["intent"]["name"], ActionAnswer)()
        while True:
            tracker = Tracker("c1", dict(self.slots), message, [], False, None, {}, "action_listen")
            dispatcher = CollectingDispatcher()
            events = action.run(dispatcher, tracker, {})
            self.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
            if not any(event["event"] == "followup" for event in events):
                break
            assert [event["name"] for event in events] == ["action_estimate"]
            action = ActionEstimate()
        assert dispatcher.messages or message["intent"]["name"] in ANSWERING, "silence is a fault"
        self.buttons = [button for said in dispatcher.messages for button in said.get("buttons") or []]
        return "\n".join(said["text"] or "" for said in dispatcher.messages)


def _prove(database: Database, status: ClaimStatus) -> tuple[int, int]:
    """Prove a demo claim with this status; returns its id and weekly benefit in dollars."""
    now = clock.now()
    with database.transaction() as session:
        login = next(one for one in demo_claims.demo_claims(session) if one.status is status)
        details = (login.claim_number, login.born_on.isoformat(), login.pin)
        assert identity.prove(session, "c1", *details, now=now, limits=IdentityLimits()).outcome == "proven"
        facts = proven_facts(session, "c1", "test")
        assert facts is not None and facts.weekly_benefit_cents is not None
        return facts.id, facts.weekly_benefit_cents // 100


# ------------------------------------------------------------------ the weekly benefit


def test_the_button_asks_for_the_base_years_four_quarters(database: Database) -> None:
    said = Talk().press("weekly_benefit")
    today = agency_day(Program.WA_UI, clock.now())
    for quarter in estimates.base_year(today):
        assert estimates.months_in_words(quarter, "en")["first"] in said
    assert said.count("\n- ") == 4


@pytest.mark.parametrize("intent", ["inform", "nlu_fallback", "out_of_scope", "tax_1099", "benefit_amount", "deny"])
def test_four_sums_in_one_message_answer_whatever_they_are_taken_for(database: Database, intent: str) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    said = talk.say("11k, 9500, 10,200, 8k", intent)
    assert "$11,000.00 + $10,200.00 = $21,200.00" in said
    assert "$21,200.00 ÷ 2 = $10,600.00" in said
    assert "$408.00" in said
    assert "only an estimate" in said and "The agency decides" in said
    assert "RCW 50.20.120" in said and "as of" in said and "for claims from" in said
    assert "you will get" not in said.lower()


def test_sums_over_two_messages_are_put_together_and_the_quarters_left_are_named(database: Database) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    said = talk.say("$11,000 and $9,500", "inform")
    assert "$11,000.00, $9,500.00" in said and said.count("\n- ") == 2
    assert "$408.00" in talk.say("10200 then 8000", "nlu_fallback")


def test_a_quarter_without_pay_counts_as_nothing(database: Database) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    assert "$5,000.00 + $4,000.00" in talk.say("nothing, 5k, 4k and nothing", "nlu_fallback")


def test_a_question_with_all_sums_in_it_is_answered_at_once(database: Database) -> None:
    said = Talk().say("how much would I get if I made 11k, 9500, 10,200 and 8k", "benefit_amount")
    assert "$408.00" in said


def test_a_question_without_sums_gets_its_answer_card_with_the_button(database: Database) -> None:
    talk = Talk()
    talk.say("how much would I get", "benefit_amount")
    assert '/estimate{"estimate":"weekly_benefit"}' in [button["payload"] for button in talk.buttons]


def test_pay_by_the_year_is_not_taken_for_a_quarter(database: Database) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    said = talk.say("50k a year", "nlu_fallback")
    assert "by quarter" in said and said.count("\n- ") == 4


def test_five_sums_start_again_and_four_more_work(database: Database) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    assert "start again" in talk.say("1k 2k 3k 4k 5k", "inform")
    assert "$408.00" in talk.say("11k 9500 10200 8k", "inform")


def test_a_question_in_the_middle_is_answered_and_the_sums_still_count(database: Database) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    assert "estimate" not in talk.say("what is the base year", "eligibility_hours_base_year").lower()[:40]
    assert "$408.00" in talk.say("11k, 9500, 10,200, 8k", "inform")


def test_after_stopping_sums_are_taken_for_nothing(database: Database) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    talk.slots["estimate"] = False
    assert "408" not in talk.say("11k, 9500, 10,200, 8k", "tax_1099")


def test_the_estimate_speaks_spanish(database: Database) -> None:
    talk = Talk("es")
    assert "trimestres" in talk.press("weekly_benefit")
    said = talk.say("11 mil, 9500, 10,200 y 8 mil", "nlu_fallback")
    assert "$408.00" in said and "solo un cálculo aproximado" in said


# ------------------------------------------------------------------ a week with pay


def test_pay_is_asked_for_then_the_weekly_benefit(database: Database) -> None:
    talk = Talk()
    talk.press("part_time")
    assert "weekly benefit" in talk.say("300", "inform")
    said = talk.say("450 a week", "benefit_amount")
    assert "$300.00 - $5.00 = $295.00" in said
    assert "$450.00 - $221.25 = $228.00" in said


def test_both_sums_in_one_message_are_told_apart(database: Database) -> None:
    said = Talk().say("my weekly benefit is $450 and i earn $300 a week part time", "part_time_earnings")
    assert "$450.00 - $221.25 = $228.00" in said
    said = Talk().say("i earn $300 part time and my benefit is 450, what is deducted", "part_time_earnings")
    assert "$450.00 - $221.25 = $228.00" in said


def test_hours_beside_the_pay_are_not_pay(database: Database) -> None:
    said = Talk().say("i work 15 hours and make $300, weekly benefit 450", "part_time_earnings")
    assert "$450.00 - $221.25 = $228.00" in said


def test_another_pay_is_worked_out_with_the_same_benefit(database: Database) -> None:
    talk = Talk()
    talk.say("my weekly benefit is $450 and i earn $300 a week part time", "part_time_earnings")
    assert "$400.00 - $5.00 = $395.00" in talk.say("and with 400?", "nlu_fallback")


def test_a_weekly_benefit_that_was_worked_out_serves_the_week_with_pay(database: Database) -> None:
    talk = Talk()
    talk.press("weekly_benefit")
    talk.say("11k, 9500, 10,200, 8k", "inform")
    talk.press("part_time")
    assert "$408.00 - $221.25 = $186.00" in talk.say("300", "inform")


def test_the_proven_claims_weekly_benefit_is_used_read_in_the_audit_and_kept_in_no_slot(database: Database) -> None:
    claim_id, weekly = _prove(database, ClaimStatus.PAYING)
    talk = Talk()
    said = talk.say("I earn 300 a week part time, what is deducted", "part_time_earnings")
    assert f"The weekly benefit on your claim is ${weekly:,}.00" in said
    assert "only an estimate" in said
    assert "weekly" not in talk.slots["estimate"]
    with database.snapshot() as session:
        reads = select(ClaimRead.claim_id).where(ClaimRead.purpose == "estimate", ClaimRead.conversation_id == "c1")
        assert set(session.execute(reads).scalars()) == {claim_id}


def test_a_dead_proof_gives_no_figure_of_the_claim(database: Database) -> None:
    _prove(database, ClaimStatus.PAYING)
    with database.transaction() as session:
        identity.forget(session, "c1")
    assert "What is your weekly benefit?" in Talk().say("I earn 300 part time", "part_time_earnings")


# ------------------------------------------------------------------ overpayments and hours


def test_an_overpayment_is_worked_out_from_the_sums_that_were_told(database: Database) -> None:
    talk = Talk()
    assert "weekly benefit" in talk.say("i owe 1200 how much will they take", "overpayment")
    said = talk.say("400", "inform")
    assert "$400.00 × 50% = $200.00" in said and "6 weeks" in said
    assert '/ask_human{"reason":"rights"}' in [button["payload"] for button in talk.buttons]


def test_the_proven_claims_overpayment_is_used(database: Database) -> None:
    _prove(database, ClaimStatus.OVERPAYMENT)
    said = Talk().press("offset")
    assert "on your claim" in said and "only an estimate" in said


def test_fraud_takes_the_whole_benefit(database: Database) -> None:
    said = Talk().say("i owe $1200, they say fraud, weekly benefit 400", "overpayment")
    assert "fraud, 100%" in said


def test_enough_hours_in_the_base_year_need_no_fifth_quarter(database: Database) -> None:
    talk = Talk()
    talk.press("base_year")
    said = talk.say("200, 180, 150, 160 hours", "nlu_fallback")
    assert "200 + 180 + 150 + 160 = 690" in said and "RCW 50.04.030" in said


def test_too_few_hours_bring_the_question_for_the_newer_quarter(database: Database) -> None:
    talk = Talk()
    talk.press("base_year")
    newest = estimates.alternate_base_year(agency_day(Program.WA_UI, clock.now()))[-1]
    said = talk.say("100, 180, 150, 160", "out_of_scope")
    assert estimates.months_in_words(newest, "en")["first"] in said
    assert "Alternate base year" in talk.say("250", "inform")


def test_more_hours_than_a_quarter_has_are_asked_for_again(database: Database) -> None:
    talk = Talk()
    talk.press("base_year")
    assert "start again" in talk.say("9000, 8000, 7000, 6000", "inform")


def test_the_quarters_asked_for_are_complete_ones(database: Database) -> None:
    today = agency_day(Program.WA_UI, clock.now())
    newest = estimates.alternate_base_year(today)[-1].months[-1]
    assert date(newest.year, newest.number, 1) + timedelta(days=27) < today
