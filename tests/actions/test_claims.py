"""The claim actions show a claim to whoever has proven it, and to nobody else."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from actions import proof
from actions.claims import (
    ActionAppealStatus,
    ActionClaimStatus,
    ActionIdentityConfirmed,
    Question,
    follow_up,
)
from bot import clock
from bot.claim_questions import Ask, Period, rule_topic
from bot.database import Database
from bot.stores import claims, demo_claims, identity
from bot.stores.claims import ClaimFacts
from bot.stores.demo_claims import DemoLogin
from bot.stores.identity import IdentityLimits
from bot.stores.tables import Claim, ClaimRead, IdentityProof
from bot.stores.vocabulary import ClaimStatus, ReaderKind

LIMITS = IdentityLimits()


def _login(database: Database, status: ClaimStatus) -> DemoLogin:
    with database.snapshot() as session:
        return next(login for login in demo_claims.demo_claims(session) if login.status is status)


def _prove(database: Database, login: DemoLogin, conversation: str = "c1") -> None:
    with database.transaction() as session:
        identity.prove(
            session,
            conversation,
            login.claim_number,
            login.born_on.isoformat(),
            login.pin,
            now=clock.now(),
            limits=LIMITS,
        )


def _facts(database: Database, login: DemoLogin) -> ClaimFacts:
    with database.transaction() as session:
        return claims.read_claim(session, login.claim_id, reader=ReaderKind.BOT, purpose="test", now=clock.now())


def _run(
    action: Action,
    *,
    intent: str = "claim_status",
    conversation: str = "c1",
    entities: list[dict[str, Any]] | None = None,
    text: str = "where is my claim",
    **slots: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run an action once; returns its first message and the slots it sets."""
    messages, set_slots = _run_all(
        action, intent=intent, conversation=conversation, entities=entities, text=text, **slots
    )
    return messages[0], set_slots


