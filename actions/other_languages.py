"""The way to an interpreter for people who write in a language the bot does not speak."""

from __future__ import annotations

import functools
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import entity_value, language_of, person_button, program_talked_of, tell
from bot import agency
from bot.settings import PROJECT_ROOT
from bot.words import DEFAULT_LANGUAGE, Words
from bot.yaml_files import read_yaml


class ActionOtherLanguage(Action):
    """Says in the visitor's own language that an interpreter is free to ask for, and offers a person."""

    def name(self) -> str:
        return "action_other_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        language = str(entity_value(tracker, "language"))
        phone = agency.phone(program_talked_of(tracker))
        line = _lines().get(language)
        tell(
            dispatcher,
            line.format(phone=phone) if line else Words("talk", DEFAULT_LANGUAGE)("interpreter", phone=phone),
            buttons=[person_button(language_of(tracker))],
            language=language if line else DEFAULT_LANGUAGE,
        )
        return []


@functools.cache
def _lines() -> dict[str, str]:
    return dict(read_yaml(PROJECT_ROOT / "data" / "other_languages.yml"))
