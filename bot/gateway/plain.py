"""The plain chat: the same conversation as a page of forms, for browsers that run no scripts."""

from __future__ import annotations

import contextlib
from datetime import date

from aiohttp import web

from bot import clock
from bot.errors import Refused
from bot.gateway.addresses import client_address
from bot.gateway.keys import CONVERSATIONS, DATABASE, DOOR, SETTINGS
from bot.gateway.middlewares import in_time, language_of, refusal_body
from bot.gateway.plain_page import Page, render
from bot.stores import identity
from bot.stores.conversations import Standing
from bot.stores.vocabulary import FeedbackReason, Program
from bot.words import LANGUAGES

routes = web.RouteTableDef()

PATH = "/chat/plain"
COOKIE = "plain_chat"
_SAFE_SITES = ("same-origin", "none")


class _Unfinished(Exception):
    """A form with something missing; says which words of the plain chat tell it."""


@routes.get(PATH)
async def show(request: web.Request) -> web.Response:
    """The conversation of the cookie, or an empty page with the first form."""
    return await _answer(request, await _conversation(request))


@routes.post(PATH)
async def act(request: web.Request) -> web.Response:
    """Do what the pressed button says, then send the browser back to the page, so that a reload repeats nothing."""
    # The cookie is SameSite=Strict; browsers that do not know that send no such header either.
    if request.headers.get("Sec-Fetch-Site", "none") not in _SAFE_SITES:
        raise Refused("origin", 403)
    try:
        sent = await in_time(request.post())
    except ValueError:
        raise Refused("bad_json", 400) from None
    form = {name: str(value).replace("\x00", "") for name, value in sent.items()}
    conversation = await _conversation(request)
    conversations = request.app[CONVERSATIONS]
    if form.get("do") == "end":
        if conversation is not None:
            await conversations.end(conversation.id)
        response = await _answer(request, None, ended=True)
        response.del_cookie(COOKIE, path=PATH)
        return response
    made_cookie: str | None = None
    if conversation is None:
        name = request.query.get("program", "")
        program = Program(name) if name in {str(p) for p in Program} else None
        await request.app[DOOR].opening(client_address(request))
        opened, _ = await conversations.open(locale=_wished_language(request), program=program)
        made_cookie = f"{opened.id}.{opened.token}"
        conversation = await conversations.authorise(opened.id, opened.token)
    try:
        await _do(request, conversation, form)
    except _Unfinished as unfinished:
        response = await _answer(request, conversation, problem_key=str(unfinished))
        response.set_status(422)
    except Refused as refusal:
        message = refusal_body(refusal, conversation.locale)["error"]["message"]
        response = await _answer(request, conversation, problem=message, draft=form.get("text", ""))
        response.set_status(refusal.status)
    else:
        response = web.Response(status=303, headers={"Location": f"{PATH}#end"})
    if made_cookie:
        secure = request.app[SETTINGS].secure_cookies
        response.set_cookie(COOKIE, made_cookie, path=PATH, httponly=True, samesite="Strict", secure=secure)
    return response


async def _do(request: web.Request, conversation: Standing, form: dict[str, str]) -> None:
    conversations, door = request.app[CONVERSATIONS], request.app[DOOR]
    if "payload" in form or form.get("do") == "say":
        await door.message(conversation.id)
    if "payload" in form:
        await conversations.press(conversation.id, form["payload"])
    elif form.get("do") == "person":
        await conversations.ask_person(conversation.id)
    elif form.get("do") == "speak":
        locale = form.get("locale", "")
        await conversations.set_locale(conversation.id, locale if locale in LANGUAGES else conversation.locale)
    elif form.get("do") == "rate":
        if form.get("stars", "") not in ("1", "2", "3", "4", "5"):
            raise _Unfinished("rating.missing")
        await conversations.rate_help(conversation.id, int(form["stars"]), form.get("words"))
    elif form.get("do") in ("rate_yes", "rate_no"):
        seq, reason = form.get("seq", ""), form.get("reason", "")
        known = FeedbackReason(reason) if reason in {str(one) for one in FeedbackReason} else None
        seq_number = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else 0
        await conversations.rate(conversation.id, seq_number, helpful=form["do"] == "rate_yes", reason=known)
    elif form.get("do") == "prove":
        if not form.get("claim_number", "").strip():
            raise _Unfinished("fields_missing")
        born = _birth_date(form)
        if born is None:
            raise _Unfinished("birth_date")
        number, pin = form["claim_number"].strip()[:40], form.get("pin", "").strip()[:40]
        async with door.identity(client_address(request), number):
            await conversations.prove_identity(conversation.id, number, born, pin)
    elif form.get("do") == "back":
        await conversations.give_up(conversation.id)
    elif form.get("do") == "leave":
        if not form.get("text", "").strip():
            raise _Unfinished("empty")
        await conversations.leave_message(conversation.id, form["text"].replace("\r\n", "\n"))
    elif form.get("do") == "say":
        if not form.get("text", "").strip():
            raise _Unfinished("empty")
        # Browsers send line ends as CR LF, which would count twice against the limit.
        await conversations.say(conversation.id, form.get("text", "").replace("\r\n", "\n"))


async def _answer(
    request: web.Request,
    conversation: Standing | None,
    *,
    problem: str = "",
    problem_key: str = "",
    draft: str = "",
    ended: bool = False,
) -> web.Response:
    minutes = request.app[SETTINGS].identity_minutes
    page = Page(_wished_language(request), PATH, draft=draft, ended=ended)
    page.program = request.query.get("program", "")
    if conversation is not None:
        page.language = conversation.locale
        page.messages, state = await request.app[CONVERSATIONS].since(conversation.id, 0)
        page.escalation = state["escalation"]
        page.proven = (
            await request.app[DATABASE].in_snapshot(
                identity.standing_proof, conversation.id, now=clock.now(), idle_minutes=minutes
            )
            is not None
        )
    page.problem = problem or (page.words(problem_key) if problem_key else "")
    return web.Response(text=render(page), content_type="text/html", headers={"Cache-Control": "no-store"})


async def _conversation(request: web.Request) -> Standing | None:
    conversation_id, _, token = request.cookies.get(COOKIE, "").partition(".")
    with contextlib.suppress(Refused):
        if conversation_id and token:
            return await request.app[CONVERSATIONS].authorise(conversation_id, token)
    return None


def _wished_language(request: web.Request) -> str:
    wish = request.query.get("lang", "")
    return wish if wish in LANGUAGES else language_of(request)


def _birth_date(form: dict[str, str]) -> str | None:
    with contextlib.suppress(ValueError):
        year, month, day = (int(form.get(f"date_of_birth_{part}", "")) for part in ("year", "month", "day"))
        if year >= 1900:
            return date(year, month, day).isoformat()
    return None
