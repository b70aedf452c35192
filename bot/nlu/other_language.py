"""Messages in a language the bot does not speak get an intent of their own."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.message_properties import CONFIDENT, UNDERSTANDING, likeliest_language


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OtherLanguage(GraphComponent):
    """Sets the intent where LanguageDetector found another language, unless CrisisDetector raised its alarm.

    The encoders know 16 languages, so the ranking may well be right; it is left as it is. But an answer the
    visitor can't read helps less than the way to an interpreter.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {"languages": ["en", "es"], "intent": "other_language"}

    def __init__(self, config: dict[str, Any]) -> None:
        """Keeps the settings."""
        self._config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OtherLanguage:
        """Creates the component from its settings."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are: they are in the languages spoken."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent with the probability of that language as its confidence."""
        for message in messages:
            understanding = message.get(UNDERSTANDING) or {}
            language = likeliest_language(message)
            if language is None or language in self._config["languages"] or understanding.get("crisis"):
                continue
            intent = {
                INTENT_NAME_KEY: self._config["intent"],
                PREDICTED_CONFIDENCE_KEY: understanding["language"][language],
            }
            message.set(INTENT, intent, add_to_output=True)
            changed = {**understanding, "decision": CONFIDENT, "second": None}
            message.set(UNDERSTANDING, changed, add_to_output=True)
        return messages
