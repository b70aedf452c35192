"""Bringing a person in: opening, taking, answering and giving back an escalated conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import agency, clock
from bot.claim_status import agency_day
from bot.database import Database
from bot.deadlines import next_deadline
from bot.errors import Refused
from bot.hub import CONSOLE, Hub, room_of
from bot.intake_forms import offer
from bot.rating_card import please_rate
from bot.settings import Settings
from bot.stores import claims, conversations, escalations, identity, routing, trackers
from bot.stores.conversations import Line
from bot.stores.identity import IdentityLimits
from bot.stores.tables import Escalation, Specialist
from bot.stores.vocabulary import (
    Author,
    Availability,
    EscalationReason,
    EscalationState,
    IntakeKind,
    Outcome,
    Priority,
    Program,
    ReaderKind,
)
from bot.words import Words

CRISIS = "self_harm_crisis"
DEADLINE_DAYS = 3

# Turns of the conversation itself, which tell a specialist nothing about what it was about.
_NO_TOPICS = frozenset(
    {
        *("affirm", "ask_card", "ask_human", "cancel", "capabilities", "chitchat", "correct", "deny", "goodbye"),
        "estimate",
        *("greet", "identity_confirmed", "inform", "nlu_fallback", "out_of_scope", "repeat", "start_over"),
        *("switch_language", "tell_more", "thanks", "start_intake", "answer_intake"),
    }
)


@dataclass(frozen=True)
class Asked:
    """What came of asking for a person: the line that tells the visitor, and the escalation if one is open."""

    line: Line
    escalation: Escalation | None
    is_new: bool


@dataclass(frozen=True)
class Destination:
    """Where a conversation is passed on to: one specialist, or whoever has the skills."""

    specialist_id: int | None = None
    program: Program | None = None
    language: str | None = None


class Handoff:
    """Everything that moves a conversation between the bot and a specialist."""

    def __init__(self, database: Database, hub: Hub, settings: Settings) -> None:
        self._database = database
        self._hub = hub
        self._settings = settings
        # Set when who waits or who can help has changed, so that the next turn of routing comes at once.
        self.stirred = asyncio.Event()

    def state_of(self, session: Session, conversation_id: str) -> dict[str, Any]:
        """Who answers a conversation now, as the visitor is told: `{handled_by, escalation}`."""
        escalation = escalations.open_for(session, conversation_id)
        if escalation is None:
            return {"handled_by": "bot", "escalation": None}
        if escalation.state == EscalationState.CALLBACK:
            return {"handled_by": "bot", "escalation": {"state": "callback", "reference": escalation.reference}}
        if escalation.state == EscalationState.ACTIVE:
            alias = session.get(Specialist, escalation.specialist_id).alias
            return {"handled_by": "specialist", "escalation": {"state": "active", "name": alias}}
        place = escalations.position(session, escalation)
        wait = escalations.expected_wait(session, escalation.priority, escalation.language, clock.now())
        return _in_line(place, wait)

    def open(
        self,
        session: Session,
        conversation_id: str,
        reason: EscalationReason,
        slots: dict[str, Any],
        language: str,
        now: datetime,
    ) -> Asked:
        """Ask for a person: opens an escalation, finds the open one, or says when somebody will be there again.

        A crisis never waits for hours: it is opened whoever is there.
        """
        standing = escalations.open_for(session, conversation_id)
        if standing is not None and standing.state != EscalationState.CALLBACK:
            if reason is EscalationReason.CRISIS:
                escalations.set_priority(session, standing, Priority.CRISIS)
            return _already(language, standing)
        program = _program(slots)
        topics = _topics(session, conversation_id)
        if CRISIS in trackers.recent_intents(session, conversation_id):
            reason = EscalationReason.CRISIS
        elif reason is EscalationReason.ASKED and self._is_locked_out(session, conversation_id):
            reason = EscalationReason.IDENTITY_LOCKED
        if reason is not EscalationReason.CRISIS and not self._is_staffed(session, program, language, now):
            if standing is None:
                return Asked(closed_line(language, now, offer(IntakeKind.CALLBACK, language)), None, False)
            text = Words("handoff", language)("closed.already", reference=standing.reference)
            return Asked(Line(Author.BOT, text, language), None, False)
        if standing is not None:
            escalations.wait_again(session, standing, reason, now)
            escalation = standing
        else:
            escalation, is_new = escalations.open_escalation(
                session,
                conversation_id,
                reason=reason,
                language=language,
                program=program,
                topic=slots.get("topic"),
                summary={"topics": topics},
                now=now,
            )
            if not is_new:
                return _already(language, escalation)
        escalations.set_priority(session, escalation, self._priority(session, conversation_id, reason, now))
        if reason is EscalationReason.CRISIS:
            text = Words("handoff", language)("waiting.crisis")
        else:
            text = Words("service", language)("waiting", position=escalations.position(session, escalation))
        return Asked(Line(Author.BOT, text, language), escalation, True)

    def reconsider(self, session: Session, conversation_id: str, now: datetime) -> int | None:
        """Identity was proven while a person is waited for: a deadline on the claim may move them forward."""
        escalation = escalations.open_for(session, conversation_id)
        if escalation is None or escalation.state == EscalationState.ACTIVE:
            return None
        priority = self._priority(session, conversation_id, escalation.reason, now)
        return escalation.id if escalations.set_priority(session, escalation, priority) else None

    def give_up(self, session: Session, conversation_id: str, now: datetime) -> tuple[Escalation, Line] | None:
        """The visitor goes back to the bot; None when nobody was being waited for."""
        escalation = escalations.give_up(session, conversation_id, now)
        if escalation is None:
            return None
        words = Words("handoff", escalation.language)
        if escalation.state == EscalationState.CALLBACK:
            text = words("gave_up.message", reference=escalation.reference)
        else:
            text = words("gave_up")
        return escalation, Line(Author.BOT, text, escalation.language)

    def leave_message(
        self, session: Session, conversation_id: str, slots: dict[str, Any], language: str, now: datetime
    ) -> tuple[Escalation, Line]:
        """A message is left for later, in place of waiting or outside hours; raises Refused when a person is there."""
        escalation = escalations.leave_message(session, conversation_id, now)
        if escalation is None:
            escalation, _ = escalations.open_escalation(
                session,
                conversation_id,
                reason=EscalationReason.ASKED,
                language=language,
                program=_program(slots),
                topic=slots.get("topic"),
                summary={"topics": _topics(session, conversation_id)},
                now=now,
                is_message=True,
            )
        if escalation.state != EscalationState.CALLBACK:
            raise Refused("with_person", 409)
        escalations.set_priority(session, escalation, self._priority(session, conversation_id, escalation.reason, now))
        words = Words("handoff", language)
        text = words("message.taken", reference=escalation.reference, hours=agency.hours_in_words(language))
        return escalation, Line(Author.BOT, text, language)

    async def take(self, escalation_id: int, specialist_id: int) -> dict[str, Any]:
        """Give a waiting, offered or left escalation to a specialist and tell the visitor who joined."""

        def store(session: Session) -> tuple[dict[str, Any], list[dict[str, Any]]]:
            now = clock.now()
            before = escalations.one(session, escalation_id)
            routing.seen(session, specialist_id, now)
            escalations.take(session, escalation_id, specialist_id, now)
            taken = escalations.one(session, escalation_id)
            if before["state"] == EscalationState.ACTIVE:
                return taken, []
            name, language = taken["specialist"]["alias"], taken["language"]
            if before["state"] == EscalationState.CALLBACK:
                text = Words("handoff", language)("message.joined", name=name, reference=taken["reference"])
            else:
                text = Words("service", language)("joined", name=name)
            line = Line(Author.BOT, text, language)
            messages = conversations.append(session, taken["conversation_id"], [line], now)
            return escalations.one(session, escalation_id), messages

        try:
            escalation, messages = await self._guarded(store)
        except escalations.AlreadyTaken as taken:
            raise Refused("already_taken", 409, taken_by=taken.alias) from None
        await self._tell(escalation, messages)
        return escalation

    async def decline(self, escalation_id: int, specialist_id: int) -> dict[str, Any]:
        """A specialist lets an offer go by; it goes to the next. Raises Refused when it is not theirs any more."""

        def store(session: Session) -> dict[str, Any]:
            if not routing.decline(session, escalation_id, specialist_id, clock.now()):
                raise escalations.NotActive
            return escalations.one(session, escalation_id)

        escalation = await self._guarded(store)
        await self._tell(escalation, [])
        return escalation

    async def transfer(self, escalation_id: int, specialist_id: int, to: Destination, note: str) -> dict[str, Any]:
        """Pass a conversation on with a note for whoever takes it; the visitor is told where to."""

        def store(session: Session) -> tuple[dict[str, Any], list[dict[str, Any]]]:
            now = clock.now()
            # Nobody else may fill the colleague's desk between the look at it and the offer.
            routing.one_turn_at_a_time(session)
            escalations.active_with(session, escalation_id, specialist_id)
            if to.specialist_id is not None:
                self._check_free(session, to.specialist_id, specialist_id, now)
            if not routing.transfer(
                session,
                escalation_id,
                specialist_id,
                note=note,
                to_id=to.specialist_id,
                program=to.program,
                language=to.language,
                now=now,
                ends_at=now + timedelta(seconds=self._settings.offer_seconds),
            ):
                raise escalations.NotActive
            passed = escalations.one(session, escalation_id)
            language = passed["language"]
            words, name = Words("handoff", language), session.get(Specialist, specialist_id).alias
            if to.specialist_id is None:
                text = words("transferred.skill", name=name)
            else:
                text = words("transferred.to", name=name, other=passed["offer"]["alias"])
            line = Line(Author.BOT, text, language)
            messages = conversations.append(session, passed["conversation_id"], [line], now)
            return escalations.one(session, escalation_id), messages

        escalation, messages = await self._guarded(store)
        await self._tell(escalation, messages)
        return escalation

    async def set_availability(self, specialist_id: int, availability: Availability) -> None:
        """Begin or stop to offer waiting conversations to a specialist; who goes away lets their offer go by."""

        def store(session: Session) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
            routing.set_availability(session, specialist_id, availability)
            offered = routing.offered_to(session, specialist_id) if availability is Availability.AWAY else []
            declined = [one for one in offered if routing.decline(session, one, specialist_id, clock.now())]
            return [(escalations.one(session, one), []) for one in declined]

        await self.tell_moved(await self._database.in_transaction(store), line_moved=False)
        self.stirred.set()

    async def seen(self, specialist_id: int) -> None:
        """A specialist's console gave a sign of life."""
        await self._database.in_transaction(routing.seen, specialist_id, clock.now())
        self.stirred.set()

    def fresh_since(self, now: datetime) -> datetime:
        """Since when a console must have given a sign of life for its specialist to count as here."""
        return routing.fresh_since(now, self._settings.drop_off_seconds)

    async def answer(self, escalation_id: int, specialist_id: int, text: str, client_id: str | None) -> dict[str, Any]:
        """Store and deliver a specialist's message; a repeated `client_id` is stored once."""

        def store(session: Session) -> tuple[dict[str, Any], dict[str, Any], bool]:
            escalation = escalations.active_with(session, escalation_id, specialist_id)
            routing.seen(session, specialist_id, clock.now())
            conversation_id = escalation.conversation_id
            if client_id is not None:
                seq = conversations.by_client_id(session, conversation_id, client_id)
                if seq is not None:
                    known = conversations.since(session, conversation_id, seq - 1, limit=1)[0]
                    return escalations.one(session, escalation_id), known, False
            now = clock.now()
            minutes = self._settings.identity_minutes
            # A specialist who can see the claim may write about it.
            sees_claim = identity.standing_proof(session, conversation_id, now=now, idle_minutes=minutes) is not None
            line = Line(
                Author.SPECIALIST,
                text,
                escalation.language,
                client_id=client_id,
                specialist_id=specialist_id,
                private=sees_claim,
            )
            message = conversations.append(session, conversation_id, [line], now)[0]
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
            name, language = resolved["specialist"]["alias"], resolved["language"]
            if resolved["reference"] is not None:
                text = Words("handoff", language)("message.answered", name=name, reference=resolved["reference"])
            else:
                text = Words("service", language)("given_back", name=name)
            lines = [Line(Author.BOT, text, language), please_rate(name, language)]
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

    async def tell_moved(
        self, moved: list[tuple[dict[str, Any], list[dict[str, Any]]]], *, line_moved: bool = True
    ) -> None:
        """Tell of several escalations that changed in one go, each with the messages it got.

        Visitors are told of their places again unless nobody's has changed, as when an offer is made.
        """
        for escalation, messages in moved:
            for message in messages:
                await self._tell_message(escalation["conversation_id"], message)
            await self._hub.publish(CONSOLE, {"type": "escalation", "escalation": escalation})
        if not line_moved:
            return
        concerned = [escalation["conversation_id"] for escalation, _ in moved]
        for one, state in (await self._database.in_snapshot(self._states, concerned)).items():
            await self._hub.publish(room_of(one), {"type": "handled_by", **state})

    async def _tell(self, escalation: dict[str, Any], messages: list[dict[str, Any]]) -> None:
        await self.tell_moved([(escalation, messages)])
        self.stirred.set()

    def _states(self, session: Session, concerned: list[str]) -> dict[str, dict[str, Any]]:
        """What these visitors and everybody in line are told; the queue is read once for all of them."""
        now = clock.now()
        waits: dict[tuple[int, str], tuple[int, int] | None] = {}
        states = {}
        for one in escalations.queue(session):
            alike = one.priority, one.language
            if alike not in waits:
                waits[alike] = escalations.expected_wait(session, one.priority, one.language, now)
            states[one.conversation_id] = _in_line(one.position, waits[alike])
        return states | {one: self.state_of(session, one) for one in concerned if one not in states}

    def _is_staffed(self, session: Session, program: Program | None, language: str, now: datetime) -> bool:
        if not agency.is_open(now):
            return False
        here = routing.on_duty(session, self.fresh_since(now))
        return any(one.can_help(None if program is None else str(program), language) for one in here)

    def _is_locked_out(self, session: Session, conversation_id: str) -> bool:
        limits = IdentityLimits(tries=self._settings.identity_tries)
        return identity.tries_left(session, conversation_id, limits=limits) == 0

    def _priority(self, session: Session, conversation_id: str, reason: EscalationReason, now: datetime) -> Priority:
        if reason is EscalationReason.CRISIS:
            return Priority.CRISIS
        claim_id = identity.standing_proof(
            session, conversation_id, now=now, idle_minutes=self._settings.identity_minutes
        )
        if claim_id is not None:
            facts = claims.read_claim(
                session,
                claim_id,
                reader=ReaderKind.BOT,
                conversation_id=conversation_id,
                purpose="escalation_priority",
                now=now,
            )
            today = agency_day(facts.program, now)
            due = next_deadline(facts, today)
            if due is not None and (due - today).days <= DEADLINE_DAYS:
                return Priority.DEADLINE
        if self._is_locked_out(session, conversation_id):
            return Priority.LOCKED
        return Priority.USUAL

    def _check_free(self, session: Session, colleague_id: int, specialist_id: int, now: datetime) -> None:
        here = {one.id: one for one in routing.on_duty(session, self.fresh_since(now))}
        if colleague_id == specialist_id or colleague_id not in here or not here[colleague_id].is_free:
            raise Refused("colleague_busy", 409)

    async def _tell_message(self, conversation_id: str, message: dict[str, Any]) -> None:
        await self._hub.publish(
            room_of(conversation_id),
            {"type": "message", "conversation_id": conversation_id, "message": message},
        )


