"""Levels and classes side by side, and the ladder from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_sdk.events import SlotSet

from actions.base import Events
from actions.job_action import MAX_ROWS, ActionJobCurrent, Asked, JobAction, ask_which, table_card
from actions.job_meant import Meant, all_meant, hints, names_a_class, plain_text, talked_about
from actions.job_qualify import ActionJobDoIQualify
from bot.job_words import (
    added,
    choice_buttons,
    dated,
    inherited,
    pay_note,
    rule_said,
    rules_of,
    source,
    worked_years,
)
from bot.stores import job_classes
from bot.stores.tables import JobClass, JobFamily


class ActionJobLevelDifference(JobAction):
    """Two classes side by side, all levels of a family, or what comes after a level."""

    topic = "job_level_difference"

    def reply(self, asked: Asked) -> Events:
        """Compare every class that is named; with one named, the one talked about before is the other."""
        text = plain_text(asked.tracker)
        if hints(text, "current"):
            return ActionJobCurrent().reply(asked)
        if asked.tracker.get_slot("topic") == ActionJobDoIQualify.topic and hints(text, "all_levels"):
            # "What about all levels?" after a sum asks for the sum of each.
            return ActionJobDoIQualify().reply(asked)
        found = all_meant(asked.session, asked.tracker)
        ladder = hints(text, "ladder")
        for unclear in found:
            if unclear.unknown == "level" and unclear.family is not None and unclear.family.details.get("series"):
                return self._whole_family(asked, unclear.family, False)
            if unclear.unknown:
                ask_which(asked, unclear, self.topic)
                return [SlotSet("topic", self.topic)]
        rows = list({m.one.id: m.one for m in found if m.one is not None}.values())
        if not rows:
            return self._none(asked, found, ladder)
        family = asked.family(rows[0])
        one_family = len({row.family_id for row in rows}) == 1
        if len(rows) == 1 and hints(text, "ladder_target"):
            before, _family_id = talked_about(asked.session, asked.tracker)
            if before is not None and before.family_id == rows[0].family_id and before.rank < rows[0].rank:
                rows = [before, *rows]
        if ladder and one_family:
            return self._whole_family(asked, family, True, *sorted(rows, key=lambda row: row.rank))
        if len(rows) == 1 and names_a_class(asked.tracker) and text:
            rows = self._with_another(asked, rows[0])
        if len(rows) == 1:
            return self._whole_family(asked, family, ladder, *rows)
        self._side_by_side(asked, rows[:4])
        return [SlotSet("job_class", rows[-1].id), SlotSet("topic", self.topic)]

    def _with_another(self, asked: Asked, row: JobClass) -> list[JobClass]:
        """The class and what to compare it with: the one talked about before, else the level next to it."""
        before = job_classes.by_id(asked.session, asked.tracker.get_slot("job_class"))
        if before is not None and before.id != row.id:
            return [before, row]
        levels = job_classes.classes_of(asked.session, row.family_id)
        position = next(i for i, level in enumerate(levels) if level.id == row.id)
        return levels[max(0, position - 1) :][:2]

    def _none(self, asked: Asked, found: list[Meant], ladder: bool) -> Events:
        choices = [row for m in found for row in m.choices]
        if len({row.family_id for row in choices}) == 1:
            return self._whole_family(asked, asked.family(choices[0]), ladder)
        if choices:
            ask_which(asked, Meant(choices=choices), self.topic)
            return [SlotSet("topic", self.topic)]
        return self._nothing_named(asked)

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """The family of one class, seen from that class."""
        self._whole_family(asked, family, False, row)

    def _nothing_named(self, asked: Asked) -> Events:
        families = {r.family_id: r for r in job_classes.all_classes(asked.session, 100)}
        ranged = [r for r in families.values() if len(job_classes.classes_of(asked.session, r.family_id)) > 1]
        if len(ranged) == 1:
            return self._whole_family(asked, asked.family(ranged[0]), False)
        ask_which(asked, Meant(), self.topic)
        return [SlotSet("topic", self.topic)]

    def _whole_family(self, asked: Asked, family: JobFamily, ladder: bool, *seen: JobClass) -> Events:
        w = asked.w
        rows = job_classes.classes_of(asked.session, family.id)
        steps = _ladder_lines(asked, rows, seen) if ladder and seen else []
        series = family.details.get("series") or []
        if len(rows) == 1 and not series and not steps:
            steps.append(w("compare.only_level", title=rows[0].title))
        if series:
            steps.append(w("ladder.series_head", publisher=family.details.get("series_source", family.state)))
            steps += [w("ladder.series_line", title=s["title"], code=s["code"], what=w.local(s)) for s in series]
        buttons = choice_buttons("job_duties", rows)
        # The steps are a message of their own: where the table is shown as a card, its text is not.
        if steps:
            asked.tell("\n".join(steps), family, buttons=buttons if len(rows) == 1 else None)
        if len(rows) > 1:
            levels = [_level_line(asked, row, family) for row in rows[:MAX_ROWS]]
            text = "\n".join([*levels, w("compare.note_years"), pay_note(w, family)])
            asked.tell(text, family, card=_levels_card(asked, family, rows), buttons=buttons)
        slots = [SlotSet("job_class", seen[0].id)] if seen else []
        return [*slots, SlotSet("topic", self.topic)]

    def _side_by_side(self, asked: Asked, rows: list[JobClass]) -> None:
        w = asked.w
        families = list({row.family_id: asked.family(row) for row in rows}.values())
        cells = [_aspects(asked, row, alone=len(families) == 1) for row in rows]
        told = [label for label in cells[0] if any(cell[label] != w("not_stated") for cell in cells)]
        columns = [("aspect", w("label.aspect")), *((f"c{i}", str(row.title)) for i, row in enumerate(rows))]
        table_rows = [{"aspect": w(label), **{f"c{i}": cell[label] for i, cell in enumerate(cells)}} for label in told]
        titles = w.joined(row.title for row in rows)
        notes = [w("source.said", source=source(w, family)["title"]) for family in families]
        notes += [
            pay_note(w, family)
            for family in families
            if any(job_classes.pay_of(r) for r in rows if r.family_id == family.id)
        ]
        card = table_card(w("compare.caption", titles=titles), columns, table_rows, " ".join(notes))
        lines = [w("compare.head", titles=titles)]
        for row, cell in zip(rows, cells, strict=True):
            lines.append(f"{row.title}:")
            lines += [f"• {w(label)}: {cell[label].rstrip('.')}." for label in told]
        lines += notes
        buttons = choice_buttons("job_min_qualifications", rows)
        asked.tell("\n".join(lines), families[0] if len(families) == 1 else None, card=card, buttons=buttons)


def _aspects(asked: Asked, row: JobClass, *, alone: bool) -> dict[str, str]:
    """What is compared of one class: label -> value; levels of one family say their rules by reference."""
    w, family = asked.w, asked.family(row)
    stated = w("not_stated")
    pay = job_classes.pay_of(row)
    desirable = row.details.get("desirable_qualifications")
    duties = [w.local(d).rstrip(".") for d in (row.details.get("duties") or family.details.get("duties") or [])[:3]]
    what = w.local(row.details.get("descriptor"))
    if not what:
        what = w("compare.duties", items="; ".join(duties)) if duties else stated
    return {
        "label.code": row.code or stated,
        **({} if alone else {"label.state": family.state}),
        **{
            f"label.{p}": w("pay.range", low=pay[p][0], high=pay[p][1]) if p in pay else stated
            for p in job_classes.PERIODS
        },
        "label.what": what,
        "label.adds": added(w, row),
        "label.requires": _requires(asked, row, family, by_reference=alone),
        "label.desirable": "; ".join(rule_said(w, family, r) for r in desirable["any_of"]) if desirable else stated,
        "label.supervises": w(f"supervises.{row.details.get('supervises', 'no')}"),
        "label.revised": w.day(dated(family)),
    }


def _requires(asked: Asked, row: JobClass, family: JobFamily, *, by_reference: bool) -> str:
    w = asked.w
    rules = rules_of(asked.session, row)
    if not rules:
        return w("not_stated")
    said = inherited(w, row) if by_reference else ""
    said = said or f" {w('list.or')} ".join(rule_said(w, family, r) for r in rules) + "."
    worked = worked_years(w, rules[0])
    return f"{said} {w('req.level_years', **worked)}" if worked else said


def _experience_needed(asked: Asked, row: JobClass) -> int | None:
    rules = rules_of(asked.session, row)
    if not rules or "combination" in rules[0]:
        return None
    return 12 * int(rules[0].get("experience_years") or 0)


def _level_line(asked: Asked, row: JobClass, family: JobFamily) -> str:
    w = asked.w
    pay = job_classes.pay_of(row)
    annual = w.period_range("annual", *pay["annual"]) if "annual" in pay else w("not_stated")
    needed = _experience_needed(asked, row)
    years = w("not_stated") if needed is None else w.duration(needed)
    what = w.local(row.details.get("descriptor"), w("not_stated")).rstrip(".")
    return f"• {row.title}{w.code(row)}: {what}. {w('label.pay')}: {annual}. {w('compare.needs', years=years)}."


def _levels_card(asked: Asked, family: JobFamily, rows: list[JobClass]) -> dict[str, Any]:
    w = asked.w
    cells = []
    for row in rows[:MAX_ROWS]:
        pay = job_classes.pay_of(row)
        needed = _experience_needed(asked, row)
        cells.append(
            {
                "level": f"{row.title}{w.code(row)}",
                "what": w.local(row.details.get("descriptor"), w("not_stated")),
                "adds": added(w, row),
                "annual": w("pay.range", low=pay["annual"][0], high=pay["annual"][1])
                if "annual" in pay
                else w("not_stated"),
                "with_degree": w("not_stated") if needed is None else w.duration(needed),
            }
        )
    columns = [
        ("level", w("label.class")), ("what", w("label.what")), ("adds", w("label.adds")),
        ("annual", w("label.annual")), ("with_degree", w("label.experience")),
    ]  # fmt: skip
    note = f"{pay_note(w, family)} {w('compare.note_years')}"
    return table_card(w("compare.caption", titles=family.title), columns, cells, note)


def _ladder_lines(asked: Asked, rows: list[JobClass], seen: Sequence[JobClass]) -> list[str]:
    w, start = asked.w, seen[0]
    position = next(i for i, row in enumerate(rows) if row.id == start.id)
    if len(rows) == 1:
        return [w("compare.only_level", title=start.title)]
    if position + 1 == len(rows):
        return [w("ladder.top", title=start.title)]
    lines = []
    pairs = [(rows[position + 1], "ladder.next", "next")]
    if len(seen) > 1 and seen[-1].id != rows[position + 1].id:
        pairs.append((seen[-1], "ladder.until", "target"))
    for target, key, name in pairs:
        low, high = _experience_needed(asked, start), _experience_needed(asked, target)
        values = {"title": start.title, name: target.title}
        if low is None or high is None:
            lines.append(f"{target.title}: {w('not_stated')}.")
        elif high > low:
            lines.append(w(key, extra=w.duration(high - low), **values))
        else:
            lines.append(w(f"{key}_same", **values))
    return lines
