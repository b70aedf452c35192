"""Do I qualify? The sum of a background against the stored rules, line by line; the agency decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.base import Events
from actions.job_action import MAX_ROWS, Asked, JobAction, ask_which, facts_card, table_card
from actions.job_background import Heard, as_background, has_content, hear, held_background, settle_areas, told_of_self
from actions.job_meant import Meant, goal_and_past, hints, meant, plain_text
from bot.job_words import (
    JobWords,
    areas_said,
    legal_lines,
    payload,
    rule_said,
    rules_of,
    topic_buttons,
    years_needed,
)
from bot.qualifications import DEGREE_MONTHS, MEETS, NO, NOT_YET, UNCLEAR, YES, Background, Line, Result, evaluate
from bot.stores import job_classes
from bot.stores.tables import JobClass, JobFamily

SMALL_STORE = 20


class ActionJobDoIQualify(JobAction):
    """Sums up what the visitor said against one level, or against all of a family."""

    topic = "job_do_i_qualify"

    def reply(self, asked: Asked) -> Events:
        """Take in the newest message, make the sum and ask for what is missing."""
        heard = hear(asked.tracker)
        heard.pop("asked", None)
        goals, _past = goal_and_past(asked.tracker)
        found = meant(asked.session, asked.tracker, goals, guess=False)
        slots = [SlotSet("topic", self.topic)]
        everything = hints(plain_text(asked.tracker), "all_levels")
        if found.one is not None and not everything:
            heard.update(asked=self._one(asked, heard, found.one))
            slots.append(SlotSet("job_class", found.one.id))
        elif found.one is not None or (found.family is not None and not found.unknown):
            family_id = found.one.family_id if found.one is not None else found.choices[0].family_id
            rows = job_classes.classes_of(asked.session, family_id)
            heard.update(asked=self._levels(asked, heard, rows))
            slots.append(SlotSet("job_class", family_id))
        elif has_content(heard) and not (found.unknown or found.choices) and (rows := self._judged_classes(asked)):
            heard.update(asked=self._levels(asked, heard, rows, others=True))
            slots.append(SlotSet("job_class", rows[0].family_id))
        else:
            self._which(asked, found, heard)
        return [*slots, SlotSet("background", heard)]

    def _judged_classes(self, asked: Asked) -> list[JobClass]:
        """The levels of the only family of a small store that has a minimum to measure against; else none."""
        families = {row.family_id: row for row in job_classes.all_classes(asked.session, SMALL_STORE + 1)}
        with_rules = [i for i, row in families.items() if rules_of(asked.session, row)]
        if job_classes.count(asked.session) > SMALL_STORE or len(with_rules) != 1:
            return []
        return job_classes.classes_of(asked.session, with_rules[0])

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """The sum for one class with what was heard so far."""
        self._one(asked, hear(asked.tracker), row)

    def _which(self, asked: Asked, found: Meant, heard: Heard) -> None:
        if found.unknown or found.choices:
            ask_which(asked, found, self.topic)
            return
        w = asked.w
        families = {r.family_id: r for r in job_classes.all_classes(asked.session, 50)}
        if len(families) > 4:
            ask_which(asked, found, self.topic)
            return
        buttons = []
        for row in families.values():
            family = asked.family(row)
            one = len(job_classes.classes_of(asked.session, family.id)) == 1
            title = row.title if one else w("button.all_levels", title=family.title)
            buttons.append({"title": title, "payload": f'/{self.topic}{{"class_title":"{family.title}"}}'})
        said = f"{w('qualify.heard', items=heard_said(w, heard))} " if has_content(heard) else ""
        asked.tell(f"{said}{w('qualify.ask_class')}", buttons=buttons)

    def _one(self, asked: Asked, heard: Heard, row: JobClass) -> str | None:
        """Say the sum for one class; returns what was asked for, if anything."""
        w, family = asked.w, asked.family(row)
        rules = rules_of(asked.session, row)
        if rules is None:
            self._without_minimum(asked, heard, row, family)
            return None
        settle_areas(heard, judging(family))
        background = as_background(heard, judging(family))
        result = measured(asked, row, background)
        question, asking = self._question(asked, heard, family, background, result)
        buttons = self._buttons(asked, row, family, asking if question else None)
        asks_for = rule_line(asked, row, family, short=has_content(heard))
        if not has_content(heard):
            text = [asks_for, *years_needed(w, rules), question]
            asked.tell("\n".join(line for line in text if line), family, buttons=buttons)
            return asking
        told = heard_said(w, heard)
        said = [line_said(w, line, short_name(w, row)) for line in result.lines]
        verdict = w(f"verdict.{result.verdict}", title=row.title)
        assumptions = assumptions_said(w, family, heard, background, result)
        ending = self._what_fits(asked, row, background, result)
        if background.jobs is None and not background.college_months:
            # Whoever has told of no work yet asks how much of it is needed.
            ending += years_needed(w, rules)
        if asks_authorization(row):
            ending.append(w("qualify.legal"))
        elif background.work_authorized is not None:
            ending += legal_lines(w, row)
        ending.append(w("qualify.agency"))
        sum_lines = [f"• {line}." for line in said]
        text = [asks_for, w("qualify.heard", items=told), *sum_lines, *assumptions, verdict, *ending]
        facts = [{"label": w("label.asks"), "value": asks_for}, {"label": w("label.told"), "value": told}]
        facts += [
            {"label": w(_LABELS.get(line.key, "line.label.experience")), "value": words}
            for line, words in zip(result.lines, said, strict=True)
        ]
        card = facts_card(verdict, facts, " ".join([*assumptions, *ending]))
        self._tell(asked, text, family, card, question, buttons)
        return asking

    def _tell(
        self,
        asked: Asked,
        text: list[str],
        family: JobFamily,
        card: dict[str, Any] | None,
        question: str,
        buttons: list[dict[str, str]],
    ) -> None:
        """The sum as one message and the question as the next, so that a card never hides the question."""
        asked.tell("\n".join(text), family, card=card, buttons=None if question else buttons)
        if question:
            asked.tell(question, buttons=buttons)

    def _levels(self, asked: Asked, heard: Heard, rows: Sequence[JobClass], *, others: bool = False) -> str | None:
        """Say the verdict for every level of a family; what the levels share of the sum is said once.

        With `others`, classes of other families, which state no minimum, are named below.
        """
        w, family = asked.w, asked.family(rows[0])
        settle_areas(heard, judging(family))
        background = as_background(heard, judging(family))
        results = [measured(asked, row, background) for row in rows]
        open_one = next((result for result in results if result.verdict == UNCLEAR), results[-1])
        question, asking = self._question(asked, heard, family, background, open_one)
        buttons = self._buttons(asked, rows[0], family, asking if question else None)
        if not has_content(heard):
            text = [rule_line(asked, rows[0], family), question]
            asked.tell("\n".join(line for line in text if line), family, buttons=buttons)
            return asking
        top = [w("qualify.heard", items=heard_said(w, heard))]
        shared = results[0].lines[:-1]
        shared = shared if all(result.lines[:-1] == shared for result in results) else ()
        top += [f"• {line_said(w, line, family.title)}." for line in shared]
        lines, cells = [], []
        for row, result in list(zip(rows, results, strict=True))[:MAX_ROWS]:
            own = [line_said(w, line, short_name(w, row)) for line in result.lines[len(shared) :]]
            verdict = verdict_short(w, result)
            lines.append(f"• {row.title}{w.code(row)}: {'. '.join([*own, verdict.capitalize()])}.")
            cells.append({"level": row.title, "sum": "; ".join(own), "verdict": verdict})
        ending = assumptions_said(w, family, heard, background, results[-1])
        fits = [row for row, result in zip(rows, results, strict=True) if result.verdict == MEETS]
        ending += [w("qualify.nearest", title=fits[-1].title)] if fits else []
        if others:
            held = job_classes.all_classes(asked.session, SMALL_STORE)
            ending += [w("qualify.other", title=row.title) for row in held if row.family_id != family.id]
        ending.append(w("qualify.agency"))
        columns = [("level", w("label.class")), ("sum", w("label.sum")), ("verdict", w("label.verdict"))]
        note = " ".join([*(line.removeprefix("• ") for line in top), *ending])
        card = table_card(w("qualify.table", title=family.title), columns, cells, note)
        self._tell(asked, [*top, *lines, *ending], family, card, question, buttons)
        return asking

    def _without_minimum(self, asked: Asked, heard: Heard, row: JobClass, family: JobFamily) -> None:
        w = asked.w
        lines = [w("qualify.no_minimum", title=row.title, ask=w.ask_where(family))]
        desirable = (row.details.get("desirable_qualifications") or {}).get("any_of")
        facts = []
        background = as_background(heard, judging(family))
        if has_content(heard):
            lines.append(w("qualify.heard", items=heard_said(w, heard)))
        if desirable:
            lines.append(w("req.desirable_head"))
            lines += [f"• {rule_said(w, family, rule)}." for rule in desirable]
            result = evaluate(
                desirable,
                Background(degree=background.degree, college_months=background.college_months, jobs=background.jobs),
            )
            if result.verdict == MEETS:
                lines += [f"• {line_said(w, line, row.title)}." for line in result.lines]
                lines.append(w("qualify.desirable_met"))
            elif has_content(heard):
                lines.append(w("qualify.desirable_unclear"))
            facts = [{"label": w("label.desirable"), "value": rule_said(w, family, rule)} for rule in desirable]
        barred = asks_authorization(row) and background.work_authorized is False
        verdict = NOT_YET if barred else UNCLEAR
        if asks_authorization(row):
            lines.append(w("qualify.legal"))
        if has_content(heard):
            lines.append(w(f"verdict.{verdict}", title=row.title))
        lines.append(w("qualify.agency"))
        alternatives = {f"• {fact['value']}." for fact in facts}
        note = " ".join(line.removeprefix("• ") for line in lines if line not in alternatives)
        card = facts_card(w(f"verdict.{verdict}", title=row.title), facts, note) if facts else None
        buttons = topic_buttons(w, row, "job_min_qualifications", "job_apply")
        asked.tell("\n".join(lines), family, card=card, buttons=buttons)

    def _what_fits(self, asked: Asked, row: JobClass, background: Background, result: Result) -> list[str]:
        """What is missing, and the nearest level that fits."""
        if result.verdict != NOT_YET:
            return []
        w = asked.w
        lines = [w("missing.short", short=w.duration(result.short_months))] if result.short_months else []
        others = [r for r in job_classes.classes_of(asked.session, row.family_id) if r.id != row.id]
        results = [(r, measured(asked, r, background)) for r in others]
        fits = [r for r, other in results if other.verdict == MEETS]
        if fits:
            lines.append(w("qualify.nearest", title=fits[-1].title))
            return lines
        nearer = [(other.short_months, r) for r, other in results if 0 < other.short_months < result.short_months]
        if nearer:
            short, nearest = min(nearer, key=lambda pair: (pair[0], pair[1].rank))
            lines.append(w("qualify.nearest_short", title=nearest.title, short=w.duration(short)))
        return lines

    def _question(
        self, asked: Asked, heard: Heard, family: JobFamily, background: Background, result: Result
    ) -> tuple[str, str | None]:
        """The next question, and the name of what it asks for; nothing when no answer could change the verdict."""
        w = asked.w
        if result.verdict != UNCLEAR and has_content(heard):
            # The sum says itself that the kind of work was not told, so it may be told next.
            return "", "area" if any(job.area is None for job in background.jobs or ()) else None
        for name in ("degree", "college", "experience"):
            if name in result.missing:
                return w(f"qualify.ask_{name}", areas=areas_said(w, family)), name
        if any(job.area is None for job in background.jobs or ()):
            return w("qualify.ask_area"), "area"
        return "", None

    def _buttons(self, asked: Asked, row: JobClass, family: JobFamily, asking: str | None) -> list[dict[str, str]]:
        w = asked.w
        if asking == "area":
            return area_buttons(w, family)
        if asking == "degree":
            return [{"title": w(f"degree.{d}"), "payload": f'/inform{{"degree":"{d}"}}'} for d in _ASKED_DEGREES]
        levels = [r for r in job_classes.classes_of(asked.session, row.family_id) if r.level and r.id != row.id]
        return [{"title": short_name(w, r), "payload": payload(self.topic, r)} for r in levels[:4]]


# ------------------------------------------------------------------ words of a sum

_ASKED_DEGREES = ("high_school", "some_college", "associate", "bachelor", "master")
_LABELS = {
    **dict.fromkeys(
        ("degree_full", "degree_part", "college_part", "degree_none", "degree_not_said"), "line.label.degree"
    ),
    **dict.fromkeys(("fills", "degree_not_replaceable"), "line.label.fills"),
    **dict.fromkeys(("enough", "short", "enough_whole", "short_whole", "needs"), "line.label.left"),
}


def measured(asked: Asked, row: JobClass, background: Background) -> Result:
    """A background against the minimum of one class."""
    return evaluate(rules_of(asked.session, row), background, work_authorization=asks_authorization(row))


def asks_authorization(row: JobClass) -> bool:
    """Whether the specification asks for permission to work in the country."""
    return bool((row.details.get("legal_requirements") or {}).get("work_authorization"))


def judging(family: JobFamily) -> list[dict[str, Any]]:
    """How a family's experience areas are judged; empty when the specification names none."""
    return (family.details.get("experience_areas") or {}).get("judge") or []


