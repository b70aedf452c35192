"""Trains and runs the components of a pipeline one after the other, as Rasa's graph would, in one process.

Rasa's own trainer packs an archive and fingerprints every step; five folds would spend most of their
time on that. The components, their settings and their order are the same; `rasa train` and `rasa test
nlu` give the same predictions.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


class Pipeline:
    """A trained pipeline; `seconds` holds the training time of each component."""

    def __init__(self, components: list[GraphComponent], seconds: dict[str, float]) -> None:
        self._components = components
        self.seconds = seconds

    @classmethod
    def train(cls, settings: Sequence[dict[str, Any]], texts: Sequence[str], intents: Sequence[str]) -> "Pipeline":
        """Trains the `pipeline` section of a Rasa config on texts and their intents."""
        recipe = DefaultV1Recipe()
        storage = LocalModelStorage.create(Path(tempfile.mkdtemp()))
        data = TrainingData([Message(data={TEXT: t, INTENT: i}) for t, i in zip(texts, intents, strict=False)])
        components: list[GraphComponent] = []
        seconds: dict[str, float] = {}
        for number, entry in enumerate(settings):
            registered = recipe._from_registry(entry["name"])
            name = f"{registered.clazz.__name__}{number}"
            own = {key: value for key, value in entry.items() if key != "name"}
            config = {**registered.clazz.get_default_config(), **own}
            context = ExecutionContext(GraphSchema({}), node_name=name)
            component: Any = registered.clazz.create(config, storage, Resource(name), context)
            started = time.perf_counter()
            if registered.is_trainable:
                component.train(data)
                component = registered.clazz.load(config, storage, Resource(name), context)
            # Classifiers need not change what later components are trained on.
            if hasattr(component, "process_training_data"):
                component.process_training_data(data)
            seconds[name] = time.perf_counter() - started
            components.append(component)
        return cls(components, seconds)

    def parse(self, text: str, metadata: dict[str, Any] | None = None) -> Message:
        """The message as it leaves the last component."""
        message = Message(data={TEXT: text, "metadata": metadata}, output_properties={"text_tokens"})
        messages = [message]
        for component in self._components:
            messages = component.process(messages)  # type: ignore[attr-defined]
        return messages[0]

    def timed(self, texts: Sequence[str]) -> tuple[list[Message], list[float]]:
        """The parsed messages and the milliseconds of processor time each took.

        Processor time, because machines that run tests share their cores; on an idle one the clock
        on the wall says the same for a pipeline on one thread.
        """
        parsed, milliseconds = [], []
        for text in texts:
            started = time.process_time()
            parsed.append(self.parse(text))
            milliseconds.append(1000 * (time.process_time() - started))
        return parsed, milliseconds


def pipeline_settings(file: Path) -> list[dict[str, Any]]:
    """The `pipeline` section of a Rasa config file, without the card finder, which understands nothing by itself."""
    pipeline = rasa.shared.utils.io.read_config_file(str(file))["pipeline"]
    return [settings for settings in pipeline if not settings["name"].endswith(".CardFinder")]
