"""Bringing in a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import worded
from actions.base import entity_value, language_of, tell
from bot.stores.vocabulary import EscalationReason
from bot.words import Words


class ActionEscalate(Action):
    """Asks the gateway to open an escalation; the gateway tells the visitor about the line."""

    def name(self) -> str:
        return "action_escalate"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        # "Can somebody call me?" asks for a call and not for a chat.
        wanted = worded.begins_intake(tracker)
        if wanted is not None:
            return wanted
        reasons = {str(reason) for reason in EscalationReason}
        named = entity_value(tracker, "reason")
        escalate(dispatcher, tracker, named if named in reasons else str(EscalationReason.ASKED))
        return []


def escalate(dispatcher: CollectingDispatcher, tracker: Tracker, reason: str) -> None:
    """Say that a person is being asked, and ask for one."""
    tell(dispatcher, Words("talk", language_of(tracker))("escalating"))
    dispatcher.utter_message(json_message={"escalate": reason})
