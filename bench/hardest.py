"""Asks the bot the questions people get hurt by and writes docs/hardest_questions.md.

Every question begins a conversation of its own. An answer misses when words that it can't do without are in none
of its messages; whether it is also good is for people to read.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bench.talking import Bot, talking
from bot.assistant import BotMessage
from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES
from bot.yaml_files import read_yaml

QUESTIONS = PROJECT_ROOT / "tests" / "hardest_questions.yml"
REPORT = PROJECT_ROOT / "docs" / "hardest_questions.md"
HEAD = """\
# The hardest questions

Twenty questions by which people get hurt when the answer is wrong, late or cold, in English and Spanish, and what the
bot says to each as the first message of a conversation, word for word. `tests/hardest_questions.yml` holds them with
the words a right answer can't do without; `python -m bench.hardest` asks them and writes this page.
"""


def missing(replies: Iterable[BotMessage], must: Iterable[str]) -> list[str]:
    """The words an answer can't do without and yet does; buttons count, because they are part of it."""
    said = "\n".join([*(m.text for m in replies), *(b["title"] for m in replies for b in m.buttons or ())])
    return [words for words in must if not re.search(words, said, re.IGNORECASE)]


async def asked(bot: Bot, entry: Mapping[str, Any], language: str) -> tuple[list[str], list[str]]:
    """One question as lines of the report, and what its answer misses."""
    question, must = entry[language]["ask"], entry[language]["must"]
    replies = await bot.ask(question, language=language)
    lacks = missing(replies, must)
    lines = [f"**{question}**", ""]
    for message in replies:
        lines += [*(f"> {line}" if line else ">" for line in message.text.splitlines()), ">"]
        if message.buttons:
            lines += ["> " + " ".join(f"[{button['title']}]" for button in message.buttons), ">"]
    if lacks:
        lines.append(f"\nMissing: {', '.join(f'`{words}`' for words in lacks)}")
    return [*lines, ""], lacks


async def main() -> None:
    """Ask everything and write the page."""
    body: list[str] = []
    good = 0
    entries = read_yaml(QUESTIONS)
    async with talking() as bot:
        for number, entry in enumerate(entries, start=1):
            body += [f"## {number}. {entry['about']}", ""]
            for language in LANGUAGES:
                lines, lacks = await asked(bot, entry, language)
                body += lines
                good += not lacks
    share = f"{good} of {len(entries) * len(LANGUAGES)} answers say what they must.\n"
    REPORT.write_text("\n".join([HEAD, share, *body]).rstrip() + "\n", encoding="utf-8")
    print(share, end="")


if __name__ == "__main__":
    asyncio.run(main())
