"""The four answers about a claim: complete, plain, in both languages, and true to the store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import textstat

from bot.claim_status import NOTHING, SECTIONS, agency_day, status_answer
from bot.database import Database
from bot.stores import claims, demo_claims, vocabulary
from bot.stores.claims import ClaimFacts
from bot.stores.tables import Base
from bot.stores.vocabulary import ClaimStatus, IssueKind, Party, Program, ReaderKind
from bot.words import LANGUAGES, load, say

AS_OF = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def every_claim(tmp_path_factory: pytest.TempPathFactory) -> list[ClaimFacts]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('status')}/claims.db")
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        demo_claims.seed_demo_claims(session, AS_OF)
        read = [
            claims.read_claim(
                session,
                login.claim_id,
                reader=ReaderKind.BOT,
                conversation_id="c",
                purpose="claim_status",
                now=NOW,
            )
            for login in demo_claims.demo_claims(session)
        ]
    database.close()
    return read


def _of(every_claim: list[ClaimFacts], status: ClaimStatus) -> ClaimFacts:
    return next(facts for facts in every_claim if facts.status is status)


# ------------------------------------------------------------------ for every claim


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_gets_four_answers(every_claim: list[ClaimFacts], language: str) -> None:
    for facts in every_claim:
        answer = status_answer(facts, AS_OF, language)
        assert tuple(section.key for section in answer.sections) == SECTIONS
        for section in answer.sections:
            assert section.text and section.heading
            assert "{" not in section.text
            assert section.text[-1] in ".?"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_date_is_said_that_the_claim_does_not_hold(every_claim: list[ClaimFacts], language: str) -> None:
    for facts in every_claim:
        held = {say(day, language) for day in _days_in(facts)}
        said = set(_DATES[language].findall(status_answer(facts, AS_OF, language).text))
        assert said <= held, facts.status


_DATES = {
    "en": re.compile(r"[A-Z][a-z]+ \d{1,2}, \d{4}"),
    "es": re.compile(r"\d{1,2} de [a-z]+ de \d{4}"),
}


def _days_in(value: Any) -> Iterator[date]:
    """Every day anywhere in a claim's facts; a moment counts as its day where hearings are held."""
    if isinstance(value, datetime):
        yield agency_day(Program.WA_UI, value)
    elif isinstance(value, date):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _days_in(item)
    elif hasattr(value, "__dataclass_fields__"):
        for spec in fields(value):
            yield from _days_in(getattr(value, spec.name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_claim_of_which_little_is_known_still_gets_an_answer(every_claim: list[ClaimFacts], language: str) -> None:
    for status in ClaimStatus:
        facts = _of(every_claim, status)
        bare = replace(
            facts,
            effective_on=None,
            benefit_year_ends_on=None,
            weekly_benefit_cents=None,
            maximum_benefit_cents=None,
            next_payment_on=None,
            weeks=(),
            payments=(),
            issues=(),
            determinations=(),
            appeals=(),
            overpayments=(),
            health=None,
        )
        assert all(section.text for section in status_answer(bare, AS_OF, language).sections), status


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_claim_read_long_after_its_last_change_still_makes_sense(
    every_claim: list[ClaimFacts], language: str
) -> None:
    later = AS_OF + timedelta(days=400)
    for facts in every_claim:
        answer = status_answer(facts, later, language)
        assert all(section.due is None for section in answer.sections), facts.status
        if facts.next_payment_on:
            assert say(facts.next_payment_on, language) not in answer.section("money").text


def test_the_card_and_the_text_say_the_same(every_claim: list[ClaimFacts]) -> None:
    for facts in every_claim:
        answer = status_answer(facts, AS_OF, "en")
        card = answer.card()
        assert card["type"] == "status"
        assert card["claim_number"] in answer.text
        for section in card["sections"]:
            assert section["text"] in answer.text
            if "due" in section:
                assert section["due"]["label"] in answer.text
                assert section["due"]["days_left"] >= 0
                assert date.fromisoformat(section["due"]["date"]) >= AS_OF
        for table in card.get("tables", []):
            for row in table["rows"]:
                assert row["amount"] == NOTHING or row["amount"] in answer.text


# ------------------------------------------------------------------ what each status must say


@pytest.mark.parametrize("kind", list(IssueKind))
def test_each_kind_of_issue_is_named(every_claim: list[ClaimFacts], kind: IssueKind) -> None:
    facts = _of(every_claim, ClaimStatus.ADJUDICATION)
    facts = replace(facts, issues=(replace(facts.issues[0], kind=kind),))
    for language in LANGUAGES:
        question = load("claims")[f"issue.{kind}.question"][language]
        assert question in status_answer(facts, AS_OF, language).section("happening").text


def _with_issue(every_claim: list[ClaimFacts], waiting_on: Party, respond_by: date | None) -> ClaimFacts:
    facts = _of(every_claim, ClaimStatus.ADJUDICATION)
    issue = replace(facts.issues[0], waiting_on=waiting_on, respond_by=respond_by)
    return replace(facts, issues=(issue,))


def test_the_claimant_is_told_what_they_must_do_and_by_when(every_claim: list[ClaimFacts]) -> None:
    act = status_answer(_with_issue(every_claim, Party.CLAIMANT, AS_OF + timedelta(days=10)), AS_OF, "en").section(
        "act"
    )
    assert act.text.startswith("You act next.")
    assert act.due is not None
    assert act.due.label == "December 1, 2026 (10 days left)"


def test_a_missed_due_date_is_said_without_blame(every_claim: list[ClaimFacts]) -> None:
    act = status_answer(_with_issue(every_claim, Party.CLAIMANT, AS_OF - timedelta(days=1)), AS_OF, "en").section("act")
    assert "by November 20, 2026. Send them now" in act.text
    assert act.due is None


def test_nobody_is_pressed_while_the_agency_or_the_employer_acts(every_claim: list[ClaimFacts]) -> None:
    agency = status_answer(_with_issue(every_claim, Party.AGENCY, None), AS_OF, "en").section("act")
    assert agency.text.startswith("The agency acts next.") and agency.due is None
    employer = status_answer(_with_issue(every_claim, Party.EMPLOYER, AS_OF + timedelta(days=3)), AS_OF, "en").section(
        "act"
    )
    assert employer.text.startswith("Your former employer acts next.") and employer.due is None
    assert "is due on November 24, 2026" in employer.text


@pytest.mark.parametrize(
    ("days", "en", "es"),
    [
        (12, "December 3, 2026 (12 days left)", "3 de diciembre de 2026 (faltan 12 días)"),
        (1, "November 22, 2026 (1 day left)", "22 de noviembre de 2026 (falta 1 día)"),
        (0, "November 21, 2026 (today is the last day)", "21 de noviembre de 2026 (hoy es el último día)"),
    ],
)
def test_a_denial_counts_the_days_to_appeal(every_claim: list[ClaimFacts], days: int, en: str, es: str) -> None:
    facts = _of(every_claim, ClaimStatus.DENIED)
    decision = replace(facts.determinations[0], appeal_by=AS_OF + timedelta(days=days))
    facts = replace(facts, determinations=(decision,))
    for language, label in (("en", en), ("es", es)):
        act = status_answer(facts, AS_OF, language).section("act")
        assert act.due is not None
        assert (act.due.label, act.due.days_left) == (label, days)


def test_a_denial_whose_days_are_over_speaks_of_a_late_appeal(every_claim: list[ClaimFacts]) -> None:
    facts = _of(every_claim, ClaimStatus.DENIED)
    decision = replace(facts.determinations[0], appeal_by=AS_OF - timedelta(days=1))
    act = status_answer(replace(facts, determinations=(decision,)), AS_OF, "en").section("act")
    assert "The last day to appeal was November 20, 2026. You can still send a late appeal." in act.text
    assert "good cause" in act.text
    assert act.due is None


def test_each_of_two_denials_keeps_its_own_day(every_claim: list[ClaimFacts]) -> None:
    facts = _of(every_claim, ClaimStatus.DENIED)
    first = replace(facts.determinations[0], appeal_by=AS_OF + timedelta(days=3))
    second = replace(first, id=first.id + 1000, reason="misconduct", appeal_by=AS_OF + timedelta(days=20))
    answer = status_answer(replace(facts, determinations=(second, first)), AS_OF, "en")
    due = answer.section("act").due
    assert due is not None and due.days_left == 3
    assert "the last day to appeal is December 11, 2026" in answer.section("act").text


def test_an_overpayment_says_the_balance_and_offers_a_waiver_only_without_fault(
    every_claim: list[ClaimFacts],
) -> None:
    facts = _of(every_claim, ClaimStatus.OVERPAYMENT)
    owed = replace(facts.overpayments[0], amount_cents=322_000, balance_cents=241_500)
    for at_fault, words in ((False, "ask for a waiver"), (True, "you can't get a waiver")):
        answer = status_answer(replace(facts, overpayments=(replace(owed, at_fault=at_fault),)), AS_OF, "en")
        assert "$3,220.00" in answer.section("happening").text
        assert "You still owe $2,415.00." in answer.section("happening").text
        assert words in answer.section("act").text


def test_a_debt_on_a_claim_that_is_paid_is_not_left_out(every_claim: list[ClaimFacts]) -> None:
    paying = _of(every_claim, ClaimStatus.PAYING)
    debt = _of(every_claim, ClaimStatus.OVERPAYMENT).overpayments[0]
    money = status_answer(replace(paying, overpayments=(debt,)), AS_OF, "en").section("money").text
    assert "There is also an overpayment" in money


def test_a_hearing_is_said_in_pacific_time(every_claim: list[ClaimFacts]) -> None:
    facts = _of(every_claim, ClaimStatus.HEARING_SET)
    appeal = replace(
        facts.appeals[0],
        filed_by=Party.CLAIMANT,
        hearing_at=datetime(2026, 12, 2, 17, 30, tzinfo=timezone.utc),
    )
    facts = replace(facts, appeals=(appeal,))
    answer = status_answer(facts, AS_OF, "en")
    assert "Wednesday, December 2, 2026 at 9:30 AM, Pacific time" in answer.section("happening").text
    due = answer.section("act").due
    assert due is not None and due.label == "December 2, 2026 (in 11 days)"
    spanish = status_answer(facts, AS_OF, "es").section("happening").text
    assert "miércoles 2 de diciembre de 2026 a las 9:30" in spanish


def test_an_insurance_claim_shows_who_pays_what(every_claim: list[ClaimFacts]) -> None:
    facts = _of(every_claim, ClaimStatus.HEALTH_PROCESSED)
    assert facts.health is not None
    health = replace(
        facts.health,
        billed_cents=50_000,
        allowed_cents=30_000,
        plan_paid_cents=24_000,
        member_owes_cents=6_000,
    )
    answer = status_answer(replace(facts, health=health), AS_OF, "en")
    assert "The plan paid $240.00. Your share is $60.00." in answer.section("money").text
    assert [row["amount"] for row in answer.tables[0]["rows"]] == ["$500.00", "$300.00", "$240.00", "$60.00"]


def test_a_reason_without_words_points_to_the_letter(every_claim: list[ClaimFacts]) -> None:
    facts = _of(every_claim, ClaimStatus.DENIED)
    decision = replace(facts.determinations[0], reason="something_new")
    text = status_answer(replace(facts, determinations=(decision,)), AS_OF, "en").section("happening").text
    assert "The reason is in your decision letter." in text


def test_every_reason_question_and_request_has_its_words() -> None:
    words = load("claims")
    for kind, reasons in vocabulary.ISSUE_REASONS.items():
        assert f"issue.{kind}.question" in words
        assert all(f"reason.{reason}" in words for reason in reasons)
    assert all(f"reason.{reason}" in words for reason in vocabulary.HEALTH_REASONS)
    assert all(f"info.{needed}" in words for needed in vocabulary.INFO_NEEDED)


def test_the_day_is_the_agencys_and_not_utc() -> None:
    just_after_midnight_utc = datetime(2026, 12, 1, 5, 30, tzinfo=timezone.utc)
    assert agency_day(Program.WA_UI, just_after_midnight_utc) == date(2026, 11, 30)
    assert agency_day(Program.OK_INSURANCE, just_after_midnight_utc) == date(2026, 11, 30)
    assert agency_day(Program.OK_INSURANCE, datetime(2026, 12, 1, 6, 30, tzinfo=timezone.utc)) == date(2026, 12, 1)


# ------------------------------------------------------------------ how it reads


def test_english_reads_at_grade_eight_or_below(every_claim: list[ClaimFacts]) -> None:
    for facts in every_claim:
        for section in status_answer(facts, AS_OF, "en").sections:
            assert _grade(section.text) <= 8, (facts.status, section.key, _grade(section.text), section.text)


def test_spanish_reads_as_easily(every_claim: list[ClaimFacts]) -> None:
    textstat.set_lang("es")
    for facts in every_claim:
        text = " ".join(section.text for section in status_answer(facts, AS_OF, "es").sections)
        # 60 to 70 on the scale of Fernández Huerta is what the eighth and ninth grades read.
        assert textstat.fernandez_huerta(text) >= 65, (facts.status, textstat.fernandez_huerta(text))


def _grade(text: str) -> float:
    """The Flesch-Kincaid grade; figures, dates and addresses are left out, as no one sounds them out."""
    prose = re.sub(r"[$\w-]*\d(?:[\w,:-]|\.\d)*|secure\.esd\.wa\.gov", "", text)
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", prose)))
    words = re.findall(r"[A-Za-z']+", prose)
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    bare = re.sub(r"(?:[^laeiouy]es|ed|[^laeiouy]e)$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", re.sub(r"^y", "", bare))))
