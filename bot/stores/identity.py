"""Proof of identity: one conversation proves one claim, with few tries and a short life.

A claim number nobody has and details that do not fit it are refused with the same result after the
same work, so that nobody can learn here which claim numbers exist.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.orm import Session

from bot.stores.tables import Claim, Claimant, IdentityProof, IdentityTry
from bot.stores.vocabulary import Word

_CLAIM_NUMBER = re.compile(r"(UI|HC)([0-9]{8})")
_HOUR = timedelta(hours=1)
# The clocks of two gateways may differ by so much.
_CLOCK_DRIFT = timedelta(minutes=2)
# Compared with when there is no such claim; no claimant can have been born on it.
_NOBODYS_BIRTH_DATE = date(1, 1, 1)
# The smallest setting OWASP recommends for Argon2id: some 30 to 60 ms a try. Every stored hash has these
# parameters, so that a wrong PIN takes as long as an unknown claim.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_PIN_HASH = re.compile(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}")
_PIN = re.compile(r"[0-9]{4,12}")


class IdentityOutcome(Word):
    """What became of a try to prove one's identity."""

    PROVEN = "proven"
    REFUSED = "refused"
    LOCKED = "locked"


@dataclass(frozen=True)
class IdentityLimits:
    """How many wrong tries are allowed, the key that hashes their claim numbers, and what is asked for.

    With `pin`, the PIN set at filing is a third detail, and a claim without one can't be proven here.
    """

    tries: int = 5
    tries_per_claim: int = 10
    key: bytes = b""
    pin: bool = True


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


@dataclass(frozen=True)
class Attempt:
    """A try that is counted and not checked yet: what was given beside what is stored.

    `pin` is None where no PIN is asked for; `tries_left` are those this conversation had before it.
    """

    conversation_id: str
    try_id: int
    tries_left: int
    claim_id: int | None
    number: str
    date_of_birth: str
    pin: str | None
    stored_number: str
    stored_born_on: date
    stored_pin_hash: str | None


