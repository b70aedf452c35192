"""Finding job classes by words, working title, duty or pay."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.orm import Session

from actions.base import Events, entities_of, message_text
from actions.job_action import MAX_ROWS, ActionJobCurrent, Asked, JobAction, ask_which, say_overview, table_card
from actions.job_meant import Meant, all_meant, hints, listed_words, names_a_class, plain_text
from bot.job_words import choice_buttons, dated, pay_cells, topic_buttons
from bot.stores import job_classes, job_search
from bot.stores.tables import JobClass, JobFamily
from bot.words import Cents

# Codes as the agencies print them: "A32B", "180A".
_CODE = re.compile(r"\b(?:[a-z]\d{2}[a-z]|\d{3}[a-z])\b")


class ActionJobClassSearch(JobAction):
    """Job classes by words, working title, duty or pay."""

    topic = "job_class_search"

    def reply(self, asked: Asked) -> Events:
        """Search by the visitor's own words; with none that tell, list what is held."""
        w, text = asked.w, plain_text(asked.tracker)
        meant_here = all_meant(asked.session, asked.tracker) if names_a_class(asked.tracker) else []
        unknown = next((m for m in meant_here if m.unknown), None) or _unknown_code(asked, text)
        if hints(text, "current") and not unknown:
            return ActionJobCurrent().reply(asked)
        if len(meant_here) == 1 and meant_here[0].one is not None:
            row = meant_here[0].one
            say_overview(asked, row, asked.family(row))
            return [SlotSet("job_class", row.id), SlotSet("topic", self.topic)]
        if unknown:
            ask_which(asked, unknown, "job_duties")
            return [SlotSet("topic", self.topic)]
        named = [m.one for m in meant_here if m.one]
        filters, said = _filters(asked, text)
        words = " ".join(t for t in job_search.tokens(text) if not t.isdigit() and t not in _amount_words(asked))
        ignore = listed_words("pointless") | (
            listed_words("supervising_words") if "no_supervising" in filters else frozenset()
        )
        found = job_search.search(asked.session, words, ignore=ignore, limit=MAX_ROWS, **filters)
        rows = named or _rows(asked.session, found.ids)
        unpaid = [] if named else _rows(asked.session, found.pay_not_stated)
        total = len(named) or found.total
        lines = []
        if not rows and not unpaid:
            small = job_classes.count(asked.session) <= MAX_ROWS
            rows = job_classes.all_classes(asked.session, MAX_ROWS) if small else []
            lines.append(w("search.nothing_all" if rows else "search.nothing"))
        elif rows:
            everything = found.everything and not filters and not named
            key = "search.all" if everything else "search.found_one" if total == 1 else "search.found"
            lines.append(w(key, count=total))
        notes = [w("search.pay_not_stated_note")] if unpaid else []
        caption = lines[0].rstrip(":.") if lines else w("search.caption")
        lines += [self._line(asked, row) for row in rows]
        if len(rows) == 1:
            lines.append(w.local(rows[0].details.get("descriptor")))
        if unpaid:
            lines += [w("search.pay_not_stated"), *(self._line(asked, row) for row in unpaid)]
        lines += said
        shown = [*rows, *unpaid]
        if shown:
            lines.append(w("search.not_openings"))
        card = self._card(asked, caption, shown, [*notes, *said, w("search.not_openings")]) if shown else None
        families = {row.family_id for row in shown}
        family = asked.family(shown[0]) if len(families) == 1 else None
        asked.tell(
            "\n".join(line for line in lines if line),
            family,
            card=card,
            buttons=choice_buttons("job_duties", shown) or None,
        )
        keep = [SlotSet("job_class", shown[0].id)] if len(shown) == 1 else []
        return [*keep, SlotSet("topic", self.topic)]

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """One class as a search result."""
        asked.tell(self._line(asked, row), family, buttons=topic_buttons(asked.w, row, "job_duties", "job_pay"))

    def _line(self, asked: Asked, row: JobClass) -> str:
        w = asked.w
        pay = job_classes.pay_of(row)
        annual = (
            w.period_range("annual", *pay["annual"])
            if "annual" in pay
            else f"{w('label.pay').lower()} {w('not_stated')}"
        )
        if "annual" in pay:
            annual = f"{annual} ({dated(asked.family(row)).year})"
        return w("search.line", title=row.title, code=w.code(row), state=asked.family(row).state, pay=annual)

    def _card(self, asked: Asked, caption: str, rows: list[JobClass], notes: list[str]) -> dict[str, Any]:
        w = asked.w
        cells = [
            {
                "title": row.title,
                "code": row.code or w("not_stated"),
                "state": asked.family(row).state,
                "annual": pay_cells(w, row)["annual"],
                "revised": w.day(dated(asked.family(row))),
            }
            for row in rows
        ]
        columns = [
            ("title", w("label.class")), ("code", w("label.code")), ("state", w("label.state")),
            ("annual", w("label.annual")), ("revised", w("label.revised")),
        ]  # fmt: skip
        return table_card(caption, columns, cells, " ".join(notes))


def _rows(session: Session, ids: list[str]) -> list[JobClass]:
    return [row for row in (job_classes.by_id(session, i) for i in ids) if row is not None]


def _unknown_code(asked: Asked, text: str) -> Meant | None:
    """A code in the words that no held class has: one of a series, one that was abolished, or one not known."""
    for word in _CODE.findall(text):
        code = word.upper()
        if job_classes.by_code(asked.session, code) is None:
            series = job_search.series_code(asked.session, code)
            if series is None:
                return Meant(unknown="code", value=code)
            family = asked.session.get(JobFamily, series[0])
            rows = job_classes.classes_of(asked.session, series[0])
            return Meant(unknown="level", family=family, choices=rows, level=series[1])
    return None


def _amount_words(asked: Asked) -> set[str]:
    """Words of the amounts in the message ("45k"), which are no words of a job."""
    text = message_text(asked.tracker)
    spans = [text[e["start"] : e["end"]] for e in entities_of(asked.tracker, "money") if e.get("start") is not None]
    return {t for span in spans for t in job_search.tokens(span)} | {
        "k",
        "mil",
        "thousand",
        "dollar",
        "dolare",
    }


def _filters(asked: Asked, text: str) -> tuple[dict[str, Any], list[str]]:
    w = asked.w
    filters: dict[str, Any] = {}
    said = []
    amounts = [int(e["value"]) for e in entities_of(asked.tracker, "money") if str(e.get("value") or "").isdigit()]
    if amounts:
        amount = amounts[0]
        period = "hourly" if hints(text, "hourly") else "monthly" if hints(text, "monthly") else _usual_period(amount)
        under = hints(text, "under")
        filters = {"period": period, "pay_at_most" if under else "pay_at_least": amount}
        key = "search.filter_under" if under else "search.filter_over"
        said.append(w(key, amount=Cents(amount), period=w(f"search.period.{period}")))
    if hints(text, "no_supervising"):
        filters["no_supervising"] = True
        said.append(w("search.filter_supervising"))
    return filters, said


def _usual_period(amount: int) -> str:
    """An amount with no period said is what people are paid in it: $25 an hour, $3,000 a month, $45,000 a year."""
    return "hourly" if amount < 500_00 else "monthly" if amount < 12_000_00 else "annual"
