"""Logging: one line an event, with ids and never with texts."""

from __future__ import annotations

import contextvars
import json
import logging
import sys
import traceback

# The request and the conversation that the present task works for; every line says them.
REQUEST: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="")
CONVERSATION: contextvars.ContextVar[str] = contextvars.ContextVar("conversation", default="")


class LineFormatter(logging.Formatter):
    """Time, level, logger and message; an exception is told by its type and its place in the code.

    The words of an exception are left out: they may quote what a visitor wrote.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with the ids it does not already name."""
        line = super().format(record)
        ids = [f" {name}={value}" for name, value in _ids().items() if f"{name}=" not in line]
        head, newline, rest = line.partition("\n")
        return head + "".join(ids) + newline + rest

    def formatException(self, ei: tuple) -> str:  # type: ignore[type-arg] # noqa: N802
        kind, _, trace = ei
        frames = traceback.extract_tb(trace)
        places = " <- ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
        return f"{kind.__name__} at {places}"


class JsonFormatter(LineFormatter):
    """The same as one JSON object a line: time, level, logger, message, ids, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as JSON."""
        line = {
            "time": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_ids(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _ids() -> dict[str, str]:
    ids = {"request": REQUEST.get(), "conversation": CONVERSATION.get()}
    return {name: value for name, value in ids.items() if value}


def configure(level: str, form: str = "text") -> None:
    """Send the product's log to standard error, and keep the libraries that log texts at warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Rasa's libraries greet every start with pages of warnings that nobody here can act on.
    logging.captureWarnings(True)
    for name in ("rasa", "rasa_sdk", "aiohttp.access", "apscheduler", "matplotlib", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
