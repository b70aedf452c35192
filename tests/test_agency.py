"""When specialists answer, in the agency's time zone and in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml

from bot import agency
from bot.settings import PROJECT_ROOT, SettingsError


@pytest.fixture
def hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The agency's file to change; what is changed counts from the first question on."""
    content = yaml.safe_load((PROJECT_ROOT / "data" / "agency.yml").read_text(encoding="utf-8"))
    path = tmp_path / "agency.yml"

    class Saved(dict):  # type: ignore[type-arg]
        def save(self) -> None:
            path.write_text(yaml.safe_dump(dict(self), allow_unicode=True), encoding="utf-8")
            agency.read.cache_clear()
            agency._holidays.cache_clear()

    saved = Saved(content)
    monkeypatch.setenv("AGENCY_FILE", str(path))
    saved.save()
    yield saved
    agency.read.cache_clear()
    agency._holidays.cache_clear()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (utc(2026, 11, 23, 15, 59), False),  # Monday, a minute before eight in the morning, Pacific
        (utc(2026, 11, 23, 16, 0), True),
        (utc(2026, 11, 23, 23, 59), True),
        (utc(2026, 11, 24, 0, 0), False),
        (utc(2026, 11, 21, 18, 0), False),  # Saturday
        (utc(2026, 11, 26, 18, 0), False),  # Thanksgiving
        (utc(2026, 7, 6, 15, 0), True),  # in summer the same clock time is an hour earlier in UTC
    ],
)
def test_the_chat_is_open_by_the_agencys_clock(moment: datetime, is_open: bool) -> None:
    assert agency.is_open(moment) is is_open


def test_the_next_opening_skips_the_holiday_and_the_weekend() -> None:
    opening = agency.next_opening(utc(2026, 11, 26, 1, 0))
    assert opening is not None
    assert opening.isoformat() == "2026-11-30T08:00:00-08:00"


def test_a_day_may_have_several_blocks(hours: dict[str, object]) -> None:
    hours["hours"] = {"monday": ["13:00-16:30", "08:00-12:00"], "saturday": ["09:00-12:00"]}
    hours.save()  # type: ignore[attr-defined]
    assert agency.is_open(utc(2026, 11, 23, 19, 59)) and not agency.is_open(utc(2026, 11, 23, 20, 30))
    assert agency.next_opening(utc(2026, 11, 23, 20, 30)) == utc(2026, 11, 23, 21, 0)
    assert agency.hours_in_words("en").replace("\u202f", " ").splitlines() == [
        "Monday, 1:00 PM to 4:30 PM and 8:00 AM to 12:00 PM (Pacific Time)",
        "Saturday, 9:00 AM to 12:00 PM (Pacific Time)",
    ]


def test_days_with_the_same_hours_are_said_together_in_both_languages() -> None:
    assert agency.hours_in_words("en").replace("\u202f", " ") == "Monday to Friday, 8:00 AM to 4:00 PM (Pacific Time)"
    assert "lunes a viernes" in agency.hours_in_words("es")


def test_an_agency_that_is_never_open_has_no_next_opening(hours: dict[str, object]) -> None:
    hours["hours"] = {}
    hours.save()  # type: ignore[attr-defined]
    assert not agency.is_open(utc(2026, 11, 23, 18, 0))
    assert agency.next_opening(utc(2026, 11, 23, 18, 0)) is None


@pytest.mark.parametrize("wrong", [{"monday": ["16:00-08:00"]}, {"monday": ["eight"]}, {"mon": ["08:00-09:00"]}])
def test_hours_that_can_not_be_read_name_the_day(hours: dict[str, object], wrong: dict[str, list[str]]) -> None:
    hours["hours"] = wrong
    hours.save()  # type: ignore[attr-defined]
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        agency.is_open(utc(2026, 11, 23, 18, 0))
