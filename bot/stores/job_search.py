"""Finding job classes by any words: an index in memory, rebuilt when the store's revisions change.

Words are compared without accents and capitals; a word that no class uses is matched to the closest ones, so that
a typo still finds its class. The index of 10,000 classes answers in a few milliseconds (see bench/job_search.py).
"""

from __future__ import annotations

import math
import re
import time
import weakref
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.accents import without_accents
from bot.stores.tables import JobClass, JobFamily

_WEIGHTS = {"code": 5.0, "title": 3.0, "name": 2.0, "text": 1.0}
_CHECK_SECONDS = 15.0
_CLOSE_WORD = 78
_CLOSE_NAME = 82
PERIODS = ("hourly", "monthly", "annual")


@dataclass(frozen=True)
class Found:
    """Ids of the classes found, best first, and of those that fit the words but state no pay to compare.

    `everything` says that no word was left to search by, so nothing was ruled out by words.
    """

    ids: list[str]
    pay_not_stated: list[str]
    total: int
    everything: bool = False


@dataclass
class _Index:
    version: tuple[int, int]
    checked_at: float
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    name_families: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    postings: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    pay: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    supervises: Any = None
    states: dict[str, list[str]] = field(default_factory=dict)
    level_names: dict[str, list[str]] = field(default_factory=dict)
    series: dict[str, tuple[str, str]] = field(default_factory=dict)
    abolished: dict[str, str] = field(default_factory=dict)


_indexes: weakref.WeakKeyDictionary[Any, _Index] = weakref.WeakKeyDictionary()


def tokens(text: str) -> list[str]:
    """The words of a text, lower case, without accents and plural endings."""
    words = re.findall(r"[a-z0-9]+", without_accents(text.lower()))
    return [w[:-1] if len(w) > 3 and w.endswith("s") else w for w in words]


def search(
    session: Session,
    text: str,
    *,
    ignore: frozenset[str] = frozenset(),
    pay_at_least: int | None = None,
    pay_at_most: int | None = None,
    period: str = "annual",
    no_supervising: bool = False,
    limit: int = 10,
) -> Found:
    """The classes that fit `text` best; with no word left after `ignore`, all of them.

    `pay_at_least` keeps classes whose range reaches that many cents a `period`, `pay_at_most` those whose
    range starts at or below it. `no_supervising` leaves out classes whose work is to supervise.
    """
    index = _index(session)
    words = [t for t in tokens(text) if t not in ignore]
    scores = _scores(index, words)
    fits = scores > 0
    if no_supervising:
        fits &= index.supervises < 2
    stated = fits
    not_stated = np.zeros(len(index.ids), dtype=bool)
    if pay_at_least is not None or pay_at_most is not None:
        low, high = index.pay[period]
        not_stated = fits & (high < 0)
        stated = fits & (high >= 0)
        if pay_at_least is not None:
            stated &= high >= pay_at_least
        if pay_at_most is not None:
            stated &= low <= pay_at_most
    best = _best(scores, stated, limit)
    return Found(
        [index.ids[i] for i in best],
        [index.ids[i] for i in _best(scores, not_stated, limit)],
        int(stated.sum()),
        everything=not words,
    )


def families_named(session: Session, name: str) -> list[str]:
    """Ids of the families whose title or other name is close to `name`, best first; none when nothing is."""
    index = _index(session)
    wanted = " ".join(tokens(name))
    if not wanted or not index.names:
        return []
    close = process.extract(wanted, index.names, scorer=fuzz.token_sort_ratio, score_cutoff=_CLOSE_NAME, limit=20)
    if not close:
        close = process.extract(wanted, index.names, scorer=fuzz.token_set_ratio, score_cutoff=96, limit=20)
    found: dict[str, float] = {}
    for _name, score, position in close:
        family = index.name_families[position]
        found[family] = max(score, found.get(family, 0.0))
    best = max(found.values(), default=0.0)
    return [f for f, score in sorted(found.items(), key=lambda item: -item[1]) if score >= best - 3]


