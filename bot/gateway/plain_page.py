"""The plain chat as HTML: every text escaped, except answers that were sanitised on the way out."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bot.gateway.rendering import present
from bot.stores.vocabulary import FeedbackReason
from bot.words import load_file

_WIDGET = Path(__file__).parent / "static" / "widget"


@dataclass
class Page:
    """What one page shows."""

    language: str
    path: str
    program: str = ""
    problem: str = ""
    draft: str = ""
    ended: bool = False
    proven: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    escalation: dict[str, Any] | None = None

    def words(self, key: str, /, **values: Any) -> str:
        """A text of the plain chat or of the widget, with its values filled in."""
        return _texts()[key][self.language].format(**values)

    def say(self, key: str, /, **values: Any) -> str:
        """The same, escaped."""
        return escape(self.words(key, **values))

    @property
    def action(self) -> str:
        """Where forms go: before there is a conversation, the address alone knows language and program."""
        return escape(f"{self.path}?{urlencode({'lang': self.language, 'program': self.program})}")


@functools.cache
def _texts() -> dict[str, dict[str, str]]:
    return {**load_file(_WIDGET / "words.yml"), **load_file(_WIDGET / "plain.yml")}


def render(page: Page) -> str:
    """The whole document."""
    say = page.say
    other = "es" if page.language == "en" else "en"
    title = f"{say('error_title')} {say('title')}" if page.problem else say("title")
    parts = [
        f'<!doctype html>\n<html lang="{page.language}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<title>{title}</title>\n<link rel="stylesheet" href="/static/widget/plain.css">',
        '<link rel="icon" href="data:,">\n</head>\n<body>',
        f"<header><h1>{say('title')}</h1>{_language_switch(page, other)}</header>\n<main>",
        f'<p class="notice">{say("privacy.note")} {say("note")}</p>',
    ]
    if page.ended:
        parts.append(f"<p>{say('ended')}</p>")
    if page.problem:
        parts.append(f'<div class="error" role="alert"><p>{escape(page.problem)}</p></div>')
    if page.messages:
        parts.append(f'<h2>{say("log.label")}</h2>\n<ol class="messages">{"".join(_messages(page))}</ol>')
    parts += [_state(page), _composer(page), "</main>\n</body>\n</html>\n"]
    return "\n".join(parts)


def _language_switch(page: Page, other: str) -> str:
    name = page.say(f"language.{other}")
    if not page.messages:
        return f'<a href="{page.path}?lang={other}" lang="{other}" hreflang="{other}">{name}</a>'
    hidden = f'<input type="hidden" name="locale" value="{other}">'
    return _form(page, f'{hidden}<button name="do" value="speak" lang="{other}">{name}</button>')


def _state(page: Page) -> str:
    escalation = page.escalation or {}
    state = escalation.get("state")
    if state == "waiting":
        text = page.say("who.position", position=escalation.get("position", 1)) + _recent_waits(page, escalation)
    elif state == "active":
        text = page.say("who.specialist", name=escalation.get("name") or page.say("author.someone"))
    elif state == "callback":
        text = page.say("who.callback", reference=escalation["reference"])
    else:
        text = page.say("who.bot")
    if state == "waiting":
        back = f'<button name="do" value="back">{page.say("who.back")}</button>'
        person = f"{_form(page, back)}<details><summary>{page.say('who.leave')}</summary>{_leave(page)}</details>"
    else:
        ask = f'<button name="do" value="person">{page.say("person.ask")}</button>'
        person = "" if state == "active" else _form(page, ask)
    reload = f'<a href="{page.path}#end">{page.say("reload")}</a>' if page.messages else ""
    return f'<p id="end">{text} {reload}</p>\n{person}'


def _recent_waits(page: Page, escalation: dict[str, Any]) -> str:
    wait = escalation.get("wait_minutes")
    if wait is None:
        return ""
    key = "who.wait_up_to" if wait["low"] < 1 else "who.wait"
    return " " + page.say("who.wait_about" if wait["low"] == wait["high"] else key, **wait)


def _leave(page: Page) -> str:
    """The form for a message that is answered later."""
    say = page.say
    return _form(
        page,
        f'<p class="hint" id="left-hint">{say("message.intro")}</p>'
        f'<label for="left">{say("message.label")}</label>'
        '<textarea id="left" name="text" rows="5" maxlength="2000" aria-describedby="left-hint"></textarea>'
        f'<p><button class="primary" name="do" value="leave">{say("message.submit")}</button></p>',
    )


def _composer(page: Page) -> str:
    say = page.say
    end = f'<button class="danger" name="do" value="end">{say("options.end")}</button>' if page.messages else ""
    return _form(
        page,
        f'<label for="text">{say("composer.label")}</label>'
        f'<p class="hint" id="hint">{say("composer.hint", limit="2,000")}</p>'
        '<textarea id="text" name="text" rows="3" maxlength="2000" aria-describedby="hint">'
        f"{escape(page.draft)}</textarea>"
        f'<p><button class="primary" name="do" value="say">{say("composer.send")}</button></p>',
    ) + (_form(page, end) if end else "")


def _messages(page: Page) -> list[str]:
    last_own = max((m["seq"] for m in page.messages if m["author"] == "visitor"), default=0)
    identity = [m["seq"] for m in page.messages if (m.get("card") or {}).get("type") == "identity"]
    forms = [m["seq"] for m in page.messages if (m.get("card") or {}).get("type") == "message"]
    items = []
    for message in page.messages:
        name = page.say(f"author.{message['author']}", name=message.get("name") or page.say("author.someone"))
        open_form = not page.proven and bool(identity) and message["seq"] == identity[-1]
        live = message["seq"] > last_own
        inside = (_text(message) if message.get("hidden") else "") + _card(page, message, open_form) or _text(message)
        if not page.escalation and forms and message["seq"] == forms[-1]:
            inside += _leave(page)
        inside += _source(page, message)
        inside += _feedback(page, message, live) + (_buttons(page, message) if live else "")
        items.append(
            f'<li class="message {message["author"]}" lang="{escape(message.get("language") or page.language)}">'
            f'<p class="who">{name}</p>{inside}</li>'
        )
    return items


def _text(message: dict[str, Any]) -> str:
    shown = present(message)
    return str(shown["html"]) if "html" in shown else f'<p class="lines">{escape(message["text"])}</p>'


def _buttons(page: Page, message: dict[str, Any]) -> str:
    buttons = "".join(
        f'<button name="payload" value="{escape(button["payload"])}">{escape(button["title"])}</button>'
        for button in message.get("buttons") or []
    )
    return _form(page, buttons) if buttons else ""


def _feedback(page: Page, message: dict[str, Any], live: bool) -> str:
    """Did this help? Asked under the newest answers; what was said stays under older ones."""
    given = message.get("feedback")
    if not given or (given is True and not live):
        return ""
    given = {} if given is True else given
    say = page.say
    title = message["source"].get("answers") or ""
    seq = f'<input type="hidden" name="seq" value="{message["seq"]}">'
    answers = "".join(
        f'<button name="do" value="rate_{name}" aria-pressed="{"true" if given.get("helpful") is value else "false"}">'
        f"{say(f'feedback.{name}')}</button>"
        for name, value in (("yes", True), ("no", False))
    )
    thanks = f" <span>{say('feedback.thanks')}</span>" if given else ""
    rows = [_form(page, f"{seq}<p><span>{say('feedback.ask')}</span> {answers}{thanks}</p>")]
    if given.get("helpful") is False:
        choices = "".join(
            f'<option value="{reason}"{" selected" if given.get("reason") == reason else ""}>'
            f"{say(f'feedback.{reason}')}</option>"
            for reason in FeedbackReason
        )
        name = f"why-{message['seq']}"
        save = f'<button name="do" value="rate_no">{say("feedback.save")}</button>'
        person = f'<button name="do" value="person">{say("feedback.person")}</button>'
        select = (
            f'<label for="{name}">{say("feedback.why")}</label> <select id="{name}" name="reason">{choices}</select>'
        )
        rows.append(_form(page, f"{seq}<p>{select} {save} {person}</p>"))
    return f'<div class="feedback" role="group" aria-label="{say("feedback.label", title=title)}">{"".join(rows)}</div>'


def _source(page: Page, message: dict[str, Any]) -> str:
    source = message.get("source")
    if not source:
        return ""
    title = escape(source["title"])
    if str(source.get("url", "")).startswith("https://"):
        title = f'<a href="{escape(source["url"])}" rel="noopener noreferrer">{title}</a>'
    return f'<p class="source">{page.say("source.label")} {title}. {escape(source.get("note") or "")}</p>'


def _card(page: Page, message: dict[str, Any], open_form: bool) -> str:
    card = message.get("card") or {}
    if card.get("type") == "identity":
        return _identity(page, card) if open_form else f"<p>{page.say('identity.closed')}</p>"
    if card.get("type") == "status":
        return _status(card)
    if card.get("type") == "table":
        return _table(card)
    if card.get("type") == "facts":
        rows = "".join(f"<dt>{escape(f['label'])}</dt><dd>{escape(str(f['value']))}</dd>" for f in card["facts"])
        return f"<h3>{escape(card['title'])}</h3><dl>{rows}</dl>{_note(card)}"
    return ""


def _status(card: dict[str, Any]) -> str:
    parts = [f"<h3>{escape(card['title'])}</h3><p>{escape(card.get('claim_number') or '')}</p>"]
    for section in card["sections"]:
        due = f'<p class="due">{escape(section["due"]["label"])}</p>' if section.get("due") else ""
        kind = ' class="act"' if section["key"] == "act" else ""
        parts.append(
            f'<div{kind}><h4>{escape(section["heading"])}</h4><p class="lines">{escape(section["text"])}</p>{due}</div>'
        )
    return "".join(parts + [_table(table) for table in card.get("tables") or []])


def _table(card: dict[str, Any]) -> str:
    first, *others = card["columns"]
    head = "".join(f'<th scope="col">{escape(column["label"])}</th>' for column in card["columns"])
    rows = "".join(
        f'<tr><th scope="row">{escape(str(row.get(first["key"], "")))}</th>'
        + "".join(f"<td>{escape(str(row.get(column['key'], '')))}</td>" for column in others)
        + "</tr>"
        for row in card["rows"]
    )
    caption = escape(card["caption"])
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{_note(card)}"
    )


def _note(card: dict[str, Any]) -> str:
    return f'<p class="source">{escape(card["note"])}</p>' if card.get("note") else ""


def _identity(page: Page, card: dict[str, Any]) -> str:
    fields = []
    for spec in card["fields"]:
        name, label, hint = escape(spec["name"]), escape(spec["label"]), escape(spec.get("hint") or "")
        about = f'<p class="hint" id="{name}-hint">{hint}</p>' if hint else ""
        described = f' aria-describedby="{name}-hint"' if hint else ""
        if spec["kind"] == "date":
            parts = "".join(
                f'<div><label for="{name}-{part}">{page.say(f"date.{part}")}{" (1-12)" if part == "month" else ""}'
                f'</label><input id="{name}-{part}" name="{name}_{part}" inputmode="numeric" autocomplete="off"'
                f"{described}></div>"
                for part in page.say("date.order").split(" ")
            )
            fields.append(f'<fieldset><legend>{label}</legend>{about}<div class="parts">{parts}</div></fieldset>')
        else:
            kind = 'type="password" inputmode="numeric"' if spec["kind"] == "secret" else 'type="text"'
            fields.append(
                f'<p><label for="{name}">{label}</label></p>{about}'
                f'<input id="{name}" name="{name}" {kind} autocomplete="off"{described}>'
            )
    button = f'<p><button class="primary" name="do" value="prove">{escape(card["submit"])}</button></p>'
    inside = f"<h3>{escape(card['title'])}</h3><p>{escape(card.get('intro') or '')}</p>{''.join(fields)}{button}"
    return f'<div class="card">{_form(page, inside)}</div>'


def _form(page: Page, inside: str) -> str:
    return f'<form method="post" action="{page.action}">{inside}</form>'
