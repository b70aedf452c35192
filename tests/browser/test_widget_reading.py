"""How the widget reads: zoom, spacing, direction, movement, and both languages."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewContext
from tests.browser.visitor_page import WORDS, new_visitor
from tests.conftest import Served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# The spacing of WCAG 1.4.12, put over everything as a reader's own style sheet would.
SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important }"
    + " * { word-spacing: .16em !important }"
    + " p { margin-block-end: 2em !important }");
  const root = document.querySelector("benefits-help").shadowRoot;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}"""
CUT_OFF = """() => [...document.querySelector("benefits-help").shadowRoot
    .querySelectorAll("button, p, th, td, h2, h3, label, legend")]
  .filter((e) => e.getClientRects().length && getComputedStyle(e).clipPath === "none")
  .filter((e) => !e.closest(".unseen, .follows .who, .stacked thead"))
  .filter((e) => e.scrollHeight > e.clientHeight + 3 && e.clientHeight && getComputedStyle(e).overflowY !== "visible")
  .map((e) => e.className + " " + e.textContent.slice(0, 40))"""
MOVING = """() => document.querySelector("benefits-help").shadowRoot.getAnimations
  ? document.getAnimations().length + document.querySelector("benefits-help").shadowRoot.getAnimations().length : 0"""


async def test_wide_spacing_cuts_nothing_off_on_a_narrow_screen(new_context: NewContext, served: Served) -> None:
    visitor = await new_visitor(await new_context(width=320, height=640), served.url)
    await visitor.open()
    await visitor.page.evaluate(SPACING)
    await visitor.ask("what does an insurance benefits specialist II pay?", wait_for=".card")
    await visitor.ask("where is my claim", wait_for="form.identity")
    assert await visitor.sideways() == []
    assert await visitor.page.evaluate(CUT_OFF) == []


async def test_right_to_left_turns_the_panel_round(new_context: NewContext, served: Served) -> None:
    visitor = await new_visitor(await new_context(), served.url)
    page = visitor.page
    await page.evaluate(
        "() => { document.documentElement.dir = 'rtl';"
        " document.querySelector('benefits-help').setAttribute('dir', 'rtl') }"
    )
    await visitor.open()
    await visitor.ask("what does A32B pay", wait_for=".card")
    box = await page.locator("dialog").bounding_box()
    own = await page.locator(".message.visitor .text").bounding_box()
    close = await page.locator("button.close").bounding_box()
    assert box and own and close
    assert box["x"] < 100, "the window stands at the left, the end of the line"
    assert own["x"] < box["x"] + box["width"] / 3, "own messages too"
    assert close["x"] < box["x"] + box["width"] / 3
    assert await visitor.sideways() == []


async def test_nothing_moves_for_who_asked_for_less_motion(new_context: NewContext, served: Served) -> None:
    visitor = await new_visitor(await new_context(reduced_motion="reduce"), served.url)
    await visitor.open()
    assert await visitor.page.evaluate(MOVING) == 0
    await visitor.say("what does A32B pay")
    assert await visitor.page.evaluate(MOVING) == 0
    log = visitor.page.locator(".log")
    assert await log.evaluate("e => getComputedStyle(e).scrollBehavior") == "auto"


async def test_movement_and_times_can_be_set_and_are_remembered(new_context: NewContext, served: Served) -> None:
    visitor = await new_visitor(await new_context(), served.url)
    page = visitor.page
    await visitor.open()
    log = page.locator(".log")
    assert await log.evaluate("e => getComputedStyle(e).scrollBehavior") == "smooth"
    await page.locator("button.options").click()
    await page.get_by_label(visitor.word("settings.motion")).uncheck()
    await page.get_by_label(visitor.word("settings.times")).check()
    assert not await page.get_by_label(visitor.word("settings.sound")).is_checked(), "sound is off unless asked for"
    await page.keyboard.press("Escape")
    assert await log.evaluate("e => getComputedStyle(e).scrollBehavior") == "auto"
    time = page.locator(".message time").first
    assert await time.evaluate("e => getComputedStyle(e).position") == "static"
    await page.reload()
    await expect(page.locator(".message.bot").first).to_be_visible()
    assert await page.locator(".message time").first.evaluate("e => getComputedStyle(e).position") == "static"


async def test_the_language_can_be_changed_at_any_time(new_context: NewContext, served: Served) -> None:
    visitor = await new_visitor(await new_context(), served.url)
    page = visitor.page
    await visitor.open()
    await visitor.ask("what does A32B pay", wait_for=".card")
    await visitor.writing.fill("half a thought")
    await visitor.listen()
    await page.locator("button.language").click()
    await expect(visitor.writing).to_have_value("half a thought")
    panel = page.locator(".panel")
    await expect(panel).to_have_attribute("lang", "es")
    await visitor.hears("es", WORDS["language.changed"]["es"])
    visitor.language = "es"
    await expect(page.locator(".source").first).to_contain_text("2 de julio de 2012")
    english = [texts["en"] for texts in WORDS.values() if texts["en"] != texts["es"] and len(texts["en"]) > 3]
    own = await page.evaluate(
        "[...document.querySelector('benefits-help').shadowRoot.querySelectorAll('.panel *')]"
        ".filter((e) => !e.closest('[lang=en]'))"
        ".flatMap((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim())"
        ".concat(e.getAttribute('aria-label') || [], e.title || []))"
    )
    assert not set(own) & set(english), "no English is left around the messages"
    await visitor.ask("¿y el nivel III?", wait_for=".card")
    await expect(page.locator(".message.bot [lang]").last).to_have_attribute("lang", "es")
    newest = page.locator(".card").last
    await expect(newest).to_contain_text("$")
    await visitor.writing.fill("")
    await page.locator("button.language").click()
    visitor.language = "en"
    await expect(panel).to_have_attribute("lang", "en")
    await expect(page.locator(".source").first).to_contain_text("July 2, 2012")