def begin_try(
    session: Session,
    conversation_id: str,
    claim_number: str,
    date_of_birth: str,
    pin: str = "",
    *,
    now: datetime,
    limits: IdentityLimits,
) -> Attempt | IdentityResult:
    """Count a try and read what it is to be compared with; the result at once where no try is left.

    `date_of_birth` is ISO YYYY-MM-DD; `pin` counts only where `limits` ask for it. The try is counted
    before it is checked, because the check is slow and no transaction may wait for it: tries made at
    the same moment can't get past the limit together, and one that is cut short stays counted.
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
    row = session.execute(_CLAIM_TO_PROVE, {"number": number or ""}).one_or_none()
    counted = IdentityTry(conversation_id=conversation_id, claim_number_hash=number_hash, tried_at=now)
    session.add(counted)
    session.flush()
    return Attempt(
        conversation_id,
        counted.id,
        left,
        None if row is None else int(row.id),
        number or "",
        date_of_birth.strip(),
        _digits(pin) if limits.pin else None,
        "" if row is None else row.claim_number,
        _NOBODYS_BIRTH_DATE if row is None else row.born_on,
        None if row is None else row.pin_hash,
    )


def details_fit(attempt: Attempt) -> bool:
    """Whether every detail is the stored one; with a PIN this takes as long as an Argon2 hash, whatever is wrong."""
    number_fits = hmac.compare_digest(attempt.stored_number.encode(), attempt.number.encode())
    born_on = attempt.stored_born_on.isoformat()
    birth_date_fits = hmac.compare_digest(born_on.encode(), attempt.date_of_birth.encode())
    pin_fits = attempt.pin is None or _pin_fits(attempt.stored_pin_hash, attempt.pin)
    # `&` and not `and`: every comparison has been made, and every one counts.
    return attempt.claim_id is not None and (number_fits & birth_date_fits & pin_fits)


def end_try(session: Session, attempt: Attempt, fits: bool, *, now: datetime) -> IdentityResult:
    """Bind the claim to the conversation in place of any other when the details fit, else say what is left.

    Earlier wrong tries stay counted after a good one: someone with a claim of their own could otherwise
    go on guessing at another's for ever.
    """
    if not fits:
        outcome = IdentityOutcome.REFUSED if attempt.tries_left > 1 else IdentityOutcome.LOCKED
        return IdentityResult(outcome, attempt.tries_left - 1)
    session.execute(
        delete(IdentityTry).where(IdentityTry.id == attempt.try_id).execution_options(synchronize_session=False)
    )
    forget(session, attempt.conversation_id)
    session.add(
        IdentityProof(
            conversation_id=attempt.conversation_id, claim_id=attempt.claim_id, proven_at=now, last_used_at=now
        )
    )
    session.flush()
    return IdentityResult(IdentityOutcome.PROVEN, attempt.tries_left)


def prove(
    session: Session,
    conversation_id: str,
    claim_number: str,
    date_of_birth: str,
    pin: str = "",
    *,
    now: datetime,
    limits: IdentityLimits,
) -> IdentityResult:
    """A whole try in one transaction, for callers that no one waits for; arguments as in `begin_try`."""
    attempt = begin_try(session, conversation_id, claim_number, date_of_birth, pin, now=now, limits=limits)
    if isinstance(attempt, IdentityResult):
        return attempt
    return end_try(session, attempt, details_fit(attempt), now=now)


def tries_left(session: Session, conversation_id: str, *, limits: IdentityLimits) -> int:
    """How many wrong tries this conversation still has."""
    made = session.execute(select(func.count()).where(IdentityTry.conversation_id == conversation_id)).scalar_one()
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
    """The id of the claim proven in this conversation, without keeping the proof alive.

    A proof that was last used in the future has ended: the clock was set back, and nobody knows how old it is.
    """
    row = session.execute(
        select(IdentityProof.claim_id, IdentityProof.last_used_at).where(
            IdentityProof.conversation_id == conversation_id
        )
    ).one_or_none()
    if row is None or not -_CLOCK_DRIFT < now - row.last_used_at < timedelta(minutes=idle_minutes):
        return None
    return int(row.claim_id)


def pick(session: Session, conversation_id: str, claim_number: str, *, now: datetime, idle_minutes: int) -> int | None:
    """Turn this conversation's proof to another claim of the same claimant; None when it is not theirs.

    An unknown claim, or someone else's, leaves the proof as it is.
    """
    current = proven_claim(session, conversation_id, now=now, idle_minutes=idle_minutes)
    if current is None:
        return None
    number = normalise_claim_number(claim_number) or ""
    owner = select(Claim.claimant_id).where(Claim.id == current).scalar_subquery()
    own = session.execute(
        select(Claim.id).where(Claim.claim_number == number, Claim.claimant_id == owner)
    ).scalar_one_or_none()
    if own is None:
        return None
    session.execute(
        update(IdentityProof)
        .where(IdentityProof.conversation_id == conversation_id)
        .values(claim_id=own)
        .execution_options(synchronize_session=False)
    )
    return int(own)


def forget(session: Session, conversation_id: str) -> None:
    """End this conversation's proof, if it has one."""
    session.execute(
        delete(IdentityProof)
        .where(IdentityProof.conversation_id == conversation_id)
        .execution_options(synchronize_session=False)
    )


def is_pin(pin: str) -> bool:
    """Whether a text can be a PIN: 4 to 12 digits; spaces and hyphens in it do not count."""
    return _PIN.fullmatch(_digits(pin)) is not None


def is_pin_hash(text: str) -> bool:
    """Whether a text is a hash as `hash_pin` makes it; other parameters would take another time to check."""
    return _PIN_HASH.fullmatch(text) is not None


def hash_pin(pin: str) -> str:
    """A PIN as it is kept at rest: Argon2id with a salt; spaces and hyphens in it do not count."""
    return _HASHER.hash(_digits(pin))


def any_pin(session: Session) -> bool | None:
    """Whether some claim has a PIN; None when there are no claims."""
    has_pin = select(Claim.id).where(Claim.pin_hash.is_not(None)).limit(1)
    if session.execute(has_pin).first() is not None:
        return True
    return None if session.execute(select(Claim.id).limit(1)).first() is None else False


def _digits(pin: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", pin) if character not in " -")


_CLAIM_TO_PROVE = (
    select(Claim.id, Claim.claim_number, Claimant.born_on, Claim.pin_hash)
    .join(Claimant, Claimant.id == Claim.claimant_id)
    .where(Claim.claim_number == bindparam("number"))
)


def _pin_fits(stored: str | None, pin: str) -> bool:
    """Whether the PIN is the stored one; without a stored one, a verification of the same cost is refused."""
    # Made before it is known whether it is needed: the first unknown claim must not take longer.
    nobodys = _nobodys_pin()
    try:
        fits = _HASHER.verify(stored or nobodys, pin)
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None


@functools.cache
def _nobodys_pin() -> str:
    return _HASHER.hash(secrets.token_hex(16))


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
            select(func.count()).where(IdentityTry.claim_number_hash == number_hash, IdentityTry.tried_at > now - _HOUR)
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
