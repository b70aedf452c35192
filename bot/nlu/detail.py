"""One detail found in a message."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Detail:
    """A normalised value and the characters [start, end) of the message it was read from."""

    entity: str
    value: Any
    start: int
    end: int
    role: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def as_entity(self) -> dict[str, Any]:
        """The detail as Rasa writes an entity."""
        entity = {"entity": self.entity, "value": self.value, "start": self.start, "end": self.end}
        if self.role:
            entity["role"] = self.role
        return {**entity, **self.extra}


def overlaps(detail: Detail, others: list[Detail]) -> bool:
    """Whether the detail shares a character with one of the others."""
    return any(detail.start < other.end and other.start < detail.end for other in others)
