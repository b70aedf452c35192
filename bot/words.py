"""Words for people: texts kept in YAML under `data/words/`, and money and days said in a language.

A file holds one topic. Each key maps languages to a text; `{name}` marks a value to fill in:

    claim.paying.happening:
      en: "Your claim is approved. Your last payment was {amount}."
      es: "Su reclamo está aprobado. Su último pago fue de {amount}."
"""

from __future__ import annotations

import functools
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from bot.settings import PROJECT_ROOT
from bot.yaml_files import read_yaml

LANGUAGES = ("en", "es")
DEFAULT_LANGUAGE = "en"
_BABEL_LOCALES = {"en": "en_US", "es": "es_US"}


class WordsError(ValueError):
    """A words file can't be used; the message names the file and the key."""


class Words:
    """The texts of one topic file in one language, with values formatted for that language."""

    def __init__(self, topic: str, language: str) -> None:
        self.language = language if language in LANGUAGES else DEFAULT_LANGUAGE
        self._texts = load(topic)

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of `key`; dates, datetimes and `Cents` among the values are said in the language."""
        text = self._texts[key][self.language]
        if not values:
            return text
        return text.format(**{name: say(value, self.language) for name, value in values.items()})

    def __contains__(self, key: str) -> bool:
        return key in self._texts


class Cents(int):
    """Whole cents of a dollar, so that a money value is said as money wherever it is filled in."""


def say(value: Any, language: str) -> Any:
    """A value as people read it in `language`; anything but money, days and moments is left as it is."""
    locale = _BABEL_LOCALES.get(language, _BABEL_LOCALES[DEFAULT_LANGUAGE])
    if isinstance(value, Cents):
        return format_currency(int(value) / 100, "USD", locale=locale)
    if isinstance(value, datetime):
        return format_datetime(value, _DATETIME_FORMATS[language], locale=locale)
    if isinstance(value, date):
        return format_date(value, "long", locale=locale)
    return value


_DATETIME_FORMATS = {"en": "EEEE, MMMM d, y 'at' h:mm a", "es": "EEEE d 'de' MMMM 'de' y 'a las' h:mm a"}


def load(topic: str) -> dict[str, dict[str, str]]:
    """The texts of `data/words/<topic>.yml`; raises WordsError as `load_file` does."""
    return load_file(PROJECT_ROOT / "data" / "words" / f"{topic}.yml")


@functools.cache
def load_file(path: Path) -> dict[str, dict[str, str]]:
    """Read a words file: key -> language -> text; raises WordsError when a language is missing."""
    texts: dict[str, dict[str, str]] = read_yaml(path) or {}
    for key, by_language in texts.items():
        for language in LANGUAGES:
            if not isinstance(by_language, dict) or not str(by_language.get(language) or "").strip():
                raise WordsError(f"{path.name}: '{key}' has no text in '{language}'; write one.")
    return texts
