"""What messages were understood as, for those that are sent word for word again: people say the same few things."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import date
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.trackers import DialogueStateTracker

# Longer messages are hardly ever sent twice, and tell more of whoever sent them.
LONGEST = 60
# Up to two kilobytes each.
MOST = 1_000
_rasas_parse = MessageProcessor._parse_message_with_graph


def parse(
    processor: Any, message: UserMessage, tracker: DialogueStateTracker, only_output_properties: bool = True
) -> dict[str, Any]:
    """What Rasa's own gives: no component of ours looks at the conversation, only at the words, the locale and the day.

    The answers are kept with the processor, which belongs to one model, as JSON: whoever gets one may change it.
    """
    text = message.text or ""
    if len(text) > LONGEST or text.startswith("/"):
        return dict(_rasas_parse(processor, message, tracker, only_output_properties))
    kept: OrderedDict[Any, str] = processor.__dict__.setdefault("understood", OrderedDict())
    # "Tomorrow" is another day tomorrow.
    key = (text, (message.metadata or {}).get("locale"), date.today(), only_output_properties)
    found = kept.get(key)
    if found is None:
        found = json.dumps(_rasas_parse(processor, message, tracker, only_output_properties))
        if len(kept) >= MOST:
            kept.popitem(last=False)
        kept[key] = found
    else:
        kept.move_to_end(key)
    return dict(json.loads(found))
