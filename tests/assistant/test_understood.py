"""Words that come again are understood as they were, and as Rasa itself understands them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.trackers import DialogueStateTracker

from bot import training
from bot.assistant import shortcuts, understood
from bot.settings import PROJECT_ROOT

Understand = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def processor() -> Any:
    shortcuts.take()
    return Agent.load(training.newest_model(PROJECT_ROOT / "models")).processor


@pytest.fixture
def understand(processor: Any) -> Understand:
    def one(text: str, locale: str = "en") -> dict[str, Any]:
        return dict(asyncio.run(processor.parse_message(UserMessage(text, metadata={"locale": locale}))))

    return one


def test_words_said_again_are_understood_as_rasa_understands_them(processor: Any, understand: Understand) -> None:
    for text in ("what does A32B pay", "no", "¿cuánto paga? y cómo apelo", "hey"):
        message = UserMessage(text, metadata={"locale": "en"})
        own = understood._rasas_parse(processor, message, DialogueStateTracker.from_events("one", []))
        assert understand(text) == understand(text) == json.loads(json.dumps(own))


def test_what_one_conversation_does_with_it_is_not_seen_by_another(understand: Understand) -> None:
    understand("i was laid off")["entities"].append({"entity": "program", "value": "wa_ui"})
    assert not [e for e in understand("i was laid off")["entities"] if e["entity"] == "program"]


def test_the_same_words_on_a_page_in_another_language_are_other_words(understand: Understand) -> None:
    scores = [understand("no", locale)["understanding"]["language"]["es"] for locale in ("en", "es", "en")]
    assert scores[0] == scores[2] < scores[1]


def test_commands_and_long_messages_are_not_kept_and_short_ones_not_for_ever(
    processor: Any, understand: Understand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understood, "MOST", 2)
    processor.understood.clear()
    for text in ("/greet", "my number is UI-12345678 " * 4, "hi", "hello", "hey"):
        understand(text)
    assert [key[0] for key in processor.understood] == ["hello", "hey"]
