"""A detail reader over two small class files, and one small trained pipeline for the whole folder."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.nlu.details_reading import DetailReader

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 3, 20)

CLASSES: list[dict[str, Any]] = [
    {
        "title": "Insurance Benefits Specialist",
        "aliases": {"en": ["insurance specialist"], "es": ["especialista en seguros", "seguro médico"]},
        "classes": [{"code": f"A32{letter}"} for letter in "ABCD"],
    },
    {
        "title": "ES Benefits Specialist",
        "aliases": {"en": ["unemployment specialist"], "es": ["especialista en desempleo"]},
        "series": [{"code": "180A"}],
    },
]

EXAMPLES = {
    "payment_status": [
        "where is my money", "when do i get paid", "payment hasn't come", "wheres my check", "still no deposit",
        "when will the payment arrive", "my money is late", "dónde está mi dinero", "cuándo me pagan",
        "no ha llegado mi pago", "mi depósito no llega", "cuando llega el cheque",
    ],
    "appeal_how": [
        "how do i appeal", "i want to appeal the decision", "i disagree with the denial", "file an appeal",
        "they denied me and its wrong", "how long do i have to appeal", "cómo apelo", "quiero apelar la decisión",
        "no estoy de acuerdo con la decisión", "presentar una apelación", "cuánto tiempo tengo para apelar",
    ],
    "job_pay": [
        "what does a level 2 specialist make", "salary of the specialist job", "how much does A32B pay",
        "pay range for the position", "what is the salary", "cuánto gana un especialista", "sueldo del puesto",
        "cuánto pagan de salario", "salario del nivel dos", "how much would i earn in that job",
    ],
    "self_harm_crisis": [
        "i want to die", "i want to kill myself", "i dont want to live anymore", "me quiero morir",
        "no quiero vivir", "quiero matarme", "i cant go on living", "thinking about suicide", "quiero morirme",
    ],
    "thanks": ["thanks", "thank you so much", "ok thanks bye", "gracias", "muchas gracias", "perfect thank you", "ty"],
    "out_of_scope": [
        "what is the weather", "tell me about football", "order a pizza", "who won the election", "asdf qwer zxcv",
        "recipe for lasagna", "qué tiempo hace hoy", "quién ganó el partido", "book a flight to paris",
        "how do i fix my car engine", "play some music",
    ],
}  # fmt: skip


@pytest.fixture(scope="session")
def reader() -> DetailReader:
    return DetailReader(CLASSES)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with NLU files by language, class files and the crisis phrases."""
    folder = tmp_path_factory.mktemp("project")
    for language in ("en", "es"):
        (folder / "nlu" / language).mkdir(parents=True)
        blocks = [
            {
                "intent": intent,
                "examples": "".join(f"- {text}\n" for text in texts if _spanish(text) == (language == "es")),
            }
            for intent, texts in EXAMPLES.items()
        ]
        content = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)
        (folder / "nlu" / language / "all.yml").write_text(content, encoding="utf-8")
    (folder / "classes").mkdir()
    for number, content in enumerate(CLASSES):
        (folder / "classes" / f"{number}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


_SPANISH = ("dónde cuándo no_ha mi_dep cuando_llega cómo quiero no_estoy presentar cuánto sueldo salario me_quiero"
            " no_quiero gracias muchas qué quién").replace("_", " ")  # fmt: skip


def _spanish(text: str) -> bool:
    return text.split()[0] in _SPANISH.split() and text not in ("no deposit",)


def settings_of(project: Path) -> list[dict[str, Any]]:
    """The repository's own pipeline, pointed at the small project."""
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    paths = {
        "examples": project / "nlu",
        "classes": project / "classes",
        "phrases": ROOT / "data" / "crisis.yml",
        "cards": project / "answers",
    }
    return [{key: str(paths[key]) if key in paths else value for key, value in entry.items()} for entry in pipeline]


@pytest.fixture(scope="session")
def pipeline(project: Path):
    """Our pipeline trained on EXAMPLES."""
    from bench.nlu_pipeline import Pipeline

    pairs = [(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    return Pipeline.train(settings_of(project), [text for text, _ in pairs], [intent for _, intent in pairs])
