"""Questions about one's own claim are told apart, and answered from the claim alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from bot.claim_questions import (
    Ask,
    Period,
    answer_question,
    asks_why_denied,
    next_questions,
    period_in,
    question_in,
    rule_topic,
)
from bot.stores.claims import AppealFacts, ClaimFacts, IssueFacts, PaymentFacts, WeekFacts
from bot.stores.vocabulary import (
    AppealState,
    ClaimStatus,
    IssueKind,
    IssueState,
    Party,
    Program,
    WeekState,
)
from bot.words import LANGUAGES

TODAY = date(2026, 11, 21)
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31), month=True)


def _claim(status: ClaimStatus = ClaimStatus.PAYING, **more: object) -> ClaimFacts:
    """A claim of five paid weeks of $600, the last sent on November 18."""
    saturdays = [date(2026, 10, 17) + timedelta(weeks=number) for number in range(5)]
    facts = ClaimFacts(
        id=1,
        claim_number="UI-40281735",
        claimant_id=1,
        claimant_language="en",
        program=Program.WA_UI,
        status=status,
        status_since_on=date(2026, 10, 20),
        filed_on=date(2026, 10, 6),
        effective_on=date(2026, 10, 4),
        benefit_year_ends_on=date(2027, 10, 2),
        weekly_benefit_cents=60_000,
        maximum_benefit_cents=1_560_000,
        paid_to_date_cents=300_000,
        next_payment_on=date(2026, 11, 25),
        updated_at=datetime(2026, 11, 18, tzinfo=timezone.utc),
        weeks=tuple(WeekFacts(day, WeekState.PAID, day + timedelta(days=1), 0) for day in saturdays),
        payments=tuple(PaymentFacts(day, 60_000, day + timedelta(days=4), "debit_card") for day in saturdays),
    )
    return replace(facts, **more)  # type: ignore[arg-type]


def _with_hearing(status: ClaimStatus, on: datetime) -> ClaimFacts:
    appeal = AppealFacts(1, 1, Party.CLAIMANT, AppealState.HEARING_SET, date(2026, 10, 1), on, None, None, None)
    return _claim(status, appeals=(appeal,))


# ------------------------------------------------------------------ telling questions apart


@pytest.mark.parametrize(
    ("text", "intent", "ask"),
    [
        ("been waiting 3 weeks, whats going on with my claim", "claim_status", Ask.STATUS),
        ("status of my claim", "claim_status", Ask.STATUS),
        ("¿en qué va mi reclamo?", "claim_status", Ask.STATUS),
        ("why is my claim still pending", "claim_status", Ask.WHY),
        ("por qué no me han pagado", "payment_status", Ask.WHY),
        ("porque me negaron", "claim_status", Ask.WHY),
        ("what do they need from me", "claim_status", Ask.NEEDED),
        ("do I have to send anything?", "claim_status", Ask.NEEDED),
        ("¿qué tengo que hacer?", "claim_status", Ask.NEEDED),
        ("que necesitan de mi", "claim_status", Ask.NEEDED),
        ("where is my money", "payment_status", Ask.PAID),
        ("when do i get paid", "payment_status", Ask.PAID),
        ("when will i get paid", "claim_status", Ask.PAID),
        ("¿cuándo me llega mi dinero?", "payment_status", Ask.PAID),
        ("how much did i get in october", "payment_status", Ask.HOW_MUCH),
        ("payments in october", "payment_status", Ask.HOW_MUCH),
        ("cuánto me pagaron en octubre", "payment_status", Ask.HOW_MUCH),
        ("what if i miss the hearing", "appeal_status", Ask.HEARING),
        ("i can't make my hearing on friday", "appeal_status", Ask.HEARING),
        ("need to reschedule my hearing", "appeal_status", Ask.HEARING),
        ("¿y si falto a la audiencia?", "appeal_status", Ask.HEARING),
        ("no puedo ir a la audiencia", "appeal_status", Ask.HEARING),
        ("when is my hearing", "appeal_status", Ask.STATUS),
        ("what about my appeal", "appeal_status", Ask.STATUS),
        ("tell me more", "tell_more", Ask.STATUS),
        ("why?", "tell_more", Ask.WHY),
        ("", None, Ask.STATUS),
    ],
)
def test_a_question_is_told_from_its_neighbours(text: str, intent: str | None, ask: Ask) -> None:
    assert question_in(text, intent, today=TODAY) is ask


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("how much did i get in october", OCTOBER),
        ("cuanto recibí en octubre", OCTOBER),
        ("october 2026 payments", OCTOBER),
        ("in october of 2025", Period(date(2025, 10, 1), date(2025, 10, 31), month=True)),
        ("en diciembre", Period(date(2025, 12, 1), date(2025, 12, 31), month=True)),
        ("in february", Period(date(2026, 2, 1), date(2026, 2, 28), month=True)),
        ("last month", OCTOBER),
        ("el mes pasado", OCTOBER),
        ("this month", Period(date(2026, 11, 1), date(2026, 11, 30), month=True)),
        ("last week", Period(date(2026, 11, 8), date(2026, 11, 14))),
        ("this year", Period(date(2026, 1, 1), date(2026, 12, 31))),
        ("el año pasado", Period(date(2025, 1, 1), date(2025, 12, 31))),
        ("i may get paid", None),
        ("how much so far", None),
    ],
)
def test_the_days_a_question_is_about_are_read(text: str, period: Period | None) -> None:
    assert period_in(text, today=TODAY) == period


def test_days_found_by_understanding_are_taken(text: str = "between the 3rd and the 9th") -> None:
    found = period_in(text, today=TODAY, dates=["nonsense", "2026-11-03/2026-11-09"])
    assert found == Period(date(2026, 11, 3), date(2026, 11, 9))
    assert period_in(text, today=TODAY, dates=["2026-11-03"]) == Period(date(2026, 11, 3), date(2026, 11, 3))


# ------------------------------------------------------------------ answers


def _text(facts: ClaimFacts, ask: Ask, language: str = "en", period: Period | None = None) -> str:
    return answer_question(facts, ask, TODAY, language, period).text


def test_how_much_in_a_month_counts_what_was_sent_in_it() -> None:
    text = _text(_claim(), Ask.HOW_MUCH, period=OCTOBER)
    assert "2 payments were sent in October 2026, $1,200.00 in all." in text
    assert "Payments sent in October 2026" in text
    spanish = _text(_claim(), Ask.HOW_MUCH, "es", OCTOBER)
    assert "Se enviaron 2 pagos en octubre de 2026, $1,200.00 en total." in spanish


def test_how_much_without_a_time_counts_everything() -> None:
    assert "5 payments were sent on this claim so far, $3,000.00 in all." in _text(_claim(), Ask.HOW_MUCH)


def test_how_much_on_a_day_without_payments_says_none() -> None:
    answer = answer_question(
        _claim(), Ask.HOW_MUCH, TODAY, "en", Period(date(2026, 9, 1), date(2026, 9, 30), month=True)
    )
    assert answer.section("money").text == "No payment was sent in September 2026."
    assert answer.tables == ()


def test_when_paid_gives_the_day_and_the_last_weeks() -> None:
    answer = answer_question(_claim(), Ask.PAID, TODAY, "en")
    assert [section.key for section in answer.sections] == ["money"]
    assert "Your next payment is set for November 25, 2026." in answer.text
    (table,) = answer.tables
    assert len(table["rows"]) == 5
    assert table["rows"][0] == {
        "week": "November 14, 2026",
        "state": "Paid",
        "amount": "$600.00",
        "paid_on": "November 18, 2026",
    }


def test_long_lists_of_weeks_are_cut_and_say_so() -> None:
    weeks = tuple(
        WeekFacts(date(2026, 1, 3) + timedelta(weeks=number), WeekState.DENIED, date(2026, 1, 4), 0)
        for number in range(40)
    )
    (table,) = answer_question(_claim(weeks=weeks), Ask.PAID, TODAY, "en").tables
    assert len(table["rows"]) == 12
    assert table["note"] == "These are the last 12 of 40 weeks."


def test_why_names_the_pay_that_made_a_payment_smaller() -> None:
    facts = _claim()
    worked = replace(facts.weeks[-1], earnings_cents=20_500)
    text = _text(replace(facts, weeks=(*facts.weeks[:-1], worked)), Ask.WHY)
    assert "you told the agency about $205.00 of pay" in text
    assert "pay. Pay above" not in _text(facts, Ask.WHY)


def test_why_and_what_is_needed_come_from_the_open_issue() -> None:
    issue = IssueFacts(
        1, IssueKind.QUIT, IssueState.FACTS_NEEDED, Party.CLAIMANT, date(2026, 11, 16), date(2026, 11, 26), None
    )
    facts = _claim(ClaimStatus.ADJUDICATION, issues=(issue,))
    assert "Did you have good cause to leave your job?" in _text(facts, Ask.WHY)
    needed = answer_question(facts, Ask.NEEDED, TODAY, "en")
    assert needed.sections[0].due is not None
    assert needed.sections[0].due.days_left == 5


def test_a_hearing_ahead_is_to_be_moved_before_it_and_a_past_one_explained() -> None:
    ahead = _with_hearing(ClaimStatus.HEARING_SET, datetime(2026, 12, 2, 17, tzinfo=timezone.utc))
    answer = answer_question(ahead, Ask.HEARING, TODAY, "en")
    assert "ask for a new day" in answer.text
    assert answer.section("act").due is not None
    past = _with_hearing(ClaimStatus.HEARING_SET, datetime(2026, 11, 12, 17, tzinfo=timezone.utc))
    assert "If you missed it" in _text(past, Ask.HEARING)


def test_without_a_hearing_none_is_invented() -> None:
    text = _text(_claim(), Ask.HEARING)
    assert "No hearing is set on this claim." in text
    assert "notice" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ask", list(Ask))
@pytest.mark.parametrize("status", list(ClaimStatus))
def test_every_question_has_an_answer_in_every_status(status: ClaimStatus, ask: Ask, language: str) -> None:
    program = Program.OK_INSURANCE if status.value.startswith("health") else Program.WA_UI
    answer = answer_question(_claim(status, program=program), ask, TODAY, language)
    assert answer.sections and all(section.text for section in answer.sections)
    assert answer.card()["claim_number"] == "UI-40281735"


def test_what_can_be_asked_next_fits_the_claim() -> None:
    assert next_questions(_claim(), Ask.STATUS) == [Ask.PAID]
    assert next_questions(_claim(ClaimStatus.CLOSED), Ask.STATUS) == []
    assert next_questions(_claim(ClaimStatus.DENIED), Ask.WHY) == [Ask.PAID, Ask.STATUS]
    hearing = _with_hearing(ClaimStatus.HEARING_SET, datetime(2026, 12, 2, 17, tzinfo=timezone.utc))
    assert next_questions(hearing, Ask.STATUS) == [Ask.HEARING, Ask.PAID]


@pytest.mark.parametrize(
    ("kind", "topic"), [(IssueKind.FIRED, "eligibility_fired"), (IssueKind.JOB_SEARCH, "job_search_requirements")]
)
def test_the_rule_behind_an_issue_is_offered(kind: IssueKind, topic: str) -> None:
    issue = IssueFacts(1, kind, IssueState.IN_REVIEW, Party.AGENCY, date(2026, 11, 1), None, None)
    assert rule_topic(_claim(ClaimStatus.ADJUDICATION, issues=(issue,))) == topic


@pytest.mark.parametrize(
    "text",
    [
        "did you get my statement?",
        "have you received my waiver request",
        "what happened to my callback",
        "any news about my payment plan",
        "has my waiver been decided",
        "¿recibieron mi declaración?",
        "qué pasó con mi pedido de exención",
        "ST-7K3M-9QPD",
    ],
)
def test_what_became_of_something_put_on_record_is_asked(text: str) -> None:
    assert question_in(text, None, today=TODAY) is Ask.FILED


@pytest.mark.parametrize(
    "text",
    ["did they get my appeal", "where is my payment", "how do i file a statement", "what do they need from me"],
)
def test_other_questions_are_not_about_what_was_put_on_record(text: str) -> None:
    assert question_in(text, None, today=TODAY) is not Ask.FILED


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("why was my claim denied", True),
        ("Why did you reject my unemployment?", True),
        ("what is the reason for my denial", True),
        ("¿Por qué negaron mi reclamo?", True),
        ("por qué me rechazaron", True),
        ("why are claims denied", False),
        ("my claim was denied", False),
        ("why is my payment late", False),
    ],
)
def test_why_ones_own_claim_was_denied(text: str, asks: bool) -> None:
    assert asks_why_denied(text) is asks
