"""Program questions, answered from the answer cards."""

from __future__ import annotations

from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import entity_value, language_of, tell
from bot import agency, cards
from bot.cards import Card
from bot.stores.vocabulary import Program
from bot.words import Words

# A card found by the visitor's own words must fit this well; below, the topic's general card answers.
GOOD_FIT = 0.5
_RIGHTS_TOPICS = frozenset({"appeal_how", "appeal_status", "overpayment", "overpayment_waiver", "health_claim_denied"})


class ActionAnswer(Action):
    """Answers the topic of the newest message, or the card a button named, for the right program."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        card = _asked_card(tracker) or _found_card(tracker) or _general_card(tracker)
        topic = _topic(tracker)
        if card is None:
            _admit_no_card(dispatcher, tracker)
            return [SlotSet("topic", topic), SlotSet("card", None)]
        say_card(dispatcher, card, language_of(tracker))
        events = [SlotSet("topic", card.topic), SlotSet("card", card.id)]
        if card.program is not None:
            events.append(SlotSet("program", card.program))
        return events


def say_card(dispatcher: CollectingDispatcher, card: Card, language: str) -> None:
    """Say a card: its answer and steps, the date of figures that may have changed, its source and next questions."""
    words = card.words[language]
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(words.steps, start=1))
    _say(dispatcher, card, language, "\n".join(part for part in (words.answer, steps) if part), with_more=True)


def say_more(dispatcher: CollectingDispatcher, card: Card, language: str) -> None:
    """Say the longer part of a card."""
    _say(dispatcher, card, language, card.words[language].more or "", with_more=False)


def _say(dispatcher: CollectingDispatcher, card: Card, language: str, text: str, *, with_more: bool) -> None:
    words = Words("answers", language)
    dated = [
        words(
            "dated",
            figure=card.figure(name, language),
            as_of=date.fromisoformat(str(figure["as_of"])),
            check=figure["check"],
        )
        for name, figure in card.figures.items()
        if "as_of" in figure and "{" + name + "}" in text
    ]
    tell(
        dispatcher,
        "\n".join([card.say(text, language), *dict.fromkeys(dated)]),
        buttons=next_buttons(card, language, with_more=with_more),
        source=_source(card, language),
    )


def next_buttons(card: Card, language: str, *, with_more: bool) -> list[dict[str, str]]:
    words = Words("answers", language)
    buttons = []
    if with_more and card.words[language].more:
        buttons.append({"title": words("button.more"), "payload": "/tell_more"})
    deck = cards.deck().cards
    buttons += [
        {"title": deck[name].words[language].title, "payload": f'/ask_card{{"card":"{name}"}}'} for name in card.next
    ]
    if card.topic in _RIGHTS_TOPICS:
        buttons.append({"title": words("button.person"), "payload": '/ask_human{"reason":"rights"}'})
    return buttons


def _source(card: Card, language: str) -> dict[str, str]:
    title = card.source["title"]
    statute = card.source.get("statute")
    source = {"title": f"{title} ({statute})" if statute and statute not in title else title}
    if card.source.get("url"):
        source["url"] = card.source["url"]
    if card.effective is not None:
        source["effective"] = card.effective.isoformat()
    source["note"] = card.source_date
    return source


def _topic(tracker: Tracker) -> str | None:
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    return tracker.get_slot("topic") if intent in ("inform", "ask_card", None) else intent


def _asked_card(tracker: Tracker) -> Card | None:
    return cards.deck().cards.get(entity_value(tracker, "card") or "")


def _found_card(tracker: Tracker) -> Card | None:
    """The card whose questions are nearest to what was written, if it fits well and in this program."""
    program = _program(tracker)
    for found in tracker.latest_message.get("cards") or ():
        card = cards.deck().cards.get(found["id"])
        if card is not None and found["score"] >= GOOD_FIT and card.program in (program, None):
            return card
    return None


def _general_card(tracker: Tracker) -> Card | None:
    topic = _topic(tracker)
    if topic is None:
        return None
    deck = cards.deck()
    program = _program(tracker)
    found = deck.general(topic, program) or deck.general(topic, None)
    if found is None:
        of_topic = [card for card in deck.of_topic(topic) if card.situation is None]
        found = of_topic[0] if of_topic else None
    return found


def _program(tracker: Tracker) -> str | None:
    return entity_value(tracker, "program") or tracker.get_slot("program") or tracker.get_slot("page_program")


def _admit_no_card(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    language = language_of(tracker)
    words = Words("answers", language)
    program = agency.read()["programs"].get(_program(tracker) or str(Program.WA_UI))
    tell(
        dispatcher,
        words("no_card", page=program["url"]),
        buttons=[{"title": words("button.person"), "payload": "/ask_human"}],
    )
