"""The widget on somebody else's page: strict policies, hostile styles, its size, its events, and old browsers."""

from __future__ import annotations

import gzip

import pytest
from playwright.async_api import BrowserContext, Response, Route, expect

from bot.stores.demo_claims import demo_pin
from bot.stores.vocabulary import ClaimStatus
from tests.browser.conftest import NewContext
from tests.browser.visitor_page import VisitorPage, new_visitor
from tests.conftest import AGENCY, Served
from tests.stored import claim_with

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAUNCHER_LIMIT = 5 * 1024
WHOLE_LIMIT = 35 * 1024
HOSTILE = """
* { color: red !important; font: italic 9px/1 cursive !important; letter-spacing: 1em !important;
  text-transform: uppercase !important; word-break: break-all !important; text-align: right !important; }
button, p, div, dialog, li { background: lime !important; border: 9px dotted red !important; margin: 2em !important; }
html { font-size: 40px !important; }
"""
# What breaks the page's own policy, how far the page moved, and every event of the widget, from the first moment on.
WATCH = """
window.violations = []; window.shift = 0; window.events = [];
addEventListener("securitypolicyviolation", (e) => violations.push(`${e.effectiveDirective} ${e.blockedURI}`));
new PerformanceObserver((list) => list.getEntries().forEach((e) => (shift += e.value)))
  .observe({ type: "layout-shift", buffered: true });
for (const name of ["ready", "open", "close", "message", "handoff", "unread", "language", "end", "error"])
  addEventListener(`benefits-help:${name}`, (e) => events.push([name, e.detail]));
"""


async def host_page(context: BrowserContext, gateway: str) -> None:
    """An agency's page on another origin, with a strict policy of its own and styles that mean harm."""
    socket = gateway.replace("http", "ws")
    policy = (
        f"default-src 'none'; script-src {gateway}; connect-src {gateway} {socket}; style-src 'self'; "
        "base-uri 'none'; img-src data:; "
        "require-trusted-types-for 'script'; trusted-types benefits-help benefits-help-html"
    )
    tag = f'<script src="{gateway}/widget.js" data-program="wa_ui" data-phone="800-318-6022" defer></script>'

    async def serve_page(route: Route) -> None:
        if route.request.url.endswith(".css"):
            await route.fulfill(content_type="text/css", body=HOSTILE)
            return
        html = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Agency</title>'
            f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/hostile.css">{tag}</head>'
            f"<body><main><h1>Agency</h1>{'<p>Words of the page.</p>' * 60}</main></body></html>"
        )
        await route.fulfill(content_type="text/html", body=html, headers={"Content-Security-Policy": policy})

    await context.route(f"{AGENCY}/**", serve_page)
    await context.add_init_script(WATCH)


async def test_a_strict_hostile_page_of_another_origin_changes_nothing_and_is_left_in_peace(
    new_context: NewContext, served: Served
) -> None:
    context = await new_context()
    await host_page(context, served.url)
    hosts: set[str] = set()
    context.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
    visitor = await new_visitor(context, AGENCY)
    page = visitor.page
    launcher = page.locator("button.launcher")
    await expect(launcher).to_be_visible()
    style = "e => { const s = getComputedStyle(e); return [s.fontSize, s.letterSpacing, s.textTransform, s.fontStyle] }"
    assert await launcher.evaluate(style) == ["16px", "normal", "none", "normal"]
    await visitor.open()
    await visitor.ask("what does A32B pay", wait_for=".card")
    for part in (".bot .text p", "textarea", ".card dd", ".source"):
        size, *rest = await page.locator(part).first.evaluate(style)
        assert rest == ["normal", "none", "normal"] and size in ("14px", "15px", "16px"), part
    assert await page.locator(".bot .text").first.evaluate("e => getComputedStyle(e).color") == "rgb(27, 27, 27)"
    await visitor.choose_option("help")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    assert await page.evaluate("violations") == []
    assert await page.evaluate("shift") == 0
    assert hosts <= {AGENCY, served.url, "data:,"}
    assert await context.cookies() == []


