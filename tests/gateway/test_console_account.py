"""Accounts at the console: passwords, sessions, what each role may do, and the record of all of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import uuid

import aiohttp
import pytest

from bot.gateway import (
    console,
    console_account,
    console_intakes,
    console_knowledge,
    console_supervision,
    console_transcripts,
)
from bot.settings import PROJECT_ROOT
from bot.stores.vocabulary import ClaimStatus, Role
from tests.conftest import Served
from tests.gateway.desks import PASSWORD, at_work
from tests.people import MakeVisitor, SpecialistAtWork
from tests.stored import claim_with

ROUTES = [
    (route.method, route.path)
    for module in (
        *(console, console_account, console_intakes, console_knowledge, console_transcripts),
        console_supervision,
    )
    for route in module.routes
]
FOR_SUPERVISORS = [
    ("GET", "/board"),
    ("POST", "/escalations/1/take-over"),
    ("GET", "/reports"),
    ("GET", "/reports.csv"),
    ("GET", "/questions"),
    ("POST", "/questions"),
    ("GET", "/examples.yml"),
    ("GET", "/audit"),
    ("PUT", "/skills/999999"),
]
FOR_ADMINS = [("GET", "/accounts"), ("POST", "/accounts/999999/disable"), ("DELETE", "/accounts/999999/sessions")]


def address(path: str) -> str:
    for name, value in (
        ("{escalation_id:[0-9]{1,9}}", "1"),
        ("{intake_id:[0-9]{1,9}}", "1"),
        ("{specialist_id:[0-9]{1,9}}", "1"),
        ("{session_id:[0-9a-f]{16}}", "0" * 16),
        ("{class_id}", "x"),
        ("{id}", "x"),
    ):
        path = path.replace(name, value)
    return path.removeprefix("/console/api")


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if r != ("POST", "/console/api/session")])
async def test_nothing_at_the_console_opens_without_signing_in(served: Served, method: str, path: str) -> None:
    async with SpecialistAtWork(served.url) as nobody:
        answer = await nobody.call(method, address(path))
    assert (answer.status, answer.code) == (401, "unauthorized")


async def test_each_role_gets_what_it_may_and_nothing_else(served: Served) -> None:
    refused = {
        Role.SPECIALIST: [*FOR_SUPERVISORS, *FOR_ADMINS],
        Role.SUPERVISOR: FOR_ADMINS,
        Role.ADMIN: [],
    }
    for role, closed in refused.items():
        async with at_work(served, role) as one:
            for method, path in (*FOR_SUPERVISORS, *FOR_ADMINS):
                answer = await one.call(method, path, json={} if method in ("POST", "PUT") else None)
                is_refused = answer.status == 403 and answer.code == "forbidden"
                assert is_refused == ((method, path) in closed), (role, method, path, answer.body)


async def test_the_console_is_told_what_the_role_may_do(served: Served) -> None:
    async with at_work(served) as one:
        assert (await one.call("GET", "/session")).body["rights"] == ["desk"]
    async with at_work(served, Role.SUPERVISOR) as one:
        rights = (await one.call("GET", "/session")).body["rights"]
        assert "reports" in rights and "accounts" not in rights


async def test_a_changed_password_works_and_the_old_one_does_not(served: Served) -> None:
    async with at_work(served) as one, SpecialistAtWork(served.url) as elsewhere:
        await elsewhere.sign_in(one.login, PASSWORD)
        changed = await one.call("POST", "/password", json={"old": PASSWORD, "new": "another long one"})
        assert changed.status == 204
        assert (await one.call("GET", "/session")).status == 200
        assert (await elsewhere.call("GET", "/session")).status == 401
        assert (await elsewhere.sign_in(one.login, PASSWORD)).status == 401
        assert (await elsewhere.sign_in(one.login, "another long one")).status == 200


async def test_a_password_is_not_changed_without_the_old_one_or_to_a_short_one(served: Served) -> None:
    async with at_work(served) as one, SpecialistAtWork(served.url) as elsewhere:
        wrong = await one.call("POST", "/password", json={"old": "not the old one", "new": "another long one"})
        assert (wrong.status, wrong.code) == (403, "wrong_password")
        short = await one.call("POST", "/password", json={"old": PASSWORD, "new": "short"})
        assert (short.status, short.code) == (422, "password_too_short")
        assert (await elsewhere.sign_in(one.login, PASSWORD)).status == 200


async def test_guessing_the_old_password_locks_the_account(served: Served) -> None:
    async with at_work(served) as one:
        guesses = [
            await one.call("POST", "/password", json={"old": f"a wrong one {n}", "new": "another long one"})
            for n in range(6)
        ]
        assert [guess.status for guess in guesses] == [403] * 5 + [429]


async def test_one_sees_and_ends_ones_own_sessions_only(served: Served) -> None:
    async with at_work(served) as one, at_work(served) as other, SpecialistAtWork(served.url) as elsewhere:
        await elsewhere.sign_in(one.login, PASSWORD)
        sessions = (await one.call("GET", "/sessions")).body["sessions"]
        assert [session["current"] for session in sessions].count(True) == 1 and len(sessions) == 2
        assert all("aiohttp" in session["browser"] for session in sessions)
        away = next(session for session in sessions if not session["current"])
        assert (await other.call("DELETE", f"/sessions/{away['id']}")).status == 404
        assert (await one.call("DELETE", f"/sessions/{away['id']}")).status == 204
        assert (await elsewhere.call("GET", "/session")).status == 401
        assert (await one.call("GET", "/session")).status == 200


async def test_disabling_an_account_from_the_command_line_ends_its_sessions_and_its_socket(served: Served) -> None:
    async with at_work(served) as one:
        socket = await one.socket()
        await socket.send(type="ping")
        await socket.until(type="pong")
        disabling = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "specialists", "disable", one.login),
            cwd=PROJECT_ROOT,
            env={**os.environ, "DATABASE_URL": served.database_url},
        )
        assert await disabling.wait() == 0
        assert (await one.call("GET", "/escalations")).status == 401
        with pytest.raises(ConnectionError, match="4401"):
            while True:
                await socket.next(15)


async def test_an_admin_disables_an_account_but_not_their_own(served: Served) -> None:
    async with at_work(served, Role.ADMIN) as admin, at_work(served) as one:
        accounts = (await admin.call("GET", "/accounts")).body["accounts"]
        assert {"disabled": False, "role": "specialist", "login": one.login}.items() <= next(
            account for account in accounts if account["id"] == one.id
        ).items()
        assert "password" not in json.dumps(accounts)
        assert (await admin.call("POST", f"/accounts/{admin.id}/disable", json={})).code == "own_account"
        assert (await admin.call("POST", f"/accounts/{one.id}/disable", json={})).status == 200
        assert (await one.call("GET", "/session")).status == 401
        assert (await one.sign_in(one.login, PASSWORD)).status == 401


async def test_every_try_to_sign_in_is_recorded_without_its_words_or_its_address(served: Served) -> None:
    async with at_work(served, Role.SUPERVISOR, "Sue") as supervisor, at_work(served, alias="Tess") as one:
        async with SpecialistAtWork(served.url) as browser:
            for _ in range(5):
                await browser.sign_in(one.login, "wrong wrong wrong")
            await browser.sign_in(one.login, PASSWORD)
            await browser.sign_in("my-secret-password-in-the-login-field", "x")
        audit = (await supervisor.call("GET", "/audit")).body
    newest = audit["sign_ins"][:8]
    assert [(row["alias"], row["outcome"]) for row in newest] == [
        (None, "wrong"),
        ("Tess", "locked"),
        *[("Tess", "wrong")] * 5,
        ("Tess", "success"),
    ]
    assert "my-secret" not in json.dumps(audit) and "127.0.0.1" not in json.dumps(audit)
    assert len({row["address"] for row in newest}) == 1


async def test_each_claim_a_specialist_views_is_shown_to_supervisors(
    served: Served, visitor: MakeVisitor, http: aiohttp.ClientSession
) -> None:
    number, born_on, _ = claim_with(served, ClaimStatus.PAYING)
    one = await visitor().open()
    await one.say("where is my claim")
    await one.prove(number, born_on)
    await one.say("talk to a person please")
    async with at_work(served, alias="Vera") as specialist, at_work(served, Role.SUPERVISOR) as supervisor:
        escalation = await specialist.escalation_of(one.id)
        await specialist.call("POST", f"/escalations/{escalation['id']}/take")
        packet = await specialist.call("GET", f"/escalations/{escalation['id']}")
        assert packet.body["packet"]["claim"] is not None
        newest = (await supervisor.call("GET", "/audit")).body["claim_reads"][0]
    assert (newest["alias"], newest["claim_number"], newest["conversation_id"]) == ("Vera", number, one.id)


async def test_a_supervisor_sets_what_a_specialist_is_offered_and_both_see_it_and_it_is_recorded(
    served: Served,
) -> None:
    name = f"Ana {uuid.uuid4().hex[:6]}"
    async with at_work(served, alias=name) as ana, at_work(served, Role.SUPERVISOR, "Sol") as sol:
        (own,) = (await ana.call("GET", "/skills")).body["skills"]
        assert (own["id"], own["programs"], own["languages"], own["capacity"]) == (ana.id, None, None, 3)
        wanted = {"programs": ["wa_ui", "wa_pfml"], "languages": ["es"], "capacity": 2}
        answer = await sol.call("PUT", f"/skills/{ana.id}", json=wanted)
        assert next(one for one in answer.body["skills"] if one["id"] == ana.id) == {**own, **wanted}
        assert (await ana.call("GET", "/skills")).body["skills"] == [{**own, **wanted}]
        colleagues = (await sol.call("GET", "/colleagues")).body["colleagues"]
        assert next(one for one in colleagues if one["id"] == ana.id)["capacity"] == 2
        change = (await sol.call("GET", "/audit")).body["skill_changes"][0]
        assert (change["alias"], change["by"], change["after"]) == (name, "Sol", wanted)
        assert change["before"] == {"programs": None, "languages": None, "capacity": 3}
        await sol.call("PUT", f"/skills/{ana.id}", json=wanted)
        assert len([c for c in (await sol.call("GET", "/audit")).body["skill_changes"] if c["alias"] == name]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"programs": ["nothing"], "languages": None, "capacity": 1},
        {"programs": [], "languages": None, "capacity": 1},
        {"programs": None, "languages": ["en", "en"], "capacity": 1},
        {"programs": None, "languages": None, "capacity": -1},
        {"programs": None, "languages": None, "capacity": 51},
        {"programs": None, "languages": None},
    ],
)
async def test_skills_that_make_no_sense_are_refused_and_change_nothing(
    served: Served, body: dict[str, object]
) -> None:
    async with at_work(served) as ana, at_work(served, Role.SUPERVISOR) as sol:
        before = (await ana.call("GET", "/skills")).body
        answer = await sol.call("PUT", f"/skills/{ana.id}", json=body)
        assert (answer.status, answer.code) == (422, "bad_request")
        assert (await ana.call("GET", "/skills")).body == before


async def test_skills_of_nobody_are_told_as_that(served: Served) -> None:
    body = {"programs": None, "languages": None, "capacity": 1}
    async with at_work(served, Role.SUPERVISOR) as sol:
        answer = await sol.call("PUT", "/skills/999999", json=body)
        assert (answer.status, answer.code) == (404, "account_not_found")
