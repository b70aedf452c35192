"""The qualification arithmetic, against an oracle that tries every way to spend the experience."""

from __future__ import annotations

import functools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.qualifications import (
    MEETS,
    NO,
    NOT_YET,
    UNCLEAR,
    YES,
    Background,
    Job,
    RulesError,
    counted_months,
    evaluate,
    judge_area,
    resolve,
)
from bot.stores.job_classes import read_folder

FAMILIES = {family["id"]: family for family in read_folder()}
OKLAHOMA = FAMILIES["ok_insurance_benefits_specialist"]
RULES = {c["level"]: c["minimum_qualifications"] for c in OKLAHOMA["classes"]}
JUDGING = OKLAHOMA["experience_areas"]["judge"]
# Written down from the descriptor by hand, so that a wrong rule in the data is found as well.
YEARS_BEYOND_DEGREE = {"I": 1, "II": 2, "III": 3, "IV": 3}
COLLEGE_YEARS = {
    "none": 0,
    "ged": 0,
    "high_school": 0,
    "some_college": 0,
    "associate": 2,
    "bachelor": 4,
    "master": 4,
    "doctorate": 4,
}


@functools.cache
def oracle(degree: str, college_months: int, experience_months: int, level: str) -> bool:
    """Whether some way to split the experience between the degree and the job fills both."""
    schooling = max(12 * COLLEGE_YEARS[degree], min(48, college_months))
    for towards_degree in range(experience_months + 1):
        left = experience_months - towards_degree
        if schooling + towards_degree >= 48 and left >= 12 * YEARS_BEYOND_DEGREE[level]:
            return True
    return False


def background(degree: str | None, college: int | None, experience: int | None, qualifies: str = YES) -> Background:
    jobs = None if experience is None else (Job(experience, qualifies),)
    return Background(degree=degree, college_months=college, jobs=jobs)


def verdict(level: str, who: Background) -> str:
    return evaluate(resolve(RULES, level), who).verdict


@pytest.mark.parametrize("level", YEARS_BEYOND_DEGREE)
@pytest.mark.parametrize("degree", COLLEGE_YEARS)
def test_every_degree_college_year_and_boundary_month_agrees_with_the_oracle(degree: str, level: str) -> None:
    rules = resolve(RULES, level)
    for college_years in range(6):
        for experience in (m for m in range(100) if m % 12 in (0, 1, 6, 11)):
            expected = MEETS if oracle(degree, 12 * college_years, experience, level) else NOT_YET
            assert evaluate(rules, background(degree, 12 * college_years, experience)).verdict == expected


@given(
    degree=st.sampled_from(sorted(COLLEGE_YEARS)),
    college=st.integers(0, 80),
    experience=st.integers(0, 130),
    level=st.sampled_from(sorted(YEARS_BEYOND_DEGREE)),
)
@settings(max_examples=200, deadline=None)
def test_any_months_agree_with_the_oracle_and_the_shortfall_is_exact(
    degree: str, college: int, experience: int, level: str
) -> None:
    result = evaluate(resolve(RULES, level), background(degree, college, experience))
    assert (result.verdict == MEETS) == oracle(degree, college, experience, level)
    if result.verdict == NOT_YET:
        short = int(result.short_months)
        assert oracle(degree, college, experience + short, level)
        assert not oracle(degree, college, experience + short - 1, level)


@pytest.mark.parametrize("level", YEARS_BEYOND_DEGREE)
def test_one_month_less_is_not_yet_and_the_month_itself_meets(level: str) -> None:
    for degree, college in (("bachelor", 0), ("associate", 0), ("some_college", 30), ("high_school", 0)):
        needed = max(0, 48 - max(12 * COLLEGE_YEARS[degree], college)) + 12 * YEARS_BEYOND_DEGREE[level]
        assert verdict(level, background(degree, college, needed)) == MEETS
        assert verdict(level, background(degree, college, needed - 1)) == NOT_YET


