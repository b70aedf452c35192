"""The pages and their files: the demo page, the full-page chat, the console, and their words as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.errors import Refused
from bot.words import LANGUAGES, load_file

STATIC = Path(__file__).parent / "static"
_PAGES = {"/": "demo/index.html", "/chat": "demo/chat.html", "/console": "console/index.html"}
_SIDES = ("widget", "console")


def add_pages(app: web.Application) -> None:
    """Serve the pages and the static files."""
    for path, file in _PAGES.items():
        app.router.add_get(path, _page(file))
    app.router.add_get("/widget.js", _page("widget/widget.js"))
    for side in _SIDES:
        # Added before the folder itself, which would otherwise look for a file of this name.
        app.router.add_get(f"/static/{side}/words.{{language}}.json", _words(STATIC / side / "words.yml"))
    for folder in (*_SIDES, "demo"):
        app.router.add_static(f"/static/{folder}", STATIC / folder)


def _words(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        """A side's texts in one language, as key -> text."""
        language = request.match_info["language"]
        if language not in LANGUAGES:
            raise Refused("no_route", 404)
        body = {key: by_language[language] for key, by_language in load_file(path).items()}
        return web.json_response(body, headers={"Cache-Control": "max-age=300"})

    return serve


def _page(file: str) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    async def serve(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / file, headers={"Cache-Control": "no-cache"})

    return serve
