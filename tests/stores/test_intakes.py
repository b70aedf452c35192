"""Drafts and filed intakes: one draft a matter, receipts nobody can guess, and nothing filed twice."""

from __future__ import annotations

import itertools
import re
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete

from bot.database import Database
from bot.stores import demo_claims, intakes
from bot.stores.intakes import About
from bot.stores.tables import Appeal, Claim, Determination, Intake, Issue, Overpayment
from bot.stores.vocabulary import IntakeKind, IntakeState
from tests.stored import a_conversation, an_escalation

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
QUIT = About(topic="quit")


def opened(database: Database) -> str:
    with database.transaction() as session:
        return a_conversation(session, NOW).id


def test_receipts_are_random_and_hold_no_characters_that_sound_or_look_alike(database: Database) -> None:
    conversation_id = opened(database)
    receipts = []
    with database.transaction() as session:
        for _ in range(300):
            draft, _ = intakes.begin(session, conversation_id, IntakeKind.CALLBACK, About(), language="en", now=NOW)
            receipts.append(intakes.file(session, draft, "CB", language="en", now=NOW))
    assert len(set(receipts)) == 300
    assert all(re.fullmatch(r"CB-[2-9A-Z]{4}-[2-9A-Z]{4}", receipt) for receipt in receipts)
    assert not set("01ILOU") & set("".join(receipt[3:] for receipt in receipts))
    # Neighbours share no more of their characters than chance gives them.
    pairs = itertools.pairwise(receipts)
    alike = [sum(a == b for a, b in zip(one[3:], two[3:], strict=True)) for one, two in pairs]
    assert sum(alike) / len(alike) < 3


def test_a_draft_about_the_same_matter_is_gone_on_with_and_another_matter_gets_its_own(database: Database) -> None:
    conversation_id = opened(database)
    with database.transaction() as session:
        demo_claims.seed_demo_claims(session, as_of=date(2026, 11, 21))
        one, two = (row.id for row in session.query(Claim).limit(2))
        first, is_new = intakes.begin(session, conversation_id, IntakeKind.ADDRESS, About(one), language="en", now=NOW)
        assert is_new
        intakes.answer(session, first, "address", "1 Pine St", None, NOW)
        again, is_new = intakes.begin(session, conversation_id, IntakeKind.ADDRESS, About(one), language="en", now=NOW)
        assert again is first and not is_new and again.answers["address"]["text"] == "1 Pine St"
        other, is_new = intakes.begin(session, conversation_id, IntakeKind.ADDRESS, About(two), language="en", now=NOW)
        assert is_new and other.answers == {}
        assert intakes.current_draft(session, conversation_id) is other


def test_an_import_that_replaces_the_issue_keeps_the_statement_and_the_draft_about_it(database: Database) -> None:
    conversation_id = opened(database)
    with database.transaction() as session:
        demo_claims.seed_demo_claims(session, as_of=date(2026, 11, 21))
        issue = session.query(Issue).first()
        matter = About(issue.claim_id, topic=str(issue.kind), since_on=issue.opened_on)
        kept, _ = intakes.begin(session, conversation_id, IntakeKind.STATEMENT, matter, language="en", now=NOW)
        intakes.file(session, kept, "ST", language="en", now=NOW)
        draft, _ = intakes.begin(session, conversation_id, IntakeKind.STATEMENT, matter, language="en", now=NOW)
        claim_id = issue.claim_id
        # As bot.stores.claims_import clears the lists of a claim before it stores the new ones.
        for table in (Overpayment, Appeal, Determination, Issue):
            session.execute(delete(table.__table__).where(table.claim_id == claim_id))
    with database.transaction() as session:
        again, is_new = intakes.begin(session, conversation_id, IntakeKind.STATEMENT, matter, language="en", now=NOW)
        assert again.id == draft.id and not is_new
        assert len(intakes.filed_about(session, claim_id)) == 1


def test_answers_are_corrected_one_by_one_and_cleared_together(database: Database) -> None:
    conversation_id = opened(database)
    with database.transaction() as session:
        draft, _ = intakes.begin(session, conversation_id, IntakeKind.STATEMENT, QUIT, language="en", now=NOW)
        intakes.answer(session, draft, "last_day", "Oct 3", "2026-10-03", NOW)
        intakes.answer(session, draft, "why", "my words", None, NOW)
        intakes.answer(session, draft, "last_day", "Oct 9", "2026-10-09", NOW)
    with database.snapshot() as session:
        stored = intakes.current_draft(session, conversation_id)
        assert stored is not None
        assert stored.answers == {"last_day": {"text": "Oct 9", "value": "2026-10-09"}, "why": {"text": "my words"}}
    with database.transaction() as session:
        stored = intakes.current_draft(session, conversation_id)
        assert stored is not None
        intakes.clear(session, stored, NOW)
        assert stored.answers == {} and stored.state is IntakeState.DRAFT


def test_what_is_filed_can_not_be_filed_again(database: Database) -> None:
    conversation_id = opened(database)
    with database.transaction() as session:
        draft, _ = intakes.begin(session, conversation_id, IntakeKind.CALLBACK, About(), language="en", now=NOW)
        receipt = intakes.file(session, draft, "CB", language="en", now=NOW)
        with pytest.raises(ValueError, match="only a draft"):
            intakes.file(session, draft, "CB", language="en", now=NOW)
        assert draft.receipt == receipt
        assert intakes.current_draft(session, conversation_id) is None
        assert intakes.filed_in(session, conversation_id) == [draft]


def test_a_withdrawn_draft_keeps_no_answers(database: Database) -> None:
    conversation_id = opened(database)
    with database.transaction() as session:
        draft, _ = intakes.begin(session, conversation_id, IntakeKind.CALLBACK, About(), language="en", now=NOW)
        intakes.answer(session, draft, "phone", "206-555-0143", "2065550143", NOW)
        intakes.withdraw(session, draft, NOW)
    with database.snapshot() as session:
        assert "555" not in str([row.answers for row in session.query(Intake)])


def test_a_question_put_before_a_person_came_waits_for_no_answer_any_more(database: Database) -> None:
    conversation_id = opened(database)
    later = NOW + timedelta(minutes=1)
    with database.transaction() as session:
        draft, _ = intakes.begin(session, conversation_id, IntakeKind.CALLBACK, About(), language="en", now=NOW)
        assert not intakes.is_waiting_for_an_answer(session, draft)
        intakes.ask(session, draft, "phone", NOW)
        assert intakes.is_waiting_for_an_answer(session, draft)
        an_escalation(session, conversation_id, later)
        assert not intakes.is_waiting_for_an_answer(session, draft)
        intakes.ask(session, draft, "phone", later + timedelta(minutes=1))
        assert intakes.is_waiting_for_an_answer(session, draft)


def test_forgetting_drafts_leaves_what_was_filed(database: Database) -> None:
    conversation_id = opened(database)
    with database.transaction() as session:
        draft, _ = intakes.begin(session, conversation_id, IntakeKind.CALLBACK, About(), language="en", now=NOW)
        intakes.file(session, draft, "CB", language="en", now=NOW)
        intakes.begin(session, conversation_id, IntakeKind.CALLBACK, About(), language="en", now=NOW)
        intakes.forget_drafts(session, conversation_id)
    with database.snapshot() as session:
        assert [row.state for row in session.query(Intake)] == [IntakeState.FILED]
