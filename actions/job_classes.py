"""Answers about job classes: pay, duties, knowledge, applying, how current they are, and bare follow-ups."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import Events
from actions.job_action import (
    MAX_ROWS,
    Asked,
    JobAction,
    ask_which,
    code_fact,
    facts_card,
    revised_fact,
    say_overview,
    table_card,
)
from actions.job_class_search import ActionJobClassSearch
from actions.job_levels import ActionJobLevelDifference
from actions.job_meant import meant, names_a_class
from actions.job_qualify import ActionJobDoIQualify, has_background
from actions.job_requirements import ActionJobMinQualifications, ActionJobSubstitution
from bot.job_words import JobWords, added, choice_buttons, pay_cells, pay_note, topic_buttons
from bot.stores import job_classes
from bot.stores.tables import JobClass, JobFamily

# ------------------------------------------------------------------ pay


class ActionJobPay(JobAction):
    """Pay by the hour, month and year as printed, with the date it was printed for."""

    topic = "job_pay"

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Say the pay of one class, or that none is stated and where to ask."""
        w = asked.w
        pay = job_classes.pay_of(row)
        buttons = topic_buttons(w, row, "job_min_qualifications", "job_duties", "job_level_difference")
        if not pay:
            text = w("pay.not_stated", title=row.title, ask=w.ask_where(family))
            facts = [{"label": w("label.pay"), "value": w("not_stated")}]
            card = facts_card(w("pay.caption", title=row.title), [*facts, revised_fact(w, family)], w.ask_where(family))
            asked.tell(text, family, card=card, buttons=buttons)
            return
        lines = [w.period_range(period, low, high) for period, (low, high) in pay.items()]
        note = pay_note(w, family)
        text = f"{w('pay.head', title=row.title, code=w.code(row))}\n{w.lines(lines)}\n{note}"
        facts = code_fact(w, row)
        facts += [
            {"label": w(f"label.{period}"), "value": w("pay.range", low=low, high=high)}
            for period, (low, high) in pay.items()
        ]
        card = facts_card(w("pay.caption", title=row.title), [*facts, revised_fact(w, family)], note)
        asked.tell(text, family, card=card, buttons=buttons)

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """Say the pay of every level."""
        w = asked.w
        lines = [w("pay.levels", title=family.title, count=len(rows))]
        lines += [_pay_line(w, row) for row in rows[:MAX_ROWS]]
        lines.append(pay_note(w, family))
        table = table_card(
            w("pay.caption", title=family.title),
            [("level", w("label.class")), *((p, w(f"label.{p}")) for p in job_classes.PERIODS)],
            [{"level": f"{row.title}{w.code(row)}", **pay_cells(w, row)} for row in rows[:MAX_ROWS]],
            pay_note(w, family),
        )
        asked.tell("\n".join(lines), family, card=table, buttons=choice_buttons(self.topic, rows))


def _pay_line(w: JobWords, row: JobClass) -> str:
    pay = job_classes.pay_of(row)
    if len(pay) < len(job_classes.PERIODS):
        stated = "; ".join(w.period_range(p, low, high) for p, (low, high) in pay.items())
        return f"• {row.title}{w.code(row)}: {stated}." if pay else w("pay.level_not_stated", title=row.title)
    said = {period: w.period_range(period, low, high) for period, (low, high) in pay.items()}
    return w("pay.level_line", title=row.title, code=w.code(row), **said)


# ------------------------------------------------------------------ the work


class ActionJobDuties(JobAction):
    """What the work is."""

    topic = "job_duties"

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Say what the level is and the duties the specification lists."""
        w = asked.w
        duties = [w.local(duty) for duty in row.details.get("duties") or family.details.get("duties") or []]
        descriptor = w.local(row.details.get("descriptor"))
        if not duties and not descriptor:
            text = w("duties.none", title=row.title, ask=w.ask_where(family))
            asked.tell(text, family, buttons=topic_buttons(w, row, "job_pay", "job_min_qualifications"))
            return
        lines = [w("duties.head", title=row.title, code=w.code(row))]
        note = []
        lines += [said for said in (descriptor, w.local(row.details.get("distinguishing"))) if said]
        concept = row.details.get("series_concept")
        if concept:
            note.append(w("duties.series", title=concept["refers_to"]))
            lines.append(note[0])
        intro = w.local(family.details.get("duties_intro"))
        if duties:
            lines += [intro, w.lines(duties)]
        note.append(our_words(w))
        lines.append(note[-1])
        described = (descriptor, w.local(row.details.get("distinguishing")))
        facts = [{"label": w("label.what"), "value": said} for said in described if said]
        facts += [{"label": f"{w('duties.general')} {n}", "value": duty} for n, duty in enumerate(duties, start=1)]
        card = facts_card(
            w("duties.caption", title=row.title),
            [*facts, revised_fact(w, family)],
            " ".join([intro, *note]).strip(),
        )
        buttons = topic_buttons(w, row, "job_ksa", "job_pay", "job_min_qualifications")
        asked.tell("\n".join(x for x in lines if x), family, card=card, buttons=buttons)

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """Say the family's duties once, and what tells the levels apart."""
        w = asked.w
        lines = [w("duties.head", title=family.title, code="")]
        lines += [w.local(family.details.get("purpose")), w.local(family.details.get("duties_intro"))]
        lines += [w.lines(w.local(duty) for duty in family.details.get("duties") or [])]
        lines.append(w("duties.levels_head", title=family.title) + ":")
        lines += [
            f"• {row.title}{w.code(row)}: {w.local(row.details.get('descriptor'), w('not_stated'))}" for row in rows
        ]
        lines.append(our_words(w))
        table = table_card(
            w("duties.levels_head", title=family.title),
            [("level", w("label.class")), ("what", w("label.what"))],
            [{"level": row.title, "what": w.local(row.details.get("descriptor"), w("not_stated"))} for row in rows],
            " ".join(
                [
                    w.local(family.details.get("duties_intro")),
                    *(w.local(d) for d in family.details.get("duties") or []),
                ]
            ),
        )
        asked.tell("\n".join(x for x in lines if x), family, card=table, buttons=choice_buttons(self.topic, rows))


