"""Brings the database to the newest tables with Alembic, which only the program that does so loads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "stores" / "migrations"


def config() -> Config:
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    alembic = Config()
    alembic.set_main_option("script_location", str(FOLDER))
    return alembic


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing; a second run does nothing."""
    from alembic import command

    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Run migrations backwards to `revision` (`base` for an empty database)."""
    from alembic import command

    _run(engine, command.downgrade, revision)


def is_current(engine: Engine) -> bool:
    """Whether every migration has run.

    Every gateway asks this at its start, so it is read from Alembic's table: Alembic itself takes 9 MB.
    """
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        done = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(done) == [newest()]


def newest() -> str:
    """The revision of the last migration: files are numbered in the order they run in, and begin with it."""
    return max(path.name for path in (FOLDER / "versions").glob("[0-9]*.py")).split("_")[0]


def _run(engine: Engine, step: object, revision: str) -> None:
    alembic = config()
    with engine.begin() as connection:
        alembic.attributes["connection"] = connection
        step(alembic, revision)  # type: ignore[operator]
