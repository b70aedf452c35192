"""What a specialist is given with a conversation: why, what it was about, who it is, and the claim once proven."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot import agency, cards, private_messages
from bot.claim_status import agency_day, status_answer
from bot.gateway.rendering import present
from bot.settings import Settings
from bot.stores import claims, escalations, identity, job_classes, trackers
from bot.stores.identity import IdentityLimits
from bot.stores.vocabulary import EscalationState, Priority, ReaderKind
from bot.words import Words, load_file

_CONSOLE_WORDS = Path(__file__).parent / "static" / "console" / "words.yml"
_MOST_EARLIER = 5


def read(
    session: Session, escalation_id: int, specialist_id: int, language: str, settings: Settings, now: datetime
) -> dict[str, Any]:
    """An escalation with its packet and transcript, told in the specialist's language; raises LookupError.

    A claim is read (and the read audited) only while its proof of identity lives and only for the
    specialist who has the conversation; looking at the queue reads no claim. Looking does not keep the
    proof alive: only the visitor's own questions do.
    """
    escalation = escalations.one(session, escalation_id)
    conversation_id = escalation["conversation_id"]
    claim_id = identity.standing_proof(session, conversation_id, now=now, idle_minutes=settings.identity_minutes)
    has_it = escalation["specialist"] is not None and escalation["specialist"]["id"] == specialist_id
    claim, earlier = None, []
    if claim_id is not None and has_it and escalation["state"] == EscalationState.ACTIVE:
        facts = claims.read_claim(
            session,
            claim_id,
            reader=ReaderKind.SPECIALIST,
            conversation_id=conversation_id,
            specialist_id=specialist_id,
            purpose="escalation",
            now=now,
        )
        claim = status_answer(facts, agency_day(facts.program, now), language).card()
        earlier = escalations.earlier_about(session, claim_id, conversation_id, most=_MOST_EARLIER)
    tries = identity.tries_left(session, conversation_id, limits=IdentityLimits(tries=settings.identity_tries))
    topics = escalations.topics(session, escalation_id)
    is_locked = claim_id is None and tries == 0
    return {
        "escalation": escalation,
        "packet": {
            "identity": "proven" if claim_id is not None else "locked" if is_locked else "none",
            "topics": topics,
            "summary": _summary(session, escalation, topics, language, is_locked=is_locked),
            "answers": _answers(session, conversation_id, language),
            "claim": claim,
            "earlier": earlier,
        },
        "messages": [
            present(message)
            for message in private_messages.read_as_specialist(session, conversation_id, 0, specialist_id, settings)
        ],
    }


def _summary(
    session: Session, escalation: dict[str, Any], topics: list[str], language: str, *, is_locked: bool
) -> list[str]:
    """The conversation in a few sentences made from its intents and slots, none of the visitor's words among them."""
    words = Words("handoff", language)
    slots = trackers.current_slots(session, escalation["conversation_id"])
    sentences = []
    if topics:
        sentences.append(words("summary.asked", topics=", ".join(_topic_name(topic, language) for topic in topics)))
    programs = agency.read()["programs"]
    if escalation["program"] in programs:
        sentences.append(words("summary.program", program=programs[escalation["program"]]["name"][language]))
    job_class = job_classes.by_id(session, slots.get("job_class"))
    if job_class is not None:
        name = job_class.title if job_class.code is None else f"{job_class.title} ({job_class.code})"
        sentences.append(words("summary.job_class", title=name))
    misses = int(slots.get("misses") or 0)
    if misses:
        sentences.append(words("summary.misses.one" if misses == 1 else "summary.misses.other", count=misses))
    if is_locked:
        sentences.append(words("summary.locked"))
    if escalation["priority"] == str(Priority.DEADLINE):
        sentences.append(words("summary.deadline"))
    if escalation["priority"] == str(Priority.RETURNED):
        sentences.append(words("summary.returned"))
    return sentences or [words("summary.nothing")]


def _answers(session: Session, conversation_id: str, language: str) -> list[dict[str, str]]:
    """The answer cards the visitor was shown, in the order they were, each once."""
    deck = cards.deck().cards
    shown = [deck[name] for name in trackers.slot_values(session, conversation_id, "card") if name in deck]
    return [{"id": card.id, "title": card.words[language].title} for card in shown]


def _topic_name(topic: str, language: str) -> str:
    names = _console_words()
    key = f"topic.{topic}"
    return names[key][language] if key in names else topic.replace("_", " ")


@functools.cache
def _console_words() -> dict[str, dict[str, str]]:
    return load_file(_CONSOLE_WORDS)
