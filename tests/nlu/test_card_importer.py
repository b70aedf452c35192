"""The questions of the answer cards are examples of their topics."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.card_importer import CardImporter
from bot.nlu.example_files import plain_examples
from bot.nlu.plain_example import PlainExample

CARDS = """
program: wa_ui
owner: somebody
cards:
  - id: ui_one
    topic: appeal_how
    en: {title: "How do I appeal?", questions: ["they said no, what now"]}
    es: {title: "¿Cómo apelo?", questions: ["me dijeron que no"]}
"""
EXAMPLES = """
version: "3.1"
nlu:
- intent: claim_status
  examples: |
    - They said no, what now
"""


def test_questions_and_titles_become_examples_unless_the_files_hold_them(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "wa_ui.yml").write_text(CARDS, encoding="utf-8")
    (tmp_path / "nlu.yml").write_text(EXAMPLES, encoding="utf-8")
    importer = CardImporter(training_data_paths=[str(tmp_path / "nlu.yml")], cards=str(tmp_path / "cards"))
    examples = {(m.get(TEXT), m.get(INTENT)) for m in importer.get_nlu_data().training_examples}
    assert examples == {
        ("They said no, what now", "claim_status"),
        ("How do I appeal?", "appeal_how"),
        ("¿Cómo apelo?", "appeal_how"),
        ("me dijeron que no", "appeal_how"),
    }


MARKED = """
version: "3.1"
nlu:
- intent: claim_status
  examples: |
    - my claim from [March](month)
- synonym: esd
  examples: |
    - employment security
"""


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("- intent: claim_status", "- intent: faq/claim_status"),
        ("They said no, what now", "They said [no](answer), what now"),
        ("  examples: |", "  metadata: {owner: somebody}\n  examples: |"),
        ("    - They said no, what now", "    - They said no,\n      what now"),
        ("nlu:", "stories: []\nnlu:"),
        ("- intent: claim_status", "- lookup: offices"),
    ],
)
def test_a_file_that_holds_more_than_plain_examples_is_left_to_rasa(tmp_path: Path, change: str, to: str) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(EXAMPLES, encoding="utf-8")
    assert plain_examples(file) == [("They said no, what now", "claim_status")]
    file.write_text(EXAMPLES.replace(change, to), encoding="utf-8")
    assert plain_examples(file) is None


def test_plain_and_other_files_together_are_what_rasa_reads(tmp_path: Path) -> None:
    (tmp_path / "plain.yml").write_text(EXAMPLES, encoding="utf-8")
    (tmp_path / "marked.yml").write_text(MARKED, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("plain.yml", "marked.yml")]
    ours = CardImporter(training_data_paths=files, cards=str(tmp_path / "none")).get_nlu_data()
    rasas = RasaFileImporter(training_data_paths=files).get_nlu_data()
    assert ours.entity_synonyms == rasas.entity_synonyms == {"employment security": "esd"}
    assert [m for m in ours.training_examples if m.get(ENTITIES)] == [m for m in rasas.nlu_examples if m.get(ENTITIES)]
    assert {m.get(TEXT) for m in ours.training_examples} == {m.get(TEXT) for m in rasas.training_examples}


def test_copies_of_a_plain_example_are_of_its_own_and_duplicates_are_one() -> None:
    one = PlainExample({TEXT: "hello", INTENT: "greet"})
    merged = TrainingData([one]).merge(TrainingData([PlainExample(dict(one.data)), Message({TEXT: "bye"})]))
    assert [m.get(TEXT) for m in merged.training_examples] == ["hello", "bye"]
    merged.training_examples[0].set("tokens", ["hello"])
    assert one.get("tokens") is None
    assert one != merged.training_examples[0] and one == PlainExample(dict(one.data))
