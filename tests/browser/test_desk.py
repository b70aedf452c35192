"""The specialist's and the supervisor's work in a real browser, without anything axe complains of."""

from __future__ import annotations

import re
import uuid

import aiohttp
import pytest
from playwright.async_api import expect

from bot.stores.vocabulary import Role
from tests.browser.axe import violations
from tests.browser.conftest import Desk, OpenPage, Widget, shot
from tests.conftest import Served
from tests.gateway.desks import PASSWORD, at_work, hire
from tests.people import MakeVisitor, Visitor

pytestmark = pytest.mark.browser
PAGES = ("intakes", "board", "reports", "search", "questions", "audit")


async def desk_of(open_page: OpenPage, login: str, **kwargs: object) -> Desk:
    desk = Desk(await open_page("/console", **kwargs))
    await desk.sign_in(login, PASSWORD)
    return desk


async def asked(one: Visitor) -> str:
    """The visitor asks for a person; returns how to open the conversation at a console."""
    await one.call("POST", "/escalation", json={})
    return one.id


async def take(desk: Desk, served: Served, one: Visitor) -> None:
    """Open this visitor's conversation and take it."""
    async with at_work(served) as helper:
        escalation = await helper.escalation_of(one.id)
    await desk.page.evaluate(f"location.hash = 'e{escalation['id']}'")
    await desk.page.locator(".take-bar .primary").click()
    await expect(desk.page.locator(".stage[data-stage=answering]")).to_be_visible()


async def test_a_ready_reply_is_found_chosen_and_inserted_by_keyboard_and_not_sent(
    open_page: OpenPage, served: Served, visitor: MakeVisitor
) -> None:
    one = await visitor(locale="es", program="wa_ui").open()
    await asked(one)
    desk = await desk_of(open_page, hire(served, Role.SPECIALIST))
    await take(desk, served, one)
    page = desk.page
    await page.locator("#answer").focus()
    await page.keyboard.press("/")
    search = page.get_by_role("combobox")
    await expect(search).to_be_focused()
    await page.keyboard.type("sobrepago")
    await expect(page.get_by_role("option").first).to_contain_text(re.compile("pago", re.IGNORECASE))
    await expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    assert await violations(page) == []
    await shot(page, "5-console-ready-replies")
    await page.keyboard.press("Enter")
    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.locator("#answer")).to_have_value(re.compile(r"Fuente: "))
    assert await page.locator(".log.pending li").count() == 0
    assert not [m for m in await one.transcript() if m["author"] == "specialist"]
    await page.locator("#answer").fill("")
    await page.keyboard.press("/")
    await expect(search).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#answer")).to_be_focused()
    await expect(search).to_be_hidden()


async def test_colleagues_see_notes_and_each_other_and_the_visitor_sees_neither(
    open_page: OpenPage, served: Served
) -> None:
    page = await open_page("/chat")
    widget = Widget(page)
    await widget.sees("not a person")
    await widget.say("I want to talk to a person")
    await widget.sees(re.compile("asked a specialist"))
    async with at_work(served) as helper:
        newest = (await helper.call("GET", "/escalations")).body["escalations"][-1]
    first = await desk_of(open_page, hire(served, Role.SPECIALIST, "Ana"))
    second = await desk_of(open_page, hire(served, Role.SPECIALIST, "Ben"))
    for desk in (first, second):
        await desk.page.evaluate(f"location.hash = 'e{newest['id']}'")
    await expect(first.page.locator(".company")).to_contain_text("Ben")
    await expect(second.page.locator(".company")).to_contain_text("Ana")
    await first.page.locator("#talk-title").focus()
    await first.page.keyboard.press("o")
    await expect(first.page.locator("#note")).to_be_focused()
    note = f"pelican {uuid.uuid4().hex[:6]}"
    await first.page.locator("#note").fill(note)
    await first.page.get_by_role("button", name="Add note").click()
    await second.page.get_by_role("tab", name=re.compile("Notes")).click()
    await expect(second.page.locator(".note-item")).to_contain_text(note)
    assert await violations(second.page) == []
    await page.wait_for_timeout(500)
    assert note not in await page.evaluate(
        "(function all(root) { return root.innerHTML + [...root.querySelectorAll('*')]"
        ".map((e) => (e.shadowRoot ? all(e.shadowRoot) : '')).join('') })(document.documentElement)"
    )


