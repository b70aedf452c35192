"""What the crowd comes for, in four steps each: another worker answers every step."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence

from tests.fleet.crowd import ANSWER_SECONDS, CALL_ME, TELEPHONE, StormyVisitor

Errand = AsyncIterator[None]
LINES_A_TALK = 3
# The messages of one answer arrive one after the other.
REST_SECONDS = 5.0


async def read_pay(one: StormyVisitor) -> Errand:
    """Someone whose second question needs the memory of the first."""
    english = one.locale == "en"
    await _is_told(one, "22.15", text="what does A32B pay" if english else "cuánto paga A32B")
    yield
    await _is_told(one, "24.53", text="and level III?" if english else "¿y el nivel III?")
    yield
    await _is_told(one, "", text="how do i appeal" if english else "cómo apelo")
    yield
    await _is_told(one, "22.15", text="what does A32B pay" if english else "cuánto paga A32B")


async def find_out_whether_they_qualify(one: StormyVisitor) -> Errand:
    """An applicant whose form is begun on one worker and filled in on another."""
    await _is_told(one, "?", text="do I qualify for A32B?")
    yield
    await _is_told(one, "A32B", text="I have a bachelor's degree")
    yield
    await _is_told(one, "22.15", text="what does A32B pay")
    yield
    await _is_told(one, "24.53", text="and level III?")


async def put_a_call_on_record(one: StormyVisitor) -> Errand:
    """Someone whose request is half told when the workers change, and who wants the receipt for it."""
    await _is_told(one, "", text=CALL_ME)
    await _is_told(one, "number should be called", payload=await _button(one, '"callback"'))
    yield
    await _is_told(one, "time of day", text=TELEPHONE)
    await _is_told(one, "What is it about?", payload=await _button(one, '"morning"'))
    yield
    await _is_told(one, "", text="I moved in May and told my neighbor to keep my letters")
    one.keep_receipt(await _is_told(one, "CB-", payload=await _button(one, '"file"')))
    yield
    await _is_told(one, "22.15", text="what does A32B pay")


def ask_about_a_claim(claim: tuple[str, str]) -> Callable[[StormyVisitor], Errand]:
    """Claimants who prove who they are before the workers change."""

    async def errand(one: StormyVisitor) -> Errand:
        answer = await one.prove(*claim)
        if answer.status != 200:
            one.trouble.append(f"could not prove who they are: {answer.status}")
        yield
        await _is_told(one, "claim", text="where is my claim")
        yield
        await _is_told(one, "", text="when do i get paid")
        yield
        await _is_told(one, "22.15", text="what does A32B pay")

    return errand


async def talk_to_a_person(one: StormyVisitor) -> Errand:
    """Someone who talks to a specialist twice, the second time while their gateway is replaced."""
    await _a_talk(one)
    yield
    await _is_told(one, "", text="how long does it take to get paid")
    yield
    await _a_talk(one)
    yield
    await _is_told(one, "22.15", text="what does A32B pay")


async def step(errands: Sequence[Errand], at_once: int) -> None:
    """Let everybody take their next step, `at_once` at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one_step(errand: Errand) -> None:
        async with gate:
            await anext(errand, None)

    await asyncio.gather(*map(one_step, errands))


async def _is_told(one: StormyVisitor, expected: str, **words: str) -> str:
    """Say or press something and wait until the answer holds what it must; gives what was said after it."""
    said = await one.ask(**words)
    since, until = one.said[-1].seq, time.monotonic() + REST_SECONDS
    while not said or expected not in said:
        if time.monotonic() > until:
            one.trouble.append(f"after {words} expected {expected!r} and was told: {said}")
            break
        await asyncio.sleep(0.1)
        said = "\n".join(m["text"] for seq, m in sorted(one.seen.items()) if seq > since and m["author"] == "bot")
    return said


async def _button(one: StormyVisitor, part: str) -> str:
    """The payload of a button of the newest message that holds `part`."""
    until = time.monotonic() + REST_SECONDS
    while not (fitting := [payload for payload in one.buttons() if part in payload]):
        if time.monotonic() > until:
            one.trouble.append(f"no button with {part} after: {one.seen[max(one.seen)]['text']}")
            return "/ask_human"
        await asyncio.sleep(0.1)
    return fitting[0]


async def _a_talk(one: StormyVisitor) -> None:
    """Ask for a person, tell them a few lines, be answered and given back to the bot."""
    before = _by_specialists(one)
    await one.ask(payload="/ask_human")
    await _until_handled_by(one, "specialist")
    for number in range(LINES_A_TALK):
        if number and one.handled_by != "specialist":
            break
        await one.tell(text=f"this is line {number} for the specialist")
        await asyncio.sleep(one.random.uniform(0.2, 1.0))
    await _until_handled_by(one, "bot")
    if _by_specialists(one) == before:
        one.trouble.append("no specialist talked to them")


async def _until_handled_by(one: StormyVisitor, who: str) -> None:
    until = time.monotonic() + ANSWER_SECONDS
    while one.handled_by != who:
        if time.monotonic() > until:
            one.trouble.append(f"was not handed to the {who}")
            return
        await asyncio.sleep(0.1)


def _by_specialists(one: StormyVisitor) -> int:
    return sum(message["author"] == "specialist" for message in one.seen.values())
