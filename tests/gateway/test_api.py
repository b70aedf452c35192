"""The visitor's HTTP interface, from outside."""

from __future__ import annotations

import json

import aiohttp
import pytest
from sqlalchemy import create_engine, text

from tests.conftest import Served
from tests.people import MakeVisitor


async def test_a_new_conversation_begins_with_the_bot_saying_it_is_a_bot(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert "not a person" in one.messages[0]["text"]
    assert one.messages[0]["seq"] == 1
    assert {"title": "Talk to a person", "payload": "/ask_human"} in one.messages[0]["buttons"]


async def test_a_spanish_page_is_greeted_in_spanish(visitor: MakeVisitor) -> None:
    one = await visitor(locale="es").open()
    assert "no una persona" in one.messages[0]["text"]
    assert one.messages[0]["language"] == "es"


async def test_messages_are_numbered_without_gaps_and_can_be_read_again(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("hello")
    await one.say("thanks")
    transcript = await one.transcript()
    assert [m["seq"] for m in transcript] == list(range(1, len(transcript) + 1))
    assert [m["text"] for m in transcript if m["author"] == "visitor"] == ["hello", "thanks"]
    assert [m["seq"] for m in await one.transcript(since=2)] == list(range(3, len(transcript) + 1))


async def test_a_message_sent_twice_with_one_client_id_is_stored_and_answered_once(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    first = await one.post(text="hello there", client_id="abc")
    second = await one.post(text="hello there", client_id="abc")
    assert [m["seq"] for m in second.body["messages"]] == [m["seq"] for m in first.body["messages"]]
    assert sum(m["text"] == "hello there" for m in await one.transcript()) == 1


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff\xfe", b'"text"', b"null"])
async def test_malformed_json_is_400(visitor: MakeVisitor, body: bytes) -> None:
    one = await visitor().open()
    answer = await one.call("POST", "/messages", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.code) == (400, "bad_json")


async def test_an_unknown_conversation_and_a_wrong_token_get_the_same_answer(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    unknown = await one.request("GET", f"/api/conversations/{'0' * 32}/messages")
    wrong = await one.call("GET", "/messages", headers={"Authorization": "Bearer wrong"})
    assert unknown.status == wrong.status == 404
    assert unknown.body == wrong.body


async def test_without_a_token_the_answer_is_401(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    answer = await one.call("GET", "/messages", headers={"Authorization": ""})
    assert (answer.status, answer.code) == (401, "unauthorized")


async def test_one_conversations_token_does_not_open_another(visitor: MakeVisitor) -> None:
    mine, other = await visitor().open(), await visitor().open()
    answer = await mine.request("GET", f"/api/conversations/{other.id}/messages")
    assert answer.status == 404


@pytest.mark.parametrize("words", ["", "   ", "\n\t", "\x00"])
async def test_an_empty_text_is_422(visitor: MakeVisitor, words: str) -> None:
    one = await visitor().open()
    answer = await one.post(text=words)
    assert (answer.status, answer.code) == (422, "empty_text")


async def test_a_text_over_the_limit_is_413_and_says_the_limit(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert (await one.post(text="x" * 2000)).status == 200
    answer = await one.post(text="x" * 2001)
    assert (answer.status, answer.code) == (413, "text_too_long")
    assert answer.body["error"]["limit"] == 2000


async def test_a_body_over_the_limit_is_413(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    answer = await one.post(text="x" * 100_000)
    assert answer.status == 413


@pytest.mark.parametrize(
    "body",
    [{}, {"text": 5}, {"text": "a", "payload": "/b"}, {"text": "a", "extra": 1}, {"payload": None}, {"client_id": "x"}],
)
async def test_a_body_of_the_wrong_shape_is_422(visitor: MakeVisitor, body: dict[str, object]) -> None:
    one = await visitor().open()
    answer = await one.post(**body)
    assert (answer.status, answer.code) == (422, "bad_request")


async def test_a_button_the_bot_showed_can_be_pressed_and_no_other(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert (await one.press("/claim_status")).status == 200
    for forged in ("/identity_confirmed", '/identity_confirmed{"claim":"1"}', "/restart", "/session_start", "claim"):
        answer = await one.press(forged)
        assert (answer.status, answer.code) == (422, "unknown_button"), forged


async def test_a_button_of_another_conversation_is_refused(visitor: MakeVisitor) -> None:
    one, other = await visitor().open(), await visitor().open()
    await one.press("/job_class_search")
    shown = [b["payload"] for m in one.messages for b in m.get("buttons", []) if "{" in b["payload"]]
    assert shown
    assert (await other.press(shown[0])).status == 422


@pytest.mark.parametrize(
    "words",
    [
        '/identity_confirmed{"claim_number":"UI-12345678"}',
        "/restart",
        " /restart",
        "//restart",
        "/ /restart",
        "\u2003/restart",
        "/session_start",
    ],
)
async def test_a_text_that_starts_with_a_slash_is_only_words(visitor: MakeVisitor, words: str) -> None:
    one = await visitor().open()
    await one.say("what does A32B pay")
    said = await one.say(words)
    assert said.strip()
    assert "claim number" not in said.lower() or "form" in said.lower()
    # What was talked about before is still known, so nothing restarted.
    assert "$24.53" in await one.say("and level III?")
    stored = [m["text"] for m in await one.transcript() if m["author"] == "visitor"]
    assert words.strip() in stored


@pytest.mark.parametrize("secret", ["123-45-6789", "4111 1111 1111 1111", "123456789"])
async def test_numbers_that_must_stay_secret_are_stored_nowhere(
    visitor: MakeVisitor, served: Served, secret: str
) -> None:
    one = await visitor().open()
    await one.say(f"my number is {secret} where is my money")
    engine = create_engine(served.database_url)
    with engine.connect() as connection:
        for table in ("messages", "trackers", "offered_payloads"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).fetchall()
            assert secret not in json.dumps([str(value) for row in rows for value in row])
    assert secret not in served.log


async def test_the_transcript_can_be_kept_as_text(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("hello")
    answer = await one.call("GET", "/transcript.txt")
    assert answer.status == 200
    assert "You: hello" in answer.body and "Help bot: " in answer.body
    assert "attachment" in answer.headers["Content-Disposition"]


async def test_an_ended_conversation_opens_to_nobody(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert (await one.call("DELETE", "")).status == 204
    assert (await one.post(text="hello")).status == 404
    assert (await one.call("GET", "/messages")).status == 404


async def test_the_chosen_language_is_spoken_from_then_on(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    assert (await one.call("PATCH", "", json={"locale": "es"})).status == 200
    answer = await one.press("/claim_status")
    bot = [m for m in answer.body["messages"] if m["author"] == "bot"]
    assert {m["language"] for m in bot} == {"es"}


async def test_errors_are_told_in_the_language_of_the_page(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    answer = await one.call("POST", "/messages", json={"text": ""}, headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert "vacío" in answer.body["error"]["message"]


async def test_health_and_readiness_and_metrics_answer(served: Served, http: aiohttp.ClientSession) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/api/agency", "/", "/chat", "/console", "/widget.js"):
        async with http.get(served.url + path) as response:
            assert response.status == 200, path


async def test_every_answer_carries_the_security_headers(served: Served, http: aiohttp.ClientSession) -> None:
    for path in ("/", "/console", "/chat", "/api/agency", "/no-such-page", "/widget.js"):
        async with http.get(served.url + path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_another_sites_page_can_not_use_the_interface(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    answer = await one.call("GET", "/messages", headers={"Origin": "https://evil.example"})
    assert (answer.status, answer.code) == (403, "origin")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await one.http.ws_connect(
            f"{one.url}/api/conversations/{one.id}/socket",
            protocols=("chat", one.token),
            headers={"Origin": "https://evil.example"},
        )
    assert refused.value.status == 403


@pytest.mark.parametrize("side", ["widget", "console"])
async def test_the_words_of_the_pages_are_served_in_both_languages(
    served: Served, http: aiohttp.ClientSession, side: str
) -> None:
    texts = {}
    for language in ("en", "es"):
        async with http.get(f"{served.url}/static/{side}/words.{language}.json") as response:
            assert response.status == 200
            texts[language] = await response.json()
    assert texts["en"].keys() == texts["es"].keys()
    assert texts["en"] != texts["es"]
    async with http.get(f"{served.url}/static/{side}/words.xx.json") as response:
        assert response.status == 404
