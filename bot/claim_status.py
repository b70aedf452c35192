"""What is going on with a claim, as four answers in plain words: pure, from the claim's facts and the day.

The four are what is happening, who has to act and by when, what about the money, and how to get help.
Only dates the claim holds are ever said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot import agency
from bot.stores.claims import AppealFacts, ClaimFacts, DeterminationFacts, HealthFacts, IssueFacts, PaymentFacts
from bot.stores.vocabulary import ClaimStatus, Decision, Party, Program, WeekState
from bot.words import Cents, Words, say

SECTIONS = ("happening", "act", "money", "help")
WEEKS_SHOWN = 6
NOTHING = "\N{EM DASH}"
_TIME_ZONES = {
    Program.OK_INSURANCE: ZoneInfo("America/Chicago"),
    Program.WA_UI: ZoneInfo("America/Los_Angeles"),
}
HEARINGS_ZONE = _TIME_ZONES[Program.WA_UI]


@dataclass(frozen=True)
class Due:
    """A day that matters, how far it is off, and both in words."""

    on: date
    days_left: int
    label: str


@dataclass(frozen=True)
class Section:
    """One of the four answers."""

    key: str
    heading: str
    text: str
    due: Due | None = None


@dataclass(frozen=True)
class StatusAnswer:
    """The four answers, and tables that show the figures behind them."""

    title: str
    claim_number: str
    sections: tuple[Section, ...]
    tables: tuple[dict[str, Any], ...] = ()

    def section(self, key: str) -> Section:
        """The answer to one of the four questions."""
        return next(section for section in self.sections if section.key == key)

    def card(self) -> dict[str, Any]:
        """The `status` card."""
        card: dict[str, Any] = {
            "type": "status",
            "title": self.title,
            "claim_number": self.claim_number,
            "sections": [_section_json(section) for section in self.sections],
        }
        if self.tables:
            card["tables"] = list(self.tables)
        return card

    @property
    def text(self) -> str:
        """The same in plain text, for channels that show no cards."""
        lines = [f"{self.title}: {self.claim_number}"]
        for section in self.sections:
            lines += [section.heading, section.text]
            if section.due is not None:
                lines.append(section.due.label)
        return "\n".join(lines + [table_text(table) for table in self.tables])


def agency_day(program: Program, now: datetime) -> date:
    """The day it is at the agency of a program: days left are counted there, not in UTC."""
    return now.astimezone(_TIME_ZONES.get(program, _TIME_ZONES[Program.WA_UI])).date()


def status_answer(facts: ClaimFacts, today: date, language: str) -> StatusAnswer:
    """The four answers about a claim as it stands on `today`."""
    told = _Told(facts, today, Words("claims", language))
    _TELLERS[facts.status](told)
    _tell_what_else(told)
    insurance = facts.program is Program.OK_INSURANCE
    program = Program.OK_INSURANCE if insurance else Program.WA_UI
    told.say("help", f"help.{program}", **agency.phones())
    if facts.weeks:
        told.tables.append(weeks_table(facts, told.words))
    return StatusAnswer(
        title=told.words(f"title.{program}"),
        claim_number=facts.claim_number,
        sections=tuple(
            Section(
                key,
                told.words(f"heading.{key}"),
                " ".join(told.sentences[key]),
                told.due if key == "act" else None,
            )
            for key in SECTIONS
        ),
        tables=tuple(told.tables),
    )


def weeks_table(facts: ClaimFacts, words: Words, *, most: int = WEEKS_SHOWN) -> dict[str, Any]:
    """The newest weeks of a claim as a table: the state of each, and what was paid for it and when."""
    paid = {payment.week_ends_on: payment for payment in facts.payments}
    rows = []
    for week in reversed(facts.weeks[-most:]):
        payment = paid.get(week.week_ends_on)
        rows.append(
            {
                "week": say(week.week_ends_on, words.language),
                "state": words(f"week.{week.state}"),
                "amount": NOTHING if payment is None else say(Cents(payment.amount_cents), words.language),
                "paid_on": NOTHING if payment is None else say(payment.paid_on, words.language),
            }
        )
    names = ("week", "state", "amount", "paid_on")
    columns = [{"key": name, "label": words(f"table.weeks.{name}")} for name in names]
    columns[2]["align"] = "end"
    table = {"type": "table", "caption": words("table.weeks.caption"), "columns": columns, "rows": rows}
    if len(facts.weeks) > most:
        table["note"] = words("table.weeks.note", shown=most, total=len(facts.weeks))
    return table


def payments_table(payments: Iterable[PaymentFacts], caption: str, words: Words) -> dict[str, Any]:
    """Payments as a table, the newest first."""
    names = ("week", "amount", "paid_on")
    columns = [{"key": name, "label": words(f"table.weeks.{name}")} for name in names]
    columns[1]["align"] = "end"
    rows = [
        {
            "week": say(payment.week_ends_on, words.language),
            "amount": say(Cents(payment.amount_cents), words.language),
            "paid_on": say(payment.paid_on, words.language),
        }
        for payment in sorted(payments, key=lambda payment: payment.week_ends_on, reverse=True)
    ]
    return {"type": "table", "caption": caption, "columns": columns, "rows": rows}


def table_text(table: dict[str, Any]) -> str:
    """A table card's rows in plain text, one line a row, with its caption above."""
    first, *others = [column["key"] for column in table["columns"]]
    rows = [
        f"{row[first]}: " + ", ".join(row[name] for name in others if row[name] != NOTHING) for row in table["rows"]
    ]
    return "\n".join([table["caption"], *rows, *([table["note"]] if "note" in table else [])])