def has_background(tracker: Tracker) -> bool:
    """Whether the visitor told of a background, now or before."""
    return has_content(hear(tracker))


def remembered(tracker: Tracker) -> Events:
    """The slot to keep when a question about requirements also tells of a background."""
    heard = told_of_self(tracker)
    return [SlotSet("background", heard)] if heard != held_background(tracker) else []


def held_verdict(asked: Asked, row: JobClass) -> str:
    """One line on what the visitor told of themselves, for an answer about requirements; empty when nothing."""
    heard = told_of_self(asked.tracker)
    rules = rules_of(asked.session, row)
    if not has_content(heard) or rules is None:
        return ""
    w, family = asked.w, asked.family(row)
    settle_areas(heard, judging(family))
    result = measured(asked, row, as_background(heard, judging(family)))
    said = [w("qualify.heard", items=heard_said(w, heard))]
    said += [f"{'; '.join(line_said(w, line, short_name(w, row)) for line in result.lines)}."] if result.lines else []
    return " ".join([*said, w(f"verdict.{result.verdict}", title=row.title), w("qualify.agency")])


def rule_line(asked: Asked, row: JobClass, family: JobFamily, *, short: bool = False) -> str:
    """What a class asks for: in full, or (when the sum stands below it) in its figures alone."""
    w = asked.w
    rules = rules_of(asked.session, row) or []
    rule = rules[0] if len(rules) == 1 else {}
    if short and rule.get("degree") and rule.get("experience_for_degree"):
        return w(
            "qualify.rule_short",
            title=row.title,
            code=w.code(row),
            degree=w(f"degree.a.{rule['degree']}"),
            experience=w.duration(12 * rule["experience_years"]),
            ratio=w.duration(12 * rule["experience_for_degree"]),
        )
    said = f" {w('list.or')} ".join(rule_said(w, family, r) for r in rules) or w("not_stated")
    return w("qualify.rule", title=row.title, code=w.code(row), rule=said)


