"""Has the second question of a message answered after the first."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.message_properties import UNDERSTANDING
from bot.nlu.unlearnt_policy import NOT_AN_ANSWER, UnlearntPolicy


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SecondQuestionPolicy(UnlearntPolicy):
    """Predicts `action` once the first question has been answered; says nothing at any other moment.

    The action is expected to put the second question to the bot as a message of its own. The priority
    must be above that of the policy that answers, whose next prediction would be to listen.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {"priority": 7, "action": "action_second_question"}

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        """The action, when a second question waits."""
        message = tracker.latest_message
        understanding = (message.parse_data if message else {}).get(UNDERSTANDING) or {}
        if not understanding.get("second") or tracker.active_loop_name:
            return None
        done = []
        for event in reversed(tracker.events):
            if isinstance(event, UserUttered):
                break
            if isinstance(event, ActionExecuted):
                done.append(event.action_name)
        answers = [name for name in done if name not in NOT_AN_ANSWER]
        return str(self.config["action"]) if answers and self.config["action"] not in answers else None
