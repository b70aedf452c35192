"""What speaks for each intent: a model of meaning, similar messages in each encoder, a model of words."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bot.nlu.linear_model import LinearModel, fit_linear_model, log_softmax
from bot.nlu.neighbours import Neighbours
from bot.nlu.sparse_model import SparseModel

# Bring cosines and margins to the range of the linear model's logits, so that one start suits all weights.
COSINE_SCALE = 10.0
MARGIN_SCALE = 3.0
# Principal directions of each encoder in which neighbours are looked for, where there are many examples to compare
# a message with; among few, all of them cost next to nothing.
DIRECTIONS, MANY_EXAMPLES = 96, 4000
# Classes a message is compared with example by example: those for which the models of meaning and words speak most.
LIKELY = 8
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

    def pick(self, rows: np.ndarray) -> "Examples":
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
        self, linear: LinearModel, words: SparseModel, similar: list[Neighbours], always: int | None = None
    ) -> None:
        """Keeps the models; `always` is a class that messages are compared with however unlikely it is."""
        self._linear = linear
        self._words = words
        self._similar = similar
        self._always = always
        ends = np.cumsum([len(neighbours.basis) for neighbours in similar]).tolist()
        self._blocks = list(zip([0, *ends[:-1]], ends, strict=True))

    @classmethod
    def fit(cls, examples: Examples, count: int, strengths: Strengths, always: int | None = None) -> "EvidenceModel":
        """Trains both models, the one of words on a core of its own, and orders the examples by class."""
        with ThreadPoolExecutor(max_workers=1) as beside:
            words = beside.submit(SparseModel.fit, examples.terms, examples.classes, count, strengths.words)
            linear = fit_linear_model(examples.dense, examples.classes, count, strengths.meaning)
            few = len(examples.classes) < MANY_EXAMPLES
            similar = [
                Neighbours.of(examples.dense[:, start:end], examples.classes, count, end - start if few else DIRECTIONS)
                for start, end in examples.blocks
            ]
            return cls(linear, words.result(), similar, always)

    def evidence(self, dense: np.ndarray, terms: csr_matrix) -> np.ndarray:
        """Evidence of shape (messages, classes, kinds), float32."""
        meaning, words = self._linear.logits(dense), MARGIN_SCALE * self._words.margins(terms)
        likely = self._likely(meaning + words)
        similar = [
            COSINE_SCALE * neighbours.similarity(dense[:, start:end], likely)
            for neighbours, (start, end) in zip(self._similar, self._blocks, strict=True)
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
        for number, neighbours in enumerate(self._similar):
            np.savez(
                folder / f"examples{number}.npz",
                vectors=neighbours.vectors.astype(np.float16),
                sizes=neighbours.sizes,
                basis=neighbours.basis,
            )

    @classmethod
    def load(cls, folder: Path, always: int | None = None) -> "EvidenceModel":
        """Reads what `save` wrote."""
        similar: list[Neighbours] = []
        while (file := folder / f"examples{len(similar)}.npz").exists():
            with np.load(file) as stored:
                similar.append(Neighbours(stored["vectors"], stored["sizes"], stored["basis"]))
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
    rows = np.arange(len(classes))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        log_p = log_softmax(evidence @ weights.astype(np.float32))
        error = np.exp(log_p)
        error[rows, classes] -= 1
        gradient = np.einsum("nk,nkj->j", error, evidence) / len(rows)
        return -float(log_p[rows, classes].mean()), gradient.astype(np.float64)

    start = np.full(evidence.shape[2], 0.5)
    bounds: list[tuple[float, None]] = [(0.0, None)] * len(start)
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
