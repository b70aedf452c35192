"""Decides whether the second part of a message is a question of its own."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.message_properties import CONFIDENT, PARTS, UNDERSTANDING


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SecondQuestion(GraphComponent):
    """Fills `understanding.second` from the parts that QuestionSplitter made; put it last."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Keeps the settings."""
        self._least = config["least_confidence"]
        self._never = set(config["never"])

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {
            # Both parts must be at least this probable: a wrong second answer costs more than none.
            "least_confidence": 0.5,
            # Intents that are no question of their own beside another one.
            "never": [],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SecondQuestion:
        """Creates the component from its settings."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Turns two sure and different parts into intent and second; one sure part may rescue the whole."""
        for message in messages:
            parts = message.get(PARTS) or []
            understanding = message.get(UNDERSTANDING)
            if not parts or not understanding or understanding.get("crisis"):
                continue
            sure = [part for part in parts if self._sure(part)]
            names = [part.get(INTENT)[INTENT_NAME_KEY] for part in sure]
            if len(sure) == 2 and names[0] != names[1]:
                self._adopt(message, sure[0], second=sure[1])
            elif len(sure) == 1 and understanding["decision"] != CONFIDENT:
                self._adopt(message, sure[0], second=None)
        return messages

    def _sure(self, part: Message) -> bool:
        understanding = part.get(UNDERSTANDING) or {}
        intent = part.get(INTENT) or {}
        return (
            understanding.get("decision") == CONFIDENT
            and intent.get(PREDICTED_CONFIDENCE_KEY, 0.0) >= self._least
            and intent.get(INTENT_NAME_KEY) not in self._never
        )

    def _adopt(self, message: Message, first: Message, second: Message | None) -> None:
        understanding = {**message.get(UNDERSTANDING), "decision": CONFIDENT}
        for key in ("out_of_scope", "margin"):
            understanding[key] = first.get(UNDERSTANDING)[key]
        if second is not None:
            intent = second.get(INTENT)
            understanding["second"] = {
                "intent": intent[INTENT_NAME_KEY],
                "confidence": intent[PREDICTED_CONFIDENCE_KEY],
                "text": second.get(TEXT),
                "entities": second.get(ENTITIES) or [],
            }
        message.set(INTENT, first.get(INTENT), add_to_output=True)
        message.set(UNDERSTANDING, understanding, add_to_output=True)
