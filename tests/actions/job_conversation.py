"""A conversation with the job class actions: real tracker, real dispatcher, a real SQLite file seeded from data/."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.job_classes  # noqa: F401  (defines the actions found below)
from actions.job_action import JobAction

IBS = "Insurance Benefits Specialist"
ES = "ES Benefits Specialist"


def entity(name: str, value: Any, span: str | None = None, **extras: Any) -> dict[str, Any]:
    """An entity as the pipeline gives it; `span` is the text it was read from (none for a button's payload)."""
    return {"entity": name, "value": value, "span": span, **extras}


def all_actions() -> dict[str, JobAction]:
    """Every job class action by name."""
    found: dict[str, JobAction] = {}
    waiting = list(JobAction.__subclasses__())
    while waiting:
        action = waiting.pop()
        waiting += action.__subclasses__()
        found[action().name()] = action()
    return found


class Conversation:
    """Keeps the slots between messages, as Rasa does."""

    def __init__(self, language: str = "en", **slots: Any) -> None:
        self.slots: dict[str, Any] = {"language": language, **slots}
        self.messages: list[dict[str, Any]] = []

    def say(self, action: str, text: str, *entities: dict[str, Any], intent: str | None = None) -> str:
        """Run one action on a message; returns the text of the reply."""
        found = []
        for given in entities:
            made = {key: value for key, value in given.items() if key != "span"}
            if given["span"]:
                made["start"] = text.index(given["span"])
                made["end"] = made["start"] + len(given["span"])
            found.append(made)
        message = {"text": text, "intent": {"name": intent or action}, "entities": found}
        tracker = Tracker("c1", dict(self.slots), message, [], False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        for event in all_actions()[f"action_{action}"].run(dispatcher, tracker, {}):
            self.slots[event["name"]] = event["value"]
        self.messages = dispatcher.messages
        assert self.messages, "silence is a fault"
        return "\n".join(message["text"] for message in self.messages)

    def inform(self, text: str, *entities: dict[str, Any]) -> str:
        """A bare detail after a job question."""
        return self.say("job_follow_up", text, *entities, intent="inform")

    @property
    def card(self) -> dict[str, Any]:
        """The card of the last reply."""
        return self._extra("card")

    @property
    def source(self) -> dict[str, Any]:
        """The source of the last reply."""
        return self._extra("source")

    def _extra(self, name: str) -> dict[str, Any]:
        return next((m["custom"][name] for m in self.messages if (m.get("custom") or {}).get(name)), {})

    @property
    def payloads(self) -> list[str]:
        """The payloads of the last reply's buttons."""
        return [button["payload"] for button in self.messages[-1].get("buttons") or []]
