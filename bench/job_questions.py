"""Every field of the five classes asked of the trained bot, worked conversations and more: docs/job_classes.md.

`python -m bench.job_questions [--documents FILE...]`: with the published documents, what their import says is shown
too; without them that part of the page stays as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench import job_search
from bench.talking import Bot, talking
from bot.assistant import BotMessage
from bot.database import Database
from bot.job_class_import import import_files
from bot.settings import PROJECT_ROOT
from bot.yaml_files import read_yaml

SHEET = PROJECT_ROOT / "tests" / "job_questions.yml"
PAGE = PROJECT_ROOT / "docs" / "job_classes.md"

IMPORT_HEAD = "## The import of the two documents"

CONVERSATIONS = [
    ("en", ["what does an insurance benefits specialist II pay?", "and level III?", "is that still current?"]),
    ("en", ["do i qualify for A32B with an associates and 4 years of claims review", "what about level III?"]),
    (
        "en",
        ["i have 2 yrs of college, 18 months of medical claims part time 20 hours. can i be a level I", "no, 3 years"],
    ),
    ("en", ["compare insurance benefits specialist I and IV", "how long until IV from II"]),
    (
        "es",
        [
            "qué pide el puesto A32C",
            "tengo bachillerato y 8 años revisando reclamos, ¿califico?",
            "¿y para el nivel IV?",
        ],
    ),
    ("es", ["cuánto paga el ES Benefits Specialist 2", "qué hace", "cómo lo solicito"]),
]


@dataclass(frozen=True)
class Case:
    """One question, and what a right answer says."""

    field: str
    language: str
    text: str
    expected: list[str]
    in_source: bool


def cases() -> Iterator[Case]:
    """Every question of the sheet for every class it can be asked of."""
    sheet = read_yaml(SHEET)
    for question in sheet["questions"]:
        for described in sheet["classes"]:
            if question["expect"] not in described and question.get("absent") == "skip":
                continue
            for language in ("en", "es"):
                expected: Any = described.get(question["expect"], sheet["not_stated"][language])
                expected = expected[language] if isinstance(expected, dict) else expected
                expected = [expected] if isinstance(expected, str) else expected
                for number, pattern in enumerate(question[language]):
                    name = described["names"][number % len(described["names"])]
                    in_source = question.get("where") == "source"
                    yield Case(question["expect"], language, pattern.format(name=name), expected, in_source)


def is_right(case: Case, messages: list[BotMessage]) -> bool:
    """Whether the answer holds every word that it must."""
    if case.in_source:
        said = " ".join(message.source["title"] for message in messages if message.source)
    else:
        said = " ".join(f"{message.text} {json.dumps(message.card, ensure_ascii=False)}" for message in messages)
    return all(words in said for words in case.expected)


async def measure(bot: Bot) -> tuple[dict[tuple[str, str], list[bool]], list[tuple[Case, str]]]:
    """Right or wrong per field and language, and the wrong ones with what was said."""
    results: dict[tuple[str, str], list[bool]] = defaultdict(list)
    wrong = []
    for case in cases():
        messages = await bot.ask(case.text, language=case.language)
        right = is_right(case, messages)
        results[case.field, case.language].append(right)
        if not right:
            wrong.append((case, messages[0].text[:100].replace("\n", " ") if messages else "(silence)"))
    return results, wrong


async def main(documents: list[str]) -> None:
    """Measure, talk, and write the page."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    async with talking() as bot:
        results, wrong = await measure(bot)
        talks = []
        for language, said in CONVERSATIONS:
            conversation = uuid.uuid4().hex
            turns = [(text, await bot.ask(text, language=language, conversation=conversation)) for text in said]
            talks.append((language, turns))
        imported = imports(bot.database, documents) if documents else section(before, IMPORT_HEAD)
    text = page(results, wrong, talks, imported, job_search.measure())
    PAGE.write_text(text, encoding="utf-8")
    right, total = sum(sum(r) for r in results.values()), sum(len(r) for r in results.values())
    print(f"Job classes: {right} of {total} questions answered exactly; see {PAGE.relative_to(PROJECT_ROOT)}.")


def imports(database: Database, documents: list[str]) -> list[str]:
    """What the importer says of the published documents; nothing is stored."""
    out = io.StringIO()
    with database.transaction() as session:
        import_files(documents, False, session, out)
    return [
        "`python -m bot classes import FILE...` on the two published documents, against the seeded store:",
        "",
        "```",
        *out.getvalue().splitlines(),
        "```",
    ]


def section(text: str, head: str) -> list[str]:
    """The lines of a page under a heading, as far as the next one."""
    lines = text.splitlines()
    if head not in lines:
        return ["Not measured."]
    after = lines[lines.index(head) + 1 :]
    end = next((number for number, line in enumerate(after) if line.startswith("## ")), len(after))
    return "\n".join(after[:end]).strip().splitlines()


def page(
    results: dict[tuple[str, str], list[bool]],
    wrong: list[tuple[Case, str]],
    talks: list[tuple[str, list[tuple[str, list[BotMessage]]]]],
    imported: list[str],
    searched: job_search.Figures,
) -> str:
    """The page as Markdown."""
    lines = [
        "# Questions about job classes",
        "",
        "Written by `make eval`. Every field of the five classes is asked for in three ways in each language, of the",
        "trained bot as a visitor would; an answer is right when it holds the exact words of the specification.",
        "",
        "| field | English | Spanish |",
        "|---|---|---|",
    ]
    for name in dict.fromkeys(field for field, _ in results):
        shares = [f"{sum(results[name, one])} of {len(results[name, one])}" for one in ("en", "es")]
        lines.append(f"| {name} | {shares[0]} | {shares[1]} |")
    right, total = sum(sum(r) for r in results.values()), sum(len(r) for r in results.values())
    lines += ["", f"In all {right} of {total}.", "", "## Not answered exactly", ""]
    lines += [f"- `{case.text}` ({case.field}): {said}" for case, said in wrong] or ["None."]
    lines += ["", IMPORT_HEAD, "", *imported, ""]
    load = os.getloadavg()[0]
    lines += ["## Searching 10,000 generated classes", "", "`python -m bench.job_search` says, with a load of"]
    lines += [f"{load:.1f} on {os.cpu_count()} processors:", "", "```", *str(searched).splitlines(), "```"]
    lines += ["", "## Six conversations", ""]
    for number, (language, turns) in enumerate(talks, start=1):
        lines += [f"### {number} ({language})", ""]
        for text, messages in turns:
            lines += [f"**Visitor:** {text}", ""]
            lines += [f"**Bot:** {message.text}\n" for message in messages]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", nargs="+", default=[], metavar="FILE")
    asyncio.run(main(parser.parse_args().documents))
