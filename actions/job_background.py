"""What a visitor says of their own schooling and work, gathered over several messages in the slot `background`.

The slot holds {"degree", "college_months", "jobs", "work_authorized", "in_progress", "last", "asked"}, each absent
until said. A job is {"months", "area", "near", "hours", "part_time", "start", "alongside"}: `area` is the kind of
work as said, `near` the words beside the duration, where it may stand. What is heard is kept as said; whether a
job counts is judged anew for each class.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from rasa_sdk import Tracker

from actions.base import entities_of, intent_of, message_text, written_text
from actions.job_meant import goal_and_past, hints
from bot import clock
from bot.qualifications import DEGREE_RANKS, UNCLEAR, Background, Job, judge_area
from bot.stores.job_classes import plain

Heard = dict[str, Any]
_MANNERS = ("inform", "correct", "deny", "job_do_i_qualify", "job_min_qualifications", "job_substitution")
WEEK_HOURS = 100
ASSUMED_PART_TIME_HOURS = 20
_BREAK = re.compile(r"[.,;:!?]|\b(?:and|but|plus|then|so|y|pero|luego|do i|am i|would|could|can i)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:(?:of|in|as|at|with|for|doing|working|worked|work|experience|an?|the|i|i've|i'm|am|was|did|been|have|had|has"
    r"|part[ -]time|full[ -]time|\d+ ?(?:hours?|hrs?|horas?)(?: (?:a|per|por|a la) (?:week|semana))?"
    r"|de|en|como|haciendo|trabajando|trabaj[eé]|trabajo|experiencia|una?|el|la|los|las|yo|fui|soy|tengo|llevo|aqu[ií]"
    r"|medio tiempo)\b\s*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s*\b(?:for|from|with|at|in|as|an?|the|of|de|con|por|durante|desde|en|hace|y|and|has|have"
    r"|(?:part|full)[ -]?time|medio tiempo|tiempo completo|at the same time|al mismo tiempo|a la vez"
    r"|\d+ ?(?:hours?|hrs?|horas?)(?: (?:a|per|por|a la) (?:week|semana))?))+$",
    re.IGNORECASE,
)
_MONTHS = {
    "jan": 1, "ene": 1, "feb": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "ago": 8,
    "sep": 9, "oct": 10, "nov": 11, "dec": 12, "dic": 12,
}  # fmt: skip
_MONTH_WORD = rf"(?:{'|'.join(_MONTHS)})[a-z]*\.?"
_YEARS = re.compile(
    rf"(?:(?P<m1>{_MONTH_WORD})\s+(?:of\s+|de\s+|del\s+)?)?(?P<y1>(?:19|20)\d\d)"
    rf"\s*(?:-|–|to|until|till|through|thru|a|al|hasta)\s*"
    rf"(?:(?P<m2>{_MONTH_WORD})\s+(?:of\s+|de\s+|del\s+)?)?"
    r"(?P<y2>(?:19|20)\d\d|now|present|today|hoy|ahora|la actualidad)\b"
)
_DETAILS = ("experience_area", "duration", "degree", "hours", "class_code", "class_level", "class_title")


def held_background(tracker: Tracker) -> Heard:
    """What was heard in earlier messages."""
    held = tracker.get_slot("background")
    return dict(held) if isinstance(held, Mapping) else {}


def has_content(heard: Mapping[str, Any]) -> bool:
    """Whether anything was said that a sum can be made of."""
    return any(heard.get(name) is not None for name in ("degree", "college_months", "jobs", "work_authorized"))


def hear(tracker: Tracker) -> Heard:
    """What was heard before, with the newest message taken in: a later word on the same thing replaces it."""
    heard = held_background(tracker)
    raw = message_text(tracker)
    text = plain(written_text(tracker))
    intent = _manner(tracker, text)
    _hear_degree(heard, tracker, raw)
    _hear_durations(heard, tracker, text, intent)
    _hear_hours(heard, tracker)
    _hear_how_jobs_were(heard, tracker, text)
    if hints(text, "no_experience") and not entities_of(tracker, "duration"):
        heard.update(jobs=[], last="experience")
    _hear_an_answer(heard, tracker, raw, intent)
    if hints(text, "not_authorized"):
        heard["work_authorized"] = False
    elif hints(text, "authorized"):
        heard["work_authorized"] = True
    return heard


def _manner(tracker: Tracker, text: str) -> str | None:
    """How the newest message is meant: its intent, or what a follow-up of unclear intent comes to."""
    intent = intent_of(tracker)
    if intent in _MANNERS or text == "" or not has_content(held_background(tracker)):
        return intent
    return "correct" if hints(text, "correcting") else "inform"


def told_of_self(tracker: Tracker) -> Heard:
    """What was heard before, with the newest message only where it speaks of the visitor ("I have ...").

    "Does it require 4 years of college?" is a question, not a background.
    """
    text = plain(message_text(tracker))
    return hear(tracker) if hints(text, "first_person") else held_background(tracker)


def settle_areas(heard: Heard, judging: list[dict[str, Any]]) -> None:
    """Give a job without a stated kind of work the words beside it, where these name a kind the family knows of."""
    for job in heard.get("jobs") or []:
        for words in job.get("near") or [] if not job.get("area") else []:
            if judge_area(words, judging) is not None:
                job["area"] = words
                break


def as_background(heard: Mapping[str, Any], judging: list[dict[str, Any]]) -> Background:
    """The background with each job judged by a family's experience areas."""
    jobs = heard.get("jobs")
    return Background(
        degree=heard.get("degree"),
        college_months=heard.get("college_months"),
        jobs=None if jobs is None else tuple(_as_job(job, judging) for job in jobs),
        work_authorized=heard.get("work_authorized"),
    )


