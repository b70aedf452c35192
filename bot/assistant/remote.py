"""Rasa as a fleet of `rasa run --enable-api` workers behind RASA_URL."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from bot.assistant import AssistantFault, BotMessage, as_words, read_messages

# What a load balancer says when the worker behind it went away before it answered.
_WORKER_GONE = frozenset({502, 503, 504})
# Waited before each further try: a balancer finds another worker at once, or leaves all alone for a second.
_PAUSES_SECONDS = (0.2, 0.4, 0.8)
_CHANNEL = "webhooks/gateway"


class RemoteAssistant:
    """The Assistant that asks Rasa over HTTP."""

    def __init__(self, url: str, *, token: str, timeout: float) -> None:
        self._url = url.rstrip("/")
        # In a header: addresses are written to the logs of what stands in between.
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = timeout
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections."""
        # A connection a message: kept ones would stay with the workers of this moment, and a worker added
        # behind a Kubernetes Service would get nothing to do.
        connector = aiohttp.TCPConnector(limit=100, force_close=True)
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout), connector=connector)

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def ready(self) -> bool:
        """Whether a worker answers and has a model: Rasa's `/` says 200 without one, our channel does not."""
        assert self._http is not None
        try:
            async with self._http.get(f"{self._url}/{_CHANNEL}/") as response:
                return response.status == 200
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False

    async def reply(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[BotMessage]:
        """Answer a visitor's words."""
        return await self._handle(conversation_id, as_words(text), metadata)

    async def run_intent(self, conversation_id: str, payload: str, metadata: dict[str, Any]) -> list[BotMessage]:
        """Answer a payload the product vouches for."""
        return await self._handle(conversation_id, payload, metadata)

    async def intent_of(self, text: str) -> str:
        """Understand words and do nothing else."""
        return str((await self._ask("parse", {"text": as_words(text)}))["intent"])

    async def _handle(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[BotMessage]:
        # A failed action leaves an empty list, which `read_messages` refuses.
        body = {"sender": conversation_id, "message": text, "metadata": metadata}
        return read_messages(await self._ask("webhook", body))

    async def _ask(self, route: str, body: dict[str, Any]) -> Any:
        try:
            return await asyncio.wait_for(self._ask_some_worker(route, body), self._timeout)
        except asyncio.TimeoutError:
            raise AssistantFault("the bot took too long") from None

    async def _ask_some_worker(self, route: str, body: dict[str, Any]) -> Any:
        """What a worker answers; another one is asked when the first went away, which has stored nothing then."""
        for pause in (*_PAUSES_SECONDS, None):
            try:
                status, answer = await self._post(route, body)
                if status == 200:
                    return answer
                if status not in _WORKER_GONE or pause is None:
                    why = f" ({answer['error']})" if isinstance(answer, dict) and "error" in answer else ""
                    raise AssistantFault(f"Rasa answered {status}{why}")
            except asyncio.TimeoutError:
                raise
            except (aiohttp.ClientError, ValueError) as error:
                if not isinstance(error, aiohttp.ClientConnectionError) or pause is None:
                    raise AssistantFault(f"Rasa can't be reached: {type(error).__name__}") from error
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _post(self, route: str, body: dict[str, Any]) -> tuple[int, Any]:
        assert self._http is not None
        address = f"{self._url}/{_CHANNEL}/{route}"
        async with self._http.post(address, headers=self._headers, json=body) as response:
            # A worker names the kind of its failure; what a balancer says is a page.
            readable = response.status == 200 or response.content_type == "application/json"
            return response.status, await response.json() if readable else None
