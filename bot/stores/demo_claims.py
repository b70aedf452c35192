"""Synthetic claims to try the product with: nobody in them exists, and the same seed makes the same ones."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.settings import PROJECT_ROOT
from bot.stores.claims import HEALTH_REASONS, INFO_NEEDED, ISSUE_REASONS
from bot.stores.identity import set_pins
from bot.stores.tables import (
    Appeal,
    Claim,
    Claimant,
    Determination,
    HealthClaim,
    Issue,
    Overpayment,
    Payment,
    WeeklyClaim,
)
from bot.stores.vocabulary import (
    AppealState,
    ClaimStatus,
    Decision,
    IssueKind,
    IssueState,
    Party,
    Program,
    WeekState,
)

Row = dict[str, Any]

# A first word that says "not a person" and the name of a plant: nobody could take these for someone.
FIRST_WORDS = ("Test", "Sample", "Demo", "Example", "Mock", "Pretend", "Specimen", "Practice", "Fictional")
LAST_WORDS = tuple(
    [
        "Marigold",
        "Juniper",
        "Sorrel",
        "Bluebell",
        "Tamarack",
        "Thistle",
        "Camellia",
        "Larkspur",
        "Snowberry",
        "Foxglove",
        "Primrose",
        "Cattail",
        "Dogwood",
        "Huckleberry",
        "Buttercup",
        "Wisteria",
        "Yarrow",
        "Hemlock",
        "Magnolia",
        "Peppergrass",
        "Trillium",
        "Salal",
        "Gooseberry",
        "Mistletoe",
        "Chestnut",
        "Lavender",
    ]
)
PROVIDERS = ("Marigold Test Clinic", "Sample Creek Hospital", "Demo Valley Dental", "Example Family Clinic")
PLANS = ("high", "basic", "hdhp", "dental")

_SHARES = {
    ClaimStatus.RECEIVED: 14,
    ClaimStatus.WAITING_WEEK: 14,
    ClaimStatus.IDENTITY_CHECK: 16,
    ClaimStatus.ADJUDICATION: 40,
    ClaimStatus.PAYING: 34,
    ClaimStatus.STOPPED: 12,
    ClaimStatus.DENIED: 20,
    ClaimStatus.APPEAL_FILED: 12,
    ClaimStatus.HEARING_SET: 12,
    ClaimStatus.DECIDED: 12,
    ClaimStatus.OVERPAYMENT: 14,
    ClaimStatus.EXHAUSTED: 10,
    ClaimStatus.CLOSED: 10,
    ClaimStatus.HEALTH_RECEIVED: 16,
    ClaimStatus.HEALTH_INFO_NEEDED: 16,
    ClaimStatus.HEALTH_PROCESSED: 20,
    ClaimStatus.HEALTH_DENIED: 16,
    ClaimStatus.HEALTH_ADJUSTED: 12,
}
_LATER_KINDS = (
    IssueKind.ABLE_AVAILABLE,
    IssueKind.JOB_SEARCH,
    IssueKind.REFUSED_WORK,
    IssueKind.SCHOOL,
    IssueKind.SEVERANCE,
)
_HEARINGS_ZONE = ZoneInfo("America/Los_Angeles")
_UI_APPEAL_DAYS = 30
_HEALTH_APPEAL_DAYS = 180
_PAIRS_OF_UNEMPLOYMENT, _PAIRS_OF_INSURANCE = 8, 12


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


@dataclass
class DemoClaimant:
    """A made-up person and their one or two claims."""

    name: str
    born_on: date
    language: str
    claims: list[DemoClaim]


@dataclass(frozen=True)
class DemoLogin:
    """What someone needs to try one demo claim, and its id for saying what is going on with it."""

    claim_id: int
    claim_number: str
    born_on: date
    name: str
    status: ClaimStatus


def generate(as_of: date, *, seed: int = 2026, count: int = 300) -> list[DemoClaimant]:
    """`count` claims over every status as they stand at the start of `as_of`, with their claimants."""
    rng = random.Random(seed)
    numbers = _claim_numbers(rng, count)
    claims = [_MAKERS[status](rng, as_of, nth) for status, share in _scaled(count).items() for nth in range(share)]
    for claim in claims:
        prefix = "HC" if claim.claim["program"] is Program.OK_INSURANCE else "UI"
        claim.claim["claim_number"] = f"{prefix}-{numbers.pop()}"
    people = [_person(rng, as_of, belongings) for belongings in _pair_up(claims)]
    rng.shuffle(people)
    return people


def seed_demo_claims(
    session: Session, as_of: date, *, seed: int = 2026, count: int = 300, pin: str | None = None
) -> int:
    """Store the synthetic claims and return how many; 0 when the store already holds any claim.

    `pin` becomes the PIN of every one of them, where claims are proven with a PIN.
    """
    if session.execute(select(Claim.id).limit(1)).first() is not None:
        return 0
    stored = 0
    for person in generate(as_of, seed=seed, count=count):
        claimant = Claimant(name=person.name, born_on=person.born_on, language=person.language)
        session.add(claimant)
        session.flush()
        for demo in person.claims:
            _store(session, claimant.id, demo)
            stored += 1
    session.flush()
    if pin is not None:
        set_pins(session, [login.claim_id for login in demo_claims(session)], pin)
    return stored


def demo_claims(session: Session) -> list[DemoLogin]:
    """The demo claims in the store, by status; a claim whose claimant is not made up is never listed."""
    rows = session.execute(
        select(Claim.id, Claim.claim_number, Claimant.born_on, Claimant.name, Claim.status)
        .join(Claimant, Claimant.id == Claim.claimant_id)
        .order_by(Claim.id)
    )
    order = list(ClaimStatus)
    found = [DemoLogin(*row) for row in rows if _is_made_up(row.name)]
    return sorted(found, key=lambda login: (order.index(login.status), login.claim_id))


def startup_claims(session: Session, as_of: date) -> list[DemoLogin]:
    """Three claims for the first three conversations, where the store has them.

    One in adjudication for about three weeks, one denied with days left to appeal, and one insurance claim.
    """
    in_review = select(Issue.claim_id, Issue.opened_on).where(Issue.state == IssueState.IN_REVIEW)
    appealable = select(Determination.claim_id, Determination.appeal_by).where(
        Determination.decision == Decision.DENIED, Determination.appeal_by > as_of
    )
    fits = {
        # For each claim how far it is from three weeks in review, and from twelve days left to appeal.
        ClaimStatus.ADJUDICATION: {
            claim_id: abs((as_of - opened_on).days - 21) for claim_id, opened_on in session.execute(in_review)
        },
        ClaimStatus.DENIED: {
            claim_id: abs((appeal_by - as_of).days - 12) for claim_id, appeal_by in session.execute(appealable)
        },
        ClaimStatus.HEALTH_PROCESSED: {},
    }
    logins = demo_claims(session)
    chosen = []
    for status, distance in fits.items():
        alike = [login for login in logins if login.status is status]
        alike.sort(key=lambda login: distance.get(login.claim_id, 999))
        chosen.extend(alike[:1])
    return chosen


# ------------------------------------------------------------------ people and numbers


def _scaled(count: int) -> dict[ClaimStatus, int]:
    """How many claims of each status; every status has at least one, so `count` has to allow for that."""
    if count < len(_SHARES):
        raise ValueError(f"at least {len(_SHARES)} claims are needed to cover every status")
    total = sum(_SHARES.values())
    scaled = {status: max(1, share * count // total) for status, share in _SHARES.items()}
    while sum(scaled.values()) > count:
        scaled[max(scaled, key=lambda status: scaled[status])] -= 1
    scaled[ClaimStatus.ADJUDICATION] += count - sum(scaled.values())
    return scaled


def _claim_numbers(rng: random.Random, count: int) -> list[int]:
    numbers: set[int] = set()
    while len(numbers) < count:
        numbers.add(rng.randrange(10_000_000, 100_000_000))
    ordered = sorted(numbers)
    rng.shuffle(ordered)
    return ordered


def _pair_up(claims: list[DemoClaim]) -> list[list[DemoClaim]]:
    """Give some claimants two claims: an old closed one and a new one, or two insurance claims."""
    by_status: dict[ClaimStatus, list[DemoClaim]] = {}
    for claim in claims:
        by_status.setdefault(claim.claim["status"], []).append(claim)
    people: list[list[DemoClaim]] = []
    for older, newer, most in (
        (ClaimStatus.CLOSED, ClaimStatus.PAYING, _PAIRS_OF_UNEMPLOYMENT),
        (ClaimStatus.HEALTH_PROCESSED, ClaimStatus.HEALTH_RECEIVED, _PAIRS_OF_INSURANCE),
    ):
        pairs = min(most, len(by_status.get(older, [])) - 1, len(by_status.get(newer, [])) - 1)
        for _ in range(max(0, pairs)):
            people.append([by_status[older].pop(), by_status[newer].pop()])
    people.extend([claim] for group in by_status.values() for claim in group)
    return people


def _person(rng: random.Random, as_of: date, claims: list[DemoClaim]) -> DemoClaimant:
    born_on = as_of - timedelta(days=rng.randrange(20 * 365 + 5, 68 * 365))
    language = "es" if rng.random() < 0.25 else "en"
    return DemoClaimant(f"{rng.choice(FIRST_WORDS)} {rng.choice(LAST_WORDS)}", born_on, language, claims)


def _is_made_up(name: str) -> bool:
    first, _, last = name.partition(" ")
    return first in FIRST_WORDS and last in LAST_WORDS


# ------------------------------------------------------------------ days and amounts


def _days_ago(rng: random.Random, as_of: date, least: int, most: int) -> date:
    return as_of - timedelta(days=rng.randint(least, most))


def _sunday(day: date) -> date:
    """The Sunday on which the week of `day` begins."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _business_day(day: date) -> date:
    """`day`, or the Monday after it when it falls on a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


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


# ------------------------------------------------------------------ unemployment


class _Unemployment:
    """A claim being written down step by step; every step keeps it consistent with the ones before."""

    def __init__(self, rng: random.Random, as_of: date, status: ClaimStatus, *, filed_on: date) -> None:
        self.rng = rng
        self.as_of = as_of
        effective_on = _sunday(filed_on)
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
            paid_on = _business_day(earliest + timedelta(days=self.rng.randint(1, 3)))
            if amount <= 0 or paid_on >= stop:
                if claim["next_payment_on"] is None and stop_before is None and amount > 0:
                    claim["next_payment_on"] = max(paid_on, _business_day(self.as_of + timedelta(days=1)))
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
                "appeal_by": mailed_on + timedelta(days=_UI_APPEAL_DAYS),
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
    return datetime.combine(_business_day(day), time(hour), _HEARINGS_ZONE).astimezone(timezone.utc)


def _received(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    claim = _Unemployment(rng, as_of, ClaimStatus.RECEIVED, filed_on=_days_ago(rng, as_of, 1, 9))
    return claim.file_weeks(WeekState.PENDING).since(claim.demo.claim["filed_on"])


def _waiting(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    # Two days of the week after the first week have begun, so that it can have been filed already.
    filed_on = _sunday(as_of - timedelta(days=9)) + timedelta(days=rng.randint(0, 4))
    claim = _Unemployment(rng, as_of, ClaimStatus.WAITING_WEEK, filed_on=filed_on).grant()
    claim.file_weeks(WeekState.PENDING, most=1).waiting_week()
    return claim.since(claim.demo.weeks[0]["filed_on"])


def _identity_check(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    filed_on = _days_ago(rng, as_of, 14, 35)
    claim = _Unemployment(rng, as_of, ClaimStatus.IDENTITY_CHECK, filed_on=filed_on)
    claim.file_weeks(WeekState.HELD)
    if nth % 3 == 2:
        opened_on = filed_on + timedelta(days=rng.randint(1, 5))
        claim.issue(IssueKind.IDENTITY, IssueState.IN_REVIEW, Party.AGENCY, opened_on)
    else:
        opened_on = max(filed_on, _days_ago(rng, as_of, 1, 13))
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
    filed_on = as_of - timedelta(days=23) if nth == 0 else _days_ago(rng, as_of, 12, 50)
    opened_on = as_of - timedelta(days=21) if nth == 0 else filed_on + timedelta(days=rng.randint(1, 6))
    if waiting_on is not Party.AGENCY:
        opened_on = max(filed_on, _days_ago(rng, as_of, 1, 12))
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
    claim = _Unemployment(rng, as_of, ClaimStatus.ADJUDICATION, filed_on=_days_ago(rng, as_of, 70, 120)).grant()
    claim.file_weeks(WeekState.PENDING).waiting_week()
    asked = claim.demo.weeks[-rng.randint(1, 3)]
    claim.pay(stop_before=as_of, weeks_before=asked["week_ends_on"])
    claim.issue(kind, state, waiting_on, asked["filed_on"], first=asked["week_ends_on"])
    return claim.since(asked["filed_on"])


def _paying(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    claim = _Unemployment(rng, as_of, ClaimStatus.PAYING, filed_on=_days_ago(rng, as_of, 25, 110)).grant()
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
    claim = _Unemployment(rng, as_of, ClaimStatus.STOPPED, filed_on=_days_ago(rng, as_of, 60, 130)).grant()
    missed_ends_on = _sunday(_days_ago(rng, as_of, 9, 25)) - timedelta(days=1)
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
    mailed_on = _days_ago(rng, as_of, 14, 45)
    claim, determination, by = _contested(rng, as_of, ClaimStatus.APPEAL_FILED, mailed_on, nth)
    filed_on = min(mailed_on + timedelta(days=rng.randint(2, 28)), as_of - timedelta(days=1))
    claim.appeal(determination, by, filed_on, AppealState.FILED)
    return claim.since(filed_on)


def _hearing_set(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    mailed_on = _days_ago(rng, as_of, 45, 70)
    claim, determination, by = _contested(rng, as_of, ClaimStatus.HEARING_SET, mailed_on, nth)
    filed_on = mailed_on + timedelta(days=rng.randint(2, 28))
    appeal = claim.appeal(determination, by, filed_on, AppealState.HEARING_SET)
    appeal["hearing_at"] = _hearing(as_of + timedelta(days=rng.randint(2, 28)), rng.randint(9, 15))
    return claim.since(min(filed_on + timedelta(days=rng.randint(8, 15)), as_of - timedelta(days=1)))


def _decided(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    mailed_on = _days_ago(rng, as_of, 75, 100)
    claim, determination, by = _contested(rng, as_of, ClaimStatus.DECIDED, mailed_on, nth)
    filed_on = mailed_on + timedelta(days=rng.randint(2, 28))
    decided_on = _days_ago(rng, as_of, 2, 20)
    appeal = claim.appeal(determination, by, filed_on, AppealState.DECIDED)
    appeal["hearing_at"] = _hearing(decided_on - timedelta(days=rng.randint(6, 14)), rng.randint(9, 15))
    appeal["decided_on"] = decided_on
    appeal["review_by"] = decided_on + timedelta(days=_UI_APPEAL_DAYS)
    appeal["decision"] = Decision.ALLOWED if by is Party.EMPLOYER or nth % 2 == 0 else Decision.DENIED
    if by is Party.CLAIMANT and appeal["decision"] is Decision.ALLOWED:
        if claim.demo.claim["weekly_benefit_cents"] is None:
            claim.grant()
        for week in claim.demo.weeks:
            week["state"] = WeekState.PENDING
        claim.waiting_week().pay(since=decided_on)
    return claim.since(decided_on)


def _overpayment(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    filed_on = _days_ago(rng, as_of, 120, 170)
    claim = _Unemployment(rng, as_of, ClaimStatus.OVERPAYMENT, filed_on=filed_on).grant()
    mailed_on = _days_ago(rng, as_of, 3, 50)
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


# ------------------------------------------------------------------ insurance


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
    filed_on = _days_ago(rng, as_of, 1, 20)
    return _insurance(rng, ClaimStatus.HEALTH_RECEIVED, filed_on, filed_on)


def _health_info_needed(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    since = _days_ago(rng, as_of, 1, 20)
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
    since = _days_ago(rng, as_of, 1, 60)
    filed_on = since - timedelta(days=rng.randint(5, 25))
    demo = _insurance(rng, ClaimStatus.HEALTH_PROCESSED, filed_on, since)
    _split(rng, demo, everything=nth % 5 == 4)
    return demo


def _health_denied(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    since = _days_ago(rng, as_of, 1, 170) if nth % 5 else _days_ago(rng, as_of, 185, 240)
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
            "appeal_by": since + timedelta(days=_HEALTH_APPEAL_DAYS),
        }
    )
    return demo


def _health_adjusted(rng: random.Random, as_of: date, nth: int) -> DemoClaim:
    since = _days_ago(rng, as_of, 1, 30)
    filed_on = since - timedelta(days=rng.randint(30, 90))
    demo = _insurance(rng, ClaimStatus.HEALTH_ADJUSTED, filed_on, since, adjusted_on=since)
    _split(rng, demo, everything=nth % 4 == 3)
    return demo


_MAKERS: dict[ClaimStatus, Callable[[random.Random, date, int], DemoClaim]] = {
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
    ClaimStatus.HEALTH_RECEIVED: _health_received,
    ClaimStatus.HEALTH_INFO_NEEDED: _health_info_needed,
    ClaimStatus.HEALTH_PROCESSED: _health_processed,
    ClaimStatus.HEALTH_DENIED: _health_denied,
    ClaimStatus.HEALTH_ADJUSTED: _health_adjusted,
}


# ------------------------------------------------------------------ storing


def _store(session: Session, claimant_id: int, demo: DemoClaim) -> None:
    """Add one claim and its rows, turning counts within the claim into the ids the database gave."""
    since: date = demo.claim["status_since_on"]
    claim = Claim(
        claimant_id=claimant_id,
        updated_at=datetime.combine(since, time(8), timezone.utc),
        **demo.claim,
    )
    session.add(claim)
    session.flush()
    session.add_all(WeeklyClaim(claim_id=claim.id, **row) for row in demo.weeks)
    session.add_all(Payment(claim_id=claim.id, **row) for row in demo.payments)
    if demo.health is not None:
        session.add(HealthClaim(claim_id=claim.id, **demo.health))
    issues = _stored(session, Issue, claim.id, demo.issues)
    determinations = _stored(
        session, Determination, claim.id, (_linked(row, "issue", issues) for row in demo.determinations)
    )
    for table, rows in ((Appeal, demo.appeals), (Overpayment, demo.overpayments)):
        _stored(session, table, claim.id, (_linked(row, "determination", determinations) for row in rows))


def _stored(session: Session, table: Any, claim_id: int, rows: Iterable[Row]) -> list[int]:
    objects = [table(claim_id=claim_id, **row) for row in rows]
    session.add_all(objects)
    session.flush()
    return [row.id for row in objects]


def _linked(row: Row, name: str, ids: list[int]) -> Row:
    linked = {key: value for key, value in row.items() if key != name}
    linked[f"{name}_id"] = None if row[name] is None else ids[row[name]]
    return linked
