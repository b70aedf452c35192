"""What a fleet takes: memory of its gateways, and each part's processor time of a reply: `python -m bench.fleet`.

It runs on the loopback address as in tests/fleet: two gateways, two Rasa workers, two action servers, PostgreSQL,
Redis. Visitors open conversations with sockets, ask different questions and leave; one in ten talks to a specialist.
Prints two tables and ends with 1 when a gateway took more memory than the goal.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psutil

from bench.questions import questions
from bench.sockets import GOAL_MEMORY_MB
from tests.fleet.fleet import Fleet, running_fleet
from tests.people import SpecialistAtWork, Visitor

QUESTIONS_EACH = 3
AT_ONCE = 8
STEPS = 4


def main() -> int:
    """Run the fleet, let visitors pass through it, print; 1 when the goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=200)
    options = parser.parse_args()
    # All visitors of the run share one address.
    no_limits = dict.fromkeys(("RATE_ADDRESS", "RATE_OPEN", "RATE_CONVERSATION"), "0")
    with tempfile.TemporaryDirectory() as folder, running_fleet(Path(folder), **no_limits) as fleet:
        print("| | first gateway | second gateway |\n|---|---|---|", flush=True)
        most = _show(fleet, "ready")
        before = _processor_seconds(fleet)
        most = max(most, asyncio.run(_let_pass(fleet, options.conversations)))
        used = {part: seconds - before[part] for part, seconds in _processor_seconds(fleet).items()}
        most = max(most, asyncio.run(_search_classes(fleet)))
        print("\n| processor time of a reply, with what its conversation takes | |\n|---|---|")
        for part, seconds in used.items():
            print(f"| {part} | {1000 * seconds / (options.conversations * QUESTIONS_EACH):.1f} ms |")
    return 0 if most <= GOAL_MEMORY_MB else 1


async def _let_pass(fleet: Fleet, count: int) -> float:
    texts = iter(questions(count * QUESTIONS_EACH))
    most, passed = 0.0, 0
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as http,
        SpecialistAtWork(fleet.url) as specialist,
    ):
        await specialist.sign_in(fleet.login, fleet.password)
        for step in range(STEPS):
            numbers = range(count * step // STEPS, count * (step + 1) // STEPS)
            waiting = iter(numbers)
            await asyncio.gather(*(_one_after_another(http, fleet, specialist, waiting, texts) for _ in range(AT_ONCE)))
            passed += len(numbers)
            most = max(most, _show(fleet, f"{passed} conversations later"))
    return most


async def _search_classes(fleet: Fleet) -> float:
    for number in range(len(fleet.gateway_ports)):
        async with SpecialistAtWork(fleet.gateway(number)) as specialist:
            await specialist.sign_in(fleet.login, fleet.password)
            await specialist.call("GET", "/classes?q=benefits+specialist")
    return _show(fleet, "a specialist has searched the job classes")


async def _one_after_another(
    http: aiohttp.ClientSession,
    fleet: Fleet,
    specialist: SpecialistAtWork,
    numbers: Iterator[int],
    texts: Iterator[str],
) -> None:
    for number in numbers:
        visitor = await Visitor(http, fleet.url, locale="es" if number % 4 == 3 else "en").open()
        socket = await visitor.socket()
        for _ in range(QUESTIONS_EACH):
            answer = await visitor.post(text=next(texts))
            assert answer.status == 200, answer.body
        if number % 10 == 0:
            await visitor.press("/ask_human")
            escalation = await specialist.escalation_of(visitor.id)
            path = f"/escalations/{escalation['id']}"
            await specialist.call("POST", f"{path}/take")
            await specialist.call("POST", f"{path}/messages", json={"text": "Your claim is being looked at."})
            await specialist.call("POST", f"{path}/resolve", json={"outcome": "answered"})
        await visitor.transcript()
        await socket.close()


def _processor_seconds(fleet: Fleet) -> dict[str, float]:
    """What each kind of part has used of the processors so far."""
    running = {
        "gateways": fleet.gateway_ports,
        "Rasa workers": fleet.rasa_ports,
        "action servers": fleet.action_ports,
    }
    used = {
        part: sum(_used(psutil.Process(fleet.running[port].process.pid)) for port in ports)
        for part, ports in running.items()
    }
    postmaster = psutil.Process(int((fleet.folder / "postgres" / "postmaster.pid").read_text().split()[0]))
    used["PostgreSQL"] = sum(map(_used, [postmaster, *postmaster.children()]))
    used["all together"] = sum(used.values())
    return used


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _show(fleet: Fleet, when: str) -> float:
    """Print each gateway's resident memory in MB (10^6 bytes); returns the larger."""
    sizes = [psutil.Process(fleet.running[port].process.pid).memory_info().rss / 1e6 for port in fleet.gateway_ports]
    print(f"| {when} | " + " | ".join(f"{size:.0f} MB" for size in sizes) + " |", flush=True)
    return max(sizes)


if __name__ == "__main__":
    sys.exit(main())
