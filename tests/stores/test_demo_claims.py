"""The synthetic claims hold together: every rule is checked, and the checker finds every planted fault."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.database import Database
from bot.stores import demo_claims, demo_people, demo_unemployment
from bot.stores.identity import normalise_claim_number
from bot.stores.tables import (
    Appeal,
    Base,
    Claim,
    Claimant,
    ClaimRead,
    Determination,
    HealthClaim,
    Issue,
    Overpayment,
    Payment,
    WeeklyClaim,
)
from bot.stores.vocabulary import (
    HEALTH_REASONS,
    INFO_NEEDED,
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

AS_OF = date(2026, 11, 21)
HIGHEST_WEEKLY_CENTS = 115_200
INSURANCE = {status for status in ClaimStatus if status.value.startswith("health_")}


# ------------------------------------------------------------------ the checker


def check_consistency(session: Session, as_of: date) -> list[str]:
    """Every broken rule as `rule: claim number`; an empty list when the claims hold together."""
    return [f"{rule}: {claim.claim_number}" for claim in _everything(session) for rule in _broken(claim, as_of)]


class Everything:
    """One claim with its claimant and rows, in lists that run from the oldest to the newest."""

    def __init__(self, claim: Claim, claimant: Claimant, rows: dict[type, dict[int, list[Any]]]) -> None:
        self.claim = claim
        self.claimant = claimant
        self.claim_number = claim.claim_number
        own = {table: by_claim.get(claim.id, []) for table, by_claim in rows.items()}
        self.weeks = sorted(own[WeeklyClaim], key=lambda row: row.week_ends_on)
        self.payments = sorted(own[Payment], key=lambda row: row.week_ends_on)
        self.issues, self.determinations, self.appeals = own[Issue], own[Determination], own[Appeal]
        self.overpayments, self.health = own[Overpayment], own[HealthClaim]


def _everything(session: Session) -> Iterator[Everything]:
    tables = (WeeklyClaim, Payment, Issue, Determination, Appeal, Overpayment, HealthClaim)
    rows: dict[type, dict[int, list[Any]]] = {}
    for table in tables:
        rows[table] = defaultdict(list)
        for row in session.execute(select(table)).scalars():
            rows[table][row.claim_id].append(row)
    for claim, claimant in session.execute(
        select(Claim, Claimant).join(Claimant, Claimant.id == Claim.claimant_id).order_by(Claim.id)
    ):
        yield Everything(claim, claimant, rows)


def _broken(one: Everything, as_of: date) -> Iterator[str]:
    yield from _identity_rules(one, as_of)
    yield from _calendar_rules(one, as_of)
    if one.claim.program is Program.OK_INSURANCE:
        yield from _insurance_rules(one)
        return
    if one.claim.status in INSURANCE or one.health:
        yield "an unemployment claim has nothing of an insurance claim"
        return
    yield from _money_rules(one)
    yield from _week_rules(one)
    yield from _issue_rules(one)
    yield from _appeal_rules(one)
    yield from _overpayment_rules(one)
    yield from _status_rules(one, as_of)


def _identity_rules(one: Everything, as_of: date) -> Iterator[str]:
    prefix = "HC-" if one.claim.program is Program.OK_INSURANCE else "UI-"
    if normalise_claim_number(one.claim_number) != one.claim_number or one.claim_number[:3] != prefix:
        yield "the claim number fits the program"
    if not date(1930, 1, 1) < one.claimant.born_on <= as_of - timedelta(days=18 * 365 + 5):
        yield "the claimant is an adult"
    first, _, last = one.claimant.name.partition(" ")
    if first not in demo_people.FIRST_WORDS or last not in demo_people.LAST_WORDS:
        yield "the name is plainly fictional"


def _calendar_rules(one: Everything, as_of: date) -> Iterator[str]:
    claim = one.claim
    past = [claim.filed_on, claim.status_since_on, claim.updated_at.date()]
    past += [claim.effective_on] if claim.effective_on else []
    past += [day for week in one.weeks for day in (week.week_ends_on, week.filed_on) if day]
    past += [payment.paid_on for payment in one.payments]
    past += [issue.opened_on for issue in one.issues]
    past += [determination.mailed_on for determination in one.determinations]
    past += [day for appeal in one.appeals for day in (appeal.filed_on, appeal.decided_on) if day]
    past += [row.opened_on for row in one.overpayments]
    past += [day for row in one.health for day in (row.service_on, row.adjusted_on) if day]
    if max(past) >= as_of:
        yield "what has happened lies in the past"
    if claim.next_payment_on is not None and claim.next_payment_on <= as_of:
        yield "the next payment lies ahead"
    if claim.status_since_on < claim.filed_on:
        yield "the status dates from after filing"


def _money_rules(one: Everything) -> Iterator[str]:
    claim = one.claim
    weekly, most = claim.weekly_benefit_cents, claim.maximum_benefit_cents
    if (weekly is None) != (most is None):
        yield "weekly and maximum benefit come together"
    if weekly is not None:
        if not 0 < weekly <= HIGHEST_WEEKLY_CENTS or weekly % 100:
            yield "the weekly benefit is whole dollars up to the state's maximum"
        if most is not None and most > weekly * 26:
            yield "the maximum is at most 26 weekly benefits"
    if claim.paid_to_date_cents != sum(payment.amount_cents for payment in one.payments):
        yield "paid to date is the sum of the payments"
    if most is not None and claim.paid_to_date_cents > most:
        yield "no more is paid than the maximum"
    states = {week.week_ends_on: week for week in one.weeks}
    for payment in one.payments:
        week = states.get(payment.week_ends_on)
        if week is None or week.state is not WeekState.PAID:
            yield "money is sent for paid weeks only"
            continue
        if weekly is None or payment.amount_cents > demo_unemployment.after_earnings(weekly, week.earnings_cents):
            yield "a payment is at most the weekly benefit less earnings"
        if payment.paid_on <= week.filed_on:
            yield "a week is paid after it was filed"
        if payment.paid_on.weekday() > 4:
            yield "payments go out on business days"
    if {week.week_ends_on for week in one.weeks if week.state is WeekState.PAID} - {
        payment.week_ends_on for payment in one.payments
    }:
        yield "every paid week has a payment"


def _week_rules(one: Everything) -> Iterator[str]:
    claim = one.claim
    if claim.effective_on is None or claim.effective_on.weekday() != 6:
        yield "the claim starts on a Sunday"
        return
    if not claim.effective_on <= claim.filed_on < claim.effective_on + timedelta(days=7):
        yield "the claim starts in the week it was filed"
    if claim.benefit_year_ends_on != claim.effective_on + timedelta(days=363):
        yield "the benefit year has 52 weeks"
    expected = claim.effective_on + timedelta(days=6)
    for week in one.weeks:
        if week.week_ends_on != expected:
            yield "weeks run from Sunday to Saturday without gaps"
            break
        expected += timedelta(days=7)
    for week in one.weeks:
        if (week.filed_on is None) != (week.state is WeekState.MISSED):
            yield "only a missed week has no filing day"
        elif week.filed_on and not 1 <= (week.filed_on - week.week_ends_on).days <= 7:
            yield "a week is filed in the seven days after it"
    waiting = [week for week in one.weeks if week.state is WeekState.WAITING]
    if len(waiting) > 1 or (waiting and waiting[0] is not one.weeks[0]):
        yield "only the first week is a waiting week"
    if one.payments and not waiting:
        yield "the waiting week comes before any payment"
    denials = [row for row in one.determinations if row.decision is Decision.DENIED]
    if any(week.state is WeekState.DENIED for week in one.weeks) and not denials:
        yield "weeks are denied by a determination"


def _issue_rules(one: Everything) -> Iterator[str]:
    by_id = {issue.id: issue for issue in one.issues}
    decided = {row.issue_id for row in one.determinations}
    for issue in one.issues:
        if (issue.state is IssueState.DECIDED) != (issue.id in decided):
            yield "an issue is decided when it has a determination"
        if issue.opened_on < one.claim.filed_on:
            yield "an issue opens after filing"
        needed = issue.state is IssueState.FACTS_NEEDED
        if needed != (issue.respond_by is not None and issue.respond_by >= issue.opened_on):
            yield "facts that are needed have a due date"
        if {
            IssueState.FACTS_NEEDED: issue.waiting_on not in (Party.CLAIMANT, Party.EMPLOYER),
            IssueState.IN_REVIEW: issue.waiting_on is not Party.AGENCY,
            IssueState.DECIDED: issue.waiting_on is not Party.NOBODY,
        }[issue.state]:
            yield "who must act fits the state of the issue"
    for row in one.determinations:
        issue = by_id.get(row.issue_id)
        if issue is None or row.reason not in ISSUE_REASONS[issue.kind]:
            yield "a determination answers its issue"
            continue
        if row.reason != ISSUE_REASONS[issue.kind][row.decision is Decision.DENIED]:
            yield "the reason fits the decision"
        if row.mailed_on <= issue.opened_on:
            yield "a determination follows its issue"
        if row.appeal_by != row.mailed_on + timedelta(days=30):
            yield "an unemployment decision can be appealed for 30 days"


def _appeal_rules(one: Everything) -> Iterator[str]:
    by_id = {row.id: row for row in one.determinations}
    for appeal in one.appeals:
        determination = by_id.get(appeal.determination_id)
        if determination is None or not determination.mailed_on < appeal.filed_on <= determination.appeal_by:
            yield "an appeal is filed in time against a determination of the same claim"
            continue
        against = Decision.DENIED if appeal.filed_by is Party.CLAIMANT else Decision.ALLOWED
        if appeal.filed_by not in (Party.CLAIMANT, Party.EMPLOYER) or determination.decision is not against:
            yield "people appeal what went against them"
        if (appeal.hearing_at is None) != (appeal.state is AppealState.FILED):
            yield "a hearing has a time once it is set"
        elif appeal.hearing_at and appeal.hearing_at.date() <= appeal.filed_on:
            yield "the hearing follows the appeal"
        done = appeal.state is AppealState.DECIDED
        outcome = (appeal.decision, appeal.decided_on, appeal.review_by)
        if {value is not None for value in outcome} != {done}:
            yield "a decided appeal has a decision, its day and the last day for review"
        elif done and not (
            appeal.hearing_at.date() <= appeal.decided_on and appeal.review_by == appeal.decided_on + timedelta(days=30)
        ):
            yield "the decision follows the hearing and can be reviewed for 30 days"


def _overpayment_rules(one: Everything) -> Iterator[str]:
    by_id = {row.id: row for row in one.determinations}
    issues = {row.id: row for row in one.issues}
    for row in one.overpayments:
        determination = by_id.get(row.determination_id)
        if determination is None or determination.decision is not Decision.DENIED:
            yield "an overpayment comes from a denial"
            continue
        first = issues[determination.issue_id].first_week_ends_on
        asked_back = sum(payment.amount_cents for payment in one.payments if payment.week_ends_on >= first)
        if row.amount_cents != asked_back:
            yield "an overpayment is what was paid for the denied weeks"
        if row.balance_cents > row.amount_cents:
            yield "no more is owed than was overpaid"
        if row.opened_on < determination.mailed_on:
            yield "an overpayment follows its determination"


def _status_rules(one: Everything, as_of: date) -> Iterator[str]:
    claim, status = one.claim, one.claim.status
    states = Counter(week.state for week in one.weeks)
    open_kinds = {issue.kind for issue in one.issues if issue.state is not IssueState.DECIDED}
    fits = {
        ClaimStatus.RECEIVED: not one.issues and not one.payments and claim.weekly_benefit_cents is None,
        ClaimStatus.WAITING_WEEK: states == {WeekState.WAITING: 1} and claim.weekly_benefit_cents is not None,
        ClaimStatus.IDENTITY_CHECK: open_kinds == {IssueKind.IDENTITY} and not one.payments,
        ClaimStatus.ADJUDICATION: bool(open_kinds) and IssueKind.IDENTITY not in open_kinds,
        ClaimStatus.PAYING: not open_kinds and bool(one.payments or claim.next_payment_on),
        ClaimStatus.STOPPED: bool(one.weeks)
        and one.weeks[-1].state is WeekState.MISSED
        and claim.next_payment_on is None,
        ClaimStatus.DENIED: states[WeekState.DENIED] == len(one.weeks) > 0 and not one.appeals,
        ClaimStatus.APPEAL_FILED: [appeal.state for appeal in one.appeals] == [AppealState.FILED],
        ClaimStatus.HEARING_SET: [appeal.state for appeal in one.appeals] == [AppealState.HEARING_SET]
        and one.appeals[0].hearing_at is not None
        and one.appeals[0].hearing_at.date() > as_of,
        ClaimStatus.DECIDED: [appeal.state for appeal in one.appeals] == [AppealState.DECIDED],
        ClaimStatus.OVERPAYMENT: sum(row.balance_cents for row in one.overpayments) > 0,
        ClaimStatus.EXHAUSTED: claim.paid_to_date_cents == claim.maximum_benefit_cents,
        ClaimStatus.CLOSED: claim.benefit_year_ends_on < as_of,
    }[status]
    if not fits:
        yield f"the rows fit the status {status}"
    if status is not ClaimStatus.CLOSED and claim.benefit_year_ends_on < as_of:
        yield "only a closed claim outlives its benefit year"
    if open_kinds and status not in (ClaimStatus.IDENTITY_CHECK, ClaimStatus.ADJUDICATION):
        yield "an open issue holds the claim up"
    if one.appeals and status not in (ClaimStatus.APPEAL_FILED, ClaimStatus.HEARING_SET, ClaimStatus.DECIDED):
        yield "an appeal shows in the status"


def _insurance_rules(one: Everything) -> Iterator[str]:
    claim = one.claim
    unemployment = (claim.effective_on, claim.weekly_benefit_cents, claim.next_payment_on)
    rows = (one.weeks, one.payments, one.issues, one.overpayments)
    if claim.status not in INSURANCE or len(one.health) != 1 or any(unemployment) or any(rows):
        yield "an insurance claim has its own facts and none of unemployment"
        return
    health = one.health[0]
    if health.service_on > claim.filed_on:
        yield "care comes before its claim"
    decided = claim.status in (ClaimStatus.HEALTH_PROCESSED, ClaimStatus.HEALTH_ADJUSTED)
    if decided:
        sums = (health.allowed_cents, health.plan_paid_cents, health.member_owes_cents)
        if None in sums or sums[0] != sums[1] + sums[2] or sums[0] > health.billed_cents:
            yield "plan and member share what is allowed, and that is at most what was billed"
    elif health.member_owes_cents is not None:
        yield "a share is known once the claim is processed"
    if (health.adjusted_on is not None) != (claim.status is ClaimStatus.HEALTH_ADJUSTED):
        yield "an adjusted claim has the day"
    needs = claim.status is ClaimStatus.HEALTH_INFO_NEEDED
    if needs != (health.info_needed in INFO_NEEDED and health.respond_by is not None):
        yield "what is needed and by when are known"
    elif needs and health.waiting_on not in (Party.CLAIMANT, Party.PROVIDER):
        yield "someone is asked for what is needed"
    denied = claim.status is ClaimStatus.HEALTH_DENIED
    if denied != (len(one.determinations) == 1):
        yield "a denied insurance claim has its decision"
    for row in one.determinations:
        if row.reason not in HEALTH_REASONS or row.appeal_by != row.mailed_on + timedelta(days=180):
            yield "an insurance decision gives a reason and 180 days"


# ------------------------------------------------------------------ the claims


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/claims.db")
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        demo_claims.seed_demo_claims(opened, AS_OF)
        opened.flush()
        yield opened


def test_three_hundred_claims_cover_every_status_at_least_eight_times(session: Session) -> None:
    statuses = Counter(session.execute(select(Claim.status)).scalars())
    assert sum(statuses.values()) == 300
    assert set(statuses) == set(ClaimStatus)
    assert min(statuses.values()) >= 8
    programs = Counter(session.execute(select(Claim.program)).scalars())
    assert programs == {Program.WA_UI: 220, Program.OK_INSURANCE: 80}


@pytest.mark.parametrize("day", range(7))
def test_the_claims_are_consistent_whatever_the_day_of_the_week(database: Database, day: int) -> None:
    as_of = AS_OF + timedelta(days=day)
    with database.transaction() as session:
        demo_claims.seed_demo_claims(session, as_of, seed=day)
        assert check_consistency(session, as_of) == []


def test_every_issue_kind_is_being_decided_somewhere(session: Session) -> None:
    kinds = session.execute(select(Issue.kind).where(Issue.state != IssueState.DECIDED)).scalars()
    assert set(kinds) == set(IssueKind)


@pytest.mark.parametrize("count", [18, 19, 25, 100, 301, 1000])
def test_any_number_of_claims_covers_every_status(count: int) -> None:
    statuses = [c.claim["status"] for person in demo_people.generate(AS_OF, count=count) for c in person.claims]
    assert len(statuses) == count
    assert set(statuses) == set(ClaimStatus)


def test_too_few_claims_for_every_status_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 18"):
        demo_people.generate(AS_OF, count=17)


@pytest.mark.parametrize("day", range(7))
def test_many_paying_claims_have_a_payment_to_come(day: int) -> None:
    people = demo_people.generate(AS_OF + timedelta(days=day))
    paying = [c.claim for p in people for c in p.claims if c.claim["status"] is ClaimStatus.PAYING]
    assert sum(claim["next_payment_on"] is not None for claim in paying) >= 15


def test_some_claimants_have_two_claims(session: Session) -> None:
    counts = session.execute(select(func.count()).select_from(Claim).group_by(Claim.claimant_id)).scalars()
    assert Counter(counts) == {1: 260, 2: 20}


def test_claim_numbers_say_nothing_about_each_other(session: Session) -> None:
    numbers = [int(n[3:]) for n in session.execute(select(Claim.claim_number).order_by(Claim.id)).scalars()]
    steps = [abs(later - earlier) for earlier, later in pairwise(numbers)]
    assert len(set(numbers)) == 300
    assert min(steps) > 100
    assert numbers != sorted(numbers)


def test_the_same_seed_makes_the_same_claims() -> None:
    assert demo_people.generate(AS_OF, seed=7) == demo_people.generate(AS_OF, seed=7)
    assert demo_people.generate(AS_OF, seed=7) != demo_people.generate(AS_OF, seed=8)


def test_seeding_twice_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        assert demo_claims.seed_demo_claims(session, AS_OF) == 300
    with database.transaction() as session:
        assert demo_claims.seed_demo_claims(session, AS_OF) == 0
        assert session.execute(select(func.count()).select_from(Claim)).scalar_one() == 300


def test_three_claims_are_shown_at_start_up(session: Session) -> None:
    in_review, denied, insurance = demo_claims.startup_claims(session, AS_OF)
    assert (in_review.status, denied.status, insurance.status) == (
        ClaimStatus.ADJUDICATION,
        ClaimStatus.DENIED,
        ClaimStatus.HEALTH_PROCESSED,
    )
    issue = session.execute(select(Issue).where(Issue.claim_id == in_review.claim_id)).scalars().one()
    assert (AS_OF - issue.opened_on).days == 21
    decision = session.execute(select(Determination).where(Determination.claim_id == denied.claim_id)).scalar_one()
    assert decision.appeal_by > AS_OF


def test_a_claim_of_a_real_person_is_never_listed(session: Session) -> None:
    claim = session.execute(select(Claim).limit(1)).scalar_one()
    session.get(Claimant, claim.claimant_id).name = "Somebody Else"
    session.flush()
    listed = demo_claims.demo_claims(session)
    assert claim.claim_number not in {login.claim_number for login in listed}
    assert len(listed) in (298, 299)


def test_listing_demo_claims_is_no_read_of_a_claim(session: Session) -> None:
    demo_claims.demo_claims(session)
    assert session.execute(select(func.count()).select_from(ClaimRead)).scalar_one() == 0


# ------------------------------------------------------------------ the checker's own test

Plant = Callable[[Session], None]


def _claim(session: Session, status: ClaimStatus) -> Any:
    return session.execute(select(Claim).where(Claim.status == status).order_by(Claim.id).limit(1)).scalar_one()


def _row(session: Session, table: Any, status: ClaimStatus, *where: Any) -> Any:
    """A row of `table` that belongs to a claim of that status."""
    found = select(table).join(Claim, Claim.id == table.claim_id).where(Claim.status == status, *where).limit(1)
    return session.execute(found).scalars().one()


def _set(table: Any, of: ClaimStatus, /, *where: Any, **values: Any) -> Plant:
    def plant(session: Session) -> None:
        row = _claim(session, of) if table is Claim else _row(session, table, of, *where)
        for name, value in values.items():
            setattr(row, name, value(getattr(row, name)) if callable(value) else value)

    return plant


def _later(days: int) -> Callable[[Any], Any]:
    return lambda value: value + timedelta(days=days)


def _claimant(**values: Any) -> Plant:
    def plant(session: Session) -> None:
        claimant = session.execute(select(Claimant).limit(1)).scalar_one()
        for name, value in values.items():
            setattr(claimant, name, value)

    return plant


def _without(table: Any, status: ClaimStatus) -> Plant:
    def plant(session: Session) -> None:
        claim = _row(session, table, status).claim_id
        session.execute(delete(table).where(table.claim_id == claim))

    return plant


def _paid_week_without_money(session: Session) -> None:
    payment = _row(session, Payment, ClaimStatus.PAYING)
    session.get(Claim, payment.claim_id).paid_to_date_cents -= payment.amount_cents
    session.delete(payment)


def _appeal_of_a_paying_claim(session: Session) -> None:
    session.add(
        Appeal(
            claim_id=_claim(session, ClaimStatus.PAYING).id,
            determination_id=_row(session, Determination, ClaimStatus.PAYING).id,
            filed_by=Party.EMPLOYER,
            state=AppealState.FILED,
            filed_on=date(2026, 11, 1),
        )
    )


def _second_waiting_week(session: Session) -> None:
    claim = _claim(session, ClaimStatus.CLOSED)
    weeks = session.execute(select(WeeklyClaim).where(WeeklyClaim.claim_id == claim.id)).scalars()
    sorted(weeks, key=lambda week: week.week_ends_on)[1].state = WeekState.WAITING


def _health_row_of_unemployment(session: Session) -> None:
    health = _row(session, HealthClaim, ClaimStatus.HEALTH_RECEIVED)
    session.execute(delete(HealthClaim).where(HealthClaim.claim_id == health.claim_id))
    session.flush()
    session.add(
        HealthClaim(
            claim_id=_claim(session, ClaimStatus.PAYING).id,
            plan="high",
            provider="Marigold Test Clinic",
            service_on=date(2026, 10, 1),
            billed_cents=100,
            waiting_on=Party.AGENCY,
        )
    )


S = ClaimStatus
FAULTS: dict[str, list[Plant]] = {
    "the claim number fits the program": [_set(Claim, S.PAYING, claim_number="HC-12345678")],
    "the claimant is an adult": [_claimant(born_on=date(2015, 1, 1)), _claimant(born_on=date(1890, 1, 1))],
    "the name is plainly fictional": [_claimant(name="Somebody Else")],
    "what has happened lies in the past": [
        _set(Claim, S.PAYING, status_since_on=AS_OF),
        _set(Claim, S.PAYING, updated_at=datetime(2026, 11, 21, 1, tzinfo=timezone.utc)),
        _set(Payment, S.PAYING, paid_on=AS_OF + timedelta(days=2)),
        _set(Issue, S.ADJUDICATION, opened_on=AS_OF + timedelta(days=2)),
        _set(Determination, S.DENIED, mailed_on=AS_OF),
        _set(Appeal, S.DECIDED, decided_on=AS_OF),
        _set(Overpayment, S.OVERPAYMENT, opened_on=AS_OF),
        _set(HealthClaim, S.HEALTH_ADJUSTED, adjusted_on=AS_OF),
    ],
    "the next payment lies ahead": [_set(Claim, S.PAYING, next_payment_on=AS_OF)],
    "the status dates from after filing": [_set(Claim, S.PAYING, status_since_on=date(2020, 1, 1))],
    "weekly and maximum benefit come together": [_set(Claim, S.PAYING, maximum_benefit_cents=None)],
    "the weekly benefit is whole dollars up to the state's maximum": [
        _set(Claim, S.PAYING, weekly_benefit_cents=115_300),
        _set(Claim, S.PAYING, weekly_benefit_cents=50_050),
    ],
    "the maximum is at most 26 weekly benefits": [_set(Claim, S.PAYING, maximum_benefit_cents=99_999_999)],
    "paid to date is the sum of the payments": [_set(Claim, S.PAYING, paid_to_date_cents=1)],
    "no more is paid than the maximum": [_set(Claim, S.PAYING, maximum_benefit_cents=100)],
    "money is sent for paid weeks only": [
        _set(WeeklyClaim, S.PAYING, WeeklyClaim.state == WeekState.PAID, state=WeekState.PENDING)
    ],
    "a payment is at most the weekly benefit less earnings": [
        _set(Payment, S.PAYING, amount_cents=115_300),
        _set(WeeklyClaim, S.EXHAUSTED, WeeklyClaim.state == WeekState.PAID, earnings_cents=50_000),
    ],
    "a week is paid after it was filed": [_set(Payment, S.PAYING, paid_on=_later(-21))],
    "payments go out on business days": [_set(Payment, S.CLOSED, paid_on=date(2026, 5, 2))],
    "every paid week has a payment": [_paid_week_without_money],
    "the claim starts on a Sunday": [
        _set(Claim, S.PAYING, effective_on=_later(1)),
        _set(Claim, S.PAYING, effective_on=None),
    ],
    "the claim starts in the week it was filed": [_set(Claim, S.DENIED, filed_on=_later(-7))],
    "the benefit year has 52 weeks": [_set(Claim, S.PAYING, benefit_year_ends_on=_later(7))],
    "weeks run from Sunday to Saturday without gaps": [
        _set(WeeklyClaim, S.DENIED, week_ends_on=_later(-1)),
    ],
    "only a missed week has no filing day": [
        _set(WeeklyClaim, S.PAYING, filed_on=None),
        _set(WeeklyClaim, S.STOPPED, WeeklyClaim.state == WeekState.MISSED, filed_on=date(2026, 11, 1)),
    ],
    "a week is filed in the seven days after it": [_set(WeeklyClaim, S.CLOSED, filed_on=_later(8))],
    "only the first week is a waiting week": [_second_waiting_week],
    "the waiting week comes before any payment": [
        _set(WeeklyClaim, S.PAYING, WeeklyClaim.state == WeekState.WAITING, state=WeekState.PENDING)
    ],
    "weeks are denied by a determination": [
        _set(WeeklyClaim, S.ADJUDICATION, WeeklyClaim.state == WeekState.PENDING, state=WeekState.DENIED)
    ],
    "an issue is decided when it has a determination": [_without(Determination, S.DENIED)],
    "an issue opens after filing": [_set(Issue, S.ADJUDICATION, opened_on=date(2020, 1, 1))],
    "facts that are needed have a due date": [
        _set(Issue, S.ADJUDICATION, Issue.state == IssueState.FACTS_NEEDED, respond_by=None),
        _set(Issue, S.ADJUDICATION, Issue.state == IssueState.FACTS_NEEDED, respond_by=date(2020, 1, 1)),
    ],
    "who must act fits the state of the issue": [_set(Issue, S.ADJUDICATION, waiting_on=Party.PROVIDER)],
    "a determination answers its issue": [
        _set(Determination, S.DENIED, reason="not_covered"),
        _set(Determination, S.DENIED, issue_id=None),
    ],
    "the reason fits the decision": [_set(Determination, S.DENIED, decision=Decision.ALLOWED)],
    "a determination follows its issue": [_set(Determination, S.DENIED, mailed_on=_later(-90))],
    "an unemployment decision can be appealed for 30 days": [_set(Determination, S.DENIED, appeal_by=_later(1))],
    "an appeal is filed in time against a determination of the same claim": [
        _set(Appeal, S.APPEAL_FILED, filed_on=_later(-60)),
        _set(Appeal, S.HEARING_SET, filed_on=_later(31)),
        _set(Appeal, S.APPEAL_FILED, determination_id=1),
    ],
    "people appeal what went against them": [
        _set(Appeal, S.APPEAL_FILED, Appeal.filed_by == Party.CLAIMANT, filed_by=Party.EMPLOYER),
        _set(Appeal, S.APPEAL_FILED, filed_by=Party.AGENCY),
    ],
    "a hearing has a time once it is set": [_set(Appeal, S.HEARING_SET, hearing_at=None)],
    "the hearing follows the appeal": [_set(Appeal, S.HEARING_SET, hearing_at=_later(-120))],
    "a decided appeal has a decision, its day and the last day for review": [_set(Appeal, S.DECIDED, decision=None)],
    "the decision follows the hearing and can be reviewed for 30 days": [
        _set(Appeal, S.DECIDED, review_by=_later(1)),
        _set(Appeal, S.DECIDED, hearing_at=_later(40)),
    ],
    "an overpayment comes from a denial": [_set(Determination, S.OVERPAYMENT, decision=Decision.ALLOWED)],
    "an overpayment is what was paid for the denied weeks": [
        _set(Overpayment, S.OVERPAYMENT, amount_cents=lambda cents: cents + 100)
    ],
    "an overpayment follows its determination": [_set(Overpayment, S.OVERPAYMENT, opened_on=_later(-90))],
    "the rows fit the status received": [_set(Claim, S.PAYING, status=S.RECEIVED)],
    "the rows fit the status waiting_week": [_set(Claim, S.PAYING, status=S.WAITING_WEEK)],
    "the rows fit the status identity_check": [_set(Claim, S.PAYING, status=S.IDENTITY_CHECK)],
    "the rows fit the status adjudication": [_set(Claim, S.PAYING, status=S.ADJUDICATION)],
    "the rows fit the status paying": [_set(Claim, S.ADJUDICATION, status=S.PAYING)],
    "the rows fit the status stopped": [_set(Claim, S.PAYING, status=S.STOPPED)],
    "the rows fit the status denied": [_set(Claim, S.PAYING, status=S.DENIED)],
    "the rows fit the status appeal_filed": [_set(Claim, S.DENIED, status=S.APPEAL_FILED)],
    "the rows fit the status hearing_set": [_set(Claim, S.DENIED, status=S.HEARING_SET)],
    "the rows fit the status decided": [_set(Claim, S.HEARING_SET, status=S.DECIDED)],
    "the rows fit the status overpayment": [_set(Claim, S.PAYING, status=S.OVERPAYMENT)],
    "the rows fit the status exhausted": [_set(Claim, S.PAYING, status=S.EXHAUSTED)],
    "the rows fit the status closed": [_set(Claim, S.PAYING, status=S.CLOSED)],
    "only a closed claim outlives its benefit year": [_set(Claim, S.CLOSED, status=S.PAYING)],
    "an open issue holds the claim up": [_set(Claim, S.ADJUDICATION, status=S.RECEIVED)],
    "an appeal shows in the status": [_appeal_of_a_paying_claim],
    "an unemployment claim has nothing of an insurance claim": [
        _health_row_of_unemployment,
        _set(Claim, S.PAYING, status=S.HEALTH_DENIED),
    ],
    "an insurance claim has its own facts and none of unemployment": [
        _without(HealthClaim, S.HEALTH_RECEIVED),
        _set(Claim, S.HEALTH_RECEIVED, next_payment_on=AS_OF + timedelta(days=3)),
        _set(Claim, S.HEALTH_RECEIVED, status=S.RECEIVED),
    ],
    "care comes before its claim": [_set(HealthClaim, S.HEALTH_RECEIVED, service_on=_later(50))],
    "plan and member share what is allowed, and that is at most what was billed": [
        _set(HealthClaim, S.HEALTH_PROCESSED, plan_paid_cents=lambda cents: cents + 1),
        _set(HealthClaim, S.HEALTH_PROCESSED, member_owes_cents=None),
        _set(HealthClaim, S.HEALTH_ADJUSTED, billed_cents=1),
    ],
    "a share is known once the claim is processed": [_set(HealthClaim, S.HEALTH_RECEIVED, member_owes_cents=100)],
    "an adjusted claim has the day": [_set(HealthClaim, S.HEALTH_ADJUSTED, adjusted_on=None)],
    "what is needed and by when are known": [
        _set(HealthClaim, S.HEALTH_INFO_NEEDED, respond_by=None),
        _set(HealthClaim, S.HEALTH_INFO_NEEDED, info_needed="a_horoscope"),
    ],
    "someone is asked for what is needed": [_set(HealthClaim, S.HEALTH_INFO_NEEDED, waiting_on=Party.NOBODY)],
    "a denied insurance claim has its decision": [_without(Determination, S.HEALTH_DENIED)],
    "an insurance decision gives a reason and 180 days": [
        _set(Determination, S.HEALTH_DENIED, appeal_by=_later(1)),
        _set(Determination, S.HEALTH_DENIED, reason="misconduct"),
    ],
}
# The database itself refuses this one, so it can't be planted.
REFUSED_BY_THE_DATABASE = {"no more is owed than was overpaid"}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('faults')}/claims.db")
    Base.metadata.create_all(opened.engine)
    with opened.transaction() as session:
        demo_claims.seed_demo_claims(session, AS_OF, count=72)
    yield opened
    opened.close()


@pytest.mark.parametrize(("rule", "plant"), [(rule, plant) for rule, plants in FAULTS.items() for plant in plants])
def test_the_checker_finds_a_planted_fault(seeded: Database, rule: str, plant: Plant) -> None:
    with seeded.snapshot() as session:
        plant(session)
        session.flush()
        session.expire_all()
        assert rule in {found.rsplit(": ", 1)[0] for found in check_consistency(session, AS_OF)}


def test_every_rule_has_a_planted_fault() -> None:
    source = Path(__file__).read_text(encoding="utf-8").split("# ---", 2)[1]
    rules = {line.strip()[7:-1] for line in source.splitlines() if line.strip().startswith('yield "')}
    assert rules == {rule for rule in FAULTS if "fit the status" not in rule} | REFUSED_BY_THE_DATABASE
    assert {f"the rows fit the status {status}" for status in set(ClaimStatus) - INSURANCE} <= set(FAULTS)
