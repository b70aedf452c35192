"""Sums are read from short answers, and other numbers are not."""

from __future__ import annotations

import pytest

from bot.amounts import amounts_in, is_bare


@pytest.mark.parametrize(
    ("text", "dollars"),
    [
        ("11k, 9500, 10,200, 8k", [11000, 9500, 10200, 8000]),
        ("11 mil, 9500, 10.200 y 8 mil", [11000, 9500, 10200, 8000]),
        ("11000,9500,10200,8000", [11000, 9500, 10200, 8000]),
        ("11000 9500 10200 8000", [11000, 9500, 10200, 8000]),
        ("11000/9500/10200/8000", [11000, 9500, 10200, 8000]),
        ("$11,000, $9,500.50, $10,200 and $8,000", [11000, 9500.5, 10200, 8000]),
        ("nothing, 5k, 6k and 7k", [0, 5000, 6000, 7000]),
        ("Q1 2025: 9000, Q2 2025: 8000", [9000, 8000]),
        ("9000 in 2025", [9000]),
        ("the last 4 quarters were 9000 8000 7000 6000", [9000, 8000, 7000, 6000]),
        ("2,500 in jan 2025 to mar 2025", [2500]),
        ("i worked 2 weeks and got 600", [600]),
        ("75% of 300", [300]),
        ("the 1st was 9000", [9000]),
        ("300.50 a week", [300.5]),
        ("my claim is UI-40281735", []),
        ("11/21/2026", []),
        ("999999999999", []),
    ],
)
def test_sums_are_read_in_order(text: str, dollars: list[float]) -> None:
    assert [amount.hundredths / 100 for amount in amounts_in(text)] == dollars


@pytest.mark.parametrize(
    "text", ["11k, 9500, 10,200, 8k", "about $300 a week", "no, it was 9000", "gano 300 a la semana"]
)
def test_a_plain_answer_is_told_from_a_question(text: str) -> None:
    assert is_bare(text)


@pytest.mark.parametrize("text", ["what does A32B pay", "is 680 hours enough", "do i pay taxes on 300", "no idea", ""])
def test_a_question_is_no_plain_answer(text: str) -> None:
    assert not is_bare(text)
