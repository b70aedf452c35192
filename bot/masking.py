"""Takes Social Security, card and bank numbers out of a text before anything stores or logs it.

What proves a claim (its number together with a birth date, or a PIN) is taken out too: the form for it
keeps these details out of the chat, and a transcript must not hold what opens a claim.
"""

from __future__ import annotations

import re

from bot import clock

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

_CLAIM_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?:UI|HC)[ -]?\d{4}[ -]?\d{4}(?!\d)", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*\.?"
_DATE = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?P<iso>\d{4})[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|\d{1,2}[-/. ]\d{1,2}[-/. ](?P<last>\d{4}|\d\d)"
    r"|(?P<joined>\d{8})"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?P<named>\d{{4}})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:del?\s+)?(?P<after>\d{{4}})"
    r")(?![\d/-])",
    re.IGNORECASE,
)
_PIN = re.compile(r"\b(?:pin|nip)\b[^\d\n]{0,20}?(\d(?:[ \-]?\d){3,9})(?!\d)", re.IGNORECASE)
# Nobody younger claims benefits, and the dates of a claim are newer than this.
_YOUNGEST_CLAIMANT = 14


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


def holds_proof(text: str) -> bool:
    """Whether a text holds what proves a claim: its number together with a birth date, or a PIN."""
    number = _CLAIM_NUMBER.search(text)
    return bool(_PIN.search(text) or (number and _birth_dates(_CLAIM_NUMBER.sub(" ", text))))


def hide_proof(text: str) -> str:
    """The text with the digits of a claim number, a birth date and a PIN hidden, where it holds such a proof."""
    if not holds_proof(text):
        return text
    text = _PIN.sub(_hide_group, text)
    text = _CLAIM_NUMBER.sub(lambda match: _hide(match.group()), text)
    for match in reversed(_birth_dates(text)):
        text = text[: match.start()] + _hide(match.group()) + text[match.end() :]
    return text


def _birth_dates(text: str) -> list[re.Match[str]]:
    """The dates in a text on which somebody who claims benefits can have been born."""
    this_year = clock.now().year
    newest = this_year - _YOUNGEST_CLAIMANT
    found = []
    for match in _DATE.finditer(text):
        joined = match["joined"]
        years = [match["iso"], match["last"], match["named"], match["after"]]
        years += [joined[:4], joined[4:]] if joined else []
        if any(year is not None and 1900 <= _whole_year(year, this_year) <= newest for year in years):
            found.append(match)
    return found


def _whole_year(written: str, this_year: int) -> int:
    year = int(written)
    if len(written) > 2:
        return year
    # "85" is 1985, and "26" is this year and no birth date.
    return 1900 + year if 2000 + year > this_year else 2000 + year
