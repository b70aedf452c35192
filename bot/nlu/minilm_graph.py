"""all-MiniLM-L6-v2 (Wang et al. 2020) as a graph of 8-bit matrix products, from the weights of its package.

The package stores 8-bit weights and multiplies in 32 bits: its graph unpacks them to 90 MB, all of which a message
has to wait for. Here they stay 8 bits wide. The vectors agree with those of the package (cosine 0.998 and more for
most messages, never below 0.99 on those tried).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from bot.nlu.onnx_graph import RUNTIME, OnnxGraph

HEADS = 12
EPSILON = 1e-12
# How large each input of each matrix product gets, measured by `python -m bench.minilm_ranges`.
RANGES = Path(__file__).with_name("data") / "minilm_ranges.npz"
_EMBEDDINGS = "inner.embeddings."


@dataclass(frozen=True)
class Dense:
    """A matrix (inputs, outputs) and its bias (outputs,), float32."""

    matrix: np.ndarray
    bias: np.ndarray


class MiniLmWeights:
    """The weights in the package's file, found by the names of their biases, which are those of the original."""

    def __init__(self, file: Path) -> None:
        """Reads the file; raises ValueError when it is not the model that this module knows."""
        graph = onnx.load(str(file)).graph
        self._arrays = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
        products = {node.output[0]: node.input[1] for node in graph.node if node.op_type == "MatMul"}
        self._matrix_of = {
            node.input[1]: products[node.input[0]]
            for node in graph.node
            if node.op_type == "Add" and node.input[0] in products and node.input[1] in self._arrays
        }
        if f"{_EMBEDDINGS}word_embeddings.weight_q" not in self._arrays or not self._matrix_of:
            raise ValueError(f"{file} does not hold the 8-bit weights of all-MiniLM-L6-v2.")

    def array(self, name: str) -> np.ndarray:
        """An array as it is stored."""
        return self._arrays[name]

    def unpacked(self, name: str) -> np.ndarray:
        """A matrix that is stored as 8-bit numbers and the steps between them."""
        return self._arrays[f"{name}_q"].astype(np.float32) * self._arrays[f"{name}_scale"]

    def dense(self, name: str) -> Dense:
        """The layer whose bias is called `name`."""
        return Dense(self.unpacked(self._matrix_of[f"{name}.bias"]), self._arrays[f"{name}.bias"])

    def norm(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Scale and shift of a layer normalisation."""
        return self._arrays[f"{name}.weight"], self._arrays[f"{name}.bias"]

    def layers(self) -> Iterator[str]:
        """The names of the layers, first to last, each with a dot at its end."""
        number = 0
        while f"inner.encoder.layer.{number}.output.dense.bias" in self._arrays:
            yield f"inner.encoder.layer.{number}."
            number += 1


# Adds a matrix product to a graph: (graph, name of the input, name of the product, layer) -> name of the result.
Product = Callable[[OnnxGraph, str, str, Dense], str]


def minilm_graph(file: Path) -> bytes:
    """An ONNX model from `input_ids` (texts, tokens), all texts of one length, to states (texts, tokens, 384)."""
    with np.load(RANGES) as stored:
        ranges = {name: stored[name].astype(np.float32) for name in stored.files}

    def in_8_bits(graph: OnnxGraph, x: str, name: str, layer: Dense) -> str:
        return graph.dense_in_8_bits(x, layer.matrix, layer.bias, ranges[name])

    graph, states = build(MiniLmWeights(file), in_8_bits)
    return graph.to_bytes(states)


def build(weights: MiniLmWeights, product: Product) -> tuple[OnnxGraph, str]:
    """The graph and the name of its result; `product` decides how matrices are multiplied."""
    graph = OnnxGraph(input_ids=(np.int64, ["texts", "tokens"]))
    x = _embedded(graph, weights)
    for layer in weights.layers():
        own = f"{layer}attention.self."
        parts = [weights.dense(f"{own}{name}") for name in ("query", "key", "value")]
        joined = Dense(np.concatenate([p.matrix for p in parts], axis=1), np.concatenate([p.bias for p in parts]))
        query, key, value = graph.add("Split", product(graph, x, f"{layer}qkv", joined), axis=-1, results=3)
        attention = graph.add("MultiHeadAttention", query, key, value, domain=RUNTIME, num_heads=HEADS)
        mixed = product(graph, attention, f"{layer}attention", weights.dense(f"{layer}attention.output.dense"))
        x = _added(graph, mixed, x, weights.norm(f"{layer}attention.output.LayerNorm"))
        wide = product(graph, x, f"{layer}intermediate", weights.dense(f"{layer}intermediate.dense"))
        bent = graph.add("Gelu", wide, domain=RUNTIME)
        narrow = product(graph, bent, f"{layer}output", weights.dense(f"{layer}output.dense"))
        x = _added(graph, narrow, x, weights.norm(f"{layer}output.LayerNorm"))
    return graph, x


def _embedded(graph: OnnxGraph, weights: MiniLmWeights) -> str:
    """Words, their places and the kind of text, which is always the first; only words that occur are unpacked."""
    words = f"{_EMBEDDINGS}word_embeddings.weight"
    rows = graph.add("Gather", graph.weight(weights.array(f"{words}_q")), "input_ids")
    steps = graph.add("Gather", graph.weight(weights.array(f"{words}_scale")), "input_ids")
    unpacked = graph.add("Mul", graph.add("Cast", rows, to=onnx.TensorProto.FLOAT), steps)
    first_kind = weights.array(f"{_EMBEDDINGS}token_type_embeddings.weight")[0]
    places = graph.weight(weights.unpacked(f"{_EMBEDDINGS}position_embeddings.weight") + first_kind)
    tokens = graph.add("Shape", "input_ids", start=1, end=2)
    here = graph.add("Slice", places, graph.weight(np.array([0])), tokens)
    together = graph.add("Add", unpacked, here)
    return graph.normalized(together, *weights.norm(f"{_EMBEDDINGS}LayerNorm"), EPSILON)


def _added(graph: OnnxGraph, x: str, skipped: str, norm: tuple[np.ndarray, np.ndarray]) -> str:
    scale, shift = graph.weight(norm[0]), graph.weight(norm[1])
    return str(graph.add("SkipLayerNormalization", x, skipped, scale, shift, domain=RUNTIME, epsilon=EPSILON))
