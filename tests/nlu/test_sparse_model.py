"""Term weights: the numbers of scikit-learn, at a tenth of the time for one message."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.folding import fold
from bot.nlu.sparse_model import KINDS, SparseModel, TermWeights

TEXTS = [
    "where is my money",
    "wheres my money at, it's been 3 weeks",
    "¿dónde está mi dinero?",
    "how do i appeal",
    "how do i apply a I",
    "a",
    "apelar una decisión",
]


@pytest.fixture(scope="module")
def both() -> tuple[TermWeights, list[TfidfVectorizer]]:
    folded = [fold(text) for text in TEXTS]
    theirs = [TfidfVectorizer(sublinear_tf=True, min_df=1, **kind).fit(folded) for kind in KINDS.values()]
    return TermWeights.fit_transform(TEXTS, 1, 20000)[0], theirs


@given(st.lists(st.text(alphabet="aehimnopwy áñ'¿?3.\n", max_size=40), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_weights_of_any_text_are_those_of_scikit_learn(both, texts):
    ours, theirs = both
    folded = [fold(text) for text in texts]
    expected = hstack([vectorizer.transform(folded) for vectorizer in theirs]).toarray()
    np.testing.assert_allclose(ours.transform(texts).toarray(), expected, atol=1e-5)
    for row, found in zip(expected, ours.features(texts), strict=True):
        np.testing.assert_allclose(np.bincount(found.columns, found.weights, len(row)), row, atol=1e-5)


def test_weights_are_the_same_after_saving_and_loading(both, tmp_path):
    ours, _ = both
    ours.save(tmp_path)
    np.testing.assert_array_equal(
        TermWeights.load(tmp_path).transform(TEXTS).toarray(), ours.transform(TEXTS).toarray()
    )


def test_a_few_texts_are_judged_as_many_are(both):
    ours, _ = both
    model = SparseModel(np.random.default_rng(0).normal(size=(3, ours.transform(TEXTS).shape[1])), np.arange(3))
    np.testing.assert_allclose(model.margins(ours.features(TEXTS)), model.margins(ours.transform(TEXTS)), atol=1e-4)


def test_training_twice_gives_the_same_model():
    generator = np.random.default_rng(0)
    words = ["claim", "money", "appeal", "letter", "week", "pago", "carta", "semana", "plan", "dental"]
    classes = np.repeat(np.arange(25), 8)
    texts = [f"{words[number % 10]} {words[number // 3]} {generator.integers(9)}" for number in classes]
    terms, found = TermWeights.fit_transform(texts, 1, 2000)
    np.testing.assert_allclose(found.toarray(), terms.transform(texts).toarray(), atol=1e-6)
    models = [SparseModel.fit(found, classes, 25, 0.5) for _ in range(5)]
    margins = [model.margins(terms.transform(texts)) for model in models]
    assert all(np.array_equal(margins[0], other) for other in margins[1:])
