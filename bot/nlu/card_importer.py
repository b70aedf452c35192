"""Training data: what the files hold, and the questions of the answer cards as examples of their topics."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.card_questions import card_files, topic_of_questions
from bot.nlu.example_files import plain_examples
from bot.nlu.plain_example import PlainExample


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
        self._cards = cards

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The files' examples and those of the cards."""
        plain = {file: plain_examples(Path(file)) for file in self._nlu_files if file.endswith((".yml", ".yaml"))}
        examples: list[Message] = [
            PlainExample({TEXT: text, INTENT: intent}) for found in plain.values() for text, intent in found or ()
        ]
        others = [file for file in self._nlu_files if plain.get(file) is None]
        from_files = training_data_from_paths(others, language).merge(TrainingData(examples))
        known = {str(example.get(TEXT)).lower() for example in from_files.training_examples}
        from_cards: list[Message] = [
            PlainExample({TEXT: text, INTENT: topic})
            for text, topic in topic_of_questions(card_files(self._cards)).items()
            if text.lower() not in known
        ]
        return from_files.merge(TrainingData(from_cards))
