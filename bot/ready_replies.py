"""Ready replies: the answer cards as a specialist sends them, found by any words.

They are the cards themselves, read from the same files as the bot's answers, so an edit to a card changes both.
"""

from __future__ import annotations

import re
from typing import Any

from bot import card_texts, cards
from bot.accents import without_accents
from bot.cards import Card, Deck
from bot.words import DEFAULT_LANGUAGE, LANGUAGES, Words

MOST_REPLIES = 12
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_TITLE, _QUESTION, _ANSWER = 6, 3, 1


def search(
    query: str, language: str, topic: str | None = None, program: str | None = None, deck: Deck | None = None
) -> list[dict[str, Any]]:
    """The replies that hold every word of `query`, best first; with no words, those of the topic, then of the program.

    Each is `{id, title, text, program, topic, source}` in `language`; `text` ends with where its facts come from.
    """
    language = language if language in LANGUAGES else DEFAULT_LANGUAGE
    held = (deck or cards.deck()).cards.values()
    words = _words(query)
    scored = [
        (score, -place, card) for place, card in enumerate(held) if (score := _score(card, words, language)) is not None
    ]
    # What the visitor has been asking about decides between cards that fit the words as well.
    near = [(score + _nearness(card, topic, program), place, card) for score, place, card in scored]
    near.sort(key=lambda one: (one[0], one[1]), reverse=True)
    return [reply(card, language) for _, _, card in near[:MOST_REPLIES]]


def reply(card: Card, language: str) -> dict[str, Any]:
    """One card as a ready reply."""
    source = card_texts.source(card)
    said = _plain(card_texts.said(card, card_texts.answer(card, language), language))
    named = Words("answers", language)("reply.source", title=source["title"], note=source["note"])
    return {
        "id": card.id,
        "title": card.words[language].title,
        "text": "\n".join(line for line in (said, named, source.get("url")) if line),
        "program": card.program,
        "topic": card.topic,
        "source": source,
    }


def _score(card: Card, words: list[str], language: str) -> float | None:
    """How well a card fits the words, or None when it lacks one; each word stands for those that begin with it."""
    said = card.words[language]
    fields = (
        (_TITLE, _words(said.title)),
        (_QUESTION, _words(" ".join(said.questions))),
        (_ANSWER, _words(" ".join((said.answer, *said.steps, card.id)))),
    )
    total = 0.0
    for word in words:
        best = max((weight for weight, held in fields if any(one.startswith(word) for one in held)), default=0)
        if not best:
            return None
        total += best
    return total


def _nearness(card: Card, topic: str | None, program: str | None) -> float:
    return 2.0 * (topic is not None and card.topic == topic) + 1.0 * (program is not None and card.program == program)


def _plain(text: str) -> str:
    """A card's text without Markdown: what a specialist writes is shown as it stands."""
    return _LINK.sub(r"\1 (\2)", _STRONG.sub(r"\1", text))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", without_accents(text.lower()))