def short_name(w: JobWords, row: JobClass) -> str:
    """ "Level II", or the title of a class without levels."""
    return w("button.level", level=row.level) if row.level else str(row.title)


def verdict_short(w: JobWords, result: Result) -> str:
    """ "not yet, short by 1 year"."""
    verdict = w(f"verdict.short.{result.verdict}")
    if result.verdict == NOT_YET and result.short_months:
        return w("verdict.short_by", verdict=verdict, short=w.duration(result.short_months))
    return verdict


def heard_said(w: JobWords, heard: Mapping[str, Any]) -> str:
    """What was heard, so that a misheard word can be put right."""
    items = []
    if heard.get("degree") and not (heard["degree"] == "some_college" and heard.get("college_months")):
        items.append(_lower_first(w(f"degree.{heard['degree']}")))
    if heard.get("college_months"):
        items.append(w("qualify.heard_college", duration=w.duration(heard["college_months"])))
    if heard.get("in_progress"):
        items.append(w("qualify.heard_in_progress"))
    for job in heard.get("jobs") or []:
        key = "qualify.heard_job_area" if job.get("area") else "qualify.heard_job"
        said = w(key, duration=w.duration(job["months"]), area=job.get("area") or "")
        if job.get("hours"):
            said += w("qualify.heard_hours", hours=job["hours"])
        elif job.get("part_time"):
            said += w("qualify.heard_part_time")
        items.append(said)
    if heard.get("jobs") == []:
        items.append(w("qualify.heard_no_jobs"))
    if heard.get("work_authorized") is not None:
        items.append(w(f"qualify.heard_{'authorized' if heard['work_authorized'] else 'not_authorized'}"))
    return w.joined(items)


