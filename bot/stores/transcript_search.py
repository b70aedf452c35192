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

from sqlalchemy import String, and_, bindparam, column, func, literal_column, or_, select, table, text, union
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from bot.clock import iso
from bot.stores.tables import Conversation, Escalation, Message
from bot.stores.vocabulary import EscalationState

SHORTEST_WORD = 2
MOST_WORDS = 8
MOST_FOUND = 50
EXCERPT = 160
# How many of the newest messages PostgreSQL looks through before it asks the index of words.
NEWEST_READ = 10_000

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
    rows = found(session, words, reader, limit)
    newest_first = sorted(rows, key=lambda row: (row.Message.created_at, row.Message.seq), reverse=True)
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
        for message, began_at, program in newest_first
    ]


def may_read(session: Session, conversation_id: str, reader: Reader) -> bool:
    """Whether this conversation is one that `reader` finds in a search."""
    statement = select(Conversation.id).join(Message, Message.conversation_id == Conversation.id)
    statement = statement.where(Conversation.id == conversation_id, _readable(reader)).limit(1)
    return session.execute(statement).first() is not None


def _readable(reader: Reader, among: Any = Message) -> ColumnElement[bool]:
    if reader.everything:
        return literal_column("1 = 1")
    return or_(*(among.conversation_id.in_(theirs) for theirs in _theirs(reader)))


def _theirs(reader: Reader) -> tuple[Any, Any]:
    """A conversation is theirs when it was given to them, or when they have said something in it."""
    escalated = select(Escalation.conversation_id).where(
        or_(Escalation.specialist_id == reader.specialist_id, Escalation.state != EscalationState.RESOLVED)
    )
    said = Message.__table__.alias("said")
    return escalated, select(said.c.conversation_id).where(said.c.specialist_id == reader.specialist_id)


def _found_in_sqlite(session: Session, words: list[str], reader: Reader, limit: int) -> list[Any]:
    query = "text : (" + " AND ".join(f'"{word}"*' for word in words) + ")"
    # Words are taken in as messages are stored. Read backwards, a word of a million messages is found as soon
    # as enough of the newest are; sorting by their time would fetch every one of them first. (Only messages from
    # before there was a search were taken in all at once.)
    taken_in = table("message_words", column("rowid"), column("conversation_id"), column("seq"))
    of_message = and_(Message.conversation_id == taken_in.c.conversation_id, Message.seq == taken_in.c.seq)
    statement = (
        select(Message, Conversation.created_at, Conversation.program)
        .select_from(taken_in)
        .join(Message, of_message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(text("message_words MATCH :words").bindparams(bindparam("words", query, String)))
        .where(_readable(reader), Message.private.is_(False))
        .order_by(taken_in.c.rowid.desc())
        .limit(limit)
    )
    return list(session.execute(statement))


def _found_in_postgres(session: Session, words: list[str], reader: Reader, limit: int) -> list[Any]:
    # The index of words knows no order: of a word in a million messages it gives all. So the newest messages are
    # read first, and a word that is rare among them is rare enough for the index. Left alone the planner reads
    # backwards through everything, because it takes splitting a text into words to be cheap.
    newest = select(Message).order_by(Message.created_at.desc()).limit(NEWEST_READ).subquery("messages")
    among = aliased(Message, newest)
    found = _hits(among, words).where(_readable(reader, among))
    rows = session.execute(_whole(found.order_by(among.created_at.desc(), among.seq.desc()).limit(limit))).all()
    if len(rows) < limit:
        found = _hits(Message, words)
        if not reader.everything:
            # Said as one list, so that conversations may be gone through instead of a common word's messages.
            found = found.where(Message.conversation_id.in_(union(*_theirs(reader))))
        every = found.cte("hits").prefix_with("MATERIALIZED")
        found = select(every).order_by(every.c.created_at.desc(), every.c.seq.desc()).limit(limit)
        rows = session.execute(_whole(found)).all()
    return list(rows)


def _hits(among: Any, words: list[str]) -> Any:
    """Which of the messages, which must be called `messages` in the statement, hold all words."""
    query = " & ".join(f"{word}:*" for word in words)
    holds = text(f"{POSTGRES_WORDS} @@ to_tsquery('simple', :words)").bindparams(bindparam("words", query, String))
    # What holds no such letters holds no such word, and that is told by a hundredth of the work.
    letters = (func.lower(among.text).like(f"%{_any_accent(word)}%") for word in words)
    return select(among.conversation_id, among.seq, among.created_at).where(holds, *letters, among.private.is_(False))


def _whole(found: Any) -> Any:
    """The messages found, with what is said about their conversations."""
    first = found.subquery("first")
    return (
        select(Message, Conversation.created_at, Conversation.program)
        .join(first, and_(Message.conversation_id == first.c.conversation_id, Message.seq == first.c.seq))
        .join(Conversation, Conversation.id == Message.conversation_id)
    )


def _any_accent(word: str) -> str:
    """A pattern for LIKE that a word fits with any of its letters accented."""
    return re.sub("[aceinouy]", "_", word)


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
