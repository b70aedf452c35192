"""Connections to Redis that outlive a restart of it."""

from __future__ import annotations

from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff


def connect(url: str, *, tries: int = 2, pause: float = 0.0, **options: Any) -> redis.asyncio.Redis:
    """A client that tries a command again up to `tries` times, `pause` seconds apart, on a connection of its own.

    After a restart of Redis every kept connection is dead, which shows only when it is used: without this, one
    command would fail for each of them.
    """
    return redis.asyncio.Redis.from_url(
        url,
        retry=Retry(ConstantBackoff(pause), tries),
        retry_on_error=[redis.ConnectionError, redis.TimeoutError],
        **options,
    )
