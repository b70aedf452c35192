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
            agent = getattr(request.app.ctx, "agent", None)
            ready = agent is not None and agent.is_ready()
            return response.json({"ready": ready}, status=200 if ready else 503)

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if self._token and not hmac.compare_digest(request.token or "", self._token):
                return response.json({"error": "unauthorized"}, status=401)
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
