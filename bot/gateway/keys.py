"""Where the application keeps what its handlers need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.assistant import Assistant
from bot.colleagues import Colleagues
from bot.conversation import Conversations
from bot.database import Database
from bot.handoff import Handoff
from bot.hub import Hub
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.gateway.door import Door

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
HUB = web.AppKey("hub", Hub)  # type: ignore[type-abstract]
ASSISTANT = web.AppKey("assistant", Assistant)  # type: ignore[type-abstract]
HANDOFF = web.AppKey("handoff", Handoff)
COLLEAGUES = web.AppKey("colleagues", Colleagues)
CONVERSATIONS = web.AppKey("conversations", Conversations)
DOOR: web.AppKey[Door] = web.AppKey("door")
