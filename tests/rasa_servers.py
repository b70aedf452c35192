"""Real Rasa servers for tests: `rasa run --enable-api` and `rasa run actions`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bot import training
from bot.settings import PROJECT_ROOT
from tests.conftest import free_port, start, wait_for


@contextlib.contextmanager
def action_server(folder: Path, database_url: str, **environment: str) -> Iterator[str]:
    """An action server; yields the address that Rasa calls."""
    port = free_port()
    process = start(
        ["rasa", "run", "actions", "--port", str(port)],
        folder / f"actions-{port}.log",
        DATABASE_URL=database_url,
        **environment,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/webhook"
    finally:
        process.stop()


@contextlib.contextmanager
def rasa_server(folder: Path, database_url: str, action_url: str, **environment: str) -> Iterator[str]:
    """A Rasa worker with the newest model; yields its address."""
    port = free_port()
    endpoints = folder / f"endpoints-{port}.yml"
    own = (PROJECT_ROOT / "endpoints.yml").read_text(encoding="utf-8")
    endpoints.write_text(own.replace("http://localhost:5055/webhook", action_url), encoding="utf-8")
    model = training.newest_model(PROJECT_ROOT / "models")
    assert model is not None, "train a model first: make train"
    process = start(
        [
            *("rasa", "run", "--enable-api", "--port", str(port), "--interface", "127.0.0.1"),
            *("--model", str(model), "--endpoints", str(endpoints), "--credentials", "credentials.yml"),
        ],
        folder / f"rasa-{port}.log",
        DATABASE_URL=database_url,
        **environment,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/status", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stop()
