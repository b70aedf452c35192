"""What the gateway does by itself: answer what was left unanswered, count the queue, delete what is past its time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import clock, purging
from bot.gateway.keys import CONVERSATIONS, DATABASE, SETTINGS
from bot.metrics import QUEUE_OLDEST_SECONDS, QUEUE_WAITING
from bot.stores.tables import Escalation
from bot.stores.vocabulary import EscalationState

logger = logging.getLogger(__name__)

COUNT_SECONDS = 15.0
LOST_ANSWERS_SECONDS = 1.0
FIRST_PURGE_SECONDS = 60.0
PURGE_SECONDS = 86_400.0
_MOST_CLOCK_DRIFT = 3600.0


async def housekeeping(app: web.Application) -> AsyncIterator[None]:
    """Run the tasks as long as the application runs."""
    tasks = [asyncio.create_task(_every(COUNT_SECONDS, 0.0, lambda: _count_queue(app)), name="count-queue")]
    answering = _every(LOST_ANSWERS_SECONDS, 0.0, lambda: app[CONVERSATIONS].answer_lost())
    tasks.append(asyncio.create_task(answering, name="answer-lost"))
    if app[SETTINGS].purge_daily:
        clock_now = _SteadyClock()
        purge = _every(PURGE_SECONDS, FIRST_PURGE_SECONDS, lambda: _purge(app, clock_now))
        tasks.append(asyncio.create_task(purge, name="purge"))
    yield
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class _SteadyClock:
    """Notices when the wall clock was set by more than an hour since the start."""

    def __init__(self) -> None:
        self._wall, self._steady = time.time(), time.monotonic()

    def has_jumped(self) -> bool:
        passed = time.monotonic() - self._steady
        return abs(time.time() - self._wall - passed) > _MOST_CLOCK_DRIFT


async def _every(seconds: float, first: float, work: Callable[[], Awaitable[object]]) -> None:
    await asyncio.sleep(first)
    while True:
        try:
            await work()
        except Exception as error:
            # One failure must not be the last turn of this task.
            logger.warning("housekeeping_failed error=%s", type(error).__name__)
        await asyncio.sleep(seconds)


async def _count_queue(app: web.Application) -> None:
    def count(session: Session) -> tuple[int, float]:
        waiting, oldest = session.execute(
            select(func.count(), func.min(Escalation.opened_at)).where(Escalation.state == EscalationState.WAITING)
        ).one()
        return waiting, 0.0 if oldest is None else max(0.0, (clock.now() - oldest).total_seconds())

    waiting, oldest_seconds = await app[DATABASE].in_snapshot(count)
    QUEUE_WAITING.set(waiting)
    QUEUE_OLDEST_SECONDS.set(oldest_seconds)


async def _purge(app: web.Application, steady: _SteadyClock) -> None:
    if steady.has_jumped():
        logger.error("purge_skipped reason=clock_jumped")
        return
    await asyncio.to_thread(purging.purge_unless_clock_is_wrong, app[DATABASE], clock.now())
