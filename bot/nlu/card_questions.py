"""The questions that answer cards say they answer, read as plain YAML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

# libyaml reads ten times as fast; it is missing only where its library is.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class CardQuestion:
    """One question (or title) of a card, with the card's id and topic."""

    text: str
    card: str
    topic: str


def card_files(folder: str | None) -> list[Path]:
    """The YAML files of the folder, in order of name; none without a folder."""
    return sorted(Path(folder).glob("*.yml")) if folder else []


def read_questions(files: Iterable[Path], languages: Sequence[str]) -> list[CardQuestion]:
    """The titles and questions of every card of the files, in each language."""
    found = []
    for file in files:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (the loader is a safe one)
        for card in document["cards"]:
            for words in (card[language] for language in languages if language in card):
                for text in (words["title"], *words["questions"]):
                    found.append(CardQuestion(text, card["id"], card["topic"]))
    return found
