"""Synthetic claims to try the product with: stored, listed with what proves them, and told apart from real ones."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.stores.demo_people import generate, is_made_up
from bot.stores.demo_rows import DemoClaim, Row
from bot.stores.identity import hash_pin
from bot.stores.tables import (
    Appeal,
    Claim,
    Claimant,
    Determination,
    HealthClaim,
    Issue,
    Overpayment,
    Payment,
    WeeklyClaim,
)
from bot.stores.vocabulary import ClaimStatus, Decision, IssueState

# Hashing is slow on purpose, so the demo claims share this many PINs and have not one each.
_PINS = 16


@dataclass(frozen=True)
class DemoLogin:
    """What someone needs to try one demo claim, and its id for saying what is going on with it."""

    claim_id: int
    claim_number: str
    born_on: date
    name: str
    status: ClaimStatus

    @property
    def pin(self) -> str:
        """The PIN that proves this claim together with the birth date."""
        return demo_pin(self.claim_number)


def seed_demo_claims(session: Session, as_of: date, *, seed: int = 2026, count: int = 300) -> int:
    """Store the synthetic claims with their PINs and return how many; 0 when the store already holds any claim."""
    if session.execute(select(Claim.id).limit(1)).first() is not None:
        return 0
    stored = 0
    for person in generate(as_of, seed=seed, count=count):
        claimant = Claimant(name=person.name, born_on=person.born_on, language=person.language)
        session.add(claimant)
        session.flush()
        for demo in person.claims:
            _store(session, claimant.id, demo)
            stored += 1
    session.flush()
    give_demo_pins(session)
    return stored


def demo_pin(claim_number: str) -> str:
    """The PIN of a demo claim: worked out from its number, so that it can be printed again; no real one can."""
    place = _digest(claim_number) % _PINS
    return f"{_digest(f'demo PIN {place}') % 1_000_000:06}"


def give_demo_pins(session: Session) -> None:
    """Give every demo claim without a PIN the one that is printed for it."""
    claim_ids: dict[str, list[int]] = {}
    without = {row.id for row in session.execute(select(Claim.id).where(Claim.pin_hash.is_(None)))}
    for login in demo_claims(session) if without else ():
        if login.claim_id in without:
            claim_ids.setdefault(login.pin, []).append(login.claim_id)
    for pin, ids in claim_ids.items():
        session.execute(
            update(Claim)
            .where(Claim.id.in_(ids))
            .values(pin_hash=_hash_of(pin))
            .execution_options(synchronize_session=False)
        )


def demo_claims(session: Session) -> list[DemoLogin]:
    """The demo claims in the store, by status; a claim whose claimant is not made up is never listed."""
    rows = session.execute(
        select(Claim.id, Claim.claim_number, Claimant.born_on, Claimant.name, Claim.status)
        .join(Claimant, Claimant.id == Claim.claimant_id)
        .order_by(Claim.id)
    )
    order = list(ClaimStatus)
    found = [DemoLogin(*row) for row in rows if is_made_up(row.name)]
    return sorted(found, key=lambda login: (order.index(login.status), login.claim_id))


def startup_claims(session: Session, as_of: date) -> list[DemoLogin]:
    """Three claims for the first three conversations, where the store has them.

    One in adjudication for about three weeks, one denied with days left to appeal, and one insurance claim.
    """
    in_review = select(Issue.claim_id, Issue.opened_on).where(Issue.state == IssueState.IN_REVIEW)
    appealable = select(Determination.claim_id, Determination.appeal_by).where(
        Determination.decision == Decision.DENIED, Determination.appeal_by > as_of
    )
    fits = {
        # For each claim how far it is from three weeks in review, and from twelve days left to appeal.
        ClaimStatus.ADJUDICATION: {
            claim_id: abs((as_of - opened_on).days - 21) for claim_id, opened_on in session.execute(in_review)
        },
        ClaimStatus.DENIED: {
            claim_id: abs((appeal_by - as_of).days - 12) for claim_id, appeal_by in session.execute(appealable)
        },
        ClaimStatus.HEALTH_PROCESSED: {},
    }
    logins = demo_claims(session)
    chosen = []
    for status, distance in fits.items():
        alike = [login for login in logins if login.status is status]
        alike.sort(key=lambda login: distance.get(login.claim_id, 999))
        chosen.extend(alike[:1])
    return chosen


def _store(session: Session, claimant_id: int, demo: DemoClaim) -> None:
    """Add one claim and its rows, turning counts within the claim into the ids the database gave."""
    since: date = demo.claim["status_since_on"]
    claim = Claim(
        claimant_id=claimant_id,
        updated_at=datetime.combine(since, time(8), timezone.utc),
        **demo.claim,
    )
    session.add(claim)
    session.flush()
    session.add_all(WeeklyClaim(claim_id=claim.id, **row) for row in demo.weeks)
    session.add_all(Payment(claim_id=claim.id, **row) for row in demo.payments)
    if demo.health is not None:
        session.add(HealthClaim(claim_id=claim.id, **demo.health))
    issues = _stored(session, Issue, claim.id, demo.issues)
    determinations = _stored(
        session, Determination, claim.id, (_linked(row, "issue", issues) for row in demo.determinations)
    )
    for table, rows in ((Appeal, demo.appeals), (Overpayment, demo.overpayments)):
        _stored(session, table, claim.id, (_linked(row, "determination", determinations) for row in rows))


def _stored(session: Session, table: Any, claim_id: int, rows: Iterable[Row]) -> list[int]:
    objects = [table(claim_id=claim_id, **row) for row in rows]
    session.add_all(objects)
    session.flush()
    return [row.id for row in objects]


def _linked(row: Row, name: str, ids: list[int]) -> Row:
    linked = {key: value for key, value in row.items() if key != name}
    linked[f"{name}_id"] = None if row[name] is None else ids[row[name]]
    return linked


@functools.cache
def _hash_of(pin: str) -> str:
    return hash_pin(pin)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
