"""Finds the answer card whose questions are nearest to what the visitor wrote."""

from __future__ import annotations

import logging
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.blas_threads import share_blas_threads
from bot.nlu.card_model import CardModel
from bot.nlu.card_questions import LANGUAGES, card_files, read_questions, read_words
from bot.nlu.intent_classifier import dense_matrix
from bot.nlu.message_properties import PARTS, UNDERSTANDING, text_to_understand, with_parts
from bot.nlu.sentence_encoder import MINILM, USE, SentenceEncoder
from bot.nlu.source_hash import hash_of

logger = logging.getLogger(__name__)

# The property that holds the cards found.
CARDS = "cards"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CardFinder(GraphComponent):
    """Sets the property `cards`: the likeliest answer cards as [{"id", "score"}], best first.

    A score is the calibrated probability, 0 to 1, that the card is the one, among all cards. The
    second question of a message gets its own list in `understanding.second["cards"]`, and then
    `cards` is about the first. Put it after SecondQuestion: it reads the sentence features and the
    intents that are on the message by then, and encodes nothing again.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Needs a dense featurizer before it, with the encoders that the setting `encoders` names."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["sklearn", "scipy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {
            # Folder of YAML files, each with a list `cards` of entries that have id, topic and, for each
            # language, a title and questions. Without it nothing is trained and nothing is found.
            "cards": None,
            "languages": list(LANGUAGES),
            # Those of the pipeline's SentenceEncoder, in its order: the questions are encoded as messages are.
            "encoders": [MINILM, USE],
            # Inverse regularisations of the models of meaning and of words.
            "strength": 20.0,
            "word_strength": 1.0,
            # Terms in fewer questions than this are ignored; of words and of letters at most max_terms are kept.
            "least_term_count": 2,
            "max_terms": 20000,
            # What the words and the topic weigh beside the meaning.
            "word_weight": 4.0,
            "topic_weight": 0.4,
            # Divides what speaks for a card before it becomes a probability.
            "temperature": 1.0,
            # Cards in the list.
            "length": 5,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: CardModel | None = None,
    ) -> None:
        """Keeps settings and, after training or loading, the model."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CardFinder:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on the questions and titles of the cards; of the examples only their features are used."""
        files, languages = card_files(self._config["cards"]), self._config["languages"]
        questions = read_questions(files, languages)
        known = {question.card for question in questions}
        if len(known) < 2:
            logger.warning("Fewer than two cards have questions: the card finder is not trained.")
            return self._resource
        messages = self._with_features([question.text for question in questions], training_data)
        said = [words for words in read_words(files, languages) if words.card in known]
        # The two models are trained side by side: threads of their own would only take each other's core.
        share_blas_threads(1)
        self._model = CardModel.fit(questions, dense_matrix(messages)[0], said, self._config)
        self.persist()
        return self._resource

    def _with_features(self, texts: list[str], training_data: TrainingData) -> list[Message]:
        """A message with sentence features for each text; examples with the same text (CardImporter) have them."""
        known = {example.get(TEXT): example for example in training_data.training_examples if example.features}
        new = {text: Message(data={TEXT: text}) for text in texts if text not in known}
        if new:
            settings = {**SentenceEncoder.get_default_config(), "encoders": self._config["encoders"]}
            SentenceEncoder(settings, "cards").process(list(new.values()))
        return [known.get(text) or new[text] for text in texts]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets `cards` on the messages and on their parts, and hands those of the parts on."""
        having = [m for m in with_parts(messages) if m.get(TEXT) and m.features]
        if self._model is None or not having:
            return messages
        texts = [text_to_understand(message) for message in having]
        topics = [_probabilities(message) for message in having]
        share_blas_threads(len(having))
        found = self._model.find(texts, dense_matrix(having)[0], topics, self._config["length"])
        for message, cards in zip(having, found, strict=True):
            message.set(CARDS, [{"id": card, "score": score} for card, score in cards], add_to_output=True)
        for message in messages:
            _hand_on(message)
        return messages

    def persist(self) -> None:
        """Writes the model as JSON and numpy arrays; nothing is pickled."""
        if self._model is not None:
            with self._model_storage.write_to(self._resource) as folder:
                self._model.save(folder)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CardFinder:
        """Reads a trained component; one that was never trained finds nothing."""
        try:
            with model_storage.read_from(resource) as folder:
                return cls(config, model_storage, resource, CardModel.load(folder))
        except ValueError:
            logger.warning("The card finder was not trained: messages get no cards.")
            return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Hash of the modules this class calls and of the card files, which Rasa does not look at."""
        return hash_of(card_files(config.get("cards")))

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Every setting has a default; a folder without cards is told about at training."""


def _probabilities(message: Message) -> dict[str, float]:
    ranking = message.get(INTENT_RANKING_KEY) or []
    return {entry[INTENT_NAME_KEY]: entry[PREDICTED_CONFIDENCE_KEY] for entry in ranking}


def _hand_on(message: Message) -> None:
    """Where SecondQuestion took the parts of a message for two questions, each keeps its own cards."""
    understanding = message.get(UNDERSTANDING) or {}
    second = understanding.get("second")
    parts: list[Message] = message.get(PARTS) or []
    if not second or len(parts) != 2:
        return
    understanding = {**understanding, "second": {**second, "cards": parts[1].get(CARDS) or []}}
    message.set(UNDERSTANDING, understanding, add_to_output=True)
    message.set(CARDS, parts[0].get(CARDS) or [], add_to_output=True)
