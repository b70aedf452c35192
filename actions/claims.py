"""Actions about one claimant's own claim: nothing is said before the proof of identity has been read."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from actions import proof, worded
from actions.answers import ActionAnswer, answer_generally, say_meaning_first, say_right_first
from actions.base import (
    database,
    entities_of,
    entity_value,
    intent_of,
    language_of,
    message_text,
    person_button,
    tell,
    was_pressed,
)
from actions.context import CLAIM_TOPICS
from bot import agency, clock
from bot.claim_questions import (
    Ask,
    Period,
    answer_question,
    asks_as_employer,
    next_questions,
    period_in,
    question_in,
    rule_topic,
)
from bot.claim_status import agency_day
from bot.intake_answers import progress_in_words
from bot.intake_forms import offer
from bot.intake_subjects import offers
from bot.stores import claims, conversations, identity, intakes
from bot.stores.claims import ClaimFacts, ClaimLine
from bot.stores.identity import IdentityLimits
from bot.stores.tables import Intake
from bot.stores.vocabulary import ClaimStatus, EscalationReason, Program, ReaderKind
from bot.words import Words, say

logger = logging.getLogger(__name__)

DEFAULT_TOPIC = "claim_status"
EMPLOYER_TOPIC = "employer_question"
_CLAIMS_LISTED = 5
_FILED_LISTED = 5
_APPEALABLE = (ClaimStatus.DENIED, ClaimStatus.OVERPAYMENT)
_RIGHTS = {
    ClaimStatus.DENIED,
    ClaimStatus.OVERPAYMENT,
    ClaimStatus.APPEAL_FILED,
    ClaimStatus.HEARING_SET,
    ClaimStatus.DECIDED,
    ClaimStatus.HEALTH_DENIED,
}


@dataclass(frozen=True)
class Question:
    """What a visitor asked about their claim; kept in a slot while they prove who they are."""

    topic: str = DEFAULT_TOPIC
    ask: Ask = Ask.STATUS
    period: Period | None = None

    def to_slot(self) -> str:
        """The question as the text of the slot `claim_question`."""
        kept: dict[str, Any] = {"topic": self.topic, "ask": str(self.ask)}
        if self.period is not None:
            kept["period"] = [self.period.first.isoformat(), self.period.last.isoformat(), self.period.month]
        return json.dumps(kept)

    @classmethod
    def from_slot(cls, text: Any) -> Question:
        """The question a slot holds; a slot that holds none means the whole status."""
        try:
            kept = json.loads(text)
            period = None
            if "period" in kept:
                first, last, month = kept["period"]
                period = Period(date.fromisoformat(first), date.fromisoformat(last), bool(month))
            topic = kept["topic"] if kept["topic"] in CLAIM_TOPICS else DEFAULT_TOPIC
            return cls(topic, Ask(kept["ask"]), period)
        except (TypeError, ValueError, KeyError, AttributeError):
            return cls()


class ActionClaimStatus(Action):
    """Answers a question about the visitor's own claim, or asks for proof of identity first."""

    def name(self) -> str:
        return "action_claim_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        elsewhere = _elsewhere(dispatcher, tracker)
        if elsewhere is not None:
            return elsewhere
        say_right_first(dispatcher, tracker)
        if not proof.stands(tracker.sender_id):
            say_meaning_first(dispatcher, tracker)
        return _answer(dispatcher, tracker, _question(tracker))


class ActionAppealStatus(Action):
    """Answers from the claim when it is proven and something in it can be appealed, else in general."""

    def name(self) -> str:
        return "action_appeal_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        elsewhere = _elsewhere(dispatcher, tracker)
        if elsewhere is not None:
            return elsewhere
        question = _question(tracker)
        try:
            with database().transaction() as session:
                facts = proven_facts(session, tracker.sender_id, question.topic)
        except SQLAlchemyError as error:
            return _apologise(dispatcher, tracker, question, error)
        if facts is None or not (facts.appeals or facts.determinations):
            return ActionAnswer().run(dispatcher, tracker, domain)
        return _answer(dispatcher, tracker, question)


