"""The tables of the product, in one place; a migration follows every change made here.

Moments are UTC and end in `_at`; days are dates and end in `_on` or `_by`; money is whole cents and
ends in `_cents`. Identifiers a visitor can see are random, so that none can be guessed from another.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import declarative_base
from sqlalchemy.types import TypeDecorator

from bot.stores.vocabulary import (
    AppealState,
    Author,
    Availability,
    ClaimStatus,
    Decision,
    DraftState,
    EscalationReason,
    EscalationState,
    FeedbackReason,
    IntakeKind,
    IntakeOutcome,
    IntakeState,
    IssueKind,
    IssueState,
    Miss,
    OfferOutcome,
    Outcome,
    Party,
    Priority,
    Program,
    ReaderKind,
    Role,
    SignInOutcome,
    TranscriptLook,
    WeekState,
    Word,
)


class Moment(TypeDecorator):
    """A UTC moment that comes back with its time zone from SQLite as well as from PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone; use datetime.now(timezone.utc)")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=timezone.utc)
        return value


class Vocabulary(TypeDecorator):
    """A column that holds one word of a closed vocabulary and gives back its member."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[Word]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: str | None, dialect: Any) -> Word | None:
        return None if value is None else self.words(value)


Base: Any = declarative_base()
_BY_A_SPECIALIST = text("specialist_id IS NOT NULL")


# ------------------------------------------------------------------ conversations


class Conversation(Base):
    """One visitor's talk with the bot and with specialists."""

    __tablename__ = "conversations"

    id = Column(String(32), primary_key=True)
    token_hash = Column(String(64), nullable=False)
    locale = Column(String(8), nullable=False)
    program = Column(Vocabulary(Program))
    next_seq = Column(Integer, nullable=False, default=1)
    created_at = Column(Moment, nullable=False)
    last_message_at = Column(Moment, nullable=False)
    ended_at = Column(Moment)
    # Set by the bot's read of a claim: what it says next holds claim data.
    claim_was_read = Column(Boolean, nullable=False, default=False, server_default=false())


class Message(Base):
    """One line of a transcript; `seq` counts from 1 inside its conversation without gaps."""

    __tablename__ = "messages"

    conversation_id = Column(ForeignKey("conversations.id"), primary_key=True)
    seq = Column(Integer, primary_key=True)
    author = Column(Vocabulary(Author), nullable=False)
    text = Column(Text, nullable=False)
    language = Column(String(8), nullable=False)
    buttons = Column(JSON(none_as_null=True))
    card = Column(JSON(none_as_null=True))
    source = Column(JSON(none_as_null=True))
    client_id = Column(String(64))
    specialist_id = Column(ForeignKey("specialists.id"))
    created_at = Column(Moment, nullable=False)
    # Holds claim data: shown again only while the conversation's proof of identity stands.
    private = Column(Boolean, nullable=False, default=False, server_default=false())

    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id", name="uq_messages_client_id"),
        Index("ix_messages_created", "created_at"),
        Index(
            "ix_messages_specialist",
            "specialist_id",
            sqlite_where=_BY_A_SPECIALIST,
            postgresql_where=_BY_A_SPECIALIST,
        ),
    )


class OwedAnswer(Base):
    """A visitor's message that was stored and not answered yet; the row goes in the transaction that answers it.

    What is left here was lost with the gateway that was to answer, and any gateway may pick it up. `payload` is that
    of a pressed button. With `check_only` a person reads the message, and only a cry for help is answered.
    """

    __tablename__ = "owed_answers"

    conversation_id = Column(String(32), primary_key=True)
    seq = Column(Integer, primary_key=True)
    payload = Column(Text)
    check_only = Column(Boolean, nullable=False, default=False)
    # When the answer was last begun.
    begun_at = Column(Moment, nullable=False)

    __table_args__ = (ForeignKeyConstraint(["conversation_id", "seq"], ["messages.conversation_id", "messages.seq"]),)


class OfferedPayload(Base):
    """A button the bot showed in a conversation: only these payloads are accepted back."""

    __tablename__ = "offered_payloads"

    conversation_id = Column(ForeignKey("conversations.id"), primary_key=True)
    payload_hash = Column(String(64), primary_key=True)
    title = Column(Text, nullable=False)


