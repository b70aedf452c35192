"""The only road in for a visitor's message: clean it, store it, have it answered, store the answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import weakref
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import agency, clock, private_messages
from bot.assistant import Assistant, AssistantFault, BotMessage
from bot.database import Database
from bot.errors import Refused, not_found
from bot.handoff import CRISIS, Handoff
from bot.hub import Hub, room_of
from bot.masking import hide_birth_dates, hide_proof, holds_proof, is_bare_number, mask, tells_birth_date
from bot.metrics import ESCALATIONS, FAULTS, IDENTITY, LOCK_SECONDS, LOST_ANSWERS, MESSAGES, RATINGS, REPLY_SECONDS
from bot.settings import Settings
from bot.stores import (
    card_feedback,
    conversations,
    escalations,
    identity,
    intakes,
    owed_answers,
    ratings,
    switches,
    trackers,
    unanswered,
)
from bot.stores.conversations import Line, Standing
from bot.stores.identity import IdentityLimits, IdentityOutcome, IdentityResult
from bot.stores.owed_answers import Owed
from bot.stores.tables import Conversation, Escalation
from bot.stores.vocabulary import Author, EscalationReason, EscalationState, FeedbackReason, Miss, Program
from bot.words import DEFAULT_LANGUAGE, LANGUAGES, Words

logger = logging.getLogger(__name__)

T = TypeVar("T")

TEXT_LIMIT = 2000
CLIENT_ID_LIMIT = 64
# "I was born on 03/14/1985" is a detail and no more; in a longer message something may be asked as well.
BARE_DETAIL_WORDS = 8
ASK_HUMAN = "/ask_human"
IDENTITY_CONFIRMED = "/identity_confirmed"
CLAIM_STATUS = "/claim_status"
# Who waits for an answer that was lost waits so long for the bot to be back, and then gets an apology.
LOST_ANSWER_SECONDS = 30.0
LOST_ANSWERS_AT_ONCE = 50
# How long, and how often, a reply that the database did not take is tried again.
STORE_AGAIN_SECONDS = 5.0
STORE_AGAIN_PAUSE_SECONDS = 0.5
# How long ago something may have been put on record for its receipt to be looked for among what was told.
RECEIPT_AGE = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """What came of a message: the visitor's own line, the replies, and who answers now.

    `known_before`: the message had come in already, and nothing was done again. `details_hidden`: it held a detail
    that the identity form asks for, which was hidden without a word about it yet.
    """

    messages: list[dict[str, Any]]
    handled_by: str
    escalation: dict[str, Any] | None = None
    known_before: bool = False
    details_hidden: bool = False


class Conversations:
    """Everything a visitor can do in a conversation."""

    def __init__(
        self, database: Database, hub: Hub, assistant: Assistant, handoff: Handoff, settings: Settings
    ) -> None:
        self._database = database
        self._hub = hub
        self._assistant = assistant
        self._handoff = handoff
        self._settings = settings
        # Messages whose answer was begun here and could not be stored.
        self._unfinished: set[tuple[str, int]] = set()
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def open(self, *, locale: str, program: Program | None) -> tuple[conversations.Opened, Said]:
        """Begin a conversation; its first messages say who is talking and what about."""

        def store(session: Session) -> tuple[conversations.Opened, list[dict[str, Any]]]:
            now = clock.now()
            opened = conversations.open_conversation(session, locale=locale, program=program, now=now)
            slots = {"language": locale, "page_program": None if program is None else str(program)}
            trackers.set_slots(session, opened.id, slots, now)
            up = switches.notice(session)
            notice = [] if up is None else [Line(Author.BOT, up[locale], locale)]
            return opened, conversations.append(session, opened.id, [*notice, _welcome(locale)], now)

        opened, messages = await self._database.in_transaction(store)
        return opened, Said(messages, "bot")

    async def authorise(self, conversation_id: str, token: str) -> Standing:
        """The conversation that the token opens; raises Refused when there is none such."""
        conversation = await self._database.in_snapshot(conversations.find, conversation_id, token)
        if conversation is None:
            raise not_found()
        return conversation

    async def since(
        self, conversation_id: str, seq: int, *, limit: int = 500
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The messages after `seq` as the visitor may read them again, and who answers now."""

        def read(session: Session) -> tuple[list[dict[str, Any]], dict[str, Any]]:
            messages = conversations.since(session, conversation_id, seq, limit=limit)
            messages = private_messages.for_visitor(session, conversation_id, messages, self._settings)
            return messages, self._handoff.state_of(session, conversation_id)

        return await self._database.in_snapshot(read)

    async def say(
        self,
        conversation_id: str,
        text: str,
        *,
        client_id: str | None = None,
        on_stored: Callable[[int], None] | None = None,
    ) -> Said:
        """Store a visitor's words and have them answered; raises Refused for an unusable text."""
        words = clean(text)
        said = await self._converse(conversation_id, words, None, client_id, on_stored)
        details_hidden = holds_proof(text) or said.details_hidden
        if said.known_before or said.handled_by != "bot" or not details_hidden:
            return said
        # What was typed has been hidden and proves nothing: the form is where it belongs.
        return await self._offer_identity(conversation_id, said)

    async def _offer_identity(self, conversation_id: str, said: Said) -> Said:
        """Say that the details were hidden, and show the identity form to who has not proven a claim yet."""

        def read(session: Session) -> tuple[str, bool]:
            minutes = self._settings.identity_minutes
            proven = identity.standing_proof(session, conversation_id, now=clock.now(), idle_minutes=minutes)
            return _spoken(trackers.current_slots(session, conversation_id)), proven is not None

        async with self._one_at_a_time(conversation_id):
            language, is_proven = await self._database.in_snapshot(read)
            replies = [BotMessage(Words("service", language)("proof_hidden"))]
            if not is_proven and not _shows_identity_card(said):
                replies += await self._ask_assistant(conversation_id, None, CLAIM_STATUS, language)
            offered = await self._store_and_tell(conversation_id, replies)
            return Said([*said.messages, *offered.messages], offered.handled_by)

    async def press(
        self,
        conversation_id: str,
        payload: str,
        *,
        client_id: str | None = None,
        on_stored: Callable[[int], None] | None = None,
    ) -> Said:
        """A visitor pressed a button; raises Refused when this conversation never showed it."""
        title = await self._database.in_snapshot(conversations.offered_title, conversation_id, payload)
        if title is None:
            raise Refused("unknown_button", 422)
        return await self._converse(conversation_id, title, payload, client_id, on_stored)

    async def prove_identity(self, conversation_id: str, claim_number: str, date_of_birth: str, pin: str = "") -> Said:
        """Check identity details; on success the question that needed them is answered at once.

        Raises Refused for details that do not fit, and for a PIN that is needed and was not given.
        """
        if self._settings.asks_for_pin and not pin.strip():
            # Said without looking at any claim, so it costs no try and tells nothing.
            raise Refused("pin_needed", 422)
        async with self._one_at_a_time(conversation_id):
            result = await self._try_identity(conversation_id, claim_number, date_of_birth, pin)
            IDENTITY.labels(str(result.outcome)).inc()
            if result.outcome is IdentityOutcome.LOCKED:
                raise Refused("identity_locked", 423, tries_left=0)
            if result.outcome is IdentityOutcome.REFUSED:
                raise Refused("identity_refused", 403, tries_left=result.tries_left)
            conversation, with_person = await self._database.in_snapshot(_read_with_person, conversation_id)
            if with_person:
                # The bot stays quiet while a person has the conversation; they see the claim in the console.
                text = Words("service", conversation.locale)("identity_confirmed")
                said = await self._store_and_tell(conversation_id, [BotMessage(text)])
                moved = await self._database.in_transaction(self._handoff.reconsider, conversation_id, clock.now())
                if moved is not None:
                    await self._handoff.tell_changed(moved)
                return said
            slots = await self._database.in_snapshot(trackers.current_slots, conversation_id)
            replies = await self._ask_assistant(conversation_id, None, IDENTITY_CONFIRMED, _spoken(slots))
            return await self._store_and_tell(conversation_id, replies)

    async def rate(
        self, conversation_id: str, seq: int, *, helpful: bool, reason: FeedbackReason | None
    ) -> dict[str, Any]:
        """Store whether an answer from a card helped; raises Refused when message `seq` is none."""
        given = await self._database.in_transaction(
            card_feedback.give, conversation_id, seq, helpful=helpful, reason=reason, now=clock.now()
        )
        if given is None:
            raise Refused("no_answer_to_rate", 404)
        RATINGS.labels("yes" if helpful else "no").inc()
        return given

    async def _try_identity(
        self, conversation_id: str, claim_number: str, date_of_birth: str, pin: str
    ) -> IdentityResult:
        limits = IdentityLimits(
            tries=self._settings.identity_tries,
            tries_per_claim=self._settings.identity_tries_per_claim,
            key=self._settings.secret_key.encode(),
            pin=self._settings.asks_for_pin,
        )
        attempt = await self._database.in_transaction(
            identity.begin_try, conversation_id, claim_number, date_of_birth, pin, now=clock.now(), limits=limits
        )
        if isinstance(attempt, IdentityResult):
            return attempt
        # Slow on purpose: on a thread and between the transactions, so that nobody else waits for it.
        fits = await asyncio.to_thread(identity.details_fit, attempt)
        return await self._database.in_transaction(identity.end_try, attempt, fits, now=clock.now())

    async def ask_person(self, conversation_id: str) -> Said:
        """Bring a person in without asking the bot."""
        async with self._one_at_a_time(conversation_id):
            return await self._store_and_tell(conversation_id, [_call_for_a_person()])

    async def rate_help(self, conversation_id: str, stars: int, words: str | None) -> Said:
        """Store what the visitor thought of a specialist's help; raises Refused when nobody has helped yet."""
        written = clean(words) if words and words.strip() else None

        def store(session: Session) -> tuple[list[dict[str, Any]], str]:
            now = clock.now()
            is_first = ratings.rate(session, conversation_id, stars, written, now)
            language = _spoken(trackers.current_slots(session, conversation_id))
            thanks = [Line(Author.BOT, Words("service", language)("rating.thanks"), language)] if is_first else []
            messages = conversations.append(session, conversation_id, thanks, now)
            return messages, str(self._handoff.state_of(session, conversation_id)["handled_by"])

        async with self._one_at_a_time(conversation_id):
            try:
                messages, handled_by = await self._database.in_transaction(store)
            except ratings.NothingToRate:
                raise Refused("nothing_to_rate", 409) from None
        await self._publish(conversation_id, messages)
        return Said(messages, handled_by)

    async def give_up(self, conversation_id: str) -> Said:
        """The visitor waits no longer for a person; nothing happens when nobody is waited for."""

        def store(session: Session) -> tuple[list[dict[str, Any]], dict[str, Any], int | None]:
            now = clock.now()
            given_up = self._handoff.give_up(session, conversation_id, now)
            messages = [] if given_up is None else conversations.append(session, conversation_id, [given_up[1]], now)
            state = self._handoff.state_of(session, conversation_id)
            return messages, state, None if given_up is None else given_up[0].id

        return await self._change_escalation(conversation_id, store)

    async def leave_message(self, conversation_id: str, text: str, *, client_id: str | None = None) -> Said:
        """Leave a message that a specialist answers later, in place of waiting; raises Refused with a person here.

        A repeated `client_id` leaves it once.
        """
        words = clean(text)
        is_new = False

        def store(session: Session) -> tuple[list[dict[str, Any]], dict[str, Any], int | None]:
            nonlocal is_new
            now = clock.now()
            if client_id is not None:
                seq = conversations.by_client_id(session, conversation_id, client_id)
                if seq is not None:
                    known = conversations.since(session, conversation_id, seq - 1)
                    shown = private_messages.for_visitor(session, conversation_id, known, self._settings)
                    return shown, self._handoff.state_of(session, conversation_id), None
            slots = trackers.current_slots(session, conversation_id)
            language = _spoken(slots)
            escalation, receipt = self._handoff.leave_message(session, conversation_id, slots, language, now)
            lines = [Line(Author.VISITOR, words, language, client_id=client_id), receipt]
            messages = conversations.append(session, conversation_id, lines, now)
            is_new = True
            owed_answers.owe(session, conversation_id, messages[0]["seq"], None, now, check_only=True)
            return messages, self._handoff.state_of(session, conversation_id), escalation.id

        left = await self._change_escalation(conversation_id, store)
        alarm = await self._alarm(conversation_id, words, left.messages[0]["seq"]) if is_new else None
        return left if alarm is None else replace(alarm, messages=[*left.messages, *alarm.messages])

    async def _change_escalation(
        self,
        conversation_id: str,
        store: Callable[[Session], tuple[list[dict[str, Any]], dict[str, Any], int | None]],
    ) -> Said:
        async with self._one_at_a_time(conversation_id):
            messages, state, changed = await self._database.in_transaction(store)
            await self._publish(conversation_id, messages)
            if changed is not None:
                await self._handoff.tell_changed(changed)
            return Said(messages, state["handled_by"], state["escalation"])

    async def set_locale(self, conversation_id: str, locale: str) -> None:
        """The visitor chose a language for the page: the bot answers in it from now on."""

        def store(session: Session) -> None:
            conversations.set_locale(session, conversation_id, locale)
            trackers.set_slots(session, conversation_id, {"language": locale}, clock.now())

        async with self._one_at_a_time(conversation_id):
            await self._database.in_transaction(store)

    async def end(self, conversation_id: str) -> None:
        """End and erase: the token, the proof of identity and the bot's memory are gone."""

        def store(session: Session) -> int | None:
            now = clock.now()
            escalation = escalations.leave(session, conversation_id, now)
            if escalation is not None:
                line = Line(Author.BOT, Words("service", "en")("visitor_left"), "en")
                conversations.append(session, conversation_id, [line], now)
            identity.forget(session, conversation_id)
            intakes.forget_drafts(session, conversation_id)
            trackers.forget(session, conversation_id)
            owed_answers.forget(session, conversation_id)
            conversations.end(session, conversation_id, now)
            return None if escalation is None else escalation.id

        async with self._one_at_a_time(conversation_id):
            escalation_id = await self._database.in_transaction(store)
        await self._hub.publish(room_of(conversation_id), {"type": "ended"})
        if escalation_id is not None:
            await self._handoff.tell_changed(escalation_id)

    async def typing(self, conversation_id: str) -> None:
        """The visitor is writing; only people are told."""
        event = {"type": "typing", "author": "visitor", "conversation_id": conversation_id}
        await self._hub.publish(room_of(conversation_id), event)

    async def _converse(
        self,
        conversation_id: str,
        text: str,
        payload: str | None,
        client_id: str | None,
        on_stored: Callable[[int], None] | None,
    ) -> Said:
        if client_id is not None and not 0 < len(client_id) <= CLIENT_ID_LIMIT:
            raise Refused("bad_client_id", 422, limit=CLIENT_ID_LIMIT)
        async with self._one_at_a_time(conversation_id):
            stored = await self._database.in_transaction(
                self._store_visitor_line, conversation_id, text, payload, client_id
            )
            began = time.monotonic()
            if on_stored is not None:
                on_stored(stored.line["seq"])
            if stored.known_before:
                messages, state = await self.since(conversation_id, stored.line["seq"] - 1)
                return Said(messages, state["handled_by"], state["escalation"], known_before=True)
            await self._publish(conversation_id, [stored.line])
            if stored.with_person:
                await self._database.in_transaction(self._keep_proof, conversation_id)
                seq = stored.line["seq"]
                alarm = await self._alarm(conversation_id, text, seq) if stored.nobody_reads else None
                told = [] if alarm is None else alarm.messages
                return Said([stored.line, *told], "specialist")
            # Where nothing is left to understand, the form is shown again instead of an answer.
            nothing_left = stored.details_hidden and len(str(stored.line["text"]).split()) <= BARE_DETAIL_WORDS
            await self._hub.publish(room_of(conversation_id), {"type": "typing", "author": "bot"})
            if nothing_left:
                said = await self._answer_with_form(conversation_id, stored.line)
            else:
                said = await self._answer(conversation_id, stored.line, payload, is_off=stored.bot_is_off)
            REPLY_SECONDS.observe(time.monotonic() - began)
            hidden_untold = stored.details_hidden and not nothing_left
            return replace(said, messages=[stored.line, *said.messages], details_hidden=hidden_untold)

    async def _answer(
        self, conversation_id: str, line: dict[str, Any], payload: str | None, *, is_off: bool | None = None
    ) -> Said:
        """Have a stored message answered; `line` needs its `seq`, `text` and `language`."""
        try:
            if payload == ASK_HUMAN:
                # Asking for a person must work while the bot does not.
                replies = [_call_for_a_person()]
            else:
                replies = await self._ask_assistant(
                    conversation_id, line["text"], payload, line["language"], is_off=is_off
                )
            return await self._store_and_tell(conversation_id, replies, answers=line["seq"], is_words=payload is None)
        except SQLAlchemyError:
            # Nobody works on it any more, so nobody has to wait until that is certain.
            self._unfinished.add((conversation_id, line["seq"]))
            raise

    async def _answer_with_form(self, conversation_id: str, line: dict[str, Any]) -> Said:
        """Say that a detail was hidden, and show the identity form again."""
        replies = [BotMessage(Words("service", line["language"])("proof_hidden"))]
        replies += await self._ask_assistant(conversation_id, None, CLAIM_STATUS, line["language"])
        return await self._store_and_tell(conversation_id, replies, answers=line["seq"])

    async def answer_lost(self) -> int:
        """Answer what was stored and never answered, because a gateway died or the database went away; says how many.

        Nobody has to send anything again for it. While the bot is not ready the answers wait a little for it.
        """
        if unfinished := set(self._unfinished):
            await self._database.in_transaction(owed_answers.put_back, unfinished, clock.now() - self._patience())
            self._unfinished -= unfinished
        lost = await self._database.in_snapshot(
            owed_answers.lost, clock.now(), self._patience(), limit=LOST_ANSWERS_AT_ONCE
        )
        if not lost:
            return 0
        ready = await self._assistant.ready()
        too_late = clock.now() - self._patience() - timedelta(seconds=LOST_ANSWER_SECONDS)
        due = [
            one for one in lost if ready or one.payload == ASK_HUMAN or (one.said_at <= too_late and not one.check_only)
        ]
        by_conversation: dict[str, list[Owed]] = {}
        for one in due:
            by_conversation.setdefault(one.conversation_id, []).append(one)
        await asyncio.gather(*(self._answer_all(*one) for one in by_conversation.items()))
        return len(due)

    async def _answer_all(self, conversation_id: str, owed: list[Owed]) -> None:
        lock = self._locks.get(conversation_id)
        if lock is not None and lock.locked():
            # It is being answered here at this moment.
            return
        for one in sorted(owed, key=lambda one: one.seq):
            async with self._one_at_a_time(conversation_id):
                try:
                    await self._answer_anew(one)
                except SQLAlchemyError as error:
                    # It stays owed; the others need not wait for it.
                    logger.warning("answer_not_stored conversation=%s error=%s", conversation_id, type(error).__name__)

    async def _answer_anew(self, owed: Owed) -> None:
        def begin(session: Session) -> tuple[bool, bool, bool]:
            now = clock.now()
            begun = owed_answers.pick_up(session, owed.conversation_id, owed.seq, now, self._patience())
            return begun, *_who_reads(escalations.open_for(session, owed.conversation_id))

        begun, with_person, nobody_reads = await self._database.in_transaction(begin)
        if not begun:
            return
        logger.warning("answer_lost conversation=%s seq=%s", owed.conversation_id, owed.seq)
        LOST_ANSWERS.inc()
        if with_person and not nobody_reads:
            await self._database.in_transaction(owed_answers.settle, owed.conversation_id, owed.seq)
        elif with_person or owed.check_only:
            await self._alarm(owed.conversation_id, owed.text, owed.seq)
        else:
            line = {"seq": owed.seq, "text": owed.text, "language": owed.language}
            await self._answer(owed.conversation_id, line, owed.payload)

    def _patience(self) -> timedelta:
        # Another gateway may be answering at this moment; in this one the conversation's lock says so.
        return timedelta(seconds=self._settings.reply_timeout + 2 if self._settings.redis_url else 0)

    def _store_visitor_line(
        self, session: Session, conversation_id: str, text: str, payload: str | None, client_id: str | None
    ) -> _StoredLine:
        now = clock.now()
        escalation = escalations.open_for(session, conversation_id)
        with_person, nobody_reads = _who_reads(escalation)
        if client_id is not None:
            seq = conversations.by_client_id(session, conversation_id, client_id)
            if seq is not None:
                # Sent again, because its answer may have been lost with the gateway that was to give it.
                if owed_answers.pick_up(session, conversation_id, seq, now, self._patience()):
                    known = conversations.since(session, conversation_id, seq - 1, limit=1)[0]
                    return _StoredLine(known, False, with_person, nobody_reads)
                return _StoredLine({"seq": seq}, True, with_person, nobody_reads)
        if is_bare_number(text):
            # Only what the specialist asked last can say whether "6789" is a secret.
            text = mask(text, conversations.last_words(session, conversation_id, Author.SPECIALIST))
        text, details_hidden = self._without_details(session, conversation_id, text)
        slots = trackers.current_slots(session, conversation_id)
        line = Line(Author.VISITOR, text, _spoken(slots), client_id=client_id)
        stored = conversations.append(session, conversation_id, [line], now)[0]
        if nobody_reads or not with_person:
            owed_answers.owe(session, conversation_id, stored["seq"], payload, now, check_only=with_person)
        # Where a person answers, the bot's switch is not asked for.
        bot_is_off = None if with_person else switches.bot_is_off(session)
        return _StoredLine(stored, False, with_person, nobody_reads, details_hidden, bot_is_off)

    def _without_details(self, session: Session, conversation_id: str, text: str) -> tuple[str, bool]:
        """The text as it may be stored, and whether a detail of the identity form that was offered had to be hidden.

        A birth date counts as one from when the form was shown, a bare number only right after it: later it may
        answer another question. Who has proven a claim is not asked for them any more.
        """
        if tells_birth_date(text):
            hidden = hide_birth_dates(text)
            is_offered = conversations.newest_identity_card(session, conversation_id) is not None
        elif is_bare_number(text):
            hidden = mask(text, asked="PIN")
            is_offered = conversations.just_asked_for_identity(session, conversation_id)
        else:
            return text, False
        minutes = self._settings.identity_minutes
        if hidden == text or not is_offered:
            return text, False
        proven = identity.standing_proof(session, conversation_id, now=clock.now(), idle_minutes=minutes)
        return (text, False) if proven is not None else (hidden, True)

    async def _alarm(self, conversation_id: str, text: str, seq: int) -> Said | None:
        """Who writes of dying while nobody reads yet gets the crisis line at once and the front of the line.

        While the bot can't tell, message `seq` stays owed and is looked at again.
        """
        try:
            intent = await self._assistant.intent_of(text)
        except AssistantFault as fault:
            logger.error("crisis_not_checked conversation=%s reason=%s", conversation_id, fault)
            return None
        if intent != CRISIS:
            await self._database.in_transaction(owed_answers.settle, conversation_id, seq)
            return None
        slots = await self._database.in_snapshot(trackers.current_slots, conversation_id)
        line = Words("talk", _spoken(slots))("crisis.waiting")
        cry = BotMessage(line, escalate=str(EscalationReason.CRISIS))
        return await self._store_and_tell(conversation_id, [cry], answers=seq)

    def _keep_proof(self, session: Session, conversation_id: str) -> None:
        # Who writes to a specialist is there, so the claim they talk about stays in view for both.
        identity.proven_claim(session, conversation_id, now=clock.now(), idle_minutes=self._settings.identity_minutes)

    async def _ask_assistant(
        self, conversation_id: str, text: str | None, payload: str | None, language: str, *, is_off: bool | None = None
    ) -> list[BotMessage]:
        """What the bot says; `is_off` is whether it is switched off, where that has been looked up."""
        if await self._database.in_snapshot(switches.bot_is_off) if is_off is None else is_off:
            return [_apology(language, "bot_off")]
        # What is spoken already decides for texts that have no language of their own, such as "A32B".
        about = {"locale": language}
        try:
            if payload is not None:
                return await self._assistant.run_intent(conversation_id, payload, about)
            return await self._assistant.reply(conversation_id, text or "", about)
        except AssistantFault as fault:
            logger.error("bot_fault conversation=%s reason=%s", conversation_id, fault)
            FAULTS.inc()
            return [_apology(language)]

    async def _store_and_tell(
        self, conversation_id: str, replies: list[BotMessage], *, answers: int | None = None, is_words: bool = False
    ) -> Said:
        """Store the replies and tell them; `answers` is the number of the message they answer, `is_words` if written.

        Of two answers to one message only the first is stored.
        """

        def store(session: Session) -> tuple[list[dict[str, Any]], dict[str, Any], int | None, bool]:
            now = clock.now()
            if answers is not None and not owed_answers.settle(session, conversation_id, answers):
                known = conversations.since(session, conversation_id, answers)
                known = private_messages.for_visitor(session, conversation_id, known, self._settings)
                return known, self._handoff.state_of(session, conversation_id), None, False
            slots = trackers.current_slots(session, conversation_id)
            language = _spoken(slots)
            lines = [
                Line(Author.BOT, m.text, m.language or language, m.buttons, m.card, m.source) for m in replies if m.text
            ]
            miss = next((m.missed for m in replies if m.missed), None)
            if miss is not None and answers is not None and is_words:
                program = slots.get("program") or slots.get("page_program")
                unanswered.add(session, conversation_id, answers, Miss(miss), language, program, now)
            reason = next((m.escalate for m in replies if m.escalate), None)
            opened: int | None = None
            is_new = False
            if reason is not None:
                brought = self._handoff.open(session, conversation_id, EscalationReason(reason), slots, language, now)
                lines.append(brought.line)
                opened = None if brought.escalation is None else brought.escalation.id
                is_new = brought.is_new
            lines += self._untold_receipts(session, conversation_id, lines, language, now)
            messages = conversations.append(session, conversation_id, lines, now)
            return messages, self._handoff.state_of(session, conversation_id), opened, is_new

        messages, state, opened, is_new = await self._stored(store, again=answers is not None)
        await self._publish(conversation_id, messages)
        if is_new:
            ESCALATIONS.inc()
        if opened is not None:
            await self._handoff.tell_changed(opened)
        return Said(messages, state["handled_by"], state["escalation"])

    async def _stored(self, store: Callable[[Session], T], *, again: bool) -> T:
        """Store a reply; one that may be tried `again` outlasts a database that is away for a moment."""
        until = time.monotonic() + STORE_AGAIN_SECONDS
        while True:
            try:
                return await self._database.in_transaction(store)
            except SQLAlchemyError:
                if not again or time.monotonic() > until:
                    raise
            await asyncio.sleep(STORE_AGAIN_PAUSE_SECONDS)

    def _untold_receipts(
        self, session: Session, conversation_id: str, lines: list[Line], language: str, now: datetime
    ) -> list[Line]:
        """What was put on record a moment ago and not told, because whoever recorded it died before saying so."""
        told = "\n".join(line.text for line in lines)
        recorded = intakes.receipts_since(session, conversation_id, now - RECEIPT_AGE)
        untold = [
            one for one in recorded if one not in told and not conversations.holds_text(session, conversation_id, one)
        ]
        words = Words("intakes", language)
        return [Line(Author.BOT, words("filed_before", receipt=one), language) for one in untold]

    async def _publish(self, conversation_id: str, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            MESSAGES.labels(message["author"]).inc()
            await self._hub.publish(
                room_of(conversation_id),
                {"type": "message", "conversation_id": conversation_id, "message": message},
            )

    @contextlib.asynccontextmanager
    async def _one_at_a_time(self, conversation_id: str) -> AsyncIterator[None]:
        # Two messages of one visitor are answered in the order they came; other conversations go on.
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        began = time.monotonic()
        async with lock:
            LOCK_SECONDS.observe(time.monotonic() - began)
            yield


@dataclass(frozen=True)
class _StoredLine:
    line: dict[str, Any]
    known_before: bool
    with_person: bool
    nobody_reads: bool
    details_hidden: bool = False
    # Where it was looked up.
    bot_is_off: bool | None = None


def clean(text: str) -> str:
    """A text fit to be stored: trimmed, within the limit, secret numbers and proofs of a claim hidden; or Refused."""
    words = text.replace("\x00", "").strip()
    if not words:
        raise Refused("empty_text", 422)
    if len(words) > TEXT_LIMIT:
        raise Refused("text_too_long", 413, limit=TEXT_LIMIT)
    return mask(hide_proof(words))


def _shows_identity_card(said: Said) -> bool:
    return any((message.get("card") or {}).get("type") == "identity" for message in said.messages)


def _who_reads(escalation: Escalation | None) -> tuple[bool, bool]:
    """Whether a person has the conversation, and whether that person, or the one who has its left message, is away."""
    nobody_reads = escalation is not None and escalation.state != EscalationState.ACTIVE
    return escalations.is_with_person(escalation), nobody_reads


def _read_with_person(session: Session, conversation_id: str) -> tuple[Conversation, bool]:
    conversation = conversations.get(session, conversation_id)
    return conversation, escalations.is_with_person(escalations.open_for(session, conversation_id))


def _spoken(slots: dict[str, Any]) -> str:
    """The language the bot speaks in a conversation."""
    language = slots.get("language")
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def _welcome(locale: str) -> Line:
    words = Words("service", locale)
    buttons = [
        {"title": words(f"welcome.button.{name}"), "payload": payload}
        for name, payload in (
            ("claim", "/claim_status"),
            ("jobs", "/job_class_search"),
            ("person", ASK_HUMAN),
        )
    ]
    return Line(Author.BOT, words("welcome"), words.language, buttons)


def _apology(locale: str, key: str = "apology") -> BotMessage:
    words = Words("service", locale)
    buttons = [{"title": words("welcome.button.person"), "payload": ASK_HUMAN}]
    return BotMessage(words(key, phones=agency.phones_in_words(words.language)), buttons=buttons)


def _call_for_a_person() -> BotMessage:
    return BotMessage("", escalate=str(EscalationReason.ASKED))
