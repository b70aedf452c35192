"""What speaks for each intent: a model of meaning, similar messages in each encoder, a model of words."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bot.nlu.linear_model import LinearModel, fit_linear_model, log_softmax
from bot.nlu.neighbours import Neighbours
from bot.nlu.sparse_model import SparseModel, Terms

# Bring cosines and margins to the range of the linear model's logits, so that one start suits all weights.
COSINE_SCALE = 10.0
MARGIN_SCALE = 3.0
# Neighbours are looked for in the principal directions of each encoder, in so many that a message waits for about
# this many numbers to be read from memory: among few examples that is all directions.
NUMBERS_READ = 700_000
FEWEST_DIRECTIONS = 64
# Classes a message is compared with example by example: those for which the models of meaning and words speak most.
LIKELY = 8
# What may be lost in the mean log likelihood for not comparing messages with the examples of one more encoder.
LITTLE = 0.005
# Held-back messages that are plenty for a dozen weights and two thresholds; further folds would only cost time.
ENOUGH_HELD_BACK = 6000


@dataclass(frozen=True)
class Examples:
    """Messages as features: dense (n, columns), terms (n, terms), class numbers (n,).

    `blocks` are the columns [start, end) of each encoder in `dense`.
    """

    dense: np.ndarray
    terms: csr_matrix
    classes: np.ndarray
    blocks: tuple[tuple[int, int], ...]

    def pick(self, rows: np.ndarray) -> Examples:
        """The examples at the given row numbers (or where the mask is true)."""
        return Examples(self.dense[rows], self.terms[rows], self.classes[rows], self.blocks)


@dataclass(frozen=True)
class Strengths:
    """Inverse regularisation of the two models."""

    meaning: float
    words: float


class EvidenceModel:
    """Independent opinions on each class, as an array of shape (messages, classes, kinds)."""

    def __init__(
        self, linear: LinearModel, words: SparseModel, similar: list[tuple[slice, Neighbours]], always: int | None
    ) -> None:
        """Keeps the models.

        Args:
            linear: the model of meaning.
            words: the model of words.
            similar: neighbours in one encoder each, and the columns of that encoder in a message's dense features.
            always: a class that messages are compared with however unlikely it is.
        """
        self._linear = linear
        self._words = words
        self._similar = similar
        self._always = always

    @classmethod
    def fit(cls, examples: Examples, count: int, strengths: Strengths, always: int | None = None) -> EvidenceModel:
        """Trains both models, the one of words on a core of its own, and orders the examples by class."""
        with ThreadPoolExecutor(max_workers=1) as beside:
            words = beside.submit(SparseModel.fit, examples.terms, examples.classes, count, strengths.words)
            linear = fit_linear_model(examples.dense, examples.classes, count, strengths.meaning)
            compared = max(1, len(examples.classes) * min(LIKELY, count) // count)
            directions = max(FEWEST_DIRECTIONS, NUMBERS_READ // compared)
            similar = [
                (
                    slice(start, end),
                    Neighbours.of(examples.dense[:, start:end], examples.classes, count, min(directions, end - start)),
                )
                for start, end in examples.blocks
            ]
            return cls(linear, words.result(), similar, always)

    def with_encoders(self, numbers: Sequence[int]) -> EvidenceModel:
        """The same without the neighbours in the other encoders."""
        return EvidenceModel(self._linear, self._words, [self._similar[number] for number in numbers], self._always)

    def evidence(self, dense: np.ndarray, terms: csr_matrix | list[Terms]) -> np.ndarray:
        """Evidence of shape (messages, classes, kinds), float32, from their features."""
        meaning, words = self._linear.logits(dense), MARGIN_SCALE * self._words.margins(terms)
        likely = self._likely(meaning + words)
        similar = [
            COSINE_SCALE * neighbours.similarity(dense[:, columns], likely) for columns, neighbours in self._similar
        ]
        return np.stack([meaning, *similar, words], axis=2).astype(np.float32)

    def _likely(self, scores: np.ndarray) -> np.ndarray | None:
        """The classes for which most speaks, shape (messages, LIKELY); None where there are hardly more."""
        if scores.shape[1] <= 2 * LIKELY:
            return None
        likely = np.argpartition(-scores, LIKELY, axis=1)[:, :LIKELY]
        if self._always is not None:
            missing = ~(likely == self._always).any(axis=1)
            likely[missing, np.take_along_axis(scores, likely, axis=1)[missing].argmin(axis=1)] = self._always
        return likely

    def save(self, folder: Path) -> None:
        """Writes both models and the example vectors, these as 16-bit floats (a cosine moves by < 0.001)."""
        self._linear.save(folder / "linear.npz")
        self._words.save(folder / "words.npz")
        for number, (columns, neighbours) in enumerate(self._similar):
            np.savez(
                folder / f"examples{number}.npz",
                columns=[columns.start, columns.stop],
                vectors=neighbours.vectors.astype(np.float16),
                sizes=neighbours.sizes,
                basis=neighbours.basis,
            )

    @classmethod
    def load(cls, folder: Path, always: int | None = None) -> EvidenceModel:
        """Reads what `save` wrote."""
        similar: list[tuple[slice, Neighbours]] = []
        while (file := folder / f"examples{len(similar)}.npz").exists():
            with np.load(file) as stored:
                neighbours = Neighbours(stored["vectors"], stored["sizes"], stored["basis"])
                similar.append((slice(*stored["columns"].tolist()), neighbours))
        return cls(LinearModel.load(folder / "linear.npz"), SparseModel.load(folder / "words.npz"), similar, always)


def held_back_evidence(
    examples: Examples, count: int, folds: np.ndarray, strengths: Strengths, always: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Evidence for training messages from models that have not seen them.

    Args:
        folds: fold number of each message, shape (n,); of many messages only the first folds are held back.
        always: see EvidenceModel.

    Returns:
        The row numbers of the messages held back, shape (m,), and their evidence, shape (m, classes, kinds).
    """

    def one_fold(fold: int) -> tuple[np.ndarray, np.ndarray]:
        held_back = folds == fold
        model = EvidenceModel.fit(examples.pick(~held_back), count, strengths, always)
        rest = examples.pick(held_back)
        return np.flatnonzero(held_back), model.evidence(rest.dense, rest.terms)

    sizes = np.bincount(folds)
    needed = int(np.searchsorted(np.cumsum(sizes), min(ENOUGH_HELD_BACK, len(folds)))) + 1
    with ThreadPoolExecutor(max_workers=2) as pool:
        rows, evidence = zip(*pool.map(one_fold, range(needed)), strict=True)
    return np.concatenate(rows), np.concatenate(evidence)


