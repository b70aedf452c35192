"""The visitor's HTTP interface."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot import agency
from bot.conversation import Said
from bot.errors import Refused
from bot.gateway.addresses import client_address
from bot.gateway.bodies import interface, read_body
from bot.gateway.keys import ASSISTANT, CONVERSATIONS, DATABASE, DOOR
from bot.gateway.middlewares import language_of
from bot.gateway.rendering import present
from bot.stores.conversations import Standing
from bot.stores.vocabulary import FeedbackReason, Program
from bot.words import DEFAULT_LANGUAGE, LANGUAGES, Words

routes = web.RouteTableDef()


@routes.post("/api/conversations")
async def open_conversation(request: web.Request) -> web.Response:
    """Begin a conversation."""
    body = await read_body(request, "NewConversation")
    program = body.get("program")
    await request.app[DOOR].opening(client_address(request))
    opened, said = await request.app[CONVERSATIONS].open(
        locale=body.get("locale") or DEFAULT_LANGUAGE, program=None if program is None else Program(program)
    )
    return web.json_response({"id": opened.id, "token": opened.token, **_said(said)}, status=201)


@routes.get("/api/conversations/{id}/messages")
async def read_messages(request: web.Request) -> web.Response:
    """The messages after `since`."""
    conversation = await authorise(request)
    try:
        since = int(request.query.get("since", "0"))
    except ValueError:
        raise Refused("bad_request", 422, problem="since: must be a number") from None
    # No transcript is longer, and no database takes a larger number.
    messages, state = await request.app[CONVERSATIONS].since(conversation.id, min(max(since, 0), 1 << 30))
    return web.json_response({"messages": [present(m) for m in messages], **state})


@routes.post("/api/conversations/{id}/messages")
async def say(request: web.Request) -> web.Response:
    """Say something, or press a button."""
    conversation = await authorise(request)
    body = await read_body(request, "NewMessage")
    said = await hear(request.app, conversation.id, body)
    return web.json_response(_said(said))


@routes.post("/api/conversations/{id}/messages/{seq}/feedback")
async def rate(request: web.Request) -> web.Response:
    """Say whether an answer from a card helped."""
    conversation = await authorise(request)
    body = await read_body(request, "Feedback")
    seq = request.match_info["seq"]
    if not (seq.isascii() and seq.isdigit() and len(seq) < 10):
        raise Refused("no_answer_to_rate", 404)
    reason = FeedbackReason(body["reason"]) if "reason" in body else None
    given = await request.app[CONVERSATIONS].rate(conversation.id, int(seq), helpful=body["helpful"], reason=reason)
    return web.json_response({"feedback": given})


@routes.post("/api/conversations/{id}/identity")
async def prove_identity(request: web.Request) -> web.Response:
    """Check the details of an identity card."""
    conversation = await authorise(request)
    body = await read_body(request, "Identity")
    async with request.app[DOOR].identity(client_address(request), body["claim_number"]):
        said = await request.app[CONVERSATIONS].prove_identity(
            conversation.id, body["claim_number"], body["date_of_birth"], body.get("pin", "")
        )
    return web.json_response({"verified": True, **_said(said)})


@routes.post("/api/conversations/{id}/escalation")
async def ask_person(request: web.Request) -> web.Response:
    """Bring a person in."""
    conversation = await authorise(request)
    return web.json_response(_said(await request.app[CONVERSATIONS].ask_person(conversation.id)))


@routes.post("/api/conversations/{id}/rating")
async def rate_help(request: web.Request) -> web.Response:
    """Say how the help of a specialist was."""
    conversation = await authorise(request)
    body = await read_body(request, "Rating")
    said = await request.app[CONVERSATIONS].rate_help(conversation.id, body["stars"], body.get("words"))
    return web.json_response(_said(said))


@routes.delete("/api/conversations/{id}/escalation")
async def give_up(request: web.Request) -> web.Response:
    """Stop waiting for a person: the bot answers again."""
    conversation = await authorise(request)
    return web.json_response(_said(await request.app[CONVERSATIONS].give_up(conversation.id)))


@routes.post("/api/conversations/{id}/left-message")
async def leave_message(request: web.Request) -> web.Response:
    """Leave a message that a specialist answers later."""
    conversation = await authorise(request)
    body = await read_body(request, "LeftMessage")
    said = await request.app[CONVERSATIONS].leave_message(
        conversation.id, body["text"], client_id=body.get("client_id")
    )
    return web.json_response(_said(said))


@routes.patch("/api/conversations/{id}")
async def change(request: web.Request) -> web.Response:
    """Change the language of the conversation."""
    conversation = await authorise(request)
    body = await read_body(request, "ConversationChange")
    await request.app[CONVERSATIONS].set_locale(conversation.id, body["locale"])
    return web.json_response({"locale": body["locale"]})


@routes.delete("/api/conversations/{id}")
async def end(request: web.Request) -> web.Response:
    """End the conversation and erase what the visitor's side shows."""
    conversation = await authorise(request)
    await request.app[CONVERSATIONS].end(conversation.id)
    return web.Response(status=204)


@routes.get("/api/conversations/{id}/transcript.txt")
async def transcript(request: web.Request) -> web.Response:
    """The conversation as plain text to keep."""
    conversation = await authorise(request)
    messages, _ = await request.app[CONVERSATIONS].since(conversation.id, 0, limit=100_000)
    words = Words("service", conversation.locale)
    lines = [
        f"[{message['created_at'][:16].replace('T', ' ')} UTC] "
        f"{message.get('name') or words('author.' + message['author'])}: {message['text']}"
        for message in messages
    ]
    return web.Response(
        text="\n\n".join(lines) + "\n",
        headers={"Content-Disposition": 'attachment; filename="transcript.txt"'},
    )


@routes.get("/api/agency")
async def describe_agency(request: web.Request) -> web.Response:
    """Who the bot speaks for and the phones to call when it can't."""
    locale = request.query.get("locale", language_of(request))
    return web.json_response(agency.describe(locale if locale in LANGUAGES else DEFAULT_LANGUAGE))


@routes.get("/api/openapi.json")
async def openapi(_request: web.Request) -> web.Response:
    """This interface as an OpenAPI document."""
    return web.json_response(interface())


@routes.get("/healthz")
async def healthz(_request: web.Request) -> web.Response:
    """The process is up."""
    return web.json_response({"alive": True})


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """The database answers and the model is loaded."""
    if not await request.app[DATABASE].answers():
        return web.json_response({"ready": False, "waiting_for": "database"}, status=503)
    if not await request.app[ASSISTANT].ready():
        return web.json_response({"ready": False, "waiting_for": "model"}, status=503)
    return web.json_response({"ready": True})


async def authorise(request: web.Request) -> Standing:
    """The conversation of the address, opened by the bearer token; raises Refused."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("unauthorized", 401)
    return await request.app[CONVERSATIONS].authorise(request.match_info["id"], token.strip())


async def hear(app: web.Application, conversation_id: str, body: dict[str, Any], **kwargs: Any) -> Said:
    """Pass on a checked `NewMessage`, whichever way it came in."""
    client_id = body.get("client_id")
    await app[DOOR].message(conversation_id)
    if "payload" in body:
        return await app[CONVERSATIONS].press(conversation_id, body["payload"], client_id=client_id, **kwargs)
    return await app[CONVERSATIONS].say(conversation_id, body["text"], client_id=client_id, **kwargs)


def _said(said: Said) -> dict[str, Any]:
    return {
        "messages": [present(message) for message in said.messages],
        "handled_by": said.handled_by,
        "escalation": said.escalation,
    }
