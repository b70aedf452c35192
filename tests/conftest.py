"""What tests share: a served product, and people who talk to it from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from bot import migrations, seeding
from bot.database import Database
from bot.settings import PROJECT_ROOT
from tests.people import SpecialistAtWork, Visitor

START_SECONDS = 120
AGENCY = "http://agency.test"  # The origin of the page that may embed the widget of the shared gateway.


@dataclass
class Process:
    """A program of the product under test, with its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)


@dataclass
class Served:
    """A running gateway: where it is, its database, and a specialist's login."""

    url: str
    database_url: str
    login: str
    password: str
    process: Process
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        return self.process.log.read_text(errors="replace")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(arguments: list[str], log: Path, **environment: str) -> Process:
    """Start a Python module of the project with its output in a file."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=PROJECT_ROOT,
            env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Process(process, log)


def wait_for(url: str, process: Process, seconds: float = START_SECONDS) -> None:
    """Wait until an address answers 200; fails with the program's log."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    pytest.fail(f"{url} did not answer. The log ends with:\n{process.log.read_text(errors='replace')[-3000:]}")


def prepare_database(url: str) -> seeding.FirstLogin:
    """Migrate and seed a database; returns the first specialist's login."""
    database = Database(url)
    try:
        migrations.upgrade(database.engine)
        with database.transaction() as session:
            seeding.seed(session, with_demo_claims=True, as_of=seeding.today())
            first = seeding.make_first_specialist(session)
    finally:
        database.close()
    assert first is not None
    return first


def serve(folder: Path, *, ready: str = "/readyz", **environment: str) -> Served:
    """Start a gateway on a new database in `folder` and wait until it is ready."""
    database_url = environment.setdefault("DATABASE_URL", f"sqlite:///{folder / 'bot.db'}")
    first = prepare_database(database_url)
    port = free_port()
    environment["PORT"] = str(port)
    process = start(["bot", "serve"], folder / "gateway.log", **environment)
    url = f"http://127.0.0.1:{port}"
    wait_for(url + ready, process)
    return Served(url, database_url, first.login, first.password, process, environment)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One gateway with the trained model, shared by the tests that only talk to it."""
    gateway = serve(tmp_path_factory.mktemp("served"), ALLOWED_ORIGINS=AGENCY)
    yield gateway
    gateway.process.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture
def visitor(served: Served, http: aiohttp.ClientSession) -> Callable[..., Visitor]:
    """Make visitors of the shared gateway."""

    def make(**kwargs: str) -> Visitor:
        return Visitor(http, served.url, **kwargs)

    return make


@pytest.fixture
async def specialist(served: Served) -> AsyncIterator[SpecialistAtWork]:
    """A signed-in specialist at the shared gateway."""
    async with SpecialistAtWork(served.url) as one:
        await one.sign_in(served.login, served.password)
        yield one


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database."""
    one = Database(f"sqlite:///{tmp_path / 'test.db'}")
    migrations.upgrade(one.engine)
    yield one
    one.close()
