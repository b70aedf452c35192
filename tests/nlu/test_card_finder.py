"""The card finder on a handful of cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.card_finder import CARDS, CardFinder
from bot.nlu.message_properties import PARTS, UNDERSTANDING
from bot.nlu.sentence_encoder import SentenceEncoder

QUESTIONS = {
    ("ui_pay", "payment_status"): (
        ["where is my money", "when do i get paid", "my payment is late", "no deposit yet"],
        ["dónde está mi dinero", "cuándo me pagan", "mi pago no llega", "todavía no hay depósito"],
    ),
    ("ui_appeal", "appeal_how"): (
        ["how do i appeal", "i disagree with the decision", "they denied me", "fight the denial"],
        ["cómo apelo", "no estoy de acuerdo con la decisión", "me negaron", "pelear la negación"],
    ),
    ("ui_appeal_late", "appeal_how"): (
        ["i missed the appeal deadline", "my appeal is late", "too late to appeal", "the thirty days are over"],
        [
            "se me pasó el plazo para apelar",
            "mi apelación va tarde",
            "ya es tarde para apelar",
            "pasaron los treinta días",
        ],
    ),
    ("hc_dental", "dental"): (
        ["does the plan cover braces", "dental insurance", "who pays my dentist", "need a crown for a tooth"],
        ["el plan cubre frenos", "seguro dental", "quién paga al dentista", "necesito una corona para un diente"],
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    cards = [
        {
            "id": name,
            "topic": topic,
            "en": {"title": english[0], "questions": english},
            "es": {"title": spanish[0], "questions": spanish},
        }
        for (name, topic), (english, spanish) in QUESTIONS.items()
    ]
    (folder / "all.yml").write_text(yaml.safe_dump({"cards": cards}, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def finder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> CardFinder:
    """Trained, stored and loaded again."""
    config = {**CardFinder.get_default_config(), "cards": str(folder), "least_term_count": 1}
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("model"))
    context = ExecutionContext(GraphSchema({}), node_name="finder")
    resource = Resource("finder")
    CardFinder.create(config, storage, resource, context).train(TrainingData())
    return CardFinder.load(config, storage, resource, context)


def _message(text: str, ranking: dict[str, float] | None = None) -> Message:
    message = Message(data={TEXT: text})
    SentenceEncoder({**SentenceEncoder.get_default_config(), "encoders": ["minilm", "use"]}, "both").process([message])
    entries = [{"name": name, "confidence": share} for name, share in (ranking or {}).items()]
    message.set("intent_ranking", entries)
    return message


def _found(finder: CardFinder, message: Message) -> list[dict[str, Any]]:
    return finder.process([message])[0].get(CARDS)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("still waiting for my money", "ui_pay"),
        ("they turned me down, can i appeal it", "ui_appeal"),
        ("is it too late now for an appeal", "ui_appeal_late"),
        ("¿el seguro dental paga una corona?", "hc_dental"),
        ("no me ha llegado el pago", "ui_pay"),
    ],
)
def test_the_nearest_card_comes_first(finder: CardFinder, text: str, card: str) -> None:
    assert _found(finder, _message(text))[0]["id"] == card


def test_scores_are_probabilities_in_falling_order(finder: CardFinder) -> None:
    scores = [card["score"] for card in _found(finder, _message("when is my deposit"))]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert sum(scores) == pytest.approx(1, abs=0.01)


def test_the_topic_decides_between_cards_that_are_as_near(finder: CardFinder) -> None:
    plain, told = _message("help with this please"), _message("help with this please", {"dental": 0.9})
    before = {card["id"]: card["score"] for card in _found(finder, plain)}
    after = {card["id"]: card["score"] for card in _found(finder, told)}
    assert after["hc_dental"] > before["hc_dental"]


def test_the_cards_reach_the_output(finder: CardFinder) -> None:
    message = _message("where is my payment")
    finder.process([message])
    assert CARDS in message.as_dict(only_output_properties=True)


def test_each_of_two_questions_has_its_own_cards(finder: CardFinder) -> None:
    message = _message("where is my money and does the plan cover braces")
    message.set(PARTS, [_message("where is my money"), _message("does the plan cover braces")])
    message.set(UNDERSTANDING, {"second": {"intent": "dental", "text": "does the plan cover braces"}})
    first = _found(finder, message)
    assert first[0]["id"] == "ui_pay"
    assert message.get(UNDERSTANDING)["second"]["cards"][0]["id"] == "hc_dental"


def test_questions_that_are_examples_already_are_not_encoded_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {text for languages in QUESTIONS.values() for questions in languages for text in questions}
    examples = TrainingData([_message(text) for text in sorted(texts)])
    encoded: list[str] = []
    monkeypatch.setattr(SentenceEncoder, "process", lambda self, messages: encoded.extend(messages))
    config = {**CardFinder.get_default_config(), "cards": str(folder), "least_term_count": 1}
    CardFinder(config, LocalModelStorage.create(tmp_path), Resource("finder")).train(examples)
    assert encoded == []


def test_without_cards_nothing_is_found(tmp_path: Path) -> None:
    config = CardFinder.get_default_config()
    storage = LocalModelStorage.create(tmp_path)
    untrained = CardFinder(config, storage, Resource("finder"))
    untrained.train(TrainingData())
    message = _message("where is my money")
    assert untrained.process([message])[0].get(CARDS) is None


def test_a_changed_card_changes_the_fingerprint(folder: Path, tmp_path: Path) -> None:
    before = CardFinder.fingerprint_addon({"cards": str(folder)})
    (tmp_path / "all.yml").write_text((folder / "all.yml").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert CardFinder.fingerprint_addon({"cards": str(tmp_path)}) != before
    assert CardFinder.fingerprint_addon({"cards": str(folder)}) == before
