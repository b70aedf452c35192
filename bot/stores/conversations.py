"""Conversations and their transcripts."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, bindparam, delete, insert, select, text, update
from sqlalchemy.orm import Session

from bot.clock import iso
from bot.stores.card_feedback import as_json as feedback_as_json
from bot.stores.card_feedback import card_of
from bot.stores.tables import CardFeedback, Conversation, IdentityProof, Message, Moment, OfferedPayload, Specialist
from bot.stores.vocabulary import Author, Program

_MOST_LINES_OF_AN_ANSWER = 20
_CLAIM_NUMBER = re.compile(r"\b(?:UI|HC)(?:[\s.-]*\d){8}\b", re.IGNORECASE)

# Built once: every message of every visitor runs them, and building costs more than running. They speak of tables and
# not of mapped classes, which cost more again.
_CONVERSATIONS, _MESSAGES, _OFFERED = Conversation.__table__, Message.__table__, OfferedPayload.__table__
_THIS = _CONVERSATIONS.c.id == bindparam("conversation")
# This one and the offer of a button are in words of SQL, the same for SQLite and PostgreSQL: SQLAlchemy 1.4 knows
# RETURNING of PostgreSQL only, and composes ON CONFLICT anew at every call.
_RAISE_COUNTER = (
    text(
        "UPDATE conversations SET next_seq = next_seq + :lines, last_message_at = :now WHERE id = :conversation"
        " RETURNING next_seq, claim_was_read"
    )
    .bindparams(bindparam("now", type_=Moment))
    .columns(next_seq=Integer, claim_was_read=Boolean)
)
_CLAIM_WAS_READ = select(_CONVERSATIONS.c.claim_was_read).where(_THIS)
_CLAIM_WAS_TOLD = update(_CONVERSATIONS).where(_THIS).values(claim_was_read=False)
_ADD = insert(_MESSAGES).inline()
_BY_CLIENT_ID = select(_MESSAGES.c.seq).where(
    _MESSAGES.c.conversation_id == bindparam("conversation"), _MESSAGES.c.client_id == bindparam("client_id")
)
# A button that was shown before keeps its first title.
_OFFER = text(
    "INSERT INTO offered_payloads (conversation_id, payload_hash, title)"
    " VALUES (:conversation_id, :payload_hash, :title) ON CONFLICT DO NOTHING"
)
_STANDING = select(_CONVERSATIONS.c.locale, _CONVERSATIONS.c.token_hash, _CONVERSATIONS.c.ended_at).where(_THIS)


@dataclass(frozen=True)
class Line:
    """A message to append; the store gives it its number and its time."""

    author: Author
    text: str
    language: str
    buttons: list[dict[str, str]] | None = None
    card: dict[str, Any] | None = None
    source: dict[str, Any] | None = None
    client_id: str | None = None
    specialist_id: int | None = None
    private: bool = False


@dataclass(frozen=True)
class Opened:
    """A new conversation and the only copy of its token."""

    id: str
    token: str


@dataclass(frozen=True)
class Standing:
    """A conversation that its visitor may go on with, and the language chosen for the page."""

    id: str
    locale: str


def hash_token(token: str) -> str:
    """A random token as it is kept at rest: SHA-256 is enough where the secret has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_conversation(session: Session, *, locale: str, program: Program | None, now: datetime) -> Opened:
    """Store a new conversation and return its id and bearer token."""
    opened = Opened(id=secrets.token_hex(16), token=secrets.token_urlsafe(32))
    session.add(
        Conversation(
            id=opened.id,
            token_hash=hash_token(opened.token),
            locale=locale,
            program=program,
            next_seq=1,
            created_at=now,
            last_message_at=now,
        )
    )
    session.flush()
    return opened


def find(session: Session, conversation_id: str, token: str) -> Standing | None:
    """The conversation, or None when it is unknown, has ended, or the token is not its own."""
    row = session.execute(_STANDING, {"conversation": conversation_id}).one_or_none()
    # The comparison runs for an unknown conversation too, so that both refusals take the same time.
    stored = row.token_hash if row is not None else hash_token("")
    same = hmac.compare_digest(stored, hash_token(token))
    if row is None or not same or row.ended_at is not None:
        return None
    return Standing(conversation_id, row.locale)


