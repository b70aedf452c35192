"""The language of short messages."""

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.language import LanguageDetector
from bot.nlu.language_model import fit_log_ratios, log_odds
from bot.nlu.language_scripts import language_of_script


def language(pipeline, text, locale=None):
    message = pipeline.parse(text, {"locale": locale} if locale else None)
    return next(e["value"] for e in message.get("entities") if e["entity"] == "language")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("where is my money", "en"),
        ("dónde está mi dinero", "es"),
        ("donde esta mi dinero", "es"),
        ("no me an pagado", "es"),
        ("q tengo q hacer pa apelar", "es"),
        ("Где мои деньги", "ru"),
        ("Де мої гроші, як отримати допомогу", "uk"),
        ("我的钱在哪里", "zh"),
        ("내 돈은 어디에 있나요", "ko"),
        ("أين أموالي", "ar"),
        ("Tôi cần người thông dịch", "vi"),
        ("toi khong hieu tieng anh", "vi"),
        ("Paano ako mag-apply", "tl"),
        ("waxaan u baahanahay caawimaad", "so"),
        ("je voudrais savoir quand je suis payé", "fr"),
        ("quando eu recebo meu dinheiro", "pt"),
    ],
)
def test_a_short_message_is_read_in_its_language(pipeline, text, expected):
    assert language(pipeline, text) == expected


@pytest.mark.parametrize("text", ["A32B", "12345", "ok", "", "UI-40281735"])
def test_a_message_without_evidence_follows_the_locale(pipeline, text):
    assert language(pipeline, text, "es") == "es"
    assert language(pipeline, text, "en-US") == "en"
    assert language(pipeline, text) == "en"


def test_clear_words_outweigh_the_locale(pipeline):
    assert language(pipeline, "where is my payment", "es") == "en"
    assert language(pipeline, "dónde está mi pago", "en") == "es"


def test_scores_of_a_mixed_message_name_both_languages(pipeline):
    scores = pipeline.parse("necesito file mi weekly claim").get("understanding")["language"]
    assert set(scores) == {"en", "es"}
    assert sum(scores.values()) == pytest.approx(1.0, abs=0.001)


def test_one_foreign_letter_does_not_decide():
    assert language_of_script("my name is José and this is fine") is None
    assert language_of_script("hello 你") is None


def test_letters_alone_tell_unseen_words_apart():
    ratios = fit_log_ratios(["payment weekly claim helping"] * 2, ["apelación decisión trabajar cobrar"] * 2)
    assert log_odds("situación", ratios) > 0
    assert log_odds("waiting", ratios) < 0
    assert log_odds("12 + 34", ratios) == 0


def test_the_english_name_of_a_job_does_not_hide_the_spanish_around_it(tmp_path):
    folder = tmp_path / "classes"
    folder.mkdir()
    (folder / "one.yml").write_text("title: Insurance Benefits Specialist\n", encoding="utf-8")
    config = {**LanguageDetector.get_default_config(), "names": str(folder)}
    (tmp_path / "model").mkdir()
    storage = LocalModelStorage.create(tmp_path / "model")
    detector = LanguageDetector(config, storage, Resource("language"))
    detector.train(TrainingData())
    scores = detector.scores("tareas de insurance benefits specialist")
    assert scores["es"] > scores["en"]
