"""Despair or danger is found first, whatever else a message says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.crisis_phrases import CrisisPhrases
from bot.nlu.message_properties import CONFIDENT, PARTS, UNDERSTANDING, likeliest_language
from bot.nlu.source_hash import hash_of


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CrisisDetector(GraphComponent):
    """Sets the crisis intent on a phrase from the file, or on a modest probability of that intent."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        content: dict[str, Any] | None = None,
    ) -> None:
        """Keeps settings and, after training or loading, the phrases."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._content = content or {"signs": {}, "idioms": {}}
        self._phrases = CrisisPhrases(self._content)
        # What is less likely than this needs no second look.
        self._lowest = min(value for name, value in config.items() if name.startswith("least_probability"))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {
            "phrases": "data/crisis.yml",
            "intent": "self_harm_crisis",
            # A missed crisis is far worse than an unneeded offer of help, so little evidence is enough,
            "least_probability": 0.1,
            # but more where an everyday idiom explains the words ("this wait is killing me").
            "least_probability_with_idiom": 0.6,
            # A language without examples spreads the probability over everything; a clear sign stands out even so.
            "languages": ["en", "es"],
            "least_probability_elsewhere": 0.5,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CrisisDetector:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Takes the phrases from the file into the model.

        Raises:
            FileNotFoundException: the file is missing; a model without it must not be trained.
        """
        self._content = rasa.shared.utils.io.read_yaml_file(self._config["phrases"])
        self._phrases = CrisisPhrases(self._content)
        self.persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Puts the crisis intent first where there is a sign of it, in the message or a part of it."""
        for message in messages:
            probability = max(self._probability(m) for m in [message, *(message.get(PARTS) or [])])
            text = message.get(TEXT) or ""
            phrase = self._phrases.found(text)
            if phrase or (probability >= self._lowest and probability >= self._least(message, text)):
                self._raise_alarm(message, max(probability, 0.99 if phrase else 0.0))
        return messages

    def _least(self, message: Message, text: str) -> float:
        if self._phrases.only_idiom(text):
            return float(self._config["least_probability_with_idiom"])
        ours = likeliest_language(message) in (None, *self._config["languages"])
        return float(self._config["least_probability" if ours else "least_probability_elsewhere"])

    def _probability(self, message: Message) -> float:
        for entry in message.get(INTENT_RANKING_KEY) or []:
            if entry[INTENT_NAME_KEY] == self._config["intent"]:
                return float(entry[PREDICTED_CONFIDENCE_KEY])
        return 0.0

    def _raise_alarm(self, message: Message, confidence: float) -> None:
        intent = {INTENT_NAME_KEY: self._config["intent"], PREDICTED_CONFIDENCE_KEY: confidence}
        rest = [
            entry for entry in message.get(INTENT_RANKING_KEY) or [] if entry[INTENT_NAME_KEY] != self._config["intent"]
        ]
        understanding = {
            "out_of_scope": 0.0,
            "margin": 1.0,
            "candidates": [],
            "second": None,
            **(message.get(UNDERSTANDING) or {}),
            "decision": CONFIDENT,
            "crisis": True,
        }
        message.set(INTENT, intent, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [intent, *rest], add_to_output=True)
        message.set(UNDERSTANDING, understanding, add_to_output=True)

    def persist(self) -> None:
        """Writes the phrases into the model, so that serving does not depend on the file."""
        with self._model_storage.write_to(self._resource) as folder:
            rasa.shared.utils.io.dump_obj_as_json_to_file(folder / "crisis.json", self._content)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CrisisDetector:
        """Reads a trained component."""
        with model_storage.read_from(resource) as folder:
            content = rasa.shared.utils.io.read_json_file(folder / "crisis.json")
        return cls(config, model_storage, resource, content)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Hash of the phrase file, which Rasa does not know this component reads."""
        file = Path(config.get("phrases") or cls.get_default_config()["phrases"])
        return hash_of([file] if file.exists() else [])
