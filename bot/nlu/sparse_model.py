"""A linear model on words and letters, which knows the project's own vocabulary in any language."""

from __future__ import annotations

import re
import threading
import warnings
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from joblib.externals.loky import get_reusable_executor
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.nlu.folding import fold

TOKEN = re.compile(r"(?u)\b\w+\b")
# Character n-grams inside words still match when a word is misspelt.
SHORTEST, LONGEST = 3, 4
# Up to so many texts at once it pays to read the weights of their terms only.
FEW_TEXTS = 8
# liblinear keeps its random numbers in one place of the process: models of many texts are trained in processes of
# their own, side by side, models of few, for which no process is worth its start, one after the other.
_ONE_AT_A_TIME = threading.Lock()
MANY_TEXTS = 20_000
_PROCESSES = 2
# Times liblinear passes through many texts; further ones take as long again and decide one text in two thousand.
PASSES = 8
KINDS: dict[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 2), "token_pattern": TOKEN.pattern},
    "letters": {"ngram_range": (SHORTEST, LONGEST), "analyzer": "char_wb"},
}


class Terms(NamedTuple):
    """The terms of one text: their columns, int32, and their weights, float32, both of shape (terms found,)."""

    columns: np.ndarray
    weights: np.ndarray


class TermWeights:
    """TF-IDF of words and word pairs, and of character n-grams, of folded text; each half of length one.

    Scikit-learn learns the terms. It takes twenty times as long as `features` for a single message, most of
    it to set out, so that what a visitor waits for is done here; both give the same numbers.

    Args:
        terms: words and word pairs, then character n-grams, in the order of the columns.
        weights: inverse document frequency of each, shape (terms,), float32.
        words: how many of the terms are words and word pairs.
    """

    def __init__(self, terms: list[str], weights: np.ndarray, words: int) -> None:
        self._terms = terms
        self._weights = weights.astype(np.float32)
        self._words = words
        self._word_columns = {term: column for column, term in enumerate(terms[:words])}
        self._letter_columns = {term: column for column, term in enumerate(terms[words:], words)}
        self._columns_of_word = lru_cache(maxsize=20_000)(self._find_letters)

    @classmethod
    def fit_transform(cls, texts: list[str], least: int, most: int) -> tuple[TermWeights, csr_matrix]:
        """Learns terms in at least `least` texts, of each of the two kinds `most` at most.

        Returns:
            The terms with their weights, and what `transform` gives for the same texts.

        Raises:
            ValueError: no term is frequent enough.
        """
        folded = [fold(text) for text in texts]
        shared = {"min_df": least, "max_features": most, "sublinear_tf": True, "dtype": np.float32}
        kinds = [TfidfVectorizer(**shared, **kind) for kind in KINDS.values()]
        features = hstack([kind.fit_transform(folded) for kind in kinds], format="csr")
        terms = [sorted(kind.vocabulary_, key=kind.vocabulary_.__getitem__) for kind in kinds]
        weights = np.concatenate([kind.idf_ for kind in kinds])
        return cls([*terms[0], *terms[1]], weights, len(terms[0])), features

    def transform(self, texts: list[str]) -> csr_matrix:
        """Sparse features, shape (len(texts), terms), float32."""
        columns: list[int] = []
        counts: list[int] = []
        halves = [0]
        for text in texts:
            folded = fold(text)
            for found in (self._words_in(folded), self._letters_in(folded)):
                columns.extend(found)
                counts.extend(found.values())
                halves.append(len(columns))
        indices = np.array(columns, np.int32)
        values = (1 + np.log(np.array(counts, np.float32))) * self._weights[indices]
        rows = np.repeat(np.arange(len(halves) - 1), np.diff(halves))
        lengths = np.sqrt(np.bincount(rows, values**2, minlength=len(halves) - 1))
        values = (values / lengths[rows]).astype(np.float32)
        return csr_matrix((values, indices, np.array(halves[::2])), shape=(len(texts), len(self._terms)))

    def features(self, texts: Sequence[str]) -> csr_matrix | list[Terms]:
        """What a SparseModel judges texts by: of a few texts, as a visitor sends them, their terms only."""
        return self.transform(list(texts)) if len(texts) > FEW_TEXTS else [self._terms_of(text) for text in texts]

    def _terms_of(self, text: str) -> Terms:
        """The row of `transform` for one text, without a matrix around it, which takes half as long."""
        folded = fold(text)
        halves = [self._half(found) for found in (self._words_in(folded), self._letters_in(folded))]
        return Terms(*map(np.concatenate, zip(*halves, strict=True)))

    def _half(self, found: Counter[int]) -> tuple[np.ndarray, np.ndarray]:
        columns = np.fromiter(found, np.int32, len(found))
        counts = np.fromiter(found.values(), np.float32, len(found))
        weights = (1 + np.log(counts)) * self._weights[columns]
        return columns, weights / max(np.sqrt(weights @ weights), np.float32(1e-9))

    def _words_in(self, folded: str) -> Counter[int]:
        tokens = TOKEN.findall(folded)
        pairs = map(" ".join, pairwise(tokens))
        known = self._word_columns
        return Counter(known[term] for term in (*tokens, *pairs) if term in known)

    def _letters_in(self, folded: str) -> Counter[int]:
        return Counter(column for word in folded.split() for column in self._columns_of_word(word))

    def _find_letters(self, word: str) -> tuple[int, ...]:
        padded = f" {word} "
        grams: list[str] = []
        for size in range(SHORTEST, LONGEST + 1):
            grams.extend(padded[start : start + size] for start in range(max(len(padded) - size, 0) + 1))
            if len(padded) <= size:
                # A short word counts once, not once for every longer size.
                break
        known = self._letter_columns
        return tuple(known[gram] for gram in grams if gram in known)

    def save(self, folder: Path) -> None:
        """Writes the terms in column order as JSON and their weights as a numpy array."""
        dump_obj_as_json_to_file(folder / "terms.json", {"terms": self._terms, "words": self._words})
        np.save(folder / "terms.npy", self._weights)

    @classmethod
    def load(cls, folder: Path) -> TermWeights:
        """Reads what `save` wrote."""
        stored = read_json_file(folder / "terms.json")
        return cls(stored["terms"], np.load(folder / "terms.npy"), stored["words"])


