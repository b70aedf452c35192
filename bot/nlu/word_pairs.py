"""How often words follow one another in a project's own examples."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.nlu.folding import fold

TOKEN = re.compile(r"[^\W_]+")
# Stand before the first word and after the last.
BEGIN, END = "<", ">"
# Words and pairs that are rarer tell as little as none.
LEAST = 2
# How much a pair counts against how frequent its second word is anywhere (Jelinek and Mercer 1980).
PAIRS_WEIGHT = 0.9


class WordPairs:
    """Counts of words and of neighbouring words, and how well a word fits between two others.

    Args:
        words: every word that is counted, most frequent first.
        counts: how often each occurs, shape (words,), int64.
        pairs: neighbours as number of the left word * number of words + number of the right one, ascending,
            shape (pairs,), int64.
        pair_counts: how often each pair occurs, shape (pairs,), int32.
    """

    def __init__(self, words: list[str], counts: np.ndarray, pairs: np.ndarray, pair_counts: np.ndarray) -> None:
        self.words = words
        self._number = {word: number for number, word in enumerate(words)}
        self._counts = counts
        self._all = max(1, int(counts.sum()))
        self._pairs = pairs
        self._pair_counts = pair_counts

    @classmethod
    def of(cls, texts: Iterable[str]) -> WordPairs:
        """The counts of folded texts, rare words and pairs left out."""
        singles: Counter[str] = Counter()
        doubles: Counter[tuple[str, str]] = Counter()
        for text in texts:
            tokens = [BEGIN, *TOKEN.findall(fold(text)), END]
            singles.update(tokens)
            doubles.update(pairwise(tokens))
        words = [word for word, count in singles.most_common() if count >= LEAST]
        number = {word: i for i, word in enumerate(words)}
        frequent = sorted(
            (number[left] * len(words) + number[right], count)
            for (left, right), count in doubles.items()
            if count >= LEAST
        )
        keys, counts = np.array(frequent, np.int64).reshape(-1, 2).T
        return cls(words, np.array([singles[word] for word in words], np.int64), keys, counts.astype(np.int32))

    def count(self, word: str) -> int:
        """How often a word occurs; 0 for a rare one."""
        number = self._number.get(word)
        return 0 if number is None else int(self._counts[number])

    def fit(self, left: str, word: str, right: str, least: float = 0.0) -> float:
        """The logarithm of how likely the word is after `left` and `right` is after it; a pair that never was is not 0.

        Args:
            left: the word before, or BEGIN.
            word: the word itself.
            right: the word after, or END.
            least: what the word counts at least, for a word that does not occur.
        """
        count = self.count(word)
        after_left = PAIRS_WEIGHT * self._pair(left, word) / max(1, self.count(left))
        before_right = PAIRS_WEIGHT * self._pair(word, right) / max(1, count)
        anywhere = (1 - PAIRS_WEIGHT) / self._all
        return math.log(after_left + anywhere * max(count, least, 1e-3)) + math.log(
            before_right + anywhere * max(self.count(right), 1)
        )

    def _pair(self, left: str, right: str) -> int:
        first, second = self._number.get(left), self._number.get(right)
        if first is None or second is None:
            return 0
        key = first * len(self.words) + second
        place = int(np.searchsorted(self._pairs, key))
        return int(self._pair_counts[place]) if place < len(self._pairs) and self._pairs[place] == key else 0

    def save(self, file: Path) -> None:
        """Writes the counts; the words are kept by whoever keeps this."""
        np.savez(file, counts=self._counts, pairs=self._pairs, pair_counts=self._pair_counts)

    @classmethod
    def load(cls, file: Path, words: list[str]) -> WordPairs:
        """Reads what `save` wrote."""
        with np.load(file) as stored:
            return cls(words, stored["counts"], stored["pairs"], stored["pair_counts"])
