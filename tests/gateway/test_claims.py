"""A claimant proves who they are and hears where their claim stands, over HTTP."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import create_engine, select, update

from bot.stores.demo_claims import demo_pin
from bot.stores.tables import Claim, ClaimRead, IdentityProof
from bot.stores.vocabulary import ClaimStatus
from tests.conftest import Served
from tests.people import MakeVisitor, Visitor
from tests.stored import claim_with


def cards(visitor: Visitor, kind: str) -> list[dict[str, object]]:
    return [m["card"] for m in visitor.messages if m.get("card", {}).get("type") == kind]


async def test_a_question_about_the_claim_brings_the_identity_card_and_then_its_answer(
    visitor: MakeVisitor, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.ADJUDICATION)
    one = await visitor().open()
    await one.say("been waiting 3 weeks, whats going on with my claim")
    assert cards(one, "identity")
    assert not cards(one, "status")
    proven = await one.prove(number, born_on)
    assert proven.status == 200 and proven.body["verified"] is True
    (card,) = cards(one, "status")
    assert [section["key"] for section in card["sections"]] == ["happening", "act", "money", "help"]  # type: ignore[attr-defined]
    assert card["claim_number"] == number


async def test_wrong_details_and_unknown_claims_get_the_same_words_and_count_tries(
    visitor: MakeVisitor, served: Served
) -> None:
    number, _, _ = claim_with(served, ClaimStatus.PAYING)
    one = await visitor().open()
    wrong = await one.prove(number, "1901-01-01")
    unknown = await one.prove("UI-00000001", "1901-01-01")
    assert wrong.status == unknown.status == 403
    assert wrong.body["error"] == unknown.body["error"]
    assert [wrong.body["tries_left"], unknown.body["tries_left"]] == [4, 3]
    for _ in range(3):
        last = await one.prove(number, "1901-01-01")
    assert last.status == 423 and last.body["tries_left"] == 0
    right = claim_with(served, ClaimStatus.PAYING, skip=1)
    assert (await one.prove(*right[:2])).status == 423


def without_pin(served: Served, status: ClaimStatus) -> tuple[str, str]:
    """A demo claim whose PIN was taken away, as one imported without a PIN."""
    number, born_on, claim_id = claim_with(served, status, skip=3)
    with served.transaction() as session:
        session.execute(update(Claim).where(Claim.id == claim_id).values(pin_hash=None))
    return number, born_on


async def test_whatever_detail_is_wrong_every_byte_of_the_answers_is_the_same(
    visitor: MakeVisitor, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.OVERPAYMENT, skip=1)
    wrong = "000000" if demo_pin(number) != "000000" else "000001"
    tries: tuple[tuple[str, str, str], ...] = (
        ("UI-00000002", born_on, demo_pin(number)),
        (number, "1901-01-01", demo_pin(number)),
        (number, born_on, wrong),
        (*without_pin(served, ClaimStatus.OVERPAYMENT), wrong),
    )
    ways = []
    for claim_number, date_of_birth, pin in tries:
        one = await visitor().open()
        body = {"claim_number": claim_number, "date_of_birth": date_of_birth, "pin": pin}
        answers = []
        for _ in range(3):
            headers = {"Authorization": f"Bearer {one.token}"}
            url = f"{served.url}/api/conversations/{one.id}/identity"
            async with one.http.post(url, json=body, headers=headers) as response:
                kept = {k: v for k, v in response.headers.items() if k.lower() not in ("date", "x-request-id")}
                answers.append((response.status, await response.read(), kept))
        ways.append(answers)
    assert [status for status, _, _ in ways[0]] == [403, 403, 403]
    for answers in ways:
        for one_answer, first in zip(answers, ways[0], strict=True):
            assert one_answer[:2] == first[:2]
            assert one_answer[2] == first[2]


async def test_a_claim_without_a_pin_is_sent_to_a_person(visitor: MakeVisitor, served: Served) -> None:
    number, born_on = without_pin(served, ClaimStatus.DECIDED)
    one = await visitor().open()
    assert "No PIN" in await one.say("where is my claim")
    refused = await one.prove(number, born_on, pin="123456")
    assert refused.status == 403
    assert "ask for a person" in refused.body["error"]["message"]
    assert (await one.call("POST", "/escalation", json={})).body["messages"]


async def test_a_missing_pin_is_told_and_costs_no_try(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.OVERPAYMENT, skip=2)
    one = await visitor().open()
    for pin in (None, "", " "):
        missing = await one.prove(number, born_on, pin=pin)
        assert (missing.status, missing.code) == (422, "pin_needed")
    assert (await one.prove(number, "1901-01-01")).body["tries_left"] == 4
    assert (await one.prove(number, born_on)).status == 200


async def test_ten_wrong_pins_in_an_hour_lock_the_claim_for_everyone(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.HEALTH_ADJUSTED)
    wrong = "000000" if demo_pin(number) != "000000" else "000001"
    for tries in (4, 4, 2):
        one = await visitor().open()
        for _ in range(tries):
            assert (await one.prove(number, born_on, pin=wrong)).status == 403
    late = await visitor().open()
    locked = await late.prove(number, born_on)
    assert (locked.status, locked.body["tries_left"]) == (423, 0)
    assert "person" in locked.body["error"]["message"]


async def test_when_another_claim_is_proven_nothing_is_told_of_the_one_before(
    visitor: MakeVisitor, served: Served
) -> None:
    first = claim_with(served, ClaimStatus.EXHAUSTED, skip=1)
    second = claim_with(served, ClaimStatus.HEALTH_DENIED, skip=1)
    one = await visitor().open()
    await one.say("where is my claim")
    assert (await one.prove(*first[:2])).status == 200
    assert (await one.prove(*second[:2])).status == 200
    before = len(cards(one, "status"))
    await one.say("where is my claim")
    assert [card["claim_number"] for card in cards(one, "status")[before:]] == [second[0]]
    await one.say(f"what about claim {first[0]}")
    assert all(card["claim_number"] != first[0] for card in cards(one, "status")[before:])
    with create_engine(served.database_url).connect() as connection:
        read = connection.execute(
            select(ClaimRead.claim_id).where(ClaimRead.conversation_id == one.id).order_by(ClaimRead.id)
        ).scalars()
        assert first[2] not in list(read)[-2:]


async def test_after_fifteen_idle_minutes_the_card_is_shown_again(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.EXHAUSTED, skip=2)
    one = await visitor().open()
    await one.say("where is my claim")
    await one.prove(number, born_on)
    before = len(cards(one, "status")), len(cards(one, "identity"))
    with served.transaction() as session:
        used = IdentityProof.last_used_at
        proof = session.execute(select(used).where(IdentityProof.conversation_id == one.id)).scalar_one()
        session.execute(
            update(IdentityProof)
            .where(IdentityProof.conversation_id == one.id)
            .values(last_used_at=proof - timedelta(minutes=15))
        )
    await one.say("where is my claim")
    assert (len(cards(one, "status")), len(cards(one, "identity"))) == (before[0], before[1] + 1)


async def test_ending_the_chat_ends_the_proof(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.EXHAUSTED, skip=3)
    one = await visitor().open()
    await one.prove(number, born_on)
    assert (await one.call("DELETE", "")).status == 204
    assert (await one.prove(number, born_on)).status in (401, 404)
    with create_engine(served.database_url).connect() as connection:
        assert connection.execute(select(IdentityProof).where(IdentityProof.conversation_id == one.id)).all() == []


async def test_a_proof_does_not_reach_another_conversation(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING, skip=2)
    mine = await visitor().open()
    await mine.say("where is my claim")
    await mine.prove(number, born_on)
    other = await visitor().open()
    await other.say("where is my claim")
    assert not cards(other, "status") and cards(other, "identity")


async def test_every_look_at_a_claim_is_in_the_audit_table(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, claim_id = claim_with(served, ClaimStatus.DENIED)
    one = await visitor(locale="es").open()
    await one.say("como va mi reclamo")
    await one.prove(number, born_on)
    await one.say("y cuando me pagan")
    with create_engine(served.database_url).connect() as connection:
        reads = connection.execute(
            select(ClaimRead.reader, ClaimRead.conversation_id).where(
                ClaimRead.claim_id == claim_id, ClaimRead.conversation_id == one.id
            )
        ).fetchall()
    assert len(reads) >= 2


async def test_identity_details_are_in_no_log(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.EXHAUSTED)
    one = await visitor().open()
    await one.say("claim status")
    await one.prove(number, born_on)
    await one.prove("UI-99999999", born_on)
    assert number not in served.log and born_on not in served.log
    assert f"PIN {demo_pin(number)}" not in served.log and "argon2" not in served.log


async def test_the_status_is_told_in_spanish_to_who_writes_spanish(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.WAITING_WEEK)
    one = await visitor(locale="es").open()
    await one.say("llevo tres semanas esperando, que pasa con mi reclamo")
    await one.prove(number, born_on)
    (card,) = cards(one, "status")
    assert "Qué" in str(card)
