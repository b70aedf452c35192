"""Specialists, supervisors and admins at the shared gateway, made when a test needs them."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator

from bot import clock
from bot.stores import specialists
from bot.stores.vocabulary import Role
from tests.conftest import Served
from tests.people import SpecialistAtWork

PASSWORD = "a long password"


def hire(served: Served, role: Role, alias: str = "Ria") -> str:
    """Make an account; returns its login."""
    login = f"{role}-{uuid.uuid4().hex[:8]}"
    with served.transaction() as session:
        specialists.add(session, login=login, alias=alias, role=role, password=PASSWORD, now=clock.now())
    return login


@contextlib.asynccontextmanager
async def at_work(served: Served, role: Role = Role.SPECIALIST, alias: str = "Ria") -> AsyncIterator[SpecialistAtWork]:
    """Somebody new of this role, signed in."""
    login = hire(served, role, alias)
    async with SpecialistAtWork(served.url) as one:
        assert (await one.sign_in(login, PASSWORD)).status == 200
        one.login = login
        yield one
