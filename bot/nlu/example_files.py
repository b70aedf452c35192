"""The examples of NLU files, read without Rasa's checks, which `rasa data validate` makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.nlu.plain_yaml import read_yaml


def example_files(folder: str | None) -> list[Path]:
    """The NLU files in the subfolders of the folder, in order; none without a folder."""
    return sorted(Path(folder).glob("*/*.yml")) if folder else []


def blocks(file: Path) -> list[dict[str, Any]]:
    """The entries of the file's list `nlu`; none where it has no such list."""
    content = read_yaml(file)
    return (content.get("nlu") or []) if isinstance(content, dict) else []


def texts_of(block: dict[str, Any]) -> Iterator[str]:
    """The examples of a block that gives them as lines with a dash."""
    for line in str(block.get("examples") or "").splitlines():
        if line.lstrip().startswith("-"):
            yield line.strip()[1:].strip()


def examples_by_language(folder: str | None) -> dict[str, list[str]]:
    """Texts of the NLU files below the folder, by the name of the folder each file is in."""
    texts: dict[str, list[str]] = {}
    for file in example_files(folder):
        for block in blocks(file):
            texts.setdefault(file.parent.name, []).extend(texts_of(block))
    return texts


def plain_examples(file: Path) -> list[tuple[str, str]] | None:
    """Text and intent of every example of the file, in order.

    None where it holds anything else: entities marked in a text, an intent with a response, metadata, synonyms,
    rules. Rasa reads such files.
    """
    content = read_yaml(file)
    if not isinstance(content, dict) or content.keys() - {"version", "nlu"}:
        return None
    found: list[tuple[str, str]] = []
    for block in content.get("nlu") or ():
        intent, written = block.get("intent"), block.get("examples")
        if block.keys() != {"intent", "examples"} or not (isinstance(intent, str) and isinstance(written, str)):
            return None
        texts = list(texts_of(block))
        if not texts or len(texts) != len(written.splitlines()) or "/" in intent or "[" in written:
            return None
        found += [(text, intent) for text in texts]
    return found
