"""Messages that hold claim data: who may read them again, and what stands in their place for others.

They are marked when they are stored. The visitor reads them while the conversation's proof of identity
stands; a specialist too, if the conversation is theirs, and each such reading is in the audit table.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot import clock
from bot.settings import Settings
from bot.stores import claims, conversations, escalations, identity
from bot.stores.identity import IdentityLimits
from bot.stores.vocabulary import Author, EscalationState
from bot.words import Words

Messages = list[dict[str, Any]]
_KEPT = ("seq", "author", "created_at", "client_id", "name")


def for_visitor(session: Session, conversation_id: str, messages: Messages, settings: Settings) -> Messages:
    """The messages as the visitor may read them: with no proof standing, claim data is hidden.

    The last hidden one carries the identity form, if the conversation has shown one and has tries left.
    """
    if not any(map(_is_private, messages)) or _proven(session, conversation_id, settings) is not None:
        return messages
    locale = conversations.get(session, conversation_id).locale
    shown = [_hidden(m, "hidden.visitor", locale) if _is_private(m) else m for m in messages]
    last = max(index for index, message in enumerate(shown) if message.get("hidden"))
    form = _identity_form(session, conversation_id, settings)
    if form is not None:
        card, language = form
        shown[last] = {**_hidden(shown[last], "hidden.visitor", language), "card": card}
    return shown


def read_as_specialist(
    session: Session, conversation_id: str, seq: int, specialist_id: int, settings: Settings
) -> Messages:
    """The messages after `seq` as a specialist may read them; needs a transaction, because it may write an audit row.

    What specialists wrote themselves they see as long as the conversation is theirs.
    """
    messages = conversations.since(session, conversation_id, seq)
    if not any(map(_is_private, messages)):
        return messages
    escalation = escalations.open_for(session, conversation_id)
    theirs = (
        escalation is not None
        and escalation.state == EscalationState.ACTIVE
        and escalation.specialist_id == specialist_id
    )
    claim_id = _proven(session, conversation_id, settings) if theirs else None
    told = [m for m in messages if _is_private(m) and m["author"] != Author.SPECIALIST]
    if claim_id is not None and told:
        claims.record_read(
            session,
            claim_id,
            specialist_id=specialist_id,
            conversation_id=conversation_id,
            purpose="transcript",
            now=clock.now(),
        )
    hide = [] if claim_id is not None else told if theirs else list(filter(_is_private, messages))
    hidden = {message["seq"] for message in hide}
    return [_hidden(m, "hidden.specialist", m["language"]) if m["seq"] in hidden else m for m in messages]


def _is_private(message: dict[str, Any]) -> bool:
    return bool(message.get("private"))


def _proven(session: Session, conversation_id: str, settings: Settings) -> int | None:
    # Reading does not keep a proof alive: only what the visitor writes does.
    return identity.standing_proof(session, conversation_id, now=clock.now(), idle_minutes=settings.identity_minutes)


def _hidden(message: dict[str, Any], key: str, language: str) -> dict[str, Any]:
    words = Words("service", language)
    hidden: dict[str, Any] = {"text": words(key), "language": words.language, "hidden": True}
    hidden.update((name, message[name]) for name in _KEPT if name in message)
    return hidden


def _identity_form(session: Session, conversation_id: str, settings: Settings) -> tuple[dict[str, Any], str] | None:
    limits = IdentityLimits(tries=settings.identity_tries)
    left = identity.tries_left(session, conversation_id, limits=limits)
    found = conversations.newest_identity_card(session, conversation_id)
    if found is None or left == 0:
        return None
    card, language = found
    return {**card, "tries_left": left}, language
