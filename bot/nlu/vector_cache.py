"""A bounded cache from text to vector, shared by the threads of a server."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bot.nlu.vector_store import VectorStore

Encode = Callable[[list[str]], np.ndarray]
# A batch this large (training) is shared out among workers; a message never is.
LARGE_BATCH = 256


class VectorCache:
    """Keeps the vectors of the texts used most recently.

    Args:
        encode: turns n texts into an array of shape (n, dimensions), float32.
        size: how many texts to remember; 0 remembers nothing.
        workers: threads that share a large batch; encoders release the interpreter while they work.
    """

    def __init__(self, encode: Encode, size: int, workers: int = 2) -> None:
        self._encode = encode
        self._size = size
        self._workers = workers
        self._vectors: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()
        self.encoded = 0

    def vectors(self, texts: Sequence[str], store: VectorStore | None = None) -> np.ndarray:
        """Vectors of the texts in their order, shape (len(texts), dimensions); each new text is encoded once.

        Args:
            texts: in any order, repeated or not.
            store: is asked before anything is encoded, and keeps what was.
        """
        found: dict[str, np.ndarray] = {}
        with self._lock:
            for text in texts:
                vector = self._vectors.get(text)
                if vector is not None:
                    self._vectors.move_to_end(text)
                    found[text] = vector
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found.update(self._new_vectors(missing, store))
            with self._lock:
                for text in missing:
                    self._vectors[text] = found[text]
                while len(self._vectors) > self._size:
                    self._vectors.popitem(last=False)
        return np.stack([found[text] for text in texts])

    def _new_vectors(self, texts: list[str], store: VectorStore | None) -> dict[str, np.ndarray]:
        found = {} if store is None else store.find(texts)
        unknown = [text for text in texts if text not in found]
        if unknown:
            encoded = dict(zip(unknown, self._encode_all(unknown), strict=True))
            self.encoded += len(unknown)
            found.update(encoded if store is None else store.keep(encoded))
        return found

    def _encode_all(self, texts: list[str]) -> np.ndarray:
        if len(texts) < LARGE_BATCH or self._workers < 2:
            return self._encode(texts)
        # Chunks of texts of similar length, small enough that no worker waits long for another.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        chunks = [order[start : start + LARGE_BATCH] for start in range(0, len(order), LARGE_BATCH)]
        with ThreadPoolExecutor(self._workers) as pool:
            encoded = list(pool.map(lambda chunk: self._encode([texts[i] for i in chunk]), chunks))
        vectors = np.empty((len(texts), encoded[0].shape[1]), np.float32)
        for chunk, part in zip(chunks, encoded, strict=False):
            vectors[chunk] = part
        return vectors
