"""A linear model on words and letters, which knows the project's own vocabulary in any language."""

from pathlib import Path

import numpy as np
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.nlu.folding import fold

WORD = {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}
# Character n-grams inside words still match when a word is misspelt.
LETTERS = {"analyzer": "char_wb", "ngram_range": (2, 4)}


class TermWeights:
    """TF-IDF of words, word pairs and character n-grams, of folded text."""

    def __init__(self, vectorizers: tuple[TfidfVectorizer, TfidfVectorizer]) -> None:
        self._vectorizers = vectorizers

    @classmethod
    def fit(cls, texts: list[str], least: int, most: int) -> "TermWeights":
        """Learns terms in at least `least` texts, of each of the two kinds `most` at most.

        Raises:
            ValueError: no term is frequent enough.
        """
        folded = [fold(text) for text in texts]
        words, letters = (_untrained(kind, min_df=least, max_features=most) for kind in (WORD, LETTERS))
        return cls((words.fit(folded), letters.fit(folded)))

    def transform(self, texts: list[str]) -> csr_matrix:
        """Sparse features, shape (len(texts), terms), float32."""
        folded = [fold(text) for text in texts]
        return hstack([vectorizer.transform(folded) for vectorizer in self._vectorizers], format="csr")

    def save(self, folder: Path) -> None:
        """Writes the terms in column order as JSON and their weights as numpy arrays."""
        for name, vectorizer in zip(("words", "letters"), self._vectorizers, strict=False):
            columns = vectorizer.vocabulary_
            dump_obj_as_json_to_file(folder / f"{name}.json", sorted(columns, key=columns.__getitem__))
            np.save(folder / f"{name}.npy", vectorizer.idf_.astype(np.float32))

    @classmethod
    def load(cls, folder: Path) -> "TermWeights":
        """Reads what `save` wrote."""
        loaded = []
        for name, kind in (("words", WORD), ("letters", LETTERS)):
            terms = read_json_file(folder / f"{name}.json")
            vectorizer = _untrained(kind, vocabulary={term: column for column, term in enumerate(terms)})
            vectorizer.idf_ = np.load(folder / f"{name}.npy")
            loaded.append(vectorizer)
        return cls((loaded[0], loaded[1]))


def _untrained(kind: dict, **settings: object) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **kind, **settings)


class SparseModel:
    """One-against-the-rest support vector machines: weights (classes, terms), bias (classes,), float32.

    Trained with liblinear, which takes two seconds where the softmax of LinearModel takes a minute on
    as many columns.
    """

    def __init__(self, weights: np.ndarray, bias: np.ndarray) -> None:
        self._transposed = np.ascontiguousarray(weights.T, dtype=np.float32)
        self._bias = bias.astype(np.float32)

    @classmethod
    def fit(cls, terms: csr_matrix, classes: np.ndarray, count: int, strength: float) -> "SparseModel":
        """Trains on term weights (n, terms) and class numbers (n,)."""
        machine = LinearSVC(C=strength, random_state=0).fit(terms, classes)
        weights, bias = machine.coef_, machine.intercept_
        if len(weights) == 1:
            # For two classes scikit-learn keeps one row, for the second.
            weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
        full = np.zeros((count, weights.shape[1]), np.float32)
        full_bias = np.full(count, -1.0, np.float32)
        full[machine.classes_] = weights
        full_bias[machine.classes_] = bias
        return cls(full, full_bias)

    def margins(self, terms: csr_matrix) -> np.ndarray:
        """Signed distances to the borders of the classes, shape (messages, classes)."""
        return terms @ self._transposed + self._bias

    def save(self, file: Path) -> None:
        """Writes the weights as 16-bit floats; a margin moves by less than 0.01."""
        np.savez_compressed(file, weights=self._transposed.T.astype(np.float16), bias=self._bias)

    @classmethod
    def load(cls, file: Path) -> "SparseModel":
        """Reads what `save` wrote."""
        with np.load(file) as stored:
            return cls(stored["weights"].astype(np.float32), stored["bias"])
