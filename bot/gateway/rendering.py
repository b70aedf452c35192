"""What a message becomes on the wire: sanitised HTML is added where the bot's text holds Markdown."""

from __future__ import annotations

import functools
import re
from typing import Any

import nh3
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_LOOKS_LIKE_MARKDOWN = re.compile(r"\*\*|\]\(|^\s*(?:[-*]|\d+\.)\s", re.MULTILINE)
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}


def present(message: dict[str, Any]) -> dict[str, Any]:
    """The message as clients get it; only the bot's words are ever read as Markdown."""
    if message["author"] != "bot" or not _LOOKS_LIKE_MARKDOWN.search(message["text"]):
        return message
    return {**message, "html": to_html(message["text"])}


@functools.lru_cache(maxsize=2048)
def to_html(text: str) -> str:
    """Markdown as HTML that holds nothing but paragraphs, lists, emphasis and safe links."""
    return nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "tel", "mailto"},
        link_rel="noopener noreferrer",
    )
