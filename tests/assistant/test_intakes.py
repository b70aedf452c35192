"""Having one's say over HTTP: questions one by one, read back, corrected, filed, read by a person."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import create_engine, select, update

from bot.stores.tables import Claim, Claimant, ClaimRead, IdentityProof, Intake, Issue, Overpayment, Tracker
from bot.stores.vocabulary import ClaimStatus, IntakeState, IssueKind, IssueState, Party
from tests.conftest import Served, serve, start, wait_for
from tests.people import MakeVisitor, SpecialistAtWork, Visitor

RECEIPT = re.compile(r"\b[A-Z]{2}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b")
QUIT_ANSWERS = (
    "October 3, 2026",
    "I had to stop because my daughter was sick and nobody could watch her",
    "I told my boss on Monday and she said there were no other shifts",
    "I asked to talk to a person in HR about nights and they said no",
    "No, that is all",
)


def rows(served: Served, statement: Any) -> list[Any]:
    engine = create_engine(served.database_url)
    with engine.connect() as connection:
        return list(connection.execute(statement))


def change(served: Served, statement: Any) -> None:
    engine = create_engine(served.database_url)
    with engine.begin() as connection:
        connection.execute(statement)


def claim_with_issue(served: Served, kind: IssueKind, *, due_in: int | None = 5) -> tuple[str, str, int]:
    """A demo claim in adjudication, turned to one open issue of this kind that the claimant has to answer."""
    used = {row.claim_id for row in rows(served, select(Intake.claim_id))}
    found = rows(
        served,
        select(Claim.claim_number, Claimant.born_on, Claim.id, Issue.id)
        .join(Claimant, Claimant.id == Claim.claimant_id)
        .join(Issue, Issue.claim_id == Claim.id)
        .where(Claim.status == ClaimStatus.ADJUDICATION),
    )
    by_claim: dict[int, list[Any]] = {}
    for row in found:
        by_claim.setdefault(row[2], []).append(row)
    number, born_on, claim_id, issue_id = next(
        issues[0] for claim_id, issues in by_claim.items() if len(issues) == 1 and claim_id not in used
    )
    due = None if due_in is None else date.today() + timedelta(days=due_in)
    change(
        served,
        update(Issue)
        .where(Issue.id == issue_id)
        .values(kind=kind, state=IssueState.FACTS_NEEDED, waiting_on=Party.CLAIMANT, respond_by=due),
    )
    return number, born_on.isoformat(), claim_id


def claim_with(served: Served, status: ClaimStatus, *where: Any) -> tuple[str, str, int]:
    statement = (
        select(Claim.claim_number, Claimant.born_on, Claim.id)
        .join(Claimant, Claimant.id == Claim.claimant_id)
        .where(Claim.status == status, *where)
    )
    used = {row.claim_id for row in rows(served, select(Intake.claim_id))}
    number, born_on, claim_id = next(row for row in rows(served, statement) if row[2] not in used)
    return number, born_on.isoformat(), claim_id


def button(visitor: Visitor, title: str) -> str:
    """The payload of the newest button with this title."""
    found = [b["payload"] for m in visitor.messages for b in m.get("buttons", []) if b["title"] == title]
    assert found, f"no button {title!r}; the last message: {visitor.messages[-1]}"
    return found[-1]


async def press(visitor: Visitor, title: str) -> str:
    answer = await visitor.press(button(visitor, title))
    assert answer.status == 200, answer.body
    return "\n".join(m["text"] for m in answer.body["messages"] if m["author"] == "bot")


async def proven(visitor: MakeVisitor, claim: tuple[str, str, int], **kwargs: str) -> Visitor:
    one = await visitor(**kwargs).open()
    await one.say("what is going on with my claim" if kwargs.get("locale") != "es" else "qué pasa con mi reclamo")
    answer = await one.prove(claim[0], claim[1])
    assert answer.status == 200, answer.body
    return one


async def telling(visitor: MakeVisitor, served: Served, **kwargs: Any) -> Visitor:
    """Someone who has been asked the first question of a statement about leaving a job."""
    one = await proven(visitor, claim_with_issue(served, IssueKind.QUIT, **kwargs))
    await press(one, "Tell your side")
    return one


def filed(served: Served, receipt: str) -> Any:
    return rows(served, select(Intake).where(Intake.receipt == receipt))[0]


def receipt_in(said: str) -> str:
    found = RECEIPT.search(said)
    assert found, said
    return found.group()


async def test_a_statement_is_asked_read_back_corrected_and_filed_with_a_receipt(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await proven(visitor, claim := claim_with_issue(served, IssueKind.QUIT))
    said = await press(one, "Tell your side")
    assert "Question 1 of 5: What was your last day" in said
    assert "Question 2 of 5: Why did the job end" in await one.say(QUIT_ANSWERS[0])
    said = await one.say("what is a good cause to quit?")
    assert "good cause" in said and said.rstrip().endswith("Tell it in your own words.")
    for answer in QUIT_ANSWERS[1:]:
        said = await one.say(answer)
    assert all(answer in said for answer in QUIT_ANSWERS[1:])
    assert "October 3, 2026" in said and "Is this right?" in said
    assert "last day at this job" in await one.say("change number 1")
    said = await one.say("October 9, 2026")
    assert "October 9, 2026" in said and "October 3" not in said
    assert not rows(served, select(Intake).where(Intake.claim_id == claim[2], Intake.state == IntakeState.FILED))
    said = await press(one, "Yes, record it")
    kept = filed(served, receipt := receipt_in(said))
    assert receipt.startswith("ST-") and kept.claim_id == claim[2] and not kept.is_late
    assert kept.answers["why"]["text"] == QUIT_ANSWERS[1]
    assert kept.answers["last_day"]["value"] == "2026-10-09"
    assert "does not change the claim" in said


async def test_filing_changes_nothing_of_the_claim(visitor: MakeVisitor, served: Served) -> None:
    one = await proven(visitor, claim := claim_with_issue(served, IssueKind.SCHOOL))
    tables = (select(Claim).where(Claim.id == claim[2]), select(Issue).where(Issue.claim_id == claim[2]))
    before = [rows(served, statement) for statement in tables]
    await press(one, "Tell your side")
    for number in range(5):
        await one.say(f"answer number {number} in my own words")
    receipt_in(await one.say("yes, file it"))
    assert [rows(served, statement) for statement in tables] == before


async def test_a_statement_in_spanish(visitor: MakeVisitor, served: Served) -> None:
    one = await proven(visitor, claim_with_issue(served, IssueKind.FIRED), locale="es")
    assert "Pregunta 1 de 5: ¿Cuál fue su último día" in await press(one, "Dar mi versión")
    await one.say("el 3 de octubre de 2026")
    await one.say("tuve que parar la máquina porque olía a quemado y el jefe se enojó")
    await one.say("dijo que yo no servía, me lo dijo el gerente")
    await one.say("nunca me dijeron nada antes")
    said = await one.say("no")
    assert "3 de octubre de 2026" in said and "¿Está bien?" in said
    said = await one.say("sí, presentar")
    assert "Su número de recibo es" in said and filed(served, receipt_in(said)).language == "es"


async def test_cancel_throws_the_answers_away_and_start_over_begins_again(visitor: MakeVisitor, served: Served) -> None:
    one = await telling(visitor, served)
    await one.say(QUIT_ANSWERS[0])
    assert "Question 1 of 5" in await one.say("start over")
    await one.say(QUIT_ANSWERS[0])
    said = await one.say("cancel")
    assert "Nothing was recorded" in said and "Question" not in said
    (draft,) = rows(served, select(Intake).where(Intake.conversation_id == one.id))
    assert draft.state is IntakeState.WITHDRAWN and draft.answers == {}
    assert "$22.15" in await one.say("what does A32B pay")


async def test_the_question_is_repeated_when_asked(visitor: MakeVisitor, served: Served) -> None:
    one = await telling(visitor, served)
    said = await one.say("can you repeat that")
    assert said.count("Question 1 of 5") == 1


async def test_other_questions_are_answered_and_the_same_question_is_asked_again(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await telling(visitor, served)
    await one.say(QUIT_ANSWERS[0])
    for question, answer in (
        ("where is my payment?", "Your money"),
        ("do I have to keep filing weekly claims?", "every week"),
        ("what does adjudication mean?", "facts"),
        ("hello", "What can I help with"),
    ):
        said = await one.say(question)
        assert answer in said and said.count("Question 2 of 5") == 1, said
    (draft,) = rows(served, select(Intake).where(Intake.conversation_id == one.id))
    assert list(draft.answers) == ["last_day"]


async def test_a_sign_of_disagreement_brings_the_right_and_a_person_and_then_the_same_question(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await telling(visitor, served)
    await one.say(QUIT_ANSWERS[0])
    for words in ("I was denied and I want to appeal", "that's wrong", "this is not fair, I disagree"):
        said = await one.say(words)
        assert said.index("right to disagree") < said.index("Question 2 of 5"), said
        assert "30 days" in said
        assert any(b["payload"] == '/ask_human{"reason":"rights"}' for m in one.messages[-2:] for b in m["buttons"])


async def test_a_story_with_a_disagreement_in_it_is_kept_and_the_right_is_told(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await telling(visitor, served)
    await one.say(QUIT_ANSWERS[0])
    story = "My boss says I walked out. I disagree, I gave her two weeks and a letter"
    said = await one.say(story)
    assert "right to disagree" in said and "Question 3 of 5" in said
    (draft,) = rows(served, select(Intake).where(Intake.conversation_id == one.id))
    assert draft.answers["why"]["text"] == story


async def test_with_a_person_the_form_waits_and_words_said_after_are_no_answer(
    visitor: MakeVisitor, served: Served, specialist: SpecialistAtWork
) -> None:
    for ask in ("words", "button"):
        one = await telling(visitor, served)
        await one.say(QUIT_ANSWERS[0])
        answer = await (one.post(text="I want to talk to a person") if ask == "words" else one.press("/ask_human"))
        assert answer.body["handled_by"] == "specialist"
        escalation = await specialist.escalation_of(one.id)
        await specialist.call("POST", f"/escalations/{escalation['id']}/take")
        assert await one.say("can you help me with this form") == ""
        await specialist.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})
        said = await one.say("thanks a lot")
        assert "welcome" in said and "Question 2 of 5" in said, said
        (draft,) = rows(served, select(Intake).where(Intake.conversation_id == one.id))
        assert list(draft.answers) == ["last_day"]
        assert "Question 3 of 5" in await one.say(QUIT_ANSWERS[1])


async def test_a_draft_survives_a_restart_of_the_server(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    gateway = serve(tmp_path)
    try:
        claim = claim_with_issue(gateway, IssueKind.QUIT)
        one = await proven(lambda **more: Visitor(http, gateway.url, **more), claim)
        await press(one, "Tell your side")
        await one.say(QUIT_ANSWERS[0])
    finally:
        gateway.process.stop()
    process = start(["bot", "serve"], tmp_path / "again.log", **gateway.environment)
    try:
        wait_for(f"{gateway.url}/readyz", process)
        async with aiohttp.ClientSession() as one.http:
            assert "Question 3 of 5" in await one.say(QUIT_ANSWERS[1])
            for answer in QUIT_ANSWERS[2:]:
                said = await one.say(answer)
            assert "October 3, 2026" in said and QUIT_ANSWERS[1] in said
            receipt = receipt_in(await press(one, "Yes, record it"))
            # What was told stands in the store and neither in the logs nor in what Rasa remembers as slots.
            assert filed(gateway, receipt).answers["why"]["text"] == QUIT_ANSWERS[1]
        assert "daughter" not in process.log.read_text() + gateway.log
        (tracker,) = rows(gateway, select(Tracker.state).where(Tracker.conversation_id == one.id))
        assert '"intake_answer","value":"' not in tracker.state
    finally:
        process.stop()


async def test_when_the_proof_has_run_out_the_answer_is_kept_and_the_form_goes_on_after_a_new_proof(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await proven(visitor, claim := claim_with_issue(served, IssueKind.QUIT))
    await press(one, "Tell your side")
    await one.say(QUIT_ANSWERS[0])
    old = rows(served, select(IdentityProof.last_used_at).where(IdentityProof.conversation_id == one.id))[0][0]
    change(
        served,
        update(IdentityProof)
        .where(IdentityProof.conversation_id == one.id)
        .values(last_used_at=old - timedelta(days=1)),
    )
    said = await one.say(QUIT_ANSWERS[1])
    assert "check again" in said and "Question" not in said and QUIT_ANSWERS[1] not in said
    assert one.messages[-1]["card"]["type"] == "identity"
    await one.prove(claim[0], claim[1])
    assert "Question 3 of 5" in one.messages[-1]["text"]


async def test_a_late_statement_is_taken_and_what_lateness_means_is_said(visitor: MakeVisitor, served: Served) -> None:
    one = await telling(visitor, served, due_in=-4)
    assert "has passed" in one.messages[-2]["text"]
    for answer in (*QUIT_ANSWERS[:4], "The letter went to my old address", "no"):
        said = await one.say(answer)
    assert "What kept you from answering" in said
    said = await press(one, "Yes, record it")
    assert "may already have decided" in said and "right to appeal" in said and "30 days" in said
    assert any(b["payload"] == "/ask_human" for b in one.messages[-1]["buttons"])
    assert filed(served, receipt_in(said)).is_late


async def test_a_question_decided_meanwhile_is_told_at_filing(visitor: MakeVisitor, served: Served) -> None:
    one = await proven(visitor, claim := claim_with_issue(served, IssueKind.JOB_SEARCH))
    await press(one, "Tell your side")
    for _ in range(4):
        await one.say("the week of October 3, I went to two shops")
    change(served, update(Issue).where(Issue.claim_id == claim[2]).values(state=IssueState.DECIDED))
    assert "decided this question" in await one.say("file it")


async def test_the_button_pressed_twice_files_once(visitor: MakeVisitor, served: Served) -> None:
    one = await telling(visitor, served)
    for answer in QUIT_ANSWERS:
        await one.say(answer)
    receipt = receipt_in(await press(one, "Yes, record it"))
    again = await press(one, "Yes, record it")
    assert receipt_in(again) == receipt and "twice" in again
    assert len(rows(served, select(Intake).where(Intake.conversation_id == one.id))) == 1


async def test_secret_numbers_in_an_answer_are_masked(visitor: MakeVisitor, served: Served) -> None:
    one = await telling(visitor, served)
    await one.say(QUIT_ANSWERS[0])
    await one.say("they wanted my ssn 123-45-6789 on a paper")
    (draft,) = rows(served, select(Intake).where(Intake.conversation_id == one.id))
    assert "6789" not in draft.answers["why"]["text"] and "•" in draft.answers["why"]["text"]


async def test_a_specialist_reads_statements_only_while_the_claim_is_proven_and_theirs_to_answer(
    visitor: MakeVisitor, served: Served, specialist: SpecialistAtWork
) -> None:
    one = await proven(visitor, claim := claim_with_issue(served, IssueKind.QUIT))
    await press(one, "Tell your side")
    for answer in QUIT_ANSWERS:
        await one.say(answer)
    receipt = receipt_in(await press(one, "Yes, record it"))
    await one.say("I want to talk to a person")
    escalation = await specialist.escalation_of(one.id)
    path = f"/escalations/{escalation['id']}"
    assert (await specialist.call("GET", path)).body["packet"]["intakes"] == []
    await specialist.call("POST", f"{path}/take")
    before = len(rows(served, select(ClaimRead).where(ClaimRead.claim_id == claim[2])))
    (intake,) = (await specialist.call("GET", path)).body["packet"]["intakes"]
    assert intake["receipt"] == receipt and intake["kind"] == "statement"
    assert {line["value"] for line in intake["answers"]} >= set(QUIT_ANSWERS[1:])
    reads = rows(served, select(ClaimRead.purpose).where(ClaimRead.claim_id == claim[2]).order_by(ClaimRead.id))
    assert sorted(purpose for (purpose,) in reads[before:]) == ["escalation", "transcript"]
    change(
        served,
        update(IdentityProof)
        .where(IdentityProof.conversation_id == one.id)
        .values(last_used_at=rows(served, select(IdentityProof.proven_at))[0][0] - timedelta(days=1)),
    )
    assert (await specialist.call("GET", path)).body["packet"]["intakes"] == []


async def test_a_note_of_appeal_says_that_it_is_not_the_appeal_and_by_when_and_how_to_send_that(
    visitor: MakeVisitor, served: Served
) -> None:
    one = await proven(visitor, claim_with(served, ClaimStatus.DENIED))
    said = await press(one, "Say that I want to appeal")
    assert "not the appeal itself" in said
    while "Is this right?" not in said:
        said = await one.say("I don't agree, they never called me back" if "disagree" in said else "no")
    said = await one.say("yes")
    assert receipt_in(said).startswith("AP-")
    assert "P.O. Box 19018" in said and "800-301-1795" in said and "last day" in said


async def test_a_waiver_and_a_payment_plan_are_requests_that_the_agency_decides(
    visitor: MakeVisitor, served: Served
) -> None:
    fine = Claim.id.in_(select(Overpayment.claim_id).where(Overpayment.at_fault.is_(False)))
    one = await proven(visitor, claim := claim_with(served, ClaimStatus.OVERPAYMENT, fine))
    await press(one, "Ask for a waiver")
    for answer in ("They counted my vacation pay twice", "We could not pay rent", "$1,800 comes in, rent is $1,500"):
        await one.say(answer)
    await one.say("no")
    said = await one.say("looks good")
    assert receipt_in(said).startswith("WV-") and "agency decides" in said
    await one.say("show my claim status")
    await press(one, "Ask for a payment plan")
    assert "amount in dollars" in await one.say("whatever works")
    await one.say("50")
    await one.say("December 1, 2026")
    said = await one.say("nothing else")
    assert "$50.00" in said
    said = await one.say("yes")
    assert receipt_in(said).startswith("PP-") and "Nothing is set up yet" in said
    owed = select(Overpayment.balance_cents).where(Overpayment.claim_id == claim[2])
    assert rows(served, owed)[0][0] > 0


async def test_a_change_of_address_is_asked_for_after_proof_and_nothing_is_changed(
    visitor: MakeVisitor, served: Served
) -> None:
    claim = claim_with(served, ClaimStatus.PAYING)
    one = await visitor().open()
    await one.say("I moved, how do I change my address for unemployment")
    assert "know that the claim is yours" in await press(one, "Ask for a change of address")
    await one.prove(claim[0], claim[1])
    assert "new mailing address" in one.messages[-1]["text"]
    await one.say("1234 Pine St, Apt 5, Seattle WA 98101-1234")
    await one.say("today")
    said = await press(one, "Yes")
    assert "1234 Pine St, Apt 5, Seattle WA 98101-1234" in said
    assert "has not been changed" in (said := await one.say("yes")) and receipt_in(said).startswith("AD-")


async def test_a_callback_needs_no_proof_and_a_bad_number_is_asked_again(
    visitor: MakeVisitor, served: Served, specialist: SpecialistAtWork
) -> None:
    one = await visitor().open()
    await one.say("what is the phone number for unemployment")
    await press(one, "Ask for a call back")
    assert "ten digits" in await one.say("call me at home")
    await one.say("(206) 555-0143")
    await press(one, "Afternoon")
    said = await one.say("my weekly claim")
    assert "206-555-0143" in said and "Afternoon" in said
    assert receipt_in(said := await one.say("yes")).startswith("CB-") and "can't promise" in said
    await one.press("/ask_human")
    path = f"/escalations/{(await specialist.escalation_of(one.id))['id']}"
    await specialist.call("POST", f"{path}/take")
    (intake,) = (await specialist.call("GET", path)).body["packet"]["intakes"]
    assert intake["kind"] == "callback" and intake["answers"][0]["value"] == "206-555-0143"


async def test_ending_the_chat_erases_the_draft_and_keeps_what_was_filed(visitor: MakeVisitor, served: Served) -> None:
    one = await telling(visitor, served)
    for answer in QUIT_ANSWERS:
        await one.say(answer)
    receipt = receipt_in(await press(one, "Yes, record it"))
    await press(one, "Tell your side")
    await one.say(QUIT_ANSWERS[0])
    assert (await one.call("DELETE", "")).status == 204
    assert [row.receipt for row in rows(served, select(Intake).where(Intake.conversation_id == one.id))] == [receipt]


async def test_nobody_begins_an_intake_about_someone_elses_issue(visitor: MakeVisitor, served: Served) -> None:
    one = await telling(visitor, served)
    answer = await one.press('/start_intake{"intake":"statement","subject":"1"}')
    assert answer.status == 422


async def test_proof_typed_into_the_chat_is_hidden_and_the_form_is_offered(
    visitor: MakeVisitor, served: Served
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING)
    year, month, day = born_on.split("-")
    for words in (
        f"my claim is {number} and I was born {month}/{day}/{year}",
        f"does the waiting week count? {number}, dob {born_on}",
        f"mi reclamo es {number} y nací el {int(day)} de marzo de {year}",
        f"{number} my pin is 482913",
    ):
        one = await visitor().open()
        await one.say(words)
        assert [m["card"] for m in one.messages if m.get("card", {}).get("type") == "identity"], words
        assert not [m for m in one.messages if m.get("card", {}).get("type") == "status"]
        assert [m for m in one.messages if "hidden" in m["text"] or "Oculté" in m["text"]], words
        stored = str(await one.transcript()) + str(
            rows(served, select(Tracker.state).where(Tracker.conversation_id == one.id))
        )
        for secret in (number, number[3:], f"{month}/{day}/{year}", born_on, "482913"):
            assert secret not in stored, words
    assert number not in served.log


@pytest.mark.parametrize(
    ("words", "secret"),
    [
        ("03/14/1985", "03/14/1985"),
        ("its March 14, 1985", "14, 1985"),
        ("I was born on 3/14/85", "3/14/85"),
        ("nací el 14 de marzo de 1985", "14 de marzo de 1985"),
        ("my dob is 03/14/1985, do I have to file every week?", "03/14/1985"),
        ("482913", "482913"),
        ("40281735", "40281735"),
    ],
)
async def test_a_detail_typed_alone_after_the_form_was_shown_is_hidden_and_the_form_comes_again(
    visitor: MakeVisitor, served: Served, words: str, secret: str
) -> None:
    one = await visitor().open()
    await one.say("where is my claim")
    said = await one.say(words)
    assert "hidden" in said or "Oculté" in said
    assert one.messages[-1]["card"]["type"] == "identity"
    if words.endswith("?"):
        assert "claim week" in said
    else:
        assert "understand" not in said and "entend" not in said
    kept = str(await one.transcript()) + str(
        rows(served, select(Tracker.state).where(Tracker.conversation_id == one.id))
    )
    assert secret not in kept


async def test_dates_and_numbers_stay_where_no_form_asks_for_them(visitor: MakeVisitor, served: Served) -> None:
    one = await visitor().open()
    await one.say("03/14/1985")
    await one.say("where is my claim")
    await one.say("what does A32B pay")
    for words in ("1985", "I worked there since 03/14/1985 and was fired", "11/02/2026"):
        await one.say(words)
    said = [m["text"] for m in await one.transcript() if m["author"] == "visitor"]
    assert [text for text in said if "•" in text] == [] and "03/14/1985" in said
    await one.prove(*claim_with(served, ClaimStatus.PAYING)[:2])
    await one.say("03/14/1985")
    assert "•" not in str([m["text"] for m in await one.transcript() if m["author"] == "visitor"])


async def test_proof_sent_twice_by_a_bad_line_is_stored_and_answered_once(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    for _ in range(2):
        await one.post(text="UI-40281735, born 03/14/1985", client_id="the same")
    texts = [m["text"] for m in await one.transcript()]
    assert sum("hidden" in text for text in texts) == 1 and texts.count("UI-••••••••, born ••/••/••••") == 1


async def test_an_employer_gets_general_information_even_beside_a_proven_claim(
    visitor: MakeVisitor, served: Served
) -> None:
    claim = claim_with(served, ClaimStatus.DENIED)
    one = await proven(visitor, claim)
    shown = len([m for m in one.messages if m.get("card", {}).get("type") == "status"])
    for words in (
        "I am an employer, is my worker's claim approved?",
        "was it approved?",
        "why was his claim denied? I am his employer",
        "my employee filed a claim, what is the status",
        "soy el patrón, ¿cómo va el reclamo de mi trabajador?",
    ):
        said = await one.say(words)
        assert claim[0] not in said and "The agency decided that you" not in said, words
    assert len([m for m in one.messages if m.get("card", {}).get("type") == "status"]) == shown
    # The claimant's own question is still answered.
    assert "The agency decided that you" in await one.say("what is going on with my claim")
