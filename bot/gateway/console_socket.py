"""The specialist's socket: the queue and the watched conversations, live."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import private_messages
from bot.errors import Refused
from bot.gateway import auth, sockets
from bot.gateway.keys import DATABASE, HANDOFF, HUB, SETTINGS
from bot.gateway.middlewares import is_allowed_origin, language_of, refusal_body
from bot.hub import CONSOLE, Listener, room_of
from bot.metrics import OPEN_SOCKETS

routes = web.RouteTableDef()

MOST_WATCHED = 50
# Signs of life in the time after which a specialist counts as gone: some may get lost.
BEATS_BEFORE_GONE = 6

logger = logging.getLogger(__name__)


@routes.get("/console/api/socket")
async def open_socket(request: web.Request) -> web.StreamResponse:
    """Upgrade to a socket for a signed-in specialist."""
    if not is_allowed_origin(request):
        raise Refused("origin", 403)
    specialist, _ = await auth.signed_in(request)
    socket = web.WebSocketResponse(heartbeat=sockets.HEARTBEAT_SECONDS, max_msg_size=sockets.MAX_FRAME_BYTES)
    await socket.prepare(request)
    with OPEN_SOCKETS.labels("specialist").track_inprogress():
        await _Console(request, socket, specialist.id).run()
    return socket


class _Console:
    """One open socket of a specialist."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, specialist_id: int) -> None:
        self._app = request.app
        self._specialist_id = specialist_id
        self._socket = socket
        self._language = language_of(request)
        self._listener = Listener()
        self._watched: dict[str, sockets.Transcript] = {}

    async def run(self) -> None:
        hub = self._app[HUB]
        await hub.join(self._listener, CONSOLE)
        writer = asyncio.create_task(self._write())
        presence = asyncio.create_task(self._be_seen())
        try:
            await self._read()
        finally:
            writer.cancel()
            presence.cancel()
            for room in (CONSOLE, *map(room_of, self._watched)):
                await hub.leave(self._listener, room)
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
            with contextlib.suppress(asyncio.CancelledError):
                await presence

    async def _be_seen(self) -> None:
        """While this socket is open its specialist is here, whichever gateway it ends in."""
        pause = self._app[SETTINGS].drop_off_seconds / BEATS_BEFORE_GONE
        while True:
            try:
                await self._app[HANDOFF].seen(self._specialist_id)
            except SQLAlchemyError as error:
                logger.warning("presence_not_stored error=%s", type(error).__name__)
            await asyncio.sleep(pause)

    async def _write(self) -> None:
        try:
            while (event := await self._listener.get()) is not None:
                await self._pass_on(event)
            await self._socket.close(code=sockets.TOO_SLOW)
        except ConnectionError:
            return

    async def _pass_on(self, event: dict[str, Any]) -> None:
        if event["type"] == "message":
            transcript = self._watched.get(event["conversation_id"])
            if transcript is not None:
                await transcript.deliver(event["message"])
        elif event["type"] == "catch_up":
            transcript = self._watched.get(event["conversation_id"])
            if transcript is not None:
                await transcript.catch_up()
        elif event["type"] == "escalation" or event.get("author") == "visitor":
            await self._socket.send_json(event)

    async def _read(self) -> None:
        while True:
            try:
                frame = await sockets.next_frame(self._socket)
                if frame is None:
                    return
                await self._handle(frame)
            except Refused as refusal:
                with contextlib.suppress(ConnectionError):
                    await self._socket.send_json({"type": "error", **refusal_body(refusal, self._language)})

    async def _handle(self, frame: dict[str, Any]) -> None:
        kind, conversation_id = frame["type"], frame.get("conversation_id")
        if kind == "ping":
            await self._socket.send_json({"type": "pong"})
        elif not isinstance(conversation_id, str):
            raise Refused("bad_request", 422, problem="conversation_id: must be a string")
        elif kind == "watch":
            await self._watch(conversation_id, frame.get("since"))
        elif kind == "unwatch":
            await self._unwatch(conversation_id)
        elif kind == "typing":
            await self._app[HANDOFF].typing(conversation_id)
        else:
            raise Refused("bad_request", 422, problem="type: must be watch, unwatch, typing or ping")

    async def _watch(self, conversation_id: str, since: Any) -> None:
        if conversation_id not in self._watched and len(self._watched) >= MOST_WATCHED:
            await self._unwatch(next(iter(self._watched)))
        seq = since if isinstance(since, int) and since >= 0 else 0
        self._watched[conversation_id] = sockets.Transcript(
            self._socket, functools.partial(self._since, conversation_id), conversation_id, seq, name_it=True
        )
        await self._app[HUB].join(self._listener, room_of(conversation_id))
        # The writer catches up, so that only one task sends a conversation's messages.
        self._listener.put({"type": "catch_up", "conversation_id": conversation_id})

    async def _since(self, conversation_id: str, seq: int) -> list[dict[str, Any]]:
        return await self._app[DATABASE].in_transaction(
            private_messages.read_as_specialist, conversation_id, seq, self._specialist_id, self._app[SETTINGS]
        )

    async def _unwatch(self, conversation_id: str) -> None:
        if self._watched.pop(conversation_id, None) is not None:
            await self._app[HUB].leave(self._listener, room_of(conversation_id))
