"""The claim store: the only door to a claim's facts, and every read through it leaves an audit row."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from bot.stores.tables import (
    Appeal,
    Claim,
    Claimant,
    ClaimRead,
    Conversation,
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
    ReaderKind,
    WeekState,
)


class ClaimNotFound(LookupError):
    """There is no claim with that id."""


@dataclass(frozen=True)
class WeekFacts:
    """One week (Sunday to Saturday) that was claimed or missed."""

    week_ends_on: date
    state: WeekState
    filed_on: date | None
    earnings_cents: int


@dataclass(frozen=True)
class PaymentFacts:
    """Money sent for one week."""

    week_ends_on: date
    amount_cents: int
    paid_on: date
    method: str


@dataclass(frozen=True)
class IssueFacts:
    """A question that holds weeks up, or held them up."""

    id: int
    kind: IssueKind
    state: IssueState
    waiting_on: Party
    opened_on: date
    respond_by: date | None
    first_week_ends_on: date | None


@dataclass(frozen=True)
class DeterminationFacts:
    """A written decision; `issue_id` is None for an insurance claim."""

    id: int
    issue_id: int | None
    decision: Decision
    reason: str
    mailed_on: date
    appeal_by: date | None


@dataclass(frozen=True)
class AppealFacts:
    """An appeal of one determination."""

    id: int
    determination_id: int
    filed_by: Party
    state: AppealState
    filed_on: date
    hearing_at: datetime | None
    decision: Decision | None
    decided_on: date | None
    review_by: date | None


@dataclass(frozen=True)
class OverpaymentFacts:
    """Money that was paid and is asked back."""

    id: int
    determination_id: int
    amount_cents: int
    balance_cents: int
    at_fault: bool
    opened_on: date


@dataclass(frozen=True)
class HealthFacts:
    """What an insurance claim holds besides its status; sums are None until the plan has decided them."""

    plan: str
    provider: str
    service_on: date
    billed_cents: int
    allowed_cents: int | None
    plan_paid_cents: int | None
    member_owes_cents: int | None
    waiting_on: Party
    info_needed: str | None
    respond_by: date | None
    adjusted_on: date | None


@dataclass(frozen=True)
class ClaimLine:
    """A claim as it stands in a list to pick from."""

    id: int
    claim_number: str
    program: Program
    status: ClaimStatus
    filed_on: date


@dataclass(frozen=True)
class ClaimFacts:
    """All that is known of one claim; lists run from the oldest to the newest."""

    id: int
    claim_number: str
    claimant_id: int
    claimant_language: str
    program: Program
    status: ClaimStatus
    status_since_on: date
    filed_on: date
    effective_on: date | None
    benefit_year_ends_on: date | None
    weekly_benefit_cents: int | None
    maximum_benefit_cents: int | None
    paid_to_date_cents: int
    next_payment_on: date | None
    updated_at: datetime
    weeks: tuple[WeekFacts, ...] = ()
    payments: tuple[PaymentFacts, ...] = ()
    issues: tuple[IssueFacts, ...] = ()
    determinations: tuple[DeterminationFacts, ...] = ()
    appeals: tuple[AppealFacts, ...] = ()
    overpayments: tuple[OverpaymentFacts, ...] = ()
    health: HealthFacts | None = None

    @property
    def open_issues(self) -> tuple[IssueFacts, ...]:
        """The issues that are not decided yet."""
        return tuple(issue for issue in self.issues if issue.state is not IssueState.DECIDED)


def read_claim(
    session: Session,
    claim_id: int,
    *,
    reader: ReaderKind,
    purpose: str,
    now: datetime,
    conversation_id: str | None = None,
    specialist_id: int | None = None,
) -> ClaimFacts:
    """Everything about one claim; the read is written to the audit table in the same transaction.

    `purpose` is the topic or task the read is for; `conversation_id` is None only for an operator's
    command. Raises ClaimNotFound for an unknown id, and RuntimeError in a session that only reads,
    because the audit row would be lost there.
    """
    facts = _facts(session, claim_id)
    _audit(
        session,
        (claim_id,),
        reader=reader,
        purpose=purpose,
        now=now,
        conversation_id=conversation_id,
        specialist_id=specialist_id,
    )
    return facts


def claims_of_claimant(
    session: Session,
    claimant_id: int,
    *,
    reader: ReaderKind,
    purpose: str,
    now: datetime,
    conversation_id: str | None = None,
    specialist_id: int | None = None,
) -> tuple[ClaimLine, ...]:
    """The claims of one claimant, the newest first; the list counts as a read of each of them."""
    rows = session.execute(
        select(Claim.id, Claim.claim_number, Claim.program, Claim.status, Claim.filed_on)
        .where(Claim.claimant_id == claimant_id)
        .order_by(Claim.filed_on.desc(), Claim.id.desc())
    )
    lines = tuple(ClaimLine(**row._mapping) for row in rows)
    _audit(
        session,
        tuple(line.id for line in lines),
        reader=reader,
        purpose=purpose,
        now=now,
        conversation_id=conversation_id,
        specialist_id=specialist_id,
    )
    return lines


def record_read(
    session: Session,
    claim_id: int,
    *,
    specialist_id: int,
    conversation_id: str,
    purpose: str,
    now: datetime,
) -> None:
    """Put in the audit table that a specialist was shown what was said about a claim before."""
    _audit(
        session,
        (claim_id,),
        reader=ReaderKind.SPECIALIST,
        purpose=purpose,
        now=now,
        conversation_id=conversation_id,
        specialist_id=specialist_id,
    )


def _audit(
    session: Session,
    claim_ids: tuple[int, ...],
    *,
    reader: ReaderKind,
    purpose: str,
    now: datetime,
    conversation_id: str | None,
    specialist_id: int | None,
) -> None:
    if session.connection().get_execution_options().get("read_only"):
        raise RuntimeError("reading a claim writes an audit row: use transaction(), not snapshot()")
    if reader is ReaderKind.SPECIALIST and specialist_id is None:
        raise ValueError("a read by a specialist names the specialist")
    if not claim_ids:
        return
    read = {
        "reader": reader,
        "conversation_id": conversation_id,
        "specialist_id": specialist_id,
        "purpose": purpose[:64],
        "read_at": now,
    }
    session.execute(_READ, [{"claim_id": claim_id, **read} for claim_id in claim_ids])
    if reader is ReaderKind.BOT and conversation_id is not None:
        session.execute(_CLAIM_WAS_READ, {"conversation": conversation_id})


def _facts(session: Session, claim_id: int) -> ClaimFacts:
    row = session.execute(_CLAIM, {"claim_id": claim_id}).one_or_none()
    if row is None:
        raise ClaimNotFound(f"no claim with id {claim_id}")
    statements = _OF_INSURANCE if row.program is Program.OK_INSURANCE else _OF_UNEMPLOYMENT
    lists: dict[str, Any] = {}
    for name, (facts, statement) in statements.items():
        if name in _OF_A_DETERMINATION and not lists["determinations"]:
            continue
        lists[name] = tuple(facts(*found) for found in session.execute(statement, {"claim_id": claim_id}))
    health = lists.pop("health", ())
    return ClaimFacts(**row._mapping, **lists, health=health[0] if health else None)


# The statements are built once: building them costs more than running them. Columns of tables and not mapped
# objects are read, so that nothing can be changed by accident and the mapper has no work.
_CLAIMS, _CLAIMANTS, _CONVERSATIONS = Claim.__table__, Claimant.__table__, Conversation.__table__
_CLAIM = (
    select(
        *(_CLAIMS.c[spec.name] for spec in fields(ClaimFacts) if spec.name in _CLAIMS.c),
        _CLAIMANTS.c.language.label("claimant_language"),
    )
    .join(_CLAIMANTS, _CLAIMANTS.c.id == _CLAIMS.c.claimant_id)
    .where(_CLAIMS.c.id == bindparam("claim_id"))
)
# The number of the new row is of no use, and asking for it costs PostgreSQL a second answer.
_READ = insert(ClaimRead.__table__).inline()
_CLAIM_WAS_READ = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id == bindparam("conversation"), ~_CONVERSATIONS.c.claim_was_read)
    .values(claim_was_read=True)
)


def _of_claim(facts: Any, entity: Any, *order: str) -> tuple[Any, Any]:
    """A dataclass, and the statement for a claim's rows of `entity` with the columns its fields name."""
    columns = entity.__table__.c
    wanted = select(*(columns[spec.name] for spec in fields(facts)))
    return facts, wanted.where(columns.claim_id == bindparam("claim_id")).order_by(*(columns[name] for name in order))


_OF_BOTH = {
    "determinations": _of_claim(DeterminationFacts, Determination, "mailed_on", "id"),
    "appeals": _of_claim(AppealFacts, Appeal, "filed_on", "id"),
}
_OF_INSURANCE = {**_OF_BOTH, "health": _of_claim(HealthFacts, HealthClaim)}
_OF_UNEMPLOYMENT = {
    **_OF_BOTH,
    "weeks": _of_claim(WeekFacts, WeeklyClaim, "week_ends_on"),
    "payments": _of_claim(PaymentFacts, Payment, "paid_on", "week_ends_on"),
    "issues": _of_claim(IssueFacts, Issue, "opened_on", "id"),
    "overpayments": _of_claim(OverpaymentFacts, Overpayment, "opened_on", "id"),
}
# Their rows name a determination, so a claim without one has none of them.
_OF_A_DETERMINATION = ("appeals", "overpayments")
