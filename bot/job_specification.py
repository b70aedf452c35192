"""The text layout of Washington's class specifications, read into family data."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.job_document import Read, Row, Saying, SpecificationError, joined, merged, must_end, number_of, saying, slug
from bot.stores import job_classes
from bot.stores.job_classes import level_rank, printed_key
from bot.stores.tables import JobFamily

_HEADINGS = (
    "Class Series Concept",
    "Definition",
    "Distinguishing Characteristics",
    "Typical Work",
    "Knowledge and Abilities",
    "Legal Requirement(s)",
    "Desirable Qualifications",
    "Class Specification History",
)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAY = r"(?:" + "|".join(_MONTHS) + r") \d{1,2}, \d{4}"
_ADOPTED = re.compile(rf"adopted (?P<day>{_DAY})")
_EFFECTIVE = re.compile(rf"effective (?P<day>{_DAY})")
_PRIOR_CLASS = re.compile(r"^(?P<years>\w+) years? as an? (?P<title>.+?)\.?$")


def _heading(row: Row) -> str | None:
    return next((name for name in _HEADINGS if name.lower() == row.text.rstrip(":").lower()), None)


def is_one(rows: list[Row]) -> bool:
    """Whether some line is a heading that only this layout has."""
    return any(_heading(row) in ("Typical Work", "Class Series Concept") for row in rows)


def read(rows: list[Row], session: Session, title: str | None) -> Read:
    """Read the lines of a specification; `title` names the class when the document does not."""
    document = Read({})
    top, sections = _headed(rows)
    printed_title, code = _top(top, document)
    work = [Row(row.number, row.text.rstrip(";.").strip()) for row in sections["Typical Work"]]
    full_title = title or printed_title or _title_of_same_work(work, session)
    if full_title is None:
        raise SpecificationError(rows[0].number, "the document prints no title; name it with --title")
    base, level = job_classes.split_title(full_title)
    family_id, held = _specification_identity(base, session)
    others = [c for c in (held or {}).get("classes", []) if c.get("level") != level]
    said = saying(held)
    family = dict(held or {})
    family.update(id=family_id, title=base, document_type="class specification")
    family.setdefault("state", "Washington")
    family.setdefault("employer", "State of Washington")
    entry: dict[str, Any] = {"code": code, "level": level, "title": full_title}
    concept = joined(sections["Class Series Concept"])
    refers = re.match(r"^See (?P<title>.+?)\.$", concept)
    if refers:
        entry["series_concept"] = {"refers_to": refers["title"]}
    elif concept:
        entry["purpose"] = said(concept)
    for name, key in (("Definition", "descriptor"), ("Distinguishing Characteristics", "distinguishing")):
        if sections[name]:
            must_end(sections[name][-1])
            entry[key] = said(joined(sections[name]))
    entry["duties"] = [said(row.text) for row in work]
    _knowledge_and_abilities(sections["Knowledge and Abilities"], entry, said, document)
    _legal(sections["Legal Requirement(s)"], entry, said)
    _desirable(sections["Desirable Qualifications"], entry, document)
    history = [_history(row, said) for row in sections["Class Specification History"]]
    entry["history"] = history
    entry["effective"] = max(item["effective"] for item in history)
    entry["source"] = {
        "title": f"{full_title} class specification", "dated": entry["effective"], "date_kind": "revised_effective",
    }  # fmt: skip
    family["classes"] = sorted([*others, merged(entry, held)], key=lambda c: level_rank(c.get("level")) or 0)
    newest = max(c.get("effective") or "" for c in family["classes"])
    family["source"] = {**entry["source"], "title": f"{base} class specification", "dated": newest}
    document.family = family
    blank = [name for name in _HEADINGS if not sections[name]]
    document.understood += [
        f"{full_title}{f' ({code})' if code else ', no class code printed'}, no pay and no minimum printed",
        f"{len(entry['duties'])} duties, {len(entry.get('knowledge', []))} kinds of knowledge, "
        f"{len(entry.get('abilities', []))} abilities",
        f"{len((entry.get('desirable_qualifications') or {}).get('any_of', []))} desirable qualifications",
        f"{len(history)} revisions, the newest effective {entry['effective']}",
        *([f"printed without text: {', '.join(blank)}"] if blank else []),
    ]
    return document


def _headed(rows: list[Row]) -> tuple[list[Row], dict[str, list[Row]]]:
    top: list[Row] = []
    sections: dict[str, list[Row]] = {}
    current = top
    for row in rows:
        name = _heading(row)
        if name is None:
            current.append(row)
            continue
        if name in sections:
            raise SpecificationError(row.number, f"{name} is there twice")
        current = sections[name] = []
    last = rows[-1]
    for name in _HEADINGS:
        if name not in sections:
            raise SpecificationError(last.number, f"the document ends without {name}; it is cut off")
    for name in ("Typical Work", "Class Specification History"):
        if not sections[name]:
            raise SpecificationError(last.number, f"{name} is empty; the document is cut off")
    must_end(last)
    return top, sections


def _top(rows: list[Row], document: Read) -> tuple[str | None, str | None]:
    title, code = None, None
    for row in rows:
        name, colon, value = row.text.partition(":")
        if colon and name == "Class Code":
            code = value.strip().upper() or None
        elif colon and name == "Category":
            continue
        elif title is None and job_classes.split_title(row.text)[1]:
            title = row.text
        else:
            document.not_understood.append(row)
    return title, code


def _title_of_same_work(work: list[Row], session: Session) -> str | None:
    """The stored class whose duties are at least half of these: how a document without a title is known again."""
    keys = {printed_key(row.text) for row in work}
    for family in session.execute(select(JobFamily).where(JobFamily.document_type == "class specification")).scalars():
        for entry in (job_classes.family_data(session, family.id) or {})["classes"]:
            held = {duty["printed"] for duty in entry.get("duties") or [] if "printed" in duty}
            if held and len(keys & held) * 2 >= len(keys):
                return str(entry["title"])
    return None


def _specification_identity(base: str, session: Session) -> tuple[str, dict[str, Any] | None]:
    query = select(JobFamily).where(JobFamily.title == base, JobFamily.document_type == "class specification")
    family = session.execute(query).scalars().first()
    family_id = family.id if family is not None else f"wa_{slug(base)}"
    return family_id, job_classes.family_data(session, family_id)


def _knowledge_and_abilities(rows: list[Row], entry: dict[str, Any], said: Saying, document: Read) -> None:
    for row in rows:
        for opening, kind in (("Knowledge of:", "knowledge"), ("Ability to:", "abilities")):
            if row.text.startswith(opening):
                must_end(row)
                items = [part.strip() for part in row.text[len(opening) :].rstrip(".").split(";")]
                entry[kind] = [said(item) for item in items if item]
                break
        else:
            document.not_understood.append(row)


def _legal(rows: list[Row], entry: dict[str, Any], said: Saying) -> None:
    if not rows:
        return
    for row in rows:
        must_end(row)
    authorized = any("legally authorized to work" in row.text.lower() for row in rows)
    entry["legal_requirements"] = {
        **({"work_authorization": True} if authorized else {}),
        "items": [said(row.text) for row in rows],
    }


def _desirable(rows: list[Row], entry: dict[str, Any], document: Read) -> None:
    rules: list[dict[str, Any]] = []
    for row in rows:
        prior = _PRIOR_CLASS.match(row.text)
        words = printed_key(row.text)
        if prior:
            rules.append({"experience_years": number_of(row, prior["years"]), "in_class": prior["title"]})
        elif words == printed_key("A combination of education and relevant experience."):
            rules.append({"combination": "education_and_experience"})
        elif words == printed_key("Equivalent education/experience."):
            rules.append({"combination": "equivalent"})
        else:
            document.not_understood.append(row)
            rules.append({"combination": "as_printed", "text": row.text.rstrip(".")})
    if rules:
        entry["desirable_qualifications"] = {"any_of": rules}


def _history(row: Row, said: Saying) -> dict[str, Any]:
    effective = _EFFECTIVE.search(row.text)
    if not effective:
        raise SpecificationError(row.number, "a revision without “effective” and its date")
    adopted = _ADOPTED.search(row.text)
    item = {"effective": _long_day(row, effective["day"])}
    if adopted:
        item["adopted"] = _long_day(row, adopted["day"])
    return {**said(row.text), **item}


def _long_day(row: Row, text: str) -> str:
    month, day, year = text.replace(",", "").split()
    try:
        return date(int(year), _MONTHS.index(month) + 1, int(day)).isoformat()
    except ValueError:
        raise SpecificationError(row.number, f"“{text}” is not a day of the calendar") from None