def family_mentioned(session: Session, text: str) -> str | None:
    """The id of the one family whose title or other name stands in `text`, typos allowed, or None."""
    index = _index(session)
    said = " ".join(tokens(text))
    if not said:
        return None
    near = process.extract(said, index.names, scorer=fuzz.partial_ratio, score_cutoff=80, limit=30)
    best: dict[str, float] = {}
    for name, _score, position in near:
        score = _standing_in(name.split(), said.split())
        if score:
            family = index.name_families[position]
            best[family] = max(best.get(family, 0.0), score + len(name) / 20)
    ranked = sorted(best.values(), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0] - ranked[1] < 0.2):
        return None
    return max(best, key=lambda family: best[family])


def state_mentioned(session: Session, text: str) -> str | None:
    """The id of the only family of the only state that `text` names, or None."""
    words = set(tokens(text))
    named = [ids for state, ids in _index(session).states.items() if set(tokens(state)) <= words]
    return named[0][0] if len(named) == 1 and len(named[0]) == 1 else None


def level_names(session: Session, text: str) -> list[str]:
    """Ids of the classes whose level `text` names in words: "leadership level", "nivel de carrera"."""
    said = f" {' '.join(tokens(text))} "
    return [i for name, ids in _index(session).level_names.items() if f" {name} " in said for i in ids]


def series_code(session: Session, code: str) -> tuple[str, str] | None:
    """Family id and level of a class of a series whose own specification is not held, by its code."""
    return _index(session).series.get(code.upper())


def abolished_code(session: Session, code: str) -> str | None:
    """The id of the family that took the place of a class with this code, or None."""
    return _index(session).abolished.get(code.upper())


def _standing_in(name: list[str], words: list[str]) -> float:
    """How well `name` (two words or more) stands among `words`; a short word such as "es" bears no typo."""
    best = 0.0
    for start in range(len(words) - len(name) + 1) if len(name) > 1 else ():
        pairs = list(zip(name, words[start : start + len(name)], strict=True))
        if all(a == b or (len(a) > 3 and len(b) > 3) for a, b in pairs):
            best = max(best, min(fuzz.ratio(a, b) for a, b in pairs))
    return best if best >= _CLOSE_WORD else 0.0


def forget(session: Session) -> None:
    """Make the next search read the store again; called by every write to it."""
    index = _indexes.get(_key(session))
    if index is not None:
        index.checked_at = float("-inf")


# ------------------------------------------------------------------ the index


def _key(session: Session) -> Any:
    return session.get_bind().pool


def _index(session: Session) -> _Index:
    key = _key(session)
    index = _indexes.get(key)
    now = time.monotonic()
    if index is not None and now - index.checked_at < _CHECK_SECONDS:
        return index
    version = _version(session)
    if index is None or index.version != version:
        index = _build(session, version)
        _indexes[key] = index
    index.checked_at = now
    return index


def _version(session: Session) -> tuple[int, int]:
    query = select(func.count(), func.sum(JobFamily.details["revision"].as_integer())).select_from(JobFamily)
    families, revisions = session.execute(query).one()
    return int(families), int(revisions or 0)


