"""What every answer about a job class shares: finding the class, asking which one, and the cards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.base import Events, database, language_of, tell
from actions.context import other_subject
from actions.estimate_reading import in_estimate
from actions.job_meant import Meant, hints, listed_words, meant, plain_text
from bot.job_words import (
    MAX_BUTTONS,
    JobWords,
    choice_buttons,
    dated,
    source,
    topic_buttons,
    years_old,
)
from bot.stores import job_classes, job_search
from bot.stores.tables import JobClass, JobFamily

MAX_ROWS = 8


@dataclass
class Asked:
    """One question: what the answer is made from and where it is said."""

    session: Session
    tracker: Tracker
    dispatcher: CollectingDispatcher
    w: JobWords

    def family(self, row: JobClass) -> JobFamily:
        """The family of a class."""
        return job_classes.family_of(self.session, row)

    def tell(self, text: str, family: JobFamily | None = None, **extras: Any) -> None:
        """Say one message, with the family's specification as its source."""
        if self.w.quotes:
            text = f"{text}\n{self.w('quotes')}"
        tell(self.dispatcher, text, source=source(self.w, family) if family else None, **extras)


class JobAction(Action, ABC):
    """An answer about one class, or about a family when its level was not said."""

    topic = ""
    # Whether the answer is the same at every level, so that a small store can be answered whole.
    per_family = False

    def name(self) -> str:
        """The action's name in the domain."""
        return f"action_{self.topic}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Find the class that is meant and answer; returns the slots to keep."""
        instead = in_estimate(tracker) or other_subject(tracker)
        if instead is not None:
            return instead
        with database().snapshot() as session:
            asked = Asked(session, tracker, dispatcher, JobWords(language_of(tracker)))
            return self.reply(asked)

    def reply(self, asked: Asked) -> Events:
        """Answer from inside a read of the store."""
        found = meant(asked.session, asked.tracker)
        if found.one is not None:
            family = asked.family(found.one)
            if self.topic != "job_do_i_qualify" and hints(plain_text(asked.tracker), "current"):
                say_current(asked, found.one, family)
            else:
                self.answer(asked, found.one, family)
            return [SlotSet("job_class", found.one.id), SlotSet("topic", self.topic), *self.also_kept(asked)]
        if found == Meant() and hints(plain_text(asked.tracker), "levels"):
            ranged = [pair for pair in _few_families(asked.session) if len(pair[1]) > 1]
            if len(ranged) == 1:
                found = Meant(family=ranged[0][0], choices=ranged[0][1])
        if found == Meant() and self.per_family and (families := _few_families(asked.session)):
            for family, rows in families:
                self.answer_family(asked, family, rows) if len(rows) > 1 else self.answer(asked, rows[0], family)
            return [SlotSet("topic", self.topic)]
        if found.family is not None and not found.unknown:
            self.answer_family(asked, found.family, found.choices)
            return [SlotSet("job_class", found.family.id), SlotSet("topic", self.topic)]
        ask_which(asked, found, self.topic)
        return [SlotSet("topic", self.topic)]

    def also_kept(self, asked: Asked) -> Events:
        """Slots to keep besides the class and the topic."""
        return []

    @abstractmethod
    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Answer for one class."""

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """Answer for a family whose level was not said: ask for it."""
        text = asked.w("ask.which_level", title=family.title, count=len(rows))
        asked.tell(text, buttons=choice_buttons(self.topic, rows))


def _few_families(session: Session) -> list[tuple[JobFamily, list[JobClass]]]:
    """Every family with its classes, when there are few enough to answer for each; else none."""
    if job_classes.count(session) > MAX_ROWS:
        return []
    rows = {row.family_id: row for row in job_classes.all_classes(session, MAX_ROWS)}
    return [(job_classes.family_of(session, row), job_classes.classes_of(session, i)) for i, row in rows.items()]


def ask_which(asked: Asked, found: Meant, topic: str) -> None:
    """Ask which class is meant, or say that the one named is not held; offers titles from the store."""
    w, session = asked.w, asked.session
    if found.unknown == "level" and found.family is not None:
        _say_other_level(asked, found, topic)
        return
    took_over = job_search.abolished_code(session, found.value) if found.unknown == "code" else None
    if took_over:
        family = session.get(JobFamily, took_over)
        gone = family.details["abolished"]
        publisher = {"title": family.details.get("series_source", family.state), "url": gone["url"]}
        buttons = choice_buttons(topic, job_classes.classes_of(session, took_over))
        tell(asked.dispatcher, w.local(gone), buttons=buttons, source=publisher)
        return
    rows = found.choices
    if not rows and job_classes.count(session) <= MAX_BUTTONS:
        rows = job_classes.all_classes(session)
    if found.unknown in ("code", "title"):
        near = job_search.search(session, found.value, ignore=listed_words("pointless"), limit=MAX_BUTTONS).ids
        rows = [r for r in (job_classes.by_id(session, i) for i in near) if r is not None] or rows
        key = "unknown.code" if found.unknown == "code" else "unknown.title"
        asked.tell(w(key, code=found.value, title=found.value), buttons=choice_buttons(topic, rows) or None)
    elif rows:
        asked.tell(w("ask.which"), buttons=choice_buttons(topic, rows))
    else:
        asked.tell(w("ask.name_one"))


def _say_other_level(asked: Asked, found: Meant, topic: str) -> None:
    w, family = asked.w, found.family
    assert family is not None
    rank = job_classes.level_rank(found.level)
    for other in family.details.get("series") or []:
        if job_classes.level_rank(other["level"]) == rank:
            text = w(
                "unknown.level_of_series",
                title=other["title"],
                code=other["code"],
                what=w.local(other),
                url=other["url"],
            )
            publisher = family.details.get("series_source", family.state)
            buttons = choice_buttons(topic, found.choices)
            tell(asked.dispatcher, text, buttons=buttons, source={"title": publisher, "url": other["url"]})
            return
    held = w.joined(row.title for row in found.choices)
    text = w("unknown.level", level=found.level, title=family.title, held=held)
    asked.tell(text, family, buttons=choice_buttons(topic, found.choices))


def say_overview(asked: Asked, row: JobClass, family: JobFamily) -> None:
    """A class at a glance, with buttons for what can be asked about it."""
    w = asked.w
    pay = job_classes.pay_of(row)
    level = f"{row.level} ({w.local(row.details['level_name'])})" if row.details.get("level_name") else row.level
    facts = code_fact(w, row)
    facts += [{"label": w("label.level"), "value": level}] if level else []
    facts.append({"label": w("label.employer"), "value": f"{family.employer}, {family.state}"})
    descriptor = w.local(row.details.get("descriptor")) or w.local(family.details.get("purpose"))
    facts.append({"label": w("label.what"), "value": descriptor or w("not_stated")})
    for period in job_classes.PERIODS:
        value = w("pay.range", low=pay[period][0], high=pay[period][1]) if period in pay else w("not_stated")
        facts.append({"label": w(f"label.{period}"), "value": value})
    if row.established_on:
        facts.append({"label": w("label.established"), "value": w.day(row.established_on)})
    facts.append(revised_fact(w, family))
    head = w("overview.head", title=row.title, code=w.code(row), state=family.state)
    lines = [head, *(f"• {fact['label']}: {fact['value'].rstrip('.')}." for fact in facts), w("overview.ask")]
    topics = (
        "job_pay",
        "job_min_qualifications",
        "job_duties",
        "job_do_i_qualify",
        "job_level_difference",
        "job_apply",
    )
    card = facts_card(head, facts, w("search.not_openings"))
    asked.tell("\n".join(lines), family, card=card, buttons=topic_buttons(w, row, *topics))


def say_current(asked: Asked, row: JobClass, family: JobFamily) -> None:
    """Say how old the specification is, what it lists as changed, and what has changed around it."""
    w = asked.w
    kind = f"current.{family.details['source'].get('date_kind')}"
    when = w(kind if kind in w else "current.revised", date=dated(family))
    lines = [w("current.head", document=w.document(family), title=row.title, when=when, ask=w.ask_where(family))]
    if years_old(family) >= 2:
        lines.append(w("current.years_old", years=w.duration(12 * years_old(family))))
    if row.established_on:
        lines.append(w("current.established", date=row.established_on))
    history = row.details.get("history") or []
    if history:
        lines.append(w("current.history_head"))
        for entry in history:
            key = "current.change_adopted" if entry.get("adopted") else "current.change"
            adopted = w.day(entry["adopted"]) if entry.get("adopted") else ""
            lines.append(w(key, date=w.day(entry["effective"]), adopted=adopted, what=w.local(entry)))
    since = family.details.get("since_then") or []
    if since:
        lines.append(w("current.since_head"))
        lines += [f"• {w.local(entry)}" for entry in since]
    asked.tell(
        "\n".join(lines),
        family,
        buttons=topic_buttons(w, row, "job_pay", "job_min_qualifications", "job_apply"),
    )


class ActionJobCurrent(JobAction):
    """Whether a specification is still current; no intent of its own, other answers hand over to it."""

    topic = "job_class_search"
    per_family = True

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_job_current"

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Say its dates."""
        say_current(asked, row, family)

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """The levels of a family share one document."""
        say_current(asked, rows[0], family)


# ------------------------------------------------------------------ cards


def facts_card(title: str, facts: list[dict[str, str]], note: str = "") -> dict[str, Any]:
    return {"type": "facts", "title": title, "facts": facts, **({"note": note} if note else {})}


def table_card(
    caption: str, columns: Sequence[tuple[str, str]], rows: list[dict[str, str]], note: str = ""
) -> dict[str, Any]:
    named = [
        {"key": key, "label": label, **({"align": "end"} if key in job_classes.PERIODS else {})}
        for key, label in columns
    ]
    return {
        "type": "table",
        "caption": caption,
        "columns": named,
        "rows": rows,
        **({"note": note} if note else {}),
    }


def code_fact(w: JobWords, row: JobClass) -> list[dict[str, str]]:
    return [{"label": w("label.code"), "value": row.code or w("not_stated")}]


def revised_fact(w: JobWords, family: JobFamily) -> dict[str, str]:
    return {"label": w("label.revised"), "value": w.day(dated(family))}
