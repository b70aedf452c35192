"""Every state of the widget in the looks people use: no axe violation, nothing sideways, nothing too small to press."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from bot.stores.vocabulary import ClaimStatus
from tests.browser.conftest import SCREENSHOTS, NewContext
from tests.browser.visitor_page import VisitorPage, new_visitor, with_specialist
from tests.conftest import Served
from tests.stored import claim_with

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Language, size and what the visitor's system asks for. 320 by 256 is a laptop's window at 400 % zoom.
LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "en-1280": ("en", {}),
    "es-1280-dark": ("es", {"color_scheme": "dark"}),
    "en-1280-forced": ("en", {"forced_colors": "active"}),
    "en-320-dark": ("en", {"width": 320, "height": 640, "color_scheme": "dark"}),
    "es-320": ("es", {"width": 320, "height": 640, "has_touch": True}),
    "es-zoom": ("es", {"width": 320, "height": 256}),
}
QUESTIONS = {
    "table": {"en": "what does an insurance benefits specialist II pay?", "es": "¿cuánto paga el puesto A32C?"},
    "person": {"en": "I want to talk to a person", "es": "quiero hablar con una persona"},
    "hello": {"en": "Hello, I have read your chat. Give me one minute.", "es": "Hola, leí su chat. Deme un minuto."},
}


class Walk:
    """Goes through the states and looks at each."""

    def __init__(self, visitor: VisitorPage, look: str) -> None:
        self.visitor = visitor
        self.look = look
        self.problems: list[Any] = []
        self.states: list[str] = []

    async def at(self, state: str) -> None:
        page = self.visitor.page
        await page.wait_for_timeout(100)  # What was scrolled or drawn has come to rest.
        self.states.append(state)
        SCREENSHOTS.mkdir(exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / f"widget-{self.look}-{len(self.states):02d}-{state}.png")
        for kind, found in (
            ("axe", await self.visitor.axe()),
            ("sideways", await self.visitor.sideways()),
            ("small", await self.visitor.small_targets()),
        ):
            self.problems += [(state, kind, one) for one in found]


@pytest.mark.parametrize("look", LOOKS)
async def test_every_state_is_accessible(look: str, new_context: NewContext, served: Served) -> None:
    language, options = LOOKS[look]
    # A look at the middle of a movement would be measured, too; moving has a test of its own.
    still = {"reduced_motion": "reduce", **options}
    context = await new_context(locale={"en": "en-US", "es": "es-US"}[language], **still)
    path = {"en": "/", "es": "/static/demo/es.html"}[language]
    visitor = await new_visitor(context, served.url + path, language)
    page, walk = visitor.page, Walk(visitor, look)
    await expect(page.locator("button.launcher")).to_be_visible()
    await walk.at("closed")
    await visitor.open()
    await walk.at("open")
    await visitor.ask(QUESTIONS["table"][language], wait_for=".card")
    await walk.at("table")
    question = {"en": "where is my claim", "es": "¿cómo va mi reclamo?"}[language]
    await visitor.ask(question, wait_for="form.identity")
    await walk.at("identity")
    await page.locator("form.identity button[type=submit]").click()
    await walk.at("identity-errors")
    number, born_on, _ = claim_with(served, ClaimStatus.ADJUDICATION, skip=2)
    await visitor.prove(number, born_on)
    await expect(page.locator(".status")).to_be_visible()
    await walk.at("status")
    await page.locator(".log").press("End")
    await walk.at("status-end")

    await context.set_offline(True)
    await visitor.say("???")
    await expect(page.locator(".banner-offline")).to_be_visible()
    await expect(page.locator(".delivery-waiting")).to_be_visible()
    await walk.at("offline")
    await context.set_offline(False)
    await expect(page.locator(".banner-offline")).to_have_count(0)

    await visitor.ask(QUESTIONS["person"][language], wait_for=".who-bar.waiting")
    await walk.at("waiting")
    specialist, escalation = await with_specialist(served, visitor, QUESTIONS["hello"][language])
    await walk.at("specialist")
    await specialist.call("POST", f"/escalations/{escalation}/resolve", json={"outcome": "answered"})
    await specialist.__aexit__(None, None, None)
    await expect(page.locator(".who-bar .ask-person")).to_be_visible()

    await page.locator("button.options").click()
    await walk.at("options")
    for name in ("help", "privacy"):
        await page.locator(f"[data-action={name}]").click()
        await walk.at(name)
        await page.keyboard.press("Escape")
    await page.locator("[data-action=end]").click()
    await walk.at("question")
    await page.locator(".sheet .danger").click()
    await expect(page.get_by_role("heading", name=visitor.word("ended.title"))).to_be_visible()
    await walk.at("ended")
    assert walk.problems == []
