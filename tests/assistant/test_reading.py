"""What goes into Rasa as words, and what comes out of it as messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant import AssistantFault, BotMessage, as_words, read_messages


@given(st.text(alphabet=" /\t\n\u2003{}abc_", max_size=12))
def test_no_text_can_reach_rasa_with_a_leading_slash(text: str) -> None:
    words = as_words(text)
    assert words
    assert not words.strip().startswith("/")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/restart", "?"),
        ('/identity_confirmed{"a": "b"}', "?"),
        ("/ where is my claim", "where is my claim"),
        ("//what now?", "what now?"),
        ("and/or", "and/or"),
        ("///", "?"),
    ],
)
def test_instructions_are_not_obeyed_and_other_words_only_lose_the_slash(text: str, words: str) -> None:
    assert as_words(text) == words


def test_a_custom_part_belongs_to_the_text_before_it() -> None:
    collected = [
        {"text": "one", "buttons": [{"title": "b", "payload": "/p", "other": 1}]},
        {"custom": {"card": {"type": "facts"}, "source": {"title": "s"}}},
        {"text": "two"},
        {"custom": {"escalate": "asked"}},
    ]
    assert read_messages(collected) == [
        BotMessage("one", [{"title": "b", "payload": "/p"}], {"type": "facts"}, {"title": "s"}),
        BotMessage("two", escalate="asked"),
    ]


def test_silence_is_a_fault() -> None:
    with pytest.raises(AssistantFault):
        read_messages([])
