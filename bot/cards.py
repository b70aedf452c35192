"""Answer cards: the sourced, dated answers in `data/answers/`, one file a program.

The rules of a card are the JSON schema in `data/answers/schema.json`; a card that breaks one is
refused with the file, the line and the field.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from babel.numbers import format_decimal
from jsonschema import Draft202012Validator

from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES, Cents, say
from bot.yaml_files import LOADER, read_yaml

FOLDER = PROJECT_ROOT / "data" / "answers"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PLACEHOLDER_AND_STOP = re.compile(r"\{(\w+)\}(\.?)")


class CardError(ValueError):
    """A card can't be used; the message names the file, the line and the field."""


@dataclass(frozen=True)
class CardText:
    """One card's words in one language, with its figures still as `{names}`."""

    title: str
    answer: str
    more: str | None
    steps: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One answer to one question."""

    id: str
    program: str | None
    topic: str
    situation: str | None
    facts: tuple[str, ...]
    figures: Mapping[str, Mapping[str, Any]]
    words: Mapping[str, CardText]
    next: tuple[str, ...]
    source: Mapping[str, str]
    effective: date | None
    source_date: str
    dated: bool
    owner: str
    review_by: date

    def say(self, text: str, language: str) -> str:
        """A text of this card with its figures filled in as they are written in `language`."""

        def filled(match: re.Match[str]) -> str:
            figure, stop = self.figure(match.group(1), language), match.group(2)
            # "11:59 p.m." ends a sentence with the stop it has.
            return figure if figure.endswith(".") else figure + stop

        return _PLACEHOLDER_AND_STOP.sub(filled, text)

    def figure(self, name: str, language: str) -> str:
        """One figure as it is written in `language`."""
        spec = self.figures[name]
        if "usd" in spec:
            return _money(spec["usd"], language)
        if "percent" in spec:
            return f"{_number(spec['percent'], language)}%"
        if "number" in spec:
            return _number(spec["number"], language)
        if "date" in spec:
            return str(say(date.fromisoformat(str(spec["date"])), language))
        text = spec["text"]
        return str(text[language] if isinstance(text, Mapping) else text)

    def dated_figures(self, text: str) -> Iterator[Mapping[str, Any]]:
        """The figures of `text` that may have changed since `as_of`, each once."""
        for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
            if "as_of" in self.figures[name]:
                yield self.figures[name]


@dataclass(frozen=True)
class Deck:
    """All cards, found by id or by topic."""

    cards: Mapping[str, Card]

    def general(self, topic: str, program: str | None) -> Card | None:
        """The card that answers a topic without any particular situation."""
        for card in self.cards.values():
            if card.topic == topic and card.program == program and card.situation is None:
                return card
        return None

    def of_topic(self, topic: str) -> list[Card]:
        """Every card of a topic, in the order of the files."""
        return [card for card in self.cards.values() if card.topic == topic]


@functools.cache
def deck(folder: Path = FOLDER) -> Deck:
    """Read and check every card; raises CardError for the first that can't be used."""
    cards: dict[str, Card] = {}
    for path in sorted(folder.glob("*.yml")):
        for card in read_file(path):
            if card.id in cards:
                raise CardError(f"{path.name}: {card.id}: this id is used twice; give one card another.")
            cards[card.id] = card
    for card in cards.values():
        for linked in card.next:
            if linked not in cards:
                raise CardError(f"{card.id}: next: there is no card '{linked}'.")
    return Deck(cards)


def read_file(path: Path) -> list[Card]:
    """The cards of one file; raises CardError naming file, line and field."""
    try:
        document = read_yaml(path)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CardError(f"{path.name}:{line}: {error.problem}.") from None
    fault = next(iter(_validator().iter_errors(_with_plain_dates(document))), None)
    if fault is not None:
        place = list(fault.absolute_path)
        name = ".".join(str(part) for part in place) or "file"
        raise CardError(f"{path.name}:{_line(path, place)}: {name}: {fault.message}.")
    cards = [_card(entry, document) for entry in document["cards"]]
    for index, card in enumerate(cards):
        problem = _figure_problem(card)
        if problem is not None:
            raise CardError(f"{path.name}:{_line(path, ['cards', index])}: {card.id}: {problem}")
    return cards


def _card(entry: Mapping[str, Any], document: Mapping[str, Any]) -> Card:
    words = {
        language: CardText(
            title=entry[language]["title"],
            answer=entry[language]["answer"].strip(),
            more=(entry[language].get("more") or "").strip() or None,
            steps=tuple(entry[language].get("steps") or ()),
            questions=tuple(entry[language]["questions"]),
        )
        for language in LANGUAGES
    }
    return Card(
        id=entry["id"],
        program=document["program"],
        topic=entry["topic"],
        situation=entry.get("situation"),
        facts=tuple(entry.get("facts") or ()),
        figures=entry.get("figures") or {},
        words=words,
        next=tuple(entry.get("next") or ()),
        source=entry["source"],
        effective=entry.get("effective"),
        source_date=entry["source_date"],
        dated=entry.get("dated", False),
        owner=entry.get("owner") or document["owner"],
        review_by=entry["review_by"],
    )


def _figure_problem(card: Card) -> str | None:
    """What is wrong with the figures of a card, or None: each one used is held, and each one held is used."""
    used: set[str] = set()
    for language, words in card.words.items():
        for text in (words.answer, words.more or "", *words.steps):
            for name in _PLACEHOLDER.findall(text):
                if name not in card.figures:
                    return f"{language}: there is no figure '{name}'."
                used.add(name)
    unused = sorted(set(card.figures) - used)
    return f"figures: '{unused[0]}' is in no text; use it or remove it." if unused else None


@functools.cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")))


def _with_plain_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_plain_dates(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_plain_dates(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _line(path: Path, place: list[Any]) -> int:
    """The line of the field at `place`, or of the nearest thing around it."""
    node: Any = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    for part in place:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
            if found is None:
                break
            node = found
    return int(node.start_mark.line) + 1


def _money(dollars: float, language: str) -> str:
    written = str(say(Cents(round(dollars * 100)), language))
    return written[:-3] if float(dollars).is_integer() else written


def _number(number: float, language: str) -> str:
    return str(format_decimal(number, locale=f"{language}_US"))
