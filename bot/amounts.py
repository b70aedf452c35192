"""Reads sums from short answers to "how much": bare numbers count, because money or hours were asked for."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from bot.settings import PROJECT_ROOT
from bot.yaml_files import read_yaml

CUES = PROJECT_ROOT / "data" / "estimate_cues.yml"
# Nobody's quarter or overpayment is above this; a longer number is several written without spaces, or no sum.
MOST_CENTS = 100_000_000
_NUMBER = re.compile(
    r"(?<![\w.,/-])\$?\s?(?P<number>\d{1,3}(?:[,.]\d{3})+(?:\.\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?)"
    r"(?P<thousands>\s?(?:k|mil)\b)?(?![\d/%]|[.,]\d|-\d|(?:st|nd|rd|th|o|er|ro)\b)"
)
# Marks between sums written without spaces: "11000,9500" and "11000/9500".
_SEPARATOR = re.compile(r"(?<=\d{4}),(?=\d)|(?<=\d{3})/(?=\d{3})")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Amount:
    """A number as written, in hundredths (cents of money), and where it stands."""

    hundredths: int
    start: int
    end: int


def amounts_in(text: str) -> list[Amount]:
    """The sums in a text in the order they are written; years of quarters, dates and counts are left out.

    A mark before exactly three digits parts thousands ("10,200", "10.200"); before one or two it parts cents.
    """
    folded = text.lower()
    hidden = _SEPARATOR.sub(" ", cue("not_amounts").sub(lambda match: "_" * len(match.group()), folded))
    found = [
        Amount(_hundredths(match["number"]) * (1000 if match["thousands"] else 1), match.start(), match.end())
        for match in _NUMBER.finditer(hidden)
    ]
    found += [Amount(0, match.start(), match.end()) for match in cue("nothing").finditer(hidden)]
    return sorted((one for one in found if one.hundredths <= MOST_CENTS), key=lambda one: one.start)


def is_bare(text: str) -> bool:
    """Whether a text holds sums and, beside them, only the words such an answer is put in."""
    amounts = amounts_in(text)
    if not amounts:
        return False
    rest = text.lower()
    for one in reversed(amounts):
        rest = rest[: one.start] + " " + rest[one.end :]
    return set(_WORD.findall(cue("not_amounts").sub(" ", rest))) <= fillers()


@functools.cache
def cue(name: str) -> re.Pattern[str]:
    """A group of wordings in `data/estimate_cues.yml` as one expression over whole words, letters small."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(_cues()[name])})(?!\w)")


@functools.cache
def fillers() -> frozenset[str]:
    """Words an answer may have around its sums without being a question of its own."""
    return frozenset(str(_cues()["fillers"]).split())


@functools.cache
def _cues() -> dict[str, Any]:
    return dict(read_yaml(CUES))


def _hundredths(number: str) -> int:
    match = re.fullmatch(r"(?P<whole>\d{1,3}(?:[,.]\d{3})+|\d+)(?:[.,](?P<part>\d{1,2}))?", number)
    assert match is not None
    whole = int(re.sub(r"[.,]", "", match["whole"]))
    return whole * 100 + int((match["part"] or "0").ljust(2, "0"))
