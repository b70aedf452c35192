"""Proof of identity: one conversation proves one claim, with few tries and a short life.

A claim number nobody has and details that do not fit it are refused with the same result after the
same work, so that nobody can learn here which claim numbers exist.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from bot.stores.tables import Claim, Claimant, IdentityProof, IdentityTry
from bot.stores.vocabulary import Word

_CLAIM_NUMBER = re.compile(r"(UI|HC)([0-9]{8})")
_HOUR = timedelta(hours=1)
# Compared with when there is no such claim; no claimant can have been born on it.
_NOBODYS_BIRTH_DATE = date(1, 1, 1)


class IdentityOutcome(Word):
    """What became of a try to prove one's identity."""

    PROVEN = "proven"
    REFUSED = "refused"
    LOCKED = "locked"


@dataclass(frozen=True)
class IdentityLimits:
    """How many wrong tries are allowed, and the key that hashes the claim numbers of wrong tries."""

    tries: int = 5
    tries_per_claim: int = 10
    key: bytes = b""


@dataclass(frozen=True)
class IdentityResult:
    """The outcome of a try and how many more this conversation has; 0 when it is locked."""

    outcome: IdentityOutcome
    tries_left: int


def normalise_claim_number(written: str) -> str | None:
    """`ui 4028-1735` as `UI-40281735`, or None when it can't be a claim number; letters are never guessed."""
    characters = unicodedata.normalize("NFKC", written).upper()
    match = _CLAIM_NUMBER.fullmatch("".join(c for c in characters if c.isalnum()))
    return f"{match.group(1)}-{match.group(2)}" if match else None


def prove(
    session: Session,
    conversation_id: str,
    claim_number: str,
    date_of_birth: str,
    *,
    now: datetime,
    limits: IdentityLimits,
) -> IdentityResult:
    """Check the details and, when they fit, bind the claim to this conversation in place of any other.

    `date_of_birth` is ISO YYYY-MM-DD. Wrong tries stay counted after a good one: someone with a claim
    of their own could otherwise go on guessing at another's for ever.
    """
    _wait_for_other_tries(session, "conversation", conversation_id)
    left = tries_left(session, conversation_id, limits=limits)
    if left == 0:
        return IdentityResult(IdentityOutcome.LOCKED, 0)
    number = normalise_claim_number(claim_number)
    number_hash = _hash(number, limits.key)
    _wait_for_other_tries(session, "claim", number_hash)
    if _recent_tries(session, number_hash, now) >= limits.tries_per_claim:
        return IdentityResult(IdentityOutcome.LOCKED, 0)

    claim_id = _claim_with(session, number or "", date_of_birth.strip())
    if claim_id is None:
        session.add(IdentityTry(conversation_id=conversation_id, claim_number_hash=number_hash, tried_at=now))
        session.flush()
        outcome = IdentityOutcome.REFUSED if left > 1 else IdentityOutcome.LOCKED
        return IdentityResult(outcome, left - 1)
    forget(session, conversation_id)
    session.add(
        IdentityProof(conversation_id=conversation_id, claim_id=claim_id, proven_at=now, last_used_at=now)
    )
    session.flush()
    return IdentityResult(IdentityOutcome.PROVEN, left)


def tries_left(session: Session, conversation_id: str, *, limits: IdentityLimits) -> int:
    """How many wrong tries this conversation still has."""
    made = session.execute(
        select(func.count()).where(IdentityTry.conversation_id == conversation_id)
    ).scalar_one()
    return max(0, limits.tries - int(made))


def proven_claim(session: Session, conversation_id: str, *, now: datetime, idle_minutes: int) -> int | None:
    """The id of the claim this conversation has proven, or None; asking keeps the proof alive."""
    if session.connection().get_execution_options().get("read_only"):
        raise RuntimeError("using a proof keeps it alive: use transaction(), or standing_proof()")
    claim_id = standing_proof(session, conversation_id, now=now, idle_minutes=idle_minutes)
    if claim_id is None:
        forget(session, conversation_id)
        return None
    session.execute(
        update(IdentityProof)
        .where(IdentityProof.conversation_id == conversation_id)
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )
    return claim_id


def standing_proof(session: Session, conversation_id: str, *, now: datetime, idle_minutes: int) -> int | None:
    """The id of the claim proven in this conversation, without keeping the proof alive."""
    row = session.execute(
        select(IdentityProof.claim_id, IdentityProof.last_used_at).where(
            IdentityProof.conversation_id == conversation_id
        )
    ).one_or_none()
    if row is None or now - row.last_used_at >= timedelta(minutes=idle_minutes):
        return None
    return int(row.claim_id)


def forget(session: Session, conversation_id: str) -> None:
    """End this conversation's proof, if it has one."""
    session.execute(
        delete(IdentityProof)
        .where(IdentityProof.conversation_id == conversation_id)
        .execution_options(synchronize_session=False)
    )


def _claim_with(session: Session, number: str, date_of_birth: str) -> int | None:
    """The claim with these details; unknown and wrong ones cost one look-up and two comparisons alike."""
    row = session.execute(
        select(Claim.id, Claim.claim_number, Claimant.born_on)
        .join(Claimant, Claimant.id == Claim.claimant_id)
        .where(Claim.claim_number == number)
    ).one_or_none()
    stored_number = row.claim_number if row is not None else ""
    born_on = row.born_on if row is not None else _NOBODYS_BIRTH_DATE
    number_fits = hmac.compare_digest(stored_number.encode(), number.encode())
    birth_date_fits = hmac.compare_digest(born_on.isoformat().encode(), date_of_birth.encode())
    # `&` and not `and`: both comparisons have been made, and both count.
    return int(row.id) if row is not None and (number_fits & birth_date_fits) else None


def _hash(number: str | None, key: bytes) -> str:
    """The keyed hash a wrong try is kept under.

    What can't be a claim number may be some other secret typed into the wrong field (a Social Security
    number), so nothing of it is kept: it gets a random value and counts for the conversation only.
    """
    if number is None:
        return secrets.token_hex(32)
    return hmac.new(key, b"identity-try:" + number.encode(), hashlib.sha256).hexdigest()


def _recent_tries(session: Session, number_hash: str, now: datetime) -> int:
    return int(
        session.execute(
            select(func.count()).where(
                IdentityTry.claim_number_hash == number_hash, IdentityTry.tried_at > now - _HOUR
            )
        ).scalar_one()
    )


def _wait_for_other_tries(session: Session, kind: str, name: str) -> None:
    """Let tries at the same thing go one by one, so that two at once can't both be the last allowed.

    SQLite needs nothing here: its one writer at a time is chosen when a transaction begins.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"identity:{kind}:{name}"},
        )
