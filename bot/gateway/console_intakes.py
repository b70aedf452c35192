"""The work list of what people put on record: find one, read it, take it, finish it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.orm import Session

from bot import clock, rights
from bot.errors import Refused
from bot.gateway import auth
from bot.gateway.bodies import read_body
from bot.gateway.keys import COLLEAGUES, DATABASE
from bot.gateway.middlewares import language_of
from bot.intake_answers import answers_of, matter_of
from bot.intake_forms import forms
from bot.masking import mask
from bot.rights import Right
from bot.stores import claims, intake_work
from bot.stores.intake_work import Wanted
from bot.stores.tables import Intake, Specialist
from bot.stores.vocabulary import IntakeKind, IntakeOutcome, IntakeProgress, Program, ReaderKind, Word
from bot.words import LANGUAGES, Words, say

routes = web.RouteTableDef()

LONGEST_RECEIPT = 20

OneWord = TypeVar("OneWord", bound=Word)


@routes.get("/console/api/intakes")
async def list_intakes(request: web.Request) -> web.Response:
    """The filed intakes of one's programs that fit the filters; nothing of what was answered."""
    specialist, _ = await auth.signed_in(request)
    language = request.query.get("language") or None
    if language is not None and language not in LANGUAGES:
        raise Refused("bad_request", 422, problem=f"language: must be one of {', '.join(LANGUAGES)}")
    wanted = Wanted(
        programs=_programs(specialist),
        progress=_word(request, "progress", IntakeProgress),
        undone=_is_set(request, "undone"),
        specialist_id=specialist.id if _is_set(request, "mine") else None,
        kind=_word(request, "kind", IntakeKind),
        program=_word(request, "program", Program),
        language=language,
        late=_is_set(request, "late"),
        receipt=request.query.get("receipt", "").strip().upper()[:LONGEST_RECEIPT],
    )
    # Who only wants to know how many there are asks for none of them.
    most = 0 if request.query.get("limit") == "0" else intake_work.MOST_LISTED
    found, total = await request.app[DATABASE].in_snapshot(intake_work.listing, wanted, most)
    return web.json_response({"intakes": found, "total": total})


@routes.get("/console/api/intakes/{intake_id:[0-9]{1,9}}")
async def read_intake(request: web.Request) -> web.Response:
    """One filed intake with what was answered; one about a claim is a read of that claim, and in the audit."""
    specialist, _ = await auth.signed_in(request)
    language, intake_id = language_of(request), _intake_id(request)

    def read(session: Session) -> dict[str, Any]:
        intake, alias = _one(session, intake_id, specialist)
        return {**intake_work.as_json(intake, alias), **_text(session, intake, specialist.id, language)}

    return web.json_response({"intake": await request.app[DATABASE].in_transaction(read)})


@routes.post("/console/api/intakes/{intake_id:[0-9]{1,9}}/take")
async def take_intake(request: web.Request) -> web.Response:
    """Take an intake that nobody has; of two at once one gets it."""
    specialist, _ = await auth.signed_in(request)

    def take(session: Session, intake_id: int) -> None:
        intake_work.take(session, intake_id, specialist.id, clock.now())

    return await _changed(request, specialist, take)


@routes.post("/console/api/intakes/{intake_id:[0-9]{1,9}}/put-back")
async def put_intake_back(request: web.Request) -> web.Response:
    """Put an intake back, so that a colleague can take it; supervisors may do so with anybody's."""
    specialist, _ = await auth.signed_in(request)
    of_anybody = rights.has(specialist.role, Right.ALL_INTAKES)

    def put_back(session: Session, intake_id: int) -> None:
        intake_work.put_back(session, intake_id, None if of_anybody else specialist.id, clock.now())

    return await _changed(request, specialist, put_back)


@routes.post("/console/api/intakes/{intake_id:[0-9]{1,9}}/finish")
async def finish_intake(request: web.Request) -> web.Response:
    """Finish an intake with an outcome, and a note for colleagues."""
    specialist, _ = await auth.signed_in(request)
    body = await read_body(request, "IntakeResult")
    outcome, note = IntakeOutcome(body["outcome"]), mask(body.get("note", "").strip())

    def finish(session: Session, intake_id: int) -> None:
        intake_work.finish(session, intake_id, specialist.id, outcome, note, clock.now())

    return await _changed(request, specialist, finish)


async def _changed(
    request: web.Request, specialist: Specialist, change: Callable[[Session, int], None]
) -> web.Response:
    intake_id = _intake_id(request)

    def store(session: Session) -> dict[str, Any]:
        _one(session, intake_id, specialist)
        change(session, intake_id)
        return intake_work.as_json(*_one(session, intake_id, specialist))

    try:
        intake = await request.app[DATABASE].in_transaction(store)
    except intake_work.AlreadyTaken as taken:
        raise Refused("intake_taken", 409, taken_by=taken.alias) from None
    except intake_work.NotTheirs:
        raise Refused("intake_not_yours", 409) from None
    await request.app[COLLEAGUES].intake_changed(intake_id)
    return web.json_response({"intake": intake})


def _text(session: Session, intake: Intake, specialist_id: int, language: str) -> dict[str, Any]:
    claim = None
    if intake.claim_id is not None:
        facts = claims.read_claim(
            session,
            intake.claim_id,
            reader=ReaderKind.SPECIALIST,
            conversation_id=intake.conversation_id,
            specialist_id=specialist_id,
            purpose="intake",
            now=clock.now(),
        )
        status = Words("claims", language)(f"status.{facts.status}")
        claim = {"claim_number": facts.claim_number, "status": status}
    return {
        "title": forms()[intake.kind].name[language],
        "matter": matter_of(intake, language),
        "due": None if intake.due_on is None else str(say(intake.due_on, language)),
        "claim": claim,
        "answers": answers_of(intake, language),
        "note": intake.note,
    }


def _one(session: Session, intake_id: int, specialist: Specialist) -> tuple[Intake, str | None]:
    # What belongs to other programs and what does not exist get the same answer.
    try:
        return intake_work.one(session, intake_id, _programs(specialist))
    except LookupError:
        raise Refused("intake_not_found", 404) from None


def _programs(specialist: Specialist) -> list[str] | None:
    """The programs whose intakes a specialist may work on; None for all."""
    return None if rights.has(specialist.role, Right.ALL_INTAKES) else specialist.programs


def _intake_id(request: web.Request) -> int:
    return int(request.match_info["intake_id"])


def _is_set(request: web.Request, name: str) -> bool:
    return request.query.get(name) == "1"


def _word(request: web.Request, name: str, words: type[OneWord]) -> OneWord | None:
    written = request.query.get(name) or None
    if written is not None and written not in {str(word) for word in words}:
        raise Refused("bad_request", 422, problem=f"{name}: must be one of {', '.join(map(str, words))}")
    return None if written is None else words(written)
