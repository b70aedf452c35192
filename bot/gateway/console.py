"""The specialists' HTTP interface."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot import clock
from bot.claim_status import agency_day, status_answer
from bot.conversation import clean
from bot.errors import Refused
from bot.gateway import auth
from bot.gateway.addresses import client_address
from bot.gateway.bodies import read_body
from bot.gateway.keys import DATABASE, DOOR, HANDOFF, SETTINGS
from bot.gateway.rendering import present
from bot.metrics import SIGN_INS
from bot.stores import claims, conversations, escalations, identity, specialists
from bot.stores.tables import Specialist
from bot.stores.vocabulary import Outcome, ReaderKind

routes = web.RouteTableDef()


@routes.post("/console/api/session")
async def sign_in(request: web.Request) -> web.Response:
    """Sign in with login and password."""
    body = await read_body(request, "SignIn")

    def check(session: Session) -> tuple[Specialist, str, str] | None:
        now = clock.now()
        specialist = specialists.check_password(session, body["login"], body["password"], now)
        if specialist is None:
            return None
        return specialist, *specialists.sign_in(session, specialist.id, now)

    async with request.app[DOOR].sign_in(client_address(request)):
        try:
            checked = await request.app[DATABASE].in_transaction(check)
        except specialists.Locked as locked:
            SIGN_INS.labels("locked").inc()
            raise Refused("login_locked", 429, until=locked.until.strftime("%H:%M UTC")) from None
        SIGN_INS.labels("refused" if checked is None else "signed_in").inc()
        if checked is None:
            raise Refused("wrong_login", 401)
    specialist, token, csrf_token = checked
    response = web.json_response(_session(specialist, csrf_token))
    auth.set_cookie(request, response, token)
    return response


@routes.get("/console/api/session")
async def read_session(request: web.Request) -> web.Response:
    """Who is signed in."""
    return web.json_response(_session(*await auth.signed_in(request)))


@routes.delete("/console/api/session")
async def sign_out(request: web.Request) -> web.Response:
    """Sign out."""
    await auth.signed_in(request)
    await request.app[DATABASE].in_transaction(specialists.sign_out, request.cookies[auth.COOKIE])
    response = web.Response(status=204)
    response.del_cookie(auth.COOKIE, path="/console")
    return response


@routes.get("/console/api/escalations")
async def list_escalations(request: web.Request) -> web.Response:
    """Every open escalation."""
    await auth.signed_in(request)
    return web.json_response({"escalations": await request.app[DATABASE].in_snapshot(escalations.listing)})


@routes.get("/console/api/escalations/{escalation_id:[0-9]{1,9}}")
async def read_escalation(request: web.Request) -> web.Response:
    """One escalation with its packet and its transcript."""
    specialist, _ = await auth.signed_in(request)
    packet = await request.app[DATABASE].in_transaction(
        _packet, _escalation_id(request), specialist.id, request.app[SETTINGS].identity_minutes
    )
    return web.json_response(packet)


@routes.post("/console/api/escalations/{escalation_id:[0-9]{1,9}}/take")
async def take(request: web.Request) -> web.Response:
    """Take a waiting escalation."""
    specialist, _ = await auth.signed_in(request)
    escalation = await request.app[HANDOFF].take(_escalation_id(request), specialist.id)
    return web.json_response({"escalation": escalation})


@routes.post("/console/api/escalations/{escalation_id:[0-9]{1,9}}/messages")
async def answer(request: web.Request) -> web.Response:
    """Say something to the visitor."""
    specialist, _ = await auth.signed_in(request)
    body = await read_body(request, "SpecialistMessage")
    message = await request.app[HANDOFF].answer(
        _escalation_id(request), specialist.id, clean(body["text"]), body.get("client_id")
    )
    return web.json_response({"message": present(message)})


@routes.post("/console/api/escalations/{escalation_id:[0-9]{1,9}}/resolve")
async def resolve(request: web.Request) -> web.Response:
    """Give the conversation back to the bot."""
    specialist, _ = await auth.signed_in(request)
    body = await read_body(request, "Resolution")
    escalation = await request.app[HANDOFF].resolve(_escalation_id(request), specialist.id, Outcome(body["outcome"]))
    return web.json_response({"escalation": escalation})


def _packet(session: Session, escalation_id: int, specialist_id: int, idle_minutes: int) -> dict[str, Any]:
    escalation = escalations.one(session, escalation_id)
    conversation_id = escalation["conversation_id"]
    # A specialist sees a claim only while its proof of identity lives, and only in a conversation
    # that is theirs; looking at the queue reads no claim.
    # Looking does not keep the proof alive: only the visitor's own questions do.
    now = clock.now()
    claim_id = identity.standing_proof(session, conversation_id, now=now, idle_minutes=idle_minutes)
    mine = escalation["specialist"] is not None and escalation["specialist"]["id"] == specialist_id
    card = None
    if claim_id is not None and mine and escalation["state"] == "active":
        facts = claims.read_claim(
            session,
            claim_id,
            reader=ReaderKind.SPECIALIST,
            conversation_id=conversation_id,
            specialist_id=specialist_id,
            purpose="escalation",
            now=now,
        )
        card = status_answer(facts, agency_day(facts.program, now), escalation["language"]).card()
    return {
        "escalation": escalation,
        "packet": {
            "identity": "none" if claim_id is None else "proven",
            "topics": escalations.topics(session, escalation_id),
            "claim": card,
        },
        "messages": [present(message) for message in conversations.since(session, conversation_id, 0)],
    }


def _escalation_id(request: web.Request) -> int:
    return int(request.match_info["escalation_id"])


def _session(specialist: Specialist, csrf_token: str) -> dict[str, Any]:
    return {
        "specialist": {"id": specialist.id, "alias": specialist.alias, "role": str(specialist.role)},
        "csrf_token": csrf_token,
    }
