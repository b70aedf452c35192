"""What supervisors have: the board, taking over, reports, and questions that become training examples."""

from __future__ import annotations

import asyncio
import csv
import io
import time
import uuid
from pathlib import Path

import pytest
import yaml
from rasa.shared.nlu.training_data.loading import load_data

from bot import csv_files, question_groups
from bot.stores.vocabulary import Role
from tests.conftest import Served
from tests.gateway.desks import at_work
from tests.people import MakeVisitor


async def test_the_board_shows_who_waits_who_talks_and_who_has_how_much(served: Served, visitor: MakeVisitor) -> None:
    async with at_work(served, alias="Bea") as bea, at_work(served, Role.SUPERVISOR) as supervisor:
        before = (await supervisor.call("GET", "/board")).body
        active, waiting = await visitor().open(), await visitor().open()
        for one in (active, waiting):
            await one.call("POST", "/escalation", json={})
        escalation = await bea.escalation_of(active.id)
        await bea.call("POST", f"/escalations/{escalation['id']}/take")
        await active.post(text="are you there?")
        board = (await supervisor.call("GET", "/board")).body
        assert (board["waiting"], board["active"]) == (before["waiting"] + 1, before["active"] + 1)
        assert board["longest_wait_since"] <= next(
            e["opened_at"] for e in board["escalations"] if e["conversation_id"] == waiting.id
        )
        load = next(one for one in board["specialists"] if one["alias"] == "Bea" and one["id"] == bea.id)
        assert (load["active"], load["resolved_today"]) == (1, 0) and load["last_seen_at"]
        owed = next(e for e in board["escalations"] if e["conversation_id"] == active.id)["owed_since"]
        assert owed is not None
        await bea.call("POST", f"/escalations/{escalation['id']}/messages", json={"text": "Yes, I am."})
        await bea.call("POST", f"/escalations/{escalation['id']}/resolve", json={"outcome": "answered"})
        board = (await supervisor.call("GET", "/board")).body
        load = next(one for one in board["specialists"] if one["id"] == bea.id)
        assert (load["active"], load["resolved_today"]) == (0, 1)


async def test_a_supervisor_takes_a_conversation_over_and_the_visitor_is_told(
    served: Served, visitor: MakeVisitor
) -> None:
    one = await visitor().open()
    await one.call("POST", "/escalation", json={})
    live = await one.socket()
    await live.until(type="caught_up")
    async with at_work(served, alias="Bea") as bea, at_work(served, Role.SUPERVISOR, "Sol") as supervisor:
        escalation = await bea.escalation_of(one.id)
        path = f"/escalations/{escalation['id']}"
        assert (await supervisor.call("POST", f"{path}/take-over", json={})).code == "not_active"
        await bea.call("POST", f"{path}/take")
        taken = await supervisor.call("POST", f"{path}/take-over", json={})
        assert taken.body["escalation"]["specialist"] == {"id": supervisor.id, "alias": "Sol"}
        await live.message("Sol has joined")
        assert (await bea.call("POST", f"{path}/messages", json={"text": "hi"})).code == "not_active"
        assert (await supervisor.call("POST", f"{path}/messages", json={"text": "I am Sol."})).status == 200
        await live.message("I am Sol.")
        assert (await bea.call("GET", path)).status == 200
        assert (await supervisor.call("POST", f"{path}/resolve", json={"outcome": "answered"})).status == 200
    await live.close()


async def test_a_report_counts_the_visits_of_its_days_and_downloads_as_csv(
    served: Served, visitor: MakeVisitor
) -> None:
    async with at_work(served, Role.SUPERVISOR) as supervisor:
        before = (await supervisor.call("GET", "/reports?program=wa_cares")).body["totals"]["visits"]
        one = await visitor(program="wa_cares").open()
        await one.say("what is wa cares")
        report = (await supervisor.call("GET", "/reports?program=wa_cares")).body
        assert report["totals"]["visits"] == before + 1 == report["days"][-1]["visits"]
        assert len(report["days"]) == 30 and report["totals"]["judged"] == 0
        old = (await supervisor.call("GET", "/reports?first=2020-01-01&last=2020-01-02")).body
        assert old["totals"]["visits"] == 0 and len(old["days"]) == 2
        file = await supervisor.call("GET", "/reports.csv?table=days&program=wa_cares")
        assert "attachment" in file.headers["Content-Disposition"]
        rows = list(csv.DictReader(io.StringIO(file.body.lstrip("\ufeff"))))
        assert len(rows) == 30 and rows[-1]["visits"] == str(before + 1)


