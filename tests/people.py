"""People who use the product over HTTP and sockets, as tests need them."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import aiohttp

from bot.stores.demo_claims import demo_pin


@dataclass
class Answer:
    """An HTTP answer, read."""

    status: int
    body: Any
    headers: Any = None

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


async def read(response: aiohttp.ClientResponse) -> Answer:
    text = await response.text()
    is_json = "json" in response.headers.get("Content-Type", "")
    return Answer(response.status, json.loads(text) if is_json else text, response.headers)


@dataclass
class Visitor:
    """Someone at the widget."""

    http: aiohttp.ClientSession
    url: str
    locale: str = "en"
    program: str | None = None
    id: str = ""
    token: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def open(self) -> Visitor:
        body = {"locale": self.locale, **({"program": self.program} if self.program else {})}
        answer = await self.request("POST", "/api/conversations", json=body)
        assert answer.status == 201, answer.body
        self.id, self.token = answer.body["id"], answer.body["token"]
        self.messages = answer.body["messages"]
        return self

    async def request(self, method: str, path: str, **kwargs: Any) -> Answer:
        headers = dict(kwargs.pop("headers", {}))
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        async with self.http.request(method, self.url + path, headers=headers, **kwargs) as response:
            return await read(response)

    async def call(self, method: str, part: str, **kwargs: Any) -> Answer:
        return await self.request(method, f"/api/conversations/{self.id}{part}", **kwargs)

    async def post(self, **body: Any) -> Answer:
        return await self.call("POST", "/messages", json=body)

    async def say(self, text: str) -> str:
        """Say something and return all the bot answered, as one text."""
        answer = await self.post(text=text)
        assert answer.status == 200, answer.body
        self.messages += answer.body["messages"]
        return "\n".join(m["text"] for m in answer.body["messages"] if m["author"] == "bot")

    async def press(self, payload: str) -> Answer:
        answer = await self.post(payload=payload)
        if answer.status == 200:
            self.messages += answer.body["messages"]
        return answer

    async def prove(self, claim_number: str, date_of_birth: str, **more: Any) -> Answer:
        """Fill in the identity card; the PIN is the demo claim's unless another is given (None: none at all)."""
        details = {"claim_number": claim_number, "date_of_birth": date_of_birth, "pin": demo_pin(claim_number), **more}
        body = {name: value for name, value in details.items() if value is not None}
        answer = await self.call("POST", "/identity", json=body)
        if answer.status == 200:
            self.messages += answer.body["messages"]
        return answer

    async def transcript(self, since: int = 0) -> list[dict[str, Any]]:
        answer = await self.call("GET", f"/messages?since={since}")
        assert answer.status == 200, answer.body
        return list(answer.body["messages"])

    async def socket(self, since: int = 0) -> VisitorSocket:
        socket = await self.http.ws_connect(
            f"{self.url}/api/conversations/{self.id}/socket?since={since}", protocols=("chat", self.token)
        )
        return VisitorSocket(socket)


# Makes a visitor, of the shared gateway or of another.
MakeVisitor = Callable[..., Visitor]


class Frames:
    """A socket whose frames can be waited for by what they hold."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def next(self, seconds: float = 10) -> dict[str, Any]:
        frame = await self.socket.receive(timeout=seconds)
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(f"closed with {self.socket.close_code}")
        body = json.loads(frame.data)
        self.seen.append(body)
        return dict(body)

    async def until(self, seconds: float = 10, **wanted: Any) -> dict[str, Any]:
        """The next frame whose fields have these values."""

        async def look() -> dict[str, Any]:
            while True:
                frame = await self.next(seconds)
                if all(frame.get(name) == value for name, value in wanted.items()):
                    return frame

        return await asyncio.wait_for(look(), seconds)

    async def message(self, text: str, seconds: float = 10) -> dict[str, Any]:
        """The next message that holds `text`."""

        async def look() -> dict[str, Any]:
            while True:
                frame = await self.next(seconds)
                if frame["type"] == "message" and text in frame["message"]["text"]:
                    return dict(frame["message"])

        return await asyncio.wait_for(look(), seconds)

    async def send(self, **frame: Any) -> None:
        await self.socket.send_json(frame)

    async def close(self) -> None:
        await self.socket.close()


class VisitorSocket(Frames):
    """The visitor's end of a live conversation."""

    async def say(self, text: str, client_id: str | None = None) -> str:
        client_id = client_id or uuid.uuid4().hex
        await self.send(type="say", text=text, client_id=client_id)
        return client_id


class SpecialistAtWork:
    """A specialist at the console, with cookies of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.csrf_token = ""
        self.login = ""
        self.id = 0
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> SpecialistAtWork:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.close()

    async def sign_in(self, login: str, password: str) -> Answer:
        answer = await self.call("POST", "/session", json={"login": login, "password": password})
        if answer.status == 200:
            self.csrf_token = answer.body["csrf_token"]
            self.id = answer.body["specialist"]["id"]
        return answer

    async def call(self, method: str, path: str, **kwargs: Any) -> Answer:
        headers = {"X-CSRF-Token": self.csrf_token, **kwargs.pop("headers", {})}
        async with self.http.request(method, f"{self.url}/console/api{path}", headers=headers, **kwargs) as response:
            return await read(response)

    async def escalation_of(self, conversation_id: str) -> dict[str, Any]:
        answer = await self.call("GET", "/escalations")
        return next(e for e in answer.body["escalations"] if e["conversation_id"] == conversation_id)

    async def socket(self) -> Frames:
        return Frames(await self.http.ws_connect(f"{self.url}/console/api/socket"))