def _build(session: Session, version: tuple[int, int]) -> _Index:
    index = _Index(version, time.monotonic())
    families = {family.id: family for family in session.execute(select(JobFamily)).scalars()}
    shared: dict[str, dict[str, float]] = {}
    for family in families.values():
        for name in {family.title, *_texts(family.details.get("aliases"))}:
            index.names.append(" ".join(tokens(name)))
            index.name_families.append(family.id)
        index.states.setdefault(family.state, []).append(family.id)
        for other in family.details.get("series") or []:
            index.series[other["code"]] = (family.id, other["level"])
        for code in (family.details.get("abolished") or {}).get("codes", ()):
            index.abolished[code] = family.id
        shared[family.id] = _weighed(_described_family(family))
    rows = list(session.execute(select(JobClass).order_by(JobClass.family_id, JobClass.rank)).scalars())
    gathered: dict[str, dict[int, float]] = defaultdict(dict)
    for position, row in enumerate(rows):
        index.ids.append(row.id)
        for name in _level_phrases(row):
            index.level_names.setdefault(name, []).append(row.id)
        own = _weighed(_described(row))
        common = shared[row.family_id]
        for word in own.keys() | common.keys():
            gathered[word][position] = max(own.get(word, 0.0), common.get(word, 0.0))
    index.words = list(gathered)
    for word, weights in gathered.items():
        rarity = math.log(1 + len(rows) / len(weights))
        index.postings[word] = (
            np.fromiter(weights, dtype=np.int32, count=len(weights)),
            np.fromiter(weights.values(), dtype=np.float32, count=len(weights)) * rarity,
        )
    for period in PERIODS:
        index.pay[period] = (
            np.array([_or_less(getattr(r, f"{period}_min_cents")) for r in rows], dtype=np.int64),
            np.array([_or_less(getattr(r, f"{period}_max_cents")) for r in rows], dtype=np.int64),
        )
    ranks = {"no": 0, "some": 1, "yes": 2}
    index.supervises = np.array([ranks.get(r.details.get("supervises", "no"), 0) for r in rows], dtype=np.int8)
    return index


def _or_less(amount: int | None) -> int:
    return -1 if amount is None else amount


def _weighed(described: Iterator[tuple[str, str]]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for kind, text in described:
        for word in tokens(text):
            weights[word] = max(weights.get(word, 0.0), _WEIGHTS[kind])
    return weights


def _described_family(family: JobFamily) -> Iterator[tuple[str, str]]:
    for text in _texts(family.details.get("aliases")):
        yield "name", text
    for name in ("purpose", "duties"):
        for text in _texts(family.details.get(name)):
            yield "text", text
    yield "text", f"{family.state} {family.employer}"


def _described(row: JobClass) -> Iterator[tuple[str, str]]:
    if row.code:
        yield "code", row.code
    yield "title", row.title
    for name in ("purpose", "duties", "descriptor", "distinguishing", "level_name", "knowledge", "abilities"):
        for text in _texts(row.details.get(name)):
            yield "text", text


def _level_phrases(row: JobClass) -> Iterator[str]:
    """A level's name as people say it: "career level", "nivel de carrera"."""
    names = row.details.get("level_name") or {}
    for pattern, language in (("{} level", "en"), ("nivel {}", "es")):
        if names.get(language):
            yield " ".join(tokens(pattern.format(names[language])))


def _texts(value: Any) -> Iterator[str]:
    """Every text below a value, in any language; fingerprints of printed sentences are no words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "printed":
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _scores(index: _Index, words: list[str]) -> Any:
    total = np.zeros(len(index.ids), dtype=np.float32)
    if not words:
        return total + 1
    matched = np.zeros(len(index.ids), dtype=np.float32)
    for word in dict.fromkeys(words):
        best = np.zeros(len(index.ids), dtype=np.float32)
        for close, likeness in _close_words(index, word):
            positions, weights = index.postings[close]
            best[positions] = np.maximum(best[positions], weights * likeness)
        total += best
        matched += best > 0
    # A class that fits one word of five is a worse find than one that fits four, and no find at all below a third.
    share = matched / len(dict.fromkeys(words))
    return np.where(share >= 1 / 3, total * share, 0)


def _close_words(index: _Index, word: str) -> list[tuple[str, float]]:
    if word in index.postings:
        return [(word, 1.0)]
    if len(word) < 4:
        return []
    close = process.extract(word, index.words, scorer=fuzz.ratio, score_cutoff=_CLOSE_WORD, limit=5)
    return [(found, 0.8 * score / 100) for found, score, _position in close]


def _best(scores: Any, fits: Any, limit: int) -> list[int]:
    positions = np.flatnonzero(fits)
    if len(positions) > limit * 4:
        cut = np.partition(scores[positions], len(positions) - limit)[len(positions) - limit]
        positions = positions[scores[positions] >= cut]
    order = np.lexsort((positions, -scores[positions]))
    return [int(positions[i]) for i in order[:limit]]
