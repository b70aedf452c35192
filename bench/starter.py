"""What `rasa init` gives, taught this project's examples: the assistant that the product is measured against."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import rasa
import yaml

_ENTITY_NAME = re.compile(r"\]\((\w+)[:)]|\"entity\":\s*\"(\w+)\"")


def write_project(folder: Path, *, epochs: int) -> None:
    """Add to `folder`, which holds data/nlu, the starter's pipeline and policies and one answer for each intent.

    The configuration is the one Rasa itself fills into the starter's empty `pipeline` and `policies`.
    As in the starter there are rules and stories, so that every policy has something to learn.
    """
    default = Path(rasa.__file__).parent / "engine" / "recipes" / "config_files" / "default_config.yml"
    config = yaml.safe_load(default.read_text(encoding="utf-8"))
    for component in (*config["pipeline"], *config["policies"]):
        if "epochs" in component:
            component["epochs"] = epochs
    config["assistant_id"] = "starter"
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((folder / "data" / "nlu").rglob("*.yml")))
    intents = sorted(set(re.findall(r"^- intent: (\S+)", text, re.MULTILINE)))
    domain = {
        "version": "3.1",
        "intents": intents,
        "entities": sorted({one or other for one, other in _ENTITY_NAME.findall(text)}),
        "responses": {f"utter_{intent}": [{"text": f"You asked about {intent}."}] for intent in intents},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }
    rules = [{"rule": f"answer {intent}", "steps": _turn(intent)} for intent in intents]
    stories = [
        {"story": f"greeted, then {one}, then {other}", "steps": _turn("greet") + _turn(one) + _turn(other)}
        for one, other in zip(intents, intents[1:] + intents[:1], strict=True)
    ]
    _write(folder / "config.yml", config)
    _write(folder / "domain.yml", domain)
    _write(folder / "credentials.yml", {"rest": None})
    _write(folder / "endpoints.yml", {})
    _write(folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
    _write(folder / "data" / "stories.yml", {"version": "3.1", "stories": stories})


def _turn(intent: str) -> list[dict[str, str]]:
    return [{"intent": intent}, {"action": f"utter_{intent}"}]


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
