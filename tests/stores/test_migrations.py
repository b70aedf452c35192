"""Migrations run forwards and backwards on both databases and match the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from bot import migrations
from bot.database import make_engine
from bot.stores.tables import Base
from tests.servers import postgres_server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.fleet)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        yield make_engine(f"sqlite:///{tmp_path / 'm.db'}")
        return
    with postgres_server(tmp_path / "pg") as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def test_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    migrations.upgrade(engine)
    assert migrations.is_current(engine)
    with engine.connect() as connection:
        # The search through transcripts is a virtual table of SQLite, which the code's tables can't describe.
        opts = {"compare_type": False, "include_name": lambda name, kind, _: not str(name).startswith("message_words")}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_migration_is_known_without_alembic_and_an_older_one_is_not_current(engine: Engine) -> None:
    script = ScriptDirectory.from_config(migrations.config())
    assert migrations.newest() == script.get_current_head()
    migrations.upgrade(engine)
    migrations.downgrade(engine, script.get_revision("head").down_revision)
    assert not migrations.is_current(engine)


def test_every_migration_goes_back_one_step_and_forward_again(engine: Engine) -> None:
    revisions = [step.revision for step in ScriptDirectory.from_config(migrations.config()).walk_revisions()]
    migrations.upgrade(engine)
    for revision in [*revisions[1:], "base"]:
        migrations.downgrade(engine, revision)
        at_this_step = set(inspect(engine).get_table_names())
        migrations.upgrade(engine)
        migrations.downgrade(engine, revision)
        assert set(inspect(engine).get_table_names()) == at_this_step
    migrations.upgrade(engine)
    assert migrations.is_current(engine)


def test_migrations_run_twice_and_back_again(engine: Engine) -> None:
    assert not migrations.is_current(engine)
    migrations.upgrade(engine)
    migrations.upgrade(engine)
    migrations.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(engine)
    assert migrations.is_current(engine)
