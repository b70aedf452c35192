"""Markup in every text that people or imports can fill stays text, in the widget and in the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot import clock
from bot.stores import specialists
from bot.stores.vocabulary import Role
from tests.browser.conftest import Desk, OpenPage, Widget
from tests.conftest import Prepared, Served, serve

pytestmark = pytest.mark.browser

MARKS = [
    "<img src=x onerror=\"window.broken='{}'\">",
    "<script>window.broken='{}'</script>",
    "</textarea></li><svg onload=\"window.broken='{}'\">",
    "[a](javascript:window.broken='{}') **b**",
]


def mark(place: str, number: int = 0) -> str:
    return f"{place} {MARKS[number].format(place)}"


async def nothing_ran(page: Page) -> None:
    """No script ran and no element stands on the page that a text put there, also inside the widget's shadow."""
    assert await page.evaluate("window.broken") is None
    count = """() => {
        const all = (root) => [...root.querySelectorAll("*")].flatMap(
            (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
        return all(document).filter((one) =>
            one.matches("img[src=x], [onerror], [onload], a[href^='javascript:' i]") ||
            (one.tagName === "SCRIPT" && one.textContent.includes("broken"))).length;
    }"""
    assert await page.evaluate(count) == 0


@pytest.fixture
def served(tmp_path: Path, prepared: Prepared) -> Iterator[Served]:
    """A gateway of its own: in the shared one other tests leave people waiting, and this one takes the newest."""
    gateway = serve(tmp_path, prepared=prepared)
    yield gateway
    gateway.process.stop()


async def test_markup_in_every_field_stays_text_in_widget_and_console(open_page: OpenPage, served: Served) -> None:
    with served.transaction() as session:
        specialists.add(
            session,
            login="marked",
            alias="<img src=x onerror=window.broken=1>",
            role=Role.SPECIALIST,
            password="long enough 12",
            now=clock.now(),
        )

    page = await open_page("/chat")
    visitor = Widget(page)
    await visitor.sees("not a person")
    for at in range(len(MARKS)):
        await visitor.say(mark("visitor", at))
        await expect(page.get_by_text(mark("visitor", at), exact=True).last).to_be_visible()
    await nothing_ran(page)

    desk = Desk(await open_page("/console"))
    await desk.sign_in("marked", "long enough 12")
    await visitor.say("I want to talk to a person")
    await visitor.say(mark("last"))
    await desk.take_newest()
    await expect(desk.page.get_by_text(mark("last")).last).to_be_visible()
    await nothing_ran(desk.page)
    await visitor.sees("<img src=x onerror=window.broken=1> has joined")
    for at in range(len(MARKS)):
        await desk.answer(mark("specialist", at))
        await expect(page.get_by_text(mark("specialist", at)).last).to_be_visible()
    await nothing_ran(page)
    await nothing_ran(desk.page)

    plain = await open_page("/chat/plain")
    await plain.locator("textarea").fill(mark("plain", 2))
    await plain.locator("button[value=say]").click()
    await expect(plain.get_by_text(mark("plain", 2)).first).to_be_visible()
    await nothing_ran(plain)
