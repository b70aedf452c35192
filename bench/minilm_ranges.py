"""How large the inputs of MiniLM's matrix products get: writes bot/nlu/data/minilm_ranges.npz.

`python -m bench.minilm_ranges` runs the encoder in 32 bits over a sample of the questions of bench.questions and keeps
the largest value of each input. Needed again only when the encoder's weights change.
"""

import numpy as np
import onnxruntime

from bench.questions import questions
from bot.nlu.minilm_graph import RANGES, Dense, MiniLmWeights, build
from bot.nlu.onnx_encoder import load_tokenizer
from bot.nlu.onnx_graph import OnnxGraph
from bot.nlu.packaged_files import minilm_model, wordpiece_vocabulary

SAMPLE = 400


def main() -> None:
    """Measure and write."""
    inputs: dict[str, str] = {}

    def product(graph: OnnxGraph, x: str, name: str, layer: Dense) -> str:
        inputs[name] = x
        return graph.dense(x, layer.matrix, layer.bias)

    graph, _ = build(MiniLmWeights(minilm_model()), product)
    session = onnxruntime.InferenceSession(graph.to_bytes(*inputs.values()), providers=["CPUExecutionProvider"])
    tokenizer = load_tokenizer(wordpiece_vocabulary(), 128)
    largest = {name: np.zeros(1, np.float32) for name in inputs}
    for text in questions(SAMPLE):
        values = session.run(list(inputs.values()), {"input_ids": np.array([tokenizer.encode(text).ids])})
        for name, value in zip(inputs, values, strict=True):
            largest[name] = np.maximum(largest[name], np.abs(value).reshape(-1, value.shape[-1]).max(axis=0))
    np.savez_compressed(RANGES, **{name: values.astype(np.float16) for name, values in largest.items()})
    print(f"{len(largest)} products, {RANGES.stat().st_size / 1000:.0f} kB, written to {RANGES.name}")


if __name__ == "__main__":
    main()
