"""Short questions mean what the conversation is about: a job class after one was named, a claim otherwise."""

from __future__ import annotations

import pytest

from bot.stores.vocabulary import ClaimStatus
from tests.conftest import Served
from tests.people import MakeVisitor
from tests.stored import claim_with


@pytest.mark.parametrize(
    ("locale", "first", "then", "expected"),
    [
        ("en", "what does A32B pay", "is that still current?", "July 2, 2012"),
        ("en", "what does A32B pay", "what does it do", "what the work is"),
        ("en", "what does A32B pay", "how do i apply", "How to apply for Insurance Benefits Specialist II"),
        ("en", "what does A32B pay", "who do i call", "jobs@omes.ok.gov"),
        ("en", "what does A32B pay", "what do i need", "a bachelor's degree and 2 years"),
        ("en", "what does A32B pay", "do i qualify", "What is your highest degree?"),
        ("en", "tell me about A32B", "how much does it pay", "$12.08 to $22.15"),
        ("en", "tell me about A32B", "what comes after that", "After Insurance Benefits Specialist II comes"),
        ("es", "cuánto paga A32B", "qué hace", "en qué consiste el trabajo"),
        ("es", "cuánto paga A32B", "cómo lo solicito", "Cómo solicitar Insurance Benefits Specialist II"),
        ("es", "cuánto paga A32B", "qué piden", "una licenciatura (bachelor's) y 2 años"),
        ("es", "cuánto paga A32B", "sigue vigente?", "2 de julio de 2012"),
        ("es", "qué hace A32B", "¿cuánto paga?", "$12.08 a $22.15"),
    ],
)
async def test_a_short_question_after_a_job_class_is_about_that_class(
    visitor: MakeVisitor, locale: str, first: str, then: str, expected: str
) -> None:
    one = await visitor(locale=locale).open()
    await one.say(first)
    assert expected in await one.say(then)


@pytest.mark.parametrize(
    ("locale", "first", "then", "expected"),
    [
        (
            "en",
            "do i qualify for A32C with a high school diploma and 8 years of claims review",
            "and for level IV?",
            "Insurance Benefits Specialist IV: meets the minimum on paper",
        ),
        (
            "es",
            "tengo bachillerato y 8 años revisando reclamos, ¿califico para A32C?",
            "¿y para el nivel IV?",
            "Insurance Benefits Specialist IV: cumple el mínimo en papel",
        ),
        (
            "en",
            "do i qualify for A32C with a bachelors and 1 year of claims review",
            "what about all levels",
            "Insurance Benefits Specialist I (A32A): 1 year of experience",
        ),
    ],
)
async def test_another_level_after_a_sum_makes_the_same_sum_for_it(
    visitor: MakeVisitor, locale: str, first: str, then: str, expected: str
) -> None:
    one = await visitor(locale=locale).open()
    await one.say(first)
    assert expected in await one.say(then)


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("how do i appeal the decision of unemployment", "do i qualify", "hours and wages"),
        ("how much will i get a week from unemployment", "how much does it pay", "base year"),
        ("what do i need to file for unemployment", "how do i apply", "eServices"),
    ],
)
async def test_a_short_question_after_an_answer_about_unemployment_is_about_unemployment(
    visitor: MakeVisitor, first: str, then: str, expected: str
) -> None:
    one = await visitor().open()
    await one.say(first)
    assert expected in await one.say(then)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("how do i apply for unemployment benefits", "eServices"),
        ("how do i appeal an unemployment decision", "right to appeal"),
        ("which documents do i need to file for unemployment", "Social Security number"),
    ],
)
async def test_a_question_that_names_unemployment_leaves_the_job_behind(
    visitor: MakeVisitor, then: str, expected: str
) -> None:
    one = await visitor().open()
    await one.say("what does A32B pay")
    assert expected in await one.say(then)


async def test_a_question_that_names_a_job_leaves_unemployment_behind(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("how do i apply for unemployment benefits")
    assert "Which job" in await one.say("how much does the job pay")
    assert "$12.08 to $22.15" in await one.say("what does A32B pay")


async def test_nonsense_after_a_job_answer_is_still_asked_back(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("what does A32B pay")
    said = await one.say("qwrtz plmnb vcxy")
    assert "$12.08" not in said


@pytest.mark.parametrize(
    ("locale", "first", "then"),
    [
        ("en", "A32A, bachelors and 2 years, do i qualify", "whats the weather"),
        ("en", "A32A, bachelors and 2 years, do i qualify", "tell me a joke"),
        ("es", "A32A, licenciatura y 2 años, ¿califico?", "dime un chiste"),
    ],
)
async def test_words_that_ask_for_something_are_no_answer_to_what_kind_of_work_it_was(
    visitor: MakeVisitor, locale: str, first: str, then: str
) -> None:
    one = await visitor(locale=locale).open()
    asked = await one.say(first)
    assert "What kind of work was it?" in asked or "¿Qué tipo de trabajo fue?" in asked
    assert "A32A" not in await one.say(then)


async def test_what_do_they_need_from_me_is_about_the_claim_just_shown(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.ADJUDICATION)
    one = await visitor().open()
    await one.say("what is the status of my claim")
    await one.prove(number, born_on)
    said = await one.say("what do they need from me")
    assert "Who acts next" in said
    assert "ready to apply" not in said


async def test_how_long_do_i_have_after_a_right_is_about_its_deadline(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("they denied my unemployment and it's not right")
    assert "30 days" in await one.say("how long do i have")


async def test_a_debt_told_of_gets_its_rights_and_not_an_estimate(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    said = await one.say("i got a letter saying i owe 2400")
    assert "weekly benefit? It is" not in said
    assert "appeal" in said
