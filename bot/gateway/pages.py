"""The pages and their files: the demo page, the full-page chat, the console, and their words as JSON."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.errors import Refused
from bot.words import LANGUAGES, WordsError, load_file

routes = web.RouteTableDef()

STATIC = Path(__file__).parent / "static"
_PAGES = {"/": "demo/index.html", "/chat": "demo/chat.html", "/console": "console/index.html"}
_SIDES = ("widget", "console")


def add_pages(app: web.Application) -> None:
    """Serve the pages and the static files."""
    app.add_routes(routes)
    for path, file in _PAGES.items():
        app.router.add_get(path, _page(file))
    app.router.add_get("/widget.js", _page("widget/widget.js"))
    for folder in ("widget", "console", "demo"):
        app.router.add_static(f"/static/{folder}", STATIC / folder)


@routes.get("/static/{side}/words.{language}.json")
async def words(request: web.Request) -> web.Response:
    """A side's texts in one language, as key -> text."""
    side, language = request.match_info["side"], request.match_info["language"]
    if side not in _SIDES or language not in LANGUAGES:
        raise Refused("no_route", 404)
    try:
        texts = load_file(STATIC / side / "words.yml")
    except WordsError:
        raise Refused("internal", 500) from None
    body = {key: by_language[language] for key, by_language in texts.items()}
    return web.json_response(body, headers={"Cache-Control": "max-age=300"})


def _page(file: str):  # type: ignore[no-untyped-def]
    async def serve(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / file, headers={"Cache-Control": "no-cache"})

    return serve
