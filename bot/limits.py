"""How often something may be done: token buckets in memory, or in Redis where several gateways share them."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import time
from dataclasses import dataclass
from typing import Protocol

import redis.asyncio

from bot import redis_client

logger = logging.getLogger(__name__)

_MOST_BUCKETS = 100_000
# One step in Redis: refill by the time passed, then take what is asked for. Redis' own clock is used, so that
# gateways whose clocks differ agree. Answers the seconds to wait in thousandths, 0 when it may be done.
_TAKE = """
local amount, seconds, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(kept[1]) or amount
local passed = math.max(0, now - (tonumber(kept[2]) or now))
left = math.min(amount, left + passed * amount / seconds)
local needed = math.max(cost, 1)
if left < needed then
  return math.ceil((needed - left) * seconds / amount * 1000)
end
redis.call('HSET', KEYS[1], 'left', tostring(left - cost), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(seconds * 1000))
return 0
"""


@dataclass(frozen=True)
class Rate:
    """At most `amount` times in `seconds`, all at once if need be; an amount of 0 means no limit."""

    name: str
    amount: int
    seconds: float


class Limiter(Protocol):
    """Counts what was done under a key."""

    async def take(self, rate: Rate, who: str, cost: int = 1) -> float:
        """Count one more; returns 0, or the seconds to wait when it may not be done and was not counted.

        A `cost` of 0 counts nothing and only asks whether one more could be.
        """
        ...

    async def close(self) -> None: ...


class MemoryLimiter:
    """The limits of a single gateway."""

    def __init__(self) -> None:
        # rate's name and key -> what is left, and when that was so
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    async def take(self, rate: Rate, who: str, cost: int = 1) -> float:
        """Count one more, or say how long to wait."""
        if rate.amount <= 0:
            return 0.0
        now = time.monotonic()
        key = (rate.name, who)
        left, at = self._buckets.pop(key, (float(rate.amount), now))
        left = min(rate.amount, left + (now - at) * rate.amount / rate.seconds)
        needed = max(cost, 1)
        allowed = left >= needed
        # Put back at the end, so that the buckets untouched for longest come first.
        self._buckets[key] = (left - cost if allowed else left, now)
        while len(self._buckets) > _MOST_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if allowed else (needed - left) * rate.seconds / rate.amount

    async def close(self) -> None:
        """Nothing to close."""


class RedisLimiter:
    """The limits of several gateways together; keys are hashed, so that no address stands in Redis."""

    PREFIX = "benefits-help:rate:"

    def __init__(self, url: str, key: bytes) -> None:
        self._redis = redis_client.connect(url, socket_timeout=1, socket_connect_timeout=1)
        self._take = self._redis.register_script(_TAKE)
        self._key = key
        self._meanwhile = MemoryLimiter()

    async def take(self, rate: Rate, who: str, cost: int = 1) -> float:
        """Count one more over all gateways; while Redis is away, over this one."""
        if rate.amount <= 0:
            return 0.0
        hashed = hmac.new(self._key, f"rate:{rate.name}:{who}".encode(), hashlib.sha256).hexdigest()[:32]
        try:
            wait = await self._take(keys=[self.PREFIX + hashed], args=[rate.amount, rate.seconds, cost])
        except redis.RedisError:
            logger.warning("redis_unreachable action=limit")
            return await self._meanwhile.take(rate, who, cost)
        return int(wait) / 1000

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(redis.RedisError):
            await self._redis.close()


def make_limiter(redis_url: str, key: str) -> Limiter:
    """The limiter that fits the settings."""
    return RedisLimiter(redis_url, key.encode()) if redis_url else MemoryLimiter()
