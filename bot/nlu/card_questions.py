"""The questions that answer cards say they answer, read as plain YAML."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.nlu.plain_yaml import read_yaml

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class CardQuestion:
    """One question (or title) of a card, with the card's id and topic."""

    text: str
    card: str
    topic: str


@dataclass(frozen=True)
class CardWords:
    """What else a card says, its situation or an answer, for the words in it."""

    text: str
    card: str


def card_files(folder: str | None) -> list[Path]:
    """The YAML files of the folder, in order of name; none without a folder."""
    return sorted(Path(folder).glob("*.yml")) if folder else []


def read_questions(files: Iterable[Path], languages: Sequence[str]) -> list[CardQuestion]:
    """The titles and questions of every card of the files, in each language."""
    return [
        CardQuestion(text, card["id"], card["topic"])
        for card in _cards(files)
        for words in (card[language] for language in languages if language in card)
        for text in (words["title"], *words["questions"])
    ]


def topic_of_questions(files: Iterable[Path], languages: Sequence[str] = LANGUAGES) -> dict[str, str]:
    """The topic of every question and title; of a text that stands in two cards, that of the first."""
    topics: dict[str, str] = {}
    for question in read_questions(files, languages):
        topics.setdefault(question.text, question.topic)
    return topics


def read_words(files: Iterable[Path], languages: Sequence[str]) -> list[CardWords]:
    """The situation and the answers of every card of the files, in each language."""
    return [
        CardWords(text, card["id"])
        for card in _cards(files)
        for text in (card.get("situation"), *(card.get(language, {}).get("answer") for language in languages))
        if text
    ]


def _cards(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        yield from _read(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read(file: Path, changed: int) -> list[dict[str, Any]]:
    """The cards of a file; a training asks for them three times, which takes seconds."""
    return list(read_yaml(file)["cards"])