def _in_line(position: int, wait: tuple[int, int] | None) -> dict[str, Any]:
    """What somebody in line is told; the range of recent waits, in minutes, only when there are enough of them."""
    told: dict[str, Any] = {"state": "waiting", "position": position}
    if wait is not None:
        told["wait_minutes"] = {"low": wait[0], "high": wait[1]}
    return {"handled_by": "specialist", "escalation": told}


def _already(language: str, standing: Escalation) -> Asked:
    return Asked(Line(Author.BOT, Words("service", language)("waiting.already"), language), standing, False)


def closed_line(language: str, now: datetime, *buttons: dict[str, str]) -> Line:
    """Nobody is here: when they are back, whom to call, and the form for a message; `buttons` are other ways."""
    words = Words("handoff", language)
    hours, phones = agency.hours_in_words(language), agency.phones_in_words(language)
    opening = None if agency.is_open(now) else agency.next_opening(now)
    if opening is None:
        text = words("closed.nobody", hours=hours, phones=phones)
    else:
        text = words("closed", hours=hours, phones=phones, next=opening)
    if buttons:
        text += "\n\n" + words("closed.callback")
    return Line(Author.BOT, text, language, buttons=list(buttons) or None, card=message_card(language))


def message_card(language: str) -> dict[str, Any]:
    """The form in which a message is left."""
    words = Words("handoff", language)
    return {
        "type": "message",
        "title": words("message.title"),
        "intro": words("message.intro"),
        "label": words("message.label"),
        "submit": words("message.submit"),
    }


def _program(slots: dict[str, Any]) -> Program | None:
    program = slots.get("program") or slots.get("page_program")
    return Program(program) if program else None


def _topics(session: Session, conversation_id: str) -> list[str]:
    """What the visitor has asked about, oldest first."""
    return [name for name in trackers.recent_intents(session, conversation_id) if name not in _NO_TOPICS]
