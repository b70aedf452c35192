"""Logs and metrics: enough to find what happened, and nothing of what was said."""

from __future__ import annotations

import json
import logging
import re
import sys

import aiohttp

from bot import logs
from tests.conftest import Served
from tests.people import MakeVisitor


async def test_a_request_is_found_in_the_log_by_the_id_it_was_answered_with(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await visitor().open()
    answer = await one.post(text="hello")
    lines = [line for line in served.log.splitlines() if answer.headers["X-Request-Id"] in line]
    assert len(lines) == 1
    assert f"conversation={one.id}" in lines[0]
    assert "route=/api/conversations/{id}/messages status=200" in lines[0]
    assert re.search(r" ms=\d+", lines[0])


async def test_a_fault_is_logged_with_the_request_and_the_conversation_it_belongs_to(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await visitor().open()
    answer = await one.call("POST", "/messages", data=b"{")
    assert answer.status == 400
    line = next(line for line in served.log.splitlines() if answer.headers["X-Request-Id"] in line)
    assert "status=400" in line and one.id in line


async def test_metrics_name_routes_as_patterns_and_no_ids(
    visitor: MakeVisitor, served: Served, http: aiohttp.ClientSession
) -> None:
    one = await visitor().open()
    await one.say("flurbl grommix zzz")
    await one.prove("UI-00000003", "1980-01-01")
    await one.request("GET", f"/nowhere/{one.id}")
    async with http.get(f"{served.url}/metrics") as response:
        text = await response.text()
    assert one.id not in text and one.token not in text
    assert 'bot_http_requests_total{method="POST",route="/api/conversations/{id}/messages",status="200"}' in text
    assert 'route="none",status="404"' in text
    for name in (
        *("bot_messages_total", "bot_reply_seconds_bucket", "bot_http_seconds_bucket", "bot_queue_waiting"),
        *("bot_queue_oldest_seconds", "bot_misses_total", "bot_conversation_lock_seconds_bucket"),
        *('bot_identity_total{outcome="refused"}', "bot_open_sockets", "bot_escalations_total", "bot_faults_total"),
    ):
        assert re.search(rf"^{re.escape(name)}", text, re.MULTILINE), name


def test_a_line_as_json_holds_the_ids_and_an_exception_without_its_words() -> None:
    request = logs.REQUEST.set("0123456789abcdef")
    try:
        try:
            raise ValueError("what the visitor wrote")
        except ValueError:
            record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "failed kind=%s", ("x",), None)
            record.exc_info = sys.exc_info()
        line = json.loads(logs.JsonFormatter().format(record))
    finally:
        logs.REQUEST.reset(request)
    assert line["message"] == "failed kind=x" and line["level"] == "ERROR"
    assert line["request"] == "0123456789abcdef" and "conversation" not in line
    assert line["exception"].startswith("ValueError at ") and "visitor wrote" not in str(line)