class CardFeedback(Base):
    """Whether one answer from a card helped; saying it again changes the row."""

    __tablename__ = "card_feedback"

    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False)
    seq = Column(Integer, nullable=False)
    card_id = Column(String(64), nullable=False, index=True)
    helpful = Column(Boolean, nullable=False)
    reason = Column(Vocabulary(FeedbackReason))
    language = Column(String(8), nullable=False)
    created_at = Column(Moment, nullable=False)

    __table_args__ = (UniqueConstraint("conversation_id", "seq", name="uq_card_feedback_message"),)


class Tracker(Base):
    """Rasa's memory of a conversation: its slots, its form and the tail of its events."""

    __tablename__ = "trackers"

    conversation_id = Column(String(64), primary_key=True)
    state = Column(Text, nullable=False)
    saved_at = Column(Moment, nullable=False)


# ------------------------------------------------------------------ escalations and specialists


class Escalation(Base):
    """A conversation that a specialist is asked to take, has taken, or has given back."""

    __tablename__ = "escalations"

    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False)
    state = Column(Vocabulary(EscalationState), nullable=False)
    reason = Column(Vocabulary(EscalationReason), nullable=False)
    topic = Column(String(64))
    program = Column(Vocabulary(Program))
    language = Column(String(8), nullable=False)
    summary = Column(JSON(none_as_null=True))
    specialist_id = Column(ForeignKey("specialists.id"))
    outcome = Column(Vocabulary(Outcome))
    opened_at = Column(Moment, nullable=False)
    taken_at = Column(Moment)
    resolved_at = Column(Moment)
    priority = Column(Integer, nullable=False, default=int(Priority.USUAL), server_default="4")
    offered_to_id = Column(ForeignKey("specialists.id"))
    offer_ends_at = Column(Moment)
    waited_seconds = Column(Integer)
    told_closed_at = Column(Moment)
    reference = Column(String(12))
    transfer_note = Column(Text)
    transferred_by_id = Column(ForeignKey("specialists.id"))

    __table_args__ = (
        Index(
            "uq_escalations_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("state != 'resolved'"),
            postgresql_where=text("state != 'resolved'"),
        ),
        Index("ix_escalations_state", "state", "opened_at"),
        Index("ix_escalations_specialist", "specialist_id", "state"),
        Index("ix_escalations_queue", "state", "priority", "opened_at"),
        Index("ix_escalations_waits", "priority", "language", "opened_at"),
        Index("uq_escalations_reference", "reference", unique=True),
    )


class EscalationOffer(Base):
    """One offer of an escalation to a specialist and what came of it; also how a specialist lost one again."""

    __tablename__ = "escalation_offers"

    id = Column(Integer, primary_key=True)
    escalation_id = Column(ForeignKey("escalations.id"), nullable=False, index=True)
    specialist_id = Column(ForeignKey("specialists.id"), nullable=False)
    outcome = Column(Vocabulary(OfferOutcome))
    offered_at = Column(Moment, nullable=False)
    ended_at = Column(Moment)

    __table_args__ = (Index("ix_escalation_offers_specialist", "specialist_id", "offered_at"),)


class Specialist(Base):
    """A person who takes escalations; visitors see only the alias.

    `programs` and `languages` are what they can help with (lists, or null for all), `capacity` how many
    conversations are offered to them at once, `seen_at` the last sign of life of their console.
    """

    __tablename__ = "specialists"

    id = Column(Integer, primary_key=True)
    login = Column(String(120), nullable=False, unique=True)
    alias = Column(String(60), nullable=False)
    role = Column(Vocabulary(Role), nullable=False)
    password_hash = Column(String(200), nullable=False)
    failed_tries = Column(Integer, nullable=False, default=0)
    locked_until_at = Column(Moment)
    created_at = Column(Moment, nullable=False)
    disabled_at = Column(Moment)
    programs = Column(JSON(none_as_null=True))
    languages = Column(JSON(none_as_null=True))
    capacity = Column(Integer, nullable=False, default=3, server_default="3")
    availability = Column(
        Vocabulary(Availability), nullable=False, default=Availability.AVAILABLE, server_default="available"
    )
    seen_at = Column(Moment)


class SpecialistSession(Base):
    """A signed-in browser of a specialist; the cookie's value is kept only as a hash."""

    __tablename__ = "specialist_sessions"

    token_hash = Column(String(64), primary_key=True)
    specialist_id = Column(ForeignKey("specialists.id"), nullable=False, index=True)
    csrf_token = Column(String(64), nullable=False)
    browser = Column(String(160))
    created_at = Column(Moment, nullable=False)
    last_seen_at = Column(Moment, nullable=False)