async def test_a_job_class_is_looked_up_beside_the_conversation(
    open_page: OpenPage, served: Served, visitor: MakeVisitor
) -> None:
    await asked(await visitor().open())
    desk = await desk_of(open_page, hire(served, Role.SPECIALIST))
    await desk.page.keyboard.press("c")
    await expect(desk.page.locator("#class-search")).to_be_focused()
    await desk.page.keyboard.type("A32B")
    await desk.page.get_by_role("button", name=re.compile(r"Insurance Benefits Specialist II \(A32B\)")).click()
    await expect(desk.page.locator(".class-shown")).to_contain_text("$25,127.84 to $46,067.71")
    await expect(desk.page.locator(".class-shown")).to_contain_text("bachelor's degree and 2 years")
    assert await desk.page.locator(".class-shown tbody tr").count() == 4
    assert await violations(desk.page) == []


async def test_the_visitor_rates_the_help_with_the_keyboard_and_the_bot_goes_on(
    open_page: OpenPage, served: Served
) -> None:
    page = await open_page("/chat", width=360, height=720)
    widget = Widget(page)
    await widget.sees("not a person")
    await widget.say("I want to talk to a person")
    await widget.sees(re.compile("asked a specialist"))
    async with at_work(served, alias="Ana") as ana:
        newest = (await ana.call("GET", "/escalations")).body["escalations"][-1]
        await ana.call("POST", f"/escalations/{newest['id']}/take")
        await ana.call("POST", f"/escalations/{newest['id']}/resolve", json={"outcome": "answered"})
    group = page.get_by_role("group", name="How well did Ana help you?")
    await expect(group).to_be_visible()
    assert await group.get_by_role("radio").count() == 5
    await page.get_by_role("button", name="Send rating").click()
    await expect(page.get_by_text("Choose one answer first.")).to_be_visible()
    await expect(group.get_by_role("radio").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(group.get_by_role("radio").nth(1)).to_be_checked()
    await page.get_by_label("What could be better?").fill("Shorter waits.")
    assert await violations(page) == []
    await shot(page, "5-widget-rating")
    async with page.expect_download() as download:
        await page.get_by_role("button", name=re.compile("transcript|Save", re.IGNORECASE)).last.click()
    assert (await download.value).suggested_filename.endswith(".txt")
    await page.get_by_role("button", name="Send rating").click()
    await widget.sees("Thank you for your rating.")
    await expect(group).to_have_count(0)
    await widget.say("what does A32B pay")
    await widget.sees("$12.08 to $22.15")
    await page.reload()
    await widget.sees("Thank you for your rating.")
    assert await violations(page) == []


async def test_a_supervisor_takes_over_from_the_board(
    open_page: OpenPage, served: Served, visitor: MakeVisitor
) -> None:
    one = await visitor().open()
    await asked(one)
    async with at_work(served, alias="Ana") as ana:
        escalation = await ana.escalation_of(one.id)
        await ana.call("POST", f"/escalations/{escalation['id']}/take")
        desk = await desk_of(open_page, hire(served, Role.SUPERVISOR, "Sol"))
        await desk.page.get_by_role("link", name="Board").click()
        row = desk.page.get_by_role("row").filter(has=desk.page.locator(f"a[href='#e{escalation['id']}']"))
        await expect(row).to_contain_text("Ana")
        await shot(desk.page, "5-console-board")
        await row.get_by_role("button", name=re.compile("Take over from Ana")).click()
        await expect(desk.page.locator(".stage[data-stage=answering]")).to_be_visible()
        assert (await ana.escalation_of(one.id))["specialist"]["alias"] == "Sol"


async def test_whoever_loses_a_conversation_is_told_and_keeps_their_draft(
    open_page: OpenPage, served: Served, visitor: MakeVisitor
) -> None:
    one = await visitor().open()
    await asked(one)
    desk = await desk_of(open_page, hire(served, Role.SPECIALIST, "Ana"))
    await take(desk, served, one)
    await desk.page.locator("#answer").fill("Half an answer")
    async with at_work(served, Role.SUPERVISOR, "Sol") as supervisor:
        escalation = await supervisor.escalation_of(one.id)
        await supervisor.call("POST", f"/escalations/{escalation['id']}/take-over", json={})
        await expect(desk.page.locator(".stage")).to_contain_text("Sol has taken this conversation over from you")
        assert await violations(desk.page) == []
        await supervisor.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})


