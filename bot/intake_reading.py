"""Tells what someone means by what they say to begin an intake or in the middle of one, and reads the answers.

A story told in one's own words must not be taken for an order ("I had to stop because ..."), nor a
question for an answer, so only whole short messages are orders, and only what begins or ends like a
question is one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.intake_forms import AnswerKind, Question
from bot.nlu.folding import fold
from bot.settings import PROJECT_ROOT
from bot.stores.vocabulary import IntakeKind, Word
from bot.yaml_files import read_yaml

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CRISIS = "self_harm_crisis"
_MOST_CENTS = 10_000_000
# In a longer message such words are part of a story.
_MOST_WORDS_OF_A_WISH = 25


class Meaning(Word):
    """What a message in the middle of an intake is."""

    ANSWER = "answer"
    QUESTION = "question"
    CANCEL = "cancel"
    START_OVER = "start_over"
    REPEAT = "repeat"


@dataclass(frozen=True)
class Heard:
    """What was meant, the part of it that answers the question, and whether it shows disagreement."""

    meaning: Meaning
    answer: str = ""
    disagrees: bool = False


@dataclass(frozen=True)
class Read:
    """An answer as it was given, and its value where its kind has one: ISO day, option, yes or no, cents, digits."""

    text: str
    value: str | None = None


def hear(text: str, intent: str | None, *, reviewing: bool = False, about_disagreement: bool = False) -> Heard:
    """What a message means.

    `reviewing`: the answers have been read back, and "that's wrong" is about one of them.
    `about_disagreement`: the intake itself is about a decision, and disagreement is what it asks for.
    """
    whole = _bare(text)
    if intent == _CRISIS:
        return Heard(Meaning.QUESTION)
    for meaning in (Meaning.CANCEL, Meaning.START_OVER, Meaning.REPEAT):
        if fits(str(meaning), whole):
            return Heard(meaning)
    short = len(whole.split()) <= _cues().short
    asks, before = _question_in(text)
    disagrees = _stands("appeal", whole) or (_stands("wrong", whole) and not reviewing)
    if disagrees and not about_disagreement:
        if _says_nothing_else(whole) or (asks and not before):
            return Heard(Meaning.QUESTION, disagrees=True)
        return Heard(Meaning.ANSWER, text, disagrees=True)
    if asks:
        return Heard(Meaning.QUESTION, before)
    if short and intent in _cues().asks_the_bot and (intent != "ask_human" or _wants_a_person(whole)):
        return Heard(Meaning.QUESTION)
    return Heard(Meaning.ANSWER, text)


def fits(cue: str, text: str) -> bool:
    """Whether all that was said is one of these short messages ("yes", "I don't know")."""
    whole = _bare(text)
    return any(pattern.fullmatch(whole) for pattern in _cues().whole[cue])


def wanted_in(text: str) -> IntakeKind | None:
    """The kind of intake that a message asks to begin, or None; a question how it is done begins nothing."""
    whole = _bare(text)
    if len(whole.split()) > _MOST_WORDS_OF_A_WISH:
        return None
    only_asks = any(pattern.search(whole) for pattern in _cues().only_asks)
    for kind, patterns in _cues().wants.items():
        if any(pattern.search(whole) for pattern in patterns):
            return None if only_asks else kind
    return None


def read_answer(question: Question, text: str, entities: Sequence[dict[str, Any]]) -> Read | None:
    """The answer that a text gives to a question, or None when it gives none of the kind asked for."""
    if question.kind is AnswerKind.TEXT:
        return Read(text)
    if question.kind is not AnswerKind.CHOICE and fits("unknown", text):
        return Read(text)
    reader = {
        AnswerKind.DATE: _read_date,
        AnswerKind.MONEY: _read_money,
        AnswerKind.PHONE: _read_phone,
        AnswerKind.YES_NO: _read_yes_no,
        AnswerKind.CHOICE: _read_choice,
    }[question.kind]
    return reader(question, text, entities)


def number_in(text: str, most: int) -> int | None:
    """The number of an answer somebody names ("the second one", "change 2", "la tres"), from 1 to `most`."""
    folded = fold(text)
    if len(folded.split()) > _cues().short - 3:
        return None
    found = {int(digits) for digits in re.findall(r"(?<![\d/$.,-])\d{1,2}(?![\d/.,-])", folded)}
    found |= {number for number, pattern in enumerate(_NUMBERS, start=1) if re.search(pattern, folded)}
    named = [number for number in found if 1 <= number <= most]
    return named[0] if len(named) == 1 else None


_NUMBERS = (
    r"\b(one(?! (is|was))|first|primer[oa]?|un[oa])\b",
    r"\b(two|second|segund[oa]|dos)\b",
    r"\b(three|third|tercer[oa]?|tres)\b",
    r"\b(four|fourth|cuart[oa]|cuatro)\b",
    r"\b(five|fifth|quint[oa]|cinco)\b",
    r"\b(six|sixth|sext[oa]|seis)\b",
)


def _question_in(text: str) -> tuple[bool, str]:
    """Whether a message ends in a question to the bot, and what was said before that question."""
    sentences = _SENTENCE.split(text.strip())
    last = fold(sentences[-1]).strip()
    before = " ".join(sentences[:-1]).strip()
    if _stands("reporting", last):
        return False, ""
    ends_like_one = last.endswith("?") and len(last.split()) <= 30
    begins_like_one = _stands("question_start", last) and (not before or last.endswith("?"))
    asks = ends_like_one or (begins_like_one and len(last.split()) <= 20)
    return asks, before if asks and len(before.split()) > 2 else ""


def _says_nothing_else(whole: str) -> bool:
    """Whether a message only disagrees; one that also tells something is an answer too."""
    rest = whole
    for cue in ("appeal", "wrong", "filler"):
        for pattern in _cues().anywhere[cue]:
            rest = pattern.sub(" ", rest)
    return len(rest.split()) <= 2


def _wants_a_person(whole: str) -> bool:
    """Whether a person is asked for now; "I asked for a person" is part of the story."""
    return _stands("person", whole) and not _stands("past_request", whole)


def _read_date(question: Question, text: str, entities: Sequence[dict[str, Any]]) -> Read | None:
    days = [str(entity["value"]) for entity in entities if entity.get("entity") == "date"]
    for written in days:
        try:
            return Read(text, date.fromisoformat(written).isoformat())
        except ValueError:
            continue
    # "The middle of June" is an answer a person can use, though it is no day.
    return Read(text) if days or _names_a_time(text) else None


def _names_a_time(text: str) -> bool:
    return bool(_TIME_WORDS.search(fold(text)))


_TIME_WORDS = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|\b(week|month|year|day|spring|summer|fall|winter)s?\b"
    r"|\b(ene|abr|mayo|ago|dic)[a-z]*\b|\b(semana|mes|ano|dia|primavera|verano|otono|invierno)s?\b"
    r"|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(lunes|martes|miercoles|jueves|viernes|sabado|domingo)\b"
    r"|\b(still|never|todavia|nunca|19\d\d|20\d\d)\b|\d{1,2}/\d{1,2}"
)


def _read_money(question: Question, text: str, entities: Sequence[dict[str, Any]]) -> Read | None:
    sums = [int(entity["value"]) for entity in entities if entity.get("entity") == "money"]
    if not sums:
        bare = re.fullmatch(r"\D{0,20}?(\d{1,3}(?:,\d{3})+|\d{1,6})(?:\.(\d\d))?\D{0,25}", text.strip())
        if bare is None:
            return None
        sums = [int(bare[1].replace(",", "")) * 100 + int(bare[2] or 0)]
    return Read(text, str(sums[0])) if sums[0] <= _MOST_CENTS else None


def _read_phone(question: Question, text: str, entities: Sequence[dict[str, Any]]) -> Read | None:
    digits = re.sub(r"\D", "", text)
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return Read(text, digits) if len(digits) == 10 else None


def _read_yes_no(question: Question, text: str, entities: Sequence[dict[str, Any]]) -> Read | None:
    folded = _bare(text)
    if fits("yes", text) or re.match(r"(yes|yeah|yep|si)\b", folded):
        return Read(text, "yes")
    if fits("no", text) or re.match(r"(no|not|nope)\b", folded):
        return Read(text, "no")
    # "My brother did it for me" is worth more than a yes or a no.
    return Read(text) if len(folded.split()) > 2 else None


def _read_choice(question: Question, text: str, entities: Sequence[dict[str, Any]]) -> Read | None:
    folded = _bare(text)
    for option, titles in question.options.items():
        if folded == option or any(_bare(title) in folded or folded in _bare(title) for title in titles.values()):
            return Read(text, option)
    return None


@dataclass(frozen=True)
class _Cues:
    whole: dict[str, list[re.Pattern[str]]]
    anywhere: dict[str, list[re.Pattern[str]]]
    wants: dict[IntakeKind, list[re.Pattern[str]]]
    only_asks: list[re.Pattern[str]]
    asks_the_bot: frozenset[str]
    short: int


@functools.cache
def _cues() -> _Cues:
    written = read_yaml(PROJECT_ROOT / "data" / "intake_cues.yml")
    compiled = {
        part: {name: [re.compile(cue) for cue in cues] for name, cues in written[part].items()}
        for part in ("whole", "anywhere", "wants")
    }
    return _Cues(
        whole=compiled["whole"],
        anywhere=compiled["anywhere"],
        wants={IntakeKind(kind): cues for kind, cues in compiled["wants"].items()},
        only_asks=[re.compile(cue) for cue in written["only_asks"]],
        asks_the_bot=frozenset(written["asks_the_bot"]),
        short=int(written["short"]),
    )


def _stands(cue: str, folded: str) -> bool:
    return any(pattern.search(folded) for pattern in _cues().anywhere[cue])


def _bare(text: str) -> str:
    """Small letters without accents, outer marks, commas and doubled spaces."""
    return re.sub(r"[\s,]+", " ", fold(text)).strip(" .!?¡¿'\"")
