"""What stands in for parts of Rasa gives what they give, and TensorFlow stays outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage

from bot import training
from bot.assistant.graph_runner import StraightGraphRunner
from bot.settings import PROJECT_ROOT


class Arithmetic(GraphComponent):
    """A component whose output shows in which order and with what it was called."""

    @classmethod
    def create(cls, *_args: Any, **_more: Any) -> Arithmetic:
        return cls()

    def double(self, number: int) -> int:
        return 2 * number

    def less(self, number: int, other: int) -> int:
        return number - other

    def fail(self, number: int) -> int:
        raise RuntimeError(f"{number} is too much")


def node(function: str, **needs: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Arithmetic, constructor_name="create", fn=function, config={})


SCHEMA = GraphSchema(
    {
        "difference": node("less", number="twice_twice", other="twice"),
        "twice_twice": node("double", number="twice"),
        "twice": node("double", number="start"),
        "elsewhere": node("fail", number="start"),
    }
)


def runner(kind: type[DaskGraphRunner], folder: Path) -> DaskGraphRunner:
    return kind.create(SCHEMA, LocalModelStorage(folder), ExecutionContext(SCHEMA))


@pytest.mark.parametrize("targets", [["difference"], ["twice"], ["twice_twice", "difference"]])
def test_both_runners_give_the_same(tmp_path: Path, targets: list[str]) -> None:
    ours, rasas = (runner(kind, tmp_path) for kind in (StraightGraphRunner, DaskGraphRunner))
    for number in (3, 4):
        inputs = {"start": number}
        assert ours.run(inputs, targets) == rasas.run(inputs, targets)


def test_a_component_that_fails_is_told_by_both_in_the_same_way(tmp_path: Path) -> None:
    told = []
    for kind in (StraightGraphRunner, DaskGraphRunner):
        with pytest.raises(Exception) as caught:
            runner(kind, tmp_path).run({"start": 1}, ["elsewhere"])
        told.append((type(caught.value), str(caught.value)))
    assert told[0] == told[1]


_TALK = """
import asyncio, sys
from pathlib import Path
from bot.assistant.embedded import EmbeddedAssistant

async def talk():
    one = EmbeddedAssistant(Path(sys.argv[1]), timeout=30)
    await one.start()
    while not await one.ready():
        await asyncio.sleep(0.05)
    for text in ("hello", "what does A32B pay", "where is my claim", "stop", "what about dental"):
        assert await one.reply("c" * 32, text, {}), text
    assert "tensorflow" not in sys.modules, "TensorFlow was loaded"

asyncio.run(talk())
"""


def test_a_conversation_with_the_embedded_assistant_never_loads_tensorflow(tmp_path: Path) -> None:
    model = training.newest_model(PROJECT_ROOT / "models")
    assert model is not None, "train a model first: make train"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}"}
    for command in (["-m", "bot", "migrate"], ["-m", "bot", "seed"], ["-W", "ignore", "-c", _TALK, str(model)]):
        done = subprocess.run([sys.executable, *command], env=environment, cwd=PROJECT_ROOT, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()[-2000:]
