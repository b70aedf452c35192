"""What the door lets in: how often, how large, how many, how slow, from where."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.gateway.addresses import client_address
from bot.gateway.keys import SETTINGS
from bot.limits import Limiter, MemoryLimiter, Rate, RedisLimiter
from bot.settings import Settings
from tests.conftest import Served, serve_without_model
from tests.people import SpecialistAtWork, Visitor
from tests.servers import redis_server


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway with small limits, without a model, behind a proxy at 127.0.0.1."""
    folder = tmp_path_factory.mktemp("strict")
    gateway = serve_without_model(
        folder,
        RATE_ADDRESS="40",
        RATE_OPEN="4",
        RATE_CONVERSATION="5",
        RATE_WRONG_IDENTITY="6",
        RATE_WRONG_CLAIM="3",
        RATE_WRONG_SIGN_IN="4",
        SOCKETS_PER_ADDRESS="4",
        SOCKETS_PER_CONVERSATION="2",
        TRUSTED_PROXIES="127.0.0.1",
    )
    yield gateway
    gateway.process.stop()


class Elsewhere(Visitor):
    """A visitor behind the proxy, with an address of their own."""

    address = ""

    async def request(self, method: str, path: str, **kwargs):  # type: ignore[no-untyped-def]
        kwargs["headers"] = {"X-Forwarded-For": self.address, **kwargs.get("headers", {})}
        return await super().request(method, path, **kwargs)


def at(http: aiohttp.ClientSession, gateway: Served, address: str) -> Elsewhere:
    visitor = Elsewhere(http, gateway.url)
    visitor.address = address
    return visitor


async def test_a_visitor_who_sends_too_much_is_told_when_to_go_on(strict: Served, http: aiohttp.ClientSession) -> None:
    one = await at(http, strict, "198.51.100.1").open()
    answers = [await one.post(text=f"hello {number}") for number in range(6)]
    assert [a.status for a in answers] == [200] * 5 + [429]
    refused = answers[-1]
    assert refused.code == "too_many"
    assert int(refused.headers["Retry-After"]) == refused.body["error"]["retry_after"] > 0
    assert str(refused.body["error"]["retry_after"]) in refused.body["error"]["message"]
    assert [m["text"] for m in await one.transcript() if m["author"] == "visitor"] == [f"hello {n}" for n in range(5)]
    other = await at(http, strict, "198.51.100.1").open()
    assert (await other.post(text="hello")).status == 200


async def test_a_refused_message_can_be_sent_again_over_the_socket(strict: Served, http: aiohttp.ClientSession) -> None:
    one = await at(http, strict, "198.51.100.2").open()
    live = await one.socket()
    await live.until(type="caught_up")
    for number in range(6):
        await live.say(f"hello {number}", client_id=f"c{number}")
    error = await live.until(type="error")
    assert error["error"]["code"] == "too_many" and error["client_id"].startswith("c")
    await live.close()


async def test_one_address_opens_only_so_many_conversations_and_others_go_on(
    strict: Served, http: aiohttp.ClientSession
) -> None:
    for _ in range(4):
        await at(http, strict, "198.51.100.3").open()
    refused = await at(http, strict, "198.51.100.3").request("POST", "/api/conversations", json={})
    assert refused.status == 429
    await at(http, strict, "198.51.100.4").open()


async def test_one_address_makes_only_so_many_requests(strict: Served, http: aiohttp.ClientSession) -> None:
    one = at(http, strict, "198.51.100.5")
    statuses = [(await one.request("GET", "/api/agency")).status for _ in range(45)]
    assert statuses[:40] == [200] * 40 and statuses[-1] == 429
    assert (await one.request("GET", "/healthz")).status == 200


async def test_requests_from_the_machine_itself_are_not_counted(strict: Served, http: aiohttp.ClientSession) -> None:
    opened = [await Visitor(http, strict.url).open() for _ in range(8)]
    assert len({one.id for one in opened}) == 8


async def test_what_a_client_writes_into_the_forwarded_header_does_not_give_it_another_address(
    strict: Served, http: aiohttp.ClientSession
) -> None:
    # The proxy appends the address it saw; whatever stands before it was written by the client.
    statuses = []
    for number in range(6):
        one = at(http, strict, f"203.0.113.{number}, 198.51.100.6")
        statuses.append((await one.request("POST", "/api/conversations", json={})).status)
    assert statuses == [201] * 4 + [429] * 2


