"""A shared computer: what is hidden, what must be proven again, and what is left behind."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, expect

from bot.stores.demo_claims import demo_pin
from bot.stores.vocabulary import ClaimStatus
from tests.browser.conftest import NewContext, shot
from tests.browser.visitor_page import VisitorPage, new_visitor
from tests.conftest import Served
from tests.gateway.test_private_messages import let_the_proof_die
from tests.people import Visitor
from tests.stored import claim_with

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EVERYTHING_KEPT = """async () => {
  const databases = indexedDB.databases ? await indexedDB.databases() : [];
  const caches_ = window.caches ? await caches.keys() : [];
  const stores = [{ ...localStorage }, { ...sessionStorage }, document.cookie, databases, caches_];
  return JSON.stringify([...stores, location.href, history.state]);
}"""


async def test_the_privacy_note_stands_before_the_first_message(new_context: NewContext, served: Served) -> None:
    visitor = await (await new_visitor(await new_context(), served.url)).open()
    note = visitor.page.locator(".privacy")
    await expect(note).to_contain_text(visitor.word("privacy.note"))
    first = await visitor.page.locator(".message").first.bounding_box()
    above = await note.bounding_box()
    assert first and above and above["y"] < first["y"]
    assert await visitor.page.locator(".message.visitor").count() == 0
    await note.get_by_role("button").click()
    await expect(visitor.page.get_by_text(visitor.word("privacy.5"))).to_be_visible()


async def test_claim_data_is_covered_after_five_idle_minutes_and_proven_again_after_fifteen(
    new_context: NewContext, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=8)
    context = await new_context()
    page = await context.new_page()
    await page.clock.install()
    await page.goto(served.url)
    visitor = await _with_claim(page, number, born_on)
    await page.clock.fast_forward("04:40")
    await expect(page.locator(".status")).to_be_visible()
    await page.clock.fast_forward("00:40")
    covered = page.get_by_role("heading", name=visitor.word("cover.title"))
    await expect(covered).to_be_visible()
    await expect(page.locator(".status")).to_be_hidden()
    assert await visitor.axe() == []
    await page.keyboard.press("Escape")
    await visitor.page.locator("button.launcher").click()
    await expect(covered).to_be_visible()
    await page.get_by_role("button", name=visitor.word("cover.show")).click()
    await expect(page.locator(".status")).to_be_visible()

    await page.clock.fast_forward("15:30")
    await expect(page.get_by_text(visitor.word("cover.prove"))).to_be_visible()
    await expect(page.locator(".status")).to_be_hidden()
    await shot(page, "widget-covered")
    assert await visitor.axe() == []
    await page.reload()
    await expect(page.get_by_text(visitor.word("cover.prove"))).to_be_visible()
    await visitor.prove(number, born_on)
    await expect(page.locator(".status").last).to_be_visible()
    await expect(covered).to_be_hidden()


async def test_a_reload_after_the_proof_has_died_gets_nothing_of_the_claim_until_it_is_proven(
    new_context: NewContext, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=9)
    context = await new_context()
    visitor = await (await new_visitor(context, served.url)).open()
    page = visitor.page
    await _prove(visitor, number, born_on)
    kept = await visitor.conversation()
    one = Visitor(None, served.url)  # type: ignore[arg-type]
    one.id = kept["id"]
    let_the_proof_die(served, one)
    received: list[str] = []
    page.on("response", lambda response: received.append(response.url))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(str(frame))))
    await page.reload()
    await expect(page.locator(".hidden-note").first).to_be_visible()
    await shot(page, "widget-hidden")
    await expect(page.get_by_text(visitor.word("identity.done"))).to_have_count(0)
    inside = await page.evaluate("document.querySelector('benefits-help').shadowRoot.innerHTML")
    assert number not in inside and not any(number in one for one in received)
    assert await visitor.axe() == []
    await visitor.prove(number, born_on)
    await expect(page.locator(".status")).to_have_count(2)
    await expect(page.locator(".hidden-note")).to_have_count(0)


async def test_nothing_personal_is_kept_in_the_browser(new_context: NewContext, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.DENIED, skip=1)
    context = await new_context()
    visitor = await (await new_visitor(context, served.url)).open()
    await visitor.ask("what does A32B pay", wait_for=".card")
    await _prove(visitor, number, born_on)
    kept = await visitor.page.evaluate(EVERYTHING_KEPT)
    year, month, day = born_on.split("-")
    for secret in (number, number[3:], born_on, demo_pin(number), f"{month}/{day}/{year}", "A32B", "denied", "$"):
        assert secret not in kept, secret
    assert await context.cookies() == []
    assert set(await visitor.conversation()) <= {"id", "token", "locale", "active", "open", "proven", "outbox"}
    local = json.loads(kept)[0]
    assert set(local) <= {"benefits-help", "benefits-help:agency"}


async def test_end_and_erase_empties_both_sides(new_context: NewContext, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=10)
    context = await new_context()
    visitor = await (await new_visitor(context, served.url)).open()
    other = await (await new_visitor(context, served.url)).open()
    await _prove(visitor, number, born_on)
    await expect(other.page.locator(".status")).to_be_visible()
    kept = await visitor.conversation()
    await visitor.end()
    for tab in (visitor, other):
        await expect(tab.page.get_by_role("heading", name=tab.word("ended.title"))).to_be_visible()
        assert await tab.page.locator(".message").count() == 0
        assert not await tab.conversation()
        inside = await tab.page.evaluate("document.querySelector('benefits-help').shadowRoot.innerHTML")
        assert number not in inside
    status = await visitor.page.evaluate(
        "({ id, token }) => fetch(`/api/conversations/${id}/messages?since=0`,"
        " { headers: { Authorization: `Bearer ${token}` } }).then((r) => r.status)",
        kept,
    )
    assert status in (401, 404)
    await visitor.page.reload()
    await visitor.open()
    assert await visitor.page.locator(".message.visitor").count() == 0
    assert (await visitor.conversation())["id"] != kept["id"]


async def test_a_copy_can_be_saved_and_a_new_chat_started(new_context: NewContext, served: Served) -> None:
    visitor = await (await new_visitor(await new_context(accept_downloads=True), served.url)).open()
    page = visitor.page
    await visitor.ask("what does A32B pay", wait_for=".card")
    await page.locator("button.options").click()
    async with page.expect_download() as saving:
        await page.locator("[data-action=download]").click()
    saved = await saving.value
    text = (await saved.path()).read_text(encoding="utf-8")
    assert saved.suggested_filename.startswith("benefits-chat-")
    assert "what does A32B pay" in text and "$12.08" in text
    await expect(page.locator(".sheet-note")).to_have_text(visitor.word("transcript.saved"))
    before = await visitor.conversation()
    await page.locator("[data-action=restart]").click()
    await page.locator(".sheet .danger").click()
    await expect(page.locator(".message.bot")).to_have_count(1)
    assert (await visitor.conversation())["id"] != before["id"]


async def _prove(visitor: VisitorPage, number: str, born_on: str) -> None:
    await visitor.ask("where is my claim", wait_for="form.identity")
    await visitor.prove(number, born_on)
    await expect(visitor.page.locator(".status")).to_be_visible()


async def _with_claim(page: Page, number: str, born_on: str) -> VisitorPage:
    visitor = await VisitorPage(page).open()
    await _prove(visitor, number, born_on)
    return visitor
