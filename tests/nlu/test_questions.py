"""Two questions in one message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.questions import split_questions


def parts(text):
    return [text[start:end] for start, end in split_questions(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Where is my payment? How do I appeal?", ["Where is my payment?", "How do I appeal?"]),
        ("where is my payment and how do i appeal", ["where is my payment", "how do i appeal"]),
        ("dónde está mi pago y cómo apelo", ["dónde está mi pago", "cómo apelo"]),
        (
            "what does level 2 pay, and what are the requirements",
            ["what does level 2 pay", "what are the requirements"],
        ),
    ],
)
def test_two_questions_are_cut_where_the_second_begins(text, expected):
    assert parts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "i got fired. can i still get benefits?",
        "my mom and dad are sick",
        "where is my payment",
        "hi there, where is my payment?",
        "",
        "can i get unemployment and work part time",
    ],
)
def test_one_question_stays_whole(text):
    assert parts(text) == []


@given(st.text(max_size=200))
def test_parts_lie_in_order_inside_any_text(text):
    spans = split_questions(text)
    if spans:
        (a, b), (c, d) = spans
        assert 0 <= a <= b <= c <= d <= len(text)
