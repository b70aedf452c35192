"""What was said about a claim is read again only while the proof of identity stands, whichever way it is asked for."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select, update

from bot import clock
from bot.stores.tables import ClaimRead, IdentityProof
from bot.stores.vocabulary import ClaimStatus, ReaderKind
from tests.conftest import Served
from tests.people import MakeVisitor, SpecialistAtWork, Visitor
from tests.stored import claim_with


def let_the_proof_die(served: Served, one: Visitor, minutes: int = 16) -> None:
    """Nothing but time ends a proof: put its last use into the past."""
    with create_engine(served.database_url).begin() as connection:
        done = connection.execute(
            update(IdentityProof)
            .where(IdentityProof.conversation_id == one.id)
            .values(last_used_at=clock.now() - timedelta(minutes=minutes))
        )
    assert done.rowcount == 1


async def everything_readable(one: Visitor) -> dict[str, str]:
    """All a holder of the token can read: over HTTP, over the socket, as a file."""
    frames = await one.socket(since=0)
    await frames.until(type="caught_up")
    await frames.close()
    file = await one.call("GET", "/transcript.txt")
    assert file.status == 200
    return {
        "messages": json.dumps(await one.transcript(), ensure_ascii=False),
        "socket": json.dumps(frames.seen, ensure_ascii=False),
        "file": str(file.body),
    }


def texts_about_the_claim(one: Visitor, number: str) -> list[str]:
    told = [m for m in one.messages if m.get("private")]
    assert told, "nothing was marked"
    sections = [s["text"] for m in told for s in m.get("card", {}).get("sections", ())]
    assert sections
    return [number, *sections, *(m["text"] for m in told)]


@pytest.fixture
async def claimant(visitor: MakeVisitor, served: Served) -> tuple[Visitor, str, str]:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=4)
    one = await visitor().open()
    await one.say("where is my claim")
    assert (await one.prove(number, born_on)).status == 200
    await one.say("when do I get paid")
    return one, number, born_on


async def test_the_claimant_reads_it_again_while_the_proof_stands(claimant: tuple[Visitor, str, str]) -> None:
    one, number, _ = claimant
    for way, text in (await everything_readable(one)).items():
        assert number in text, way
    assert not any(m.get("hidden") for m in await one.transcript())


async def test_once_the_proof_is_dead_nothing_of_the_claim_is_readable(
    claimant: tuple[Visitor, str, str], served: Served
) -> None:
    one, number, _ = claimant
    secrets = texts_about_the_claim(one, number)
    let_the_proof_die(served, one)
    for way, text in (await everything_readable(one)).items():
        for secret in secrets:
            assert secret not in text and json.dumps(secret, ensure_ascii=False)[1:-1] not in text, way
        assert "Hidden for your privacy" in text, way
    again = await one.transcript()
    assert [m["seq"] for m in again] == list(range(1, len(again) + 1)), "the numbers stay without gaps"
    assert "where is my claim" in [m["text"] for m in again], "the rest of the chat stays"


async def test_a_repeated_message_id_does_not_bring_it_back(
    visitor: MakeVisitor, served: Served, claimant: tuple[Visitor, str, str]
) -> None:
    one, number, _ = claimant
    await one.post(text="what is the status of my claim", client_id="once")
    let_the_proof_die(served, one)
    again = await one.post(text="what is the status of my claim", client_id="once")
    assert again.status == 200
    assert number not in json.dumps(again.body)


async def test_asking_to_repeat_it_asks_for_a_new_proof(claimant: tuple[Visitor, str, str], served: Served) -> None:
    one, number, _ = claimant
    secrets = texts_about_the_claim(one, number)
    await one.say("say that again")
    let_the_proof_die(served, one)
    said = await one.say("say that again")
    assert not any(secret in said for secret in secrets)
    assert one.messages[-1]["card"]["type"] == "identity"


async def test_what_is_said_again_is_private_again(claimant: tuple[Visitor, str, str], served: Served) -> None:
    one, number, _ = claimant
    secrets = texts_about_the_claim(one, number)
    said = await one.say("say that again")
    assert any(secret in said for secret in secrets), "it was said again"
    let_the_proof_die(served, one)
    text = json.dumps(await one.transcript(), ensure_ascii=False)
    assert said not in text


async def test_the_last_hidden_message_offers_the_form_and_proving_again_shows_all(
    claimant: tuple[Visitor, str, str], served: Served
) -> None:
    one, number, born_on = claimant
    let_the_proof_die(served, one)
    hidden = [m for m in await one.transcript() if m.get("hidden")]
    assert [m.get("card", {}).get("type") for m in hidden] == [None] * (len(hidden) - 1) + ["identity"]
    assert hidden[-1]["card"]["tries_left"] == 5
    assert (await one.prove(number, born_on)).status == 200
    for way, text in (await everything_readable(one)).items():
        assert number in text and "Hidden for your privacy" not in text, way


async def test_the_line_is_in_the_language_of_the_visitor(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=5)
    one = await visitor(locale="es").open()
    await one.say("¿cómo va mi reclamo?")
    await one.prove(number, born_on)
    let_the_proof_die(served, one)
    hidden = [m for m in await one.transcript() if m.get("hidden")]
    assert hidden and all(m["language"] == "es" and m["text"].startswith("Oculto") for m in hidden)


async def test_general_answers_are_not_hidden(visitor: MakeVisitor, served: Served) -> None:
    one = await visitor().open()
    await one.say("what does A32B pay")
    await one.say("my claim number is UI-12345678")
    assert not any(m.get("private") or m.get("hidden") for m in await one.transcript())


async def test_a_specialist_without_the_conversation_never_sees_it(
    claimant: tuple[Visitor, str, str], served: Served, specialist: SpecialistAtWork
) -> None:
    one, number, _ = claimant
    secrets = texts_about_the_claim(one, number)
    await one.call("POST", "/escalation", json={})
    escalation = await specialist.escalation_of(one.id)
    read = await specialist.call("GET", f"/escalations/{escalation['id']}")
    watching = await specialist.socket()
    await watching.send(type="watch", conversation_id=one.id, since=0)
    await watching.message("specialist")
    await watching.close()
    for text in (json.dumps(read.body), json.dumps(watching.seen), json.dumps(escalation)):
        assert not any(json.dumps(secret)[1:-1] in text for secret in secrets)


async def test_the_specialist_who_took_it_sees_it_while_the_proof_stands_and_each_look_is_audited(
    claimant: tuple[Visitor, str, str], served: Served, specialist: SpecialistAtWork
) -> None:
    one, number, _ = claimant
    await one.call("POST", "/escalation", json={})
    escalation = await specialist.escalation_of(one.id)
    await specialist.call("POST", f"/escalations/{escalation['id']}/take", json={})

    async def messages() -> list[dict[str, Any]]:
        answer = await specialist.call("GET", f"/escalations/{escalation['id']}")
        return list(answer.body["messages"])

    assert number in json.dumps(await messages())
    with create_engine(served.database_url).connect() as connection:
        reads = connection.execute(
            select(ClaimRead.purpose).where(
                ClaimRead.conversation_id == one.id, ClaimRead.reader == ReaderKind.SPECIALIST
            )
        ).scalars()
        assert "transcript" in set(reads)
    let_the_proof_die(served, one)
    assert number not in json.dumps(await messages())


async def test_a_specialists_words_about_the_claim_are_hidden_with_it(
    claimant: tuple[Visitor, str, str], served: Served, specialist: SpecialistAtWork
) -> None:
    one, _, _ = claimant
    await one.call("POST", "/escalation", json={})
    escalation = await specialist.escalation_of(one.id)
    await specialist.call("POST", f"/escalations/{escalation['id']}/take", json={})
    answer = f"/escalations/{escalation['id']}/messages"
    live = await one.socket(since=0)
    await specialist.call("POST", answer, json={"text": "You were paid on Monday.", "client_id": "s1"})
    assert (await live.message("paid on Monday"))["author"] == "specialist", "seen live while the proof stands"
    let_the_proof_die(served, one)
    for way, text in (await everything_readable(one)).items():
        assert "paid on Monday" not in text, way
    await specialist.call("POST", answer, json={"text": "Are you still there?", "client_id": "s2"})
    await live.message("Are you still there?")
    await live.close()


async def test_writing_to_a_specialist_keeps_the_proof_alive(
    claimant: tuple[Visitor, str, str], served: Served
) -> None:
    one, number, _ = claimant
    await one.call("POST", "/escalation", json={})
    let_the_proof_die(served, one, minutes=14)
    await one.say("I am still here")
    let_the_proof_die_after = clock.now() - timedelta(minutes=1)
    with create_engine(served.database_url).connect() as connection:
        used = connection.execute(
            select(IdentityProof.last_used_at).where(IdentityProof.conversation_id == one.id)
        ).scalar_one()
    assert used > let_the_proof_die_after
    assert number in json.dumps(await one.transcript())
