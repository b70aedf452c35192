"""The class store: job families and their classes as the agencies publish them, and the ways to find one.

A family's data has the shape of the files in `data/job_classes/`; what a specification does not state is absent
or null, never filled in. Money is whole cents, days are dates, texts are kept per language.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.accents import without_accents
from bot.settings import PROJECT_ROOT
from bot.stores.tables import JobClass, JobFamily
from bot.words import Cents
from bot.yaml_files import read_yaml

FOLDER = PROJECT_ROOT / "data" / "job_classes"
PERIODS = ("hourly", "monthly", "annual")

_FAMILY_COLUMNS = ("id", "title", "state", "employer", "document_type")
_CLASS_COLUMNS = ("id", "code", "title", "level", "pay", "established", "revised", "effective")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}


class JobDataError(ValueError):
    """A family can't be stored; the message names the class and the field."""


@dataclass(frozen=True)
class Change:
    """One difference between a family as stored and as given; `before` or `after` is None when it is new or gone."""

    path: str
    before: Any
    after: Any


# ------------------------------------------------------------------ words and numbers


def plain(text: str) -> str:
    """`text` in lower case without accents and with single spaces, so that spellings can be compared."""
    return " ".join(without_accents(text).replace("’", "'").lower().split())


def printed_key(text: str) -> str:
    """The fingerprint of a printed sentence: the same for any spacing, bullet and closing mark."""
    letters = re.sub(r"[^a-z0-9]+", " ", plain(text)).strip()
    return hashlib.sha256(letters.encode()).hexdigest()[:12]


def level_rank(level: str | int | None) -> int | None:
    """The number of a level written "II" or "2"; None when it is not a level."""
    word = str(level or "").strip().upper()
    if word.isdigit():
        return int(word)
    return _ROMAN.get(word)


def split_title(title: str) -> tuple[str, str | None]:
    """ "ES Benefits Specialist 2" -> ("ES Benefits Specialist", "2"); the level is None when none is written."""
    match = re.match(r"^(.*\S)\s+([IVX]+|\d{1,2})$", title.strip())
    if match and level_rank(match.group(2)):
        return match.group(1), match.group(2)
    return title.strip(), None


def cents(amount: str | int | float) -> int:
    """Whole cents of an amount in dollars such as "1,903.64"; raises JobDataError when it isn't one."""
    try:
        value = Decimal(str(amount).replace(",", "").replace("$", "")) * 100
    except InvalidOperation:
        raise JobDataError(f"{amount!r} is not an amount of money") from None
    if value != int(value):
        raise JobDataError(f"{amount!r} has parts of a cent")
    return int(value)


# ------------------------------------------------------------------ reading and storing


