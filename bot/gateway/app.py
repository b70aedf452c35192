"""The application: what it opens, its routes, its middlewares."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.assistant import Assistant
from bot.colleagues import Colleagues
from bot.conversation import Conversations
from bot.database import Database
from bot.dispatch import Dispatch
from bot.gateway import (
    api,
    chat,
    console,
    console_account,
    console_intakes,
    console_knowledge,
    console_socket,
    console_supervision,
    console_transcripts,
    door,
    keys,
    listening,
    middlewares,
    plain,
)
from bot.gateway.housekeeping import housekeeping
from bot.gateway.pages import add_pages
from bot.handoff import Handoff
from bot.hub import Hub
from bot.limits import make_limiter
from bot.settings import Settings

MAX_BODY_BYTES = 64 * 1024


def make_app(settings: Settings, database: Database, hub: Hub, assistant: Assistant) -> web.Application:
    """The gateway with its doors given; it starts and closes them with itself."""
    app = web.Application(
        middlewares=[
            listening.mark_connection,
            middlewares.observe,
            middlewares.errors,
            middlewares.origins,
            door.limits,
        ],
        client_max_size=MAX_BODY_BYTES,
    )
    app[keys.SETTINGS] = settings
    app[keys.DATABASE] = database
    app[keys.HUB] = hub
    app[keys.ASSISTANT] = assistant
    app[keys.DOOR] = door.Door(settings, make_limiter(settings.redis_url, settings.secret_key))
    app[keys.HANDOFF] = Handoff(database, hub, settings)
    app[keys.CONVERSATIONS] = Conversations(database, hub, assistant, app[keys.HANDOFF], settings)
    app[keys.COLLEAGUES] = Colleagues(database, hub, app[keys.HANDOFF])
    app.cleanup_ctx.append(_doors)
    app.cleanup_ctx.append(housekeeping)
    app.cleanup_ctx.append(_routing)
    app.on_response_prepare.append(middlewares.add_headers)
    for module in (api, chat, console, console_socket, plain):
        app.add_routes(module.routes)
    for module in (console_account, console_intakes, console_knowledge, console_transcripts, console_supervision):
        app.add_routes(module.routes)
    app.router.add_get("/metrics", _metrics)
    add_pages(app)
    return app


async def _doors(app: web.Application) -> AsyncIterator[None]:
    await app[keys.HUB].start()
    await app[keys.ASSISTANT].start()
    yield
    await app[keys.ASSISTANT].close()
    await app[keys.HUB].close()
    await app[keys.DOOR].close()
    app[keys.DATABASE].close()


async def _routing(app: web.Application) -> AsyncIterator[None]:
    dispatch = Dispatch(app[keys.DATABASE], app[keys.HANDOFF], app[keys.SETTINGS])
    running = asyncio.create_task(dispatch.run(), name="routing")
    yield
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
