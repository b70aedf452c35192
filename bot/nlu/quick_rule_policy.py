"""Rasa's RulePolicy, with the same predictions for a fraction of the work."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

_ANYTHING = "*"


@dataclass
class _RuleIndex:
    """The rules of one lookup, by what their last state asks of the conversation."""

    lookup: dict[str, str]
    count: int
    # (name of the action before, intent) -> keys of rules
    by_last_state: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    # Keys of rules whose last state is the start of the conversation.
    starters: list[str] = field(default_factory=list)
    longest: int = 0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class QuickRulePolicy(RulePolicy):
    """Takes the place of RulePolicy in a configuration; settings and training are its own.

    Rasa compares every rule with every state of the conversation, builds all these states for it, and does so twice,
    the first time for rules on literal texts. Here only the rules that fit the newest action and intent are compared,
    with as many states as the longest rule has, and once unless a rule could match without an intent.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._indexes: dict[int, _RuleIndex] = {}

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input and not self._may_match_a_text():
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _may_match_a_text(self) -> bool:
        """Whether a rule asks for no intent after the visitor's words, so that Rasa's look at texts could find it."""
        listening = self._index(self.lookup[RULES]).by_last_state
        return any((action, _ANYTHING) in listening for action in (ACTION_LISTEN_NAME, _ANYTHING))

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """The newest states, as many as a rule can ask about."""
        needed = max(self._index(lookup).longest for lookup in self.lookup.values() if isinstance(lookup, dict))
        events = tracker.applied_events()
        # A state stands before each action, and one after everything.
        unneeded = 1 + sum(isinstance(event, ActionExecuted) for event in events) - needed
        prior = tracker.init_copy()
        states: list[State] = []
        for event in events:
            if isinstance(event, ActionExecuted):
                if unneeded <= 0:
                    states.append(domain._clean_state(domain.get_active_state(prior)))
                unneeded -= 1
            prior.events.append(event)
            event.apply_to(prior)
        states.append(domain._clean_state(domain.get_active_state(prior)))
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        index, newest = self._index(lookup), states[-1]
        action = newest.get(PREVIOUS_ACTION)
        if not action:
            keys = index.starters
        else:
            intent = newest.get(USER, {}).get(INTENT) or _ANYTHING
            keys = [
                key
                for name in {action.get(ACTION_NAME) or _ANYTHING, _ANYTHING}
                for asked in {intent, _ANYTHING}
                for key in index.by_last_state.get((name, asked), ())
            ]
        backwards = list(enumerate(reversed(states)))
        return {key for key in keys if all(self._is_rule_applicable(key, turn, state) for turn, state in backwards)}

    def _index(self, lookup: dict[str, str]) -> _RuleIndex:
        known = self._indexes.get(id(lookup))
        # Training takes rules out while it looks for those that contradict each other.
        if known is None or known.count != len(lookup):
            known = self._indexes[id(lookup)] = self._index_of(lookup)
        return known

    def _index_of(self, lookup: dict[str, str]) -> _RuleIndex:
        index = _RuleIndex(lookup, len(lookup))
        for key in lookup:
            states = self._rule_key_to_state(key)
            index.longest = max(index.longest, len(states))
            action = states[-1].get(PREVIOUS_ACTION)
            if not action:
                index.starters.append(key)
                continue
            intent = states[-1].get(USER, {}).get(INTENT)
            asked = _ANYTHING if not intent or intent == SHOULD_NOT_BE_SET else intent
            index.by_last_state[action.get(ACTION_NAME) or _ANYTHING, asked].append(key)
        return index
