"""The day by which a claimant has to act, from the facts of their claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.database import Database
from bot.deadlines import next_deadline
from bot.stores import claims, demo_claims
from bot.stores.claims import AppealFacts, ClaimFacts
from bot.stores.tables import Base
from bot.stores.vocabulary import AppealState, ClaimStatus, Party, ReaderKind

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def facts_of(tmp_path_factory: pytest.TempPathFactory) -> dict[ClaimStatus, ClaimFacts]:
    """One demo claim of each status."""
    folder: Path = tmp_path_factory.mktemp("deadlines")
    database = Database(f"sqlite:///{folder}/claims.db")
    Base.metadata.create_all(database.engine)
    now = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
    with database.transaction() as session:
        demo_claims.seed_demo_claims(session, TODAY)
        read = {
            login.status: claims.read_claim(
                session, login.claim_id, reader=ReaderKind.OPERATOR, purpose="test", now=now
            )
            for login in demo_claims.demo_claims(session)
        }
    database.close()
    return read


def denied(facts: ClaimFacts, *days: int) -> ClaimFacts:
    """The claim with one denial for each number of days left to appeal it."""
    one = facts.determinations[-1]
    denials = tuple(
        replace(one, id=number, appeal_by=TODAY + timedelta(days=days)) for number, days in enumerate(days, start=1)
    )
    return replace(facts, determinations=denials, issues=(), appeals=())


def test_the_first_day_to_appeal_that_is_not_past_counts(facts_of: dict[ClaimStatus, ClaimFacts]) -> None:
    claim = facts_of[ClaimStatus.DENIED]
    assert next_deadline(denied(claim, 9, 2), TODAY) == TODAY + timedelta(days=2)
    assert next_deadline(denied(claim, 0), TODAY) == TODAY
    assert next_deadline(denied(claim, -1), TODAY) is None


def test_a_denial_that_was_appealed_has_no_deadline(facts_of: dict[ClaimStatus, ClaimFacts]) -> None:
    claim = denied(facts_of[ClaimStatus.DENIED], 2)
    appeal = AppealFacts(1, 1, Party.CLAIMANT, AppealState.FILED, TODAY, None, None, None, None)
    assert next_deadline(replace(claim, appeals=(appeal,)), TODAY) is None


def test_a_question_counts_only_while_the_claimant_has_to_answer_it(facts_of: dict[ClaimStatus, ClaimFacts]) -> None:
    claim = replace(facts_of[ClaimStatus.ADJUDICATION], determinations=())
    soon = TODAY + timedelta(days=1)
    asked = replace(claim.open_issues[0], waiting_on=Party.CLAIMANT, respond_by=soon)
    assert next_deadline(replace(claim, issues=(asked,)), TODAY) == soon
    employer = replace(asked, waiting_on=Party.EMPLOYER)
    assert next_deadline(replace(claim, issues=(employer,)), TODAY) is None


def test_a_claim_that_is_paid_has_no_deadline(facts_of: dict[ClaimStatus, ClaimFacts]) -> None:
    assert next_deadline(replace(facts_of[ClaimStatus.PAYING], determinations=(), issues=()), TODAY) is None
