"""What visitors get who ask a card's question: its answer, a button that leads there, or neither."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bench.talking import talking
from bot.assistant import BotMessage
from bot.cards import Card

_CARD = re.compile(r'/ask_card\{"card":\s*"(\w+)"\}')
# Topics that the dialogue answers by itself as their general cards do: with the menu, a person, the crisis line.
_ANSWERED_BY_ITSELF = ("capabilities", "bot_challenge", "ask_human", "complaint_frustrated", "self_harm_crisis")


class Got(Enum):
    """What the first reply to a question was."""

    ANSWER = "the answer"
    BUTTON = "a button with the answer"
    CLAIM = "asked whose claim it is"
    NEITHER = "neither"


@dataclass(frozen=True)
class Asked:
    """A question, its language, its card, and what was got."""

    question: str
    language: str
    card: Card
    got: Got


async def ask_all(questions: Iterable[tuple[str, str, Card]], also: Mapping[str, Sequence[str]]) -> list[Asked]:
    """Put each question to the trained model in a conversation of its own, with nothing known but the question."""
    asked = []
    async with talking() as bot:
        for question, language, card in questions:
            replies = await bot.ask(question, language=language)
            got = _got(replies, {card.id, *also.get(card.id, ())})
            if got is Got.NEITHER and card.situation is None and card.topic in _ANSWERED_BY_ITSELF:
                got = Got.ANSWER if await bot.intent_of(question) == card.topic else got
            asked.append(Asked(question, language, card, got))
    return asked


def _got(replies: Sequence[BotMessage], right: set[str]) -> Got:
    said = {(reply.source or {}).get("card") for reply in replies}
    offered = {name for reply in replies for one in reply.buttons or () for name in _CARD.findall(one["payload"])}
    if said & right:
        return Got.ANSWER
    if offered & right:
        return Got.BUTTON
    return Got.CLAIM if any((reply.card or {}).get("type") == "identity" for reply in replies) else Got.NEITHER


def replies_table(asked: Sequence[Asked]) -> list[str]:
    """Shares by program and language, and of all."""
    lines = [
        "| program | language | questions | " + " | ".join(got.value for got in Got) + " | answer or button |",
        "|---|---|---|" + "---|" * (len(Got) + 1),
    ]
    programs = list(dict.fromkeys(one.card.program for one in asked))
    languages = list(dict.fromkeys(one.language for one in asked))
    groups = [(program, language) for program in programs for language in languages]
    for program, language in groups:
        some = [one for one in asked if one.card.program == program and one.language == language]
        lines.append(f"| {program or 'all'} | {language} | {_shares(some)} |")
    for language in languages:
        lines.append(f"| **together** | {language} | {_shares([one for one in asked if one.language == language])} |")
    return [*lines, f"| **together** | both | {_shares(asked)} |"]


def _shares(some: Sequence[Asked]) -> str:
    counts = [sum(one.got is got for one in some) for got in Got]
    found = sum(one.got in (Got.ANSWER, Got.BUTTON) for one in some)
    return " | ".join([str(len(some)), *(f"{100 * count / max(1, len(some)):.1f} %" for count in (*counts, found))])
