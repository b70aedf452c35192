"""Takes Social Security, card and bank numbers out of a text before anything stores or logs it."""

from __future__ import annotations

import re

MASK = "•"

# Every digit of a match is replaced and the rest kept, so that the shape still tells what was there.
_SEPARATOR = r"[ .\-–—_/]{1,3}"
# Both separators or none: with one, "98101-1234" would be taken for a Social Security number.
_SSN = re.compile(rf"(?<![\d-])\d{{3}}(?:{_SEPARATOR}\d{{2}}{_SEPARATOR}\d{{4}}|\d{{6}})(?!-?\d)")
_CARD = re.compile(r"(?<!\d)\d(?:[ \-–.]?\d){12,18}(?!\d)")
_BANK_WORD = (
    r"(?:bank|routing|checking|savings|account|acct|aba|iban|debit|card"
    r"|banco|banc(?:o|aria)|ruta|cheques|ahorros|cuenta|cta|tarjeta)"
)
# Days, phone numbers and claim numbers have the length of an account number but a shape of their own.
_NOT_AN_ACCOUNT = r"(?!\d{4}-\d\d-\d\d(?!\d))(?!\d{3}[ \-]\d{3}[ \-]\d{4}(?!\d))(?<!UI)(?<!HC)(?<!UI[- ])(?<!HC[- ])"
_BANK = re.compile(rf"\b{_BANK_WORD}\b[^\d\n]{{0,30}}?{_NOT_AN_ACCOUNT}(\d(?:[ \-]?\d){{5,16}})(?!\d)", re.IGNORECASE)
_SSN_WORD = r"(?:ssn|itin|s\.s\.n\.?|social(?: security)?|seguro social|n[uú]mero de seguro)"
_SSN_AFTER_WORD = re.compile(rf"\b{_SSN_WORD}[^\d\n]{{0,30}}?(\d(?:[ \-]?\d){{3,9}})(?!\d)", re.IGNORECASE)


def mask(text: str) -> str:
    """The text with the digits of Social Security, ITIN, card and bank numbers replaced by `•`."""
    text = _SSN.sub(lambda match: _hide(match.group()), text)
    text = _CARD.sub(lambda match: _hide(match.group()) if _passes_luhn(match.group()) else match.group(), text)
    text = _BANK.sub(_hide_group, text)
    return _SSN_AFTER_WORD.sub(_hide_group, text)


def _hide(text: str) -> str:
    return re.sub(r"\d", MASK, text)


def _hide_group(match: re.Match[str]) -> str:
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    whole = match.group()
    return whole[:start] + _hide(whole[start:end]) + whole[end:]


def _passes_luhn(text: str) -> bool:
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
