"""The specialists' HTTP interface."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot import clock
from bot.conversation import clean
from bot.errors import Refused
from bot.gateway import auth, packet
from bot.gateway.bodies import read_body
from bot.gateway.keys import DATABASE, HANDOFF, SETTINGS
from bot.gateway.middlewares import language_of
from bot.gateway.rendering import present
from bot.handoff import Destination
from bot.stores import escalations, routing, specialists
from bot.stores.tables import Specialist
from bot.stores.vocabulary import Availability, Outcome, Program

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
        # Whoever signs in has come to help; signing out takes them out of the routing again.
        specialist.availability = Availability.AVAILABLE
        return specialist, *specialists.sign_in(session, specialist.id, now)

    try:
        checked = await request.app[DATABASE].in_transaction(check)
    except specialists.Locked as locked:
        raise Refused("login_locked", 429, until=locked.until.strftime("%H:%M UTC")) from None
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
    specialist, _ = await auth.signed_in(request)
    await request.app[HANDOFF].set_availability(specialist.id, Availability.AWAY)
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
    return web.json_response(
        await request.app[DATABASE].in_transaction(
            packet.read,
            _escalation_id(request),
            specialist.id,
            language_of(request),
            request.app[SETTINGS],
            clock.now(),
        )
    )


@routes.post("/console/api/escalations/{escalation_id:[0-9]{1,9}}/take")
async def take(request: web.Request) -> web.Response:
    """Take a waiting escalation."""
    specialist, _ = await auth.signed_in(request)
    escalation = await request.app[HANDOFF].take(_escalation_id(request), specialist.id)
    return web.json_response({"escalation": escalation})


@routes.post("/console/api/escalations/{escalation_id:[0-9]{1,9}}/decline")
async def decline(request: web.Request) -> web.Response:
    """Let an offer go by; it goes to the next specialist."""
    specialist, _ = await auth.signed_in(request)
    escalation = await request.app[HANDOFF].decline(_escalation_id(request), specialist.id)
    return web.json_response({"escalation": escalation})


@routes.post("/console/api/escalations/{escalation_id:[0-9]{1,9}}/transfer")
async def transfer(request: web.Request) -> web.Response:
    """Pass a conversation on to a colleague, or to whoever has a skill, with a note."""
    specialist, _ = await auth.signed_in(request)
    body = await read_body(request, "Transfer")
    to = body["to"]
    destination = Destination(
        specialist_id=to.get("specialist_id"),
        program=Program(to["program"]) if "program" in to else None,
        language=to.get("language"),
    )
    note = clean(body["note"]) if body.get("note", "").strip() else ""
    escalation = await request.app[HANDOFF].transfer(_escalation_id(request), specialist.id, destination, note)
    return web.json_response({"escalation": escalation})


@routes.get("/console/api/colleagues")
async def list_colleagues(request: web.Request) -> web.Response:
    """Who else could take a conversation over: what they know, and how busy they are."""
    specialist, _ = await auth.signed_in(request)
    fresh_since = request.app[HANDOFF].fresh_since(clock.now())
    everybody = await request.app[DATABASE].in_snapshot(routing.colleagues, fresh_since)
    return web.json_response({"colleagues": [one for one in everybody if one["id"] != specialist.id]})


@routes.put("/console/api/availability")
async def set_availability(request: web.Request) -> web.Response:
    """Begin or stop to be offered waiting conversations."""
    specialist, _ = await auth.signed_in(request)
    body = await read_body(request, "Availability")
    await request.app[HANDOFF].set_availability(specialist.id, Availability(body["availability"]))
    return web.json_response(body)


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


def _escalation_id(request: web.Request) -> int:
    return int(request.match_info["escalation_id"])


def _session(specialist: Specialist, csrf_token: str) -> dict[str, Any]:
    return {
        "specialist": {"id": specialist.id, "alias": specialist.alias, "role": str(specialist.role)},
        "availability": str(specialist.availability),
        "csrf_token": csrf_token,
    }
