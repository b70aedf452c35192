"""Dates and ranges of dates, English and Spanish; an ambiguous date is left alone."""

import re
from datetime import date, timedelta

from bot.nlu.detail import Detail, overlaps

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan enero ene",
            "february feb febuary febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sept sep septiembre setiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ],
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ISO = re.compile(r"(?<![\d-])(?P<year>(?:19|20)\d\d)-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?![\d-])")
_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(?:of\s+)?{_YEAR})?\b"
)
_DAY_MONTH = re.compile(
    rf"(?<![\d$.,/-])(?P<day>\d{{1,2}})(?:st|nd|rd|th|ro|o)?\s+(?:of\s+"
    rf"|de\s+)?(?P<month>{_MONTH})\b\.?(?:,?\s+(?:de(?:l)?\s+)?{_YEAR})?"
)
_SLASHED = re.compile(
    r"(?<![\d/$.-])(?P<a>\d{1,2})(?P<mark>[/-])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:19|20)?\d\d)(?![\d/-])"
)
_SPANISH_RANGE = re.compile(
    rf"\bdel?\s+(?P<first>\d{{1,2}})\s+al?\s+(?P<last>\d{{1,2}})\s+de\s+(?P<month>{_MONTH})\b(?:\s+del?\s+{_YEAR})?"
)
_ENGLISH_RANGE = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s+(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:-|–|to|through"
    rf"|thru)\s*(?P<last>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])\b(?:,?\s+{_YEAR})?"
)
_JOIN = re.compile(r"\s*(?:-|–|to|through|thru|until|till|and|al?|hasta(?: el)?)\s+(?:the\s+|el\s+)?$")
_RELATIVE = re.compile(
    r"\b(?P<day>day before yesterday|yesterday|today|tomorrow|anteayer|antier|ayer|hoy|pasado manana"
    r"|(?<!la )(?<!esta )(?<!cada )(?<!por )(?<!de )manana(?! por| temprano|s))\b"
)
_OFFSETS = {
    "day before yesterday": -2, "anteayer": -2, "antier": -2, "yesterday": -1, "ayer": -1, "today": 0, "hoy": 0,
    "tomorrow": 1, "manana": 1, "pasado manana": 2,
}  # fmt: skip
# "May" and "mar" are words too: without a year they need a day that follows, which the patterns ask for, and
# "may 1 person" is caught here.
_NOT_A_DAY = re.compile(r"\s*(?:people|person|persons|weeks?|months?|years?|days?|hours?|times?|%|percent|dollars?)\b")


_PAST = re.compile(
    r"\b(?:dated?|got|received|sent|mailed|since|was|were|lost|fired|filed|applied|quit|started|ended|came|last"
    r"|worked"
    r"|fecha|recibi|desde|llego|mandaron|perdi|solicite|renuncie|despidieron|trabaje|pasado)\b"
)
# Without a year, a day this near is recent or soon; a farther one is read only where the words say it is past.
NEAR = timedelta(days=60)


def _make(year: str | None, month: int, day: int, today: date, folded: str) -> date | None:
    try:
        if year:
            full = int(year) + 2000 if len(year) == 2 else int(year)
            return date(full, month, day)
        nearby = [date(today.year + shift, month, day) for shift in (-1, 0, 1)]
    except ValueError:
        return None
    if _PAST.search(folded):
        return max(candidate for candidate in nearby if candidate <= today)
    nearest = min(nearby, key=lambda candidate: abs(candidate - today))
    return nearest if abs(nearest - today) <= NEAR else None


def _single_dates(folded: str, today: date, language: str) -> list[tuple[int, int, date]]:
    found: list[tuple[int, int, date]] = []

    def add(match: "re.Match[str]", value: date | None) -> None:
        free = not any(match.start() < end and start < match.end() for start, end, _ in found)
        if value and free and not _NOT_A_DAY.match(folded[match.end() :]):
            found.append((match.start(), match.end(), value))

    for match in _ISO.finditer(folded):
        add(match, _make(match["year"], int(match["month"]), int(match["day"]), today, folded))
    for match in _SLASHED.finditer(folded):
        month, day = _month_and_day(int(match["a"]), int(match["b"]), language)
        if month:
            add(match, _make(match["year"], month, day, today, folded))
    for pattern in (_MONTH_DAY, _DAY_MONTH):
        for match in pattern.finditer(folded):
            add(match, _make(match["year"], _MONTHS[match["month"]], int(match["day"]), today, folded))
    for match in _RELATIVE.finditer(folded):
        add(match, today + timedelta(days=_OFFSETS[match["day"]]))
    return sorted(found)


def _month_and_day(a: int, b: int, language: str) -> tuple[int, int]:
    """Month and day of "a/b": American order in English, readable only if not ambiguous in Spanish; (0, 0) if not."""
    if a == b or b > 12:
        return a, b
    if a > 12:
        return b, a
    return (a, b) if language == "en" else (0, 0)


def find_dates(folded: str, today: date, language: str = "en") -> list[Detail]:
    """Dates as ISO, ranges as "from/to" in ISO.

    Args:
        folded: the folded text.
        today: what "yesterday" and dates without a year are relative to.
        language: ISO 639-1 of the message; decides how "3/4/2025" is read.
    """
    found: list[Detail] = []
    for pattern in (_SPANISH_RANGE, _ENGLISH_RANGE):
        for match in pattern.finditer(folded):
            month = _MONTHS[match["month"]]
            first = _make(match["year"], month, int(match["first"]), today, folded)
            last = _make(match["year"], month, int(match["last"]), today, folded)
            if first and last and first <= last:
                found.append(Detail("date", f"{first}/{last}", match.start(), match.end()))
    singles = [s for s in _single_dates(folded, today, language) if not overlaps(Detail("", 0, s[0], s[1]), found)]
    position = 0
    while position < len(singles):
        start, end, value = singles[position]
        following = singles[position + 1] if position + 1 < len(singles) else None
        if following and value <= following[2] and _JOIN.fullmatch(folded[end : following[0]]):
            found.append(Detail("date", f"{value}/{following[2]}", start, following[1]))
            position += 2
        else:
            found.append(Detail("date", str(value), start, end))
            position += 1
    return sorted(found, key=lambda detail: detail.start)
