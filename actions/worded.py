"""Messages whose words decide, whatever they were understood as.

"I want a payment plan" is close to a question about payment plans, "why was my claim denied?" to a card about one
program's denials. These words say outright what is wanted: to put something on record, to hear what became of it, or
what one's own claim says.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions import proof
from actions.base import Events, program_of, written_text
from actions.context import asked_as
from bot import clock
from bot.claim_questions import Ask, asks_as_employer, asks_why_denied, question_in
from bot.intake_reading import wanted_in
from bot.stores.vocabulary import Program

# Where no claim is at hand, a page of these has its own card about denials.
_OTHER_CARDS = (Program.OK_INSURANCE, Program.WA_PFML, Program.WA_CARES)


def elsewhere(tracker: Tracker) -> Events | None:
    """Events that take the newest message as what its words say outright; None when they say nothing of the kind."""
    return begins_intake(tracker) or _about_own_claim(tracker)


def begins_intake(tracker: Tracker) -> Events | None:
    """Events that begin the intake the newest message asks for; None when it asks for none."""
    text = written_text(tracker)
    kind = wanted_in(text) if text else None
    if kind is None:
        return None
    named = {"entity": "intake", "value": str(kind)}
    return asked_as(_with_entities(tracker.latest_message, named), "start_intake")


def _about_own_claim(tracker: Tracker) -> Events | None:
    text = written_text(tracker)
    if not text or asks_as_employer(text, tracker.get_slot("topic")):
        return None
    asks = question_in(text, None, today=clock.now().date()) is Ask.FILED
    if asks or (asks_why_denied(text) and _has_claim_at_hand(tracker)):
        return asked_as(tracker.latest_message, "claim_status")
    return None


def _has_claim_at_hand(tracker: Tracker) -> bool:
    """Whether a claim is proven, or may be: no page or word of another program says that its card is wanted."""
    return program_of(tracker) not in _OTHER_CARDS or proof.stands(tracker.sender_id)


def _with_entities(message: dict[str, Any], *added: dict[str, Any]) -> dict[str, Any]:
    return {**message, "entities": [*(message.get("entities") or []), *added]}
