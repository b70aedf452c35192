"""Every text people read is there in English and in Spanish, with the same values to fill in."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
import yaml

from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES, Cents, Words, WordsError, load_file, say

FILES = sorted(
    [
        *(PROJECT_ROOT / "data/words").glob("*.yml"),
        *(PROJECT_ROOT / "bot/gateway/static").glob("*/*.yml"),
    ]
)
# These hold patterns and lists of words for a language and not sentences to fill in.
NOT_SENTENCES = {"job_class_hints.yml"}
_PLACE = re.compile(r"\{(\w+)[^}]*\}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_text_is_there_in_every_language(path: Path) -> None:
    texts = load_file(path)
    assert texts
    for key, by_language in texts.items():
        assert set(by_language) == set(LANGUAGES), key
        if path.name not in NOT_SENTENCES:
            places = {language: set(_PLACE.findall(text)) for language, text in by_language.items()}
            assert places["en"] == places["es"], key


def test_every_response_of_the_domain_has_a_spanish_and_an_english_variation() -> None:
    responses = yaml.safe_load((PROJECT_ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    for name, variations in responses.items():
        spoken = {
            next((c["value"] for c in variation.get("condition", ()) if c["name"] == "language"), "en")
            for variation in variations
        }
        assert spoken == set(LANGUAGES), name
        counts = {len(variation.get("buttons", ())) for variation in variations}
        assert len(counts) == 1, f"{name} has buttons in one language only"


def test_a_missing_language_is_refused_with_the_file_and_the_key(tmp_path: Path) -> None:
    path = tmp_path / "half.yml"
    path.write_text("hello:\n  en: Hello\n")
    with pytest.raises(WordsError, match=r"half\.yml: 'hello' has no text in 'es'"):
        load_file(path)


def test_money_and_days_are_said_in_the_language() -> None:
    assert say(Cents(383898), "en") == "$3,838.98"
    assert say(Cents(383898), "es") == "$3,838.98"
    assert say(date(2012, 7, 2), "en") == "July 2, 2012"
    assert say(date(2012, 7, 2), "es") == "2 de julio de 2012"
    moment = datetime(2026, 12, 1, 17, 5, tzinfo=timezone.utc)
    assert "December 1, 2026" in say(moment, "en")
    assert "1 de diciembre de 2026" in say(moment, "es")


def test_an_unknown_language_is_answered_in_english() -> None:
    assert Words("service", "xx")("welcome").startswith("Hello")