class ActionJobKsa(JobAction):
    """Knowledge, skills and abilities, with those of the levels below."""

    topic = "job_ksa"

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Say them level by level, so that what this level adds stands apart."""
        w = asked.w
        chain = job_classes.resolved_abilities(asked.session, row)
        facts = []
        for held, kinds in chain:
            prefix = ""
            if len(chain) > 1:
                prefix = w("ksa.this_level" if held is row else "ksa.from_level", level=held.level) + ": "
            for kind, label in (("knowledge", "label.knows"), ("abilities", "label.able")):
                items = [w.local(item) for item in kinds[kind]]
                if items:
                    facts.append(
                        {
                            "label": f"{prefix}{w(label).lower() if prefix else w(label)}",
                            "value": "; ".join(items),
                        }
                    )
        if not facts:
            text = w("ksa.none", title=row.title, ask=w.ask_where(family))
            asked.tell(text, family, buttons=topic_buttons(w, row, "job_duties", "job_min_qualifications"))
            return
        lines = [w("ksa.head", title=row.title, code=w.code(row))]
        lines += [f"• {fact['label']}: {fact['value']}." for fact in facts]
        card = facts_card(lines[0].rstrip("."), [*facts, revised_fact(w, family)], our_words(w))
        buttons = topic_buttons(w, row, "job_min_qualifications", "job_duties", "job_pay")
        asked.tell("\n".join(lines), family, card=card, buttons=buttons)

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """Say what each level adds."""
        w = asked.w
        cells = [{"level": row.title, "adds": added(w, row)} for row in rows]
        title = w("ksa.levels_head", title=family.title)
        lines = [f"{title}:", *(f"• {cell['level']}: {cell['adds']}." for cell in cells)]
        card = table_card(title, [("level", w("label.class")), ("adds", w("label.adds"))], cells, our_words(w))
        asked.tell("\n".join(lines), family, card=card, buttons=choice_buttons(self.topic, rows))


def our_words(w: JobWords) -> str:
    """That duties are said in our words; nothing when some are the agency's, which is then said instead."""
    return "" if w.quotes else w("duties.our_words")


# ------------------------------------------------------------------ applying, currency, follow-up


class ActionJobApply(JobAction):
    """How to apply, and whom to ask."""

    topic = "job_apply"
    per_family = True

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Say the steps and the contact the specification prints."""
        w = asked.w
        self._say(asked, family, w("apply.head", title=row.title, code=w.code(row)),
                  topic_buttons(w, row, "job_do_i_qualify", "job_min_qualifications", "job_pay"))  # fmt: skip

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """The steps are the same at every level."""
        w = asked.w
        self._say(
            asked,
            family,
            w("apply.head", title=family.title, code=""),
            choice_buttons("job_min_qualifications", rows),
        )

    def _say(self, asked: Asked, family: JobFamily, head: str, buttons: list[dict[str, str]]) -> None:
        w = asked.w
        steps = [w.local(step) for step in family.details.get("apply") or []] or [w("apply.posting")]
        after = w("apply.after", ask=w.ask_where(family))
        lines = [head, *(f"{n}. {step}" for n, step in enumerate(steps, start=1)), after]
        facts = [{"label": w("label.step", n=n), "value": step} for n, step in enumerate(steps, start=1)]
        contact = family.details.get("contact") or {}
        for name in ("email", "phone", "hours", "tty"):
            if contact.get(name):
                value = w.local(contact[name]) if isinstance(contact[name], dict) else contact[name]
                facts.append({"label": w(f"label.{name}"), "value": value})
        asked.tell("\n".join(lines), family, card=facts_card(head.rstrip(":"), facts, after), buttons=buttons)


class ActionJobFollowUp(JobAction):
    """A bare detail ("level III", "A32B") after a question about a job: the same question with that detail."""

    topic = "job_follow_up"

    def reply(self, asked: Asked) -> Events:
        """Ask the last job question again; with none, show the class and what can be asked about it."""
        last = asked.tracker.get_slot("topic")
        answers: dict[str, type[JobAction]] = {a.topic: a for a in _ANSWERS}
        action = answers.get(last or "")
        if action is None and has_background(asked.tracker) and not names_a_class(asked.tracker):
            action = ActionJobDoIQualify
        if action is ActionJobClassSearch and names_a_class(asked.tracker):
            action = None
        if action is not None:
            return action().reply(asked)
        found = meant(asked.session, asked.tracker)
        if found.one is None:
            ask_which(asked, found, "job_duties")
            return []
        say_overview(asked, found.one, asked.family(found.one))
        return [SlotSet("job_class", found.one.id)]

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """The class at a glance, with buttons for what can be asked."""
        say_overview(asked, row, family)


_ANSWERS: tuple[type[JobAction], ...] = (
    ActionJobPay, ActionJobMinQualifications, ActionJobSubstitution, ActionJobDuties, ActionJobKsa,
    ActionJobLevelDifference, ActionJobClassSearch, ActionJobApply, ActionJobDoIQualify,
)  # fmt: skip