def _as_job(job: Mapping[str, Any], judging: list[dict[str, Any]]) -> Job:
    hours = job.get("hours")
    if hours is None and job.get("part_time"):
        hours = ASSUMED_PART_TIME_HOURS
    area = job.get("area")
    return Job(
        months=int(job["months"]),
        qualifies=(judge_area(area, judging) if area else None) or UNCLEAR,
        area=area,
        hours_per_week=hours,
        start=job.get("start"),
        alongside=bool(job.get("alongside")),
        in_class=area,
    )


def _hear_degree(heard: Heard, tracker: Tracker, raw: str) -> None:
    found = None
    for entity in entities_of(tracker, "degree"):
        degree = str(entity.get("value"))
        if degree not in DEGREE_RANKS:
            continue
        start = entity.get("start")
        before = plain(raw[max(0, start - 40) : start]) + " " if start else ""
        if DEGREE_RANKS[degree] >= DEGREE_RANKS["associate"]:
            if hints(before, "without"):
                continue
            if hints(before, "in_progress"):
                heard["in_progress"] = degree
                continue
        if found is None or DEGREE_RANKS[degree] > DEGREE_RANKS[found]:
            found = degree
    if found is not None:
        heard.update(degree=found, last="degree")
        if found in ("none", "ged", "high_school") and heard.get("college_months") is None:
            heard["college_months"] = 0
        if DEGREE_RANKS[found] > DEGREE_RANKS["high_school"] and heard.get("college_months") == 0:
            heard.pop("college_months")


def _hear_durations(heard: Heard, tracker: Tracker, text: str, intent: str | None) -> None:
    worked = []
    raw = message_text(tracker)
    for entity in entities_of(tracker, "duration"):
        months = _whole(entity.get("value"))
        role = entity.get("role") or "none"
        if not months or role in ("waiting", "age") or _is_no_claim(raw, entity):
            continue
        if role == "college" or (role == "none" and _means_college(heard, intent)):
            heard.update(college_months=months, last="college")
        else:
            worked.append((entity, {"months": months}))
    worked = worked or _dated_jobs(tracker, text)
    areas = entities_of(tracker, "experience_area")
    if worked:
        _keep_jobs(heard, _with_areas(worked, areas, tracker), text, intent)
    elif areas and heard.get("jobs"):
        target = [job for job in heard["jobs"] if not job.get("area")] or heard["jobs"][-1:]
        area = _written(areas[-1], raw)
        heard.update(jobs=[{**job, "area": area} if job in target else job for job in heard["jobs"]], last="experience")


