"""The answer cards as they stand, and what is said about cards with a fault."""

from __future__ import annotations

import io
import json
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import card_checks, cards
from bot.card_checks import Finding, Kind, check
from bot.cards import Card, CardError, Deck
from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES

TODAY = date(2026, 11, 21)
HELD_OUT = PROJECT_ROOT / "tests" / "answers" / "questions"
# A file with one good card; each test below spoils one thing of it.
GOOD = """\
program: wa_ui
owner: Unemployment content
cards:
  - id: ui_example
    topic: apply_how
    situation: null
    facts: []
    figures:
      hours: {number: 680}
    en:
      title: "How many hours?"
      answer: "You need {hours} hours of work."
      questions: ["how many hours", "hours needed", "is 500 enough", "do i have enough"]
    es:
      title: "¿Cuántas horas?"
      answer: "Necesita {hours} horas de trabajo."
      questions: ["cuántas horas", "horas necesarias", "bastan 500", "tengo suficientes"]
    next: []
    source:
      title: "State rule"
      url: "https://app.leg.wa.gov/WAC"
      statute: "RCW 50.04.030"
    effective: 2016-11-14
    source_date: "rule in effect since 2016-11-14"
    dated: false
    review_by: 2027-11-30
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], list[Card]]:
    def _read(text: str) -> list[Card]:
        file = tmp_path / "wa_ui.yml"
        file.write_text(text, encoding="utf-8")
        return cards.read_file(file)

    return _read


@pytest.fixture(scope="module")
def deck() -> Deck:
    return cards.deck()


@pytest.fixture
def card(read: Callable[[str], list[Card]]) -> Card:
    return read(GOOD)[0]


def _texts(deck: Deck, language: str) -> Iterator[tuple[str, str]]:
    for card in deck.cards.values():
        for field, text in card_checks.texts(card.words[language]).items():
            yield f"{card.id}.{language}.{field}", text


# ------------------------------------------------------------------ a card with a fault is refused


def test_a_good_card_is_read(card: Card) -> None:
    assert card.say(card.words["en"].answer, "en") == "You need 680 hours of work."


@pytest.mark.parametrize(
    ("right", "wrong", "line", "field"),
    [
        ("program: wa_ui", "program: wa_tax", 1, "program"),
        ("id: ui_example", "id: Example", 4, "cards.0.id"),
        ("    topic: apply_how\n", "", 4, "cards.0"),
        ("{number: 680}", "{number: many}", 9, "cards.0.figures.hours.number"),
        ('title: "How many hours?"', 'titel: "How many hours?"', 11, "cards.0.en"),
        (
            '["how many hours", "hours needed", "is 500 enough", "do i have enough"]',
            '["x"]',
            13,
            "cards.0.en.questions",
        ),
        ('answer: "Necesita {hours} horas de trabajo."', 'answer: ""', 16, "cards.0.es.answer"),
        ("https://app.leg.wa.gov", "http://app.leg.wa.gov", 21, "cards.0.source.url"),
        ("review_by: 2027-11-30", "review_by: soon", 26, "cards.0.review_by"),
    ],
)
def test_an_error_names_file_line_and_field(
    read: Callable[[str], list[Card]], right: str, wrong: str, line: int, field: str
) -> None:
    assert right in GOOD
    with pytest.raises(CardError) as error:
        read(GOOD.replace(right, wrong))
    assert str(error.value).startswith(f"wa_ui.yml:{line}: {field}: ")


def test_broken_yaml_is_named_with_its_line(read: Callable[[str], list[Card]]) -> None:
    with pytest.raises(CardError, match=r"^wa_ui\.yml:\d+: "):
        read(GOOD.replace('title: "How many hours?"', 'title: "How many hours?'))


def test_a_figure_that_is_not_held_is_named(read: Callable[[str], list[Card]]) -> None:
    with pytest.raises(CardError, match=r"^wa_ui\.yml:4: ui_example: es: there is no figure 'horas'"):
        read(GOOD.replace("Necesita {hours}", "Necesita {horas}"))


def test_a_figure_that_is_in_no_text_is_named(read: Callable[[str], list[Card]]) -> None:
    with pytest.raises(CardError, match=r"^wa_ui\.yml:4: ui_example: figures: 'weeks' is in no text"):
        read(GOOD.replace("{number: 680}", "{number: 680}\n      weeks: {number: 26}"))


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.yml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(CardError, match=r"b\.yml: ui_example: this id is used twice"):
        cards.deck(tmp_path)


def test_a_link_to_no_card_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD.replace("next: []", "next: [ui_nowhere]"), encoding="utf-8")
    with pytest.raises(CardError, match=r"ui_example: next: there is no card 'ui_nowhere'"):
        cards.deck(tmp_path)


# ------------------------------------------------------------------ what the check finds


def _kinds(findings: list[Finding]) -> list[Kind]:
    return [finding.kind for finding in findings]


def test_a_card_in_order_has_no_finding(card: Card) -> None:
    assert check(Deck({card.id: card}), TODAY, ["apply_how"], []) == []


def test_a_card_past_its_review_is_found(card: Card) -> None:
    findings = check(Deck({card.id: card}), date(2027, 12, 1), [], [])
    assert _kinds(findings) == [Kind.PAST_REVIEW]
    assert "2027-11-30" in findings[0].text


def test_a_dated_figure_is_told_and_is_nothing_to_mend(card: Card) -> None:
    figures = {"hours": {"number": 680, "as_of": date(2015, 1, 5), "check": "https://esd.wa.gov/"}}
    findings = check(Deck({card.id: replace(card, figures=figures)}), TODAY, [], [])
    assert _kinds(findings) == [Kind.DATED_FIGURE]
    assert "January 5, 2015" in findings[0].text and "https://esd.wa.gov/" in findings[0].text
    assert not findings[0].to_mend


def test_a_broken_link_is_found(card: Card) -> None:
    linked = replace(card, next=("ui_nowhere", card.id))
    assert _kinds(check(Deck({card.id: linked}), TODAY, [], [])) == [Kind.BROKEN_LINK] * 2


def test_a_topic_without_a_card_is_found(card: Card) -> None:
    findings = check(Deck({card.id: card}), TODAY, ["apply_how", "dental"], [])
    assert [(finding.kind, finding.about) for finding in findings] == [(Kind.TOPIC_WITHOUT_CARD, "dental")]


@pytest.mark.parametrize(
    "spanish",
    [{"answer": "You need {hours} hours of work."}, {"answer": "Necesita muchas horas."}, {"steps": ("Uno.",)}],
)
def test_missing_spanish_is_found(card: Card, spanish: dict[str, Any]) -> None:
    words = {**card.words, "es": replace(card.words["es"], **spanish)}
    assert _kinds(check(Deck({card.id: replace(card, words=words)}), TODAY, [], [])) == [Kind.MISSING_SPANISH]


def test_a_text_that_is_hard_to_read_is_found(card: Card) -> None:
    hard = (
        "Eligibility determinations concerning disqualification necessitate considerable administrative "
        "documentation, notwithstanding {hours} previously demonstrated qualifications."
    )
    words = {**card.words, "en": replace(card.words["en"], answer=hard)}
    findings = check(Deck({card.id: replace(card, words=words)}), TODAY, [], [])
    assert _kinds(findings) == [Kind.TOO_HARD]
    assert "en.answer" in findings[0].text


def test_the_report_is_zero_without_anything_to_mend() -> None:
    out = io.StringIO()
    assert card_checks.report(out, TODAY) == 0, out.getvalue()
    assert "nothing to mend" in out.getvalue()


def test_the_report_is_one_for_a_card_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "wa_ui.yml").write_text(GOOD.replace("id: ui_example", "id: Example"), encoding="utf-8")
    out = io.StringIO()
    assert card_checks.report(out, TODAY, tmp_path) == 1
    assert out.getvalue().startswith("wa_ui.yml:4: cards.0.id: ")


# ------------------------------------------------------------------ the cards as they stand


def test_there_are_cards_enough_of_each_program(deck: Deck) -> None:
    for program, least in (("wa_ui", 80), ("ok_insurance", 30), ("wa_pfml", 15), ("wa_cares", 5), (None, 5)):
        assert sum(card.program == program for card in deck.cards.values()) >= least, program
    assert deck.of_topic("self_harm_crisis")


def test_every_english_text_reads_at_grade_eight_or_below(deck: Deck) -> None:
    grades = {
        (card.id, field): grade
        for card in deck.cards.values()
        for field, grade in card_checks.english_grades(card).items()
    }
    assert {place: grade for place, grade in grades.items() if grade > card_checks.HARDEST_GRADE} == {}
    assert statistics.median(grades.values()) <= 6.5


def test_spanish_texts_are_as_easy(deck: Deck) -> None:
    ease = [ease for card in deck.cards.values() for ease in card_checks.spanish_ease(card).values()]
    # 60 to 70 on the scale of Fernández Huerta is what the eighth and ninth grades read.
    assert min(ease) >= 60
    assert statistics.median(ease) >= 75


def test_figures_are_held_as_data_and_never_typed_into_a_text(deck: Deck) -> None:
    typed = [
        (place, match.group())
        for language in LANGUAGES
        for place, text in _texts(deck, language)
        if (match := re.search(r"\d[\d,.]*", re.sub(r"\{\w+\}|1099(?:-?G)?|988|WW", "", text)))
    ]
    assert typed == []


def test_no_sentence_ends_twice(deck: Deck) -> None:
    said = [
        card.say(text, language)
        for card in deck.cards.values()
        for language in LANGUAGES
        for words in [card.words[language]]
        for text in (words.answer, words.more or "", *words.steps)
    ]
    assert [text for text in said if ".." in text.replace("...", "")] == []
    assert any("p.m." in text for text in said)


def test_no_card_says_who_is_eligible(deck: Deck) -> None:
    promise = re.compile(r"\byou (?:are|will be) eligible\b|\busted (?:es|será) elegible\b", re.I)
    conditional = re.compile(r"\b(?:if|when|only|that|first|weeks?|si|cuando|semana)\b", re.I)
    said = [
        (place, sentence)
        for language in LANGUAGES
        for place, text in _texts(deck, language)
        for sentence in re.split(r"(?<=[.!?])\s+", text)
        if promise.search(sentence) and not conditional.search(sentence)
    ]
    assert said == []


def test_no_question_is_asked_of_two_cards(deck: Deck) -> None:
    asked: dict[str, str] = {}
    twice = []
    for card in deck.cards.values():
        for language in LANGUAGES:
            for question in card.words[language].questions:
                plain = _plain(question)
                if asked.setdefault(plain, card.id) != card.id:
                    twice.append((question, asked[plain], card.id))
    assert twice == []


def test_held_out_questions_are_not_trained_on(deck: Deck) -> None:
    trained = {_plain(q) for card in deck.cards.values() for words in card.words.values() for q in words.questions}
    for file in sorted(HELD_OUT.glob("*.yml")):
        for name, by_language in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            for language in LANGUAGES:
                for question in by_language[language]:
                    assert _plain(question) not in trained, (file.name, name, question)


def test_every_card_has_five_held_out_questions_in_each_language(deck: Deck) -> None:
    asked: dict[str, Any] = {}
    for file in sorted(HELD_OUT.glob("*.yml")):
        asked.update(yaml.safe_load(file.read_text(encoding="utf-8")))
    short = [
        (card, language)
        for card in deck.cards
        for language in LANGUAGES
        if len(asked.get(card, {}).get(language, ())) < 5
    ]
    assert short == []
    assert set(asked) <= set(deck.cards)


def test_the_schema_is_itself_valid() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads((cards.FOLDER / "schema.json").read_text(encoding="utf-8")))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
