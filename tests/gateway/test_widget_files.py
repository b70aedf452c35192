"""The widget's files as they are served: small, joined, and without anything from elsewhere."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import aiohttp
import pytest

from bot.gateway.bundle import BundleError, bundle
from bot.settings import PROJECT_ROOT
from bot.words import LANGUAGES, load_file
from tests.conftest import Served

WIDGET = PROJECT_ROOT / "bot/gateway/static/widget"
LAUNCHER_LIMIT = 5 * 1024
WHOLE_LIMIT = 35 * 1024


async def fetched(http: aiohttp.ClientSession, url: str) -> bytes:
    async with http.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_the_launcher_and_the_whole_widget_stay_small(served: Served, http: aiohttp.ClientSession) -> None:
    launcher = b"".join(
        [gzip.compress(await fetched(http, served.url + path)) for path in ("/widget.js", "/static/widget/launcher.js")]
    )
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
    for name in ("widget.js", "static/widget/launcher.js", "static/widget/app.js", "static/widget/panel.css"):
        text = (await fetched(http, f"{served.url}/{name}")).decode()
        addresses = re.findall(r"https?://[^\s\"'`)]+", text)
        assert not [a for a in addresses if not a.startswith("http://www.w3.org/")], name


def test_the_words_that_show_before_the_catalogue_are_the_same_there() -> None:
    words = load_file(WIDGET / "words.yml")
    launcher = (WIDGET / "launcher.js").read_text(encoding="utf-8")
    for language in LANGUAGES:
        block = re.search(rf"^    {language}: \{{\n(.*?)^    \}},", launcher, re.MULTILINE | re.DOTALL)
        assert block
        own = dict(re.findall(r'(\w+): "([^"]+)"', block[1]))
        assert own == {key.removeprefix("launcher."): words[key][language] for key in words if "launcher." in key}
    tag = (WIDGET / "widget.js").read_text(encoding="utf-8")
    for language in LANGUAGES:
        assert f'{language}: "{words["launcher.open"][language]}"' in tag


def test_every_word_the_widget_asks_for_is_in_the_catalogue_and_none_is_idle() -> None:
    words = set(load_file(WIDGET / "words.yml"))
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in WIDGET.rglob("*.js"))
    scripts += (WIDGET.parents[1] / "plain_page.py").read_text(encoding="utf-8")
    asked = set(re.findall(r"\b(?:t|say|words)\(\s*[\"']([a-z_]+\.[a-z_.0-9]+)[\"']", scripts))
    plain = set(load_file(WIDGET / "plain.yml"))
    assert asked - words - plain == set()
    patterns = [
        re.compile(re.sub(r"\\\$\\\{[^}]*\\\}", r"[\\w.]+", re.escape(one)) + "$")
        for one in re.findall(r"`([a-z_]+\.[^`\s]*\$\{[^`]*)`", scripts)
    ]
    quoted = set(re.findall(r"[\"']([a-z_]+\.[a-z_.0-9]+)[\"']", scripts))
    idle = {
        key
        for key in words
        if key not in quoted and not key.startswith("launcher.") and not any(p.match(key) for p in patterns)
    }
    assert idle == set()


def test_the_tag_can_be_read_by_browsers_of_any_age() -> None:
    tag = re.sub(r"^\s*//.*$", "", (WIDGET / "widget.js").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for newer in (r"\blet\b", r"\bconst\b", "=>", "`", r"\bclass\b", r"\basync\b", r"\?\.", r"\?\?", r"\.\.\."):
        assert not re.search(newer, tag), newer


def test_a_module_that_can_not_be_joined_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("export default function () {}\n")
    with pytest.raises(BundleError, match=r"app\.js"):
        bundle(tmp_path, "app.js")
