"""What people put on record is found, read, taken and finished at the console, and they hear how far it is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.stores import routing
from bot.stores.tables import ClaimRead
from bot.stores.vocabulary import ClaimStatus, IssueKind, Program, Role
from tests.assistant.test_intakes import QUIT_ANSWERS, claim_with, claim_with_issue, press, proven, receipt_in, rows
from tests.conftest import Prepared, Served, agency_file, serve
from tests.gateway.desks import at_work
from tests.people import MakeVisitor, SpecialistAtWork, Visitor


def limit_to(served: Served, login: str, *programs: Program) -> None:
    with served.transaction() as session:
        routing.set_skills(
            session, routing.id_of(session, login), programs=list(programs) or None, languages=None, capacity=3
        )


async def filed_statement(visitor: MakeVisitor, served: Served, **kwargs: Any) -> tuple[Visitor, str, int]:
    """A claimant who has told their side of an open question, the receipt, and the claim's id."""
    claim = claim_with_issue(served, IssueKind.QUIT, **kwargs)
    one = await proven(visitor, claim)
    await press(one, "Tell your side")
    for answer in QUIT_ANSWERS[:-1]:
        await one.say(answer)
    if kwargs.get("due_in", 5) < 0:
        await one.say("The letter came late")
    await one.say("no, that is all")
    return one, receipt_in(await press(one, "Yes, record it")), claim[2]


async def filed_callback(visitor: MakeVisitor, **kwargs: str) -> tuple[Visitor, str]:
    one = await visitor(**kwargs).open()
    spanish = kwargs.get("locale") == "es"
    await one.say("quiero que me llamen" if spanish else "can someone call me back")
    await one.say("206-555-0143")
    await press(one, "Por la tarde" if spanish else "Afternoon")
    await one.say("mi carta" if spanish else "my letter")
    return one, receipt_in(await press(one, "Sí, registrarlo" if spanish else "Yes, record it"))


async def line_of(one: SpecialistAtWork, receipt: str) -> dict[str, Any]:
    answer = await one.call("GET", f"/intakes?receipt={receipt.lower()}")
    assert answer.status == 200, answer.body
    (line,) = answer.body["intakes"]
    return dict(line)


async def test_a_statement_is_found_read_taken_and_finished_and_the_claimant_hears_each_step(
    visitor: MakeVisitor, served: Served
) -> None:
    claimant, receipt, _ = await filed_statement(visitor, served, due_in=-3)
    assert "waits for a specialist" in await claimant.say("did you get my statement?")
    async with at_work(served, alias="Ria") as ria:
        line = await line_of(ria, receipt)
        assert (line["kind"], line["program"], line["progress"], line["is_late"]) == ("statement", "wa_ui", "new", True)
        assert not [answer for answer in QUIT_ANSWERS if answer in str(line)]
        path = f"/intakes/{line['id']}"
        finish = {"outcome": "forwarded", "note": "Sent to adjudication. Her ssn is 123-45-6789."}
        assert (await ria.call("POST", f"{path}/finish", json=finish)).code == "intake_not_yours"
        taken = await ria.call("POST", f"{path}/take", json={})
        assert taken.body["intake"]["specialist"] == {"id": ria.id, "alias": "Ria"}
        assert "working on it now" in await claimant.say("what happened to my statement")
        whole = (await ria.call("GET", path)).body["intake"]
        assert {line["value"] for line in whole["answers"]} >= set(QUIT_ANSWERS[1:4])
        assert whole["matter"] == "Did you have good cause to leave your job?" and whole["due"]
        assert whole["claim"]["claim_number"].startswith("UI-") and whole["claim"]["status"] == "In review"
        done = (await ria.call("POST", f"{path}/finish", json=finish)).body["intake"]
        assert (done["progress"], done["outcome"]) == ("done", "forwarded")
        note = (await ria.call("GET", path)).body["intake"]["note"]
        assert note.startswith("Sent to adjudication.") and "6789" not in note
    said = await claimant.say("where is my claim")
    assert receipt in said and "sent it on to the office that decides" in said
    assert "adjudication. Her" not in str(await claimant.transcript())