@pytest.mark.parametrize(
    "query",
    [
        "first=2026-02-30",
        "first=x",
        "first=2026-02-02&last=2026-02-01",
        "first=2020-01-01&last=2026-01-01",
        "language=fr",
        "program=nothing",
    ],
)
async def test_a_range_that_makes_no_sense_is_told_why(served: Served, query: str) -> None:
    async with at_work(served, Role.SUPERVISOR) as supervisor:
        answer = await supervisor.call("GET", f"/reports?{query}")
    assert (answer.status, answer.code) == (422, "bad_request")


def test_no_cell_of_a_csv_file_is_a_formula() -> None:
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "\n=1"]
    text = csv_files.written(["word", "count"], [{"word": word, "count": -1} for word in dangerous])
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["word", "count"]
    for word, row in zip(dangerous, rows[1:], strict=True):
        assert row == ["'" + word, "-1"]


async def test_questions_without_an_answer_become_training_data_that_rasa_reads(
    served: Served, visitor: MakeVisitor, tmp_path: Path
) -> None:
    mark = uuid.uuid4().hex[:6]
    asked = [f"can my pet parrot number {mark} fly to paris", f"may my pet parrot number {mark} fly to rome"]
    asked += [f"sing opera songs about volcano {mark}"]
    for text in asked:
        one = await visitor().open()
        await one.say(text)
    async with at_work(served, Role.SUPERVISOR) as supervisor:
        answer = await supervisor.call("GET", "/questions?language=en")
        assert answer.status == 200, answer.body
        groups = answer.body["groups"]
        mine = [group for group in groups if any(mark in question["text"] for question in group)]
        texts = sorted(sorted(question["text"] for question in group) for group in mine)
        assert texts == sorted([sorted(asked[:2]), [asked[2]]])
        parrots = next(group for group in mine if len(group) == 2)
        questions = [{"conversation_id": q["conversation_id"], "seq": q["seq"]} for q in parrots]
        questions[0]["text"] = f"can a [pet] {{parrot}} {mark} fly"
        bad = await supervisor.call("POST", "/questions", json={"questions": questions, "intent": "no_such_intent"})
        assert bad.code == "bad_request"
        decision = {"questions": questions, "intent": "chitchat"}
        assert (await supervisor.call("POST", "/questions", json=decision)).body == {"decided": 2}
        assert (await supervisor.call("POST", "/questions", json=decision)).body == {"decided": 0}
        volcano = next(group for group in mine if len(group) == 1)[0]
        dismissal = {"questions": [{k: volcano[k] for k in ("conversation_id", "seq")}], "intent": None}
        assert (await supervisor.call("POST", "/questions", json=dismissal)).body == {"decided": 1}
        left = (await supervisor.call("GET", "/questions?language=en")).body["groups"]
        assert not [q for group in left for q in group if mark in q["text"]]
        file = await supervisor.call("GET", "/examples.yml?language=en")
    path = tmp_path / "approved.yml"
    path.write_text(file.body, encoding="utf-8")
    assert yaml.safe_load(file.body)["version"] == "3.1"
    examples = [(e.get("intent"), e.get("text"), e.get("entities", [])) for e in load_data(str(path)).training_examples]
    assert ("chitchat", f"can a (pet) (parrot) {mark} fly", []) in examples
    assert ("chitchat", parrots[1]["text"], []) in examples
    assert not [text for _, text, _ in examples if "volcano" in text and mark in text]


async def test_grouping_many_questions_does_not_hold_up_anybody() -> None:
    texts = [f"question {n % 97} about thing {n % 89} and matter {n % 83}" for n in range(1200)]
    longest = 0.0
    task = asyncio.create_task(question_groups.group(texts))
    while not task.done():
        began = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - began)
    assert sorted(place for group in task.result() for place in group) == list(range(1200))
    assert longest < 0.5
