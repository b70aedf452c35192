"""A job class as a specialist sees it: pay, requirements and duties, said as the bot says them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot import job_words
from bot.job_words import JobWords
from bot.stores import job_classes
from bot.stores.tables import JobClass, JobFamily

MOST_FOUND = 20


def search(session: Session, query: str) -> list[dict[str, Any]]:
    """The classes that fit the words best, with none of them the first by title: `{id, code, title, employer}`."""
    if query.strip():
        # With numpy, which a gateway does not load before the first specialist searches.
        from bot.stores import job_search

        found = job_search.search(session, query, limit=MOST_FOUND)
        rows = [row for row in (job_classes.by_id(session, one) for one in found.ids) if row is not None]
        exact = job_classes.by_code(session, query.strip()) if len(query.strip()) <= 16 else None
        if exact is not None:
            rows = [exact, *(row for row in rows if row.id != exact.id)]
    else:
        rows = job_classes.all_classes(session, MOST_FOUND)
    return [
        {
            "id": row.id,
            "code": row.code,
            "title": row.title,
            "employer": job_classes.family_of(session, row).employer,
        }
        for row in rows
    ]


def panel(session: Session, class_id: str, language: str) -> dict[str, Any]:
    """One class with its family's levels: `{id, code, title, source, note, facts card, levels table, duties}`.

    Raises LookupError when there is none.
    """
    row = job_classes.by_id(session, class_id)
    if row is None:
        raise LookupError("no such class")
    w = JobWords(language)
    family = job_classes.family_of(session, row)
    duties = row.details.get("duties") or family.details.get("duties") or []
    return {
        "id": row.id,
        "code": row.code,
        "title": row.title,
        "language": w.language,
        "source": job_words.source(w, family),
        "facts": _facts(session, w, row, family),
        "levels": _levels(session, w, family),
        "duties": [w.local(duty) for duty in duties],
    }


def _facts(session: Session, w: JobWords, row: JobClass, family: JobFamily) -> dict[str, Any]:
    cells = job_words.pay_cells(w, row)
    facts = [{"label": w(f"label.{period}"), "value": cells[period]} for period in job_classes.PERIODS]
    facts.append({"label": w("label.requires"), "value": _required(session, w, row, family)})
    own = job_words.inherited(w, row)
    legal = row.details.get("legal_requirements")
    if legal:
        facts.append({"label": w("label.legal"), "value": " ".join(w.local(item) for item in legal["items"])})
    note = " ".join(part for part in (own, job_words.pay_note(w, family)) if part)
    return {"type": "facts", "title": f"{row.title}{w.code(row)}", "facts": facts, "note": note}


def _levels(session: Session, w: JobWords, family: JobFamily) -> dict[str, Any]:
    rows = []
    for one in job_classes.classes_of(session, family.id):
        rows.append(
            {
                "level": f"{one.title}{w.code(one)}",
                "annual": job_words.pay_cells(w, one)["annual"],
                "requires": job_words.inherited(w, one) or _required(session, w, one, family),
            }
        )
    columns = [
        {"key": "level", "label": w("label.class")},
        {"key": "annual", "label": w("label.annual")},
        {"key": "requires", "label": w("label.requires")},
    ]
    return {"type": "table", "caption": family.title, "columns": columns, "rows": rows}


def _required(session: Session, w: JobWords, row: JobClass, family: JobFamily) -> str:
    rules = job_words.rules_of(session, row) or []
    return f" {w('list.or')} ".join(job_words.rule_said(w, family, rule) for rule in rules) or w("not_stated")