def get(session: Session, conversation_id: str) -> Conversation:
    """The conversation by its id; raises LookupError when there is none."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise LookupError("no such conversation")
    return conversation


def append(session: Session, conversation_id: str, lines: Sequence[Line], now: datetime) -> list[dict[str, Any]]:
    """Add lines to the transcript in order, offer their buttons, and return them as JSON messages."""
    if not lines:
        return []
    # Raising the counter first takes the row's lock: two writers of one conversation queue here,
    # so the numbers have no gaps and no doubles.
    raised = {"conversation": conversation_id, "lines": len(lines), "now": now}
    after, claim_was_read = session.execute(_RAISE_COUNTER, raised).one()
    if claim_was_read:
        session.execute(_CLAIM_WAS_TOLD, {"conversation": conversation_id})
    first = after - len(lines)
    rows = [
        {
            "conversation_id": conversation_id,
            "seq": first + offset,
            "author": line.author,
            "text": line.text,
            "language": line.language,
            "buttons": line.buttons,
            "card": line.card,
            "source": line.source,
            "client_id": line.client_id,
            "specialist_id": line.specialist_id,
            "created_at": now,
            "private": line.private or _holds_claim_data(session, conversation_id, line, claim_was_read),
        }
        for offset, line in enumerate(lines)
    ]
    session.execute(_ADD, rows)
    _offer(session, conversation_id, (button for line in lines for button in line.buttons or ()))
    names = _aliases(session, {line.specialist_id for line in lines if line.specialist_id is not None})
    return [as_json(row, names.get(row["specialist_id"])) for row in rows]


def since(session: Session, conversation_id: str, seq: int, *, limit: int = 500) -> list[dict[str, Any]]:
    """The messages after number `seq`, oldest first."""
    rows = session.execute(
        select(*Message.__table__.columns, Specialist.alias, CardFeedback.helpful, CardFeedback.reason)
        .outerjoin(Specialist, Specialist.id == Message.specialist_id)
        .outerjoin(
            CardFeedback,
            (CardFeedback.conversation_id == Message.conversation_id) & (CardFeedback.seq == Message.seq),
        )
        .where(Message.conversation_id == conversation_id, Message.seq > seq)
        .order_by(Message.seq)
        .limit(limit)
    ).mappings()
    return [as_json(row, row["alias"]) for row in rows]


def last_words(session: Session, conversation_id: str, author: Author) -> str:
    """The texts of this author's last few messages in a row, if the newest message is theirs; else nothing."""
    rows = session.execute(
        select(Message.author, Message.text)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.seq.desc())
        .limit(4)
    ).all()
    return "\n".join(row.text for row in itertools.takewhile(lambda row: row.author == author, rows))


def claim_was_read(session: Session, conversation_id: str) -> bool:
    """Whether the bot has read a claim for an answer that is not stored yet."""
    return bool(session.execute(_CLAIM_WAS_READ, {"conversation": conversation_id}).scalar_one_or_none())


def last_answer(session: Session, conversation_id: str) -> list[Line]:
    """What the bot said between the visitor's last message and the one before, oldest first."""
    rows = session.execute(
        select(Message)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.seq.desc())
        .limit(_MOST_LINES_OF_AN_ANSWER)
    ).scalars()
    before = itertools.dropwhile(lambda row: row.author is Author.VISITOR, rows)
    answer = list(itertools.takewhile(lambda row: row.author is Author.BOT, before))
    return [Line(row.author, row.text, row.language, row.buttons, row.card, row.source) for row in answer[::-1]]


def holds_private(session: Session, conversation_id: str, texts: Collection[str]) -> bool:
    """Whether any of these texts was said in the conversation as claim data."""
    found = select(Message.seq).where(
        Message.conversation_id == conversation_id, Message.private.is_(True), Message.text.in_(texts)
    )
    return session.execute(found.limit(1)).first() is not None


def holds_text(session: Session, conversation_id: str, part: str) -> bool:
    """Whether any message of the bot in the conversation holds `part`."""
    found = select(Message.seq).where(
        Message.conversation_id == conversation_id, Message.author == Author.BOT, Message.text.contains(part)
    )
    return session.execute(found.limit(1)).first() is not None


