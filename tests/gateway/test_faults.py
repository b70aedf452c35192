"""What visitors meet when a part is missing or breaks: words, phones and a person, never silence."""

from __future__ import annotations

import asyncio
import resource
import shutil
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import create_engine, select, update

from bot import clock
from bot.__main__ import main
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import identity
from bot.stores.tables import Claim, Claimant, Conversation, Escalation, IdentityProof, Message, Moment, Tracker
from bot.training import inputs_hash
from tests.conftest import Prepared, Served, free_port, serve, serve_without_model, start, wait_for
from tests.people import SpecialistAtWork, Visitor
from tests.servers import postgres_server


@pytest.fixture
def without_model(tmp_path: Path) -> Served:
    """A gateway whose model folder is empty."""
    return serve_without_model(tmp_path)


async def test_without_a_model_the_bot_apologises_and_a_person_can_still_be_asked_for(
    without_model: Served, http: aiohttp.ClientSession
) -> None:
    try:
        async with http.get(f"{without_model.url}/readyz") as ready:
            assert ready.status == 503
            assert (await ready.json()) == {"ready": False, "waiting_for": "model"}
        one = await Visitor(http, without_model.url).open()
        said = await one.say("where is my claim")
        assert "800-318-6022" in said
        assert one.messages[-1]["buttons"] == [{"title": "Talk to a person", "payload": "/ask_human"}]
        answer = await one.press("/ask_human")
        assert answer.body["handled_by"] == "specialist"
        async with SpecialistAtWork(without_model.url) as specialist:
            await specialist.sign_in(without_model.login, without_model.password)
            assert (await specialist.escalation_of(one.id))["state"] == "waiting"
    finally:
        without_model.process.stop()


