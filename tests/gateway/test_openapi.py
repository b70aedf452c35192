"""The served interface document and the running server say the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft202012Validator, RefResolver

from bot.gateway import api, chat, console_account, console_knowledge, console_supervision, console_transcripts
from tests.conftest import Served
from tests.people import Answer, Visitor

MakeVisitor = Callable[..., Visitor]
CONSOLE = [
    route
    for module in (console_account, console_knowledge, console_transcripts, console_supervision)
    for route in module.routes
]


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


async def test_the_document_names_every_route_and_no_other(document: dict[str, Any]) -> None:
    served_routes = {
        (re.sub(r"\{(\w+):(?:[^{}]|\{[^}]*\})*\}", r"{\1}", route.path), route.method.lower())
        for route in (*api.routes, *chat.routes, *CONSOLE)
    }
    served_routes.add(("/metrics", "get"))
    documented = {
        (path, method) for path, item in document["paths"].items() for method in item if method != "parameters"
    }
    assert documented == served_routes


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
