"""Despair or danger: the crisis line and a person, before anything else."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import answers
from actions.base import language_of, tell
from actions.found_cards import GOOD_FIT, best_card
from bot.words import Words


class ActionCrisis(Action):
    """Gives the crisis line and offers a person at once; a question in the same message is answered after that."""

    def name(self) -> str:
        return "action_crisis"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        words = Words("talk", language_of(tracker))
        buttons = [{"title": words("crisis.person"), "payload": '/ask_human{"reason":"crisis"}'}]
        tell(dispatcher, words("crisis"), buttons=buttons + _for_somebody_else(tracker))
        asked = answers.card_asked_for(tracker)
        if asked is not None and asked.topic != answers.CRISIS:
            answers.say_card(dispatcher, asked, language_of(tracker))
        return []


def _for_somebody_else(tracker: Tracker) -> list[dict[str, str]]:
    """A button for the card of a particular danger, such as that of a friend, when the message is about one."""
    card, score = best_card(tracker)
    if card is None or card.topic != answers.CRISIS or card.situation is None or score < GOOD_FIT:
        return []
    return [answers.card_button(card, language_of(tracker))]
