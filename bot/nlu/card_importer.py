"""Training data: what the files hold, and the questions of the answer cards as examples of their topics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

LANGUAGES = ("en", "es")


class CardImporter(RasaFileImporter):
    """Named under `importers` in config.yml with `cards`, the folder of the answer cards.

    A question that stands in the files as well is left to them, so that no text has two intents.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        cards: str = "data/answers",
    ) -> None:
        """Keeps the folder; nothing is read yet."""
        super().__init__(config_file, domain_path, training_data_paths)
        self._cards = Path(cards)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The files' examples and those of the cards."""
        from_files = super().get_nlu_data(language)
        known = {str(example.get(TEXT)).lower() for example in from_files.training_examples}
        examples = [
            Message(data={TEXT: text, INTENT: topic})
            for text, topic in card_questions(self._cards).items()
            if text.lower() not in known
        ]
        return from_files.merge(TrainingData(examples))


def card_questions(folder: Path) -> dict[str, str]:
    """Every question and title of the cards in a folder, with the card's topic; the first card keeps a text."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    questions: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        with path.open(encoding="utf-8") as file:
            cards = yaml.load(file, Loader=loader)["cards"]  # noqa: S506 (the loader is a safe one)
        for card in cards:
            for language in LANGUAGES:
                for text in (*card[language]["questions"], card[language]["title"]):
                    questions.setdefault(text, card["topic"])
    return questions
