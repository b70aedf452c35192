"""The rows of one synthetic claim before it is stored, and the days they are made of."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]


@dataclass
class DemoClaim:
    """One claim and its rows; `issue` and `determination` in a row count within this claim."""

    claim: Row
    weeks: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    determinations: list[Row] = field(default_factory=list)
    appeals: list[Row] = field(default_factory=list)
    overpayments: list[Row] = field(default_factory=list)
    health: Row | None = None


def days_ago(rng: random.Random, as_of: date, least: int, most: int) -> date:
    """A day from `least` to `most` days before `as_of`."""
    return as_of - timedelta(days=rng.randint(least, most))


def sunday(day: date) -> date:
    """The Sunday on which the week of `day` begins."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def business_day(day: date) -> date:
    """`day`, or the Monday after it when it falls on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
