"""Synthetic insurance claims of every status."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from bot.stores.demo_rows import DemoClaim, Row, days_ago
from bot.stores.vocabulary import HEALTH_REASONS, INFO_NEEDED, ClaimStatus, Decision, Party, Program

PROVIDERS = ("Marigold Test Clinic", "Sample Creek Hospital", "Demo Valley Dental", "Example Family Clinic")
PLANS = ("high", "basic", "hdhp", "dental")
_APPEAL_DAYS = 180


def _insurance(rng: random.Random, status: ClaimStatus, filed_on: date, since: date, **health: Any) -> DemoClaim:
    plan = rng.choice(PLANS)
    provider = PROVIDERS[2] if plan == "dental" else rng.choice(PROVIDERS[:2] + PROVIDERS[3:])
    row: Row = {
        "plan": plan,
        "provider": provider,
        "service_on": filed_on - timedelta(days=rng.randint(3, 40)),
        "billed_cents": rng.randrange(90, 3200) * 100 + rng.randrange(100),
        "allowed_cents": None,
        "plan_paid_cents": None,
        "member_owes_cents": None,
        "waiting_on": Party.AGENCY,
        "info_needed": None,
        "respond_by": None,
        "adjusted_on": None,
    }
    row.update(health)
    claim: Row = {
        "program": Program.OK_INSURANCE,
        "status": status,
        "filed_on": filed_on,
        "effective_on": None,
        "benefit_year_ends_on": None,
        "weekly_benefit_cents": None,
        "maximum_benefit_cents": None,
        "paid_to_date_cents": 0,
        "next_payment_on": None,
        "status_since_on": since,
    }
    return DemoClaim(claim=claim, health=row)


def _health_received(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    filed_on = days_ago(rng, as_of, 1, 20)
    return _insurance(rng, ClaimStatus.HEALTH_RECEIVED, filed_on, filed_on)


def _health_info_needed(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    since = days_ago(rng, as_of, 1, 20)
    needed = INFO_NEEDED[nth % len(INFO_NEEDED)]
    from_member = needed in ("other_insurance", "accident_details")
    return _insurance(
        rng,
        ClaimStatus.HEALTH_INFO_NEEDED,
        since - timedelta(days=rng.randint(5, 20)),
        since,
        waiting_on=Party.CLAIMANT if from_member else Party.PROVIDER,
        info_needed=needed,
        respond_by=since + timedelta(days=45),
    )


def _split(rng: random.Random, demo: DemoClaim, *, everything: bool = False) -> None:
    """Divide what the plan allows between the plan and the member."""
    health = demo.health
    assert health is not None
    allowed = health["billed_cents"] * rng.randint(45, 95) // 100
    paid = allowed if everything else allowed * rng.randint(50, 90) // 100
    health.update(allowed_cents=allowed, plan_paid_cents=paid, member_owes_cents=allowed - paid)
    health["waiting_on"] = Party.NOBODY if allowed == paid else Party.CLAIMANT


def _health_processed(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    since = days_ago(rng, as_of, 1, 60)
    filed_on = since - timedelta(days=rng.randint(5, 25))
    demo = _insurance(rng, ClaimStatus.HEALTH_PROCESSED, filed_on, since)
    _split(rng, demo, everything=nth % 5 == 4)
    return demo


def _health_denied(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    since = days_ago(rng, as_of, 1, 170) if nth % 5 else days_ago(rng, as_of, 185, 240)
    filed_on = since - timedelta(days=rng.randint(5, 25))
    demo = _insurance(rng, ClaimStatus.HEALTH_DENIED, filed_on, since, waiting_on=Party.NOBODY)
    assert demo.health is not None
    demo.health.update(allowed_cents=0, plan_paid_cents=0)
    demo.determinations.append(
        {
            "issue": None,
            "decision": Decision.DENIED,
            "reason": HEALTH_REASONS[nth % len(HEALTH_REASONS)],
            "mailed_on": since,
            "appeal_by": since + timedelta(days=_APPEAL_DAYS),
        }
    )
    return demo


def _health_adjusted(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    since = days_ago(rng, as_of, 1, 30)
    filed_on = since - timedelta(days=rng.randint(30, 90))
    demo = _insurance(rng, ClaimStatus.HEALTH_ADJUSTED, filed_on, since, adjusted_on=since)
    _split(rng, demo, everything=nth % 4 == 3)
    return demo


# How a claim of each status is made: from chance, the day it is for, and its place among those of its status.
MAKERS: dict[ClaimStatus, Callable[[random.Random, date, int], DemoClaim]] = {
    ClaimStatus.HEALTH_RECEIVED: _health_received,
    ClaimStatus.HEALTH_INFO_NEEDED: _health_info_needed,
    ClaimStatus.HEALTH_PROCESSED: _health_processed,
    ClaimStatus.HEALTH_DENIED: _health_denied,
    ClaimStatus.HEALTH_ADJUSTED: _health_adjusted,
}
