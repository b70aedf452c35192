"""A day's traffic with names, birth dates, claim numbers, secrets and texts nobody else uses, and a search for them.

Everything the product writes is searched: every file, every table, every line of every log, Rasa's memory of
the conversations, Redis, the metrics. Each canary may be found only where `ALLOWED` says it belongs.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import redis
from sqlalchemy import MetaData, create_engine, select, text, update

from bot.settings import PROJECT_ROOT
from bot.stores.tables import Claim
from bot.stores.vocabulary import ClaimStatus
from tests.conftest import Served, serve
from tests.people import SpecialistAtWork, Visitor
from tests.rasa_servers import action_server, rasa_server
from tests.servers import redis_server

NAME = "Zyxwanda Quillfeather"
BORN = "1961-07-19"
CLAIM = "UI-70417043"
WRONG_CLAIM = "UI-70417999"
WRONG_BIRTH = "1913-02-17"
SSN, CARD, ACCOUNT, PIN, PASSWORD = "536-80-4398", "4539 1488 0343 6467", "00982717364", "739148", "Wombat77!quartz"
SAID = "the vermilion otter ate my determination letter"
ANSWERED = "your cerulean badger form was received"
CONSOLE_PASSWORD = "never-the-right-one-Xq3"

# SQLite's index of the words in transcripts.
INDEX = {"message_words", "message_words_content", "message_words_data"}
# canary -> the tables that are meant to hold it; no file but the database, no log and no other place is.
ALLOWED = {
    NAME: {"claimants"},
    BORN: {"claimants"},
    # What the bot said about a proven claim is part of the conversation, and not of Rasa's memory of it.
    CLAIM: {"claims", "messages"},
    WRONG_CLAIM: set(),
    WRONG_BIRTH: set(),
    SSN: set(),
    CARD: set(),
    ACCOUNT: set(),
    PIN: set(),
    PASSWORD: set(),
    SAID: {"messages", "trackers"},
    ANSWERED: {"messages"},
    CONSOLE_PASSWORD: set(),
}


@dataclass
class Product:
    """A running product, where it writes, and its Redis if it has one."""

    gateway: Served
    folder: Path
    redis_url: str = ""


@pytest.fixture(scope="module", params=["one process", pytest.param("fleet", marks=pytest.mark.fleet)])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("canaries")
    # IDENTITY_PIN matters only where a PIN can be asked for.
    always = {"LOG_LEVEL": "DEBUG", "IDENTITY_PIN": "off", "RATE_WRONG_SIGN_IN": "100"}
    with contextlib.ExitStack() as running:
        redis_url = ""
        if request.param == "fleet":
            redis_url = running.enter_context(redis_server(folder))
            url = f"sqlite:///{folder / 'bot.db'}"
            actions = running.enter_context(action_server(folder, url, IDENTITY_PIN="off"))
            rasa = running.enter_context(rasa_server(folder, url, actions, REDIS_URL=redis_url))
            always |= {"REDIS_URL": redis_url, "RASA_URL": rasa, "SECRET_KEY": "a key for all gateways"}
        gateway = serve(folder, **always)
        running.callback(gateway.process.stop)
        yield Product(gateway, folder, redis_url)


@pytest.fixture
async def people(product: Product) -> AsyncIterator[tuple[aiohttp.ClientSession, SpecialistAtWork]]:
    async with aiohttp.ClientSession() as http, SpecialistAtWork(product.gateway.url) as specialist:
        await specialist.sign_in(product.gateway.login, CONSOLE_PASSWORD)
        await specialist.sign_in(product.gateway.login, product.gateway.password)
        yield http, specialist


def give_a_claim(database_url: str) -> None:
    """Make one demo claim the canaries' own."""
    with create_engine(database_url).begin() as connection:
        chosen = connection.execute(
            select(Claim.id, Claim.claimant_id).where(Claim.status == ClaimStatus.ADJUDICATION).limit(1)
        ).one()
        connection.execute(update(Claim).where(Claim.id == chosen.id).values(claim_number=CLAIM))
        connection.execute(
            text("UPDATE claimants SET name = :name, born_on = :born WHERE id = :id"),
            {"name": NAME, "born": BORN, "id": chosen.claimant_id},
        )


