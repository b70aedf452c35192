"""What a job class requires, and what may stand in for a degree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.base import Events
from actions.job_action import (
    MAX_ROWS,
    Asked,
    JobAction,
    code_fact,
    facts_card,
    revised_fact,
    table_card,
)
from actions.job_qualify import held_verdict, remembered
from bot.job_words import (
    JobWords,
    areas_said,
    choice_buttons,
    inherited,
    legal_lines,
    rule_said,
    rules_of,
    topic_buttons,
    worked_years,
    years_needed,
)
from bot.stores.tables import JobClass, JobFamily


class ActionJobMinQualifications(JobAction):
    """What a class requires, from its rules."""

    topic = "job_min_qualifications"

    def also_kept(self, asked: Asked) -> Events:
        """A background told along with the question."""
        return remembered(asked.tracker)

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Say the minimum (or that none is stated), what is desirable, and the legal requirements."""
        w = asked.w
        lines = requirement_lines(asked, row, family)
        verdict = held_verdict(asked, row)
        text = "\n".join([*lines, verdict] if verdict else lines)
        buttons = topic_buttons(w, row, "job_do_i_qualify", "job_pay", "job_level_difference")
        asked.tell(text, family, card=_requirements_card(asked, row, family, verdict), buttons=buttons)

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """Say what every level requires."""
        w = asked.w
        lines = [w("req.levels_head", title=family.title)]
        cells = []
        for row in rows[:MAX_ROWS]:
            rules = rules_of(asked.session, row)
            said = f" {w('list.or')} ".join(rule_said(w, family, rule) for rule in rules or []) or w("not_stated")
            # The levels mostly refer to the first one; its rule is spelled out once.
            shown = inherited(w, row) or f"{said}."
            worked = worked_years(w, rules[0]) if rules else None
            if worked:
                shown += f" {w('req.level_years', **worked)}."
            lines.append(w("req.level_line", title=row.title, code=w.code(row), rule=shown))
            cells.append({"level": row.title, "rule": said, **(worked_cells(w, rules) or {})})
        if all("with_degree" in cell for cell in cells):
            columns = [("level", w("label.class")), *((k, w(f"label.{k}")) for k in _WORKED)]
            rows_shown = [{k: v for k, v in cell.items() if k != "rule"} for cell in cells]
            first = w("req.level_line", title=rows[0].title, code="", rule=cells[0]["rule"]).removeprefix("• ")
            note = f"{first}. {w('req.table_note')}"
            table = table_card(w("req.table", title=family.title), columns, rows_shown, note)
            lines.append(w("req.table_note"))
        else:
            table = table_card(
                w("req.table", title=family.title),
                [("level", w("label.class")), ("rule", w("label.requires"))],
                [{k: cell[k] for k in ("level", "rule")} for cell in cells],
            )
        asked.tell("\n".join(lines), family, card=table, buttons=choice_buttons(self.topic, rows))


_WORKED = ("with_degree", "with_two_years", "no_college")


def worked_cells(w: JobWords, rules: Sequence[dict[str, Any]] | None) -> dict[str, str] | None:
    if not rules or len(rules) != 1 or rules[0].get("degree") != "bachelor":
        return None
    worked = worked_years(w, rules[0])
    return worked and {
        "with_degree": worked["with_degree"],
        "with_two_years": worked["two_years"],
        "no_college": worked["no_college"],
    }


def requirement_lines(asked: Asked, row: JobClass, family: JobFamily) -> list[str]:
    """The requirements of one class, a line each."""
    w = asked.w
    rules = rules_of(asked.session, row)
    lines = []
    if rules is None:
        lines.append(w("req.none_stated", title=row.title, ask=w.ask_where(family)))
    else:
        lines.append(w("req.head", title=row.title, code=w.code(row)))
        lines += [f"• {rule_said(w, family, rule)}." for rule in rules]
        if inherited(w, row):
            lines.append(inherited(w, row))
        lines += years_needed(w, rules)
    desirable = row.details.get("desirable_qualifications")
    if desirable:
        lines.append(w("req.desirable_head"))
        lines += [f"• {rule_said(w, family, rule)}." for rule in desirable["any_of"]]
    lines += legal_lines(w, row)
    return lines


def _requirements_card(asked: Asked, row: JobClass, family: JobFamily, verdict: str) -> dict[str, Any]:
    w = asked.w
    rules = rules_of(asked.session, row)
    facts = code_fact(w, row)
    said = f" {w('list.or')} ".join(rule_said(w, family, rule) for rule in rules or [])
    facts.append({"label": w("label.requires"), "value": said or w("not_stated")})
    note = [inherited(w, row)]
    if not rules:
        note = [w.ask_where(family)]
    else:
        worked = worked_cells(w, rules)
        if worked:
            facts += [{"label": w(f"label.{key}"), "value": value} for key, value in worked.items()]
            note.append(w("req.table_note"))
    desirable = row.details.get("desirable_qualifications")
    if desirable:
        value = "; ".join(rule_said(w, family, rule) for rule in desirable["any_of"])
        facts.append({"label": w("label.desirable"), "value": value})
    legal = row.details.get("legal_requirements")
    said = " ".join(w.local(item) for item in legal["items"]) if legal else w("req.no_legal")
    facts += [{"label": w("label.legal"), "value": said}, revised_fact(w, family)]
    note.append(verdict)
    return facts_card(w("req.head", title=row.title, code="").rstrip(":"), facts, " ".join(n for n in note if n))


class ActionJobSubstitution(JobAction):
    """Whether experience may stand in for a degree, and the reverse."""

    topic = "job_substitution"
    per_family = True

    def also_kept(self, asked: Asked) -> Events:
        """A background told along with the question."""
        return remembered(asked.tracker)

    def answer(self, asked: Asked, row: JobClass, family: JobFamily) -> None:
        """Say the rule with its figures, or that none is stated."""
        w = asked.w
        rules = rules_of(asked.session, row) or []
        degree_rules = [rule for rule in rules if rule.get("degree")]
        lines = []
        for rule in degree_rules:
            degree = w(f"degree.a.{rule['degree']}")
            if rule.get("experience_for_degree"):
                experience = w.duration(12 * rule["experience_for_degree"])
                lines.append(w("sub.yes", title=row.title, experience=experience, degree=degree))
                lines.append(w("sub.counts_as", areas=areas_said(w, family)))
                lines += years_needed(w, [rule])
            else:
                lines.append(w("sub.no", title=row.title, degree=degree))
            lines.append(w("sub.reverse", ask=w.ask_where(family)))
        if not degree_rules:
            desirable = row.details.get("desirable_qualifications")
            if desirable:
                lines.append(w("sub.no_ratio", title=row.title))
                lines += [f"• {rule_said(w, family, rule)}." for rule in desirable["any_of"]]
            else:
                lines.append(w("req.none_stated", title=row.title, ask=w.ask_where(family)))
            if desirable:
                lines.append(w.ask_where(family))
        verdict = held_verdict(asked, row)
        if verdict:
            lines.append(verdict)
        asked.tell(
            "\n".join(lines),
            family,
            buttons=topic_buttons(w, row, "job_do_i_qualify", "job_min_qualifications"),
        )

    def answer_family(self, asked: Asked, family: JobFamily, rows: list[JobClass]) -> None:
        """The rule is the first level's; the others add years to it."""
        self.answer(asked, rows[0], family)
