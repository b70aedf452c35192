"""Answers about job classes, played against the actions with a seeded store."""

from __future__ import annotations

import json

import pytest

from tests.actions.job_conversation import ES, IBS, Conversation, all_actions, entity

pytestmark = pytest.mark.usefixtures("seeded")

OK_SOURCE = "Insurance Benefits Specialist job family descriptor, revised July 2, 2012"
WA_SOURCE = "ES Benefits Specialist 2 class specification, revised effective July 1, 2025"
PAY = {
    "A32A": ("$10.98", "$20.13", "$1,903.64", "$3,490.01", "$22,843.71", "$41,880.14"),
    "A32B": ("$12.08", "$22.15", "$2,093.99", "$3,838.98", "$25,127.84", "$46,067.71"),
    "A32C": ("$13.38", "$24.53", "$2,318.94", "$4,251.39", "$27,827.27", "$51,016.65"),
    "A32D": ("$14.71", "$26.97", "$2,549.43", "$4,673.96", "$30,593.20", "$56,087.54"),
}
YEARS = {"A32A": (1, 3, 5), "A32B": (2, 4, 6), "A32C": (3, 5, 7), "A32D": (3, 5, 7)}


def es_2() -> list[dict]:
    return [entity("class_title", ES), entity("class_level", "II")]


def test_the_applicants_journey() -> None:
    talk = Conversation()
    said = talk.say(
        "job_pay",
        "what does an insurance benefits specialist II pay?",
        entity("class_title", IBS, "insurance benefits specialist"),
        entity("class_level", "II", "II"),
    )
    assert all(figure in said for figure in PAY["A32B"])
    assert "(A32B)" in said and "2012" in said and "check" in said
    assert talk.source == {"title": OK_SOURCE, "effective": "2012-07-02"}

    said = talk.say("job_min_qualifications", "requirements for A32B", entity("class_code", "A32B", "A32B"))
    assert "a bachelor's degree and 2 years of experience in the health insurance industry" in said
    assert "1 year of qualifying experience takes the place of each year of the required degree" in said
    assert "what Level I asks for plus 1 year" in said

    said = talk.inform("and level III?", entity("class_level", "III", "III"))
    assert "Insurance Benefits Specialist III (A32C) requires" in said
    assert "a bachelor's degree and 3 years of experience" in said
    assert talk.slots["topic"] == "job_min_qualifications"

    said = talk.say(
        "job_duties",
        "what does an ES Benefits Specialist 2 do",
        entity("class_title", ES, "ES Benefits Specialist"),
        entity("class_level", "II", "2"),
    )
    assert said.count("• ") == 15
    assert "Process claims and decide them." in said
    assert talk.source == {"title": WA_SOURCE, "effective": "2025-07-01"}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("code", sorted(PAY))
def test_every_cent_of_every_level_is_said_in_text_and_card(code: str, language: str) -> None:
    talk = Conversation(language)
    said = talk.say("job_pay", f"{code}?", entity("class_code", code, code))
    card = json.dumps(talk.card, ensure_ascii=False)
    assert all(figure in said and figure in card for figure in PAY[code])
    assert "2012" in said and "jobs@omes.ok.gov" in said


@pytest.mark.parametrize("code", sorted(YEARS))
def test_years_needed_follow_the_stored_rules(code: str) -> None:
    talk = Conversation()
    said = talk.say("job_min_qualifications", code, entity("class_code", code, code))
    with_degree, two_years, none = YEARS[code]
    year = "year" if with_degree == 1 else "years"
    assert f"you need {with_degree} {year} of experience with the degree, " in said
    assert f"{two_years} years with 2 years of college, or {none} years with no college" in said
    assert "our assumption" in said and "the agency decides" in said


@pytest.mark.parametrize(
    ("action", "language", "words"),
    [
        ("job_pay", "en", "not stated in the specification"),
        ("job_pay", "es", "no se indica en la especificación"),
        ("job_min_qualifications", "en", "not stated in the specification"),
        ("job_min_qualifications", "es", "no se indican en la especificación"),
        ("job_substitution", "en", "not stated in the specification"),
        ("job_do_i_qualify", "en", "not stated in the specification"),
    ],
)
def test_what_washington_does_not_state_is_said_so_with_where_to_ask(action: str, language: str, words: str) -> None:
    talk = Conversation(language)
    said = talk.say(action, "?", *es_2())
    assert words in said
    assert "ofm.wa.gov" in said


def test_no_answer_shows_the_inferred_code_or_the_third_party_pay() -> None:
    for name in all_actions():
        for language in ("en", "es"):
            talk = Conversation(language)
            talk.say(name.removeprefix("action_"), "is it current, what comes next", *es_2())
            everything = json.dumps(talk.messages)
            assert "180B" not in everything
            assert "54,504" not in everything and "73,284" not in everything


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("who", ["A32A", "A32D", "family", "es2", "nobody"])
def test_every_action_answers_for_everyone(who: str, language: str) -> None:
    named = {
        "family": [entity("class_title", IBS)],
        "es2": es_2(),
        "nobody": [],
    }.get(who, [entity("class_code", who)])
    for name in all_actions():
        talk = Conversation(language)
        said = talk.say(name.removeprefix("action_"), "?", *named)
        assert said.strip() and "\n\n" not in said and "{" not in said and "None" not in said
        assert talk.card.get("type") in (None, "facts", "table")
        for payload in talk.payloads:
            intent, _brace, entities = payload[1:].partition("{")
            assert intent and all(isinstance(v, str) for v in json.loads("{" + entities).values())


