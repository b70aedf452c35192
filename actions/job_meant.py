"""Which job class a message is about: from its code, its title and level, or the class talked about before."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz
from rasa_sdk import Tracker
from sqlalchemy.orm import Session

from actions.base import entities_of, message_text, written_text
from bot.stores import job_classes, job_search
from bot.stores.tables import JobClass, JobFamily
from bot.words import LANGUAGES, load


@dataclass
class Meant:
    """One class, or a family whose level was not said, or several to choose from, or a name that is not held."""

    one: JobClass | None = None
    family: JobFamily | None = None
    choices: list[JobClass] = field(default_factory=list)
    unknown: str | None = None
    value: str = ""
    level: str = ""


def plain_text(tracker: Tracker) -> str:
    """The visitor's newest words in lower case without accents; empty when a button was pressed."""
    return job_classes.plain(written_text(tracker))


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    texts = load("job_class_hints")[name]
    return re.compile("|".join(f"(?:{texts[language]})" for language in LANGUAGES))


def hints(text: str, name: str) -> bool:
    """Whether the words of `text` point to `name` in data/words/job_class_hints.yml, in any language."""
    return bool(text) and _pattern(name).search(text) is not None


@functools.cache
def listed_words(name: str) -> frozenset[str]:
    """The words listed under `name` ("pointless": those a search leaves out), as the search compares them."""
    texts = load("job_class_hints")[name]
    return frozenset(word for language in LANGUAGES for word in job_search.tokens(texts[language]))


@dataclass(frozen=True)
class Mention:
    """One class as a message names it: by its code, or by a title, a level or both; `text` is what was written."""

    code: str | None = None
    title: str | None = None
    level: str | None = None
    start: int = 0
    end: int = 0
    text: str = ""


def meant(session: Session, tracker: Tracker, named: list[Mention] | None = None, *, guess: bool = True) -> Meant:
    """The class the newest message is about; with nothing named, the class talked about before.

    `named` are the mentions to go by, those of the message when None. With `guess`, a title, a state or the name of
    a level that only stands in the words counts too.
    """
    named = mentions(tracker) if named is None else named
    before, family = talked_about(session, tracker)
    text = plain_text(tracker)
    said = (job_search.family_mentioned(session, text) or job_search.state_mentioned(session, text)) if guess else None
    if named:
        return _resolve(session, named[0], said or family)
    levels = [job_classes.by_id(session, i) for i in job_search.level_names(session, text)]
    fitting = [row for row in levels if row is not None and (said or family) in (None, row.family_id)]
    if len(fitting) == 1:
        return Meant(one=fitting[0])
    if said and said != family:
        return _of_family(session, said, None)
    if before is None and family is not None:
        return _of_family(session, family, None)
    return Meant(one=before)


def all_meant(session: Session, tracker: Tracker) -> list[Meant]:
    """Every class the newest message names, in order; the class talked about before when it names none."""
    named = mentions(tracker)
    if not named:
        return [meant(session, tracker)]
    text = plain_text(tracker)
    said = job_search.family_mentioned(session, text) or job_search.state_mentioned(session, text)
    family = said or talked_about(session, tracker)[1]
    if family is None and len(named) > 1 and not any(m.code or m.title for m in named):
        family = _family_with_levels(session, [str(m.level) for m in named])
    found = []
    for mention in named:
        found.append(_resolve(session, mention, family))
        # "A32B ... until level IV": a level alone belongs to the class named just before it.
        one = found[-1].one
        family = one.family_id if one is not None else family
    return found


def talked_about(session: Session, tracker: Tracker) -> tuple[JobClass | None, str | None]:
    """The class talked about before and its family's id; the slot holds a family's id when no level was said."""
    held = tracker.get_slot("job_class")
    row = job_classes.by_id(session, held)
    if row is not None:
        return row, row.family_id
    return None, held if held and session.get(JobFamily, held) is not None else None


def names_a_class(tracker: Tracker) -> bool:
    """Whether the newest message itself names a class, a family or a level."""
    return bool(mentions(tracker))


def mentions(tracker: Tracker) -> list[Mention]:
    """The classes a message names, without those that stand inside the visitor's own work ("a year as an ...")."""
    areas = [(e["start"], e["end"]) for e in entities_of(tracker, "experience_area") if e.get("start") is not None]
    return [m for m in _all_mentions(tracker) if not any(a <= m.start < b for a, b in areas)]


