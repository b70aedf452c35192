"""What a word means, from the glossary."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import card_button
from actions.base import entity_value, language_of, message_text, person_button, tell
from actions.context import asked_as
from bot import cards, glossary
from bot.words import Words


class ActionExplainTerm(Action):
    """Explains a term in plain words and offers the card that says more."""

    def name(self) -> str:
        return "action_explain_term"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        language = language_of(tracker)
        words = Words("answers", language)
        term = glossary.find(message_text(tracker))
        if term is None and entity_value(tracker, "class_code") is not None:
            # "What is 180C?" asks for a job class as one asks for a word.
            return asked_as(tracker.latest_message, "job_class_search")
        if term is None:
            tell(dispatcher, words("no_term"), buttons=[person_button(language)])
            return [SlotSet("topic", "explain_term")]
        card = cards.deck().cards.get(term.card or "")
        buttons = [] if card is None else [card_button(card, language)]
        tell(
            dispatcher,
            words("term", term=term.term[language], definition=term.definition[language]),
            buttons=buttons,
            source=_source(term.source),
        )
        return [SlotSet("topic", "explain_term")]


def _source(source: str) -> dict[str, str]:
    """A term's source: an address is shown by its site's name, anything else as it is written."""
    if source.startswith("https://"):
        return {"title": urlsplit(source).netloc, "url": source}
    return {"title": source}
