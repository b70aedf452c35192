"""Amounts of time and what they are time of: experience, college, waiting or age."""

import re
from typing import Any, Optional

from bot.nlu.detail import Detail
from bot.nlu.details_numbers import NUMBER, read_number

_YEAR = r"(?:years?|yeras?|yers|yrs?|y/?o|anos?|anios?|an~os?)"
_MONTH = r"(?:months?|monthes|mos?|mths?|mnths?|meses|mes)"
_WEEK = r"(?:weeks?|wks?|weks|semanas?)"
_DAY = r"(?:days?|dias?)"
_HALF = r"(?:\s+and\s+(?:a\s+)?half|\s*(?:&|n)\s*(?:a\s+)?half|\s+y\s+med(?:io|ia))"
_PART = r"(?:\s*,?\s*(?:and|y|&|con)?\s*)"
_DURATION = re.compile(
    rf"(?P<number>{NUMBER})(?P<plus>\s?\+)?(?P<half>{_HALF})?[\s-]*(?:(?:full|whole|good|straight|solid)\s+)?"
    rf"(?:(?P<year>{_YEAR})\b(?P<yhalf>{_HALF})?(?:{_PART}(?P<months>{NUMBER})[\s-]*{_MONTH}\b)?"
    rf"|(?P<month>{_MONTH})\b(?P<mhalf>{_HALF})?|(?P<week>{_WEEK})\b|(?P<day>{_DAY})\b)"
)
# "a year and a half", "año y medio", "half a year", "medio año": the only durations read without a number.
_BARE = re.compile(
    rf"(?<!\w)(?:(?:(?:a|an|one|un)\s+)?(?:year|yr|ano|anio){_HALF}|(?P<six>half\s+a\s+year|medio\s+an[io]*o))\b"
)
# "a year of experience": "a" only counts with what it is a year of.
_A_YEAR = re.compile(r"(?<!\w)a\s+(?P<unit>year|yr|month)\s+(?=of\s+(?:experience|college|work)|in\s|as\s|doing\s)")
_RANGE_BEFORE = re.compile(r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten))\s*(?:-|to|or|a|o|y|and)\s*$")
_VAGUE_BEFORE = re.compile(
    r"(?:less than|under|not even|fewer than|menos de|no llego a|up to|hasta|within|maximum of|at most|every"
    r"|cada)\s+(?:a\s+)?$"
)
_LOOSE_BEFORE = re.compile(
    r"(?:about|around|almost|nearly|over|more than|at least|like|roughly|close to|approx\w*|casi|como|mas de|unos"
    r"|unas"
    r"|alrededor de|cerca de|al menos|por lo menos|~)\s*$"
)
_AGO = re.compile(r"\s*(?:ago|back\b|atras|from now|later|despues|antes)")
_DEGREE_AFTER = re.compile(r"[\s-]*(?:degree|deg\b|diploma|program|plan|contract)")
_OLD_AFTER = re.compile(r"[\s-]*(?:old|of age|de edad|y/?o\b)")
_I_HAVE_BEFORE = re.compile(r"(?:\btengo|\bcumpli|\bya tengo|\btiene|\bcon mis)\s+$")
_END = re.compile(r"\s*(?:$|[.,;!?]|y\b|and\b|pero\b|but\b)")
_COLLEGE = re.compile(
    r"\b(?:college|colege|university|universidad|univercidad|uni|community college|undergrad|carrera"
    r"|clases universitarias)\b"
)
_WORK = re.compile(
    r"\b(?:experience|experiance|expirience|experence|exp|working|worked|work|job|jobs|employed|customer service"
    r"|as an?|in"
    r"|doing|did|at an?|handling|processing|managing|supervising|supervisor|manager|served|been an?|clerk|cashier"
    r"|teacher|nurse"
    r"|experiencia|esperiencia|trabajando|trabaje|trabajo|trabajado|laborando|como|de cajer[oa]|atendiendo"
    r"|haciendo|siendo"
    r"|de gerente|de secretari[oa])\b"
)
_WAIT = re.compile(
    r"\b(?:wait|waiting|waited|waitin|pending|no (?:payment|money|answer|response|word|check|news)|without (?:pay"
    r"|payment|money|any)"
    r"|havent|haven't|hasnt|hasn't|still (?:no|nothing|waiting)|nothing yet|on hold|heard nothing|not been paid"
    r"|since i (?:applied|filed)"
    r"|processing my|esper\w*|pendiente|sin (?:pago|pagos|recibir|respuesta|cobrar|dinero|noticias)"
    r"|no me (?:pagan|han|ha)|hace)\b"
)
_PART_TIME = re.compile(
    r"\b(?:part[\s-]?time|parttime|half[\s-]?time|medio tiempo|tiempo parcial|media jornada|medio turno)\b"
)
_FULL_TIME = re.compile(r"\b(?:full[\s-]?time|fulltime|tiempo completo|jornada completa)\b")
_CLAUSE_END = re.compile(r"[.;!?\n]|,(?!\d)|\b(?:and|but|plus|then|y|pero|luego|despues|also|tambien)\b")
_MONTHS_OF = {"year": 12.0, "month": 1.0, "week": 12 / 52.18, "day": 12 / 365.25}
LONGEST_YEARS = 80


