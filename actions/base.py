"""What every action needs: the database, the visitor's language, and a way to say something with a card."""

from __future__ import annotations

import functools
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.database import Database
from bot.settings import Settings
from bot.stores.vocabulary import EscalationReason, Miss
from bot.words import DEFAULT_LANGUAGE, LANGUAGES, Words

# What an action hands back to Rasa.
Events = list[dict[str, Any]]


@functools.cache
def database() -> Database:
    """The action server's database, opened at the first action and not at import."""
    settings = Settings.from_environment()
    return Database(settings.database_url, patience=settings.database_patience)


def language_of(tracker: Tracker) -> str:
    """The language to answer in: the slot's when it is one of ours, else English."""
    language = tracker.get_slot("language")
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def message_text(tracker: Tracker) -> str:
    """The newest message as it came: what was written, or a button's payload."""
    return str(tracker.latest_message.get("text") or "")


def was_pressed(tracker: Tracker) -> bool:
    """Whether the newest message is a button: it says outright what it wants, and its words are nobody's."""
    return message_text(tracker).startswith("/")


def written_text(tracker: Tracker) -> str:
    """The newest message as it was written; empty when a button was pressed."""
    return "" if was_pressed(tracker) else message_text(tracker)


def intent_of(tracker: Tracker) -> str | None:
    """What the newest message was understood as."""
    intent: str | None = (tracker.latest_message.get("intent") or {}).get("name")
    return intent


def entities_of(tracker: Tracker, name: str) -> list[dict[str, Any]]:
    """The entities of one name in the newest message, in the order they were written."""
    found = [e for e in tracker.latest_message.get("entities") or [] if e.get("entity") == name]
    return sorted(found, key=lambda e: e.get("start") or 0)


def entity_value(tracker: Tracker, name: str) -> Any:
    """The value of the first entity of that name in the newest message, or None."""
    found = entities_of(tracker, name)
    return found[0].get("value") if found else None


def program_talked_of(tracker: Tracker) -> str | None:
    """The program the conversation is about, else that of the page it was begun on."""
    return tracker.get_slot("program") or tracker.get_slot("page_program")


def program_of(tracker: Tracker) -> str | None:
    """The program of the newest message: the one it names, else the one talked of."""
    return entity_value(tracker, "program") or program_talked_of(tracker)


def person_button(language: str, reason: EscalationReason | None = None) -> dict[str, str]:
    """The button that brings in a person; `reason` is why, where that is more than the wish."""
    named = "" if reason is None else f'{{"reason":"{reason}"}}'
    return {"title": Words("talk", language)("person"), "payload": f"/ask_human{named}"}


def tell(
    dispatcher: CollectingDispatcher,
    text: str,
    *,
    buttons: list[dict[str, str]] | None = None,
    card: dict[str, Any] | None = None,
    source: dict[str, Any] | None = None,
    language: str | None = None,
    missed: Miss | None = None,
) -> None:
    """Say one message; `card` and `source` follow the schemas in bot/gateway/openapi.yml.

    `language` is named where the text is not in the one the conversation is held in. `missed` marks that the bot has
    no answer, so that the question is kept for those who train it.
    """
    given = (("card", card), ("source", source), ("language", language), ("missed", missed and str(missed)))
    extras = {name: value for name, value in given if value}
    dispatcher.utter_message(text=text, buttons=buttons, json_message=extras or None)
