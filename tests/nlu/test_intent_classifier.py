"""Intent, confidence, out-of-scope score and decision of the trained pipeline."""

import json
from pathlib import Path

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.evidence import stratified_folds
from bot.nlu.intent_classifier import SentenceIntentClassifier
from bot.nlu.intent_model import least_confidence
from bot.nlu.neighbours import SHARPNESS, Neighbours
from bot.nlu.out_of_scope import best_threshold
from bot.nlu.vector_cache import VectorCache


def component(pipeline, kind):
    return next(c for c in pipeline._components if isinstance(c, kind))


def intent(pipeline, text):
    return pipeline.parse(text).get("intent")["name"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("when will my payment come", "payment_status"),
        ("cuando me llega el pago", "payment_status"),
        ("i would like to appeal", "appeal_how"),
        ("quiero apelar esa decisión", "appeal_how"),
    ],
)
def test_the_top_of_the_ranking_is_the_topic_in_both_languages(pipeline, text, expected):
    assert pipeline.parse(text).get("intent_ranking")[0]["name"] == expected


@pytest.mark.parametrize("text", ["will my life insurance pay if i commit suicide", "ya no quiero vivir", "kms"])
def test_a_crisis_comes_first(pipeline, text):
    message = pipeline.parse(text)
    assert message.get("intent")["name"] == "self_harm_crisis"
    assert message.get("understanding")["decision"] == "confident"
    assert message.get("intent_ranking")[0]["name"] == "self_harm_crisis"


def test_a_crisis_beside_another_question_leaves_no_second(pipeline):
    message = pipeline.parse("where is my payment? should i just kill myself?")
    assert message.get("intent")["name"] == "self_harm_crisis"
    assert message.get("understanding")["second"] is None


def test_understanding_has_every_part_of_the_contract(pipeline):
    understanding = pipeline.parse("where is my money").get("understanding")
    assert set(understanding) == {"language", "out_of_scope", "margin", "decision", "candidates", "second"}
    assert 0 <= understanding["out_of_scope"] <= 1
    assert understanding["decision"] in ("confident", "unsure", "out_of_scope")
    assert len(understanding["candidates"]) <= 3


def test_an_unsure_message_gets_the_fallback_and_keeps_its_ranking(pipeline):
    classifier = component(pipeline, SentenceIntentClassifier)
    model = classifier._model
    message = Message(data={TEXT: "money or salary"})
    probabilities = np.full(len(model.names), 0.1)
    probabilities[model.names.index("job_pay")] = 0.4
    for least, decision, name in ((0.5, "unsure", "nlu_fallback"), (0.3, "confident", "job_pay")):
        model.least_confidence, before = least, model.least_confidence
        classifier._decide(message, model, probabilities, score=0.0)
        model.least_confidence = before
        assert message.get("understanding")["decision"] == decision
        assert message.get("intent")["name"] == name
        assert message.get("intent_ranking")[0] == {"name": "job_pay", "confidence": 0.4}


@pytest.mark.parametrize("sure, name", [(0.85, "out_of_scope"), (0.95, "job_pay")])
def test_a_high_out_of_scope_score_refuses_what_is_not_surely_understood(pipeline, sure, name):
    classifier = component(pipeline, SentenceIntentClassifier)
    message = Message(data={TEXT: "sing"})
    names = classifier._model.names
    probabilities = np.full(len(names), (1 - sure) / (len(names) - 1))
    probabilities[names.index("job_pay")] = sure
    classifier._decide(message, classifier._model, probabilities, score=1.0)
    assert message.get("intent")["name"] == name
    assert "out_of_scope" not in message.get("understanding")["candidates"]


def test_an_empty_message_has_no_intent(pipeline):
    assert intent(pipeline, "") is None


def test_confidences_sum_to_one_over_all_intents(pipeline):
    ranking = pipeline.parse("salary of the job").get("intent_ranking")
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1.0, abs=1e-4)


def test_a_loaded_classifier_says_what_the_trained_one_said(pipeline, tmp_path: Path):
    classifier = component(pipeline, SentenceIntentClassifier)
    storage = LocalModelStorage.create(tmp_path)
    context = ExecutionContext(GraphSchema({}), node_name="classifier")
    saved = SentenceIntentClassifier(classifier._config, storage, Resource("classifier"), classifier._model)
    saved.persist()
    loaded = SentenceIntentClassifier.load(classifier._config, storage, Resource("classifier"), context)
    vectors = np.random.default_rng(0).normal(size=(3, 896)).astype(np.float32)
    before, after = (c._model.predict(["wheres my $", "apelar", "x"], vectors) for c in (classifier, loaded))
    np.testing.assert_allclose(before.probabilities, after.probabilities, atol=0.02)
    np.testing.assert_allclose(before.out_of_scope, after.out_of_scope, atol=0.05)