def line_said(w: JobWords, line: Line, title: str) -> str:
    """One line of the sum in words."""
    said = _line_said(w, line, title)
    return said[:1].upper() + said[1:]


def _line_said(w: JobWords, line: Line, title: str) -> str:
    v = dict(line.values)
    if line.key in ("degree_full", "degree_part", "college_part", "degree_none"):
        part = w("line.part", part=_years(w, v["months"]), full=_years(w, v["full"]))
        key = "degree_not_said" if line.key == "degree_none" and v["held"] is None else line.key
        held = w(f"degree.{v['held']}") if v["held"] else ""
        return w(f"line.{key}", held=held, part=part, duration=w.duration(v["months"]))
    if line.key == "fills":
        if v["short"]:
            key = "fills_all" if v["counted"] else "fills_nothing"
            return w(f"line.{key}", counted=w.duration(v["counted"]), short=w.duration(v["short"]))
        used = _years(w, v["used"]) if v["used"] % 12 == 0 and v["counted"] % 12 == 0 else w.duration(v["used"])
        return w("line.fills", part=w("line.of_yours", used=used, counted=w.duration(v["counted"])))
    if line.key == "needs":
        return w("line.needs", title=title, months=w.duration(v["months"]))
    said = {k: w.duration(x) for k, x in v.items() if k in ("left", "required", "short", "counted", "held", "months")}
    if "degree" in v:
        said["degree"] = _lower_first(w(f"degree.a.{v['degree']}"))
    return w(f"line.{line.key}", **{"title": title, **v, **said})


