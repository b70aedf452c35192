"""What visitors and specialists wait for is found through indexes, on SQLite and on PostgreSQL.

Each operation runs against well filled tables while its statements are written down; then the database
itself is asked how it would run each of them. A whole table read on the way is a failure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from bot.database import Database
from bot.stores import (
    claims,
    conversations,
    escalations,
    identity,
    intake_work,
    intakes,
    routing,
    tables,
    trackers,
)
from bot.stores.conversations import Line
from bot.stores.identity import IdentityLimits
from bot.stores.intake_work import Wanted
from bot.stores.vocabulary import (
    AppealState,
    Author,
    ClaimStatus,
    Decision,
    EscalationReason,
    EscalationState,
    IntakeKind,
    IntakeProgress,
    IntakeState,
    IssueKind,
    IssueState,
    OfferOutcome,
    Outcome,
    Party,
    Program,
    ReaderKind,
    WeekState,
)
from tests.stored import a_specialist

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
TODAY = date(2026, 11, 21)
CONVERSATIONS = 4_000
LINES = 8
OPEN_ESCALATIONS = 20
WEEKS = 8
# A few dozen rows at most, in a product of any size.
SMALL_TABLES = {"specialists"}
ONE = "c1234"
WAITS = 34


def fill(session: Session) -> None:
    """Conversations with transcripts, escalations that are mostly over, claims with weeks and payments."""
    person = a_specialist(session, "sam", NOW)
    names = [f"c{number}" for number in range(CONVERSATIONS)]
    add(session, tables.Conversation, [
        {"id": name, "token_hash": "-", "locale": "en", "next_seq": LINES + 1,
         "created_at": NOW, "last_message_at": NOW}
        for name in names
    ])  # fmt: skip
    add(session, tables.Message, [
        {"conversation_id": name, "seq": seq, "author": Author.VISITOR, "text": "hello", "language": "en",
         "client_id": f"{name}-{seq}", "created_at": NOW}
        for name in names for seq in range(1, LINES + 1)
    ])  # fmt: skip
    add(session, tables.OfferedPayload, [
        {"conversation_id": name, "payload_hash": str(number), "title": "Yes"} for name in names for number in range(3)
    ])  # fmt: skip
    state = json.dumps({"slots": {}, "active_loop": None, "events": []})
    add(session, tables.Tracker, [{"conversation_id": name, "state": state, "saved_at": NOW} for name in names])
    apart = CONVERSATIONS // OPEN_ESCALATIONS
    is_open = {"state": EscalationState.WAITING, "outcome": None, "specialist_id": None}
    is_over = {"state": EscalationState.RESOLVED, "outcome": Outcome.LEFT, "specialist_id": person}
    asked = {"reason": EscalationReason.ASKED, "language": "en", "opened_at": NOW}
    add(session, tables.Escalation, [
        {"conversation_id": name, **asked, **(is_open if number % apart == WAITS else is_over)}
        for number, name in enumerate(names)
    ])  # fmt: skip
    add(session, tables.EscalationOffer, [
        {"escalation_id": number, "specialist_id": person, "offered_at": NOW, "ended_at": NOW,
         "outcome": OfferOutcome.DECLINED if place else OfferOutcome.EXPIRED}
        for number in range(1, CONVERSATIONS + 1) for place in range(6)
    ])  # fmt: skip
    add(session, tables.CardFeedback, [
        {"conversation_id": name, "seq": 2, "card_id": "card", "helpful": True, "language": "en", "created_at": NOW}
        for name in names
    ])  # fmt: skip
    people = [
        {"id": number, "name": "Ana", "born_on": TODAY, "language": "en"} for number in range(1, CONVERSATIONS + 1)
    ]
    add(session, tables.Claimant, people)
    add(session, tables.Claim, [
        {"id": one["id"], "claim_number": f"UI-{one['id']:08}", "claimant_id": one["id"], "program": Program.WA_UI,
         "status": next(iter(ClaimStatus)), "filed_on": TODAY, "status_since_on": TODAY, "updated_at": NOW}
        for one in people
    ])  # fmt: skip
    weeks = [(one["id"], TODAY - timedelta(weeks=week)) for one in people for week in range(WEEKS)]
    add(session, tables.WeeklyClaim, [
        {"claim_id": claim, "week_ends_on": week, "state": next(iter(WeekState)), "filed_on": week}
        for claim, week in weeks
    ])  # fmt: skip
    add(session, tables.Payment, [
        {"claim_id": claim, "week_ends_on": week, "amount_cents": 100, "paid_on": week, "method": "deposit"}
        for claim, week in weeks
    ])  # fmt: skip
    add(session, tables.Issue, [
        {"claim_id": one["id"], "kind": next(iter(IssueKind)), "state": next(iter(IssueState)),
         "waiting_on": next(iter(Party)), "opened_on": TODAY}
        for one in people
    ])  # fmt: skip
    add(session, tables.Determination, [
        {"id": one["id"], "claim_id": one["id"], "decision": next(iter(Decision)), "reason": "quit", "mailed_on": TODAY}
        for one in people
    ])  # fmt: skip
    add(session, tables.Appeal, [
        {"claim_id": one["id"], "determination_id": one["id"], "filed_by": next(iter(Party)),
         "state": next(iter(AppealState)), "filed_on": TODAY}
        for one in people
    ])  # fmt: skip
    add(session, tables.Overpayment, [
        {"claim_id": one["id"], "determination_id": one["id"], "amount_cents": 1, "balance_cents": 1,
         "at_fault": False, "opened_on": TODAY}
        for one in people
    ])  # fmt: skip
    add(session, tables.IdentityProof, [
        {"conversation_id": name, "claim_id": number, "proven_at": NOW, "last_used_at": NOW}
        for number, name in enumerate(names[: CONVERSATIONS // 2], start=1)
    ])  # fmt: skip
    add(session, tables.Intake, [
        {"kind": IntakeKind.CALLBACK, "state": IntakeState.FILED, "receipt": f"CB-{number}", "conversation_id": name,
         "claim_id": number + 1, "language": "en", "answers": {}, "is_late": False, "opened_at": NOW, "changed_at": NOW,
         "filed_at": NOW, "program": Program.WA_UI, "finished_at": None if number % apart == WAITS else NOW}
        for number, name in enumerate(names)
    ])  # fmt: skip
    add(session, tables.IdentityTry, [
        {"conversation_id": name, "claim_number_hash": name, "tried_at": NOW} for name in names
    ])  # fmt: skip


def add(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    session.execute(insert(table.__table__), rows)


@pytest.fixture(scope="module")
def database(module_store: Database) -> Database:
    with module_store.transaction() as session:
        fill(session)
    # The planners judge by what is in the tables, as they would in service.
    with module_store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return module_store


def waiting_escalation(session: Session) -> Any:
    found = escalations.open_for(session, f"c{WAITS}")
    assert found is not None
    return found


OPERATIONS: dict[str, Callable[[Session], Any]] = {
    "authorise a visitor": lambda s: conversations.find(s, ONE, "token"),
    "append a message": lambda s: conversations.append(
        s, ONE, [Line(Author.VISITOR, "hello", "en", [{"title": "Yes", "payload": "/affirm"}], client_id="new")], NOW
    ),
    "find a message sent twice": lambda s: conversations.by_client_id(s, ONE, f"{ONE}-3"),
    "messages since": lambda s: conversations.since(s, ONE, 4),
    "a button that was shown": lambda s: conversations.offered_title(s, ONE, "/affirm"),
    "what Rasa remembers": lambda s: trackers.load(s, ONE),
    "the open escalation": lambda s: escalations.open_for(s, ONE),
    "open an escalation": lambda s: escalations.open_escalation(
        s, "c77", reason=EscalationReason.ASKED, language="en", program=None, topic=None, summary={}, now=NOW
    ),
    "the place in the queue": lambda s: escalations.position(s, waiting_escalation(s)),
    "who waits": escalations.queue,
    "the expected wait": lambda s: escalations.expected_wait(s, 0, "en", NOW),
    "the console's queue": escalations.listing,
    "who is in line": routing.in_line,
    "whether the queue needs a turn": lambda s: routing.needs_turn(s, NOW, dropped_before=NOW),
    "take back offers": lambda s: routing.expire(s, NOW),
    "take back from who has gone": lambda s: routing.drop(s, NOW, dropped_before=NOW),
    "take an escalation": lambda s: escalations.take(s, waiting_escalation(s).id, 1, NOW),
    "the requests to do": lambda s: intake_work.listing(s, Wanted(programs=["wa_ui"], undone=True)),
    "how many requests are new": lambda s: intake_work.listing(s, Wanted(progress=IntakeProgress.NEW), 0),
    "the request of a receipt": lambda s: intake_work.listing(s, Wanted(receipt="CB-77")),
    "take a request": lambda s: intake_work.take(s, WAITS + 1, 1, NOW),
    "what was filed about a claim": lambda s: intakes.filed_about(s, 1234),
    "what was filed in a conversation": lambda s: intakes.filed_in(s, ONE),
    "a standing proof": lambda s: identity.standing_proof(s, ONE, now=NOW, idle_minutes=15),
    "use a proof": lambda s: identity.proven_claim(s, ONE, now=NOW, idle_minutes=15),
    "prove an identity": lambda s: identity.prove(
        s, "c99", "UI-00000100", TODAY.isoformat(), now=NOW, limits=IdentityLimits()
    ),
    "read a claim": lambda s: claims.read_claim(
        s, 1234, reader=ReaderKind.BOT, conversation_id=ONE, purpose="claim_status", now=NOW
    ),
    "a claimant's claims": lambda s: claims.claims_of_claimant(
        s, 1234, reader=ReaderKind.BOT, conversation_id=ONE, purpose="claim_status", now=NOW
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_operation_reads_a_whole_table(database: Database, operation: str) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            asked.append((statement, parameters[0] if many else parameters))

    session = Session(database.engine, future=True)
    try:
        event.listen(database.engine, "before_cursor_execute", note)
        OPERATIONS[operation](session)
        session.flush()
        event.remove(database.engine, "before_cursor_execute", note)
        scans = [scan for statement, values in asked for scan in whole_tables(session, statement, values)]
    finally:
        session.rollback()
        session.close()
    assert asked, "the operation asked the database nothing"
    assert scans == []


def test_a_search_without_an_index_is_noticed(database: Database) -> None:
    with database.snapshot() as session:
        assert whole_tables(session, "SELECT * FROM messages WHERE text = 'hello'", ())


def whole_tables(session: Session, statement: str, values: Any) -> list[str]:
    """Each large table that the database would read from end to end for a statement, with its plan."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values or ()).all()
        details = [str(row.detail) for row in plan]
        return [f"{detail}: {statement}" for detail in details if _sqlite_scan(detail)]
    (plan,) = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, values or None).scalar_one()
    return [f"{name}: {statement}" for name in _postgresql_scans(plan["Plan"])]


def _sqlite_scan(detail: str) -> bool:
    # An index holding only the open escalations may be read whole: that is what the queue is.
    words = detail.split()
    return words[0] == "SCAN" and words[1] not in SMALL_TABLES | {"CONSTANT"} and "uq_escalations_open" not in words


def _postgresql_scans(node: dict[str, Any]) -> Iterator[str]:
    name = node.get("Relation Name")
    unbounded = node["Node Type"] == "Seq Scan" or (
        node["Node Type"].startswith("Index")
        and "Index Cond" not in node
        and node["Index Name"] != "uq_escalations_open"
    )
    if name is not None and unbounded and name not in SMALL_TABLES:
        yield f"{node['Node Type']} of {name}"
    for part in node.get("Plans", ()):
        yield from _postgresql_scans(part)
