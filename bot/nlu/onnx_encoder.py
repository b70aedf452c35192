"""Any transformer sentence encoder exported to ONNX, mean- or CLS-pooled to unit length."""

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


class OnnxEncoder:
    """Sentence vectors from an ONNX file whose first output is (batch, tokens, dimensions).

    Args:
        model: the .onnx file.
        tokenizer: tokenizer.json or vocab.txt.
        pooling: "mean" over the tokens of the text, or "cls" for the first token.
        max_tokens: longer texts are cut.
        threads: of onnxruntime, for one batch.
        prefix: put before each text (the e5 family wants "query: ").
    """

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        pooling: str = "mean",
        max_tokens: int = 128,
        threads: int = 1,
        prefix: str = "",
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # The arena keeps every size it has ever needed; short messages gain nothing from it.
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}
        self._tokenizer = load_tokenizer(tokenizer, max_tokens)
        self._pooling = pooling
        self._prefix = prefix

    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors of the texts, shape (len(texts), dimensions), float32."""
        encodings = self._tokenizer.encode_batch([self._prefix + text for text in texts])
        # Batches of similar length waste the least work on padding.
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        vectors: list[np.ndarray] = [np.empty(0)] * len(texts)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            pooled = self._pooled([encodings[i].ids for i in batch])
            for i, vector in zip(batch, pooled, strict=False):
                vectors[i] = vector
        return np.stack(vectors)

    def _pooled(self, token_ids: list[list[int]]) -> np.ndarray:
        longest = max(len(ids) for ids in token_ids)
        ids = np.zeros((len(token_ids), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, row_ids in enumerate(token_ids):
            ids[row, : len(row_ids)] = row_ids
            mask[row, : len(row_ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        if self._pooling == "cls":
            pooled = states[:, 0]
        else:
            weights = mask[..., None].astype(np.float32)
            pooled = (states * weights).sum(axis=1) / weights.sum(axis=1)
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        return (pooled / np.maximum(norms, 1e-9)).astype(np.float32)
