"""Synthetic unemployment claims of every status, each written down step by step so that its rows agree."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bot.settings import PROJECT_ROOT
from bot.stores.demo_rows import DemoClaim, Row, business_day, days_ago, sunday
from bot.stores.vocabulary import (
    ISSUE_REASONS,
    AppealState,
    ClaimStatus,
    Decision,
    IssueKind,
    IssueState,
    Party,
    Program,
    WeekState,
)

_LATER_KINDS = (
    IssueKind.ABLE_AVAILABLE,
    IssueKind.JOB_SEARCH,
    IssueKind.REFUSED_WORK,
    IssueKind.SCHOOL,
    IssueKind.SEVERANCE,
)
_HEARINGS_ZONE = ZoneInfo("America/Los_Angeles")
_APPEAL_DAYS = 30


@functools.cache
def _figures() -> dict[str, Any]:
    path = PROJECT_ROOT / "data" / "figures" / "wa_ui.yml"
    figures: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return figures


def _weekly_benefit(rng: random.Random, effective_on: date) -> int:
    """A whole-dollar amount in cents, inside the limits of the claims that start on that day."""
    limits = [entry for entry in _figures()["weekly_limits"] if entry["from"] <= effective_on]
    newest = limits[-1] if limits else _figures()["weekly_limits"][0]
    return rng.randrange(newest["minimum_cents"] // 100, newest["maximum_cents"] // 100 + 1) * 100


class _Unemployment:
    """A claim being written down step by step; every step keeps it consistent with the ones before."""

    def __init__(self, rng: random.Random, as_of: date, status: ClaimStatus, *, filed_on: date) -> None:
        self.rng = rng
        self.as_of = as_of
        effective_on = sunday(filed_on)
        self.demo = DemoClaim(
            claim={
                "program": Program.WA_UI,
                "status": status,
                "filed_on": filed_on,
                "effective_on": effective_on,
                "benefit_year_ends_on": effective_on + timedelta(days=52 * 7 - 1),
                "weekly_benefit_cents": None,
                "maximum_benefit_cents": None,
                "paid_to_date_cents": 0,
                "next_payment_on": None,
                "status_since_on": filed_on,
            }
        )

    def grant(self, *, weeks_of_benefit: int | None = None) -> _Unemployment:
        """Set the weekly benefit and the most the claim can pay: at most 26 times as much."""
        weekly = _weekly_benefit(self.rng, self.demo.claim["effective_on"])
        times = self.rng.choice((26, 26, 26, 22, 19, 16)) if weeks_of_benefit is None else weeks_of_benefit
        self.demo.claim["weekly_benefit_cents"] = weekly
        self.demo.claim["maximum_benefit_cents"] = weekly * times
        return self

    def file_weeks(self, state: WeekState, *, most: int = 60, until: date | None = None) -> _Unemployment:
        """Claim every week that has ended and could be filed before `until` (exclusive), in one state."""
        until = until or self.as_of
        first = self.demo.claim["effective_on"] + timedelta(days=6)
        done = len(self.demo.weeks)
        for number in range(done, done + most):
            ends_on = first + timedelta(weeks=number)
            opens = ends_on + timedelta(days=1)
            if opens >= until:
                break
            latest = min(2, (until - timedelta(days=1) - opens).days)
            filed_on = max(opens + timedelta(days=self.rng.randint(0, latest)), self._first_filing_day())
            if filed_on >= until:
                break
            self.demo.weeks.append({"week_ends_on": ends_on, "state": state, "filed_on": filed_on, "earnings_cents": 0})
        return self

    def _first_filing_day(self) -> date:
        day: date = self.demo.claim["filed_on"]
        return day

    def file_last_week_late(self) -> _Unemployment:
        """Have the last week filed yesterday, so that its payment is still to come."""
        week = self.demo.weeks[-1]
        last_day = week["week_ends_on"] + timedelta(days=7)
        week["filed_on"] = min(self.as_of - timedelta(days=1), last_day)
        return self

    def waiting_week(self) -> _Unemployment:
        """The first eligible week is the unpaid waiting week."""
        if self.demo.weeks:
            self.demo.weeks[0]["state"] = WeekState.WAITING
        return self

    def work_part_time(self) -> _Unemployment:
        """Give some claimed weeks earnings that still leave a benefit."""
        for week in self.demo.weeks[1:]:
            if self.rng.random() < 0.2:
                week["earnings_cents"] = self.rng.randrange(40, 240) * 100
        return self

    def pay(
        self,
        *,
        since: date | None = None,
        stop_before: date | None = None,
        weeks_before: date | None = None,
    ) -> _Unemployment:
        """Pay the filed weeks in order, each some days after it was filed.

        `since`: no payment goes out before this day (a decision that allows weeks already claimed).
        A week whose money would come after today stays pending, and that day becomes the next payment;
        with `stop_before` payments end before that day and no next one is set.
        `weeks_before`: only weeks that end before this day are paid.
        """
        stop = stop_before or self.as_of
        claim = self.demo.claim
        method = self.rng.choice(("direct_deposit", "direct_deposit", "debit_card"))
        for week in self.demo.weeks:
            if week["state"] is not WeekState.PENDING:
                continue
            if weeks_before is not None and week["week_ends_on"] >= weeks_before:
                break
            left = claim["maximum_benefit_cents"] - claim["paid_to_date_cents"]
            amount = min(left, after_earnings(claim["weekly_benefit_cents"], week["earnings_cents"]))
            earliest = max(week["filed_on"], since or week["filed_on"])
            paid_on = business_day(earliest + timedelta(days=self.rng.randint(1, 3)))
            if amount <= 0 or paid_on >= stop:
                if claim["next_payment_on"] is None and stop_before is None and amount > 0:
                    claim["next_payment_on"] = max(paid_on, business_day(self.as_of + timedelta(days=1)))
                continue
            week["state"] = WeekState.PAID
            claim["paid_to_date_cents"] += amount
            self.demo.payments.append(
                {
                    "week_ends_on": week["week_ends_on"],
                    "amount_cents": amount,
                    "paid_on": paid_on,
                    "method": method,
                }
            )
        return self

    def issue(
        self,
        kind: IssueKind,
        state: IssueState,
        waiting_on: Party,
        opened_on: date,
        *,
        first: date | None = None,
    ) -> int:
        """Open an issue on the weeks from `first` on (all when not given); facts are due in ten days."""
        asked = waiting_on in (Party.CLAIMANT, Party.EMPLOYER)
        self.demo.issues.append(
            {
                "kind": kind,
                "state": state,
                "waiting_on": waiting_on,
                "opened_on": opened_on,
                "respond_by": opened_on + timedelta(days=10) if asked else None,
                "first_week_ends_on": first or self.demo.claim["effective_on"] + timedelta(days=6),
            }
        )
        return len(self.demo.issues) - 1

    def decide(self, issue: int, decision: Decision, mailed_on: date) -> int:
        """Close an issue with a determination that can be appealed for 30 days."""
        row = self.demo.issues[issue]
        row.update(state=IssueState.DECIDED, waiting_on=Party.NOBODY, respond_by=None)
        allowed, denied = ISSUE_REASONS[row["kind"]]
        self.demo.determinations.append(
            {
                "issue": issue,
                "decision": decision,
                "reason": allowed if decision is Decision.ALLOWED else denied,
                "mailed_on": mailed_on,
                "appeal_by": mailed_on + timedelta(days=_APPEAL_DAYS),
            }
        )
        return len(self.demo.determinations) - 1

    def appeal(self, determination: int, filed_by: Party, filed_on: date, state: AppealState) -> Row:
        """File an appeal against a determination."""
        row: Row = {
            "determination": determination,
            "filed_by": filed_by,
            "state": state,
            "filed_on": filed_on,
            "hearing_at": None,
            "decision": None,
            "decided_on": None,
            "review_by": None,
        }
        self.demo.appeals.append(row)
        return row

    def since(self, day: date) -> DemoClaim:
        """The finished claim, whose status dates from `day`."""
        self.demo.claim["status_since_on"] = day
        return self.demo


def after_earnings(weekly_cents: int, earnings_cents: int) -> int:
    """A week's payment: the weekly benefit less 75 % of earnings above $5, rounded down to a dollar."""
    deducted = max(0, earnings_cents - 500) * 3
    return max(0, (weekly_cents * 4 - deducted) // 400 * 100)


def _hearing(day: date, hour: int) -> datetime:
    return datetime.combine(business_day(day), time(hour), _HEARINGS_ZONE).astimezone(timezone.utc)


def _received(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    claim = _Unemployment(rng, as_of, ClaimStatus.RECEIVED, filed_on=days_ago(rng, as_of, 1, 9))
    return claim.file_weeks(WeekState.PENDING).since(claim.demo.claim["filed_on"])


def _waiting(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    # Two days of the week after the first week have begun, so that it can have been filed already.
    filed_on = sunday(as_of - timedelta(days=9)) + timedelta(days=rng.randint(0, 4))
    claim = _Unemployment(rng, as_of, ClaimStatus.WAITING_WEEK, filed_on=filed_on).grant()
    claim.file_weeks(WeekState.PENDING, most=1).waiting_week()
    return claim.since(claim.demo.weeks[0]["filed_on"])


def _identity_check(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    filed_on = days_ago(rng, as_of, 14, 35)
    claim = _Unemployment(rng, as_of, ClaimStatus.IDENTITY_CHECK, filed_on=filed_on)
    claim.file_weeks(WeekState.HELD)
    if nth % 3 == 2:
        opened_on = filed_on + timedelta(days=rng.randint(1, 5))
        claim.issue(IssueKind.IDENTITY, IssueState.IN_REVIEW, Party.AGENCY, opened_on)
    else:
        opened_on = max(filed_on, days_ago(rng, as_of, 1, 13))
        claim.issue(IssueKind.IDENTITY, IssueState.FACTS_NEEDED, Party.CLAIMANT, opened_on)
    return claim.since(opened_on)


def _adjudication(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    kinds = [kind for kind in IssueKind if kind is not IssueKind.IDENTITY]
    kind = kinds[nth % len(kinds)]
    waiting_on = (Party.AGENCY, Party.CLAIMANT, Party.AGENCY, Party.EMPLOYER)[(nth // len(kinds)) % 4]
    state = IssueState.IN_REVIEW if waiting_on is Party.AGENCY else IssueState.FACTS_NEEDED
    if kind in _LATER_KINDS and (nth // len(kinds)) % 2:
        return _adjudication_after_payments(rng, as_of, kind, state, waiting_on)
    # The first one has waited three weeks: it is the one that is shown at start-up.
    filed_on = as_of - timedelta(days=23) if nth == 0 else days_ago(rng, as_of, 12, 50)
    opened_on = as_of - timedelta(days=21) if nth == 0 else filed_on + timedelta(days=rng.randint(1, 6))
    if waiting_on is not Party.AGENCY:
        opened_on = max(filed_on, days_ago(rng, as_of, 1, 12))
    claim = _Unemployment(rng, as_of, ClaimStatus.ADJUDICATION, filed_on=filed_on)
    if kind is not IssueKind.WAGES:
        claim.grant()
    claim.file_weeks(WeekState.PENDING)
    claim.issue(kind, state, waiting_on, opened_on)
    if nth % 11 == 5:
        second = IssueKind.ABLE_AVAILABLE if kind is not IssueKind.ABLE_AVAILABLE else IssueKind.SCHOOL
        claim.issue(second, IssueState.IN_REVIEW, Party.AGENCY, opened_on)
    return claim.since(opened_on)


def _adjudication_after_payments(
    rng: random.Random, as_of: date, kind: IssueKind, state: IssueState, waiting_on: Party
) -> DemoClaim:
    claim = _Unemployment(rng, as_of, ClaimStatus.ADJUDICATION, filed_on=days_ago(rng, as_of, 70, 120)).grant()
    claim.file_weeks(WeekState.PENDING).waiting_week()
    asked = claim.demo.weeks[-rng.randint(1, 3)]
    claim.pay(stop_before=as_of, weeks_before=asked["week_ends_on"])
    claim.issue(kind, state, waiting_on, asked["filed_on"], first=asked["week_ends_on"])
    return claim.since(asked["filed_on"])


def _paying(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    claim = _Unemployment(rng, as_of, ClaimStatus.PAYING, filed_on=days_ago(rng, as_of, 25, 110)).grant()
    claim.file_weeks(WeekState.PENDING).waiting_week().work_part_time()
    if nth % 3:
        claim.file_last_week_late()
    allowed_on = claim.demo.claim["filed_on"] + timedelta(days=rng.randint(5, 15))
    if nth % 3 == 0:
        kind = rng.choice((IssueKind.QUIT, IssueKind.FIRED, IssueKind.WAGES))
        filed_on = claim.demo.claim["filed_on"]
        opened = claim.issue(kind, IssueState.IN_REVIEW, Party.AGENCY, filed_on + timedelta(days=1))
        claim.decide(opened, Decision.ALLOWED, allowed_on)
    claim.pay(since=allowed_on)
    return claim.since(allowed_on)


def _stopped(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    claim = _Unemployment(rng, as_of, ClaimStatus.STOPPED, filed_on=days_ago(rng, as_of, 60, 130)).grant()
    missed_ends_on = sunday(days_ago(rng, as_of, 9, 25)) - timedelta(days=1)
    claim.file_weeks(WeekState.PENDING, until=missed_ends_on).waiting_week().work_part_time()
    claim.pay(stop_before=missed_ends_on + timedelta(days=7))
    claim.demo.weeks.append(
        {"week_ends_on": missed_ends_on, "state": WeekState.MISSED, "filed_on": None, "earnings_cents": 0}
    )
    return claim.since(missed_ends_on + timedelta(days=8))


def _denial(
    rng: random.Random, as_of: date, status: ClaimStatus, mailed_on: date, nth: int
) -> tuple[_Unemployment, int]:
    """A claim denied on `mailed_on`, on which weeks are still claimed."""
    kinds = list(ISSUE_REASONS)
    kind = kinds[nth % len(kinds)]
    filed_on = mailed_on - timedelta(days=rng.randint(18, 45))
    claim = _Unemployment(rng, as_of, status, filed_on=filed_on)
    if kind is not IssueKind.WAGES:
        claim.grant()
    claim.file_weeks(WeekState.DENIED)
    opened = claim.issue(kind, IssueState.IN_REVIEW, Party.AGENCY, filed_on + timedelta(days=rng.randint(1, 6)))
    return claim, claim.decide(opened, Decision.DENIED, mailed_on)


def _allowed_and_paid(
    rng: random.Random, as_of: date, status: ClaimStatus, mailed_on: date
) -> tuple[_Unemployment, int]:
    """A claim allowed on `mailed_on` and paid since, which an employer may appeal."""
    filed_on = mailed_on - timedelta(days=rng.randint(18, 45))
    claim = _Unemployment(rng, as_of, status, filed_on=filed_on).grant()
    claim.file_weeks(WeekState.PENDING).waiting_week()
    opened = claim.issue(
        rng.choice((IssueKind.QUIT, IssueKind.FIRED)),
        IssueState.IN_REVIEW,
        Party.AGENCY,
        filed_on + timedelta(days=rng.randint(1, 6)),
    )
    determination = claim.decide(opened, Decision.ALLOWED, mailed_on)
    claim.pay(since=mailed_on)
    return claim, determination


def _denied(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    # The first has 12 days left to appeal, every fifth none at all.
    days = 18 if nth == 0 else rng.randint(33, 60) if nth % 5 == 4 else rng.randint(1, 29)
    mailed_on = as_of - timedelta(days=days)
    claim, _ = _denial(rng, as_of, ClaimStatus.DENIED, mailed_on, nth)
    return claim.since(mailed_on)


def _contested(
    rng: random.Random, as_of: date, status: ClaimStatus, mailed_on: date, nth: int
) -> tuple[_Unemployment, int, Party]:
    """A determination someone appeals: mostly the claimant, every fourth time the employer."""
    if nth % 4 == 3:
        claim, determination = _allowed_and_paid(rng, as_of, status, mailed_on)
        return claim, determination, Party.EMPLOYER
    claim, determination = _denial(rng, as_of, status, mailed_on, nth)
    return claim, determination, Party.CLAIMANT


def _appeal_filed(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    mailed_on = days_ago(rng, as_of, 14, 45)
    claim, determination, by = _contested(rng, as_of, ClaimStatus.APPEAL_FILED, mailed_on, nth)
    filed_on = min(mailed_on + timedelta(days=rng.randint(2, 28)), as_of - timedelta(days=1))
    claim.appeal(determination, by, filed_on, AppealState.FILED)
    return claim.since(filed_on)


def _hearing_set(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    mailed_on = days_ago(rng, as_of, 45, 70)
    claim, determination, by = _contested(rng, as_of, ClaimStatus.HEARING_SET, mailed_on, nth)
    filed_on = mailed_on + timedelta(days=rng.randint(2, 28))
    appeal = claim.appeal(determination, by, filed_on, AppealState.HEARING_SET)
    appeal["hearing_at"] = _hearing(as_of + timedelta(days=rng.randint(2, 28)), rng.randint(9, 15))
    return claim.since(min(filed_on + timedelta(days=rng.randint(8, 15)), as_of - timedelta(days=1)))


def _decided(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    mailed_on = days_ago(rng, as_of, 75, 100)
    claim, determination, by = _contested(rng, as_of, ClaimStatus.DECIDED, mailed_on, nth)
    filed_on = mailed_on + timedelta(days=rng.randint(2, 28))
    decided_on = days_ago(rng, as_of, 2, 20)
    appeal = claim.appeal(determination, by, filed_on, AppealState.DECIDED)
    appeal["hearing_at"] = _hearing(decided_on - timedelta(days=rng.randint(6, 14)), rng.randint(9, 15))
    appeal["decided_on"] = decided_on
    appeal["review_by"] = decided_on + timedelta(days=_APPEAL_DAYS)
    appeal["decision"] = Decision.ALLOWED if by is Party.EMPLOYER or nth % 2 == 0 else Decision.DENIED
    if by is Party.CLAIMANT and appeal["decision"] is Decision.ALLOWED:
        if claim.demo.claim["weekly_benefit_cents"] is None:
            claim.grant()
        for week in claim.demo.weeks:
            week["state"] = WeekState.PENDING
        claim.waiting_week().pay(since=decided_on)
    return claim.since(decided_on)


def _overpayment(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    filed_on = days_ago(rng, as_of, 120, 170)
    claim = _Unemployment(rng, as_of, ClaimStatus.OVERPAYMENT, filed_on=filed_on).grant()
    mailed_on = days_ago(rng, as_of, 3, 50)
    claim.file_weeks(WeekState.PENDING, most=rng.randint(7, 10)).waiting_week()
    claim.pay(stop_before=mailed_on)
    paid_back_weeks = claim.demo.payments[-rng.randint(1, 5) :]
    claim.demo.weeks = [w for w in claim.demo.weeks if w["state"] is not WeekState.PENDING]
    kind = (*_LATER_KINDS, IssueKind.WAGES)[nth % 6]
    opened = claim.issue(
        kind,
        IssueState.IN_REVIEW,
        Party.AGENCY,
        mailed_on - timedelta(days=rng.randint(5, 15)),
        first=paid_back_weeks[0]["week_ends_on"],
    )
    determination = claim.decide(opened, Decision.DENIED, mailed_on)
    amount = sum(payment["amount_cents"] for payment in paid_back_weeks)
    paid_back = rng.choice((0, 0, 10, 25, 50)) * amount // 100
    claim.demo.overpayments.append(
        {
            "determination": determination,
            "amount_cents": amount,
            "balance_cents": amount - paid_back,
            "at_fault": nth % 4 == 1,
            "opened_on": mailed_on,
        }
    )
    return claim.since(mailed_on)


def _exhausted(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    weeks = rng.choice((16, 20, 26))
    filed_on = as_of - timedelta(weeks=weeks + rng.randint(4, 9))
    claim = _Unemployment(rng, as_of, ClaimStatus.EXHAUSTED, filed_on=filed_on).grant(weeks_of_benefit=weeks)
    if nth % 2:
        # One third of the base-year wages is seldom a whole number of weeks: the last payment is smaller.
        claim.demo.claim["maximum_benefit_cents"] -= rng.randrange(20, 180) * 100
    claim.file_weeks(WeekState.PENDING, most=weeks + 1).waiting_week().pay()
    return claim.since(claim.demo.payments[-1]["paid_on"])


def _closed(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    filed_on = as_of - timedelta(weeks=rng.randint(70, 90))
    claim = _Unemployment(rng, as_of, ClaimStatus.CLOSED, filed_on=filed_on).grant(weeks_of_benefit=26)
    claim.file_weeks(WeekState.PENDING, most=rng.randint(5, 20)).waiting_week().work_part_time().pay()
    return claim.since(claim.demo.claim["benefit_year_ends_on"] + timedelta(days=1))


# How a claim of each status is made: from chance, the day it is for, and its place among those of its status.
MAKERS: dict[ClaimStatus, Callable[[random.Random, date, int], DemoClaim]] = {
    ClaimStatus.RECEIVED: _received,
    ClaimStatus.WAITING_WEEK: _waiting,
    ClaimStatus.IDENTITY_CHECK: _identity_check,
    ClaimStatus.ADJUDICATION: _adjudication,
    ClaimStatus.PAYING: _paying,
    ClaimStatus.STOPPED: _stopped,
    ClaimStatus.DENIED: _denied,
    ClaimStatus.APPEAL_FILED: _appeal_filed,
    ClaimStatus.HEARING_SET: _hearing_set,
    ClaimStatus.DECIDED: _decided,
    ClaimStatus.OVERPAYMENT: _overpayment,
    ClaimStatus.EXHAUSTED: _exhausted,
    ClaimStatus.CLOSED: _closed,
}
