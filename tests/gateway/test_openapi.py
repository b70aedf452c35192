"""The served interface document and the running server say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft202012Validator, RefResolver

from bot.assistant.remote import RemoteAssistant
from bot.database import Database
from bot.gateway.app import make_app
from bot.hub import make_hub
from bot.settings import Settings
from bot.stores.vocabulary import Role
from tests.conftest import Served
from tests.gateway.desks import at_work
from tests.gateway.test_console_intakes import filed_callback, line_of
from tests.people import Answer, MakeVisitor

# Everything else the gateway serves is a page or a file.
INTERFACE = re.compile(r"/(api|console/api)/|/(healthz|readyz|metrics)$")


@pytest.fixture
async def document(served: Served, http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.get(f"{served.url}/api/openapi.json") as response:
        body: dict[str, Any] = await response.json()
        return body


def fits(document: dict[str, Any], answer: Answer, path: str, method: str) -> None:
    """The answer's status is documented and its body fits the documented schema."""
    responses = document["paths"][path][method]["responses"]
    response = responses.get(str(answer.status), responses.get("default"))
    assert response is not None, f"{method} {path} answers {answer.status}, which is not documented"
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    content = response.get("content", {}).get("application/json")
    if content is not None:
        resolver = RefResolver.from_schema(document)
        Draft202012Validator(content["schema"], resolver=resolver).validate(answer.body)


def routes_of_the_app(folder: Path) -> set[tuple[str, str]]:
    """Path and method of every address of the interface that the application itself would answer."""
    database = Database(f"sqlite:///{folder / 'routes.db'}")
    assistant = RemoteAssistant("http://127.0.0.1:9", token="", timeout=1)
    app = make_app(Settings(), database, make_hub(""), assistant)
    database.close()
    return {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        # HEAD comes with every GET.
        if route.resource is not None and route.method != "HEAD" and INTERFACE.match(route.resource.canonical)
    }


async def test_the_document_names_every_route_of_the_app_and_no_other(document: dict[str, Any], tmp_path: Path) -> None:
    documented = {
        (path, method) for path, item in document["paths"].items() for method in item if method != "parameters"
    }
    assert documented == routes_of_the_app(tmp_path)


async def test_every_operation_has_a_name_of_its_own_and_says_how_it_can_fail(document: dict[str, Any]) -> None:
    operations = [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    ]
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(names) == len(set(names))
    for path, method, operation in operations:
        if path.startswith("/console/api/"):
            assert "default" in operation["responses"], (path, method)
            assert operation["security"] == ([] if operation["operationId"] == "signIn" else [{"console": []}])


