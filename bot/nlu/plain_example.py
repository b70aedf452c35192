"""Examples that are nothing but a text and its intent, for which Rasa's general care is too slow."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

PLAIN = {TEXT, INTENT}


class PlainExample(Message):
    """A training message of which only text and intent matter when it is copied and compared.

    Rasa copies all training data each time it puts two parts of them together, and looks for duplicates by the MD5 of
    each message's JSON, some eight times before training begins: 40,000 messages take longer than their models.
    """

    def __eq__(self, other: object) -> bool:
        """Two messages are equal when all they carry is, as in Rasa."""
        if isinstance(other, PlainExample):
            return self.data == other.data and self.features == other.features
        return super().__eq__(other)

    def __hash__(self) -> int:
        """A hash of the text and the intent, which stay as they are."""
        return hash((self.get(TEXT), self.get(INTENT)))

    def __deepcopy__(self, memo: dict[int, Any]) -> PlainExample:
        """A message of its own; text and intent are immutable and shared, and so are features."""
        data = self.data if self.data.keys() == PLAIN else deepcopy(self.data, memo)
        return type(self)(data, set(self.output_properties), self.time, list(self.features))
