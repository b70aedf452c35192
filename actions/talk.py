"""The turns of the conversation itself: misses, bare details, repeating, starting over, languages."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import answers, claims, worded
from actions.base import entity_value, language_of, message_text, person_button, tell
from actions.context import asked_as, of_the_background, unclear_about_a_job
from actions.estimate_reading import in_estimate
from actions.found_cards import FAINT_FIT, GOOD_FIT, found_cards, nearest_card
from bot import cards
from bot.metrics import MISSES
from bot.stores.vocabulary import Miss
from bot.words import LANGUAGES, Words

MISSES_BEFORE_MENU = 2
MISSES_BEFORE_PERSON = 3
MOST_CANDIDATES = 3
LIKELY_TOPIC = 0.5
_JOB_DETAILS = ("class_code", "class_title", "class_level", "degree", "duration", "experience_area", "hours")
_ABOUT_A_BACKGROUND = "job_do_i_qualify"
# Both say that the bot's last words were wrong, and are answered alike.
_CORRECTIONS = frozenset({"correct", "deny"})


class ActionDidYouMean(Action):
    """Unsure between topics: offers the likeliest as buttons; more misses bring the menu, then a person."""

    def name(self) -> str:
        return "action_did_you_mean"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        known = _by_its_words(dispatcher, tracker) or _about_a_job(tracker)
        if known is not None:
            return known
        likely = _likely_topic(tracker)
        if likely is not None:
            return asked_as(tracker.latest_message, likely)
        words = Words("talk", language_of(tracker))
        buttons = _meanings(tracker)
        if not buttons:
            return _miss(dispatcher, tracker, "not_understood")
        buttons.append({"title": words("something_else"), "payload": "/capabilities"})
        tell(dispatcher, words("did_you_mean"), buttons=buttons)
        return []


class ActionCapabilities(Action):
    """What the bot can do, or the card for what was asked about the bot: who reads along, how to erase it all."""

    def name(self) -> str:
        return "action_capabilities"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return _asked_in_particular(dispatcher, tracker, "utter_capabilities")


class ActionBotChallenge(Action):
    """Admits to being a machine, or answers what was asked about it."""

    def name(self) -> str:
        return "action_bot_challenge"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return _asked_in_particular(dispatcher, tracker, "utter_bot_challenge")


class ActionOutOfScope(Action):
    """Says what the bot can do instead, without scolding."""

    def name(self) -> str:
        return "action_out_of_scope"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        known = _by_its_words(dispatcher, tracker) or _about_a_job(tracker)
        if known is not None:
            return known
        return _miss(dispatcher, tracker, "out_of_scope")


class ActionFollowUp(Action):
    """A bare detail ("and level III?"): asks the topic it belongs to again, with the detail."""

    def name(self) -> str:
        return "action_follow_up"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        known = _by_its_words(dispatcher, tracker) or claims.follow_up(dispatcher, tracker)
        if known is not None:
            return known
        if tracker.get_slot("topic") == _ABOUT_A_BACKGROUND:
            return [FollowupAction("action_job_follow_up")]
        if any(entity_value(tracker, name) is not None for name in _JOB_DETAILS):
            return [FollowupAction("action_job_follow_up")]
        if entity_value(tracker, "program") is not None and tracker.get_slot("topic"):
            return [FollowupAction("action_answer")]
        return [FollowupAction("action_did_you_mean")]


class ActionCorrect(Action):
    """The bot got it wrong: a background is corrected, anything else is asked for in other words."""

    def name(self) -> str:
        return "action_correct"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return _corrected(dispatcher, tracker, "utter_correct")


class ActionDeny(Action):
    """A no: about a background it is a correction ("no, 3 years"), else the bot asks what is wanted."""

    def name(self) -> str:
        return "action_deny"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return _corrected(dispatcher, tracker, "utter_deny")


class ActionComplaint(Action):
    """Someone is fed up: with a decision, then their right to appeal comes first, or with how long it all takes."""

    def name(self) -> str:
        return "action_complaint"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        about_a_dispute = answers.answer_dispute(dispatcher, tracker)
        if about_a_dispute is not None:
            return about_a_dispute
        dispatcher.utter_message(response="utter_complaint")
        return []


class ActionTellMore(Action):
    """The longer part of the card that answered last."""

    def name(self) -> str:
        return "action_tell_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        about_the_claim = claims.follow_up(dispatcher, tracker)
        if about_the_claim is not None:
            return about_the_claim
        language = language_of(tracker)
        words = Words("answers", language)
        card = cards.deck().cards.get(tracker.get_slot("card") or "")
        if card is None:
            about_a_job = unclear_about_a_job(tracker)
            if about_a_job is not None:
                return about_a_job
            tell(dispatcher, words("more_about_what"))
        elif card.words[language].more is None:
            tell(dispatcher, words("no_more"), buttons=answers.next_buttons(card, language, with_more=False))
        else:
            answers.say_more(dispatcher, card, language)
        return []


class ActionRepeat(Action):
    """Says the bot's last messages again."""

    def name(self) -> str:
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        last = _last_said(tracker)
        if any((event.get("metadata") or {}).get("private") for event in last):
            # Rasa's memory does not hold what is said about a claim; the transcript does.
            last = claims.last_said(tracker.sender_id)
        if not last:
            tell(dispatcher, Words("talk", language_of(tracker))("nothing_to_repeat"))
        asked = claims.before_saying_again(dispatcher, tracker, [str(e["text"]) for e in last if e.get("text")])
        if asked is not None:
            return asked
        for event in last:
            data = event.get("data") or {}
            custom = data.get("custom") or {}
            if event.get("text"):
                tell(dispatcher, event["text"], buttons=data.get("buttons"))
            elif custom:
                dispatcher.utter_message(
                    json_message={k: v for k, v in custom.items() if k not in ("escalate", "missed")}
                )
        return []


