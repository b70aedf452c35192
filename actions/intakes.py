"""Putting something on record: questions one by one, the answers read back, then filed with a receipt.

`intake_form` is a Rasa form with one slot that is never filled: the answers live in the store's draft,
so that neither slots nor trackers hold them. `validate_intake_form` decides what a message is. When it
is no answer it sets no slot, Rasa rejects the form, the usual rules answer, and `ResumeLoopPolicy`
brings the form back, which asks its question again.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions import claims
from actions.base import (
    database,
    entity_value,
    intent_of,
    language_of,
    message_text,
    person_button,
    program_talked_of,
    tell,
    was_pressed,
)
from bot import agency, clock
from bot.claim_status import agency_day, status_answer
from bot.intake_answers import answers_of, questions_of, text_of
from bot.intake_forms import AnswerKind, IntakeForm, Question, Subject, forms, offer
from bot.intake_reading import Heard, Meaning, fits, hear, number_in, read_answer
from bot.intake_subjects import subjects, waiver_is_barred
from bot.stores import intakes
from bot.stores.claims import ClaimFacts
from bot.stores.intakes import About
from bot.stores.tables import Intake
from bot.stores.vocabulary import ClaimStatus, EscalationReason, IntakeKind, IssueKind, Program
from bot.words import Words, say

FORM = "intake_form"
REVIEW, PICK = "review", "pick"
# After these the question is not put again at once: a person is coming, or something matters more.
_PAUSES = ("action_escalate", "action_crisis")
# The right under these is another one than to appeal: a review by the commissioner, or by the plan.
_SAY_THEIR_OWN_RIGHT = (ClaimStatus.DECIDED, ClaimStatus.HEALTH_DENIED)
# The slot is never filled: setting it to nothing tells Rasa that the form has taken the message.
_TAKEN = SlotSet("intake_answer", None)
_END: list[EventType] = [_TAKEN, SlotSet("requested_slot", None)]


class ActionStartIntake(Action):
    """Begins an intake, or goes on with an unfinished one; asks for proof of identity first where it is needed."""

    def name(self) -> str:
        return "action_start_intake"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        words = Words("intakes", language_of(tracker))
        wanted = _wanted(tracker)
        if wanted is None:
            tell(dispatcher, words("nothing_open"))
            return [SlotSet("intake", None)]
        kind, subject = wanted
        form = forms()[kind]
        with database().transaction() as session:
            facts = claims.proven_facts(session, tracker.sender_id, f"intake_{kind}")
            if facts is None and form.needs_proof:
                left = claims.tries_left(session, tracker.sender_id)
            else:
                found = _found(form, facts)
                chosen = [one for one in found if subject in (None, one.key)]
                if len(chosen) == 1:
                    return self._begin(dispatcher, tracker, session, form, chosen[0], facts)
        if facts is None:
            tell(dispatcher, words("proof_first"))
            claims.ask_identity(dispatcher, Words("claims", words.language), left)
            return [SlotSet("intake", kind if subject is None else f"{kind}:{subject}")]
        if not chosen:
            tell(dispatcher, words(f"none.{kind}"), buttons=[person_button(words.language)])
        else:
            tell(dispatcher, words("which"), buttons=[_subject_button(form, one, words) for one in chosen])
        return [SlotSet("intake", None)]

    def _begin(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        session: Session,
        form: IntakeForm,
        about: About,
        facts: ClaimFacts | None,
    ) -> list[EventType]:
        words = Words("intakes", language_of(tracker))
        now = clock.now()
        _, is_new = intakes.begin(session, tracker.sender_id, form.kind, about, language=words.language, now=now)
        if is_new:
            tell(dispatcher, _intro(form, about, facts, words))
        else:
            tell(dispatcher, words("resumed", name=form.name[words.language]))
        return [SlotSet("intake", None), FollowupAction(FORM)]


class ActionAskIntakeAnswer(Action):
    """Puts the question that is next, or reads the answers back; Rasa runs it whenever the form needs its slot."""

    def name(self) -> str:
        return "action_ask_intake_form_intake_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        words = Words("intakes", language_of(tracker))
        with database().transaction() as session:
            draft = intakes.current_draft(session, tracker.sender_id)
            if draft is None:
                return _END
            form = forms()[draft.kind]
            if any(name in _PAUSES for name in _done_this_turn(tracker)):
                intakes.pause(session, draft)
                tell(dispatcher, words("paused"), buttons=[_go_on(draft, words)])
                return []
            if form.needs_proof:
                proven = claims.proven_claim(session, tracker.sender_id)
                if proven != draft.claim_id:
                    intakes.pause(session, draft)
                    if proven is not None:
                        tell(dispatcher, words("other_claim"))
                        return _END
                    tell(dispatcher, words("proof_again"))
                    left = claims.tries_left(session, tracker.sender_id)
                    claims.ask_identity(dispatcher, Words("claims", words.language), left)
                    return [*_END, SlotSet("intake", _key_of(draft))]
            questions = questions_of(draft)
            unanswered = next((one.key for one in questions if one.key not in draft.answers), REVIEW)
            # A draft of before a change of its questions goes on with the first one that is open now.
            known = {REVIEW, PICK, *(one.key for one in questions)}
            step = draft.asking if draft.asking in known else unanswered
            intakes.ask(session, draft, step, clock.now())
            _put(dispatcher, draft, questions, step, words)
        return []


class ValidateIntakeForm(Action):
    """Decides what a message in the middle of an intake is, and keeps it when it is an answer."""

    def name(self) -> str:
        return "validate_intake_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if _done_this_turn(tracker):
            # The form comes back after another answer: the message has been dealt with.
            return []
        words = Words("intakes", language_of(tracker))
        text, intent = message_text(tracker), intent_of(tracker)
        with database().transaction() as session:
            draft = intakes.current_draft(session, tracker.sender_id)
            if draft is None:
                return _END
            if was_pressed(tracker):
                return self._pressed(dispatcher, tracker, session, draft, intent, words)
            waiting = intakes.is_waiting_for_an_answer(session, draft)
            heard = hear(
                text,
                intent,
                reviewing=draft.asking in (REVIEW, PICK),
                about_disagreement=draft.kind is IntakeKind.APPEAL,
            )
            if heard.meaning is Meaning.CANCEL:
                return _cancel(dispatcher, session, draft, words)
            if heard.meaning is Meaning.START_OVER:
                return _start_over(dispatcher, session, draft, words)
            if heard.meaning is Meaning.REPEAT or fits("go_on", text):
                return [_TAKEN]
            if not waiting:
                return []
            return self._heard(dispatcher, tracker, session, draft, heard, words)

    def _pressed(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        session: Session,
        draft: Intake,
        intent: str | None,
        words: Words,
    ) -> list[EventType]:
        if intent != "answer_intake":
            return []
        step, pressed = entity_value(tracker, "question"), str(entity_value(tracker, "answer") or "")
        if step != draft.asking or entity_value(tracker, "draft") != str(draft.id):
            # A button of an earlier question: what is asked now is asked again.
            return [_TAKEN]
        if step in (REVIEW, PICK):
            return _review(dispatcher, tracker, session, draft, pressed, words)
        question = _asked(draft)
        title = None if question is None else _titles(question, words).get(pressed)
        if question is not None and title is not None:
            intakes.answer(session, draft, question.key, title, pressed, clock.now())
        return [_TAKEN]

    def _heard(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        session: Session,
        draft: Intake,
        heard: Heard,
        words: Words,
    ) -> list[EventType]:
        if heard.disagrees:
            _tell_rights(dispatcher, tracker, session, draft, words)
            if heard.meaning is Meaning.QUESTION:
                return [_TAKEN]
        if draft.asking in (REVIEW, PICK):
            if heard.meaning is Meaning.QUESTION:
                return []
            return _review(dispatcher, tracker, session, draft, heard.answer, words)
        question = _asked(draft)
        if question is not None and heard.answer:
            read = read_answer(question, heard.answer, tracker.latest_message.get("entities") or [])
            if read is not None:
                intakes.answer(session, draft, question.key, read.text, read.value, clock.now())
            elif heard.meaning is Meaning.ANSWER:
                tell(dispatcher, words(f"hint.{question.kind}"))
        return [] if heard.meaning is Meaning.QUESTION else [_TAKEN]


class ActionAnswerIntake(Action):
    """A button of an intake that is not open any more."""

    def name(self) -> str:
        return "action_answer_intake"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        words = Words("intakes", language_of(tracker))
        with database().snapshot() as session:
            draft = intakes.current_draft(session, tracker.sender_id)
            pressed = str(entity_value(tracker, "draft") or "")
            filed = [one for one in intakes.filed_in(session, tracker.sender_id) if str(one.id) == pressed]
            if filed:
                tell(dispatcher, words("filed_before", receipt=filed[0].receipt))
            elif draft is not None:
                return [SlotSet("intake", _key_of(draft)), FollowupAction("action_start_intake")]
            else:
                tell(dispatcher, words("nothing_open"))
        return []


# ------------------------------------------------------------------ beginning


def _wanted(tracker: Tracker) -> tuple[IntakeKind, str | None] | None:
    """The kind of intake, and the id of what it is about, from a button or from before the proof of identity."""
    named, subject = entity_value(tracker, "intake"), entity_value(tracker, "subject")
    if named is None:
        named, _, after = str(tracker.get_slot("intake") or "").partition(":")
        subject = after or None
    return (IntakeKind(named), subject) if named in list(IntakeKind) else None


def _found(form: IntakeForm, facts: ClaimFacts | None) -> list[About]:
    if facts is None:
        return [About()]
    found = subjects(form, facts, agency_day(facts.program, clock.now()))
    return [replace(one, claim_id=facts.id) for one in found]


def _key_of(draft: Intake) -> str:
    subject = intakes.about(draft).key
    return str(draft.kind) if subject is None else f"{draft.kind}:{subject}"


def _intro(form: IntakeForm, about: About, facts: ClaimFacts | None, words: Words) -> str:
    count = len(form.ask(IssueKind(about.topic) if form.about is Subject.ISSUE else None, is_late=about.is_late))
    if form.about is Subject.ISSUE:
        question = Words("claims", words.language)(f"issue.{about.topic}.question")
        said = [words("intro.statement", question=question, count=count)]
        if about.is_late:
            said.append(words("intro.late", due=about.due_on))
    else:
        said = [words("intro.other", name=form.name[words.language], count=count)]
    if form.kind is IntakeKind.APPEAL:
        said.append(words("intro.appeal"))
    if form.kind is IntakeKind.WAIVER and facts is not None and waiver_is_barred(facts):
        said.append(words("intro.waiver.barred"))
    return " ".join(said)


def _subject_button(form: IntakeForm, about: About, words: Words) -> dict[str, str]:
    if form.about is Subject.ISSUE:
        title = Words("claims", words.language)(f"issue.{about.topic}.question")
    else:
        title = words("which.determination", mailed_on=about.since_on)
    payload = f'/start_intake{{"intake":"{form.kind}","subject":"{about.key}"}}'
    return {"title": title, "payload": payload}


# ------------------------------------------------------------------ asking and reading back


def _asked(draft: Intake) -> Question | None:
    return next((one for one in questions_of(draft) if one.key == draft.asking), None)


def _put(
    dispatcher: CollectingDispatcher, draft: Intake, questions: tuple[Question, ...], step: str, words: Words
) -> None:
    if step == REVIEW:
        _read_back(dispatcher, draft, words)
        return
    if step == PICK:
        numbered = [
            _button(draft, PICK, question.key, words("pick.button", number=number))
            for number, question in enumerate(questions, start=1)
        ]
        tell(dispatcher, words("pick"), buttons=numbered)
        return
    number = next(number for number, one in enumerate(questions, start=1) if one.key == step)
    question = questions[number - 1]
    text = words("question", number=number, count=len(questions), text=text_of(question, draft, words.language))
    titles = _titles(question, words)
    tell(dispatcher, text, buttons=[_button(draft, step, value, title) for value, title in titles.items()] or None)


def _read_back(dispatcher: CollectingDispatcher, draft: Intake, words: Words) -> None:
    answers = answers_of(draft, words.language)
    for number, line in enumerate(answers, start=1):
        line["label"] = f"{number}. {line['label']}"
    numbered = "\n".join(f"{line['label']}\n   {line['value']}" for line in answers)
    tell(
        dispatcher,
        words("review", answers=numbered),
        card={"type": "facts", "title": words("review.title"), "facts": answers},
        buttons=[_button(draft, REVIEW, one, words(f"review.button.{one}")) for one in ("file", "change", "cancel")],
    )


def _titles(question: Question, words: Words) -> dict[str, str]:
    """The values a button can give to a question, and their titles."""
    if question.kind is AnswerKind.CHOICE:
        return {value: titles[words.language] for value, titles in question.options.items()}
    if question.kind is AnswerKind.YES_NO:
        return {value: words(f"button.{value}") for value in ("yes", "no")}
    return {}


def _button(draft: Intake, step: str, answer: str, title: str) -> dict[str, str]:
    payload = f'/answer_intake{{"draft":"{draft.id}","question":"{step}","answer":"{answer}"}}'
    return {"title": title, "payload": payload}


def _review(
    dispatcher: CollectingDispatcher, tracker: Tracker, session: Session, draft: Intake, said: str, words: Words
) -> list[EventType]:
    """What to do with an answer to "is this right?" or to "which answer?"."""
    questions = questions_of(draft)
    keys = [question.key for question in questions]
    number = number_in(said, len(questions))
    if said == "cancel":
        return _cancel(dispatcher, session, draft, words)
    if draft.asking == PICK and said in keys:
        intakes.turn_to(session, draft, said)
    elif number is not None:
        intakes.turn_to(session, draft, keys[number - 1])
    elif draft.asking == REVIEW and fits("file", said):
        return _file(dispatcher, tracker, session, draft, words)
    elif said == "change" or fits("no", said) or fits("change", said):
        intakes.turn_to(session, draft, PICK)
    elif draft.asking == PICK and fits("file", said):
        intakes.turn_to(session, draft, REVIEW)
    else:
        tell(dispatcher, words("review.hint"))
    return [_TAKEN]


# ------------------------------------------------------------------ the end of an intake


def _cancel(dispatcher: CollectingDispatcher, session: Session, draft: Intake, words: Words) -> list[EventType]:
    intakes.withdraw(session, draft, clock.now())
    tell(dispatcher, words("cancelled"))
    return _END


def _start_over(dispatcher: CollectingDispatcher, session: Session, draft: Intake, words: Words) -> list[EventType]:
    intakes.clear(session, draft, clock.now())
    tell(dispatcher, words("started_over"))
    return [_TAKEN]


def _file(
    dispatcher: CollectingDispatcher, tracker: Tracker, session: Session, draft: Intake, words: Words
) -> list[EventType]:
    form, now = forms()[draft.kind], clock.now()
    facts = claims.proven_facts(session, tracker.sender_id, f"intake_{form.kind}")
    if form.needs_proof and (facts is None or facts.id != draft.claim_id):
        # The question after this one asks for the proof again.
        return [_TAKEN]
    decided = False
    if facts is not None and form.needs_proof:
        as_it_stands = [one for one in _found(form, facts) if one.key == intakes.about(draft).key]
        decided = not as_it_stands
        if as_it_stands:
            draft.due_on, draft.is_late = as_it_stands[0].due_on, as_it_stands[0].is_late
    program = facts.program if facts is not None and form.needs_proof else _program_talked_of(tracker)
    receipt = intakes.file(session, draft, form.receipt, language=words.language, now=now, program=program)
    moment = say(now.astimezone(_zone()), words.language)
    recorded = words("receipt.time", moment=moment)
    said = [words("filed", moment=moment, receipt=receipt), *_what_it_means(draft, facts, words, decided=decided)]
    rows = {"receipt.number": receipt, "receipt.recorded": recorded, "receipt.what": form.name[words.language]}
    left = intakes.current_draft(session, tracker.sender_id)
    buttons = [person_button(words.language)]
    if left is not None:
        said.append(words("unfinished", name=forms()[left.kind].name[words.language]))
        buttons.insert(0, _go_on(left, words))
    tell(
        dispatcher,
        "\n\n".join(said),
        card={
            "type": "facts",
            "title": words("receipt.title"),
            "facts": [{"label": words(key), "value": value} for key, value in rows.items()],
            "note": words("receipt.note"),
        },
        buttons=buttons,
    )
    return _END


def _program_talked_of(tracker: Tracker) -> Program | None:
    named = program_talked_of(tracker)
    return Program(named) if named in list(Program) else None


def _what_it_means(draft: Intake, facts: ClaimFacts | None, words: Words, *, decided: bool) -> list[str]:
    """What the receipt is worth, and what is still to be done: said plainly, because a right may hang on it."""
    insurance = facts is not None and facts.program is Program.OK_INSURANCE
    key = f"filed.{draft.kind}"
    if draft.kind in (IntakeKind.APPEAL, IntakeKind.ADDRESS):
        key += ".other" if insurance else f".{Program.WA_UI}"
    said = [words(key, phones=agency.phones_in_words(words.language))]
    if draft.kind is IntakeKind.STATEMENT and decided:
        said.append(words("filed.statement.decided"))
    elif draft.kind is IntakeKind.STATEMENT and draft.is_late:
        said.append(words("filed.statement.late", due=draft.due_on))
    elif draft.kind is IntakeKind.APPEAL and draft.due_on is not None and facts is not None:
        due = draft.due_on if draft.is_late else _days_left(draft.due_on, facts, words)
        said.append(words("filed.appeal.late" if draft.is_late else "filed.appeal.due", due=due))
    return said


def _days_left(day: date, facts: ClaimFacts, words: Words) -> str:
    days = (day - agency_day(facts.program, clock.now())).days
    number = "today" if days == 0 else "one" if days == 1 else "many"
    return Words("claims", words.language)(f"due.{number}", date=day, days=days)


def _tell_rights(
    dispatcher: CollectingDispatcher, tracker: Tracker, session: Session, draft: Intake, words: Words
) -> None:
    """The right, its last day and a person, before the question that was being asked."""
    facts = claims.proven_facts(session, tracker.sender_id, "rights")
    buttons = [person_button(words.language, EscalationReason.RIGHTS)]
    decided = [] if facts is None else _found(forms()[IntakeKind.APPEAL], facts)
    if facts is not None and facts.status in _SAY_THEIR_OWN_RIGHT:
        act = status_answer(facts, agency_day(facts.program, clock.now()), words.language).section("act")
        said = [act.text] + ([words("rights.day", due=act.due.label)] if act.due is not None else [])
    elif facts is None or not decided:
        said = [words("rights.general")]
    elif decided[-1].due_on is None:
        said = [words("rights.unknown")]
    elif decided[-1].is_late:
        said = [words("rights.passed", due=decided[-1].due_on)]
    else:
        said = [words("rights.by", due=_days_left(decided[-1].due_on, facts, words))]
    if decided:
        buttons.append(offer(IntakeKind.APPEAL, words.language))
    tell(dispatcher, " ".join([*said, words("rights.back")]), buttons=buttons)


def _go_on(draft: Intake, words: Words) -> dict[str, str]:
    kind, _, subject = _key_of(draft).partition(":")
    named = f'"intake":"{kind}"' + (f',"subject":"{subject}"' if subject else "")
    return {"title": words("button.go_on"), "payload": f"/start_intake{{{named}}}"}


@functools.cache
def _zone() -> ZoneInfo:
    return ZoneInfo(agency.read()["time_zone"])


def _done_this_turn(tracker: Tracker) -> list[str]:
    """The actions other than the form's own that have answered the newest message."""
    done: list[str] = []
    for event in reversed(tracker.events):
        if event["event"] == "user":
            break
        if event["event"] == "action" and event["name"] not in ("action_listen", "action_extract_slots", FORM):
            done.append(event["name"])
    return done
