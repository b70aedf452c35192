"""Routing while the gateway runs: one turn after the other, whenever something has changed and every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import agency, clock, routing
from bot.database import Database
from bot.handoff import Handoff, closed_line
from bot.settings import Settings
from bot.stores import conversations, escalations
from bot.stores import routing as store
from bot.stores.conversations import Line
from bot.stores.vocabulary import Author, EscalationState
from bot.words import Words

logger = logging.getLogger(__name__)

MOST_SECONDS_BETWEEN_TURNS = 2.0

Moved = list[tuple[dict[str, Any], list[dict[str, Any]]]]


class Dispatch:
    """Makes and takes back offers, and takes conversations back from specialists who have gone.

    Every gateway runs one. A turn is one transaction, and turns of several gateways wait for each other in
    the database, so none of them has to lead and any may stop at any time.
    """

    def __init__(self, database: Database, handoff: Handoff, settings: Settings) -> None:
        self._database = database
        self._handoff = handoff
        self._settings = settings
        self._pause = min(MOST_SECONDS_BETWEEN_TURNS, settings.offer_seconds / 4, settings.drop_off_seconds / 4)

    async def run(self) -> None:
        """Take turns until cancelled; a turn that fails is logged and the next one comes."""
        stirred = self._handoff.stirred
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stirred.wait(), self._pause)
            stirred.clear()
            try:
                await self.turn()
            except Exception as error:
                logger.error("routing_failed error=%s", type(error).__name__)
                await asyncio.sleep(self._pause)

    async def turn(self) -> None:
        """Do what is due now and tell everybody concerned."""
        now = clock.now()
        dropped_before = now - timedelta(seconds=self._settings.drop_off_seconds)
        if not await self._database.in_snapshot(store.needs_turn, now, dropped_before=dropped_before):
            return
        moved = await self._database.in_transaction(self._turn, now, dropped_before)
        if moved:
            await self._handoff.tell_moved(moved, line_moved=any(messages for _, messages in moved))

    def _turn(self, session: Session, now: datetime, dropped_before: datetime) -> Moved:
        store.one_turn_at_a_time(session)
        messages: dict[int, list[dict[str, Any]]] = {}
        for dropped in store.drop(session, now, dropped_before=dropped_before):
            logger.warning("specialist_dropped specialist=%s escalation=%s", dropped.specialist_id, dropped.id)
            line = _dropped_line(session, dropped)
            messages[dropped.id] = conversations.append(session, dropped.conversation_id, [line], now)
        changed = [*messages, *store.expire(session, now)]
        waiting = store.in_line(session)
        on_duty = store.on_duty(session, self._handoff.fresh_since(now)) if waiting else []
        if waiting and not (on_duty and agency.is_open(now)):
            for alone in store.tell_closed(session, now):
                line = closed_line(alone.language, now)
                messages.setdefault(alone.id, []).extend(
                    conversations.append(session, alone.conversation_id, [line], now)
                )
                changed.append(alone.id)
        length = timedelta(seconds=self._settings.offer_seconds)
        for offer in routing.offers(waiting, on_duty, now, rest=length):
            if store.make(session, offer, now, now + length):
                changed.append(offer.escalation_id)
        return [(escalations.one(session, one), messages.get(one, [])) for one in dict.fromkeys(changed)]


def _dropped_line(session: Session, dropped: store.Dropped) -> Line:
    words = Words("handoff", dropped.language)
    if dropped.state == EscalationState.CALLBACK:
        reference = escalations.one(session, dropped.id)["reference"]
        text = words("dropped.message", name=dropped.alias, reference=reference)
    else:
        text = words("dropped", name=dropped.alias)
    return Line(Author.BOT, text, dropped.language)
