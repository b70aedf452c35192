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
    **dict(zip(["first", "second", "third", "fourth"], _ROMAN.values(), strict=False)),
    **dict(zip(["primero", "segundo", "tercero", "cuarto"], _ROMAN.values(), strict=False)),
    "primer": "I",
    "tercer": "III",
}
_LEVEL = "|".join(sorted(_LEVELS, key=len, reverse=True))
_LEVEL_WORD = r"(?:level|lvl|lev|levle|nivel|niv|grade|grado|lvel|leve)"
_NUMBER_WORD = r"(?:(?:number|num|no\.|nro\.?|numero|#)\s*)"
_CODE = re.compile(r"(?<![\w-])(?P<first>[a-z])[\s-]?(?P<number>\d{2})[\s-]?(?P<last>[a-z])(?![\w-])")
_WA_CODE = re.compile(r"(?<![\w$-])(?P<number>1\d{2})[\s-]?(?P<last>[a-z])(?![\w-])")
_AFTER_WORD = re.compile(rf"\b{_LEVEL_WORD}s?\.?[\s#-]*{_NUMBER_WORD}?(?P<level>{_LEVEL})(?![\w.,]\d|\w)")
_BEFORE_WORD = re.compile(
    r"\b(?P<level>1st|2nd|3rd|4th|first|second|third|fourth|primer|segundo|tercer|cuarto)"
    rf"(?:\s+(?:and|or|y|o)\s+(?:the\s+|el\s+)?(?P<other>{_LEVEL}))?\s+(?:level|lvl|nivel)(?:s|es)?\b"
)
_SPECIALIST = r"\b(?:specialists?|specailist|specalist|speciallist|spec|especialistas?)"
_AFTER_TITLE = re.compile(
    rf"{_SPECIALIST}\s+(?:level\s+|nivel\s+)?{_NUMBER_WORD}?(?P<level>{_LEVEL})"
    r"(?!\w|[.,]\d|\s*(?:years?|anos?|months?))"
)
_TIME = r"(?:years?|yrs?|anos?|months?|meses|mes)"
# Who asks "specialist 2 years without a degree" wants the years of level 2; who was one for 2 years says so.
_YEARS_ASKED = re.compile(
    rf"{_SPECIALIST}\s+(?P<level>{_LEVEL})(?=\s+{_TIME}\s+(?:without|with no\b|with a\b|needed|required|do i need"
    r"|you need|to qualify|sin\b|con\b|necesari[oa]s|que (?:piden?|exigen?|hacen falta|necesito)))"
)
_LEVEL_THEN_TIME = re.compile(rf"\b{_LEVEL_WORD}\.?[\s#-]*(?P<level>{_LEVEL})(?=\s+{_TIME}\b(?!\s+(?:ago|old|atras)))")
_WORKED_BEFORE = re.compile(
    r"\b(?:i|i'm|i've|ive|am|was|been|worked|work|working|did|have|my|soy|fui|era|trabaj\w*|tengo|llevo|como|hice)\b"
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
        classes: class files as read from YAML: `title`, `aliases` by language, `classes` and `series`
            with `code`, and `abolished` with `codes`.
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
    abolished = (content.get("abolished") or {}).get("codes") or []
    return [*(content.get("classes") or []), *(content.get("series") or []), *({"code": code} for code in abolished)]


def levels_before_years(folded: str) -> list[Detail]:
    """Levels whose number stands before a word for years and is no number of years: "level 3 years without college"."""
    matches = list(_LEVEL_THEN_TIME.finditer(folded))
    if not _WORKED_BEFORE.search(folded):
        matches += _YEARS_ASKED.finditer(folded)
    return [Detail("class_level", _LEVELS[m["level"]], m.start("level"), m.end("level")) for m in matches]


def find_levels(folded: str, taken: list[Detail]) -> list[Detail]:
    """Levels "I" to "IV", each named after a word for level, after a class title, or as a bare Roman numeral.

    Args:
        folded: the folded text.
        taken: details whose characters are spoken for, such as class codes.
    """
    found: list[Detail] = [detail for detail in levels_before_years(folded) if not overlaps(detail, taken)]

    def add(start: int, end: int, level: str) -> bool:
        detail = Detail("class_level", _LEVELS[level], start, end)
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
            if match.groupdict().get("other"):
                add(match.start("other"), match.end("other"), match["other"])
    return sorted(found, key=lambda detail: detail.start)