def _section_json(section: Section) -> dict[str, Any]:
    shown: dict[str, Any] = {"key": section.key, "heading": section.heading, "text": section.text}
    if section.due is not None:
        due = section.due
        shown["due"] = {"date": due.on.isoformat(), "days_left": due.days_left, "label": due.label}
    return shown


class _Told:
    """The answers while they are being put together, sentence by sentence."""

    def __init__(self, facts: ClaimFacts, today: date, words: Words) -> None:
        self.facts = facts
        self.today = today
        self.words = words
        self.sentences: dict[str, list[str]] = {key: [] for key in SECTIONS}
        self.due: Due | None = None
        self.tables: list[dict[str, Any]] = []

    def say(self, section: str, key: str, **values: Any) -> None:
        """Add a sentence to one of the answers."""
        self.sentences[section].append(self.words(key, **values))

    def set_due(self, on: date, kind: str = "due") -> None:
        """Show a day that lies ahead beside who has to act; `kind` is "due" or "event"."""
        days = (on - self.today).days
        number = "today" if days == 0 else "one" if days == 1 else "many"
        self.due = Due(on, days, self.words(f"{kind}.{number}", date=on, days=days))

    def has_passed(self, day: date) -> bool:
        return day < self.today

    def tell_money(self) -> None:
        """The next payment, the last one, and how much of the whole has been paid."""
        facts = self.facts
        if facts.next_payment_on is not None and not self.has_passed(facts.next_payment_on):
            self.say("money", "money.next", next_payment_on=facts.next_payment_on)
        elif facts.status is not ClaimStatus.CLOSED and facts.status is not ClaimStatus.EXHAUSTED:
            self.say("money", "money.no_next")
        self.tell_last_payment()
        if facts.payments and facts.maximum_benefit_cents is not None:
            self.say(
                "money",
                "money.so_far",
                paid=Cents(facts.paid_to_date_cents),
                maximum=Cents(facts.maximum_benefit_cents),
            )

    def tell_last_payment(self) -> None:
        if self.facts.payments:
            last = self.facts.payments[-1]
            self.say(
                "money",
                "money.last",
                amount=Cents(last.amount_cents),
                paid_on=last.paid_on,
                week_ends_on=last.week_ends_on,
            )

    def tell_weeks_waiting(self) -> None:
        waiting = [w for w in self.facts.weeks if w.state in (WeekState.PENDING, WeekState.HELD)]
        if waiting:
            number = "one" if len(waiting) == 1 else "many"
            self.say("money", f"money.weeks_waiting.{number}", count=len(waiting))

    def tell_reason(self, determination: DeterminationFacts) -> None:
        """Why a decision went as it did, in the words for its reason, and when it was mailed."""
        self.say("happening", reason_key(determination, self.words))
        self.say("happening", "denied.mailed", mailed_on=determination.mailed_on)

    def tell_right_to_appeal(self, denials: list[DeterminationFacts], act: str, keys: str) -> None:
        """The right to appeal: how (`act`), the day that comes first, or what a missed day means."""
        dated = sorted((d for d in denials if d.appeal_by is not None), key=lambda d: d.appeal_by or date.max)
        ahead = [d for d in dated if d.appeal_by is not None and not self.has_passed(d.appeal_by)]
        if ahead and ahead[0].appeal_by is not None:
            self.say("act", act)
            self.set_due(ahead[0].appeal_by)
            for other in ahead[1:]:
                self.say("act", "denied.act.other", mailed_on=other.mailed_on, appeal_by=other.appeal_by)
        elif dated:
            self.say("act", f"{keys}.act.passed", appeal_by=dated[-1].appeal_by)
        else:
            self.say("act", f"{keys}.act.unknown")


