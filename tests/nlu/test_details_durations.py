"""Amounts of time and what they are time of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.details_durations import find_durations
from bot.nlu.folding import fold


def read(text):
    return [(d.value, d.role) for d in find_durations(fold(text))]


@pytest.mark.parametrize(
    "text, months, role",
    [
        ("4 and a half years as a claims clerk", 54, "experience"),
        ("4 1/2 yrs experience", 54, "experience"),
        ("4.5 years working in billing", 54, "experience"),
        ("18 months doing data entry", 18, "experience"),
        ("a year and a half in customer service", 18, "experience"),
        ("año y medio de experiencia", 18, "experience"),
        ("cuatro años y medio trabajando como cajera", 54, "experience"),
        ("3 years 6 months doing payroll", 42, "experience"),
        ("trabajé 2 años y 6 meses", 30, "experience"),
        ("twenty-five years as a nurse", 300, "experience"),
        ("2 yrs of college", 24, "college"),
        ("2 años de universidad", 24, "college"),
        ("been waiting 3 months", 3, "waiting"),
        ("llevo 2 meses esperando", 2, "waiting"),
        ("hace 2 meses que no me pagan", 2, "waiting"),
        ("llevo 5 años en nómina", 60, "experience"),
        ("4 años revisando reclamos", 48, "experience"),
        ("6 años experiencia 0 universidad", 72, "experience"),
        ("im 62 years old", 744, "age"),
        ("tengo 45 años", 540, "age"),
        ("tengo 4 años de experiencia", 48, "experience"),
        ("4 years", 48, "none"),
    ],
)
def test_a_duration_is_read_with_its_role(text, months, role):
    assert read(text) == [(months, role)]


@pytest.mark.parametrize(
    "text",
    [
        "2-3 years of experience", "2 to 3 years of experience", "less than 2 years", "menos de un año",
        "i was fired 2 years ago", "how much a year", "once a month", "a 4 year degree", "how many weeks", "base year",
        "1,200 years", "last year", "hace 2 años", "the last 18 months", "tengo un diplomado de dos años",
        "a certificate of 2 years",
    ],
)  # fmt: skip
def test_what_is_not_one_duration_is_left_alone(text):
    assert read(text) == []


def test_part_time_is_noted_only_for_the_work_it_is_said_of():
    first, second = find_durations("2 years part time in payroll, 3 years as a teller")
    assert first.extra == {"part_time": True}
    assert "part_time" not in second.extra


def test_college_and_experience_in_one_sentence_keep_their_roles():
    assert read("2 years of college and 18 months in medical billing") == [(24, "college"), (18, "experience")]


@pytest.mark.parametrize(
    "text, read_as",
    [
        ("2 years of college and 4 of experience", [(24, "college"), (48, "experience")]),
        ("tengo dos años de universidad y 3 de experiencia", [(24, "college"), (36, "experience")]),
        ("un diplomado de dos años y 4 de experiencia", [(48, "experience")]),
        ("4 years of work and 2 of them at night", [(48, "experience")]),
    ],
)
def test_years_said_once_are_years_of_both(text, read_as):
    assert read(text) == read_as


def test_about_three_years_is_marked_approximate():
    assert find_durations("about 3 years in retail")[0].extra == {"approximate": True}


def test_weeks_keep_their_days():
    assert find_durations("waiting 6 weeks")[0].extra == {"days": 42}


@given(st.integers(1, 40), st.integers(1, 11))
def test_years_and_months_always_add_up(years, months):
    (found,) = find_durations(f"{years} years and {months} months of experience")
    assert found.value == 12 * years + months


@given(st.text(max_size=80))
def test_spans_lie_inside_any_text(text):
    folded = fold(text)
    for found in find_durations(folded):
        assert 0 <= found.start < found.end <= len(folded)
        assert found.value >= 0
