"""Vectors of training texts kept on disk, so that training again encodes only the texts that are new."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# Texts kept at most; at 1.8 kB a text for both encoders of this project that is 220 MB.
MOST = 120_000


class VectorStore:
    """One file of vectors per encoder; what is unreadable counts as empty and is written anew.

    Args:
        folder: where the file is; made when it is missing.
        encoder: a hash of everything the vectors depend on, which becomes the file's name.
    """

    def __init__(self, folder: Path, encoder: str) -> None:
        self._file = folder / f"{encoder}.npz"

    def find(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors (dimensions,), float32, of those texts that are kept."""
        keys, vectors = self._read()
        row_of = {key: row for row, key in enumerate(keys)}
        rows = {text: row_of.get(_key(text)) for text in texts}
        return {text: vectors[row].astype(np.float32) for text, row in rows.items() if row is not None}

    def keep(self, found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Add vectors, the oldest giving way; returns them as `find` will, rounded to 16 bits."""
        keys, vectors = self._read()
        kept = dict(zip(keys, vectors, strict=True))
        rounded = {text: vector.astype(np.float16) for text, vector in found.items()}
        kept.update((_key(text), vector) for text, vector in rounded.items())
        newest = list(kept)[-MOST:]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Two trainings at once each leave a whole file, never a mixture.
        unfinished = self._file.with_suffix(f".{os.getpid()}.npz")
        np.savez(unfinished, keys=np.array(newest), vectors=np.stack([kept[key] for key in newest]))
        unfinished.replace(self._file)
        return {text: vector.astype(np.float32) for text, vector in rounded.items()}

    def _read(self) -> tuple[list[str], np.ndarray]:
        try:
            with np.load(self._file) as stored:
                return stored["keys"].tolist(), stored["vectors"]
        except (OSError, ValueError, KeyError, EOFError):
            return [], np.empty((0, 0), np.float16)


def _key(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
