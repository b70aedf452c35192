"""The questions and answers of an intake in words, as they are read back and as a specialist sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.claim_status import agency_day
from bot.clock import iso
from bot.intake_forms import AnswerKind, Question, Subject, forms
from bot.stores.intake_work import progress_of
from bot.stores.tables import Intake
from bot.stores.vocabulary import IssueKind, Program
from bot.words import Cents, Words, say


def questions_of(intake: Intake) -> tuple[Question, ...]:
    """The questions this intake asks, in order."""
    form = forms()[intake.kind]
    return form.ask(IssueKind(intake.topic) if form.about is Subject.ISSUE else None, is_late=intake.is_late)


def text_of(question: Question, intake: Intake, language: str) -> str:
    """A question in words, with the day it names."""
    return question.text[language].format(due=say(intake.due_on, language))


def matter_of(intake: Intake, language: str) -> str | None:
    """What on the claim an intake is about, in words; None where it is about the whole claim, or about none."""
    about = forms()[intake.kind].about
    if about is Subject.ISSUE:
        return Words("claims", language)(f"issue.{intake.topic}.question")
    if about in (Subject.DETERMINATION, Subject.OVERPAYMENT):
        return Words("intakes", language)(f"matter.{about}", since_on=intake.since_on)
    return None


def progress_in_words(intake: Intake, language: str) -> dict[str, str]:
    """A filed intake as who filed it is told of it: what and its receipt as `label`, how far it is as `value`."""
    words = Words("intakes", language)
    program = intake.program or Program.WA_UI
    name = forms()[intake.kind].name[language]
    days = {"filed_on": agency_day(program, intake.filed_at)}
    if intake.finished_at is not None:
        days["finished_on"] = agency_day(program, intake.finished_at)
    value = words(f"progress.{progress_of(intake)}", **days)
    if intake.outcome is not None:
        value += " " + words(f"outcome.{intake.outcome}")
    return {"label": f"{name[:1].upper()}{name[1:]} ({intake.receipt})", "value": value}


def answers_of(intake: Intake, language: str) -> list[dict[str, str]]:
    """What was asked and answered, in order, as `{label, value}`."""
    return [
        {"label": text_of(question, intake, language), "value": _said(question, intake.answers[question.key], language)}
        for question in questions_of(intake)
        if question.key in intake.answers
    ]


def as_json(intake: Intake, language: str) -> dict[str, Any]:
    """A filed intake as a specialist reads it: `{receipt, kind, title, language, filed_at, is_late, answers}`."""
    return {
        "receipt": intake.receipt,
        "kind": str(intake.kind),
        "title": forms()[intake.kind].name[language],
        "language": intake.language,
        "filed_at": iso(intake.filed_at),
        "is_late": intake.is_late,
        "answers": answers_of(intake, language),
    }


def _said(question: Question, answer: dict[str, str], language: str) -> str:
    """An answer as it was given; a bare value is shown the way it was understood."""
    text, value = answer["text"], answer.get("value")
    if value is None:
        return text
    if question.kind is AnswerKind.DATE:
        understood = str(say(date.fromisoformat(value), language))
        return understood if len(text.split()) <= 4 else f"{text} ({understood})"
    if question.kind is AnswerKind.MONEY and len(text.split()) <= 2:
        return str(say(Cents(int(value)), language))
    if question.kind is AnswerKind.PHONE:
        return f"{value[:3]}-{value[3:6]}-{value[6:]}"
    if question.kind is AnswerKind.CHOICE:
        return question.options[value][language]
    return text
