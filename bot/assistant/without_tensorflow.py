"""Keeps TensorFlow out of a process that answers with a model in which nothing is neural.

Rasa imports TensorFlow when it is started, and this product's components never compute with it: it would take
370 MB and two seconds of every start. Rasa reaches for it in three modules that only training uses: two that feed
and watch neural training, and the check of a configuration, which names Rasa's own neural components.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

# Modules that need TensorFlow -> what other modules of Rasa import from them when they are loaded themselves.
_ONLY_FOR_TRAINING = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
    "rasa.graph_components.validators.default_recipe_validator": ("DefaultV1RecipeValidator",),
}
# Components, by the start of their names, that are known to do without it.
_LIGHT = (
    "bot.",
    "rasa.graph_components.",
    "rasa.core.policies.ensemble.",
    "rasa.core.policies.rule_policy.",
    "rasa.core.policies.memoization.",
    "rasa.nlu.classifiers.regex_message_handler.",
    "rasa.nlu.tokenizers.whitespace_tokenizer.",
)


@contextlib.contextmanager
def without_tensorflow(model: Path) -> Iterator[bool]:
    """Meanwhile Rasa finds empty classes where it would load TensorFlow; enter it before Rasa is imported.

    Yields:
        Whether it is so. It is not when the model has a component that may be neural, nor when TensorFlow is here
        already.
    """
    standing_in = {}
    if "tensorflow" not in sys.modules and _nothing_neural(model):
        standing_in = {name: _module(name) for name in _ONLY_FOR_TRAINING if name not in sys.modules}
    sys.modules.update(standing_in)
    try:
        yield bool(standing_in)
    finally:
        for name in standing_in:
            del sys.modules[name]


def _module(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update({one: type(one, (), {"__module__": name}) for one in _ONLY_FOR_TRAINING[name]})
    return module


def _nothing_neural(model: Path) -> bool:
    """Whether all of a model's components are ours or among Rasa's that are known to do without TensorFlow."""
    with tarfile.open(model) as archive:
        metadata = archive.extractfile("metadata.json")
        schema = json.load(metadata)["predict_schema"] if metadata else {"nodes": {}}
    used = {str(node["uses"]) for node in schema["nodes"].values()}
    return all(name.startswith(_LIGHT) for name in used)
