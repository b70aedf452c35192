"""The operator's commands on stored data: deleting what is past its time, one person's data, backups."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from bot import clock, purging, retention
from bot.database import Database
from bot.settings import Settings
from bot.stores import personal_data, switches
from bot.stores.identity import normalise_claim_number
from bot.words import LANGUAGES


class OperationError(RuntimeError):
    """A command can't be done as asked; the message says what to do instead."""


def add_arguments(add: object) -> None:
    """Add the commands to the command line; `add(name, function, help)` gives each its parser."""
    assert callable(add)
    parser = add("purge", purge, "Show what is past its time (data/retention.yml), or delete it with --apply.")
    parser.add_argument("--apply", action="store_true", help="Delete; without it, only count.")
    parser = add("person", person, "Export or erase what is stored about one person (docs/privacy.md).")
    parser.add_argument("action", choices=["export", "erase"])
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("--claim", help="A claim number: every conversation in which it was proven or read.")
    one.add_argument("--conversation", help="The id of one conversation.")
    parser.add_argument("--out", type=Path, help="The file to write an export to; without it, standard output.")
    parser.add_argument("--apply", action="store_true", help="Erase; without it, only count.")
    parser = add("switch", switch_bot, "Switch the bot off or on while it runs; people and phones stay reachable.")
    parser.add_argument("to", choices=["off", "on"])
    parser = add("notice", put_up_notice, "Put up, or take down, the notice that new conversations begin with.")
    parser.add_argument("--en", help="The notice in English.")
    parser.add_argument("--es", help="The notice in Spanish.")
    parser.add_argument("--down", action="store_true", help="Take the notice down.")
    parser = add("backup", backup, "Copy the database to a file while it is in use (docs/runbooks.md).")
    parser.add_argument("file", type=Path)
    parser = add("restore", restore, "Put a SQLite backup in place of the database; stop the gateway first.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--apply", action="store_true", help="Restore; without it, only check the backup.")


def purge(settings: Settings, options: argparse.Namespace) -> None:
    """Count or delete what is past its time."""
    database = Database(settings.database_url)
    try:
        done = purging.purge(database, clock.now()) if options.apply else purging.due(database, clock.now())
    finally:
        database.close()
    for one in done:
        print(f"{one.kind:20} {one.rows:8,} before {one.before:%Y-%m-%d %H:%M} UTC")
    print("Deleted." if options.apply else "Nothing was deleted. Run again with --apply to delete.")


def person(settings: Settings, options: argparse.Namespace) -> None:
    """Export or erase the conversations of one person."""
    number = None
    if options.claim is not None:
        number = normalise_claim_number(options.claim)
        if number is None:
            raise OperationError(f"{options.claim!r} is no claim number. One looks like UI-12345678.")
    database = Database(settings.database_url)
    try:
        with database.transaction() as session:
            try:
                ids = [options.conversation] if number is None else personal_data.conversations_about(session, number)
            except LookupError as error:
                raise OperationError(str(error)) from None
            found = personal_data.export(session, ids, number)
            if number is None and "conversations" not in found:
                raise OperationError("There is no conversation with this id.")
            if options.action == "erase":
                if options.apply:
                    rows = personal_data.delete_conversations(session, ids, retention.kept_tables())
                    print(f"Erased {len(ids)} conversations ({rows} rows).")
                else:
                    print(f"{len(ids)} conversations would be erased. Run again with --apply.")
                return
    finally:
        database.close()
    text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if options.out is None:
        print(text, end="")
        return
    with os.fdopen(os.open(options.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    print(f"Wrote {options.out}, readable by you only.")


def switch_bot(settings: Settings, options: argparse.Namespace) -> None:
    """Switch the bot off or on for every gateway on this database."""
    database = Database(settings.database_url)
    try:
        with database.transaction() as session:
            switches.switch_bot(session, on=options.to == "on", now=clock.now())
    finally:
        database.close()
    print(f"The bot is {options.to}. Each gateway knows with its next message.")


def put_up_notice(settings: Settings, options: argparse.Namespace) -> None:
    """Put up the notice in both languages, or take it down."""
    texts = {language: (getattr(options, language) or "").strip() for language in LANGUAGES}
    if options.down == any(texts.values()) or (not options.down and not all(texts.values())):
        raise OperationError("Give the notice in both languages, as in notice --en TEXT --es TEXT; or notice --down.")
    database = Database(settings.database_url)
    try:
        with database.transaction() as session:
            switches.set_notice(session, None if options.down else texts, clock.now())
    finally:
        database.close()
    print("The notice is down." if options.down else "The notice is up: new conversations begin with it.")


def backup(settings: Settings, options: argparse.Namespace) -> None:
    """Write a consistent copy: SQLite's online backup, or pg_dump's custom format."""
    target: Path = options.file
    if target.exists():
        raise OperationError(f"{target} exists. Choose another name; a backup is never overwritten.")
    url = make_url(settings.database_url)
    # Made first and for its owner only: a copy of the database is as private as the database.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(_sqlite_file(settings), target)
        else:
            _dump_postgres(url, target)
    except BaseException:
        target.unlink()
        raise
    print(f"Wrote {target} ({target.stat().st_size:,} bytes).")


def restore(settings: Settings, options: argparse.Namespace) -> None:
    """Check a SQLite backup and put it in place; the database it replaces is kept beside it."""
    if make_url(settings.database_url).get_backend_name() != "sqlite":
        raise OperationError("This restores SQLite. For PostgreSQL use pg_restore, as docs/runbooks.md shows.")
    if not options.file.is_file():
        raise OperationError(f"There is no file {options.file}.")
    _check_sqlite(options.file)
    target = _sqlite_file(settings)
    if not options.apply:
        print(f"{options.file} is whole. Stop the gateway and run again with --apply to put it in place of {target}.")
        return
    if target.exists():
        with closing(sqlite3.connect(target)) as connection:
            # Brings what the log still holds into the file, so that the file kept beside is whole.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target.replace(target.with_name(target.name + ".before-restore"))
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    _copy_sqlite(options.file, target)
    print(f"Restored {target}. Run `python -m bot migrate`, then start the gateway.")


def _sqlite_file(settings: Settings) -> Path:
    database = Database(settings.database_url)
    try:
        return Path(str(database.engine.url.database))
    finally:
        database.close()


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as two:
        one.backup(two, pages=1000)
        two.execute("PRAGMA journal_mode=DELETE")
    _check_sqlite(target)


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError as error:
        raise OperationError(f"{file} is no whole database: {error}.") from None
    if found != "ok" or "conversations" not in tables:
        raise OperationError(f"{file} is no whole database of this product.")


def _dump_postgres(url: object, target: Path) -> None:
    from sqlalchemy.engine import URL

    assert isinstance(url, URL)
    # The password goes through the environment: a command line can be read by everybody on the machine.
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    try:
        done = subprocess.run(
            ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", plain],  # noqa: S607
            env=environment,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise OperationError("pg_dump is not on the PATH. Install PostgreSQL's client programs.") from None
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        raise OperationError("pg_dump failed; see above.")
