"""This product against the stock Rasa starter, on one machine in one run: `make bench`; writes docs/benchmarks.md.

Both are trained on the same examples and asked the same questions by the same program. Both are up during
the whole run and are measured in turn, so that a slow minute of the machine meets both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bench import serving_report, starter
from bench.load import Load, OurDoor, StarterDoor, load, one_conversation
from bench.questions import SEED, calm, questions, repeating, write_sample
from bot import training
from bot.settings import PROJECT_ROOT

VISITORS = (1, 16, 64)
WARM_UP_SECONDS = 2.0
MOST_PER_SECOND = 2_000
START_SECONDS = 300


@dataclass
class Measured:
    """Everything measured of one assistant; training is processor time; megabytes are 10^6 bytes of resident memory."""

    name: str
    training_seconds: float = 0.0
    ready_seconds: float = 0.0
    memory_ready_mb: float = 0.0
    memory_after_mb: float = 0.0
    distinct: list[Load] = field(default_factory=list)
    repeating: list[Load] = field(default_factory=list)
    turns_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Server:
    """A started assistant."""

    url: str
    process: subprocess.Popen[bytes]
    ready_seconds: float

    def memory_mb(self) -> float:
        """Resident memory of the process and its children."""
        root = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in (root, *root.children(recursive=True))) / 1e6


def main() -> int:
    """Train, serve, measure, write the report; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000, help="Training examples of both; 0 means all.")
    parser.add_argument("--epochs", type=int, default=100, help="Of the starter's neural parts; 100 is the stock.")
    parser.add_argument("--seconds", type=float, default=10.0, help="How long each number of visitors talks.")
    parser.add_argument("--turns", type=int, default=1_000, help="Turns of our long conversation.")
    parser.add_argument("--starter-turns", type=int, default=200, help="Turns of the starter's long conversation.")
    parser.add_argument("--work", type=Path, help="Folder to train in; models found there are used again.")
    parser.add_argument("--train-only", action="store_true", help="Train both into --work and stop.")
    parser.add_argument("--out", type=Path, default=PROJECT_ROOT / "docs", help="Where the report goes.")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, theirs = Measured("this product"), Measured("stock starter")
        examples = write_sample(options.examples, work / "ours" / "data" / "nlu")
        write_sample(options.examples, work / "starter" / "data" / "nlu")
        our_model = _train_ours(work / "ours", ours)
        starter_model = _train_starter(work / "starter", theirs, options.epochs)
        if options.train_only:
            return 0
        settings = serving_report.Settings(examples, options.epochs, options.seconds, os.getloadavg()[0])
        with (
            _serve_ours(work, our_model) as our_server,
            _serve_starter(work / "starter", starter_model) as starter_server,
        ):
            asyncio.run(_measure((ours, our_server), (theirs, starter_server), options))
    return serving_report.write(options.out, ours, theirs, settings)


def _train_ours(folder: Path, measured: Measured) -> Path:
    """Train the product's own configuration on the sample, in a copy of the project that shares its code."""
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(PROJECT_ROOT / name, folder / name)
    for path in (PROJECT_ROOT / "data").iterdir():
        if path.name != "nlu" and not (folder / "data" / path.name).exists():
            (folder / "data" / path.name).symlink_to(path)
    for name in ("bot", "actions"):
        if not (folder / name).exists():
            (folder / name).symlink_to(PROJECT_ROOT / name)
    return _timed_training(folder, measured, lambda: training.train(folder / "models", folder))


def _train_starter(folder: Path, measured: Measured, epochs: int) -> Path:
    starter.write_project(folder, epochs=epochs)

    def train() -> Path:
        with (folder / "training.log").open("wb") as log:
            subprocess.run(
                [sys.executable, "-m", "rasa", "train"],
                cwd=folder,
                env=_environment(),
                stdout=log,
                stderr=log,
                check=True,
            )
        return training.newest_model(folder / "models") or folder

    return _timed_training(folder, measured, train)


