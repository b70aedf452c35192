"""The details of a message as Rasa entities."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.details_reading import DetailReader
from bot.nlu.message_properties import with_parts
from bot.nlu.source_hash import hash_of


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class DetailExtractor(EntityExtractorMixin, GraphComponent):
    """Adds class codes, levels, titles, programs, degrees, durations, money, dates, claim numbers and hours.

    A wrong reading is worse than none: whatever can be read in two ways is left out.
    """

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["spacy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {
            # A folder of class files (title, aliases, classes with codes); None for no class names.
            "classes": None,
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        classes: list[dict[str, Any]] | None = None,
    ) -> None:
        """Builds the reader from class names taken from the files in training or from the model."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._classes = classes or []
        self._reader = DetailReader(self._classes)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DetailExtractor:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Takes titles, aliases and codes from the class files."""
        contents = [rasa.shared.utils.io.read_yaml_file(file) for file in _class_files(self._config["classes"])]
        self._classes = [names_of_class(content) for content in contents if "title" in content]
        self._reader = DetailReader(self._classes)
        self.persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are: no component learns from details."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the details to the entities of each message and of each of its parts."""
        for message in with_parts(messages):
            entities = message.get(ENTITIES, [])
            language = next((e["value"] for e in entities if e["entity"] == "language"), "en")
            details = self._reader.read(message.get(TEXT) or "", language, date.today())
            found = self.add_extractor_name([detail.as_entity() for detail in details])
            message.set(ENTITIES, entities + found, add_to_output=True)
        return messages

    def persist(self) -> None:
        """Writes the class names as JSON."""
        with self._model_storage.write_to(self._resource) as folder:
            rasa.shared.utils.io.dump_obj_as_json_to_file(folder / "classes.json", self._classes)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DetailExtractor:
        """Reads a trained component."""
        with model_storage.read_from(resource) as folder:
            classes = rasa.shared.utils.io.read_json_file(folder / "classes.json")
        return cls(config, model_storage, resource, classes)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Hash of the class files, which Rasa does not know this component reads."""
        return hash_of(_class_files(config.get("classes")))


def _class_files(folder: str | None) -> list[Path]:
    return sorted(Path(folder).glob("*.yml")) if folder else []


def names_of_class(content: dict[str, Any]) -> dict[str, Any]:
    """The part of a class file that names it: title, aliases by language, codes of its classes and of others."""
    return {
        "title": str(content["title"]),
        "aliases": {code: list(names) for code, names in (content.get("aliases") or {}).items()},
        "classes": [{"code": entry.get("code")} for entry in content.get("classes") or []],
        "series": [{"code": entry.get("code")} for entry in content.get("series") or []],
        "abolished": {"codes": list((content.get("abolished") or {}).get("codes") or [])},
    }
