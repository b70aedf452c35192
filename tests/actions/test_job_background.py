"""What someone adds to, or puts right in, the background that a sum was made of."""

from __future__ import annotations

import pytest

from tests.actions.job_conversation import Conversation
from tests.actions.test_job_questions import ask

pytestmark = pytest.mark.usefixtures("seeded")


def after(text: str, language: str = "en") -> Conversation:
    talk = Conversation(language)
    ask(talk, "job_do_i_qualify", text)
    return talk


@pytest.mark.parametrize(
    ("language", "first", "then", "expected"),
    [
        (
            "en",
            "do i qualify for A32B with a bachelors, 2 years of claims review and 1 year of dental claims",
            "they were at the same time",
            "1 year at the same time as another job: not counted twice",
        ),
        (
            "en",
            "A32C? bachelors, 2 years of claims review and 1 year of dental claims at the same time",
            "actually not at the same time",
            "3 years of experience; Level III needs 3 years: enough",
        ),
        (
            "en",
            "do i qualify for A32A with a bachelors and 2 years of claims review",
            "it was only part time",
            "2 years at 20 hours a week = 1 year full time",
        ),
        (
            "en",
            "do i qualify for A32A with a bachelors and 1 year of claims review part time",
            "no, full time",
            "1 year of experience; Level I needs 1 year: enough",
        ),
        (
            "es",
            "¿califico para A32A con licenciatura y 2 años de reclamos médicos medio tiempo?",
            "eran 30 horas",
            "2 años a 30 horas por semana = 1 año y 6 meses a tiempo completo",
        ),
        (
            "es",
            "¿califico para A32B con un GED y 6 años de experiencia en seguros médicos?",
            "no, son 5 años",
            "5 años de trabajo («seguros médicos»)",
        ),
        (
            "en",
            "do i qualify for A32B with a bachelors and 2 years of claims review",
            "what about the other levels",
            "Insurance Benefits Specialist IV (A32D): 2 years of experience",
        ),
    ],
)
def test_a_later_word_on_the_same_work_redoes_the_sum(language: str, first: str, then: str, expected: str) -> None:
    talk = after(first, language)
    action = "job_level_difference" if "levels" in then else "job_follow_up"
    assert expected in ask(talk, action, then, intent="nlu_fallback")


def test_a_degree_that_is_not_finished_is_not_counted() -> None:
    talk = Conversation()
    said = ask(talk, "job_do_i_qualify", "6 months short of a bachelors, 3 years reviewing claims, A32B?")
    assert "a degree you are still working on" in said
    assert "Bachelor's degree = 4 of 4" not in said
    assert "6 months of work" not in said


@pytest.mark.parametrize(("text", "expected"), [("im not a citizen", False), ("i am a citizen", True)])
def test_who_is_not_a_citizen_is_not_taken_for_one(text: str, expected: bool) -> None:
    talk = after("do i qualify for es benefits specialist 2 with high school and 2 years in a call center")
    ask(talk, "job_follow_up", text, intent="nlu_fallback")
    assert (talk.slots["background"].get("work_authorized") is True) is expected


def test_a_class_without_legal_requirements_says_so_to_whoever_tells_of_a_work_permit() -> None:
    said = ask(Conversation(), "job_do_i_qualify", "i have daca, do i qualify for A32B with a bachelors")
    assert "It lists no license or other legal requirement." in said


def test_whoever_has_no_degree_is_told_the_years_at_once() -> None:
    said = ask(Conversation(), "job_do_i_qualify", "could i be A32C without college")
    assert "7 years with no college" in said and "How many years and months" in said


def test_a_level_that_is_still_open_is_asked_about_when_another_is_out_of_reach() -> None:
    said = ask(Conversation(), "job_do_i_qualify", "do i qualify for any level with 2 years of claims review")
    assert "What is your highest degree?" in said


def test_the_way_to_a_level_starts_at_the_class_talked_about() -> None:
    talk = Conversation()
    ask(talk, "job_pay", "what does A32B pay")
    said = ask(talk, "job_level_difference", "how long until level IV")
    assert (
        "From the minimum of Insurance Benefits Specialist II to the minimum of Insurance Benefits Specialist IV"
        in said
    )


def test_hours_and_overlap_are_no_part_of_the_kind_of_work() -> None:
    said = ask(
        Conversation(), "job_do_i_qualify", "A32A with a bachelors and 2 years of medical claims part time 20 hours"
    )
    assert "2 years of work (“medical claims”) (20 hours a week)" in said


def test_the_kind_of_work_is_said_back_as_it_was_written() -> None:
    said = ask(Conversation("es"), "job_do_i_qualify", "tengo licenciatura y 8 meses en facturación médica, ¿A32A?")
    assert "«facturación médica»" in said


@pytest.mark.parametrize(
    ("code", "expected"), [("164E", "abolished on July 1, 2023"), ("180C", "ES Benefits Specialist 3")]
)
def test_a_code_of_a_class_that_is_not_held_is_answered(code: str, expected: str) -> None:
    assert expected in ask(Conversation(), "job_class_search", f"what is {code.lower()}")


def test_jobs_are_found_by_pay_however_the_amount_is_written() -> None:
    for language, text in (
        ("en", "jobs over 45k with no supervising"),
        ("es", "puestos de más de 45 mil dólares sin supervisar"),
    ):
        said = ask(Conversation(language), "job_class_search", text)
        assert "(A32B)" in said and "(A32C)" in said and "(A32A)" not in said and "(A32D)" not in said
