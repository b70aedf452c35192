"""Parts are killed with -9 and started again at random while visitors and specialists talk: nothing is lost.

The everyday run has a short storm. `make chaos` has a long one: CHAOS_FAULTS (all in all), CHAOS_SEED, CHAOS_VISITORS.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import create_engine, func, select

from bot import training
from bot.settings import PROJECT_ROOT
from bot.stores.tables import OwedAnswer
from tests.conftest import agency_file, free_port, prepare_database, staff, start
from tests.fleet import afterwards
from tests.fleet.balancer import Balancer
from tests.fleet.crowd import APOLOGIES, Crowd, StormySpecialist, StormyVisitor, claims_to_prove, hire
from tests.fleet.fleet import EACH, TOKEN, WORKER_READY
from tests.fleet.storm import Part, PostgresPart, RedisPart, Storm

pytestmark = [pytest.mark.fleet, pytest.mark.chaos]

SEED = int(os.environ.get("CHAOS_SEED", "20261122"))
# All in all; four of five strike the fleet, which has more to kill.
FAULTS = int(os.environ.get("CHAOS_FAULTS", "8"))
VISITORS = int(os.environ.get("CHAOS_VISITORS", "20"))
SPECIALISTS = 5
PASSWORD = "storms pass, words stay"
# A storm that takes longer than this a fault is stuck itself.
SECONDS_A_FAULT = 25.0
SECONDS_TO_SETTLE = 120.0


@contextmanager
def one_process(folder: Path) -> Iterator[tuple[list[Part], str, str]]:
    """The default: one gateway with Rasa inside on a SQLite file; gives its parts, its address, its database."""
    database_url = f"sqlite:///{folder / 'bot.db'}"
    prepare_database(database_url)
    staff(database_url)
    port = free_port()
    environment = {"DATABASE_URL": database_url, "AGENCY_FILE": agency_file(folder), "PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    gateway = _part("gateway", "gateway", ["bot", "serve"], folder, f"{url}/readyz", environment)
    gateway.start()
    try:
        yield [gateway], url, database_url
    finally:
        gateway.kill()


@contextmanager
def whole_fleet(folder: Path) -> Iterator[tuple[list[Part], str, str]]:
    """Two gateways, two Rasa workers, two action servers, PostgreSQL and Redis, with balancers between them."""
    model = training.newest_model(PROJECT_ROOT / "models")
    assert model is not None, "train a model first: make train"
    postgres, redis = PostgresPart(folder / "postgres"), RedisPart(free_port(), folder)
    parts: list[Part] = [postgres, redis]
    balancers = {kind: Balancer([]) for kind in ("gateway", "worker", "actions")}
    redis.start()
    try:
        prepare_database(postgres.url)
        staff(postgres.url)
        environment = {
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "RASA_TOKEN": TOKEN,
            "SECRET_KEY": "the same for both gateways",
            "AGENCY_FILE": agency_file(folder),
            "RASA_URL": balancers["worker"].url,
            "ACTION_URL": f"{balancers['actions'].url}/webhook",
        }
        rasa = ["rasa", "run", "--enable-api", "--auth-token", TOKEN, "--interface", "127.0.0.1", "--model", str(model)]
        rasa += ["--endpoints", "deploy/endpoints.yml", "--credentials", "credentials.yml"]
        for kind, command, ready in (
            ("actions", ["rasa", "run", "actions"], "/health"),
            ("worker", rasa, WORKER_READY),
            ("gateway", ["bot", "serve"], "/readyz"),
        ):
            for number in range(EACH):
                port = free_port()
                own = {**environment, "PORT": str(port)}
                place = [] if kind == "gateway" else ["--port", str(port)]
                address = f"http://127.0.0.1:{port}{ready}"
                parts.append(_part(kind, f"{kind}-{number}", [*command, *place], folder, address, own))
                parts[-1].start()
                balancers[kind].servers.append(port)
        yield parts, balancers["gateway"].url, postgres.url
    finally:
        for part in parts[::-1]:
            if part.is_running() and part is not postgres:
                part.kill()
        for balancer in balancers.values():
            balancer.stop()
        postgres.close()


def _part(kind: str, name: str, command: list[str], folder: Path, ready: str, environment: dict[str, str]) -> Part:
    logs = iter(range(10_000))
    return Part(kind, name, lambda: start(command, folder / f"{name}-{next(logs)}.log", **environment), ready)


def _people(http: aiohttp.ClientSession, url: str, database_url: str) -> Crowd:
    claims = claims_to_prove(database_url)
    visitors = [
        StormyVisitor(http, url, SEED + number, locale="es" if number % 5 == 4 else "en") for number in range(VISITORS)
    ]
    staff_of_storm = [
        StormySpecialist(url, login, PASSWORD, SEED + number)
        for number, login in enumerate(hire(database_url, SPECIALISTS, PASSWORD))
    ]
    return Crowd(visitors, staff_of_storm, claims[:VISITORS])


async def _weather(storm: Storm, url: str, database_url: str, faults: int) -> None:
    await storm.calm()
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as http:
        crowd = _people(http, url, database_url)
        began = time.monotonic()
        async with crowd.at_work():
            stop = asyncio.Event()
            talking = asyncio.create_task(crowd.talk(stop))
            await storm.rage(faults, faults * SECONDS_A_FAULT)
            raged = time.monotonic() - began
            stop.set()
            await storm.calm()
            await asyncio.wait_for(talking, SECONDS_TO_SETTLE)
            await _settle(database_url)
            # Nobody is stuck: each says one more thing and is answered, and not with an apology.
            last_words = await asyncio.gather(*(one.ask(text="what does A32B pay") for one in crowd.visitors))
            await asyncio.sleep(1)
        stuck = [one.id for one, words in zip(crowd.visitors, last_words, strict=True) if not words]
        sorry = [words for words in last_words if words.startswith(APOLOGIES)]
        wrong = afterwards.what_went_wrong(database_url, crowd)
        waits = sorted(wait for one in crowd.visitors for wait in one.waits)
        report = {
            "seed": SEED,
            "seconds": round(raged),
            "killed": dict(storm.killed),
            "ended by themselves": dict(storm.ended_by_itself),
            "came for": dict(crowd.came_for),
            "stored": afterwards.counts(database_url),
            "acknowledged": sum(said.seq > 0 for one in crowd.visitors for said in one.said),
            "by specialists": sum(len(one.acknowledged) for one in crowd.specialists),
            "resolved": sum(one.resolved for one in crowd.specialists),
            "wait for an answer: median, 95 %, longest": [
                round(waits[int(len(waits) * share) - 1], 2) for share in (0.5, 0.95, 1.0)
            ],
            "broken promises": dict(Counter(re.sub(r"\d+|^[0-9a-f]{32}", "#", one) for one in wrong)),
        }
        print("\n" + "\n".join(f"{name}: {value}" for name, value in report.items()), flush=True)
    assert sum(storm.killed.values()) >= faults, "the storm was too slow for its time"
    assert wrong == []
    assert stuck == [] and sorry == []


async def _settle(database_url: str) -> None:
    """Wait until nobody is with a person and nothing is owed; what does not settle is found afterwards."""
    until = time.monotonic() + SECONDS_TO_SETTLE
    while time.monotonic() < until:
        engine = create_engine(database_url)
        with engine.connect() as connection:
            owed = connection.execute(select(func.count()).select_from(OwedAnswer)).scalar_one()
        engine.dispose()
        if not owed and not afterwards.stuck_with_a_person(database_url):
            return
        await asyncio.sleep(0.5)


async def test_nothing_is_lost_when_the_one_process_is_killed_while_people_talk(tmp_path: Path) -> None:
    with one_process(tmp_path) as (parts, url, database_url):
        # Everything goes with the one process, so it gets some time to answer before it is killed again.
        await _weather(Storm(parts, SEED, between=(0.3, 8.0)), url, database_url, FAULTS // 5 or 1)


async def test_nothing_is_lost_when_parts_of_the_fleet_are_killed_while_people_talk(tmp_path: Path) -> None:
    with whole_fleet(tmp_path) as (parts, url, database_url):
        await _weather(Storm(parts, SEED), url, database_url, FAULTS - (FAULTS // 5 or 1))