class ActionSecondQuestion(Action):
    """Puts the second question of a message to the bot as if it had been asked on its own."""

    def name(self) -> str:
        return "action_second_question"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        second = (tracker.latest_message.get("understanding") or {}).get("second")
        if not second:
            return []
        return asked_as(second, second["intent"])


class ActionStartOver(Action):
    """Forgets what the conversation was about; the language and the page stay."""

    def name(self) -> str:
        return "action_start_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        kept = [SlotSet(name, tracker.get_slot(name)) for name in ("language", "page_program")]
        dispatcher.utter_message(response="utter_greet")
        return [AllSlotsReset(), *kept]


class ActionSwitchLanguage(Action):
    """Answers in the language asked for, or in the other one when none is named."""

    def name(self) -> str:
        return "action_switch_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        text = message_text(tracker).lower()
        names = Words("talk", "en")
        wanted = next(
            (one for one in LANGUAGES if any(name in text for name in names(f"names_of.{one}").split())), None
        )
        if wanted is None:
            wanted = next(one for one in LANGUAGES if one != language_of(tracker))
        tell(dispatcher, Words("talk", wanted)("language_switched"))
        return [SlotSet("language", wanted)]


def _miss(dispatcher: CollectingDispatcher, tracker: Tracker, key: str) -> list[dict[str, Any]]:
    MISSES.labels(key).inc()
    words = Words("talk", language_of(tracker))
    misses = _misses(tracker)
    if misses >= MISSES_BEFORE_PERSON:
        tell(dispatcher, words("misses.person"), missed=Miss(key))
        dispatcher.utter_message(json_message={"escalate": "not_understood"})
        return [SlotSet("misses", 0.0)]
    if misses >= MISSES_BEFORE_MENU:
        tell(dispatcher, words("misses.menu"), missed=Miss(key))
        dispatcher.utter_message(response="utter_capabilities")
    else:
        buttons = [person_button(language_of(tracker))]
        tell(dispatcher, words(key), buttons=buttons, missed=Miss(key))
    return [SlotSet("misses", float(misses))]


