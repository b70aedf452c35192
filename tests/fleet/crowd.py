"""Visitors and specialists who go on talking whatever breaks, as the widget and the console make them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot import clock
from bot.database import Database
from bot.stores import demo_claims, specialists
from bot.stores.vocabulary import Role
from tests.people import Answer, SpecialistAtWork, Visitor

# The widget's own patience: for an acknowledgement over the socket, and for an HTTP answer.
ACK_SECONDS = 8.0
CALL_SECONDS = 25.0
RETRY_SECONDS = 1.0
# Nobody may wait longer for an answer, whatever is being killed.
ANSWER_SECONDS = 90.0
QUESTIONS = {
    "en": ("what does A32B pay", "and level III?", "how do i appeal", "how long does it take to get paid", "thanks"),
    "es": ("cuánto paga A32B", "cómo apelo", "qué es una semana de espera", "gracias", "hola"),
}
TELEPHONE = "360-555-0142"
CALL_ME = "when can I call you"
APOLOGIES = ("I am sorry. Something went wrong", "Lo siento. Algo falló")
_RECEIPT = re.compile(r"\bCB-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b")
_LOST = (aiohttp.ClientError, asyncio.TimeoutError, ConnectionError, OSError, ValueError)


@dataclass
class Said:
    """Words on their way: `seq` once the server has acknowledged them, `answered` once somebody has answered."""

    client_id: str
    words: dict[str, str]
    seq: int = 0
    answered: bool = False


class StormyVisitor(Visitor):
    """A visitor whose page keeps what was not acknowledged and sends it again with the same id."""

    def __init__(self, http: aiohttp.ClientSession, url: str, seed: int, **kwargs: Any) -> None:
        super().__init__(http, url, **kwargs)
        self.random = random.Random(seed)
        self.said: list[Said] = []
        self.seen: dict[int, dict[str, Any]] = {}
        self.handled_by = "bot"
        self.trouble: list[str] = []
        self.receipts: set[str] = set()
        self.waits: list[float] = []
        self.news = asyncio.Event()
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    # -------------------------------------------------------------- the line

    async def begin(self) -> None:
        """Open a conversation, however often it takes, and keep a socket on it."""
        while True:
            with contextlib.suppress(AssertionError, *_LOST):
                await asyncio.wait_for(self.open(), CALL_SECONDS)
                break
            await asyncio.sleep(RETRY_SECONDS)
        self._receive(self.messages)

    async def listen(self) -> None:
        """Keep a socket open until cancelled; while it is open nothing else is asked for."""
        while True:
            with contextlib.suppress(*_LOST):
                address = f"{self.url}/api/conversations/{self.id}/socket?since={self._unbroken()}"
                opening = self.http.ws_connect(address, protocols=("chat", self.token), heartbeat=25)
                self._socket = await asyncio.wait_for(opening, CALL_SECONDS)
                async for frame in self._socket:
                    if frame.type is not aiohttp.WSMsgType.TEXT:
                        break
                    self._frame(frame.json())
            self._socket = None
            await asyncio.sleep(self.random.uniform(0.3, 1.5))

    def _unbroken(self) -> int:
        """The number of the last message before the first gap."""
        return next(seq for seq in range(len(self.seen) + 1) if seq + 1 not in self.seen)

    def _frame(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "message":
            self._receive([frame["message"]])
        elif frame["type"] == "handled_by":
            self.handled_by = frame["handled_by"]
        elif frame["type"] == "ack":
            self._acknowledged(frame["client_id"], frame["seq"])
        self.news.set()

    def _receive(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            known = self.seen.setdefault(message["seq"], message)
            if (known["author"], known["created_at"]) != (message["author"], message["created_at"]):
                self.trouble.append(f"two messages have the number {message['seq']}")
            if message.get("client_id"):
                self._acknowledged(message["client_id"], message["seq"])
        self.news.set()

    def _acknowledged(self, client_id: str, seq: int) -> None:
        for one in self.said:
            if one.client_id == client_id:
                if one.seq not in (0, seq):
                    self.trouble.append(f"one message was acknowledged as {one.seq} and as {seq}")
                one.seq = seq

    async def _news(self, seconds: float) -> None:
        self.news.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.news.wait(), seconds)

    # -------------------------------------------------------------- talking

    async def tell(self, **words: str) -> Said:
        """Send words or a button until they are acknowledged."""
        one = Said(uuid.uuid4().hex, words)
        self.said.append(one)
        while not one.seq:
            socket = self._socket
            with contextlib.suppress(*_LOST):
                if socket is not None and not socket.closed:
                    await socket.send_json({"type": "say", "client_id": one.client_id, **words})
                    until = time.monotonic() + ACK_SECONDS
                    while not one.seq and time.monotonic() < until and not socket.closed:
                        await self._news(0.5)
                if not one.seq:
                    await self._post(one)
            if not one.seq:
                await asyncio.sleep(RETRY_SECONDS)
        return one

    async def _post(self, one: Said) -> None:
        answer = await asyncio.wait_for(self.post(client_id=one.client_id, **one.words), CALL_SECONDS)
        if answer.status == 200:
            self.handled_by = answer.body["handled_by"]
            self._receive(answer.body["messages"])
        elif answer.status not in (429, 500, 502, 503, 504):
            self.trouble.append(f"refused: {answer.status} {answer.body}")
            one.seq = -1

    async def ask(self, **words: str) -> str:
        """Send and wait for what comes of it: the bot's words, or nothing when a person has the conversation."""
        began = time.monotonic()
        one = await self.tell(**words)
        until = began + ANSWER_SECONDS
        while time.monotonic() < until:
            answers = [m for seq, m in self.seen.items() if seq > one.seq and m["author"] != "visitor"]
            if answers or self.handled_by == "specialist":
                one.answered = True
                self.waits.append(time.monotonic() - began)
                # The rest of the answer comes at the same moment.
                await asyncio.sleep(0.1)
                said = "\n".join(m["text"] for m in sorted(answers, key=lambda m: m["seq"]))
                if said.startswith(APOLOGIES):
                    # Nobody asks again at once who was told that it can't be answered now.
                    await asyncio.sleep(self.random.uniform(2, 6))
                return said
            await self._news(1.0)
        self.trouble.append(f"message {one.seq} had no answer for {ANSWER_SECONDS:.0f} seconds")
        return ""

    def keep_receipt(self, said: str) -> bool:
        """Whether the bot's words hold a receipt, which is kept."""
        receipt = _RECEIPT.search(said)
        if receipt:
            self.receipts.add(receipt.group())
        return receipt is not None

    def is_listening(self) -> bool:
        """Whether the socket is open."""
        return self._socket is not None and not self._socket.closed

    def buttons(self) -> list[str]:
        """The payloads of the buttons of the newest message."""
        return [button["payload"] for button in self.seen[max(self.seen)].get("buttons") or ()]


