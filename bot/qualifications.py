"""Does a background meet stored qualification rules? Pure arithmetic in months; nothing here knows a job class.

Rules are data, as in `data/job_classes/`:

    {any_of: [{degree: bachelor, experience_years: 1, experience_for_degree: 1}]}    alternatives
    {same_as: I, additional_experience_years: 2}                                      another level's, and more

`experience_for_degree` is the years of qualifying experience that replace one missing year of the degree; without
it nothing replaces the degree. An alternative with `combination` states no
amounts; one with `text` could not be read as a rule and is only quoted. A degree is counted in years
by `DEGREE_MONTHS`: no specification says how long a degree takes, so an answer must say that this is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from rapidfuzz.distance import OSA

from bot.accents import without_accents

MEETS, UNCLEAR, NOT_YET = "meets_on_paper", "unclear", "not_yet"
YES, NO = "yes", "no"

FULL_TIME_HOURS = 40
DEGREE_RANKS = {
    "none": 0,
    "ged": 1,
    "high_school": 1,
    "some_college": 2,
    "associate": 3,
    "bachelor": 4,
    "master": 5,
    "doctorate": 6,
}
DEGREE_MONTHS = {"associate": 24, "bachelor": 48, "master": 72, "doctorate": 96}


class RulesError(ValueError):
    """Rules that can't be evaluated: they refer to a level that is not there, or in a circle."""


@dataclass(frozen=True)
class Job:
    """Work someone did: whole months; `start` and `end` count months from any fixed one when the dates are known.

    `qualifies` is the judgement yes | unclear | no on the kind of work. Part-time work counts as
    `hours_per_week` of 40. `alongside` marks a job held at the same time as the one before it.
    """

    months: int
    qualifies: str = YES
    area: str | None = None
    hours_per_week: int | None = None
    start: int | None = None
    alongside: bool = False
    in_class: str | None = None


@dataclass(frozen=True)
class Background:
    """What someone said of themselves; None is "not said", an empty tuple of jobs is "no experience"."""

    degree: str | None = None
    college_months: int | None = None
    jobs: tuple[Job, ...] | None = None
    work_authorized: bool | None = None


@dataclass(frozen=True)
class Line:
    """One line of the sum: a key for its words, and the values that go in."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A verdict with its sum; `short_months` is how much qualifying experience is missing at the least.

    `counts_unclear` says whether the sum counts work whose kind is unclear; it doesn't when sure work is enough."""

    verdict: str
    lines: tuple[Line, ...] = ()
    missing: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    needed_months: int | None = None
    short_months: Fraction = Fraction(0)
    counts_unclear: bool = True


# ------------------------------------------------------------------ rules


def resolve(rules_by_level: Mapping[str, Any], level: str) -> list[dict[str, Any]] | None:
    """The alternatives that hold at `level` with every reference followed; None when nothing is stated there."""
    extra, seen = 0, set()
    while True:
        if level in seen or level not in rules_by_level:
            raise RulesError(f"level {level} is not there, or refers to itself")
        seen.add(level)
        rules = rules_by_level[level]
        if not rules:
            return None
        if "same_as" not in rules:
            break
        extra += rules.get("additional_experience_years") or 0
        level = rules["same_as"]
    return [
        {**alternative, "experience_years": (alternative.get("experience_years") or 0) + extra}
        if "combination" not in alternative
        else dict(alternative)
        for alternative in rules["any_of"]
    ]


def months_needed(rule: Mapping[str, Any], degree_months: int = 0) -> int | None:
    """Months of qualifying experience one alternative asks for with so many months towards its degree.

    None when the degree is not complete and nothing may replace it.
    """
    full = DEGREE_MONTHS.get(rule.get("degree") or "", 0)
    gap = max(0, full - degree_months)
    ratio = rule.get("experience_for_degree")
    if gap and ratio is None:
        return None
    return int(gap * (ratio or 0) + 12 * (rule.get("experience_years") or 0))


# ------------------------------------------------------------------ experience


def counted_months(jobs: Sequence[Job], *, qualifying: Sequence[str] = (YES,)) -> Fraction:
    """Full-time months of the jobs judged so; months held twice count once, part time in proportion.

    Jobs with dates are laid on the calendar: each month counts at most as one. A job `alongside` the one before
    it adds only what part of full time, or of length, that one left free.
    """
    chosen = [job for job in jobs if job.qualifies in qualifying]
    calendar: dict[int, Fraction] = {}
    total = Fraction(0)
    group: list[Job] = []
    for job in chosen:
        if job.start is not None:
            for month in range(job.start, job.start + job.months):
                calendar[month] = min(Fraction(1), calendar.get(month, Fraction(0)) + _share(job))
        elif job.alongside and group:
            group.append(job)
        else:
            total += _together(group)
            group = [job]
    return total + _together(group) + sum(calendar.values(), Fraction(0))


def _together(group: Sequence[Job]) -> Fraction:
    """Months of jobs held at the same time, laid one on the other from their start: at most full time each month."""
    longest = max((job.months for job in group), default=0)
    return sum(
        (min(Fraction(1), sum((_share(j) for j in group if j.months > m), Fraction(0))) for m in range(longest)),
        Fraction(0),
    )


