"""Notes on conversations, and the search through past transcripts."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot import clock, private_messages
from bot.conversation import clean
from bot.errors import Refused
from bot.gateway import auth
from bot.gateway.bodies import read_body
from bot.gateway.console import reader_of
from bot.gateway.keys import COLLEAGUES, DATABASE, SETTINGS
from bot.gateway.rendering import present
from bot.masking import mask
from bot.stores import audit, notes, transcript_search
from bot.stores.transcript_search import Reader

routes = web.RouteTableDef()

LONGEST_QUERY = 200
LONGEST_TRANSCRIPT = 100_000


@routes.post("/console/api/conversations/{id}/notes")
async def add_note(request: web.Request) -> web.Response:
    """Write a note for colleagues."""
    specialist, _ = await auth.signed_in(request)
    conversation_id = request.match_info["id"]
    body = await read_body(request, "NewNote")
    text = clean(body["text"])
    await _check_may_read(request, conversation_id, reader_of(specialist))
    note = await request.app[COLLEAGUES].note(conversation_id, specialist.id, text)
    return web.json_response({"note": note}, status=201)


@routes.get("/console/api/transcripts")
async def search(request: web.Request) -> web.Response:
    """Past messages that hold the words, within one's rights."""
    specialist, _ = await auth.signed_in(request)
    query = mask(request.query.get("q", "")[:LONGEST_QUERY])

    def find(session: Session) -> list[dict[str, Any]]:
        found = transcript_search.search(session, query, reader_of(specialist))
        audit.add_search(session, specialist.id, query, len(found), clock.now())
        return found

    try:
        found = await request.app[DATABASE].in_transaction(find)
    except transcript_search.NothingToSearch:
        raise Refused("search_too_short", 422, limit=transcript_search.SHORTEST_WORD) from None
    return web.json_response({"found": found, "limit": transcript_search.MOST_FOUND})


@routes.get("/console/api/transcripts/{id}")
async def read_transcript(request: web.Request) -> web.Response:
    """One past transcript with its notes, within one's rights; claim data stays hidden."""
    specialist, _ = await auth.signed_in(request)
    settings = request.app[SETTINGS]
    conversation_id = request.match_info["id"]

    def read(session: Session) -> dict[str, Any]:
        if not transcript_search.may_read(session, conversation_id, reader_of(specialist)):
            raise Refused("not_found", 404)
        audit.add_opening(session, specialist.id, conversation_id, clock.now())
        messages = private_messages.read_as_specialist(
            session, conversation_id, 0, specialist.id, settings, limit=LONGEST_TRANSCRIPT
        )
        return {
            "conversation_id": conversation_id,
            "messages": [present(message) for message in messages],
            "notes": notes.of_conversation(session, conversation_id),
        }

    return web.json_response(await request.app[DATABASE].in_transaction(read))


async def _check_may_read(request: web.Request, conversation_id: str, reader: Reader) -> None:
    # What one may not read and what does not exist get the same answer.
    if not await request.app[DATABASE].in_snapshot(transcript_search.may_read, conversation_id, reader):
        raise Refused("not_found", 404)
