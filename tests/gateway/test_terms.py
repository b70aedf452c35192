"""Words of the agencies in the bot's answers come with what they mean."""

from __future__ import annotations

from typing import Any

from bot.gateway.rendering import present
from tests.people import MakeVisitor


def terms(text: str, language: str = "en", **more: Any) -> list[str]:
    message = {"author": "bot", "text": text, "language": language, **more}
    return [one["term"] for one in present(message).get("terms", [])]


async def test_an_answer_brings_the_meaning_of_its_words(visitor: MakeVisitor) -> None:
    for locale, question in (
        ("en", "how do i appeal the decision of unemployment"),
        ("es", "¿cómo apelo una decisión del desempleo?"),
    ):
        one = await visitor(locale=locale).open()
        await one.say(question)
        found = one.messages[-1]["terms"]
        assert 0 < len(found) <= 4
        assert all(one.messages[-1]["text"].count(term["term"]) and len(term["definition"]) > 20 for term in found)


def test_a_term_is_explained_once_and_as_it_is_written() -> None:
    assert terms("The Base Year counts. Your base year ends.") == ["Base Year"]


def test_a_term_inside_another_word_or_a_link_is_not_explained() -> None:
    assert terms("They overappealed the [base year](https://esd.wa.gov/base-year) at https://esd.wa.gov/appeal") == []


def test_the_longest_term_is_taken_where_two_begin() -> None:
    assert terms("Ask the Office of Administrative Hearings.") == ["Office of Administrative Hearings"]


def test_four_terms_are_enough_for_one_message() -> None:
    text = "Appeal, base year, overpayment, waiver, misconduct, adjudication, standby, good cause."
    assert len(terms(text)) == 4


def test_terms_are_those_of_the_messages_language() -> None:
    assert terms("El año base y el pago en exceso.", "es") == ["año base", "pago en exceso"]
    assert terms("El año base y el pago en exceso.", "en") == []


def test_only_the_bots_own_words_are_explained() -> None:
    assert "terms" not in present({"author": "specialist", "text": "base year", "language": "en"})
    assert terms("Your base year", card={"type": "facts"}) == []


async def test_a_definition_does_not_explain_itself(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("what does adjudication mean")
    assert "adjudication" not in [t["term"].lower() for t in one.messages[-1].get("terms", [])]
