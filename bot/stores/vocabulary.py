"""The closed vocabularies of the stores: every status, reason and outcome a row may hold."""

from __future__ import annotations

from enum import Enum, IntEnum


class Word(str, Enum):
    """A member is its own string, so it is stored, compared and sent as JSON without conversion."""

    def __str__(self) -> str:
        return str(self.value)


class Program(Word):
    """The programs a claim, a card or a conversation can belong to."""

    WA_UI = "wa_ui"
    WA_PFML = "wa_pfml"
    WA_CARES = "wa_cares"
    OK_INSURANCE = "ok_insurance"


class Author(Word):
    """Who wrote a message."""

    VISITOR = "visitor"
    BOT = "bot"
    SPECIALIST = "specialist"


class EscalationState(Word):
    """Where an escalation stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    CALLBACK = "callback"
    RESOLVED = "resolved"


class EscalationReason(Word):
    """Why a person was brought in."""

    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    RIGHTS = "rights"
    CRISIS = "crisis"
    IDENTITY_LOCKED = "identity_locked"
    FAULT = "fault"


class Outcome(Word):
    """How a specialist, or the visitor, ended an escalation."""

    ANSWERED = "answered"
    REFERRED = "referred"
    FOLLOW_UP = "follow_up"
    NO_REPLY = "no_reply"
    LEFT = "left"
    GAVE_UP = "gave_up"


class Priority(IntEnum):
    """Who is helped first; a smaller number goes before a larger one."""

    CRISIS = 0
    RETURNED = 1
    DEADLINE = 2
    LOCKED = 3
    USUAL = 4

    def __str__(self) -> str:
        return self.name.lower()


class OfferOutcome(Word):
    """What became of an offer, or why a specialist no longer has an escalation."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    DROPPED = "dropped"


class Availability(Word):
    """Whether a signed-in specialist wants new conversations."""

    AVAILABLE = "available"
    AWAY = "away"


class FeedbackReason(Word):
    """Why an answer from a card did not help."""

    NOT_ASKED = "not_asked"
    HARD = "hard"
    MORE_DETAIL = "more_detail"
    WRONG = "wrong"
    OTHER = "other"


class Role(Word):
    """What a specialist's account may do."""

    SPECIALIST = "specialist"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class ClaimStatus(Word):
    """Every status a claim can have; the first group is unemployment, the second insurance."""

    RECEIVED = "received"
    WAITING_WEEK = "waiting_week"
    IDENTITY_CHECK = "identity_check"
    ADJUDICATION = "adjudication"
    PAYING = "paying"
    STOPPED = "stopped"
    DENIED = "denied"
    APPEAL_FILED = "appeal_filed"
    HEARING_SET = "hearing_set"
    DECIDED = "decided"
    OVERPAYMENT = "overpayment"
    EXHAUSTED = "exhausted"
    CLOSED = "closed"

    HEALTH_RECEIVED = "health_received"
    HEALTH_INFO_NEEDED = "health_info_needed"
    HEALTH_PROCESSED = "health_processed"
    HEALTH_DENIED = "health_denied"
    HEALTH_ADJUSTED = "health_adjusted"


class WeekState(Word):
    """What became of one claimed week."""

    WAITING = "waiting"
    PENDING = "pending"
    PAID = "paid"
    DENIED = "denied"
    MISSED = "missed"
    HELD = "held"


class IssueKind(Word):
    """The questions an unemployment claim can be held up by."""

    QUIT = "quit"
    FIRED = "fired"
    ABLE_AVAILABLE = "able_available"
    JOB_SEARCH = "job_search"
    REFUSED_WORK = "refused_work"
    IDENTITY = "identity"
    SCHOOL = "school"
    WAGES = "wages"
    SEVERANCE = "severance"


class IssueState(Word):
    """Whether an issue still waits for facts, for a decision, or is decided."""

    FACTS_NEEDED = "facts_needed"
    IN_REVIEW = "in_review"
    DECIDED = "decided"


class Party(Word):
    """Who can be the next to act on a claim."""

    CLAIMANT = "claimant"
    EMPLOYER = "employer"
    AGENCY = "agency"
    PROVIDER = "provider"
    NOBODY = "nobody"


class AppealState(Word):
    """How far an appeal has come."""

    FILED = "filed"
    HEARING_SET = "hearing_set"
    DECIDED = "decided"


class Decision(Word):
    """What a determination or an appeal decided for the claimant."""

    ALLOWED = "allowed"
    DENIED = "denied"


class ReaderKind(Word):
    """Who read a claim, in the audit table."""

    BOT = "bot"
    SPECIALIST = "specialist"
    OPERATOR = "operator"


class SignInOutcome(Word):
    """How a try to sign in to the console ended."""

    SUCCESS = "success"
    WRONG = "wrong"
    LOCKED = "locked"


class TranscriptLook(Word):
    """How a past transcript was looked at, in the audit table."""

    SEARCHED = "searched"
    OPENED = "opened"


class Miss(Word):
    """Why the bot had no answer to a message."""

    OUT_OF_SCOPE = "out_of_scope"
    NOT_UNDERSTOOD = "not_understood"
    NO_CARD = "no_card"


class DraftState(Word):
    """What a supervisor decided about an unanswered question as a training example."""

    APPROVED = "approved"
    DISMISSED = "dismissed"


class IntakeKind(Word):
    """What a claimant can put on record here; nothing of it changes a claim by itself."""

    STATEMENT = "statement"
    APPEAL = "appeal"
    WAIVER = "waiver"
    PAYMENT_PLAN = "payment_plan"
    CALLBACK = "callback"
    ADDRESS = "address"


class IntakeState(Word):
    """How far an intake has come."""

    DRAFT = "draft"
    FILED = "filed"
    WITHDRAWN = "withdrawn"


class IntakeProgress(Word):
    """How far the specialists are with an intake that was filed."""

    NEW = "new"
    IN_HAND = "in_hand"
    DONE = "done"


class IntakeOutcome(Word):
    """How a specialist ended the work on an intake."""

    ACTED = "acted"
    FORWARDED = "forwarded"
    NOT_REACHED = "not_reached"
    NOT_NEEDED = "not_needed"
    NOT_POSSIBLE = "not_possible"


# The reasons a determination on each kind of issue can give: when it allows benefits, when it denies them.
ISSUE_REASONS: dict[IssueKind, tuple[str, str]] = {
    IssueKind.QUIT: ("good_cause_to_quit", "no_good_cause_to_quit"),
    IssueKind.FIRED: ("no_misconduct", "misconduct"),
    IssueKind.ABLE_AVAILABLE: ("able_and_available", "not_able_or_available"),
    IssueKind.JOB_SEARCH: ("job_search_met", "job_search_not_met"),
    IssueKind.REFUSED_WORK: ("good_cause_to_refuse", "no_good_cause_to_refuse"),
    IssueKind.IDENTITY: ("identity_proven", "identity_not_proven"),
    IssueKind.SCHOOL: ("school_fits_work", "school_limits_work"),
    IssueKind.WAGES: ("enough_hours", "not_enough_hours"),
    IssueKind.SEVERANCE: ("pay_not_deducted", "pay_deducted"),
}
# The reasons a plan can give for denying an insurance claim, and what it can still need to decide one.
HEALTH_REASONS = (
    "not_covered",
    "not_medically_necessary",
    "no_prior_certification",
    "filed_late",
    "duplicate",
)
INFO_NEEDED = ("medical_records", "other_insurance", "accident_details", "itemized_bill", "corrected_claim")
