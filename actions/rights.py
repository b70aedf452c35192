"""Whether someone disagrees with a decision; see `data/rights.yml` for the signs."""

from __future__ import annotations

import functools
import re
from enum import Enum
from typing import Any

from rasa_sdk import Tracker

from actions.base import intent_of, written_text
from bot.accents import without_accents
from bot.settings import PROJECT_ROOT
from bot.yaml_files import read_yaml

# Topics that tell what to do against a decision; their cards offer a person.
RIGHTS_TOPICS = frozenset({"appeal_how", "appeal_status", "overpayment", "overpayment_waiver", "health_claim_denied"})
_ABOUT_JOBS = "job_"


class Dispute(str, Enum):
    """How clearly words disagree with a decision: they name one, or only say that something is wrong."""

    DECISION = "decision"
    BARE = "bare"


def dispute_of(tracker: Tracker) -> Dispute | None:
    """How the newest message disagrees with a decision; None when it does not, or when a button was pressed."""
    found = dispute_in(written_text(tracker))
    # "That's wrong" said about the figures of a job, or of one's own background, corrects them.
    if found is Dispute.BARE and str(tracker.get_slot("topic") or "").startswith(_ABOUT_JOBS):
        return None
    return None if (intent_of(tracker) or "").startswith(_ABOUT_JOBS) else found


def dispute_in(text: str) -> Dispute | None:
    """How a text disagrees with a decision, whatever came before it."""
    plain = _plain(text)
    return next((kind for kind in Dispute if any(sign.search(plain) for sign in _signs()[kind])), None)


def asks_deadline(tracker: Tracker) -> bool:
    """Whether the newest message asks until when something can be done."""
    plain = _plain(written_text(tracker))
    return any(sign.search(plain) for sign in _deadline_signs())


def is_about_rights(card_id: str, topic: str) -> bool:
    """Whether a card tells what to do against a decision."""
    return topic in RIGHTS_TOPICS or card_id in _content()["cards"]


@functools.cache
def _content() -> dict[str, Any]:
    return dict(read_yaml(PROJECT_ROOT / "data" / "rights.yml"))


@functools.cache
def _signs() -> dict[Dispute, list[re.Pattern[str]]]:
    # People mix languages, so every language's signs are looked for in every text.
    return {kind: [re.compile(sign) for signs in _content()[kind].values() for sign in signs] for kind in Dispute}


@functools.cache
def _deadline_signs() -> list[re.Pattern[str]]:
    return [re.compile(sign) for signs in _content()["deadline"].values() for sign in signs]


def _plain(text: str) -> str:
    letters = without_accents(text.lower())
    return re.sub(r"[^\w]+", " ", re.sub(r"['’`´]", "", letters)).strip()