def reason_key(determination: DeterminationFacts, words: Words) -> str:
    """The key of the words for a decision's reason; a reason we have no words for points to the letter."""
    key = f"reason.{determination.reason}"
    return key if key in words else "reason.other"


def _tell_what_else(told: _Told) -> None:
    """What holds besides the status: an open question or a debt is never left out."""
    facts = told.facts
    if facts.status not in (ClaimStatus.ADJUDICATION, ClaimStatus.IDENTITY_CHECK):
        for issue in facts.open_issues:
            told.say("happening", "also.issue", question=told.words(f"issue.{issue.kind}.question"))
    owed = sum(overpayment.balance_cents for overpayment in facts.overpayments)
    if owed and facts.status is not ClaimStatus.OVERPAYMENT:
        told.say("money", "also.overpayment", balance=Cents(owed))


# ------------------------------------------------------------------ unemployment


def _tell_received(told: _Told) -> None:
    told.say("happening", "received.happening", filed_on=told.facts.filed_on)
    told.say("act", "received.act")
    told.say("money", "received.money")
    told.tell_weeks_waiting()


def _tell_waiting_week(told: _Told) -> None:
    waiting = [week for week in told.facts.weeks if week.state is WeekState.WAITING]
    if waiting:
        told.say("happening", "waiting_week.happening", week_ends_on=waiting[0].week_ends_on)
    else:
        told.say("happening", "waiting_week.happening.plain")
    told.say("act", "waiting_week.act")
    told.say("money", "waiting_week.money")
    if told.facts.weekly_benefit_cents is not None:
        told.say("money", "waiting_week.money.weekly", weekly=Cents(told.facts.weekly_benefit_cents))


def _tell_who_answers(told: _Told, issues: tuple[IssueFacts, ...], keys: str) -> None:
    """Who has to act on open issues: the claimant before all others, then the employer, then the agency."""
    asked = [issue for issue in issues if issue.waiting_on is Party.CLAIMANT]
    employer = [issue for issue in issues if issue.waiting_on is Party.EMPLOYER]
    if asked:
        days = sorted(issue.respond_by for issue in asked if issue.respond_by is not None)
        ahead = [day for day in days if not told.has_passed(day)]
        if days and not ahead:
            told.say("act", f"{keys}.act.late", respond_by=days[-1])
        else:
            told.say("act", f"{keys}.act.claimant")
            if ahead:
                told.set_due(ahead[0])
    elif employer and f"{keys}.act.employer" in told.words:
        told.say("act", f"{keys}.act.employer")
        if employer[0].respond_by is not None:
            tense = "was_due" if told.has_passed(employer[0].respond_by) else "due"
            told.say("act", f"{keys}.act.employer.{tense}", respond_by=employer[0].respond_by)
    else:
        told.say("act", f"{keys}.act.agency")


def _tell_identity_check(told: _Told) -> None:
    told.say("happening", "identity_check.happening")
    if told.facts.open_issues:
        told.say("happening", "identity_check.since", opened_on=told.facts.open_issues[0].opened_on)
    _tell_who_answers(told, told.facts.open_issues, "identity_check")
    told.say("act", "keep_filing")
    told.say("money", "identity_check.money")
    told.tell_weeks_waiting()


