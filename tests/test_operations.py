"""Backups are whole, private and can be put back; a broken one is refused."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import clock, migrations
from bot.__main__ import main
from bot.database import Database
from bot.stores import conversations
from bot.stores.conversations import Line
from bot.stores.tables import Base, Conversation, Message
from bot.stores.vocabulary import Author
from tests.servers import postgres_server


def write(database: Database, count: int = 1) -> str:
    with database.transaction() as session:
        opened = conversations.open_conversation(session, locale="en", program=None, now=clock.now())
        for number in range(count):
            conversations.append(session, opened.id, [Line(Author.VISITOR, f"line {number}", "en")], clock.now())
    return opened.id


def test_a_backup_made_while_people_write_is_whole_and_can_be_put_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", str(database.engine.url))
    first = write(database, 300)
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            write(database, 5)

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        file = tmp_path / "backup.db"
        assert main(["backup", str(file)]) == 0
    finally:
        stop.set()
        writer.join()
    assert file.stat().st_mode & 0o077 == 0
    lost = write(database)
    database.close()

    assert main(["restore", str(file)]) == 0
    assert main(["restore", str(file), "--apply"]) == 0
    assert main(["migrate"]) == 0
    again = Database(str(database.engine.url))
    try:
        assert migrations.is_current(again.engine)
        with again.snapshot() as session:
            assert len(conversations.since(session, first, 0)) == 300
            assert session.get(Conversation, lost) is None
            # Nothing is half there: every conversation has as many lines as it counted.
            counted = session.execute(select(func.sum(Conversation.next_seq - 1))).scalar_one()
            assert counted == session.execute(select(func.count()).select_from(Message)).scalar_one()
        write(again)
    finally:
        again.close()
    before = sqlite3.connect(f"{database.engine.url.database}.before-restore")
    assert before.execute("SELECT count(*) FROM conversations WHERE id = ?", (lost,)).fetchone() == (1,)
    before.close()


def test_a_backup_is_never_overwritten(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", str(database.engine.url))
    file = tmp_path / "backup.db"
    file.write_text("precious")
    assert main(["backup", str(file)]) == 1
    assert file.read_text() == "precious" and "exists" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["cut", "other", "missing"])
def test_a_broken_backup_is_refused_and_the_database_stays(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", str(database.engine.url))
    one = write(database, 50)
    file = tmp_path / "backup.db"
    assert main(["backup", str(file)]) == 0
    if damage == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif damage == "other":
        file.unlink()
        sqlite3.connect(file).execute("CREATE TABLE other (a)").connection.close()
    else:
        file.unlink()
    assert main(["restore", str(file), "--apply"]) == 1
    with database.snapshot() as session:
        assert len(conversations.since(session, one, 0)) == 50


@pytest.mark.fleet
def test_a_postgres_backup_is_put_back_with_pg_restore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pgserver

    programs = Path(pgserver.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    if shutil.which("pg_dump") is None:
        pytest.skip("PostgreSQL's client programs are not here")
    with postgres_server(tmp_path / "pg") as url:
        monkeypatch.setenv("DATABASE_URL", url)
        database = Database(url)
        migrations.upgrade(database.engine)
        one = write(database, 20)
        file = tmp_path / "backup.dump"
        assert main(["backup", str(file)]) == 0
        migrations.downgrade(database.engine, "base")
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE alembic_version")
        database.close()
        plain = url.replace("postgresql+psycopg2://", "postgresql://")
        subprocess.run(["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={plain}", str(file)], check=True)
        again = Database(url)
        assert migrations.is_current(again.engine)
        with again.snapshot() as session:
            assert len(conversations.since(session, one, 0)) == 20
        again.close()
    assert Base.metadata.tables
