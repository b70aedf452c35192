"""Any transformer sentence encoder exported to ONNX, mean- or CLS-pooled to unit length."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import BertWordPieceTokenizer, Tokenizer

BATCH = 32


def load_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    """Reads a tokenizer.json, or a vocab.txt of an uncased BERT.

    Raises:
        ValueError: the file is of neither kind.
    """
    if path.suffix == ".json":
        tokenizer = Tokenizer.from_file(str(path))
    elif path.suffix == ".txt":
        tokenizer = BertWordPieceTokenizer(str(path), lowercase=True)
    else:
        raise ValueError(f"{path.name} is neither a tokenizer.json nor a vocab.txt.")
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def session(model: bytes | Path) -> onnxruntime.InferenceSession:
    """A graph ready to run on one core, from a file or from memory."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The arena keeps every size it has ever needed; short messages gain nothing from it.
    options.enable_cpu_mem_arena = False
    source = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


class OnnxEncoder:
    """Sentence vectors from an ONNX model whose first output is (batch, tokens, dimensions).

    Args:
        model: the .onnx file, or what would be in it.
        tokenizer: tokenizer.json or vocab.txt.
        pooling: "mean" over the tokens of the text, or "cls" for the first token.
        max_tokens: longer texts are cut.
        prefix: put before each text (the e5 family wants "query: ").
    """

    def __init__(
        self, model: bytes | Path, tokenizer: Path, pooling: str = "mean", max_tokens: int = 128, prefix: str = ""
    ) -> None:
        self._session = session(model)
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._tokenizer = load_tokenizer(tokenizer, max_tokens)
        self._pooling = pooling
        self._prefix = prefix

    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors of the texts, shape (len(texts), dimensions), float32."""
        encodings = self._tokenizer.encode_batch([self._prefix + text for text in texts])
        # Texts of the same length go together, so that nothing is spent on padding, and nothing is spoilt by it.
        rows_of: dict[int, list[int]] = defaultdict(list)
        for row, encoding in enumerate(encodings):
            rows_of[len(encoding.ids)].append(row)
        vectors: list[np.ndarray] = [np.empty(0)] * len(texts)
        for rows in rows_of.values():
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                pooled = self._pooled(np.array([encodings[row].ids for row in batch], dtype=np.int64))
                for row, vector in zip(batch, pooled, strict=True):
                    vectors[row] = vector
        return np.stack(vectors)

    def _pooled(self, ids: np.ndarray) -> np.ndarray:
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        pooled = states[:, 0] if self._pooling == "cls" else states.mean(axis=1)
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        return (pooled / np.maximum(norms, 1e-9)).astype(np.float32)