def _tell_adjudication(told: _Told) -> None:
    told.say("happening", "adjudication.happening")
    for issue in told.facts.open_issues:
        told.say("happening", "adjudication.question", question=told.words(f"issue.{issue.kind}.question"))
        days = (told.today - issue.opened_on).days
        number = "today" if days <= 0 else "one" if days == 1 else "many"
        told.say("happening", f"adjudication.opened.{number}", opened_on=issue.opened_on, days=days)
    _tell_who_answers(told, told.facts.open_issues, "adjudication")
    told.say("act", "keep_filing")
    told.say("money", "adjudication.money")
    told.tell_weeks_waiting()
    told.tell_last_payment()


def _tell_paying(told: _Told) -> None:
    told.say("happening", "paying.happening")
    told.say("act", "paying.act")
    told.tell_money()


def _tell_stopped(told: _Told) -> None:
    missed = [week for week in told.facts.weeks if week.state is WeekState.MISSED]
    if missed:
        told.say("happening", "stopped.happening", week_ends_on=missed[-1].week_ends_on)
    else:
        told.say("happening", "stopped.happening.plain")
    told.say("act", "stopped.act")
    told.tell_money()


def _unappealed_denials(facts: ClaimFacts) -> list[DeterminationFacts]:
    appealed = {appeal.determination_id for appeal in facts.appeals}
    return [d for d in facts.determinations if d.decision is Decision.DENIED and d.id not in appealed]


def _tell_denied(told: _Told) -> None:
    denials = _unappealed_denials(told.facts)
    first_weeks = {issue.id: issue.first_week_ends_on for issue in told.facts.issues}
    first_week = first_weeks.get(denials[-1].issue_id or 0) if denials else None
    if first_week is not None:
        told.say("happening", "denied.happening.from", first_week_ends_on=first_week)
    else:
        told.say("happening", "denied.happening")
    for denial in denials:
        told.tell_reason(denial)
    told.tell_right_to_appeal(denials, "denied.act", "denied")
    told.say("act", "keep_filing")
    told.say("money", "denied.money")
    told.tell_last_payment()


def _appeal_side(appeal: AppealFacts) -> str:
    return "employer" if appeal.filed_by is Party.EMPLOYER else "claimant"


def _tell_appeal_filed(told: _Told) -> None:
    if not told.facts.appeals:
        told.say("happening", "appeal_filed.happening.plain")
    else:
        appeal = told.facts.appeals[-1]
        told.say("happening", f"appeal_filed.happening.{_appeal_side(appeal)}", filed_on=appeal.filed_on)
    told.say("act", "appeal_filed.act")
    told.say("act", "keep_filing")
    _tell_money_under_appeal(told)


def _tell_money_under_appeal(told: _Told) -> None:
    by_employer = bool(told.facts.appeals) and told.facts.appeals[-1].filed_by is Party.EMPLOYER
    told.say("money", f"appeal.money.{'employer' if by_employer else 'claimant'}")
    if by_employer or told.facts.next_payment_on is not None:
        told.tell_money()
    else:
        told.tell_last_payment()


def _tell_hearing_set(told: _Told) -> None:
    appeal = told.facts.appeals[-1] if told.facts.appeals else None
    if appeal is None or appeal.hearing_at is None:
        _tell_appeal_filed(told)
        return
    local = appeal.hearing_at.astimezone(HEARINGS_ZONE)
    if told.has_passed(local.date()):
        told.say("happening", "hearing_set.happening.past", hearing_at=local)
        told.say("act", "hearing_set.act.past")
    else:
        told.say("happening", f"hearing_set.happening.{_appeal_side(appeal)}", hearing_at=local)
        told.say("act", "hearing_set.act")
        told.set_due(local.date(), "event")
    told.say("act", "keep_filing")
    _tell_money_under_appeal(told)
    told.say("help", "help.hearing")


