"""Full-text search over transcripts: FTS5 in SQLite, a text-search index in PostgreSQL, one answer from both.

Every word of a search stands for the words that begin with it, without accents and capitals; a message is
found when it holds them all. Words are runs of letters and digits in both databases. Messages that hold claim
data are found by nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, bindparam, literal_column, or_, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from bot.clock import iso
from bot.stores.tables import Conversation, Escalation, Message
from bot.stores.vocabulary import EscalationState

SHORTEST_WORD = 2
MOST_WORDS = 8
MOST_FOUND = 50
EXCERPT = 160

# The same expression as the index of migration 0004; PostgreSQL uses an index only for the very same words.
POSTGRES_WORDS = (
    "to_tsvector('simple', regexp_replace(translate(lower(messages.text), "
    "'áàâäãåéèêëíìîïóòôöõúùûüñçýÿ', 'aaaaaaeeeeiiiiooooouuuuncyy'), '[^a-z0-9]+', ' ', 'g'))"
)


class NothingToSearch(ValueError):
    """The search holds no word of two letters or more."""


@dataclass(frozen=True)
class Reader:
    """Who searches: a specialist finds what they handled and what is open; with `everything`, all of it."""

    specialist_id: int
    everything: bool


def words_of(query: str) -> list[str]:
    """The words a search is made of, folded; raises NothingToSearch when none is long enough."""
    words = [word for word in _WORD.findall(_fold(query)) if len(word) >= SHORTEST_WORD]
    if not words:
        raise NothingToSearch
    return list(dict.fromkeys(words))[:MOST_WORDS]


def search(session: Session, query: str, reader: Reader, limit: int = MOST_FOUND) -> list[dict[str, Any]]:
    """The newest messages that hold every word of `query` and that `reader` may read.

    Each is `{conversation_id, seq, author, language, created_at, began_at, program, excerpt}`; `excerpt` is a list
    of `{text, hit}`. Raises NothingToSearch.
    """
    words = words_of(query)
    found = _found_in_sqlite if session.get_bind().dialect.name == "sqlite" else _found_in_postgres
    statement = (
        select(Message, Conversation.created_at, Conversation.program)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(found(words), _readable(reader), Message.private.is_(False))
        .order_by(Message.created_at.desc(), Message.seq.desc())
        .limit(limit)
    )
    return [
        {
            "conversation_id": message.conversation_id,
            "seq": message.seq,
            "author": str(message.author),
            "language": message.language,
            "created_at": iso(message.created_at),
            "began_at": iso(began_at),
            "program": None if program is None else str(program),
            "excerpt": list(_excerpt(message.text.replace("**", ""), words)),
        }
        for message, began_at, program in session.execute(statement)
    ]


def may_read(session: Session, conversation_id: str, reader: Reader) -> bool:
    """Whether this conversation is one that `reader` finds in a search."""
    statement = select(Conversation.id).join(Message, Message.conversation_id == Conversation.id)
    statement = statement.where(Conversation.id == conversation_id, _readable(reader)).limit(1)
    return session.execute(statement).first() is not None


def _readable(reader: Reader) -> ColumnElement[bool]:
    if reader.everything:
        return literal_column("1 = 1")
    # A conversation is theirs when it was given to them, or when they have said something in it.
    escalated = select(Escalation.conversation_id).where(
        or_(Escalation.specialist_id == reader.specialist_id, Escalation.state != EscalationState.RESOLVED)
    )
    theirs = Message.__table__.alias("theirs")
    answered = select(theirs.c.conversation_id).where(theirs.c.specialist_id == reader.specialist_id)
    return or_(Message.conversation_id.in_(escalated), Message.conversation_id.in_(answered))


def _found_in_sqlite(words: list[str]) -> ColumnElement[bool]:
    query = "text : (" + " AND ".join(f'"{word}"*' for word in words) + ")"
    return text(
        "(messages.conversation_id, messages.seq) IN "
        "(SELECT conversation_id, seq FROM message_words WHERE message_words MATCH :words)"
    ).bindparams(bindparam("words", query, String))


def _found_in_postgres(words: list[str]) -> ColumnElement[bool]:
    query = " & ".join(f"{word}:*" for word in words)
    return text(f"{POSTGRES_WORDS} @@ to_tsquery('simple', :words)").bindparams(bindparam("words", query, String))


_WORD = re.compile(r"[a-z0-9]+")


def _fold(words: str) -> str:
    """Lower case without accents, every letter in its place, so that positions stay true."""
    return "".join((unicodedata.normalize("NFKD", letter)[:1] or letter).lower()[:1] for letter in words)


def _excerpt(said: str, words: list[str]) -> Iterator[dict[str, Any]]:
    folded = _fold(said)
    hits = [match.span() for match in _WORD.finditer(folded) if any(match.group().startswith(word) for word in words)]
    start = max(0, (hits[0][0] if hits else 0) - EXCERPT // 3)
    end = min(len(said), start + EXCERPT)
    place = start
    if start:
        yield {"text": "…", "hit": False}
    for first, last in hits:
        if first < place or last > end:
            continue
        if first > place:
            yield {"text": said[place:first], "hit": False}
        yield {"text": said[first:last], "hit": True}
        place = last
    if place < end:
        yield {"text": said[place:end] + ("…" if end < len(said) else ""), "hit": False}
