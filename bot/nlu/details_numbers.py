"""Reads numbers written in digits or words, English and Spanish."""

import re
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "data" / "numbers.yml"
WORDS: dict[str, int] = {
    word: number
    for words in yaml.safe_load(_FILE.read_text(encoding="utf-8")).values()
    for word, number in words.items()
}
_WORD = "|".join(sorted(WORDS, key=len, reverse=True))
# "4", "4.5", "4 1/2", "4½", "four", "twenty-five", "treinta y cinco"; never part of a longer number or word.
NUMBER = (
    rf"(?<![\w.,$/-])(?:\d{{1,3}}(?:[.,]\d{{1,2}})?(?:\s+1/2|\s?½)?|1/2|½|(?:{_WORD})(?:(?:-|\s+y\s+"
    rf"|\s)(?:{_WORD}))?)"
)
_TENS = range(20, 100, 10)


def read_number(text: str) -> float | None:
    """The number the folded text stands for, or None if it is not one number ("two three")."""
    text = text.strip()
    half = 0.0
    match = re.search(r"\s*(?:1/2|½)$", text)
    if match:
        half, text = 0.5, text[: match.start()].strip()
        if not text:
            return half
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{1,2})?", text):
        return float(text.replace(",", ".")) + half
    words = [word for word in re.split(r"[\s-]+", text) if word != "y"]
    numbers = [WORDS[word] for word in words if word in WORDS]
    if len(numbers) != len(words) or not numbers:
        return None
    if len(numbers) == 1:
        return numbers[0] + half
    if len(numbers) == 2 and numbers[0] in _TENS and 1 <= numbers[1] <= 9:
        return numbers[0] + numbers[1] + half
    return None
