"""The questions of the answer cards are examples of their topics."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.nlu.constants import INTENT, TEXT

from bot.nlu.card_importer import CardImporter

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
