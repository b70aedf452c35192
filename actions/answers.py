"""Program questions, answered from the answer cards."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import proof, worded
from actions.base import entity_value, intent_of, language_of, message_text, person_button, program_of, tell
from actions.context import of_the_background, other_subject
from actions.estimate_reading import KIND_OF_TOPIC, in_estimate, work_it_out
from actions.found_cards import CLEAR_FIT, GOOD_FIT, NEAR_FIT, Found, best_of, found_cards, is_sure
from actions.rights import Dispute, asks_deadline, dispute_of, is_about_rights
from bot import agency, card_texts, cards
from bot.cards import Card
from bot.claim_questions import asks_why_denied
from bot.intake_forms import offer, offered_after
from bot.metrics import CARD_MISSES
from bot.settings import PROJECT_ROOT
from bot.stores.vocabulary import EscalationReason, Miss, Program
from bot.words import Words
from bot.yaml_files import read_yaml

MOST_OTHERS = 3
MOST_BUTTONS = 3
_APPEAL = "appeal_how"
_OWED = ("overpayment", "overpayment_waiver")
CRISIS = "self_harm_crisis"
# The programs whose claims can be proven here, and answers that fit every program.
_WITH_CLAIMS = (Program.WA_UI, Program.OK_INSURANCE, None)


class ActionAnswer(Action):
    """Answers the topic of the newest message, or the card a button named, for the right program."""

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        elsewhere = in_estimate(tracker) or worded.elsewhere(tracker)
        elsewhere = elsewhere or of_the_background(tracker) or other_subject(tracker)
        if elsewhere is not None:
            return elsewhere
        topic = _topic(tracker)
        card = _asked_card(tracker)
        others: list[Card] = []
        if card is None:
            about_a_dispute = answer_dispute(dispatcher, tracker)
            if about_a_dispute is not None:
                return about_a_dispute
            found = found_cards(tracker)
            if program_of(tracker) is None and topic in _which_program() and not is_sure(found):
                _ask_program(dispatcher, tracker, topic)
                return [SlotSet("topic", topic), SlotSet("card", None)]
            best, score = best_of(found)
            card = _of_this_program(best, tracker) if score >= GOOD_FIT else _general_card(tracker)
            others = _others(found, card)
        if card is None:
            _admit_no_card(dispatcher, tracker)
            return [SlotSet("topic", topic), SlotSet("card", None)]
        say_card(dispatcher, card, language_of(tracker), others)
        return _kept(card)


def answer_generally(dispatcher: CollectingDispatcher, tracker: Tracker, topic: str) -> list[dict[str, Any]]:
    """Answer with a topic's general card, whatever the message was understood as."""
    card = cards.deck().general(topic, program_of(tracker)) or cards.deck().general(topic, None)
    card = card or cards.deck().of_topic(topic)[0]
    say_card(dispatcher, card, language_of(tracker))
    return [SlotSet("topic", topic), SlotSet("card", card.id)]


def card_asked_for(tracker: Tracker) -> Card | None:
    """The card that surely answers the newest message, whatever else is in it; None without a sure one."""
    found = found_cards(tracker)
    return found[0][0] if is_sure(found) else None


def answer_situation(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]] | None:
    """Say the card whose particular situation the newest message asks about; None when it asks about none."""
    found = found_cards(tracker)
    card, score = best_of(found)
    if card is None or score < GOOD_FIT or card.situation is None:
        return None
    say_card(dispatcher, card, language_of(tracker), _others(found, card))
    return _kept(card)


