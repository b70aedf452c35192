"""The one place that asks what time it is, and that writes a moment down for other programs."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """The present moment in UTC, with its time zone."""
    return datetime.now(timezone.utc)


def iso(moment: datetime) -> str:
    """A moment in UTC as JSON holds it: "2026-10-01T08:30:00Z"."""
    return moment.isoformat().replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    """As `iso`; None for what has not happened."""
    return None if moment is None else iso(moment)
