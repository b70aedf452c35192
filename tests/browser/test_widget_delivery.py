"""What is written arrives once, whatever happens to the line, the page or the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from tests.browser.conftest import NewContext
from tests.browser.visitor_page import VisitorPage, new_visitor, with_specialist
from tests.conftest import Served, serve_without_model, start, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Playwright's own wait_for_function looks again with eval, which the page's security policy forbids.
_AGENCY_KEPT = """() => new Promise((done) => {
  const look = () => localStorage.getItem("benefits-help:agency") ? done() : setTimeout(look, 20);
  look();
})"""


@pytest.fixture(scope="module")
def unready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway without a model, which starts at once and can be stopped and started again."""
    folder = tmp_path_factory.mktemp("unready")
    gateway = serve_without_model(folder)
    yield gateway
    gateway.process.stop()


def start_again(gateway: Served) -> None:
    gateway.process = start(["bot", "serve"], gateway.process.log, **gateway.environment)
    wait_for(gateway.url + "/healthz", gateway.process)


async def texts(visitor: VisitorPage) -> list[str]:
    return [text.strip() for text in await visitor.page.locator(".message.visitor .text").all_inner_texts()]


async def test_words_written_offline_wait_and_are_stored_once(new_context: NewContext, served: Served) -> None:
    context = await new_context()
    visitor = await (await new_visitor(context, served.url)).open()
    page = visitor.page
    await context.set_offline(True)
    await expect(page.locator(".banner-offline")).to_be_visible()
    await visitor.say("what does A32B pay")
    await visitor.say("and level III?")
    await expect(page.locator(".delivery-waiting")).to_have_count(1)
    await expect(page.locator(".delivery-waiting")).to_contain_text(visitor.word("delivery.waiting"))
    await context.set_offline(False)
    await expect(page.locator(".delivery-sent:visible")).to_have_text(visitor.word("delivery.sent"))
    await expect(page.locator(".card:has-text('A32C')")).to_be_visible()
    assert await texts(visitor) == ["what does A32B pay", "and level III?"], "in order"
    kept = await visitor.conversation()
    stored = await page.evaluate(
        "({ id, token }) => fetch(`/api/conversations/${id}/messages?since=0`,"
        " { headers: { Authorization: `Bearer ${token}` } })"
        ".then((r) => r.json()).then((b) => b.messages.filter((m) => m.author === 'visitor').map((m) => m.text))",
        kept,
    )
    assert stored == ["what does A32B pay", "and level III?"]


async def test_a_refused_message_says_why_and_can_be_changed(new_context: NewContext, served: Served) -> None:
    visitor = await (await new_visitor(await new_context(), served.url)).open()
    page = visitor.page
    seen = asyncio.Event()

    async def refuse(route: Route) -> None:
        await seen.wait()
        message = "The service can't save messages right now."
        await route.fulfill(status=503, json={"error": {"code": "unavailable", "message": message}})

    # No socket, so that words go by HTTP; the answer is the one that the server gives when its database is gone.
    await page.route_web_socket("**/socket*", lambda socket: socket.close())
    await page.reload()
    await expect(page.locator(".message.bot")).to_be_visible()
    await page.route("**/messages", refuse)
    await visitor.say("what does A32B pay")
    await expect(page.locator(".delivery-sending")).to_have_text(visitor.word("delivery.sending"))
    seen.set()
    await expect(page.locator(".delivery-failed")).to_contain_text(visitor.word("delivery.unavailable"))
    await page.get_by_role("button", name=visitor.word("delivery.edit")).click()
    await expect(visitor.writing).to_have_value("what does A32B pay")
    assert await texts(visitor) == []
    await visitor.say("what does A32C pay")
    await expect(page.locator(".delivery-failed")).to_be_visible()
    await page.unroute("**/messages")
    await page.get_by_role("button", name=visitor.word("delivery.retry")).click()
    await expect(page.locator(".card")).to_be_visible()
    assert await texts(visitor) == ["what does A32C pay"]


async def test_a_message_that_was_lost_comes_with_the_next_connection_though_newer_ones_are_there(
    new_context: NewContext, served: Served
) -> None:
    visitor = await (await new_visitor(await new_context(), served.url)).open()
    page = visitor.page
    lines: list[WebSocketRoute] = []
    lost: list[int] = []

    def lose_one(line: WebSocketRoute) -> None:
        lines.append(line)
        server = line.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            message = json.loads(frame).get("message") or {}
            if not lost and message.get("author") == "bot" and "$22.15" in message["text"]:
                lost.append(message["seq"])
            else:
                line.send(frame)

        server.on_message(pass_on)

    await page.route_web_socket("**/socket*", lose_one)
    await page.reload()
    await expect(page.locator(".message.bot")).to_be_visible()
    await visitor.say("what does A32B pay")
    await visitor.say("and level III?")
    await expect(page.locator(".card:has-text('$24.53')")).to_be_visible()
    await expect(page.locator(".card:has-text('$22.15')")).to_have_count(0)
    assert len(lost) == 1
    await lines[-1].close()
    await expect(page.locator(".card:has-text('$22.15')")).to_be_visible()


