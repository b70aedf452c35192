"""Claim numbers and hours worked."""

import re

from bot.nlu.detail import Detail

# Program prefix and 8 digits; people drop the hyphen, and put spaces or hyphens between the digits.
_CLAIM = re.compile(r"(?<![\w-])(?P<prefix>ui|hc)[\s\-–—#:.]{0,3}(?P<digits>\d(?:[\s-]?\d){7})(?![\s-]?\d)(?!\w)")
_HOURS = re.compile(
    r"(?<![\w.,$/:-])(?P<number>\d{1,2},\d{3}|\d{1,4})\s?(?:\+\s?)?(?:hours?|hrs?|hurs|horas?|hs)\b"
    r"(?P<week>\s*(?:a|per|each|every|por|a la|/|cada)\s*(?:week|wk|semana)|\s*weekly|\s*semanales)?"
)
_NOT_WORKED = re.compile(r"(?:every|each|last|next|within|in|for the past|open|in the last|cada|dentro de|en)\s+$")
_CREDIT_AFTER = re.compile(
    r"\s*(?:of )?(?:credits?|college|creditos|semester|de universidad|each way|one way|away|drive|commute"
    r"|de camino|later|ago)"
)
_CREDIT_BEFORE = re.compile(r"(?:credit|semester|college)\s+$")


def find_claim_numbers(folded: str) -> list[Detail]:
    """Claim numbers as "UI-40281735" (unemployment) or "HC-40281735" (insurance)."""
    return [
        Detail(
            "claim_number",
            f"{match['prefix'].upper()}-{re.sub(r'[^0-9]', '', match['digits'])}",
            match.start(),
            match.end(),
        )
        for match in _CLAIM.finditer(folded)
    ]


def find_hours(folded: str) -> list[Detail]:
    """Hours as a whole number, with `per: week` where said; "in 24 hours" and credit hours are not hours worked."""
    found = []
    for match in _HOURS.finditer(folded):
        before, after = folded[: match.start()], folded[match.end() :]
        if _NOT_WORKED.search(before) or _CREDIT_AFTER.match(after) or _CREDIT_BEFORE.search(before):
            continue
        extra = {"per": "week"} if match["week"] else {}
        end = match.end("week") if match["week"] else match.end()
        found.append(Detail("hours", int(match["number"].replace(",", "")), match.start(), end, extra=extra))
    return found
