"""Disagreement with a decision gets the right to appeal, its deadline, how to use it, and a person."""

from __future__ import annotations

import pytest

from bot.stores.vocabulary import ClaimStatus
from tests.conftest import Served
from tests.people import MakeVisitor
from tests.stored import claim_with

ENGLISH = (
    "they denied me",
    "you people denied my claim and its not fair",
    "i dont agree with this decision",
    "the decision is wrong",
    "how can they deny me",
    "i got rejected for unemployment",
    "they turned me down for leave",
    "i want to challenge the denial",
    "i want to fight this",
    "they denied me because i quit, thats not fair",
    "they said i was fired for misconduct but its a lie",
    "they say i owe money but i dont, thats wrong",
    "insurance wont pay my surgery, i disagree",
    "my benefits were denied and i did nothing wrong",
)
SPANISH = (
    "eso no es justo, me negaron",
    "me negaron el beneficio sin razón",
    "la decisión está equivocada",
    "me rechazaron el desempleo y no es justo",
    "no acepto esa decisión",
    "no estoy de acuerdo con la decisión",
    "quiero disputar esto",
    "quiero pelear esta decisión",
    "dicen que debo dinero pero no es cierto",
    "me negaron porque renuncié y es injusto",
    "negaron mi permiso y no es justo",
    "el seguro no quiere pagar mi cirugía y no estoy de acuerdo",
)
BARE = (("en", "thats wrong"), ("en", "i disagree"), ("es", "no estoy de acuerdo"), ("es", "no es justo"))
# What stands open when someone disagrees: nothing, the form that asks for a claim, questions about a background.
BEFORE = {
    "en": {"nothing": (), "a form": ("where is my claim",), "a background": ("do i qualify for A32B",)},
    "es": {"nothing": (), "a form": ("cómo va mi reclamo",), "a background": ("califico para A32B",)},
}
RIGHT = {"en": ("right to appeal", "right to a review", "can appeal"), "es": ("derecho a", "puede apelar")}
WHEN = {"en": ("30 days", "on your letter"), "es": ("30 días", "su carta")}


async def check(visitor: MakeVisitor, language: str, words: str, before: tuple[str, ...]) -> None:
    one = await visitor(locale=language).open()
    for earlier in before:
        await one.say(earlier)
    heard = len(one.messages)
    said = await one.say(words)
    first = next(m["text"] for m in one.messages[heard:] if m["author"] == "bot").lower()
    assert any(sign in first for sign in RIGHT[language]), (words, said)
    assert any(sign in first for sign in WHEN[language]), (words, said)
    buttons = [b["payload"] for m in one.messages[heard:] for b in m.get("buttons", [])]
    assert '/ask_human{"reason":"rights"}' in buttons, (words, buttons)
    assert any(sign in first for sign in ("letter", "writ", "eservices", "carta", "escri")), (words, said)


@pytest.mark.parametrize("state", BEFORE["en"])
async def test_disagreement_in_english_gets_the_right_first(visitor: MakeVisitor, state: str) -> None:
    for words in ENGLISH:
        await check(visitor, "en", words, BEFORE["en"][state])


@pytest.mark.parametrize("state", BEFORE["es"])
async def test_disagreement_in_spanish_gets_the_right_first(visitor: MakeVisitor, state: str) -> None:
    for words in SPANISH:
        await check(visitor, "es", words, BEFORE["es"][state])


async def test_a_bare_disagreement_gets_the_right_and_a_way_back(visitor: MakeVisitor) -> None:
    for language, words in BARE:
        await check(visitor, language, words, BEFORE[language]["a form"])


async def test_a_question_in_the_same_words_is_answered_after_the_right(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("they denied me because i quit, thats not fair")
    answers = [m for m in one.messages[1:] if m["author"] == "bot"]
    assert "right to appeal" in answers[0]["text"]
    assert "good cause" in answers[1]["text"]


async def test_a_claimant_who_disagrees_with_the_shown_denial_gets_the_right(
    visitor: MakeVisitor, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.DENIED)
    one = await visitor().open()
    await one.say("where is my claim")
    assert (await one.prove(number, born_on)).status == 200
    said = await one.say("thats wrong")
    assert "right to appeal" in said and "30 days" in said


async def test_a_correction_of_ones_own_background_stays_a_correction(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("do i qualify for A32B with an associates degree and 4 years of claims review")
    assert "right to appeal" not in await one.say("no, thats wrong")
    assert "right to appeal" not in await one.say("no, 3 years of claims review")


@pytest.mark.parametrize(
    "words",
    ["can i get unemployment if i quit", "what happens at a hearing", "cuánto dura el desempleo", "what does A32B pay"],
)
async def test_other_questions_are_answered_without_it(visitor: MakeVisitor, words: str) -> None:
    one = await visitor(locale="es" if "ó" in words or "á" in words else "en").open()
    await one.say(words)
    assert len([m for m in one.messages[1:] if m["author"] == "bot"]) == 1
