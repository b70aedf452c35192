"""Corrects the spelling of a message before anything reads it."""

from __future__ import annotations

from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.message_properties import CLEAN_TEXT, with_parts
from bot.nlu.packaged_files import use_file, wordpiece_vocabulary
from bot.nlu.source_hash import own_source
from bot.nlu.spelling_correction import SpellingCorrection, sentencepiece_words, wordpiece_words
from bot.nlu.word_pairs import WordPairs


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class SpellingCorrector(GraphComponent):
    """Sets the property `clean_text` where a word was misspelt; put it before the encoders.

    Only the encoders and the classifier read it. Training examples keep their misspellings: models
    that have seen both do best on messages that are only partly corrected.
    """

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["rapidfuzz"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No settings."""
        return {}

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        pairs: WordPairs | None = None,
        lexicon: frozenset[str] = frozenset(),
    ) -> None:
        """Keeps the words of the examples and the other words that are right as they are."""
        self._model_storage = model_storage
        self._resource = resource
        self._pairs = pairs or WordPairs.of([])
        self._lexicon = lexicon
        self._spelling = SpellingCorrection(self._pairs, lexicon)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpellingCorrector:
        """Creates an untrained component."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the words of the examples; the encoders' vocabularies tell which others are right."""
        lexicon = wordpiece_words(wordpiece_vocabulary()) | sentencepiece_words(use_file("sp.model"))
        texts = [message.get(TEXT) for message in training_data.intent_examples if message.get(TEXT)]
        self._pairs, self._lexicon = WordPairs.of(texts), lexicon
        self._spelling = SpellingCorrection(self._pairs, lexicon)
        self.persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the corrected text to the messages and parts that need one."""
        for message in with_parts(messages):
            text = message.get(TEXT) or ""
            corrected = self._spelling.correct(text)
            if corrected != text:
                message.set(CLEAN_TEXT, corrected)
        return messages

    def persist(self) -> None:
        """Writes the words as JSON and how often they follow one another as arrays."""
        with self._model_storage.write_to(self._resource) as folder:
            stored = {"words": self._pairs.words, "lexicon": sorted(self._lexicon)}
            rasa.shared.utils.io.dump_obj_as_json_to_file(folder / "spelling.json", stored)
            self._pairs.save(folder / "pairs.npz")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SpellingCorrector:
        """Reads a trained component."""
        with model_storage.read_from(resource) as folder:
            stored = rasa.shared.utils.io.read_json_file(folder / "spelling.json")
            pairs = WordPairs.load(folder / "pairs.npz", stored["words"])
        return cls(model_storage, resource, pairs, frozenset(stored["lexicon"]))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Hash of the modules this class calls, which Rasa does not look at."""
        return own_source()
