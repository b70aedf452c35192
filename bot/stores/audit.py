"""Who did what at the console: sign-ins, claims viewed, transcripts searched and opened, skills changed.

Rows are only ever added.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Result
from sqlalchemy.orm import Session, aliased

from bot.clock import iso
from bot.stores.tables import Claim, ClaimRead, SignIn, SkillChange, Specialist, TranscriptRead
from bot.stores.vocabulary import ReaderKind, SignInOutcome, TranscriptLook

NEWEST = 200


def hash_address(address: str, key: bytes) -> str:
    """A network address as it is kept: the same address gives the same 16 signs, and nobody can read it back."""
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:16]


def add_sign_in(session: Session, login: str, outcome: SignInOutcome, address_hash: str, now: datetime) -> None:
    """Record a try to sign in; the login of nobody's account is not kept."""
    specialist_id = session.execute(select(Specialist.id).where(Specialist.login == login)).scalar_one_or_none()
    session.add(SignIn(specialist_id=specialist_id, outcome=outcome, address_hash=address_hash, tried_at=now))


def add_search(session: Session, specialist_id: int, words: str, found: int, now: datetime) -> None:
    """Record a search through past transcripts."""
    look = TranscriptLook.SEARCHED
    session.add(TranscriptRead(specialist_id=specialist_id, look=look, words=words, found=found, read_at=now))


def add_opening(session: Session, specialist_id: int, conversation_id: str, now: datetime) -> None:
    """Record that a past transcript was opened."""
    look = TranscriptLook.OPENED
    session.add(TranscriptRead(specialist_id=specialist_id, look=look, conversation_id=conversation_id, read_at=now))


def sign_ins(session: Session, limit: int = NEWEST) -> list[dict[str, Any]]:
    """The newest tries to sign in: `{at, outcome, alias, address}`; `alias` is None for an unknown login."""
    return [
        {"at": iso(row.tried_at), "outcome": str(row.outcome), "alias": alias, "address": row.address_hash}
        for row, alias in _newest(session, SignIn, limit)
    ]


def claim_reads(session: Session, limit: int = NEWEST) -> list[dict[str, Any]]:
    """The newest claims viewed by specialists: `{at, claim_number, alias, purpose, conversation_id}`."""
    rows = session.execute(
        select(ClaimRead, Claim.claim_number, Specialist.alias)
        .join(Claim, Claim.id == ClaimRead.claim_id)
        .outerjoin(Specialist, Specialist.id == ClaimRead.specialist_id)
        .where(ClaimRead.reader == ReaderKind.SPECIALIST)
        .order_by(ClaimRead.id.desc())
        .limit(limit)
    )
    return [
        {
            "at": iso(row.read_at),
            "claim_number": claim_number,
            "alias": alias,
            "purpose": row.purpose,
            "conversation_id": row.conversation_id,
        }
        for row, claim_number, alias in rows
    ]


def transcript_reads(session: Session, limit: int = NEWEST) -> list[dict[str, Any]]:
    """The newest searches and openings: `{at, look, alias, words, found, conversation_id}`."""
    return [
        {
            "at": iso(row.read_at),
            "look": str(row.look),
            "alias": alias,
            "words": row.words,
            "found": row.found,
            "conversation_id": row.conversation_id,
        }
        for row, alias in _newest(session, TranscriptRead, limit)
    ]


def skill_changes(session: Session, limit: int = NEWEST) -> list[dict[str, Any]]:
    """The newest changes of skills: `{at, alias, by, before, after}`; `by` is None for the command line."""
    changed_by = aliased(Specialist)
    rows = session.execute(
        select(SkillChange, Specialist.alias, changed_by.alias.label("by"))
        .join(Specialist, Specialist.id == SkillChange.specialist_id)
        .outerjoin(changed_by, changed_by.id == SkillChange.changed_by_id)
        .order_by(SkillChange.id.desc())
        .limit(limit)
    )
    return [
        {"at": iso(row.changed_at), "alias": alias, "by": by, "before": row.before, "after": row.after}
        for row, alias, by in rows
    ]


def _newest(session: Session, kind: type[SignIn] | type[TranscriptRead], limit: int) -> Result:
    """The newest rows of a table with the alias of their specialist, None where it was nobody's account."""
    return session.execute(
        select(kind, Specialist.alias)
        .outerjoin(Specialist, Specialist.id == kind.specialist_id)
        .order_by(kind.id.desc())
        .limit(limit)
    )
