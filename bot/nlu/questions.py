"""Finds the place where one message turns from a first question to a second."""

import re

from bot.nlu.folding import fold

Span = tuple[int, int]

# Words that open a question or a request, English and Spanish, accents stripped.
OPENERS = (
    r"how|what|whats|when|where|wheres|why|who|which|can|could|do|does|did|is|are|am|was|will|would|should|have|has"
    r"|may|if i|i need|i want|i would like|i dont know|i cant|tell me|also|"
    r"como|cuando|cuanto|cuantos|cuantas|donde|que|por que|porque no|quien|cual|puedo|puede|pueden|tengo que|debo"
    r"|necesito|quiero|quisiera|hay|me pueden|digame|no se|tambien|si me|si trabajo|me van"
)
_OPENS = re.compile(rf"\W*(?:and |also |y |plus |so |but |ok |then |pero |entonces |tambien )*(?:{OPENERS})\b")
# A join that only two questions have: a full stop or question mark, or "and"/"y" before a question word.
_JOIN = re.compile(
    r"[?!\n]+[\s\"')]*|\.\s+|;\s*"
    rf"|,?\s+(?:and|also|plus|and also|and then|oh and|y|y tambien|ademas|tambien|,)\s+(?={OPENERS})",
)
LEAST_WORDS = 2


def _words(text: str) -> int:
    return len(re.findall(r"\w+", text))


def _asks(folded: str) -> bool:
    return "?" in folded or bool(_OPENS.match(folded))


def split_questions(text: str) -> list[Span]:
    """Character spans of the two questions of a message, or an empty list.

    Both must ask something by themselves, so a story followed by its question stays in one piece.
    """
    folded = fold(text)
    for join in _JOIN.finditer(folded):
        first = (0, join.end() if "?" in join.group() else join.start())
        second = (join.end(), len(text))
        pieces = [folded[start:end] for start, end in (first, second)]
        long_enough = all(_words(piece) >= LEAST_WORDS for piece in pieces)
        if long_enough and all(_asks(piece.strip()) for piece in pieces):
            return [_trimmed(text, span) for span in (first, second)]
    return []


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
