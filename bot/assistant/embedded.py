"""Rasa inside the gateway's process, on a thread and an event loop of its own.

On the gateway's loop a message would stall every socket while it is understood. Only this module
imports Rasa, and only on its thread: the import takes seconds, and the page is served meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from bot.assistant import AssistantFault, BotMessage, as_words, read_messages
from bot.assistant.without_tensorflow import without_tensorflow

logger = logging.getLogger(__name__)

T = TypeVar("T")
# From glibc's malloc.h; other C libraries have no mallopt, or do nothing.
_M_ARENA_MAX = -8


class EmbeddedAssistant:
    """The Assistant of a single process."""

    def __init__(self, model_path: Path, *, timeout: float) -> None:
        self._model_path = model_path
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="rasa", daemon=True)
        self._agent: Any = None
        self._actions: Any = None

    async def start(self) -> None:
        """Start the thread, which imports Rasa and loads the model."""
        _share_memory_pools()
        self._thread.start()

    async def close(self) -> None:
        """Stop the thread's loop."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            await asyncio.to_thread(self._thread.join, 5)

    async def ready(self) -> bool:
        """Whether the model is loaded."""
        return self._agent is not None

    async def reply(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[BotMessage]:
        """Answer a visitor's words."""
        return await self._handle(conversation_id, as_words(text), metadata)

    async def run_intent(self, conversation_id: str, payload: str, metadata: dict[str, Any]) -> list[BotMessage]:
        """Answer a payload the product vouches for."""
        return await self._handle(conversation_id, payload, metadata)

    async def intent_of(self, text: str) -> str:
        """Understand words and do nothing else."""
        return str((await self._on_thread(self._parse(as_words(text))))["intent"]["name"])

    async def _handle(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[BotMessage]:
        return await self._on_thread(self._handle_on_thread(conversation_id, text, metadata))

    async def _on_thread(self, work: Coroutine[Any, Any, T]) -> T:
        if self._agent is None:
            work.close()
            raise AssistantFault("the model is not loaded")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._timeout)
        except asyncio.TimeoutError:
            raise AssistantFault("the bot took too long") from None

    async def _parse(self, text: str) -> dict[str, Any]:
        try:
            return dict(await self._agent.parse_message(text))
        except Exception as error:
            raise AssistantFault(f"Rasa raised {type(error).__name__}") from error

    async def _handle_on_thread(self, conversation_id: str, text: str, metadata: dict[str, Any]) -> list[BotMessage]:
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        channel = CollectingOutputChannel()
        message = UserMessage(text, channel, sender_id=conversation_id, input_channel="gateway", metadata=metadata)
        try:
            await self._agent.handle_message(message)
        except Exception as error:
            raise AssistantFault(f"Rasa raised {type(error).__name__}") from error
        if self._actions.take_failure(conversation_id):
            raise AssistantFault("an action failed")
        return read_messages(channel.messages)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._agent = self._load()
        except Exception:
            logger.exception("model_not_loaded path=%s (train one with `python -m bot train`)", self._model_path.name)
            return
        logger.info("model_loaded model=%s", self._agent.model_name)
        self._loop.run_forever()

    def _load(self) -> Any:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

        with without_tensorflow(self._model_path):
            import rasa.utils.log_utils
            from rasa.core.agent import Agent

            from bot.assistant import shortcuts
            from bot.assistant.in_process_actions import InProcessActions
            from bot.assistant.lock_store import ConversationLockStore
            from bot.assistant.tracker_store import TailTrackerStore

            # Unconfigured, structlog prints every text and slot value.
            rasa.utils.log_utils.configure_structlog(logging.ERROR)
            shortcuts.take()
            self._actions = InProcessActions()
            agent = Agent.load(
                self._model_path,
                tracker_store=TailTrackerStore(domain=None),
                lock_store=ConversationLockStore(),
                action_endpoint=self._actions,
            )
        _return_free_memory()
        return agent


def _share_memory_pools() -> None:
    """Have all threads share two pools of the C library's memory: one each keeps ten megabytes more from the others."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _return_free_memory() -> None:
    """Have the C library give back what only loading needed: with glibc a hundred megabytes, elsewhere nothing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