def _share(job: Job) -> Fraction:
    if job.hours_per_week is None:
        return Fraction(1)
    return Fraction(min(max(job.hours_per_week, 0), FULL_TIME_HOURS), FULL_TIME_HOURS)


# ------------------------------------------------------------------ evaluating


def degree_credit(background: Background, degree: str | None) -> tuple[int, int]:
    """The least and the most months towards `degree` that the background may be worth."""
    full = DEGREE_MONTHS.get(degree or "", 0)
    held, college = background.degree, background.college_months
    if full == 0 or (held and DEGREE_RANKS[held] >= DEGREE_RANKS[degree or "none"]):
        return full, full
    known = min(full, max(DEGREE_MONTHS.get(held or "", 0), college or 0))
    if college is None and held in (None, "some_college"):
        return known, full
    return known, known


def evaluate(
    rules: Sequence[Mapping[str, Any]] | None, background: Background, *, work_authorization: bool = False
) -> Result:
    """The best verdict over the alternatives, with the sum of the one that decides it.

    `work_authorization` says that the specification asks for permission to work in the country.
    """
    if work_authorization and background.work_authorized is False:
        return Result(NOT_YET, (Line("not_authorized"),))
    if not rules:
        return Result(UNCLEAR, (Line("nothing_stated"),))
    results = [_evaluate_one(rule, background) for rule in rules]
    order = {MEETS: 0, UNCLEAR: 1, NOT_YET: 2}
    return min(results, key=lambda r: (order[r.verdict], len(r.missing), r.short_months))


def _evaluate_one(rule: Mapping[str, Any], background: Background) -> Result:
    if "text" in rule:
        return Result(UNCLEAR, (Line("as_printed", {"text": rule["text"]}),))
    if "combination" in rule:
        return Result(UNCLEAR, (Line("combination_without_amounts", {"combination": rule["combination"]}),))
    if "in_class" in rule:
        return _in_class(rule, background)
    if rule.get("degree") in ("high_school", "ged"):
        return _school(rule, background)
    least, most = degree_credit(background, rule.get("degree"))
    sure, likely = _experience(background)
    need_most, need_least = months_needed(rule, least), months_needed(rule, most)
    missing = []
    if least != most:
        missing.append("degree" if background.degree is None else "college")
    if background.jobs is None and (need_most or need_least is None):
        missing.append("experience")
    if need_most is not None and sure >= need_most:
        verdict = MEETS
        missing = []
    elif need_least is None or (likely is not None and likely < need_least):
        verdict = NOT_YET
    else:
        verdict = UNCLEAR
    counted = sure if likely is None or verdict == MEETS else likely
    short = Fraction(0)
    if verdict != MEETS and need_least is not None and background.jobs is not None:
        short = max(Fraction(0), need_least - counted)
    lines: tuple[Line, ...] = ()
    if least == most or verdict == MEETS:
        lines = _sum(rule, background, least, counted)
    return Result(
        verdict,
        lines,
        tuple(missing),
        _assumptions(rule, background, least, verdict),
        need_most,
        short,
        counts_unclear=verdict != MEETS,
    )


def _experience(background: Background) -> tuple[Fraction, Fraction | None]:
    """Months that surely qualify, and months that may; None when nothing was said, so there is no most."""
    if background.jobs is None:
        return Fraction(0), None
    return counted_months(background.jobs), counted_months(background.jobs, qualifying=(YES, UNCLEAR))


def _sum(rule: Mapping[str, Any], background: Background, credit: int, counted: Fraction) -> tuple[Line, ...]:
    full = DEGREE_MONTHS.get(rule.get("degree") or "", 0)
    required = 12 * (rule.get("experience_years") or 0)
    ratio = rule.get("experience_for_degree")
    gap = full - credit
    lines = [_degree_line(rule, background, credit, full)] if full else []
    lines += [
        _job_line(job) for job in background.jobs or () if job.qualifies == NO or job.hours_per_week or job.alongside
    ]
    if gap and ratio is None:
        return (*lines, Line("degree_not_replaceable", {"degree": rule["degree"]}))
    fills = Fraction(gap * (ratio or 0))
    if background.jobs is None:
        return (
            *lines,
            Line("needs", {"months": int(fills) + required, "fills": int(fills), "required": required}),
        )
    if fills:
        used = min(counted, fills)
        lines.append(Line("fills", {"used": used, "counted": counted, "gap": gap, "short": fills - used}))
    left = max(Fraction(0), counted - fills)
    key = "enough" if left >= required else "short"
    key = key if fills else f"{key}_whole"
    lines.append(Line(key, {"left": left, "required": required, "short": max(Fraction(0), fills + required - counted)}))
    return tuple(lines)


def _degree_line(rule: Mapping[str, Any], background: Background, credit: int, full: int) -> Line:
    held = background.degree
    if held and DEGREE_RANKS[held] >= DEGREE_RANKS[rule["degree"]]:
        key = "degree_full"
    elif held in DEGREE_MONTHS and credit == DEGREE_MONTHS[held]:
        key = "degree_part"
    elif credit:
        key = "college_part"
    else:
        key = "degree_none"
    return Line(key, {"held": held, "months": credit, "full": full, "degree": rule["degree"]})


