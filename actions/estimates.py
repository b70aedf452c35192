"""Estimates in conversation: asks for the sums it needs, then shows the arithmetic line by line."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError

from actions.base import database, language_of, person_button, tell, written_text
from actions.claims import proven_facts
from actions.estimate_reading import (
    TOPIC_OF_KIND,
    Held,
    held_estimate,
    is_weekly_benefit,
    kind_meant,
    sums_in,
    work_it_out,
)
from bot import clock, estimates
from bot.amounts import cue
from bot.claim_status import agency_day
from bot.estimates import Estimate
from bot.stores.vocabulary import EscalationReason, Program
from bot.words import Cents, Words

logger = logging.getLogger(__name__)

_WEEK_HOURS_OF_A_QUARTER = 14 * 168


@dataclass(frozen=True)
class _Claim:
    """What an estimate takes from the proven claim; None where there is none or it does not say."""

    weekly_cents: int | None = None
    balance_cents: int | None = None


class ActionEstimate(Action):
    """Takes in the sums of the newest message, then asks for what is missing or works the estimate out."""

    def name(self) -> str:
        return "action_estimate"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        held = held_estimate(tracker)
        kind = kind_meant(tracker) or held.get("kind") or "weekly_benefit"
        if held.get("kind") != kind or not written_text(tracker):
            # A weekly benefit that was worked out or told serves the next estimate as well.
            held = {"kind": kind, **{name: held[name] for name in ("weekly",) if name in held}}
        said = _Dialogue(dispatcher, Words("estimates", language_of(tracker)), tracker.sender_id)
        held = _KINDS[kind](said, held, written_text(tracker).lower())
        return [SlotSet("estimate", held), SlotSet("topic", TOPIC_OF_KIND[kind]), SlotSet("program", "wa_ui")]


class _Dialogue:
    """What one turn of an estimate says, and the claim it may look at."""

    def __init__(self, dispatcher: CollectingDispatcher, words: Words, conversation_id: str) -> None:
        self._dispatcher = dispatcher
        self._conversation_id = conversation_id
        self.words = words
        self.notes: list[str] = []
        self.today: date = agency_day(Program.WA_UI, clock.now())

    def ask(self, held: Held, name: str, key: str, **values: Any) -> Held:
        """Ask for what is missing."""
        stop = {"title": self.words("button.stop"), "payload": "/cancel"}
        tell(self._dispatcher, "\n".join([*self.notes, self.words(f"ask.{key}", **values)]), buttons=[stop])
        return {**held, "asked": name}

    def show(self, estimate: Estimate, *next_kinds: str, rights: bool = False) -> None:
        """Show an estimate with its arithmetic and what can be worked out next."""
        buttons = [work_it_out(self.words, kind, f"button.next.{kind}") for kind in next_kinds]
        if rights:
            buttons.append(person_button(self.words.language, EscalationReason.RIGHTS))
        tell(self._dispatcher, "\n".join([*self.notes, estimate.text(self.words.language)]), buttons=buttons)

    def claim(self) -> _Claim:
        """The figures of the proven claim; the read is in the audit table like every other."""
        try:
            with database().transaction() as session:
                facts = proven_facts(session, self._conversation_id, "estimate")
        except SQLAlchemyError as error:
            logger.error("claim store failed in conversation %s: %s", self._conversation_id, type(error).__name__)
            return _Claim()
        if facts is None:
            return _Claim()
        balance = sum(one.balance_cents for one in facts.overpayments)
        return _Claim(facts.weekly_benefit_cents, balance or None)


def _weekly_benefit(said: _Dialogue, held: Held, text: str) -> Held:
    quarters = estimates.base_year(said.today)
    needed = len(quarters)
    sums = [one.hundredths for one in sums_in(text, "weekly_benefit")]
    if sums and len(sums) < needed and cue("not_a_quarter").search(text):
        said.notes.append(said.words("not_a_quarter"))
        sums = []
    wages = [*held.get("wages", ()), *sums]
    if len(wages) > needed:
        # A whole set in one message replaces what was said before; anything else can't be told apart.
        wages = sums if len(sums) == needed else []
        if not wages:
            said.notes.append(said.words("too_many", needed=needed))
    held = {**held, "wages": wages}
    if len(wages) < needed:
        missing = "\n".join(
            said.words("quarter", **estimates.months_in_words(quarter, said.words.language))
            for quarter in quarters[len(wages) :]
        )
        if wages:
            told = ", ".join(said.words("sum", amount=Cents(cents)) for cents in wages)
            return said.ask(held, "wages", "wages_left", told=told, quarters=missing)
        return said.ask(held, "wages", "wages", quarters=missing)
    estimate = estimates.weekly_benefit(wages, said.today)
    said.show(estimate, "part_time")
    return {"kind": "weekly_benefit", "weekly": estimate.result["weekly_cents"]}


def _part_time(said: _Dialogue, held: Held, text: str) -> Held:
    held = _take(held, text, "part_time", "earnings")
    weekly = _weekly_or_claims(said, held)
    if "earnings" not in held:
        return said.ask(held, "earnings", "earnings")
    if weekly is None:
        return said.ask(held, "weekly", "weekly")
    said.show(estimates.part_time(weekly, held["earnings"]))
    # "And with 400?" asks for the same sum again.
    return {**{name: held[name] for name in ("kind", "weekly") if name in held}, "asked": "earnings"}


def _offset(said: _Dialogue, held: Held, text: str) -> Held:
    held = _take(held, text, "offset", "balance")
    if cue("fraud").search(text):
        held["fraud"] = True
    claim = said.claim()
    balance = held.get("balance", claim.balance_cents)
    weekly = held.get("weekly") or claim.weekly_cents
    if balance is None:
        return said.ask(held, "balance", "balance")
    if "balance" not in held:
        said.notes.append(said.words("from_claim.balance", amount=Cents(balance)))
    if not weekly:
        return said.ask(held, "weekly", "weekly")
    if not held.get("weekly"):
        said.notes.append(said.words("from_claim.weekly", amount=Cents(weekly)))
    said.show(estimates.offset(balance, weekly, fraud=bool(held.get("fraud"))), rights=True)
    return {name: held[name] for name in ("kind", "weekly") if name in held}


def _base_year(said: _Dialogue, held: Held, text: str) -> Held:
    regular = estimates.base_year(said.today)
    quarters = (*regular, estimates.alternate_base_year(said.today)[-1])
    hours = [*held.get("hours", ()), *(one.hundredths // 100 for one in sums_in(text, "base_year"))]
    if len(hours) > len(quarters) or any(number > _WEEK_HOURS_OF_A_QUARTER for number in hours):
        said.notes.append(said.words("too_many_hours", needed=len(quarters)))
        hours = []
    held = {**held, "hours": hours}
    if len(hours) >= len(regular):
        known = dict(zip(quarters, hours, strict=False))
        estimate = estimates.base_year_hours(known, said.today)
        if estimate.result["base"] == "regular" or len(hours) == len(quarters):
            said.show(estimate, "weekly_benefit")
            return {"kind": "base_year"}
    missing = "\n".join(
        said.words("quarter", **estimates.months_in_words(quarter, said.words.language))
        for quarter in (quarters if len(hours) >= len(regular) else regular)[len(hours) :]
    )
    key = "hours" if not hours else "hours_last" if len(hours) == len(regular) else "hours_left"
    return said.ask(held, "hours", key, quarters=missing)


_KINDS = {"weekly_benefit": _weekly_benefit, "part_time": _part_time, "offset": _offset, "base_year": _base_year}


def _take(held: Held, text: str, kind: str, name: str) -> Held:
    """The sums of a message put where they belong: one called a benefit is the weekly one, the others are `name`.

    A lone sum after the bot asked for the weekly benefit is that.
    """
    held = dict(held)
    sums = sums_in(text, kind)
    for amount in sums:
        if is_weekly_benefit(text, amount) or (held.get("asked") == "weekly" and len(sums) == 1):
            held["weekly"] = amount.hundredths
        else:
            held[name] = amount.hundredths
    return held


def _weekly_or_claims(said: _Dialogue, held: Held) -> int | None:
    """The weekly benefit that was told, else the proven claim's, with a word on where it is from."""
    if held.get("weekly"):
        return int(held["weekly"])
    weekly = said.claim().weekly_cents
    if weekly is not None:
        said.notes.append(said.words("from_claim.weekly", amount=Cents(weekly)))
    return weekly
