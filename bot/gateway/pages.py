"""The pages and their files: the demo page, the full-page chat, the console, and their words as JSON."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.errors import Refused
from bot.gateway.bundle import bundle, slim_script, slim_style
from bot.words import LANGUAGES, load_file

STATIC = Path(__file__).parent / "static"
_PAGES = {"/": "demo/index.html", "/chat": "demo/chat.html", "/console": "console/index.html"}
_SIDES = ("widget", "console")


def add_pages(app: web.Application) -> None:
    """Serve the pages and the static files."""
    for path, file in _PAGES.items():
        app.router.add_get(path, _page(file))
    widget = STATIC / "widget"
    app.router.add_get("/widget.js", _compact(lambda: slim_script(_read(widget / "widget.js")), "text/javascript"))
    app.router.add_get(
        "/static/widget/launcher.js", _compact(lambda: slim_script(_read(widget / "launcher.js")), "text/javascript")
    )
    app.router.add_get("/static/widget/app.js", _compact(lambda: bundle(widget, "app.js"), "text/javascript"))
    app.router.add_get(
        "/static/widget/panel.css", _compact(lambda: slim_style(_read(widget / "panel.css")), "text/css")
    )
    for side in _SIDES:
        # Added before the folder itself, which would otherwise look for a file of this name.
        app.router.add_get(f"/static/{side}/words.{{language}}.json", _words(STATIC / side / "words.yml"))
    for folder in (*_SIDES, "demo"):
        app.router.add_static(f"/static/{folder}", STATIC / folder)


def _compact(make: Callable[[], str], content_type: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Serve a text the widget needs, made smaller when it is first asked for and compressed for who accepts it."""
    made = functools.cache(make)

    async def serve(request: web.Request) -> web.Response:
        text = made()
        tag = hashlib.sha256(text.encode()).hexdigest()[:16]
        headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if any(known.value == tag for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        response = web.Response(text=text, content_type=content_type, headers=headers)
        response.enable_compression()
        return response

    return serve


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _words(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        """A side's texts in one language, as key -> text."""
        language = request.match_info["language"]
        if language not in LANGUAGES:
            raise Refused("no_route", 404)
        body = {key: by_language[language] for key, by_language in load_file(path).items()}
        response = web.json_response(body)
        response.enable_compression()
        return response

    return serve


def _page(file: str) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    async def serve(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / file, headers={"Cache-Control": "no-cache"})

    return serve
