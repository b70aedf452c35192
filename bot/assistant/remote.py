"""Rasa as a fleet of `rasa run --enable-api` workers behind RASA_URL."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from bot.assistant import AssistantFault, BotMessage, as_words, read_messages

# What a load balancer says when the worker behind it went away before it answered.
_WORKER_GONE = frozenset({502, 503, 504})
_TRIES = 2
_PAUSE_SECONDS = 0.2


class RemoteAssistant:
    """The Assistant that asks Rasa over HTTP."""

    def __init__(self, url: str, *, token: str, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._params = {"token": token} if token else {}
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections."""
        # A connection a message: kept ones would stay with the workers of this moment, and a worker added
        # behind a Kubernetes Service would get nothing to do.
        connector = aiohttp.TCPConnector(limit=100, force_close=True)
        self._http = aiohttp.ClientSession(timeout=self._timeout, connector=connector)

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def ready(self) -> bool:
        """Whether a worker answers and has a model: `/` says 200 without one, `/status` does not."""
        assert self._http is not None
        try:
            async with self._http.get(f"{self._url}/status", params=self._params) as response:
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
        assert self._http is not None
        try:
            async with self._http.post(
                f"{self._url}/model/parse", params=self._params, json={"text": as_words(text)}
            ) as response:
                if response.status != 200:
                    raise AssistantFault(f"Rasa answered {response.status}")
                return str((await response.json())["intent"]["name"])
        except asyncio.TimeoutError:
            raise AssistantFault("the bot took too long") from None
        except (aiohttp.ClientError, ValueError, KeyError) as error:
            raise AssistantFault(f"Rasa can't be reached: {type(error).__name__}") from error

    async def _handle(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[BotMessage]:
        body = {"sender": conversation_id, "message": text, "metadata": metadata}
        for left in reversed(range(_TRIES)):
            try:
                status, collected = await self._post(body)
                if status == 200:
                    # A failed action leaves an empty list, which `read_messages` refuses.
                    return read_messages(collected)
                if status not in _WORKER_GONE or not left:
                    why = f" ({collected['error']})" if isinstance(collected, dict) and "error" in collected else ""
                    raise AssistantFault(f"Rasa answered {status}{why}")
            except asyncio.TimeoutError:
                raise AssistantFault("the bot took too long") from None
            except (aiohttp.ClientError, ValueError) as error:
                if not isinstance(error, aiohttp.ClientConnectionError) or not left:
                    raise AssistantFault(f"Rasa can't be reached: {type(error).__name__}") from error
            # A worker that stops in the middle has stored nothing of this turn: another one is asked.
            await asyncio.sleep(_PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")

    async def _post(self, body: dict[str, Any]) -> tuple[int, Any]:
        assert self._http is not None
        address = f"{self._url}/webhooks/gateway/webhook"
        async with self._http.post(address, headers=self._headers, json=body) as response:
            # A worker names the kind of its failure; what a balancer says is a page.
            readable = response.status == 200 or response.content_type == "application/json"
            return response.status, await response.json() if readable else None
