"""Names of the message properties that our components hand to one another."""

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

# The property others read: language scores, out-of-scope score, margin, decision, candidates, second.
UNDERSTANDING = "understanding"
# The text with the spelling corrected, for encoders and classifiers; spans always refer to TEXT.
CLEAN_TEXT = "clean_text"
# The parts of a message with two questions, each a Message of its own.
PARTS = "parts"

CONFIDENT = "confident"
UNSURE = "unsure"
OUT_OF_SCOPE = "out_of_scope"


def text_to_understand(message: Message) -> str:
    """The corrected text of the message if there is one, else what the visitor typed."""
    return message.get(CLEAN_TEXT) or message.get(TEXT) or ""


def with_parts(messages: list[Message]) -> list[Message]:
    """The messages followed by the parts of those that have parts, so that one pass serves all."""
    return messages + [part for message in messages for part in message.get(PARTS) or []]


def likeliest_language(message: Message) -> str | None:
    """ISO 639-1 code of the language with the highest score; None where no LanguageDetector ran before."""
    scores: dict[str, float] = (message.get(UNDERSTANDING) or {}).get("language") or {}
    return max(scores, key=scores.__getitem__, default=None)
