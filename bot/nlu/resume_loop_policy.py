"""Takes a form up again after something asked in its middle has been answered."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.unlearnt_policy import NOT_AN_ANSWER, UnlearntPolicy


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ResumeLoopPolicy(UnlearntPolicy):
    """Predicts the form that rejected the newest message once another action has answered it.

    It stands for one rule per intent ("in this form, on this intent: answer, then the form again"), which
    every new intent would need. The priority must be above that of the policy that answers, whose next
    prediction would be to listen.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {"priority": 7}

    def next_action(self, tracker: DialogueStateTracker) -> str | None:
        """The form, when it has been interrupted and the interruption is over."""
        if tracker.is_active_loop_rejected and tracker.latest_action_name not in NOT_AN_ANSWER:
            return tracker.active_loop_name
        return None
