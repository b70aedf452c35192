"""Amounts of time and what they are time of: experience, college, waiting or age."""

import re
from typing import Any

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
# "Two years of college and 4 of experience": years, said once.
_MORE_YEARS = re.compile(
    rf"(?:{_YEAR}\b[^.;!?\d]{{0,40}}?\s(?:and|y|plus|mas|&|,|con|with)\s+)(?P<number>{NUMBER})\s+"
    r"(?=(?:of|de)\s+(?:work\s+)?(?:experience|experiencia|trabajo|work|exp)\b)"
)
_RANGE_BEFORE = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten))\s*(?:-|to|or|a|o|y"
    r"|and)\s*$"
)
_VAGUE_BEFORE = re.compile(
    r"(?:less than|under|not even|fewer than|menos de|no llego a|up to|hasta|within|last|past|next|first|ultimos"
    r"|pasados|proximos|primeros|maximum of|at most|every"
    r"|cada)\s+(?:a\s+)?$"
)
_LOOSE_BEFORE = re.compile(
    r"(?:about|around|almost|nearly|over|more than|at least|like|roughly|close to|approx\w*|casi|como|mas de|unos"
    r"|unas"
    r"|alrededor de|cerca de|al menos|por lo menos|~)\s*$"
)
_AGO = re.compile(r"\s*(?:ago|back\b|atras|from now|later|despues|antes)")
# "Hace 3 semanas" is a point in time, "hace 3 semanas que" a time spent waiting.
_SINCE_BEFORE = re.compile(r"\bhace(?:\s+(?:como|casi|ya|mas de))?\s+$")
_THAT_AFTER = re.compile(r"\s+(?:que|q|k)\b")
# "Un diplomado de dos años", "a program of two years": how long a course lasts is no time of one's own.
_COURSE_BEFORE = re.compile(
    r"\b(?:diplomado|curso|programa|certificad[oa]|certificacion|tecnic[oa]|maestria|licenciatura|contrato|plan|course"
    r"|program|certificate|degree|contract)\s+(?:de|of)\s+$"
)
_DEGREE_AFTER = re.compile(r"[\s-]*(?:degree|deg\b|diploma|program|plan|contract)")
_OLD_AFTER = re.compile(r"[\s-]*(?:old|of age|de edad|y/?o\b)")
_I_HAVE_BEFORE = re.compile(r"(?:\btengo|\bcumpli|\bya tengo|\btiene|\bcon mis)\s+$")
_END = re.compile(r"\s*(?:$|[.,;!?]|y\b|and\b|pero\b|but\b)")
_COLLEGE = re.compile(
    r"(?<!\bno )(?<!\bsin )(?<!\bwithout )(?<!\b0 )\b(?:college|colege|university|universidad|univercidad|uni"
    r"|community college|undergrad"
    r"|carrera|clases universitarias)\b"
)
_WORK = re.compile(
    r"\b(?:experience|experiance|expirience|experence|exp|working|worked|work|job|jobs|employed|customer service"
    r"|handling|processing|managing|supervising|supervisor|manager|served|been an?|clerk|cashier|teacher|nurse"
    r"|experiencia|esperiencia|trabajando|trabaje|trabajo|trabajado|laborando|de cajer[oa]|atendiendo|siendo"
    r"|de gerente|de secretari[oa])\b"
)
# Words that only hint at work, and only right beside the duration: "5 years in payroll", "3 años revisando reclamos".
_WORK_HINT = re.compile(
    r"\s*(?:(?:part|full)[\s-]?time\s+|medio tiempo\s+|tiempo completo\s+)?(?:(?:as an?|at an?|doing|como|haciendo)\b"
    r"|in (?!a row|total|the (?:us|last|past)|this country|washington|oklahoma|college|unemployment|collections?\b)"
    r"|en (?!desempleo|washington|oklahoma|este pais|estados|usa|la lista|espera|total|eeuu|la universidad)"
    r"|(?!wait|pay|look|liv|gett|collect|receiv|claim|go)[a-z]{2,}ing\b"
    r"|(?!esper|pag|busc|viv|cobr|recib|desemple|vin|sal)[a-z]{2,}(?:ando|iendo)\b)"
)
_DID_BEFORE = re.compile(r"\b(?:did|hice)\s+$")
_WAIT = re.compile(
    r"\b(?:wait|waiting|waited|waitin|pending|no (?:payment|money|answer|response|word|check|news)|without (?:pay"
    r"|payment|money|any)"
    r"|havent|haven't|hasnt|hasn't|still (?:no|nothing|waiting)|nothing yet|on hold|heard nothing|not been paid"
    r"|since i (?:applied|filed)"
    r"|processing my|esper\w*|pendiente|sin (?:pago|pagos|recibir|respuesta|cobrar|dinero|noticias)"
    r"|no me (?:pagan|han|ha))\b"
)
_PART_TIME = re.compile(
    r"\b(?:part[\s-]?time|parttime|half[\s-]?time|medio tiempo|tiempo parcial|media jornada|medio turno)\b"
)
_FULL_TIME = re.compile(r"\b(?:full[\s-]?time|fulltime|tiempo completo|jornada completa)\b")
_CLAUSE_END = re.compile(
    r"[.;!?\n]|,(?!\d)|\b(?:and|but|plus|then|if|when|y|pero|luego|despues|also|tambien|si|cuando)\b"
)
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
        if _AGO.match(after) or _DEGREE_AFTER.match(after) or _COURSE_BEFORE.search(before):
            continue
        if _SINCE_BEFORE.search(before) and not _THAT_AFTER.match(after):
            continue
        role = _role(before, after)
        if days is not None and role == "experience":
            # Nobody counts experience in weeks; the word beside it belongs to something else.
            role = "none"
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
    for match in _MORE_YEARS.finditer(folded):
        number = read_number(match["number"])
        if number is not None and number <= LONGEST_YEARS:
            found.append((match.start("number"), match.end("number"), int(number * 12 + 1e-6), None))
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
    signs = (("college", _COLLEGE), ("waiting", _WAIT), ("experience", _WORK))
    after_signs = [(match.start(), role) for role, pattern in signs if (match := pattern.search(near_after))]
    if after_signs:
        return min(after_signs)[1]
    if _WORK_HINT.match(near_after) or _DID_BEFORE.search(near_before):
        return "experience"
    before_signs = [(match.end(), role) for role, pattern in signs for match in pattern.finditer(near_before)]
    if before_signs:
        return max(before_signs)[1]
    return "waiting" if _SINCE_BEFORE.search(near_before) and _THAT_AFTER.match(after) else "none"


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
    r"|la universidad|usa|el|titulo|trabajo|estudio|ciudad|washington|oklahoma"
    r"|specialist|january|february|march|april|may|june|july|august|september|october|november|december)$"
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
