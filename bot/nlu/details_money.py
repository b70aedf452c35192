"""Amounts of money in dollars."""

import re

from bot.nlu.detail import Detail

_AMOUNT = r"\d{1,3}(?:[,.]\d{3})+(?:[.,]\d{2})?|\d{1,7}(?:[.,]\d{1,2})?"
_SIGNED = re.compile(rf"\$\s?(?P<amount>{_AMOUNT})(?P<k>\s?k\b)?(?![\d])")
_WORDED = re.compile(
    rf"(?<![\w.,$/-])(?P<amount>{_AMOUNT})(?P<k>\s?(?:k|mil|thousand)\b)?\s?(?:de\s)?(?:\$|(?:us\s)?(?:dollars?|dollers?|dolars?|bucks|usd"
    rf"|dolares|d[o]lar)\b)"
)

# "45k" is money; "401k" is a plan.
_THOUSANDS = re.compile(r"(?<![\w.,$/-])(?!40[13]\s?k)(?P<amount>\d{2,3}(?:\.\d)?)(?P<k>k)(?!\w)")


def cents(amount: str, thousands: bool = False) -> int | None:
    """Cents of a written amount; None where the marks could mean two things.

    A mark before exactly three digits parts thousands in both languages ("1,200", "1.200"); before
    one or two digits it parts the cents.
    """
    match = re.fullmatch(r"(?P<whole>\d{1,3}(?:[,.]\d{3})+|\d+)(?:[.,](?P<part>\d{1,2}))?", amount)
    if not match:
        return None
    whole = int(re.sub(r"[.,]", "", match["whole"]))
    part = int((match["part"] or "0").ljust(2, "0"))
    total = whole * 100 + part
    return total * 1000 if thousands else total


def find_money(folded: str) -> list[Detail]:
    """Amounts with a dollar sign or a word for dollars; a bare number without a "k" is never money. Values in cents."""
    found: list[Detail] = []
    for pattern in (_SIGNED, _WORDED, _THOUSANDS):
        for match in pattern.finditer(folded):
            value = cents(match["amount"], bool(match["k"]))
            if value is not None and not any(d.start < match.end() and match.start() < d.end for d in found):
                found.append(Detail("money", value, match.start(), match.end()))
    return sorted(found, key=lambda detail: detail.start)