async def a_day(product: Product, http: aiohttp.ClientSession, specialist: SpecialistAtWork) -> None:
    """Everything visitors and specialists do, right and wrong."""
    url = product.gateway.url
    one = await Visitor(http, url).open()
    for words in (
        "hello",
        "what does A32B pay",
        "how do i appeal",
        f"my ssn is {SSN} where is my money",
        f"put it on {CARD} please",
        f"my bank account number is {ACCOUNT}",
        f"my pin is {PIN}",
        f"my password is {PASSWORD} can you log in",
        SAID,
        f'/inform{{"name": "{SSN}"}}',
        "where is my claim",
    ):
        await one.say(words)
    assert (await one.prove(WRONG_CLAIM, WRONG_BIRTH)).status == 403
    assert (await one.prove(CLAIM, WRONG_BIRTH)).status == 403
    assert (await one.prove(SSN, BORN)).status == 403
    assert (await one.prove(CLAIM, BORN)).status == 200
    for words in ("when do i get paid", "show me my whole claim", "say that again", "what do i have to do"):
        await one.say(words)
    spanish = await Visitor(http, url, locale="es").open()
    await spanish.say(f"mi seguro social es {SSN} y mi nip es {PIN}")
    await spanish.prove(CLAIM, BORN)
    await spanish.say("como va mi reclamo")

    live = await one.socket()
    await live.until(type="caught_up")
    await live.say(SAID)
    await live.send(type="say", text=5, secret=SSN)
    await live.socket.send_str(f"{{ {SAID} {SSN}")
    await live.say("I want to talk to a person")
    await live.until(type="handled_by", handled_by="specialist")
    desk = await specialist.socket()
    escalation = await specialist.escalation_of(one.id)
    path = f"/escalations/{escalation['id']}"
    assert (await specialist.call("POST", f"{path}/take")).status == 200
    packet = await specialist.call("GET", path)
    assert packet.body["packet"]["claim"]["claim_number"] == CLAIM
    asked = "What are the last six digits of your account PIN?"
    await specialist.call("POST", f"{path}/messages", json={"text": asked})
    await live.say(PIN)
    await specialist.call("POST", f"{path}/messages", json={"text": f"{ANSWERED}, not {SSN}"})
    await live.say(f"my card is {CARD}")
    await live.message(ANSWERED)
    await specialist.call("POST", f"{path}/resolve", json={"outcome": "answered"})
    await desk.close()
    await live.close()

    # Faults: bodies that do not fit, addresses that hold secrets, a database that is gone for a moment.
    await one.call("POST", "/identity", json={"claim_number": CLAIM, "date_of_birth": f"{BORN}x", "pin": 1})
    await one.call("POST", "/messages", data=f"{{{SAID} {SSN}")
    await one.post(text=SAID, payload=SSN)
    await one.post(payload=f'/inform{{"claim": "{CLAIM}"}}')
    await one.request("GET", f"/api/conversations/{WRONG_CLAIM}/messages?since={SSN}")
    await one.request("GET", f"/no/such/{WRONG_CLAIM}?ssn={SSN}&name={NAME}")
    await one.request("GET", "/healthz", headers={"X-Request-Id": SSN, "User-Agent": NAME, "Referer": BORN})
    engine = create_engine(product.gateway.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE messages RENAME TO messages_away")
    assert (await one.post(text=f"{SAID} {SSN}")).status == 503
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE messages_away RENAME TO messages")
        connection.exec_driver_sql("ALTER TABLE claims RENAME TO claims_away")
    await one.say("where is my claim")
    with contextlib.suppress(AssertionError):
        await spanish.prove(CLAIM, BORN)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE claims_away RENAME TO claims")
    assert (await one.call("GET", "/transcript.txt")).status == 200
    assert (await spanish.call("DELETE", "")).status == 204


def forms(canary: str) -> list[str]:
    """The ways a canary could be written down."""
    digits = "".join(character for character in canary if character.isdigit())
    return list(dict.fromkeys([canary, *([digits] if len(digits) >= 6 and canary != WRONG_BIRTH else [])]))


def found_in(content: str, canary: str) -> str:
    """What stands around the first place a canary is found at, or nothing."""
    for form in forms(canary):
        # Six digits may be the fraction of some second, and part of a longer number.
        exact = rf"(?<![\d.]){form}(?!\d)" if form.isdigit() else re.escape(form)
        found = re.search(exact, content, re.IGNORECASE)
        if found:
            return content[max(0, found.start() - 150) : found.start() + 60]
    return ""


def holders(canary: str) -> set[str]:
    """The places that are meant to hold a canary; what the search may find is in its index as well."""
    tables = ALLOWED[canary] | (INDEX if "messages" in ALLOWED[canary] and canary != CLAIM else set())
    return {f"table {name}" for name in tables}


async def test_a_days_traffic_leaves_no_canary_where_it_does_not_belong(
    product: Product, people: tuple[aiohttp.ClientSession, SpecialistAtWork]
) -> None:
    http, specialist = people
    give_a_claim(product.gateway.database_url)
    await a_day(product, http, specialist)
    places: dict[str, str] = {}

    engine = create_engine(product.gateway.database_url)
    schema = MetaData()
    schema.reflect(engine)
    with engine.connect() as connection:
        for table in schema.sorted_tables:
            rows = connection.execute(table.select()).fetchall()
            places[f"table {table.name}"] = json.dumps([[str(value) for value in row] for row in rows])
    folders = [product.folder, PROJECT_ROOT / "var"]
    for file in (file for folder in folders if folder.exists() for file in folder.rglob("*")):
        if file.is_file() and not file.name.startswith("bot.db"):
            places[f"file {file.name}"] = file.read_text(encoding="utf-8", errors="replace")
    async with http.get(f"{product.gateway.url}/metrics") as response:
        places["metrics"] = await response.text()
    if product.redis_url:
        client = redis.Redis.from_url(product.redis_url)
        client.save()
        keys = client.keys()
        dump = [client.dump(key) for key in keys]
        places["redis"] = f"{keys} {dump}" + "".join(
            file.read_text(errors="replace") for file in product.folder.glob("*.rdb")
        )

    assert "gateway.log" in " ".join(places) and len(places["file gateway.log"]) > 1000
    # The search itself works: what belongs somewhere is found there.
    assert found_in(places["table messages"], SAID) and found_in(places["table claimants"], NAME)
    assert found_in(places["table messages"], ANSWERED) and found_in(places["table claims"], CLAIM)
    leaks = [
        f"{canary!r} in {place}: ...{found_in(content, canary)}..."
        for canary in ALLOWED
        for place, content in places.items()
        if place not in holders(canary) and found_in(content, canary)
    ]
    assert not leaks, "\n".join(leaks)
