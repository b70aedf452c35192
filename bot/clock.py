"""The one place that asks what time it is."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """The present moment in UTC, with its time zone."""
    return datetime.now(timezone.utc)
