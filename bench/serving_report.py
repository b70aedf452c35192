"""Writes docs/benchmarks.md and its plots from one run of `bench.serving`."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import psutil

from bench.load import Load, at_turn

if TYPE_CHECKING:
    from bench.serving import Measured

matplotlib.use("Agg")
from matplotlib import pyplot

PACKAGES = ("rasa", "tensorflow", "onnxruntime", "scikit-learn", "aiohttp", "sanic", "sqlalchemy", "numpy")
OURS, THEIRS = "#1b6e75", "#b0893f"


@dataclass(frozen=True)
class Settings:
    """How the run was made; `load` is the machine's load average when measuring began."""

    examples: int
    epochs: int
    seconds: float
    load: float


def write(folder: Path, ours: Measured, theirs: Measured, settings: Settings) -> int:
    """Write the report into `folder` and say whether the goals were met; 1 when one was missed."""
    folder.mkdir(parents=True, exist_ok=True)
    _plot(folder / "benchmarks.png", ours, theirs)
    goals = _goals(ours, theirs)
    parts = [
        "# Speed and size, next to the stock Rasa starter",
        "",
        "Written by `make bench` (`python -m bench.serving --help`). One run on one machine; ratios are the claim,",
        "seconds are this machine's.",
        "",
        "- **This product**: HTTP interface of the gateway, Rasa embedded, transcript stored in SQLite.",
        "- **Stock starter**: the pipeline and policies that `rasa init` leaves to Rasa's defaults, one plain answer",
        "  for each intent, `rasa run` and its REST channel. It keeps conversations in memory and stores nothing.",
        f"- Both were trained on the same {settings.examples:,} examples of data/nlu (the starter with"
        f" {settings.epochs} epochs) and asked the",
        "  same questions in turn, by visitors who wait for each answer; a new conversation every ten turns. This",
        "  product also learned its answer cards, which the starter has no use for.",
        "- **Different texts**: none is sent twice and none is an example, so that no cache helps. **As people ask**:",
        "  500 texts, the n-th 1/n as often as the first.",
        "",
        _machine(settings),
        "",
        "## Goals",
        "",
        *_table(
            ("goal", "measured", ""),
            [(goal, measured, "met" if met else "**missed**") for goal, measured, met in goals],
        ),
        "",
        "## Replies a second and waits",
        "",
        *_loads("Different texts", ours.distinct, theirs.distinct),
        *_loads("As people ask", ours.repeating, theirs.repeating),
        "## One long conversation",
        "",
        *_table(
            ("turn", "this product, ms", "starter, ms"),
            [(f"{turn:,}", _turn(ours, turn), _turn(theirs, turn)) for turn in (20, 200, 1000)],
        ),
        "",
        "Each figure is the median of the twenty turns around it; the texts differ and are the same for both.",
        "",
        "## Training, starting, memory",
        "",
        *_table(
            ("", "this product", "starter", "ratio"),
            [
                _compared("training, s of processor time", ours.training_seconds, theirs.training_seconds),
                _compared("start to ready, s", ours.ready_seconds, theirs.ready_seconds),
                _compared("memory when ready, MB", ours.memory_ready_mb, theirs.memory_ready_mb),
                _compared("memory after the run, MB", ours.memory_after_mb, theirs.memory_after_mb),
            ],
        ),
        "",
        "![Replies a second, waits, and one long conversation](benchmarks.png)",
        "",
    ]
    (folder / "benchmarks.md").write_text("\n".join(parts), encoding="utf-8")
    for goal, measured, met in goals:
        print(f"{'met   ' if met else 'MISSED'} {goal}: {measured}")
    return 0 if all(met for *_, met in goals) else 1


