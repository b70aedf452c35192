"""What supervisors have: the board, taking over, reports, unanswered questions, and the audit."""

from __future__ import annotations

import functools
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import yaml
from aiohttp import web
from sqlalchemy.orm import Session

from bot import clock, csv_files, question_groups
from bot.errors import Refused
from bot.gateway import auth
from bot.gateway.bodies import read_body
from bot.gateway.keys import COLLEAGUES, DATABASE
from bot.rights import Right
from bot.settings import PROJECT_ROOT
from bot.stores import audit, board, reports, unanswered
from bot.stores.reports import Range
from bot.stores.vocabulary import Program
from bot.words import DEFAULT_LANGUAGE, LANGUAGES
from bot.yaml_files import read_yaml

routes = web.RouteTableDef()

USUAL_DAYS = 30
_CSV_COLUMNS = {
    "days": ("day", "visits", "judged", "contained", "containment", "escalations", "median_wait"),
    "reasons": ("word", "count"),
    "outcomes": ("word", "count"),
    "comments": ("day", "stars", "words"),
    "cards": ("card_id", "unhelpful", "helpful"),
}


@routes.get("/console/api/board")
async def read_board(request: web.Request) -> web.Response:
    """Who waits, who talks, and how much each specialist has."""
    await auth.signed_in(request, Right.BOARD)
    today = clock.now().astimezone(reports.ZONE).date()
    since = datetime.combine(today, time(), reports.ZONE).astimezone(timezone.utc)
    return web.json_response(await request.app[DATABASE].in_snapshot(board.board, since))


@routes.post("/console/api/escalations/{escalation_id:[0-9]{1,9}}/take-over")
async def take_over(request: web.Request) -> web.Response:
    """Take a conversation over from a colleague."""
    specialist, _ = await auth.signed_in(request, Right.BOARD)
    escalation = await request.app[COLLEAGUES].take_over(int(request.match_info["escalation_id"]), specialist.id)
    return web.json_response({"escalation": escalation})


@routes.get("/console/api/reports")
async def read_report(request: web.Request) -> web.Response:
    """Every figure of a range of days."""
    await auth.signed_in(request, Right.REPORTS)
    return web.json_response(await _report(request))


@routes.get("/console/api/reports.csv")
async def download_report(request: web.Request) -> web.Response:
    """One table of the report as CSV."""
    await auth.signed_in(request, Right.REPORTS)
    name = request.query.get("table", "days")
    if name not in _CSV_COLUMNS:
        raise Refused("bad_request", 422, problem=f"table: must be one of {', '.join(_CSV_COLUMNS)}")
    report = await _report(request)
    text = csv_files.written(_CSV_COLUMNS[name], report[name])
    file = f"{name}-{report['range']['first']}-{report['range']['last']}.csv"
    return web.Response(
        # The mark at the start tells a spreadsheet that the letters are UTF-8.
        body=("\ufeff" + text).encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


@routes.get("/console/api/questions")
async def list_questions(request: web.Request) -> web.Response:
    """The questions the bot had no answer to, grouped by what they ask."""
    await auth.signed_in(request, Right.EXAMPLES)
    language = _language(request) or DEFAULT_LANGUAGE
    questions = await request.app[DATABASE].in_snapshot(unanswered.undecided, language)
    try:
        groups = await question_groups.group([question["text"] for question in questions])
    except question_groups.GroupingFailed:
        raise Refused("grouping_failed", 503) from None
    return web.json_response(
        {"groups": [[questions[place] for place in places] for places in groups], "intents": _intents()}
    )


@routes.post("/console/api/questions")
async def decide_questions(request: web.Request) -> web.Response:
    """Make questions training examples of an intent, or dismiss them."""
    specialist, _ = await auth.signed_in(request, Right.EXAMPLES)
    body = await read_body(request, "QuestionDecision")
    intent = body["intent"]
    if intent is not None and intent not in _intents():
        raise Refused("bad_request", 422, problem="intent: must be an intent of the bot, or null to dismiss")
    decided = await request.app[DATABASE].in_transaction(
        unanswered.decide, body["questions"], intent, specialist.id, clock.now()
    )
    return web.json_response({"decided": decided})


@routes.get("/console/api/examples.yml")
async def export_examples(request: web.Request) -> web.Response:
    """The approved examples of a language as Rasa's training data."""
    await auth.signed_in(request, Right.EXAMPLES)
    language = _language(request) or DEFAULT_LANGUAGE
    examples = await request.app[DATABASE].in_snapshot(unanswered.approved, language)
    return web.Response(
        text=_as_rasa_yaml(examples),
        content_type="application/yaml",
        headers={"Content-Disposition": f'attachment; filename="approved-{language}.yml"'},
    )


@routes.get("/console/api/audit")
async def read_audit(request: web.Request) -> web.Response:
    """The newest sign-ins, claims viewed, transcripts searched and opened, and skills changed."""
    await auth.signed_in(request, Right.AUDIT)

    def read(session: Session) -> dict[str, Any]:
        return {
            "sign_ins": audit.sign_ins(session),
            "claim_reads": audit.claim_reads(session),
            "transcript_reads": audit.transcript_reads(session),
            "skill_changes": audit.skill_changes(session),
        }

    return web.json_response(await request.app[DATABASE].in_snapshot(read))


async def _report(request: web.Request) -> dict[str, Any]:
    return await request.app[DATABASE].in_snapshot(reports.report, _range(request), clock.now())


def _range(request: web.Request) -> Range:
    today = clock.now().astimezone(reports.ZONE).date()
    last = _day(request, "last") or today
    first = _day(request, "first") or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Refused("bad_request", 422, problem="first: must not be after last")
    if (last - first).days >= reports.MOST_DAYS:
        raise Refused("bad_request", 422, problem=f"last: the range can have {reports.MOST_DAYS} days")
    program = request.query.get("program") or None
    if program is not None and program not in {str(one) for one in Program}:
        raise Refused("bad_request", 422, problem="program: is not one of the programs")
    return Range(first, last, _language(request), None if program is None else Program(program))


def _day(request: web.Request, name: str) -> date | None:
    written = request.query.get(name)
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refused("bad_request", 422, problem=f"{name}: must be a day such as 2026-11-21") from None


def _language(request: web.Request) -> str | None:
    language = request.query.get("language") or None
    if language is not None and language not in LANGUAGES:
        raise Refused("bad_request", 422, problem=f"language: must be one of {', '.join(LANGUAGES)}")
    return language


@functools.cache
def _intents() -> list[str]:
    """The intents that examples can be given to, as the domain names them."""
    return [
        next(iter(one)) if isinstance(one, dict) else one for one in read_yaml(PROJECT_ROOT / "domain.yml")["intents"]
    ]


class _Block(str):
    """A text that YAML writes as a block, as Rasa's own files do."""


def _as_rasa_yaml(examples: dict[str, list[str]]) -> str:
    class Dumper(yaml.SafeDumper):
        pass

    Dumper.add_representer(
        _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    )
    nlu = [
        {"intent": intent, "examples": _Block("".join(f"- {_example(text)}\n" for text in texts))}
        for intent, texts in examples.items()
    ]
    return yaml.dump({"version": "3.1", "nlu": nlu}, Dumper=Dumper, allow_unicode=True, sort_keys=False)


def _example(text: str) -> str:
    # Brackets mark entities in Rasa's examples; in a visitor's words they are only brackets.
    return text.translate(str.maketrans("[]{}", "()()")).lstrip("-# ").strip()
