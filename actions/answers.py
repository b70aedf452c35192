"""Program questions, answered from the answer cards."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import entity_value, language_of, tell
from bot import agency, cards
from bot.cards import Card
from bot.metrics import CARD_MISSES
from bot.settings import PROJECT_ROOT
from bot.stores.vocabulary import Program
from bot.words import Words
from bot.yaml_files import read_yaml

# Scores are calibrated: a card that fits this well is right in two of three cases, else the topic's general
# card answers; below a sure fit the next best cards are offered beside the answer.
GOOD_FIT = 0.5
SURE_FIT = 0.9
MOST_OTHERS = 2
MOST_BUTTONS = 3
_RIGHTS_TOPICS = frozenset({"appeal_how", "appeal_status", "overpayment", "overpayment_waiver", "health_claim_denied"})


class ActionAnswer(Action):
    """Answers the topic of the newest message, or the card a button named, for the right program."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        topic = _topic(tracker)
        card = _asked_card(tracker)
        others: list[Card] = []
        if card is None:
            found = _found_cards(tracker)
            if _program(tracker) is None and topic in _which_program() and not _is_sure(found):
                _ask_program(dispatcher, tracker, topic)
                return [SlotSet("topic", topic), SlotSet("card", None)]
            card = found[0][0] if found and found[0][1] >= GOOD_FIT else _general_card(tracker)
            if not _is_sure(found):
                others = [other for other, _ in found if other is not card][:MOST_OTHERS]
        if card is None:
            _admit_no_card(dispatcher, tracker)
            return [SlotSet("topic", topic), SlotSet("card", None)]
        say_card(dispatcher, card, language_of(tracker), others)
        events = [SlotSet("topic", card.topic), SlotSet("card", card.id)]
        if card.program is not None:
            events.append(SlotSet("program", card.program))
        return events


def say_card(dispatcher: CollectingDispatcher, card: Card, language: str, others: Sequence[Card] = ()) -> None:
    """Say a card: its answer and steps, the date of figures that may have changed, its source and next questions.

    `others` are cards that may have been meant instead; they are offered first.
    """
    words = card.words[language]
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(words.steps, start=1))
    text = "\n".join(part for part in (words.answer, steps) if part)
    _say(dispatcher, card, language, text, next_buttons(card, language, others))


def say_more(dispatcher: CollectingDispatcher, card: Card, language: str) -> None:
    """Say the longer part of a card."""
    buttons = next_buttons(card, language, with_more=False)
    _say(dispatcher, card, language, card.words[language].more or "", buttons)


def _say(dispatcher: CollectingDispatcher, card: Card, language: str, text: str, buttons: list[dict[str, str]]) -> None:
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
        buttons=buttons,
        source=_source(card, language),
    )


def next_buttons(
    card: Card, language: str, others: Sequence[Card] = (), *, with_more: bool = True
) -> list[dict[str, str]]:
    """More of this card, what may have been meant instead, the natural next questions, and a person for rights."""
    words = Words("answers", language)
    buttons = []
    if with_more and card.words[language].more:
        buttons.append({"title": words("button.more"), "payload": "/tell_more"})
    deck = cards.deck().cards
    offered = {one.id: one for one in (*others, *(deck[name] for name in card.next))}
    buttons += [
        {"title": one.words[language].title, "payload": f'/ask_card{{"card":"{one.id}"}}'}
        for one in list(offered.values())[:MOST_BUTTONS]
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


def _found_cards(tracker: Tracker) -> list[tuple[Card, float]]:
    """The cards nearest to what was written with their scores, those of this program before the others.

    A program that was talked about only breaks ties: words that fit another program's card well lead there.
    """
    deck, program = cards.deck().cards, _program(tracker)
    found = [
        (deck[one["id"]], float(one["score"])) for one in tracker.latest_message.get("cards") or () if one["id"] in deck
    ]
    here = [one for one in found if one[0].program in (program, None) and one[1] >= GOOD_FIT]
    return here + [one for one in found if one not in here]


def _is_sure(found: list[tuple[Card, float]]) -> bool:
    return bool(found) and found[0][1] >= SURE_FIT


@functools.cache
def _which_program() -> dict[str, dict[str, str]]:
    """Topics that several programs answer differently: topic -> program -> card."""
    return dict(read_yaml(PROJECT_ROOT / "data" / "which_program.yml"))


def _ask_program(dispatcher: CollectingDispatcher, tracker: Tracker, topic: str) -> None:
    language = language_of(tracker)
    programs = agency.read()["programs"]
    buttons = [
        {"title": programs[program]["name"][language], "payload": f'/ask_card{{"card":"{card}"}}'}
        for program, card in _which_program()[topic].items()
    ]
    tell(dispatcher, Words("answers", language)(f"which_program.{topic}"), buttons=buttons)


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
    CARD_MISSES.labels(_topic(tracker) or "none").inc()
    language = language_of(tracker)
    words = Words("answers", language)
    program = agency.read()["programs"].get(_program(tracker) or str(Program.WA_UI))
    tell(
        dispatcher,
        words("no_card", page=program["url"]),
        buttons=[{"title": words("button.person"), "payload": "/ask_human"}],
    )
