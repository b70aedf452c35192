"""Writes the graph of a neural network whose weights are at hand, for onnxruntime to run."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

# Operators that onnxruntime adds to the standard ones: several steps of a transformer in one.
RUNTIME = "com.microsoft"
_OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid(RUNTIME, 1)]
_KINDS = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}


class OnnxGraph:
    """Operators in the order they run; results and weights are known by their names."""

    def __init__(self, **inputs: tuple[type, Sequence[str | int]]) -> None:
        """An empty graph; each input has a type (np.float32 or np.int64) and a shape of numbers and names."""
        self._inputs = [
            helper.make_tensor_value_info(name, _KINDS[np.dtype(kind)], shape) for name, (kind, shape) in inputs.items()
        ]
        self._nodes: list[Any] = []
        self._weights: dict[str, np.ndarray] = {}

    def weight(self, values: np.ndarray) -> str:
        """The name by which operators find these values; the same values twice are two weights."""
        name = f"w{len(self._weights)}"
        self._weights[name] = np.ascontiguousarray(values)
        return name

    def add(self, operator: str, *inputs: str, domain: str = "", results: int = 1, **settings: Any) -> Any:
        """Append an operator; returns the name of its result, or a list of names when it has several."""
        names = [f"n{len(self._nodes)}_{number}" for number in range(results)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **settings))
        return names[0] if results == 1 else names

    def normalized(self, x: str, scale: np.ndarray, shift: np.ndarray, epsilon: float) -> str:
        """Layer normalisation over the last axis."""
        weights = self.weight(scale), self.weight(shift)
        return str(self.add("LayerNormalization", x, *weights, axis=-1, epsilon=epsilon))

    def dense(self, x: str, matrix: np.ndarray, bias: np.ndarray | None = None) -> str:
        """`x @ matrix + bias` in 32 bits; the matrix has the shape (inputs, outputs)."""
        product = self.add("MatMul", x, self.weight(matrix))
        return str(product if bias is None else self.add("Add", product, self.weight(bias)))

    def dense_in_8_bits(
        self, x: str, matrix: np.ndarray, bias: np.ndarray | None = None, ranges: np.ndarray | None = None
    ) -> str:
        """`x @ matrix + bias` with weights and inputs rounded to 8 bits, which reads a quarter of the memory.

        Args:
            x: the inputs, rounded with one step for all of them, chosen as they come.
            matrix: shape (inputs, outputs), float32; rounded with a step for each output.
            bias: shape (outputs,).
            ranges: how large each input gets, shape (inputs,). A few inputs are ten times as large as the others
                and would make the common step too coarse for these: they are shrunk and their weights enlarged
                (Xiao et al. 2023, "SmoothQuant", with 0.8 for alpha).
        """
        if ranges is not None:
            largest = np.maximum(np.abs(matrix).max(axis=1), 1e-4)
            shrunk = (np.maximum(ranges, 1e-4) ** 0.8 / largest**0.2).astype(np.float32)
            x = self.add("Mul", x, self.weight(1 / shrunk))
            matrix = matrix * shrunk[:, None]
        steps = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / 127
        rounded = np.round(matrix / steps).clip(-127, 127).astype(np.int8)
        weights = [self.weight(rounded), self.weight(steps.astype(np.float32)), ""]
        if bias is not None:
            weights.append(self.weight(bias))
        return str(self.add("DynamicQuantizeMatMul", x, *weights, domain=RUNTIME))

    def to_bytes(self, *outputs: str) -> bytes:
        """The graph as an ONNX model with these results, all of 32-bit floats."""
        results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        weights = [numpy_helper.from_array(values, name) for name, values in self._weights.items()]
        graph = helper.make_graph(self._nodes, "encoder", self._inputs, results, weights)
        return bytes(helper.make_model(graph, opset_imports=_OPSETS, ir_version=8).SerializeToString())
