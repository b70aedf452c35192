"""The Rasa input channel the gateway talks to: like `rest`, but it carries metadata and admits failure.

Rasa's `rest` channel drops the metadata and answers 200 with an empty list when handling a message
fails; this one answers 500, so that the gateway can apologise instead of staying silent.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.assistant import shortcuts
from bot.settings import Settings

_UNAUTHORIZED = {"error": "unauthorized"}


class GatewayInput(InputChannel):
    """Named in credentials.yml as `bot.assistant.channel.GatewayInput`."""

    def __init__(self, token: str = "") -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        """The part of the address after `/webhooks/`."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayInput:
        """The channel with the token in RASA_TOKEN, which callers must send when it is set."""
        # The one place of ours that every worker passes when it starts.
        shortcuts.take()
        return cls(Settings.from_environment().rasa_token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's routes."""
        routes = Blueprint("gateway_webhook", "gateway_webhook")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            # For probes, which carry no token: Rasa's own `/` says 200 without a model.
            ready = _agent_of(request) is not None
            return response.json({"ready": ready}, status=200 if ready else 503)

        @routes.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            # Rasa's own `/model/parse` wants the token in the address, which is written to logs.
            if not self._is_allowed(request):
                return response.json(_UNAUTHORIZED, status=401)
            agent = _agent_of(request)
            if agent is None:
                return response.json({"error": "NoModel"}, status=503)
            try:
                understood = await agent.parse_message(request.json["text"])
            except Exception as error:
                return response.json({"error": type(error).__name__}, status=500)
            return response.json({"intent": understood["intent"]["name"]})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_allowed(request):
                return response.json(_UNAUTHORIZED, status=401)
            body = request.json
            collector = CollectingOutputChannel()
            message = UserMessage(
                body["message"],
                collector,
                body["sender"],
                input_channel=self.name(),
                metadata=body.get("metadata"),
            )
            try:
                await on_new_message(message)
            except Exception as error:
                return response.json({"error": type(error).__name__}, status=500)
            return response.json(collector.messages)

        return routes

    def _is_allowed(self, request: Request) -> bool:
        return not self._token or hmac.compare_digest(request.token or "", self._token)


def _agent_of(request: Request) -> Any:
    """Rasa with its model; None without one."""
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None
