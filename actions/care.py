"""Despair or danger: the crisis line and a person, before anything else."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import language_of, tell
from bot.words import Words


class ActionCrisis(Action):
    """Gives the crisis line and offers a person at once."""

    def name(self) -> str:
        return "action_crisis"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        words = Words("talk", language_of(tracker))
        tell(
            dispatcher,
            words("crisis"),
            buttons=[{"title": words("crisis.person"), "payload": '/ask_human{"reason":"crisis"}'}],
        )
        return []
