"""Questions about one's own claim beyond its status: why, when and how much paid, what to do, the hearing.

Each is answered from the claim's facts alone, in the same four-part form, cut down to what was asked.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import yaml
from babel.dates import format_skeleton, get_month_names

from bot.accents import without_accents
from bot.claim_status import (
    HEARINGS_ZONE,
    Section,
    StatusAnswer,
    payments_table,
    status_answer,
    weeks_table,
)
from bot.settings import PROJECT_ROOT
from bot.stores.claims import ClaimFacts
from bot.stores.vocabulary import AppealState, ClaimStatus, IssueKind, Program, WeekState, Word
from bot.words import Cents, Words
from bot.yaml_files import read_yaml

WEEKS_SHOWN = 12


class Ask(Word):
    """What can be asked about a claim."""

    STATUS = "status"
    WHY = "why"
    PAID = "paid"
    HOW_MUCH = "how_much"
    NEEDED = "needed"
    HEARING = "hearing"
    FILED = "filed"


@dataclass(frozen=True)
class Period:
    """The days a question is about, both included; `month` when they are a whole one."""

    first: date
    last: date
    month: bool = False


# What a bare question of each intent is about, when nothing in its words says more.
_USUAL = {"claim_status": Ask.STATUS, "payment_status": Ask.PAID, "appeal_status": Ask.STATUS}

_ISSUE_TOPICS = {
    IssueKind.QUIT: "eligibility_quit",
    IssueKind.FIRED: "eligibility_fired",
    IssueKind.ABLE_AVAILABLE: "eligibility_able_available",
    IssueKind.JOB_SEARCH: "job_search_requirements",
    IssueKind.REFUSED_WORK: "standby_refusal_of_work",
    IssueKind.IDENTITY: "identity_verification",
    IssueKind.SCHOOL: "school_training",
    IssueKind.WAGES: "eligibility_hours_base_year",
    IssueKind.SEVERANCE: "severance_vacation_pension",
}
_STATUS_TOPICS = {
    ClaimStatus.RECEIVED: "weekly_claim",
    ClaimStatus.WAITING_WEEK: "waiting_week",
    ClaimStatus.PAYING: "weekly_claim",
    ClaimStatus.STOPPED: "reopen_claim",
    ClaimStatus.OVERPAYMENT: "overpayment",
    ClaimStatus.EXHAUSTED: "benefit_duration",
    ClaimStatus.CLOSED: "apply_how",
    ClaimStatus.HEALTH_RECEIVED: "health_claim_file",
    ClaimStatus.HEALTH_INFO_NEEDED: "health_claim_file",
    ClaimStatus.HEALTH_DENIED: "health_claim_denied",
}


def question_in(text: str, intent: str | None, *, today: date, dates: Iterable[str] = ()) -> Ask:
    """What a message asks about a claim: by its words, else what its intent usually asks."""
    folded = _fold(text)
    for ask, patterns in _cues().items():
        if any(pattern.search(folded) for pattern in patterns):
            return ask
    usual = _USUAL.get(intent or "", Ask.STATUS)
    if usual is Ask.PAID and period_in(text, today=today, dates=dates) is not None:
        return Ask.HOW_MUCH
    return usual


def asks_as_employer(text: str, topic: str | None) -> bool:
    """Whether somebody speaks of another person's claim as its employer.

    `topic` is what was answered last: after an employer's question, "is it approved?" is one too, unless
    the words say whose claim is meant.
    """
    folded = _fold(text)
    if any(pattern.search(folded) for pattern in _voices()["employer"]):
        return True
    about_own = any(pattern.search(folded) for pattern in _voices()["own_claim"])
    return topic == "employer_question" and not about_own


def asks_why_denied(text: str) -> bool:
    """Whether somebody asks why their own claim was turned down, whichever program it belongs to."""
    folded = _fold(text)
    return any(pattern.search(folded) for pattern in _voices()["own_denial"])


def period_in(text: str, *, today: date, dates: Iterable[str] = ()) -> Period | None:
    """The days a message names: a month, "last month", "this year", or a date found by understanding.

    `dates` are ISO days or ranges ("2026-10-01/2026-10-31"). A month without a year is the latest
    one that has begun.
    """
    folded = _fold(text)
    for pattern, period in _relative_periods(today):
        if re.search(pattern, folded):
            return period
    found = _MONTH.search(folded)
    if found:
        month = _months()[found["name"] or found["named"]]
        written_year = found["year"] or found["its_year"]
        year = int(written_year) if written_year else today.year - (month > today.month)
        return _month(date(year, month, 1))
    for written in dates:
        first, _, last = str(written).partition("/")
        try:
            return Period(date.fromisoformat(first), date.fromisoformat(last or first))
        except ValueError:
            continue
    return None


def answer_question(
    facts: ClaimFacts, ask: Ask, today: date, language: str, period: Period | None = None
) -> StatusAnswer:
    """The answer to one question about a claim, from its facts as they stand on `today`."""
    whole = status_answer(facts, today, language)
    words = Words("claims", language)
    if ask is Ask.WHY:
        happening = whole.section("happening")
        text = " ".join([happening.text, *_why_a_payment_is_small(facts, words)])
        return _cut(whole, replace(happening, text=text), whole.section("act"))
    if ask is Ask.PAID:
        tables = (weeks_table(facts, words, most=WEEKS_SHOWN),) if facts.weeks else whole.tables
        return _cut(whole, whole.section("money"), tables=tables)
    if ask is Ask.HOW_MUCH:
        return _how_much(facts, whole, words, period)
    if ask is Ask.NEEDED:
        return _cut(whole, whole.section("act"), whole.section("help"))
    if ask is Ask.HEARING:
        return _hearing(facts, whole, words, today)
    return whole


def rule_topic(facts: ClaimFacts) -> str | None:
    """The topic whose general answer explains what this claim is going through."""
    if facts.status in (ClaimStatus.ADJUDICATION, ClaimStatus.IDENTITY_CHECK) and facts.open_issues:
        return _ISSUE_TOPICS[facts.open_issues[-1].kind]
    if facts.status is ClaimStatus.DENIED:
        by_id = {issue.id: issue for issue in facts.issues}
        decided = [by_id[d.issue_id] for d in facts.determinations if d.issue_id in by_id]
        return _ISSUE_TOPICS[decided[-1].kind] if decided else "appeal_how"
    if facts.status in (ClaimStatus.APPEAL_FILED, ClaimStatus.HEARING_SET, ClaimStatus.DECIDED):
        return "appeal_how"
    return _STATUS_TOPICS.get(facts.status)


def next_questions(facts: ClaimFacts, answered: Ask) -> list[Ask]:
    """What is worth asking next about this claim, at most three, the whole status last."""
    worth = []
    if facts.status in _WITH_A_REASON:
        worth.append(Ask.WHY)
    if facts.program is not Program.OK_INSURANCE and facts.status not in _WITHOUT_PAYMENTS:
        worth.append(Ask.PAID)
    if any(appeal.state is AppealState.HEARING_SET for appeal in facts.appeals):
        worth.insert(0, Ask.HEARING)
    if answered is not Ask.STATUS:
        worth = [*[ask for ask in worth if ask is not answered][:2], Ask.STATUS]
    return worth[:3]


_WITH_A_REASON = {
    ClaimStatus.IDENTITY_CHECK,
    ClaimStatus.ADJUDICATION,
    ClaimStatus.STOPPED,
    ClaimStatus.DENIED,
    ClaimStatus.OVERPAYMENT,
    ClaimStatus.HEALTH_DENIED,
}
_WITHOUT_PAYMENTS = {ClaimStatus.EXHAUSTED, ClaimStatus.CLOSED}


def _cut(whole: StatusAnswer, *sections: Section, tables: tuple[dict[str, Any], ...] = ()) -> StatusAnswer:
    return replace(whole, sections=sections, tables=tables)


def _why_a_payment_is_small(facts: ClaimFacts, words: Words) -> list[str]:
    """What lowered the newest payment: earnings that were reported for its week."""
    if facts.status is ClaimStatus.WAITING_WEEK:
        return [words("why.waiting_week")]
    paid = [week for week in facts.weeks if week.state is WeekState.PAID]
    if facts.status is not ClaimStatus.PAYING or not paid or paid[-1].earnings_cents <= 500:
        return []
    return [words("why.earnings", week_ends_on=paid[-1].week_ends_on, earnings=Cents(paid[-1].earnings_cents))]


def _how_much(facts: ClaimFacts, whole: StatusAnswer, words: Words, period: Period | None) -> StatusAnswer:
    money = whole.section("money")
    if facts.program is Program.OK_INSURANCE:
        text = f"{words('how_much.insurance')} {money.text}"
        return _cut(whole, replace(money, text=text), tables=whole.tables)
    payments = [p for p in facts.payments if period is None or period.first <= p.paid_on <= period.last]
    when = _period_in_words(period, words)
    if not payments:
        return _cut(whole, replace(money, text=words("how_much.none", period=when)))
    total = Cents(sum(payment.amount_cents for payment in payments))
    number = "one" if len(payments) == 1 else "many"
    text = words(f"how_much.some.{number}", count=len(payments), amount=total, period=when)
    table = payments_table(payments, words("table.payments.caption", period=when), words)
    return _cut(whole, replace(money, text=text), tables=(table,))


def _period_in_words(period: Period | None, words: Words) -> str:
    if period is None:
        return words("period.all")
    if period.month:
        month = format_skeleton("yMMMM", period.first, locale=f"{words.language}_US")
        return words("period.month", month=month)
    if period.first == period.last:
        return words("period.day", first=period.first)
    return words("period.days", first=period.first, last=period.last)


def _hearing(facts: ClaimFacts, whole: StatusAnswer, words: Words, today: date) -> StatusAnswer:
    """What to do about a hearing one can't be at: before it, or after it was missed."""
    held = [appeal.hearing_at for appeal in facts.appeals if appeal.hearing_at is not None]
    if not held:
        happening = replace(whole.section("happening"), text=words("hearing.none"))
        return _cut(whole, happening, whole.section("help"))
    passed = held[-1].astimezone(HEARINGS_ZONE).date() < today
    act = whole.section("act")
    text = words("hearing.missed" if passed else "hearing.miss")
    if facts.status is not ClaimStatus.HEARING_SET:
        act = replace(act, due=None)
    return _cut(whole, whole.section("happening"), replace(act, text=text), whole.section("help"))