async def test_a_header_from_an_untrusted_proxy_is_not_believed(served: Served, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{served.url}/api/agency", headers={"X-Forwarded-For": "10.0.0.1, no address"}) as response:
        assert response.status == 200


async def test_wrong_details_for_one_claim_are_counted_over_all_addresses(
    strict: Served, http: aiohttp.ClientSession
) -> None:
    statuses = []
    for number in range(5):
        one = await at(http, strict, f"198.51.100.{10 + number}").open()
        statuses.append((await one.prove("UI-00000042", "1980-01-01")).status)
    assert statuses == [403, 403, 403, 429, 429]


async def test_wrong_details_of_one_address_are_counted_over_all_its_conversations(
    strict: Served, http: aiohttp.ClientSession
) -> None:
    statuses = []
    for number in range(8):
        if number % 3 == 0:
            one = await at(http, strict, "198.51.100.20").open()
        statuses.append((await one.prove(f"UI-0000010{number}", "1980-01-01")).status)
    assert statuses == [403] * 6 + [429] * 2


async def test_wrong_console_passwords_of_one_address_are_counted_over_all_logins(strict: Served) -> None:
    async with SpecialistAtWork(strict.url) as one:
        answers = [
            await one.call(
                "POST",
                "/session",
                json={"login": f"nobody{number}", "password": "wrong password"},
                headers={"X-Forwarded-For": "198.51.100.30"},
            )
            for number in range(6)
        ]
    assert [a.status for a in answers] == [401] * 4 + [429] * 2


async def test_a_conversation_holds_only_so_many_sockets(strict: Served, http: aiohttp.ClientSession) -> None:
    one = await at(http, strict, "198.51.100.40").open()
    first, second = await one.socket(), await one.socket()
    await first.until(type="caught_up")
    await second.until(type="caught_up")
    third = await one.socket()
    await third.socket.receive(timeout=5)
    assert third.socket.close_code == 4429
    await first.close()
    await asyncio.sleep(0.2)
    fourth = await one.socket()
    await fourth.until(type="caught_up")
    await second.close()
    await fourth.close()


async def test_a_socket_that_floods_is_closed(served: Served, http: aiohttp.ClientSession) -> None:
    one = await Visitor(http, served.url).open()
    live = await one.socket()
    await live.until(type="caught_up")
    with contextlib.suppress(ConnectionError):
        for _ in range(400):
            await live.send(type="typing")
    with pytest.raises(ConnectionError):
        await live.until(type="never", seconds=10)
    assert live.socket.close_code == 4429


async def test_a_frame_over_the_limit_closes_the_socket(served: Served, http: aiohttp.ClientSession) -> None:
    one = await Visitor(http, served.url).open()
    live = await one.socket()
    await live.until(type="caught_up")
    await live.socket.send_str("x" * 40_000)
    with pytest.raises(ConnectionError):
        await live.until(type="never", seconds=10)
    assert live.socket.close_code == 1009
    assert [m["seq"] for m in await one.transcript()] == [1]


async def test_a_connection_that_sends_no_request_is_ended(served: Served) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
    await writer.drain()
    began = time.monotonic()
    assert await asyncio.wait_for(reader.read(), 30) == b""
    assert time.monotonic() - began > 10
    writer.close()


async def test_a_body_that_never_ends_is_refused(served: Served) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /api/conversations HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 40)
    assert b" 408 " in answer.partition(b"\r\n")[0]
    writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /\x00secret HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nBad Header\x0b: secret\r\n\r\n",
    ],
)
async def test_a_broken_request_is_answered_with_a_status_and_no_internals(
    served: Served, request_bytes: bytes
) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request_bytes)
    await writer.drain()
    answer = (await asyncio.wait_for(reader.read(), 10)).lower()
    assert b" 400 " in answer.partition(b"\r\n")[0]
    for told in (b"aiohttp", b"python/", b"traceback", b"secret", b"nonsense"):
        assert told not in answer
    writer.close()
    with socket.create_connection((host, int(port)), timeout=5):
        pass


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "counted"),
    [
        ("192.0.2.1", "", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", "", "192.0.2.1"),
        ("10.0.0.5", "198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", "1.1.1.1, 198.51.100.1, 10.0.0.6", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1, nonsense", "10.0.0.0/8", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "", "", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", "", "192.0.2.1"),
        ("127.0.0.1", "198.51.100.1", "", "this machine"),
    ],
)
def test_an_address_is_read_as_far_as_trusted_proxies_wrote_it(
    remote: str, forwarded: str, trusted: str, counted: str
) -> None:
    app = web.Application()
    app[SETTINGS] = Settings(trusted_proxies=trusted)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers, app=app).clone(remote=remote)
    assert client_address(request) == counted


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.fleet)])
async def limiter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Limiter]:
    if request.param == "memory":
        yield MemoryLimiter()
        return
    with redis_server(tmp_path) as url:
        limiter = RedisLimiter(url, b"key")
        yield limiter
        await limiter.close()


async def test_a_bucket_empties_and_fills_again(limiter: Limiter) -> None:
    rate = Rate("test", 5, 1.0)
    assert [await limiter.take(rate, "a") for _ in range(5)] == [0] * 5
    wait = await limiter.take(rate, "a")
    assert 0 < wait <= 0.2
    assert await limiter.take(rate, "b") == 0
    await asyncio.sleep(wait + 0.05)
    assert await limiter.take(rate, "a") == 0


async def test_asking_without_taking_counts_nothing(limiter: Limiter) -> None:
    rate = Rate("test", 2, 60.0)
    assert [await limiter.take(rate, "a", cost=0) for _ in range(9)] == [0] * 9
    assert [await limiter.take(rate, "a") for _ in range(2)] == [0, 0]
    assert await limiter.take(rate, "a", cost=0) > 0


@pytest.mark.fleet
async def test_two_gateways_share_their_limits_over_redis_and_no_address_stands_there(tmp_path: Path) -> None:
    import redis

    rate = Rate("test", 3, 60.0)
    with redis_server(tmp_path) as url:
        one, two = RedisLimiter(url, b"key"), RedisLimiter(url, b"key")
        taken = [await gateway.take(rate, "198.51.100.9") for gateway in (one, two, one, two)]
        assert taken[:3] == [0, 0, 0] and taken[3] > 0
        keys = redis.Redis.from_url(url).keys()
        assert len(keys) == 1 and b"198.51" not in keys[0]
        await one.close()
        await two.close()


@pytest.mark.fleet
async def test_without_redis_each_gateway_keeps_its_own_limits(tmp_path: Path) -> None:
    rate = Rate("test", 2, 60.0)
    with redis_server(tmp_path) as url:
        limiter = RedisLimiter(url, b"key")
        assert await limiter.take(rate, "a") == 0
    assert [await limiter.take(rate, "a") for _ in range(2)] == [0, 0]
    assert await limiter.take(rate, "a") > 0
    await limiter.close()
