"""What people put on record in a conversation: drafts that grow answer by answer, then filed with a receipt."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.orm import Session

from bot.stores.tables import Escalation, Intake
from bot.stores.vocabulary import IntakeKind, IntakeState, Program

# Read aloud and written by hand: no letter or digit here can be taken for another one.
RECEIPT_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


# Built once: every reply of the bot runs it.
_RECEIPTS = (
    select(Intake.receipt)
    .where(
        Intake.conversation_id == bindparam("conversation"),
        Intake.state == IntakeState.FILED,
        Intake.filed_at >= bindparam("since"),
    )
    .order_by(Intake.filed_at, Intake.id)
)


@dataclass(frozen=True)
class About:
    """What an intake is about, the last day for it, and whether that has passed; nothing for a callback.

    `topic` and `since_on` name an issue or a decision of the claim and outlive an import of claims.
    """

    claim_id: int | None = None
    topic: str | None = None
    since_on: date | None = None
    due_on: date | None = None
    is_late: bool = False

    @property
    def key(self) -> str | None:
        """The matter inside its claim, as a button can carry it; None where there is only one."""
        return None if self.topic is None else f"{self.topic}@{self.since_on}"


def about(intake: Intake) -> About:
    """What an intake is about."""
    return About(intake.claim_id, intake.topic, intake.since_on, intake.due_on, intake.is_late)


def begin(
    session: Session, conversation_id: str, kind: IntakeKind, matter: About, *, language: str, now: datetime
) -> tuple[Intake, bool]:
    """The draft of this kind about this matter, and whether it is new; an unfinished one is gone on with."""
    draft = session.execute(
        select(Intake).where(
            Intake.conversation_id == conversation_id,
            Intake.state == IntakeState.DRAFT,
            Intake.kind == kind,
            # `== None` is written IS NULL.
            Intake.claim_id == matter.claim_id,
            Intake.topic == matter.topic,
            Intake.since_on == matter.since_on,
        )
    ).scalar_one_or_none()
    is_new = draft is None
    if draft is None:
        draft = Intake(
            kind=kind,
            state=IntakeState.DRAFT,
            conversation_id=conversation_id,
            claim_id=matter.claim_id,
            topic=matter.topic,
            since_on=matter.since_on,
            answers={},
            opened_at=now,
        )
        session.add(draft)
    draft.due_on, draft.is_late = matter.due_on, matter.is_late
    draft.language = language
    draft.changed_at = now
    session.flush()
    return draft, is_new


def current_draft(session: Session, conversation_id: str) -> Intake | None:
    """The draft of the conversation that was worked on last, or None."""
    return next(iter(drafts(session, conversation_id)), None)


def drafts(session: Session, conversation_id: str) -> list[Intake]:
    """The unfinished intakes of a conversation, the one worked on last first."""
    return list(
        session.execute(
            select(Intake)
            .where(Intake.conversation_id == conversation_id, Intake.state == IntakeState.DRAFT)
            .order_by(Intake.changed_at.desc(), Intake.id.desc())
        ).scalars()
    )


def turn_to(session: Session, draft: Intake, step: str | None) -> None:
    """Choose the question (or step) to put next; None for the first one without an answer."""
    draft.asking = step
    session.flush()


def ask(session: Session, draft: Intake, step: str, now: datetime) -> None:
    """Note that the question (or step) was put, so that what is said next may be its answer."""
    draft.asking = step
    draft.asked_at = now
    draft.changed_at = now
    session.flush()


def pause(session: Session, draft: Intake) -> None:
    """Take nothing that is said as an answer until the question has been put again."""
    draft.asked_at = None
    session.flush()


def is_waiting_for_an_answer(session: Session, draft: Intake) -> bool:
    """Whether the question was put and no person has been brought in since."""
    if draft.asked_at is None:
        return False
    since = session.execute(
        select(Escalation.id).where(
            Escalation.conversation_id == draft.conversation_id,
            or_(Escalation.opened_at >= draft.asked_at, Escalation.resolved_at >= draft.asked_at),
        )
    ).first()
    return since is None


def answer(session: Session, draft: Intake, key: str, text: str, value: str | None, now: datetime) -> None:
    """Keep one answer, in place of an earlier one to the same question."""
    kept: dict[str, str] = {"text": text}
    if value is not None:
        kept["value"] = value
    # A new dict and not a changed one: a column of JSON notices only that.
    draft.answers = {**draft.answers, key: kept}
    draft.asking = None
    draft.changed_at = now
    session.flush()


def clear(session: Session, draft: Intake, now: datetime) -> None:
    """Forget the answers of a draft and begin it again."""
    draft.answers = {}
    draft.asking = None
    draft.changed_at = now
    session.flush()


def withdraw(session: Session, draft: Intake, now: datetime) -> None:
    """Give a draft up; what was answered is not kept."""
    draft.state = IntakeState.WITHDRAWN
    draft.answers = {}
    draft.asking = None
    draft.asked_at = None
    draft.changed_at = now
    session.flush()


def file(
    session: Session, draft: Intake, prefix: str, *, language: str, now: datetime, program: Program | None = None
) -> str:
    """File a draft for good and return its receipt, `PREFIX-XXXX-XXXX`.

    `program` says whose work it is; without one it is every specialist's.
    """
    if draft.state is not IntakeState.DRAFT:
        raise ValueError("only a draft can be filed")
    draft.receipt = _new_receipt(session, prefix)
    draft.state = IntakeState.FILED
    draft.language = language
    draft.program = program
    draft.asking = None
    draft.asked_at = None
    draft.filed_at = now
    draft.changed_at = now
    session.flush()
    return str(draft.receipt)


def filed_in(session: Session, conversation_id: str) -> list[Intake]:
    """What was filed in a conversation, the oldest first."""
    return _filed(session, Intake.conversation_id == conversation_id)


def receipts_since(session: Session, conversation_id: str, since: datetime) -> list[str]:
    """The receipts of what was filed in a conversation at `since` or later, the oldest first."""
    return list(session.execute(_RECEIPTS, {"conversation": conversation_id, "since": since}).scalars())


def filed_about(session: Session, claim_id: int) -> list[Intake]:
    """What was filed about a claim in any conversation, the oldest first; read the claim itself before this."""
    return _filed(session, Intake.claim_id == claim_id)


def forget_drafts(session: Session, conversation_id: str) -> None:
    """Delete the unfinished intakes of a conversation; what was filed stays on record."""
    session.execute(
        delete(Intake)
        .where(Intake.conversation_id == conversation_id, Intake.state != IntakeState.FILED)
        .execution_options(synchronize_session=False)
    )


def _filed(session: Session, condition: Any) -> list[Intake]:
    return list(
        session.execute(
            select(Intake).where(condition, Intake.state == IntakeState.FILED).order_by(Intake.filed_at, Intake.id)
        ).scalars()
    )


def _new_receipt(session: Session, prefix: str) -> str:
    while True:
        drawn = "".join(secrets.choice(RECEIPT_CHARACTERS) for _ in range(8))
        receipt = f"{prefix}-{drawn[:4]}-{drawn[4:]}"
        if session.execute(select(Intake.id).where(Intake.receipt == receipt)).first() is None:
            return receipt
