"""How much one address, one conversation and one claim may ask for; docs/security.md says why these numbers."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from aiohttp import web

from bot.errors import Refused
from bot.gateway.addresses import THIS_MACHINE, client_address
from bot.gateway.keys import DOOR
from bot.limits import Limiter, Rate
from bot.metrics import REFUSED_BY_LIMIT
from bot.settings import Settings
from bot.stores.identity import normalise_claim_number

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_COUNTED = ("/api/", "/console/api/", "/chat/plain")
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


class Door:
    """Counts what comes in and refuses what is too much."""

    def __init__(self, settings: Settings, limiter: Limiter) -> None:
        self._limiter = limiter
        self._requests = Rate("address", settings.rate_address, _MINUTE)
        self._openings = Rate("open", settings.rate_open, _MINUTE)
        self._messages = Rate("conversation", settings.rate_conversation, _MINUTE)
        self._wrong_identity = Rate("identity", settings.rate_wrong_identity, _HOUR)
        self._wrong_claim = Rate("claim", settings.rate_wrong_claim, _DAY)
        self._wrong_sign_in = Rate("sign_in", settings.rate_wrong_sign_in, _HOUR)
        self._most_sockets = {
            "address": settings.sockets_per_address,
            "conversation": settings.sockets_per_conversation,
        }
        self._sockets: Counter[tuple[str, str]] = Counter()

    async def request(self, address: str) -> None:
        """One more request of an address; raises Refused when it is too much."""
        if address == THIS_MACHINE:
            return
        await self._take(self._requests, address)

    async def opening(self, address: str) -> None:
        """One more conversation of an address; raises Refused when it is too much."""
        if address == THIS_MACHINE:
            return
        await self._take(self._openings, address)

    async def message(self, conversation_id: str) -> None:
        """One more message of a visitor; raises Refused when it is too much."""
        await self._take(self._messages, conversation_id)

    @contextlib.asynccontextmanager
    async def identity(self, address: str, claim_number: str) -> AsyncIterator[None]:
        """A try at proving identity: refused when the address or the claim had too many wrong ones, counted if wrong.

        A claim number nobody could have counts for the address alone.
        """
        number = normalise_claim_number(claim_number)
        counted = [(self._wrong_identity, address), *([(self._wrong_claim, number)] if number else [])]
        async with self._counting_wrong(counted, ("identity_refused", "identity_locked")):
            yield

    @contextlib.asynccontextmanager
    async def sign_in(self, address: str) -> AsyncIterator[None]:
        """A specialist's sign-in: refused when the address had too many wrong ones, counted if wrong."""
        async with self._counting_wrong([(self._wrong_sign_in, address)], ("wrong_login",)):
            yield

    @contextlib.contextmanager
    def socket(self, kind: str, who: str) -> Iterator[None]:
        """Hold one of the sockets that an `address` or a `conversation` may have; raises Refused when all are taken."""
        most = 0 if who == THIS_MACHINE else self._most_sockets[kind]
        if most and self._sockets[kind, who] >= most:
            REFUSED_BY_LIMIT.labels(f"sockets_{kind}").inc()
            raise Refused("too_many_sockets", 429, retry_after=30)
        self._sockets[kind, who] += 1
        try:
            yield
        finally:
            self._sockets[kind, who] -= 1
            if self._sockets[kind, who] <= 0:
                del self._sockets[kind, who]

    async def close(self) -> None:
        """Give back connections."""
        await self._limiter.close()

    @contextlib.asynccontextmanager
    async def _counting_wrong(self, counted: list[tuple[Rate, str]], wrong: tuple[str, ...]) -> AsyncIterator[None]:
        for rate, who in counted:
            await self._take(rate, who, cost=0)
        try:
            yield
        except Refused as refusal:
            if refusal.code in wrong:
                for rate, who in counted:
                    await self._limiter.take(rate, who)
            raise

    async def _take(self, rate: Rate, who: str, cost: int = 1) -> None:
        wait = await self._limiter.take(rate, who, cost)
        if wait > 0:
            REFUSED_BY_LIMIT.labels(rate.name).inc()
            raise Refused("too_many", 429, retry_after=math.ceil(wait))


@web.middleware
async def limits(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count every request to the interfaces under its address."""
    if request.path.startswith(_COUNTED):
        await request.app[DOOR].request(client_address(request))
    return await handler(request)
