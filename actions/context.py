"""What a message means when its words fit more than one subject: the answer before it decides.

"Do I qualify?" is about a job after an answer about a job, and about unemployment after an answer about that. A
message that says its subject itself is left alone, and so is one that is too long to be a follow-up.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, FollowupAction, UserUttered

from actions.base import Events, entities_of, entity_value, intent_of, message_text
from actions.job_meant import hints, plain_text
from bot import clock
from bot.claim_questions import Ask, question_in

FOLLOW_UP_WORDS = 8
# What a message about one's own schooling and work may be long, and the name of a kind of work.
BACKGROUND_WORDS = 16
AREA_WORDS = 8
# A job topic this likely, and at least half as likely as the likeliest of all, is what a follow-up about a job asks.
LIKELY_IN_CONTEXT = 0.15
# The same question of a claimant and of an applicant.
APPLICANTS_TOPIC = {
    "apply_how": "job_apply",
    "contact_hours": "job_apply",
    "benefit_amount": "job_pay",
    "eligibility_general": "job_do_i_qualify",
    "documents_needed": "job_min_qualifications",
}
CLAIMANTS_TOPIC = {
    "job_apply": "apply_how",
    "job_pay": "benefit_amount",
    "job_do_i_qualify": "eligibility_general",
}
_WORDED = (
    "job_substitution", "job_do_i_qualify", "job_min_qualifications", "job_pay", "job_apply", "job_ksa",
    "job_level_difference", "job_duties",
)  # fmt: skip
_OF_OTHERS = ("waiting", "age", "required")
_OF_A_BACKGROUND = ("degree", "duration", "hours", "experience_area")
# The topics that are answered from the visitor's own claim.
CLAIM_TOPICS = ("claim_status", "payment_status", "appeal_status")


def asked_as(message: dict[str, Any], topic: str) -> Events:
    """Events that put the words of a message to the bot as a message of its own about a topic."""
    parse_data = {
        "text": message["text"],
        "intent": {"name": topic, "confidence": 1.0},
        "entities": message.get("entities") or [],
        "cards": message.get("cards") or [],
    }
    # The rules answer a message only after the bot has listened for one.
    return [ActionExecuted("action_listen"), UserUttered(message["text"], parse_data)]


def other_subject(tracker: Tracker) -> Events | None:
    """Events that ask a well understood follow-up of the subject talked about; None when it is asked of that already.

    "How do I apply?" is understood as one of two topics by its words alone.
    """
    if _looks_for_jobs(tracker):
        return asked_as(tracker.latest_message, "job_class_search")
    if not _is_follow_up(tracker):
        return None
    intent = str(intent_of(tracker))
    text = plain_text(tracker)
    last = str(tracker.get_slot("topic"))
    topic: str | None = None
    if about_jobs(tracker) and intent == "job_class_search" and last != intent and _is_only_a_name(tracker):
        # A class named alone, perhaps because the bot asked which one is meant, is one more answer to the question.
        topic = last
    elif about_jobs(tracker):
        topic = None if hints(text, "claimant") else APPLICANTS_TOPIC.get(intent)
    elif last in CLAIM_TOPICS and intent == "documents_needed" and _asks_what_is_needed(text):
        topic = "claim_status"
    elif tracker.get_slot("topic") and not _names_a_class(tracker) and not hints(text, "applicant"):
        topic = CLAIMANTS_TOPIC.get(intent)
    return None if topic is None else asked_as(tracker.latest_message, topic)


def of_the_background(tracker: Tracker) -> Events | None:
    """Events that take a message as more of the background a sum was made of; None when it is none.

    "It was 30 hours" after "do I qualify?" is about the visitor's work, and so is a kind of work that was asked for.
    """
    text = plain_text(tracker)
    words = len(text.split())
    if tracker.get_slot("topic") != "job_do_i_qualify" or not 0 < words <= BACKGROUND_WORDS:
        return None
    if entity_value(tracker, "program") is not None or hints(text, "claimant"):
        return None
    background = tracker.get_slot("background") or {}
    names_work = background.get("asked") == "area" and words <= AREA_WORDS and not hints(text, "question")
    told = any(e.get("role") not in _OF_OTHERS for name in _OF_A_BACKGROUND for e in entities_of(tracker, name))
    told = told or any(hints(text, name) for name in ("alongside", "part_time", "full_time", "no_experience"))
    told = told or hints(text, "authorized") or hints(text, "not_authorized")
    return [FollowupAction("action_job_follow_up")] if told or names_work else None


def unclear_about_a_job(tracker: Tracker) -> Events | None:
    """Events that answer an unclear message which names a job class or follows an answer about one; None for others.

    Words that name a topic decide, then a bare level ("and level IV?"), which repeats the question, then the
    classifier's likeliest job topic.
    """
    named = _names_a_class(tracker)
    if not named and hints(plain_text(tracker), "looks_for_jobs"):
        return asked_as(tracker.latest_message, "job_class_search")
    if not named and not (about_jobs(tracker) and _is_follow_up(tracker)):
        return None
    text = plain_text(tracker)
    topic = _worded_topic(tracker, text)
    if topic is None and not named and hints(text, "claimant"):
        return None
    if topic is None and about_jobs(tracker) and _is_bare(tracker, named):
        return [FollowupAction("action_job_follow_up")]
    if topic is None and named and _tells_of_schooling_or_work(tracker):
        topic = "job_do_i_qualify"
    topic = topic or _likeliest(tracker, surely=named)
    return None if topic is None else asked_as(tracker.latest_message, topic)


def _asks_what_is_needed(text: str) -> bool:
    """Whether a question about papers asks, by its words, what this claim still needs."""
    return question_in(text, "documents_needed", today=clock.now().date()) is Ask.NEEDED


def about_jobs(tracker: Tracker) -> bool:
    """Whether the last answer was about a job."""
    return str(tracker.get_slot("topic") or "").startswith("job_")


def _worded_topic(tracker: Tracker, text: str) -> str | None:
    """The topic that the words name; of several, the one the classifier ranks first."""
    if hints(text, "current"):
        return "job_class_search"
    worded = [topic for topic in _WORDED if hints(text, f"asks_{topic}")]
    ranked = [entry["name"] for entry in tracker.latest_message.get("intent_ranking") or []]
    return min(worded, key=lambda topic: ranked.index(topic) if topic in ranked else len(ranked), default=None)


def _is_bare(tracker: Tracker, named: bool) -> bool:
    """Whether a level, or a class beside little else ("make it A32C"), is all that a message says."""
    ranking = tracker.latest_message.get("intent_ranking") or [{"name": None}]
    return ranking[0]["name"] == "inform" if named else entity_value(tracker, "class_level") is not None


def _looks_for_jobs(tracker: Tracker) -> bool:
    """Whether a question understood as one about the pay of a job asks which jobs pay that."""
    named = _names_a_class(tracker) or entity_value(tracker, "class_level") is not None
    return intent_of(tracker) == "job_pay" and not named and hints(plain_text(tracker), "looks_for_jobs")


def _is_only_a_name(tracker: Tracker) -> bool:
    """Whether a message is the name of a class and at most one word more."""
    rest = message_text(tracker)
    names = [e for name in ("class_code", "class_title", "class_level") for e in entities_of(tracker, name)]
    for entity in sorted(names, key=lambda e: e.get("start") or 0, reverse=True):
        rest = rest[: entity.get("start") or 0] + " " + rest[entity.get("end") or 0 :]
    return bool(names) and len(rest.split()) <= 1


def _tells_of_schooling_or_work(tracker: Tracker) -> bool:
    degrees = entities_of(tracker, "degree")
    durations = entities_of(tracker, "duration")
    return any(e.get("role") != "required" for e in degrees) or any(e.get("role") == "experience" for e in durations)


def _likeliest(tracker: Tracker, *, surely: bool) -> str | None:
    """The likeliest job topic; with `surely`, one in any case: an answer with buttons beats a question back."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    if surely:
        candidates = (tracker.latest_message.get("understanding") or {}).get("candidates") or []
        return next((name for name in candidates if name.startswith("job_")), "job_class_search")
    # "What comes after that?" may sound like a wish to hear more; what else it may be decides.
    ranking = [entry for entry in ranking if entry["name"] != "tell_more"]
    best = next((entry for entry in ranking if entry["name"].startswith("job_")), None)
    if best is None:
        return None
    share = best["confidence"] / max(sum(entry["confidence"] for entry in ranking), 1e-9)
    return (
        str(best["name"]) if share >= LIKELY_IN_CONTEXT and best["confidence"] >= ranking[0]["confidence"] / 2 else None
    )


def _names_a_class(tracker: Tracker) -> bool:
    return any(entity_value(tracker, name) is not None for name in ("class_code", "class_title"))


def _is_follow_up(tracker: Tracker) -> bool:
    words = plain_text(tracker).split()
    return 0 < len(words) <= FOLLOW_UP_WORDS and entity_value(tracker, "program") is None