def find_durations(folded: str) -> list[Detail]:
    """Durations in folded text: value in whole months (rounded down), role, and extras.

    Extras: `approximate` for "about 3 years", `part_time`, `days` for weeks and days. Ranges ("2-3
    years"), limits ("less than a year") and points in time ("2 years ago") are not durations.
    """
    found = []
    for start, end, months, days in _amounts(folded):
        before, after = folded[:start], folded[end:]
        if _RANGE_BEFORE.search(before) or _VAGUE_BEFORE.search(before):
            continue
        if _AGO.match(after) or _DEGREE_AFTER.match(after):
            continue
        role = _role(before, after)
        extra: dict[str, Any] = {}
        if _LOOSE_BEFORE.search(before) or "+" in folded[start:end]:
            extra["approximate"] = True
        if days is not None:
            extra["days"] = days
        clause = _clause(folded, start, end)
        if role == "experience" and _PART_TIME.search(clause) and not _FULL_TIME.search(clause):
            extra["part_time"] = True
        found.append(Detail("duration", months, start, end, role, extra))
    return found


def _amounts(folded: str) -> list[tuple[int, int, int, int | None]]:
    found: list[tuple[int, int, int, int | None]] = []
    for match in _DURATION.finditer(folded):
        number = read_number(match["number"])
        if number is None:
            continue
        unit = next(name for name in _MONTHS_OF if match[name])
        number += 0.5 * bool(match["half"] or match["yhalf"] or match["mhalf"])
        months = number * _MONTHS_OF[unit]
        if match["months"]:
            extra_months = read_number(match["months"])
            if extra_months is None:
                continue
            months += extra_months
        if months <= LONGEST_YEARS * 12:
            per_unit = {"week": 7, "day": 1}.get(unit)
            days = round(number * per_unit) if per_unit else None
            found.append((match.start(), match.end(), int(months + 1e-6), days))
    taken = [(start, end) for start, end, _, _ in found]
    for pattern, months_of in ((_BARE, lambda m: 6 if m["six"] else 18), (_A_YEAR, _one_unit)):
        for match in pattern.finditer(folded):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                end = match.end() - (len(match.group()) - len(match.group().rstrip()))
                found.append((match.start(), end, months_of(match), None))
    return sorted(found)


def _one_unit(match: "re.Match[str]") -> int:
    return 1 if match["unit"] == "month" else 12


def _clause(folded: str, start: int, end: int) -> str:
    """The words around the span up to the next comma, full stop or conjunction on each side."""
    left = 0
    for boundary in _CLAUSE_END.finditer(folded, 0, start):
        left = boundary.end()
    right = _CLAUSE_END.search(folded, end)
    return folded[left : right.start() if right else len(folded)]


def _role(before: str, after: str) -> str:
    if _OLD_AFTER.match(after) or (_I_HAVE_BEFORE.search(before) and _END.match(after)):
        return "age"
    near_after = after[: _first_boundary(after)]
    near_before = before[_last_boundary(before) :]
    for near in (near_after, near_before):
        signs = [
            (match.start() if near is near_after else -match.end(), role)
            for role, pattern in (("college", _COLLEGE), ("waiting", _WAIT), ("experience", _WORK))
            for match in [_nearest(pattern, near, first=near is near_after)]
            if match
        ]
        if signs:
            roles = {role for _, role in signs}
            # "4 years in college" and "2 years of waiting in line": the more telling word wins over "in".
            return next(role for role in ("college", "waiting", "experience") if role in roles)
    return "none"


def _nearest(pattern: "re.Pattern[str]", text: str, first: bool) -> Optional["re.Match[str]"]:
    matches = list(pattern.finditer(text))
    return (matches[0] if first else matches[-1]) if matches else None


def _first_boundary(text: str) -> int:
    boundary = _CLAUSE_END.search(text)
    return boundary.start() if boundary else len(text)


def _last_boundary(text: str) -> int:
    last = 0
    for boundary in _CLAUSE_END.finditer(text):
        last = boundary.end()
    return last


_AREA = re.compile(
    r"^\s*(?:of\s+|de\s+)?(?:(?:full[\s-]?time|part[\s-]?time)\s+)?(?:work\s+|working\s+|worked\s+|job\s+)?"
    r"(?:experience\s+|exp\s+|experiencia\s+|trabajando\s+)?(?:working\s+|trabajando\s+)?"
    r"(?P<lead>in\s+an?\s+|in\s+|as\s+an?\s+|as\s+|at\s+an?\s+|doing\s+|handling\s+|processing\s+|en\s+(?:el\s+"
    r"|la\s+|una?\s+)?|como\s+|haciendo\s+|de\s+(?!experiencia))"
    r"(?P<area>[a-z][a-z /&'-]{2,60})"
)
_AREA_STOP = re.compile(
    r"\s+(?:do|does|am|is|can|could|would|will|if|for|at|with|without|and i|but|so|am i|part|full|que|si|con|sin"
    r"|por|puedo|"
    r"califico|alcanza|sirve|cuenta|enough|count|qualify|medio|tiempo|pero|y|and)\b.*$"
)
_NOT_AREA = re.compile(
    r"^(?:college|university|universidad|a row|total|general|it|this|that|the|all|high school|school"
    r"|la universidad|usa|el)$"
)


def find_experience_areas(folded: str, durations: list[Detail]) -> list[Detail]:
    """What the experience is in: "5 years in medical billing" gives "medical billing"."""
    found = []
    for duration in durations:
        if duration.role == "experience":
            match = _AREA.match(folded[duration.end :])
            if match:
                area = _AREA_STOP.sub("", match["area"]).strip(" -/&'")
                if area and not _NOT_AREA.match(area):
                    start = duration.end + match.start("area")
                    found.append(Detail("experience_area", area, start, start + len(area)))
    return found
