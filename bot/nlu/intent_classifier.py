"""The intent of a message, how sure that is, and whether the message is in scope at all."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.blas_threads import share_blas_threads
from bot.nlu.intent_model import IntentModel
from bot.nlu.message_properties import (
    CONFIDENT,
    OUT_OF_SCOPE,
    UNDERSTANDING,
    UNSURE,
    text_to_understand,
    with_parts,
)
from bot.nlu.source_hash import own_source

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SentenceIntentClassifier(IntentClassifier, GraphComponent):
    """Logistic regression and nearest messages on dense features, fused with spelling similarity.

    Each message ends with `intent`, `intent_ranking` and, in the property `understanding`:
    `out_of_scope` (0 to 1), `margin` (lead over the second intent), `decision` (confident, unsure
    or out_of_scope) and `candidates` (names for "did you mean"). An unsure message gets Rasa's
    `nlu_fallback` as its intent; the ranking always holds the real ones.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Needs at least one dense featurizer before it."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["sklearn", "scipy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {
            # Inverse regularisations of the model of meaning to try.
            "strengths": [10.0, 30.0],
            # Inverse regularisation of the model of words.
            "word_strength": 0.5,
            # Terms (words, word pairs; character n-grams) in fewer messages than this are ignored; of each
            # of the two kinds at most max_terms are kept.
            "least_term_count": 2,
            "max_terms": 20000,
            # Folds of the cross-validation that calibrates and chooses the thresholds.
            "folds": 4,
            # The intent that collects out-of-scope training messages.
            "out_of_scope_intent": "out_of_scope",
            # Train the gate also on messages whose own class is hidden.
            "pretend_unknown": False,
            # Share of held-back messages in scope that may be refused as out of scope.
            "false_alarms": 0.03,
            # Share of held-back messages that may be answered confidently and wrongly: less of it means more
            # messages answered with "did you mean".
            "confident_errors": 0.05,
            # A message whose first intent is this probable is not refused, however strange it looks: "my card was
            # stolen" lies near questions about the police, and is a question about a card.
            "too_sure_to_refuse": 0.9,
            # Intents in the ranking; 0 for all.
            "ranking_length": 10,
            "candidates": 3,
            # Candidates less probable than this are not worth a button.
            "least_candidate": 0.03,
            # Intents that make no sense as a "did you mean" button.
            "never_suggest": [],
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
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
    ) -> SentenceIntentClassifier:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on the examples that have a text, an intent and features."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        if len({m.get(INTENT) for m in examples}) < 2:
            logger.warning("Fewer than two intents have examples: the intent classifier is not trained.")
            return self._resource
        dense, blocks = dense_matrix(examples)
        # The models are trained side by side: threads of their own would only take each other's core.
        share_blas_threads(1)
        self._model = IntentModel.fit(
            [text_to_understand(m) for m in examples],
            dense,
            blocks,
            [m.get(INTENT) for m in examples],
            self._config["out_of_scope_intent"],
            self._config,
        )
        self.persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training examples as they are: their intent is known."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent, ranking and understanding of the messages and of their parts."""
        having = [m for m in with_parts(messages) if m.get(TEXT) and m.features]
        for message in messages:
            if not (message.get(TEXT) and message.features):
                message.set(INTENT, {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
        if self._model is None or not having:
            return messages
        share_blas_threads(len(having))
        predictions = self._model.predict([text_to_understand(m) for m in having], dense_matrix(having)[0])
        for message, probabilities, score in zip(
            having, predictions.probabilities, predictions.out_of_scope, strict=False
        ):
            self._decide(message, self._model, probabilities, float(score))
        return messages

    def _decide(self, message: Message, model: IntentModel, probabilities: np.ndarray, score: float) -> None:
        order = np.argsort(-probabilities)
        ranking = [{INTENT_NAME_KEY: model.names[k], PREDICTED_CONFIDENCE_KEY: float(probabilities[k])} for k in order]
        intent = ranking[0]
        decision = CONFIDENT
        outside = self._config["out_of_scope_intent"]
        is_sure = intent[PREDICTED_CONFIDENCE_KEY] >= self._config["too_sure_to_refuse"]
        if score >= model.gate.threshold and not is_sure:
            intent, decision = {INTENT_NAME_KEY: outside, PREDICTED_CONFIDENCE_KEY: score}, OUT_OF_SCOPE
        elif intent[INTENT_NAME_KEY] == outside:
            decision = OUT_OF_SCOPE
        elif intent[PREDICTED_CONFIDENCE_KEY] < model.least_confidence:
            decision = UNSURE
            intent = {
                INTENT_NAME_KEY: DEFAULT_NLU_FALLBACK_INTENT_NAME,
                PREDICTED_CONFIDENCE_KEY: 1.0 - float(intent[PREDICTED_CONFIDENCE_KEY]),
            }
        understanding = {
            **(message.get(UNDERSTANDING) or {}),
            "out_of_scope": score,
            "margin": float(probabilities[order[0]] - probabilities[order[1]]),
            "decision": decision,
            "candidates": self._candidates(ranking),
            "second": None,
        }
        message.set(INTENT, intent, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking[: self._config["ranking_length"] or None], add_to_output=True)
        message.set(UNDERSTANDING, understanding, add_to_output=True)

    def _candidates(self, ranking: list[dict[str, Any]]) -> list[str]:
        never = {self._config["out_of_scope_intent"], *self._config["never_suggest"]}
        likely = [
            entry[INTENT_NAME_KEY]
            for entry in ranking
            if entry[PREDICTED_CONFIDENCE_KEY] >= self._config["least_candidate"]
        ]
        return [name for name in likely if name not in never][: self._config["candidates"]]

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
    ) -> SentenceIntentClassifier:
        """Reads a trained component; one that was never trained classifies nothing."""
        try:
            with model_storage.read_from(resource) as folder:
                return cls(config, model_storage, resource, IntentModel.load(folder))
        except ValueError:
            logger.warning("The intent classifier was not trained: messages get no intent.")
            return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Hash of the modules this class calls, which Rasa does not look at."""
        return own_source()

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """All settings have a default; nothing to refuse."""


def dense_matrix(messages: list[Message]) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The dense sentence features of the messages side by side.

    Returns:
        An array of shape (messages, columns), float32, and the columns [start, end) of each featurizer.

    Raises:
        ValueError: a message has no dense sentence feature, so no featurizer ran before.
    """
    rows = [
        [f for f in m.features if f.attribute == TEXT and f.is_dense() and f.type == FEATURE_TYPE_SENTENCE]
        for m in messages
    ]
    if not all(rows):
        raise ValueError("A message has no dense features: put a SentenceEncoder before the classifier.")
    ends = np.cumsum([features.features.shape[1] for features in rows[0]]).tolist()
    dense = np.stack([np.concatenate([features.features[0] for features in row]) for row in rows])
    return dense.astype(np.float32), list(zip([0, *ends[:-1]], ends, strict=False))
