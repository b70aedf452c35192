"""What must be true after a storm, read from the stores and held against what each client was told."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import create_engine, select

from bot.stores.tables import Escalation, Intake, Message, OwedAnswer
from bot.stores.vocabulary import Author, EscalationState, IntakeState
from tests.fleet.crowd import APOLOGIES, Crowd, StormyVisitor


def what_went_wrong(database_url: str, crowd: Crowd) -> list[str]:
    """One line for each broken promise; empty when all were kept."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        lines: dict[str, list[Any]] = defaultdict(list)
        for row in connection.execute(select(Message.__table__).order_by(Message.conversation_id, Message.seq)):
            lines[row.conversation_id].append(row)
        with_person: dict[str, list[Any]] = defaultdict(list)
        for row in connection.execute(select(Escalation.__table__)):
            with_person[row.conversation_id].append(row)
        filed: dict[str, list[str]] = defaultdict(list)
        for row in connection.execute(select(Intake.__table__).where(Intake.state == IntakeState.FILED)):
            filed[row.conversation_id].append(row.receipt)
        owed = connection.execute(select(OwedAnswer.__table__)).all()
    engine.dispose()
    wrong = [f"an answer is still owed: {row.conversation_id} {row.seq}" for row in owed]
    wrong += [trouble for one in crowd.specialists for trouble in one.trouble]
    for one in crowd.visitors:
        of_one = _visitor(one, lines[one.id], with_person[one.id]) + _receipts(one, lines[one.id], filed[one.id])
        wrong += [f"{one.id}: {problem}" for problem in of_one]
    said = Counter(row.client_id for rows in lines.values() for row in rows if row.client_id)
    for specialist in crowd.specialists:
        wrong += [
            f"a specialist's acknowledged message is stored {said[client_id]} times"
            for client_id in specialist.acknowledged
            if said[client_id] != 1
        ]
    return wrong


def _visitor(one: StormyVisitor, rows: list[Any], escalations: list[Any]) -> list[str]:
    wrong = list(one.trouble)
    if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
        wrong.append("the numbers of the transcript have a gap")
    stored: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.client_id:
            stored[row.client_id].append(row)
    for said in one.said:
        copies = stored.get(said.client_id, [])
        if said.seq > 0 and [row.seq for row in copies] != [said.seq]:
            wrong.append(f"acknowledged as {said.seq}, stored as {[row.seq for row in copies]}")
        elif len(copies) > 1:
            wrong.append(f"never acknowledged and stored {len(copies)} times")
    acknowledged = [said.seq for said in one.said if said.seq > 0]
    if acknowledged != sorted(acknowledged):
        wrong.append(f"said in one order and stored in another: {acknowledged}")
    for row in rows:
        seen = one.seen.get(row.seq)
        if seen is None:
            wrong.append(f"message {row.seq} never reached the page")
        elif not (seen.get("hidden") or row.private) and seen["text"] != row.text:
            wrong.append(f"message {row.seq} reached the page with other words")
    return wrong + _unanswered(rows, escalations) + ([_history(rows, escalations)] if one.trouble else [])


def _history(rows: list[Any], escalations: list[Any]) -> str:
    """When who said something, and who had the conversation, to understand what went wrong."""
    said = [f"{row.created_at:%M:%S.%f}"[:-3] + f" {row.author.value}" for row in rows]
    held = [
        f"{one.state.value} opened {one.opened_at:%M:%S} taken {one.taken_at and f'{one.taken_at:%M:%S}'}"
        f" resolved {one.resolved_at and f'{one.resolved_at:%M:%S}'} by {one.specialist_id}"
        for one in escalations
    ]
    return f"its messages: {said}; its escalations: {held}"


def _unanswered(rows: list[Any], escalations: list[Any]) -> list[str]:
    """Visitor's messages that ended with nobody: each needs a bot's message of its own after it, or a person."""
    wrong, answers = [], 0
    for row in reversed(rows):
        if row.author is not Author.VISITOR:
            answers += 1
        elif not any(
            one.opened_at <= row.created_at and (one.resolved_at is None or row.created_at <= one.resolved_at)
            for one in escalations
        ):
            if answers == 0:
                wrong.append(f"message {row.seq} was never answered")
            answers = max(0, answers - 1)
    return wrong


def _receipts(one: StormyVisitor, rows: list[Any], filed: list[str]) -> list[str]:
    told = "\n".join(row.text for row in rows if row.author is Author.BOT)
    wrong = [f"receipt {receipt} was told and is not on record" for receipt in one.receipts if receipt not in filed]
    return wrong + [f"receipt {receipt} is on record and was never told" for receipt in filed if receipt not in told]


def stuck_with_a_person(database_url: str) -> int:
    """How many conversations a person still has, or is still waited for."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        states = connection.execute(select(Escalation.state)).scalars().all()
    engine.dispose()
    return sum(state not in (EscalationState.RESOLVED, EscalationState.CALLBACK) for state in states)


def counts(database_url: str) -> dict[str, int]:
    """How much was stored: for the report of a storm."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        by_author = Counter(str(author) for author in connection.execute(select(Message.author)).scalars())
        sorry = connection.execute(select(Message.text).where(Message.author == Author.BOT)).scalars().all()
        filed = connection.execute(select(Intake.id).where(Intake.state == IntakeState.FILED)).all()
        people = connection.execute(select(Escalation.id)).all()
    engine.dispose()
    apologies = sum(text.startswith(APOLOGIES) for text in sorry)
    return {**by_author, "apologies": apologies, "receipts": len(filed), "escalations": len(people)}
