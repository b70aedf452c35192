"""Two specialists and three visitors at once in real browsers: offers, the race, passing on, absence, after hours."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot import clock
from bot.stores import escalations
from tests.browser.conftest import Desk, Widget, shot
from tests.conftest import Prepared, Served, agency_file, serve
from tests.gateway.test_routing import NO_BOT, PASSWORD, hire
from tests.stored import a_conversation, an_escalation

pytestmark = pytest.mark.browser


@asynccontextmanager
async def pages_of(browser: Browser, gateway: Served) -> AsyncIterator[Callable[..., Any]]:
    """Open pages, each in a browser of its own; a complaint of any of them fails the test."""
    complaints: list[str] = []

    async def make(path: str, *, width: int = 1280, height: int = 800, locale: str = "en-US") -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(gateway.url + path)
        return page

    try:
        yield make
    finally:
        gateway.process.stop()
    assert complaints == []


async def desk_of(make: Callable[..., Any], gateway: Served, login: str, **skills: Any) -> Desk:
    hire(gateway, login, **skills)
    desk = Desk(await make("/console"))
    await desk.sign_in(login, PASSWORD)
    await expect(desk.page.locator(".line-state.online")).to_be_visible()
    return desk


async def waiting_visitor(make: Callable[..., Any], **options: Any) -> Widget:
    page = await make("/chat", **options)
    widget = Widget(page)
    await widget.sees("You can ask for a person at any time.")
    await widget.page.locator(".ask-person").click()
    await expect(widget.page.locator(".who-bar.waiting")).to_be_visible()
    return widget


def measured_waits(gateway: Served) -> None:
    """Six conversations that were taken after two to twelve minutes."""
    with gateway.transaction() as session:
        for minutes in (2, 4, 6, 8, 10, 12):
            opened = a_conversation(session, clock.now())
            one = an_escalation(session, opened.id, clock.now() - timedelta(minutes=minutes))
            escalations.take(session, one.id, 1, clock.now())
            escalations.leave(session, opened.id, clock.now())


async def test_two_specialists_serve_three_visitors_and_pass_one_on(
    browser: Browser, tmp_path: Path, prepared: Prepared
) -> None:
    gateway = serve(tmp_path, staffed=False, prepared=prepared)
    measured_waits(gateway)
    async with pages_of(browser, gateway) as make:
        ana = await desk_of(make, gateway, "ana")
        ben = await desk_of(make, gateway, "ben")
        first = await waiting_visitor(make)
        await expect(ana.page.locator(".offer")).to_be_visible()
        second = await waiting_visitor(make)
        await expect(ben.page.locator(".offer")).to_be_visible()
        third = await waiting_visitor(make, width=360, height=720)
        await third.sees(re.compile(r"number 3 in line.*Most recent waits: 4 to 10 minutes"))
        await shot(third.page, "5-visitor-waiting-with-range")
        await expect(ana.page.locator(".offer-count b")).to_have_text(re.compile(r"^[12]?\d$"))
        await shot(ana.page, "5-console-offer")

        await ana.page.get_by_role("button", name="Accept").click()
        await first.sees("Ana has joined. You are now talking with a person.")
        await ben.page.keyboard.press("a")
        await second.sees("Ben has joined. You are now talking with a person.")

        # The third is offered to one of them, and both take it in the same moment.
        await expect(third.page.locator(".answering")).to_contain_text("number 1 in line")
        rows = [desk.page.locator(".queue .row .take").last for desk in (ana, ben)]
        await asyncio.gather(*(row.click() for row in rows), return_exceptions=True)
        await third.sees(re.compile(r"(Ana|Ben) has joined"))
        await expect(third.page.locator(".answering")).to_contain_text(re.compile("Ana|Ben"))
        names = await third.page.locator(".answering").inner_text()
        winner, loser = (ana, ben) if "Ana" in names else (ben, ana)
        await expect(winner.page.locator(".stage[data-stage=answering]")).to_be_visible()
        said = "Ana" if winner is ana else "Ben"
        # Told in words if their click came second, or by the row moving if the news came before the click.
        told = loser.page.get_by_text(re.compile(rf"{said} (has already taken|has) this conversation"))
        moved = loser.page.get_by_text(re.compile(r"With colleagues \(2\)"))
        await expect(told.or_(moved).first).to_be_visible()

        await winner.page.get_by_role("button", name="Pass on…").click()
        dialog = winner.page.locator("dialog[open]")
        other = "Ben" if winner is ana else "Ana"
        await dialog.get_by_label(other).check()
        await dialog.get_by_label("Note for your colleague").fill("Asked about week 3. The letter is on its way.")
        await shot(winner.page, "5-console-transfer")
        await dialog.get_by_role("button", name="Pass on").click()
        await third.sees(re.compile(f"{said} is passing you on to a colleague, {other}"))
        await expect(loser.page.locator(".offer")).to_contain_text(f"passed on by {said}")
        await loser.page.get_by_role("button", name="Accept").click()
        await third.sees(f"{other} has joined. You are now talking with a person.")
        await expect(loser.page.locator(".passed")).to_contain_text("The letter is on its way.")
        await shot(loser.page, "5-console-passed-on")


async def test_a_visitor_hears_when_their_specialist_is_gone_and_may_go_back_to_the_bot(
    browser: Browser, tmp_path: Path, prepared: Prepared
) -> None:
    brisk = {**NO_BOT, "DROP_OFF_SECONDS": "4"}
    gateway = serve(tmp_path, ready="/healthz", staffed=False, prepared=prepared, **brisk)
    async with pages_of(browser, gateway) as make:
        ana = await desk_of(make, gateway, "ana")
        ben = await desk_of(make, gateway, "ben")
        await ben.page.get_by_role("button", name=re.compile("^Available")).click()
        await expect(ben.page.get_by_role("button", name=re.compile("^Away"))).to_be_visible()
        visitor = await waiting_visitor(make)
        await ana.page.get_by_role("button", name="Accept").click()
        await visitor.sees("Ana has joined. You are now talking with a person.")
        await ana.page.close()
        await visitor.sees(re.compile("Ana has lost the connection"))
        await visitor.sees(re.compile("number 1 in line"))
        await expect(ben.page.locator(".queue .row")).to_contain_text("Was with a specialist before")
        await shot(ben.page, "5-console-away")
        await visitor.page.get_by_role("button", name="Back to the bot").click()
        await visitor.sees(re.compile("no longer in line"))
        await expect(visitor.page.locator(".ask-person")).to_be_visible()


async def test_after_hours_a_message_is_left_and_its_answer_is_there_when_the_visitor_returns(
    browser: Browser, tmp_path: Path, prepared: Prepared
) -> None:
    closed = agency_file(tmp_path, is_open=False)
    gateway = serve(tmp_path, staffed=False, prepared=prepared, AGENCY_FILE=closed)
    async with pages_of(browser, gateway) as make:
        page = await make("/chat", width=400, height=800, locale="es-MX")
        visitor = Widget(page)
        spanish = page.get_by_role("button", name="Español")
        if await spanish.count():
            await spanish.click()
        await visitor.sees("Puede pedir hablar con una persona en cualquier momento.")
        await page.locator(".ask-person").click()
        await visitor.sees(re.compile("Ningún especialista está en el chat"))
        await visitor.sees(re.compile("lunes a viernes"))
        await shot(page, "5-visitor-after-hours")
        await page.get_by_role("button", name="Deje un mensaje").click()
        await page.get_by_role("button", name="Dejar este mensaje").click()
        await visitor.sees("Escriba primero su mensaje.")
        await page.get_by_label("Su mensaje para un especialista").fill("¿Qué pasó con mi semana 3?")
        await shot(page, "5-visitor-leaves-message")
        await page.get_by_role("button", name="Dejar este mensaje").click()
        receipt = await visitor.sees(re.compile(r"Su número es M-\w{6}"))
        reference = re.search(r"M-\w{6}", await receipt.inner_text())
        assert reference is not None
        await shot(page, "5-visitor-message-left")

        ana = await desk_of(make, gateway, "ana")
        left = ana.page.locator(".left-messages")
        await left.locator("summary").click()
        await expect(left).to_contain_text(reference.group())
        await left.locator(".take").click()
        await expect(ana.page.locator(".stage[data-stage=answering]")).to_be_visible()
        await shot(ana.page, "5-console-left-message")
        await ana.answer("La semana 3 se pagó hoy.")
        await visitor.sees("La semana 3 se pagó hoy.")
        await ana.resolve()
        await page.reload()
        await visitor.sees("La semana 3 se pagó hoy.")
        await visitor.sees(re.compile(f"Ana terminó con su mensaje {reference.group()}"))