class ActionIdentityConfirmed(Action):
    """Gives the answer that was asked for before the identity card.

    The gateway runs it after a good proof, but anyone might make it run: it believes the proof's row
    and nothing in the message.
    """

    def name(self) -> str:
        return "action_identity_confirmed"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if tracker.get_slot("intake"):
            return [FollowupAction("action_start_intake")]
        question = Question.from_slot(tracker.get_slot("claim_question"))
        return _answer(dispatcher, tracker, question, picks=False)


def follow_up(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType] | None:
    """Answer a short question ("why?", "and in October?") that follows an answer about a claim.

    None when the last answer was not about a claim or no proof stands: the caller answers then.
    """
    if tracker.get_slot("topic") not in CLAIM_TOPICS or _is_from_an_employer(tracker):
        return None
    return _answer(dispatcher, tracker, _question(tracker)) if proof.stands(tracker.sender_id) else None


def last_said(conversation_id: str) -> list[dict[str, Any]]:
    """What the bot said last, from the transcript, in the form of Rasa's events."""
    with database().snapshot() as session:
        lines = conversations.last_answer(session, conversation_id)
    return [{"text": line.text, "data": {"buttons": line.buttons}} for line in lines]


def before_saying_again(dispatcher: CollectingDispatcher, tracker: Tracker, texts: list[str]) -> list[EventType] | None:
    """Ask for a new proof when one of `texts` was claim data and no proof stands any more; None: say them."""
    question = Question.from_slot(tracker.get_slot("claim_question"))
    conversation_id = tracker.sender_id
    try:
        with database().transaction() as session:
            if not conversations.holds_private(session, conversation_id, texts):
                return None
            # A read like any other: it is in the audit table, and what is said again is private again.
            if proven_facts(session, conversation_id, "repeat") is not None:
                return None
            left = tries_left(session, conversation_id)
    except SQLAlchemyError as error:
        return _apologise(dispatcher, tracker, question, error)
    ask_identity(dispatcher, Words("claims", language_of(tracker)), left)
    return [SlotSet("claim_question", question.to_slot())]


def identity_card(words: Words, tries_left: int, *, with_pin: bool) -> dict[str, Any]:
    """The form that asks for the details of a claim; what is typed there never becomes a message."""
    fields = [("claim_number", "text"), ("date_of_birth", "date")]
    if with_pin:
        fields.append(("pin", "secret"))
    return {
        "type": "identity",
        "title": words("identity.title"),
        "intro": words("identity.intro"),
        "fields": [
            {
                "name": name,
                "label": words(f"identity.{name}.label"),
                "hint": words(f"identity.{name}.hint"),
                "kind": kind,
                "autocomplete": "off",
            }
            for name, kind in fields
        ],
        "submit": words("identity.submit"),
        "tries_left": tries_left,
    }


def _elsewhere(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType] | None:
    """The answer to words that ask nothing of one's own claim: an employer's, or a wish to put something on record."""
    if _is_from_an_employer(tracker):
        return answer_generally(dispatcher, tracker, EMPLOYER_TOPIC)
    return worded.begins_intake(tracker)


def _is_from_an_employer(tracker: Tracker) -> bool:
    """Whether the newest words ask about a worker's claim: whoever asks so gets general information only.

    A button of one's own claim is no such words.
    """
    return not was_pressed(tracker) and asks_as_employer(message_text(tracker), tracker.get_slot("topic"))


def _question(tracker: Tracker) -> Question:
    """What the newest message asks: a button says it outright, words are read."""
    intent = intent_of(tracker)
    topic = intent if intent in CLAIM_TOPICS else tracker.get_slot("topic")
    topic = topic if topic in CLAIM_TOPICS else DEFAULT_TOPIC
    pressed = entity_value(tracker, "ask")
    if pressed in list(Ask):
        return Question(topic, Ask(pressed))
    if was_pressed(tracker):
        return Question(topic)
    text = message_text(tracker)
    today = agency_day(Program.WA_UI, clock.now())
    dates = [str(entity.get("value")) for entity in entities_of(tracker, "date")]
    ask = question_in(text, intent, today=today, dates=dates)
    period = period_in(text, today=today, dates=dates)
    if period is not None and ask is Ask.STATUS and intent not in CLAIM_TOPICS:
        # "And in September?" names nothing but a time: it asks again what was paid.
        ask = Ask.HOW_MUCH
    return Question(topic, ask, period if ask is Ask.HOW_MUCH else None)


