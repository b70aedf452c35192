"""The databases that actions read in tests: a file of their own, filled as `python -m bot seed` fills it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions import base, proof
from bot import clock
from bot.claim_status import agency_day
from bot.database import Database
from bot.stores import demo_claims, job_classes
from bot.stores.tables import Base, Conversation
from bot.stores.vocabulary import Program


@contextlib.contextmanager
def _actions_database(path: Path) -> Iterator[Database]:
    """The action server's database, meanwhile an empty file at `path`; its settings are read anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{path}")
        base.database.cache_clear()
        proof.settings.cache_clear()
        database = base.database()
        Base.metadata.create_all(database.engine)
        yield database
        database.close()
        base.database.cache_clear()
        proof.settings.cache_clear()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The action server's own database, with demo claims as of today and two conversations."""
    with _actions_database(tmp_path / "bot.db") as opened:
        now = clock.now()
        with opened.transaction() as session:
            demo_claims.seed_demo_claims(session, agency_day(Program.WA_UI, now), count=60)
            for name in ("c1", "c2"):
                session.add(Conversation(id=name, token_hash="-", locale="en", created_at=now, last_message_at=now))
        yield opened


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database file holding the five classes, used by the actions for the length of a test module."""
    path = tmp_path_factory.mktemp("jobs") / "jobs.db"
    with _actions_database(path) as opened:
        with opened.transaction() as session:
            assert job_classes.seed(session) == 2
        yield path
