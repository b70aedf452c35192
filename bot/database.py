"""The database: one engine, and two ways to run a function inside a transaction."""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from bot.settings import PROJECT_ROOT, SettingsError

T = TypeVar("T")

# How long SQLite waits for another writer, and PostgreSQL for a connection, where nothing else is said.
LOCK_SECONDS = 10.0
# A probe wants to know now.
ANSWER_SECONDS = 2.0
# Those who write to one SQLite file from this process, by the file's address.
_writers: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class DatabaseBusy(SQLAlchemyError):
    """No thread was free for a transaction, or no turn to write came, in time; nothing of it was done."""


class Database:
    """An engine, its sessions, and the threads that keep blocking SQL off the event loop."""

    def __init__(self, url: str, *, threads: int = 8, patience: float | None = None) -> None:
        """Open the database at `url`; raises SettingsError when the URL can't be read.

        With `patience`, no statement and no wait for a lock, a connection or a thread takes longer than so many
        seconds: each fails with an SQLAlchemyError of its own. Without it a statement may take what it needs.
        """
        self.engine = make_engine(url, pool_size=threads, patience=patience)
        self._patience = patience
        self._writing = sessionmaker(self.engine, future=True, expire_on_commit=False)
        self._reading = sessionmaker(self.engine.execution_options(read_only=True), future=True, expire_on_commit=False)
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="database")
        is_one_file = self.engine.dialect.name == "sqlite"
        self._turn = _writers[str(self.engine.url)] if is_one_file else None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end of the block, or rolled back on an exception."""
        with self._turn_to_write(), self._writing.begin() as session:
            yield session

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """SQLite lets one write at a time, and whoever waits for it looks again after up to a tenth of a second.

        Those of this process take turns instead, so that the next one begins when the last one ends.
        """
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self._patience or LOCK_SECONDS):
            raise DatabaseBusy("others in this process wrote for too long")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session that only reads: it never waits for a writer, and nothing done in it is kept."""
        with self._reading() as session:
            yield session

    async def in_transaction(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run `fn(session, *args, **kwargs)` in one transaction on a thread and return its result."""
        return await self._on_thread(self.transaction, fn, args, kwargs)

    async def in_snapshot(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run `fn(session, *args, **kwargs)`, which only reads, on a thread and return its result."""
        return await self._on_thread(self.snapshot, fn, args, kwargs)

    async def _on_thread(
        self,
        begin: Callable[[], AbstractContextManager[Session]],
        fn: Callable[..., T],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> T:
        asked_at = time.monotonic()

        def run() -> T:
            if self._patience is not None and time.monotonic() - asked_at > self._patience:
                # Whoever asked has given up by now; a slow database is not given work nobody waits for.
                raise DatabaseBusy("all threads were busy for too long")
            with begin() as session:
                return fn(session, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    async def answers(self) -> bool:
        """Whether the database answers now, and soon."""
        asking = self.in_snapshot(lambda session: session.execute(text("SELECT 1")))
        try:
            await asyncio.wait_for(asking, ANSWER_SECONDS)
        except (SQLAlchemyError, asyncio.TimeoutError):
            return False
        return True

    def close(self) -> None:
        """Let running transactions end, then close every connection."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def make_engine(url: str, *, pool_size: int = 8, patience: float | None = None) -> Engine:
    """An engine for SQLite (WAL, write lock taken at the start of a transaction) or PostgreSQL.

    `patience` is the longest a statement or a wait may take, in seconds.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            f"DATABASE_URL={url!r} is not a database address. Use sqlite:///file.db or postgresql://host/name."
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, pool_size, patience or LOCK_SECONDS)
    return _postgres_engine(parsed, pool_size, patience)


def _postgres_engine(url: Any, pool_size: int, patience: float | None) -> Engine:
    engine = create_engine(
        url,
        future=True,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=patience or LOCK_SECONDS,
        connect_args={"connect_timeout": math.ceil(patience or LOCK_SECONDS)},
    )
    if patience is not None:

        @event.listens_for(engine, "connect")
        def _configure(connection: Any, _record: Any) -> None:
            # Waiting for a lock is part of a statement's time. A parameter of the connection itself would be
            # shorter, and refused by some connection poolers.
            with connection.cursor() as cursor:
                cursor.execute(f"SET statement_timeout = {math.ceil(patience * 1000)}")
            connection.commit()

    return engine


def _sqlite_engine(url: Any, pool_size: int, lock_seconds: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsError("DATABASE_URL: an in-memory SQLite database loses every message; name a file.")
    path = Path(url.database)
    if not path.is_absolute():
        path = PROJECT_ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url.set(database=str(path)),
        future=True,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=lock_seconds,
        connect_args={"timeout": lock_seconds, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transaction handling begins too late to take the write lock up front,
        # so it is switched off and BEGIN IMMEDIATE is sent below: two writers queue, none deadlocks.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={math.ceil(lock_seconds * 1000)}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine
