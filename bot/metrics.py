"""What operators watch: counts and times, never texts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("bot_messages_total", "Messages stored.", ["author"])
FAULTS = Counter("bot_faults_total", "Replies that became an apology.")
LOST_ANSWERS = Counter("bot_lost_answers_total", "Messages answered anew because their answer was lost.")
RATINGS = Counter("bot_ratings_total", "Answers from cards that visitors said helped or not.", ["helpful"])
ESCALATIONS = Counter("bot_escalations_total", "Requests for a person.")
REPLY_SECONDS = Histogram(
    "bot_reply_seconds",
    "Time from a stored message to its stored reply.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
HTTP_REQUESTS = Counter("bot_http_requests_total", "HTTP requests answered.", ["method", "route", "status"])
HTTP_SECONDS = Histogram("bot_http_seconds", "Time to answer an HTTP request.", ["method", "route"])
LOCK_SECONDS = Histogram(
    "bot_conversation_lock_seconds",
    "Time a message waits for the one before it in its conversation.",
    buckets=(0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10),
)
MISSES = Counter("bot_misses_total", "Visitor messages the bot did not understand.", ["kind"])
CARD_MISSES = Counter("bot_card_misses_total", "Questions about a topic for which no answer card was found.", ["topic"])
IDENTITY = Counter("bot_identity_total", "Tries to prove identity.", ["outcome"])
SIGN_INS = Counter("bot_sign_ins_total", "Tries to sign in at the console.", ["outcome"])
QUEUE_WAITING = Gauge("bot_queue_waiting", "Escalations that wait for a specialist now.")
QUEUE_OLDEST_SECONDS = Gauge("bot_queue_oldest_seconds", "How long the first in the queue has waited.")
REFUSED_BY_LIMIT = Counter("bot_refused_by_limit_total", "Requests refused because there were too many.", ["limit"])
OPEN_SOCKETS = Gauge("bot_open_sockets", "Sockets open now.", ["side"])
