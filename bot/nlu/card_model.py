"""Which card answers a message: by its meaning, its words and letters, and its topic."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file

from bot.nlu.card_questions import CardQuestion, CardWords
from bot.nlu.linear_model import LinearModel, fit_linear_model, log_softmax
from bot.nlu.sparse_model import SparseModel, TermWeights

# A topic that the ranking leaves out still has this probability: the classifier may be wrong.
LEAST_TOPIC = 1e-3
# How much of the spread of all questions is mixed into the spread around their cards' centres.
SHRINKAGE = 0.6


class CardModel:
    """Two linear models over the cards, and the topic of each card.

    Args:
        cards: ids, in the order of the classes.
        topics: the topic of each card.
        weights: of the words, of the topic, and the temperature.
    """

    def __init__(
        self,
        cards: list[str],
        topics: list[str],
        meaning: LinearModel,
        terms: TermWeights,
        words: SparseModel,
        weights: tuple[float, float, float],
    ) -> None:
        self.cards = cards
        self._topics = topics
        self._topic_names = sorted(set(topics))
        self._topic_of_card = np.array([self._topic_names.index(topic) for topic in topics])
        self._meaning = meaning
        self._terms = terms
        self._words = words
        self._weights = weights

    @classmethod
    def fit(
        cls,
        questions: Sequence[CardQuestion],
        dense: np.ndarray,
        said: Sequence[CardWords],
        settings: Mapping[str, Any],
    ) -> "CardModel":
        """Trains both models.

        Args:
            questions: shape (n,), at least one of each card.
            dense: their sentence features, shape (n, columns), float32.
            said: what the cards say besides; the model of words learns from it too.
            settings: see CardFinder.get_default_config.
        """
        topic_of = {question.card: question.topic for question in questions}
        cards = sorted(topic_of)
        number = {card: i for i, card in enumerate(cards)}
        classes = np.array([number[question.card] for question in questions])
        texts = [question.text for question in questions]
        texts += [words.text for words in said]
        terms, found = TermWeights.fit_transform(texts, settings["least_term_count"], settings["max_terms"])
        all_classes = np.append(classes, [number[words.card] for words in said]).astype(int)
        with ThreadPoolExecutor(max_workers=1) as beside:
            words = beside.submit(SparseModel.fit, found, all_classes, len(cards), settings["word_strength"])
            meaning = _fit_meaning(dense, classes, len(cards), settings["strength"])
            weights = (settings["word_weight"], settings["topic_weight"], settings["temperature"])
            return cls(cards, [topic_of[card] for card in cards], meaning, terms, words.result(), weights)

    def find(
        self, texts: Sequence[str], dense: np.ndarray, topics: Sequence[Mapping[str, float]], length: int
    ) -> list[list[tuple[str, float]]]:
        """The best cards of each text with their probabilities, best first.

        Args:
            texts: shape (n,).
            dense: sentence features, shape (n, columns).
            topics: probability of each topic that is known of, for each text; may be empty.
            length: of each list.
        """
        probabilities = self.probabilities(texts, dense, topics)
        best = np.argsort(-probabilities, axis=1)[:, :length]
        return [
            [(self.cards[card], round(float(row[card]), 4)) for card in order]
            for row, order in zip(probabilities, best, strict=True)
        ]

    def probabilities(
        self, texts: Sequence[str], dense: np.ndarray, topics: Sequence[Mapping[str, float]]
    ) -> np.ndarray:
        """Calibrated probability of each card, shape (n, cards)."""
        word_weight, topic_weight, temperature = self._weights
        logits = log_softmax(self._meaning.logits(dense))
        logits = logits + word_weight * self._words.margins(self._terms.features(texts))
        prior = np.array([[row.get(name, 0.0) for name in self._topic_names] for row in topics])
        # Without a ranking every topic is as likely, and this adds the same to every card.
        logits = logits + topic_weight * np.log(prior + LEAST_TOPIC)[:, self._topic_of_card]
        return np.exp(log_softmax(logits / temperature))

    def save(self, folder: Path) -> None:
        """Writes everything below the folder as JSON and numpy arrays."""
        self._meaning.save(folder / "meaning.npz")
        self._terms.save(folder)
        self._words.save(folder / "words.npz")
        stored = {"cards": self.cards, "topics": self._topics, "weights": self._weights}
        dump_obj_as_json_to_file(folder / "cards.json", stored)

    @classmethod
    def load(cls, folder: Path) -> "CardModel":
        """Reads what `save` wrote."""
        stored = read_json_file(folder / "cards.json")
        return cls(
            stored["cards"],
            stored["topics"],
            LinearModel.load(folder / "meaning.npz"),
            TermWeights.load(folder),
            SparseModel.load(folder / "words.npz"),
            tuple(stored["weights"]),
        )


def _fit_meaning(features: np.ndarray, classes: np.ndarray, count: int, strength: float) -> LinearModel:
    """A softmax over the cards, fitted in a space where the questions of a card spread equally in all directions.

    What tells two cards apart counts more there than what all questions have in common. The model that is returned
    works on the features as they are.
    """
    centre = features.mean(axis=0)
    spread = _whitening(features, classes, count)
    shifted = (features - centre) @ spread
    scale = np.float32(1 / np.sqrt(shifted.var(axis=0).sum()))
    fitted = fit_linear_model(shifted * scale, classes, count, strength)
    weights = spread @ fitted.weights * scale
    return LinearModel(weights.astype(np.float32), (fitted.bias - centre @ weights).astype(np.float32))


def _whitening(features: np.ndarray, classes: np.ndarray, count: int) -> np.ndarray:
    """The matrix that makes the spread within a class the same in all directions, shape (columns, columns)."""
    centres = np.zeros((count, features.shape[1]))
    np.add.at(centres, classes, features)
    centres /= np.bincount(classes, minlength=count)[:, None]
    around = features - centres[classes]
    covariance = around.T @ around / len(around)
    columns = len(covariance)
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.trace(covariance) / columns * np.eye(columns)
    values, vectors = np.linalg.eigh(covariance)
    return (vectors / np.sqrt(values)).astype(np.float32)
