"""Has the second question of a message answered after the first."""

from __future__ import annotations

from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_EXTRACT_SLOTS, ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.message_properties import UNDERSTANDING

_NOT_AN_ANSWER = (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, ACTION_EXTRACT_SLOTS)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SecondQuestionPolicy(Policy):
    """Predicts `action` once the first question has been answered; says nothing at any other moment.

    The action is expected to put the second question to the bot as a message of its own. The priority
    must be above that of the policy that answers, whose next prediction would be to listen.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {"priority": 7, "action": "action_second_question"}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: TrackerFeaturizer | None = None,
    ) -> None:
        """Nothing is learnt, so there is nothing to keep but the settings."""
        super().__init__(config, model_storage, resource, execution_context, featurizer)

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Learns nothing."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The action with certainty when a second question waits, else nothing."""
        probabilities = self._default_predictions(domain)
        if self._second_waits(tracker):
            probabilities[domain.index_for_action(self.config["action"])] = 1.0
        return self._prediction(probabilities)

    def _second_waits(self, tracker: DialogueStateTracker) -> bool:
        message = tracker.latest_message
        understanding = (message.parse_data if message else {}).get(UNDERSTANDING) or {}
        if not understanding.get("second") or tracker.active_loop_name:
            return False
        done = []
        for event in reversed(tracker.events):
            if isinstance(event, UserUttered):
                break
            if isinstance(event, ActionExecuted):
                done.append(event.action_name)
        answers = [name for name in done if name not in _NOT_AN_ANSWER]
        return bool(answers) and self.config["action"] not in answers

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SecondQuestionPolicy:
        """The policy as its settings describe it."""
        return cls(config, model_storage, resource, execution_context)
