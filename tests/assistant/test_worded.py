"""Words that say outright what is wanted are taken so, whatever they sound like to the classifier."""

from __future__ import annotations

import pytest

from bot.stores.vocabulary import ClaimStatus
from tests.assistant.test_intakes import claim_with
from tests.conftest import Served
from tests.people import MakeVisitor


@pytest.mark.parametrize(
    ("words", "locale"),
    [
        ("can someone call me back", "en"),
        ("please call me", "en"),
        ("i want to request a callback", "en"),
        ("pueden llamarme", "es"),
        ("quiero que me llamen", "es"),
    ],
)
async def test_asking_for_a_call_begins_a_callback_request(visitor: MakeVisitor, words: str, locale: str) -> None:
    one = await visitor(locale=locale).open()
    said = await one.say(words)
    assert ("Question 1 of 3" if locale == "en" else "Pregunta 1 de 3") in said


@pytest.mark.parametrize(
    ("words", "locale"),
    [
        ("i want to file my statement", "en"),
        ("i want to tell my side of the story", "en"),
        ("quiero dar mi versión", "es"),
        ("i want a payment plan", "en"),
        ("quiero pedir un plan de pagos", "es"),
        ("i would like to request a waiver", "en"),
        ("quiero pedir una exención del sobrepago", "es"),
        ("i want to file a change of address", "en"),
    ],
)
async def test_asking_to_put_something_on_record_asks_for_the_proof_first(
    visitor: MakeVisitor, words: str, locale: str
) -> None:
    one = await visitor(locale=locale).open()
    said = await one.say(words)
    assert ("first need to know" if locale == "en" else "primero necesito saber") in said
    assert one.messages[-1]["card"]["type"] == "identity"


async def test_the_request_goes_on_by_itself_after_the_proof(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.OVERPAYMENT)
    one = await visitor().open()
    await one.say("i need to set up a payment plan for my overpayment")
    await one.prove(number, born_on)
    assert "Question 1 of" in one.messages[-1]["text"]


@pytest.mark.parametrize(
    "words",
    [
        "how do i get a payment plan",
        "can i get a waiver of my overpayment",
        "what is a payment plan",
        "they never called me back",
        "do not call me",
        "will they call me for an interview",
        "cómo pido un plan de pagos",
    ],
)
async def test_a_question_about_it_begins_nothing(visitor: MakeVisitor, words: str) -> None:
    one = await visitor().open()
    said = await one.say(words)
    assert "Question 1" not in said and "Pregunta 1" not in said and "first need to know" not in said


WHY = ("why was my claim denied", "why did you deny my claim", "why was i denied", "por qué negaron mi reclamo")


@pytest.mark.parametrize("words", WHY)
@pytest.mark.parametrize("program", ["wa_ui", "ok_insurance", None])
async def test_why_a_claim_was_denied_is_answered_from_the_proven_claim(
    visitor: MakeVisitor, served: Served, words: str, program: str | None
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.DENIED)
    kwargs = {} if program is None else {"program": program}
    one = await visitor(locale="es" if words.startswith("por") else "en", **kwargs).open()
    assert (await one.prove(number, born_on)).status == 200
    await one.say(words)
    (told,) = [m for m in one.messages if m.get("card", {}).get("type") == "status"][1:]
    assert [section["key"] for section in told["card"]["sections"]] == ["happening", "act"]
    assert told["card"]["claim_number"] == number


@pytest.mark.parametrize("words", WHY)
@pytest.mark.parametrize("program", ["wa_ui", None])
async def test_without_a_proof_the_right_is_said_and_the_identity_form_is_offered(
    visitor: MakeVisitor, words: str, program: str | None
) -> None:
    kwargs = {} if program is None else {"program": program}
    one = await visitor(locale="es" if words.startswith("por") else "en", **kwargs).open()
    said = await one.say(words)
    assert one.messages[-1]["card"]["type"] == "identity"
    assert "appeal" in said or "apelar" in said
    sources = [m["source"]["card"] for m in one.messages if m.get("source", {}).get("card")]
    assert not [card for card in sources if card.startswith(("health", "ok_"))], sources
    if program is None:
        titles = [b["title"] for m in one.messages for b in m.get("buttons", [])]
        assert any("HealthChoice" in title for title in titles) and any(
            "unemployment" in t or "desempleo" in t for t in titles
        )


async def test_on_the_page_of_the_health_plan_its_own_card_answers(visitor: MakeVisitor) -> None:
    one = await visitor(program="ok_insurance").open()
    await one.say("why was i denied")
    assert not [m for m in one.messages if m.get("card", {}).get("type") == "identity"]
