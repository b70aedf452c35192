"""Under an answer in the widget: words explained on tap, and whether it helped; by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage, Widget, shot

pytestmark = pytest.mark.browser
QUESTION = "how do i appeal the decision of unemployment"


async def answered(open_page: OpenPage, **how: int) -> tuple[Page, Widget]:
    page = await open_page("/", **how)
    visitor = await Widget(page).open()
    await visitor.say(QUESTION)
    await visitor.sees("right to appeal")
    return page, visitor


async def test_a_term_opens_on_tap_and_with_the_keyboard_and_esc_closes_it(open_page: OpenPage) -> None:
    page, _ = await answered(open_page)
    term = page.locator(".term").first
    note = page.locator(".definition").first
    await term.click()
    await expect(note).to_be_visible()
    await expect(term).to_have_attribute("aria-expanded", "true")
    await shot(page, "4-term-explained")
    await page.keyboard.press("Escape")
    await expect(note).to_be_hidden()
    await expect(term).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(note).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(note).to_be_hidden()
    await expect(page.locator("textarea")).to_be_visible()  # The window is still open: one Esc, one thing closed.
    await page.keyboard.press("Escape")
    await expect(page.locator("textarea")).to_be_hidden()


async def test_no_means_a_reason_can_be_given_and_is_announced_once(open_page: OpenPage) -> None:
    page, _ = await answered(open_page, width=360, height=720)
    group = page.get_by_role("group", name="Did this help? How do I appeal a decision?")
    await expect(group.get_by_role("button")).to_have_count(2)
    before = await page.locator(".messages > li").count()
    await group.get_by_role("button", name="No", exact=True).click()
    await group.get_by_role("button", name="Hard to understand").click()
    await expect(group.get_by_text("Thanks.")).to_be_visible()
    await expect(group.get_by_role("button", name="Hard to understand")).to_be_focused()
    await expect(page.locator(".announcer p", has_text="Thanks.")).to_have_count(1)
    assert await page.locator(".messages > li").count() == before  # It is no turn of the conversation.
    await shot(page, "4-feedback")
    await page.reload()
    chat = page.get_by_role("button", name=re.compile("Help chat"))
    if await chat.is_visible():
        await chat.click()
    await expect(page.get_by_role("button", name="Hard to understand")).to_have_attribute("aria-pressed", "true")


async def test_an_older_answer_asks_no_longer(open_page: OpenPage) -> None:
    page, visitor = await answered(open_page)
    await expect(page.locator(".feedback:visible")).to_have_count(1)
    await visitor.say("what does A32B pay")
    await visitor.sees(re.compile(r"\$22\.15"))
    await expect(page.locator(".feedback:visible")).to_have_count(0)


async def test_someone_whom_it_did_not_help_can_ask_for_a_person(open_page: OpenPage) -> None:
    page, visitor = await answered(open_page)
    await page.get_by_role("button", name="No", exact=True).click()
    await page.get_by_role("button", name="I need a person").click()
    await visitor.sees(re.compile("specialist|person"))
    await expect(page.locator(".who-bar.waiting")).to_be_visible()
