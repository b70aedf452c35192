"""What operators watch: counts and times, never texts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("bot_messages_total", "Messages stored.", ["author"])
FAULTS = Counter("bot_faults_total", "Replies that became an apology.")
RATINGS = Counter("bot_ratings_total", "Answers from cards that visitors said helped or not.", ["helpful"])
ESCALATIONS = Counter("bot_escalations_total", "Requests for a person.")
REPLY_SECONDS = Histogram(
    "bot_reply_seconds",
    "Time from a stored message to its stored reply.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OPEN_SOCKETS = Gauge("bot_open_sockets", "Sockets open now.", ["side"])
