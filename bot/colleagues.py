"""What specialists do among themselves: notes, seeing each other, and taking over from one another."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot import clock
from bot.database import Database
from bot.errors import Refused
from bot.handoff import Handoff
from bot.hub import CONSOLE, Hub, room_of
from bot.stores import conversations, escalations, notes, routing
from bot.stores.conversations import Line
from bot.stores.vocabulary import Author
from bot.words import Words


class Colleagues:
    """Everything between specialists; what is only theirs travels in the console's room and no other."""

    def __init__(self, database: Database, hub: Hub, handoff: Handoff) -> None:
        self._database = database
        self._hub = hub
        self._handoff = handoff

    async def note(self, conversation_id: str, specialist_id: int, text: str) -> dict[str, Any]:
        """Store a note and show it to the colleagues."""
        note = await self._database.in_transaction(notes.add, conversation_id, specialist_id, text, clock.now())
        await self._hub.publish(CONSOLE, {"type": "note", "conversation_id": conversation_id, "note": note})
        return note

    async def looking(self, conversation_id: str, colleague: dict[str, Any], activity: str) -> None:
        """A specialist came to a conversation, still looks at it, types in it or has gone."""
        event = {"type": "looking", "conversation_id": conversation_id, "specialist": colleague, "activity": activity}
        await self._hub.publish(CONSOLE, event)

    async def intake_changed(self, intake_id: int) -> None:
        """An intake was taken, put back or finished; consoles that list them read the list again."""
        await self._hub.publish(CONSOLE, {"type": "intake", "id": intake_id})

    async def take_over(self, escalation_id: int, specialist_id: int) -> dict[str, Any]:
        """Give a colleague's active conversation to this specialist and tell the visitor who joined.

        Raises Refused when it is not active any more.
        """

        def store(session: Session) -> tuple[dict[str, Any], list[dict[str, Any]]]:
            now = clock.now()
            before = escalations.one(session, escalation_id)
            routing.seen(session, specialist_id, now)
            escalations.take_over(session, escalation_id, specialist_id)
            taken = escalations.one(session, escalation_id)
            if taken["specialist"] == before["specialist"]:
                return taken, []
            words = Words("service", taken["language"])
            line = Line(Author.BOT, words("joined", name=taken["specialist"]["alias"]), taken["language"])
            messages = conversations.append(session, taken["conversation_id"], [line], now)
            return escalations.one(session, escalation_id), messages

        try:
            escalation, messages = await self._database.in_transaction(store)
        except escalations.NotActive:
            raise Refused("not_active", 409) from None
        conversation_id = escalation["conversation_id"]
        for message in messages:
            event = {"type": "message", "conversation_id": conversation_id, "message": message}
            await self._hub.publish(room_of(conversation_id), event)
        await self._handoff.tell_changed(escalation_id)
        return escalation
