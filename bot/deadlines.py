"""The days by which a claimant has to act: pure, from the claim's facts."""

from __future__ import annotations

from datetime import date

from bot.stores.claims import ClaimFacts
from bot.stores.vocabulary import Decision, Party


def next_deadline(facts: ClaimFacts, today: date) -> date | None:
    """The first day, today or later, to answer a question or to appeal a denial; None when there is none."""
    appealed = {appeal.determination_id for appeal in facts.appeals}
    days = [
        determination.appeal_by
        for determination in facts.determinations
        if determination.decision is Decision.DENIED and determination.id not in appealed
    ]
    days += [issue.respond_by for issue in facts.open_issues if issue.waiting_on is Party.CLAIMANT]
    if facts.health is not None and facts.health.waiting_on is Party.CLAIMANT:
        days.append(facts.health.respond_by)
    return min((day for day in days if day is not None and day >= today), default=None)
