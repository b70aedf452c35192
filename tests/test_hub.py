"""Both hubs keep the same contract; the Redis one over a real Redis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.hub import CATCH_UP, QUEUE_LENGTH, Hub, Listener, MemoryHub, RedisHub
from tests.conftest import free_port
from tests.servers import redis_server


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.fleet)])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    one: Hub = MemoryHub() if request.param == "memory" else RedisHub(request.getfixturevalue("redis_url"))
    await one.start()
    yield one
    await one.close()


async def heard(listener: Listener) -> object:
    return await asyncio.wait_for(listener.get(), 5)


async def test_everyone_in_a_room_hears_what_is_published_there(hub: Hub) -> None:
    first, second = Listener(), Listener()
    await hub.join(first, "a")
    await hub.join(second, "a")
    await asyncio.sleep(0.1)
    await hub.publish("a", {"n": "ñ"})
    assert await heard(first) == await heard(second) == {"n": "ñ"}


@pytest.mark.fleet
async def test_a_room_joined_while_redis_was_away_is_heard_and_everyone_asks_the_store(tmp_path: Path) -> None:
    port = free_port()
    with contextlib.ExitStack() as running:
        first = contextlib.ExitStack()
        url = first.enter_context(redis_server(tmp_path, port))
        hubs = [RedisHub(url), RedisHub(url)]
        for one in hubs:
            await one.start()
        before, meanwhile = Listener(), Listener()
        await hubs[0].join(before, "a")
        first.close()
        await asyncio.sleep(0.2)
        await hubs[0].join(meanwhile, "b")
        # Nobody but the store can tell the other gateway's listeners of this.
        await hubs[1].publish("a", {"n": 1})
        running.enter_context(redis_server(tmp_path, port))
        assert await heard(before) == CATCH_UP
        assert await heard(meanwhile) == CATCH_UP
        await hubs[1].publish("a", {"n": 2})
        await hubs[1].publish("b", {"n": 3})
        assert await heard(before) == {"n": 2}
        assert await heard(meanwhile) == {"n": 3}
        for one in hubs:
            await one.close()


@pytest.mark.fleet
async def test_while_redis_is_away_everyone_asks_the_store_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RedisHub, "ASK_STORE_SECONDS", 0.5)
    listener = Listener()
    with redis_server(tmp_path) as url:
        hub = RedisHub(url)
        await hub.start()
        await hub.join(listener, "a")
    assert [await heard(listener) for _ in range(2)] == [CATCH_UP, CATCH_UP]
    await hub.close()


async def test_nobody_hears_another_room_or_a_room_they_left(hub: Hub) -> None:
    listener = Listener()
    await hub.join(listener, "a")
    await hub.join(listener, "b")
    await asyncio.sleep(0.1)
    await hub.leave(listener, "a")
    await hub.publish("a", {"n": 1})
    await hub.publish("c", {"n": 2})
    await hub.publish("b", {"n": 3})
    assert await heard(listener) == {"n": 3}


async def test_events_of_a_room_come_in_order(hub: Hub) -> None:
    listener = Listener()
    await hub.join(listener, "a")
    await asyncio.sleep(0.1)
    for number in range(50):
        await hub.publish("a", {"n": number})
    assert [await heard(listener) for _ in range(50)] == [{"n": n} for n in range(50)]


async def test_a_listener_that_is_too_slow_is_told_to_end_and_holds_nobody_up(hub: Hub) -> None:
    slow, quick = Listener(), Listener()
    await hub.join(slow, "a")
    await hub.join(quick, "a")
    await asyncio.sleep(0.1)
    for number in range(QUEUE_LENGTH + 1):
        await hub.publish("a", {"n": number})
        assert await heard(quick) == {"n": number}
    await asyncio.sleep(0.1)
    assert slow.too_slow
    assert await heard(slow) is None


@pytest.mark.fleet
async def test_two_gateways_hear_each_other_over_redis(redis_url: str) -> None:
    one, other = RedisHub(redis_url), RedisHub(redis_url)
    await one.start()
    await other.start()
    listener = Listener()
    await other.join(listener, "a")
    await asyncio.sleep(0.1)
    await one.publish("a", {"n": 1})
    assert await heard(listener) == {"n": 1}
    await one.close()
    await other.close()


@pytest.mark.fleet
async def test_listeners_here_still_hear_while_redis_is_away(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        one = RedisHub(url)
        await one.start()
        listener = Listener()
        await one.join(listener, "a")
    await one.publish("a", {"n": 1})
    assert await heard(listener) == {"n": 1}
    await one.close()
