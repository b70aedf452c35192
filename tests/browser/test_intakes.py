"""The work list of requests and the skills of specialists in a real browser, without anything axe complains of."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from bot.stores.vocabulary import Role
from tests.browser.axe import violations
from tests.browser.conftest import shot
from tests.browser.test_desk import MakeVisitor, OpenPage, desk_of
from tests.conftest import Served
from tests.gateway.desks import hire
from tests.gateway.test_console_intakes import filed_callback, filed_statement

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_request_is_taken_and_finished_by_keyboard_and_a_colleague_sees_it_live(
    open_page: OpenPage, served: Served, visitor: MakeVisitor, theme: str
) -> None:
    _, receipt, _ = await filed_statement(visitor, served, due_in=-3)
    ana = (await desk_of(open_page, hire(served, Role.SPECIALIST, "Ana"))).page
    ben = (await desk_of(open_page, hire(served, Role.SPECIALIST, "Ben"))).page
    for page in (ana, ben):
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        await expect(page.locator(".pages [data-page=intakes] .tally")).to_have_text(re.compile(r"^\d+$"))
        await page.keyboard.press("i")
        await expect(page.locator(".found-row").first).to_be_visible()
        await page.get_by_label("Receipt number").fill(receipt)
        await page.keyboard.press("Enter")
        await expect(page.locator(".found-row")).to_have_count(1)
        await expect(page.locator(".found-row")).to_contain_text("Late")
        assert await violations(page) == []
    await ana.locator(".found-row").focus()
    await ana.keyboard.press("Enter")
    await expect(ana.get_by_role("heading", name=receipt)).to_be_focused()
    await expect(ana.locator(".intake-open")).to_contain_text("my daughter was sick")
    await ana.keyboard.press("Tab")
    await expect(ana.get_by_role("button", name="Take this request")).to_be_focused()
    await ana.keyboard.press("Enter")
    await expect(ana.locator(".found-row")).to_contain_text("With you")
    await expect(ben.locator(".found-row")).to_contain_text("With Ana")
    assert await violations(ana) == []
    await shot(ana, f"7-console-request-{theme}")
    await ana.get_by_role("button", name="Finish", exact=True).click()
    await expect(ana.get_by_role("alert").filter(has_text="Choose how it ended.")).to_be_visible()
    await ana.get_by_label("How it ended").select_option("forwarded")
    await ana.locator("#intake-note").fill("Sent to adjudication.")
    await ana.get_by_role("button", name="Finish", exact=True).click()
    await expect(ana.locator(".intake-open")).to_contain_text("Sent to adjudication.")
    await expect(ben.locator(".found-row")).to_contain_text("Sent to who decides")
    await ana.get_by_role("button", name="Close this request").click()
    await expect(ana.locator(".found-row")).to_be_focused()


async def test_who_is_too_late_to_take_a_request_is_told_who_has_it(
    open_page: OpenPage, served: Served, visitor: MakeVisitor
) -> None:
    _, receipt = await filed_callback(visitor)
    ana = (await desk_of(open_page, hire(served, Role.SPECIALIST, "Ana"))).page
    ben = (await desk_of(open_page, hire(served, Role.SPECIALIST, "Ben"))).page
    for page in (ana, ben):
        await page.evaluate("location.hash = 'intakes'")
        await page.get_by_label("Receipt number").fill(receipt)
        await page.keyboard.press("Enter")
        await expect(page.locator(".found-row")).to_have_count(1)
        await page.locator(".found-row").click()
        await expect(page.get_by_role("button", name="Take this request")).to_be_visible()
    await ana.get_by_role("button", name="Take this request").click()
    await expect(ana.get_by_role("button", name="Put it back")).to_be_visible()
    await ben.get_by_role("button", name="Take this request").click()
    await expect(ben.get_by_role("alert").filter(has_text="Ana has already taken this request.")).to_be_visible()
    await expect(ben.locator(".intake-open")).to_contain_text("by Ana")


async def test_a_supervisor_sets_skills_and_the_specialist_sees_their_own(open_page: OpenPage, served: Served) -> None:
    name = "Zoe Skilled"
    login = hire(served, Role.SPECIALIST, name)
    page = (await desk_of(open_page, hire(served, Role.SUPERVISOR, "Sol"))).page
    await page.evaluate("location.hash = 'account'")
    person = page.locator(".skills-person").filter(has_text=name)
    await person.locator("summary").click()
    await person.get_by_label("Family leave").uncheck()
    for program in ("WA Cares", "Health plans", "Unemployment"):
        await person.get_by_label(program).uncheck()
    await person.get_by_role("button", name="Save").click()
    await expect(person.get_by_role("alert")).to_have_text("Choose at least one program and one language.")
    await person.get_by_label("Unemployment").check()
    await person.get_by_label("English").uncheck()
    await person.get_by_label("Conversations at once").fill("2")
    assert await violations(page) == []
    await shot(page, "7-console-skills")
    await person.get_by_role("button", name="Save").click()
    await expect(person.locator("summary")).to_have_text(re.compile("Unemployment · Spanish · 2 at once"))
    await expect(person.locator("summary")).to_be_focused()
    await page.evaluate("location.hash = 'audit'")
    await expect(page.get_by_role("row").filter(has_text="Unemployment · Spanish · 2 at once")).to_contain_text("Sol")
    own = (await desk_of(open_page, login)).page
    await own.evaluate("location.hash = 'account'")
    await expect(own.locator(".skills")).to_contain_text("What you are offered")
    await expect(own.locator(".skills")).to_contain_text("Spanish")
    assert await own.locator(".skills form").count() == 0
