"""The questions of each kind of intake, as `data/intakes/<kind>.yml` describes them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from bot.settings import PROJECT_ROOT
from bot.stores.vocabulary import IntakeKind, IssueKind, Word
from bot.words import LANGUAGES
from bot.yaml_files import read_yaml

ByLanguage = dict[str, str]


class IntakeFormError(ValueError):
    """A form can't be used; the message names the file and what is wrong with it."""


class AnswerKind(Word):
    """What an answer has to be."""

    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    MONEY = "money"
    PHONE = "phone"


class Subject(Word):
    """What an intake has to be about before it can begin."""

    ISSUE = "issue"
    DETERMINATION = "determination"
    OVERPAYMENT = "overpayment"
    CLAIM = "claim"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Question:
    """One question; `only_late` is asked after the last day has passed and may name it as `{due}`."""

    key: str
    text: ByLanguage
    kind: AnswerKind = AnswerKind.TEXT
    options: dict[str, ByLanguage] = field(default_factory=dict)
    only_late: bool = False


@dataclass(frozen=True)
class IntakeForm:
    """One kind of intake: its receipt's prefix, what it needs, its names and its questions."""

    kind: IntakeKind
    receipt: str
    needs_proof: bool
    about: Subject
    name: ByLanguage
    button: ByLanguage
    offer_after: tuple[str, ...]
    questions: tuple[Question, ...]
    questions_for: dict[IssueKind, tuple[Question, ...]]

    def ask(self, issue: IssueKind | None, *, is_late: bool) -> tuple[Question, ...]:
        """The questions to ask about a kind of issue (None where it is about no issue), in order."""
        asked = self.questions if issue is None else self.questions_for[issue]
        return tuple(question for question in asked if is_late or not question.only_late)


@functools.cache
def forms() -> dict[IntakeKind, IntakeForm]:
    """Every form; raises IntakeFormError when one is missing or not whole."""
    return {kind: _read(kind) for kind in IntakeKind}


@functools.cache
def offered_after(topic: str) -> tuple[IntakeForm, ...]:
    """The forms worth offering after an answer about a topic."""
    return tuple(form for form in forms().values() if topic in form.offer_after)


def offer(kind: IntakeKind, language: str) -> dict[str, str]:
    """The button that begins an intake."""
    return {"title": forms()[kind].button[language], "payload": f'/start_intake{{"intake":"{kind}"}}'}


def _read(kind: IntakeKind) -> IntakeForm:
    name = f"{kind}.yml"
    try:
        written = read_yaml(PROJECT_ROOT / "data" / "intakes" / name)
        last = tuple(_question(one) for one in written.get("last_questions", ()))
        by_issue = {
            IssueKind(issue): tuple(_question(one) for one in questions) + last
            for issue, questions in written.get("questions_for", {}).items()
        }
        form = IntakeForm(
            kind=kind,
            receipt=written["receipt"],
            needs_proof=bool(written["needs_proof"]),
            about=Subject(written["about"]),
            name=_texts(written["name"]),
            button=_texts(written["button"]),
            offer_after=tuple(written.get("offer_after", ())),
            questions=tuple(_question(one) for one in written.get("questions", ())),
            questions_for=by_issue,
        )
    except FileNotFoundError:
        raise IntakeFormError(f"data/intakes/{name} is missing; write it.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise IntakeFormError(f"data/intakes/{name}: {error}") from error
    if form.about is Subject.ISSUE and set(by_issue) != set(IssueKind):
        missing = ", ".join(sorted(str(one) for one in set(IssueKind) - set(by_issue)))
        raise IntakeFormError(f"data/intakes/{name} has no questions for: {missing}.")
    for asked in (form.questions, *by_issue.values()):
        keys = [question.key for question in asked]
        if len(keys) != len(set(keys)):
            raise IntakeFormError(f"data/intakes/{name} uses a key twice: {', '.join(keys)}.")
    return form


def _question(written: dict[str, Any]) -> Question:
    question = Question(
        key=written["key"],
        text=_texts(written["text"]),
        kind=AnswerKind(written.get("kind", "text")),
        options={key: _texts(texts) for key, texts in written.get("options", {}).items()},
        only_late=bool(written.get("only_late", False)),
    )
    if (question.kind is AnswerKind.CHOICE) != bool(question.options):
        raise ValueError(f"'{question.key}': a choice has options, and nothing else has")
    return question


def _texts(written: dict[str, str]) -> ByLanguage:
    missing = [language for language in LANGUAGES if not str(written.get(language) or "").strip()]
    if missing:
        raise ValueError(f"no text in '{missing[0]}' beside {next(iter(written.values()), '')!r}")
    return dict(written)
