"""Which language a message is in, however short."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import rasa.shared.utils.io
from lingua import IsoCode639_1, LanguageDetectorBuilder
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.example_files import example_files, examples_by_language
from bot.nlu.language_model import fit_log_ratios, log_odds
from bot.nlu.language_scripts import language_of_script, plain_words
from bot.nlu.message_properties import UNDERSTANDING
from bot.nlu.plain_yaml import read_yaml
from bot.nlu.source_hash import hash_of

WORDS_FILE = Path(__file__).parent / "data" / "language_words.yml"
# Log odds that one function word, and the visitor's own choice of locale, are worth.
PER_WORD = 0.8
LOCALE = 1.5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(EntityExtractorMixin, GraphComponent):
    """Adds the entity `language` (ISO 639-1) to every message and its scores to `understanding`.

    Two languages are told apart with a letter model of the project's own examples, their everyday
    words and the message's `metadata["locale"]`; others by script, by words and by lingua.
    """

    @staticmethod
    def required_packages() -> list[str]:
        """None to name: Rasa wants import name and package name to be one, which lingua's are not."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {
            # A folder with one folder of NLU files per language, named by its code; None for no examples.
            "examples": None,
            # A folder of YAML files, each with a `title` that people write in either language, such as the English
            # name of a job: it says nothing about the language around it. None for no such names.
            "names": None,
            # The two languages the bot speaks; the first is the default.
            "languages": ["en", "es"],
            # Further languages to recognise in Latin letters.
            "others": ["fr", "pt", "tl", "so", "vi"],
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        ratios: dict[str, float] | None = None,
        vocabulary: list[str] | None = None,
        names: list[str] | None = None,
    ) -> None:
        """Keeps the letter model and opens lingua in its small mode (10 MB, 0.05 ms a message)."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._ratios = ratios or {}
        self._words = {k: set(v) for k, v in read_yaml(WORDS_FILE).items()}
        self._vocabulary = set(vocabulary or [])
        self._names = names or []
        self._any_name = _any_of(self._names)
        codes = [IsoCode639_1.from_str(code.upper()) for code in [*config["languages"], *config["others"]]]
        self._lingua = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns letters and words of both languages from the folder of examples."""
        texts = examples_by_language(self._config["examples"])
        first, second = (texts.get(code, []) for code in self._config["languages"])
        if first and second:
            self._ratios = fit_log_ratios(first, second)
        self._vocabulary = {word for text in first + second for word in plain_words(text)}
        self._names = [str(read_yaml(file)["title"]) for file in _named_files(self._config)]
        self._any_name = _any_of(self._names)
        self.persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are: nothing after this needs their language."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entity and the scores to each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            scores = self.scores(text, _locale(message))
            language = max(scores, key=scores.__getitem__)
            entity = {
                "entity": "language",
                "value": language,
                "start": 0,
                "end": len(text),
                "confidence_entity": scores[language],
            }
            entities = message.get(ENTITIES, []) + self.add_extractor_name([entity])
            message.set(ENTITIES, entities, add_to_output=True)
            understanding = {**(message.get(UNDERSTANDING) or {}), "language": scores}
            message.set(UNDERSTANDING, understanding, add_to_output=True)
        return messages

    def scores(self, text: str, locale: str | None = None) -> dict[str, float]:
        """Probability of each language in question; they sum to 1.

        Args:
            text: what the visitor typed.
            locale: ISO 639-1 code the visitor's page asked for, if known.
        """
        text = self._any_name.sub(" ", text)
        other = language_of_script(text) or self._other_language(text, locale)
        if other:
            return {other: 0.95, self._config["languages"][0]: 0.05}
        first, second = self._config["languages"]
        words = plain_words(text)
        odds = log_odds(text, self._ratios)
        for word in words:
            odds += PER_WORD * ((word in self._words[second]) - (word in self._words[first]))
        if any(c in text for c in "¿¡ñÑ"):
            odds += 2.0
        odds += {first: -LOCALE, second: LOCALE}.get(locale or "", -0.3)
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))
        return {first: round(1 - probability, 4), second: round(probability, 4)}

    def _other_language(self, text: str, locale: str | None) -> str | None:
        words = plain_words(text)
        ours = [self._words[code] for code in self._config["languages"]]
        known = [w for w in words if w in self._vocabulary or any(w in spoken for spoken in ours)]
        if len(words) < 2 or len(known) > len(words) // 2 or any(_is_no_word(word) for word in words):
            return None
        top, confidence = self._lingua_says(text)
        best = max(self._config["others"], key=lambda code: self._hits(code, words) + 0.5 * (code == top))
        hits = self._hits(best, words) + (best == locale)
        sure = best == top and confidence >= 0.9 and len(words) >= 3 and len(known) * 5 <= len(words)
        agree = best == top and confidence >= 0.5 and hits >= 1 and len(known) * 3 <= len(words)
        return best if sure or agree or hits >= 3 or (hits == 2 and len(words) <= 5) else None

    def _hits(self, code: str, words: list[str]) -> int:
        return sum(word in self._words.get(code, ()) for word in words)

    def _lingua_says(self, text: str) -> tuple[str, float]:
        values = self._lingua.compute_language_confidence_values(text)
        return values[0].language.iso_code_639_1.name.lower(), values[0].value

    def persist(self) -> None:
        """Writes the letter model and the vocabulary as JSON."""
        with self._model_storage.write_to(self._resource) as folder:
            stored = {"ratios": self._ratios, "vocabulary": sorted(self._vocabulary), "names": self._names}
            rasa.shared.utils.io.dump_obj_as_json_to_file(folder / "language.json", stored)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LanguageDetector:
        """Reads a trained component."""
        with model_storage.read_from(resource) as folder:
            stored = rasa.shared.utils.io.read_json_file(folder / "language.json")
        return cls(config, model_storage, resource, stored["ratios"], stored["vocabulary"], stored["names"])

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Hash of the example files, which Rasa does not know this component reads."""
        return hash_of([*example_files(config.get("examples")), *_named_files(config)])


def _any_of(names: list[str]) -> re.Pattern[str]:
    """Any of the names, the longest that fits, in upper or lower case; without names nothing matches."""
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"(?!)", re.IGNORECASE)


def _is_no_word(word: str) -> bool:
    """Whether no language in Latin letters writes this: four letters and more, and no vowel."""
    return len(word) >= 4 and not set(word) & set("aeiouy")


def _locale(message: Message) -> str | None:
    locale = (message.get("metadata") or {}).get("locale")
    return locale[:2].lower() if isinstance(locale, str) and locale else None


def _named_files(config: dict[str, Any]) -> list[Path]:
    return sorted(Path(config["names"]).glob("*.yml")) if config.get("names") else []
