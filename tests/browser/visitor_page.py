"""A visitor's browser page: what they do at the widget, and what can be measured of what they see."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

from bot.stores.demo_claims import demo_pin
from bot.stores.vocabulary import ClaimStatus
from bot.words import load_file
from tests.browser.axe import violations
from tests.conftest import Served
from tests.people import SpecialistAtWork
from tests.stored import claim_with

STATIC = Path(__file__).parents[2] / "bot/gateway/static"
WORDS = load_file(STATIC / "widget" / "words.yml")

_INSIDE = """(name) => {
  const root = document.querySelector("benefits-help").shadowRoot;
  const seen = (e) => e.getClientRects().length && getComputedStyle(e).clipPath === "none" && !e.closest(".unseen");
  const size = (b) => `${Math.round(b.width)}x${Math.round(b.height)} at ${Math.round(b.left)}`;
  const name_of = (e, b) => `${e.tagName}.${e.className} ${size(b)}`;
  const found = [];
  if (name === "sideways") {
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push("the page itself");
    for (const e of root.querySelectorAll(".panel *, .corner *")) {
      if (e.closest("svg") || !seen(e)) continue;
      const b = e.getBoundingClientRect();
      if (b.right > innerWidth + 1 || b.left < -1) found.push(name_of(e, b));
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
      if (scrolls && e.scrollWidth > e.clientWidth + 1) found.push(`scrolls ${name_of(e, b)}`);
    }
  } else {
    for (const e of root.querySelectorAll("button, a[href], input, select, textarea")) {
      // A link inside a sentence is exempt (WCAG 2.5.8), and so is a box whose whole label can be pressed.
      if (!seen(e) || getComputedStyle(e).display === "inline" || e.closest("label")) continue;
      const b = e.getBoundingClientRect();
      if (b.width < 24 || b.height < 24) found.push(name_of(e, b));
    }
  }
  return [...new Set(found)];
}"""
_FOCUSED = """() => {
  let one = document.activeElement;
  while (one && one.shadowRoot && one.shadowRoot.activeElement) one = one.shadowRoot.activeElement;
  if (!one) return "";
  return one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText?.trim() || one.tagName;
}"""
# A real MutationObserver notes what a live region was given, as a screen reader would be told it.
_LISTEN = """() => {
  window.spoken = [];
  const root = document.querySelector("benefits-help").shadowRoot;
  const region = root.querySelector(".announcer");
  new MutationObserver((changes) => {
    const nodes = changes.flatMap((change) => [...change.addedNodes]);
    for (const node of nodes) window.spoken.push([node.lang, node.textContent]);
  }).observe(region, { childList: true, subtree: true });
}"""


class VisitorPage:
    """One browser page with the widget, in a language."""

    def __init__(self, page: Page, language: str = "en") -> None:
        self.page = page
        self.language = language
        self.writing: Locator = page.locator(".composer textarea")

    def word(self, key: str, **values: Any) -> str:
        """A text of the widget in the page's language."""
        return WORDS[key][self.language].format(**values)

    async def open(self) -> VisitorPage:
        await self.page.locator("button.launcher").click()
        await expect(self.page.locator(".message.bot").first).to_be_visible()
        return self

    async def say(self, text: str) -> None:
        await self.writing.fill(text)
        await self.writing.press("Enter")

    async def ask(self, text: str, *, wait_for: str = "") -> Locator:
        """Say something and wait for what comes of it; returns the newest of it."""
        answers = self.page.locator(wait_for or ".message.bot")
        before = await answers.count()
        await self.say(text)
        await expect(answers).not_to_have_count(before)
        return answers.last

    async def prove(self, number: str, born_on: str) -> None:
        year, month, day = (str(int(part)) for part in born_on.split("-"))
        form = self.page.locator("form.identity:visible")
        await form.locator("input[id*=claim_number]").fill(number)
        await form.locator("select").select_option(month)
        await form.locator("input.digits-2").fill(day)
        await form.locator("input.digits-4").fill(year)
        await form.locator("input[type=password]").fill(demo_pin(number))
        await form.locator("button[type=submit]").click()

    async def see_claim(self, served: Served, *, status: ClaimStatus = ClaimStatus.ADJUDICATION, skip: int = 0) -> str:
        """Ask about the claim and prove identity; returns the claim number."""
        number, born_on, _ = claim_with(served, status, skip)
        question = {"en": "where is my claim", "es": "¿cómo va mi reclamo?"}[self.language]
        await self.ask(question, wait_for="form.identity")
        await self.prove(number, born_on)
        await expect(self.page.locator(".status").last).to_be_visible()
        return number

    async def choose_option(self, name: str) -> None:
        await self.page.locator("button.options").click()
        await self.page.locator(f"[data-action={name}]").click()

    async def end(self) -> None:
        await self.choose_option("end")
        await self.page.locator(".sheet .danger").click()

    async def conversation(self) -> dict[str, Any]:
        """Id and token, from where the tab keeps them."""
        kept: dict[str, Any] = await self.page.evaluate("JSON.parse(sessionStorage.getItem('benefits-help') || '{}')")
        return kept

    async def focused(self) -> str:
        """The accessible name of what has the keyboard."""
        return str(await self.page.evaluate(_FOCUSED))

    async def listen(self) -> None:
        await self.page.evaluate(_LISTEN)

    async def spoken(self) -> list[list[str]]:
        """Language and text of all that the live region has said since `listen`."""
        return list(await self.page.evaluate("window.spoken"))

    async def hears(self, language: str, text: str) -> None:
        """Wait until the live region has said something with this text in this language."""
        for _ in range(200):
            if any(said[0] == language and text in said[1] for said in await self.spoken()):
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"the live region never said {text!r}; it said {await self.spoken()}")

    async def axe(self) -> list[Any]:
        """Every violation that axe-core finds on the page now."""
        return await violations(self.page)

    async def sideways(self) -> list[str]:
        """What sticks out of the window or would have to be scrolled sideways."""
        return list(await self.page.evaluate(_INSIDE, "sideways"))

    async def small_targets(self) -> list[str]:
        """Controls under 24 by 24 CSS pixels."""
        return list(await self.page.evaluate(_INSIDE, "targets"))


OpenVisitor = Callable[..., Awaitable[VisitorPage]]


async def new_visitor(context: BrowserContext, url: str, language: str = "en") -> VisitorPage:
    """A new tab at an address that holds the widget."""
    page = await context.new_page()
    await page.goto(url)
    return VisitorPage(page, language)


async def with_specialist(served: Served, visitor: VisitorPage, words: str) -> tuple[SpecialistAtWork, int]:
    """A specialist takes the visitor's conversation and says something; returns them and the escalation's id."""
    specialist = SpecialistAtWork(served.url)
    await specialist.sign_in(served.login, served.password)
    escalation = await specialist.escalation_of((await visitor.conversation())["id"])
    number = int(escalation["id"])
    await specialist.call("POST", f"/escalations/{number}/take", json={})
    await specialist.call("POST", f"/escalations/{number}/messages", json={"text": words, "client_id": f"w{number}"})
    await expect(visitor.page.locator(".message.specialist").last).to_contain_text(words)
    return specialist, number


def containing(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))
