"""One's own account at the console, and everybody's: passwords, sessions, skills, disabling."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot import clock, rights
from bot.errors import Refused
from bot.gateway import auth
from bot.gateway.bodies import read_body
from bot.gateway.keys import DATABASE, HANDOFF
from bot.rights import Right
from bot.stores import routing, specialists
from bot.stores.tables import Specialist
from bot.stores.vocabulary import Program

routes = web.RouteTableDef()


@routes.post("/console/api/password")
async def change_password(request: web.Request) -> web.Response:
    """Change one's own password; other sessions end."""
    specialist, _ = await auth.signed_in(request)
    body = await read_body(request, "PasswordChange")
    token = request.cookies[auth.COOKIE]

    def change(session: Session) -> bool:
        return specialists.change_password(session, specialist.id, body["old"], body["new"], token, clock.now())

    try:
        is_changed = await request.app[DATABASE].in_transaction(change)
    except specialists.Locked as locked:
        raise Refused("login_locked", 429, until=locked.until.strftime("%H:%M UTC")) from None
    except ValueError:
        raise Refused("password_too_short", 422, limit=specialists.SHORTEST_PASSWORD) from None
    if not is_changed:
        raise Refused("wrong_password", 403)
    return web.Response(status=204)


@routes.get("/console/api/sessions")
async def list_sessions(request: web.Request) -> web.Response:
    """One's own signed-in browsers."""
    specialist, _ = await auth.signed_in(request)
    sessions = await request.app[DATABASE].in_snapshot(
        specialists.sessions_of, specialist.id, request.cookies[auth.COOKIE], clock.now()
    )
    return web.json_response({"sessions": sessions})


@routes.delete("/console/api/sessions/{session_id:[0-9a-f]{16}}")
async def end_session(request: web.Request) -> web.Response:
    """End one of one's own sessions."""
    specialist, _ = await auth.signed_in(request)
    await request.app[DATABASE].in_transaction(specialists.end_session, specialist.id, request.match_info["session_id"])
    return web.Response(status=204)


@routes.get("/console/api/skills")
async def list_skills(request: web.Request) -> web.Response:
    """What everybody is offered; for those who may not set it only what they are offered themselves."""
    specialist, _ = await auth.signed_in(request)
    found = await request.app[DATABASE].in_snapshot(routing.skills, _of_whom(specialist))
    return web.json_response({"skills": found})


@routes.put("/console/api/skills/{specialist_id:[0-9]{1,9}}")
async def set_skills(request: web.Request) -> web.Response:
    """Set what a specialist is offered; the change is recorded, and routing goes by it at once."""
    me, _ = await auth.signed_in(request, Right.SKILLS)
    body = await read_body(request, "Skills")
    programs = None if body["programs"] is None else [Program(one) for one in body["programs"]]

    def change(session: Session) -> list[dict[str, Any]]:
        routing.change_skills(
            session,
            int(request.match_info["specialist_id"]),
            programs=programs,
            languages=body["languages"],
            capacity=body["capacity"],
            changed_by_id=me.id,
            now=clock.now(),
        )
        return routing.skills(session)

    try:
        found = await request.app[DATABASE].in_transaction(change)
    except LookupError:
        raise Refused("account_not_found", 404) from None
    request.app[HANDOFF].stirred.set()
    return web.json_response({"skills": found})


@routes.get("/console/api/accounts")
async def list_accounts(request: web.Request) -> web.Response:
    """Every account."""
    await auth.signed_in(request, Right.ACCOUNTS)
    return web.json_response({"accounts": await request.app[DATABASE].in_snapshot(specialists.accounts)})


@routes.post("/console/api/accounts/{specialist_id:[0-9]{1,9}}/disable")
async def disable_account(request: web.Request) -> web.Response:
    """Disable an account and end its sessions."""
    me, _ = await auth.signed_in(request, Right.ACCOUNTS)
    specialist_id = int(request.match_info["specialist_id"])
    if specialist_id == me.id:
        raise Refused("own_account", 409)

    def disable(session: Session) -> list[dict[str, Any]]:
        login = specialists.login_of(session, specialist_id)
        specialists.disable(session, login, clock.now())
        return specialists.accounts(session)

    return web.json_response({"accounts": await request.app[DATABASE].in_transaction(disable)})


@routes.delete("/console/api/accounts/{specialist_id:[0-9]{1,9}}/sessions")
async def end_all_sessions(request: web.Request) -> web.Response:
    """End every session of an account."""
    await auth.signed_in(request, Right.ACCOUNTS)
    await request.app[DATABASE].in_transaction(specialists.end_sessions, int(request.match_info["specialist_id"]))
    return web.Response(status=204)


def _of_whom(specialist: Specialist) -> int | None:
    return None if rights.has(specialist.role, Right.SKILLS) else specialist.id