async def test_every_value_in_an_address_is_described(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        given = item.get("parameters", []) + [
            p for o in item.values() if isinstance(o, dict) for p in o.get("parameters", [])
        ]
        names = set()
        for parameter in given:
            if "$ref" in parameter:
                parameter = document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
            if parameter["in"] == "path":
                names.add(parameter["name"])
        assert names == set(re.findall(r"{(\w+)}", path)), path


async def test_every_reference_in_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [ref for value in node.values() for ref in references(value)]
        if isinstance(node, list):
            return [ref for value in node for ref in references(value)]
        return []

    found = references(document)
    assert found
    for reference in found:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


async def test_what_the_server_answers_fits_the_document(
    document: dict[str, Any], visitor: MakeVisitor, served: Served, http: aiohttp.ClientSession
) -> None:
    for path in ("/healthz", "/readyz", "/api/agency"):
        async with http.get(served.url + path) as response:
            fits(document, Answer(response.status, await response.json()), path, "get")
    one = visitor()
    opened = await one.request("POST", "/api/conversations", json={"locale": "es", "program": "wa_ui"})
    fits(document, opened, "/api/conversations", "post")
    one.id, one.token = opened.body["id"], opened.body["token"]

    messages = "/api/conversations/{id}/messages"
    for words in (
        "what does A32B pay",
        "compare level I and level IV",
        "where is my claim",
        "how do i appeal",
        "qué es el año base",
    ):
        fits(document, await one.post(text=words), messages, "post")
    for body in ({"text": ""}, {"text": "x" * 3000}, {"payload": "/nothing"}, {}):
        fits(document, await one.post(**body), messages, "post")
    fits(document, await one.call("GET", "/messages"), messages, "get")
    fits(document, await one.call("GET", "/messages?since=x"), messages, "get")
    wrong = await one.prove("UI-00000000", "1980-01-01")
    assert wrong.status == 403
    fits(document, wrong, "/api/conversations/{id}/identity", "post")
    fits(document, await one.call("PATCH", "", json={"locale": "en"}), "/api/conversations/{id}", "patch")
    fits(document, await one.call("PATCH", "", json={"locale": "xx"}), "/api/conversations/{id}", "patch")
    asked = await one.call("POST", "/escalation", json={})
    fits(document, asked, "/api/conversations/{id}/escalation", "post")
    fits(document, await one.call("GET", "/messages"), messages, "get")
    fits(document, await one.call("DELETE", ""), "/api/conversations/{id}", "delete")
    fits(document, await one.call("GET", "/messages"), messages, "get")


async def test_a_request_that_does_not_fit_is_told_the_field_and_not_its_value(visitor: MakeVisitor) -> None:
    one = await visitor().open()
    answer = await one.call("POST", "/identity", json={"claim_number": "UI-1", "date_of_birth": "secret"})
    assert (answer.status, answer.code) == (422, "bad_request")
    assert "date_of_birth" in answer.body["error"]["message"]
    assert "secret" not in str(answer.body)


async def test_what_the_console_is_answered_fits_the_document(
    document: dict[str, Any], visitor: MakeVisitor, served: Served
) -> None:
    async with (
        at_work(served, Role.SUPERVISOR, "Ana") as ana,
        at_work(served, Role.SUPERVISOR, "Ben") as ben,
    ):

        async def call(method: str, path: str, status: int = 200, *, names: str = "", **kwargs: Any) -> Answer:
            """Call an address as Ana; `names` is the documented path where it holds values."""
            answer = await ana.call(method.upper(), path, **kwargs)
            assert answer.status == status, (method, path, answer.body)
            fits(document, answer, "/console/api" + (names or path.partition("?")[0]), method)
            return answer

        await call("get", "/session")
        await call("put", "/availability", json={"availability": "available"})
        await call("put", "/availability", 422, json={"availability": "asleep"})
        await call("get", "/colleagues")
        one = await visitor(program="wa_ui").open()
        await one.say("how do i appeal")
        await one.call("POST", "/escalation", json={})
        await call("get", "/escalations")
        number = (await ana.escalation_of(one.id))["id"]
        named, path = "/escalations/{escalation_id}", f"/escalations/{number}"
        await call("get", path, names=named)
        await call("get", "/escalations/999999999", 404, names=named)
        await call("post", f"{path}/decline", 409, names=f"{named}/decline")
        await call("post", f"{path}/messages", 409, names=f"{named}/messages", json={"text": "Hello."})
        await call("post", f"{path}/take", names=f"{named}/take")
        taken = await ben.call("POST", f"{path}/take")
        assert taken.status == 409
        fits(document, taken, f"/console/api{named}/take", "post")
        for body, status in (({}, 422), ({"text": "x" * 3000}, 413), ({"text": "Hello.", "to": "everybody"}, 422)):
            await call("post", f"{path}/messages", status, names=f"{named}/messages", json=body)
        await call("post", f"{path}/messages", names=f"{named}/messages", json={"text": "Hello.", "client_id": "c1"})
        await call("get", path, names=named)
        await call("post", f"{path}/transfer", 422, names=f"{named}/transfer", json={"to": {}})
        await call("post", f"{path}/transfer", names=f"{named}/transfer", json={"to": {"language": "en"}, "note": "x"})
        await call("post", f"{path}/take", names=f"{named}/take")
        await call("get", "/board")
        await call("post", f"{path}/resolve", 422, names=f"{named}/resolve", json={"outcome": "won"})
        await call("post", f"{path}/resolve", names=f"{named}/resolve", json={"outcome": "answered"})
        _, receipt = await filed_callback(visitor)
        line = await line_of(ana, receipt)
        named, path = "/intakes/{intake_id}", f"/intakes/{line['id']}"
        await call("get", "/intakes?undone=1")
        await call("get", "/intakes?limit=0")
        await call("get", path, names=named)
        for act, body in (("take", {}), ("put-back", {}), ("take", {}), ("finish", {"outcome": "acted"})):
            await call("post", f"{path}/{act}", names=f"{named}/{act}", json=body)
        await call("post", f"{path}/take", 409, names=f"{named}/take", json={})
        await call("get", "/intakes/999999999", 404, names=named)
        await call("get", "/skills")
        skills = {"programs": None, "languages": ["en"], "capacity": 1}
        await call("put", f"/skills/{ana.id}", names="/skills/{specialist_id}", json=skills)
        await call("get", "/audit")
        await call("delete", "/session", 204)
