"""What every request passes through: an id, security headers, origins, and one table from error to answer."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot import agency, logs
from bot.errors import Refused
from bot.gateway.addresses import from_trusted_proxy
from bot.gateway.keys import SETTINGS
from bot.metrics import HTTP_REQUESTS, HTTP_SECONDS
from bot.words import DEFAULT_LANGUAGE, LANGUAGES, Words

BODY_SECONDS = 20.0

logger = logging.getLogger(__name__)

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SECURITY_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_LOGGED = ("/api/", "/console/api/", "/chat/plain")
_CONVERSATION_ID = re.compile(r"[0-9a-f]{32}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_OTHER_SITES = ("cross-site", "same-site")
_SHARED_PATHS = ("/api/", "/readyz", "/widget.js", "/static/widget/")
_CODE_OF_STATUS = {403: "no_route", 408: "too_slow", 404: "no_route", 405: "no_route", 413: "body_too_large"}


def language_of(request: web.Request) -> str:
    """The language for an error's words: the first of Accept-Language that is ours."""
    for part in request.headers.get("Accept-Language", "").split(","):
        language = part.strip()[:2].lower()
        if language in LANGUAGES:
            return language
    return DEFAULT_LANGUAGE


def error_body(code: str, language: str, values: dict[str, Any]) -> dict[str, Any]:
    """An error as JSON: its code, its words, and the values a program may want."""
    message = Words("service", language)(f"error.{code}", **values)
    public = {name: value for name, value in values.items() if name not in ("tries_left", "phones")}
    body: dict[str, Any] = {"error": {"code": code, "message": message, **public}}
    if "tries_left" in values:
        body["tries_left"] = values["tries_left"]
    return body


def as_refusal(error: Exception) -> Refused:
    """What a failure is called outside; anything unknown stays inside and is logged."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, LookupError):
        return Refused("not_found", 404)
    if isinstance(error, SQLAlchemyError):
        logger.error("database_unavailable error=%s", type(error).__name__)
        return Refused("unavailable", 503)
    logger.exception("unexpected_error")
    return Refused("internal", 500)


def refusal_body(refusal: Refused, language: str) -> dict[str, Any]:
    """The JSON of a refusal; an unavailable service gives the phones to call."""
    values = dict(refusal.values)
    if refusal.code == "unavailable":
        values["phones"] = agency.phones_in_words(language)
    return error_body(refusal.code, language, values)


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its id, count it by its route and time it; the log names its route and never its address."""
    request_id = secrets.token_hex(8)
    if from_trusted_proxy(request) and _REQUEST_ID.fullmatch(request.headers.get("X-Request-Id", "")):
        request_id = request.headers["X-Request-Id"]
    request["id"] = request_id
    logs.REQUEST.set(request_id)
    conversation_id = request.match_info.get("id", "")
    # An address can hold anything; only what has the shape of an id is logged.
    logs.CONVERSATION.set(conversation_id if _CONVERSATION_ID.fullmatch(conversation_id) else "")
    resource = request.match_info.route.resource
    route = "none" if resource is None else resource.canonical
    method = request.method if request.method in _METHODS else "other"
    began = time.monotonic()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        seconds = time.monotonic() - began
        # A socket lives as long as its page; its time says nothing about the server.
        if status != 101:
            HTTP_SECONDS.labels(method, route).observe(seconds)
        HTTP_REQUESTS.labels(method, route, str(status)).inc()
        if route.startswith(_LOGGED):
            logger.info("request method=%s route=%s status=%s ms=%.0f", method, route, status, seconds * 1000)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into JSON with a code and words, and nothing else."""
    try:
        return await handler(request)
    except asyncio.CancelledError:
        raise
    except web.HTTPException as http:
        if http.status < 400:
            raise
        code = _CODE_OF_STATUS.get(http.status, "bad_json" if http.status == 400 else "internal")
        return web.json_response(error_body(code, language_of(request), {}), status=http.status, headers=_allow(http))
    except Exception as error:
        refusal = as_refusal(error)
        headers = {"Retry-After": str(refusal.values["retry_after"])} if "retry_after" in refusal.values else {}
        return web.json_response(refusal_body(refusal, language_of(request)), status=refusal.status, headers=headers)


def _allow(http: web.HTTPException) -> dict[str, str]:
    return {"Allow": http.headers["Allow"]} if "Allow" in http.headers else {}


@web.middleware
async def origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only our own page and the allowed ones use what a browser page of another site could reach."""
    origin = request.headers.get("Origin")
    if request.path.startswith("/console/api/") and request.headers.get("Sec-Fetch-Site") in _OTHER_SITES:
        raise Refused("origin", 403)
    if origin is None or is_own_origin(request, origin):
        return await handler(request)
    if request.path.startswith("/console/"):
        # Pages that may embed the widget have no business at the console.
        raise Refused("origin", 403)
    if origin not in request.app[SETTINGS].origins:
        if request.path.startswith("/api/"):
            raise Refused("origin", 403)
        return await handler(request)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response: web.StreamResponse = web.Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Accept-Language"
        response.headers["Access-Control-Max-Age"] = "600"
        return response
    return await handler(request)


def is_own_origin(request: web.Request, origin: str) -> bool:
    """Whether a browser's Origin header names this very server."""
    return re.sub(r"^https?://", "", origin) == request.host


def is_allowed_origin(request: web.Request) -> bool:
    """Whether a socket may be opened from the page the browser names, if it names one."""
    origin = request.headers.get("Origin")
    return origin is None or is_own_origin(request, origin) or origin in request.app[SETTINGS].origins


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Give every response its id and its security headers, and the widget's files to allowed pages."""
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = request.get("id") or secrets.token_hex(8)
    # In place of the library's own, which tells its version and Python's.
    response.headers["Server"] = "benefits-help"
    if request.app[SETTINGS].secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.path.startswith(("/api/", "/console/api/")):
        response.headers.setdefault("Cache-Control", "no-store")
    elif request.path.startswith("/static/"):
        # Asked for again each time, at the cost of a 304, so that a release never mixes with an older one.
        response.headers.setdefault("Cache-Control", "no-cache")
    origin = request.headers.get("Origin")
    if origin in request.app[SETTINGS].origins and request.path.startswith(_SHARED_PATHS):
        response.headers["Access-Control-Allow-Origin"] = str(origin)
        response.headers["Vary"] = "Origin"
    elif request.path.startswith(("/widget.js", "/static/widget/")):
        # Scripts and styles hold nothing secret, and a page that may not chat gets a clear refusal later.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


async def read_json(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request's body; raises Refused when there is none."""
    return parse_object(await in_time(request.read()) or b"{}")


async def in_time(reading: Awaitable[T]) -> T:
    """What a request's body holds; raises Refused when it takes too long to arrive."""
    try:
        return await asyncio.wait_for(reading, BODY_SECONDS)
    except asyncio.TimeoutError:
        raise Refused("too_slow", 408) from None


def parse_object(text: str | bytes) -> dict[str, Any]:
    """A JSON object whose texts can be stored; raises Refused when there is none."""
    try:
        body = json.loads(text)
        # Half a surrogate pair is JSON, but no text that a database takes.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refused("bad_json", 400) from None
    if not isinstance(body, dict):
        raise Refused("bad_json", 400)
    return {name: value.replace("\x00", "") if isinstance(value, str) else value for name, value in body.items()}
