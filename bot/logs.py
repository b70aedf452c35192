"""Logging: one line an event, with ids and never with texts."""

from __future__ import annotations

import logging
import sys
import traceback


class LineFormatter(logging.Formatter):
    """Time, level, logger and message; an exception is told by its type and its place in the code.

    The words of an exception are left out: they may quote what a visitor wrote.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def formatException(self, ei: tuple) -> str:  # type: ignore[type-arg] # noqa: N802
        kind, _, trace = ei
        frames = traceback.extract_tb(trace)
        places = " <- ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
        return f"{kind.__name__} at {places}"


def configure(level: str) -> None:
    """Send the product's log to standard error, and keep the libraries that log texts at warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Rasa's libraries greet every start with pages of warnings that nobody here can act on.
    logging.captureWarnings(True)
    for name in ("rasa", "rasa_sdk", "aiohttp.access", "apscheduler", "matplotlib", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
