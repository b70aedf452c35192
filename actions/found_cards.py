"""The answer cards that understanding found for the newest message, and how well one must fit for what."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.base import program_of
from bot import cards
from bot.cards import Card

# Scores are calibrated, 0 to 1. A card that comes this near is worth a button where nothing was understood ...
FAINT_FIT = 0.08
# ... and one that comes this near where a program must be asked for.
NEAR_FIT = 0.2
# A card that fits this well or better is right in two of three cases, else the topic's general card answers.
GOOD_FIT = 0.5
# This well or better: nine of ten questions are answered rightly.
CLEAR_FIT = 0.75
# Below a sure fit the next best cards are offered beside the answer.
SURE_FIT = 0.9

Found = list[tuple[Card, float]]


def found_cards(tracker: Tracker) -> Found:
    """The cards nearest to what was written with their scores, those of this program before the others.

    A program that was talked about only breaks ties: words that fit another program's card well lead there.
    """
    deck, program = cards.deck().cards, program_of(tracker)
    found = [
        (deck[one["id"]], float(one["score"])) for one in tracker.latest_message.get("cards") or () if one["id"] in deck
    ]
    here = [one for one in found if one[0].program in (program, None) and one[1] >= GOOD_FIT]
    return here + [one for one in found if one not in here]


def best_card(tracker: Tracker) -> tuple[Card | None, float]:
    """The first of the cards found and its score; (None, 0.0) when none was found."""
    return best_of(found_cards(tracker))


def best_of(found: Found) -> tuple[Card | None, float]:
    """The first card and its score; (None, 0.0) when there is none."""
    return found[0] if found else (None, 0.0)


def nearest_card(tracker: Tracker) -> tuple[Card | None, float]:
    """The card with the best score, whatever its program: None for one the deck does not hold any more."""
    one = next(iter(tracker.latest_message.get("cards") or ()), None)
    return (None, 0.0) if one is None else (cards.deck().cards.get(one["id"]), float(one["score"]))


def is_sure(found: Found) -> bool:
    """Whether the first card surely answers, so that no other needs to be offered."""
    return best_of(found)[1] >= SURE_FIT