def assumptions_said(
    w: JobWords, family: JobFamily, heard: Mapping[str, Any], background: Background, result: Result
) -> list[str]:
    """What the sum takes for granted, said."""
    areas = areas_said(w, family)
    degree = next((line.values["degree"] for line in result.lines if "degree" in line.values), None)
    said = []
    for name in result.assumptions:
        if name != "degree_years":
            said.append(w(f"assume.{name}"))
        elif degree:
            years = w.duration(DEGREE_MONTHS[degree])
            said.append(w("assume.degree_years", degree=w(f"degree.a.{degree}"), years=years))
    if heard.get("in_progress"):
        said.append(w("assume.in_progress"))
    jobs = background.jobs or ()
    unclear = "area_unclear" if result.counts_unclear else "area_left_out"
    for judgement, key in ((YES, "area_yes"), (UNCLEAR, unclear), (NO, "area_no")):
        named = [w("qualify.quoted", area=job.area) for job in jobs if job.area and job.qualifies == judgement]
        if named:
            said.append(w(f"assume.{key}", area=w.joined(dict.fromkeys(named)), areas=areas))
    if any(job.area is None for job in jobs):
        said.append(w("assume.area_not_said", areas=areas))
    if any(job.get("part_time") and not job.get("hours") for job in heard.get("jobs") or []):
        said.append(w("assume.part_time"))
    elif any(job.hours_per_week for job in jobs):
        said.append(w("assume.hours"))
    undated = [job for job in jobs if job.start is None and not job.alongside and job.qualifies != NO]
    if len(undated) > 1:
        said.append(w("assume.one_after_another"))
    return said


def area_buttons(w: JobWords, family: JobFamily) -> list[dict[str, str]]:
    """Kinds of work to choose from."""
    choices = (family.details.get("experience_areas") or {}).get("ask") or []
    return [{"title": w.local(c), "payload": f'/inform{{"experience_area":"{w.local(c)}"}}'} for c in choices]


def _years(w: JobWords, months: Any) -> str:
    return str(int(months) // 12) if months % 12 == 0 else w.duration(months)


def _lower_first(text: str) -> str:
    return text if text.isupper() or text[:2].isupper() else text[:1].lower() + text[1:]
