"""Copies of a message as a tired person on a phone would type it; seeded, so every run measures the same."""

import random
import re
from collections.abc import Callable

from bot.accents import without_accents

_KEYS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "k": "jl", "l": "ko", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et",
    "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_SLANG = {
    "you": "u", "your": "ur", "are": "r", "please": "pls", "because": "cuz", "going to": "gonna",
    "want to": "wanna", "people": "ppl", "thanks": "thx", "with": "w",
    "without": "w/o", "about": "abt", "to": "2", "for": "4", "money": "$",
    "before": "b4", "something": "smth", "though": "tho", "what": "wut", "know": "kno", "have": "hv",
    "que": "q", "por que": "xq", "porque": "xq", "para": "pa", "también": "tmb", "tambien": "tmb", "dinero": "$",
    "quiero": "kiero", "por favor": "porfa", "estoy": "toy", "está": "ta", "nada": "na",
}  # fmt: skip
_SLANG_WORDS = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _SLANG), key=len, reverse=True)) + r")\b", re.IGNORECASE
)

Perturb = Callable[[str, random.Random], str]


def _in_words(text: str, generator: random.Random, change: Callable[[str, int], str], rate: float) -> str:
    """Changes one letter inside about `rate` of the words of four letters or more, one word at least."""
    words = list(re.finditer(r"[^\W\d_]{4,}", text))
    if not words:
        return text
    count = max(1, round(rate * len(words)))
    for word in sorted(generator.sample(words, min(count, len(words))), key=lambda m: -m.start()):
        position = generator.randrange(1, len(word.group()) - 1)
        text = text[: word.start()] + change(word.group(), position) + text[word.end() :]
    return text


def typos(text: str, generator: random.Random) -> str:
    """A neighbouring key or two letters swapped in a fifth of the longer words."""

    def slip(word: str, i: int) -> str:
        if generator.random() < 0.5:
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        return word[:i] + generator.choice(_KEYS.get(word[i].lower(), word[i])) + word[i + 1 :]

    return _in_words(text, generator, slip, 0.2)


def dropped_letters(text: str, generator: random.Random) -> str:
    """A letter missing in a fifth of the longer words."""
    return _in_words(text, generator, lambda word, i: word[:i] + word[i + 1 :], 0.2)


def lower_case(text: str, generator: random.Random) -> str:
    """All lower case."""
    return text.lower()


def upper_case(text: str, generator: random.Random) -> str:
    """All capitals."""
    return text.upper()


def no_punctuation(text: str, generator: random.Random) -> str:
    """No marks at all, apostrophes included."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s$%]", "", text)).strip()


def no_accents(text: str, generator: random.Random) -> str:
    """Accents and tildes left out."""
    return without_accents(text)


def slang(text: str, generator: random.Random) -> str:
    """Short forms of the phone keyboard."""
    return _SLANG_WORDS.sub(lambda match: _SLANG[match.group(1).lower()], text)


def all_together(text: str, generator: random.Random) -> str:
    """Slang, a typo, no marks, no accents, lower case."""
    for change in (slang, typos, no_punctuation, no_accents, lower_case):
        text = change(text, generator)
    return text


PERTURBATIONS: dict[str, Perturb] = {
    "typos": typos,
    "dropped letters": dropped_letters,
    "lower case": lower_case,
    "capitals": upper_case,
    "no punctuation": no_punctuation,
    "no accents": no_accents,
    "slang": slang,
    "all together": all_together,
}