def newest_identity_card(session: Session, conversation_id: str) -> tuple[dict[str, Any], str] | None:
    """The last identity form the bot showed in the conversation and its language, or None."""
    rows = session.execute(
        select(Message.card, Message.language)
        .where(Message.conversation_id == conversation_id, Message.card.is_not(None))
        .order_by(Message.seq.desc())
    )
    return next(((row.card, row.language) for row in rows if row.card["type"] == "identity"), None)


def just_asked_for_identity(session: Session, conversation_id: str) -> bool:
    """Whether the identity form is among the messages since the visitor's last one."""
    rows = session.execute(
        select(Message.author, Message.card)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.seq.desc())
        .limit(6)
    )
    since = itertools.takewhile(lambda row: row.author is not Author.VISITOR, rows)
    return any((row.card or {}).get("type") == "identity" for row in since)


def by_client_id(session: Session, conversation_id: str, client_id: str) -> int | None:
    """The number of the visitor's message that was sent with `client_id`, or None."""
    found = session.execute(_BY_CLIENT_ID, {"conversation": conversation_id, "client_id": client_id})
    return found.scalar_one_or_none()


def offered_title(session: Session, conversation_id: str, payload: str) -> str | None:
    """The title of the button that carried `payload` in this conversation, or None if none did."""
    return session.execute(
        select(OfferedPayload.title).where(
            OfferedPayload.conversation_id == conversation_id,
            OfferedPayload.payload_hash == _hash_payload(payload),
        )
    ).scalar_one_or_none()


def set_locale(session: Session, conversation_id: str, locale: str) -> None:
    """Remember the language the visitor chose for the page."""
    session.execute(update(Conversation).where(Conversation.id == conversation_id).values(locale=locale))


def end(session: Session, conversation_id: str, now: datetime) -> None:
    """Close the conversation for good: its token opens nothing any more."""
    session.execute(update(Conversation).where(Conversation.id == conversation_id).values(ended_at=now))
    session.execute(delete(OfferedPayload).where(OfferedPayload.conversation_id == conversation_id))


def as_json(row: Any, name: str | None = None) -> dict[str, Any]:
    """A message row as the JSON that visitors and specialists get; empty parts are left out."""
    message: dict[str, Any] = {
        "seq": row["seq"],
        "author": str(row["author"]),
        "text": row["text"],
        "language": row["language"],
        "created_at": iso(row["created_at"]),
    }
    for part in ("buttons", "card", "source", "client_id", "private"):
        if row[part]:
            message[part] = row[part]
    if name:
        message["name"] = name
    if row["author"] is Author.BOT and card_of(row["source"]):
        # What the visitor said of an answer from a card, or that they may say it.
        helpful = row.get("helpful")
        message["feedback"] = True if helpful is None else feedback_as_json(helpful, row["reason"])
    return message


def _holds_claim_data(session: Session, conversation_id: str, line: Line, claim_was_read: bool) -> bool:
    # Claims are read in one place only, which leaves a mark; so no answer has to say by itself that it is private.
    if line.author is Author.BOT:
        return claim_was_read or (line.card or {}).get("type") == "status"
    if line.author is Author.VISITOR and _CLAIM_NUMBER.search(line.text):
        # A button of the list of one's claims, for example; who has proven nothing sees what they typed.
        return session.get(IdentityProof, conversation_id) is not None
    return False


def _aliases(session: Session, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(Specialist.id, Specialist.alias).where(Specialist.id.in_(ids)))
    return {row.id: row.alias for row in rows}


def _offer(session: Session, conversation_id: str, buttons: Iterable[dict[str, str]]) -> None:
    offered = {_hash_payload(button["payload"]): button["title"] for button in buttons}
    if not offered:
        return
    rows = [
        {"conversation_id": conversation_id, "payload_hash": payload_hash, "title": title}
        for payload_hash, title in offered.items()
    ]
    session.execute(_OFFER, rows)


def _hash_payload(payload: str) -> str:
    # A payload is Rasa's `/intent{...}`; its JSON is put in one order so that spacing does not matter.
    intent, brace, entities = payload.partition("{")
    try:
        canonical = intent + json.dumps(json.loads(brace + entities), sort_keys=True) if brace else intent
    except ValueError:
        canonical = payload
    return hashlib.sha256(canonical.encode()).hexdigest()
