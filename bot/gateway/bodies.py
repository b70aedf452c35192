"""The interface document, and request bodies checked against it: what it says is what is accepted."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator, RefResolver

from bot.errors import Refused
from bot.gateway.middlewares import read_json
from bot.yaml_files import read_yaml


@functools.cache
def interface() -> dict[str, Any]:
    """The OpenAPI document."""
    return dict(read_yaml(Path(__file__).parent / "openapi.yml"))


async def read_body(request: web.Request, schema: str) -> dict[str, Any]:
    """The request's JSON body when it fits `components.schemas.<schema>`; raises Refused if not."""
    return check_body(await read_json(request), schema)


def check_body(body: dict[str, Any], schema: str) -> dict[str, Any]:
    """The body itself when it fits the schema; raises Refused naming the field, never its value."""
    error = next(_validator(schema).iter_errors(body), None)
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "body"
        raise Refused("bad_request", 422, problem=f"{where}: {_without_value(error)}")
    return body


@functools.cache
def _validator(schema: str) -> Draft202012Validator:
    document = interface()
    return Draft202012Validator(document["components"]["schemas"][schema], resolver=RefResolver.from_schema(document))


def _without_value(error: Any) -> str:
    # The library's own message quotes what was sent, which may be somebody's birth date.
    if error.validator == "required":
        return str(error.message)
    if error.validator == "additionalProperties":
        return "a field that is not known"
    return f"must fit {error.validator} {error.validator_value!r}"
