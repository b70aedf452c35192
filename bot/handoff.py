"""Bringing a person in: opening, taking, answering and giving back an escalated conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import clock
from bot.database import Database
from bot.errors import Refused
from bot.hub import CONSOLE, Hub, room_of
from bot.rating_card import please_rate
from bot.stores import conversations, escalations, trackers
from bot.stores.conversations import Line
from bot.stores.tables import Escalation
from bot.stores.vocabulary import Author, EscalationReason, EscalationState, Outcome, Program
from bot.words import Words

# Turns of the conversation itself, which tell a specialist nothing about what it was about.
_NO_TOPICS = frozenset(
    {
        *("affirm", "ask_card", "ask_human", "cancel", "capabilities", "chitchat", "correct", "deny", "goodbye"),
        *("greet", "identity_confirmed", "inform", "nlu_fallback", "out_of_scope", "repeat", "start_over"),
        *("switch_language", "tell_more", "thanks"),
    }
)


class Handoff:
    """Everything that moves a conversation between the bot and a specialist."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub

    def state_of(self, session: Session, conversation_id: str) -> dict[str, Any]:
        """Who answers a conversation now, as the visitor is told: `{handled_by, escalation}`."""
        escalation = escalations.open_for(session, conversation_id)
        if escalation is None:
            return {"handled_by": "bot", "escalation": None}
        told: dict[str, Any] = {"state": str(escalation.state)}
        if escalation.state == EscalationState.WAITING:
            told["position"] = escalations.position(session, escalation)
        else:
            told["name"] = escalations.one(session, escalation.id)["specialist"]["alias"]
        return {"handled_by": "specialist", "escalation": told}

    def open(
        self,
        session: Session,
        conversation_id: str,
        reason: EscalationReason,
        slots: dict[str, Any],
        language: str,
        now: datetime,
    ) -> tuple[Escalation, Line]:
        """Open an escalation, or find the open one; returns it with the line that tells the visitor."""
        program = slots.get("program") or slots.get("page_program")
        escalation, is_new = escalations.open_escalation(
            session,
            conversation_id,
            reason=reason,
            language=language,
            program=Program(program) if program else None,
            topic=slots.get("topic"),
            summary={"topics": _topics(session, conversation_id)},
            now=now,
        )
        words = Words("service", language)
        if is_new:
            text = words("waiting", position=escalations.position(session, escalation))
        else:
            text = words("waiting.already")
        return escalation, Line(Author.BOT, text, language)

    async def take(self, escalation_id: int, specialist_id: int) -> dict[str, Any]:
        """Give a waiting escalation to a specialist and tell the visitor who joined."""

        def store(session: Session) -> tuple[dict[str, Any], list[dict[str, Any]]]:
            now = clock.now()
            before = escalations.one(session, escalation_id)
            escalations.take(session, escalation_id, specialist_id, now)
            taken = escalations.one(session, escalation_id)
            if before["state"] == EscalationState.ACTIVE:
                return taken, []
            words = Words("service", taken["language"])
            line = Line(Author.BOT, words("joined", name=taken["specialist"]["alias"]), taken["language"])
            messages = conversations.append(session, taken["conversation_id"], [line], now)
            return escalations.one(session, escalation_id), messages

        try:
            escalation, messages = await self._database.in_transaction(store)
        except escalations.AlreadyTaken as taken:
            raise Refused("already_taken", 409, taken_by=taken.alias) from None
        await self._tell(escalation, messages)
        return escalation

    async def answer(self, escalation_id: int, specialist_id: int, text: str, client_id: str | None) -> dict[str, Any]:
        """Store and deliver a specialist's message; a repeated `client_id` is stored once."""

        def store(session: Session) -> tuple[dict[str, Any], dict[str, Any], bool]:
            escalation = escalations.active_with(session, escalation_id, specialist_id)
            conversation_id = escalation.conversation_id
            if client_id is not None:
                seq = conversations.by_client_id(session, conversation_id, client_id)
                if seq is not None:
                    known = conversations.since(session, conversation_id, seq - 1, limit=1)[0]
                    return escalations.one(session, escalation_id), known, False
            line = Line(
                Author.SPECIALIST,
                text,
                escalation.language,
                client_id=client_id,
                specialist_id=specialist_id,
            )
            message = conversations.append(session, conversation_id, [line], clock.now())[0]
            return escalations.one(session, escalation_id), message, True

        escalation, message, is_new = await self._guarded(store)
        if is_new:
            await self._tell_message(escalation["conversation_id"], message)
        return message

    async def resolve(self, escalation_id: int, specialist_id: int, outcome: Outcome) -> dict[str, Any]:
        """End an escalation; the bot takes over again and says so."""

        def store(session: Session) -> tuple[dict[str, Any], list[dict[str, Any]]]:
            now = clock.now()
            escalations.resolve(session, escalation_id, specialist_id, outcome, now)
            resolved = escalations.one(session, escalation_id)
            words = Words("service", resolved["language"])
            line = Line(Author.BOT, words("given_back", name=resolved["specialist"]["alias"]), resolved["language"])
            lines = [line, please_rate(resolved["specialist"]["alias"], resolved["language"])]
            messages = conversations.append(session, resolved["conversation_id"], lines, now)
            return escalations.one(session, escalation_id), messages

        escalation, messages = await self._guarded(store)
        await self._tell(escalation, messages)
        return escalation

    async def tell_changed(self, escalation_id: int) -> None:
        """Tell the console and every waiting visitor that the queue has changed."""
        escalation = await self._database.in_snapshot(escalations.one, escalation_id)
        await self._tell(escalation, [])

    async def typing(self, conversation_id: str) -> None:
        """A specialist is writing to the visitor."""
        await self._hub.publish(room_of(conversation_id), {"type": "typing", "author": "specialist"})

    async def _guarded(self, store: Callable[[Session], Any]) -> Any:
        try:
            return await self._database.in_transaction(store)
        except escalations.NotActive:
            raise Refused("not_active", 409) from None

    async def _tell(self, escalation: dict[str, Any], messages: list[dict[str, Any]]) -> None:
        conversation_id = escalation["conversation_id"]
        for message in messages:
            await self._tell_message(conversation_id, message)
        await self._hub.publish(CONSOLE, {"type": "escalation", "escalation": escalation})

        def positions(session: Session) -> dict[str, dict[str, Any]]:
            concerned = dict.fromkeys([conversation_id, *escalations.waiting(session)])
            return {one: self.state_of(session, one) for one in concerned}

        for one, state in (await self._database.in_snapshot(positions)).items():
            await self._hub.publish(room_of(one), {"type": "handled_by", **state})

    async def _tell_message(self, conversation_id: str, message: dict[str, Any]) -> None:
        await self._hub.publish(
            room_of(conversation_id),
            {"type": "message", "conversation_id": conversation_id, "message": message},
        )


def _topics(session: Session, conversation_id: str) -> list[str]:
    """What the visitor has asked about, oldest first."""
    return [name for name in trackers.recent_intents(session, conversation_id) if name not in _NO_TOPICS]