def goal_and_past(tracker: Tracker) -> tuple[list[Mention], list[Mention]]:
    """The class someone wants to qualify for, and the classes or occupations they say they have worked in.

    Of several, the goal is the one after a word such as "qualify", else the last. "Claims analyst" is an occupation,
    not the title of a class, and so part of the past.
    """
    everything = _all_mentions(tracker)
    outside = mentions(tracker)
    goals = [m for m in outside if m.code or not m.title or m.level or _spells(m.text, m.title)]
    if len(goals) > 1:
        text = plain_text(tracker)
        wanted = [m for m in goals if hints(text[max(0, m.start - 45) : m.start] + " ", "towards")]
        goals = (wanted or goals)[-1:]
    return goals, [m for m in everything if m not in goals and m.title]


def _spells(written: str, title: str) -> bool:
    base, _level = job_classes.split_title(written)
    return not written or fuzz.ratio(job_classes.plain(base), job_classes.plain(title)) >= 75


def _all_mentions(tracker: Tracker) -> list[Mention]:
    """Every mention in order; a level belongs to the title before it, or to the only one."""
    raw = message_text(tracker)

    def written(name: str) -> list[dict[str, Any]]:
        return [e for e in entities_of(tracker, name) if e.get("value")]

    def mention(first: dict[str, Any], last: dict[str, Any], **named: Any) -> Mention:
        if first.get("start") is None or last.get("start") is None:
            return Mention(**named)
        start, end = min(first["start"], last["start"]), max(first["end"], last["end"])
        return Mention(**named, start=start, end=end, text=raw[start:end])

    titles, levels = written("class_title"), written("class_level")
    found = [mention(e, e, code=str(e["value"])) for e in written("class_code")]
    used: set[int] = set()
    for level in levels:
        before = [i for i, t in enumerate(titles) if (t.get("start") or 0) <= (level.get("start") or 0)]
        if not titles or (found and not before):
            found.append(mention(level, level, level=str(level["value"])))
            continue
        position = before[-1] if before else 0
        title = titles[position]
        near = title if position not in used else level
        used.add(position)
        found.append(mention(near, level, title=str(title["value"]), level=str(level["value"])))
    found += [mention(t, t, title=str(t["value"])) for i, t in enumerate(titles) if i not in used]
    unique = {(m.code, m.title, m.level): m for m in reversed(found)}
    return sorted(unique.values(), key=lambda m: m.start)


def _resolve(session: Session, mention: Mention, family_id: str | None) -> Meant:
    if mention.code:
        row = job_classes.by_code(session, mention.code)
        if row is not None:
            return Meant(one=row)
        series = job_search.series_code(session, mention.code)
        return _of_family(session, *series) if series else Meant(unknown="code", value=mention.code)
    if mention.title:
        return _titled(session, mention.title, mention.level)
    return _leveled(session, mention, family_id)


def _titled(session: Session, title: str, level: str | None) -> Meant:
    base, written = job_classes.split_title(title)
    families = job_classes.families_titled(session, base)
    level = level or written
    if not families:
        return Meant(unknown="title", value=title)
    if len(families) == 1:
        return _of_family(session, families[0].id, level)
    rows = [r for f in families for r in job_classes.classes_of(session, f.id)]
    rows = [r for r in rows if level is None or r.rank == job_classes.level_rank(level)]
    if len(rows) == 1:
        return Meant(one=rows[0])
    return Meant(choices=rows) if rows else Meant(unknown="title", value=title)


def _of_family(session: Session, family_id: str, level: str | None) -> Meant:
    rows = job_classes.classes_of(session, family_id)
    family = session.get(JobFamily, family_id)
    if level is None:
        return Meant(one=rows[0]) if len(rows) == 1 else Meant(family=family, choices=rows)
    fitting = [r for r in rows if r.rank == job_classes.level_rank(level)]
    if len(fitting) == 1:
        return Meant(one=fitting[0])
    return Meant(unknown="level", family=family, choices=rows, level=level)


def _leveled(session: Session, mention: Mention, family_id: str | None) -> Meant:
    level = str(mention.level)
    if family_id is not None:
        return _of_family(session, family_id, level)
    rows = job_classes.at_level(session, level)
    # Someone who writes "II" has the specification that prints "II" in mind; a "2" may stand for either.
    printed = [row for row in rows if not row.level.isdigit() and row.level == mention.text.strip().upper()]
    if len(rows) == 1 or len(printed) == 1:
        return Meant(one=(printed or rows)[0])
    return Meant(choices=rows, level=level)


def _family_with_levels(session: Session, levels: list[str]) -> str | None:
    """The id of the only family that has all these levels, or None."""
    families = [{row.family_id for row in job_classes.at_level(session, level)} for level in levels]
    common = set.intersection(*families)
    return common.pop() if len(common) == 1 else None
