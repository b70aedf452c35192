"""Visitors' questions for measuring: the examples of data/nlu, fair samples of them, and texts nobody wrote yet."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from pathlib import Path

import yaml

from bot.settings import PROJECT_ROOT

SEED = 20261121
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def examples(folder: Path = PROJECT_ROOT / "data" / "nlu") -> dict[str, list[str]]:
    """The examples of each intent, in the order of the files, without their marks for entities."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or ():
            if "intent" not in group:
                continue
            lines = (line.strip().removeprefix("- ") for line in group["examples"].splitlines())
            found[group["intent"]] += [_ENTITY.sub(r"\1", line) for line in lines if line]
    return {intent: list(dict.fromkeys(texts)) for intent, texts in found.items()}


def write_sample(count: int, folder: Path) -> int:
    """Copy data/nlu to `folder` with about `count` examples, the same at every call; returns how many.

    Each intent of each file keeps its share, and four at least; 0 keeps everything. Marks for entities
    stay, so that what is trained on the copy learns them.
    """
    source = PROJECT_ROOT / "data" / "nlu"
    share = min(1.0, count / sum(map(len, examples().values()))) if count else 1.0
    chance = random.Random(SEED)
    kept = 0
    for path in sorted(source.rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in content.get("nlu") or ():
            if "intent" in group:
                lines = list(dict.fromkeys(filter(None, map(str.strip, group["examples"].splitlines()))))
                lines = chance.sample(lines, min(len(lines), max(4, round(share * len(lines)))))
                group["examples"] = "\n".join(lines) + "\n"
                kept += len(lines)
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000), encoding="utf-8")
    return kept


def questions(count: int, *, seed: int = SEED) -> list[str]:
    """`count` different texts that are no examples: an example each with one more word, as no cache has seen it."""
    everything = sorted({text for texts in examples().values() for text in texts})
    known = set(everything)
    words = sorted({word for text in everything for word in text.split() if word.isalpha() and len(word) > 3})
    chance = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        parts = chance.choice(everything).split()
        parts.insert(chance.randrange(len(parts) + 1), chance.choice(words))
        text = " ".join(parts)
        # A leading slash is an instruction to Rasa and no question.
        if text not in known and not text.startswith("/"):
            made[text] = None
    return list(made)


def repeating(count: int, *, seed: int = SEED) -> list[str]:
    """`count` texts as visitors send them: the n-th most frequent of 500 questions comes 1/n as often as the first."""
    pool = questions(500, seed=seed + 1)
    weights = [1 / rank for rank in range(1, len(pool) + 1)]
    return random.Random(seed).choices(pool, weights, k=count)


# Intents whose answers leave the visitor with the bot, however often they are asked.
_CALM = (
    *("apply_how", "documents_needed", "weekly_claim", "payment_method", "part_time_earnings", "benefit_duration"),
    *("school_training", "tax_1099", "dental", "cobra_retiree", "health_enrollment", "job_pay", "job_duties"),
)


def calm(count: int) -> list[str]:
    """`count` different examples of everyday English and Spanish questions, for one long conversation."""
    by_intent = examples()
    texts = sorted({text for intent in _CALM for text in by_intent[intent]})
    if len(texts) < count:
        raise ValueError(f"there are {len(texts)} such examples, not {count}")
    return random.Random(SEED).sample(texts, count)
