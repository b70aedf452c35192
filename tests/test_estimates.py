"""Estimates show the right result, every step to it, and how old their figures are."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import estimates
from bot.estimates import Quarter
from bot.stores.demo_unemployment import after_earnings
from bot.words import LANGUAGES, load

FILED = date(2026, 3, 3)
_cents = st.integers(min_value=0, max_value=20_000_000)


# ------------------------------------------------------------------ weekly benefit


@pytest.mark.parametrize(
    ("quarters", "weekly"),
    [
        ((800_000, 900_000, 1_000_000, 1_100_000), 40_400),  # 21,000 / 2 x 3.85 % = 404.25
        ((1_100_000, 0, 1_000_000, 0), 40_400),
        ((0, 0, 0, 600_000), 36_600),  # 115.50, less than the lowest
        ((9_000_000, 9_000_000, 9_000_000, 9_000_000), 115_200),  # 3,465, more than the highest
        ((1_038_962, 1_038_961, 0, 0), 40_000),  # 400.0002
        ((1_038_961, 1_038_961, 0, 0), 39_900),  # a cent of pay less: 399.99998
    ],
)
def test_the_weekly_benefit_is_the_statutes(quarters: tuple[int, ...], weekly: int) -> None:
    assert estimates.weekly_benefit(quarters, FILED).result["weekly_cents"] == weekly


def test_a_claim_pays_at_most_26_weeks_or_a_third_of_the_wages() -> None:
    steady = estimates.weekly_benefit((1_000_000,) * 4, FILED).result
    assert steady == {"weekly_cents": 38_500, "maximum_cents": 38_500 * 26}
    one_good_quarter = estimates.weekly_benefit((2_000_000, 0, 0, 0), FILED).result
    assert one_good_quarter == {"weekly_cents": 38_500, "maximum_cents": 666_666}


def test_the_arithmetic_is_shown() -> None:
    text = estimates.weekly_benefit((800_000, 900_000, 1_000_000, 1_100_000), FILED).text("en")
    for step in (
        "$11,000.00 + $10,000.00 = $21,000.00",
        "$21,000.00 ÷ 2 = $10,500.00",
        "3.85% of that, rounded down to a dollar: $404.00",
        "26 × $404.00 = $10,504.00",
        "$38,000.00 ÷ 3 = $12,666.66",
        "Source: RCW 50.20.120(2) (as of 2022-04-06)",
        "only an estimate",
    ):
        assert step in text


@pytest.mark.parametrize(
    ("filed_on", "minimum", "note"),
    [
        (date(2025, 7, 5), 34_200, ""),
        (date(2025, 7, 6), 36_600, ""),
        (date(2026, 6, 30), 36_600, ""),
        (date(2026, 11, 21), 36_600, "The newest we have are for claims from July 6, 2025"),
        (date(2023, 1, 1), 34_200, "The oldest we have are for claims from July 7, 2024"),
    ],
)
def test_the_limits_are_those_of_the_day_and_old_ones_are_said_to_be_old(
    filed_on: date, minimum: int, note: str
) -> None:
    estimate = estimates.weekly_benefit((100_000, 0, 0, 0), filed_on)
    assert estimate.result["weekly_cents"] == minimum
    text = estimate.text("en")
    assert note in text
    assert ("we have" in text) == bool(note)


def test_no_wages_give_no_benefit() -> None:
    estimate = estimates.weekly_benefit((0, 0, 0, 0), FILED)
    assert estimate.result == {"weekly_cents": 0, "maximum_cents": 0}
    assert "nothing to work out" in estimate.text("en")


@given(st.tuples(_cents, _cents, _cents, _cents))
def test_a_weekly_benefit_stays_inside_the_limits_whatever_the_order_of_quarters(
    quarters: tuple[int, int, int, int],
) -> None:
    result = estimates.weekly_benefit(quarters, FILED).result
    assert result == estimates.weekly_benefit(quarters[::-1], FILED).result
    if sum(quarters):
        assert 36_600 <= result["weekly_cents"] <= 115_200
        assert result["weekly_cents"] % 100 == 0
    assert result["maximum_cents"] <= sum(quarters) // 3
    assert result["maximum_cents"] <= result["weekly_cents"] * 26


# ------------------------------------------------------------------ part-time earnings


def test_the_fact_sheets_example_of_part_time_pay() -> None:
    estimate = estimates.part_time(40_000, 20_500)
    assert estimate.result == {"payment_cents": 25_000}
    assert "$205.00 - $5.00 = $200.00" in estimate.text("en")
    assert "$400.00 - $150.00 = $250.00" in estimate.text("en")


@pytest.mark.parametrize(
    ("earnings", "payment"), [(0, 40_000), (500, 40_000), (501, 39_900), (53_833, 0), (53_700, 100), (99_999, 0)]
)
def test_pay_lowers_a_week_to_nothing_at_four_thirds_and_five_dollars(earnings: int, payment: int) -> None:
    assert estimates.part_time(40_000, earnings).result["payment_cents"] == payment


@given(st.integers(1, 1152), _cents)
def test_the_demo_claims_are_paid_by_the_same_rule(weekly_dollars: int, earnings: int) -> None:
    estimate = estimates.part_time(weekly_dollars * 100, earnings)
    assert estimate.result["payment_cents"] == after_earnings(weekly_dollars * 100, earnings)


# ------------------------------------------------------------------ overpayment


def test_an_overpayment_is_taken_half_a_week_at_a_time() -> None:
    estimate = estimates.offset(241_500, 64_400)
    assert estimate.result == {"taken_cents": 32_200, "weeks": 8, "last_cents": 16_100, "monthly_cents": 21_467}
    text = estimate.text("en")
    assert "$644.00 × 50% = $322.00" in text
    assert "paid back in 8 weeks, without interest. The last week takes $161.00." in text


def test_fraud_takes_the_whole_week() -> None:
    estimate = estimates.offset(100_000, 64_400, fraud=True)
    assert estimate.result == {"taken_cents": 64_400, "weeks": 2, "last_cents": 35_600}
    assert "You would still get" not in estimate.text("en")


@pytest.mark.parametrize(
    ("balance", "weekly", "monthly"),
    [(241_500, 64_400, 21_467), (2_000_000, 40_000, 60_000), (10_000, 6_000, 2_500), (1_000, 64_400, 1_000)],
)
def test_the_least_monthly_payment_is_the_largest_of_three_and_never_more_than_is_owed(
    balance: int, weekly: int, monthly: int
) -> None:
    assert estimates.offset(balance, weekly).result["monthly_cents"] == monthly


@given(st.integers(1, 5_000_000), st.integers(1, 1152), st.booleans())
def test_what_is_taken_adds_up_to_what_is_owed(balance: int, weekly_dollars: int, fraud: bool) -> None:
    result = estimates.offset(balance, weekly_dollars * 100, fraud=fraud).result
    assert result["taken_cents"] * (result["weeks"] - 1) + result["last_cents"] == balance
    assert 0 < result["last_cents"] <= result["taken_cents"] <= weekly_dollars * 100


def test_nothing_owed_means_nothing_taken() -> None:
    assert estimates.offset(0, 40_000).result == {"taken_cents": 0, "weeks": 0, "last_cents": 0}


# ------------------------------------------------------------------ base year


@pytest.mark.parametrize(
    ("filed_on", "first", "last"),
    [
        (date(2026, 1, 1), (2024, 4), (2025, 3)),
        (date(2026, 5, 20), (2025, 1), (2025, 4)),
        (date(2026, 7, 1), (2025, 2), (2026, 1)),
        (date(2026, 12, 31), (2025, 3), (2026, 2)),
    ],
)
def test_the_base_year_is_the_fact_sheets(filed_on: date, first: tuple[int, int], last: tuple[int, int]) -> None:
    quarters = estimates.base_year(filed_on)
    assert (quarters[0], quarters[-1]) == (first, last)
    assert estimates.alternate_base_year(filed_on)[:3] == quarters[1:]


NOVEMBER = date(2026, 11, 21)


def _hours(*worked: int) -> dict[Quarter, int]:
    """Hours of the five completed quarters before November 2026, the oldest first."""
    return dict(zip([*estimates.base_year(NOVEMBER), Quarter(2026, 3)], worked, strict=True))


def test_enough_hours_in_the_base_year_settle_it() -> None:
    estimate = estimates.base_year_hours(_hours(170, 170, 170, 170, 0), NOVEMBER)
    assert estimate.result == {"base": "regular", "regular_hours": 680, "alternate_hours": None}
    assert "Alternate" not in estimate.text("en")


def test_too_few_hours_bring_the_alternate_base_year() -> None:
    estimate = estimates.base_year_hours(_hours(50, 200, 200, 200, 100), NOVEMBER)
    assert estimate.result == {"base": "alternate", "regular_hours": 650, "alternate_hours": 700}
    text = estimate.text("en")
    assert "July 2025 through June 2026" in text
    assert "50 + 200 + 200 + 200 = 650 hours" in text
    assert "30 short" in text
    assert "October 2025 through September 2026" in text
    assert "de julio de 2025 a junio de 2026" in estimate.text("es")


def test_too_few_hours_in_both_say_how_many_are_missing() -> None:
    estimate = estimates.base_year_hours({}, NOVEMBER)
    assert estimate.result == {"base": None, "regular_hours": 0, "alternate_hours": 0}
    assert estimate.text("en").count("680 short") == 2


# ------------------------------------------------------------------ all of them


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_estimate_promises_anything_and_each_names_its_sources(language: str) -> None:
    for estimate in (
        estimates.weekly_benefit((1_000_000,) * 4, NOVEMBER),
        estimates.weekly_benefit((0,) * 4, NOVEMBER),
        estimates.part_time(40_000, 0),
        estimates.part_time(40_000, 90_000),
        estimates.offset(1_000, 40_000),
        estimates.offset(0, 40_000),
        estimates.base_year_hours({}, NOVEMBER),
    ):
        text = estimate.text(language)
        assert "{" not in text
        assert estimate.sources
        assert load("estimates")["only_estimate"][language][:20] in text
        assert not re.search(r"you (are|will be) eligible|you will (get|be paid)|recibirá|es elegible", text, re.I)


@pytest.mark.parametrize("amounts", [(-1, 0, 0, 0), (1, 2, 3)])
def test_amounts_that_can_not_be_are_refused(amounts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="amount"):
        estimates.weekly_benefit(amounts, FILED)
    with pytest.raises(ValueError, match="weekly benefit"):
        estimates.offset(100, 0)


def test_every_figure_names_its_fact_its_source_and_its_age() -> None:
    for name, rule in estimates.figures().items():
        for entry in rule if isinstance(rule, list) else [rule]:
            if isinstance(entry, dict):
                assert entry["fact"] and entry["source"] and entry["as_of"], name
