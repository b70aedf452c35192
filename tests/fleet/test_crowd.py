"""Many visitors and specialists at the same time, while a worker, a gateway and the model are replaced.

Every day thirty visitors and three specialists, beside other tests; `make crowd` lets in two hundred and ten, and
`make crowd VISITORS=1000` as many as are wanted (CROWD_VISITORS, CROWD_SPECIALISTS).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time

import aiohttp
import pytest

from tests.fleet import afterwards, errands
from tests.fleet.balancer import Balancer
from tests.fleet.crowd import (
    APOLOGIES,
    CALL_SECONDS,
    Crowd,
    StormySpecialist,
    StormyVisitor,
    claims_to_prove,
    hire,
)
from tests.fleet.fleet import TOKEN, Fleet

pytestmark = pytest.mark.fleet

VISITORS = int(os.environ.get("CROWD_VISITORS", "30"))
SPECIALISTS = int(os.environ.get("CROWD_SPECIALISTS", "3"))
PASSWORD = "many people, each one heard"
SEED = 20261122
# Few enough for two cores; everybody's socket is open all the time.
AT_ONCE = 8
# Who talks to a specialist waits for one of them, not for processors.
TALKS_AT_ONCE = max(2, SPECIALISTS)
KINDS = 5


def _crowd(fleet: Fleet, http: aiohttp.ClientSession, first_gateway: str) -> tuple[Crowd, list[errands.Errand]]:
    """People and what they come for. Those who want a person are at one gateway, specialists at the other."""
    database_url = fleet.environment["DATABASE_URL"]
    claims = claims_to_prove(database_url)
    visitors, coming_for = [], []
    for number in range(VISITORS):
        kind = number % KINDS
        url = first_gateway if kind == 0 else fleet.url
        locale = "es" if kind == 1 and number % 2 else "en"
        one = StormyVisitor(http, url, SEED + number, locale=locale)
        visitors.append(one)
        claim = claims[number % len(claims)]
        errand = (
            errands.talk_to_a_person,
            errands.read_pay,
            errands.find_out_whether_they_qualify,
            errands.put_a_call_on_record,
            errands.ask_about_a_claim(claim),
        )[kind]
        coming_for.append(errand(one))
    staff = [
        StormySpecialist(fleet.gateway(1), login, PASSWORD, SEED + number, impatience=0.0)
        for number, login in enumerate(hire(database_url, SPECIALISTS, PASSWORD))
    ]
    return Crowd(visitors, staff, claims), coming_for


async def test_nobody_loses_a_word_while_parts_and_the_model_are_replaced(
    fleet: Fleet,
) -> None:
    first_gateway = Balancer(fleet.gateway_ports, in_turn=False)
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=None)) as http:
        crowd, coming_for = _crowd(fleet, http, first_gateway.url)
        began = time.monotonic()
        async with crowd.at_work():
            fleet.workers.servers = fleet.rasa_ports[:1]
            await _step(coming_for)
            assert all(one.is_listening() for one in crowd.visitors)

            trained, fleet.model = fleet.model, fleet.folder / "model-of-the-day.tar.gz"
            shutil.copy(trained, fleet.model)
            fleet.workers.servers = fleet.rasa_ports[1:]
            await asyncio.gather(_step(coming_for), asyncio.to_thread(fleet.restart_worker, 0))

            fleet.workers.servers = fleet.rasa_ports[:1]
            await asyncio.gather(
                _step(coming_for),
                asyncio.to_thread(fleet.restart_gateway, 0),
                asyncio.to_thread(fleet.restart_worker, 1),
            )

            fleet.workers.servers = list(fleet.rasa_ports)
            await _step(coming_for)
            await _until_everybody_listens(crowd)
        seconds = time.monotonic() - began
        for number in range(2):
            async with http.get(f"{fleet.worker(number)}/status?token={TOKEN}") as response:
                assert (await response.json())["model_file"] == "model-of-the-day.tar.gz"
        wrong = afterwards.what_went_wrong(fleet.environment["DATABASE_URL"], crowd)
        wrong += await _otherwise_at_a_gateway(crowd, fleet)
    first_gateway.stop()
    _print_figures(crowd, seconds)
    assert not wrong, "\n".join(wrong)
    said = [message["text"] for one in crowd.visitors for message in one.seen.values()]
    assert [text for text in said if text.startswith(APOLOGIES)] == []


async def _step(coming_for: list[errands.Errand]) -> None:
    talks, others = coming_for[::KINDS], [one for number, one in enumerate(coming_for) if number % KINDS]
    await asyncio.gather(errands.step(talks, TALKS_AT_ONCE), errands.step(others, AT_ONCE))


async def _until_everybody_listens(crowd: Crowd) -> None:
    until = time.monotonic() + CALL_SECONDS
    while not all(one.is_listening() for one in crowd.visitors):
        assert time.monotonic() < until, "a page did not find its way back"
        await asyncio.sleep(0.1)


async def _otherwise_at_a_gateway(crowd: Crowd, fleet: Fleet) -> list[str]:
    """One line for each page that differs from what a gateway, each in its turn, says the conversation is."""
    wrong = []
    for number, one in enumerate(crowd.visitors):
        one.url = fleet.gateway(number % 2)
        told = [(message["seq"], message["author"]) for message in await one.transcript()]
        on_the_page = [(seq, message["author"]) for seq, message in sorted(one.seen.items())]
        if told != on_the_page or [seq for seq, _ in told] != list(range(1, len(told) + 1)):
            wrong.append(f"{one.id}: the page has {on_the_page}, the gateway says {told}")
    return wrong


def _print_figures(crowd: Crowd, seconds: float) -> None:
    waits = sorted(wait for one in crowd.visitors for wait in one.waits)
    middle, most = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
    report = {
        "visitors, specialists": f"{len(crowd.visitors)}, {len(crowd.specialists)}",
        "seconds": round(seconds),
        "messages on all pages": sum(len(one.seen) for one in crowd.visitors),
        "answers waited for": len(waits),
        "wait: median, 95 %, longest": f"{middle:.2f} s, {most:.2f} s, {waits[-1]:.2f} s",
        "specialists' messages": sum(len(one.acknowledged) for one in crowd.specialists),
        "talks with a person": sum(one.resolved for one in crowd.specialists),
        "receipts": sum(len(one.receipts) for one in crowd.visitors),
    }
    print("\n" + "\n".join(f"{name}: {value}" for name, value in report.items()), flush=True)
