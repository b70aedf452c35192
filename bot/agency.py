"""Who the bot speaks for: names, phones and pages from `data/agency.yml`."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_time, get_day_names, get_timezone_name

from bot.settings import PROJECT_ROOT, Settings, SettingsError
from bot.words import Words
from bot.yaml_files import read_yaml

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LOOK_AHEAD_DAYS = 60
_BABEL_LOCALES = {"en": "en_US", "es": "es_US"}


@functools.cache
def read() -> dict[str, Any]:
    """The agency file as it stands; raises SettingsError when its hours can't be read."""
    path = PROJECT_ROOT / Settings.from_environment().agency_file
    agency = dict(read_yaml(path))
    for name, blocks in agency["hours"].items():
        for block in blocks:
            try:
                opens, closes = _times(block)
            except ValueError:
                opens = closes = 0
            if name not in DAYS or not opens < closes:
                raise SettingsError(f'{path.name}: hours of {name}: write blocks such as "08:00-16:00", not {block!r}.')
    return agency


@dataclass(frozen=True)
class Block:
    """A stretch of time in which specialists answer."""

    opens_at: datetime
    closes_at: datetime


def is_open(now: datetime) -> bool:
    """Whether specialists answer in the chat at this moment."""
    return any(block.opens_at <= now < block.closes_at for block in _blocks_from(now, days=1))


def next_opening(now: datetime) -> datetime | None:
    """When specialists answer next, in the agency's time zone; None when nothing is planned."""
    return next((block.opens_at for block in _blocks_from(now, days=_LOOK_AHEAD_DAYS) if block.opens_at > now), None)


def hours_in_words(language: str) -> str:
    """When specialists answer, such as "Monday to Friday, 8:00 AM to 4:00 PM (Pacific Time)", one line a group."""
    agency, words, locale = read(), Words("handoff", language), _BABEL_LOCALES[language]
    names = get_day_names("wide", locale=locale)
    lines = []
    for blocks, group in groupby(range(7), key=lambda day: tuple(agency["hours"].get(DAYS[day]) or ())):
        if not blocks:
            continue
        days = list(group)
        key = "one" if len(days) == 1 else "two" if len(days) == 2 else "many"
        spoken = [
            words("hours.block", opens=_clock(start, locale), closes=_clock(end, locale))
            for start, end in map(_times, blocks)
        ]
        lines.append(
            words(
                f"hours.days.{key}",
                first=names[days[0]],
                last=names[days[-1]],
                blocks=words("hours.and").join(spoken),
                zone=get_timezone_name(agency["time_zone"], width="long", locale=locale, zone_variant="generic"),
            )
        )
    return "\n".join(lines)


def _blocks_from(now: datetime, *, days: int) -> Iterator[Block]:
    agency = read()
    zone = ZoneInfo(agency["time_zone"])
    today = now.astimezone(zone).date()
    for offset in range(days):
        day = today + timedelta(days=offset)
        if day in _holidays():
            continue
        for block in sorted(agency["hours"].get(DAYS[day.weekday()]) or ()):
            opens, closes = _times(block)
            yield Block(_moment(day, opens, zone), _moment(day, closes, zone))


@functools.cache
def _holidays() -> frozenset[date]:
    # The YAML reader keeps days as they are written.
    return frozenset(date.fromisoformat(str(day)) for day in read().get("holidays") or ())


def _times(block: str) -> tuple[int, int]:
    """`08:00-16:00` as minutes of the day; 24:00 is its end."""
    minutes = []
    for clock_time in block.split("-"):
        hours, _, rest = clock_time.strip().partition(":")
        minutes.append(int(hours) * 60 + int(rest))
    opens, closes = minutes
    if not 0 <= opens <= closes <= 24 * 60:
        raise ValueError(block)
    return opens, closes


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    # Wall-clock time: a block opens at eight by the clock also on the day the clocks change.
    days, rest = divmod(minutes, 24 * 60)
    return datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)


def _clock(minutes: int, locale: str) -> str:
    minutes %= 24 * 60
    return str(format_time(time(minutes // 60, minutes % 60), "short", locale=locale))


def describe(language: str) -> dict[str, Any]:
    """The agency as JSON for the page: its name, its programs and their phones, in one language."""
    agency = read()
    programs = [
        {
            "id": program_id,
            "name": program["name"][language],
            "phone": program.get("phone"),
            "tty": agency["relay"] if program.get("phone") else None,
            "url": program["url"],
        }
        for program_id, program in agency["programs"].items()
    ]
    return {"name": agency["name"][language], "programs": programs, "hours": hours_in_words(language)}


def phone(program_id: str | None) -> str:
    """The phone of a program; where none is named or published, that of the first program of the file."""
    programs = read()["programs"]
    named = programs.get(program_id) or {}
    return str(named.get("phone") or next(iter(programs.values()))["phone"])


def phones_in_words(language: str) -> str:
    """Every program with its phone, one line each, for an apology or an empty queue."""
    agency = read()
    return "\n".join(
        f"- {program['name'][language]}: {program['phone']} (TTY {agency['relay']})"
        for program in agency["programs"].values()
        if program.get("phone")
    )


def phones() -> dict[str, str]:
    """The phones as values for words: `relay`, and `<program>_phone` for every program that has one."""
    agency = read()
    programs = agency["programs"].items()
    return {"relay": agency["relay"]} | {f"{name}_phone": one["phone"] for name, one in programs if one.get("phone")}
