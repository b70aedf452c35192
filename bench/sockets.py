"""Thousands of open sockets on one gateway while specialists' messages arrive: `python -m bench.sockets`.

The gateway is alone (RASA_URL set) with Redis and SQLite. Messages are stored and published by this program as
another gateway would do it, so each goes the product's own way: store, Redis, gateway, socket. Writes docs/sockets.md.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

import aiohttp
import psutil

from bench.serving import Server, free_port, started
from bot import clock, migrations
from bot.database import Database
from bot.hub import RedisHub, room_of
from bot.settings import PROJECT_ROOT
from bot.stores import conversations
from bot.stores.conversations import Line
from bot.stores.vocabulary import Author
from tests.servers import redis_server

OPENED_AT_ONCE = 40
GOAL_MEMORY_MB = 120
GOAL_P95_MS = 250


@dataclass
class Measured:
    """What one run saw; waits run from before a message is stored until a visitor's socket has it."""

    sockets: int
    start_seconds: float
    memory_alone_mb: float
    memory_open_mb: float = 0.0
    opening_seconds: float = 0.0
    sent: int = 0
    seconds: float = 0.0
    processor_share: float = 0.0
    waits_ms: list[float] = field(default_factory=list)


async def measure(server: Server, database: Database, redis_url: str, options: argparse.Namespace) -> Measured:
    """Open the sockets, send messages to random ones at an even pace, and wait for each to arrive."""
    process = psutil.Process(server.process.pid)
    measured = Measured(options.sockets, server.ready_seconds, process.memory_info().rss / 1e6)
    with database.transaction() as session:
        opened = [
            conversations.open_conversation(session, locale="en", program=None, now=clock.now())
            for _ in range(options.sockets)
        ]
    sent_at: dict[tuple[str, int], float] = {}
    hub = RedisHub(redis_url)
    await hub.start()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as http:
        gate = asyncio.Semaphore(OPENED_AT_ONCE)
        listening: list[asyncio.Task[None]] = []

        async def listen(socket: aiohttp.ClientWebSocketResponse, conversation_id: str) -> None:
            async for frame in socket:
                body = json.loads(frame.data)
                if body["type"] == "message":
                    begun = sent_at.pop((conversation_id, body["message"]["seq"]))
                    measured.waits_ms.append(1000 * (time.perf_counter() - begun))

        async def open_one(one: conversations.Opened) -> None:
            async with gate:
                address = f"{server.url}/api/conversations/{one.id}/socket"
                socket = await http.ws_connect(address, protocols=("chat", one.token))
                while json.loads((await socket.receive(timeout=60)).data)["type"] != "caught_up":
                    pass
                listening.append(asyncio.create_task(listen(socket, one.id)))

        began = time.perf_counter()
        await asyncio.gather(*map(open_one, opened))
        measured.opening_seconds = time.perf_counter() - began
        measured.memory_open_mb = process.memory_info().rss / 1e6

        async def send(one: conversations.Opened) -> None:
            begun = time.perf_counter()
            line = Line(Author.SPECIALIST, "Your claim is being looked at.", "en")
            # The number is known before it is stored: this conversation has no other writer.
            sent_at[(one.id, next(numbers[one.id]))] = begun
            (message,) = await database.in_transaction(conversations.append, one.id, [line], clock.now())
            event = {"type": "message", "conversation_id": one.id, "message": message}
            await hub.publish(room_of(one.id), event)

        numbers = {one.id: itertools.count(1) for one in opened}
        chance = random.Random(1)
        order = [one for _ in range(-(-options.per_second * options.seconds // options.sockets))
                 for one in chance.sample(opened, len(opened))]  # fmt: skip
        used, began, sending = sum(process.cpu_times()[:2]), time.perf_counter(), []
        for number, one in enumerate(order[: options.per_second * options.seconds]):
            await asyncio.sleep(max(0.0, began + number / options.per_second - time.perf_counter()))
            sending.append(asyncio.create_task(send(one)))
        await asyncio.gather(*sending)
        until = time.perf_counter() + 10
        while sent_at and time.perf_counter() < until:
            await asyncio.sleep(0.05)
        measured.sent, measured.seconds = len(sending), time.perf_counter() - began
        measured.processor_share = (sum(process.cpu_times()[:2]) - used) / measured.seconds
        for task in listening:
            task.cancel()
    await hub.close()
    return measured


def report(measured: Measured) -> tuple[str, bool]:
    """The report as Markdown, and whether the goals were met."""
    waits = sorted(measured.waits_ms)
    p95 = statistics.quantiles(waits, n=20)[-1]
    each = (measured.memory_open_mb - measured.memory_alone_mb) * 1000 / measured.sockets
    lost = measured.sent - len(waits)
    rows = [
        ("start to the first answer", f"{measured.start_seconds:.1f} s", ""),
        ("memory of the gateway alone", f"{measured.memory_alone_mb:.0f} MB", f"at most {GOAL_MEMORY_MB} MB"),
        (f"memory with {measured.sockets:,} sockets", f"{measured.memory_open_mb:.0f} MB", ""),
        ("memory of one idle socket", f"{each:.0f} kB", ""),
        ("opening all sockets, 40 at a time", f"{measured.opening_seconds:.0f} s", ""),
        ("messages sent", f"{measured.sent:,} in {measured.seconds:.0f} s", ""),
        ("messages that did not arrive", str(lost), "none"),
        ("wait, median", f"{statistics.median(waits):.1f} ms", ""),
        ("wait, 95% under", f"{p95:.1f} ms", f"at most {GOAL_P95_MS} ms"),
        ("wait, longest", f"{waits[-1]:.0f} ms", ""),
        ("processor of the gateway meanwhile", f"{measured.processor_share:.0%} of a core", ""),
    ]
    lines = [
        "# Open sockets on one gateway",
        "",
        "Written by `python -m bench.sockets`. A gateway with `RASA_URL`, Redis and SQLite; a message is stored and",
        "published as another gateway would do it, and the wait ends when the visitor's socket has it. The program",
        "that holds the other end of the sockets shares the machine.",
        "",
        "| | measured | goal |",
        "| --- | --- | --- |",
        *(f"| {name} | {value} | {goal} |" for name, value, goal in rows),
        "",
        f"Measured {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC on {psutil.cpu_count()} cores.",
        "",
    ]
    met = measured.memory_alone_mb <= GOAL_MEMORY_MB and p95 <= GOAL_P95_MS and not lost
    return "\n".join(lines), met


def main() -> int:
    """Measure and write the report; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=5_000)
    parser.add_argument("--per-second", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "docs" / "sockets.md")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Inherited by the gateway, which needs one file for each socket as this program does.
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < options.sockets + 200:
        raise SystemExit(f"This machine allows {most} open files; ask for fewer --sockets.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        database = Database(url)
        migrations.upgrade(database.engine)
        with redis_server(folder) as redis_url:
            own = {
                "DATABASE_URL": url, "REDIS_URL": redis_url, "RASA_URL": "http://127.0.0.1:9",
                "SECRET_KEY": "for the length of a benchmark", "PORT": str(free_port()),
            }  # fmt: skip
            command = [sys.executable, "-m", "bot", "serve"]
            with started(command, PROJECT_ROOT, own["PORT"], "/healthz", **own) as server:
                measured = asyncio.run(measure(server, database, redis_url, options))
        database.close()
    text, met = report(measured)
    options.out.write_text(text, encoding="utf-8")
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
