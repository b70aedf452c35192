"""A card as it is said, the same by the bot and by a specialist: figures filled in, their dates, the source."""

from __future__ import annotations

from datetime import date

from bot.cards import Card
from bot.words import Words


def answer(card: Card, language: str) -> str:
    """The card's answer and steps, with its figures still as `{names}`."""
    words = card.words[language]
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(words.steps, start=1))
    return "\n".join(part for part in (words.answer, steps) if part)


def said(card: Card, text: str, language: str) -> str:
    """A text of the card with its figures, and a line for each figure that may have changed since."""
    words = Words("answers", language)
    dated = [
        words(
            "dated",
            figure=card.figure(name, language),
            as_of=date.fromisoformat(str(figure["as_of"])),
            check=figure["check"],
        )
        for name, figure in card.figures.items()
        if "as_of" in figure and "{" + name + "}" in text
    ]
    return "\n".join([card.say(text, language), *dict.fromkeys(dated)])


def source(card: Card) -> dict[str, str]:
    """Where the card's facts come from, as messages carry it."""
    title = card.source["title"]
    statute = card.source.get("statute")
    told = {"title": f"{title} ({statute})" if statute and statute not in title else title}
    if card.source.get("url"):
        told["url"] = card.source["url"]
    if card.effective is not None:
        told["effective"] = card.effective.isoformat()
    told["note"] = card.source_date
    return told