def _tell_decided(told: _Told) -> None:
    appeal = told.facts.appeals[-1] if told.facts.appeals else None
    if appeal is None or appeal.decision is None or appeal.decided_on is None:
        told.say("happening", "decided.happening.plain")
        told.say("act", "keep_filing")
        told.tell_money()
        return
    told.say("happening", f"decided.happening.{appeal.decision}", decided_on=appeal.decided_on)
    if appeal.decision is Decision.ALLOWED:
        told.say("act", "decided.act.allowed")
    elif appeal.review_by is not None and told.has_passed(appeal.review_by):
        told.say("act", "decided.act.passed", review_by=appeal.review_by)
    else:
        told.say("act", "decided.act.denied")
        if appeal.review_by is not None:
            told.set_due(appeal.review_by)
    told.say("act", "keep_filing")
    told.say("money", f"decided.money.{appeal.decision}")
    told.tell_money()


def _tell_overpayment(told: _Told) -> None:
    facts = told.facts
    overpayment = facts.overpayments[-1] if facts.overpayments else None
    if overpayment is None:
        told.say("happening", "overpayment.happening.plain")
        told.say("act", "overpayment.act")
    else:
        told.say(
            "happening",
            "overpayment.happening",
            amount=Cents(sum(row.amount_cents for row in facts.overpayments)),
            balance=Cents(sum(row.balance_cents for row in facts.overpayments)),
        )
        told.say("act", "overpayment.act")
        decisions = [d for d in facts.determinations if d.id == overpayment.determination_id]
        for decision in decisions:
            told.tell_reason(decision)
        if overpayment.at_fault:
            told.say("act", "overpayment.act.at_fault")
        elif any(decision.reason == "misconduct" for decision in decisions):
            told.say("act", "overpayment.act.misconduct")
        else:
            told.say("act", "overpayment.act.waiver")
        for decision in decisions:
            if decision.appeal_by is not None and not told.has_passed(decision.appeal_by):
                told.set_due(decision.appeal_by)
            elif decision.appeal_by is not None:
                told.say("act", "overpayment.act.passed", appeal_by=decision.appeal_by)
    told.say("money", "overpayment.money")
    told.tell_money()
    told.say("help", "help.overpayment")


def _tell_exhausted(told: _Told) -> None:
    facts = told.facts
    if facts.maximum_benefit_cents is not None:
        told.say("happening", "exhausted.happening", maximum=Cents(facts.maximum_benefit_cents))
    else:
        told.say("happening", "exhausted.happening.plain")
    told.say("act", "exhausted.act")
    if facts.benefit_year_ends_on is not None:
        told.say("act", "exhausted.act.year", benefit_year_ends_on=facts.benefit_year_ends_on)
    told.say("money", "no_more_money")
    told.tell_last_payment()


def _tell_closed(told: _Told) -> None:
    facts = told.facts
    if facts.benefit_year_ends_on is not None and told.has_passed(facts.benefit_year_ends_on):
        told.say("happening", "closed.happening", benefit_year_ends_on=facts.benefit_year_ends_on)
    else:
        told.say("happening", "closed.happening.plain")
    told.say("act", "closed.act")
    told.say("money", "no_more_money")
    told.say("money", "in_all", paid=Cents(facts.paid_to_date_cents))


# ------------------------------------------------------------------ insurance


def _tell_care(told: _Told, key: str, **values: Any) -> HealthFacts | None:
    """Say what happens to the claim for this care, or only that it came in when no more is known."""
    health = told.facts.health
    if health is None:
        told.say("happening", "health.plain.happening", filed_on=told.facts.filed_on)
    else:
        told.say("happening", key, service_on=health.service_on, provider=health.provider, **values)
    return health


def _tell_open_sums(told: _Told, health: HealthFacts | None) -> None:
    if health is None:
        told.say("money", "health.money.unknown")
    else:
        told.say("money", "health.money.open", billed=Cents(health.billed_cents))


def _tell_health_received(told: _Told) -> None:
    health = _tell_care(told, "health_received.happening", filed_on=told.facts.filed_on)
    told.say("act", "health_received.act")
    _tell_open_sums(told, health)


