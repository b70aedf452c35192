"""A Rasa lock store that wakes the next message at once, in one process or over Redis.

Rasa's own stores poll once a second, and its Redis store can let two workers in at the same time.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator
from typing import Any

import redis.asyncio
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot import redis_client
from bot.settings import Settings


class ConversationLockStore(LockStore):
    """Lets one message of a conversation be handled at a time, over all workers when REDIS_URL is set."""

    PREFIX = "benefits-help:lock:"
    POLL_SECONDS = 0.01
    # A worker says this often that it still lives; the lock of one that died is free after the second.
    RENEW_SECONDS = 2.0
    DEAD_AFTER_SECONDS = 8.0

    def __init__(self, endpoint_config: EndpointConfig | None = None, **_kwargs: Any) -> None:
        super().__init__()
        url = (endpoint_config.url if endpoint_config is not None else None) or Settings.from_environment().redis_url
        # A restart of Redis takes about a second; waiting for it is better than an apology.
        self._redis = redis_client.connect(url, tries=8, pause=0.3) if url else None
        self._local: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation's lock; raises LockError when it was not free within `lock_lifetime`."""
        ticket = TicketLock(conversation_id)
        local = self._local.setdefault(conversation_id, asyncio.Lock())
        try:
            await asyncio.wait_for(local.acquire(), lock_lifetime)
        except asyncio.TimeoutError:
            raise LockError(f"The lock of conversation {conversation_id} was not free in time.") from None
        try:
            if self._redis is None:
                yield ticket
            else:
                async with self._shared(conversation_id, lock_lifetime):
                    yield ticket
        finally:
            local.release()

    @contextlib.asynccontextmanager
    async def _shared(self, conversation_id: str, lock_lifetime: float) -> AsyncGenerator[None, None]:
        assert self._redis is not None
        lock = self._redis.lock(
            self.PREFIX + conversation_id,
            timeout=self.DEAD_AFTER_SECONDS,
            sleep=self.POLL_SECONDS,
            blocking_timeout=lock_lifetime,
        )
        try:
            acquired = await lock.acquire()
        except redis.RedisError as error:
            raise LockError("Redis, which holds the locks, can't be reached.") from error
        if not acquired:
            raise LockError(f"The lock of conversation {conversation_id} was not free in time.")
        renewing = asyncio.create_task(self._renew(lock))
        try:
            yield
        finally:
            renewing.cancel()
            # A lock that outlived its time is somebody else's by now, and Redis refuses to release it.
            with contextlib.suppress(redis.RedisError):
                await lock.release()

    async def _renew(self, lock: Any) -> None:
        while True:
            await asyncio.sleep(self.RENEW_SECONDS)
            # Redis may be away for a moment; a lock that is lost for good can't be renewed and is not needed.
            with contextlib.suppress(redis.RedisError):
                await lock.reacquire()
