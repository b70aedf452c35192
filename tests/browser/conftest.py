"""A real Chromium, and people at the widget and at the console in it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from bot.settings import PROJECT_ROOT
from tests.conftest import Served

OpenPage = Callable[..., Awaitable[Page]]
NewContext = Callable[..., Awaitable[BrowserContext]]
SCREENSHOTS = PROJECT_ROOT / "screenshots"
# Milliseconds an expectation may take; only a machine that has much else to do needs them.
expect.set_options(timeout=40_000)
_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    # The page of an agency that tests make up is on no public address, and the gateway is on this machine.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
]


def chromium_path() -> str:
    """The Chromium to use; fails with what to do when there is none."""
    path = next(
        (
            found
            for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
            if name and (found := shutil.which(name))
        ),
        None,
    )
    assert path, "The browser tests need Chromium: run `make browser`, or set CHROMIUM to its path."
    return path


@contextlib.asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium for one test."""
    async with _chromium() as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests of the widget, which differ in their contexts only."""
    async with _chromium() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def new_context(shared_browser: Browser) -> AsyncIterator[NewContext]:
    """Browsers of visitors, each without a past; any complaint about a script or the CSP fails the test."""
    complaints: list[str] = []
    made: list[BrowserContext] = []

    async def make(*, width: int = 1280, height: int = 800, **options: Any) -> BrowserContext:
        context = await shared_browser.new_context(viewport={"width": width, "height": height}, **options)
        made.append(context)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
        )
        return context

    yield make
    for context in made:
        await context.close()
    assert complaints == []


@pytest.fixture
async def open_page(browser: Browser, served: Served) -> AsyncIterator[OpenPage]:
    """Open a page of the product in a browser of its own; any complaint of the browser fails the test."""
    complaints: list[str] = []

    async def make(path: str, *, width: int = 1280, height: int = 800, locale: str = "en-US") -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
        )
        await page.goto(served.url + path)
        return page

    yield make
    assert complaints == []


async def shot(page: Page, name: str) -> None:
    """Keep a screenshot for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")


class Widget:
    """Someone at the widget of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box: Locator = page.get_by_role("textbox").last

    async def open(self) -> Widget:
        await self.page.get_by_role("button", name=re.compile("Help chat|Chat de ayuda")).click()
        await expect(self.box).to_be_editable()
        return self

    async def say(self, text: str) -> None:
        await self.page.locator(".composer textarea").fill(text)
        await self.page.locator(".composer textarea").press("Enter")

    async def sees(self, text: str | re.Pattern[str]) -> Locator:
        found = self.page.get_by_text(text).last
        await expect(found).to_be_visible()
        return found


class Desk:
    """A specialist at the console."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sign_in(self, login: str, password: str) -> None:
        await self.page.locator("#login").fill(login)
        await self.page.locator("#password").fill(password)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator(".queue")).to_be_visible()

    async def take_newest(self) -> None:
        await self.page.locator(".queue .row .take").last.click()
        await expect(self.page.locator(".stage[data-stage=answering]")).to_be_visible()

    async def answer(self, text: str) -> None:
        await self.page.locator("#answer").fill(text)
        await self.page.keyboard.press("Enter")
        await self.page.get_by_text("Send now").last.click()

    async def resolve(self) -> None:
        await self.page.locator(".resolve").click()
        await self.page.locator("input[value=answered]").check()
        await self.page.locator("dialog[open] .primary").click()
        await expect(self.page.locator(".stage[data-stage=answering]")).to_have_count(0)
