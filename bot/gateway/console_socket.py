"""The specialist's socket: the queue and the watched conversations, live."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import clock, private_messages
from bot.errors import Refused
from bot.gateway import auth, sockets
from bot.gateway.addresses import client_address
from bot.gateway.console import reader_of
from bot.gateway.keys import COLLEAGUES, DATABASE, DOOR, HANDOFF, HUB, SETTINGS
from bot.gateway.middlewares import language_of, refusal_body
from bot.hub import CATCH_UP, CONSOLE, Listener, room_of
from bot.metrics import OPEN_SOCKETS
from bot.stores import escalations, specialists, transcript_search
from bot.stores.tables import Specialist

routes = web.RouteTableDef()

MOST_WATCHED = 50
SESSION_CHECK_SECONDS = 5.0
# Signs of life in the time after which a specialist counts as gone: some may get lost.
BEATS_BEFORE_GONE = 6

logger = logging.getLogger(__name__)


@routes.get("/console/api/socket")
async def open_socket(request: web.Request) -> web.StreamResponse:
    """Upgrade to a socket for a signed-in specialist."""
    specialist, _ = await auth.signed_in(request)
    with request.app[DOOR].socket("address", client_address(request)):
        socket = web.WebSocketResponse(heartbeat=sockets.HEARTBEAT_SECONDS, max_msg_size=sockets.MAX_FRAME_BYTES)
        await socket.prepare(request)
        with OPEN_SOCKETS.labels("specialist").track_inprogress():
            await _Console(request, socket, specialist).run()
        return socket


class _Console:
    """One open socket of a specialist."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, specialist: Specialist) -> None:
        self._app = request.app
        self._specialist_id = specialist.id
        self._socket = socket
        self._language = language_of(request)
        self._listener = Listener()
        self._watched: dict[str, sockets.Transcript] = {}
        self._token = request.cookies[auth.COOKIE]
        self._me = {"id": specialist.id, "alias": specialist.alias}
        self._reader = reader_of(specialist)
        self._looks_at: str | None = None

    async def run(self) -> None:
        hub = self._app[HUB]
        await hub.join(self._listener, CONSOLE)
        writer = asyncio.create_task(self._write())
        guard = asyncio.create_task(self._close_when_signed_out())
        presence = asyncio.create_task(self._be_seen())
        try:
            await self._read()
        finally:
            writer.cancel()
            guard.cancel()
            presence.cancel()
            await self._look(None)
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
        except Exception as error:
            await sockets.close_broken(self._socket, error)

    async def _close_when_signed_out(self) -> None:
        # A session can be ended from elsewhere, also by the command line in another process.
        while True:
            await asyncio.sleep(SESSION_CHECK_SECONDS)
            with contextlib.suppress(SQLAlchemyError):
                if not await self._app[DATABASE].in_snapshot(specialists.is_live, self._token, clock.now()):
                    await self._socket.close(code=sockets.UNAUTHORIZED)
                    return

    async def _pass_on(self, event: dict[str, Any]) -> None:
        if event["type"] == "message":
            transcript = self._watched.get(event["conversation_id"])
            if transcript is not None:
                await transcript.deliver(event["message"])
        elif event["type"] == CATCH_UP["type"]:
            await self._catch_up(event.get("conversation_id"))
        elif event["type"] == "looking":
            conversation_id = event["conversation_id"]
            if conversation_id == self._looks_at and event["specialist"]["id"] != self._me["id"]:
                await self._socket.send_json(event)
                if event["activity"] == "came":
                    # Whoever comes hears who is here already.
                    await self._app[COLLEAGUES].looking(conversation_id, self._me, "looks")
        elif event["type"] in ("escalation", "note", "intake") or event.get("author") == "visitor":
            await self._socket.send_json(event)

    async def _catch_up(self, conversation_id: str | None) -> None:
        """Send what was missed in one conversation; without a name, in all that are watched and in the queue."""
        if conversation_id is None:
            for escalation in await self._app[DATABASE].in_snapshot(escalations.listing):
                await self._socket.send_json({"type": "escalation", "escalation": escalation})
        for watched, transcript in list(self._watched.items()):
            if conversation_id in (None, watched):
                await transcript.catch_up()

    async def _read(self) -> None:
        try:
            await sockets.each_frame(self._socket, self._handle, self._send_error)
        except SQLAlchemyError as error:
            await sockets.close_broken(self._socket, error)

    async def _send_error(self, refusal: Refused) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.send_json({"type": "error", **refusal_body(refusal, self._language)})

    async def _handle(self, frame: dict[str, Any]) -> None:
        kind, conversation_id = frame["type"], frame.get("conversation_id")
        if kind == "ping":
            await self._socket.send_json({"type": "pong"})
        elif kind == "look" and (conversation_id is None or isinstance(conversation_id, str)):
            await self._look(conversation_id)
        elif not isinstance(conversation_id, str):
            raise Refused("bad_request", 422, problem="conversation_id: must be a string")
        elif kind == "watch":
            await self._watch(conversation_id, frame.get("since"))
        elif kind == "unwatch":
            await self._unwatch(conversation_id)
        elif kind == "typing":
            await self._app[HANDOFF].typing(conversation_id)
            await self._app[COLLEAGUES].looking(conversation_id, self._me, "types")
        else:
            raise Refused("bad_request", 422, problem="type: must be watch, unwatch, look, typing or ping")

    async def _look(self, conversation_id: str | None) -> None:
        """Tell colleagues which conversation is open here; sent again now and then, it says `looks` anew."""
        before, self._looks_at = self._looks_at, conversation_id
        if before is not None and before != conversation_id:
            await self._app[COLLEAGUES].looking(before, self._me, "gone")
        if conversation_id is not None:
            activity = "looks" if before == conversation_id else "came"
            await self._app[COLLEAGUES].looking(conversation_id, self._me, activity)

    async def _watch(self, conversation_id: str, since: Any) -> None:
        if not await self._app[DATABASE].in_snapshot(transcript_search.may_read, conversation_id, self._reader):
            raise Refused("forbidden", 403)
        if conversation_id not in self._watched and len(self._watched) >= MOST_WATCHED:
            await self._unwatch(next(iter(self._watched)))
        seq = since if isinstance(since, int) and 0 <= since <= 1 << 30 else 0
        self._watched[conversation_id] = sockets.Transcript(
            self._socket, functools.partial(self._since, conversation_id), conversation_id, seq, name_it=True
        )
        await self._app[HUB].join(self._listener, room_of(conversation_id))
        # The writer catches up, so that only one task sends a conversation's messages.
        self._listener.put({**CATCH_UP, "conversation_id": conversation_id})

    async def _since(self, conversation_id: str, seq: int) -> list[dict[str, Any]]:
        return await self._app[DATABASE].in_transaction(
            private_messages.read_as_specialist, conversation_id, seq, self._specialist_id, self._app[SETTINGS]
        )

    async def _unwatch(self, conversation_id: str) -> None:
        if self._watched.pop(conversation_id, None) is not None:
            await self._app[HUB].leave(self._listener, room_of(conversation_id))
