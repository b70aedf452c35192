"""The components inside Rasa: fingerprints, settings, stored models."""

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.crisis import CrisisDetector
from bot.nlu.details import DetailExtractor
from bot.nlu.language import LanguageDetector
from bot.nlu.sentence_encoder import SentenceEncoder

CONTEXT = ExecutionContext(GraphSchema({}), node_name="component")


@pytest.mark.parametrize(
    "component, setting, file",
    [
        (CrisisDetector, "phrases", "phrases.yml"),
        (DetailExtractor, "classes", "classes/one.yml"),
        (LanguageDetector, "examples", "examples/en/one.yml"),
    ],
)
def test_a_change_in_a_file_a_component_reads_changes_its_fingerprint(tmp_path, component, setting, file):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    config = {setting: str(tmp_path / file.split("/")[0])}
    path.write_text("a: 1")
    before = component.fingerprint_addon(config)
    path.write_text("a: 2")
    assert component.fingerprint_addon(config) != before


def test_a_trained_crisis_detector_serves_without_its_file(tmp_path):
    file = tmp_path / "phrases.yml"
    file.write_text(yaml.safe_dump({"signs": {"en": ["give up"]}, "idioms": {}}))
    config = {**CrisisDetector.get_default_config(), "phrases": str(file)}
    storage = LocalModelStorage.create(tmp_path)
    CrisisDetector.create(config, storage, Resource("crisis"), CONTEXT).train(TrainingData())
    file.unlink()
    loaded = CrisisDetector.load(config, storage, Resource("crisis"), CONTEXT)
    (message,) = loaded.process([Message(data={"text": "i GIVE up"})])
    assert message.get("intent")["name"] == "self_harm_crisis"


@pytest.mark.parametrize("probability, expected", [(0.12, "self_harm_crisis"), (0.05, "other")])
def test_a_modest_probability_of_crisis_is_enough(tmp_path, probability, expected):
    detector = CrisisDetector.create(
        CrisisDetector.get_default_config(), LocalModelStorage.create(tmp_path), Resource("crisis"), CONTEXT
    )
    ranking = [{"name": "other", "confidence": 0.8}, {"name": "self_harm_crisis", "confidence": probability}]
    (message,) = detector.process([Message(data={"text": "x", "intent": ranking[0], "intent_ranking": ranking})])
    assert message.get("intent")["name"] == expected


@pytest.mark.parametrize(
    "settings",
    [{"encoders": ["bert"]}, {"encoders": []}, {"encoders": ["minilm", "onnx"]}, {"pooling": "max"}],
    ids=["unknown", "none", "no files", "pooling"],
)
def test_an_encoder_that_cannot_be_made_is_refused(settings):
    with pytest.raises(InvalidConfigException):
        SentenceEncoder.validate_config({**SentenceEncoder.get_default_config(), **settings})


@pytest.mark.parametrize("encoders, sizes", [(["minilm"], [384]), (["use"], [512]), (["use", "minilm"], [512, 384])])
def test_a_message_gets_a_unit_vector_of_each_encoder(encoders, sizes):
    component = SentenceEncoder({**SentenceEncoder.get_default_config(), "encoders": encoders}, "encoder")
    (message,) = component.process([Message(data={"text": "dónde está mi pago"})])
    assert [feature.features.shape for feature in message.features] == [(1, size) for size in sizes]
    assert [(feature.features**2).sum() for feature in message.features] == pytest.approx([1.0] * len(sizes), abs=1e-4)


def test_any_onnx_encoder_is_read_from_its_path():
    from bot.nlu.packaged_files import minilm_model, wordpiece_vocabulary

    files = {"encoders": ["onnx"], "path": str(minilm_model()), "tokenizer": str(wordpiece_vocabulary())}
    by_path = SentenceEncoder({**SentenceEncoder.get_default_config(), **files}, "by path")
    by_name = SentenceEncoder(SentenceEncoder.get_default_config(), "by name")
    features = [c.process([Message(data={"text": "hello"})])[0].features[0].features for c in (by_path, by_name)]
    # The one multiplies in 32 bits, the other in 8.
    assert float((features[0] * features[1]).sum()) > 0.99
