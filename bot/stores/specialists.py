"""Specialists' accounts and their signed-in browsers."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.clock import iso, iso_or_none
from bot.stores.conversations import hash_token
from bot.stores.tables import Specialist, SpecialistSession
from bot.stores.vocabulary import Role

SHORTEST_PASSWORD = 12
TRIES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
IDLE = timedelta(hours=12)

# As much of a token's hash as names a session; nobody can make the token of it.
_SESSION_ID = 16

_hasher = PasswordHasher()
# Verified in place of a missing account's hash, so that an unknown login takes as long as a wrong password.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


class Locked(Exception):
    """Too many wrong passwords: this account opens again at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def add(session: Session, *, login: str, alias: str, role: Role, password: str, now: datetime) -> Specialist:
    """Store an account; raises ValueError when the login is taken or the password is too short."""
    password_hash = _hash(password)
    if session.execute(select(Specialist.id).where(Specialist.login == login)).first() is not None:
        raise ValueError(f"There is already a specialist with the login '{login}'.")
    specialist = Specialist(login=login, alias=alias, role=role, password_hash=password_hash, created_at=now)
    session.add(specialist)
    session.flush()
    return specialist


def disable(session: Session, login: str, now: datetime) -> None:
    """Close an account and its sessions; raises LookupError when there is none."""
    specialist = _by_login(session, login)
    specialist.disabled_at = now
    _end_sessions(session, specialist.id)


def reset(session: Session, login: str, password: str) -> None:
    """Give an account a new password and end its sessions; raises LookupError or ValueError."""
    specialist = _by_login(session, login)
    specialist.password_hash = _hash(password)
    specialist.failed_tries = 0
    specialist.locked_until_at = None
    specialist.disabled_at = None
    _end_sessions(session, specialist.id)


def login_of(session: Session, specialist_id: int) -> str:
    """The login of an account; raises LookupError when there is none."""
    specialist = session.get(Specialist, specialist_id)
    if specialist is None:
        raise LookupError("no such account")
    return str(specialist.login)


def count(session: Session) -> int:
    """How many accounts there are, disabled ones included."""
    return session.execute(select(func.count()).select_from(Specialist)).scalar_one()


def check_password(session: Session, login: str, password: str, now: datetime) -> Specialist | None:
    """The specialist when login and password fit, else None; raises Locked after too many wrong tries."""
    specialist = session.execute(select(Specialist).where(Specialist.login == login)).scalar_one_or_none()
    if specialist is None or specialist.disabled_at is not None:
        _fits(_NOBODY, password)
        return None
    if specialist.locked_until_at is not None and specialist.locked_until_at > now:
        raise Locked(specialist.locked_until_at)
    if not _fits(specialist.password_hash, password):
        specialist.failed_tries += 1
        if specialist.failed_tries >= TRIES_BEFORE_LOCK:
            specialist.failed_tries = 0
            specialist.locked_until_at = now + LOCK
        return None
    specialist.failed_tries = 0
    specialist.locked_until_at = None
    return specialist


def change_password(session: Session, specialist_id: int, old: str, new: str, token: str, now: datetime) -> bool:
    """Give an account a new password and end its sessions but the one of `token`.

    False when `old` is not its password, which counts as a wrong try to sign in. Raises Locked, or ValueError
    for a new password that is too short.
    """
    password_hash = _hash(new)
    specialist = session.get(Specialist, specialist_id)
    if check_password(session, specialist.login, old, now) is None:
        return False
    specialist.password_hash = password_hash
    session.execute(
        delete(SpecialistSession).where(
            SpecialistSession.specialist_id == specialist_id, SpecialistSession.token_hash != hash_token(token)
        )
    )
    return True


