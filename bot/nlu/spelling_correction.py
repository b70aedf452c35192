"""Corrects misspelt words towards the words a project's own examples use, by what stands beside them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from bot.nlu.folding import fold
from bot.nlu.word_pairs import BEGIN, END, TOKEN, WordPairs

# Shorter words are left as they are: too many others are one slip away.
SHORTEST = 3
# One slip (letter missing, added, changed or two swapped) up to this length, two beyond it,
SHORT = 7
# of which the second makes a word this much less likely, as a difference of logarithms.
SECOND_SLIP = 5.0
# A word the examples use this often is a target, and right as it is; a rarer one may itself be misspelt,
FREQUENT = 4
# unless the examples use it at least twice and it is a word of the lexicon, or too short to be looked up there.
CONFIRMED = 2
# A word that is not known is taken for a word of its own as often as one that occurs this many times.
AS_TYPED = 0.3
# How much better than the word as it was typed another one has to fit; a short one more.
BETTER, BETTER_IF_SHORT = 2.0, 3.0


def target_words(pairs: WordPairs, lexicon: frozenset[str]) -> list[str]:
    """Words of three letters or more worth correcting towards, most frequent first."""
    return [
        word
        for word in pairs.words
        if len(word) >= SHORTEST
        and word.isalpha()
        and (
            pairs.count(word) >= FREQUENT
            or (pairs.count(word) >= CONFIRMED and (word in lexicon or len(word) == SHORTEST))
        )
    ]


class SpellingCorrection:
    """Replaces unknown words by the target word, one or two slips away, that fits best between their neighbours.

    A noisy channel (Kernighan, Church and Gale 1990) whose slips are all as likely.

    Args:
        pairs: the words of the examples, and which follow which.
        lexicon: further folded words that are right as they are.
    """

    def __init__(self, pairs: WordPairs, lexicon: frozenset[str]) -> None:
        self._pairs = pairs
        targets = target_words(pairs, lexicon)
        self._known = lexicon | frozenset(targets)
        self._by_first: dict[str, list[str]] = {}
        for word in targets:
            self._by_first.setdefault(word[0], []).append(word)
        self._near = lru_cache(maxsize=4096)(self._find_near)

    def correct(self, text: str) -> str:
        """The text with unknown words replaced; everything else stays as typed."""
        matches = list(TOKEN.finditer(fold(text)))
        words = [BEGIN, *(match.group() for match in matches), END]
        pieces: list[str] = []
        position = 0
        for place, match in enumerate(matches, start=1):
            better = self._better(words, place)
            if better is not None:
                # The next word is judged by what this one was meant to be.
                words[place] = better
                pieces += [text[position : match.start()], better]
                position = match.end()
        return "".join(pieces) + text[position:] if pieces else text

    def _better(self, words: Sequence[str], place: int) -> str | None:
        word = words[place]
        if len(word) < SHORTEST or word in self._known or not word.isalpha():
            return None
        near = self._near(word)
        if not near:
            return None
        left, right = words[place - 1], words[place + 1]
        fit, better = max((self._pairs.fit(left, other, right) - cost, other) for other, cost in near)
        lead = fit - self._pairs.fit(left, word, right, AS_TYPED)
        return better if lead >= (BETTER_IF_SHORT if len(word) == SHORTEST else BETTER) else None

    def _find_near(self, word: str) -> list[tuple[str, float]]:
        """The targets that a few slips make the word of, with what their slips cost."""
        slips = 1 if len(word) <= SHORT else 2
        # People seldom slip on the first letter, and asking for it keeps "claim" from becoming "blame".
        others = [
            other
            for other in self._by_first.get(word[0], [])
            # A known word with an ending is another form of it rather than a slip: "appeals".
            if abs(len(other) - len(word)) <= slips and not word.startswith(other)
        ]
        if not others:
            return []
        distances = cdist([word], others, scorer=OSA.distance, score_cutoff=slips)[0]
        return [
            (other, SECOND_SLIP * (int(distance) - 1))
            for other, distance in zip(others, distances, strict=True)
            if distance <= slips
        ]


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