async def test_little_is_loaded_before_opening_and_not_much_after(new_context: NewContext, served: Served) -> None:
    context = await new_context(locale="es-US")
    loaded: list[Response] = []

    async def weighed() -> dict[str, int]:
        # Only here, and not as they come: a body may no longer be there when the page is closed.
        kinds = ("script", "fetch", "stylesheet")
        parts = [one for one in loaded if "/api/" not in one.url and one.request.resource_type in kinds]
        sizes = {one.url.removeprefix(served.url): len(gzip.compress(await one.body())) for one in parts}
        sizes.pop(f"{AGENCY}/hostile.css", None)
        return sizes

    await host_page(context, served.url)
    page = await context.new_page()
    page.on("response", lambda response: loaded.append(response))
    await page.goto(AGENCY)
    await expect(page.locator("button.launcher")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    got = await weighed()
    assert set(got) == {"/widget.js", "/static/widget/launcher.js"}
    assert sum(got.values()) <= LAUNCHER_LIMIT, got
    await VisitorPage(page).open()
    await page.wait_for_load_state("networkidle")
    got = await weighed()
    assert "/static/widget/app.js" in got
    assert sum(got.values()) <= WHOLE_LIMIT, got


async def test_the_page_hears_of_everything_and_of_no_words(new_context: NewContext, served: Served) -> None:
    context = await new_context()
    await host_page(context, served.url)
    visitor = await new_visitor(context, AGENCY)
    page = visitor.page
    await visitor.open()
    await visitor.ask("what does A32B pay", wait_for=".card")
    await visitor.ask("I want to talk to a person", wait_for=".who-bar.waiting")
    await page.locator("button.language").click()
    await expect(page.locator(".panel")).to_have_attribute("lang", "es")
    await context.set_offline(True)
    await expect(page.locator(".banner-offline")).to_be_visible()
    await context.set_offline(False)
    await expect(page.locator(".banner-offline")).to_have_count(0)
    await visitor.end()
    await page.locator("button.close").click()
    events = await page.evaluate("events")
    named = {name: detail for name, detail in events}
    assert list(dict.fromkeys(name for name, _ in events))[:2] == ["ready", "open"]
    assert set(named) >= {"ready", "open", "message", "handoff", "language", "error", "end", "close"}
    assert named["language"] == {"language": "es"} and named["error"] == {"code": "offline"}
    assert ["handoff", {"state": "waiting"}] in [[name, {"state": d.get("state")}] for name, d in events if d]
    assert all(set(detail) == {"author", "seq"} for name, detail in events if name == "message")
    assert "A32B" not in str(events)


async def test_a_page_can_open_and_close_it(new_context: NewContext, served: Served) -> None:
    visitor = await new_visitor(await new_context(), served.url)
    page = visitor.page
    await expect(page.locator("button.launcher")).to_be_visible()
    await page.evaluate("document.querySelector('benefits-help').open()")
    await expect(page.locator("dialog")).to_be_visible()
    assert await page.evaluate("document.querySelector('benefits-help').opened") is True
    await page.evaluate("document.querySelector('benefits-help').toggle()")
    await expect(page.locator("dialog")).to_be_hidden()


async def test_a_page_that_is_not_allowed_gets_the_phones(new_context: NewContext, served: Served) -> None:
    context = await new_context()
    tag = f'<script src="{served.url}/widget.js" data-phone="800-318-6022" data-tty="711" defer></script>'

    async def serve_page(route: Route) -> None:
        await route.fulfill(content_type="text/html", body=f"<!doctype html><title>Other</title><body>{tag}</body>")

    await context.route("http://stranger.test/**", serve_page)
    visitor = await new_visitor(context, "http://stranger.test")
    await visitor.page.locator("button.launcher").click()
    await expect(visitor.page.locator(".outage")).to_contain_text("800-318-6022")
    await expect(visitor.page.locator(".outage")).to_contain_text("711")


@pytest.mark.parametrize("lacking", ["customElements", "ResizeObserver"])
async def test_a_browser_too_old_for_it_gets_a_link_to_the_plain_chat(
    lacking: str, new_context: NewContext, served: Served
) -> None:
    context = await new_context()
    await context.add_init_script(f"Object.defineProperty(window, '{lacking}', {{ value: undefined }})")
    page = await context.new_page()
    await page.goto(f"{served.url}/static/demo/es.html")
    link = page.get_by_role("link", name="Chat de ayuda", exact=True)
    await expect(link).to_be_visible()
    assert await page.locator("benefits-help").count() == 0
    await link.click()
    await expect(page.get_by_role("heading", name="Ayuda con beneficios")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "es"


async def test_a_launcher_that_can_not_be_loaded_leaves_a_link(new_context: NewContext, served: Served) -> None:
    context = await new_context()
    await context.route("**/launcher.js", lambda route: route.abort())
    page = await context.new_page()
    await page.goto(served.url)
    await expect(page.get_by_role("link", name="Help chat", exact=True)).to_be_visible()


async def test_without_scripts_the_plain_chat_goes_from_question_to_claim_to_person_to_end(
    new_context: NewContext, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.STOPPED, skip=1)
    year, month, day = (str(int(part)) for part in born_on.split("-"))
    context = await new_context(java_script_enabled=False, width=320, height=640)
    page = await context.new_page()
    await page.goto(served.url)
    await page.get_by_role("link", name="Open the plain help chat").click()

    async def say(text: str) -> None:
        await page.get_by_label("Your message").fill(text)
        await page.get_by_role("button", name="Send").click()

    await say("what does A32B pay")
    await expect(page.get_by_text("$12.08 to $22.15").first).to_be_visible()
    await say("where is my claim")
    await page.get_by_label("Claim number").fill(number)
    for label, value in (("Month", month), ("Day", day), ("Year", year)):
        await page.get_by_label(label).fill(value)
    await page.get_by_label("PIN").fill(demo_pin(number))
    await page.get_by_role("button", name="Show my claim").click()
    await expect(page.get_by_text("What is happening")).to_be_visible()
    await page.get_by_role("button", name="Talk to a person").last.click()
    await expect(page.get_by_text("Waiting for a specialist").last).to_be_visible()
    await page.get_by_role("button", name="Español").click()
    await expect(page.locator("html")).to_have_attribute("lang", "es")
    await page.get_by_role("button", name="Terminar y borrar este chat").click()
    await expect(page.get_by_text("Este chat terminó.")).to_be_visible()
    assert await page.locator(".message").count() == 0
    assert await context.cookies() == []


async def test_the_plain_chat_and_the_full_page_are_accessible(new_context: NewContext, served: Served) -> None:
    context = await new_context(width=320, height=640)
    plain = await context.new_page()
    await plain.goto(f"{served.url}/chat/plain?lang=es")
    visitor = VisitorPage(plain, "es")
    assert await visitor.axe() == []
    await plain.get_by_label("Su mensaje").fill("¿cómo va mi reclamo?")
    await plain.get_by_role("button", name="Enviar").click()
    await expect(plain.locator("[name=claim_number]")).to_be_visible()
    assert await visitor.axe() == []
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await plain.evaluate(wide)
    whole = VisitorPage(await context.new_page())
    await whole.page.goto(f"{served.url}/chat")
    await whole.ask("what does A32B pay", wait_for=".card")
    assert await whole.axe() == []
    assert await whole.sideways() == []
