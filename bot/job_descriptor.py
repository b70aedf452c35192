"""The text layout of Oklahoma's job family descriptors, read into family data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.job_document import Read, Row, Saying, SpecificationError, joined, merged, must_end, number_of, saying, slug
from bot.stores import job_classes
from bot.stores.job_classes import cents, printed_key

DEGREES = {
    "high school diploma": "high_school",
    "associate's degree": "associate",
    "bachelor's degree": "bachelor",
    "master's degree": "master",
    "doctorate": "doctorate",
    "doctoral degree": "doctorate",
}

_HEADER = re.compile(r"^(?P<title>.+?)\s+(?P<level>[IVX]+|\d{1,2})\s+\(#(?P<code>[A-Z0-9]+)\)$")
_PAY = re.compile(
    r"\$\s?(?P<low>[\d,]+\.\d\d)\s*[-–]\s*\$\s?(?P<high>[\d,]+\.\d\d)\s+(?P<period>hourly|monthly|annual)"
)
_SECTIONS = (
    "BASIC PURPOSE",
    "TYPICAL FUNCTIONS",
    "KNOWLEDGE, SKILLS, & ABILITIES",
    "LEVEL DESCRIPTORS",
    "MINIMUM QUALIFICATIONS",
)
_LEVEL = re.compile(r"^Level (?P<level>[IVX]+|\d{1,2}):$")
_DATES = re.compile(r"^CLASS:\s*(?P<code>[A-Z0-9]+);\s*EST:\s*(?P<est>[^;]+);\s*REV:\s*(?P<rev>[^;]+);$")
_REFERS = re.compile(r"^(?:Those|those) identified in Level (?P<level>[IVX]+|\d{1,2})(?: plus (?:the )?)?")
_BASE_RULE = re.compile(
    r"^Education and Experience requirements at this level consist of an? (?P<degree>.+?) and (?P<years>\w+) years? of "
    r"experience in (?P<areas>.+?)\s*(?:; or an equivalent combination of education and experience, substituting "
    r"(?P<ratio>\w+) years? of qualifying experience for each year of the required degree)?\.$"
)
_SAME_RULE = re.compile(
    r"^Education and Experience requirements at this level consist of those identified in "
    r"Level (?P<level>[IVX]+|\d{1,2})(?: plus (?P<years>\w+) additional years? of qualifying experience)?\.$"
)


def is_one(rows: list[Row]) -> bool:
    """Whether some line is a class title with its code, as only this layout has it."""
    return any(_HEADER.match(row.text) for row in rows)


def read(rows: list[Row], session: Session) -> Read:
    """Read the lines of a descriptor; raises SpecificationError naming the line."""
    first_section = next((i for i, row in enumerate(rows) if row.text in _SECTIONS), None)
    if first_section is None:
        raise SpecificationError(rows[-1].number, "the document ends before BASIC PURPOSE; it is cut off")
    document = Read({})
    classes = _headers(rows[:first_section], document)
    sections, end = _sections(rows[first_section:])
    levels = [entry["level"] for entry in classes]
    title, family_id, held = _descriptor_identity(classes, session)
    said = saying(held)
    family = dict(held or {})
    family.update(id=family_id, title=title, document_type="job family descriptor")
    family.setdefault("state", "Oklahoma")
    family.setdefault("employer", "State of Oklahoma")
    family["purpose"] = said(joined(sections["BASIC PURPOSE"]))
    _functions(sections["TYPICAL FUNCTIONS"], family, said, document)
    _descriptors(sections["LEVEL DESCRIPTORS"], classes, family, said)
    _abilities(sections["KNOWLEDGE, SKILLS, & ABILITIES"], classes, levels, said)
    _minimums(sections["MINIMUM QUALIFICATIONS"], classes, levels, family, said, document)
    _closing(end, classes, family, document)
    newest = max(entry["revised"] for entry in classes)
    family["source"] = {"title": f"{title} job family descriptor", "dated": newest, "date_kind": "revised"}
    family["classes"] = [merged(entry, held) for entry in classes]
    document.family = family
    document.understood += [
        f"{len(classes)} classes: " + ", ".join(f"{entry['title']} ({entry['code']})" for entry in classes),
        f"pay of {sum('pay' in entry for entry in classes)}, {len(family['duties'])} duties, "
        f"{sum(len(e.get(k, [])) for e in classes for k in ('knowledge', 'abilities'))} knowledge and abilities",
        f"minimum qualifications as rules for {sum(_is_rule(e) for e in classes)} of {len(classes)}",
        f"newest revision {newest}",
    ]
    return document


def _headers(rows: list[Row], document: Read) -> list[dict[str, Any]]:
    classes: list[dict[str, Any]] = []
    for row in rows:
        match = _HEADER.match(row.text)
        if match:
            code = match["code"]
            if any(entry["code"] == code for entry in classes):
                raise SpecificationError(row.number, f"class code {code} is given twice")
            if any(entry["level"] == match["level"] for entry in classes):
                raise SpecificationError(row.number, f"level {match['level']} is given twice")
            classes.append(
                {
                    "code": code,
                    "level": match["level"],
                    "title": f"{match['title']} {match['level']}",
                    "_base": match["title"],
                    "_line": row.number,
                }
            )
            if classes[0]["_base"] != match["title"]:
                raise SpecificationError(
                    row.number, f"“{match['title']}” is another family than “{classes[0]['_base']}”"
                )
        elif "$" in row.text or re.search(r"\b(hourly|monthly|annual)\b", row.text):
            if not classes or "pay" in classes[-1]:
                raise SpecificationError(row.number, "pay without a class title above it")
            classes[-1]["pay"] = _pay(row, document)
        elif row.text != "Logo":  # What is left of a picture at the top of the page.
            document.not_understood.append(row)
    return classes


def _pay(row: Row, document: Read) -> dict[str, list[str]]:
    pay: dict[str, list[str]] = {}
    parts = [part.strip() for part in row.text.split(" / ")]
    for part in parts:
        match = _PAY.fullmatch(part)
        if not match:
            raise SpecificationError(row.number, f"“{part}” is not a pay range such as “$10.98-$20.13 hourly”")
        low, high = match["low"].replace(",", ""), match["high"].replace(",", "")
        if cents(low) > cents(high):
            raise SpecificationError(
                row.number,
                f"the {match['period']} minimum ${match['low']} is above the maximum ${match['high']}",
            )
        if match["period"] in pay:
            raise SpecificationError(row.number, f"the {match['period']} pay is given twice")
        pay[match["period"]] = [low, high]
    for side, name in ((0, "minimum"), (1, "maximum")):
        if "hourly" in pay and "annual" in pay:
            yearly = cents(pay["hourly"][side]) * 2080
            if abs(yearly - cents(pay["annual"][side])) > yearly * 0.02:
                document.doubts.append(f"line {row.number}: the annual {name} is not 2,080 hours of the hourly one")
    return {period: pay[period] for period in job_classes.PERIODS if period in pay}


def _sections(rows: list[Row]) -> tuple[dict[str, list[Row]], list[Row]]:
    sections: dict[str, list[Row]] = {}
    current: list[Row] = []
    end: list[Row] = []
    for row in rows:
        if row.text in _SECTIONS:
            if row.text in sections:
                raise SpecificationError(row.number, f"{row.text} is there twice")
            current = sections[row.text] = []
        elif end or row.text.startswith("CLASS:"):
            end.append(row)
        else:
            current.append(row)
    last = rows[-1].number
    for name in _SECTIONS:
        if not sections.get(name):
            raise SpecificationError(last, f"the document ends without {name}; it is cut off")
    if not end:
        raise SpecificationError(last, "the document ends without its CLASS lines (dates); it is cut off")
    return sections, end


def _descriptor_identity(classes: list[dict[str, Any]], session: Session) -> tuple[str, str, dict[str, Any] | None]:
    title = classes[0]["_base"]
    for entry in classes:
        row = job_classes.by_code(session, entry["code"])
        if row is not None:
            return title, row.family_id, job_classes.family_data(session, row.family_id)
    family_id = f"ok_{slug(title)}"
    return title, family_id, job_classes.family_data(session, family_id)


def _functions(rows: list[Row], family: dict[str, Any], said: Saying, document: Read) -> None:
    duties: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.text.startswith(("•", "-", "*")):
            text = row.text.lstrip("•-* ").strip()
            if printed_key(text) in duties:
                document.understood.append(f"line {row.number} repeats a duty; it is kept once")
            duties.setdefault(printed_key(text), said(text))
        elif duties:
            raise SpecificationError(row.number, "text between the typical functions that is no bullet")
        else:
            family["duties_intro"] = said(row.text)
    if not duties:
        raise SpecificationError(rows[-1].number, "TYPICAL FUNCTIONS has no bullets")
    family["duties"] = list(duties.values())


def _by_level(rows: list[Row], levels: Sequence[str], name: str) -> tuple[list[Row], dict[str, list[Row]]]:
    before: list[Row] = []
    found: dict[str, list[Row]] = {}
    current = before
    for row in rows:
        match = _LEVEL.match(row.text)
        if match:
            if match["level"] not in levels:
                raise SpecificationError(row.number, f"level {match['level']} is not one of {', '.join(levels)}")
            if match["level"] in found:
                raise SpecificationError(row.number, f"level {match['level']} is there twice")
            current = found[match["level"]] = []
        else:
            current.append(row)
    for level in levels:
        if not found.get(level):
            raise SpecificationError(rows[-1].number, f"{name} ends without level {level}; it is cut off")
        must_end(found[level][-1])
    return before, found


def _descriptors(
    rows: list[Row],
    classes: list[dict[str, Any]],
    family: dict[str, Any],
    said: Saying,
) -> None:
    before, found = _by_level(rows, [entry["level"] for entry in classes], "LEVEL DESCRIPTORS")
    if before:
        family["levels_intro"] = said(joined(before))
    for entry in classes:
        entry["descriptor"] = said(joined(found[entry["level"]]))


def _abilities(
    rows: list[Row],
    classes: list[dict[str, Any]],
    levels: Sequence[str],
    said: Saying,
) -> None:
    _before, found = _by_level(rows, levels, "KNOWLEDGE, SKILLS, & ABILITIES")
    for entry in classes:
        own = found[entry["level"]]
        text = joined(own)
        match = _REFERS.match(text)
        if match:
            _known_level(own[0], match["level"], levels, entry["level"])
            entry["includes"] = match["level"]
            text = text[match.end() :]
        for sentence in re.split(r"(?<=\.)\s+", text):
            opening = re.match(r"^(knowledge of|ability to)\s+", sentence, re.IGNORECASE)
            if not opening:
                raise SpecificationError(own[0].number, "expected “Knowledge of ...” or “Ability to ...”")
            kind = "knowledge" if opening[1].lower().startswith("knowledge") else "abilities"
            lead = "of" if kind == "knowledge" else "to"
            for part in sentence[opening.end() :].rstrip(".").split(";"):
                item = re.sub(rf"^\s*(and\s+)?({lead}\s+)?", "", part).strip()
                if item:
                    entry.setdefault(kind, []).append(said(item))


def _known_level(row: Row, level: str, levels: Sequence[str], own: str) -> None:
    if level not in levels or level == own:
        raise SpecificationError(row.number, f"refers to level {level}, which this family hasn't got")


def _minimums(
    rows: list[Row],
    classes: list[dict[str, Any]],
    levels: Sequence[str],
    family: dict[str, Any],
    said: Saying,
    document: Read,
) -> None:
    _before, found = _by_level(rows, levels, "MINIMUM QUALIFICATIONS")
    for entry in classes:
        own = found[entry["level"]]
        text = joined(own).replace("’", "'")
        same, base = _SAME_RULE.match(text), _BASE_RULE.match(text)
        if same:
            _known_level(own[0], same["level"], levels, entry["level"])
            extra = number_of(own[0], same["years"]) if same["years"] else 0
            entry["minimum_qualifications"] = {"same_as": same["level"], "additional_experience_years": extra}
        elif base and base["degree"] in DEGREES:
            rule = {"degree": DEGREES[base["degree"]], "experience_years": number_of(own[0], base["years"])}
            areas = said(base["areas"])
            kept = family.get("experience_areas") or {}
            if kept.get("printed") != printed_key(base["areas"]):
                family["experience_areas"] = {"printed": areas["printed"], "says": {"text": base["areas"]}}
            rule["areas"] = "experience_areas"
            if base["ratio"]:
                rule["experience_for_degree"] = number_of(own[0], base["ratio"])
            entry["minimum_qualifications"] = {"any_of": [rule]}
        else:
            document.not_understood.append(own[0])
            entry["minimum_qualifications"] = {"any_of": [{"combination": "as_printed", "text": text}]}
    _no_circle(classes, found)


def _no_circle(classes: list[dict[str, Any]], found: Mapping[str, list[Row]]) -> None:
    refers = {entry["level"]: entry["minimum_qualifications"].get("same_as") for entry in classes}
    for level in refers:
        seen, current = {level}, refers[level]
        while current is not None:
            if current in seen:
                raise SpecificationError(found[level][0].number, f"level {level} refers back to itself")
            seen.add(current)
            current = refers[current]


def _closing(rows: list[Row], classes: list[dict[str, Any]], family: dict[str, Any], document: Read) -> None:
    by_code = {entry["code"]: entry for entry in classes}
    for row in rows:
        if row.text.startswith("CLASS:"):
            match = _DATES.match(row.text)
            if not match:
                raise SpecificationError(row.number, "expected “CLASS: code; EST: date; REV: date;”")
            if match["code"] not in by_code:
                raise SpecificationError(row.number, f"class {match['code']} has dates but no title above")
            entry = by_code[match["code"]]
            entry["established"], entry["revised"] = _us_day(row, match["est"]), _us_day(row, match["rev"])
            if entry["established"] > entry["revised"]:
                raise SpecificationError(row.number, "revised before it was established")
        elif " | " in row.text:
            family["contact"] = _contact(row, family.get("contact") or {}, document)
        else:
            document.not_understood.append(row)
    for entry in classes:
        if "revised" not in entry:
            raise SpecificationError(rows[-1].number, f"no CLASS line with the dates of {entry['code']}; it is cut off")


def _contact(row: Row, held: Mapping[str, Any], document: Read) -> dict[str, Any]:
    contact: dict[str, Any] = {}
    for part in (p.strip() for p in row.text.split("|")):
        name, colon, value = part.partition(":")
        if colon and name.lower() in ("email", "phone", "tty"):
            contact[name.lower()] = value.strip()
        elif re.match(r"^\d{1,2} ?[ap]m\b", part, re.IGNORECASE):
            kept = held.get("hours")
            same = isinstance(kept, Mapping) and kept.get("printed_as") == part
            contact["hours"] = kept if same else {"printed_as": part, "text": part}
        elif not part.startswith("Powered by"):  # The maker of the web site.
            document.not_understood.append(Row(row.number, part))
    ordered = ("email", "phone", "hours", "tty")
    return {name: contact[name] for name in ordered if name in contact}


def _us_day(row: Row, text: str) -> str:
    word = text.split()[0]
    try:
        return datetime.strptime(word, "%m/%d/%Y").date().isoformat()
    except ValueError:
        raise SpecificationError(row.number, f"“{text.strip()}” is not a date such as 7/2/2012") from None


def _is_rule(entry: Mapping[str, Any]) -> bool:
    rules = entry.get("minimum_qualifications") or {}
    return bool(rules) and all("text" not in rule for rule in rules.get("any_of", []))
