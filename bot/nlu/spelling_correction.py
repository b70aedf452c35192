"""Corrects misspelt words towards the words a project's own examples use."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from bot.nlu.folding import fold

_WORD = re.compile(r"[^\W\d_]{4,}")
# One slip (letter missing, added, changed or two swapped) up to this length, two beyond it.
SHORT = 8
# A word the examples use this often is a target, and right as it is; a rarer one may itself be misspelt,
FREQUENT = 4
# unless it is a word of the lexicon that the examples use at least twice.
CONFIRMED = 2


def target_words(texts: Iterable[str], lexicon: frozenset[str]) -> list[str]:
    """Folded words of four letters or more worth correcting towards, most frequent first."""
    counts = Counter(word for text in texts for word in _WORD.findall(fold(text)))
    return [
        word for word, count in counts.most_common() if count >= FREQUENT or (count >= CONFIRMED and word in lexicon)
    ]


class SpellingCorrection:
    """Replaces unknown words by the only target word that is one or two slips away.

    Args:
        targets: folded words to correct towards, most frequent first.
        known: further folded words that are right as they are.
    """

    def __init__(self, targets: list[str], known: frozenset[str]) -> None:
        self._known = known | frozenset(targets)
        self._by_first: dict[str, list[str]] = {}
        for word in targets:
            self._by_first.setdefault(word[0], []).append(word)
        self._correction = lru_cache(maxsize=4096)(self._find_correction)

    def correct(self, text: str) -> str:
        """The text with unknown words replaced; everything else stays as typed."""
        folded = fold(text)
        pieces: list[str] = []
        position = 0
        for match in _WORD.finditer(folded):
            better = self._correction(match.group()) if match.group() not in self._known else None
            if better:
                pieces += [text[position : match.start()], better]
                position = match.end()
        return "".join(pieces) + text[position:] if pieces else text

    def _find_correction(self, word: str) -> str | None:
        # People seldom slip on the first letter, and asking for it keeps "claim" from becoming "blame".
        candidates = [
            target
            for target in self._by_first.get(word[0], [])
            if abs(len(target) - len(word)) <= 2 and not _inflection(word, target)
        ]
        if not candidates:
            return None
        allowed = 1 if len(word) <= SHORT else 2
        distances = cdist([word], candidates, scorer=OSA.distance, score_cutoff=allowed)[0]
        nearest = int(distances.min())
        if nearest > allowed:
            return None
        best = [target for target, distance in zip(candidates, distances, strict=False) if distance == nearest]
        # Two words equally near: the visitor's own spelling is safer than a guess, unless one inflects the other.
        return best[0] if len(best) == 1 or all(_inflection(best[0], other) for other in best[1:]) else None


def _inflection(word: str, other: str) -> bool:
    """Whether two words differ in their last two letters only: another form rather than a slip."""
    stem = max(len(word), len(other)) - 2
    return stem >= 4 and word[:stem] == other[:stem]


def wordpiece_words(vocabulary: Path) -> frozenset[str]:
    """The whole words of a WordPiece vocabulary file: some 20,000 common English words."""
    lines = vocabulary.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if len(line) >= 4 and line.isalpha())


def sentencepiece_words(model: Path) -> frozenset[str]:
    """The folded whole words of a sentencepiece model file: common words of all its languages.

    A piece is stored as its text, here with the mark of a word's beginning (U+2581), followed by the
    byte 0x15 that tags its score; that is all this reads of the format.
    """
    pieces = re.findall(rb"\xe2\x96\x81((?:[a-zA-Z]|\xc3[\x80-\xbf])+)\x15", model.read_bytes())
    words = (fold(piece.decode("utf-8")) for piece in pieces)
    return frozenset(word for word in words if len(word) >= 4)
