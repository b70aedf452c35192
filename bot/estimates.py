"""Estimates of benefits with their arithmetic shown line by line: pure, from dated figures in `data/figures/`.

Money is whole cents. An estimate explains a rule with the visitor's own numbers; the agency decides.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from babel.dates import format_skeleton

from bot.settings import PROJECT_ROOT
from bot.words import Cents, Words

FIGURES = PROJECT_ROOT / "data" / "figures" / "wa_ui.yml"


class Month(NamedTuple):
    """A calendar month, 1 to 12."""

    year: int
    number: int


class Quarter(NamedTuple):
    """A calendar quarter; `number` is 1 to 4. Quarters sort by time."""

    year: int
    number: int

    def back(self, quarters: int = 1) -> Quarter:
        """The quarter so many before this one."""
        index = self.year * 4 + self.number - 1 - quarters
        return Quarter(index // 4, index % 4 + 1)

    @property
    def months(self) -> tuple[Month, Month, Month]:
        """The three months of the quarter."""
        return (
            Month(self.year, self.number * 3 - 2),
            Month(self.year, self.number * 3 - 1),
            Month(self.year, self.number * 3),
        )

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter a day lies in."""
        return cls(day.year, (day.month - 1) // 3 + 1)


@dataclass(frozen=True)
class Line:
    """One step of an estimate: the key of its words and the values in it."""

    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Estimate:
    """A result with the steps to it and the figures used, each a (source, as of) pair."""

    kind: str
    result: Mapping[str, Any]
    lines: tuple[Line, ...]
    sources: tuple[tuple[str, str], ...]

    def text(self, language: str) -> str:
        """The steps, the sources and that it is only an estimate, one line each."""
        words = Words("estimates", language)
        said = [words(f"title.{self.kind}")]
        said += [words(line.key, **_in_words(line.values, words.language)) for line in self.lines]
        said += [words("source", source=source, as_of=as_of) for source, as_of in self.sources]
        return "\n".join([*said, words("only_estimate", check=figures()["check"])])


@functools.cache
def figures(path: Path = FIGURES) -> dict[str, Any]:
    """The figures as they stand in the file."""
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def weekly_benefit(quarter_wages: Sequence[int], filed_on: date) -> Estimate:
    """The weekly benefit from the wages of the base year's four quarters, and the most a claim can pay.

    The result holds `weekly_cents` and `maximum_cents`; both are 0 without wages.
    """
    _check_amounts(quarter_wages, count=4)
    rule, most = figures()["weekly_benefit"], figures()["maximum_benefit"]
    first, second = sorted(quarter_wages, reverse=True)[:2]
    total = first + second
    if total == 0:
        return Estimate(
            "weekly_benefit",
            {"weekly_cents": 0, "maximum_cents": 0},
            (Line("weekly.no_wages", {}),),
            (_source(rule),),
        )
    # Whole dollars, rounded down in one step, so that no half cent is rounded twice.
    computed = total * rule["rate_per_myriad"] // (rule["quarters"] * 10_000 * 100) * 100
    lines = [
        Line("weekly.best", {"first": Cents(first), "second": Cents(second), "sum": Cents(total)}),
        Line("weekly.average", {"sum": Cents(total), "average": Cents(total // rule["quarters"])}),
        Line("weekly.rate", {"rate": rule["rate_per_myriad"] / 100, "amount": Cents(computed)}),
    ]
    limits = _limits(filed_on)
    weekly = min(max(computed, limits["minimum_cents"]), limits["maximum_cents"])
    lines += _limit_lines(computed, weekly, limits, filed_on)
    by_weeks, by_wages = weekly * most["weeks"], sum(quarter_wages) // most["wages_divisor"]
    maximum = min(by_weeks, by_wages)
    lines += [
        Line("weekly.by_weeks", {"weeks": most["weeks"], "amount": Cents(weekly), "product": Cents(by_weeks)}),
        Line(
            "weekly.by_wages",
            {"wages": Cents(sum(quarter_wages)), "divisor": most["wages_divisor"], "share": Cents(by_wages)},
        ),
        Line("weekly.most", {"most": Cents(maximum)}),
    ]
    return Estimate(
        "weekly_benefit",
        {"weekly_cents": weekly, "maximum_cents": maximum},
        tuple(lines),
        (_source(rule), _source(limits), _source(most)),
    )


def part_time(weekly_cents: int, earnings_cents: int) -> Estimate:
    """The payment for a week with earnings before taxes; the result holds `payment_cents`."""
    _check_amounts((weekly_cents, earnings_cents), count=2)
    rule = figures()["part_time"]
    disregard, percent = rule["disregard_cents"], rule["deducted_percent"]
    over = max(0, earnings_cents - disregard)
    if over == 0:
        line = Line("part_time.none_over", {"disregard": Cents(disregard)})
        return Estimate("part_time", {"payment_cents": weekly_cents}, (line,), (_source(rule),))
    payment = max(0, (weekly_cents * 100 - over * percent) // 10_000 * 100)
    deduction = Cents(-(-over * percent // 100))
    values = {"weekly": Cents(weekly_cents), "deduction": deduction, "payment": Cents(payment)}
    lines = (
        Line(
            "part_time.over",
            {"disregard": Cents(disregard), "earnings": Cents(earnings_cents), "over": Cents(over)},
        ),
        Line("part_time.deducted", {"percent": percent, "deduction": deduction}),
        Line("part_time.left" if payment else "part_time.nothing_left", values),
    )
    return Estimate("part_time", {"payment_cents": payment}, lines, (_source(rule),))


def offset(balance_cents: int, weekly_cents: int, *, fraud: bool = False) -> Estimate:
    """How an overpayment would be taken from weekly benefits, without interest.

    The result holds `taken_cents` a week, `weeks`, `last_cents` (what the last week takes) and, without
    fraud, `monthly_cents`, the least monthly payment that keeps benefits from being taken.
    """
    _check_amounts((balance_cents, weekly_cents), count=2)
    if weekly_cents == 0:
        raise ValueError("there is nothing to take an overpayment from without a weekly benefit")
    rule = figures()["offset"]
    if balance_cents == 0:
        nothing = {"taken_cents": 0, "weeks": 0, "last_cents": 0}
        return Estimate("offset", nothing, (Line("offset.nothing", {}),), (_source(rule),))
    percent = rule["fraud_percent" if fraud else "percent"]
    taken = max(1, weekly_cents * percent // 100)
    weeks = -(-balance_cents // taken)
    last = balance_cents - taken * (weeks - 1)
    result = {"taken_cents": taken, "weeks": weeks, "last_cents": last}
    lines: list[Line] = []
    sources = [_source(rule)]
    if not fraud:
        line, monthly, source = _monthly(balance_cents, weekly_cents)
        lines.append(line)
        sources.append(source)
        result["monthly_cents"] = monthly
    lines.append(
        Line(
            "offset.rate_fraud" if fraud else "offset.rate",
            {"percent": percent, "weekly": Cents(weekly_cents), "taken": Cents(taken)},
        )
    )
    if taken < weekly_cents:
        lines.append(Line("offset.left_each", {"left": Cents(weekly_cents - taken)}))
    number = "one" if weeks == 1 else "many"
    lines.append(
        Line(
            f"offset.weeks.{number}",
            {"balance": Cents(balance_cents), "weeks": weeks, "last": Cents(last)},
        )
    )
    return Estimate("offset", result, tuple(lines), tuple(sources))


def base_year(filed_on: date) -> tuple[Quarter, ...]:
    """The four quarters of the base year of a claim: the first four of the last five completed ones."""
    return tuple(Quarter.of(filed_on).back(quarters) for quarters in (5, 4, 3, 2))


def alternate_base_year(filed_on: date) -> tuple[Quarter, ...]:
    """The last four completed quarters, used only when the base year has too few hours."""
    return tuple(Quarter.of(filed_on).back(quarters) for quarters in (4, 3, 2, 1))


def base_year_hours(hours: Mapping[Quarter, int], filed_on: date) -> Estimate:
    """Whether the hours reach what a claim needs, in the base year or else in the alternate one.

    The result holds `base` ("regular", "alternate" or None when neither is enough) and both sums.
    """
    _check_amounts(tuple(hours.values()))
    rule = figures()["base_year"]
    needed = rule["hours"]
    lines: list[Line] = []
    sums: dict[str, int] = {}
    base = None
    for kind, quarters in (("regular", base_year(filed_on)), ("alternate", alternate_base_year(filed_on))):
        worked = [hours.get(quarter, 0) for quarter in quarters]
        sums[kind] = sum(worked)
        lines.append(
            Line(
                f"base_year.{kind}",
                {"filed_on": filed_on, "first": quarters[0].months[0], "last": quarters[-1].months[-1]},
            )
        )
        terms = " + ".join(str(number) for number in worked)
        lines.append(Line("base_year.sum", {"terms": terms, "total": sums[kind], "needed": needed}))
        if sums[kind] >= needed:
            lines.append(Line("base_year.enough", {}))
            base = kind
            break
        lines.append(Line("base_year.short", {"missing": needed - sums[kind]}))
    result = {"base": base, "regular_hours": sums["regular"], "alternate_hours": sums.get("alternate")}
    return Estimate("base_year", result, tuple(lines), (_source(rule),))


def months_in_words(quarter: Quarter, language: str) -> dict[str, str]:
    """The `first` and the `last` month of a quarter, with the year, in a language."""
    return _in_words({"first": quarter.months[0], "last": quarter.months[-1]}, language)


def _limits(filed_on: date) -> dict[str, Any]:
    """The limits for claims filed on a day: the newest that had begun, or the oldest there are."""
    known = figures()["weekly_limits"]
    begun = [entry for entry in known if entry["from"] <= filed_on]
    return dict(begun[-1] if begun else known[0])


def _limit_lines(computed: int, weekly: int, limits: Mapping[str, Any], filed_on: date) -> list[Line]:
    valid_from: date = limits["from"]
    kind = "minimum" if computed < weekly else "maximum" if computed > weekly else "within"
    values = {
        "valid_from": valid_from,
        "amount": Cents(weekly),
        "minimum": Cents(limits["minimum_cents"]),
        "maximum": Cents(limits["maximum_cents"]),
    }
    lines = [Line(f"weekly.{kind}", values)]
    if filed_on < valid_from:
        lines.append(Line("weekly.too_early", {"valid_from": valid_from}))
    elif filed_on >= _next_change(valid_from) and limits == figures()["weekly_limits"][-1]:
        lines.append(Line("weekly.old_limits", {"valid_from": valid_from}))
    return lines


def _next_change(valid_from: date) -> date:
    """The first day on which limits that began on a day may have been replaced."""
    return date(valid_from.year + 1, figures()["limits_change_in_month"], 1)


def _monthly(balance_cents: int, weekly_cents: int) -> tuple[Line, int, tuple[str, str]]:
    rule = figures()["monthly_payment"]
    third = -(-weekly_cents // rule["weekly_benefit_divisor"])
    share = -(-balance_cents * rule["percent_of_balance"] // 100)
    monthly = min(balance_cents, max(third, share, rule["floor_cents"]))
    values = {
        "third": Cents(third),
        "share": Cents(share),
        "percent": rule["percent_of_balance"],
        "floor": Cents(rule["floor_cents"]),
        "monthly": Cents(monthly),
    }
    return Line("offset.monthly", values), monthly, _source(rule)


def _source(rule: Mapping[str, Any]) -> tuple[str, str]:
    return str(rule["source"]), str(rule["as_of"])


def _check_amounts(amounts: Sequence[int], *, count: int | None = None) -> None:
    if count is not None and len(amounts) != count:
        raise ValueError(f"{count} amounts are needed, not {len(amounts)}")
    if any(amount < 0 for amount in amounts):
        raise ValueError("an amount can't be below zero")


def _in_words(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        name: format_skeleton("yMMMM", date(value.year, value.number, 1), locale=f"{language}_US")
        if isinstance(value, Month)
        else value
        for name, value in values.items()
    }
