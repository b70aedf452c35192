"""The chat for browsers that run no scripts: forms, a cookie, the same conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.stores.demo_claims import demo_pin
from bot.stores.vocabulary import ClaimStatus
from tests.conftest import Served
from tests.people import SpecialistAtWork
from tests.stored import claim_with


@pytest.fixture
async def browser(served: Served) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(served.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def send(browser: aiohttp.ClientSession, **form: str) -> tuple[int, str]:
    async with browser.post("/chat/plain", data=form) as response:
        return response.status, await response.text()


async def test_a_question_is_answered_on_the_next_page(browser: aiohttp.ClientSession) -> None:
    status, page = await send(browser, do="say", text="what does A32B pay")
    assert status == 200
    assert "$12.08 to $22.15" in page


async def test_an_empty_message_is_told_beside_the_form(browser: aiohttp.ClientSession) -> None:
    status, page = await send(browser, do="say", text="  ")
    assert status == 422
    assert 'role="alert"' in page


async def test_markup_in_a_message_is_shown_as_text(browser: aiohttp.ClientSession) -> None:
    _, page = await send(browser, do="say", text="<script>alert(1)</script> hello")
    assert "<script>" not in page and "&lt;script&gt;" in page


async def test_a_claimant_proves_identity_with_a_form_and_sees_the_status(
    browser: aiohttp.ClientSession, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.STOPPED)
    year, month, day = born_on.split("-")
    _, page = await send(browser, do="say", text="where is my claim")
    assert 'name="claim_number"' in page
    details = {"date_of_birth_year": year, "date_of_birth_month": month, "date_of_birth_day": day}
    assert 'name="pin" type="password" inputmode="numeric" autocomplete="off"' in page
    status, page = await send(browser, do="prove", claim_number=number, **details)
    assert status == 422 and "The PIN is needed too" in page
    pin = demo_pin(number)
    status, page = await send(browser, do="prove", claim_number="UI-00000000", pin=pin, **details)
    assert status == 403 and "do not match" in page and pin not in page
    status, page = await send(browser, do="prove", claim_number=number, pin=pin, **details)
    assert status == 200
    assert "What is happening" in page and number in page


async def test_a_person_can_be_asked_for_and_the_chat_ended(browser: aiohttp.ClientSession) -> None:
    await send(browser, do="say", text="hello")
    _, page = await send(browser, do="person")
    assert "specialist" in page
    status, page = await send(browser, do="end")
    assert status == 200
    async with browser.get("/chat/plain") as response:
        assert "hello" not in (await response.text()).lower().replace("hello.", "")


async def test_who_waits_may_go_back_to_the_bot_or_leave_a_message(browser: aiohttp.ClientSession) -> None:
    await send(browser, do="say", text="hello")
    _, page = await send(browser, do="person")
    assert "in line" in page and 'value="back"' in page and 'value="leave"' in page
    _, page = await send(browser, do="back")
    assert "no longer in line" in page and 'value="person"' in page
    await send(browser, do="person")
    status, page = await send(browser, do="leave", text=" ")
    assert status == 422 and 'role="alert"' in page
    _, page = await send(browser, do="leave", text="What about week 3?")
    assert "A specialist will answer your message M-" in page and 'value="say"' in page


async def test_the_page_runs_no_script_and_needs_none(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/chat/plain?lang=es") as response:
        page = await response.text()
    assert "<script" not in page and 'lang="es"' in page


async def test_a_form_sent_from_another_site_is_refused(browser: aiohttp.ClientSession) -> None:
    async with browser.post(
        "/chat/plain", data={"do": "say", "text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    ) as r:
        assert r.status == 403


async def test_the_help_of_a_specialist_is_rated_without_scripts(
    browser: aiohttp.ClientSession, specialist: SpecialistAtWork
) -> None:
    await send(browser, do="person")
    conversation_id = next(c.value for c in browser.cookie_jar if c.key == "plain_chat").split(".")[0]
    escalation = await specialist.escalation_of(conversation_id)
    await specialist.call("POST", f"/escalations/{escalation['id']}/take")
    await specialist.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})
    async with browser.get("/chat/plain") as response:
        assert 'name="stars"' in await response.text()
    status, page = await send(browser, do="rate")
    assert status == 422 and "Choose one answer" in page
    status, page = await send(browser, do="rate", stars="4", words="<b>fine</b>")
    assert status == 200 and "Your rating helps us" in page and 'name="stars"' not in page
