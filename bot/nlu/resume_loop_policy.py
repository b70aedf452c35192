"""Takes a form up again after something asked in its middle has been answered."""

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
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

_NOT_AN_ANSWER = (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, ACTION_EXTRACT_SLOTS)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class ResumeLoopPolicy(Policy):
    """Predicts the form that rejected the newest message once another action has answered it.

    It stands for one rule per intent ("in this form, on this intent: answer, then the form again"), which
    every new intent would need. The priority must be above that of the policy that answers, whose next
    prediction would be to listen.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Default settings."""
        return {"priority": 7}

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
        """The form with certainty when it has been interrupted and the interruption is over, else nothing."""
        probabilities = self._default_predictions(domain)
        if tracker.is_active_loop_rejected and tracker.latest_action_name not in _NOT_AN_ANSWER:
            probabilities[domain.index_for_action(tracker.active_loop_name)] = 1.0
        return self._prediction(probabilities)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ResumeLoopPolicy:
        """The policy as its settings describe it."""
        return cls(config, model_storage, resource, execution_context)
