"""Checks what an action server returned by Rasa's own schema, compiled once.

Rasa builds the schema anew for each action and has `jsonschema.validate` check the schema itself before it
checks the result. The schema never changes, so that first check took most of the time of a reply and found
the same thing each time (docs/performance.md). What is checked of a server's result stays the same; what an
action in the same process returned was put together by rasa_sdk a moment ago and crossed no network.
"""

from __future__ import annotations

import functools
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

rasas_own_check = RemoteAction._validate_action_result


@functools.cache
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def check(action: RemoteAction, result: dict[str, Any]) -> bool:
    """Whether a result has the form Rasa expects; raises jsonschema's ValidationError when it has not."""
    if not getattr(action.action_endpoint, "in_process", False):
        _validator().validate(result)
    return True
