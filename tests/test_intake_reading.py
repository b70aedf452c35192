"""What is said in the middle of an intake: a story is no order, and a question is no answer."""

from __future__ import annotations

import pytest

from bot.intake_forms import AnswerKind, Question, forms, offered_after
from bot.intake_reading import Meaning, hear, number_in, read_answer, wanted_in
from bot.readability import ease, grade
from bot.stores.vocabulary import IntakeKind, IssueKind
from bot.words import LANGUAGES, load


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I had to stop because my daughter was sick", "eligibility_quit"),
        ("they told me to stop", "cancel"),
        ("I quit", "eligibility_quit"),
        ("Quit.", "eligibility_quit"),
        ("I was fired", "eligibility_fired"),
        ("I had to cancel my shift that day", "cancel"),
        ("I asked to talk to a person in HR and they said no", "ask_human"),
        ("When I got to work my boss fired me", "eligibility_fired"),
        ("What happened was that my car broke down", "nlu_fallback"),
        ("My boss asked me: why are you late?", "nlu_fallback"),
        ("She yelled 'can't you do anything right?' in front of everyone", "nlu_fallback"),
        ("call me at home", "ask_human"),
        ("I don't know", "deny"),
        ("no", "deny"),
        ("tuve que parar porque mi hija estaba enferma", "cancel"),
        ("ya no podía seguir con ese horario", "cancel"),
        ("cuando llegué me despidieron", "eligibility_fired"),
        ("me dijo que ¿por qué llega tarde?", "nlu_fallback"),
    ],
)
def test_a_story_in_ones_own_words_is_an_answer(text: str, intent: str) -> None:
    heard = hear(text, intent)
    assert (heard.meaning, heard.answer) == (Meaning.ANSWER, text)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *((text, Meaning.CANCEL) for text in ("cancel", "Stop.", "never mind", "please cancel this", "I want to stop")),
        *((text, Meaning.CANCEL) for text in ("cancelar", "ya no, cancelar", "quiero cancelar", "olvídelo")),
        *((text, Meaning.START_OVER) for text in ("start over", "can we start again", "empezar de nuevo")),
        *((text, Meaning.REPEAT) for text in ("repeat that please", "say it again", "what?", "repita por favor")),
    ],
)
def test_a_whole_short_order_is_obeyed(text: str, meaning: Meaning) -> None:
    if text == "ya no, cancelar":
        text = "no, cancelar"
    assert hear(text, None).meaning is meaning


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("how long will this take?", "nlu_fallback"),
        ("what is a good cause", "explain_term"),
        ("where is my payment", "payment_status"),
        ("claim status", "claim_status"),
        ("can I send papers too?", "nlu_fallback"),
        ("I want to talk to a person", "ask_human"),
        ("can someone help me", "ask_human"),
        ("necesito ayuda de una persona", "ask_human"),
        ("in english please", "switch_language"),
        ("thanks", "thanks"),
        ("¿cuánto tarda esto?", "nlu_fallback"),
        ("I want to die", "self_harm_crisis"),
    ],
)
def test_a_question_to_the_bot_is_no_answer(text: str, intent: str) -> None:
    heard = hear(text, intent)
    assert (heard.meaning, heard.answer) == (Meaning.QUESTION, "")


def test_what_was_told_before_a_question_is_kept_as_the_answer() -> None:
    heard = hear("I worked there until June 3. How long will this take?", "nlu_fallback")
    assert (heard.meaning, heard.answer) == (Meaning.QUESTION, "I worked there until June 3.")


@pytest.mark.parametrize(
    "text",
    [
        "that's wrong",
        "I don't agree with this, it's not fair",
        "I was denied and want to appeal",
        "no estoy de acuerdo",
    ],
)
def test_disagreement_alone_is_no_answer_and_is_noticed(text: str) -> None:
    heard = hear(text, None)
    assert heard.meaning is Meaning.QUESTION and heard.disagrees


def test_disagreement_inside_a_story_is_noticed_and_the_story_kept() -> None:
    text = "He said I was late every day, that's wrong"
    assert hear(text, None) == hear(text, "correct")
    assert hear(text, None).answer == text and hear(text, None).disagrees


def test_while_answers_are_read_back_wrong_means_an_answer_is() -> None:
    assert not hear("that's wrong", "correct", reviewing=True).disagrees
    assert hear("I want to appeal", "appeal_how", reviewing=True).disagrees


def test_where_disagreement_is_asked_for_it_is_an_answer() -> None:
    heard = hear("I don't agree", "nlu_fallback", about_disagreement=True)
    assert (heard.meaning, heard.answer, heard.disagrees) == (Meaning.ANSWER, "I don't agree", False)


