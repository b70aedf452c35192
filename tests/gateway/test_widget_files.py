"""The widget's files as they are served: small, joined, and without anything from elsewhere."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import aiohttp
import pytest

from bot.gateway.bundle import BundleError, bundle
from tests.conftest import Served

LAUNCHER_LIMIT = 5 * 1024
WHOLE_LIMIT = 35 * 1024


async def fetched(http: aiohttp.ClientSession, url: str) -> bytes:
    async with http.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_the_launcher_and_the_whole_widget_stay_small(served: Served, http: aiohttp.ClientSession) -> None:
    launcher = gzip.compress(await fetched(http, f"{served.url}/widget.js"))
    assert len(launcher) <= LAUNCHER_LIMIT
    rest = [
        gzip.compress(await fetched(http, f"{served.url}/static/widget/{name}"))
        for name in ("app.js", "panel.css", "words.es.json")
    ]
    assert len(launcher) + sum(map(len, rest)) <= WHOLE_LIMIT


async def test_compression_and_validation_are_used(served: Served, http: aiohttp.ClientSession) -> None:
    url = f"{served.url}/static/widget/app.js"
    async with http.get(url, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        tag = response.headers["ETag"]
    async with http.get(url, headers={"If-None-Match": tag}) as response:
        assert response.status == 304


async def test_the_widget_asks_nobody_else_for_anything(served: Served, http: aiohttp.ClientSession) -> None:
    for name in ("widget.js", "static/widget/app.js", "static/widget/panel.css"):
        text = (await fetched(http, f"{served.url}/{name}")).decode()
        addresses = re.findall(r"https?://[^\s\"'`)]+", text)
        assert not [a for a in addresses if not a.startswith("http://www.w3.org/")], name


def test_a_module_that_can_not_be_joined_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("export default function () {}\n")
    with pytest.raises(BundleError, match=r"app\.js"):
        bundle(tmp_path, "app.js")
