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

from actions.base import database, language_of, tell
from actions.job_meant import Meant, hints, meant, pointless_words, text_of
from actions.job_words import (
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
Events = list[dict[str, Any]]


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

    def name(self) -> str:
        """The action's name in the domain."""
        return f"action_{self.topic}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        """Find the class that is meant and answer; returns the slots to keep."""
        with database().snapshot() as session:
            asked = Asked(session, tracker, dispatcher, JobWords(language_of(tracker)))
            return self.reply(asked)

    def reply(self, asked: Asked) -> Events:
        """Answer from inside a read of the store."""
        found = meant(asked.session, asked.tracker)
        if found.one is not None:
            family = asked.family(found.one)
            if self.topic != "job_do_i_qualify" and hints(text_of(asked.tracker), "current"):
                say_current(asked, found.one, family)
            else:
                self.answer(asked, found.one, family)
            return [SlotSet("job_class", found.one.id), SlotSet("topic", self.topic), *self.also_kept(asked)]
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


def ask_which(asked: Asked, found: Meant, topic: str) -> None:
    """Ask which class is meant, or say that the one named is not held; offers titles from the store."""
    w, session = asked.w, asked.session
    if found.unknown == "level" and found.family is not None:
        _say_other_level(asked, found, topic)
        return
    rows = found.choices
    if not rows and job_classes.count(session) <= MAX_BUTTONS:
        rows = job_classes.all_classes(session)
    if found.unknown in ("code", "title"):
        near = job_search.search(session, found.value, ignore=pointless_words(), limit=MAX_BUTTONS).ids
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


# ------------------------------------------------------------------ cards


def facts_card(title: str, facts: list[dict[str, str]], note: str = "") -> dict[str, Any]:
    return {"type": "facts", "title": title, "facts": facts, **({"note": note} if note else {})}


def table_card(
    caption: str, columns: Sequence[tuple[str, str]], rows: list[dict[str, str]], note: str = ""
) -> dict[str, Any]:
    named = [{"key": key, "label": label} for key, label in columns]
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