def _job_line(job: Job) -> Line:
    if job.qualifies == NO:
        return Line("job_not_counted", {"months": job.months, "area": job.area})
    if job.alongside:
        return Line("job_alongside", {"months": job.months, "area": job.area})
    return Line(
        "job_part_time",
        {
            "months": job.months,
            "hours": job.hours_per_week,
            "counted": counted_months([job], qualifying=(YES, UNCLEAR)),
        },
    )


def _assumptions(rule: Mapping[str, Any], background: Background, credit: int, verdict: str) -> tuple[str, ...]:
    said = []
    full = DEGREE_MONTHS.get(rule.get("degree") or "", 0)
    held = background.degree
    has_degree = bool(held) and DEGREE_RANKS[held or "none"] >= DEGREE_RANKS[rule.get("degree") or "none"]
    if full and not has_degree:
        said.append("degree_years")
        if credit == full:
            said.append("college_without_degree")
    if verdict == NOT_YET and has_degree and held in ("master", "doctorate") and held != rule.get("degree"):
        said.append("no_education_for_experience")
    return tuple(said)


def _in_class(rule: Mapping[str, Any], background: Background) -> Result:
    needed = 12 * (rule.get("experience_years") or 0)
    if background.jobs is None:
        return Result(UNCLEAR, (Line("needs_in_class", {"months": needed, "title": rule["in_class"]}),), ("in_class",))
    jobs = [job for job in background.jobs if job.in_class and _same_class(job.in_class, rule["in_class"])]
    held = counted_months(jobs, qualifying=(YES, UNCLEAR, NO))
    values = {
        "months": needed,
        "title": rule["in_class"],
        "held": held,
        "short": max(Fraction(0), needed - held),
    }
    if held >= needed:
        return Result(MEETS, (Line("in_class_enough", values),), needed_months=needed)
    return Result(NOT_YET, (Line("in_class_short", values),), needed_months=needed, short_months=needed - held)


def _same_class(one: str, other: str) -> bool:
    """Whether two titles name the same class, in any capitals and with the level as a number or a numeral."""
    numerals = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
    first, second = ([numerals.get(word, word) for word in title.lower().split()] for title in (one, other))
    return first == second


def _school(rule: Mapping[str, Any], background: Background) -> Result:
    needed = 12 * (rule.get("experience_years") or 0)
    sure, likely = _experience(background)
    schooled = (
        None
        if background.degree is None and not background.college_months
        else (bool(background.college_months) or DEGREE_RANKS[background.degree or "none"] >= 1)
    )
    missing = tuple(
        name for name, unknown in (("degree", schooled is None), ("experience", needed and likely is None)) if unknown
    )
    if schooled is False or (likely is not None and likely < needed):
        verdict = NOT_YET
    else:
        verdict = MEETS if schooled and sure >= needed else UNCLEAR
    counted = likely if likely is not None else sure
    key = "school_held" if schooled else "school_needed"
    lines = [Line(key, {"degree": rule["degree"]})]
    if needed and likely is not None:
        short = max(Fraction(0), needed - counted)
        lines.append(Line("short" if short else "enough", {"left": counted, "required": needed, "short": short}))
    return Result(verdict, tuple(lines), missing, (), needed, max(Fraction(0), needed - counted))


# ------------------------------------------------------------------ judging a kind of work


def judge_area(area: str, judging: Sequence[Mapping[str, Any]]) -> str | None:
    """yes | unclear | no: whether a kind of work, in the visitor's words, is what the rules ask for.

    `judging` is a family's list of {judgement, any: [phrase]}; the first entry with a phrase in `area` decides.
    A phrase's words may stand up to two words apart; `*` ends a word's beginning. None when no phrase is there.
    """
    words = _words(area)
    for entry in judging:
        if any(_stands_in(_words(phrase), words) for phrase in entry["any"]):
            return str(entry["judgement"])
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+\*?", without_accents(text.lower()))


def _stands_in(phrase: Sequence[str], words: Sequence[str]) -> bool:
    for start in range(len(words)):
        position = start
        for count, wanted in enumerate(phrase):
            reach = words[position : position + (1 if count == 0 else 3)]
            hit = next((i for i, word in enumerate(reach) if _fits(wanted, word)), None)
            if hit is None:
                break
            position += hit + 1
        else:
            return True
    return False


def _fits(wanted: str, word: str) -> bool:
    stem = wanted.removesuffix("*")
    if word == stem or (wanted != stem and word.startswith(stem)):
        return True
    # "clames" for "claims": one slip in a word long enough to be sure of it, never in its first letter.
    if min(len(stem), len(word)) < 5 or word[0] != stem[0]:
        return False
    beginnings = (word[: len(stem) + more] for more in (-1, 0, 1)) if wanted != stem else (word,)
    return any(OSA.distance(beginning, stem) <= 1 for beginning in beginnings)
