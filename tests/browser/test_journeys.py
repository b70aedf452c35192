"""The three conversations of the README in a real browser, with screenshots of each."""

from __future__ import annotations

import re
from calendar import month_name

import pytest
from playwright.async_api import expect

from bot.stores.demo_claims import demo_pin
from bot.stores.vocabulary import ClaimStatus
from tests.browser.conftest import Desk, OpenPage, Widget, shot
from tests.conftest import Served
from tests.stored import claim_with

pytestmark = pytest.mark.browser


async def test_an_applicant_hears_the_exact_figures_of_a_class(open_page: OpenPage) -> None:
    page = await open_page("/")
    await shot(page, "1-demo-page")
    visitor = await Widget(page).open()
    await visitor.sees("not a person")
    await shot(page, "1-applicant-welcome")
    await visitor.say("what does an insurance benefits specialist II pay?")
    await visitor.sees("$25,127.84 to $46,067.71")
    await visitor.sees("July 2, 2012")
    await shot(page, "1-applicant-pay")
    await visitor.say("requirements for A32B")
    await visitor.sees(re.compile("bachelor's degree and 2 years"))
    await shot(page, "1-applicant-requirements")
    await visitor.say("and level III?")
    await visitor.sees(re.compile("bachelor's degree and 3 years"))
    await visitor.say("what does an ES Benefits Specialist 2 do")
    await visitor.sees(re.compile("July 1, 2025"))
    await shot(page, "1-applicant-duties")


async def test_a_claimant_proves_who_they_are_and_sees_their_claim(open_page: OpenPage, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.ADJUDICATION, skip=1)
    year, month, day = (int(part) for part in born_on.split("-"))
    page = await open_page("/", width=360, height=720)
    visitor = await Widget(page).open()
    await visitor.say("been waiting 3 weeks, whats going on with my claim")
    await visitor.sees("Show that this claim is yours")
    await shot(page, "2-claimant-identity")

    async def fill(year: int) -> None:
        await page.get_by_label("Claim number").fill(number)
        await page.get_by_label("Month").select_option(label=month_name[month])
        await page.get_by_label("Day").fill(str(day))
        await page.get_by_label("Year").fill(str(year))
        await page.get_by_label("PIN").fill(demo_pin(number))
        await page.get_by_role("button", name="Show my claim").click()

    await fill(year - 1)
    await visitor.sees(re.compile("do not match"))
    await visitor.sees(re.compile(r"4"))
    await shot(page, "2-claimant-refused")
    await fill(year)
    await visitor.sees("What is happening")
    await visitor.sees("Who acts next, and by when")
    await shot(page, "2-claimant-status")
    stored = await page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert number not in stored and born_on not in stored and demo_pin(number) not in stored


async def test_a_person_takes_over_live_and_gives_the_conversation_back(open_page: OpenPage, served: Served) -> None:
    page = await open_page("/chat")
    visitor = Widget(page)
    await visitor.sees("not a person")
    await visitor.say("what does A32B pay")
    await visitor.sees("$12.08 to $22.15")
    desk = Desk(await open_page("/console"))
    await desk.sign_in(served.login, served.password)
    await shot(desk.page, "3-console-queue")
    await visitor.say("I want to talk to a person")
    await visitor.sees(re.compile("asked a specialist"))
    await shot(page, "3-visitor-waiting")
    await desk.take_newest()
    await expect(desk.page.get_by_text("what does A32B pay").last).to_be_visible()
    await visitor.sees("Sam has joined. You are now talking with a person.")
    await shot(desk.page, "3-console-conversation")

    await desk.answer("Hello, this is Sam. How can I help?")
    await visitor.sees("Hello, this is Sam. How can I help?")
    await visitor.say("Is the pay still current?")
    await expect(desk.page.get_by_text("Is the pay still current?").last).to_be_visible()
    await shot(page, "3-visitor-with-specialist")
    await shot(desk.page, "3-console-answered")

    await desk.resolve()
    await visitor.sees(re.compile("I am the bot again"))
    await visitor.say("and level III?")
    await visitor.sees("$13.38 to $24.53")
    await shot(page, "3-visitor-back-with-the-bot")


async def test_a_spanish_speaker_on_a_small_phone_is_served_in_spanish(open_page: OpenPage) -> None:
    page = await open_page("/chat", width=320, height=640, locale="es-MX")
    visitor = Widget(page)
    spanish = page.get_by_role("button", name="Español")
    if await spanish.count():
        await spanish.click()
    await visitor.say("¿cuánto paga el puesto A32C?")
    await visitor.sees(re.compile(r"\$51,016\.65"))
    wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide
    await shot(page, "4-spanish-320")
