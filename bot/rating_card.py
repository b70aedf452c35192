"""The invitation to rate a specialist's help, as a card and in words."""

from __future__ import annotations

from bot.stores import ratings
from bot.stores.conversations import Line
from bot.stores.vocabulary import Author
from bot.words import Words


def please_rate(alias: str, language: str) -> Line:
    """The line that asks the visitor how well `alias` helped."""
    words = Words("service", language)
    card = {
        "type": "rating",
        "title": words("rating.title", name=alias),
        "choices": [{"value": n, "label": words(f"rating.{n}")} for n in range(ratings.BEST, 0, -1)],
        "words_label": words("rating.words"),
        "submit": words("rating.submit"),
    }
    return Line(Author.BOT, words("rating.invitation"), language, card=card)
