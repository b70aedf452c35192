"""Deletes what is past its time, a few conversations in one transaction so that nobody waits for it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot import retention
from bot.database import Database
from bot.stores import personal_data
from bot.stores.tables import Conversation

logger = logging.getLogger(__name__)

_BATCH = 200
# A clock that is years ahead makes everything look old. With the newest message older than this, the daily task
# leaves all as it is; `python -m bot purge --apply` asks nobody.
QUIET_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """How many rows of one kind are, or were, past their time."""

    kind: str
    rows: int
    before: datetime


def due(database: Database, now: datetime) -> list[Due]:
    """What a purge would delete; conversations are counted and not the lines in them."""
    with database.snapshot() as session:
        return [
            Due(
                kind.name,
                len(personal_data.due_conversations(session, now - kind.keep, retention.kept_tables(), 1 << 31))
                if kind.table == "conversations"
                else personal_data.count_due(session, kind.table, kind.since, now - kind.keep),
                now - kind.keep,
            )
            for kind in retention.kinds()
        ]


def purge(database: Database, now: datetime) -> list[Due]:
    """Delete what is past its time; returns how much of each kind."""
    done = []
    for kind in retention.kinds():
        before = now - kind.keep
        rows = 0
        if kind.table == "conversations":
            while True:
                with database.transaction() as session:
                    ids = personal_data.due_conversations(session, before, retention.kept_tables(), _BATCH)
                    personal_data.delete_conversations(session, ids, retention.kept_tables())
                rows += len(ids)
                if len(ids) < _BATCH:
                    break
        else:
            with database.transaction() as session:
                rows = personal_data.delete_due(session, kind.table, kind.since, before)
        done.append(Due(kind.name, rows, before))
    return done


def purge_unless_clock_is_wrong(database: Database, now: datetime) -> list[Due]:
    """The daily task: as `purge`, but nothing when the clock seems to be far ahead."""
    with database.snapshot() as session:
        newest = session.execute(select(func.max(Conversation.last_message_at))).scalar_one()
    if newest is None:
        return []
    if now - newest > QUIET_FOR:
        logger.error("purge_skipped reason=no_message_for_days days=%d", (now - newest).days)
        return []
    done = purge(database, now)
    logger.info("purged %s", " ".join(f"{one.kind}={one.rows}" for one in done))
    return done