def sign_in(session: Session, specialist_id: int, now: datetime, browser: str = "") -> tuple[str, str]:
    """Open a session; returns the cookie's value and the CSRF token. `browser` is what it calls itself."""
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    session.add(
        SpecialistSession(
            token_hash=hash_token(token),
            specialist_id=specialist_id,
            csrf_token=csrf_token,
            browser=browser[:160] or None,
            created_at=now,
            last_seen_at=now,
        )
    )
    return token, csrf_token


def signed_in(session: Session, token: str, now: datetime) -> tuple[Specialist, str] | None:
    """The specialist of a live session and its CSRF token, or None; being seen keeps it alive."""
    row = session.get(SpecialistSession, hash_token(token))
    if row is None:
        return None
    specialist = session.get(Specialist, row.specialist_id)
    if specialist is None or specialist.disabled_at is not None or now - row.last_seen_at > IDLE:
        session.delete(row)
        return None
    if now - row.last_seen_at > timedelta(minutes=1):
        row.last_seen_at = now
    return specialist, row.csrf_token


def is_live(session: Session, token: str, now: datetime) -> bool:
    """Whether a session still stands; unlike `signed_in` it changes nothing."""
    row = session.get(SpecialistSession, hash_token(token))
    if row is None or now - row.last_seen_at > IDLE:
        return False
    return session.get(Specialist, row.specialist_id).disabled_at is None


def sessions_of(session: Session, specialist_id: int, token: str, now: datetime) -> list[dict[str, Any]]:
    """The live sessions of an account, the newest first: `{id, browser, created_at, last_seen_at, current}`."""
    rows = session.execute(
        select(SpecialistSession)
        .where(SpecialistSession.specialist_id == specialist_id, SpecialistSession.last_seen_at >= now - IDLE)
        .order_by(SpecialistSession.last_seen_at.desc())
    ).scalars()
    return [
        {
            "id": row.token_hash[:_SESSION_ID],
            "browser": row.browser,
            "created_at": iso(row.created_at),
            "last_seen_at": iso(row.last_seen_at),
            "current": row.token_hash == hash_token(token),
        }
        for row in rows
    ]


def end_session(session: Session, specialist_id: int, session_id: str) -> None:
    """End one session of an account by the id `sessions_of` gives; raises LookupError when there is none."""
    ended = session.execute(
        delete(SpecialistSession)
        .where(
            SpecialistSession.specialist_id == specialist_id,
            func.substr(SpecialistSession.token_hash, 1, _SESSION_ID) == session_id,
        )
        .execution_options(synchronize_session=False)
    ).rowcount
    if not ended:
        raise LookupError("no such session")


def end_sessions(session: Session, specialist_id: int) -> None:
    """End every session of an account."""
    _end_sessions(session, specialist_id)


def accounts(session: Session) -> list[dict[str, Any]]:
    """Every account: `{id, login, alias, role, disabled, last_seen_at}`, by alias."""
    seen = (
        select(func.max(SpecialistSession.last_seen_at))
        .where(SpecialistSession.specialist_id == Specialist.id)
        .correlate(Specialist)
        .scalar_subquery()
    )
    return [
        {
            "id": one.id,
            "login": one.login,
            "alias": one.alias,
            "role": str(one.role),
            "disabled": one.disabled_at is not None,
            "last_seen_at": iso_or_none(last_seen),
        }
        for one, last_seen in session.execute(select(Specialist, seen).order_by(Specialist.alias, Specialist.id))
    ]


def sign_out(session: Session, token: str) -> None:
    """Close one session."""
    session.execute(delete(SpecialistSession).where(SpecialistSession.token_hash == hash_token(token)))


def _by_login(session: Session, login: str) -> Specialist:
    specialist = session.execute(select(Specialist).where(Specialist.login == login)).scalar_one_or_none()
    if specialist is None:
        raise LookupError(f"There is no specialist with the login '{login}'.")
    return specialist


def _end_sessions(session: Session, specialist_id: int) -> None:
    session.execute(delete(SpecialistSession).where(SpecialistSession.specialist_id == specialist_id))


def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    return _hasher.hash(password)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False
