"""What an operator turns on or off while the product runs; every gateway sees it with its next message."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.stores.tables import Switch

_BOT_OFF, _NOTICE = "bot_off", "notice"
# Asked at every message, so it is built once and reads no object.
_IS_OFF = select(Switch.__table__.c.name).where(Switch.__table__.c.name == _BOT_OFF)


def bot_is_off(session: Session) -> bool:
    """Whether the bot has been switched off: visitors then get the phones and the way to a person."""
    return session.execute(_IS_OFF).first() is not None


def switch_bot(session: Session, *, on: bool, now: datetime) -> None:
    """Switch the bot on or off."""
    if on:
        session.execute(delete(Switch).where(Switch.name == _BOT_OFF))
    else:
        session.merge(Switch(name=_BOT_OFF, value={}, changed_at=now))


def notice(session: Session) -> dict[str, str] | None:
    """The notice that new conversations begin with, by language, or None."""
    row = session.get(Switch, _NOTICE)
    return None if row is None else dict(row.value)


def set_notice(session: Session, texts: dict[str, str] | None, now: datetime) -> None:
    """Put up a notice in every language, or take it down with None."""
    if texts is None:
        session.execute(delete(Switch).where(Switch.name == _NOTICE))
    else:
        session.merge(Switch(name=_NOTICE, value=texts, changed_at=now))
