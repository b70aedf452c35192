"""The one door to Rasa: what the rest of the product may ask of it, whichever way it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol


class AssistantFault(Exception):
    """The bot gave no usable reply: no model, a failed action, a timeout, or silence."""


@dataclass(frozen=True)
class BotMessage:
    """One message of the bot.

    `escalate` holds the reason when it asks for a person; `language` is set where it is not the one spoken so far.
    """

    text: str
    buttons: list[dict[str, str]] | None = None
    card: dict[str, Any] | None = None
    source: dict[str, Any] | None = None
    escalate: str | None = None
    language: str | None = None


class Assistant(Protocol):
    """Understands one message in its conversation and answers it."""

    async def start(self) -> None:
        """Begin to load what is needed; returns before it is ready."""
        ...

    async def close(self) -> None:
        """Give back threads and connections."""
        ...

    async def ready(self) -> bool:
        """Whether a reply can be expected now."""
        ...

    async def reply(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[BotMessage]:
        """The bot's messages for a visitor's words; raises AssistantFault, never returns an empty list."""
        ...

    async def run_intent(self, conversation_id: str, payload: str, metadata: dict[str, Any]) -> list[BotMessage]:
        """The bot's messages for a payload `/intent{...}` the product itself vouches for; as `reply`."""
        ...


NOT_UNDERSTANDABLE = "?"
_LOOKS_LIKE_AN_INSTRUCTION = re.compile(r"[/\s]*/\s*[\w-]+\s*(?:\{.*)?", re.DOTALL)


def as_words(text: str) -> str:
    """A visitor's text made safe to hand to Rasa, which reads a leading `/` as an instruction.

    What looks like one of Rasa's own instructions (`/restart`, `/intent{...}`) becomes a message nobody
    can understand, so that the answer shows it was not obeyed; other texts only lose the slash.
    """
    if _LOOKS_LIKE_AN_INSTRUCTION.fullmatch(text):
        return NOT_UNDERSTANDABLE
    safe = text.strip()
    while safe[:1] == "/":
        safe = safe[1:].strip()
    return safe or NOT_UNDERSTANDABLE


def read_messages(collected: list[dict[str, Any]]) -> list[BotMessage]:
    """Rasa's collected output as messages: a custom part belongs to the text before it."""
    messages: list[BotMessage] = []
    for part in collected:
        custom = part.get("custom")
        if custom is None:
            if part.get("text"):
                messages.append(BotMessage(text=part["text"], buttons=_buttons(part)))
            continue
        attached = {name: custom[name] for name in ("card", "source", "escalate", "language") if custom.get(name)}
        if messages and not custom.get("text"):
            previous = messages.pop()
            messages.append(BotMessage(**{**previous.__dict__, **attached}))
        else:
            messages.append(BotMessage(text=custom.get("text", ""), buttons=_buttons(custom), **attached))
    if not messages:
        raise AssistantFault("the bot said nothing")
    return messages


def _buttons(part: dict[str, Any]) -> list[dict[str, str]] | None:
    buttons = [{"title": b["title"], "payload": b["payload"]} for b in part.get("buttons") or ()]
    return buttons or None
