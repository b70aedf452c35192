"""What tests share: a served product, and people who talk to it from outside."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from sqlalchemy.orm import Session

from bot import agency, clock, migrations, seeding
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import routing, specialists
from bot.stores.vocabulary import Role
from tests.people import MakeVisitor, SpecialistAtWork, Visitor

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

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction in its database, beside the gateway's own."""
        database = Database(self.database_url)
        try:
            with database.transaction() as session:
                yield session
        finally:
            database.close()


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


def agency_file(folder: Path, *, is_open: bool = True) -> str:
    """The agency's file with hours that never end, or with one holiday after the other."""
    content = yaml.safe_load((PROJECT_ROOT / "data" / "agency.yml").read_text(encoding="utf-8"))
    content["holidays"] = []
    if is_open:
        content["hours"] = {day: ["00:00-24:00"] for day in agency.DAYS}
    else:
        today = clock.now().date()
        content["holidays"] = [(today + timedelta(days=days)).isoformat() for days in range(-1, 3)]
    path = folder / f"agency-{'open' if is_open else 'closed'}.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return str(path)


def staff(database_url: str) -> None:
    """Somebody who is at work but is offered nobody, so that visitors may wait whoever else signs in."""
    database = Database(database_url)
    with database.transaction() as session:
        one = specialists.add(
            session, login="on duty", alias="On Duty", role=Role.SUPERVISOR, password="long enough 12", now=clock.now()
        )
        routing.set_skills(session, one.id, programs=None, languages=None, capacity=0)
        routing.seen(session, one.id, clock.now() + timedelta(days=1))
    database.close()


@dataclass(frozen=True)
class Prepared:
    """A seeded SQLite file to copy, for tests that need many databases, and the first specialist's login."""

    path: Path
    first: seeding.FirstLogin


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A database that was migrated and seeded once."""
    path = tmp_path_factory.mktemp("prepared") / "bot.db"
    return Prepared(path, prepare_database(f"sqlite:///{path}"))


def serve(
    folder: Path,
    *,
    ready: str = "/readyz",
    staffed: bool = True,
    prepared: Prepared | None = None,
    **environment: str,
) -> Served:
    """Start a gateway on a new database in `folder`, open at any hour, and wait until it is ready."""
    database_url = environment.setdefault("DATABASE_URL", f"sqlite:///{folder / 'bot.db'}")
    environment.setdefault("AGENCY_FILE", agency_file(folder))
    if prepared is None:
        first = prepare_database(database_url)
    else:
        shutil.copy(prepared.path, folder / "bot.db")
        first = prepared.first
    if staffed:
        staff(database_url)
    port = free_port()
    environment["PORT"] = str(port)
    process = start(["bot", "serve"], folder / "gateway.log", **environment)
    url = f"http://127.0.0.1:{port}"
    wait_for(url + ready, process)
    return Served(url, database_url, first.login, first.password, process, environment)


def no_model(folder: Path) -> dict[str, str]:
    """The environment of a gateway whose model folder is empty; it answers 200 on /healthz only."""
    models = folder / "models"
    models.mkdir()
    return {"MODEL_PATH": str(models)}


def serve_without_model(folder: Path, **more: Any) -> Served:
    """Start a gateway whose model folder is empty: everything works there but the bot."""
    return serve(folder, ready="/healthz", **no_model(folder), **more)


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
def visitor(served: Served, http: aiohttp.ClientSession) -> MakeVisitor:
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