def _answer(
    dispatcher: CollectingDispatcher, tracker: Tracker, question: Question, *, picks: bool = True
) -> list[EventType]:
    """Answer from the proven claim, or ask for proof; `picks`: a claim number in the message picks a claim."""
    words = Words("claims", language_of(tracker))
    named = entity_value(tracker, "claim_number") if picks else None
    conversation_id = tracker.sender_id
    lines: tuple[ClaimLine, ...] = ()
    filed: list[Intake] = []
    left = 0
    try:
        with database().transaction() as session:
            known = named is None or _pick(session, conversation_id, str(named)) is not None
            facts = proven_facts(session, conversation_id, question.topic)
            if facts is None or not known:
                left = tries_left(session, conversation_id)
            elif question.ask is Ask.STATUS:
                lines = _all_claims(session, conversation_id, facts)
            if question.ask in (Ask.STATUS, Ask.FILED):
                filed = _on_record(session, conversation_id, facts if known else None)
    except SQLAlchemyError as error:
        return _apologise(dispatcher, tracker, question, error)
    if facts is None or not known:
        if facts is not None:
            tell(dispatcher, words("several.not_yours"))
        elif filed and question.ask is Ask.FILED:
            tell_on_record(dispatcher, filed, words.language)
        ask_identity(dispatcher, words, left)
        # What was asked last is answered after the proof, and not an intake that was wanted before it.
        given_up = [SlotSet("intake", None)] if tracker.get_slot("intake") else []
        return [SlotSet("claim_question", question.to_slot()), *given_up]
    if question.ask is Ask.FILED and not filed:
        tell(dispatcher, Words("intakes", words.language)("progress.none"), buttons=[person_button(words.language)])
    if question.ask is not Ask.FILED:
        _tell_answer(dispatcher, words, facts, question)
    if filed:
        tell_on_record(dispatcher, filed, words.language)
    if len(lines) > 1:
        _tell_claims(dispatcher, words, facts, lines)
    return [
        SlotSet("claim_question", None),
        SlotSet("topic", question.topic),
        SlotSet("card", None),
        SlotSet("program", str(facts.program)),
    ]


def _tell_answer(dispatcher: CollectingDispatcher, words: Words, facts: ClaimFacts, question: Question) -> None:
    today = agency_day(facts.program, clock.now())
    answer = answer_question(facts, question.ask, today, words.language, question.period)
    buttons = [
        {"title": words(f"button.{ask}"), "payload": f'/claim_status{{"ask":"{ask}"}}'}
        for ask in next_questions(facts, question.ask)
    ]
    buttons += [offer(kind, words.language) for kind in offers(facts)]
    topic = rule_topic(facts)
    if topic is not None:
        buttons.append({"title": words("button.rule"), "payload": f"/{topic}"})
    if facts.status in _APPEALABLE:
        buttons.append({"title": words("button.appeal"), "payload": "/appeal_how"})
    if facts.status in _RIGHTS:
        buttons.append(person_button(words.language, EscalationReason.RIGHTS))
    tell(dispatcher, answer.text, card=answer.card(), buttons=buttons)


def _on_record(session: Session, conversation_id: str, facts: ClaimFacts | None) -> list[Intake]:
    """What was filed about the proven claim, and in this conversation about no claim; the newest last."""
    filed = [one for one in intakes.filed_in(session, conversation_id) if one.claim_id is None]
    if facts is not None:
        filed += intakes.filed_about(session, facts.id)
    return sorted(filed, key=lambda one: one.filed_at)[-_FILED_LISTED:]


