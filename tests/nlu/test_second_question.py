"""When the second part of a message counts as a question of its own."""

import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.second_question import SecondQuestion


def part(name, confidence=0.9, decision="confident"):
    understanding = {"decision": decision, "out_of_scope": 0.1, "margin": 0.5}
    entities = [{"entity": "class_level", "value": "II"}]
    data = {TEXT: f"about {name}", "entities": entities, "understanding": understanding}
    return Message(data={**data, "intent": {"name": name, "confidence": confidence}})


def message_of(parts, decision="confident", **understanding):
    whole = part("whole", decision=decision)
    whole.set("parts", parts)
    whole.set("understanding", {**whole.get("understanding"), "second": None, **understanding})
    SecondQuestion({**SecondQuestion.get_default_config(), "never": ["thanks"]}).process([whole])
    return whole


def test_two_sure_questions_are_both_given_in_order():
    message = message_of([part("payment_status"), part("appeal_how", 0.8)])
    assert message.get("intent")["name"] == "payment_status"
    assert message.get("understanding")["second"] == {
        "intent": "appeal_how",
        "confidence": 0.8,
        "text": "about appeal_how",
        "entities": [{"entity": "class_level", "value": "II"}],
    }


@pytest.mark.parametrize(
    "first, second",
    [
        (part("payment_status"), part("payment_status")),
        (part("payment_status"), part("thanks")),
        (part("payment_status"), part("appeal_how", decision="unsure")),
        (part("payment_status"), part("appeal_how", confidence=0.3)),
    ],
    ids=["same topic", "small talk", "unsure", "improbable"],
)
def test_a_second_part_that_is_no_sure_other_question_is_left_out(first, second):
    message = message_of([first, second])
    assert message.get("intent")["name"] == "whole"
    assert message.get("understanding")["second"] is None


def test_one_sure_part_rescues_a_message_that_was_not_understood():
    message = message_of([part("payment_status"), part("x", decision="unsure")], decision="unsure")
    assert message.get("intent")["name"] == "payment_status"
    assert message.get("understanding")["decision"] == "confident"


def test_a_crisis_is_never_replaced():
    message = message_of([part("payment_status"), part("appeal_how")], crisis=True)
    assert message.get("intent")["name"] == "whole"