class SignIn(Base):
    """A try to sign in; an unknown login has no specialist, and is not kept because people type passwords there."""

    __tablename__ = "sign_ins"

    id = Column(Integer, primary_key=True)
    specialist_id = Column(ForeignKey("specialists.id"))
    outcome = Column(Vocabulary(SignInOutcome), nullable=False)
    address_hash = Column(String(16), nullable=False)
    tried_at = Column(Moment, nullable=False, index=True)


class Note(Base):
    """What specialists write to each other about a conversation; no visitor ever gets it."""

    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    specialist_id = Column(ForeignKey("specialists.id"), nullable=False)
    text = Column(Text, nullable=False)
    created_at = Column(Moment, nullable=False)


class Rating(Base):
    """How a visitor found the help of a specialist, from 1 (bad) to 5 (very good)."""

    __tablename__ = "ratings"

    escalation_id = Column(ForeignKey("escalations.id"), primary_key=True)
    stars = Column(Integer, nullable=False)
    words = Column(Text)
    rated_at = Column(Moment, nullable=False)

    __table_args__ = (CheckConstraint("stars BETWEEN 1 AND 5", name="ck_ratings_stars"),)


class TranscriptRead(Base):
    """One search through past transcripts, or one opened; rows are only ever added."""

    __tablename__ = "transcript_reads"

    id = Column(Integer, primary_key=True)
    specialist_id = Column(ForeignKey("specialists.id"), nullable=False)
    look = Column(Vocabulary(TranscriptLook), nullable=False)
    conversation_id = Column(String(32))
    words = Column(Text)
    found = Column(Integer)
    read_at = Column(Moment, nullable=False, index=True)


class SkillChange(Base):
    """One change of what a specialist is offered; rows are only ever added.

    `before` and `after` are `{programs, languages, capacity}`; `changed_by_id` is null for the command line.
    """

    __tablename__ = "skill_changes"

    id = Column(Integer, primary_key=True)
    specialist_id = Column(ForeignKey("specialists.id"), nullable=False)
    changed_by_id = Column(ForeignKey("specialists.id"))
    before = Column(JSON, nullable=False)
    after = Column(JSON, nullable=False)
    changed_at = Column(Moment, nullable=False)


# ------------------------------------------------------------------ what the bot could not answer


class UnansweredQuestion(Base):
    """A visitor's message that the bot had no answer to; its text is the message's own."""

    __tablename__ = "unanswered_questions"

    conversation_id = Column(String(32), primary_key=True)
    seq = Column(Integer, primary_key=True)
    miss = Column(Vocabulary(Miss), nullable=False)
    language = Column(String(8), nullable=False)
    program = Column(Vocabulary(Program))
    asked_at = Column(Moment, nullable=False, index=True)

    __table_args__ = (ForeignKeyConstraint(["conversation_id", "seq"], ["messages.conversation_id", "messages.seq"]),)


class DraftExample(Base):
    """A supervisor's decision about one unanswered question: a training example of an intent, or not one."""

    __tablename__ = "draft_examples"

    conversation_id = Column(String(32), primary_key=True)
    seq = Column(Integer, primary_key=True)
    state = Column(Vocabulary(DraftState), nullable=False)
    intent = Column(String(64))
    text = Column(Text)
    language = Column(String(8), nullable=False)
    decided_by = Column(ForeignKey("specialists.id"), nullable=False)
    decided_at = Column(Moment, nullable=False)

    __table_args__ = (
        ForeignKeyConstraint(
            ["conversation_id", "seq"], ["unanswered_questions.conversation_id", "unanswered_questions.seq"]
        ),
    )


# ------------------------------------------------------------------ job classes


class JobFamily(Base):
    """What all levels of one published specification share."""

    __tablename__ = "job_families"

    id = Column(String(64), primary_key=True)
    title = Column(String(120), nullable=False)
    state = Column(String(40), nullable=False)
    employer = Column(Text, nullable=False)
    document_type = Column(String(40), nullable=False)
    details = Column(JSON, nullable=False)


class JobClass(Base):
    """One class: a code (when the specification prints one), a title, a level, its pay and its words."""

    __tablename__ = "job_classes"

    id = Column(String(64), primary_key=True)
    family_id = Column(ForeignKey("job_families.id"), nullable=False, index=True)
    code = Column(String(16), unique=True)
    title = Column(String(120), nullable=False, index=True)
    level = Column(String(8))
    rank = Column(Integer, nullable=False)
    hourly_min_cents = Column(Integer)
    hourly_max_cents = Column(Integer)
    monthly_min_cents = Column(Integer)
    monthly_max_cents = Column(Integer)
    annual_min_cents = Column(Integer)
    annual_max_cents = Column(Integer)
    established_on = Column(Date)
    revised_on = Column(Date)
    effective_on = Column(Date)
    details = Column(JSON, nullable=False)


