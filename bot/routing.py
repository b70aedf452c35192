"""Who is offered to whom: pure, from who waits, who is on duty and the time.

The longest-waiting of the highest priority is served first, by the least busy specialist who can help.
Nobody gets more than one offer at a time, or more conversations than they have room for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LONG_AGO = datetime.min


@dataclass(frozen=True)
class InLine:
    """Somebody who waits; `passed` says when which specialist let an offer of them go by or gave them back."""

    id: int
    priority: int
    since: datetime
    language: str
    program: str | None = None
    passed: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class OnDuty:
    """A specialist who is signed in and available.

    `programs` and `languages` are None for all; `load` counts conversations and open offers; `last_offer`
    is when they were offered somebody last, in the same kind of time as `InLine.since`, or None.
    """

    id: int
    capacity: int
    load: int = 0
    has_offer: bool = False
    programs: frozenset[str] | None = None
    languages: frozenset[str] | None = None
    last_offer: datetime | None = None

    def can_help(self, program: str | None, language: str) -> bool:
        """Whether their skills fit; a conversation without a program fits everybody who speaks its language."""
        return (self.programs is None or program is None or program in self.programs) and (
            self.languages is None or language in self.languages
        )

    @property
    def is_free(self) -> bool:
        """Whether there is room for one more, and no offer already before them."""
        return not self.has_offer and self.load < self.capacity


@dataclass(frozen=True)
class Offer:
    """One escalation for one specialist."""

    escalation_id: int
    specialist_id: int


def in_order(waiting: Iterable[InLine]) -> list[InLine]:
    """The queue: the highest priority first, then the longest wait."""
    return sorted(waiting, key=lambda one: (one.priority, one.since, one.id))


def offers(waiting: Iterable[InLine], on_duty: Iterable[OnDuty], now: datetime, *, rest: timedelta) -> list[Offer]:
    """The offers to make now, in the order of the queue.

    Whoever let somebody pass is not offered the same person again before `rest` is over, and then only
    after those who have not seen them yet.
    """
    free = {one.id: one for one in on_duty if one.is_free}
    made = []
    for one in in_order(waiting):
        if not free:
            break
        fitting = [
            specialist
            for specialist in free.values()
            if specialist.can_help(one.program, one.language) and _has_rested(one, specialist.id, now, rest)
        ]
        if not fitting:
            continue
        chosen = min(fitting, key=lambda specialist: _busyness(one, specialist))
        made.append(Offer(one.id, chosen.id))
        del free[chosen.id]
    return made


def _has_rested(one: InLine, specialist_id: int, now: datetime, rest: timedelta) -> bool:
    passed_at = one.passed.get(specialist_id)
    return passed_at is None or now - passed_at >= rest


def _busyness(one: InLine, specialist: OnDuty) -> tuple[bool, int, bool, datetime, int]:
    # Among equally busy ones it is the turn of whoever was asked the longest ago.
    asked = specialist.last_offer
    return specialist.id in one.passed, specialist.load, asked is not None, asked or LONG_AGO, specialist.id
