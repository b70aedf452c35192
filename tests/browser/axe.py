"""Deque's axe in the page under test: `axe.min.js` is its release 4.10.3, under the licence in `axe.LICENSE`."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

_SCRIPT = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """What axe finds wrong in the page as it stands: the rule and the elements."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_SCRIPT)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {', '.join(str(node['target']) for node in one['nodes'])}"
        for one in found["violations"]
    ]
