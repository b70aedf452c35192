"""What a message becomes on the wire: HTML where the bot's text holds Markdown, and terms explained."""

from __future__ import annotations

import functools
import re
from typing import Any

import nh3
from markdown_it import MarkdownIt

from bot import glossary
from bot.words import LANGUAGES

MOST_TERMS = 4
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_LOOKS_LIKE_MARKDOWN = re.compile(r"\*\*|\]\(|^\s*(?:[-*]|\d+\.)\s", re.MULTILINE)
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}


def present(message: dict[str, Any]) -> dict[str, Any]:
    """The message as clients get it; only the bot's words are ever read as Markdown."""
    if message["author"] != "bot":
        return message
    shown = dict(message)
    if _LOOKS_LIKE_MARKDOWN.search(message["text"]):
        shown["html"] = to_html(message["text"])
    if "card" not in message and (terms := explain(message["text"], message["language"])):
        shown["terms"] = [{"term": term, "definition": definition} for term, definition in terms]
    return shown


@functools.lru_cache(maxsize=2048)
def explain(text: str, language: str) -> tuple[tuple[str, str], ...]:
    """The terms of a text that the glossary explains, as written there, each with its definition."""
    if language not in LANGUAGES:
        return ()
    return tuple(
        (written, term.definition[language]) for written, term in glossary.explained(text, language, MOST_TERMS)
    )


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