def test_nothing_in_the_stored_model_is_pickled(pipeline, tmp_path: Path):
    classifier = component(pipeline, SentenceIntentClassifier)
    classifier._model.save(tmp_path)
    for file in tmp_path.iterdir():
        if file.suffix == ".json":
            json.loads(file.read_text(encoding="utf-8"))
        else:
            np.load(file, allow_pickle=False)


def test_a_classifier_without_features_says_what_is_missing(pipeline):
    classifier = component(pipeline, SentenceIntentClassifier)
    message = Message(data={TEXT: "hello"})
    assert classifier.process([message])[0].get("intent")["name"] is None


def test_the_least_confidence_leaves_the_allowed_share_of_sure_errors():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    classes = np.array([0, 1, 1, 0])
    assert 0.7 < least_confidence(probabilities, classes, errors=0.25) <= 0.8
    assert least_confidence(probabilities, classes, errors=0.0) > 0.8
    assert least_confidence(probabilities, classes, errors=0.5) == 0.0


def test_the_threshold_refuses_no_more_messages_in_scope_than_allowed():
    inside, outside = np.array([0.1, 0.2, 0.3, 0.9]), np.array([0.4, 0.8, 0.95])
    assert 0.3 < best_threshold(inside, outside, false_alarms=0.25) <= 0.4
    assert best_threshold(inside, outside, false_alarms=0.0) > 0.9
    assert best_threshold(inside, np.array([]), false_alarms=0.5) > 1


def test_folds_spread_each_class_evenly():
    classes = np.array([0] * 8 + [1] * 4)
    folds = stratified_folds(classes, 4, seed=0)
    assert [np.bincount(folds[classes == k]).tolist() for k in (0, 1)] == [[2] * 4, [1] * 4]


def test_text_seen_before_is_not_encoded_twice_and_the_cache_is_bounded():
    seen = []

    def encode(texts):
        seen.extend(texts)
        return np.array([[float(len(text))] for text in texts], dtype=np.float32)

    cache = VectorCache(encode, size=2)
    assert cache.vectors(["a", "bb", "a"]).ravel().tolist() == [1, 2, 1]
    cache.vectors(["bb", "a"])
    assert seen == ["a", "bb"]
    cache.vectors(["ccc"])
    cache.vectors(["a"])
    cache.vectors(["bb"])
    assert seen == ["a", "bb", "ccc", "bb"]


def test_a_large_batch_shared_by_workers_keeps_its_order():
    cache = VectorCache(lambda texts: np.array([[float(t)] for t in texts], dtype=np.float32), size=0, workers=2)
    texts = [str(number) for number in range(1000)]
    assert cache.vectors(texts).ravel().tolist() == list(range(1000))


def test_similarity_is_the_density_of_each_class_around_the_message():
    vectors = np.eye(4, dtype=np.float32)
    message = np.array([[0.1, 0.5, 0.5, 0.7]], dtype=np.float32)
    neighbours = Neighbours.of(vectors[[2, 3, 0, 1]], np.array([2, 0, 0, 0]), 3, directions=4)
    of_three = np.log(np.mean(np.exp(SHARPNESS * np.array([0.7, 0.5, 0.1])))) / SHARPNESS
    np.testing.assert_allclose(neighbours.similarity(message), [[of_three, 0.0, 0.5]], rtol=1e-5)
    assert 0.65 < of_three < 0.7


def test_a_message_alone_and_among_many_is_as_similar_to_its_likely_classes():
    generator = np.random.default_rng(0)
    examples, messages = generator.normal(size=(120, 16)), generator.normal(size=(9, 16)).astype(np.float32)
    neighbours = Neighbours.of(examples.astype(np.float32), generator.integers(0, 6, 120), 7, directions=16)
    likely = np.stack([generator.permutation(7)[:3] for _ in messages])
    among_many = neighbours.similarity(messages, likely)
    alone = np.concatenate(
        [neighbours.similarity(messages[i : i + 1], likely[i : i + 1]) for i in range(len(messages))]
    )
    np.testing.assert_allclose(alone, among_many, rtol=1e-4)
    everything = neighbours.similarity(messages)
    np.testing.assert_allclose(
        np.take_along_axis(among_many, likely, axis=1), np.take_along_axis(everything, likely, axis=1), rtol=1e-4
    )
