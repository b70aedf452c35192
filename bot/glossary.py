"""The glossary: plain words for the agencies' terms, from `data/glossary.yml`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.accents import without_accents
from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES
from bot.yaml_files import read_yaml

GOOD_FIT = 86.0
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|https?://\S+|\b[\w-]+(?:\.[\w-]+)+(?:/\S*)?|\S+@\S+")


@dataclass(frozen=True)
class Term:
    """One term with what it means, per language."""

    term: dict[str, str]
    definition: dict[str, str]
    card: str | None
    source: str


@functools.cache
def terms() -> dict[str, Term]:
    """Every way a term is written, simplified, with the term."""
    entries = read_yaml(PROJECT_ROOT / "data" / "glossary.yml")
    return {written: term for entry in entries for written, term in _ways(entry)}


def find(text: str) -> Term | None:
    """The term a text asks about: the longest one it holds, else the nearest with a typo allowed."""
    words = simplify(text).split()
    held = [place for place in _places(words, max(len(written.split()) for written in terms())) if place in terms()]
    if held:
        return terms()[max(held, key=len)]
    # A misspelt term of up to four words is looked for at every place of the text.
    places = _places(words, 4)
    best: tuple[float, str] = (0.0, "")
    for place in places:
        if len(place) < 4:
            continue
        match = process.extractOne(place, terms().keys(), scorer=fuzz.ratio, score_cutoff=GOOD_FIT)
        if match is not None and match[1] > best[0]:
            best = (match[1], match[0])
    return terms().get(best[1])


def _places(words: list[str], most: int) -> list[str]:
    """Every run of up to `most` words, the longest first."""
    return [" ".join(words[i : i + n]) for n in range(most, 0, -1) for i in range(len(words) - n + 1)]


def explained(text: str, language: str, most: int) -> list[tuple[str, Term]]:
    """The terms a text uses, as they are written in it, in the order they first appear; at most `most`.

    Words inside links and addresses are left out, and so is a term whose definition the text itself gives.
    """
    pattern, known = _written(language)
    found: dict[int, tuple[str, Term]] = {}
    for match in pattern.finditer(_LINK.sub(lambda link: " " * len(link.group()), text)):
        term = known[match.group().lower()]
        if term.definition[language] not in text:
            found.setdefault(id(term), (match.group(), term))
        if len(found) == most:
            break
    return list(found.values())


@functools.cache
def _written(language: str) -> tuple[re.Pattern[str], dict[str, Term]]:
    """One pattern for every way the terms of a language are written, the longest first, and what each means."""
    known: dict[str, Term] = {}
    for entry in read_yaml(PROJECT_ROOT / "data" / "glossary.yml"):
        _, term = next(_ways(entry))
        for written in (entry["term"][language], *((entry.get("aliases") or {}).get(language) or ())):
            known.setdefault(re.sub(r"\s*\(.*?\)", "", written).strip().lower(), term)
    longest_first = sorted(known, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE), known


def simplify(text: str) -> str:
    """Lower case, without accents and punctuation."""
    return re.sub(r"[^\w]+", " ", without_accents(text.lower())).strip()


def _ways(entry: dict) -> Iterator[tuple[str, Term]]:  # type: ignore[type-arg]
    term = Term(entry["term"], entry["definition"], entry.get("card"), entry["source"])
    aliases = entry.get("aliases") or {}
    for language in LANGUAGES:
        for written in (entry["term"][language], *(aliases.get(language) or ())):
            without_remark = re.sub(r"\(.*?\)", "", written)
            yield simplify(without_remark), term
