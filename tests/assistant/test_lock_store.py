"""The lock over Redis: one at a time, for as long as it takes, and never for a worker that is dead."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator

import pytest
import redis
from rasa.core.lock_store import LockError

from bot.assistant.lock_store import ConversationLockStore
from tests.servers import redis_server

pytestmark = pytest.mark.fleet


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def workers(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[ConversationLockStore, ConversationLockStore]:
    """The locks of two workers, in a hurry."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setattr(ConversationLockStore, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(ConversationLockStore, "DEAD_AFTER_SECONDS", 1.0)
    return ConversationLockStore(), ConversationLockStore()


async def test_a_long_turn_keeps_its_lock(workers: tuple[ConversationLockStore, ConversationLockStore]) -> None:
    one, other = workers
    conversation = uuid.uuid4().hex
    ended: list[str] = []

    async def take(store: ConversationLockStore, name: str, seconds: float) -> None:
        async with store.lock(conversation):
            await asyncio.sleep(seconds)
            ended.append(name)

    long = asyncio.create_task(take(one, "long", 3.0))
    await asyncio.sleep(0.3)
    await take(other, "short", 0.0)
    await long
    assert ended == ["long", "short"]


async def test_the_lock_of_a_dead_worker_is_free_soon(
    workers: tuple[ConversationLockStore, ConversationLockStore], redis_url: str
) -> None:
    one, other = workers
    conversation = uuid.uuid4().hex
    holding = one.lock(conversation)
    await holding.__aenter__()
    # A killed worker renews nothing and gives nothing back.
    for task in asyncio.all_tasks():
        if "_renew" in repr(task.get_coro()):
            task.cancel()
    assert redis.Redis.from_url(redis_url).exists(ConversationLockStore.PREFIX + conversation)
    began = time.monotonic()
    async with other.lock(conversation):
        assert time.monotonic() - began < 5


async def test_who_waits_too_long_is_told(workers: tuple[ConversationLockStore, ConversationLockStore]) -> None:
    one, other = workers
    conversation = uuid.uuid4().hex
    async with one.lock(conversation):
        with pytest.raises(LockError):
            async with other.lock(conversation, lock_lifetime=0.5):
                pass