def _asked_in_particular(dispatcher: CollectingDispatcher, tracker: Tracker, otherwise: str) -> list[dict[str, Any]]:
    """The card whose situation the message asks about, else a response of the domain."""
    answered = answers.answer_situation(dispatcher, tracker)
    if answered is not None:
        return answered
    dispatcher.utter_message(response=otherwise)
    return []


def _corrected(dispatcher: CollectingDispatcher, tracker: Tracker, otherwise: str) -> list[dict[str, Any]]:
    """A correction goes to the estimate, the dispute or the background it is about, else a response of the domain."""
    known = in_estimate(tracker) or answers.answer_dispute(dispatcher, tracker)
    if known is not None:
        return known
    if tracker.get_slot("topic") == _ABOUT_A_BACKGROUND:
        return [FollowupAction("action_job_follow_up")]
    dispatcher.utter_message(response=otherwise)
    return []


def _by_its_words(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]] | None:
    """What a message that was not understood asks by its words alone; None when they say nothing outright."""
    return worded.elsewhere(tracker) or answers.answer_dispute(dispatcher, tracker) or in_estimate(tracker)


def _about_a_job(tracker: Tracker) -> list[dict[str, Any]] | None:
    """The events that answer words not understood but surely about a job; None when they are not."""
    return of_the_background(tracker) or unclear_about_a_job(tracker)


def _likely_topic(tracker: Tracker) -> str | None:
    """The topic to answer although the classifier was unsure, because asking back would cost more than it saves.

    Which of two corrections was meant makes no difference. A card whose questions fit is answered and offers its
    neighbours; so is a topic far ahead of the next one, or the only one worth a button.
    """
    ranking = tracker.latest_message.get("intent_ranking") or []
    if {entry["name"] for entry in ranking[:2]} == _CORRECTIONS:
        return str(ranking[0]["name"])
    card, score = nearest_card(tracker)
    if score >= GOOD_FIT:
        return None if card is None else card.topic
    if len(ranking) > 1 and ranking[0]["confidence"] >= max(LIKELY_TOPIC, 2 * ranking[1]["confidence"]):
        return str(ranking[0]["name"])
    candidates = _candidates(tracker)
    return candidates[0] if len(candidates) == 1 else None


def _meanings(tracker: Tracker) -> list[dict[str, str]]:
    """Buttons for what may have been meant, the likeliest first: a card where one comes near, else its topic."""
    language = language_of(tracker)
    words = Words("talk", language)
    near = [card for card, score in found_cards(tracker) if score >= FAINT_FIT]
    buttons: dict[str, str] = {}
    for topic in _candidates(tracker):
        card = next((card for card in near if card.topic == topic), None)
        if card is not None:
            buttons[answers.payload_of(card.id)] = card.words[language].title
        elif f"topic.{topic}" in words:
            buttons[f"/{topic}"] = words(f"topic.{topic}")
    # With few topics to choose from there is room for another card.
    for card in near:
        buttons.setdefault(answers.payload_of(card.id), card.words[language].title)
    return [{"title": title, "payload": payload} for payload, title in list(buttons.items())[:MOST_CANDIDATES]]


def _misses(tracker: Tracker) -> int:
    return int(tracker.get_slot("misses") or 0) + 1


def _candidates(tracker: Tracker) -> list[str]:
    understanding = tracker.latest_message.get("understanding") or {}
    return [str(name) for name in understanding.get("candidates") or ()]


def _last_said(tracker: Tracker) -> list[dict[str, Any]]:
    """The bot's messages of the turn before this one."""
    said: list[dict[str, Any]] = []
    turns = 0
    for event in reversed(tracker.events):
        if event["event"] == "user":
            turns += 1
            if turns == 2 and said:
                break
        elif event["event"] == "bot" and turns >= 1:
            said.append(event)
    return said[::-1]