# ------------------------------------------------------------------ what visitors come for


async def ask_questions(one: StormyVisitor) -> None:
    """Someone with a few questions, who does not always wait for the answer before the next."""
    questions = QUESTIONS[one.locale]
    if one.random.random() < 0.3:
        await one.tell(text=one.random.choice(questions))
    await one.ask(text=one.random.choice(questions))


async def ask_for_a_call(one: StormyVisitor) -> None:
    """Someone who puts a request on record and wants the receipt for it."""
    words = {"text": CALL_ME}
    for _ in range(12):
        said = await one.ask(**words)
        if one.keep_receipt(said) or one.handled_by == "specialist":
            return
        if said.startswith(APOLOGIES):
            # The same is said again.
            continue
        offered = one.buttons()
        chosen = [p for p in offered if '"file"' in p] or [p for p in offered if p.startswith("/answer_intake")]
        starting = [p for p in offered if p.startswith('/start_intake{"intake":"callback"')]
        if chosen or starting:
            words = {"payload": one.random.choice(chosen or starting)}
        elif "number should be called" in said:
            words = {"text": TELEPHONE}
        elif "What is it about?" in said:
            words = {"text": "I moved in May and told my neighbor to keep my letters"}
        else:
            words = {"text": CALL_ME}


async def prove_and_ask(one: StormyVisitor, claim: tuple[str, str]) -> None:
    """A claimant who asks what has become of the claim."""
    with contextlib.suppress(*_LOST):
        answer = await asyncio.wait_for(one.prove(*claim), CALL_SECONDS)
        if answer.status == 200:
            one._receive(answer.body["messages"])
    await one.ask(text="where is my claim")
    await one.ask(text="when do i get paid")


async def want_a_person(one: StormyVisitor) -> None:
    """Someone who wants a person, tells them a few things and waits until they are given back."""
    await one.ask(payload="/ask_human")
    for number in range(3):
        if one.handled_by != "specialist":
            return
        await one.tell(text=f"this is line {number} for the specialist")
        await one._news(one.random.uniform(0.5, 3))
    until = time.monotonic() + ANSWER_SECONDS
    while one.handled_by == "specialist" and time.monotonic() < until:
        await one._news(1.0)


# ------------------------------------------------------------------ specialists


def hire(database_url: str, count: int, password: str) -> list[str]:
    """Add specialists' accounts; returns their logins."""
    logins = [f"specialist{number}" for number in range(count)]
    database = Database(database_url)
    with database.transaction() as session:
        for login in logins:
            alias = login.capitalize()
            specialists.add(session, login=login, alias=alias, role=Role.SPECIALIST, password=password, now=clock.now())
    database.close()
    return logins