def answer_dispute(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]] | None:
    """Say the right to appeal first when the newest message disagrees with a decision; None when it does not.

    A question in the same words ("they denied me because I quit") is answered after it. Whoever was just told of a
    right and asks until when hears the same card, which says the deadline, once more; a card that clearly fits better
    ("and when the days are over?") comes before it.
    """
    language = language_of(tracker)
    found = found_cards(tracker)
    best, score = best_of(found)
    told = cards.deck().cards.get(tracker.get_slot("card") or "")
    if told is not None and is_about_rights(told.id, told.topic) and asks_deadline(tracker):
        fits_better = best is not None and score >= CLEAR_FIT and best.program == told.program
        card = best if best is not None and fits_better and is_about_rights(best.id, best.topic) else told
        say_card(dispatcher, card, language)
        return _kept(card)
    dispute = dispute_of(tracker)
    if dispute is None:
        return None
    # What is owed back is told from every other decision by its own words.
    enough = GOOD_FIT if best is not None and best.topic in _OWED else CLEAR_FIT
    specific = dispute is Dispute.DECISION and score >= enough
    best = _of_this_program(best, tracker)
    if best is not None and specific and is_about_rights(best.id, best.topic):
        say_card(dispatcher, best, language, _others(found, best))
        return _kept(best)
    asked = best if best is not None and score >= GOOD_FIT and dispute is Dispute.DECISION else None
    program = program_of(tracker) or (asked.program if asked is not None and _are_of(found, asked.program) else None)
    appeal = appeal_card(program)
    note = Words("answers", language)("if_i_was_wrong") if dispute is Dispute.BARE else ""
    if appeal is None:
        _ask_program(dispatcher, tracker, _APPEAL, note)
        return [SlotSet("topic", _APPEAL), SlotSet("card", None)]
    if asked is None or is_about_rights(asked.id, asked.topic) or asked.program != appeal.program:
        particular = [card for card, score in found if card is not appeal and score >= NEAR_FIT]
        say_card(dispatcher, appeal, language, particular[:MOST_OTHERS], note=note)
        return _kept(appeal)
    say_right(dispatcher, appeal, language)
    say_card(dispatcher, asked, language)
    return _kept(asked)


