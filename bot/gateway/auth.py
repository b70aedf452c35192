"""Who a specialist's request comes from: the session cookie, and the CSRF token on every write."""

from __future__ import annotations

import hmac

from aiohttp import web

from bot import clock, rights
from bot.errors import Refused
from bot.gateway.keys import DATABASE, SETTINGS
from bot.rights import Right
from bot.stores import specialists
from bot.stores.tables import Specialist

COOKIE = "console_session"
CSRF_HEADER = "X-CSRF-Token"
_READING = ("GET", "HEAD")


async def signed_in(request: web.Request, right: Right = Right.DESK) -> tuple[Specialist, str]:
    """The specialist and their CSRF token.

    Raises Refused without a live session, on a write without the token, or when their role lacks the right.
    """
    token = request.cookies.get(COOKIE)
    session = (
        None if not token else await request.app[DATABASE].in_transaction(specialists.signed_in, token, clock.now())
    )
    if session is None:
        raise Refused("unauthorized", 401)
    specialist, csrf_token = session
    if request.method not in _READING and not hmac.compare_digest(request.headers.get(CSRF_HEADER, ""), csrf_token):
        raise Refused("bad_csrf", 403)
    if not rights.has(specialist.role, right):
        raise Refused("forbidden", 403)
    return specialist, csrf_token


def set_cookie(request: web.Request, response: web.Response, token: str) -> None:
    """Hand the session to the browser where no script can read it and no other site can send it."""
    response.set_cookie(
        COOKIE,
        token,
        path="/console",
        httponly=True,
        samesite="Strict",
        secure=request.app[SETTINGS].secure_cookies,
        max_age=int(specialists.IDLE.total_seconds()),
    )
