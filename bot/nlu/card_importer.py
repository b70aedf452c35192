"""Training data: what the files hold, and the questions of the answer cards as examples of their topics."""

from __future__ import annotations

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.card_questions import card_files, topic_of_questions


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
        from_files = super().get_nlu_data(language)
        known = {str(example.get(TEXT)).lower() for example in from_files.training_examples}
        examples = [
            Message(data={TEXT: text, INTENT: topic})
            for text, topic in topic_of_questions(card_files(self._cards)).items()
            if text.lower() not in known
        ]
        return from_files.merge(TrainingData(examples))