async def test_a_reload_and_a_new_tab_go_on_where_one_was(new_context: NewContext, served: Served) -> None:
    context = await new_context()
    visitor = await (await new_visitor(context, served.url)).open()
    await visitor.ask("what does A32B pay", wait_for=".card")
    before = await visitor.conversation()
    await visitor.page.reload()
    await expect(visitor.page.locator(".card")).to_be_visible()
    assert (await visitor.conversation())["id"] == before["id"]
    other = await (await new_visitor(context, served.url)).open()
    await expect(other.page.locator(".card")).to_be_visible()
    assert (await other.conversation())["id"] == before["id"]
    await other.say("and level III?")
    await expect(visitor.page.locator(".card:has-text('A32C')")).to_be_visible()
    assert await texts(visitor) == await texts(other) == ["what does A32B pay", "and level III?"]


async def test_a_message_that_comes_while_the_panel_is_closed_is_counted_and_told(
    new_context: NewContext, served: Served
) -> None:
    visitor = await (await new_visitor(await new_context(), served.url)).open()
    page = visitor.page
    await visitor.ask("I want to talk to a person", wait_for=".who-bar.waiting")
    await page.locator("button.close").click()
    specialist, escalation = None, 0
    await page.evaluate("window.told = []; addEventListener('benefits-help:unread', (e) => told.push(e.detail.count))")
    title = await page.title()
    specialist, escalation = await with_specialist(served, visitor, "Hello, this is Sam.")
    await expect(page.locator(".launcher .badge")).to_have_text("2 new")
    assert await page.title() == f"(2) {title}"
    assert await page.evaluate("told") == [1, 2]
    await visitor.page.locator("button.launcher").click()
    await expect(page.locator(".message.specialist")).to_be_visible()
    assert await page.title() == title
    await specialist.call("POST", f"/escalations/{escalation}/resolve", json={"outcome": "answered"})
    await specialist.__aexit__(None, None, None)


async def test_it_says_when_the_bot_is_not_ready_and_a_person_can_be_asked_for(
    new_context: NewContext, unready: Served
) -> None:
    visitor = await (await new_visitor(await new_context(), unready.url)).open()
    page = visitor.page
    await expect(page.locator(".banner-starting")).to_contain_text(visitor.word("line.starting"))
    assert await visitor.axe() == []
    await page.locator(".ask-person").click()
    await expect(page.locator(".who-bar.waiting")).to_be_visible()


async def test_while_the_server_is_down_it_stays_shows_phones_and_keeps_what_is_written(
    new_context: NewContext, unready: Served
) -> None:
    visitor = await (await new_visitor(await new_context(), unready.url)).open()
    page = visitor.page
    await visitor.ask("before the restart")
    unready.process.stop()
    down = page.locator(".banner-down")
    await expect(down).to_contain_text(visitor.word("line.down"))
    phone, textphone = down.locator("a[href^='tel:']").first, down.locator("a[href^='tel:']").nth(1)
    await expect(phone).to_have_text("800-318-6022")
    await expect(textphone).to_have_text("711")
    assert await visitor.axe() == []
    await visitor.say("while it was down")
    await expect(page.locator(".delivery-waiting")).to_be_visible()
    start_again(unready)
    await page.get_by_role("button", name=visitor.word("line.retry")).click()
    await expect(down).to_have_count(0)
    await expect(page.locator(".message.visitor[data-seq]")).to_have_count(2)
    assert await texts(visitor) == ["before the restart", "while it was down"]
    await expect(page.locator(".message.visitor:not([data-seq])")).to_have_count(0)


async def test_a_page_opened_while_the_server_is_down_still_gives_the_phones(
    new_context: NewContext, unready: Served
) -> None:
    visitor = await new_visitor(await new_context(), unready.url)
    page = visitor.page
    await expect(page.locator("button.launcher")).to_be_visible()
    await page.evaluate(_AGENCY_KEPT)
    unready.process.stop()
    await page.locator("button.launcher").click()
    box = page.locator(".outage")
    await expect(box).to_contain_text(visitor.word("launcher.down"))
    await expect(box.locator("a[href='tel:8003186022']")).to_be_visible()
    assert await visitor.axe() == []
    start_again(unready)
    await box.get_by_role("button", name=visitor.word("launcher.again")).click()
    await expect(page.locator(".message.bot")).to_be_visible()
