"""The board, the sessions and the unanswered questions, the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.orm import Session

from bot.database import Database
from bot.stores import audit, board, conversations, escalations, notes, ratings, routing, specialists, unanswered
from bot.stores.conversations import Line
from bot.stores.escalations import NotActive
from bot.stores.ratings import NothingToRate
from bot.stores.vocabulary import Author, Miss, Outcome, SignInOutcome
from tests.stored import a_conversation, a_specialist, an_escalation

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)


def waiting(session: Session, at: datetime = NOW) -> tuple[str, int]:
    conversation_id = a_conversation(session, at).id
    conversations.append(session, conversation_id, [Line(Author.VISITOR, "a question", "en")], at)
    return conversation_id, int(an_escalation(session, conversation_id, at).id)


def test_the_board_counts_each_specialists_load_and_what_visitors_wait_for(store: Database) -> None:
    with store.transaction() as session:
        ana, ben = a_specialist(session, "ana", NOW), a_specialist(session, "ben", NOW)
        waiting(session, NOW)
        talk, active = waiting(session, NOW)
        _, done = waiting(session, NOW)
        for one, who in ((active, ana), (done, ben)):
            escalations.take(session, one, who, NOW + MINUTE)
        escalations.resolve(session, done, ben, Outcome.ANSWERED, NOW + 2 * MINUTE)
        conversations.append(session, talk, [Line(Author.SPECIALIST, "Hi.", "en", specialist_id=ana)], NOW + MINUTE)
        shown = board.board(session, NOW)
        assert (shown["waiting"], shown["active"]) == (1, 1)
        assert shown["longest_wait_since"] == "2026-11-21T19:00:00Z"
        assert next(e for e in shown["escalations"] if e["id"] == active)["owed_since"] is None
        for minutes in (3, 4):
            line = Line(Author.VISITOR, "and?", "en")
            conversations.append(session, talk, [line], NOW + minutes * MINUTE)
        shown = board.board(session, NOW)
        owed = next(e for e in shown["escalations"] if e["id"] == active)["owed_since"]
        assert owed == "2026-11-21T19:03:00Z"
        load = {one["alias"]: (one["active"], one["resolved_today"]) for one in shown["specialists"]}
        assert load == {"Ana": (1, 0), "Ben": (0, 1)}
        tomorrow = board.board(session, NOW + timedelta(days=1))
        assert all(one["resolved_today"] == 0 for one in tomorrow["specialists"])


def test_only_an_active_conversation_is_taken_over(store: Database) -> None:
    with store.transaction() as session:
        ana, ben = a_specialist(session, "ana", NOW), a_specialist(session, "ben", NOW)
        _, one = waiting(session)
        with pytest.raises(NotActive):
            escalations.take_over(session, one, ben)
        escalations.take(session, one, ana, NOW)
        assert escalations.take_over(session, one, ben).specialist_id == ben
        escalations.resolve(session, one, ben, Outcome.ANSWERED, NOW)
        with pytest.raises(NotActive):
            escalations.take_over(session, one, ana)


def test_a_session_ends_alone_or_with_its_account(store: Database) -> None:
    with store.transaction() as session:
        ana = a_specialist(session, "ana", NOW)
        tokens = [specialists.sign_in(session, ana, NOW, f"Browser {n}")[0] for n in range(3)]
        session.flush()
        listed = specialists.sessions_of(session, ana, tokens[0], NOW)
        assert [one["current"] for one in listed].count(True) == 1
        assert {one["browser"] for one in listed} == {"Browser 0", "Browser 1", "Browser 2"}
        other = next(one for one in listed if one["browser"] == "Browser 1")
        specialists.end_session(session, ana, other["id"])
        with pytest.raises(LookupError):
            specialists.end_session(session, ana, other["id"])
        assert [specialists.is_live(session, token, NOW) for token in tokens] == [True, False, True]
        assert not specialists.is_live(session, tokens[0], NOW + specialists.IDLE + MINUTE)
        specialists.disable(session, "ana", NOW)
        assert not any(specialists.is_live(session, token, NOW) for token in tokens)


def test_a_question_is_decided_once_and_exported_with_its_changed_words(store: Database) -> None:
    with store.transaction() as session:
        sue = a_specialist(session, "sue", NOW)
        questions = []
        for _ in range(2):
            one, _ = waiting(session)
            unanswered.add(session, one, 1, Miss.OUT_OF_SCOPE, "en", "wa_ui", NOW)
            questions.append({"conversation_id": one, "seq": 1})
        session.flush()
        assert len(unanswered.undecided(session, "en")) == 2 and unanswered.undecided(session, "es") == []
        assert unanswered.decide(session, [{**questions[0], "text": "other  words"}], "chitchat", sue, NOW) == 1
        assert unanswered.decide(session, questions, None, sue, NOW) == 1
        assert unanswered.decide(session, [{"conversation_id": "nothing", "seq": 1}], "chitchat", sue, NOW) == 0
        assert unanswered.undecided(session, "en") == []
        assert unanswered.approved(session, "en") == {"chitchat": ["other words"]}


def test_a_question_that_holds_claim_data_is_never_shown_nor_made_an_example(store: Database) -> None:
    with store.transaction() as session:
        sue = a_specialist(session, "sue", NOW)
        one, _ = waiting(session)
        line = Line(Author.VISITOR, "why is UI-12345678 late", "en", private=True)
        seq = conversations.append(session, one, [line], NOW)[0]["seq"]
        unanswered.add(session, one, seq, Miss.OUT_OF_SCOPE, "en", None, NOW)
        session.flush()
        assert unanswered.undecided(session, "en") == []
        assert unanswered.decide(session, [{"conversation_id": one, "seq": seq}], "chitchat", sue, NOW) == 0
        assert unanswered.approved(session, "en") == {}


def test_a_left_message_does_not_wait_on_the_board(store: Database) -> None:
    with store.transaction() as session:
        ana = a_specialist(session, "ana", NOW)
        talk, _ = waiting(session, NOW - 60 * MINUTE)
        escalations.leave_message(session, talk, NOW)
        waiting(session, NOW)
        routing.seen(session, ana, NOW)
        shown = board.board(session, NOW)
        assert (shown["waiting"], shown["left"], shown["active"]) == (1, 1, 0)
        assert shown["longest_wait_since"] == "2026-11-21T19:00:00Z"
        assert shown["specialists"][0]["last_seen_at"] == "2026-11-21T19:00:00Z"


def test_notes_ratings_and_the_record_are_kept(store: Database) -> None:
    with store.transaction() as session:
        ana = a_specialist(session, "ana", NOW)
        talk, one = waiting(session)
        with pytest.raises(LookupError):
            notes.add(session, "nothing", ana, "x", NOW)
        added = notes.add(session, talk, ana, "Careful.", NOW)
        assert notes.of_conversation(session, talk) == [added]
        with pytest.raises(NothingToRate):
            ratings.rate(session, talk, 5, None, NOW)
        escalations.take(session, one, ana, NOW)
        escalations.resolve(session, one, ana, Outcome.ANSWERED, NOW)
        assert ratings.rate(session, talk, 5, None, NOW)
        assert not ratings.rate(session, talk, 2, "slow", NOW)
        audit.add_sign_in(session, "ana", SignInOutcome.SUCCESS, "mark", NOW)
        audit.add_sign_in(session, "nobody", SignInOutcome.WRONG, "mark", NOW)
        audit.add_search(session, ana, "words", 3, NOW)
        audit.add_opening(session, ana, talk, NOW)
        session.flush()
        assert [row["alias"] for row in audit.sign_ins(session)] == [None, "Ana"]
        assert [row["look"] for row in audit.transcript_reads(session)] == ["opened", "searched"]