# ------------------------------------------------------------------ reading a question


def _fold(text: str) -> str:
    """Small letters without accents and apostrophes, as the cues are written."""
    return re.sub(r"['\N{RIGHT SINGLE QUOTATION MARK}`]", "", without_accents(text.lower()))


@functools.cache
def _voices() -> dict[str, list[re.Pattern[str]]]:
    written = read_yaml(PROJECT_ROOT / "data" / "claim_voices.yml")
    return {name: [re.compile(cue) for cue in cues] for name, cues in written.items()}


@functools.cache
def _cues() -> dict[Ask, list[re.Pattern[str]]]:
    written = yaml.safe_load((PROJECT_ROOT / "data" / "claim_cues.yml").read_text(encoding="utf-8"))
    return {Ask(name): [re.compile(cue) for cue in cues] for name, cues in written.items()}


@functools.cache
def _months() -> dict[str, int]:
    return {_fold(name): number for locale in ("en", "es") for number, name in get_month_names(locale=locale).items()}


# A month's name counts after a preposition or before a year: "may" and "march" are words too.
_MONTH_NAMES = "|".join(_months())
_MONTH = re.compile(
    rf"\b(?:in|for|during|of|since|en|de|durante|por)\s+(?P<name>{_MONTH_NAMES})\b"
    r"(?:,?\s+(?:of\s+|del?\s+)?(?P<year>20\d\d))?"
    rf"|\b(?P<named>{_MONTH_NAMES})\s+(?:of\s+|del?\s+)?(?P<its_year>20\d\d)\b"
)


def _relative_periods(today: date) -> list[tuple[str, Period]]:
    this_month = today.replace(day=1)
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    return [
        (r"\b(last month|mes pasado)\b", _month(this_month - timedelta(days=1))),
        (r"\b(this month|este mes)\b", _month(this_month)),
        (r"\b(last week|semana pasada)\b", Period(sunday - timedelta(days=7), sunday - timedelta(days=1))),
        (r"\b(this week|esta semana)\b", Period(sunday, sunday + timedelta(days=6))),
        (r"\b(last year|ano pasado)\b", _year(today.year - 1)),
        (r"\b(this year|este ano)\b", _year(today.year)),
    ]


def _month(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1), month=True)


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))
