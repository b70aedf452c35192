"""The seeded class store the job class actions read in tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actions import base
from bot.stores import job_classes
from bot.stores.tables import Base


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database file holding the five classes, used by the actions for the length of a test module."""
    path = tmp_path_factory.mktemp("jobs") / "jobs.db"
    patch = pytest.MonkeyPatch()
    patch.setenv("DATABASE_URL", f"sqlite:///{path}")
    base.database.cache_clear()
    database = base.database()
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        assert job_classes.seed(session) == 2
    yield path
    database.close()
    base.database.cache_clear()
    patch.undo()
