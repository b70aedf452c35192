"""Details of a message: codes, levels, titles, degrees, programs, money, dates, claim numbers, hours."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.details import names_of_class
from bot.nlu.details_claims import find_claim_numbers
from bot.nlu.details_dates import find_dates
from bot.nlu.details_money import find_money
from bot.nlu.details_reading import DetailReader
from bot.nlu.folding import fold
from bot.stores import job_classes
from tests.nlu.conftest import TODAY


def values(reader, text, entity, language="en"):
    return [d.value for d in reader.read(text, language, TODAY) if d.entity == entity]


@pytest.mark.parametrize(
    "text, entity, expected",
    [
        ("what does A32B pay", "class_code", ["A32B"]),
        ("the a32-c job", "class_code", ["A32C"]),
        ("a 32 d", "class_code", ["A32D"]),
        ("what does a 32 b pay", "class_code", ["A32B"]),
        ("180a duties", "class_code", ["180A"]),
        ("insurance benefits specialist III vs IV", "class_level", ["III", "IV"]),
        ("benefit specialist two", "class_level", ["II"]),
        ("lvl 3", "class_level", ["III"]),
        ("especialista II", "class_level", ["II"]),
        ("nivel tres", "class_level", ["III"]),
        ("what about III?", "class_level", ["III"]),
        ("levels 1, 2 and 3", "class_level", ["I", "II", "III"]),
        ("the third level", "class_level", ["III"]),
        ("third and fourth level", "class_level", ["III", "IV"]),
        ("el tercer nivel", "class_level", ["III"]),
        ("nivel cuarto", "class_level", ["IV"]),
        ("level number 2", "class_level", ["II"]),
        ("insurance benefits specialist #3", "class_level", ["III"]),
        ("level 3 years of college", "class_level", ["III"]),
        ("insurance benefits specialist 2 years required", "class_level", ["II"]),
        ("i was an insurance benefits specialist 2 years without a degree", "duration", [24]),
        ("insurance benefits specialist 2 years of experience", "duration", [24]),
        ("could i get it without college", "degree", ["none"]),
        ("sin universidad", "degree", ["none"]),
        ("sin terminar la universidad", "degree", ["some_college"]),
        ("ES benefits specialist 2", "class_title", ["ES Benefits Specialist"]),
        ("especialista en seguros", "class_title", ["Insurance Benefits Specialist"]),
        ("do you do paid leave", "program", ["wa_pfml"]),
        ("wheres my unemploymnt", "program", ["wa_ui"]),
        ("wa cares tax", "program", ["wa_cares"]),
        ("healthchoice card", "program", ["ok_insurance"]),
        ("i have my associates", "degree", ["associate"]),
        ("tengo bachillerato", "degree", ["high_school"]),
        ("GED only", "degree", ["ged"]),
        ("licenciatura en derecho", "degree", ["bachelor"]),
        ("i have no degree", "degree", ["none"]),
        ("3 years of college", "degree", ["some_college"]),
        ("never finished college", "degree", ["some_college"]),
        ("worked 680 hours", "hours", [680]),
        ("1,200 horas", "hours", [1200]),
        ("5 years in medical billing, does it count", "experience_area", ["medical billing"]),
        ("3 años como cajera", "experience_area", ["cajera"]),
    ],
)
def test_a_detail_is_read_and_normalised(reader, text, entity, expected):
    assert values(reader, text, entity) == expected


@pytest.mark.parametrize(
    "text, entity",
    [
        ("i dont have a bachelors", "degree"),
        ("experience instead of a bachelor's", "degree"),
        ("level 2.5", "class_level"),
        ("i need help", "class_level"),
        ("2 years specialist 3 years clerk", "class_level"),
        ("no tengo seguro médico", "class_title"),
        ("benefits specialist", "class_title"),
        ("a 40 h week", "class_code"),
        ("a 33 b", "class_code"),
        ("level 3 years required", "duration"),
        ("insurance benefits specialist 4 years required", "duration"),
        ("first grade teacher", "class_level"),
        ("open 24 hours every 2 hours", "experience_area"),
        ("within 48 hours", "hours"),
        ("2400", "money"),
        ("my 401k", "money"),
        ("i ran 5k", "money"),
        ("claim 40281735", "claim_number"),
        ("ui 4028173", "claim_number"),
        ("ui 402817355", "claim_number"),
        ("build 40281735", "claim_number"),
        ("en la mañana", "date"),
        ("i may 2 weeks later", "date"),
    ],
)
def test_what_can_be_misread_is_left_alone(reader, text, entity):
    assert values(reader, text, entity) == []


def test_a_degree_asked_about_is_not_one_the_visitor_has(reader):
    (degree,) = [d for d in reader.read("do i need a bachelor's degree", "en", TODAY) if d.entity == "degree"]
    assert degree.role == "required"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("$2,400", 240000),
        ("$1,234.56", 123456),
        ("2400 dollars", 240000),
        ("$2.4k", 240000),
        ("1.200 dólares", 120000),
        ("$1.200,50", 120050),
        ("650 bucks", 65000),
        ("over 45k", 4500000),
        ("30 mil dólares", 3000000),
    ],
)
def test_money_is_read_in_cents(text, expected):
    assert [d.value for d in find_money(fold(text))] == [expected]


@given(st.integers(0, 9_999_999))
def test_any_whole_dollar_amount_is_read_back(dollars):
    assert [d.value for d in find_money(f"i owe ${dollars:,}")] == [dollars * 100]


@given(st.integers(0, 99_999_999), st.sampled_from(["UI", "HC"]), st.sampled_from(["-", " ", "", " - ", "#"]))
def test_a_claim_number_is_normalised_however_it_is_written(number, prefix, mark):
    digits = f"{number:08d}"
    for written in (f"{prefix}{mark}{digits}", f"{prefix.lower()}{mark}{digits[:4]} {digits[4:]}"):
        assert [d.value for d in find_claim_numbers(fold(f"claim {written} please"))] == [f"{prefix}-{digits}"]


@pytest.mark.parametrize(
    "text, language, expected",
    [
        ("march 3, 2025", "en", "2025-03-03"),
        ("3rd of march 2025", "en", "2025-03-03"),
        ("3 de marzo de 2025", "es", "2025-03-03"),
        ("03/04/2025", "en", "2025-03-04"),
        ("25/12/2025", "es", "2025-12-25"),
        ("2025-12-01", "en", "2025-12-01"),
        ("yesterday", "en", "2026-03-19"),
        ("ayer", "es", "2026-03-19"),
        ("letter dated november 3", "en", "2025-11-03"),
        ("del 2 al 8 de marzo", "es", "2026-03-02/2026-03-08"),
        ("march 2 to march 8", "en", "2026-03-02/2026-03-08"),
        ("march 2-8", "en", "2026-03-02/2026-03-08"),
    ],
)
def test_a_date_is_read_as_iso(text, language, expected):
    assert [d.value for d in find_dates(fold(text), TODAY, language)] == [expected]


@pytest.mark.parametrize(
    "text, language", [("03/04/2025", "es"), ("13/13/2025", "en"), ("february 31 2025", "en"), ("august 9", "en")]
)
def test_an_ambiguous_or_impossible_date_is_left_alone(text, language):
    assert find_dates(fold(text), TODAY, language) == []


@given(st.dates(date(2000, 1, 1), date(2089, 12, 31)))
def test_any_full_date_in_words_is_read_back(day):
    assert [d.value for d in find_dates(fold(f"{day:%B} {day.day}, {day.year}"), TODAY)] == [day.isoformat()]


@given(st.text(max_size=120))
def test_any_text_gives_details_inside_it(reader, text):
    for detail in reader.read(text, "en", TODAY):
        assert 0 <= detail.start < detail.end <= len(text)


def test_every_code_of_the_class_files_is_known_to_the_trained_reader():
    kept = DetailReader([names_of_class(content) for content in job_classes.read_folder()])
    for text, code in (("a 32 a", "A32A"), ("a 32 d", "A32D"), ("180a", "180A"), ("164 e", "164E")):
        assert values(kept, text, "class_code") == [code]
