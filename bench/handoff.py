"""How soon a person is there: `python -m bench.handoff`.

One gateway on SQLite with nothing but itself (no bot, no Redis), one specialist whose console is open, and a number of
conversations that are open with a colleague meanwhile, whose visitors write a message every ten seconds. One visitor
after the other asks for a person; the clock stops at the specialist's and at the visitor's sockets. Prints the table
of docs/handoff.md.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.serving import Server, free_port, started
from bot import clock, migrations
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import conversations, escalations, routing, specialists
from bot.stores.vocabulary import Role
from tests.conftest import agency_file
from tests.people import SpecialistAtWork, Visitor, VisitorSocket
from tests.stored import a_conversation, an_escalation

PASSWORD = "for the length of a benchmark"
WRITES_EVERY_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
STEPS = ("offer", "joined", "reply")


@dataclass
class Measured:
    """Milliseconds of each step, one entry a visitor, with this many conversations open beside."""

    open_beside: int
    waits_ms: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})


def open_with_colleague(database: Database, count: int) -> list[conversations.Opened]:
    """Conversations that a colleague has taken."""
    with database.transaction() as session:
        colleague = routing.id_of(session, "colleague")
        opened = [a_conversation(session, clock.now()) for _ in range(count)]
        for one in opened:
            escalation = an_escalation(session, one.id, clock.now())
            escalations.take(session, escalation.id, colleague, clock.now())
    return opened


@asynccontextmanager
async def talking(
    http: aiohttp.ClientSession, server: Server, opened: list[conversations.Opened]
) -> AsyncIterator[None]:
    """These visitors are connected and write now and then, evenly spread, until the block ends."""
    sockets: list[VisitorSocket] = []
    for one in opened:
        socket = await Visitor(http, server.url, id=one.id, token=one.token).socket()
        await socket.until(type="caught_up", seconds=PATIENCE_SECONDS)
        sockets.append(socket)

    async def write() -> None:
        for socket in itertools.cycle(sockets):
            await socket.say("I am still here.")
            await asyncio.sleep(WRITES_EVERY_SECONDS / len(sockets))

    async def listen(socket: VisitorSocket) -> None:
        while True:
            await socket.next(seconds=10 * PATIENCE_SECONDS)

    tasks = [asyncio.create_task(listen(socket)) for socket in sockets]
    tasks += [asyncio.create_task(write())] if sockets else []
    try:
        yield
        failed = [task for task in tasks if task.done()]
        if failed:
            raise RuntimeError(f"{len(failed)} of the conversations beside broke off") from failed[0].exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for socket in sockets:
            await socket.close()


async def measure(server: Server, database: Database, open_beside: int, rounds: int) -> Measured:
    """Let `rounds` visitors ask for a person, one after the other."""
    measured = Measured(open_beside)
    opened = open_with_colleague(database, open_beside)
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as http,
        talking(http, server, opened),
        SpecialistAtWork(server.url) as ana,
    ):
        await ana.sign_in("ana", PASSWORD)
        console = await ana.socket()
        await console.send(type="ping")
        await console.until(type="pong", seconds=PATIENCE_SECONDS)
        for _ in range(rounds):
            with database.transaction() as session:
                new = a_conversation(session, clock.now())
            visitor = Visitor(http, server.url, id=new.id, token=new.token)
            live = await visitor.socket()
            await live.until(type="caught_up", seconds=PATIENCE_SECONDS)
            asked = time.perf_counter()
            asking = asyncio.create_task(visitor.call("POST", "/escalation", json={}))
            escalation_id = 0
            while not escalation_id:
                frame = await console.until(type="escalation", seconds=PATIENCE_SECONDS)
                one = frame["escalation"]
                if one["conversation_id"] == new.id and (one["offer"] or {}).get("id") == ana.id:
                    escalation_id = one["id"]
            offered = time.perf_counter()
            await asking
            accepted = time.perf_counter()
            taking = asyncio.create_task(ana.call("POST", f"/escalations/{escalation_id}/take"))
            await live.message("Ana has joined", seconds=PATIENCE_SECONDS)
            joined = time.perf_counter()
            await taking
            path = f"/escalations/{escalation_id}"
            answering = time.perf_counter()
            saying = asyncio.create_task(ana.call("POST", f"{path}/messages", json={"text": "Hello, I am Ana."}))
            await live.message("Hello, I am Ana.", seconds=PATIENCE_SECONDS)
            replied = time.perf_counter()
            await saying
            await ana.call("POST", f"{path}/resolve", json={"outcome": "answered"})
            await live.close()
            for step, seconds in zip(STEPS, (offered - asked, joined - accepted, replied - answering), strict=True):
                measured.waits_ms[step].append(1000 * seconds)
        await console.close()
    with database.transaction() as session:
        for one in opened:
            escalations.leave(session, one.id, clock.now())
    return measured


def table(runs: list[Measured]) -> str:
    """The figures as Markdown: the middle one and the one that 95 of 100 do not exceed."""
    lines = [
        "| open beside | asked → offer at the specialist | accepted → joined at the visitor |"
        " sent → read by the visitor | all three |",
        "|---|---|---|---|---|",
    ]
    for run in runs:
        steps = [run.waits_ms[step] for step in STEPS]
        whole = [sum(each) for each in zip(*steps, strict=True)]
        cells = [f"{statistics.median(waits):.0f} ms (p95 {p95(waits):.0f})" for waits in (*steps, whole)]
        lines.append(f"| {run.open_beside} | {' | '.join(cells)} |")
    return "\n".join(lines)


def p95(waits: list[float]) -> float:
    """The wait that 95 of 100 do not exceed."""
    return statistics.quantiles(waits, n=20, method="inclusive")[-1]


def main() -> int:
    """Measure each number of conversations and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, nargs="+", default=[1, 20, 200], help="Conversations open beside.")
    parser.add_argument("--rounds", type=int, default=40, help="Visitors who ask for a person, for each of them.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        database = Database(url)
        migrations.upgrade(database.engine)
        with database.transaction() as session:
            for login in ("ana", "colleague"):
                specialists.add(
                    session,
                    login=login,
                    alias=login.title(),
                    role=Role.SPECIALIST,
                    password=PASSWORD,
                    now=clock.now(),
                )
        own = {
            "DATABASE_URL": url,
            "RASA_URL": "http://127.0.0.1:9",
            "SECRET_KEY": "for the length of a benchmark",
            "AGENCY_FILE": agency_file(folder),
            # Nobody may count as gone while this program is busy with something else.
            "DROP_OFF_SECONDS": "3600",
            "PORT": str(free_port()),
        }
        command = [sys.executable, "-m", "bot", "serve"]
        with started(command, PROJECT_ROOT, own["PORT"], "/healthz", **own) as server:
            runs = [asyncio.run(measure(server, database, count, options.rounds)) for count in options.open]
        database.close()
    print(table(runs))
    load = os.getloadavg()[0]
    print(f"\n{options.rounds} visitors each, {os.cpu_count()} cores, load average {load:.1f} at the end.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
