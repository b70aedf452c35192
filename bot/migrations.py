"""Brings the database to the newest tables with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

FOLDER = Path(__file__).parent / "stores" / "migrations"


def config() -> Config:
    """Alembic's configuration, without a file of its own."""
    alembic = Config()
    alembic.set_main_option("script_location", str(FOLDER))
    return alembic


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing; a second run does nothing."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Run migrations backwards to `revision` (`base` for an empty database)."""
    _run(engine, command.downgrade, revision)


def is_current(engine: Engine) -> bool:
    """Whether every migration has run."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) == set(ScriptDirectory.from_config(config()).get_heads())


def _run(engine: Engine, step: object, revision: str) -> None:
    alembic = config()
    with engine.begin() as connection:
        alembic.attributes["connection"] = connection
        step(alembic, revision)  # type: ignore[operator]
