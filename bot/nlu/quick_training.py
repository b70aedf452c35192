"""`rasa train` without what it does for its cache: `python -m bot.nlu.quick_training train ...`.

Rasa hashes all training data before and after each component, so that another training could use its work again. A
training of ours begins when the data have changed, which changes the input of every component, and these hashes took a
third of its time.
"""

from __future__ import annotations

import gc
from typing import Any

import rasa.engine.training.graph_trainer
from rasa.__main__ import main
from rasa.engine.training.hooks import TrainingHook


class KeepsNothing(TrainingHook):
    """In the place of Rasa's own hook for its cache."""

    def on_before_node(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Hashes no input."""
        return {}

    def on_after_node(self, *_: Any, **__: Any) -> None:
        """Hashes and keeps no output."""


if __name__ == "__main__":
    rasa.engine.training.graph_trainer.TrainingHook = KeepsNothing  # type: ignore[misc]
    # Looking for garbage among a hundred thousand messages that all stay takes as long as making them.
    gc.disable()
    main()
