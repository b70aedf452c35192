"""What is to do about the answer cards: `python -m bot cards check`.

A card that can't be used at all is refused when it is read (see `bot.cards`); these checks are about
cards that work today and need someone's eyes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TextIO

from bot import cards, glossary, readability
from bot.cards import Card, CardError, CardText, Deck
from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES, say
from bot.yaml_files import read_yaml

HARDEST_GRADE = 8.0
# The groups of topics that cards answer; each has its examples in a file of its own.
_GROUPS = ("claims", "leave", "insurance")
_EXAMPLES = PROJECT_ROOT / "data" / "nlu" / "en"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Kind(str, Enum):
    """What a finding is about; the order is the order of the report."""

    BROKEN_LINK = "broken link"
    TOPIC_WITHOUT_CARD = "topic without a card"
    MISSING_SPANISH = "missing Spanish"
    TOO_HARD = "hard to read"
    PAST_REVIEW = "past review"
    DATED_FIGURE = "dated figure"


# Dated figures are shown with their date: they are known, not wrong.
_ONLY_TOLD = frozenset({Kind.DATED_FIGURE})


@dataclass(frozen=True)
class Finding:
    """One thing to look at; `about` is the id of a card or of a topic."""

    kind: Kind
    about: str
    text: str

    @property
    def to_mend(self) -> bool:
        return self.kind not in _ONLY_TOLD


def check(
    deck: Deck, today: date, topics: Iterable[str] | None = None, linked: Iterable[str] | None = None
) -> list[Finding]:
    """All findings about the cards, ordered by kind.

    Args:
        topics: that must have a card; by default those of the training data.
        linked: ids of cards that something else links to; by default those in the glossary.
    """
    topics = answered_topics() if topics is None else topics
    linked = {term.card for term in glossary.terms().values() if term.card} if linked is None else linked
    with_card = {card.topic for card in deck.cards.values()}
    findings = [
        *(finding for card in deck.cards.values() for finding in _of_card(deck, card, today)),
        *(
            Finding(Kind.BROKEN_LINK, card, "a term of the glossary links to this card, and there is none.")
            for card in sorted(set(linked) - set(deck.cards))
        ),
        *(
            Finding(Kind.TOPIC_WITHOUT_CARD, topic, "no card answers this topic.")
            for topic in topics
            if topic not in with_card
        ),
    ]
    order = list(Kind)
    return sorted(findings, key=lambda finding: order.index(finding.kind))


def report(out: TextIO, today: date, folder: Path = cards.FOLDER) -> int:
    """Write the findings; returns 1 when something is to mend, else 0."""
    try:
        deck = cards.deck(folder)
    except CardError as error:
        print(error, file=out)
        return 1
    findings = check(deck, today)
    for kind in Kind:
        of_kind = [finding for finding in findings if finding.kind is kind]
        print(f"{kind.value}: {len(of_kind) or 'none'}", file=out)
        for finding in of_kind:
            print(f"  {finding.about}: {finding.text}", file=out)
    to_mend = sum(finding.to_mend for finding in findings)
    print(f"{len(deck.cards)} cards, {to_mend or 'nothing'} to mend.", file=out)
    return 1 if to_mend else 0


def answered_topics() -> list[str]:
    """The topics that must have a card: the intents of the groups claims, leave and insurance."""
    return [entry["intent"] for group in _GROUPS for entry in read_yaml(_EXAMPLES / f"{group}.yml")["nlu"]]


def english_grades(card: Card) -> dict[str, float]:
    """The school grade of each English text of a card: answer, more, steps."""
    return {field: readability.grade(card.say(text, "en")) for field, text in texts(card.words["en"]).items()}


def spanish_ease(card: Card) -> dict[str, float]:
    """The ease (Fernández Huerta) of each Spanish text of a card: answer, more, steps."""
    return {field: readability.ease(card.say(text, "es")) for field, text in texts(card.words["es"]).items()}


def texts(words: CardText) -> dict[str, str]:
    """The texts of a card that people read in full, by field; fields without a text are left out."""
    found = {"answer": words.answer, "more": words.more or "", "steps": "\n".join(words.steps)}
    return {field: text for field, text in found.items() if text}


def _of_card(deck: Deck, card: Card, today: date) -> Iterator[Finding]:
    for linked in card.next:
        if linked not in deck.cards:
            yield Finding(Kind.BROKEN_LINK, card.id, f"next: there is no card '{linked}'.")
        elif linked == card.id:
            yield Finding(Kind.BROKEN_LINK, card.id, "next: the card links to itself.")
    if card.review_by < today:
        yield Finding(Kind.PAST_REVIEW, card.id, f"was to be reviewed by {card.review_by} ({card.owner}).")
    yield from _missing_spanish(card)
    for field, grade in english_grades(card).items():
        if grade > HARDEST_GRADE:
            yield Finding(Kind.TOO_HARD, card.id, f"en.{field} reads at grade {grade:.1f}.")
    for name, figure in card.figures.items():
        if "as_of" in figure:
            as_of = say(date.fromisoformat(str(figure["as_of"])), "en")
            text = f"{name} = {card.figure(name, 'en')} is from {as_of}; check it at {figure['check']}."
            yield Finding(Kind.DATED_FIGURE, card.id, text)
    if card.dated and not any("as_of" in figure for figure in card.figures.values()):
        yield Finding(Kind.DATED_FIGURE, card.id, f"the card is marked dated ({card.source_date}).")


def _missing_spanish(card: Card) -> Iterator[Finding]:
    english, spanish = (card.words[language] for language in LANGUAGES)
    there = texts(spanish)
    for field, text in texts(english).items():
        if field not in there:
            yield Finding(Kind.MISSING_SPANISH, card.id, f"es.{field} is missing.")
        elif there[field] == text:
            yield Finding(Kind.MISSING_SPANISH, card.id, f"es.{field} is the English text.")
    if len(english.steps) != len(spanish.steps):
        yield Finding(Kind.MISSING_SPANISH, card.id, "es.steps has another number of steps than en.steps.")
    for name in sorted(_figures(english) - _figures(spanish)):
        yield Finding(Kind.MISSING_SPANISH, card.id, f"the figure '{name}' is in English texts only.")


def _figures(words: CardText) -> set[str]:
    return {name for text in texts(words).values() for name in _PLACEHOLDER.findall(text)}
