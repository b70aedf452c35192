"""The direction of imports that docs/architecture.md draws."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT

# What a part may never import, by the start of the module's name.
FORBIDDEN = {
    "actions": ("bot.gateway", "bot.hub", "bot.assistant", "bot.conversation", "bot.handoff", "aiohttp"),
    "bot/stores": (
        *("bot.gateway", "bot.hub", "bot.assistant", "bot.conversation", "bot.handoff", "bot.nlu"),
        *("actions", "aiohttp", "rasa", "rasa_sdk"),
    ),
    "bot/nlu": ("bot.gateway", "bot.stores", "bot.database", "bot.hub", "bot.assistant", "actions", "sqlalchemy"),
    "bot/gateway": ("rasa", "rasa_sdk", "actions", "bot.nlu", "bot.assistant.embedded", "bot.assistant.remote"),
    "bot/conversation.py": ("aiohttp", "rasa", "rasa_sdk", "actions", "bot.gateway", "bot.nlu"),
    "bot/handoff.py": ("aiohttp", "rasa", "rasa_sdk", "actions", "bot.gateway", "bot.nlu", "bot.assistant"),
    "bot/colleagues.py": ("aiohttp", "rasa", "rasa_sdk", "actions", "bot.gateway", "bot.nlu", "bot.assistant"),
    "bot/dispatch.py": ("aiohttp", "rasa", "rasa_sdk", "actions", "bot.gateway", "bot.nlu", "bot.assistant"),
    "bot/routing.py": ("bot.", "aiohttp", "rasa", "sqlalchemy"),
    "bot/deadlines.py": ("bot.gateway", "bot.hub", "bot.assistant", "bot.conversation", "aiohttp", "rasa"),
    "bot/hub.py": ("aiohttp", "rasa", "bot.stores", "bot.gateway", "bot.assistant"),
    "bot/database.py": ("bot.stores", "bot.gateway", "bot.assistant", "rasa", "aiohttp"),
    "bot/settings.py": ("bot.", "rasa", "aiohttp", "sqlalchemy"),
    "bot/assistant/__init__.py": ("rasa", "rasa_sdk", "aiohttp", "bot.gateway", "bot.conversation"),
    "bot/assistant/remote.py": ("rasa", "rasa_sdk", "actions", "bot.gateway", "bot.conversation"),
}

# What understanding, training, tables and class search need, and a gateway with RASA_URL has no memory to spare for.
HEAVY = frozenset(
    {"rasa", "rasa_sdk", "tensorflow", "spacy", "sklearn", "scipy", "numpy", "pandas", "onnxruntime", "tokenizers"}
    | {"lingua", "textstat", "alembic", "mako", "bot.nlu", "bot.assistant.embedded", "actions"}
)
GATEWAY = """
import json, sys
from bot import __main__, migrations
from bot.database import Database
from bot.gateway.app import make_app
from bot.hub import make_hub
from bot.settings import Settings

settings = Settings.from_environment()
database = Database(settings.database_url)
migrations.is_current(database.engine)
make_app(settings, database, make_hub(settings.redis_url), __main__.make_assistant(settings))
print(json.dumps(sorted(sys.modules)))
"""


def modules(part: str) -> list[Path]:
    path = PROJECT_ROOT / part
    return [path] if path.is_file() else sorted(p for p in path.rglob("*.py") if "migrations" not in p.parts)


def imported(path: Path, *, at_import_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_import_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def starts(name: str, forbidden: str) -> bool:
    return name.startswith(forbidden) if forbidden.endswith(".") else f"{name}.".startswith(f"{forbidden}.")


@pytest.mark.parametrize("part", FORBIDDEN)
def test_no_module_imports_against_the_arrows(part: str) -> None:
    paths = modules(part)
    assert paths
    wrong = [
        f"{path.relative_to(PROJECT_ROOT)} imports {name}"
        for path in paths
        for name in imported(path)
        for forbidden in FORBIDDEN[part]
        if starts(name, forbidden)
    ]
    assert not wrong


def test_only_the_assistant_and_the_pipeline_import_rasa() -> None:
    allowed = ("bot/nlu/", "bot/assistant/")
    for path in modules("bot"):
        name = str(path.relative_to(PROJECT_ROOT))
        if not name.startswith(allowed):
            assert not [m for m in imported(path) if starts(m, "rasa")], name


def test_the_embedded_assistant_imports_rasa_only_when_it_starts() -> None:
    names = list(imported(PROJECT_ROOT / "bot/assistant/embedded.py", at_import_only=True))
    assert not [name for name in names if starts(name, "rasa") or starts(name, "actions")]


def test_a_gateway_with_rasa_elsewhere_loads_nothing_heavy(tmp_path: Path) -> None:
    environment = {"RASA_URL": "http://127.0.0.1:9", "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    asked = subprocess.run(
        [sys.executable, "-c", GATEWAY],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
    )
    loaded = json.loads(asked.stdout)
    assert "bot.assistant.remote" in loaded
    assert [name for name in loaded if any(starts(name, heavy) for heavy in HEAVY)] == []


def test_the_check_finds_a_wrong_arrow(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from bot.gateway import app\n")
    assert any(starts(name, "bot.gateway") for name in imported(wrong))
