"""Misspelt words of the domain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.packaged_files import use_file, wordpiece_vocabulary
from bot.nlu.spelling_correction import SpellingCorrection, sentencepiece_words, target_words, wordpiece_words
from bot.nlu.word_pairs import WordPairs

EXAMPLES = [
    "wheres my unemployment payment",
    "how to appeal",
    "my claim",
    "years of experience",
    "mi desempleo",
    "mi trabajo",
    "a part time job",
    "the past year",
]
SPELLING = SpellingCorrection(WordPairs.of(EXAMPLES * 4), frozenset({"clam", "blame", "moment", "interpreters"}))


@pytest.mark.parametrize(
    "typed, corrected",
    [
        ("wheres my unemploymnt", "wheres my unemployment"),
        ("unemployement paymnt??", "unemployment payment??"),
        ("how to apeal", "how to appeal"),
        ("expereince", "experience"),
        ("mi desenpleo", "mi desempleo"),
        ("mi TRABJO", "mi trabajo"),
    ],
)
def test_a_misspelt_word_of_the_domain_is_corrected(typed, corrected):
    assert SPELLING.correct(typed) == corrected


@pytest.mark.parametrize(
    "text", ["a clam", "one moment", "appeals", "claims", "xyzzy", "A32B", "UI-40281735", "¿Dónde está?", ""]
)
def test_everything_else_stays_as_typed(text):
    assert SPELLING.correct(text) == text


@given(st.text(max_size=60))
def test_correcting_twice_changes_nothing_more(text):
    once = SPELLING.correct(text)
    assert SPELLING.correct(once) == once


@pytest.mark.parametrize(
    "typed, corrected", [("a pat time job", "a part time job"), ("the pat year", "the past year"), ("pat?", "pat?")]
)
def test_of_two_words_as_near_the_one_that_fits_its_neighbours_is_taken(typed, corrected):
    assert SPELLING.correct(typed) == corrected


def test_rare_words_are_targets_only_if_the_lexicon_confirms_them():
    texts = ["wekly claim"] * 2 + ["weekly claim"] * 2 + ["payment"] * 4
    assert target_words(WordPairs.of(texts), frozenset({"weekly"})) == ["claim", "payment", "weekly"]


def test_the_encoders_vocabularies_give_whole_words_of_both_languages():
    assert {"payment", "because"} <= wordpiece_words(wordpiece_vocabulary())
    assert {"trabajo", "dinero"} <= sentencepiece_words(use_file("sp.model"))
