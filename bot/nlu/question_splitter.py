"""Cuts a message with two questions into two messages for the rest of the pipeline."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.message_properties import PARTS
from bot.nlu.questions import split_questions


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class QuestionSplitter(GraphComponent):
    """Sets the property `parts` (two messages) where a message asks twice; put it before the encoders."""

    def __init__(self, longest: int) -> None:
        """Keeps the length in characters above which a message is a story, not two questions."""
        self._longest = longest

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {"longest": 600}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionSplitter:
        """Creates the component from its settings."""
        return cls(config["longest"])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples whole: each has one intent."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds parts to the messages that ask twice."""
        for message in messages:
            text = message.get(TEXT) or ""
            spans = split_questions(text) if len(text) <= self._longest else []
            if spans:
                message.set(PARTS, [_part(message, text[start:end]) for start, end in spans])
        return messages


def _part(message: Message, text: str) -> Message:
    """A message of its own in the language of the whole, which is the better evidence of the two."""
    languages = [entity for entity in message.get(ENTITIES) or [] if entity["entity"] == "language"]
    return Message(data={TEXT: text, ENTITIES: [{**entity, "end": len(text)} for entity in languages]})
