"""What a specialist looks up while answering: ready replies from the answer cards, and job classes."""

from __future__ import annotations

from aiohttp import web

from bot import class_panel, ready_replies
from bot.gateway import auth
from bot.gateway.keys import DATABASE
from bot.gateway.middlewares import language_of

routes = web.RouteTableDef()

LONGEST_QUERY = 200


@routes.get("/console/api/replies")
async def list_replies(request: web.Request) -> web.Response:
    """Ready replies that hold the words, in the visitor's language."""
    await auth.signed_in(request)
    query = request.query
    replies = ready_replies.search(
        query.get("q", "")[:LONGEST_QUERY],
        query.get("language", ""),
        topic=query.get("topic") or None,
        program=query.get("program") or None,
    )
    return web.json_response({"replies": replies})


@routes.get("/console/api/classes")
async def list_classes(request: web.Request) -> web.Response:
    """Job classes that fit the words."""
    await auth.signed_in(request)
    query = request.query.get("q", "")[:LONGEST_QUERY]
    return web.json_response({"classes": await request.app[DATABASE].in_snapshot(class_panel.search, query)})


@routes.get("/console/api/classes/{class_id}")
async def read_class(request: web.Request) -> web.Response:
    """One job class: pay, requirements of each level, duties."""
    await auth.signed_in(request)
    language = request.query.get("language") or language_of(request)
    found = await request.app[DATABASE].in_snapshot(class_panel.panel, request.match_info["class_id"], language)
    return web.json_response({"class": found})