async def test_every_reading_of_a_statement_is_in_the_audit_and_finding_it_is_no_reading(
    visitor: MakeVisitor, served: Served
) -> None:
    _, receipt, claim_id = await filed_statement(visitor, served)
    reads = select(ClaimRead).where(ClaimRead.claim_id == claim_id, ClaimRead.purpose == "intake")
    async with at_work(served) as ria, at_work(served, Role.SUPERVISOR) as supervisor:
        line = await line_of(ria, receipt)
        await ria.call("POST", f"/intakes/{line['id']}/take", json={})
        assert rows(served, reads) == []
        for _ in range(2):
            assert (await ria.call("GET", f"/intakes/{line['id']}")).status == 200
        assert [read.specialist_id for read in rows(served, reads)] == [ria.id, ria.id]
        told = (await supervisor.call("GET", "/audit")).body["claim_reads"]
        assert [read["alias"] for read in told if read["purpose"] == "intake"][:2] == ["Ria", "Ria"]


async def test_two_specialists_taking_at_once_gives_it_to_one_and_the_other_is_told_who(
    visitor: MakeVisitor, served: Served
) -> None:
    _, receipt = await filed_callback(visitor)
    async with at_work(served, alias="Ana") as ana, at_work(served, alias="Ben") as ben:
        path = f"/intakes/{(await line_of(ana, receipt))['id']}/take"
        answers = await asyncio.gather(*(one.call("POST", path, json={}) for one in (ana, ben)))
        assert sorted(answer.status for answer in answers) == [200, 409]
        winner = "Ana" if answers[0].status == 200 else "Ben"
        refused = next(answer for answer in answers if answer.status == 409)
        assert refused.code == "intake_taken" and refused.body["error"]["taken_by"] == winner
        assert (await line_of(ana, receipt))["specialist"]["alias"] == winner


async def test_a_specialist_of_another_program_can_neither_find_nor_read_nor_take_it(
    visitor: MakeVisitor, served: Served
) -> None:
    _, receipt, _ = await filed_statement(visitor, served)
    async with at_work(served) as outsider, at_work(served, Role.SUPERVISOR) as supervisor:
        line = await line_of(supervisor, receipt)
        limit_to(served, outsider.login, Program.WA_PFML)
        assert (await outsider.call("GET", f"/intakes?receipt={receipt}")).body == {"intakes": [], "total": 0}
        for method, path, body in (
            ("GET", "", None),
            ("POST", "/take", {}),
            ("POST", "/put-back", {}),
            ("POST", "/finish", {"outcome": "acted"}),
        ):
            answer = await outsider.call(method, f"/intakes/{line['id']}{path}", json=body)
            assert (answer.status, answer.code) == (404, "intake_not_found"), path
        limit_to(served, outsider.login, Program.WA_UI)
        assert (await outsider.call("GET", f"/intakes/{line['id']}")).status == 200


async def test_a_colleagues_request_is_put_back_by_a_supervisor_and_by_nobody_else(
    visitor: MakeVisitor, served: Served
) -> None:
    _, receipt = await filed_callback(visitor, locale="es", program="wa_pfml")
    async with (
        at_work(served, alias="Ana") as ana,
        at_work(served, alias="Ben") as ben,
        at_work(served, Role.SUPERVISOR) as supervisor,
    ):
        line = await line_of(ana, receipt)
        assert (line["language"], line["program"], line["kind"]) == ("es", "wa_pfml", "callback")
        path = f"/intakes/{line['id']}"
        await ana.call("POST", f"{path}/take", json={})
        assert (await ben.call("POST", f"{path}/put-back", json={})).code == "intake_not_yours"
        assert (await supervisor.call("POST", f"{path}/put-back", json={})).body["intake"]["progress"] == "new"
        assert (await ben.call("POST", f"{path}/take", json={})).status == 200
        mine = (await ben.call("GET", "/intakes?mine=1&kind=callback&language=es&progress=in_hand")).body
        assert [one["receipt"] for one in mine["intakes"]] == [receipt]


async def test_open_consoles_hear_that_a_request_was_taken(visitor: MakeVisitor, served: Served) -> None:
    _, receipt = await filed_callback(visitor)
    async with at_work(served) as ana, at_work(served) as ben:
        live = await ben.socket()
        await live.send(type="ping")
        await live.until(type="pong")
        line = await line_of(ana, receipt)
        await ana.call("POST", f"/intakes/{line['id']}/take", json={})
        assert await live.until(type="intake") == {"type": "intake", "id": line["id"]}
        await live.close()