def _tell_health_info_needed(told: _Told) -> None:
    needed = f"info.{told.facts.health.info_needed}" if told.facts.health else ""
    info = told.words(needed if needed in told.words else "info.other")
    health = _tell_care(told, "health_info_needed.happening", info=info)
    respond_by = health.respond_by if health else None
    if health is None or health.waiting_on not in (Party.CLAIMANT, Party.PROVIDER):
        told.say("act", "health_received.act")
    elif health.waiting_on is Party.PROVIDER:
        told.say("act", "health_info_needed.act.provider")
        if respond_by is not None:
            told.say("act", "health_info_needed.act.provider.due", respond_by=respond_by)
    elif respond_by is not None and told.has_passed(respond_by):
        told.say("act", "health_info_needed.act.late", respond_by=respond_by)
    else:
        told.say("act", "health_info_needed.act.claimant")
        if respond_by is not None:
            told.set_due(respond_by)
    _tell_open_sums(told, health)


def _tell_sums(told: _Told, health: HealthFacts | None) -> None:
    """What the plan paid, what is owed, and both in a table."""
    if health is None or health.plan_paid_cents is None or health.member_owes_cents is None:
        told.say("act", "health.act.unknown")
        told.say("money", "health.money.unknown")
        return
    told.say("act", "health.act.owes" if health.member_owes_cents else "health.act.nothing")
    told.say(
        "money",
        "health.money.paid",
        plan_paid=Cents(health.plan_paid_cents),
        member_owes=Cents(health.member_owes_cents),
    )
    told.tables.append(_sums_table(told, health))


def _sums_table(told: _Told, health: HealthFacts) -> dict[str, Any]:
    names = ("billed", "allowed", "plan_paid", "member_owes")
    amounts = {name: getattr(health, f"{name}_cents") for name in names}
    words = told.words
    return {
        "type": "table",
        "caption": words("table.health.caption"),
        "columns": [
            {"key": "what", "label": words("table.health.what")},
            {"key": "amount", "label": words("table.health.amount"), "align": "end"},
        ],
        "rows": [
            {"what": words(f"table.health.{name}"), "amount": say(Cents(cents), words.language)}
            for name, cents in amounts.items()
            if cents is not None
        ],
    }


def _tell_health_processed(told: _Told) -> None:
    _tell_sums(told, _tell_care(told, "health_processed.happening"))


def _tell_health_adjusted(told: _Told) -> None:
    health = _tell_care(told, "health_adjusted.happening")
    if health is not None and health.adjusted_on is not None:
        told.say("happening", "health_adjusted.on", adjusted_on=health.adjusted_on)
    _tell_sums(told, health)


def _tell_health_denied(told: _Told) -> None:
    _tell_care(told, "health_denied.happening")
    denials = _unappealed_denials(told.facts)
    for denial in denials:
        told.tell_reason(denial)
    told.tell_right_to_appeal(denials, "health_denied.act", "health_denied")
    told.say("money", "health_denied.money")


_TELLERS: dict[ClaimStatus, Callable[[_Told], None]] = {
    ClaimStatus.RECEIVED: _tell_received,
    ClaimStatus.WAITING_WEEK: _tell_waiting_week,
    ClaimStatus.IDENTITY_CHECK: _tell_identity_check,
    ClaimStatus.ADJUDICATION: _tell_adjudication,
    ClaimStatus.PAYING: _tell_paying,
    ClaimStatus.STOPPED: _tell_stopped,
    ClaimStatus.DENIED: _tell_denied,
    ClaimStatus.APPEAL_FILED: _tell_appeal_filed,
    ClaimStatus.HEARING_SET: _tell_hearing_set,
    ClaimStatus.DECIDED: _tell_decided,
    ClaimStatus.OVERPAYMENT: _tell_overpayment,
    ClaimStatus.EXHAUSTED: _tell_exhausted,
    ClaimStatus.CLOSED: _tell_closed,
    ClaimStatus.HEALTH_RECEIVED: _tell_health_received,
    ClaimStatus.HEALTH_INFO_NEEDED: _tell_health_info_needed,
    ClaimStatus.HEALTH_PROCESSED: _tell_health_processed,
    ClaimStatus.HEALTH_DENIED: _tell_health_denied,
    ClaimStatus.HEALTH_ADJUSTED: _tell_health_adjusted,
}
