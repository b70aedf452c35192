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
        self._signs = _compiled(content["signs"])
        self._idioms = _compiled(content["idioms"])

    def found(self, text: str) -> bool:
        """Whether the text holds a sign of crisis once the idioms are taken out."""
        folded = re.sub(r"\s+", " ", fold(text).replace("'", ""))
        for idiom in self._idioms:
            folded = idiom.sub(" ", folded)
        return any(sign.search(folded) for sign in self._signs)

    def only_idiom(self, text: str) -> bool:
        """Whether an idiom is all that sounds like a crisis: "this wait is killing me"."""
        folded = re.sub(r"\s+", " ", fold(text).replace("'", ""))
        return any(idiom.search(folded) for idiom in self._idioms) and not self.found(text)


def _compiled(by_language: dict[str, list[str]]) -> list[Pattern[str]]:
    return [re.compile(rf"\b(?:{pattern})\b") for patterns in by_language.values() for pattern in patterns]
