"""Who is listening: news between sockets, in memory or over Redis.

The hub is only a nudge. Everything it says is in the stores already, so a listener that misses
something asks the store for what came after the last message it saw.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, Protocol

import redis.asyncio

from bot import redis_client

logger = logging.getLogger(__name__)

CONSOLE = "console"
QUEUE_LENGTH = 256
# Told to listeners when news may have been missed: the store knows what there is.
CATCH_UP: dict[str, Any] = {"type": "catch_up"}


def room_of(conversation_id: str) -> str:
    """The room that both sides of a conversation listen in."""
    return f"conversation:{conversation_id}"


class Listener:
    """One socket's queue of news; when it is full the listener is too slow and is closed."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE_LENGTH)
        self.too_slow = False

    def put(self, event: dict[str, Any]) -> None:
        """Queue news; on overflow mark the listener as too slow instead of waiting for it."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.too_slow = True

    async def get(self) -> dict[str, Any] | None:
        """The next news, or None when the listener has been closed or was too slow."""
        if self.too_slow:
            return None
        return await self._queue.get()

    def close(self) -> None:
        """Wake whoever waits in `get` with None."""
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)


class Hub(Protocol):
    """Rooms that events are published to and listened for."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def publish(self, room: str, event: dict[str, Any]) -> None: ...

    async def join(self, listener: Listener, room: str) -> None: ...

    async def leave(self, listener: Listener, room: str) -> None: ...


class MemoryHub:
    """The hub of a single gateway."""

    def __init__(self) -> None:
        self._rooms: defaultdict[str, set[Listener]] = defaultdict(set)

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Wake every listener so that its socket can end."""
        for listeners in list(self._rooms.values()):
            for listener in list(listeners):
                listener.close()

    async def publish(self, room: str, event: dict[str, Any]) -> None:
        """Give the event to everyone in the room."""
        for listener in tuple(self._rooms.get(room, ())):
            listener.put(event)

    async def join(self, listener: Listener, room: str) -> None:
        """Start listening in a room."""
        self._rooms[room].add(listener)

    async def leave(self, listener: Listener, room: str) -> None:
        """Stop listening in a room."""
        listeners = self._rooms.get(room)
        if listeners is not None:
            listeners.discard(listener)
            if not listeners:
                del self._rooms[room]

    def occupied(self, room: str) -> bool:
        """Whether anyone listens in the room here."""
        return room in self._rooms

    def rooms(self) -> list[str]:
        """The rooms that anyone listens in here."""
        return list(self._rooms)

    def news_may_be_missing(self) -> None:
        """Have everyone who listens here ask the store for what they may not have heard."""
        for listener in {one for listeners in self._rooms.values() for one in listeners}:
            listener.put(CATCH_UP)


class RedisHub:
    """The hub of one gateway among several: each event goes through Redis to all of them.

    While Redis is away, news reaches only the listeners of the gateway it comes from; the others are told every
    few seconds, and once more when Redis is back, to ask the store.
    """

    PREFIX = "benefits-help:"
    RETRY_SECONDS = 1.0
    ASK_STORE_SECONDS = 5.0

    def __init__(self, url: str) -> None:
        # A Redis that does not answer must not hold a visitor's message up.
        self._redis = redis_client.connect(url, socket_timeout=2, socket_connect_timeout=2)
        # Nothing may be heard for hours, so reading has no time limit.
        self._listening = redis.asyncio.Redis.from_url(url, socket_connect_timeout=2, socket_keepalive=True)
        self._pubsub = self._listening.pubsub(ignore_subscribe_messages=True)
        self._local = MemoryHub()
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen to Redis; raises redis.ConnectionError when it can't be reached."""
        await self._redis.ping()
        await self._subscribe()
        self._reader = asyncio.create_task(self._read_forever(), name="redis-hub")

    async def close(self) -> None:
        """Stop listening and close the connections."""
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self._local.close()
        with contextlib.suppress(redis.RedisError):
            await self._pubsub.close()
            await self._listening.close()
            await self._redis.close()

    async def publish(self, room: str, event: dict[str, Any]) -> None:
        """Publish to every gateway; while Redis is away, at least to the listeners here."""
        try:
            await self._redis.publish(self.PREFIX + room, json.dumps(event, ensure_ascii=False))
        except redis.RedisError:
            logger.warning("redis_unreachable action=publish")
            await self._local.publish(room, event)

    async def join(self, listener: Listener, room: str) -> None:
        """Start listening in a room."""
        first = not self._local.occupied(room)
        await self._local.join(listener, room)
        if first:
            with contextlib.suppress(redis.RedisError):
                await self._pubsub.subscribe(self.PREFIX + room)

    async def leave(self, listener: Listener, room: str) -> None:
        """Stop listening in a room."""
        await self._local.leave(listener, room)
        if not self._local.occupied(room):
            with contextlib.suppress(redis.RedisError):
                await self._pubsub.unsubscribe(self.PREFIX + room)

    async def _read_forever(self) -> None:
        away_since = 0.0
        while True:
            try:
                if away_since:
                    await self._subscribe()
                    away_since = 0.0
                    self._local.news_may_be_missing()
                async for room, event in self._events():
                    await self._local.publish(room, event)
            except (redis.RedisError, OSError):
                logger.warning("redis_unreachable action=listen")
                away_since = away_since or time.monotonic()
            if away_since and time.monotonic() - away_since >= self.ASK_STORE_SECONDS:
                away_since = time.monotonic()
                self._local.news_may_be_missing()
            await asyncio.sleep(self.RETRY_SECONDS)

    async def _subscribe(self) -> None:
        """Listen anew to every room that anyone is in: what was joined while Redis was away is not lost."""
        pubsub, rooms = self._listening.pubsub(ignore_subscribe_messages=True), self._local.rooms()
        # A room of its own keeps the subscription open while nobody listens to anything.
        await pubsub.subscribe(*(self.PREFIX + room for room in ("keepalive", *rooms)))
        old, self._pubsub = self._pubsub, pubsub
        with contextlib.suppress(redis.RedisError, OSError):
            await old.close()
        joined_meanwhile = set(self._local.rooms()).difference(rooms)
        if joined_meanwhile:
            await pubsub.subscribe(*(self.PREFIX + room for room in joined_meanwhile))

    async def _events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        async for message in self._pubsub.listen():
            if message["type"] == "message":
                yield message["channel"].decode()[len(self.PREFIX) :], json.loads(message["data"])


def make_hub(redis_url: str) -> Hub:
    """The hub that fits the settings."""
    return RedisHub(redis_url) if redis_url else MemoryHub()