@pytest.mark.parametrize("query", ["progress=x", "kind=x", "program=x", "language=fr"])
async def test_a_filter_that_makes_no_sense_is_told_why(served: Served, query: str) -> None:
    async with at_work(served) as one:
        answer = await one.call("GET", f"/intakes?{query}")
        assert (answer.status, answer.code) == (422, "bad_request")
        assert query.split("=")[0] in answer.body["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"outcome": "won"}, {"outcome": "acted", "note": "x" * 2001}])
async def test_a_result_is_an_outcome_of_the_list_and_a_note_of_some_length(
    visitor: MakeVisitor, served: Served, body: dict[str, str]
) -> None:
    _, receipt = await filed_callback(visitor)
    async with at_work(served) as one:
        line = await line_of(one, receipt)
        await one.call("POST", f"/intakes/{line['id']}/take", json={})
        answer = await one.call("POST", f"/intakes/{line['id']}/finish", json=body)
        assert (answer.status, answer.code) == (422, "bad_request")
        assert (await line_of(one, receipt))["progress"] == "in_hand"


async def test_a_write_without_the_csrf_token_changes_nothing(visitor: MakeVisitor, served: Served) -> None:
    _, receipt = await filed_callback(visitor)
    async with at_work(served) as one:
        line = await line_of(one, receipt)
        answer = await one.call("POST", f"/intakes/{line['id']}/take", json={}, headers={"X-CSRF-Token": "wrong"})
        assert (answer.status, answer.code) == (403, "bad_csrf")
        assert (await line_of(one, receipt))["progress"] == "new"


async def test_what_became_of_a_statement_is_told_only_to_who_has_proven_the_claim(
    visitor: MakeVisitor, served: Served
) -> None:
    _, receipt, _ = await filed_statement(visitor, served)
    stranger = await visitor().open()
    said = await stranger.say(f"what happened to my statement {receipt}")
    assert "waits for a specialist" not in said
    assert stranger.messages[-1]["card"]["type"] == "identity"
    claim = claim_with(served, ClaimStatus.PAYING)
    await stranger.prove(claim[0], claim[1])
    assert "on record here" in stranger.messages[-1]["text"] and receipt not in stranger.messages[-1]["text"]


async def test_a_callback_request_is_told_of_without_a_proof_in_the_chat_it_was_made_in(visitor: MakeVisitor) -> None:
    one, receipt = await filed_callback(visitor)
    said = await one.say("what happened to my callback request")
    assert receipt in said and "waits for a specialist" in said
    other = await visitor().open()
    assert receipt not in await other.say("what happened to my callback request")


async def test_after_hours_a_call_can_be_asked_for_beside_leaving_a_message(
    tmp_path: Path, prepared: Prepared, http: aiohttp.ClientSession
) -> None:
    closed = agency_file(tmp_path, is_open=False)
    gateway = serve(tmp_path, prepared=prepared, AGENCY_FILE=closed)
    try:
        one = await Visitor(http, gateway.url, locale="es", program="wa_pfml").open()
        asked = await one.call("POST", "/escalation", json={})
        told = asked.body["messages"][-1]
        one.messages += asked.body["messages"]
        assert told["card"]["type"] == "message" and asked.body["handled_by"] == "bot"
        assert "pedir que le llamen" in told["text"]
        assert "Pregunta 1 de 3" in await press(one, "Pedir que me llamen")
        await one.say("206-555-0143")
        await press(one, "Por la mañana")
        await one.say("no entiendo mi carta")
        receipt = receipt_in(await press(one, "Sí, registrarlo"))
        async with at_work(gateway) as ana:
            line = await line_of(ana, receipt)
            assert (line["kind"], line["program"], line["language"]) == ("callback", "wa_pfml", "es")
            whole = (await ana.call("GET", f"/intakes/{line['id']}")).body["intake"]
            assert [answer["value"] for answer in whole["answers"]] == [
                "206-555-0143",
                "Morning",
                "no entiendo mi carta",
            ]
            assert whole["claim"] is None
    finally:
        gateway.process.stop()
