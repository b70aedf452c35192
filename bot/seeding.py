"""Fills a new database: the job classes, and for development synthetic claims and a first specialist."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot import clock
from bot.claim_status import agency_day, status_answer
from bot.stores import claims, job_classes, specialists
from bot.stores.demo_claims import DemoLogin, give_demo_pins, seed_demo_claims
from bot.stores.vocabulary import Program, ReaderKind, Role

FIRST_LOGIN = "specialist"


@dataclass(frozen=True)
class FirstLogin:
    """The login of the first account; its password is known only here and now."""

    login: str
    password: str


def today() -> date:
    """The day that synthetic claims are made for."""
    return agency_day(Program.WA_UI, clock.now())


def describe(session: Session, logins: list[DemoLogin]) -> list[str]:
    """Each demo claim in a line: its number, its claimant's birth date, its PIN, and what is going on with it."""
    lines = []
    for login in logins:
        facts = claims.read_claim(
            session, login.claim_id, reader=ReaderKind.OPERATOR, purpose="demo_claims", now=clock.now()
        )
        happening = status_answer(facts, today(), "en").section("happening").text
        lines.append(f"{login.claim_number}  born {login.born_on.isoformat()}  PIN {login.pin}  {happening}")
    return lines


def seed(session: Session, *, with_demo_claims: bool, as_of: date) -> None:
    """Load the job classes and, if asked, the synthetic claims; a second run changes nothing."""
    job_classes.seed(session)
    if with_demo_claims:
        seed_demo_claims(session, as_of)
        # A database from before PINs has demo claims without one.
        give_demo_pins(session)


def make_first_specialist(session: Session) -> FirstLogin | None:
    """Make an account with a random password when there is none yet, and return it once."""
    if specialists.count(session):
        return None
    first = FirstLogin(FIRST_LOGIN, secrets.token_urlsafe(12))
    specialists.add(
        session,
        login=first.login,
        alias="Sam",
        role=Role.ADMIN,
        password=first.password,
        now=clock.now(),
    )
    return first
