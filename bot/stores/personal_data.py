"""Everything stored about one conversation or one claim: finding it, deleting it, handing it out.

The tables are read from the schema, so that a table added later is covered: what carries a `conversation_id`,
or hangs on a row that does, belongs to the conversation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from bot.stores.tables import Base, Claim, ClaimRead, Conversation, IdentityProof

ERASED = "erased"
_SECRET = ("_hash", "csrf_token")


def due_conversations(session: Session, before: datetime, kept: Collection[str], limit: int) -> list[str]:
    """Ids of conversations without a message since `before`, the oldest first.

    One that was emptied, but stays because something kept refers to it, is not due again.
    """
    still_needed = or_(False, *(exists().where(table.c.conversation_id == Conversation.id) for table in _holders(kept)))
    return list(
        session.execute(
            select(Conversation.id)
            .where(Conversation.last_message_at < before)
            .where(~((Conversation.token_hash == ERASED) & still_needed))
            .order_by(Conversation.last_message_at)
            .limit(limit)
        ).scalars()
    )


def count_due(session: Session, table_name: str, column: str, before: datetime) -> int:
    """How many rows of a table are older than `before`."""
    table = Base.metadata.tables[table_name]
    return int(session.execute(select(func.count()).select_from(table).where(table.c[column] < before)).scalar_one())


def delete_due(session: Session, table_name: str, column: str, before: datetime) -> int:
    """Delete the rows of a table on which nothing hangs that are older than `before`; returns how many."""
    table = Base.metadata.tables[table_name]
    return int(session.execute(delete(table).where(table.c[column] < before)).rowcount)


def delete_conversations(session: Session, ids: Sequence[str], kept: Collection[str]) -> int:
    """Delete conversations with all that belongs to them, except rows of `kept` tables; returns the rows deleted.

    A conversation that kept rows refer to stays as an empty, ended row without a working token.
    """
    if not ids:
        return 0
    deleted = 0
    for table, condition in _belonging(ids, kept):
        if table.name != "conversations":
            deleted += session.execute(delete(table).where(condition)).rowcount
    held: set[str] = set()
    for table in _holders(kept):
        rows = session.execute(select(table.c.conversation_id).where(table.c.conversation_id.in_(ids)).distinct())
        held.update(rows.scalars())
    session.execute(
        update(Conversation)
        .where(Conversation.id.in_(held))
        .values(token_hash=ERASED, ended_at=func.coalesce(Conversation.ended_at, Conversation.last_message_at))
        .execution_options(synchronize_session=False)
    )
    rest = [one for one in ids if one not in held]
    deleted += session.execute(
        delete(Conversation).where(Conversation.id.in_(rest)).execution_options(synchronize_session=False)
    ).rowcount
    return deleted


def conversations_about(session: Session, claim_number: str) -> list[str]:
    """Ids of the conversations in which a claim was proven or read; raises LookupError for an unknown claim."""
    claim_id = session.execute(select(Claim.id).where(Claim.claim_number == claim_number)).scalar_one_or_none()
    if claim_id is None:
        raise LookupError(f"There is no claim {claim_number}.")
    read = select(ClaimRead.conversation_id).where(ClaimRead.claim_id == claim_id)
    proven = select(IdentityProof.conversation_id).where(IdentityProof.claim_id == claim_id)
    there = select(Conversation.id).where(or_(Conversation.id.in_(read), Conversation.id.in_(proven)))
    return sorted(session.execute(there).scalars())


def export(session: Session, ids: Sequence[str], claim_number: str | None = None) -> dict[str, Any]:
    """Table -> rows of everything stored about these conversations and this claim; hashes and tokens are left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, condition in _belonging(ids, ()):
        _collect(session, found, table, condition)
    if claim_number is not None:
        claim = Base.metadata.tables["claims"]
        chosen = select(claim.c.id).where(claim.c.claim_number == claim_number)
        _collect(session, found, claim, claim.c.claim_number == claim_number)
        owner = select(claim.c.claimant_id).where(claim.c.claim_number == claim_number)
        claimants = Base.metadata.tables["claimants"]
        _collect(session, found, claimants, claimants.c.id.in_(owner))
        for table in Base.metadata.sorted_tables:
            if "claim_id" in table.c and "conversation_id" not in table.c:
                _collect(session, found, table, table.c.claim_id.in_(chosen))
        reads = Base.metadata.tables["claim_reads"]
        found.pop("claim_reads", None)
        _collect(session, found, reads, or_(reads.c.claim_id.in_(chosen), reads.c.conversation_id.in_(ids)))
    return found


def _belonging(ids: Sequence[str], kept: Collection[str]) -> list[tuple[Table, Any]]:
    """Each table with the condition for the rows that belong to conversations, those that hang on others first."""
    conditions: dict[str, Any] = {}
    for table in Base.metadata.sorted_tables:
        if table.name in kept:
            continue
        if table.name == "conversations":
            conditions[table.name] = table.c.id.in_(ids)
        elif "conversation_id" in table.c:
            conditions[table.name] = table.c.conversation_id.in_(ids)
        else:
            for key in table.foreign_keys:
                owner = key.column.table
                if owner.name in conditions and owner.name != "conversations":
                    conditions[table.name] = key.parent.in_(select(key.column).where(conditions[owner.name]))
    tables = [table for table in reversed(Base.metadata.sorted_tables) if table.name in conditions]
    return [(table, conditions[table.name]) for table in tables]


def _holders(kept: Collection[str]) -> list[Table]:
    """The kept tables whose rows need the conversation they name to exist."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name in kept
        and "conversation_id" in table.c
        and any(key.column.table.name == "conversations" for key in table.c.conversation_id.foreign_keys)
    ]


def _collect(session: Session, found: dict[str, list[dict[str, Any]]], table: Table, condition: Any) -> None:
    columns = [column for column in table.c if not column.name.endswith(_SECRET)]
    rows = session.execute(select(*columns).where(condition)).mappings()
    plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
    if plain:
        found.setdefault(table.name, []).extend(plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
