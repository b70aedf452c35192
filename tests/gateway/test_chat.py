"""The visitor's socket."""

from __future__ import annotations

import asyncio
import itertools

from tests.people import MakeVisitor


async def test_a_socket_brings_what_was_said_before_and_then_what_is_said_live(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    socket = await one.socket()
    assert (await socket.message("not a person"))["seq"] == 1
    await socket.until(type="caught_up")
    client_id = await socket.say("hello")
    await socket.until(type="ack", client_id=client_id)
    seqs = [f["message"]["seq"] for f in socket.seen if f["type"] == "message"]
    while len(seqs) < 3:
        frame = await socket.until(type="message")
        seqs.append(frame["message"]["seq"])
    assert seqs == [1, 2, 3]
    await socket.close()


async def test_a_socket_goes_on_from_the_last_message_seen(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    await one.say("hello")
    socket = await one.socket(since=2)
    frame = await socket.until(type="message")
    assert frame["message"]["seq"] == 3
    await socket.close()


async def test_two_tabs_see_the_same_conversation(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    first, second = await one.socket(), await one.socket()
    await first.until(type="caught_up")
    await second.until(type="caught_up")
    await first.say("hello from the first tab")
    assert (await second.message("hello from the first tab"))["author"] == "visitor"
    await first.close()
    await second.close()


async def test_a_frame_that_can_not_be_read_gets_an_error_and_the_socket_stays(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    socket = await one.socket()
    await socket.until(type="caught_up")
    await socket.socket.send_str("{")
    assert (await socket.until(type="error"))["error"]["code"] == "bad_json"
    await socket.send(type="dance")
    assert (await socket.until(type="error"))["error"]["code"] == "bad_request"
    await socket.send(type="say", text="", client_id="empty")
    error = await socket.until(type="error")
    assert (error["error"]["code"], error["client_id"]) == ("empty_text", "empty")
    await socket.send(type="ping")
    await socket.until(type="pong")
    await socket.close()


async def test_a_wrong_token_closes_the_socket_with_its_own_code(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    one.token = "wrong"
    socket = await one.socket()
    await socket.socket.receive(timeout=5)
    assert socket.socket.close_code == 4401


async def test_ending_the_conversation_closes_its_sockets(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    socket = await one.socket()
    await socket.until(type="caught_up")
    await one.call("DELETE", "")
    while not socket.socket.closed:
        await socket.socket.receive(timeout=5)
    assert socket.socket.close_code == 4409


async def test_messages_sent_in_a_burst_are_answered_in_their_order(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    socket = await one.socket()
    await socket.until(type="caught_up")
    greetings = ["hello", "good morning", "hi there", "good evening", "hey"]
    for greeting in greetings:
        await socket.say(greeting)
    for greeting in greetings:
        await socket.message(greeting, seconds=20)
    await asyncio.sleep(1.5)
    transcript = await one.transcript()
    authors = [author for author, _ in itertools.groupby(m["author"] for m in transcript[1:])]
    assert authors == ["visitor", "bot"] * 5
    await socket.close()
