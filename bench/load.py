"""Visitors who wait for each answer before they send the next message, and how long they waited."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp

TURNS_PER_CONVERSATION = 10


class Door(Protocol):
    """One conversation with an assistant."""

    async def open(self) -> None: ...

    async def say(self, text: str) -> bool:
        """Send a message and wait for its answer; False when the bot has handed the conversation to a person.

        Raises RuntimeError when there is no answer.
        """
        ...


class OurDoor:
    """A conversation through the product's HTTP interface, its transcript stored."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._headers: dict[str, str] = {}
        self._id = ""

    async def open(self) -> None:
        async with self._http.post(f"{self._url}/api/conversations", json={"locale": "en"}) as response:
            opened = await response.json()
        self._id, self._headers = opened["id"], {"Authorization": f"Bearer {opened['token']}"}

    async def say(self, text: str) -> bool:
        address = f"{self._url}/api/conversations/{self._id}/messages"
        async with self._http.post(address, headers=self._headers, json={"text": text}) as response:
            body = await response.json()
        if response.status != 200 or not any(message["author"] == "bot" for message in body["messages"]):
            raise RuntimeError(f"no answer: {response.status} {body}")
        return body["handled_by"] == "bot"


class StarterDoor:
    """A conversation through Rasa's REST channel."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._sender = ""

    async def open(self) -> None:
        self._sender = uuid.uuid4().hex

    async def say(self, text: str) -> bool:
        body = {"sender": self._sender, "message": text}
        async with self._http.post(f"{self._url}/webhooks/rest/webhook", json=body) as response:
            answer = await response.json()
        # The fallback of a starter has no answer of its own: an empty list is a reply there.
        if response.status != 200:
            raise RuntimeError(f"no answer: {response.status} {answer}")
        return True


@dataclass(frozen=True)
class Load:
    """What a number of visitors saw: replies a second, and milliseconds from a message to its answer."""

    visitors: int
    replies: int
    per_second: float
    median_ms: float
    p95_ms: float


async def load(doors: Sequence[Door], texts: Iterable[str], seconds: float) -> Load:
    """Let each door's visitor talk for `seconds`, a new conversation every ten turns."""
    supply = iter(texts)
    waits: list[float] = []
    began = time.perf_counter()

    async def visit(door: Door) -> None:
        turn, goes_on = 0, False
        while time.perf_counter() - began < seconds:
            text = next(supply, None)
            if text is None:
                raise RuntimeError("the texts have run out; offer more")
            if turn % TURNS_PER_CONVERSATION == 0 or not goes_on:
                await door.open()
            turn += 1
            wait, goes_on = await _timed(door, text)
            waits.append(wait)

    await asyncio.gather(*map(visit, doors))
    lasted = time.perf_counter() - began
    p95 = statistics.quantiles(waits, n=20)[-1]
    return Load(len(doors), len(waits), len(waits) / lasted, statistics.median(waits), p95)


async def one_conversation(door: Door, texts: Sequence[str]) -> list[float]:
    """The milliseconds that each turn of a single conversation took."""
    await door.open()
    waits = []
    for turn, text in enumerate(texts, start=1):
        wait, goes_on = await _timed(door, text)
        if not goes_on:
            raise RuntimeError(f"the bot called for a person at turn {turn}: {text}")
        waits.append(wait)
    return waits


def at_turn(waits: Sequence[float], turn: int, *, around: int = 10) -> float:
    """The median wait of the turns around `turn`, which counts from 1."""
    return statistics.median(waits[max(0, turn - around) : turn + around])


async def _timed(door: Door, text: str) -> tuple[float, bool]:
    began = time.perf_counter()
    goes_on = await door.say(text)
    return 1000 * (time.perf_counter() - began), goes_on
