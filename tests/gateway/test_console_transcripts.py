"""Searching past transcripts from outside: within one's rights, and never unseen."""

from __future__ import annotations

import secrets
import string

from bot.stores.vocabulary import Role
from tests.conftest import Served
from tests.gateway.desks import at_work
from tests.people import MakeVisitor, SpecialistAtWork, Visitor


def word_of_its_own() -> str:
    """A word nobody else writes; letters only, because nine digits in a row would be stored as dots."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))


async def handled(one: Visitor, specialist: SpecialistAtWork) -> int:
    await one.call("POST", "/escalation", json={})
    escalation = await specialist.escalation_of(one.id)
    await specialist.call("POST", f"/escalations/{escalation['id']}/take")
    await specialist.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})
    return int(escalation["id"])


async def test_specialists_find_and_open_their_own_and_supervisors_everything(
    served: Served, visitor: MakeVisitor
) -> None:
    word = word_of_its_own()
    mine, theirs, nobodys = [await visitor().open() for _ in range(3)]
    for one in (mine, theirs, nobodys):
        await one.say(f"hello {word}")
    async with at_work(served) as me, at_work(served) as other, at_work(served, Role.SUPERVISOR) as supervisor:
        my_escalation = await handled(mine, me)
        their_escalation = await handled(theirs, other)
        found = (await me.call("GET", f"/transcripts?q={word.upper()}")).body["found"]
        assert {hit["conversation_id"] for hit in found} == {mine.id}
        everything = (await supervisor.call("GET", f"/transcripts?q={word}")).body["found"]
        assert {hit["conversation_id"] for hit in everything} == {mine.id, theirs.id, nobodys.id}

        opened = await me.call("GET", f"/transcripts/{mine.id}")
        assert any(word in message["text"] for message in opened.body["messages"])
        assert (await me.call("GET", f"/transcripts/{theirs.id}")).status == 404
        assert (await me.call("GET", f"/transcripts/{nobodys.id}")).status == 404
        assert (await supervisor.call("GET", f"/transcripts/{nobodys.id}")).status == 200
        assert (await me.call("GET", f"/escalations/{my_escalation}")).status == 200
        assert (await supervisor.call("GET", f"/escalations/{my_escalation}")).status == 200
        newest = (await supervisor.call("GET", "/audit")).body["transcript_reads"][0]
        assert (newest["look"], newest["conversation_id"]) == ("opened", mine.id)
        assert (await me.call("GET", f"/escalations/{their_escalation}")).code == "forbidden"
        live = await me.socket()
        await live.send(type="watch", conversation_id=theirs.id, since=0)
        assert (await live.until(type="error"))["error"]["code"] == "forbidden"
        await live.close()


async def test_every_search_and_every_opening_is_recorded(served: Served, visitor: MakeVisitor) -> None:
    word = word_of_its_own()
    one = await visitor().open()
    await one.say(f"hello {word}")
    async with at_work(served, Role.SUPERVISOR, "Ola") as supervisor:
        await supervisor.call("GET", f"/transcripts?q={word}")
        await supervisor.call("GET", f"/transcripts/{one.id}")
        await supervisor.call("GET", "/transcripts?q=ssn+123-45-6789")
        rows = (await supervisor.call("GET", "/audit")).body["transcript_reads"][:3]
    assert [(row["look"], row["alias"], row["conversation_id"]) for row in rows] == [
        ("searched", "Ola", None),
        ("opened", "Ola", one.id),
        ("searched", "Ola", None),
    ]
    assert (rows[2]["words"], rows[2]["found"]) == (word, 1)
    assert "123-45-6789" not in rows[0]["words"]


async def test_a_search_without_a_word_is_told_what_to_write(specialist: SpecialistAtWork) -> None:
    answer = await specialist.call("GET", "/transcripts?q=%3F")
    assert (answer.status, answer.code) == (422, "search_too_short")