def _is_no_claim(raw: str, entity: Mapping[str, Any]) -> bool:
    """Whether a duration is asked about ("does that make 2 years?") or lacking ("I need 2 more years"), not had."""
    start = entity.get("start")
    if start is None:
        return False
    after = plain(raw[entity["end"] : entity["end"] + 30])
    return hints(plain(raw[max(0, start - 30) : start]) + " ", "not_had") or hints(after, "not_had_after")


def _with_areas(
    worked: list[tuple[dict[str, Any], Heard]], areas: list[dict[str, Any]], tracker: Tracker
) -> list[Heard]:
    """Each job with its kind of work: the one written closest to its duration, and each only once.

    "One year as an ES Benefits Specialist 1" names a class as the work; it is kept with its level.
    """
    raw = message_text(tracker)
    past = [{"value": m.text, "start": m.start, "end": m.end} for m in goal_and_past(tracker)[1] if m.text]
    kinds = [next((m for m in past if m["start"] == area.get("start")), area) for area in areas] or past
    chosen: dict[int, str] = {}
    for kind in kinds:
        free = [number for number in range(len(worked)) if number not in chosen]
        if free:
            chosen[min(free, key=lambda number: _distance(worked[number][0], kind))] = _written(kind, raw)
    jobs = []
    for number, (entity, job) in enumerate(worked):
        told = {"area": chosen[number]} if number in chosen else {"near": _beside(raw, entity)}
        jobs.append({**job, **told, **({"part_time": True} if entity.get("part_time") else {})})
    return jobs


def _written(kind: Mapping[str, Any], raw: str) -> str:
    """A kind of work with the accents and capitals that it was written with; a button's stands only in its value."""
    start, end = kind.get("start"), kind.get("end")
    if start is None or end is None or raw.startswith("/"):
        return str(kind["value"])
    return raw[start:end]


def _distance(duration: Mapping[str, Any], kind: Mapping[str, Any]) -> int:
    """Letters between a duration and a kind of work; what stands before the duration counts as farther."""
    if kind.get("start") is None or duration.get("start") is None:
        return 0
    after = int(kind["start"]) - int(duration["end"])
    return after if after >= 0 else int(duration["start"]) - int(kind["end"]) + 10


def _beside(raw: str, entity: Mapping[str, Any]) -> list[str]:
    """The words after and before a duration, as far as the next comma or "and": where the kind of work may stand."""
    if entity.get("start") is None:
        return []
    after = _BREAK.split(raw[entity["end"] :], maxsplit=1)[0]
    before = _BREAK.split(raw[: entity["start"]])[-1]
    sides = (_TAIL.sub("", _LEAD.sub("", words.strip())) for words in (after, before))
    return [words[:80] for words in sides if words]


def _means_college(heard: Heard, intent: str | None) -> bool:
    if heard.get("asked") in ("degree", "college"):
        return True
    return intent == "correct" and heard.get("last") == "college"


def _dated_jobs(tracker: Tracker, text: str) -> list[tuple[dict[str, Any], Heard]]:
    """Jobs told by their dates: from `date` entities that are ranges, else from months and years in the words."""
    jobs = []
    for entity in entities_of(tracker, "date"):
        first, slash, last = str(entity.get("value") or "").partition("/")
        if not slash:
            continue
        try:
            start, end = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            continue
        # A range that ends on the first of a month ends before that month begins.
        months = (end.year - start.year) * 12 + end.month - start.month + (end.day > 1)
        if months > 0:
            jobs.append((entity, {"months": months, "start": start.year * 12 + start.month}))
    return jobs or _years_in_words(text)


