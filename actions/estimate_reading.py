"""Whether the newest message is for an estimate, and the sums in it; what was said before is in the slot `estimate`.

The slot holds {"kind", "asked", "wages", "earnings", "weekly", "balance", "fraud", "hours"}, each absent until said:
money in whole cents, hours whole, `asked` the name of what the bot asked for last. Only what the visitor typed is
in it, never a claim's figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction

from actions.base import entity_value, intent_of, written_text
from actions.found_cards import CLEAR_FIT, nearest_card
from bot.amounts import Amount, amounts_in, cue, is_bare
from bot.words import Words

Held = dict[str, Any]
# The topic whose answer card each estimate goes with.
KIND_OF_TOPIC = {
    "benefit_amount": "weekly_benefit",
    "part_time_earnings": "part_time",
    "overpayment": "offset",
    "eligibility_hours_base_year": "base_year",
}
TOPIC_OF_KIND = {kind: topic for topic, kind in KIND_OF_TOPIC.items()}
# How many sums make a question one that can be worked out at once.
_ENOUGH = {"weekly_benefit": 2, "part_time": 1, "offset": 1, "base_year": 3}
# Messages that ask nothing by themselves: sums in them answer what was asked.
_NO_QUESTION = ("inform", "nlu_fallback", "out_of_scope", "correct", "deny", "affirm")


def in_estimate(tracker: Tracker) -> list[EventType] | None:
    """The events that hand the newest message to the estimate, or None when it is not for one."""
    return None if kind_meant(tracker) is None else [FollowupAction("action_estimate")]


def kind_meant(tracker: Tracker) -> str | None:
    """The estimate the newest message is for: named by a button, begun by its sums, or going on."""
    pressed = entity_value(tracker, "estimate")
    if pressed in TOPIC_OF_KIND:
        return str(pressed)
    text = written_text(tracker).lower()
    if not text:
        return None
    intent = intent_of(tracker)
    held = held_estimate(tracker)
    begun = None if _another_card_fits(tracker, intent) else KIND_OF_TOPIC.get(intent or "")
    if begun is not None and begun != held.get("kind") and _is_enough(begun, text):
        return begun
    if held.get("asked") and sums_in(text, held["kind"]) and _is_answer(text, intent, held["kind"]):
        return str(held["kind"])
    return begun if begun is not None and _is_enough(begun, text) else None


def _another_card_fits(tracker: Tracker, intent: str | None) -> bool:
    """Whether a card of another topic answers the newest message: a sum in it is then no sum to work with."""
    card, score = nearest_card(tracker)
    return card is not None and score >= CLEAR_FIT and card.topic != intent


def work_it_out(words: Words, kind: str, key: str = "button.work_it_out") -> dict[str, str]:
    """The button that begins an estimate."""
    return {"title": words(key), "payload": f'/estimate{{"estimate":"{kind}"}}'}


def held_estimate(tracker: Tracker) -> Held:
    """What was said for an estimate in earlier messages."""
    held = tracker.get_slot("estimate")
    return dict(held) if isinstance(held, Mapping) and held.get("kind") in TOPIC_OF_KIND else {}


def sums_in(text: str, kind: str) -> list[Amount]:
    """The sums of an estimate in a text; hours are sums only where hours are asked for."""
    if kind != "base_year":
        text = cue("hours").sub(lambda match: "_" * len(match.group()), text)
    return amounts_in(text)


def is_weekly_benefit(text: str, amount: Amount) -> bool:
    """Whether the words just before a sum, or just after it, call it a weekly benefit."""
    before, after = text[max(0, amount.start - 30) : amount.start], text[amount.end :].lstrip()
    if any(not _parted(before[match.end() :]) for match in cue("weekly_benefit").finditer(before)):
        return True
    called = cue("weekly_benefit").match(after)
    # "$300 benefit", but not "$300 weekly benefit 450", where the word goes with the sum behind it.
    return called is not None and not any(character.isdigit() for character in after[called.end() :][:8])


def _is_answer(text: str, intent: str | None, kind: str) -> bool:
    return is_bare(text) or intent in _NO_QUESTION or intent == TOPIC_OF_KIND[kind]


def _parted(between: str) -> bool:
    """Whether a sum or a new clause stands between a word and a sum."""
    return any(character.isdigit() or character in ",;." for character in between) or " and " in between


def _is_enough(kind: str, text: str) -> bool:
    asks = kind != "offset" or cue("offset").search(text) is not None
    return asks and len(sums_in(text, kind)) >= _ENOUGH[kind] and cue("of_myself").search(text) is not None
