"""Runs the custom actions inside the gateway's process instead of on an action server."""

from __future__ import annotations

import json
import logging
import pkgutil
from importlib import import_module
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

import actions
from bot import cards, glossary

logger = logging.getLogger(__name__)


class InProcessActions(EndpointConfig):
    """An action endpoint that calls the rasa_sdk executor directly.

    Rasa swallows what an action raises and goes on in silence, so each failure is also noted per
    conversation for whoever waits for the reply.
    """

    in_process = True

    def __init__(self) -> None:
        # With the selective domain Rasa does not turn the whole domain into JSON at every action.
        super().__init__(url="in-process", enable_selective_domain=True)
        self._failed: set[str] = set()
        # Imported here first because the executor ends the process when an import fails.
        for module in pkgutil.iter_modules(actions.__path__, actions.__name__ + "."):
            import_module(module.name)
        # Read now, so that no visitor waits for it at the first question.
        cards.deck()
        glossary.terms()
        self._executor = ActionExecutor()
        self._executor.register_package(actions)

    async def request(self, method: str = "post", subpath: str | None = None, **kwargs: Any) -> Any:
        """Run the action named in the JSON body and return its events and responses."""
        call = kwargs["json"]
        try:
            return await self._executor.run(call)
        except ActionExecutionRejection as rejection:
            body = {"error": str(rejection), "action_name": rejection.action_name}
            raise ClientResponseError(400, "rejected", json.dumps(body)) from rejection
        except Exception as error:
            self._failed.add(call["sender_id"])
            # The traceback is left out because its last line may quote what the visitor said.
            logger.error(
                "action_failed action=%s error=%s conversation=%s",
                call.get("next_action"),
                type(error).__name__,
                call["sender_id"],
            )
            raise

    def take_failure(self, conversation_id: str) -> bool:
        """Whether an action failed in this conversation since the last look."""
        failed = conversation_id in self._failed
        self._failed.discard(conversation_id)
        return failed