def _years_in_words(text: str) -> list[tuple[dict[str, Any], Heard]]:
    """ "March 2018 to June 2021", "2015-2018", "desde 2019 hasta hoy"; a month that is not named is left open."""
    jobs = []
    today = clock.now().date()
    for match in _YEARS.finditer(text):
        start = int(match["y1"]) * 12 + _month(match["m1"])
        running = not match["y2"][0].isdigit()
        end = today.year * 12 + today.month if running else int(match["y2"]) * 12 + _month(match["m2"])
        if 0 < end - start <= 12 * 60:
            entity = {"start": match.start(), "end": match.end()}
            jobs.append((entity, {"months": end - start, "start": start}))
    return jobs


def _month(word: str | None) -> int:
    return _MONTHS.get((word or "")[:3], 1)


def _keep_jobs(heard: Heard, jobs: list[Heard], text: str, intent: str | None) -> None:
    before = [dict(job) for job in heard.get("jobs") or []]
    if hints(text, "alongside"):
        for job in jobs if before and len(jobs) == 1 else jobs[1:]:
            job["alongside"] = True
    adds = hints(text, "also") or any(job.get("alongside") for job in jobs[:1])
    if not before or len(jobs) > 1:
        kept = jobs if intent == "correct" or not (before and adds) else before + jobs
    elif intent == "correct":
        kept = [*before[:-1], {**before[-1], **jobs[0]}]
    elif adds or (jobs[0].get("area") and before[-1].get("area") and intent == "inform"):
        kept = before + jobs
    elif intent == "inform":
        kept = [*before[:-1], {**before[-1], **jobs[0]}]
    else:
        kept = jobs
    heard.update(jobs=kept, last="experience")


def _hear_an_answer(heard: Heard, tracker: Tracker, raw: str, intent: str | None) -> None:
    """Take a reply that only makes sense after the bot's own question: "no", or a kind of work in free words."""
    asked = heard.get("asked")
    if intent == "deny" and asked == "experience" and heard.get("jobs") is None:
        heard.update(jobs=[], last="experience")
    elif intent == "deny" and asked in ("degree", "college") and heard.get("degree") is None:
        heard.update(degree="none", college_months=0, last="degree")
    elif asked == "area" and heard.get("jobs") and raw and not raw.startswith("/"):
        told = any(entities_of(tracker, name) for name in _DETAILS)
        if not told and intent in ("inform", "correct", "nlu_fallback", "out_of_scope"):
            heard["jobs"] = [job if job.get("area") else {**job, "area": raw.strip()[:80]} for job in heard["jobs"]]


def _hear_hours(heard: Heard, tracker: Tracker) -> None:
    for entity in entities_of(tracker, "hours"):
        hours = _whole(entity.get("value"))
        if hours and hours <= WEEK_HOURS and heard.get("jobs"):
            part_time = [i for i, job in enumerate(heard["jobs"]) if job.get("part_time")]
            jobs = [dict(job) for job in heard["jobs"]]
            jobs[part_time[-1] if part_time else -1]["hours"] = hours
            heard["jobs"] = jobs


def _hear_how_jobs_were(heard: Heard, tracker: Tracker, text: str) -> None:
    """Take in what is said of the jobs told before: that two overlapped (or did not), that one was part time."""
    jobs = [dict(job) for job in heard.get("jobs") or []]
    if not jobs or entities_of(tracker, "duration"):
        return
    if hints(text, "not_alongside"):
        jobs = [{**job, "alongside": False} for job in jobs]
    elif hints(text, "alongside") and len(jobs) > 1:
        jobs[-1]["alongside"] = True
    if hints(text, "full_time"):
        jobs[-1].update(part_time=False, hours=None)
    elif hints(text, "part_time"):
        jobs[-1]["part_time"] = True
    heard["jobs"] = jobs


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
