"""Questions the bot had no answer to, and what a supervisor made of them as training examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from bot.stores.tables import DraftExample, Message, UnansweredQuestion
from bot.stores.vocabulary import DraftState, Miss, Program

MOST_QUESTIONS = 2000


def add(
    session: Session,
    conversation_id: str,
    seq: int,
    miss: Miss,
    language: str,
    program: str | None,
    now: datetime,
) -> None:
    """Keep that the bot had no answer to a visitor's message."""
    session.add(
        UnansweredQuestion(
            conversation_id=conversation_id,
            seq=seq,
            miss=miss,
            language=language,
            program=Program(program) if program else None,
            asked_at=now,
        )
    )


def undecided(session: Session, language: str, limit: int = MOST_QUESTIONS) -> list[dict[str, Any]]:
    """The newest questions in a language that nobody has decided about: `{conversation_id, seq, text, miss}`.

    One that holds claim data is left out: it must not become an example.
    """
    rows = session.execute(
        select(UnansweredQuestion, Message.text)
        .join(Message, _same(UnansweredQuestion, Message))
        .outerjoin(DraftExample, _same(UnansweredQuestion, DraftExample))
        .where(UnansweredQuestion.language == language, DraftExample.seq.is_(None), Message.private.is_(False))
        .order_by(UnansweredQuestion.asked_at.desc())
        .limit(limit)
    )
    return [
        {"conversation_id": row.conversation_id, "seq": row.seq, "text": text, "miss": str(row.miss)}
        for row, text in rows
    ]


def decide(
    session: Session, questions: Sequence[Mapping[str, Any]], intent: str | None, specialist_id: int, now: datetime
) -> int:
    """Make questions `{conversation_id, seq, text?}` examples of an intent, or with no intent dismiss them.

    `text` replaces the visitor's words, so that a name can be taken out. Returns how many were decided; one that
    is unknown, holds claim data or was decided before is left as it is.
    """
    decided = 0
    for question in questions:
        key = (question["conversation_id"], question["seq"])
        asked = session.get(UnansweredQuestion, key)
        if asked is None or session.get(DraftExample, key) is not None:
            continue
        said = session.get(Message, key)
        if said.private:
            continue
        session.add(
            DraftExample(
                conversation_id=key[0],
                seq=key[1],
                state=DraftState.DISMISSED if intent is None else DraftState.APPROVED,
                intent=intent,
                text=None if intent is None else " ".join((question.get("text") or said.text).split()),
                language=asked.language,
                decided_by=specialist_id,
                decided_at=now,
            )
        )
        decided += 1
    session.flush()
    return decided


def approved(session: Session, language: str) -> dict[str, list[str]]:
    """The approved examples of a language: intent -> texts, each once, both in order."""
    rows = session.execute(
        select(DraftExample.intent, DraftExample.text)
        .where(DraftExample.language == language, DraftExample.state == DraftState.APPROVED)
        .order_by(DraftExample.intent, DraftExample.text)
        .distinct()
    )
    examples: dict[str, list[str]] = {}
    for intent, text in rows:
        examples.setdefault(intent, []).append(text)
    return examples


def _same(one: Any, other: Any) -> Any:
    return and_(one.conversation_id == other.conversation_id, one.seq == other.seq)