def _goals(ours: Measured, theirs: Measured) -> list[tuple[str, str, bool]]:
    faster = max(load.per_second for load in ours.distinct) / max(load.per_second for load in theirs.distinct)
    wait = ours.distinct[0].median_ms / theirs.distinct[0].median_ms
    goals = [
        ("at least 8 times the starter's replies a second", f"{faster:.1f} times", faster >= 8),
        ("at most 1/4 of its median wait, one visitor", f"1/{1 / wait:.1f}", wait <= 0.25),
        ("ready in at most 10 s", f"{ours.ready_seconds:.1f} s", ours.ready_seconds <= 10),
        ("at most 650 MB with Rasa embedded", f"{ours.memory_after_mb:.0f} MB", ours.memory_after_mb <= 650),
    ]
    if len(ours.turns_ms) >= 1000:
        growth = at_turn(ours.turns_ms, 1000) / at_turn(ours.turns_ms, 20)
        goals.append(("turn 1,000 at most 1.3 times turn 20", f"{growth:.2f} times", growth <= 1.3))
    return goals


def _loads(title: str, ours: list[Load], theirs: list[Load]) -> list[str]:
    rows = [
        (
            str(one.visitors),
            f"{one.per_second:.0f}",
            f"{other.per_second:.0f}",
            f"{one.per_second / other.per_second:.1f}",
            f"{one.median_ms:.1f} / {one.p95_ms:.1f}",
            f"{other.median_ms:.1f} / {other.p95_ms:.1f}",
            f"1/{other.median_ms / one.median_ms:.1f}",
        )
        for one, other in zip(ours, theirs, strict=True)
    ]
    head = ("visitors", "replies/s", "starter's", "ratio", "median / p95, ms", "starter's, ms", "ratio of medians")
    return [f"**{title}**", "", *_table(head, rows), ""]


def _compared(name: str, ours: float, theirs: float) -> tuple[str, ...]:
    digits = 0 if name.endswith("MB") else 1
    return name, f"{ours:,.{digits}f}", f"{theirs:,.{digits}f}", f"{theirs / ours:.1f}"


def _turn(measured: Measured, turn: int) -> str:
    return f"{at_turn(measured.turns_ms, turn):.1f}" if len(measured.turns_ms) >= turn else "not measured"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]


def _machine(settings: Settings) -> str:
    names = [line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    processor = f"{names[0] if names else platform.processor()}, {psutil.cpu_count()} cores"
    memory = f"{psutil.virtual_memory().total / 1e9:.0f} GB"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    when = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"Machine: {processor}, {memory}, {platform.system()} {platform.release()}, Python "
        f"{platform.python_version()}. {packages}. Measured {when}; the machine's load average was "
        f"{settings.load:.1f} when measuring began, and the visitors share its cores."
    )


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if sys.platform == "linux" else []


def _plot(path: Path, ours: Measured, theirs: Measured) -> None:
    figure, (replies, waits, turns) = pyplot.subplots(1, 3, figsize=(13, 3.8))
    for measured, colour, shift in ((ours, OURS, -0.2), (theirs, THEIRS, 0.2)):
        places = [place + shift for place in range(len(measured.distinct))]
        bars = replies.bar(
            places, [one.per_second for one in measured.distinct], 0.38, color=colour, label=measured.name
        )
        replies.bar_label(bars, fmt="%.0f", fontsize=8)
        medians = [one.median_ms for one in measured.distinct]
        tails = [one.p95_ms - one.median_ms for one in measured.distinct]
        waits.bar(places, medians, 0.38, yerr=[[0] * len(tails), tails], color=colour, capsize=3)
        steps = range(10, len(measured.turns_ms), 10)
        turns.plot(steps, [at_turn(measured.turns_ms, turn) for turn in steps], color=colour)
    labels = [str(one.visitors) for one in ours.distinct]
    for axis, title in ((replies, "Replies a second"), (waits, "Wait in ms: median, line to p95")):
        axis.set_xticks(range(len(labels)))
        axis.set_xticklabels(labels)
        axis.set_xlabel("visitors at once")
        axis.set_title(title, fontsize=10)
    waits.set_yscale("log")
    turns.set_yscale("log")
    turns.set_xlabel("turn of one conversation")
    turns.set_title("Wait in ms as a conversation grows", fontsize=10)
    replies.legend(fontsize=8, frameon=False)
    for axis in (replies, waits, turns):
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