def claims_to_prove(database_url: str) -> list[tuple[str, str]]:
    """Claim numbers and birth dates of the synthetic claimants."""
    database = Database(database_url)
    with database.transaction() as session:
        claims = [(one.claim_number, one.born_on.isoformat()) for one in demo_claims.demo_claims(session)]
    database.close()
    return claims


@dataclass
class StormySpecialist:
    """A specialist whose console sends an answer again until it is acknowledged."""

    url: str
    login: str
    password: str
    seed: int
    # How likely somebody who has said nothing yet is given back at a look.
    impatience: float = 0.5
    acknowledged: dict[str, str] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    resolved: int = 0

    async def work(self) -> None:
        """Take, answer and give back until cancelled."""
        chance = random.Random(self.seed)
        async with SpecialistAtWork(self.url) as me:
            presence = asyncio.create_task(self._be_there(me))
            try:
                while True:
                    with contextlib.suppress(KeyError, *_LOST):
                        await self._look(me, chance)
                    await asyncio.sleep(chance.uniform(0.3, 1.2))
            finally:
                presence.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await presence

    async def _be_there(self, me: SpecialistAtWork) -> None:
        while True:
            with contextlib.suppress(*_LOST):
                if not me.csrf_token:
                    await asyncio.wait_for(me.sign_in(self.login, self.password), CALL_SECONDS)
                if me.csrf_token:
                    async with me.http.ws_connect(f"{self.url}/console/api/socket", heartbeat=20) as socket:
                        async for _ in socket:
                            pass
            await asyncio.sleep(1)

    async def _look(self, me: SpecialistAtWork, chance: random.Random) -> None:
        if not me.csrf_token:
            return
        listing = await self._call(me, "GET", "/escalations")
        if listing.status != 200:
            return
        for one in listing.body["escalations"]:
            theirs = (one.get("specialist") or {}).get("id") == me.id
            if one["state"] in ("waiting", "offered"):
                await self._call(me, "POST", f"/escalations/{one['id']}/take")
            elif one["state"] == "active" and theirs:
                await self._serve(me, one["id"], chance)

    async def _serve(self, me: SpecialistAtWork, escalation_id: int, chance: random.Random) -> None:
        read = await self._call(me, "GET", f"/escalations/{escalation_id}")
        if read.status != 200:
            return
        # Words written just before a specialist joins are read too; that they joined is the bot's word.
        messages = read.body["messages"]
        newest = next((one for one in reversed(messages) if one["author"] != "bot"), messages[-1])
        if newest["author"] == "visitor":
            client_id = uuid.uuid4().hex
            body = {"text": f"Thank you for message {newest['seq']}.", "client_id": client_id}
            # Sent again with the same id until there is a word about it.
            for _ in range(30):
                with contextlib.suppress(*_LOST):
                    answer = await self._call(me, "POST", f"/escalations/{escalation_id}/messages", json=body)
                    if answer.status == 200:
                        self.acknowledged[client_id] = body["text"]
                    if answer.status < 500:
                        break
                await asyncio.sleep(RETRY_SECONDS)
        elif chance.random() < (0.5 if newest["author"] == "specialist" else self.impatience):
            resolved = await self._call(
                me, "POST", f"/escalations/{escalation_id}/resolve", json={"outcome": "answered"}
            )
            self.resolved += resolved.status == 200

    async def _call(self, me: SpecialistAtWork, method: str, path: str, **kwargs: Any) -> Answer:
        return await asyncio.wait_for(me.call(method, path, **kwargs), CALL_SECONDS)


@dataclass
class Crowd:
    """Everybody who talks, each at their own pace."""

    visitors: list[StormyVisitor]
    specialists: list[StormySpecialist]
    claims: list[tuple[str, str]]
    came_for: Counter[str] = field(default_factory=Counter)

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The sockets of visitors and the specialists, for as long as the block runs."""
        tasks = [asyncio.create_task(one.work()) for one in self.specialists]
        await asyncio.gather(*(one.begin() for one in self.visitors))
        tasks += [asyncio.create_task(one.listen()) for one in self.visitors]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def talk(self, stop: asyncio.Event) -> None:
        """Everybody comes for something again and again; ends when all have finished what they were at."""
        await asyncio.gather(*(self._talk(number, one, stop) for number, one in enumerate(self.visitors)))

    async def _talk(self, number: int, one: StormyVisitor, stop: asyncio.Event) -> None:
        while not stop.is_set():
            draw = one.random.random()
            if draw < 0.15:
                self.came_for["person"] += 1
                await want_a_person(one)
            elif draw < 0.35 and one.locale == "en":
                self.came_for["receipt"] += 1
                await ask_for_a_call(one)
            elif draw < 0.5 and number < len(self.claims):
                self.came_for["claim"] += 1
                await prove_and_ask(one, self.claims[number])
            else:
                self.came_for["question"] += 1
                await ask_questions(one)
            await one._news(one.random.uniform(0.2, 2.0))