class SparseModel:
    """One-against-the-rest support vector machines: weights (classes, terms), bias (classes,).

    Trained with liblinear, which takes two seconds where the softmax of LinearModel takes a minute on
    as many columns. The weights are kept as 16-bit floats, which moves a margin by less than 0.01: of the many
    terms a message has a hundred, and only their weights are read.
    """

    def __init__(self, weights: np.ndarray, bias: np.ndarray) -> None:
        self._transposed = np.ascontiguousarray(weights.T, dtype=np.float16)
        self._bias = bias.astype(np.float32)

    @classmethod
    def fit(cls, terms: csr_matrix, classes: np.ndarray, count: int, strength: float) -> SparseModel:
        """Trains on term weights (n, terms) and class numbers (n,)."""
        if len(classes) >= MANY_TEXTS:
            machine = get_reusable_executor(_PROCESSES).submit(_machine, terms, classes, strength).result()
        else:
            with _ONE_AT_A_TIME:
                machine = _machine(terms, classes, strength)
        weights, bias = machine.coef_, machine.intercept_
        if len(weights) == 1:
            # For two classes scikit-learn keeps one row, for the second.
            weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
        full = np.zeros((count, weights.shape[1]), np.float32)
        full_bias = np.full(count, -1.0, np.float32)
        full[machine.classes_] = weights
        full_bias[machine.classes_] = bias
        return cls(full, full_bias)

    def margins(self, texts: csr_matrix | list[Terms]) -> np.ndarray:
        """Signed distances to the borders of the classes, shape (messages, classes), float32."""
        if not isinstance(texts, list):
            return texts @ self._transposed.astype(np.float32) + self._bias
        # Only the weights of the terms that occur are read and made 32 bits wide.
        margins = [one.weights @ self._transposed.take(one.columns, axis=0).astype(np.float32) for one in texts]
        return np.stack(margins) + self._bias

    def save(self, file: Path) -> None:
        """Writes the weights as they are kept."""
        np.savez_compressed(file, weights=self._transposed.T, bias=self._bias)

    @classmethod
    def load(cls, file: Path) -> SparseModel:
        """Reads what `save` wrote."""
        with np.load(file) as stored:
            return cls(stored["weights"], stored["bias"])


def _machine(terms: csr_matrix, classes: np.ndarray, strength: float) -> LinearSVC:
    # Stopping a little earlier than scikit-learn does moves no margin by more than 0.002.
    machine = LinearSVC(C=strength, tol=1e-2, random_state=0)
    if len(classes) < MANY_TEXTS:
        return machine.fit(terms, classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return machine.set_params(max_iter=PASSES).fit(terms, classes)