def _timed_training(folder: Path, measured: Measured, train: Any) -> Path:
    note = folder / "training_seconds.txt"
    model = training.newest_model(folder / "models") if note.exists() else None
    if model is None:
        _say(f"{measured.name}: training ...")
        began = _children_seconds()
        model = train()
        note.write_text(str(_children_seconds() - began))
    measured.training_seconds = float(note.read_text())
    return Path(model)


def _children_seconds() -> float:
    # Processor time, because training may share the machine, and uses as many cores as it finds.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def _serve_ours(work: Path, model: Path) -> Iterator[Server]:
    database = work / "bench.db"
    for leftover in work.glob("bench.db*"):
        leftover.unlink()
    own = {
        "DATABASE_URL": f"sqlite:///{database}",
        "MODEL_PATH": str(model),
        "SECRET_KEY": "for the length of a benchmark",
        "PORT": str(free_port()),
        # All visitors of the run share one address, and one of them writes faster than any person.
        **dict.fromkeys(("RATE_ADDRESS", "RATE_OPEN", "RATE_CONVERSATION"), "0"),
    }
    for command in ("migrate", "seed"):
        subprocess.run(
            [sys.executable, "-m", "bot", command],
            cwd=PROJECT_ROOT,
            env=_environment(**own),
            stdout=subprocess.DEVNULL,
            check=True,
        )
    with started([sys.executable, "-m", "bot", "serve"], PROJECT_ROOT, own["PORT"], "/readyz", **own) as server:
        yield server


@contextlib.contextmanager
def _serve_starter(folder: Path, model: Path) -> Iterator[Server]:
    port = str(free_port())
    # The interface is switched on for `/status` only, which says when the model is loaded.
    command = ["rasa", "run", "--enable-api", "--port", port, "--interface", "127.0.0.1", "--model", str(model)]
    with started([sys.executable, "-m", *command], folder, port, "/status") as server:
        yield server


@contextlib.contextmanager
def started(command: list[str], folder: Path, port: str, ready: str, **environment: str) -> Iterator[Server]:
    """Run a server and wait until `ready` answers 200; stops it afterwards."""
    url = f"http://127.0.0.1:{port}"
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(**environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(url + ready):
            if process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                raise SystemExit(f"{' '.join(command[2:5])} did not start.")
            time.sleep(0.05)
        yield Server(url, process, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


async def _measure(ours: tuple[Measured, Server], theirs: tuple[Measured, Server], options: argparse.Namespace) -> None:
    pairs = ((*ours, OurDoor), (*theirs, StarterDoor))
    timeout = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as http:
        for measured, server, _door in pairs:
            measured.ready_seconds = server.ready_seconds
            measured.memory_ready_mb = server.memory_mb()
        texts = iter(questions(int(MOST_PER_SECOND * options.seconds * 4)))
        for _measured, server, door in pairs:
            await load([door(http, server.url)], texts, WARM_UP_SECONDS)
        for visitors in VISITORS:
            for measured, server, door in pairs:
                _say(f"{measured.name}: {visitors} visitors ...")
                doors = [door(http, server.url) for _ in range(visitors)]
                measured.distinct.append(await load(doors, texts, options.seconds))
                often = repeating(int(MOST_PER_SECOND * options.seconds), seed=SEED + visitors)
                measured.repeating.append(await load(doors, often, options.seconds))
                _say(f"  different texts: {measured.distinct[-1]}")
                _say(f"  as people ask:   {measured.repeating[-1]}")
        for (measured, server, door), turns in zip(pairs, (options.turns, options.starter_turns), strict=True):
            _say(f"{measured.name}: a conversation of {turns} turns ...")
            # Ten more, so that the figure at the last turn has turns on both sides.
            measured.turns_ms = await one_conversation(door(http, server.url), calm(turns + 10))
        for measured, server, _door in pairs:
            measured.memory_after_mb = server.memory_mb()


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", **more}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
