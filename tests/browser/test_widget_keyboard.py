"""The widget by keyboard alone, and what a screen reader is told."""

from __future__ import annotations

from calendar import month_name

import pytest
from playwright.async_api import expect

from bot.stores.demo_claims import demo_pin
from bot.stores.vocabulary import ClaimStatus
from tests.browser.conftest import NewContext
from tests.browser.visitor_page import VisitorPage, new_visitor
from tests.conftest import Served
from tests.stored import claim_with

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_DIALOG = "() => Boolean(document.querySelector('benefits-help').shadowRoot.activeElement?.closest('dialog'))"


async def tab_to(visitor: VisitorPage, name: str, *, key: str = "Tab", most: int = 40) -> None:
    """Press Tab until the control of that name has the focus."""
    for _ in range(most):
        if await visitor.focused() == name:
            return
        await visitor.page.keyboard.press(key)
    pytest.fail(f"{most} times {key} never reached {name!r}; it is at {await visitor.focused()!r}")


async def test_a_claimant_needs_no_mouse_from_opening_to_ending(new_context: NewContext, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=6)
    year, month, day = (int(part) for part in born_on.split("-"))
    visitor = await new_visitor(await new_context(), served.url)
    page, keys = visitor.page, visitor.page.keyboard
    await tab_to(visitor, visitor.word("launcher.open"))
    await keys.press("Enter")
    await expect(page.locator(".message.bot")).to_be_visible()
    assert await visitor.focused() == visitor.word("composer.label"), "one can write at once"
    await keys.type("where is my claim")
    await keys.press("Enter")
    await expect(page.locator("form.identity")).to_be_visible()
    await tab_to(visitor, "Claim number", key="Shift+Tab")
    await keys.type(number)
    await keys.press("Tab")
    await keys.type(month_name[month])
    await keys.press("Tab")
    await keys.type(str(day))
    await keys.press("Tab")
    await keys.type(str(year))
    await keys.press("Tab")
    await keys.type(demo_pin(number))
    await keys.press("Enter")
    await expect(page.locator(".status")).to_be_visible()
    assert await visitor.focused() == visitor.word("composer.label"), "the form is gone, the focus is not lost"
    await tab_to(visitor, visitor.word("options.title"), key="Shift+Tab")
    await keys.press("Enter")
    assert await visitor.focused() == visitor.word("options.title")
    await tab_to(visitor, visitor.word("options.end"))
    await keys.press("Enter")
    await tab_to(visitor, visitor.word("confirm.end.yes"))
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name=visitor.word("ended.title"))).to_be_focused()
    await tab_to(visitor, visitor.word("panel.close"))
    await keys.press("Enter")
    await expect(page.locator("button.launcher")).to_be_focused()


async def test_escape_goes_back_one_step_at_a_time_and_returns_the_focus(
    new_context: NewContext, served: Served
) -> None:
    visitor = await (await _at(new_context, served)).open()
    page, keys = visitor.page, visitor.page.keyboard
    await visitor.choose_option("help")
    await expect(page.get_by_role("heading", name=visitor.word("options.help"))).to_be_focused()
    await keys.press("Escape")
    await expect(page.get_by_role("heading", name=visitor.word("options.title"))).to_be_focused()
    await keys.press("Escape")
    await expect(page.locator(".sheet")).to_be_hidden()
    await keys.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(page.locator("button.launcher")).to_be_focused()


async def test_the_keyboard_stays_inside_while_the_window_covers_the_page(
    new_context: NewContext, served: Served
) -> None:
    visitor = await (await _at(new_context, served, width=320, height=640)).open()
    page = visitor.page
    assert await page.locator("dialog").get_attribute("aria-modal") == "true"
    seen = set()
    for _ in range(14):
        await page.keyboard.press("Tab")
        assert await page.evaluate(IN_DIALOG), await visitor.focused()
        seen.add(await visitor.focused())
    assert {visitor.word("composer.label"), visitor.word("panel.close"), visitor.word("options.title")} <= seen
    for _ in range(4):
        await page.keyboard.press("Shift+Tab")
        assert await page.evaluate(IN_DIALOG)


async def test_beside_the_page_the_keyboard_can_leave(new_context: NewContext, served: Served) -> None:
    visitor = await (await _at(new_context, served)).open()
    assert await visitor.page.locator("dialog").get_attribute("aria-modal") == "false"
    for _ in range(30):
        await visitor.page.keyboard.press("Tab")
        if not await visitor.page.evaluate(IN_DIALOG):
            return
    pytest.fail("Tab never came back to the page")


async def test_each_message_is_said_once_in_order_and_in_its_language(new_context: NewContext, served: Served) -> None:
    visitor = await (await _at(new_context, served)).open()
    page = visitor.page
    regions = await page.evaluate(
        "[...document.querySelector('benefits-help').shadowRoot"
        ".querySelectorAll('[aria-live], [role=log], [role=alert]')]"
        ".map((e) => [e.className, e.getAttribute('aria-live')])"
    )
    assert regions == [["unseen announcer", "polite"]], "one region, and it never interrupts"
    await visitor.listen()
    questions = ["what does A32B pay", "requirements for A32B", "¿cuánto paga el puesto A32C?"]
    for question in questions:
        await visitor.say(question)  # Not waiting, so that answers come quickly one after another.
    await expect(page.locator(".message.visitor[data-seq]")).to_have_count(3)
    await expect(page.locator(".card:has-text('$51,016.65')")).to_be_visible()
    shown = await page.evaluate(
        "document.querySelector('benefits-help')._app.conversation.messages.slice(1)"
        ".filter((m) => m.author !== 'visitor').map((m) => [m.language, m.text])"
    )
    await visitor.hears(*shown[-1])
    spoken = await visitor.spoken()
    assert len(spoken) == len(shown) >= 3
    for (language, text), (own_language, own_text) in zip(spoken, shown, strict=True):
        assert language == own_language and own_text in text
    marked = await page.locator(".message.bot > [lang]").evaluate_all("all => all.map((one) => one.lang)")
    assert {"en", "es"} <= set(marked), "each message says its language"


async def test_errors_of_the_form_take_the_focus_and_lead_to_the_fields(
    new_context: NewContext, served: Served
) -> None:
    visitor = await (await _at(new_context, served)).open()
    page = visitor.page
    await visitor.ask("where is my claim", wait_for="form.identity")
    await page.locator("form.identity button[type=submit]").click()
    assert (await visitor.focused()).startswith(visitor.word("identity.fix_many"))
    first = page.locator(".summary button").first
    await first.click()
    assert await visitor.focused() == "Claim number"
    field = page.locator("form.identity input[aria-invalid=true]").first
    described = (await field.get_attribute("aria-describedby") or "").split()
    texts = [await page.locator(f"#{one}").inner_text() for one in described]
    assert any(text.startswith("Please fill in") for text in texts)


async def _at(new_context: NewContext, served: Served, **options: int) -> VisitorPage:
    return await new_visitor(await new_context(**options), served.url)
