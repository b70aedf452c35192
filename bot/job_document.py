"""What both layouts of class specifications share: lines with their numbers, errors, and texts with fingerprints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.stores import job_classes

Saying = Callable[[str], dict[str, Any]]
NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}


class SpecificationError(ValueError):
    """A document that can't be taken in; the message begins with the line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


@dataclass(frozen=True)
class Row:
    """One line of a document that is not empty: its number, counted from 1, and its text."""

    number: int
    text: str


@dataclass
class Read:
    """What a document was found to say, as family data, with what could not be read as data."""

    family: dict[str, Any]
    understood: list[str] = field(default_factory=list)
    not_understood: list[Row] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def must_end(row: Row) -> None:
    if not row.text.endswith((".", ":")):
        raise SpecificationError(row.number, "the text stops in the middle of a sentence; the document is cut off")


def number_of(row: Row, word: str) -> int:
    number = int(word) if word.isdigit() else NUMBERS.get(word.lower())
    if number is None:
        raise SpecificationError(row.number, f"“{word}” is not a number of years")
    return number


def joined(rows: Iterable[Row]) -> str:
    return " ".join(" ".join(row.text.split()) for row in rows)


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", job_classes.plain(title)).strip("_")


def saying(held: Mapping[str, Any] | None) -> Saying:
    """What turns a printed sentence into data: the stored text that stands for it, else the sentence itself."""
    words = _held_words(held)

    def said(text: str) -> dict[str, Any]:
        key = job_classes.printed_key(text)
        return words.get(key) or {"printed": key, "text": text}

    return said


def _held_words(held: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Every stored text that stands for a printed sentence, by the sentence's fingerprint."""
    found: dict[str, dict[str, Any]] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "printed" in value:
                found[value["printed"]] = value
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(held or {})
    return found


def merged(entry: dict[str, Any], held: Mapping[str, Any] | None) -> dict[str, Any]:
    """A class as read, with what the store holds besides the document: the level's name, whether it supervises."""
    stated = {k: v for k, v in entry.items() if not k.startswith("_") and v is not None}
    before = next((c for c in (held or {}).get("classes", []) if c.get("level") == entry["level"]), None)
    if before is None:
        return {"id": slug(f"{'ok' if entry.get('revised') else 'wa'} {entry['title']}"), **stated}
    ours = {k: v for k, v in before.items() if k in ("id", "level_name", "supervises")}
    return {**ours, **stated}
