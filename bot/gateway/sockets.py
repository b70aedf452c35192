"""What the visitor's and the specialist's sockets share: sending in order and noticing gaps."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web

from bot.errors import Refused
from bot.gateway.middlewares import parse_object
from bot.gateway.rendering import present

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 25.0
MAX_FRAME_BYTES = 32 * 1024
UNAUTHORIZED = 4401
TOO_SLOW = 4408
ENDED = 4409
TOO_MANY = 4429
# Standard: something failed here; coming back later is worth while.
BROKEN = 1011
FRAMES_A_SECOND = 20.0
FRAMES_AT_ONCE = 200.0


class Pace:
    """How fast one socket sends frames: a burst is fine, a stream is not."""

    def __init__(self) -> None:
        self._left, self._at = FRAMES_AT_ONCE, time.monotonic()

    def keeps(self) -> bool:
        """Count a frame; False when there have been too many."""
        now = time.monotonic()
        self._left = min(FRAMES_AT_ONCE, self._left + (now - self._at) * FRAMES_A_SECOND) - 1
        self._at = now
        return self._left >= 0


async def close_broken(socket: web.WebSocketResponse, error: Exception) -> None:
    """Close a socket that can't go on, so that the other side connects anew and asks for what it missed."""
    logger.warning("socket_broken error=%s", type(error).__name__)
    with contextlib.suppress(ConnectionError):
        await socket.close(code=BROKEN)


class Transcript:
    """Sends one conversation's messages over a socket, each once and in order.

    News from the hub may arrive twice, late or with a gap; the store fills in what is missing. `read`
    gives the messages after a number as this side may see them, and is asked for claim data as well.
    With `name_it` each frame says which conversation it belongs to.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        read: Callable[[int], Awaitable[list[dict[str, Any]]]],
        conversation_id: str,
        seq: int,
        *,
        name_it: bool = False,
    ) -> None:
        self._socket = socket
        self._read = read
        self._extra = {"conversation_id": conversation_id} if name_it else {}
        self._seq = seq

    async def catch_up(self) -> None:
        """Send everything the store has after the last message sent."""
        while True:
            messages = await self._read(self._seq)
            if not messages:
                return
            for message in messages:
                await self._send(message)

    async def deliver(self, message: dict[str, Any]) -> None:
        """Send a message the hub told of, after anything that came before it."""
        if message["seq"] <= self._seq:
            return
        if message["seq"] == self._seq + 1 and not message.get("private"):
            await self._send(message)
        else:
            await self.catch_up()

    async def _send(self, message: dict[str, Any]) -> None:
        self._seq = message["seq"]
        await self._socket.send_json({"type": "message", **self._extra, "message": present(message)})


async def each_frame(
    socket: web.WebSocketResponse,
    handle: Callable[[dict[str, Any]], Awaitable[None]],
    refuse: Callable[[Refused], Awaitable[None]],
) -> None:
    """Hand every JSON frame to `handle` until the other side goes, or is sent away for sending too many.

    What is no such frame, and what `handle` refuses, is told through `refuse`.
    """
    pace = Pace()
    while True:
        try:
            frame = await _next_frame(socket)
            if frame is None:
                return
            if not pace.keeps():
                await socket.close(code=TOO_MANY)
                return
            await handle(frame)
        except Refused as refusal:
            await refuse(refusal)


async def _next_frame(socket: web.WebSocketResponse) -> dict[str, Any] | None:
    """The next JSON frame, or None when the other side has gone; raises Refused for anything else."""
    frame = await socket.receive()
    if frame.type is WSMsgType.TEXT:
        body = parse_object(frame.data)
        if not isinstance(body.get("type"), str):
            raise Refused("bad_json", 400)
        return body
    if frame.type is WSMsgType.BINARY:
        raise Refused("bad_json", 400)
    return None


def since_of(request: web.Request) -> int:
    """The number of the last message the other side has, from the address."""
    value = request.query.get("since", "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
