"""Where the time of one reply goes, thread by thread: `python -m bench.profiling`.

The same path as over HTTP, from `Conversations.say` on: the gateway's loop, the database's thread and Rasa's
thread are profiled each on its own, by processor time, so that what else runs on the machine does not count.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

from bench.questions import questions
from bench.talking import loaded
from bot.conversation import Conversations
from bot.handoff import Handoff
from bot.hub import MemoryHub
from bot.settings import PROJECT_ROOT, Settings

WARM_UP = 20


async def measure(replies: int, turns: int) -> dict[str, pstats.Stats]:
    """The profile of each thread over `replies` replies in conversations of `turns` turns."""
    # One thread, so that one profile holds all the database's work for the gateway.
    async with loaded(threads=1) as (assistant, database):
        hub, settings = MemoryHub(), Settings.from_environment()
        talk = Conversations(database, hub, assistant, Handoff(database, hub, settings), settings)
        texts = questions(WARM_UP + 2 * replies)
        await _say_all(talk, texts[:WARM_UP], turns)
        began = time.process_time()
        await _say_all(talk, texts[WARM_UP : WARM_UP + replies], turns)
        taken = 1000 * (time.process_time() - began) / replies
        print(f"Without a profile: {taken:.1f} ms of processor time a reply")
        profiles = {name: cProfile.Profile(time.thread_time) for name in ("gateway", "database", "rasa")}
        switches = {
            "gateway": lambda call: call(),
            "database": lambda call: database._threads.submit(call).result(),
            "rasa": lambda call: _on_loop(assistant._loop, call),
        }
        for name, profile in profiles.items():
            switches[name](profile.enable)
        await _say_all(talk, texts[WARM_UP + replies :], turns)
        for name, profile in profiles.items():
            switches[name](profile.disable)
    return {name: pstats.Stats(profile, stream=sys.stdout) for name, profile in profiles.items()}


async def _say_all(talk: Conversations, texts: list[str], turns: int) -> None:
    opened = None
    for number, text in enumerate(texts):
        if opened is None or number % turns == 0:
            opened, _ = await talk.open(locale="en", program=None)
        await talk.say(opened.id, text)


def _on_loop(loop: asyncio.AbstractEventLoop, call: object) -> None:
    done = threading.Event()

    def run() -> None:
        call()  # type: ignore[operator]
        done.set()

    loop.call_soon_threadsafe(run)
    done.wait()


def by_package(stats: pstats.Stats) -> dict[str, float]:
    """Seconds of a profile by the package whose own lines (or built-in functions) took them."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for (file, _line, function), (_calls, _primitive, own, _cumulative, _callers) in stats.stats.items():  # type: ignore[attr-defined]
        seconds[_package(file, function)] += own
    return dict(sorted(seconds.items(), key=lambda pair: -pair[1]))


def _package(file: str, function: str) -> str:
    if "site-packages/" in file:
        return file.split("site-packages/")[1].split("/")[0].removesuffix(".py")
    root = str(PROJECT_ROOT)
    if file.startswith(root):
        return "/".join(Path(file).relative_to(root).parts[:2]).removesuffix(".py")
    if file == "~":
        return "built-in: " + function.strip("<>").removeprefix("built-in method ").split(" at 0x")[0]
    return "python: " + Path(file).stem


def main() -> None:
    """Print, for each thread, the time a reply by package and the functions that cost most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=int, default=200)
    parser.add_argument("--turns", type=int, default=20, help="Turns of one conversation.")
    parser.add_argument("--functions", type=int, default=25)
    options = parser.parse_args()
    for name, stats in asyncio.run(measure(options.replies, options.turns)).items():
        total = stats.total_tt * 1000 / options.replies  # type: ignore[attr-defined]
        print(f"\n== {name}: {total:.2f} ms a reply")
        for package, seconds in list(by_package(stats).items())[:18]:
            print(f"  {seconds * 1000 / options.replies:7.3f} ms  {package}")
        stats.sort_stats("cumulative").print_stats(options.functions)


if __name__ == "__main__":
    main()