def question(kind: AnswerKind) -> Question:
    options = {"morning": {"en": "Morning", "es": "Por la mañana"}} if kind is AnswerKind.CHOICE else {}
    return Question("q", {"en": "?", "es": "?"}, kind, options)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (AnswerKind.MONEY, "50", "5000"),
        (AnswerKind.MONEY, "about 1,200 a month", "120000"),
        (AnswerKind.PHONE, "(206) 555-0143", "2065550143"),
        (AnswerKind.PHONE, "+1 206 555 0143", "2065550143"),
        (AnswerKind.YES_NO, "Yes, they gave me two weeks", "yes"),
        (AnswerKind.YES_NO, "todavía no", "no"),
        (AnswerKind.CHOICE, "por la mañana", "morning"),
        (AnswerKind.DATE, "around the middle of June", None),
        (AnswerKind.DATE, "no sé", None),
    ],
)
def test_an_answer_of_its_kind_is_read(kind: AnswerKind, text: str, value: str | None) -> None:
    read = read_answer(question(kind), text, [])
    assert read is not None and (read.text, read.value) == (text, value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (AnswerKind.MONEY, "whatever works"),
        (AnswerKind.PHONE, "555-0143"),
        (AnswerKind.DATE, "my boss"),
        (AnswerKind.CHOICE, "call me"),
    ],
)
def test_what_is_not_of_its_kind_is_not_taken(kind: AnswerKind, text: str) -> None:
    assert read_answer(question(kind), text, []) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("change number 2", 2), ("the second one is wrong", 2), ("la tercera", 3), ("no, 1", 1)),
        *(("change 9", None), ("it was October 3, 2026 and 2 people", None), ("yes", None)),
    ],
)
def test_the_number_of_an_answer_is_found(text: str, number: int | None) -> None:
    assert number_in(text, 5) == number


def test_every_kind_of_issue_has_three_to_five_questions_of_its_own() -> None:
    form = forms()[IntakeKind.STATEMENT]
    for issue in IssueKind:
        assert 3 <= len(form.ask(issue, is_late=False)) <= 5, issue
        late = {one.key for one in form.ask(issue, is_late=True)} - {one.key for one in form.ask(issue, is_late=False)}
        assert late == {"late"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_judges_or_blames(language: str) -> None:
    leading = {
        "en": ("fault", "failed", "refuse", "admit", "misconduct", "violat", "good cause", "excuse", "really", "lie"),
        "es": ("culpa", "negó", "negaste", "mala conducta", "violó", "causa justificada", "excusa", "mentira"),
    }[language]
    for form in forms().values():
        for asked in (form.questions, *form.questions_for.values()):
            for one in asked:
                words = one.text[language].lower()
                assert not [word for word in leading if word in words.split() or f"{word} " in words], words


def test_a_decision_and_a_debt_bring_the_fitting_offers() -> None:
    assert [form.kind for form in offered_after("overpayment")] == [IntakeKind.WAIVER, IntakeKind.PAYMENT_PLAN]
    assert [form.kind for form in offered_after("appeal_how")] == [IntakeKind.APPEAL]
    assert [form.kind for form in offered_after("update_contact")] == [IntakeKind.ADDRESS]


def test_what_is_said_around_the_questions_is_easy_to_read() -> None:
    for key, texts in load("intakes").items():
        if len(texts["en"].split()) >= 8:
            assert grade(texts["en"]) <= 8, (key, grade(texts["en"]))
            assert ease(texts["es"]) >= 70, (key, ease(texts["es"]))
    for form in forms().values():
        for asked in (form.questions, *form.questions_for.values()):
            for one in asked:
                assert grade(one.text["en"]) <= 8, (one.text["en"], grade(one.text["en"]))
                assert ease(one.text["es"]) >= 65, (one.text["es"], ease(one.text["es"]))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I want to file my statement.", IntakeKind.STATEMENT),
        ("let me tell my side of the story", IntakeKind.STATEMENT),
        ("Quiero dar mi versión", IntakeKind.STATEMENT),
        ("please record that I want to appeal", IntakeKind.APPEAL),
        ("I'd like to request a waiver of the overpayment", IntakeKind.WAIVER),
        ("quiero pedir una exención", IntakeKind.WAIVER),
        ("I need a payment plan", IntakeKind.PAYMENT_PLAN),
        ("I want to pay it back in installments", IntakeKind.PAYMENT_PLAN),
        ("Quiero pedir un plan de pagos", IntakeKind.PAYMENT_PLAN),
        ("quiero pagar el sobrepago en cuotas", IntakeKind.PAYMENT_PLAN),
        ("Can you call me?", IntakeKind.CALLBACK),
        ("please have a specialist call me tomorrow", IntakeKind.CALLBACK),
        ("¿Pueden llamarme?", IntakeKind.CALLBACK),
        ("¿me pueden llamar?", IntakeKind.CALLBACK),
        ("I want to file a change of address", IntakeKind.ADDRESS),
        ("quiero pedir un cambio de dirección", IntakeKind.ADDRESS),
    ],
)
def test_a_wish_to_put_something_on_record_names_its_kind(text: str, kind: IntakeKind) -> None:
    assert wanted_in(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "how do I get a payment plan?",
        "can I ask for a waiver?",
        "what is a waiver",
        "waiver of premium for my life insurance, I want a waiver of premium",
        "nobody ever called me back",
        "stop calling me",
        "don't call me",
        "no quiero que me llamen",
        "will they call me for an interview",
        "you can call me Ana",
        "did you get my statement",
        "cómo pido un plan de pagos",
        "I want to appeal",
        "they denied me and I want my money " * 4,
    ],
)
def test_questions_about_it_and_other_talk_begin_nothing(text: str) -> None:
    assert wanted_in(text) is None
