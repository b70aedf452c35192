"""A claimant proves who they are and hears where their claim stands, over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import create_engine, select

from bot.stores.tables import Claim, Claimant, ClaimRead
from bot.stores.vocabulary import ClaimStatus
from tests.conftest import Served
from tests.people import Visitor

MakeVisitor = Callable[..., Visitor]


def claim_with(served: Served, status: ClaimStatus, skip: int = 0) -> tuple[str, str, int]:
    """Claim number, birth date and id of a demo claim with this status."""
    engine = create_engine(served.database_url)
    with engine.connect() as connection:
        row = connection.execute(
            select(Claim.claim_number, Claimant.born_on, Claim.id)
            .join(Claimant, Claimant.id == Claim.claimant_id)
            .where(Claim.status == status)
            .offset(skip)
        ).first()
    assert row is not None
    return row[0], row[1].isoformat(), row[2]


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


async def test_the_status_is_told_in_spanish_to_who_writes_spanish(visitor: MakeVisitor, served: Served) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.WAITING_WEEK)
    one = await visitor(locale="es").open()
    await one.say("llevo tres semanas esperando, que pasa con mi reclamo")
    await one.prove(number, born_on)
    (card,) = cards(one, "status")
    assert "Qué" in str(card)