@given(experience=st.integers(0, 130), level=st.sampled_from(sorted(YEARS_BEYOND_DEGREE)))
def test_what_was_not_said_is_unclear_unless_no_answer_could_matter(experience: int, level: str) -> None:
    found = verdict(level, background(None, None, experience))
    worst = oracle("none", 0, experience, level)
    best = oracle("bachelor", 48, experience, level)
    assert found == (MEETS if worst else UNCLEAR if best else NOT_YET)
    assert verdict(level, background("bachelor", None, None)) == UNCLEAR


@given(
    sure=st.integers(0, 100),
    unclear=st.integers(0, 100),
    no=st.integers(0, 100),
    degree=st.sampled_from(sorted(COLLEGE_YEARS)),
    level=st.sampled_from(sorted(YEARS_BEYOND_DEGREE)),
)
@settings(max_examples=150, deadline=None)
def test_unclear_work_makes_it_unclear_only_where_it_decides(
    sure: int, unclear: int, no: int, degree: str, level: str
) -> None:
    who = Background(degree=degree, college_months=0, jobs=(Job(sure), Job(unclear, UNCLEAR), Job(no, NO)))
    without, with_it = oracle(degree, 0, sure, level), oracle(degree, 0, sure + unclear, level)
    assert verdict(level, who) == (MEETS if without else UNCLEAR if with_it else NOT_YET)


@given(
    jobs=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 60), st.one_of(st.none(), st.integers(1, 60))),
        max_size=5,
    )
)
def test_dated_jobs_fill_at_most_forty_hours_of_any_week(jobs: list[tuple[int, int, int | None]]) -> None:
    hours_in_month: dict[int, int] = {}
    for start, months, hours in jobs:
        for month in range(start, start + months):
            hours_in_month[month] = hours_in_month.get(month, 0) + (40 if hours is None else min(hours, 40))
    expected = Fraction(sum(min(40, hours) for hours in hours_in_month.values()), 40)
    found = counted_months([Job(months, hours_per_week=hours, start=start) for start, months, hours in jobs])
    assert found == expected


@given(first=st.integers(0, 90), second=st.integers(0, 90))
def test_two_full_time_jobs_at_once_count_as_the_longer_one(first: int, second: int) -> None:
    assert counted_months([Job(first), Job(second, alongside=True)]) == max(first, second)
    assert counted_months([Job(first), Job(second)]) == first + second


def test_part_time_counts_in_proportion_and_never_above_full_time() -> None:
    assert counted_months([Job(24, hours_per_week=20)]) == 12
    assert counted_months([Job(24, hours_per_week=30)]) == 18
    assert counted_months([Job(24, hours_per_week=60)]) == 24
    assert counted_months([Job(24, hours_per_week=20), Job(24, hours_per_week=20, alongside=True)]) == 24


def test_the_sum_is_shown_line_by_line() -> None:
    result = evaluate(resolve(RULES, "II"), background("associate", None, 48))
    assert [line.key for line in result.lines] == ["degree_part", "fills", "enough"]
    assert result.lines[0].values["months"] == 24
    assert (result.lines[1].values["used"], result.lines[1].values["counted"]) == (24, 48)
    assert (result.lines[2].values["left"], result.lines[2].values["required"]) == (24, 24)
    assert result.assumptions == ("degree_years",)


def test_a_higher_degree_does_not_stand_in_for_experience() -> None:
    result = evaluate(resolve(RULES, "I"), background("doctorate", None, 11))
    assert result.verdict == NOT_YET
    assert "no_education_for_experience" in result.assumptions
    assert result.short_months == 1


def test_four_years_of_college_without_a_degree_count_and_that_is_said() -> None:
    result = evaluate(resolve(RULES, "I"), background("some_college", 48, 12))
    assert result.verdict == MEETS
    assert "college_without_degree" in result.assumptions


def test_someone_who_may_not_work_is_not_yet_whatever_the_years() -> None:
    who = Background(degree="bachelor", jobs=(Job(120),), work_authorized=False)
    assert evaluate(resolve(RULES, "I"), who, work_authorization=True).verdict == NOT_YET
    assert evaluate(resolve(RULES, "I"), who).verdict == MEETS  # Oklahoma's descriptor does not mention it.


