"""Do I qualify? Whole conversations: asking, correcting, other levels, both languages."""

from __future__ import annotations

import pytest

from tests.actions.job_conversation import ES, IBS, Conversation, entity

pytestmark = pytest.mark.usefixtures("seeded")


def associate_with_four_years(language: str = "en") -> Conversation:
    talk = Conversation(language)
    talk.said = talk.say(
        "job_do_i_qualify",
        "I have an associate's and 4 years in claims review, do I qualify for A32B?",
        entity("degree", "associate", "associate's"),
        entity("duration", 48, "4 years", role="experience"),
        entity("experience_area", "claims review", "claims review"),
        entity("class_code", "A32B", "A32B"),
    )
    return talk


def test_one_sentence_gives_the_sum_line_by_line() -> None:
    said = associate_with_four_years().said
    for line in (
        "Associate's degree = 2 of 4 degree years.",
        "2 of your 4 years of experience fill the rest of the degree.",
        "2 years left; Level II needs 2 years: enough.",
        "We count a bachelor's degree as 4 years",
        "We take “claims review” as qualifying experience.",
        "Insurance Benefits Specialist II: meets the minimum on paper.",
        "the agency decides",
    ):
        assert line in said


def test_another_level_keeps_the_background_and_names_the_nearest_that_fits() -> None:
    talk = associate_with_four_years()
    said = talk.inform("what about level III?", entity("class_level", "III", "III"))
    assert "2 years left; Level III needs 3 years: 1 year short in all." in said
    assert "Insurance Benefits Specialist III: not yet." in said
    assert "What is missing: 1 year of qualifying experience." in said
    assert "The highest level that your background meets on paper is Insurance Benefits Specialist II." in said


def test_a_correction_redoes_the_sum() -> None:
    talk = associate_with_four_years()
    said = talk.say("job_follow_up", "no, 3 years", entity("duration", 36, "3 years", role="none"), intent="correct")
    assert "3 years of work (“claims review”)" in said
    assert "1 year left; Level II needs 2 years: 1 year short in all." in said
    said = talk.say(
        "job_follow_up", "I have a bachelor's", entity("degree", "bachelor", "bachelor's"), intent="correct"
    )
    assert "Bachelor's degree = 4 of 4 degree years." in said and "meets the minimum on paper" in said


def test_a_correction_of_the_college_years_is_not_taken_for_experience() -> None:
    talk = Conversation()
    talk.say(
        "job_do_i_qualify",
        "A32A, 2 years of college",
        entity("class_code", "A32A", "A32A"),
        entity("duration", 24, "2 years", role="college"),
    )
    said = talk.say("job_follow_up", "sorry, 3 years", entity("duration", 36, "3 years", role="none"), intent="correct")
    assert "3 years of college = 3 of 4 degree years" in said


def test_what_is_missing_is_asked_one_thing_at_a_time() -> None:
    talk = Conversation()
    said = talk.say("job_do_i_qualify", "do i qualify?")
    assert "For which job?" in said
    assert '/job_do_i_qualify{"class_title":"Insurance Benefits Specialist"}' in talk.payloads
    said = talk.say(
        "job_do_i_qualify",
        '/job_do_i_qualify{"class_title":"Insurance Benefits Specialist"}',
        entity("class_title", IBS),
    )
    assert "What is your highest degree?" in said
    said = talk.inform("2 years", entity("duration", 24, "2 years", role="none"))
    assert "2 years of college = 2 of 4 degree years" in said and "How many years and months have you worked" in said
    said = talk.inform("five years", entity("duration", 60, "five years", role="none"))
    assert "What kind of work was it?" in said and "Unclear" in said
    said = talk.inform(
        '/inform{"experience_area":"Health insurance claims or benefits"}',
        entity("experience_area", "Health insurance claims or benefits"),
    )
    assert said.count("Meets on paper") == 4
    assert talk.card["type"] == "table" and len(talk.card["rows"]) == 4


def test_a_kind_of_work_in_free_words_answers_the_question() -> None:
    talk = Conversation()
    talk.say(
        "job_do_i_qualify",
        "A32A bachelors and 2 years",
        entity("class_code", "A32A", "A32A"),
        entity("degree", "bachelor", "bachelors"),
        entity("duration", 24, "2 years", role="experience"),
    )
    assert talk.slots["background"]["asked"] == "area"
    said = talk.inform("fixing cars mostly")
    assert "not counted" in said and "not yet" in said
    assert "tell me if it had to do with the health insurance industry" in said


