"""What an intake can be about on a claim: its open questions, its decisions, its overpayment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from bot.intake_forms import IntakeForm, Subject, forms
from bot.stores.claims import ClaimFacts
from bot.stores.intakes import About
from bot.stores.vocabulary import Decision, IntakeKind, Party


def subjects(form: IntakeForm, facts: ClaimFacts, today: date) -> list[About]:
    """Everything on the claim that an intake of this kind can be about, the newest last."""
    return _FINDERS[form.about](facts, today)


def offers(facts: ClaimFacts) -> list[IntakeKind]:
    """The kinds of intake worth offering beside the status of a claim."""
    today = date.max
    found = []
    if subjects(forms()[IntakeKind.STATEMENT], facts, today):
        found.append(IntakeKind.STATEMENT)
    if subjects(forms()[IntakeKind.WAIVER], facts, today):
        found += [] if waiver_is_barred(facts) else [IntakeKind.WAIVER]
        found.append(IntakeKind.PAYMENT_PLAN)
    elif subjects(forms()[IntakeKind.APPEAL], facts, today):
        found.append(IntakeKind.APPEAL)
    return found


def waiver_is_barred(facts: ClaimFacts) -> bool:
    """Whether the rules leave no room for a waiver: a finding of fault, or a discharge for misconduct."""
    reasons = {determination.id: determination.reason for determination in facts.determinations}
    owed = [overpayment for overpayment in facts.overpayments if overpayment.balance_cents > 0]
    return all(one.at_fault or reasons.get(one.determination_id) == "misconduct" for one in owed)


def _issues(facts: ClaimFacts, today: date) -> list[About]:
    found = []
    for issue in facts.open_issues:
        # A day the employer or the agency has to keep is no day for the claimant.
        due = issue.respond_by if issue.waiting_on is Party.CLAIMANT else None
        found.append(
            About(
                facts.id,
                topic=str(issue.kind),
                since_on=issue.opened_on,
                due_on=due,
                is_late=due is not None and today > due,
            )
        )
    return found


def _determinations(facts: ClaimFacts, today: date) -> list[About]:
    appealed = {appeal.determination_id for appeal in facts.appeals if appeal.filed_by is Party.CLAIMANT}
    return [
        About(
            facts.id,
            topic=determination.reason,
            since_on=determination.mailed_on,
            due_on=determination.appeal_by,
            is_late=determination.appeal_by is not None and today > determination.appeal_by,
        )
        for determination in facts.determinations
        if determination.decision is Decision.DENIED and determination.id not in appealed
    ]


def _overpayments(facts: ClaimFacts, today: date) -> list[About]:
    return [
        About(facts.id, topic="overpayment", since_on=overpayment.opened_on)
        for overpayment in facts.overpayments
        if overpayment.balance_cents > 0
    ]


def _claim(facts: ClaimFacts, today: date) -> list[About]:
    return [About(facts.id)]


def _nothing(facts: ClaimFacts, today: date) -> list[About]:
    return [About()]


_FINDERS: dict[Subject, Callable[[ClaimFacts, date], list[About]]] = {
    Subject.ISSUE: _issues,
    Subject.DETERMINATION: _determinations,
    Subject.OVERPAYMENT: _overpayments,
    Subject.CLAIM: _claim,
    Subject.NOTHING: _nothing,
}
