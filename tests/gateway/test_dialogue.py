"""How a conversation goes on: misses, two questions at once, corrections, languages, a crisis."""

from __future__ import annotations

import pytest

from tests.people import MakeVisitor, SpecialistAtWork, Visitor

NONSENSE = ("qwrtz plmnb vcxy", "zzkk ghhj trrq", "blorp fnord wibble qux")


def buttons(visitor: Visitor) -> list[str]:
    return [b["title"] for b in visitor.messages[-1].get("buttons", [])]


async def test_two_misses_bring_the_menu_and_three_a_person(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert "unemployment" in await one.say(NONSENSE[0]) or buttons(one)
    assert "I can:" in await one.say(NONSENSE[1])
    answer = await one.post(text=NONSENSE[2])
    assert answer.body["handled_by"] == "specialist"


async def test_something_understood_forgives_the_misses_before_it(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say(NONSENSE[0])
    await one.say("what does A32B pay")
    assert "I can:" not in await one.say(NONSENSE[1])


async def test_two_questions_in_one_message_are_both_answered_in_order(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    said = await one.say("What does A32B pay? And how do I appeal an unemployment decision?")
    assert said.index("$22.15") < said.index("right to appeal")


async def test_a_bare_level_asks_the_same_question_again(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("requirements for A32B")
    assert "3 years of experience" in await one.say("and level III?")
    assert "$13.38 to $24.53" in await one.say("how much does it pay?")


async def test_an_applicants_background_is_kept_and_corrected(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    said = await one.say("do i qualify for A32B with an associates degree and 4 years of claims review")
    assert "meets the minimum on paper" in said
    assert "not yet" in await one.say("what about level III?")
    assert "the agency decides" in said


async def test_the_bot_says_its_last_words_again(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    first = await one.say("what does A32C pay")
    assert "$24.53" in first
    assert "$24.53" in await one.say("can you repeat that")


async def test_starting_over_forgets_the_class_and_keeps_the_language(visitor: MakeVisitor) -> None:
    one = await visitor(locale="es").open()
    await one.say("cuánto paga el A32B")
    await one.say("empezar de nuevo")
    said = await one.say("cuánto paga")
    assert "$22.15" not in said
    assert one.messages[-1]["language"] == "es"


async def test_the_language_changes_with_the_words_and_on_request(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("hello")
    assert one.messages[-1]["language"] == "en"
    await one.say("¿cómo apelo una decisión del desempleo?")
    assert one.messages[-1]["language"] == "es"
    await one.say("in english please")
    assert one.messages[-1]["language"] == "en"


async def test_a_crisis_comes_before_everything_else_in_the_message(visitor: MakeVisitor) -> None:
    for words in (
        "i want to kill myself",
        "where is my payment, i dont want to live anymore",
        "will my life insurance pay if i commit suicide",
        "ya no quiero vivir",
    ):
        one = await visitor().open()
        said = await one.say(words)
        assert "988" in said.split("\n")[0] or "988" in said[:400], words
        assert any('"reason":"crisis"' in b["payload"] for b in one.messages[-1]["buttons"]), words


async def test_a_crisis_button_brings_a_person_with_that_reason(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("i want to end my life")
    answer = await one.press('/ask_human{"reason":"crisis"}')
    assert answer.body["handled_by"] == "specialist"


async def test_an_answer_card_shows_its_source_and_more_on_request(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert "30 days" in await one.say("how do i appeal the decision of unemployment")
    source = one.messages[-1]["source"]
    assert "RCW 50.32.020" in source["title"] and source["url"].startswith("https://esd.wa.gov")
    assert len(await one.say("tell me more")) > 80


async def test_what_every_program_answers_is_answered_for_the_one_talked_of(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert "HealthChoice" in await one.say("can i get dental for my kid")
    assert "HealthChoice Appeals Unit" in await one.say("how do i appeal")
    assert "eServices" in await one.say("how do i appeal my unemployment denial")


async def test_who_was_told_a_deadline_hears_what_comes_after_it(visitor: MakeVisitor) -> None:
    one = await visitor(locale="es").open()
    assert "30 días" in await one.say("cómo apelo la decisión de desempleo")
    assert "tarde" in await one.say("y si ya pasó el plazo")


async def test_what_is_surely_understood_is_not_refused(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert "I can't help with that" not in await one.say("my card was stolen")


async def test_a_term_is_explained_even_with_a_typo(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert "facts" in await one.say("what does ajudication mean")


async def test_a_message_in_vietnamese_gets_the_interpreters_phone_in_vietnamese(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    said = await one.say("tôi muốn hỏi về tiền thất nghiệp của tôi")
    assert "thông dịch viên" in said
    assert "800-318-6022" in said
    assert one.messages[-1]["language"] == "vi"


async def test_a_message_in_russian_on_an_insurance_page_gets_that_programs_phone(visitor: MakeVisitor) -> None:
    one = await visitor(program="ok_insurance").open()
    assert "800-323-4314" in await one.say("Здравствуйте, как мне подать заявление?")


async def test_a_language_without_a_line_is_answered_in_english(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert "say the name of your language" in await one.say("Πότε θα πληρωθώ για την ανεργία;")
    assert one.messages[-1]["language"] == "en"


async def test_a_question_beside_danger_at_home_is_answered_after_the_crisis_line(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    said = await one.say("quit because of domestic violence can I get unemployment")
    assert said.index("988") < said.index("domestic violence")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "my brother lost his job and talks about killing himself"),
        ("es", "mi hermana dice que se quiere matar, qué hago"),
    ],
)
async def test_who_fears_for_somebody_else_hears_of_988_and_is_shown_what_they_can_do(
    visitor: MakeVisitor, locale: str, words: str
) -> None:
    one = await visitor(locale=locale).open()
    assert "988" in await one.say(words)
    offered = [button["payload"] for button in one.messages[-1]["buttons"]]
    assert offered[0].startswith("/ask_human")
    assert '/ask_card{"card":"svc_crisis_other"}' in offered


async def test_who_writes_of_dying_while_waiting_for_a_person_hears_of_988_and_goes_to_the_front(
    visitor: MakeVisitor, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    await one.say("I want to talk to a person")
    said = await one.say("nobody answers, i don't want to live anymore")
    assert "988" in said
    assert (await specialist.escalation_of(one.id))["priority"] == "crisis"


async def test_waiting_for_a_person_keeps_the_bot_quiet_otherwise(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("I want to talk to a person")
    answer = await one.post(text="what does A32B pay")
    assert [m["author"] for m in answer.body["messages"]] == ["visitor"]