def say_meaning_first(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Before the form that asks whose claim it is: what a state that was named means, and what to do meanwhile."""
    topic = _topic(tracker)
    states = [(card, score) for card, score in found_cards(tracker) if card.situation and card.topic == topic]
    card, score = best_of(states)
    # Beside one state stands another of the same claim: "eight weeks in adjudication" also asks how long it takes.
    if card is not None and score >= GOOD_FIT and sum(score for _, score in states) >= CLEAR_FIT:
        say_card(dispatcher, card, language_of(tracker))


def say_right_first(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Before an answer about a claim: the right to appeal, when the question disagrees with a decision about it.

    Who asks why they were denied and has proven nothing hears it too; a proven claim says its own right and day.
    """
    asks_why = asks_why_denied(message_text(tracker)) and not proof.stands(tracker.sender_id)
    if dispute_of(tracker) is not Dispute.DECISION and not asks_why:
        return
    appeal = appeal_card(program_of(tracker))
    if appeal is None:
        _ask_program(dispatcher, tracker, _APPEAL)
    else:
        say_right(dispatcher, appeal, language_of(tracker))


def say_right(dispatcher: CollectingDispatcher, appeal: Card, language: str) -> None:
    """Say in short that and until when a decision can be appealed; the steps and a person are buttons."""
    buttons = [
        card_button(appeal, language),
        person_button(language, EscalationReason.RIGHTS),
    ]
    _say(dispatcher, appeal, language, appeal.words[language].answer, buttons)


def appeal_card(program: str | None) -> Card | None:
    """The card that tells how to appeal a program's decision."""
    return cards.deck().cards.get(_which_program()[_APPEAL].get(program or "", ""))


def _kept(card: Card) -> list[dict[str, Any]]:
    """The slots that remember which card answered."""
    events = [SlotSet("topic", card.topic), SlotSet("card", card.id)]
    if card.program is not None:
        events.append(SlotSet("program", card.program))
    return events


def say_card(
    dispatcher: CollectingDispatcher, card: Card, language: str, others: Sequence[Card] = (), *, note: str = ""
) -> None:
    """Say a card: its answer and steps, the date of figures that may have changed, its source and next questions.

    `others` are cards that may have been meant instead; they are offered first. `note` ends the text.
    """
    text = "\n".join(part for part in (card_texts.answer(card, language), note) if part)
    _say(dispatcher, card, language, text, next_buttons(card, language, others), rated=card.topic != CRISIS)


def say_more(dispatcher: CollectingDispatcher, card: Card, language: str) -> None:
    """Say the longer part of a card."""
    buttons = next_buttons(card, language, with_more=False)
    _say(dispatcher, card, language, card.words[language].more or "", buttons)


def _say(
    dispatcher: CollectingDispatcher,
    card: Card,
    language: str,
    text: str,
    buttons: list[dict[str, str]],
    *,
    rated: bool = False,
) -> None:
    """Say a text of a card; `rated` answers carry the card's id, so that the visitor can say whether they helped."""
    rating = {"card": card.id, "answers": card.words[language].title} if rated else {}
    source = {**card_texts.source(card), **rating}
    tell(dispatcher, card_texts.said(card, text, language), buttons=buttons, source=source)


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
    buttons += [card_button(one, language) for one in list(offered.values())[:MOST_BUTTONS]]
    if card.topic in KIND_OF_TOPIC and card.program == Program.WA_UI:
        buttons.append(work_it_out(Words("estimates", language), KIND_OF_TOPIC[card.topic]))
    if card.program in _WITH_CLAIMS:
        buttons += [offer(form.kind, language) for form in offered_after(card.topic)]
    if is_about_rights(card.id, card.topic):
        buttons.append(person_button(language, EscalationReason.RIGHTS))
    return buttons


def card_button(card: Card, language: str) -> dict[str, str]:
    """The button that asks for a card."""
    return {"title": card.words[language].title, "payload": payload_of(card.id)}


def payload_of(card: str) -> str:
    """What a button sends that asks for the card with this id."""
    return f'/ask_card{{"card":"{card}"}}'


def _topic(tracker: Tracker) -> str | None:
    intent = intent_of(tracker)
    return tracker.get_slot("topic") if intent in ("inform", "ask_card", None) else intent


def _asked_card(tracker: Tracker) -> Card | None:
    return cards.deck().cards.get(entity_value(tracker, "card") or "")


def _of_this_program(card: Card | None, tracker: Tracker) -> Card | None:
    """The card, or where it answers what every program answers in its own way, that of the program talked of."""
    for card_of in _which_program().values():
        if card is not None and card.id in card_of.values():
            return cards.deck().cards.get(card_of.get(program_of(tracker) or "", ""), card)
    return card


def _others(found: Found, card: Card | None) -> list[Card]:
    """The cards to offer beside the one that answers: none when it surely fits."""
    return [] if is_sure(found) else [other for other, _ in found if other is not card][:MOST_OTHERS]


def _are_of(found: Found, program: str | None) -> bool:
    """Whether a message surely is about a program, whichever of its cards answers it."""
    return sum(score for card, score in found if card.program == program) >= CLEAR_FIT


@functools.cache
def _which_program() -> dict[str, dict[str, str]]:
    """Topics that several programs answer differently: topic -> program -> card."""
    return dict(read_yaml(PROJECT_ROOT / "data" / "which_program.yml"))


def _ask_program(dispatcher: CollectingDispatcher, tracker: Tracker, topic: str, note: str = "") -> None:
    """Ask which program is meant, after what is true of all of them; for an appeal that is the right itself."""
    language = language_of(tracker)
    programs = agency.read()["programs"]
    buttons = [
        {"title": programs[program]["name"][language], "payload": payload_of(card)}
        for program, card in _which_program()[topic].items()
    ]
    shown = set(_which_program()[topic].values())
    particular = [card for card, score in found_cards(tracker) if score >= NEAR_FIT and card.id not in shown]
    buttons += [card_button(card, language) for card in particular[:1]]
    deck = cards.deck().cards
    figures = {card.id: card.figures for card in map(deck.get, _which_program()[topic].values()) if card is not None}
    values = {
        f"{card_id}_{name}": deck[card_id].figure(name, language) for card_id, held in figures.items() for name in held
    }
    text = Words("answers", language)(f"which_program.{topic}", **values)
    if topic == _APPEAL:
        buttons.append(person_button(language, EscalationReason.RIGHTS))
    tell(dispatcher, "\n".join(part for part in (text, note) if part), buttons=buttons)


def _general_card(tracker: Tracker) -> Card | None:
    topic = _topic(tracker)
    if topic is None:
        return None
    deck = cards.deck()
    program = program_of(tracker)
    found = deck.general(topic, program) or deck.general(topic, None)
    if found is None:
        of_topic = [card for card in deck.of_topic(topic) if card.situation is None]
        found = of_topic[0] if of_topic else None
    return found


def _admit_no_card(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    CARD_MISSES.labels(_topic(tracker) or "none").inc()
    language = language_of(tracker)
    words = Words("answers", language)
    program = agency.read()["programs"].get(program_of(tracker) or str(Program.WA_UI))
    tell(
        dispatcher,
        words("no_card", page=program["url"]),
        buttons=[person_button(language)],
        missed=Miss.NO_CARD,
    )