def read_folder(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Every family of a folder of YAML files, by file name; raises JobDataError naming the file."""
    families = []
    for path in sorted(folder.glob("*.yml")):
        family = _as_json(read_yaml(path))
        try:
            check(family)
        except JobDataError as error:
            raise JobDataError(f"{path.name}: {error}") from None
        families.append(family)
    return families


def seed(session: Session, folder: Path = FOLDER) -> int:
    """Store every family of `folder` that differs from what is held; returns how many were written.

    A family an operator has imported since is left as imported.
    """
    written = 0
    for family in read_folder(folder):
        held = session.get(JobFamily, family["id"])
        revisions = held.details.get("revisions") if held is not None else None
        if not revisions or revisions[-1]["note"] == "seed":
            written += bool(store_family(session, family))
    return written


def check(family: Mapping[str, Any]) -> None:
    """Raise JobDataError when a family lacks something, contradicts itself or refers to a level it hasn't got."""
    for name in ("id", "title", "state", "employer", "document_type", "source", "classes"):
        if not family.get(name):
            raise JobDataError(f"'{name}' is missing")
    levels = [c.get("level") for c in family["classes"]]
    seen: set[str] = set()
    for entry in family["classes"]:
        name = entry.get("title") or entry.get("id") or "a class"
        for key in (entry.get("id"), entry.get("code")):
            if key and key in seen:
                raise JobDataError(f"{name}: '{key}' is given twice")
            seen.add(key or "")
        if not entry.get("id") or not entry.get("title"):
            raise JobDataError(f"{name}: 'id' and 'title' are needed")
        for period, (low, high) in (entry.get("pay") or {}).items():
            if period not in PERIODS:
                raise JobDataError(f"{name}: '{period}' is not one of {', '.join(PERIODS)}")
            if cents(low) > cents(high):
                raise JobDataError(f"{name}: the {period} minimum {low} is above the maximum {high}")
        rules = entry.get("minimum_qualifications") or {}
        for field, level in (("includes", entry.get("includes")), ("same_as", rules.get("same_as"))):
            if level is not None and (level not in levels or level == entry.get("level")):
                raise JobDataError(f"{name}: '{field}' names level {level}, which the family hasn't got")


def family_data(session: Session, family_id: str) -> dict[str, Any] | None:
    """A stored family in the shape of its data file, or None."""
    family = session.get(JobFamily, family_id)
    if family is None:
        return None
    data = {name: getattr(family, name) for name in _FAMILY_COLUMNS}
    data.update({k: v for k, v in family.details.items() if k not in ("revision", "revisions")})
    data["classes"] = [_class_data(row) for row in classes_of(session, family_id)]
    return data


def store_family(session: Session, family: Mapping[str, Any], *, note: str = "seed") -> list[Change]:
    """Store a family if it differs from what is held, counting its revision up; returns the differences."""
    wanted = _as_json(dict(family))
    check(wanted)
    held = family_data(session, wanted["id"])
    changes = differences(held, wanted)
    if not changes:
        return []
    row = session.get(JobFamily, wanted["id"]) or JobFamily(id=wanted["id"], details={})
    earlier = row.details.get("revisions", [])
    details = {k: v for k, v in wanted.items() if k not in (*_FAMILY_COLUMNS, "classes")}
    details["revision"] = len(earlier) + 1
    details["revisions"] = [*earlier, {"number": len(earlier) + 1, "note": note, "changes": len(changes)}]
    for name in _FAMILY_COLUMNS[1:]:
        setattr(row, name, wanted[name])
    row.details = details
    session.add(row)
    keep = {entry["id"] for entry in wanted["classes"]}
    for old in classes_of(session, row.id):
        if old.id not in keep:
            session.delete(old)
    session.flush()
    for number, entry in enumerate(wanted["classes"], start=1):
        _store_class(session, row.id, number, entry)
    session.flush()
    # Searching needs numpy, which a gateway that only shows classes goes without.
    from bot.stores import job_search

    job_search.forget(session)
    return changes


def differences(before: Any, after: Any, path: str = "") -> list[Change]:
    """What changes from one piece of family data to another, leaf by leaf; classes and duties by their keys."""
    if before == after:
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found = []
        for key in [*after, *(k for k in before if k not in after)]:
            found += differences(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
        return found
    if _keyed(before) and _keyed(after):
        return differences(_by_key(before), _by_key(after), path)
    return [] if before in (None, [], {}) and after in (None, [], {}) else [Change(path or "family", before, after)]


def _keyed(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(i, dict) and ("id" in i or "printed" in i) for i in value)


def _by_key(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {item.get("id") or item["printed"]: item for item in items}


def _store_class(session: Session, family_id: str, number: int, entry: Mapping[str, Any]) -> None:
    row = session.get(JobClass, entry["id"]) or JobClass(id=entry["id"])
    row.family_id = family_id
    row.code, row.title, row.level = entry.get("code"), entry["title"], entry.get("level")
    row.rank = level_rank(entry.get("level")) or number
    pay = entry.get("pay") or {}
    for period in PERIODS:
        low, high = pay.get(period, (None, None))
        setattr(row, f"{period}_min_cents", None if low is None else cents(low))
        setattr(row, f"{period}_max_cents", None if high is None else cents(high))
    for name in ("established", "revised", "effective"):
        day = entry.get(name)
        setattr(row, f"{name}_on", date.fromisoformat(day) if day else None)
    row.details = {k: v for k, v in entry.items() if k not in _CLASS_COLUMNS}
    session.add(row)


def _class_data(row: JobClass) -> dict[str, Any]:
    pay = {period: [f"{amount / 100:.2f}" for amount in amounts] for period, amounts in pay_of(row).items()}
    data: dict[str, Any] = {
        "id": row.id,
        "code": row.code,
        "level": row.level,
        "title": row.title,
        "pay": pay,
    }
    for name in ("established", "revised", "effective"):
        day = getattr(row, f"{name}_on")
        data[name] = day.isoformat() if day else None
    data.update(row.details)
    return {key: value for key, value in data.items() if value not in (None, {})}


def _as_json(value: Any) -> Any:
    """The value with days as ISO text, as JSON columns keep them."""
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


# ------------------------------------------------------------------ looking up


def by_id(session: Session, class_id: str | None) -> JobClass | None:
    """The class with that id, or None."""
    return session.get(JobClass, class_id) if class_id else None


def by_code(session: Session, code: str) -> JobClass | None:
    """The class with that code ("A32B", in any capitals), or None."""
    query = select(JobClass).where(JobClass.code == code.replace(" ", "").upper())
    found: JobClass | None = session.execute(query).scalar_one_or_none()
    return found


def family_of(session: Session, row: JobClass) -> JobFamily:
    """The family a class belongs to; with the class's own document as its source when it has one of its own."""
    family: JobFamily = session.get(JobFamily, row.family_id)
    own = row.details.get("source")
    if not own:
        return family
    columns = {name: getattr(family, name) for name in _FAMILY_COLUMNS}
    return JobFamily(**columns, details={**family.details, "source": own})


def classes_of(session: Session, family_id: str) -> list[JobClass]:
    """The classes of a family, lowest level first."""
    query = select(JobClass).where(JobClass.family_id == family_id).order_by(JobClass.rank, JobClass.id)
    return list(session.execute(query).scalars())


def at_level(session: Session, level: str | int, family_id: str | None = None) -> list[JobClass]:
    """The classes at a level written "II" or "2", of one family or of all."""
    rank = level_rank(level)
    if rank is None:
        return []
    query = select(JobClass).where(JobClass.rank == rank).order_by(JobClass.title)
    if family_id:
        query = query.where(JobClass.family_id == family_id)
    return list(session.execute(query).scalars())


def families_titled(session: Session, title: str) -> list[JobFamily]:
    """The families meant by a title: by its exact words, else those whose title or other name is closest."""
    base, _level = split_title(title)
    query = select(JobFamily).where(func.lower(JobFamily.title) == base.lower()).order_by(JobFamily.id)
    exact = list(session.execute(query).scalars())
    if exact:
        return exact
    from bot.stores import job_search

    ids = job_search.families_named(session, base)
    return [family for family in (session.get(JobFamily, i) for i in ids) if family is not None]


def count(session: Session) -> int:
    """How many classes are held."""
    return int(session.execute(select(func.count()).select_from(JobClass)).scalar_one())


def all_classes(session: Session, limit: int = 10) -> list[JobClass]:
    """The first `limit` classes by title."""
    query = select(JobClass).order_by(JobClass.family_id, JobClass.rank).limit(limit)
    return list(session.execute(query).scalars())


def pay_of(row: JobClass) -> dict[str, tuple[Cents, Cents]]:
    """The pay printed in the specification: period -> (least, most); empty when none is stated."""
    pay = {}
    for period in PERIODS:
        low, high = getattr(row, f"{period}_min_cents"), getattr(row, f"{period}_max_cents")
        if low is not None and high is not None:
            pay[period] = (Cents(low), Cents(high))
    return pay


def requirements(session: Session, row: JobClass) -> dict[str, Any]:
    """Each level's stored minimum qualifications in the class's family: level -> rules or None."""
    return {c.level or c.id: c.details.get("minimum_qualifications") for c in classes_of(session, row.family_id)}


def resolved_abilities(session: Session, row: JobClass) -> list[tuple[JobClass, dict[str, list[dict[str, Any]]]]]:
    """Knowledge and abilities of a class and of every level it includes, the lowest level first."""
    by_level = {c.level: c for c in classes_of(session, row.family_id)}
    chain: list[JobClass] = []
    current: JobClass | None = row
    while current is not None and current not in chain:
        chain.append(current)
        current = by_level.get(current.details.get("includes"))
    return [(c, {kind: c.details.get(kind) or [] for kind in ("knowledge", "abilities")}) for c in reversed(chain)]
