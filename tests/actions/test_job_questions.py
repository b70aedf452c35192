"""Every field of the five classes, asked for as people write: the details are read by the product's own reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.nlu.details_reading import DetailReader
from bot.stores import job_classes
from tests.actions.job_conversation import Conversation

pytestmark = pytest.mark.usefixtures("seeded")

SHEET = yaml.safe_load((Path(__file__).parent.parent / "job_questions.yml").read_text(encoding="utf-8"))
READER = DetailReader(job_classes.read_folder())


def ask(talk: Conversation, action: str, text: str, intent: str | None = None) -> str:
    """Say `text` with the details the product's reader finds in it."""
    entities = []
    for detail in READER.read(text, talk.slots["language"], date(2026, 11, 21)):
        found = dict(detail.as_entity())
        entities.append({**found, "name": found.pop("entity"), "span": None})
    return talk.say(action, text, *({**e, "entity": e.pop("name")} for e in entities), intent=intent)


def cases() -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    for question in SHEET["questions"]:
        for described in SHEET["classes"]:
            if question["expect"] in described or question.get("absent") != "skip":
                for language in ("en", "es"):
                    yield question, described, language


@pytest.mark.parametrize(
    ("question", "described", "language"),
    [pytest.param(q, c, lang, id=f"{q['expect']}-{c['names'][0]}-{lang}") for q, c, lang in cases()],
)
def test_every_field_is_answered_exactly(question: dict[str, Any], described: dict[str, Any], language: str) -> None:
    expected = described.get(question["expect"], SHEET["not_stated"][language])
    expected = expected[language] if isinstance(expected, dict) else expected
    expected = [expected] if isinstance(expected, str) else expected
    for number, pattern in enumerate(question[language]):
        text = pattern.format(name=described["names"][number % len(described["names"])])
        talk = Conversation(language)
        said = ask(talk, question["intent"], text)
        said = talk.source["title"] if question.get("where") == "source" else said
        assert all(words in said for words in expected), f"{text}\n{said}"


QUALIFYING = [
    (
        "I have an associate's and 4 years of claims review, do I qualify for level II?",
        "Level II needs 2 years: enough",
    ),
    (
        "bachlors and 1 yr clames, A32A",
        "meets the minimum on paper",
    ),
    (
        "stay at home mom 10 years, before that 4 years in claims, no degree, A32A",
        "0 years left; Level I needs 1 year",
    ),
    (
        "army medic 8 years no degree, A32A?",
        "Insurance Benefits Specialist I: unclear",
    ),
    (
        "two years claims plus one year appeals at a health plan and bachelor in english, A32C",
        "3 years of experience",
    ),
    (
        "4 years part time 25 hours a week processing medical claims, associates, A32A",
        "= 2 years and 6 months full time",
    ),
    (
        "part time in claims for 4 years at 20 hours, does that make 2 years for me, bachelors, A32B",
        "4 years at 20 hours a week = 2 years full time",
    ),
    (
        "bachelors, claims review from march 2018 to june 2021, A32C",
        "3 years and 3 months of experience; Level III needs 3 years: enough",
    ),
    (
        "i worked 3 years as a claims analyst and have a bachelors, would A32C work",
        "We take “claims analyst” as qualifying",
    ),
    (
        "I was an ES Benefits Specialist 1 for 14 months, do I qualify for ES Benefits Specialist 2?",
        "1 year is listed: you have it",
    ),
    (
        "i fixed cars for 6 years and have a bachelors, A32A",
        "not yet",
    ),
    (
        "tengo licenciatura y 3 años en reclamos medicos, califico para A32B?",
        "cumple el mínimo en papel",
    ),
    (
        "no tengo carrera pero tengo 10 años en facturación médica, A32A?",
        "no está claro",
    ),
]


@pytest.mark.parametrize(("text", "expected"), QUALIFYING)
def test_backgrounds_as_people_write_them(text: str, expected: str) -> None:
    talk = Conversation("es" if "teng" in text else "en")
    assert expected in ask(talk, "job_do_i_qualify", text)


def test_a_background_without_a_class_is_measured_against_every_level() -> None:
    talk = Conversation()
    said = ask(talk, "job_do_i_qualify", "high school only, 6 years reviewing dental claims, do i have a shot")
    assert (
        "Insurance Benefits Specialist II (A32B): 2 years left; Level II needs 2 years: enough. Meets on paper." in said
    )
    assert "The highest level that your background meets on paper is Insurance Benefits Specialist II." in said
    assert "ES Benefits Specialist 2: a minimum is not stated in the specification; the posting decides." in said
    said = ask(talk, "job_follow_up", "no, 7 years", intent="correct")
    assert "on paper is Insurance Benefits Specialist IV" in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "difference between level 1 and level 2",
            "Insurance Benefits Specialist I and Insurance Benefits Specialist II",
        ),
        (
            "how is level IV different",
            "Insurance Benefits Specialist III and Insurance Benefits Specialist IV side by side",
        ),
        ("what comes after A32B", "After Insurance Benefits Specialist II comes Insurance Benefits Specialist III"),
        ("how long from A32A until level IV", "to the minimum of Insurance Benefits Specialist IV: 2 years more"),
        ("next step up from ES benefits specialist 2", "ES Benefits Specialist 3 (class 180C)"),
        ("ES Benefits Specialist 1 vs 2", "ES Benefits Specialist 1 (class 180A)"),
        ("levels", "Insurance Benefits Specialist IV (A32D)"),
    ],
)
def test_levels_as_people_ask_for_them(text: str, expected: str) -> None:
    assert expected in ask(Conversation(), "job_level_difference", text)


@pytest.mark.parametrize(
    ("text", "expected", "unwanted"),
    [
        ("jobs over $45k with no supervising", "Insurance Benefits Specialist III", "Insurance Benefits Specialist IV"),
        ("jobs over $45k with no supervising", "pay is not stated in the specification", ""),
        ("what happened to the old 164E class", "abolished on July 1, 2023", ""),
        ("180A which title is that", "ES Benefits Specialist 1 (class 180A)", ""),
        ("job code 180B", "no job class with the code 180B", ""),
        ("when was the spec last revised", "July 2, 2012", ""),
        ("unemploymnt adjudicator jobs", "ES Benefits Specialist 2", "A32A"),
        ("is there an ES Benefits Specialist 4", "I hold no level IV", ""),
        ("jobs under $10.50 an hour", "Kept: pay ranges that start at $10.50 an hour or less.", ""),
    ],
)
def test_searches_as_people_write_them(text: str, expected: str, unwanted: str) -> None:
    said = ask(Conversation(), "job_class_search", text)
    assert expected in said
    assert not unwanted or unwanted not in said


def test_the_leadership_level_is_known_by_its_name() -> None:
    assert "$26.97" in ask(Conversation(), "job_pay", "compensation for the leadership level")
    assert "$24.53" in ask(Conversation(), "job_pay", "monthly pay for the oklahoma level 3")