# ------------------------------------------------------------------ claims


class Claimant(Base):
    """The person a claim belongs to."""

    __tablename__ = "claimants"

    id = Column(Integer, primary_key=True)
    name = Column(String(120), nullable=False)
    born_on = Column(Date, nullable=False)
    language = Column(String(8), nullable=False)


class Claim(Base):
    """One claim for benefits; `status` says which of its facts matter now."""

    __tablename__ = "claims"

    id = Column(Integer, primary_key=True)
    claim_number = Column(String(16), nullable=False, unique=True)
    claimant_id = Column(ForeignKey("claimants.id"), nullable=False, index=True)
    program = Column(Vocabulary(Program), nullable=False)
    status = Column(Vocabulary(ClaimStatus), nullable=False)
    filed_on = Column(Date, nullable=False)
    effective_on = Column(Date)
    benefit_year_ends_on = Column(Date)
    weekly_benefit_cents = Column(Integer)
    maximum_benefit_cents = Column(Integer)
    paid_to_date_cents = Column(Integer, nullable=False, default=0)
    next_payment_on = Column(Date)
    status_since_on = Column(Date, nullable=False)
    updated_at = Column(Moment, nullable=False)
    # Argon2id; a claim without one can't be proven online where a PIN is asked for.
    pin_hash = Column(String(200))

    __table_args__ = (CheckConstraint("paid_to_date_cents >= 0", name="ck_claims_paid_to_date"),)


class WeeklyClaim(Base):
    """One week (Sunday to Saturday) of an unemployment claim; a missed week has no filing day."""

    __tablename__ = "weekly_claims"

    claim_id = Column(ForeignKey("claims.id"), primary_key=True)
    week_ends_on = Column(Date, primary_key=True)
    state = Column(Vocabulary(WeekState), nullable=False)
    filed_on = Column(Date)
    earnings_cents = Column(Integer, nullable=False, default=0)


class Payment(Base):
    """Money sent for one claimed week."""

    __tablename__ = "payments"

    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False)
    week_ends_on = Column(Date, nullable=False)
    amount_cents = Column(Integer, nullable=False)
    paid_on = Column(Date, nullable=False)
    method = Column(String(20), nullable=False)

    __table_args__ = (
        Index("ix_payments_claim", "claim_id", "paid_on"),
        UniqueConstraint("claim_id", "week_ends_on", name="uq_payments_week"),
        CheckConstraint("amount_cents > 0", name="ck_payments_amount"),
    )


class Issue(Base):
    """A question that must be decided before weeks can be paid."""

    __tablename__ = "issues"

    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    kind = Column(Vocabulary(IssueKind), nullable=False)
    state = Column(Vocabulary(IssueState), nullable=False)
    waiting_on = Column(Vocabulary(Party), nullable=False)
    opened_on = Column(Date, nullable=False)
    respond_by = Column(Date)
    first_week_ends_on = Column(Date)


class Determination(Base):
    """A written decision on an issue, or on an insurance claim, with the last day to appeal it."""

    __tablename__ = "determinations"

    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    issue_id = Column(ForeignKey("issues.id"))
    decision = Column(Vocabulary(Decision), nullable=False)
    reason = Column(String(64), nullable=False)
    mailed_on = Column(Date, nullable=False)
    appeal_by = Column(Date)


class Appeal(Base):
    """A claimant's or an employer's appeal of one determination."""

    __tablename__ = "appeals"

    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    determination_id = Column(ForeignKey("determinations.id"), nullable=False)
    filed_by = Column(Vocabulary(Party), nullable=False)
    state = Column(Vocabulary(AppealState), nullable=False)
    filed_on = Column(Date, nullable=False)
    hearing_at = Column(Moment)
    decision = Column(Vocabulary(Decision))
    decided_on = Column(Date)
    review_by = Column(Date)


class Overpayment(Base):
    """Money a claimant was paid and is asked to pay back."""

    __tablename__ = "overpayments"

    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    determination_id = Column(ForeignKey("determinations.id"), nullable=False)
    amount_cents = Column(Integer, nullable=False)
    balance_cents = Column(Integer, nullable=False)
    at_fault = Column(Boolean, nullable=False)
    opened_on = Column(Date, nullable=False)

    __table_args__ = (
        CheckConstraint("balance_cents >= 0 AND balance_cents <= amount_cents", name="ck_overpayments_balance"),
    )


