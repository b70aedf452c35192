"""Classes an operator imported are answered like the seeded ones, in the agency's own words where we have none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from actions import base
from bot.job_class_import import import_files
from tests.actions.job_conversation import Conversation, all_actions, entity
from tests.job_documents import DESCRIPTOR, SPECIFICATION

KEEPER, CLERK = entity("class_code", "Z10B"), entity("class_code", "999B")


@pytest.fixture(scope="module", autouse=True)
def imported(seeded: Path) -> None:
    files = []
    for name, text in (("keeper.txt", DESCRIPTOR), ("clerk.txt", SPECIFICATION)):
        files.append(seeded.parent / name)
        files[-1].write_text(text)
    with base.database().transaction() as session:
        assert import_files(files, True, session, io.StringIO()) == 0


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("named", [[KEEPER], [CLERK], [entity("class_title", "Lighthouse Keeper")], []])
def test_every_action_answers(named: list[dict], language: str) -> None:
    for name in all_actions():
        said = Conversation(language).say(name.removeprefix("action_"), "?", *named)
        assert said.strip() and "None" not in said and "{" not in said and "\n\n" not in said


def test_its_figures_rules_and_source_are_the_documents() -> None:
    talk = Conversation()
    said = talk.say("job_pay", "Z10B", KEEPER)
    for figure in ("$18.25", "$24.05", "$3,163.33", "$4,168.67", "$37,960.00", "$50,024.00"):
        assert figure in said
    assert "Ask at lights@example.gov or (555) 010-0199." in said
    assert talk.source["title"] == "Lighthouse Keeper job family descriptor, revised September 30, 2024"
    said = talk.say("job_min_qualifications", "?", KEEPER)
    assert "an associate's degree and 5 years of experience in harbor work in areas such as signals or pilotage" in said
    assert "Level I asks for plus 3 years" in said
    assert "bachelor" not in said


def test_the_agencys_own_words_are_said_to_be_so() -> None:
    said = Conversation("es").say("job_duties", "?", CLERK)
    assert "Reads tide gauges" in said and "Keeps the tide tables of a district." in said
    assert "en las palabras de la agencia" in said and "nuestras propias palabras" not in said


def test_its_rules_are_evaluated_without_any_code_of_their_own() -> None:
    talk = Conversation()
    said = talk.say(
        "job_do_i_qualify",
        "i have 1 year of college and 6 years as a harbor pilot",
        KEEPER,
        entity("duration", 12, "1 year", role="college"),
        entity("duration", 72, "6 years", role="experience"),
        entity("experience_area", "harbor pilot", "harbor pilot"),
    )
    assert "1 year of college = 1 of 2 degree years." in said
    assert "1 of your 6 years of experience fill the rest of the degree." in said
    assert "5 years left; Level II needs 5 years: enough." in said
    assert "We count an associate's degree as 2 years" in said
    assert "Lighthouse Keeper II: unclear." in said  # No areas to judge by are stored for this family.


def test_what_could_not_be_read_as_a_rule_is_quoted() -> None:
    said = Conversation().say("job_min_qualifications", "?", CLERK)
    assert "“A pilot's licence”" in said and "2 years as a Tide Clerk 1" in said.replace("an Tide", "a Tide")
