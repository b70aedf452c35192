"""axe-core in the page under test: `vendor/axe.min.js` is its release 4.10, under the licence beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page

_SCRIPT = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false,
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
  return violations.map((v) => [v.id, v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ").slice(0, 600)]);
}"""


async def violations(page: Page) -> list[Any]:
    """What axe finds wrong in the page as it stands: pairs of the rule and the elements."""
    if not await page.evaluate("() => Boolean(window.axe)"):
        await page.evaluate(_SCRIPT)
    return list(await page.evaluate(_RUN))
