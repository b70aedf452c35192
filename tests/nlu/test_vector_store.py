"""Vectors of training texts on disk: what is there is not encoded again."""

import numpy as np

from bot.nlu.vector_cache import VectorCache
from bot.nlu.vector_store import VectorStore


class Encoder:
    """Counts the texts it is given; a vector tells the length of its text."""

    def __init__(self):
        self.texts = []

    def __call__(self, texts):
        self.texts += texts
        return np.array([[len(text) / 7, 1.0] for text in texts], np.float32)


def test_a_second_training_encodes_only_new_texts(tmp_path):
    first, second = Encoder(), Encoder()
    VectorCache(first, 0).vectors(["one", "three"], VectorStore(tmp_path, "e"))
    VectorCache(second, 0).vectors(["three", "seven!!", "one"], VectorStore(tmp_path, "e"))
    assert first.texts == ["one", "three"]
    assert second.texts == ["seven!!"]


def test_vectors_are_the_same_whether_encoded_or_found(tmp_path):
    encoded = VectorCache(Encoder(), 0).vectors(["one", "three"], VectorStore(tmp_path, "e"))
    found = VectorCache(Encoder(), 0).vectors(["one", "three"], VectorStore(tmp_path, "e"))
    np.testing.assert_array_equal(encoded, found)


def test_another_encoder_finds_nothing_of_the_first(tmp_path):
    VectorCache(Encoder(), 0).vectors(["one"], VectorStore(tmp_path, "e"))
    assert VectorStore(tmp_path, "f").find(["one"]) == {}


def test_a_broken_file_is_written_anew(tmp_path):
    (tmp_path / "e.npz").write_bytes(b"not vectors")
    encoder = Encoder()
    VectorCache(encoder, 0).vectors(["one"], VectorStore(tmp_path, "e"))
    assert encoder.texts == ["one"]
    assert list(VectorStore(tmp_path, "e").find(["one"])) == ["one"]