def stratified_folds(classes: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Fold numbers 0..count-1, shape (n,), each class spread evenly over the folds."""
    generator = np.random.default_rng(seed)
    folds = np.zeros(len(classes), dtype=int)
    for number in np.unique(classes):
        rows = generator.permutation(np.flatnonzero(classes == number))
        folds[rows] = np.arange(len(rows)) % count
    return folds


def fit_fusion(evidence: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Weights of the kinds of evidence that predict held-back classes best, shape (kinds,), none negative.

    The weights also set the temperature, so the softmax of `evidence @ weights` is a calibrated
    probability (Guo et al. 2017, with a weight for each kind in place of one temperature).
    """
    return _fusion_and_loss(evidence, classes)[0]


def encoders_worth_comparing(evidence: np.ndarray, classes: np.ndarray) -> list[int]:
    """The numbers of the encoders whose neighbours say what the other kinds of evidence don't.

    To compare a message with thousands of examples takes longer than the other kinds together. One encoder after the
    other is left out for as long as the calibrated probabilities of held-back messages hardly suffer.

    Args:
        evidence: held back, shape (messages, classes, kinds): meaning, neighbours in each encoder, words.
        classes: the true class numbers, shape (messages,).
    """
    kept = list(range(evidence.shape[2] - 2))
    best = _fusion_and_loss(evidence, classes)[1]
    while kept:
        rest = [[one for one in kept if one != left_out] for left_out in kept]
        losses = [_fusion_and_loss(pick_kinds(evidence, encoders), classes)[1] for encoders in rest]
        if min(losses) > best + LITTLE:
            break
        kept = rest[int(np.argmin(losses))]
    return kept


def pick_kinds(evidence: np.ndarray, encoders: Sequence[int]) -> np.ndarray:
    """The evidence of meaning, of the neighbours in these encoders, and of words."""
    return evidence[:, :, [0, *(1 + number for number in encoders), evidence.shape[2] - 1]]


def _fusion_and_loss(evidence: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, float]:
    """The best weights of the kinds and the mean negative log likelihood of the true classes with them."""
    rows = np.arange(len(classes))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        log_p = log_softmax(evidence @ weights.astype(np.float32))
        error = np.exp(log_p)
        error[rows, classes] -= 1
        gradient = np.einsum("nk,nkj->j", error, evidence) / len(rows)
        return -float(log_p[rows, classes].mean()), gradient.astype(np.float64)

    start = np.full(evidence.shape[2], 0.5)
    bounds: list[tuple[float, None]] = [(0.0, None)] * len(start)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return found.x, float(found.fun)
