"""Who the bot speaks for: names, phones and pages from `data/agency.yml`."""

from __future__ import annotations

import functools
from typing import Any

from bot.settings import PROJECT_ROOT
from bot.yaml_files import read_yaml


@functools.cache
def read() -> dict[str, Any]:
    """The agency file as it stands."""
    return dict(read_yaml(PROJECT_ROOT / "data" / "agency.yml"))


def describe(language: str) -> dict[str, Any]:
    """The agency as JSON for the page: its name, its programs and their phones, in one language."""
    agency = read()
    programs = [
        {
            "id": program_id,
            "name": program["name"][language],
            "phone": program.get("phone"),
            "tty": agency["relay"] if program.get("phone") else None,
            "url": program["url"],
        }
        for program_id, program in agency["programs"].items()
    ]
    return {"name": agency["name"][language], "programs": programs}


def phone(program_id: str | None) -> str:
    """The phone of a program; where none is named or published, that of the first program of the file."""
    programs = read()["programs"]
    named = programs.get(program_id) or {}
    return str(named.get("phone") or next(iter(programs.values()))["phone"])


def phones_in_words(language: str) -> str:
    """Every program with its phone, one line each, for an apology or an empty queue."""
    agency = read()
    return "\n".join(
        f"- {program['name'][language]}: {program['phone']} (TTY {agency['relay']})"
        for program in agency["programs"].values()
        if program.get("phone")
    )