def _tell_claims(
    dispatcher: CollectingDispatcher, words: Words, facts: ClaimFacts, lines: tuple[ClaimLine, ...]
) -> None:
    """List the claimant's claims, with a button for each but the one just shown."""
    shown = lines[:_CLAIMS_LISTED]
    columns = [{"key": key, "label": words(f"several.{key}")} for key in ("number", "filed", "state")]
    rows = [
        {
            "number": line.claim_number,
            "filed": say(line.filed_on, words.language),
            "state": words(f"status.{line.status}"),
        }
        for line in shown
    ]
    card = {"type": "table", "caption": words("several.caption"), "columns": columns, "rows": rows}
    listed = "\n".join(f"- {row['number']}: {row['state']}, {row['filed']}" for row in rows)
    tell(
        dispatcher,
        words("several.text", count=len(lines), claim_number=facts.claim_number) + "\n" + listed,
        card=card,
        buttons=[
            {"title": line.claim_number, "payload": f'/claim_status{{"claim_number":"{line.claim_number}"}}'}
            for line in shown
            if line.id != facts.id
        ],
    )


def _pick(session: Session, conversation_id: str, claim_number: str) -> int | None:
    return identity.pick(
        session,
        conversation_id,
        claim_number,
        now=clock.now(),
        idle_minutes=proof.settings().identity_minutes,
    )


def proven_facts(session: Session, conversation_id: str, purpose: str) -> ClaimFacts | None:
    """The facts of the claim this conversation has proven, or None; the only way here to a claim."""
    now = clock.now()
    claim_id = identity.proven_claim(session, conversation_id, now=now, idle_minutes=proof.settings().identity_minutes)
    if claim_id is None:
        return None
    return claims.read_claim(
        session, claim_id, reader=ReaderKind.BOT, conversation_id=conversation_id, purpose=purpose, now=now
    )


def _all_claims(session: Session, conversation_id: str, facts: ClaimFacts) -> tuple[ClaimLine, ...]:
    return claims.claims_of_claimant(
        session,
        facts.claimant_id,
        reader=ReaderKind.BOT,
        conversation_id=conversation_id,
        purpose="list_claims",
        now=clock.now(),
    )


def proven_claim(session: Session, conversation_id: str) -> int | None:
    """The id of the claim this conversation has proven, or None; asking keeps the proof alive."""
    minutes = proof.settings().identity_minutes
    return identity.proven_claim(session, conversation_id, now=clock.now(), idle_minutes=minutes)


def tries_left(session: Session, conversation_id: str) -> int:
    """How many wrong tries at proving identity this conversation still has."""
    limits = IdentityLimits(tries=proof.settings().identity_tries)
    return identity.tries_left(session, conversation_id, limits=limits)


def tell_on_record(dispatcher: CollectingDispatcher, filed: list[Intake], language: str) -> None:
    """List what somebody put on record here with its receipt and how far the specialists are with it."""
    words = Words("intakes", language)
    facts = [progress_in_words(intake, language) for intake in filed]
    listed = "\n".join(f"- {fact['label']}: {fact['value']}" for fact in facts)
    card = {"type": "facts", "title": words("progress.title"), "facts": facts}
    tell(dispatcher, words("progress.text") + "\n" + listed, card=card)


def ask_identity(dispatcher: CollectingDispatcher, words: Words, left: int) -> None:
    """Show the identity card, or say that there were too many tries; `words` are those of claims."""
    if left == 0:
        tell(dispatcher, words("identity.locked", **agency.phones()), buttons=[person_button(words.language)])
        return
    tries = words(f"identity.tries.{'one' if left == 1 else 'many'}", tries_left=left)
    said = [words("identity.text"), tries]
    if proof.settings().asks_for_pin:
        said.append(words("identity.no_pin", **agency.phones()))
    tell(
        dispatcher,
        " ".join(said),
        card=identity_card(words, left, with_pin=proof.settings().asks_for_pin),
        buttons=[person_button(words.language)],
    )


def _apologise(
    dispatcher: CollectingDispatcher, tracker: Tracker, question: Question, error: SQLAlchemyError
) -> list[EventType]:
    """The claim store does not answer: say so, with the phone and a person, and keep the question."""
    logger.error("claim store failed in conversation %s: %s", tracker.sender_id, type(error).__name__)
    words = Words("claims", language_of(tracker))
    tell(dispatcher, words("store.down", **agency.phones()), buttons=[person_button(words.language)])
    return [SlotSet("claim_question", question.to_slot())]