async def test_a_broken_model_archive_is_the_same_as_none(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    broken = tmp_path / "models" / "broken.tar.gz"
    broken.parent.mkdir()
    broken.write_bytes(b"not an archive")
    gateway = serve(tmp_path, ready="/healthz", MODEL_PATH=str(broken))
    try:
        one = await Visitor(http, gateway.url).open()
        assert "800-318-6022" in await one.say("hello")
        async with http.get(f"{gateway.url}/readyz") as ready:
            assert ready.status == 503
    finally:
        gateway.process.stop()


async def test_without_the_database_a_message_is_not_acknowledged(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    gateway = serve_without_model(tmp_path)
    try:
        one = await Visitor(http, gateway.url).open()
        live = await one.socket()
        await live.until(type="caught_up")
        with create_engine(gateway.database_url).begin() as connection:
            connection.exec_driver_sql("ALTER TABLE messages RENAME TO messages_away")
        answer = await one.post(text="where is my claim", client_id="a")
        assert (answer.status, answer.code) == (503, "unavailable")
        assert "800-318-6022" in answer.body["error"]["message"]
        assert "messages" not in answer.body
        await live.say("are you there", client_id="b")
        error = await live.until(type="error")
        assert (error["error"]["code"], error["client_id"]) == ("unavailable", "b")
        # A socket that can't be told what there is is closed, so that the page comes back and asks again.
        deaf = await one.socket()
        with pytest.raises(ConnectionError, match="1011"):
            await deaf.until(type="caught_up")

        with create_engine(gateway.database_url).begin() as connection:
            connection.exec_driver_sql("ALTER TABLE messages_away RENAME TO messages")
        again = await one.post(text="where is my claim", client_id="a")
        assert again.status == 200
        texts = [m["text"] for m in await one.transcript()]
        assert texts.count("where is my claim") == 1 and "are you there" not in texts
        await live.close()
    finally:
        gateway.process.stop()


async def test_switched_off_while_it_runs_the_bot_gives_phones_and_a_person(
    tmp_path: Path, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = serve(tmp_path)
    monkeypatch.setenv("DATABASE_URL", gateway.database_url)
    try:
        one = await Visitor(http, gateway.url).open()
        assert "$22.15" in await one.say("what does A32B pay")
        assert main(["switch", "off"]) == 0
        said = await one.say("what does A32C pay")
        assert "switched off" in said and "800-318-6022" in said
        answer = await one.press("/ask_human")
        assert answer.body["handled_by"] == "specialist"
        spanish = await Visitor(http, gateway.url, locale="es").open()
        assert "apagado" in await spanish.say("cuánto paga A32C")
        assert main(["switch", "on"]) == 0
        again = await Visitor(http, gateway.url).open()
        assert "$22.15" in await again.say("what does A32B pay")

        assert main(["notice", "--en", "Lines are long today."]) == 1
        assert main(["notice", "--en", "Lines are long today.", "--es", "Hoy hay mucha espera."]) == 0
        noticed = await Visitor(http, gateway.url, locale="es").open()
        assert noticed.messages[0]["text"] == "Hoy hay mucha espera."
        assert main(["notice", "--down"]) == 0
        quiet = await Visitor(http, gateway.url).open()
        assert len(quiet.messages) == 1
    finally:
        gateway.process.stop()


async def test_a_full_disk_acknowledges_nothing_and_the_service_recovers(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    gateway = serve_without_model(tmp_path)
    process = gateway.process.process.pid
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    try:
        one = await Visitor(http, gateway.url).open()
        # No file of the gateway may grow any more, which is what a full disk is to it.
        resource.prlimit(process, resource.RLIMIT_FSIZE, (200_000, most))
        answers = []
        for number in range(50):
            answers.append(await one.post(text=f"{number} " + "x" * 1900, client_id=f"c{number}"))
            if answers[-1].status != 200:
                break
        refused = answers.pop()
        assert (refused.status, refused.code) == (503, "unavailable")
        assert "800-318-6022" in refused.body["error"]["message"]
        said = [m for m in await one.transcript() if m["author"] == "visitor"]
        # What was acknowledged is there; the one refused may be, and is answered when it is sent again.
        assert len(said) in (len(answers), len(answers) + 1)
        async with http.get(f"{gateway.url}/healthz") as response:
            assert response.status == 200
        resource.prlimit(process, resource.RLIMIT_FSIZE, (most, most))
        again = await one.post(text="hello again", client_id=f"c{len(answers)}")
        assert again.status == 200
        assert again.body["messages"][-1]["author"] == "bot"
        assert len([m for m in await one.transcript() if m["author"] == "visitor"]) == len(answers) + 1
    finally:
        gateway.process.stop()


async def test_a_locked_database_is_waited_for_and_then_told(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    gateway = serve_without_model(tmp_path)
    try:
        one = await Visitor(http, gateway.url).open()
        other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        # A short lock delays a message; what is being waited for does not keep others from reading.
        slow = asyncio.create_task(one.post(text="hello", client_id="slow"))
        await asyncio.sleep(2)
        assert not slow.done()
        assert len(await one.transcript()) == 1
        other.execute("COMMIT")
        assert (await slow).status == 200
        # A long one is told, and the message is stored once it is sent again.
        other.execute("BEGIN IMMEDIATE")
        refused = await one.post(text="are you there", client_id="long")
        assert (refused.status, refused.code) == (503, "unavailable")
        other.execute("COMMIT")
        assert (await one.post(text="are you there", client_id="long")).status == 200
        assert [m["text"] for m in await one.transcript() if m["author"] == "visitor"] == ["hello", "are you there"]
        other.close()
    finally:
        gateway.process.stop()


@pytest.mark.fleet
async def test_a_slow_database_is_told_in_time_and_holds_nobody_else_up(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    with postgres_server(tmp_path / "postgres") as database_url:
        gateway = serve_without_model(tmp_path, DATABASE_URL=database_url, DATABASE_PATIENCE="4")
        engine = create_engine(database_url)
        slow = engine.connect()
        try:
            visitors = [await Visitor(http, gateway.url).open() for _ in range(24)]
            slow.exec_driver_sql("BEGIN")
            slow.exec_driver_sql("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
            began = time.monotonic()
            # Three times as many as there are threads for the database.
            posts = [asyncio.create_task(one.post(text="hello", client_id="slow")) for one in visitors]
            await asyncio.sleep(0.5)
            for path, status in (("/healthz", 200), ("/", 200), ("/api/agency", 200)):
                asked = time.monotonic()
                async with http.get(gateway.url + path) as response:
                    assert response.status == status
                assert time.monotonic() - asked < 1
            async with http.get(f"{gateway.url}/readyz") as ready:
                assert (await ready.json())["waiting_for"] == "database"
            answers = await asyncio.gather(*posts)
            assert time.monotonic() - began < 14
            assert {(one.status, one.code) for one in answers} == {(503, "unavailable")}
            assert all("800-318-6022" in one.body["error"]["message"] for one in answers)
            slow.exec_driver_sql("ROLLBACK")
            again = await asyncio.gather(*(one.post(text="hello", client_id="slow") for one in visitors))
            assert {one.status for one in again} == {200}
            for one in visitors:
                assert [m["text"] for m in await one.transcript() if m["author"] == "visitor"] == ["hello"]
        finally:
            slow.close()
            engine.dispose()
            gateway.process.stop()


@pytest.mark.parametrize("jump", [timedelta(days=3), -timedelta(days=3)], ids=["ahead", "back"])
async def test_a_clock_that_jumps_loses_nothing_and_ends_proofs(
    tmp_path: Path, prepared: Prepared, http: aiohttp.ClientSession, jump: timedelta
) -> None:
    """Everything stored gets older, or lies in the future, as it does when the clock is set."""
    gateway = serve_without_model(tmp_path, prepared=prepared)
    engine = create_engine(gateway.database_url)
    try:
        one, other = [await Visitor(http, gateway.url).open() for _ in range(2)]
        with engine.begin() as connection:
            claim = connection.execute(
                select(Claim.claim_number, Claimant.born_on)
                .join(Claimant, Claimant.id == Claim.claimant_id)
                .where(Claim.pin_hash.is_not(None))
                .limit(1)
            ).one()
        assert (await one.prove(claim.claim_number, claim.born_on.isoformat())).status == 200
        await one.say("hello")
        await other.press("/ask_human")
        await other.post(text="I wait for somebody")
        before = [await visitor.transcript() for visitor in (one, other)]
        with engine.begin() as connection:
            for table in (Conversation, Message, Escalation, IdentityProof, Tracker):
                moments = [c for c in table.__table__.c if isinstance(c.type, Moment)]
                own = list(table.__table__.primary_key)
                for row in connection.execute(select(table.__table__)).all():
                    moved = {c.name: row[c.name] - jump for c in moments if row[c.name] is not None}
                    same = [c == row[c.name] for c in own]
                    connection.execute(update(table).where(*same).values(**moved))
            proof = connection.execute(select(IdentityProof.last_used_at)).scalar_one()
        with Database(gateway.database_url).snapshot() as session:
            now = clock.now()
            assert abs(now - jump - proof) < timedelta(minutes=1)
            assert identity.standing_proof(session, one.id, now=now, idle_minutes=15) is None
        assert (await other.post(text="are you still there", client_id="after")).body["handled_by"] == "specialist"
        assert "800-318-6022" in await one.say("hello again")
        await asyncio.sleep(3)
        for visitor, earlier in zip((one, other), before, strict=True):
            now_told = await visitor.transcript()
            assert [m["seq"] for m in now_told] == list(range(1, len(now_told) + 1))
            shown = [m["text"] for m in now_told[: len(earlier)] if not m.get("hidden")]
            assert shown == [m["text"] for m in earlier if not m.get("private")]
        async with SpecialistAtWork(gateway.url) as specialist:
            await specialist.sign_in(gateway.login, gateway.password)
            escalation = await specialist.escalation_of(other.id)
            taken = await specialist.call("POST", f"/escalations/{escalation['id']}/take")
            assert taken.body["escalation"]["state"] == "active"
    finally:
        engine.dispose()
        gateway.process.stop()


async def test_after_a_restart_the_conversation_goes_on(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    gateway = serve(tmp_path)
    try:
        one = await Visitor(http, gateway.url).open()
        await one.say("what does A32B pay")
    finally:
        gateway.process.stop()
    process = start(["bot", "serve"], tmp_path / "again.log", **gateway.environment)
    again = Served(gateway.url, gateway.database_url, "", "", process)
    try:
        wait_for(f"{gateway.url}/readyz", process)
        # The connections of before are gone with the old process.
        async with aiohttp.ClientSession() as one.http:
            assert "$24.53" in await one.say("and level III?")
            assert [m["seq"] for m in await one.transcript()] == [1, 2, 3, 4, 5]
    finally:
        again.process.stop()


def test_a_taken_port_is_told_in_one_line(tmp_path: Path, served: Served) -> None:
    port = served.url.rsplit(":", 1)[1]
    process = start(["bot", "serve"], tmp_path / "log", PORT=port, DATABASE_URL=served.database_url)
    assert process.process.wait(60) == 1
    said = process.log.read_text().strip()
    assert len(said.splitlines()) == 1
    assert f"Port {port} is already in use" in said


@pytest.mark.parametrize(
    ("setting", "address", "told"),
    [
        ("DATABASE_URL", "postgresql+psycopg2://127.0.0.1:1/bot", "The database does not answer"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "Redis does not answer"),
    ],
)
def test_a_part_that_is_away_at_the_start_is_told_in_one_line(
    tmp_path: Path, prepared: Prepared, setting: str, address: str, told: str
) -> None:
    shutil.copy(prepared.path, tmp_path / "bot.db")
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}", "SECRET_KEY": "x", "PORT": str(free_port())}
    process = start(["bot", "serve"], tmp_path / "log", **{**environment, setting: address})
    assert process.process.wait(60) == 1
    said = process.log.read_text().strip()
    assert len(said.splitlines()) == 1
    assert told in said and setting in said and "127.0.0.1" not in said


def test_tables_that_are_out_of_date_are_told_before_serving(tmp_path: Path) -> None:
    process = start(
        ["bot", "serve"],
        tmp_path / "log",
        PORT=str(free_port()),
        DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}",
    )
    assert process.process.wait(60) == 1
    assert "python -m bot migrate" in process.log.read_text()


def test_demo_claims_are_refused_in_production(tmp_path: Path) -> None:
    process = start(
        ["bot", "demo-claims"],
        tmp_path / "log",
        ENVIRONMENT="production",
        DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}",
    )
    assert process.process.wait(60) == 1
    assert "production" in process.log.read_text()


def test_a_model_is_trained_again_only_when_its_inputs_change(tmp_path: Path) -> None:
    for name in ("config.yml", "domain.yml", "uv.lock"):
        shutil.copy(PROJECT_ROOT / name, tmp_path / name)
    shutil.copytree(PROJECT_ROOT / "data", tmp_path / "data")
    before = inputs_hash(tmp_path)
    (tmp_path / "data" / "words" / "service.yml").write_text("changed")
    assert inputs_hash(tmp_path) == before
    with (tmp_path / "data" / "nlu" / "en" / "talk.yml").open("a") as file:
        file.write("# changed\n")
    assert inputs_hash(tmp_path) != before
