"""What a specialist looks up: ready replies that are the bot's own cards, and job classes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot import cards, ready_replies
from bot.cards import deck
from bot.words import LANGUAGES
from tests.people import MakeVisitor, SpecialistAtWork


def plain(text: str) -> str:
    return text.replace("**", "")


@pytest.mark.parametrize(
    ("locale", "words", "question"),
    [
        ("en", "appeal how", "how do i appeal an unemployment decision"),
        ("es", "sobrepago", "me llegó una carta de sobrepago"),
    ],
)
async def test_a_ready_reply_says_what_the_bot_says_in_the_visitors_language(
    visitor: MakeVisitor, specialist: SpecialistAtWork, locale: str, words: str, question: str
) -> None:
    one = await visitor(locale=locale, program="wa_ui").open()
    said = plain(await one.say(question))
    answer = await specialist.call("GET", f"/replies?q={words}&language={locale}")
    replies = answer.body["replies"]
    assert any(reply["text"].split("\n")[0] in said for reply in replies)
    for reply in replies:
        assert reply["source"]["title"] in reply["text"] and "**" not in reply["text"]


async def test_every_word_must_fit_and_none_gives_the_topics_own(specialist: SpecialistAtWork) -> None:
    nothing = await specialist.call("GET", "/replies?q=appeal+zzzz&language=en")
    assert nothing.body["replies"] == []
    own = await specialist.call("GET", "/replies?language=en&topic=waiting_week&program=wa_ui")
    assert own.body["replies"][0]["topic"] == "waiting_week"


def test_one_edit_to_a_card_changes_the_bots_answer_and_the_ready_reply(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    shutil.copytree(cards.FOLDER, folder)
    card = deck().general("waiting_week", "wa_ui")
    assert card is not None
    for language in LANGUAGES:
        first = card.words[language].answer.split("\n")[0]
        path = folder / "wa_ui.yml"
        text = path.read_text(encoding="utf-8")
        word = next(w for w in first.split() if len(w) > 6 and w.isalpha() and text.count(w))
        path.write_text(text.replace(word, "Pelicano"), encoding="utf-8")
    edited = deck(folder)
    from bot import card_texts

    for language in LANGUAGES:
        said = card_texts.answer(edited.cards[card.id], language)
        reply = ready_replies.reply(edited.cards[card.id], language)
        assert "Pelicano" in said and "Pelicano" in reply["text"]
        found = ready_replies.search("pelicano", language, topic="waiting_week", deck=edited)
        assert card.id in [one["id"] for one in found]


def test_every_card_makes_a_reply_that_can_be_sent(specialist: SpecialistAtWork) -> None:
    for card in deck().cards.values():
        for language in LANGUAGES:
            text = ready_replies.reply(card, language)["text"]
            assert 0 < len(text) <= 2000 and "{" not in text, (card.id, language, len(text))


async def test_a_class_is_found_by_code_or_words_and_shown_with_every_level(specialist: SpecialistAtWork) -> None:
    by_code = (await specialist.call("GET", "/classes?q=a32b")).body["classes"]
    assert by_code[0]["code"] == "A32B"
    by_words = (await specialist.call("GET", "/classes?q=es+benefits+specialist")).body["classes"]
    assert "ES Benefits Specialist" in by_words[0]["title"]
    shown = (await specialist.call("GET", f"/classes/{by_code[0]['id']}?language=en")).body["class"]
    values = [fact["value"] for fact in shown["facts"]["facts"]]
    assert "$25,127.84 to $46,067.71" in values
    assert any("bachelor's degree and 2 years" in value for value in values)
    assert len(shown["levels"]["rows"]) == 4
    assert "2012" in shown["facts"]["note"] and shown["source"]["effective"] == "2012-07-02"
    spanish = (await specialist.call("GET", f"/classes/{by_code[0]['id']}?language=es")).body["class"]
    assert spanish["facts"]["facts"][0]["label"] == "Por hora"
    assert (await specialist.call("GET", "/classes/nothing")).status == 404