def test_no_answer_is_asked_for_that_could_not_change_the_verdict() -> None:
    talk = Conversation()
    said = talk.say(
        "job_do_i_qualify",
        "7 years of medical claims, A32D?",
        entity("class_code", "A32D", "A32D"),
        entity("duration", 84, "7 years", role="experience"),
        entity("experience_area", "medical claims", "medical claims"),
    )
    assert "meets the minimum on paper" in said and "?" not in said.replace("A32D?", "")
    said = talk.say(
        "job_do_i_qualify",
        "6 months of medical claims, A32A?",
        entity("class_code", "A32A", "A32A"),
        entity("duration", 6, "6 months", role="experience"),
        entity("experience_area", "medical claims", "medical claims"),
    )
    assert "Insurance Benefits Specialist I: not yet." in said


@pytest.mark.parametrize(
    ("area", "verdict"),
    [
        ("claims review", "meets the minimum on paper"),
        ("car repair", "not yet"),
        ("customer service at a clinic", "unclear"),
    ],
)
def test_the_kind_of_work_is_judged_and_said_as_an_assumption(area: str, verdict: str) -> None:
    talk = Conversation()
    text = f"bachelor's and 3 years in {area}, A32C?"
    said = talk.say(
        "job_do_i_qualify",
        text,
        entity("class_code", "A32C", "A32C"),
        entity("degree", "bachelor", "bachelor's"),
        entity("duration", 36, "3 years", role="experience"),
        entity("experience_area", area, area),
    )
    assert f"Insurance Benefits Specialist III: {verdict}." in said
    assert f"“{area}”" in said


def test_part_time_counts_in_proportion_and_hours_told_later_redo_it() -> None:
    talk = Conversation()
    said = talk.say(
        "job_do_i_qualify",
        "bachelor's, 2 years part time in claims review, A32A",
        entity("class_code", "A32A", "A32A"),
        entity("degree", "bachelor", "bachelor's"),
        entity("duration", 24, "2 years", role="experience", part_time=True),
        entity("experience_area", "claims review", "claims review"),
    )
    assert "2 years at 20 hours a week = 1 year full time" in said and "tell me your hours" in said
    assert "meets the minimum on paper" in said
    said = talk.inform("it was 10 hours a week", entity("hours", 10, "10"))
    assert "2 years at 10 hours a week = 6 months full time" in said and "not yet" in said


def test_jobs_at_the_same_time_are_not_counted_twice() -> None:
    talk = Conversation()
    said = talk.say(
        "job_do_i_qualify",
        "bachelor's, 1 year in claims review and at the same time 1 year of claims audits. A32B?",
        entity("class_code", "A32B", "A32B"),
        entity("degree", "bachelor", "bachelor's"),
        entity("duration", 12, "1 year in", role="experience"),
        entity("experience_area", "claims review", "claims review"),
        entity("duration", 12, "1 year of", role="experience"),
        entity("experience_area", "claims audits", "claims audits"),
    )
    assert "not counted twice" in said and "1 year of experience; Level II needs 2 years: 1 year short" in said


def test_dated_jobs_that_overlap_count_once() -> None:
    talk = Conversation()
    said = talk.say(
        "job_do_i_qualify",
        "bachelor's; medical claims jan 2020 to dec 2021 and jul 2021 to jun 2022, A32C",
        entity("class_code", "A32C", "A32C"),
        entity("degree", "bachelor", "bachelor's"),
        entity("date", "2020-01-01/2021-12-31", "jan 2020 to dec 2021"),
        entity("date", "2021-07-01/2022-06-30", "jul 2021 to jun 2022"),
    )
    assert "2 years and 6 months of experience; Level III needs 3 years" in said


def test_a_second_job_is_added_and_counted_after_the_first() -> None:
    talk = associate_with_four_years()
    said = talk.inform(
        "also 1 year of dental claims",
        entity("duration", 12, "1 year", role="experience"),
        entity("experience_area", "dental claims", "dental claims"),
    )
    assert "2 of your 5 years" in said and "3 years left" in said and "counted one after the other" in said