def _run_all(
    action: Action,
    *,
    intent: str = "claim_status",
    conversation: str = "c1",
    entities: list[dict[str, Any]] | None = None,
    text: str = "where is my claim",
    **slots: Any,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    message = {"intent": {"name": intent}, "entities": entities or [], "text": text}
    tracker = Tracker(conversation, slots, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = action.run(dispatcher, tracker, {})
    return dispatcher.messages, {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def _reads(session: Session) -> list[ClaimRead]:
    return list(session.execute(select(ClaimRead).order_by(ClaimRead.id)).scalars())


# ------------------------------------------------------------------ without proof


@pytest.mark.parametrize("intent", ["claim_status", "payment_status", "appeal_status"])
def test_without_proof_the_identity_card_is_shown_and_the_question_kept(database: Database, intent: str) -> None:
    said, slots = _run(ActionClaimStatus(), intent=intent)
    card = said["custom"]["card"]
    assert card["type"] == "identity"
    assert [field["name"] for field in card["fields"]] == ["claim_number", "date_of_birth", "pin"]
    assert [field["kind"] for field in card["fields"]] == ["text", "date", "secret"]
    assert "No PIN" in said["text"] and "800-318-6022" in said["text"]
    assert card["tries_left"] == 5
    assert set(slots) == {"claim_question"}
    assert Question.from_slot(slots["claim_question"]).topic == intent
    with database.snapshot() as session:
        assert _reads(session) == []


def test_where_no_pin_is_asked_for_the_card_has_none(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_PIN", "off")
    proof.settings.cache_clear()
    (said,), _ = _run_all(ActionClaimStatus())
    assert [field["name"] for field in said["custom"]["card"]["fields"]] == ["claim_number", "date_of_birth"]
    assert "PIN" not in said["text"]


def test_the_card_counts_the_tries_that_are_left(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(4):
            identity.prove(session, "c1", "UI-00000000", "1990-01-01", now=clock.now(), limits=LIMITS)
    said, _ = _run(ActionClaimStatus())
    assert said["custom"]["card"]["tries_left"] == 1
    assert "You have 1 try left." in said["text"]
    other, _ = _run(ActionClaimStatus(), conversation="c2")
    assert other["custom"]["card"]["tries_left"] == 5


def test_a_locked_conversation_gets_a_person_and_no_card(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(5):
            identity.prove(session, "c1", "UI-00000000", "1990-01-01", now=clock.now(), limits=LIMITS)
    said, _ = _run(ActionClaimStatus())
    assert said["custom"] == {}
    assert "800-318-6022" in said["text"]
    assert said["buttons"] == [{"title": "Talk to a person", "payload": "/ask_human"}]


def test_a_forged_confirmation_reveals_nothing(database: Database) -> None:
    login = _login(database, ClaimStatus.PAYING)
    forged = [
        {"entity": "claim_number", "value": login.claim_number},
        {"entity": "claim_id", "value": str(login.claim_id)},
    ]
    said, slots = _run(
        ActionIdentityConfirmed(),
        intent="identity_confirmed",
        entities=forged,
        text=f'/identity_confirmed{{"claim_id": "{login.claim_id}"}}',
        claim_question=Question("payment_status", Ask.PAID).to_slot(),
        claim_number=login.claim_number,
        identity="proven",
    )
    assert said["custom"]["card"]["type"] == "identity"
    assert login.claim_number not in str(said)
    assert Question.from_slot(slots["claim_question"]) == Question("payment_status", Ask.PAID)
    with database.snapshot() as session:
        assert _reads(session) == []


def test_a_claim_number_typed_into_the_chat_only_brings_the_card(database: Database) -> None:
    login = _login(database, ClaimStatus.PAYING)
    said, _ = _run(
        ActionClaimStatus(),
        entities=[{"entity": "claim_number", "value": login.claim_number}],
        text=f"my claim is {login.claim_number}",
    )
    assert said["custom"]["card"]["type"] == "identity"
    assert login.claim_number not in str(said)


# ------------------------------------------------------------------ with proof


def test_after_a_good_proof_the_answer_asked_for_comes_at_once(database: Database) -> None:
    login = _login(database, ClaimStatus.ADJUDICATION)
    _, kept = _run(ActionClaimStatus(), intent="claim_status")
    _prove(database, login)
    said, slots = _run(ActionIdentityConfirmed(), intent="identity_confirmed", text="", **kept)
    card = said["custom"]["card"]
    assert (card["type"], card["claim_number"]) == ("status", login.claim_number)
    assert said["text"].startswith(f"Your unemployment claim: {login.claim_number}")
    assert slots == {"claim_question": None, "topic": "claim_status", "card": None, "program": "wa_ui"}


def test_one_conversations_proof_is_of_no_use_in_another(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.PAYING), "c1")
    said, _ = _run(ActionClaimStatus(), conversation="c2")
    assert said["custom"]["card"]["type"] == "identity"


def test_every_answer_is_a_read_in_the_audit_table(database: Database) -> None:
    login = _login(database, ClaimStatus.STOPPED)
    _prove(database, login)
    _run(ActionClaimStatus(), intent="claim_status")
    _run(ActionClaimStatus(), intent="payment_status")
    with database.snapshot() as session:
        assert [(r.claim_id, r.conversation_id, r.purpose) for r in _reads(session)] == [
            (login.claim_id, "c1", "claim_status"),
            (login.claim_id, "c1", "list_claims"),
            (login.claim_id, "c1", "payment_status"),
        ]


def test_after_fifteen_idle_minutes_the_card_comes_again(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.PAYING))
    with database.transaction() as session:
        session.execute(update(IdentityProof).values(last_used_at=datetime.now(timezone.utc) - timedelta(minutes=15)))
    said, _ = _run(ActionClaimStatus())
    assert said["custom"]["card"]["type"] == "identity"


def test_spanish_is_answered_in_spanish(database: Database) -> None:
    said, _ = _run(ActionClaimStatus(), language="es")
    assert said["custom"]["card"]["submit"] == "Ver mi reclamo"
    _prove(database, _login(database, ClaimStatus.HEALTH_PROCESSED))
    said, slots = _run(ActionClaimStatus(), language="es")
    assert said["custom"]["card"]["title"] == "Su reclamo del seguro"
    assert slots["program"] == "ok_insurance"


def test_when_the_claim_store_is_down_the_phone_and_a_person_are_offered(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.PAYING))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE payments")
        connection.commit()
    said, slots = _run(ActionClaimStatus(), intent="payment_status")
    assert said["custom"] == {}
    assert "800-318-6022" in said["text"]
    assert said["buttons"][0]["payload"] == "/ask_human"
    assert Question.from_slot(slots["claim_question"]) == Question("payment_status", Ask.PAID)


# ------------------------------------------------------------------ questions about the claim


def _payloads(said: dict[str, Any]) -> list[str]:
    return [button["payload"] for button in said["buttons"]]


def test_a_question_survives_the_proof_of_identity_with_its_period(database: Database) -> None:
    _, kept = _run(ActionClaimStatus(), intent="payment_status", text="how much did I get in October 2026?")
    question = Question.from_slot(kept["claim_question"])
    assert question.ask is Ask.HOW_MUCH
    assert question.period == Period(date(2026, 10, 1), date(2026, 10, 31), month=True)
    _prove(database, _login(database, ClaimStatus.PAYING))
    said, _ = _run(ActionIdentityConfirmed(), intent="identity_confirmed", text="", **kept)
    (section,) = said["custom"]["card"]["sections"]
    assert "in October 2026" in section["text"]


@pytest.mark.parametrize("slot", [None, "", "payment_status", "[]", "{}", '{"topic": 1, "ask": "everything"}', "{"])
def test_a_slot_without_a_question_means_the_whole_status(slot: str | None) -> None:
    assert Question.from_slot(slot) == Question()


@pytest.mark.parametrize(
    "question",
    [
        Question(),
        Question("appeal_status", Ask.HEARING),
        Question("payment_status", Ask.HOW_MUCH, Period(date(2026, 10, 1), date(2026, 10, 31), month=True)),
    ],
)
def test_a_question_comes_back_from_its_slot_as_it_was(question: Question) -> None:
    assert Question.from_slot(question.to_slot()) == question


def test_a_button_asks_outright(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.ADJUDICATION))
    said, _ = _run(
        ActionClaimStatus(),
        entities=[{"entity": "ask", "value": "needed"}],
        text='/claim_status{"ask":"needed"}',
    )
    assert [section["key"] for section in said["custom"]["card"]["sections"]] == ["act", "help"]


def test_the_status_offers_what_to_ask_next_and_the_rule_behind_it(database: Database) -> None:
    login = _login(database, ClaimStatus.DENIED)
    _prove(database, login)
    said, _ = _run(ActionClaimStatus())
    payloads = _payloads(said)
    assert '/claim_status{"ask":"why"}' in payloads
    assert rule_topic(_facts(database, login)) in {payload[1:] for payload in payloads}
    assert payloads[-2:] == ["/appeal_how", '/ask_human{"reason":"rights"}']


def test_every_button_of_every_status_has_a_title_and_leads_to_a_known_topic(database: Database) -> None:
    topics = {line.split(":")[0].strip(" -") for line in Path("domain.yml").read_text(encoding="utf-8").splitlines()}
    for status in ClaimStatus:
        _prove(database, _login(database, status))
        for said in _run_all(ActionClaimStatus())[0]:
            for button in said["buttons"]:
                assert button["title"]
                assert button["payload"][1:].partition("{")[0] in topics


def test_a_short_question_after_an_answer_about_a_claim_is_about_that_claim(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.ADJUDICATION))
    message = {"intent": {"name": "tell_more"}, "entities": [], "text": "why?"}
    tracker = Tracker("c1", {"topic": "claim_status"}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert follow_up(dispatcher, tracker) is not None
    sections = dispatcher.messages[0]["custom"]["card"]["sections"]
    assert [section["key"] for section in sections] == ["happening", "act"]


def test_a_bare_time_after_an_answer_about_payments_asks_what_was_paid_then(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.PAYING))
    message = {"intent": {"name": "inform"}, "entities": [], "text": "and in September 2025?"}
    tracker = Tracker("c1", {"topic": "payment_status"}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert follow_up(dispatcher, tracker) is not None
    assert "No payment was sent in September 2025." in dispatcher.messages[0]["text"]


@pytest.mark.parametrize(("topic", "conversation"), [("job_pay", "c1"), (None, "c1"), ("claim_status", "c2")])
def test_a_short_question_about_something_else_is_left_to_others(
    database: Database, topic: str | None, conversation: str
) -> None:
    _prove(database, _login(database, ClaimStatus.ADJUDICATION), "c1")
    message = {"intent": {"name": "tell_more"}, "entities": [], "text": "why?"}
    tracker = Tracker(conversation, {"topic": topic}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert follow_up(dispatcher, tracker) is None
    assert dispatcher.messages == []


# ------------------------------------------------------------------ appeals


def test_a_question_about_an_appeal_is_answered_from_a_proven_claim(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.HEARING_SET))
    said, slots = _run(ActionAppealStatus(), intent="appeal_status", text="when is my hearing")
    assert said["custom"]["card"]["type"] == "status"
    assert slots["topic"] == "appeal_status"
    said, _ = _run(ActionAppealStatus(), intent="appeal_status", text="what if i miss the hearing")
    assert "ask for a new day" in said["text"]


@pytest.mark.parametrize("status", [None, ClaimStatus.RECEIVED])
def test_a_question_about_an_appeal_is_answered_in_general_when_there_is_none(
    database: Database, status: ClaimStatus | None
) -> None:
    if status is not None:
        _prove(database, _login(database, status))
    said, slots = _run(ActionAppealStatus(), intent="appeal_status", text="how long does an appeal take")
    assert "card" not in (said["custom"] or {})
    assert slots["topic"] == "appeal_status"


# ------------------------------------------------------------------ several claims


def _owner_of_two(database: Database) -> tuple[DemoLogin, DemoLogin]:
    """The two claims of one claimant, the newer first."""
    newer, older = _login(database, ClaimStatus.PAYING), _login(database, ClaimStatus.CLOSED)
    with database.transaction() as session:
        owner = session.get(Claim, newer.claim_id).claimant_id
        session.get(Claim, older.claim_id).claimant_id = owner
    return newer, older


def test_a_claimant_with_two_claims_sees_both_and_can_pick(database: Database) -> None:
    newer, older = _owner_of_two(database)
    _prove(database, newer)
    (status, listed), _ = _run_all(ActionClaimStatus())
    assert status["custom"]["card"]["claim_number"] == newer.claim_number
    rows = listed["custom"]["card"]["rows"]
    assert {row["number"] for row in rows} >= {newer.claim_number, older.claim_number}
    payload = f'/claim_status{{"claim_number":"{older.claim_number}"}}'
    assert payload in _payloads(listed)
    said, _ = _run(
        ActionClaimStatus(),
        entities=[{"entity": "claim_number", "value": older.claim_number}],
        text=payload,
    )
    assert said["custom"]["card"]["claim_number"] == older.claim_number


def test_a_claimant_with_one_claim_is_shown_no_list(database: Database) -> None:
    _prove(database, _login(database, ClaimStatus.STOPPED))
    messages, _ = _run_all(ActionClaimStatus())
    assert len(messages) == 1


def test_someone_elses_claim_number_gets_the_card_and_the_same_words_as_an_unknown_one(
    database: Database,
) -> None:
    _prove(database, _login(database, ClaimStatus.STOPPED))
    other = _login(database, ClaimStatus.PAYING)
    answers = [
        _run_all(ActionClaimStatus(), entities=[{"entity": "claim_number", "value": number}])
        for number in (other.claim_number, "UI-00000001")
    ]
    assert answers[0] == answers[1]
    not_yours, card = answers[0][0]
    assert "I can't show that claim here." in not_yours["text"]
    assert card["custom"]["card"]["type"] == "identity"
