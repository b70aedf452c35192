"""Whether a conversation has proven a claim: asked before a claim is read, and by what depends on it."""

from __future__ import annotations

import functools

from sqlalchemy.exc import SQLAlchemyError

from actions.base import database
from bot import clock
from bot.settings import Settings
from bot.stores import identity


@functools.cache
def settings() -> Settings:
    """The settings of the action server, read once."""
    return Settings.from_environment()


def stands(conversation_id: str) -> bool:
    """Whether a proof of identity stands; a store that does not answer knows none. Asking keeps no proof alive."""
    try:
        with database().snapshot() as session:
            claim_id = identity.standing_proof(
                session, conversation_id, now=clock.now(), idle_minutes=settings().identity_minutes
            )
    except SQLAlchemyError:
        return False
    return claim_id is not None
