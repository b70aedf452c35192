"""The direction of imports that docs/architecture.md draws."""

from __future__ import annotations

import ast
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
    "bot/dispatch.py": ("aiohttp", "rasa", "rasa_sdk", "actions", "bot.gateway", "bot.nlu", "bot.assistant"),
    "bot/routing.py": ("bot.", "aiohttp", "rasa", "sqlalchemy"),
    "bot/deadlines.py": ("bot.gateway", "bot.hub", "bot.assistant", "bot.conversation", "aiohttp", "rasa"),
    "bot/hub.py": ("aiohttp", "rasa", "bot.stores", "bot.gateway", "bot.assistant"),
    "bot/database.py": ("bot.stores", "bot.gateway", "bot.assistant", "rasa", "aiohttp"),
    "bot/settings.py": ("bot.", "rasa", "aiohttp", "sqlalchemy"),
    "bot/assistant/__init__.py": ("rasa", "rasa_sdk", "aiohttp", "bot.gateway", "bot.conversation"),
    "bot/assistant/remote.py": ("rasa", "rasa_sdk", "actions", "bot.gateway", "bot.conversation"),
}


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


def test_the_check_finds_a_wrong_arrow(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from bot.gateway import app\n")
    assert any(starts(name, "bot.gateway") for name in imported(wrong))
