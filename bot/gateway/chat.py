"""The visitor's socket: the same conversation as over HTTP, live."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import Refused
from bot.gateway import sockets
from bot.gateway.addresses import client_address
from bot.gateway.api import hear
from bot.gateway.bodies import check_body
from bot.gateway.keys import CONVERSATIONS, DOOR, HUB
from bot.gateway.middlewares import as_refusal, is_allowed_origin, language_of, refusal_body
from bot.hub import CATCH_UP, Listener, room_of
from bot.metrics import OPEN_SOCKETS
from bot.stores.conversations import Standing

routes = web.RouteTableDef()

PROTOCOL = "chat"
MOST_FRAMES_UNDER_WAY = 8


@routes.get("/api/conversations/{id}/socket")
async def open_socket(request: web.Request) -> web.StreamResponse:
    """Upgrade to a socket; the token travels as the second subprotocol because browsers can't set headers."""
    if not is_allowed_origin(request):
        raise Refused("origin", 403)
    with contextlib.ExitStack() as held:
        held.enter_context(request.app[DOOR].socket("address", client_address(request)))
        return await _serve(request, held)


async def _serve(request: web.Request, held: contextlib.ExitStack) -> web.StreamResponse:
    socket = web.WebSocketResponse(
        protocols=(PROTOCOL,), heartbeat=sockets.HEARTBEAT_SECONDS, max_msg_size=sockets.MAX_FRAME_BYTES
    )
    await socket.prepare(request)
    try:
        conversation = await request.app[CONVERSATIONS].authorise(request.match_info["id"], _token(request))
    except Refused:
        await socket.close(code=sockets.UNAUTHORIZED)
        return socket
    except SQLAlchemyError as error:
        await sockets.close_broken(socket, error)
        return socket
    try:
        held.enter_context(request.app[DOOR].socket("conversation", conversation.id))
    except Refused:
        await socket.close(code=sockets.TOO_MANY)
        return socket
    with OPEN_SOCKETS.labels("visitor").track_inprogress():
        await _Chat(request, socket, conversation).run()
    return socket


def _token(request: web.Request) -> str:
    authorization = request.headers.get("Authorization", "")
    if authorization.lower().startswith("bearer "):
        return authorization[7:].strip()
    offered = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    return next((part for part in offered if part != PROTOCOL), "")


class _Chat:
    """One open socket: a reader of frames and a writer of news."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, conversation: Standing) -> None:
        self._app = request.app
        self._socket = socket
        self._conversation_id: str = conversation.id
        self._language = language_of(request) if "Accept-Language" in request.headers else conversation.locale
        self._listener = Listener()
        self._transcript = sockets.Transcript(socket, self._since, conversation.id, sockets.since_of(request))
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        hub, room = self._app[HUB], room_of(self._conversation_id)
        # Listening begins before the store is read, so that nothing falls between the two.
        await hub.join(self._listener, room)
        writer = asyncio.create_task(self._write())
        try:
            await sockets.each_frame(self._socket, self._handle, self._send_error)
        finally:
            writer.cancel()
            await hub.leave(self._listener, room)
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer

    async def _write(self) -> None:
        try:
            await self._transcript.catch_up()
            await self._tell_state()
            await self._socket.send_json({"type": "caught_up"})
            while (event := await self._listener.get()) is not None:
                if event["type"] == "message":
                    await self._transcript.deliver(event["message"])
                elif event["type"] == CATCH_UP["type"]:
                    await self._transcript.catch_up()
                    await self._tell_state()
                elif event["type"] == "ended":
                    await self._socket.close(code=sockets.ENDED)
                    return
                elif event.get("author") != "visitor":
                    await self._socket.send_json(event)
            await self._socket.close(code=sockets.TOO_SLOW)
        except ConnectionError:
            # The browser has gone; the reader notices as well and ends the socket.
            return
        except Exception as error:
            # A socket that hears and says nothing any more is worse than none: the page comes back and catches up.
            await sockets.close_broken(self._socket, error)

    async def _since(self, seq: int) -> list[dict[str, Any]]:
        messages, _ = await self._app[CONVERSATIONS].since(self._conversation_id, seq)
        return messages

    async def _tell_state(self) -> None:
        _, state = await self._app[CONVERSATIONS].since(self._conversation_id, 1 << 30)
        await self._socket.send_json({"type": "handled_by", **state})

    async def _handle(self, frame: dict[str, Any]) -> None:
        kind = frame.pop("type")
        if kind == "ping":
            await self._socket.send_json({"type": "pong"})
        elif kind == "typing":
            await self._app[CONVERSATIONS].typing(self._conversation_id)
        elif kind == "say":
            while len(self._under_way) >= MOST_FRAMES_UNDER_WAY:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            # The answer is waited for in a task of its own, so that pings and typing go on meanwhile.
            task = asyncio.create_task(self._say(frame))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        else:
            raise Refused("bad_request", 422, problem="type: must be say, typing or ping")

    async def _say(self, frame: dict[str, Any]) -> None:
        client_id = frame.get("client_id")
        try:
            await hear(
                self._app, self._conversation_id, check_body(frame, "NewMessage"), on_stored=self._ack(client_id)
            )
        except Exception as error:
            await self._send_error(as_refusal(error), client_id)

    def _ack(self, client_id: Any) -> Any:
        def acknowledge(seq: int) -> None:
            if client_id is not None:
                self._listener.put({"type": "ack", "client_id": client_id, "seq": seq})

        return acknowledge

    async def _send_error(self, refusal: Refused, client_id: Any = None) -> None:
        frame = {"type": "error", **refusal_body(refusal, self._language)}
        if isinstance(client_id, str):
            frame["client_id"] = client_id
        with contextlib.suppress(ConnectionError):
            await self._socket.send_json(frame)