class HealthClaim(Base):
    """What an insurance claim holds besides its status: one row for a claim of ok_insurance."""

    __tablename__ = "health_claims"

    claim_id = Column(ForeignKey("claims.id"), primary_key=True)
    plan = Column(String(20), nullable=False)
    provider = Column(String(120), nullable=False)
    service_on = Column(Date, nullable=False)
    billed_cents = Column(Integer, nullable=False)
    allowed_cents = Column(Integer)
    plan_paid_cents = Column(Integer)
    member_owes_cents = Column(Integer)
    waiting_on = Column(Vocabulary(Party), nullable=False)
    info_needed = Column(String(64))
    respond_by = Column(Date)
    adjusted_on = Column(Date)


# ------------------------------------------------------------------ identity and audit


class IdentityProof(Base):
    """That one conversation has proven one claim to be its claimant's; it dies after idle minutes."""

    __tablename__ = "identity_proofs"

    conversation_id = Column(ForeignKey("conversations.id"), primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False)
    proven_at = Column(Moment, nullable=False)
    last_used_at = Column(Moment, nullable=False)


class IdentityTry(Base):
    """A wrong try at proving identity; the claim number is kept only as a keyed hash."""

    __tablename__ = "identity_tries"

    id = Column(Integer, primary_key=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False)
    claim_number_hash = Column(String(64), nullable=False)
    tried_at = Column(Moment, nullable=False)

    __table_args__ = (
        Index("ix_identity_tries_conversation", "conversation_id"),
        Index("ix_identity_tries_claim", "claim_number_hash", "tried_at"),
    )


class ClaimRead(Base):
    """One read of a claim by the bot or a specialist; triggers refuse to change or delete a row (migration 0007)."""

    __tablename__ = "claim_reads"

    id = Column(Integer, primary_key=True)
    claim_id = Column(ForeignKey("claims.id"), nullable=False, index=True)
    reader = Column(Vocabulary(ReaderKind), nullable=False)
    conversation_id = Column(String(32))
    specialist_id = Column(Integer)
    purpose = Column(String(64), nullable=False)
    read_at = Column(Moment, nullable=False)


# ------------------------------------------------------------------ intakes


class Intake(Base):
    """What someone puts on record in a conversation: answers to a few questions, filed with a receipt.

    `topic` is the kind of the issue or the reason of the decision it is about, `since_on` the day that was
    opened or mailed, and `due_on` the last day for it. They name the matter instead of a row's id, because
    an import of claims replaces those rows. `answers` maps the key of a question to `{"text", "value"?}`.
    `asking` is the question (or the step after the last one) whose answer is waited for; without `asked_at`
    nothing said is taken as its answer. Once filed, `specialist_id` is who has taken it, and `outcome` how they
    finished with it; `note` is for colleagues only.
    """

    __tablename__ = "intakes"

    id = Column(Integer, primary_key=True)
    kind = Column(Vocabulary(IntakeKind), nullable=False)
    state = Column(Vocabulary(IntakeState), nullable=False)
    receipt = Column(String(16), unique=True)
    conversation_id = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    claim_id = Column(ForeignKey("claims.id"), index=True)
    topic = Column(String(64))
    since_on = Column(Date)
    due_on = Column(Date)
    language = Column(String(8), nullable=False)
    answers = Column(JSON, nullable=False)
    asking = Column(String(40))
    asked_at = Column(Moment)
    is_late = Column(Boolean, nullable=False, default=False)
    opened_at = Column(Moment, nullable=False)
    changed_at = Column(Moment, nullable=False)
    filed_at = Column(Moment)
    program = Column(Vocabulary(Program))
    specialist_id = Column(ForeignKey("specialists.id"))
    taken_at = Column(Moment)
    outcome = Column(Vocabulary(IntakeOutcome))
    note = Column(Text)
    finished_at = Column(Moment)

    __table_args__ = (Index("ix_intakes_work", "state", "finished_at", "filed_at"),)


# ------------------------------------------------------------------ operations


class Switch(Base):
    """Something an operator turned on while the product runs: the bot switched off, a notice put up."""

    __tablename__ = "switches"

    name = Column(String(32), primary_key=True)
    value = Column(JSON, nullable=False)
    changed_at = Column(Moment, nullable=False)
