"""Parts are messages of their own in the language of the whole."""

from rasa.shared.nlu.training_data.message import Message

from bot.nlu.question_splitter import QuestionSplitter

SPANISH = {"entity": "language", "value": "es", "start": 0, "end": 37}


def test_parts_keep_the_language_of_the_whole():
    message = Message(data={"text": "¿Dónde está mi pago? ¿Y cómo apelo?", "entities": [SPANISH]})
    QuestionSplitter(longest=600).process([message])
    assert [part.get("text") for part in message.get("parts")] == ["¿Dónde está mi pago?", "¿Y cómo apelo?"]
    assert [part.get("entities") for part in message.get("parts")] == [
        [{**SPANISH, "end": 20}],
        [{**SPANISH, "end": 14}],
    ]


def test_a_long_story_is_not_cut():
    message = Message(data={"text": "Where is my payment? How do I appeal?"})
    QuestionSplitter(longest=20).process([message])
    assert message.get("parts") is None