def test_a_level_alone_that_two_families_have_is_asked_back_with_titles_from_the_store() -> None:
    talk = Conversation()
    assert "Which job" in talk.say("job_pay", "pay of level 2?", entity("class_level", "II", "2"))
    assert talk.payloads == [
        '/job_pay{"class_title":"ES Benefits Specialist","class_level":"2"}',
        '/job_pay{"class_code":"A32B"}',
    ]


def test_a_level_alone_that_one_family_has_is_answered() -> None:
    talk = Conversation()
    assert "$14.71" in talk.say("job_pay", "pay of level IV?", entity("class_level", "IV", "IV"))


def test_a_level_stays_in_the_family_talked_about() -> None:
    talk = Conversation()
    talk.say("job_pay", "A32A", entity("class_code", "A32A", "A32A"))
    assert "$22.15" in talk.inform("and 2?", entity("class_level", "II", "2"))


def test_a_family_without_a_level_gets_all_levels_and_keeps_the_family() -> None:
    talk = Conversation()
    said = talk.say("job_pay", "pay of insurance benefits specialists", entity("class_title", IBS))
    assert all(figure in said for figures in PAY.values() for figure in figures)
    assert talk.card["rows"][0]["level"] == "Insurance Benefits Specialist I (A32A)"
    assert "$24.53" in talk.inform("III", entity("class_level", "III", "III"))


def test_a_level_that_is_not_held_is_not_made_up() -> None:
    talk = Conversation()
    said = talk.say("job_pay", "ES Benefits Specialist 3 pay", entity("class_title", ES), entity("class_level", "III"))
    assert "I do not hold" in said and "ofm.wa.gov" in said and "$" not in said
    said = talk.say("job_pay", "IBS V", entity("class_title", IBS), entity("class_level", "V"))
    assert "I hold no level V" in said


def test_an_unknown_code_offers_what_is_held() -> None:
    talk = Conversation()
    assert "no job class with the code B99Z" in talk.say("job_pay", "B99Z", entity("class_code", "B99Z", "B99Z"))
    assert '/job_pay{"class_code":"A32A"}' in talk.payloads


@pytest.mark.parametrize(
    "text",
    [
        "pay for insurence benefits speciallist",
        "what do insurance benefit specialists earn",
        "IBS is my insurance specialist pay?",
    ],
)
def test_a_title_in_the_words_is_found_without_entities_and_with_typos(text: str) -> None:
    assert "Insurance Benefits Specialist has 4 levels" in Conversation().say("job_pay", text)


@pytest.mark.parametrize("text", ["pay of an es benefits specailist", "cuanto paga un especialista en desempleo"])
def test_the_washington_class_is_found_in_the_words_too(text: str) -> None:
    assert "ES Benefits Specialist 2" in Conversation().say("job_pay", text)


def test_a_bare_class_after_another_topic_shows_what_can_be_asked() -> None:
    talk = Conversation(topic="claim_status")
    said = talk.inform("A32C", entity("class_code", "A32C", "A32C"))
    assert "Insurance Benefits Specialist III (A32C)" in said
    assert '/job_pay{"class_code":"A32C"}' in talk.payloads


def test_knowledge_and_abilities_are_shown_with_those_of_the_levels_below() -> None:
    talk = Conversation()
    said = talk.say("job_ksa", "skills for A32D", entity("class_code", "A32D", "A32D"))
    for piece in ("From Level I", "From Level II", "From Level III", "Level IV adds", "how to supervise"):
        assert piece in said


def test_is_it_still_current_names_the_dates_and_what_changed_since() -> None:
    talk = Conversation()
    said = talk.say("job_pay", "is the A32B pay still current?", entity("class_code", "A32B", "A32B"))
    assert "July 2, 2012" in said and "August 20, 2007" in said
    assert "January 1, 2022" in said and "62 O.S. 34.301" in said
    said = talk.say("job_current", "and ES Benefits Specialist 2", *es_2())
    for day in ("June 22, 2023", "July 1, 2023", "June 6, 2024", "June 23, 2025", "July 1, 2025"):
        assert day in said


def test_applying_gives_the_printed_contact() -> None:
    talk = Conversation()
    said = talk.say("job_apply", "how do i apply for A32A", entity("class_code", "A32A", "A32A"))
    for piece in ("jobs@omes.ok.gov", "(405) 521-2177", "8am to 5pm", "1-800-955-8771"):
        assert piece in said


def test_substitution_says_the_rule_and_that_the_reverse_is_not_stated() -> None:
    talk = Conversation()
    said = talk.say("job_substitution", "experience instead of degree A32B?", entity("class_code", "A32B", "A32B"))
    assert "1 year of qualifying experience takes the place of each year of a bachelor's degree" in said
    assert "not stated in the specification" in said
