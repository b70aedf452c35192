"""The stores on both databases: an empty, migrated one for each test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import migrations
from bot.database import Database
from tests.servers import postgres_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL that tests share, each emptying it first."""
    with postgres_server(tmp_path_factory.mktemp("postgres") / "data") as url:
        yield url


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.fleet)]


@pytest.fixture(params=BOTH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database, SQLite and PostgreSQL in turn."""
    with _emptied(request, tmp_path) as database:
        yield database


@pytest.fixture(params=BOTH, scope="module")
def module_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """As `store`, but one for all the tests of a module, which fills it."""
    with _emptied(request, tmp_path_factory.mktemp("module")) as database:
        yield database


@contextlib.contextmanager
def _emptied(request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{folder / 'store.db'}")
    else:
        database = Database(request.getfixturevalue("postgres"))
        with database.transaction() as session:
            session.execute(text("DROP SCHEMA public CASCADE"))
            session.execute(text("CREATE SCHEMA public"))
    migrations.upgrade(database.engine)
    yield database
    database.close()
