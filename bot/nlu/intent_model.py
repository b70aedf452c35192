"""Intent, calibrated confidence and out-of-scope score of messages given as features."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file

from bot.nlu.evidence import (
    EvidenceModel,
    Examples,
    Strengths,
    encoders_worth_comparing,
    fit_fusion,
    held_back_evidence,
    pick_kinds,
    stratified_folds,
)
from bot.nlu.linear_model import log_softmax
from bot.nlu.out_of_scope import (
    EVERYTHING_IN_SCOPE,
    OutOfScopeGate,
    best_threshold,
    fit_gate,
    gate_features,
    strange_evidence,
)
from bot.nlu.sparse_model import TermWeights

# Up to here the trial of strengths takes a few seconds.
FEW_EXAMPLES = 3000


@dataclass(frozen=True)
class Predictions:
    """Calibrated probabilities (messages, classes) and out-of-scope scores (messages,), both 0 to 1."""

    probabilities: np.ndarray
    out_of_scope: np.ndarray


class IntentModel:
    """Fused evidence for each class, and the gate that tells when none of it counts."""

    def __init__(
        self,
        names: list[str],
        terms: TermWeights,
        evidence: EvidenceModel,
        fusion: np.ndarray,
        gate: OutOfScopeGate,
        outside: int | None,
        least_confidence: float,
    ) -> None:
        self.names = names
        self.gate = gate
        self.least_confidence = least_confidence
        self.outside = outside
        self._terms = terms
        self._evidence = evidence
        self._fusion = fusion.astype(np.float32)

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        dense: np.ndarray,
        blocks: Sequence[tuple[int, int]],
        labels: Sequence[str],
        outside_label: str | None,
        settings: dict[str, Any],
    ) -> "IntentModel":
        """Trains everything; fusion, gate and threshold on messages held back in cross-validation.

        Args:
            texts: shape (n,).
            dense: sentence features, shape (n, columns), float32.
            blocks: columns [start, end) of each encoder.
            labels: intent of each text.
            outside_label: the intent that collects out-of-scope messages, if any.
            settings: see SentenceIntentClassifier.get_default_config.
        """
        names = sorted(set(labels))
        number = {name: i for i, name in enumerate(names)}
        classes = np.array([number[label] for label in labels])
        terms, found = TermWeights.fit_transform(list(texts), settings["least_term_count"], settings["max_terms"])
        examples = Examples(dense, found, classes, tuple(blocks))
        folds = stratified_folds(classes, settings["folds"], seed=0)
        strengths = _best_strengths(examples, len(names), folds, settings)
        outside = number.get(outside_label) if outside_label else None
        with ThreadPoolExecutor(max_workers=1) as pool:
            training = pool.submit(EvidenceModel.fit, examples, len(names), strengths, outside)
            rows, held_back = held_back_evidence(examples, len(names), folds, strengths, outside)
            encoders = encoders_worth_comparing(held_back, classes[rows])
            held_back = pick_kinds(held_back, encoders)
            fusion = fit_fusion(held_back, classes[rows])
            evidence = training.result().with_encoders(encoders)
        gate = _fit_gate(held_back, fusion, classes[rows], outside, settings)
        probabilities = np.exp(log_softmax(held_back @ fusion.astype(np.float32)))
        least = least_confidence(probabilities, classes[rows], settings["confident_errors"])
        return cls(names, terms, evidence, fusion, gate, outside, least)

    def predict(self, texts: Sequence[str], dense: np.ndarray) -> Predictions:
        """Predictions for the texts and their sentence features (n, columns)."""
        evidence = self._evidence.evidence(dense, self._terms.features(texts))
        logits = evidence @ self._fusion
        score = self.gate.score(gate_features(evidence, logits, self.outside))
        return Predictions(np.exp(log_softmax(logits)), score)

    def save(self, folder: Path) -> None:
        """Writes everything below the folder as JSON and numpy arrays."""
        self._terms.save(folder)
        self._evidence.save(folder)
        self.gate.save(folder / "out_of_scope.json")
        stored = {
            "names": self.names,
            "fusion": self._fusion.tolist(),
            "outside": self.outside,
            "least_confidence": self.least_confidence,
        }
        dump_obj_as_json_to_file(folder / "intents.json", stored)

    @classmethod
    def load(cls, folder: Path) -> "IntentModel":
        """Reads what `save` wrote."""
        stored = read_json_file(folder / "intents.json")
        return cls(
            stored["names"],
            TermWeights.load(folder),
            EvidenceModel.load(folder, stored["outside"]),
            np.array(stored["fusion"]),
            OutOfScopeGate.load(folder / "out_of_scope.json"),
            stored["outside"],
            stored["least_confidence"],
        )


def least_confidence(probabilities: np.ndarray, classes: np.ndarray, errors: float) -> float:
    """The lowest confidence at which so few held-back messages are both sure and wrong.

    Args:
        probabilities: calibrated, shape (messages, classes).
        classes: the true class numbers, shape (messages,).
        errors: share of all messages that may be wrong at or above the returned confidence.
    """
    confidence = probabilities.max(axis=1)
    wrong = np.sort(confidence[probabilities.argmax(axis=1) != classes])[::-1]
    allowed = int(errors * len(classes))
    return float(np.nextafter(wrong[allowed], 1.0)) if allowed < len(wrong) else 0.0


def _best_strengths(examples: Examples, count: int, folds: np.ndarray, settings: dict[str, Any]) -> Strengths:
    """Of the strengths to try, the one whose fused probabilities fit held-back messages best.

    Few examples want less regularisation than many; with many the first is taken, which has held on
    every data set measured and saves the time of the trial.
    """
    trials = [Strengths(strength, settings["word_strength"]) for strength in settings["strengths"]]
    if len(trials) == 1 or len(folds) > FEW_EXAMPLES:
        return trials[0]
    losses = []
    for strengths in trials:
        rows, evidence = held_back_evidence(examples, count, folds, strengths)
        classes = examples.classes[rows]
        fused = evidence @ fit_fusion(evidence, classes).astype(np.float32)
        losses.append(-float(log_softmax(fused)[np.arange(len(fused)), classes].mean()))
    return trials[int(np.argmin(losses))]


def _fit_gate(
    evidence: np.ndarray,
    fusion: np.ndarray,
    classes: np.ndarray,
    outside: int | None,
    settings: dict[str, Any],
) -> OutOfScopeGate:
    weights = fusion.astype(np.float32)
    features = gate_features(evidence, evidence @ weights, outside)
    inside = classes != (-1 if outside is None else outside)
    strange = strange_evidence(evidence[inside], classes[inside])
    unknown = gate_features(strange, strange @ weights, outside)
    negatives = features[inside]
    positives = np.concatenate([features[~inside], unknown]) if settings["pretend_unknown"] else features[~inside]
    if len(positives) == 0:
        positives = unknown
    gate = fit_gate(negatives, positives)
    scores = gate.score(features)
    threshold = best_threshold(scores[inside], scores[~inside], settings["false_alarms"])
    return OutOfScopeGate(gate.mean, gate.scale, gate.weights, gate.bias, threshold or EVERYTHING_IN_SCOPE)
