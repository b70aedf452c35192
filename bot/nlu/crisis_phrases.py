"""Matches what people say when they think of dying, from patterns kept as data."""

import re
from re import Pattern
from typing import Any

from bot.nlu.folding import fold


class CrisisPhrases:
    """Patterns of despair or danger and, to look away from first, everyday idioms.

    Args:
        content: `signs` and `idioms`, each lists of regular expressions by language, matched in
            lower case without accents.

    Raises:
        re.error: a pattern is not a valid expression.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self._idioms = [re.compile(rf"\b(?:{pattern})\b") for pattern in _patterns(content["idioms"])]
        # As one expression each, hundreds of patterns are a tenth of a millisecond; one by one they are four.
        self._sign = _any_of(_patterns(content["signs"]))
        self._idiom = _any_of(_patterns(content["idioms"]))

    def found(self, text: str) -> bool:
        """Whether the text holds a sign of crisis once the idioms are taken out."""
        folded = _plain(text)
        for idiom in self._idioms if self._idiom.search(folded) else ():
            folded = idiom.sub(" ", folded)
        return self._sign.search(folded) is not None

    def only_idiom(self, text: str) -> bool:
        """Whether an idiom is all that sounds like a crisis: "this wait is killing me"."""
        return self._idiom.search(_plain(text)) is not None and not self.found(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", fold(text).replace("'", ""))


def _patterns(by_language: dict[str, list[str]]) -> list[str]:
    return [pattern for patterns in by_language.values() for pattern in patterns]


def _any_of(patterns: list[str]) -> Pattern[str]:
    # No patterns at all match nothing.
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns) or r"(?!)")