def test_an_unfinished_degree_is_not_a_degree() -> None:
    talk = Conversation()
    said = talk.say(
        "job_do_i_qualify",
        "i'm finishing my bachelor's and have 2 years of claims review, A32A?",
        entity("class_code", "A32A", "A32A"),
        entity("degree", "bachelor", "bachelor's"),
        entity("duration", 24, "2 years", role="experience"),
        entity("experience_area", "claims review", "claims review"),
    )
    assert "not counted as a degree" in said and "meets" not in said
    said = talk.say(
        "job_do_i_qualify",
        "no bachelor's but an associate's",
        entity("degree", "bachelor", "bachelor's"),
        entity("degree", "associate", "associate's"),
    )
    assert "Associate's degree = 2 of 4" in said


def test_a_question_about_requirements_uses_the_background_already_told() -> None:
    talk = associate_with_four_years()
    said = talk.say("job_min_qualifications", "what does A32D require", entity("class_code", "A32D", "A32D"))
    assert "Insurance Benefits Specialist IV: not yet." in said
    fresh = Conversation()
    said = fresh.say(
        "job_min_qualifications",
        "does A32B need 4 years of college?",
        entity("class_code", "A32B", "A32B"),
        entity("duration", 48, "4 years", role="college"),
    )
    assert "What I have" not in said and not fresh.slots.get("background")


def test_washington_states_no_minimum_but_the_desirable_year_is_checked() -> None:
    talk = Conversation()
    text = "I was an ES Benefits Specialist 1 for 14 months, do I qualify for ES Benefits Specialist 2?"
    said = talk.say(
        "job_do_i_qualify",
        text,
        entity("duration", 14, "14 months", role="experience"),
        entity("experience_area", "ES Benefits Specialist 1", "ES Benefits Specialist 1"),
        {**entity("class_title", ES), "start": 8, "end": 30},
        {**entity("class_level", "I"), "start": 31, "end": 32},
        {**entity("class_title", ES), "start": 66, "end": 88},
        {**entity("class_level", "II"), "start": 89, "end": 90},
    )
    assert "1 year and 2 months as ES Benefits Specialist 1; 1 year is listed: you have it" in said
    assert "not stated in the specification" in said
    assert "ES Benefits Specialist 2: unclear." in said
    assert "legally allowed to work" in said


def test_someone_without_work_authorization_is_told_what_the_specification_asks() -> None:
    talk = Conversation()
    said = talk.say(
        "job_do_i_qualify",
        "i'm undocumented, can i be an ES Benefits Specialist 2",
        entity("class_title", ES, "ES Benefits Specialist"),
        entity("class_level", "II", "2"),
    )
    assert "ES Benefits Specialist 2: not yet." in said and "DACA" in said
    said = talk.say("job_follow_up", "i have daca", intent="correct")
    assert "ES Benefits Specialist 2: unclear." in said


def test_a_whole_conversation_in_spanish() -> None:
    talk = Conversation("es")
    said = talk.say(
        "job_do_i_qualify",
        "tengo 2 años de universidad y 30 meses revisando reclamos médicos, ¿califico para A32A?",
        entity("duration", 24, "2 años", role="college"),
        entity("duration", 30, "30 meses", role="experience"),
        entity("experience_area", "revisando reclamos médicos", "revisando reclamos médicos"),
        entity("class_code", "A32A", "A32A"),
    )
    assert "2 años de universidad = 2 de 4 años del título." in said
    assert "2 años de sus 2 años y 6 meses de experiencia completan el resto del título." in said
    assert "Tiempo restante: 6 meses; Nivel I pide 1 año: la diferencia es de 6 meses en total." in said
    assert "Insurance Benefits Specialist I: todavía no." in said
    said = talk.say("job_follow_up", "perdón, 3 años", entity("duration", 36, "3 años", role="none"), intent="correct")
    assert "Insurance Benefits Specialist I: cumple el mínimo en papel." in said
    said = talk.inform("¿y el nivel II?", entity("class_level", "II", "II"))
    assert "El nivel más alto que sus datos cumplen en papel es Insurance Benefits Specialist I." in said