async def test_a_question_without_an_answer_is_approved_and_leaves_the_list(
    open_page: OpenPage, served: Served, visitor: MakeVisitor
) -> None:
    mark = uuid.uuid4().hex[:6]
    await (await visitor().open()).say(f"can my parrot {mark} fly to paris")
    desk = await desk_of(open_page, hire(served, Role.SUPERVISOR))
    await desk.page.get_by_role("link", name="Unanswered questions").click()
    group = desk.page.locator(".question-group").filter(has=desk.page.locator(f"input[value*='{mark}']"))
    field = desk.page.locator(".question-row input[type=text]")
    await expect(field.first).to_be_visible()
    values = await field.evaluate_all("fields => fields.map((one) => one.value)")
    at = next(place for place, value in enumerate(values) if mark in value)
    group = desk.page.locator(".question-group").filter(has=field.nth(at))
    await group.get_by_role("button", name="Approve as examples").click()
    await expect(group.get_by_role("alert")).to_have_text("Choose the topic these belong to.")
    await group.get_by_label("Topic").select_option("chitchat")
    await group.get_by_role("button", name="Approve as examples").click()
    await expect(desk.page.locator(f".question-group >> text={mark}")).to_have_count(0)


async def test_an_admin_disables_an_account_with_a_second_press(open_page: OpenPage, served: Served) -> None:
    async with at_work(served, alias=f"Tom {uuid.uuid4().hex[:6]}") as tom:
        name = (await tom.call("GET", "/session")).body["specialist"]["alias"]
        desk = await desk_of(open_page, hire(served, Role.ADMIN))
        await desk.page.evaluate("location.hash = 'account'")
        await desk.page.get_by_role("button", name=f"Disable: {name}").click()
        assert (await tom.call("GET", "/session")).status == 200
        await desk.page.get_by_role("button", name=f"Really disable {name}?").click()
        row = desk.page.get_by_role("row").filter(has_text=name)
        await expect(row).to_contain_text("Disabled")
        assert (await tom.call("GET", "/session")).status == 401


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_in_any_view_of_the_console(
    open_page: OpenPage, served: Served, visitor: MakeVisitor, http: aiohttp.ClientSession, theme: str
) -> None:
    one = await visitor(program="wa_ui").open()
    await one.say("how do i appeal")
    await asked(one)
    page = await open_page("/console")
    await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    await expect(page.locator("#login")).to_be_visible()
    assert await violations(page) == [], "sign in"
    desk = Desk(page)
    await desk.sign_in(hire(served, Role.ADMIN), PASSWORD)
    assert await violations(page) == [], "queue"
    await shot(page, f"5-console-queue-{theme}")
    await take(desk, served, one)
    await page.get_by_role("button", name="Ready replies").click()
    await expect(page.get_by_role("option").first).to_be_visible()
    assert await violations(page) == [], "conversation"
    await shot(page, f"5-console-conversation-{theme}")
    for name in (*PAGES, "account"):
        await page.evaluate(f"location.hash = '{name}'")
        if name == "search":
            await page.locator("#transcript-search").fill("appeal")
            await page.keyboard.press("Enter")
            await page.locator(".found-row").first.click()
            await expect(page.locator(".found-open")).to_be_visible()
        elif name == "questions":
            await expect(page.get_by_role("status").filter(has_text=re.compile("question"))).to_be_visible()
            await page.wait_for_timeout(4000)
        elif name == "intakes":
            await expect(page.get_by_role("status").filter(has_text=re.compile("request"))).to_be_visible()
        else:
            await expect(page.locator(".page-view table").first).to_be_visible()
        assert await violations(page) == [], name
        await shot(page, f"5-console-{name}-{theme}")
    await page.keyboard.press("?")
    await expect(page.locator("dialog[open]")).to_be_visible()
    assert await violations(page) == [], "shortcuts"


@pytest.mark.parametrize("width", [320, 768])
async def test_no_page_of_the_console_scrolls_sideways(open_page: OpenPage, served: Served, width: int) -> None:
    desk = await desk_of(open_page, hire(served, Role.ADMIN), width=width, height=700)
    for name in ("", *PAGES, "account"):
        await desk.page.evaluate(f"location.hash = '{name}'")
        await desk.page.wait_for_timeout(800)
        wide = await desk.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, name
        if name:
            view = desk.page.locator(".page-view")
            assert not await view.evaluate("view => view.scrollWidth > view.clientWidth"), name