def test_levels_refer_to_each_other_and_add_up() -> None:
    assert [resolve(RULES, level)[0]["experience_years"] for level in ("I", "II", "III", "IV")] == [
        1,
        2,
        3,
        3,
    ]


@pytest.mark.parametrize("rules", [{"I": {"same_as": "II"}, "II": {"same_as": "I"}}, {"I": {"same_as": "V"}}])
def test_rules_in_a_circle_or_to_nowhere_are_an_error(rules: dict) -> None:
    with pytest.raises(RulesError):
        resolve(rules, "I")


def test_alternatives_take_the_best_verdict() -> None:
    rules = [{"degree": "master"}, {"degree": "bachelor", "experience_years": 2}]
    assert evaluate(rules, background("bachelor", None, 24)).verdict == MEETS
    assert evaluate(rules, background("bachelor", None, 23)).verdict == NOT_YET
    assert evaluate(rules, background("master", None, 0)).verdict == MEETS


def test_a_degree_that_nothing_replaces_is_needed() -> None:
    rules = [{"degree": "bachelor", "experience_years": 1}]
    assert evaluate(rules, background("associate", None, 500)).verdict == NOT_YET
    assert evaluate(rules, background("bachelor", None, 12)).verdict == MEETS


def test_a_diploma_is_met_by_anything_from_a_diploma_up() -> None:
    rules = [{"degree": "high_school", "experience_years": 1}]
    assert evaluate(rules, background("none", 0, 12)).verdict == NOT_YET
    for degree in ("ged", "high_school", "some_college", "associate", "doctorate"):
        assert evaluate(rules, background(degree, None, 12)).verdict == MEETS
        assert evaluate(rules, background(degree, None, 11)).verdict == NOT_YET


def test_washington_states_no_minimum_and_its_desirable_year_is_counted() -> None:
    specification = FAMILIES["wa_es_benefits_specialist"]["classes"][0]
    assert evaluate(specification.get("minimum_qualifications"), background("doctorate", 96, 200)).verdict == UNCLEAR
    desirable = specification["desirable_qualifications"]["any_of"]
    served = Background(jobs=(Job(12, UNCLEAR, in_class="ES Benefits Specialist 1"),))
    assert evaluate(desirable, served).verdict == MEETS
    assert evaluate(desirable, Background(jobs=(Job(12, UNCLEAR),))).verdict == UNCLEAR


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("claims review", "yes"),
        ("reviewing medical claims", "yes"),
        ("processing dental and vision claims", "yes"),
        ("health insurance", "yes"),
        ("benefits analysis", "yes"),
        ("revisión de reclamos médicos", "yes"),
        ("seguros de salud", "yes"),
        ("análisis de beneficios", "yes"),
        ("a claims department at a health insurer", "yes"),
        ("Health insurance claims or benefits", "yes"),
        ("Reclamos o beneficios de seguros de salud", "yes"),
        ("car repair", "no"),
        ("reparando carros", "no"),
        ("a restaurant kitchen", "no"),
        ("driving a truck", "no"),
        ("construcción", "no"),
        ("Something else", "no"),
        ("Otra cosa", "no"),
        ("customer service at a clinic", "unclear"),
        ("servicio al cliente en una clínica", "unclear"),
        ("auto insurance claims", "unclear"),
        ("medical billing", "unclear"),
        ("unemployment claims", "unclear"),
        ("human resources", "unclear"),
        ("Other work in health care or insurance", "unclear"),
        ("Otro trabajo en salud o seguros", "unclear"),
        ("my uncle's business", "unclear"),
        ("clames proccessing", "yes"),
        ("restuarant work", "no"),
        ("wealth management", "unclear"),
    ],
)
def test_kinds_of_work_are_judged_by_the_stated_areas(area: str, expected: str) -> None:
    assert (judge_area(area, JUDGING) or "unclear") == expected
