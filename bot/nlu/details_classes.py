"""Job class codes, titles and levels, from the class data files."""

import re
from typing import Any

from bot.nlu.detail import Detail, overlaps
from bot.nlu.folding import fold

_ROMAN = {"i": "I", "ii": "II", "iii": "III", "iv": "IV"}
_LEVELS = {
    **_ROMAN,
    **{digit: roman for digit, roman in zip("1234", _ROMAN.values(), strict=False)},
    **dict(zip(["one", "two", "three", "four"], _ROMAN.values(), strict=False)),
    **dict(zip(["uno", "dos", "tres", "cuatro"], _ROMAN.values(), strict=False)),
    **dict(zip(["1st", "2nd", "3rd", "4th"], _ROMAN.values(), strict=False)),
}
_LEVEL = "|".join(sorted(_LEVELS, key=len, reverse=True))
_CODE = re.compile(r"(?<![\w-])(?P<first>[a-z])[\s-]?(?P<number>\d{2})[\s-]?(?P<last>[a-z])(?![\w-])")
_WA_CODE = re.compile(r"(?<![\w$-])(?P<number>1\d{2})[\s-]?(?P<last>[a-z])(?![\w-])")
_AFTER_WORD = re.compile(
    rf"\b(?:level|lvl|lev|levle|nivel|niv|grade|grado|lvel|leve)s?\.?[\s#-]*(?P<level>{_LEVEL})(?![\w.,]\d|\w)"
)
_BEFORE_WORD = re.compile(
    r"\b(?P<level>1st|2nd|3rd|4th|first|second|third|fourth|primer|segundo|tercer|cuarto)\s+(?:level|lvl|nivel)\b"
)
_ORDINALS = {**_LEVELS, "first": "I", "second": "II", "third": "III", "fourth": "IV"}
_ORDINALS.update({"primer": "I", "segundo": "II", "tercer": "III", "cuarto": "IV"})
_AFTER_TITLE = re.compile(
    rf"\b(?:specialists?|specailist|specalist|speciallist|spec|especialistas?)\s+(?:level\s+"
    rf"|nivel\s+)?(?P<level>{_LEVEL})(?!\w|[.,]\d|\s*(?:years?|anos?|months?))"
)
_NEXT = re.compile(
    rf"\s*(?:,|/|-|&|vs\.?|versus|or|o|and|y|to|a|through|and level|y nivel|contra)\s*(?:the\s+|el\s+"
    rf"|a\s+)?(?P<level>{_LEVEL})(?!\w|[.,]\d|\s*(?:years?|anos?|yrs?|months?))"
)
# Aliases in the class data serve searching too; only those that name a person's job are titles.
_OCCUPATION = re.compile(
    r"\b(?:specialist|analyst|reviewer|auditor|adjudicator|technician|examiner|especialista|analista|revisor"
    r"|auditora?|adjudicador|tecnico)\b"
)
# "I" is a word and "1" a number, so a level standing alone is read only from II on, in Roman numerals.
_BARE = re.compile(r"(?<![\w-])(?P<level>ii|iii|iv)(?![\w-]|\s+drip)")


def normalised_code(text: str) -> str:
    """The code as printed: "a-32 b" gives "A32B"."""
    return re.sub(r"[\s-]", "", text).upper()


class ClassNames:
    """The titles, aliases and codes of the class data.

    Args:
        classes: class files as read from YAML: `title`, `aliases` by language, `levels` and `series`
            with `code`.
    """

    def __init__(self, classes: list[dict[str, Any]]) -> None:
        self.codes = sorted({str(entry["code"]).upper() for c in classes for entry in _entries(c) if entry.get("code")})
        titles: dict[str, set] = {}
        for content in classes:
            aliases = [name for names in (content.get("aliases") or {}).values() for name in names]
            for name in [content["title"], *aliases]:
                if _OCCUPATION.search(fold(str(name))):
                    titles.setdefault(fold(str(name)), set()).add(content["title"])
        # A name two classes share says nothing about which is meant.
        self.titles = {name: owners.pop() for name, owners in titles.items() if len(owners) == 1}

    def find_codes(self, folded: str) -> list[Detail]:
        """Codes as printed; one letter, two digits, one letter is a code even if it is not in the data."""
        found = []
        for match in _CODE.finditer(folded):
            code = normalised_code(match.group())
            spaced = re.search(r"\s", match.group())
            # With spaces inside, "a 32 b" must be a code we know: "a 40 h week" is not one.
            if code in self.codes or not spaced:
                found.append(Detail("class_code", code, match.start(), match.end()))
        for match in _WA_CODE.finditer(folded):
            code = normalised_code(match.group())
            if code in self.codes:
                found.append(Detail("class_code", code, match.start(), match.end()))
        return found


def _entries(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(content.get("levels") or []), *(content.get("series") or [])]


def find_levels(folded: str, taken: list[Detail]) -> list[Detail]:
    """Levels "I" to "IV", each named after a word for level, after a class title, or as a bare Roman numeral.

    Args:
        folded: the folded text.
        taken: details whose characters are spoken for, such as class codes.
    """
    found: list[Detail] = []

    def add(start: int, end: int, level: str) -> bool:
        detail = Detail("class_level", _ORDINALS[level], start, end)
        if overlaps(detail, found + taken):
            return False
        found.append(detail)
        return True

    for pattern in (_AFTER_WORD, _AFTER_TITLE):
        for match in pattern.finditer(folded):
            position = match.end()
            if add(match.start("level"), position, match["level"]):
                following = _NEXT.match(folded, position)
                while following and add(following.start("level"), following.end(), following["level"]):
                    following = _NEXT.match(folded, following.end())
    for pattern in (_BEFORE_WORD, _BARE):
        for match in pattern.finditer(folded):
            add(match.start("level"), match.end("level"), match["level"])
    return sorted(found, key=lambda detail: detail.start)
