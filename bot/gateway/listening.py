"""Accepts connections, and ends those that never get to the end of their first request."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# aiohttp ends a connection that is idle between requests, but waits for the first one for ever.
FIRST_REQUEST_SECONDS = 20.0
KEEP_ALIVE_SECONDS = 75.0
BACKLOG = 1024


class Connection(RequestHandler):
    """One accepted connection."""

    has_spoken = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the other side some seconds to send a whole request."""
        super().connection_made(transport)
        asyncio.get_running_loop().call_later(FIRST_REQUEST_SECONDS, self._end_if_silent)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what can't be parsed; the parser's own words quote it, so only the status is told."""
        if isinstance(exc, HttpProcessingError):
            status = exc.code
        logger.info("bad_request status=%s error=%s", status, type(exc).__name__)
        response = web.Response(status=status, headers={"X-Content-Type-Options": "nosniff", "Server": "benefits-help"})
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        response.force_close()
        return response

    def _end_if_silent(self) -> None:
        if not self.has_spoken and self.transport is not None:
            self.transport.close()


@web.middleware
async def mark_connection(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note that a whole request has come over this connection."""
    if isinstance(request.protocol, Connection):
        request.protocol.has_spoken = True
    return await handler(request)


def bind(host: str, port: int) -> socket.socket:
    """The address, taken but not answered on yet; raises OSError when it can't be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


async def listen(server: web.Server, bound: socket.socket) -> asyncio.Server:
    """Answer for `server` on an address that was taken by `bind`."""
    loop = asyncio.get_running_loop()

    def accept() -> Connection:
        return Connection(
            server,
            loop=loop,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            access_log=None,  # type: ignore[arg-type]
        )

    return await loop.create_server(accept, sock=bound, backlog=BACKLOG)
